"""A brush that draws on a sheet in the measure of the thing that it draws."""

from collections.abc import Callable

from reelgraph.video_tools.panels.colours import INK, RGB
from reelgraph.video_tools.panels.sheet import Point, Sheet


class Brush:
    """Draws on a sheet in a thing's own measure: (0, 0) on its base, 1 its height, v upwards, u the way it faces.

    Points are written as in SVG: `"u,v u,v u,v"`.
    """

    def __init__(
        self,
        sheet: Sheet,
        x: float,
        base: float,
        size: float,
        *,
        facing: int = 1,
        line: float = 0.7,
        light: Callable[[RGB], RGB] | None = None,
    ) -> None:
        """Hold a brush to a sheet.

        Args:
            sheet: What to draw on.
            x: Units of the thing's middle.
            base: Units of its base.
            size: Its height in units.
            facing: 1 to the right, -1 to the left: mirrors the drawing.
            line: Width of the ink, in units.
            light: Turns a colour into what the scene's light makes of it; what shines is drawn with `lit=False`.
        """
        self.sheet = sheet
        self.x, self.base, self.size, self.facing, self.ink = x, base, size, facing, line
        self._light = light

    def at(self, u: float, v: float) -> Point:
        """Return the stage units of a point of the thing."""
        return self.x + u * self.size * self.facing, self.base - v * self.size

    def _colour(self, fill: RGB | None, lit: bool, alpha: int) -> tuple[int, ...] | None:
        if fill is None:
            return None
        return (*(self._light(fill) if self._light is not None and lit else fill), alpha)

    def shape(
        self,
        path: str,
        fill: RGB | None,
        *,
        smooth: bool = False,
        ink: bool = True,
        thin: float = 1.0,
        lit: bool = True,
        alpha: int = 255,
    ) -> None:
        """Fill and outline a closed shape; `thin` scales the outline's width."""
        self.sheet.shape(
            [self.at(u, v) for u, v in points(path)],
            self._colour(fill, lit, alpha),
            smooth=smooth,
            ink=INK if ink else None,
            width=self.ink * thin,
            wobble=min(0.25, 0.012 * self.size),
        )

    def smooth(self, path: str, fill: RGB | None, *, ink: bool = True, thin: float = 1.0, lit: bool = True) -> None:
        """Fill and outline the smooth shape through some points."""
        self.shape(path, fill, smooth=True, ink=ink, thin=thin, lit=lit)

    def box(self, u: float, v: float, w: float, h: float, fill: RGB, *, thin: float = 1.0, lit: bool = True) -> None:
        """Draw an upright box whose base is centred on (u, v)."""
        a, b = u - w / 2, u + w / 2
        self.shape(f"{a},{v} {a},{v + h} {b},{v + h} {b},{v}", fill, thin=thin, lit=lit)

    def ellipse(
        self,
        u: float,
        v: float,
        ru: float,
        rv: float,
        fill: RGB | None,
        *,
        ink: bool = True,
        thin: float = 1.0,
        turn: float = 0.0,
        lit: bool = True,
        alpha: int = 255,
    ) -> None:
        """Draw an ellipse about (u, v), turned by degrees."""
        self.sheet.ellipse(
            *self.at(u, v),
            ru * self.size,
            rv * self.size,
            self._colour(fill, lit, alpha),
            ink=INK if ink else None,
            width=self.ink * thin,
            turn=turn * self.facing,
        )

    def line(self, path: str, colour: RGB = INK, *, thick: float = 0.0, thin: float = 1.0, smooth: bool = True) -> None:
        """Draw an open line, of ink width or `thick` (of the thing's height) wide."""
        colour = self._light(colour) if self._light is not None and colour != INK else colour
        self.sheet.line(
            [self.at(u, v) for u, v in points(path)],
            colour,
            width=max(self.ink * thin, thick * self.size),
            smooth=smooth,
            wobble=min(0.2, 0.01 * self.size),
        )


def points(path: str) -> list[Point]:
    """Read points written as `"x,y x,y"`."""
    return [(float(x), float(y)) for x, _, y in (pair.partition(",") for pair in path.split())]
