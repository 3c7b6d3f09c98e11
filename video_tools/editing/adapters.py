"""Cuts as edit lists of other programs, through OpenTimelineIO's adapters (needs the extra `exchange`).

Each of these forms loses something; `write_exchange` says what of this cut it lost.

    .edl     CMX 3600: one picture track; wipes and pushes are dissolves there, and themselves once read back
    .xml     Final Cut Pro 7: the same, with links to the takes
    .fcpxml  Final Cut Pro X: hard cuts only

Whose film it is stands in the name of the sequence, which all of them have and other programs keep.
"""

import re
from pathlib import Path
from typing import Any

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.editing.conform import TakeFiles
from reelgraph.video_tools.editing.exchange import check_whose, clips_of, to_otio
from reelgraph.video_tools.editing.slots import clip_names
from reelgraph.video_tools.editing.timeline_text import reading
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Storyboard, overlap
from reelgraph.video_tools.timebase import rate_text
from reelgraph.video_tools.wording import broke

_WHOSE = "reelgraph film {of}: {title}"
# What no line of an EDL and no XML can hold. Source: XML 1.0, 2.2 (Char); Python's str.splitlines.
_UNWRITABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
ADAPTERS = {".edl": "cmx_3600", ".xml": "fcp_xml", ".fcpxml": "fcpx_xml"}


def write_exchange(
    cut: Cut, takes: TakeFiles, path: Path, storyboard: Storyboard | None = None, *, of: str = ""
) -> list[str]:
    """Write a cut in the form that a file name's ending asks for.

    Args:
        cut: The cut.
        takes: Where its takes are.
        path: The file to write.
        storyboard: What the shots were meant to show.
        of: The name of the film that it is a cut of, if it is one's.

    Returns:
        What of the cut the form cannot hold, one line each.

    Raises:
        InvalidRequest: The ending is not known, the form has no such rate or cannot hold the cut, or the extra is not
            installed.
    """
    import opentimelineio as otio  # type: ignore[import-untyped]  # ships no types

    adapter = _adapter(path)
    names = clip_names(cut.clips)
    links = {
        take.key: takes.picture(take).absolute().as_uri()
        for take in (takes.take(clip.take) for clip in cut.clips if clip.take)
        if take
    }
    timeline = to_otio(cut, takes, storyboard, links=links)
    title = _one_line(timeline.name)
    timeline.name = _WHOSE.format(of=of, title=title) if of else title or "film"
    track = timeline.video_tracks()[0]
    for name, clip in zip(names, track.find_clips(), strict=True):
        clip.name = name
        if isinstance(clip.media_reference, otio.schema.MissingReference):
            clip.media_reference.available_range = clip.source_range
            clip.media_reference.name = _one_line(clip.media_reference.name)  # a slate's says why it is one
    for item in track:
        if isinstance(item, otio.schema.Transition):
            item.transition_type = otio.schema.TransitionTypes.SMPTE_Dissolve
    del timeline.tracks.markers[:]
    if adapter == "fcpx_xml":
        _without_transitions(track)
    try:
        options = {"rate": float(cut.rate)} if adapter == "cmx_3600" else {}
        text = otio.adapters.write_to_string(timeline, adapter, **options)
    except ValueError as error:  # of a rate that has no timecode: 8 or 16 frames a second
        raise InvalidRequest(
            f"{path.suffix} cannot hold {rate_text(cut.rate)} frames a second ({error}): use film.otio, or a film at "
            "24, 25 or 30"
        ) from error
    except Exception as error:  # adapters raise whatever their writers do
        raise InvalidRequest(f"{path.suffix} cannot hold this cut ({broke(error)}): use film.otio") from error
    with staged_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return losses(cut, path.suffix.lower())


