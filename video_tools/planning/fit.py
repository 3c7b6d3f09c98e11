"""Fit a storyboard to what a back end can make, before anything is paid for."""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from reelgraph.video_tools.backends.base import MODE_OF_ROLE, Capabilities, SizeRule
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    Adapter,
    Line,
    Panel,
    Reference,
    Scene,
    Shot,
    Storyboard,
    Substitution,
    TakeRequest,
    digest,
)  # fmt: skip
from reelgraph.video_tools.planning.lengths import spoken_seconds
from reelgraph.video_tools.planning.prompts import compose, estimate_tokens, in_vocabulary, negative_of, told
from reelgraph.video_tools.planning.world import in_world
from reelgraph.video_tools.timebase import frames_of


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
        if shot.seed is not None and not capabilities.seeded:
            changes.append(_changed("seed", str(shot.seed), "", f"{backend} takes no seed"))
        seed = shot.seed if shot.seed is not None else derived_seed(film, shot.id)
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
            adapters=_adapters(storyboard, shot, capabilities, backend, changes),
            panel=panel_of(storyboard, shot) if capabilities.panel else None,
        )
        fitted.append((shot, request, changes))
    return fitted


def legal_size(rule: SizeRule, width: int, height: int) -> tuple[int, int]:
    """Return the smallest legal size that covers the one asked for, at the shape nearest to it.

    Where the back end makes nothing as large, its largest of that shape.
    """
    if rule.only:

        def worth(size: tuple[int, int]) -> tuple[float, bool, int, tuple[int, int]]:
            shape = abs(math.log(size[0] * height / (size[1] * width)))
            covers = size[0] >= width and size[1] >= height
            return round(shape, 3), not covers, abs(size[0] * size[1] - width * height), size

        return min(rule.only, key=worth)
    shrink = min(1.0, rule.most / max(width, height))

    def side(value: int) -> int:
        covering = max(-(-round(value * shrink) // rule.multiple), -(-rule.least // rule.multiple)) * rule.multiple
        return min(covering, rule.most // rule.multiple * rule.multiple)

    return side(width), side(height)


def legal_rate(capabilities: Capabilities, rate: Fraction) -> Fraction:
    """Return the film's rate where the back end makes it, else its nearest, the faster of two as near."""
    if not capabilities.rates or rate in capabilities.rates:
        return rate
    return min(capabilities.rates, key=lambda own: (abs(own - rate), -own))


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


def frames_filled(shot: Shot, rate: Fraction, take_rate: Fraction) -> int:
    """Return how many frames of a take fill a shot.

    Args:
        shot: The shot.
        rate: The film's rate.
        take_rate: The take's.
    """
    film_frames = max(1, frames_of(shot.seconds, rate))
    return math.ceil(Fraction(film_frames) * take_rate / rate)


def longest_shot(capabilities: Capabilities, rate: Fraction) -> float:
    """Return the longest shot that the back end makes, in seconds, rounded down to tenths."""
    rule = capabilities.frames
    most = rule.offset + (rule.most - rule.offset) // rule.step * rule.step
    return int(most / rate * 10) / 10


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


def panel_of(storyboard: Storyboard, shot: Shot) -> Panel:
    """Say what a drawn panel of a shot shows."""
    place = storyboard.bible.place(shot.place)
    figures = [found for id in shot.characters if (found := storyboard.bible.character(id))]
    return Panel(
        shot=shot.id,
        size=shot.size,
        camera=shot.camera,
        angle=shot.angle,
        figures=figures,
        place=place.name if place else shot.place,
        place_palette=place.palette if place else [],
        time=shot.time,
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


def split_long(storyboard: Storyboard, capabilities: Capabilities, rate: Fraction) -> Storyboard:
    """Split shots that are longer than the back end makes, between lines of dialogue where there are some.

    The first part keeps the shot's id; the others take a letter (`s01-02`, `s01-02b`) and go on from its last frame.

    Raises:
        InvalidRequest: A shot would need more than 25 parts, or an id that is taken.
    """
    take_rate = legal_rate(capabilities, rate)
    most = longest_shot(capabilities, take_rate)
    ids = {shot.id for shot in storyboard.shots}
    scenes: list[Scene] = []
    for scene in storyboard.scenes:
        shots = [part for shot in scene.shots for part in _parts(shot, most, ids, "image" in capabilities.modes)]
        scenes.append(scene.model_copy(update={"shots": shots}))
    return storyboard.model_copy(update={"scenes": scenes})


def fit_lengths(
    storyboard: Storyboard, longest_of: Callable[[Shot], float], continues: Callable[[Shot], bool] = lambda shot: False
) -> Storyboard:
    """Bring shots to what their back ends make at most: shortened, or split where their lines need longer.

    Args:
        storyboard: The plan.
        longest_of: Gives the longest that a shot's back end makes, in seconds (see `longest_shot`).
        continues: Whether a shot's back end can begin on the last frame of the part before.

    Raises:
        InvalidRequest: A shot would need more than 25 parts, or an id that is taken.
    """
    ids = {shot.id for shot in storyboard.shots}
    scenes = [
        scene.model_copy(
            update={
                "shots": [
                    part for shot in scene.shots for part in _fitted(shot, longest_of(shot), ids, continues(shot))
                ]
            }
        )
        for scene in storyboard.scenes
    ]
    return storyboard.model_copy(update={"scenes": scenes})


def _fitted(shot: Shot, most: float, ids: set[str], can_continue: bool) -> list[Shot]:
    if shot.seconds <= most + 1e-9:
        return [shot]
    if spoken_seconds(line.text for line in shot.lines) <= most:
        why = f"length: {most:g} s, as long as its back end makes, not {shot.seconds:g} s"
        return [shot.model_copy(update={"seconds": most, "why": [*shot.why, why]})]
    return _parts(shot, most, ids, can_continue)


def _parts(shot: Shot, most: float, ids: set[str], can_continue: bool) -> list[Shot]:
    if shot.seconds <= most + 1e-9:
        return [shot]
    count = math.ceil(shot.seconds / most - 1e-9)
    letters = "bcdefghijklmnopqrstuvwxyz"
    names = [shot.id, *(f"{shot.id}{letter}" for letter in letters[: count - 1])]
    if len(names) < count or shot.id[-1].isalpha() or any(name in ids for name in names[1:]):
        raise InvalidRequest(
            f"shot {shot.id} of {shot.seconds:g} s is longer than the {most:g} s that this back end makes: "
            "split it into shots"
        )
    groups = _shared_lines(shot.lines, count)
    # Tenths, the last part taking the rest, so that the whole stays as long as it was.
    each = math.ceil(shot.seconds / count * 10) / 10
    each = each if each <= most else shot.seconds / count
    parts: list[Shot] = []
    for n, name in enumerate(names):
        seconds = each if n < count - 1 else round(shot.seconds - each * (count - 1), 6)
        changes: dict[str, object] = {"id": name, "seconds": seconds, "lines": groups[n]}
        changes["why"] = [*shot.why, f"part {n + 1} of {count}: this back end makes at most {most:g} s at once"]
        if n:
            changes |= {"continues": can_continue, "transition": type(shot.transition)()}
        parts.append(shot.model_copy(update=changes))
    return parts


def _shared_lines(lines: list[Line], count: int) -> list[list[Line]]:
    """Divide lines over parts in order, each part taking about its share of the speaking time."""
    total = spoken_seconds(line.text for line in lines) or 1.0
    groups: list[list[Line]] = [[] for _ in range(count)]
    at = 0.0
    for line in lines:
        own = spoken_seconds([line.text])
        part = min(count - 1, int((at + own / 2) / total * count))
        groups[part].append(line.model_copy(update={"start": None}))
        at += own
    return groups
