"""Pictures of any media file as a film can use them: upright, square pixels, timed from the first one."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from reelgraph.video_tools.editing.containers import decoded
from reelgraph.video_tools.editing.media import read_png
from reelgraph.video_tools.editing.profile import BT709, LIMITED


def pictures(path: Path) -> Iterator[tuple[Fraction, av.VideoFrame, Fraction]]:
    """Decode a file's pictures, turned upright.

    Yields:
        Seconds after the first picture, the picture, and the width over height of its pixels.
    """
    if path.suffix.lower() == ".png":
        yield Fraction(0), av.VideoFrame.from_ndarray(read_png(path), format="rgb24"), Fraction(1)
        return
    start: Fraction | None = None
    for frame, stream in decoded(path):
        aspect = Fraction(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or 1) or Fraction(1)
        at = Fraction(frame.pts or 0) * (frame.time_base or 0)
        start = at if start is None else start
        turned = upright(frame)
        yield at - start, turned, 1 / aspect if frame.rotation % 180 else aspect


def upright(frame: av.VideoFrame) -> av.VideoFrame:
    """Turn a picture by what its container says."""
    quarters = round(frame.rotation / 90) % 4
    if not quarters:
        return frame
    planar = frame.reformat(format="yuv444p")
    turned = np.rot90(planar.to_ndarray().astype(np.uint8, copy=False), quarters, axes=(1, 2))
    result = av.VideoFrame.from_ndarray(np.ascontiguousarray(turned), format="yuv444p")
    result.colorspace, result.color_range = planar.colorspace, planar.color_range
    return result


def fit(frame: av.VideoFrame, aspect: Fraction, width: int, height: int) -> av.VideoFrame:
    """Scale a picture into a size without changing its shape; what it does not cover is black.

    Args:
        frame: The picture.
        aspect: Width over height of one of its pixels.
        width: Of the result, even.
        height: Of the result, even.

    Returns:
        A yuv420p, BT.709 frame.
    """
    shape = Fraction(frame.width) * aspect / frame.height
    inner = (width, even(width / shape)) if shape >= Fraction(width, height) else (even(height * shape), height)
    inner = (max(2, min(inner[0], width)), max(2, min(inner[1], height)))
    scaled = frame.reformat(
        *inner, format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED, interpolation="BICUBIC"
    )
    if inner == (width, height):
        return scaled
    left, top = (width - inner[0]) // 4 * 2, (height - inner[1]) // 4 * 2
    canvas = np.empty((height * 3 // 2, width), np.uint8)
    canvas[:height], canvas[height:] = 16, 128
    for (x, y, w, h), target, source in zip(
        ((left, top, *inner), *[(left // 2, top // 2, inner[0] // 2, inner[1] // 2)] * 2),
        planes(canvas),
        planes(scaled.to_ndarray()),
        strict=True,
    ):
        target[y : y + h, x : x + w] = source
    return as_frame(canvas)


def planes(image: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split PyAV's `(height * 3 / 2, width) uint8` form of yuv420p into views of Y, U and V."""
    height, width = image.shape[0] * 2 // 3, image.shape[1]
    chroma = image[height:].reshape(2, height // 2, width // 2)
    return image[:height], chroma[0], chroma[1]


def as_frame(image: np.ndarray) -> av.VideoFrame:
    """Make a frame of `(height * 3 / 2, width) uint8` yuv420p, BT.709, limited range."""
    frame = av.VideoFrame.from_ndarray(image, format="yuv420p")
    frame.colorspace, frame.color_range = BT709, LIMITED
    return frame


def even(value: Fraction | float) -> int:
    """Return the even number nearest to a value."""
    return 2 * round(value / 2)
