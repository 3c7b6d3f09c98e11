"""Measure a film again at the cost of what changed in it.

    frame    0 ........ 11 | 12 ........ 23 | 24 ...
    group    a key frame and what leans on it: the same packets decode to the same pictures
    piece    head, tail    | head, tail     |           a head is compared with the group before, a tail with its head

What was measured of each piece is kept in a file, under a key of all that determines it: the packets of its group, for
a head those of the group before, and which of its frames are looked at more closely. Where a file is not made of closed
groups, or cannot be decoded, all of it is measured, as without such a file.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.checks import flow, looks, measures, meter
from reelgraph.video_tools.checks.container import Container, decode_planes
from reelgraph.video_tools.checks.measures import Measures, Sample, sampled_every
from reelgraph.video_tools.checks.meter import WHOLE_EVERY, Meter
from reelgraph.video_tools.editing.containers import open_media, picture_stream

LEANS = 2  # frames before it that a frame is compared with: as many as a head has; a shorter group is one with the next
_BY_FRAME = [field.name for field in fields(Measures) if field.name not in ("width", "height", "samples")]


@dataclass(frozen=True)
class Piece:
    """A group's head or tail.

    Attributes:
        key: Names all that determines what is measured of it.
        first: Its first frame.
        frames: How many it has.
        start: The frame from which it is decoded, a key frame: its group's, or for a head that of the group before.
        time: When that is shown, in ticks.
    """

    key: str
    first: int
    frames: int
    start: int
    time: int

    @property
    def seen(self) -> int:
        """The frame from which it is looked at: what its own are compared with comes first."""
        return max(self.start, self.first - LEANS)

    @property
    def end(self) -> int:
        """The frame after its last one."""
        return self.first + self.frames


def measure_again(path: Path, container: Container, kept: Path) -> Measures | None:
    """Measure a film of ours, decoding only for the pieces that `kept` does not know, and keep what was measured there.

    Args:
        path: The film.
        container: What it declares.
        kept: A file of this function's own; safe to delete.

    Returns:
        The measures, to the last bit those of the whole film decoded; None where it must be, since its groups are not
        closed or do not decode.
    """
    pieces = _pieces(path, container)
    if not pieces:
        return None
    parts = _read(kept)
    known = set(parts)
    every = sampled_every(pieces[-1].end)
    halves = [half for run in _unknown(pieces, known) for half in _halves(run)]
    with ThreadPoolExecutor(2) as pool:  # decoders and OpenCV release the interpreter's lock
        for measured in pool.map(lambda half: _measured(path, container, half, every), halves):
            if measured is None:
                return None
            parts |= measured
    whole = _joined([parts[piece.key] for piece in pieces])
    if known != {piece.key for piece in pieces}:
        _write(kept, whole, pieces)
    return whole


def _pieces(path: Path, container: Container) -> list[Piece]:
    """Divide a film into heads and tails without decoding; none where a group is not closed."""
    found: list[tuple[str, list[int]]] = []  # what tells the packets of each group apart, and when they are shown
    with open_media(path, segment=True) as media:
        stream = picture_stream(media)
        if stream is None:
            return []
        for packet in media.demux(stream):
            if packet.size == 0:  # the end
                break
            if packet.pts is None or packet.is_corrupt or packet.is_discard or not (packet.is_keyframe or found):
                return []
            if packet.is_keyframe and not (found and len(found[-1][1]) < LEANS):
                found.append(("", []))
            name, stamps = found[-1]
            stamps.append(packet.pts)
            hashed = hashlib.sha256(f"{name} {packet.pts - stamps[0]} ".encode())
            hashed.update(packet)
            found[-1] = (hashed.hexdigest(), stamps)
        sets = bytes(stream.codec_context.extradata or b"")
    if any(min(stamps) != stamps[0] for _, stamps in found):
        return []  # what is shown before the key frame leans on the group before
    if any(max(ours) >= theirs[0] for (_, ours), (_, theirs) in pairwise(found)):
        return []
    form = repr((_code(), sets, container.colour, container.full_range))
    every = sampled_every(sum(len(stamps) for _, stamps in found))
    pieces: list[Piece] = []
    first, before = 0, ("", 0, found[0][1][0] if found else 0)

    def add(at: int, frames: int, start: int, time: int, *packets: str) -> None:
        closely = (at % WHOLE_EVERY, [i for i in range(frames) if (at + i) % every == 0])
        key = hashlib.sha256(repr((form, packets, closely)).encode()).hexdigest()
        if frames:
            pieces.append(Piece(key, at, frames, start, time))

    for name, stamps in found:
        head = min(LEANS, len(stamps))
        add(first, head, before[1], before[2], "head", before[0], name)
        add(first + head, len(stamps) - head, first, stamps[0], "tail", name)
        before = (name, first, stamps[0])
        first += len(stamps)
    return pieces


@cache
def _code() -> str:
    """Return a hash of the code that measures, so that nothing is taken up that was measured in another way."""
    import cv2

    sources = b"".join(Path(str(module.__file__)).read_bytes() for module in (measures, meter, looks, flow))
    return hashlib.sha256(sources + f"{cv2.__version__} {np.__version__}".encode()).hexdigest()


def _unknown(pieces: Sequence[Piece], known: set[str]) -> Iterator[list[Piece]]:
    """Gather the pieces that are not known into runs."""
    for unknown, run in groupby(pieces, key=lambda piece: piece.key not in known):
        if unknown:
            yield list(run)


def _halves(run: list[Piece]) -> Iterator[list[Piece]]:
    """Divide a run in two, to be measured side by side: before a tail, so that only its head is decoded twice."""
    middle = min(len(run), len(run) // 2 | 1)
    yield run[:middle]
    if run[middle:]:
        yield run[middle:]


def _measured(path: Path, container: Container, run: Sequence[Piece], every: int) -> dict[str, Measures] | None:
    """Measure a run of pieces; None where it does not decode to as many frames as it has packets."""
    number, seen, end = run[0].start, run[0].seen, run[-1].end
    meter = Meter(first=seen, every=every)
    with open_media(path, segment=True) as media:
        stream = picture_stream(media)
        assert stream is not None  # it has groups
        media.seek(run[0].time, stream=stream, backward=True)
        for picture in decode_planes(media, container, threads=1):  # another half is measured beside it
            if isinstance(picture, str) or picture.planes is None:
                return None
            if meter.width and picture.planes[0].shape != (meter.height, meter.width):
                return None
            if number >= seen:
                meter.see_yuv(picture.planes, full_range=picture.full_range, bt601=picture.bt601)
            number += 1
            if number == end:
                break
    if number != end:
        return None
    measures = meter.measures()
    return {piece.key: _part(measures, piece.first - seen, piece.frames, piece.first) for piece in run}


def _part(whole: Measures, at: int, frames: int, first: int) -> Measures:
    """Cut out the measures of `frames` rows from `at` on; its samples are numbered from `first` on."""
    samples = [replace(s, frame=s.frame - first) for s in whole.samples if first <= s.frame < first + frames]
    return replace(whole, samples=samples, **{name: getattr(whole, name)[at : at + frames] for name in _BY_FRAME})


def _joined(parts: Sequence[Measures]) -> Measures:
    samples: list[Sample] = []
    first = 0
    for part in parts:
        samples += [replace(sample, frame=sample.frame + first) for sample in part.samples]
        first += part.frames
    together: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _BY_FRAME}
    return replace(parts[0], samples=samples, **together)


# --- the file --------------------------------------------------------------------------------------------------------


def _read(kept: Path) -> dict[str, Measures]:
    """Read what was kept, by key; nothing where there is no such file, or it is damaged."""
    try:
        with np.load(kept, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
        samples = [Sample(int(n), *of) for n, *of in zip(*(held[f"sample_{x}"] for x in _SAMPLE), strict=True)]
        width, height = map(int, held["size"])
        whole = Measures(width=width, height=height, samples=samples, **{name: held[name] for name in _BY_FRAME})
        known, first = {}, 0
        for key, frames in zip(held["keys"].tolist(), held["frames"].tolist(), strict=True):
            known[key] = _part(whole, first, frames, first)
            first += frames
        return known
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}


_SAMPLE = ("frame", "picture", "luma")


def _write(kept: Path, whole: Measures, pieces: Sequence[Piece]) -> None:
    held: Mapping[str, object] = {
        "keys": [piece.key for piece in pieces],
        "frames": [piece.frames for piece in pieces],
        "size": (whole.width, whole.height),
        **{f"sample_{name}": [getattr(sample, name) for sample in whole.samples] for name in _SAMPLE},
        **{name: getattr(whole, name) for name in _BY_FRAME},
    }
    with staged_file(kept) as temporary, temporary.open("wb") as file:
        np.savez(file, **held)  # type: ignore[arg-type]  # all of these become arrays
