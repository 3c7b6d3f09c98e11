"""A transparent sheet to draw on with ink and flat colour, and the layers that a panel is stacked from.

All drawing is in stage units: the picture is 100 units high and `100 * width / height` wide, its upper left corner at
(0, 0). Sheets reach past the picture on every side, so that the camera has somewhere to go.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from reelgraph.video_tools.panels.colours import INK

Point = tuple[float, float]
Sway = Callable[[float], tuple[float, float, float]]
ABOVE, BELOW = 42.0, 42.0  # units that sheets reach above and below the picture
BESIDE = 0.58  # of the picture's width that sheets reach to each side


@dataclass(frozen=True)
class Layer:
    """One plane of the stage.

    Attributes:
        pixels: `(height, width, 4) uint8`, RGBA with colour premultiplied by alpha.
        left: Stage units of its left edge.
        top: Stage units of its upper edge.
        scale: Pixels a stage unit.
        depth: How much it moves when the camera travels: 0 at the horizon, 1 at the figures, more in front of them.
        sway: Seconds into the take -> (right, down, clockwise degrees) that it has moved by itself, in units.
        pivot: What it turns about.
    """

    pixels: np.ndarray
    left: float
    top: float
    scale: float
    depth: float
    sway: Sway | None = None
    pivot: Point = (0.0, 0.0)


class Sheet:
    """A transparent sheet in stage units, inked with a slightly unsteady hand."""

    def __init__(self, box: tuple[float, float, float, float], pixels_per_unit: float, hand: random.Random) -> None:
        """Lay out a sheet.

        Args:
            box: Left, top, right, bottom in units.
            pixels_per_unit: Of the finished layer.
            hand: The unsteadiness; the same state draws the same lines.
        """
        self.box = box
        self.hand = hand
        self._finished = pixels_per_unit
        self._oversampling = 2 if pixels_per_unit <= 8 else 1
        self._scale = pixels_per_unit * self._oversampling
        size = (round((box[2] - box[0]) * self._scale), round((box[3] - box[1]) * self._scale))
        even = self._oversampling
        self.image = Image.new("RGBA", (max(even, size[0] // even * even), max(even, size[1] // even * even)))
        self._pen = ImageDraw.Draw(self.image)

    def _at(self, points: Sequence[Point], wobble: float) -> list[Point]:
        left, top = self.box[:2]
        shake = (
            [(self.hand.random() - 0.5, self.hand.random() - 0.5) for _ in points]
            if wobble
            else [(0.0, 0.0)] * len(points)
        )
        return [
            ((x - left + dx * wobble) * self._scale, (y - top + dy * wobble) * self._scale)
            for (x, y), (dx, dy) in zip(points, shake, strict=True)
        ]

    def shape(
        self,
        points: Sequence[Point],
        fill: tuple[int, ...] | None,
        *,
        smooth: bool = False,
        ink: tuple[int, ...] | None = INK,
        width: float = 0.7,
        wobble: float = 0.25,
    ) -> None:
        """Fill a closed shape and ink its outline.

        Args:
            points: Corners, or points that a smooth curve runs through.
            fill: Colour, with alpha if four numbers; None for the outline alone.
            smooth: Whether to run a curve through the points.
            ink: Colour of the outline; None for none.
            width: Of the outline, in units.
            wobble: How far the hand strays, in units.
        """
        path = self._at(points, wobble)
        if smooth:
            path = curve(path, closed=True)
        if fill is not None and len(fill) == 4 and fill[3] < 255:
            self._glaze(path, fill)
        elif fill is not None:
            self._pen.polygon(path, fill)
        if ink is not None:
            self._pen.line([*path, path[0], path[1]], ink, max(1, round(width * self._scale)), joint="curve")

    def _glaze(self, path: Sequence[Point], fill: tuple[int, ...]) -> None:
        """Lay a translucent shape over what is there; the pen alone would replace it."""
        xs, ys = zip(*path, strict=True)
        left, top = max(0, int(min(xs))), max(0, int(min(ys)))
        right, bottom = min(self.image.width, int(max(xs)) + 2), min(self.image.height, int(max(ys)) + 2)
        if left >= right or top >= bottom:
            return
        glaze = Image.new("RGBA", (right - left, bottom - top), (*fill[:3], 0))
        ImageDraw.Draw(glaze).polygon([(x - left, y - top) for x, y in path], fill)
        self.image.alpha_composite(glaze, (left, top))

    def line(
        self,
        points: Sequence[Point],
        colour: tuple[int, ...] = INK,
        *,
        width: float = 0.7,
        smooth: bool = False,
        wobble: float = 0.25,
    ) -> None:
        """Draw an open line through points."""
        path = self._at(points, wobble)
        if smooth and len(path) > 2:
            path = curve(path, closed=False)
        self._pen.line(path, colour, max(1, round(width * self._scale)), joint="curve")

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        fill: tuple[int, ...] | None,
        *,
        ink: tuple[int, ...] | None = INK,
        width: float = 0.7,
        wobble: float = 0.0,
        turn: float = 0.0,
    ) -> None:
        """Draw an ellipse about (x, y), turned clockwise by `turn` degrees."""
        c, s = cos(turn * pi / 180), sin(turn * pi / 180)
        ring = [(rx * cos(k * pi / 24), ry * sin(k * pi / 24)) for k in range(48)]
        self.shape([(x + u * c - v * s, y + u * s + v * c) for u, v in ring], fill, ink=ink, width=width, wobble=wobble)

    def blur(self, radius: float) -> None:
        """Soften what has been drawn so far, by a radius in units."""
        soft = self.image.convert("RGBa").filter(ImageFilter.GaussianBlur(radius * self._scale))
        self.image = soft.convert("RGBA")
        self._pen = ImageDraw.Draw(self.image)

    def layer(
        self,
        depth: float,
        sway: Sway | None = None,
        pivot: Point = (0.0, 0.0),
    ) -> Layer | None:
        """Finish the sheet as a layer, cut to what was drawn; None if nothing was."""
        small = self.image.convert("RGBa")
        if self._oversampling > 1:
            small = small.reduce(self._oversampling)
        bounds = small.getchannel("a").getbbox()
        if bounds is None:
            return None
        pixels = np.ascontiguousarray(np.asarray(small)[bounds[1] : bounds[3], bounds[0] : bounds[2]])
        left, top = self.box[0] + bounds[0] / self._finished, self.box[1] + bounds[1] / self._finished
        return Layer(pixels, left, top, self._finished, depth, sway, pivot)


def curve(points: Sequence[Point], *, closed: bool, steps: int = 8) -> list[Point]:
    """Run a smooth curve through points.

    Source: uniform Catmull-Rom spline (E. Catmull and R. Rom, "A class of local interpolating splines", 1974).
    """
    n = len(points)
    path = []
    for i in range(n if closed else n - 1):
        if closed:
            p0, p1, p2, p3 = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[min(max(i + k, 0), n - 1)] for k in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            path.append(
                tuple(
                    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
                    for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
                )
            )
    if not closed:
        path.append(tuple(points[-1]))
    return path  # type: ignore[return-value]  # tuples of two, as zip of two made them
