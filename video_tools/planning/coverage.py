"""Choose how each shot is filmed: from the brief's words, else by a documented rule of coverage.

The rule is the classical one: establish a place wide, then approach; faces for speech, details for small things,
width for vast ones; never three same sizes in a row. Source: the master-then-coverage practice that every handbook of
directing teaches, e.g. Daniel Arijon, "Grammar of the Film Language" (1976), chapters 4-6.
"""

import re
from dataclasses import dataclass
from typing import get_args

from reelgraph.video_tools.film import Angle, CameraMove, ShotSize
from reelgraph.video_tools.planning.directions import directions
from reelgraph.video_tools.planning.lexicon import grammar, listed, words
from reelgraph.video_tools.planning.outline import Beat

_LEADS = frozenset(["of", "in", "on", "into", "onto", "over", "with", "across", "and"])
_SIZES: tuple[ShotSize, ...] = get_args(ShotSize)


@dataclass(frozen=True)
class Coverage:
    """How a shot is filmed, and why."""

    size: ShotSize
    camera: CameraMove
    angle: Angle
    why: list[str]
    seconds: float | None  # the length that the brief names
    written: bool  # the brief itself names the size


# Who turns round goes the other way on the screen.
_TURNS = re.compile(r"\b(?:turns? (?:around|round|back)|goes back|runs back|walks back|comes back|returns?)\b", re.I)
_OTHER: dict[CameraMove, CameraMove] = {"truck_left": "truck_right", "truck_right": "truck_left"}


def cover(
    beats: list[Beat], casts: list[list[str]], *, new_place: bool, headings: dict[str, CameraMove] | None = None
) -> list[Coverage]:
    """Choose size, angle and camera move for a scene's beats.

    Args:
        beats: The scene's beats in order.
        casts: Who is in each beat.
        new_place: Whether the film has not been in this place just before.
        headings: Which way each of the cast goes on the screen, kept from scene to scene.
    """
    out: list[Coverage] = []
    established = not new_place
    headings = {} if headings is None else headings
    for beat, cast in zip(beats, casts, strict=True):
        if beat.title:
            out.append(Coverage("wide", "still", "eye", ["a title card"], beat.seconds, True))
            continue
        said = directions(beat.text)
        why = [*said.why]
        size, written = beat.size or said.size, bool(beat.size or said.size)
        if size is None:
            size, reason = _size(beat, cast, out, established)
            why.append(reason)
        established = True
        camera, angle = beat.camera or said.camera, beat.angle or said.angle
        if camera is None:
            camera, reason = _camera(beat, size)
            kept = next((headings[who] for who in cast if who in headings), None)
            if kept and _TURNS.search(beat.text):
                kept = _OTHER[kept]
            # Screen direction: who goes to the left goes on to the left over the cut. Source: Arijon, chapter 6.
            if kept and kept != camera and "goes along" in reason:
                camera, reason = kept, f"camera {kept.replace('_', ' ')}: the way that they went before"
            if reason:
                why.append(reason)
        if camera in _OTHER:
            headings |= dict.fromkeys(cast, camera)
        out.append(Coverage(size, camera, angle or "eye", why, beat.seconds or said.seconds, written))
    return _vary(out, casts)


def _size(beat: Beat, cast: list[str], before: list[Coverage], established: bool) -> tuple[ShotSize, str]:
    found = re.findall(r"[^\W\d_]+|[^\w\s]", beat.text.lower())
    small, vast = _mentions(found, "small"), _mentions(found, "vast")
    if not established:
        return "wide", "size wide: a new place is established first"
    if beat.speaking:
        close = sum(1 for c in before if c.size == "close") <= sum(1 for c in before if c.size == "medium")
        return (
            ("close", "size close: a face speaks") if close and before else ("medium", "size medium: somebody speaks")
        )
    if small and not vast:
        return ("close", f"size close: {small!r} is small") if cast else ("insert", f"size insert: {small!r} is small")
    if not cast:
        if vast:
            return ("extreme_wide", f"size extreme wide: {vast!r} is vast")
        return "medium", "size medium: a thing at a distance to see it act"
    if len(cast) > 2:
        return "full", "size full: all of them fit in"
    if vast:
        return "wide", f"size wide: {vast!r} is vast, and somebody is in it"
    last = before[-1].size if before else "wide"
    if last in ("extreme_wide", "wide"):
        return "medium", "size medium: after the wide shot, we approach"
    return ("full", "size full: the whole action is seen") if last in ("close", "extreme_close", "insert") else (
        "close", "size close: we come closer still"
    )  # fmt: skip


def _mentions(found: list[str], kind: str) -> str:
    """Return the first word of a kind that is a noun here, by the words around it."""
    of_kind = listed("things", kind)
    for at, word in enumerate(found):
        if word not in of_kind or not at or found[max(0, at - 2) : at] == ["size", "of"]:
            continue
        before = found[max(0, at - 2) : at]
        after = found[at + 1] if at + 1 < len(found) else "."
        verb = after in ("the", "a", "an", "his", "her", "its", "their", "him", "them", "it", "up", "down")
        if not verb and any(lead in grammar("cast", "determiners") or lead in _LEADS for lead in before):
            return word
    return ""


def _camera(beat: Beat, size: ShotSize) -> tuple[CameraMove, str]:
    text = f" {beat.text.lower()} "
    # Motivated movement: the camera follows what the words move. Source: the same handbook.
    for follow in words()["follow"]:
        if re.search(follow["words"], text):
            move: CameraMove = follow["camera"]
            return move, f"camera {move.replace('_', ' ')}: it {follow['why']}"
    if size == "extreme_wide":
        return "pan_right", "camera pan right: a slow pan shows how wide it is"
    return "still", ""


def _vary(shots: list[Coverage], casts: list[list[str]]) -> list[Coverage]:
    """Change the third of three same sizes in a row, unless the brief names it."""
    for at in range(2, len(shots)):
        here = shots[at]
        if here.written or not shots[at - 1].size == shots[at - 2].size == here.size:
            continue
        step = _SIZES.index(here.size)
        other: ShotSize = _SIZES[step - 1] if step >= 4 else _SIZES[step + 1]
        if other == "insert" or (other == "extreme_wide" and casts[at]):
            other = "medium"
        reason = f"size {other.replace('_', ' ')}: never three same sizes in a row"
        shots[at] = Coverage(other, here.camera, here.angle, [*here.why, reason], here.seconds, False)
    return shots
