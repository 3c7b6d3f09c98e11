"""Bring shots to what their back ends make at most: shortened, or divided."""

import math
from collections.abc import Callable

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Line, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.lengths import asked_for, spoken_seconds


def fit_lengths(
    storyboard: Storyboard,
    longest_of: Callable[[Shot], float],
    continues: Callable[[Shot], bool] = lambda shot: False,
    shortened: Callable[[Shot, float], None] = lambda shot, most: None,
) -> Storyboard:
    """Bring shots to what their back ends make at most: shortened; or split where their lines need longer, or where
    somebody asked for the length and the parts can continue each other.

    The first part keeps the shot's id; the others take a letter (`s01-02`, `s01-02b`).

    Args:
        storyboard: The plan.
        longest_of: Gives the longest that a shot's back end makes, in seconds (see `longest_shot`).
        continues: Whether a shot's back end can begin on the last frame of the part before.
        shortened: Told of a shot whose length somebody asked for, and of the seconds that it gets instead.

    Raises:
        InvalidRequest: A shot would need more than 25 parts, or an id that is taken.
    """
    ids = {shot.id for shot in storyboard.shots}
    scenes: list[Scene] = []
    for scene in storyboard.scenes:
        shots: list[Shot] = []
        for shot in scene.shots:
            parts = _fitted(shot, most := longest_of(shot), ids, continues(shot))
            if len(parts) == 1 and parts[0].seconds < shot.seconds and asked_for(shot.why):
                shortened(shot, most)
            shots += parts
        scenes.append(scene.model_copy(update={"shots": shots}))
    return storyboard.model_copy(update={"scenes": scenes})


def _fitted(shot: Shot, most: float, ids: set[str], can_continue: bool) -> list[Shot]:
    if shot.seconds <= most + 1e-9:
        return [shot]
    wanted = can_continue and asked_for(shot.why) and _parted(shot, most, ids)
    if not wanted and spoken_seconds(line.text for line in shot.lines) <= most:
        why = f"length: {most:g} s, as long as its back end makes, not {shot.seconds:g} s"
        return [shot.model_copy(update={"seconds": most, "why": [*shot.why, why]})]
    return _parts(shot, most, ids, can_continue)


def _parted(shot: Shot, most: float, ids: set[str]) -> list[str]:
    """Name the parts of a shot, as many as there are; none where that cannot be."""
    count = math.ceil(shot.seconds / most - 1e-9)
    letters = "bcdefghijklmnopqrstuvwxyz"
    names = [shot.id, *(f"{shot.id}{letter}" for letter in letters[: count - 1])]
    whole = len(names) == count and not shot.id[-1].isalpha() and not any(name in ids for name in names[1:])
    return names if whole else []


def _parts(shot: Shot, most: float, ids: set[str], can_continue: bool) -> list[Shot]:
    names = _parted(shot, most, ids)
    count = len(names)
    if not names:
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
