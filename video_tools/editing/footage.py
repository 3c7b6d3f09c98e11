"""Pictures of any media file as a film can use them: upright, whole, opaque, timed from the first one."""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from reelgraph.video_tools.editing.containers import decoded
from reelgraph.video_tools.editing.profile import BT709, LIMITED
from reelgraph.video_tools.editing.stills import is_still, read_still
from reelgraph.video_tools.editing.tone import is_hdr, tone_mapped

# What an untagged picture is taken to be: BT.709 from 720 lines up, BT.601 below. Source: the practice of players, and
# of ITU-R BT.709 and BT.601, which are for those sizes. The numbers are H.273's (2: unspecified, 3: reserved).
_UNTAGGED = (2, 3)
_BT601 = 6

# Y, U and V. Source: ITU-R BT.709-6, 3.5.
BLACK, WHITE = (16, 128, 128), (235, 128, 128)


def pictures(path: Path) -> Iterator[tuple[Fraction, av.VideoFrame, Fraction]]:
    """Decode a file's pictures as they are meant to be seen: upright, whole frames, opaque, in standard range.

    Yields:
        Seconds after the first picture, the picture, and the width over height of its pixels.
    """
    if is_still(path):
        yield Fraction(0), av.VideoFrame.from_ndarray(read_still(path), format="rgb24"), Fraction(1)
        return
    start: Fraction | None = None
    aspect = Fraction(1)

    def stored() -> Iterator[av.VideoFrame]:
        nonlocal aspect
        for frame, stream in decoded(path):
            shape = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
            aspect = Fraction(shape or 1) or Fraction(1)
            yield frame

    for frame in progressive(stored()):
        at = Fraction(frame.pts or 0) * (frame.time_base or 0)
        start = at if start is None else start
        yield at - start, upright(opaque(frame)), 1 / aspect if frame.rotation % 180 else aspect


def sampled(path: Path, frames: int, rate: Fraction, width: int, height: int) -> Iterator[av.VideoFrame]:
    """Show, in each of `frames` frames, the picture that a file shows in the middle of it; the last one is held."""
    source = pictures(path)
    current = next(source)
    following = next(source, None)
    fitted: av.VideoFrame | None = None
    scaler = VideoReformatter()  # kept, so that its tables are made once
    for number in range(frames):
        middle = (number + Fraction(1, 2)) / rate
        while following is not None and following[0] <= middle:
            current, fitted = following, None
            following = next(source, None)
        if fitted is None:
            fitted = fit(current[1], current[2], width, height, scaler)
        yield fitted