def read_exchange(path: Path, like: Cut, *, of: str = "") -> Cut:
    """Read an edit list that began as `like`, however it was edited since.

    Args:
        path: An edit list; its clips are known by the names of `like`'s.
        like: The cut that was written; what the form cannot hold is taken from it.
        of: The film whose edit list it must be, if its name says whose it is.

    Raises:
        InvalidRequest: It cannot be read, is another film's, or has a clip that `like` has not.
    """
    import opentimelineio as otio

    adapter = _adapter(path)
    options = {"rate": float(like.rate)} if adapter == "cmx_3600" else {}
    try:
        found = otio.adapters.read_from_file(str(path), adapter, **options)
    except Exception as error:  # adapters raise whatever their parsers do
        raise InvalidRequest(f"{path.name} is not a readable {path.suffix} file: {error}") from error
    timelines = [found] if isinstance(found, otio.schema.Timeline) else found.find_children(otio.schema.Timeline)
    if not timelines or not timelines[0].video_tracks():
        raise InvalidRequest(f"{path.name} has no timeline with a picture track: export one from the editing program")
    whose = re.match(r"reelgraph film ([a-z0-9-]+):", timelines[0].name or "")
    check_whose(path, whose[1] if whose else "", of)
    known = dict(zip(clip_names(like.clips), like.clips, strict=True))

    def like_of(item: Any) -> dict[str, Any]:
        if item.name not in known:
            raise InvalidRequest(f"{path.name} has a clip {item.name!r}: the cut has {', '.join(known)}")
        return known[item.name].model_dump(mode="json")

    with reading(path.name):  # whose ranges nobody looked at so far
        clips = clips_of(timelines[0], like_of, like.rate, path.name)
    if adapter == "cmx_3600":  # it has no names for joints, and had to say of wipes and pushes that they are dissolves
        was = {name: clip.transition.kind for name, clip in known.items() if overlap(clip.transition)}
        clips = [_joined_as(was.get(name), clip) for name, clip in zip(clip_names(clips), clips, strict=True)]
    return Cut.model_validate({**like.model_dump(), "clips": clips, "number": like.number + 1, "parent": like.number})


def _joined_as(kind: str | None, clip: Clip) -> Clip:
    if kind is None or not overlap(clip.transition):
        return clip
    return clip.model_copy(update={"transition": clip.transition.model_copy(update={"kind": kind})})


def losses(cut: Cut, form: str) -> list[str]:
    """Say what of a cut a form cannot hold."""
    lost = []
    kinds = {clip.transition.kind for clip in cut.clips}
    if form == ".fcpxml" and any(overlap(clip.transition) for clip in cut.clips):
        lost.append("transitions: written as hard cuts in their middle")
    else:
        lost += [f"{kind}: written as a dissolve" for kind in ("wipe", "push") if kind in kinds]
    lost += [f"{kind.replace('_', ' to ')}: not written" for kind in ("dip_black", "dip_white") if kind in kinds]
    for what, there in (
        ("speed", any(clip.speed != 1 for clip in cut.clips)),
        ("effects", any(clip.effects for clip in cut.clips)),
        ("volume", any(clip.gain_db for clip in cut.clips)),
        ("captions", bool(cut.captions)),
        ("titles", bool(cut.titles)),
        ("insets", bool(cut.insets)),
        ("music, narration and effects", bool(cut.sounds)),
    ):
        if there:
            lost.append(f"{what}: not written")
    return lost


def _without_transitions(track: Any) -> None:
    import opentimelineio as otio

    for place in reversed(range(len(track))):
        if isinstance(track[place], otio.schema.Transition):
            del track[place]


def _one_line(text: str) -> str:
    """Return a name as every form can hold it: on one line, without control signs."""
    return _UNWRITABLE.sub(" ", text).strip()


def _adapter(path: Path) -> str:
    import opentimelineio as otio

    adapter = ADAPTERS.get(path.suffix.lower())
    if adapter is None:
        raise InvalidRequest(f"{path.name}: edit lists end in {', '.join(ADAPTERS)}, the lossless form in .otio")
    if adapter not in otio.adapters.available_adapter_names():
        raise InvalidRequest(f"{path.suffix} needs the extra `exchange`: pip install 'reelgraph[exchange]'")
    return adapter
