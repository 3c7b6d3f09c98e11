"""The pictures of a transition, in YUV as they are stored: nothing is converted twice."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from reelgraph.video_tools.editing.footage import planes


@dataclass(frozen=True)
class Mix:
    """A stretch of a transition: frames `first` and on of its `frames`."""

    kind: Literal["cut", "crossfade", "dip_black", "dip_white", "wipe", "push"]
    first: int
    frames: int


def mixed(out: np.ndarray, into: np.ndarray, mix: Mix, place: int) -> np.ndarray:
    """Show frame `place` of a transition between two pictures, `(height * 3 / 2, width) uint8` yuv420p.

    The share of the incoming picture is `(place + 1) / (frames + 1)`: it is never 0 or 1, so every frame of the
    transition belongs to it, and it is the same read backwards.
    """
    share = (place + 1) / (mix.frames + 1)
    if mix.kind == "crossfade":
        import cv2

        return cv2.addWeighted(out, 1 - share, into, share, 0.0)
    width = out.shape[1]
    edge = 2 * round(width * share / 2)
    result = np.empty_like(out)
    for target, old, new in zip(planes(result), planes(out), planes(into), strict=True):
        x = edge * target.shape[1] // width
        if mix.kind == "wipe":  # the incoming picture is uncovered from the left
            target[:, :x], target[:, x:] = new[:, :x], old[:, x:]
        else:  # push: it comes in from the right and pushes the other out to the left
            stays = target.shape[1] - x
            target[:, :stays], target[:, stays:] = old[:, x:], new[:, :x]
    return result


def dipped(image: np.ndarray, mix: Mix, place: int) -> np.ndarray:
    """Show frame `place` of a dip: the picture sinks into black or white until the middle, or rises out of it."""
    import cv2

    colour = np.full_like(image, 128)
    planes(colour)[0][:] = 16 if mix.kind == "dip_black" else 235
    share = dip_share(mix.frames, place)
    return cv2.addWeighted(image, share, colour, 1 - share, 0.0)


def dip_share(frames: int, place: int) -> float:
    """Return how much of the picture is left in frame `place` of a dip: 0 at its middle, towards 1 at both ends."""
    return abs(2 * place + 1 - frames) / (frames + 1)
