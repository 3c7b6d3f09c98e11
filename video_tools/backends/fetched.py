"""Fetch what a server made, and make sure that it is a whole video before it is a take."""

import os
import tempfile
from pathlib import Path

from reelgraph.video_tools.backends.dialect import Dialect, Unreadable
from reelgraph.video_tools.editing.apart import apart
from reelgraph.video_tools.editing.containers import open_media, picture_stream
from reelgraph.video_tools.editing.media import MediaFacts, decode, probe, read_sound
from reelgraph.video_tools.errors import InvalidRequest


def fetch_video(server: Dialect, id: str, most_bytes: int) -> tuple[Path, MediaFacts]:
    """Fetch a finished job's file, and return it with what it is; the caller takes it over and deletes it.

    Raises:
        Unreadable: It did not come, not whole, or is no video.
        NoSuchJob: The server no longer has it.
        PermanentFailure: It is larger than `most_bytes`, or somewhere that is not looked at.
    """
    handle, name = tempfile.mkstemp(prefix="reelgraph-", suffix=".mp4")
    os.close(handle)
    path = Path(name)
    try:
        server.fetch(id, path, most_bytes)
        try:
            facts, promised = apart(read_through, path)
        except InvalidRequest as error:
            raise Unreadable(f"{server.base_url} sent no video for job {id}: {error}") from error
        if not facts.width or facts.frames < promised:
            raise Unreadable(f"{server.base_url} sent {facts.frames} of {promised} frames for job {id}")
    except BaseException:
        path.unlink()
        raise
    return path, facts


def read_through(path: Path) -> tuple[MediaFacts, int]:
    """Decode a file from end to end, and return what it is and how many pictures its header promises.

    Done apart, so that what ends a decoder is known before the take is read here.
    """
    with open_media(path) as container:
        stream = picture_stream(container)
        promised = stream.frames if stream else 0
    for _ in decode(path):
        pass
    read_sound(path)
    return probe(path), promised
