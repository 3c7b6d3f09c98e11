"""The pictures of a transition, in YUV as they are stored: nothing is converted twice."""

from dataclasses import dataclass
from typing import Literal

import av
import numpy as np

from reelgraph.video_tools.editing.footage import BLACK, WHITE, blank, planes


@dataclass(frozen=True)
class Mix:
    """A stretch of a transition: frames `first` and on of its `frames`."""

    kind: Literal["cut", "crossfade", "dip_black", "dip_white", "wipe", "push"]
    first: int
    frames: int


def mixed(out: av.VideoFrame, into: av.VideoFrame, mix: Mix, place: int) -> av.VideoFrame:
    """Show frame `place` of a transition between two yuv420p pictures.

    The share of the incoming picture is `(place + 1) / (frames + 1)`: it is never 0 or 1, so every frame of the
    transition belongs to it, and it is the same read backwards.
    """
    import cv2

    share = (place + 1) / (mix.frames + 1)
    width = out.width
    edge = 2 * round(width * share / 2)
    result = blank(width, out.height)
    for target, old, new in zip(planes(result), planes(out), planes(into), strict=True):
        x = edge * target.shape[1] // width
        if mix.kind == "crossfade":
            cv2.addWeighted(old, 1 - share, new, share, 0.0, dst=target)
        elif mix.kind == "wipe":  # the incoming picture is uncovered from the left
            target[:, :x], target[:, x:] = new[:, :x], old[:, x:]
        else:  # push: it comes in from the right and pushes the other out to the left
            stays = target.shape[1] - x
            target[:, :stays], target[:, stays:] = old[:, x:], new[:, :x]
    return result


def dipped(frame: av.VideoFrame, mix: Mix, place: int) -> av.VideoFrame:
    """Show frame `place` of a dip: the picture sinks into black or white until the middle, or rises out of it."""
    import cv2

    share = dip_share(mix.frames, place)
    result = blank(frame.width, frame.height)
    for target, source, ground in zip(
        planes(result), planes(frame), BLACK if mix.kind == "dip_black" else WHITE, strict=True
    ):
        cv2.addWeighted(source, share, np.full_like(source, ground), 1 - share, 0.0, dst=target)
    return result


def dip_share(frames: int, place: int) -> float:
    """Return how much of the picture is left in frame `place` of a dip: 0 at its middle, towards 1 at both ends."""
    return abs(2 * place + 1 - frames) / (frames + 1)
