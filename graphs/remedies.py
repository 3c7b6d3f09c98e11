"""From a note to what may mend it: an edit before a reshoot, a reshoot before a change of plan, nothing tried twice.

A new fault of ours gets a row in `TABLE`, a new remedy a row in `REMEDIES`; `remedy_for` itself knows neither. A check
without a row gets another seed, and then the words that it brings.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Literal

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Note, Noun, Reference, Shot, ShotSize, Take, TakeRequest, Transition
from reelgraph.video_tools.shooting import next_seed

Kind = Literal["edit", "reshoot", "plan"]


class Remedy(Noun):
    """One thing to do about a note.

    Attributes:
        name: Its row in `REMEDIES`.
        kind: `edit` changes the cut and generates nothing; `reshoot` makes one shot again from another request; `plan`
            changes the storyboard's shot, and then makes it again.
        does: What it does, in words for a person.
    """

    name: str
    kind: Kind
    does: str


REMEDIES = {
    remedy.name: remedy
    for remedy in (
        Remedy(name="trim", kind="edit", does="leave the bad head or tail of the take out"),
        Remedy(name="retime", kind="edit", does="slow the take down to the length planned"),
        Remedy(name="colour_match", kind="edit", does="match the colours of the two shots at the joint"),
        Remedy(name="other_transition", kind="edit", does="join the two shots by a short crossfade"),
        Remedy(name="remix_sound", kind="edit", does="mix the sound again: to its loudness, music below what is said"),
        Remedy(name="shift_captions", kind="edit", does="put the captions back where the lines are said"),
        Remedy(name="new_seed", kind="reshoot", does="make the shot again with another seed"),
        Remedy(name="rephrase", kind="reshoot", does="say what is missing at the beginning of the prompt"),
        Remedy(name="stronger_guidance", kind="reshoot", does="hold the model closer to the prompt"),
        Remedy(name="more_steps", kind="reshoot", does="give the model half as many steps again"),
        Remedy(name="first_frame", kind="reshoot", does="begin on a reference picture"),
        Remedy(name="last_frame", kind="reshoot", does="begin on the last frame of the shot before"),
        Remedy(name="reference", kind="reshoot", does="show the model the character's reference pictures"),
        Remedy(name="shorter", kind="plan", does="make the shot a third shorter"),
        Remedy(name="split", kind="plan", does="split the shot into two"),
    )
}

# What a back end must be able to do for a remedy; one that is not named can always be tried.
_NEEDS: dict[str, Callable[[Capabilities], bool]] = {
    "stronger_guidance": lambda can: not can.animatic,
    "more_steps": lambda can: not can.animatic,
    "rephrase": lambda can: not can.animatic and can.vocabulary is None,
    "first_frame": lambda can: "image" in can.modes,
    "last_frame": lambda can: "image" in can.modes,
    "reference": lambda can: "reference" in can.modes and can.max_references > 0,
}

_RESHOOT = ("new_seed", "more_steps", "shorter")

# By the first part of a check's name (or all of it, where parts differ): what may help, cheapest first within a kind.
TABLE: dict[str, tuple[str, ...]] = {
    "contract": ("new_seed",),
    "contract.frames": ("retime", "new_seed", "shorter"),
    "contract.length": ("retime", "new_seed", "shorter"),
    "black": ("trim", *_RESHOOT),
    "blank": ("trim", *_RESHOOT),
    "garbage": ("trim", *_RESHOOT),
    "clipped": ("trim", "new_seed", "rephrase"),
    "flicker": ("trim", *_RESHOOT),
    "flash": ("trim", *_RESHOOT),
    "stray": ("trim", *_RESHOOT),
    "light": ("trim", "new_seed", "split"),
    "blur": ("trim", "new_seed", "rephrase", "more_steps"),
    "blocking": _RESHOOT,
    "banding": _RESHOOT,
    "noise": ("trim", *_RESHOOT),
    "letterbox": ("new_seed", "rephrase"),
    "text": ("trim", "new_seed", "rephrase"),
    "frozen": ("trim", "new_seed", "rephrase", "stronger_guidance", "shorter"),
    "stutter": ("trim", "new_seed", "more_steps"),
    "jump": ("trim", "new_seed", "more_steps", "split"),
    "cut": ("trim", "new_seed", "rephrase", "split"),
    "camera": ("new_seed", "rephrase", "stronger_guidance", "split"),
    "pace": ("new_seed", "rephrase"),
    "shake": ("new_seed", "rephrase"),
    "likeness": ("reference", "first_frame", "new_seed", "rephrase"),
    "joint": ("colour_match", "last_frame", "new_seed"),
    "continues": ("last_frame", "new_seed", "other_transition"),
    "direction": ("other_transition", "new_seed"),
    "jump_cut": ("other_transition", "new_seed"),
    "adherence": ("new_seed", "rephrase", "stronger_guidance", "first_frame", "reference", "more_steps"),
    "silence": ("new_seed",),
    "sound_clipped": ("new_seed",),
    "clicks": ("trim", "new_seed"),
    "loudness": ("remix_sound",),
    "speech": ("remix_sound",),
    "captions": ("shift_captions",),
    "narration": ("retime",),
    "narration.word": (),  # cut off by the length of its own track, which no longer shot changes
    "story": ("new_seed",),
    "story.length": ("retime", "new_seed", "shorter"),
    "judge": ("new_seed",),
}

# What to ask for first, where the fault itself says it; an adherence note names what is missing.
_WORDS = {
    "frozen": "continuous natural movement",
    "clipped": "soft even light, detail in highlights and shadows",
    "blur": "sharp focus",
    "cut": "one continuous shot without cuts",
    "letterbox": "the picture fills the whole frame",
    "text": "no lettering",
    "pace": "natural speed",
    "shake": "steady camera",
}
_NEGATIVE = {"text": "text, letters, subtitles, watermark", "letterbox": "black bars, border", "blur": "blurry"}
_MOST_STEPS, _MOST_GUIDANCE, _LEAST_SECONDS = 100, 12.0, 1.0


def remedy_for(
    note: Note,
    tried: Collection[str],
    capabilities: Capabilities,
    *,
    worked: Mapping[str, Sequence[str]] | None = None,
) -> Remedy | None:
    """Choose how to shoot again what a note names, when no edit has mended it; see `recut` for those.

    Args:
        note: What is wrong.
        tried: Names of remedies already tried on this shot for this check.
        capabilities: What the shot's back end can do.
        worked: By check, the remedies that mended it in this project before: they come first among those of their kind.

    Returns:
        The next remedy, or None where nothing is left: the best take so far stays, and so does the note.
    """
    row = [REMEDIES[name] for name in row_of(note.check)]
    best = (worked or {}).get(note.check, ())
    left = [r for r in row if r.kind != "edit" and r.name not in tried and _can(r.name, capabilities)]
    left.sort(key=lambda remedy: (remedy.kind == "plan", remedy.name not in best, row.index(remedy)))
    return left[0] if left else None


def row_of(check: str) -> tuple[str, ...]:
    """Name what may help against a check's fault, in the order of the table."""
    return TABLE.get(check, TABLE.get(check.split(".")[0], ("new_seed", "rephrase")))


