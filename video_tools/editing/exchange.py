"""Cuts as OpenTimelineIO timelines, the lossless form; other edit formats go through its adapters.

One clip on the timeline is one clip of the cut; a transition that two clips share lies between them, as editors draw
it.
Whatever OpenTimelineIO has no word for is in its metadata under `reelgraph`, and is read back from there.
"""

import json
import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reelgraph.video_tools.editing.conform import TakeFiles, frames_in
from reelgraph.video_tools.editing.joints import DIPS
from reelgraph.video_tools.editing.named_takes import facts_of_take
from reelgraph.video_tools.editing.timeline_text import plain, read_timeline, reading
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Storyboard, first_fault, overlap, read_noun
from reelgraph.video_tools.timebase import parse_rate

if TYPE_CHECKING:
    import opentimelineio as otio  # type: ignore[import-untyped]  # ships no types

# SMPTE_Dissolve is the only transition that the standard names. Source: OpenTimelineIO, schema.TransitionTypes.
_KINDS = {"crossfade": "SMPTE_Dissolve"}


def to_otio(
    cut: Cut,
    takes: TakeFiles,
    storyboard: Storyboard | None = None,
    *,
    links: Mapping[str, str] | None = None,
    of: str = "",
) -> "otio.schema.Timeline":
    """Write a cut as a timeline.

    Args:
        cut: The cut.
        takes: Where its takes are.
        storyboard: What the shots were meant to show, for names and metadata.
        links: Where each take's picture is, by take key, as a URL; left out, takes are named but not linked.
        of: The name of the film that it is a cut of, if it is one's.
    """
    import opentimelineio as otio

    rate = float(cut.rate)
    timeline = otio.schema.Timeline(name=storyboard.title if storyboard else "")
    timeline.global_start_time = otio.opentime.RationalTime(0, rate)
    timeline.metadata["reelgraph"] = {"cut": cut.model_dump(mode="json", exclude={"clips"}), "of": of}
    track = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for i, clip in enumerate(cut.clips):
        shared = overlap(clip.transition)
        after = overlap(cut.clips[i + 1].transition) if i + 1 < len(cut.clips) else 0
        # Clips show their own frames; half of what two share lies on each side of the joint, the odd one before it.
        lead, tail = shared - shared // 2, after // 2
        if shared:
            track.append(
                otio.schema.Transition(
                    name=clip.transition.kind,
                    transition_type=_KINDS.get(clip.transition.kind, "Custom_Transition"),
                    in_offset=otio.opentime.RationalTime(lead, rate),
                    out_offset=otio.opentime.RationalTime(shared - lead, rate),
                )
            )
        track.append(
            otio.schema.Clip(
                name=clip.shot,
                media_reference=_reference(clip, cut, takes, links or {}),
                source_range=_range(clip.in_frame + lead, clip.frames - lead - tail, rate),
                metadata={"reelgraph": _facts(clip, storyboard)},
            )
        )
    for i, caption in enumerate(cut.captions):
        timeline.tracks.markers.append(
            otio.schema.Marker(
                name=f"caption {i + 1}",
                color=otio.schema.MarkerColor.WHITE,
                marked_range=_range(caption.start, caption.frames, rate),
                metadata={"reelgraph": {"caption": caption.model_dump(mode="json")}},
            )
        )
    return timeline


def write_otio(
    cut: Cut, takes: TakeFiles, storyboard: Storyboard | None, path: Path, *, film: Path | None = None, of: str = ""
) -> None:
    """Write a timeline whose media links are relative to its own folder and resolve from there.

    Args:
        cut: The cut.
        takes: Where its takes are.
        storyboard: What the shots were meant to show.
        path: The `.otio` to write.
        film: The rendered film, named in the metadata.
        of: The name of the film that it is a cut of, if it is one's.
    """
    import opentimelineio as otio

    links = {}
    for clip in cut.clips:
        take = takes.take(clip.take) if clip.take else None
        if take:
            links[take.key] = Path(os.path.relpath(takes.picture(take), path.parent)).as_posix()
    path.parent.mkdir(parents=True, exist_ok=True)
    timeline = to_otio(cut, takes, storyboard, links=links, of=of)
    if film is not None:
        timeline.metadata["reelgraph"]["film"] = Path(os.path.relpath(film, path.parent)).as_posix()
    path.write_text(otio.adapters.write_to_string(timeline, "otio_json"), encoding="utf-8", newline="\n")


def read_otio(path: Path, *, of: str = "") -> Cut:
    """Read a cut back from a timeline that `write_otio` wrote, edited or not.

    Clips may have been moved, trimmed or deleted and dissolves changed: the track's order and ranges win over metadata.

    Args:
        path: The `.otio`.
        of: The film whose timeline it must be, if it says whose it is.

    Raises:
        InvalidRequest: It is not a timeline, not one of ours or of another film, or shows what no cut can.
    """
    with reading(path.name):
        return _cut_of(read_timeline(path), path, of)