def progressive(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Make whole pictures of interlaced ones; others pass as they are."""
    first = list(islice(frames, 3))
    frames = chain(first, frames)
    if not any(frame.interlaced_frame for frame in first):
        yield from frames
        return
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=first[0].width, height=first[0].height, format=first[0].format, time_base=first[0].time_base
    )
    weave = graph.add("bwdif", "mode=send_frame:deint=interlaced")
    sink = graph.add("buffersink")
    source.link_to(weave)
    weave.link_to(sink)
    graph.configure()
    for frame in chain(frames, [None]):
        graph.push(frame)
        with suppress(av.BlockingIOError, av.EOFError):
            while True:
                yield graph.vpull()


def opaque(frame: av.VideoFrame) -> av.VideoFrame:
    """Bring a picture to eight bits in standard range, over black where it is transparent."""
    if is_hdr(frame):
        turned = tone_mapped(frame)
        turned.pts, turned.time_base = frame.pts, frame.time_base
        return turned
    name = frame.format.name
    if name == "pal8" or "a" in name.removeprefix("gray").removeprefix("bayer"):
        # rgba, argb, bgra, yuva420p, ya8, gbrap and their deeper forms; no opaque format has an a
        rgba = frame.to_ndarray(format="rgba").astype(np.uint16)
        flat = (rgba[..., :3] * rgba[..., 3:] + 127) // 255
        return av.VideoFrame.from_ndarray(flat.astype(np.uint8), format="rgb24")
    if int(frame.colorspace) in _UNTAGGED and not name.startswith(("rgb", "bgr", "gbr")):
        frame.colorspace = BT709 if frame.height >= 720 else _BT601
    return frame


def upright(frame: av.VideoFrame) -> av.VideoFrame:
    """Turn a picture by what its container says."""
    quarters = round(frame.rotation / 90) % 4
    if not quarters:
        return frame
    planar = frame.reformat(format="yuv444p", dst_colorspace=BT709, dst_color_range=LIMITED)
    turned = np.rot90(planar.to_ndarray().astype(np.uint8, copy=False), quarters, axes=(1, 2))
    result = av.VideoFrame.from_ndarray(np.ascontiguousarray(turned), format="yuv444p")
    result.colorspace, result.color_range = BT709, LIMITED
    return result


def fit(
    frame: av.VideoFrame, aspect: Fraction, width: int, height: int, scaler: VideoReformatter | None = None
) -> av.VideoFrame:
    """Scale a picture into a size without changing its shape; what it does not cover by a pixel or more is black.

    Args:
        frame: The picture.
        aspect: Width over height of one of its pixels.
        width: Of the result, even.
        height: Of the result, even.
        scaler: What scales, where there are many.

    Returns:
        A yuv420p, BT.709 frame.
    """
    if aspect == 1 and (frame.width - width, frame.height - height) in ((1, 0), (0, 1), (1, 1)):
        # An odd side loses its last column or row rather than being scaled by a fraction of a per cent, which blurs.
        whole = (
            frame.reformat(format="yuv444p", dst_colorspace=BT709, dst_color_range=LIMITED)
            .to_ndarray()
            .astype(np.uint8, copy=False)
        )
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(whole[:, :height, :width]), format="yuv444p")
        frame.colorspace, frame.color_range = BT709, LIMITED
    shape = Fraction(frame.width) * aspect / frame.height
    inner = (width, even(width / shape)) if shape >= Fraction(width, height) else (even(height * shape), height)
    inner = (max(2, min(inner[0], width)), max(2, min(inner[1], height)))
    if (width - inner[0]) * frame.width < width and (height - inner[1]) * frame.height < height:
        inner = (width, height)  # a bar thinner than one of its own pixels is but the rounding of its size
    scaled = (scaler or VideoReformatter()).reformat(
        frame, *inner, format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED, interpolation="BICUBIC",
        threads=1,  # the encoder has the others
    )  # fmt: skip
    if inner == (width, height):
        return scaled
    left, top = (width - inner[0]) // 4 * 2, (height - inner[1]) // 4 * 2
    canvas = blank(width, height)
    for (x, y, w, h), target, source, ground in zip(
        ((left, top, *inner), *[(left // 2, top // 2, inner[0] // 2, inner[1] // 2)] * 2),
        planes(canvas),
        planes(scaled),
        BLACK,
        strict=True,
    ):
        target[:] = ground
        target[y : y + h, x : x + w] = source
    return canvas


def planes(frame: av.VideoFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Look at Y, U and V of a yuv420p frame where they are: what is written to them is in the frame."""
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    )
    return y, u, v


def blank(width: int, height: int) -> av.VideoFrame:
    """Return a frame to draw on, yuv420p, BT.709, limited range; what it shows before is anything."""
    frame = av.VideoFrame(width, height, "yuv420p")
    frame.colorspace, frame.color_range = BT709, LIMITED
    return frame


def copied(frame: av.VideoFrame) -> av.VideoFrame:
    """Return a yuv420p frame's picture as a frame of its own, which may be drawn on."""
    result = blank(frame.width, frame.height)
    for target, source in zip(planes(result), planes(frame), strict=True):
        target[:] = source
    return result


def even(value: Fraction | float) -> int:
    """Return the even number nearest to a value."""
    return 2 * round(value / 2)
