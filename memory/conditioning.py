"""Turn what a shot leans on into what a back end declares that it takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reelgraph.memory.records import ShotRecord
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Bible, Reference, Shot


@dataclass(frozen=True)
class Conditioning:
    """What a request for a shot should carry so that it matches what was shot before.

    The bible's words come first in every prompt (`planning/prompts.py`), and its adapters into every request of a back
    end that has them (`planning/fit.py`), so neither is pinned here.

    Attributes:
        references: Pictures, in roles that the back end takes.
        seed: A seed to share with the past shot of the same cast, where the back end takes no picture of it.
        why: What each of these is for, and what the back end cannot take, one a line.
    """

    references: list[Reference] = field(default_factory=list)
    seed: int | None = None
    why: list[str] = field(default_factory=list)


def conditioning_for(
    shot: Shot,
    bible: Bible,
    recalled: Sequence[ShotRecord],
    capabilities: Capabilities,
    *,
    backend: str = "",
    model: str = "",
) -> Conditioning:
    """Choose references and a seed for a shot; the same every time for the same storyboard.

    What a shot says itself goes first: no picture of its own is lent again, and none in the place of one.

    A back end that takes reference pictures gets one of each character first, then of the place, then more of each. One
    that takes only a first frame gets a past shot of exactly this cast at this place, because everything in a first
    frame stays; where no place is said, it gets none. One that takes no picture shares the seed of such a shot, if the
    same model made it.

    Args:
        shot: The planned shot, with references of its own alone.
        bible: The storyboard's bible.
        recalled: The records of the past shots pinned in it, in their order.
        capabilities: What the back end declares.
        backend: The back end's name.
        model: Its fingerprint.
    """
    cast = [character for id in shot.characters if (character := bible.character(id))]
    place = bible.place(shot.place)
    references: list[Reference] = []
    why: list[str] = []

    # One picture of each in turn: a second one of somebody must not push out the only one of somebody else.
    shelves = [(c.name, list(c.references)) for c in cast]
    shelves += [(f"{r.film} {r.shot}", [r.content]) for r in recalled]
    shelves += [(place.name, list(place.references))] if place else []
    pictures: dict[str, str] = {}
    for rank in range(max((len(contents) for _, contents in shelves), default=0)):
        for name, contents in shelves:
            if rank < len(contents):
                pictures.setdefault(contents[rank], name)

    own = {reference.content for reference in shot.references}
    pictures = {content: name for content, name in pictures.items() if content not in own}
    room = max(0, capabilities.max_references - sum(r.role == "reference" for r in shot.references))
    begins = shot.continues or any(r.role == "first_frame" for r in shot.references)
    twins = [r for r in recalled if set(r.characters) == set(shot.characters) and cast and r.place == shot.place]
    if "reference" in capabilities.modes:
        for content, name in list(pictures.items())[:room]:
            references.append(Reference(content=content, role="reference"))
            why.append(f"looks at {name}")
        if len(pictures) > room:
            why.append(f"{len(pictures) - room} more pictures than this back end takes are left out")
    elif "image" in capabilities.modes and not begins and twins and shot.place:
        references.append(Reference(content=twins[0].content, role="first_frame"))
        why.append(f"begins as {twins[0].film} {twins[0].shot} ended, with the same cast at the same place")
    elif pictures and "image" not in capabilities.modes and not capabilities.panel:
        why.append("this back end takes no pictures; the bible's words must do")

    shared = next((r for r in twins if r.seed is not None and (r.backend, r.model) == (backend, model)), None)
    # A drawn panel has its look from the bible itself.
    use_seed = capabilities.seeded and not capabilities.panel and shot.seed is None and not references
    if use_seed and shared:
        why.append(f"shares the seed of {shared.film} {shared.shot}")
    for name, adapters in (("the style", bible.style.adapters), *((c.name, c.adapters) for c in cast)):
        why += [f"draws {name} by the adapter {a.name}" for a in adapters if a.name in capabilities.adapters]
    return Conditioning(references, shared.seed if use_seed and shared else None, why)
