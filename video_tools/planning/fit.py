"""Fit a storyboard to what a back end can make, before anything is paid for."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from reelgraph.video_tools.backends.base import MODE_OF_ROLE, Capabilities
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    Adapter,
    Line,
    Panel,
    Reference,
    Shot,
    Storyboard,
    Substitution,
    TakeRequest,
    digest,
)  # fmt: skip
from reelgraph.video_tools.planning.legal import frames_filled, legal_rate, legal_size, longest_shot
from reelgraph.video_tools.planning.prompts import compose, estimate_tokens, in_vocabulary, negative_of, spoken, told
from reelgraph.video_tools.planning.surroundings import Surroundings
from reelgraph.video_tools.planning.world import in_world


def derived_seed(film: str, shot: str) -> int:
    """Return the seed of a shot that names none: the same film and shot give the same seed on every machine."""
    return int(digest([film, shot])[:15], 16)


def requests_of(
    storyboard: Storyboard,
    shots: Sequence[Shot],
    *,
    capabilities: Capabilities,
    backend: str,
    model: str,
    width: int,
    height: int,
    rate: Fraction,
    film: str,
    references: Mapping[str, list[Reference]] | None = None,
) -> list[tuple[Shot, TakeRequest, list[Substitution]]]:
    """Turn shots into requests for their takes, recording every difference.

    Args:
        storyboard: The plan.
        shots: Those of its shots that this back end makes.
        capabilities: What the back end declares.
        backend: Its name.
        model: Its fingerprint.
        width: The film's width in pixels; a take is the smallest legal size that covers the film's.
        height: The film's height.
        rate: The film's rate; a take has the back end's own where it has only its own.
        film: The film's name, which seeds are derived from.
        references: Pictures that a shot leans on, by shot id.

    Returns:
        Each shot with its request and with what the back end cannot make as planned; nothing is missing from that list.

    Raises:
        InvalidRequest: The back end makes sound alone; or a shot is longer than it makes, or says nothing that it
            understands: the message then names the shot.
    """
    if capabilities.modes == {"music"}:
        raise InvalidRequest(f"{backend} makes sound alone: choose a back end that makes pictures")
    size = legal_size(capabilities.sizes, width, height)
    take_rate = legal_rate(capabilities, rate)
    fitted: list[tuple[Shot, TakeRequest, list[Substitution]]] = []
    surroundings = Surroundings(storyboard)
    for shot in shots:
        changes: list[Substitution] = []
        if size != (width, height):
            changes.append(
                _changed("size", f"{width}x{height}", f"{size[0]}x{size[1]}", f"{backend} makes no {width}x{height}")
            )
        if take_rate != rate:
            changes.append(_changed("rate", str(rate), str(take_rate), f"{backend} makes only its own rates"))
        frames, asked = _frames(shot, capabilities, rate, take_rate)
        if frames != asked:
            changes.append(
                _changed("frames", str(asked), str(frames), f"the next count that {backend} makes; the cut trims it")
            )
        prompt = _prompt(storyboard, shot, capabilities, backend, changes)
        negative = negative_of(storyboard, shot)
        if negative and not capabilities.negative_prompt:
            changes.append(_changed("negative_prompt", negative, "", f"{backend} reads none"))
            negative = ""
        guidance = capabilities.guidance if shot.guidance is None else shot.guidance
        if negative and capabilities.guidance is not None and guidance is not None and guidance <= 1:
            # It stays in the request, whose key would be another without it: only the model leaves it unread.
            changes.append(_changed("negative_prompt", negative, "", f"{backend} reads none at guidance of 1 or less"))
        if shot.seed is not None and not capabilities.seeded:
            changes.append(_changed("seed", str(shot.seed), "", f"{backend} takes no seed"))
        seed = shot.seed if shot.seed is not None else derived_seed(film, shot.id)
        adapters = _adapters(storyboard, shot, capabilities, backend, changes)
        files = capabilities.adapter_files
        request = TakeRequest(
            backend=backend,
            model=model,
            prompt=prompt,
            negative_prompt=negative,
            width=size[0],
            height=size[1],
            frames=frames,
            rate=take_rate,
            seed=seed if capabilities.seeded else None,
            variant=0 if capabilities.seeded else shot.variant,
            references=_references((references or {}).get(shot.id, []), capabilities, backend, changes),
            adapters=adapters,
            adapter_files={adapter.name: files[adapter.name] for adapter in adapters if adapter.name in files},
            panel=panel_of(storyboard, shot, surroundings) if capabilities.panel else None,
        )
        fitted.append((shot, request, changes))
    return fitted


def _frames(shot: Shot, capabilities: Capabilities, rate: Fraction, take_rate: Fraction) -> tuple[int, int]:
    """Return the legal count of take frames, and the count that fills the shot."""
    asked = frames_filled(shot, rate, take_rate)
    try:
        return capabilities.frames.fit(asked), asked
    except InvalidRequest as error:
        most = longest_shot(capabilities, take_rate)
        raise InvalidRequest(
            f"shot {shot.id} of {shot.seconds:g} s is too long here: this back end makes at most {most:g} s "
            f"({capabilities.frames.most} frames at {take_rate}); split it, or plan with this back end"
        ) from error


def _prompt(
    storyboard: Storyboard, shot: Shot, capabilities: Capabilities, backend: str, changes: list[Substitution]
) -> str:
    if capabilities.panel:  # the panel says who, where and how; the words only what happens
        return shot.prompt
    if capabilities.world is not None:
        said, replaced = in_world(storyboard, shot, capabilities.world)
        changes += replaced
        return said
    parts = compose(storyboard, shot)
    if capabilities.sound and (said := spoken(storyboard, shot)):
        parts.insert(1, said)  # behind what happens
    prompt = " ".join(parts)
    if capabilities.vocabulary is not None:
        known, unknown = in_vocabulary(" ".join(told(storyboard, shot)), capabilities.vocabulary)
        if not known:
            some = ", ".join(sorted(capabilities.vocabulary)[:12])
            raise InvalidRequest(
                f"shot {shot.id} ({shot.prompt[:60]!r}) has no word that {backend} understands: it knows {some}, ..."
            )
        if unknown:
            changes.append(_changed("prompt", shot.prompt, known, f"{backend} does not know: {', '.join(unknown)}"))
        return known
    limit = capabilities.prompt_tokens
    if limit is not None and estimate_tokens(prompt) > limit:
        kept = list(parts)
        while len(kept) > 1 and estimate_tokens(" ".join(kept)) > limit:
            kept.pop()  # the parts come in order of worth
        changes.append(_changed("prompt", prompt, " ".join(kept), f"{backend} reads about {limit} tokens"))
        return " ".join(kept)
    return prompt


def _references(
    asked: list[Reference], capabilities: Capabilities, backend: str, changes: list[Substitution]
) -> list[Reference]:
    kept: list[Reference] = []
    pictures = 0
    for reference in asked:
        fits = MODE_OF_ROLE[reference.role] in capabilities.modes
        if reference.role == "reference" and fits:
            pictures += 1
            fits = pictures <= capabilities.max_references
        if fits:
            kept.append(reference)
        else:
            changes.append(
                _changed("references", f"{reference.role} {reference.content[:12]}", "", f"{backend} cannot take it")
            )
    return kept


def _adapters(
    storyboard: Storyboard, shot: Shot, capabilities: Capabilities, backend: str, changes: list[Substitution]
) -> list[Adapter]:
    """Gather the adapters of the style and of who is in the shot; one that two of them name keeps its first scale."""
    if shot.kind == "title":  # lettering, whatever the film looks like
        return []
    bible = storyboard.bible
    cast = [character for id in shot.characters if (character := bible.character(id))]
    kept: dict[str, Adapter] = {}
    for adapter in [*bible.style.adapters, *(adapter for character in cast for adapter in character.adapters)]:
        asked = f"{adapter.name} at {adapter.scale:g}"
        if adapter.name not in capabilities.adapters:
            changes.append(_changed("adapters", asked, "", f"{backend} has no adapter of that name"))
        elif kept.setdefault(adapter.name, adapter) != adapter:
            made = f"{adapter.name} at {kept[adapter.name].scale:g}"
            changes.append(_changed("adapters", asked, made, "it is asked for twice, and has one scale in a picture"))
    return list(kept.values())


def _changed(what: str, asked: str, made: str, why: str) -> Substitution:
    return Substitution(what=what, asked=asked, made=made, why=why)


def panel_of(storyboard: Storyboard, shot: Shot, surroundings: Surroundings) -> Panel:
    """Say what a drawn panel of a shot shows; it knows no other shot, so what holds on in the scene is said again."""
    around = surroundings.of(shot)
    place = storyboard.bible.place(shot.place)
    figures = [found for id in shot.characters if (found := storyboard.bible.character(id))]
    return Panel(
        shot=shot.id,
        size=shot.size,
        camera=shot.camera,
        angle=shot.angle,
        figures=figures,
        place=around.place,
        place_palette=place.palette if place else [],
        time=" ".join(filter(None, [shot.time, around.weather])),
        lines=[_signed(storyboard, shot, line) for line in shot.lines],
        title=shot.title,
    )


def _signed(storyboard: Storyboard, shot: Shot, line: Line) -> Line:
    """Give a line that is heard from somebody not in the picture their name, which a panel without their figure
    cannot look up."""
    speaker = storyboard.bible.character(line.character)
    return (
        line
        if speaker is None or speaker.id in shot.characters
        else line.model_copy(update={"character": speaker.name})
    )
