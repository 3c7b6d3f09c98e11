"""Read OpenTimelineIO text that anybody may have written: its library ends the process on what is nested too deeply,
lacks its tracks or refers to itself, so that is refused before the library sees it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reelgraph.video_tools.errors import InvalidRequest, ReelgraphError
from reelgraph.video_tools.wording import broke

if TYPE_CHECKING:
    import opentimelineio as otio  # type: ignore[import-untyped]  # ships no types

# Timelines nest some ten levels; what editing programs keep in metadata, some tens. Source: ours.
_DEEPEST = 200


def parsed(text: str, where: str) -> Any:
    """Parse a file's text into what it holds, which may be no timeline.

    Args:
        text: The `.otio` file's JSON.
        where: What to call it in an error.

    Raises:
        InvalidRequest: It is not OpenTimelineIO, or nothing that it can read safely.
    """
    # late: it costs 0.1 s, and few runs read timelines
    import opentimelineio as otio

    with reading(where):
        _check(json.loads(text, strict=False), set(), 0)
        return otio.adapters.read_from_string(text, "otio_json")


@contextmanager
def reading(where: str) -> Iterator[None]:
    """Refuse in one line, by its name, a timeline over which the library or what reads its objects stumbles.

    Raises:
        InvalidRequest: Something other than an error of ours was raised.
    """
    try:
        yield
    except ReelgraphError:
        raise
    except Exception as error:  # the library raises OTIOError, and ValueError, KeyError, TypeError and more
        raise InvalidRequest(f"{where} is not an OpenTimelineIO timeline that can be read: {broke(error)}") from error


def read_timeline(path: Path) -> "otio.schema.Timeline":
    """Read a file that must be a timeline with a video track.

    Raises:
        InvalidRequest: It is none.
    """
    import opentimelineio as otio

    with reading(path.name):
        timeline = parsed(path.read_text(encoding="utf-8-sig"), path.name)
    if not isinstance(timeline, otio.schema.Timeline) or not timeline.video_tracks():
        raise InvalidRequest(f"{path.name} has no video track: a timeline with one is needed")
    return timeline


def plain(metadata: Any) -> dict[str, Any]:
    """Copy OpenTimelineIO's own containers into dicts and lists."""
    import opentimelineio as otio

    return dict(json.loads(otio.core.serialize_json_to_string(metadata)))


def _check(item: Any, read: set[str], depth: int) -> None:
    """Refuse what the library cannot bear; `read` has the ids of the objects that stand before."""
    if depth > _DEEPEST:
        raise ValueError(f"it is nested more than {_DEEPEST} deep")
    if isinstance(item, list):
        for child in item:
            _check(child, read, depth + 1)
    elif isinstance(item, dict):
        kind = str(item.get("OTIO_SCHEMA", "")).partition(".")[0]
        if kind == "SerializableObjectRef" and str(item.get("id")) not in read:
            raise ValueError(f"it refers to {item.get('id')!r}, which does not stand before that")
        if kind == "Timeline" and not isinstance(item.get("tracks"), dict):
            raise ValueError("it is a timeline without tracks")
        for child in item.values():
            _check(child, read, depth + 1)
        if "OTIO_REF_ID" in item:
            read.add(str(item["OTIO_REF_ID"]))