def _cut_of(timeline: "otio.schema.Timeline", path: Path, of: str) -> Cut:
    check_whose(path, str(plain(timeline.metadata.get("reelgraph", {})).get("of") or ""), of)
    ours = _cut_facts(timeline)
    if ours is None:
        raise InvalidRequest(f"{path.name} was not written by reelgraph: its clips name no takes")

    def ours_of(item: "otio.schema.Clip") -> dict[str, Any]:
        facts = plain(item.metadata.get("reelgraph", {})).get("clip")
        if not isinstance(facts, dict):
            raise InvalidRequest(f"{path.name}: clip {item.name!r} names no take; import its file first")
        return facts

    try:
        rate = parse_rate(ours.get("rate"))
    except InvalidRequest as error:
        raise InvalidRequest(f"{path.name}: {error}") from error
    clips = clips_of(timeline, ours_of, rate, path.name)
    try:
        return read_noun(Cut, json.dumps({**ours, "clips": [c.model_dump(mode="json") for c in clips]}), path.name)
    except CorruptProject as error:  # it is a file that somebody brings, and nothing of a project's
        raise InvalidRequest(f"{error}; write it again with `reelgraph export`") from error


def check_whose(path: Path, said: str, of: str) -> None:
    """Refuse a timeline that says that it is another film's; one that says nothing may be anybody's.

    Raises:
        InvalidRequest: It is another film's.
    """
    if said and of and said != of:
        raise InvalidRequest(f"{path.name} is a timeline of film {said}, not of {of}: take it with --film {said}")


def is_ours(path: Path) -> bool:
    """Say whether a timeline began as one that `write_otio` wrote.

    Raises:
        InvalidRequest: It is not a timeline.
    """
    with reading(path.name):
        return _cut_facts(read_timeline(path)) is not None


def _cut_facts(timeline: "otio.schema.Timeline") -> dict[str, Any] | None:
    facts = plain(timeline.metadata.get("reelgraph", {})).get("cut")
    return facts if isinstance(facts, dict) else None


def clips_of(
    timeline: "otio.schema.Timeline", facts_of: Callable[[Any], dict[str, Any]], rate: Fraction, name: str
) -> list[Clip]:
    """Read the clips of a timeline's first video track: its order and ranges, with everything else from `facts_of`.

    Args:
        timeline: The timeline, at any rate; what it says is read to the nearest frame.
        facts_of: What else is known of a clip of it, as a `Clip` is written.
        rate: The cut's.
        name: What to call the timeline in an error.

    Raises:
        InvalidRequest: The track has gaps or nested tracks, or a clip of it cannot be.
    """
    import opentimelineio as otio

    def frames(time: "otio.opentime.RationalTime") -> int:
        value: float = time.rescaled_to(float(rate)).value
        return round(value)

    clips: list[Clip] = []
    joint: dict[str, Any] = {}
    lead = 0
    items = list(timeline.video_tracks()[0])
    for place, item in enumerate(items):
        if isinstance(item, otio.schema.Transition):
            lead = frames(item.in_offset)
            kind = item.name if item.name in ("crossfade", "wipe", "push") else "crossfade"
            shared = lead + frames(item.out_offset)
            joint = {"kind": kind, "frames": shared} if shared else {}
            continue
        if not isinstance(item, otio.schema.Clip):
            raise InvalidRequest(f"{name} has a {type(item).__name__.lower()} in its track: close it in the editor")
        after = items[place + 1] if place + 1 < len(items) else None
        tail = frames(after.out_offset) if isinstance(after, otio.schema.Transition) else 0
        shown = item.trimmed_range()
        begin = frames(shown.start_time) - lead
        if begin < 0:
            raise InvalidRequest(
                f"{name}: clip {item.name!r} begins {-begin} frames before its take does, the transition into it "
                "included: trim its head"
            )
        try:
            was = Clip.model_validate(facts_of(item))
            if was.transition.kind in DIPS and not joint:
                joint = was.transition.model_dump()
            changes = {"in_frame": begin, "frames": frames(shown.duration) + lead + tail, "transition": joint}
            clips.append(Clip.model_validate({**was.model_dump(), **changes}))
        except ValidationError as error:
            raise InvalidRequest(f"{name}: clip {item.name!r} cannot be: {first_fault(error)}") from error
        joint, lead = {}, 0
    return clips


def _reference(
    clip: Clip, cut: Cut, takes: TakeFiles, links: Mapping[str, str]
) -> "otio.schema.ExternalReference | otio.schema.MissingReference":
    import opentimelineio as otio

    take = takes.take(clip.take) if clip.take else None
    if take is None:
        return otio.schema.MissingReference(name=clip.label or "no take")
    frames = frames_in(take, cut.rate)
    available = _range(0, clip.in_frame + clip.frames if frames is None else frames, float(cut.rate))
    facts = {"take": facts_of_take(take)}
    if take.key not in links:
        return otio.schema.MissingReference(name=take.key, available_range=available, metadata={"reelgraph": facts})
    return otio.schema.ExternalReference(links[take.key], available, {"reelgraph": facts})


def _facts(clip: Clip, storyboard: Storyboard | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"clip": clip.model_dump(mode="json")}
    shot = next((s for s in storyboard.shots if s.id == clip.shot), None) if storyboard else None
    if shot:
        facts["shot"] = {"prompt": shot.prompt, "size": shot.size, "camera": shot.camera, "characters": shot.characters}
    return facts


def _range(start: int, frames: int, rate: float) -> "otio.opentime.TimeRange":
    import opentimelineio as otio

    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(frames, rate))