def _can(name: str, capabilities: Capabilities) -> bool:
    return name not in _NEEDS or _NEEDS[name](capabilities)


@dataclass(frozen=True)
class Around:
    """What a remedy may lean on beside the shot.

    Attributes:
        before: The take of the shot before it.
        pictures: Reference pictures of whom and what it shows, as content hashes.
        taken: The ids that shots of the storyboard have.
        described: What the bible says of whom and what it shows, by name.
        words: What checks that have no row here want said first, by check.
        negative: What such checks want named in the negative prompt, by check.
    """

    before: Take | None = None
    pictures: Sequence[str] = ()
    taken: Collection[str] = ()
    described: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    negative: Mapping[str, str] = field(default_factory=dict)


def mend(shot: Shot, request: TakeRequest, remedy: Remedy, note: Note, around: Around = Around()) -> list[Shot]:
    """Change a shot as a remedy asks, one thing at a time.

    The change is made in the storyboard, not in the request, so that the film's folder alone says which take a shot
    has.

    Args:
        shot: The shot as it was shot.
        request: What was asked for it, as `as_made` completes it.
        remedy: What to do.
        note: What is wrong.
        around: What there is to lean on.

    Returns:
        What takes the shot's place: one shot, or two where it is split; empty where this remedy changes nothing in it,
        and another should be tried.
    """
    second = _second_id(shot, around) if remedy.name == "split" else ""
    if remedy.name == "split":
        change = _half(shot) if second else {}
    elif remedy.name in _LEANING:
        change = _leaning(shot, remedy.name, around)
    else:
        change = _CHANGES[remedy.name](shot, request, note, around)
    if not change:
        return []
    why = [*shot.why, f"{remedy.name}: {note.message}"]
    made = shot.model_copy(update={**change, "why": why, "tried": [*shot.tried, f"{note.check}:{remedy.name}"]})
    return [made, _closer(made, second)] if second else [made]


