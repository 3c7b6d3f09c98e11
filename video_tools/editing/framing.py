"""Effects on where the picture is and how it comes and goes."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.editing.effects import curve, rounded, within
from reelgraph.video_tools.errors import InvalidRequest


@dataclass(frozen=True)
class Crop:
    """Show a part of the picture, enlarged to the whole: `left`, `top` and `width` in shares of the picture."""

    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    timed: ClassVar[bool] = False

    def __post_init__(self) -> None:
        within("crop", "width", self.width, 0.05, 1)
        within("crop", "left", self.left, 0, 1 - self.width)
        within("crop", "top", self.top, 0, 1 - self.width)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Cut out and enlarge, keeping the picture's shape."""
        return _window(image, self.left, self.top, self.width)


@dataclass(frozen=True)
class PanZoom:
    """Move over the picture without a tremor: from one centre and zoom to another, easing in and out.

    Centres are shares of the picture; a zoom of 2 shows half its width. `begin` and `end` are shares of the move: the
    clip shows what lies between them.
    """

    from_x: float = 0.5
    from_y: float = 0.5
    from_zoom: float = 1.0
    to_x: float = 0.5
    to_y: float = 0.5
    to_zoom: float = 1.2
    begin: float = 0.0
    end: float = 1.0
    timed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for name in ("from_zoom", "to_zoom"):
            within("pan_zoom", name, getattr(self, name), 1, 20)
        for name in ("from_x", "from_y", "to_x", "to_y"):
            within("pan_zoom", name, getattr(self, name), 0, 1)
        within("pan_zoom", "begin", self.begin, 0, 1)
        within("pan_zoom", "end", self.end, self.begin, 1)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Show the window that is due at this place; it never leaves the picture."""
        place = self._place(at, frames)
        share = (1 - math.cos(math.pi * place)) / 2
        zoom = self.from_zoom * (self.to_zoom / self.from_zoom) ** share
        width = 1 / zoom
        x = self.from_x + (self.to_x - self.from_x) * share
        y = self.from_y + (self.to_y - self.from_y) * share
        return _window(image, min(max(x - width / 2, 0), 1 - width), min(max(y - width / 2, 0), 1 - width), width)

    def halves(self, at: int, frames: int) -> "tuple[PanZoom, PanZoom]":
        """Return the first half of the move, and the rest."""
        return replace(self, end=self._place(at - 1, frames)), replace(self, begin=self._place(at, frames))

    def _place(self, at: int, frames: int) -> float:
        # Rounding may pass the end by the last bit, and then a half would begin behind where it ends.
        return min(self.end, self.begin + (self.end - self.begin) * at / max(1, frames - 1))


@dataclass(frozen=True)
class Mirror:
    """Swap left and right."""

    timed: ClassVar[bool] = False

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Turn the picture about its vertical axis."""
        return np.ascontiguousarray(image[:, ::-1])


@dataclass(frozen=True)
class Blur:
    """Soften: `radius` is the standard deviation in shares of the picture's width."""

    radius: float
    timed: ClassVar[bool] = False

    def __post_init__(self) -> None:
        within("blur", "radius", self.radius, 0, 0.2)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Blur with a Gaussian."""
        import cv2

        return image if not self.radius else cv2.GaussianBlur(image, (0, 0), self.radius * image.shape[1])


@dataclass(frozen=True)
class FadeIn:
    """Rise out of black at the start of the clip."""

    frames: int
    timed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        within("fade_in", "frames", self.frames, 1, 480)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Dim the first frames; the first is nearly black."""
        return _dimmed(image, (at + 1) / (self.frames + 1))

    def halves(self, at: int, frames: int) -> "tuple[FadeIn, None]":
        """Return the fade for the earlier half, and none.

        Raises:
            InvalidRequest: The picture is still rising there.
        """
        if at < self.frames:
            raise InvalidRequest(
                f"the fade_in of {self.frames} frames cannot be divided: split behind it, or take it off (`effects`)"
            )
        return self, None


@dataclass(frozen=True)
class FadeOut:
    """Sink into black at the end of the clip."""

    frames: int
    timed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        within("fade_out", "frames", self.frames, 1, 480)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Dim the last frames; the last is nearly black."""
        return _dimmed(image, (frames - at) / (self.frames + 1))

    def halves(self, at: int, frames: int) -> "tuple[None, FadeOut]":
        """Return none, and the fade for the later half.

        Raises:
            InvalidRequest: The picture is already sinking there.
        """
        if frames - at < self.frames:
            raise InvalidRequest(
                f"the fade_out of {self.frames} frames cannot be divided: split before it, or take it off (`effects`)"
            )
        return None, self


def _dimmed(image: np.ndarray, share: float) -> np.ndarray:
    return image if share >= 1 else curve(rounded(np.arange(256) * share), image)


def _window(image: np.ndarray, left: float, top: float, width: float) -> np.ndarray:
    """Show a window of the picture's own shape at full size, placed to a fraction of a pixel."""
    import cv2

    height, full = image.shape[:2]
    # A pixel's centre is at half: source = window start + (x + 1/2) * width - 1/2.
    matrix = np.array(
        [[width, 0, left * full + width / 2 - 0.5], [0, width, top * height + width / 2 - 0.5]], np.float32
    )
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, matrix, (full, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
