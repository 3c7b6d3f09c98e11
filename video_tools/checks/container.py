"""What a media file says about itself, and its frames and sound for the checks, decoded once."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import av.error
import numpy as np

from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.editing.apart import alive
from reelgraph.video_tools.editing.containers import picture_stream

if TYPE_CHECKING:
    from av.container import InputContainer


@dataclass(frozen=True)
class Container:
    """What a file declares; the empty string, 0 or None where it declares nothing.

    Attributes:
        format: The container, as the library names it.
        codec: Of the picture.
        width: Pixels.
        height: Pixels.
        pixel_format: Such as `yuv420p`.
        rate: Frames a second, on average.
        frames: Frames that it says it has; 0 where it does not say.
        picture_start: When the first picture is shown, in seconds.
        picture_seconds: How long the picture lasts.
        colour: Primaries, transfer and matrix, as the numbers of ITU-T H.273 (2 is unspecified).
        full_range: Whether luma takes all codes.
        sound_codec: Of the sound.
        sample_rate: Samples a second.
        channels: Of the sound.
        sound_start: When the sound begins, in seconds.
        sound_seconds: How long the sound lasts.
        pictures: Picture streams.
        sounds: Sound streams.
        others: Other streams.
        faststart: Whether the index comes before the media; None where the format has no such order.
    """

    format: str
    codec: str = ""
    width: int = 0
    height: int = 0
    pixel_format: str = ""
    rate: Fraction = Fraction(0)
    frames: int = 0
    picture_start: float | None = None
    picture_seconds: float | None = None
    colour: tuple[int, int, int] = (2, 2, 2)
    full_range: bool = False
    sound_codec: str = ""
    sample_rate: int = 0
    channels: int = 0
    sound_start: float | None = None
    sound_seconds: float | None = None
    pictures: int = 0
    sounds: int = 0
    others: int = 0
    faststart: bool | None = None


def container_of(media: "InputContainer", path: Path) -> Container:
    """Read what an open file declares, without decoding it."""
    facts: dict[str, Any] = {
        "format": media.format.name,
        "pictures": len(media.streams.video),
        "sounds": len(media.streams.audio),
        "others": len(media.streams) - len(media.streams.video) - len(media.streams.audio),
    }
    stream = picture_stream(media)
    if stream is not None:
        context = stream.codec_context
        facts |= {
            "codec": context.name,
            "width": context.width,
            "height": context.height,
            "pixel_format": context.pix_fmt or "",
            "rate": Fraction(stream.average_rate or 0),
            "frames": stream.frames,
            "picture_start": _seconds(stream.start_time, stream.time_base),
            "picture_seconds": _seconds(stream.duration, stream.time_base),
            "colour": (int(context.color_primaries), int(context.color_trc), int(context.colorspace)),
            "full_range": int(context.color_range) == 2 or (context.pix_fmt or "").startswith("yuvj"),
        }
    if media.streams.audio:
        sound = media.streams.audio[0]
        facts |= {
            "sound_codec": sound.codec_context.name,
            "sample_rate": sound.codec_context.sample_rate or 0,
            "channels": sound.codec_context.channels,
            "sound_start": _seconds(sound.start_time, sound.time_base),
            "sound_seconds": _seconds(sound.duration, sound.time_base),
        }
    return Container(faststart=faststart(path), **facts)


def _seconds(value: int | None, base: Fraction | None) -> float | None:
    return None if value is None or base is None else float(value * base)


def faststart(path: Path) -> bool | None:
    """Tell whether `moov` comes before `mdat`.

    Source: ISO/IEC 14496-12, boxes: a 32-bit length and a type; length 1 means that a 64-bit length follows.
    """
    with path.open("rb") as file:
        at, size = 0, path.stat().st_size
        while at + 8 <= size:
            file.seek(at)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if at == 0 and kind not in (b"ftyp", b"moov", b"wide", b"free", b"mdat"):
                return None
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if length < 8:
                return None
            at += length
    return None


@dataclass(frozen=True)
class Planes:
    """A decoded picture: its three 8-bit planes, or RGB where it is stored so."""

    planes: tuple[Array, Array, Array] | None
    rgb: Array | None
    full_range: bool
    bt601: bool


# More than there are cores, so that the decoder gets on where a picture leans on one that is not ready.
_THREADS = min(16, (os.cpu_count() or 1) + 2)


def decode_planes(media: "InputContainer", container: Container, *, threads: int = _THREADS) -> Iterator[Planes | str]:
    """Decode the pictures of an open file, one by one; a string is the reason why the rest cannot be read.

    Deeper formats (10 bits and more) are brought to 8 bits; planes are views of the decoder's frame, which lives as
    long as one of them.

    Args:
        media: The file.
        container: What it declares.
        threads: Of the decoder; each decodes one picture more than is asked for.
    """
    stream = picture_stream(media)
    if stream is None:
        return
    stream.thread_type = "AUTO"
    stream.thread_count = threads
    # Source: what players assume of untagged video: BT.601 below 720 lines (ITU-R BT.601), else BT.709.
    bt601 = container.colour[2] in (5, 6) or (container.colour[2] == 2 and container.height < 720)
    try:
        for frame in media.decode(stream):
            alive()
            name = frame.format.name
            if name.startswith(("rgb", "bgr", "gbr", "pal", "gray", "rgba", "argb", "abgr")):
                yield Planes(None, frame.to_ndarray(format="rgb24"), True, bt601)
                continue
            if name not in ("yuv420p", "yuvj420p"):
                frame = frame.reformat(format="yuv420p")
            yield Planes(tuple(map(_plane, frame.planes)), None, container.full_range, bt601)  # type: ignore[arg-type]  # three planes
    except (av.error.FFmpegError, OSError) as error:
        yield f"{getattr(error, 'strerror', '') or error}"


def _plane(plane: Any) -> Array:
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