Change = dict[str, object]


def _rephrased(shot: Shot, request: TakeRequest, note: Note, around: Around) -> Change:
    family, _, part = note.check.partition(".")
    change: Change = {}
    words = _WORDS.get(family) or around.words.get(family, "")
    if family in ("adherence", "camera") and part:
        words = part.replace("_", " ")
    if family == "likeness":  # the note names who is not as described
        words = next((f"{name}: {said}" for name, said in around.described.items() if name in note.message), "")
    if words and not shot.prompt.startswith(words):
        change["prompt"] = f"{words}. {shot.prompt}"
    negative = _NEGATIVE.get(family) or around.negative.get(family, "")
    if negative and negative not in shot.negative:
        change["negative"] = ", ".join(filter(None, [shot.negative, negative]))
    return change


def as_made(request: TakeRequest, capabilities: Capabilities) -> TakeRequest:
    """Return a request with the steps and the guidance that its back end takes where it names none.

    What is more than those is to be counted from them; the shot goes on naming none until a remedy does.
    """
    usual = {"steps": capabilities.steps, "guidance": capabilities.guidance}
    return request.model_copy(update={name: value for name, value in usual.items() if getattr(request, name) is None})


def _more_steps(shot: Shot, request: TakeRequest, note: Note, around: Around) -> Change:
    steps = request.steps
    return {"steps": min(_MOST_STEPS, -(-steps * 3 // 2))} if steps and steps < _MOST_STEPS else {}


def _stronger_guidance(shot: Shot, request: TakeRequest, note: Note, around: Around) -> Change:
    guidance = request.guidance
    # A scale of 1 is none at all, which a distilled model is trained for.
    strengthens = guidance is not None and 1 < guidance < _MOST_GUIDANCE
    return {"guidance": min(_MOST_GUIDANCE, round(guidance * 1.3, 2))} if guidance and strengthens else {}


def _shorter(shot: Shot, request: TakeRequest, note: Note, around: Around) -> Change:
    return {} if shot.lines else {"seconds": round(shot.seconds * 2 / 3, 3)}  # what is said needs its time


_CHANGES: Mapping[str, Callable[[Shot, TakeRequest, Note, Around], Change]] = {
    "new_seed": lambda shot, request, note, around: next_seed(shot, request),
    "rephrase": _rephrased,
    "more_steps": _more_steps,
    "stronger_guidance": _stronger_guidance,
    "shorter": _shorter,
}


def _leaning(shot: Shot, name: str, around: Around) -> Change:
    """Give the shot a picture to lean on that it does not lean on yet, in a role that is still free."""
    role = _LEANING[name]
    there = {reference.content for reference in shot.references}
    contents = ([around.before.content] if around.before else []) if name == "last_frame" else around.pictures
    content = next((c for c in contents if c not in there), None)
    if content is None or (role == "first_frame" and any(r.role == role for r in shot.references)):
        return {}
    return {"references": [*shot.references, Reference(content=content, role=role)]}


# A clip given as a first frame stands for its last picture: so a shot begins where the one before it ended.
_LEANING: dict[str, Literal["first_frame", "reference"]] = {
    "first_frame": "first_frame", "last_frame": "first_frame", "reference": "reference",
}  # fmt: skip


def _half(shot: Shot) -> Change:
    if shot.lines or shot.id[-1].isalpha() or shot.seconds < 2 * _LEAST_SECONDS:
        return {}
    return {"seconds": round(shot.seconds / 2, 3)}


def _second_id(shot: Shot, around: Around) -> str:
    """Name the second half of a split shot by the next letter that is free; empty where none is."""
    ids = (f"{shot.id}{letter}" for letter in ascii_lowercase[1:])
    return next((id for id in ids if id not in around.taken), "")


def _closer(shot: Shot, id: str) -> Shot:
    """Return the second half of a split shot: nearer, so that the cut between them is none within one picture."""
    nearer: dict[str, ShotSize] = {"extreme_wide": "wide", "wide": "medium", "full": "medium", "medium": "close"}
    size = nearer.get(shot.size, "wide")
    change = {"id": id, "size": size, "transition": Transition(), "continues": False}
    return shot.model_copy(update={**change, "seed": None, "variant": 0})
