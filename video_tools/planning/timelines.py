"""Read an OpenTimelineIO timeline of empty clips as a storyboard: an editor's plan before anything is shot."""

import json
import re
from typing import Any

from reelgraph.video_tools.editing.timeline_text import parsed, reading
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Scene, Shot, Storyboard, Transition
from reelgraph.video_tools.planning.files import check_seconds
from reelgraph.video_tools.wording import blank


def storyboard_from_timeline(text: str, where: str = "the timeline") -> Storyboard:
    """Make a shot of each clip, as long as it is, in a scene for each run of clips between gaps.

    A clip's name says what is seen; a longer text in its metadata (`prompt`, `description`, `comment`, `note`) or in
    a marker's comment or name says more. Dissolves become transitions. Sound tracks and further picture tracks are
    refused, not dropped.

    Args:
        text: The `.otio` file's JSON.
        where: What to call it in an error.

    Raises:
        InvalidRequest: It is no timeline, has no clip, or more than one picture track; or a clip says nothing.
    """
    timeline = parsed(text, where)
    with reading(where):
        board = _storyboard(timeline, where)
    check_seconds(board, where)
    return board


def _storyboard(timeline: Any, where: str) -> Storyboard:
    import opentimelineio as otio  # type: ignore[import-untyped]  # ships no types

    if not isinstance(timeline, otio.schema.Timeline):
        raise InvalidRequest(f"{where} holds no timeline: export the timeline itself, not a clip or a bin")
    tracks = [track for track in timeline.tracks if track.kind == otio.schema.TrackKind.Video and len(track)]
    if len(tracks) != 1:
        raise InvalidRequest(f"{where} has {len(tracks)} picture tracks with clips: a plan is read from exactly one")
    scenes: list[list[Shot]] = [[]]
    transition = Transition()
    for item in tracks[0]:
        if isinstance(item, otio.schema.Gap):
            scenes.append([])
        elif isinstance(item, otio.schema.Transition):
            transition = _dissolve((item.in_offset + item.out_offset).to_seconds(), item.name, where)
        elif isinstance(item, otio.schema.Clip):
            id_ = f"s{len([s for s in scenes if s]) + (not scenes[-1]):02d}-{len(scenes[-1]) + 1:02d}"
            scenes[-1].append(_shot(item, id_, transition, where))
            transition = Transition()
        else:
            raise InvalidRequest(
                f"{where} has a nested {item.schema_name()} ({item.name!r}): flatten it before planning"
            )
    kept = [shots for shots in scenes if shots]
    if not kept:
        raise InvalidRequest(f"{where} has no clips: put an empty clip where each shot belongs, and name it")
    return Storyboard(
        title=timeline.name or "",
        planner="timeline",
        scenes=[Scene(id=f"s{number:02d}", shots=shots) for number, shots in enumerate(kept, 1)],
    )


def _dissolve(seconds: float, name: str, where: str) -> Transition:
    if not 0 < seconds <= 20:
        raise InvalidRequest(f"{where}: the dissolve {name!r} lasts {seconds:g} s: more than 0 and at most 20 s can be")
    return Transition(kind="crossfade", seconds=round(seconds, 6))


def _shot(clip: Any, id_: str, transition: Transition, where: str) -> Shot:
    seconds = (
        clip.duration().to_seconds() if clip.source_range or not clip.media_reference.is_missing_reference else 0.0
    )
    if not 0 < seconds <= 600:
        raise InvalidRequest(
            f"{where}: clip {clip.name!r} lasts {seconds:g} s: a shot lasts more than 0 and at most 600 s"
        )
    words = _words(clip)
    if blank(words):
        raise InvalidRequest(f"{where}: the clip at {id_} has no name and no note: name it by what is seen")
    why = [f"length and place: clip {clip.name!r} of the timeline"]
    if not clip.media_reference.is_missing_reference:
        why.append("the timeline has media for it, which is planned anew")
    return Shot(id=id_, prompt=words[:4000], seconds=seconds, transition=transition, why=why)


def _words(clip: Any) -> str:
    """Return what is said of a clip: its name, and a note that says more."""
    notes = [marker.comment or marker.name for marker in clip.markers]
    flat = json.loads(json.dumps(dict(clip.metadata), default=str))
    notes += [value for key, value in _leaves(flat) if key in ("prompt", "description", "comment", "note")]
    name = re.sub(r"\.\w{2,4}$", "", clip.name or "").replace("_", " ").strip()
    said = [name, *(str(note).strip() for note in notes if note)]
    longest = max(said, key=len)
    return (
        longest if name and name.lower() in longest.lower() else ". ".join(dict.fromkeys(part for part in said if part))
    )


def _leaves(data: Any, key: str = "") -> list[tuple[str, Any]]:
    if isinstance(data, dict):
        return [leaf for name, value in data.items() for leaf in _leaves(value, str(name).lower())]
    return [(key, data)] if isinstance(data, str) else []
