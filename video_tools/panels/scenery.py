"""Set the stage behind a panel's figures: the light of the hour, the sky, the place, and the weather before it all."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import sin

import numpy as np

from reelgraph.video_tools.panels.brush import Brush, points
from reelgraph.video_tools.panels.colours import RGB, luma, mix, rgb, shade
from reelgraph.video_tools.panels.sheet import ABOVE, BELOW, BESIDE, Layer, Point, Sheet, Sway
from reelgraph.video_tools.panels.surroundings import Hour, Seen

# Setting -> (sky or wall, distance, ground) by day, where the place has no palette.
PALETTES: dict[str, tuple[RGB, RGB, RGB]] = {
    "sea": ((176, 205, 220), (78, 126, 148), (142, 134, 112)),
    "forest": ((190, 208, 196), (88, 118, 90), (116, 122, 84)),
    "desert": ((188, 212, 222), (214, 174, 118), (226, 190, 134)),
    "street": ((190, 202, 212), (142, 132, 126), (120, 120, 124)),
    "mountain": ((178, 202, 222), (128, 138, 152), (128, 142, 102)),
    "space": ((22, 24, 44), (70, 74, 110), (112, 112, 120)),
    "sky": ((128, 180, 218), (236, 240, 244), (214, 226, 236)),
    "underwater": ((70, 150, 172), (36, 94, 118), (150, 142, 108)),
    "room": ((198, 184, 160), (170, 152, 128), (138, 108, 82)),
    "field": ((182, 208, 224), (136, 160, 112), (150, 172, 104)),
    "plain": ((214, 214, 210), (190, 190, 188), (168, 166, 162)),
}
# Hour -> (what its light turns colours towards, how far, and how bright it leaves them).
LIGHT: dict[Hour, tuple[RGB, float, float]] = {
    "day": ((255, 250, 238), 0.0, 1.0),
    "night": ((38, 56, 108), 0.46, 0.66),
    "dusk": ((206, 110, 84), 0.26, 0.84),
    "dawn": ((240, 178, 156), 0.24, 0.96),
}
# Hour -> the sky's colour at the zenith and at the horizon, and how much of it they make.
SKIES: dict[Hour, tuple[RGB, RGB, float]] = {
    "day": ((120, 164, 204), (230, 238, 238), 0.45),
    "night": ((12, 18, 44), (44, 62, 104), 0.9),
    "dusk": ((70, 66, 112), (242, 152, 96), 0.85),
    "dawn": ((130, 152, 196), (252, 206, 168), 0.8),
}
AIRLESS = {"space", "underwater"}


@dataclass
class Board:
    """The stage while it is being set.

    Attributes:
        seen: What the words ask for.
        width: Of the picture, in units.
        horizon: Units down to the horizon at rest.
        scale: How large things stand beside their size in a wide shot.
        pixels_per_unit: Pixels a unit.
        hand: The unsteady hand, seeded by the place, so that a place looks alike in every shot.
        sky: Colour of the sky or the walls.
        far: Colour of the distance, lit by the hour.
        ground: Colour of the ground, lit by the hour.
        layers: What stands, from the back to the front.
    """

    seen: Seen
    width: float
    horizon: float
    scale: float
    pixels_per_unit: float
    hand: random.Random
    sky: RGB
    far: RGB
    ground: RGB
    layers: list[Layer] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Units of the stage's left edge."""
        return -BESIDE * self.width

    @property
    def right(self) -> float:
        """Units of the stage's right edge."""
        return (1 + BESIDE) * self.width

    def sheet(self) -> Sheet:
        """Take a new sheet of the whole stage."""
        return Sheet((self.left, -ABOVE, self.right, 100 + BELOW), self.pixels_per_unit, self.hand)

    def put(self, sheet: Sheet, depth: float, sway: Sway | None = None) -> None:
        """Stand a sheet on the stage, in front of what is there."""
        if (layer := sheet.layer(depth, sway)) is not None:
            self.layers.append(layer)

    def brush(self, sheet: Sheet, x: float, base: float, size: float) -> Brush:
        """Take a brush to draw a thing, `size` units high in a wide shot, in the light of the hour."""
        return Brush(sheet, x, base, size * self.scale, light=self.lit)

    def lit(self, colour: RGB) -> RGB:
        """Return a colour as the hour's light shows it."""
        towards, share, bright = LIGHT[self.seen.hour]
        return shade(mix(colour, towards, share), bright)

    def x(self, share: float) -> float:
        """Return units for a share of the picture's width."""
        return share * self.width

    def path(self, path: str, y: float = 0.0) -> list[Point]:
        """Read points written as `"share,units"`: shares of the picture's width, and units down from `y`."""
        return [(self.x(u), y + v) for u, v in points(path)]

    def anywhere(self) -> float:
        """Return a random x on the stage."""
        return self.left + self.hand.random() * (self.right - self.left)

    def across(self, count: int) -> list[float]:
        """Return x of `count` + 1 points from edge to edge of the stage."""
        return [self.left + (self.right - self.left) * k / count for k in range(count + 1)]

    def plane(self, top: float, colour: RGB, ragged: float = 0.0) -> Sheet:
        """Lay ground or water from `top` down."""
        sheet = self.sheet()
        ridge = [
            (x, top + ragged * (sin(k * 1.7) + sin(k * 0.6 + 1) + self.hand.random() - 0.5))
            for k, x in enumerate(self.across(40))
        ]
        sheet.shape([(self.left, 100 + BELOW), *ridge, (self.right, 100 + BELOW)], colour)
        return sheet


def set_stage(
    draw: Callable[[Board], None],
    seen: Seen,
    palette: list[str],
    width: float,
    horizon: float,
    scale: float,
    pixels_per_unit: float,
    place: str,
) -> list[Layer]:
    """Draw the scenery of a panel, from the sky to the ground.

    Args:
        draw: Draws the place on the stage.
        seen: What the words ask for.
        palette: The place's colours: lightest for sky or wall, darkest for the distance, the middle one for the ground.
        width: Of the picture, in units.
        horizon: Units down to the horizon.
        scale: How large things stand beside their size in a wide shot.
        pixels_per_unit: Pixels a unit.
        place: Seeds the hand.
    """
    sky, far, ground = PALETTES[seen.setting]
    given = sorted((rgb(c) for c in palette), key=luma)
    if given:
        ground = given[len(given) // 2]
        far = given[0] if len(given) > 1 else mix(ground, far, 0.5)
        sky = given[-1] if len(given) > 2 else mix(given[-1], sky, 0.7)
    board = Board(
        seen, width, horizon, scale, pixels_per_unit, random.Random(f"{place}/{seen.setting}"), sky, far, ground
    )
    if seen.setting == "room":
        if seen.hour == "night":  # lit by lamps, and warm, whatever the sky outside does
            board.sky, board.far, board.ground = (shade(mix(c, (236, 170, 96), 0.3), 0.74) for c in (sky, far, ground))
            board.seen = replace(seen, hour="day")
        board.sky, board.far, board.ground = board.lit(board.sky), board.lit(board.far), board.lit(board.ground)
        board.seen = seen
    else:
        if "snow" in seen.weather:
            board.ground = mix(ground, (246, 248, 252), 0.75)
        board.far, board.ground = board.lit(board.far), board.lit(board.ground)
        _sky(board)
    draw(board)
    return board.layers


def _sky(b: Board) -> None:
    zenith, low, share = SKIES[b.seen.hour]
    if b.seen.setting in AIRLESS:
        zenith, low, share = shade(b.sky, 1.15), shade(b.sky, 0.7), 0.0
    zenith, low = mix(shade(b.sky, 0.86), zenith, share), mix(shade(b.sky, 1.25), low, share)
    if b.seen.weather:
        grey = shade((168, 174, 182), LIGHT[b.seen.hour][2])
        zenith, low = mix(zenith, shade(grey, 0.8), 0.6), mix(low, grey, 0.5)
    rows = round((100 + ABOVE + BELOW) * b.pixels_per_unit)
    fall = np.clip((np.arange(rows) / b.pixels_per_unit - ABOVE + 12) / (b.horizon + 12), 0, 1)[:, None] ** 1.3
    pixels = np.full((rows, round((b.right - b.left) * b.pixels_per_unit), 4), 255, np.uint8)
    pixels[..., :3] = np.rint(np.array(zenith) * (1 - fall) + np.array(low) * fall)[:, None]
    b.layers.append(Layer(pixels, b.left, -ABOVE, b.pixels_per_unit, 0.0))
    if b.seen.setting == "underwater":
        _shafts(b)
    elif b.seen.hour == "night" or b.seen.setting == "space":
        _stars(b, zenith)
    elif b.seen.hour in ("dusk", "dawn") and not b.seen.weather:
        _low_sun(b)
    if b.seen.setting not in AIRLESS:
        _clouds(b, mix(low, (255, 255, 255), 0.5 if b.seen.hour != "night" else 0.08))


def _shafts(b: Board) -> None:
    lights = b.sheet()
    for k in range(5):
        x = b.x(0.1 + 0.2 * k)
        foot = [(x - b.x(0.02), 120), (x - b.x(0.16), 120)]
        lights.shape([(x, -ABOVE), (x + b.x(0.05), -ABOVE), *foot], (235, 250, 250, 26), ink=None)
    b.put(lights, 0.02)


def _stars(b: Board, dark: RGB) -> None:
    lights = b.sheet()
    for _ in range(18 if b.seen.weather else 110):
        x, y, r = b.anywhere(), -ABOVE + b.hand.random() * (b.horizon + ABOVE), 0.18 + 0.3 * b.hand.random() ** 3
        lights.ellipse(x, y, r, r, (250, 246, 226), ink=None)
    if b.seen.setting != "space":
        lights.ellipse(b.x(0.62), 19, 6.2, 6.2, (244, 238, 214), ink=None)
        lights.ellipse(b.x(0.62) + 2.6, 17.6, 5.4, 5.4, dark, ink=None)
    b.put(lights, 0.02)


def _low_sun(b: Board) -> None:
    glow = b.sheet()
    glow.ellipse(b.x(0.62), b.horizon - 4, 28, 20, (255, 222, 160, 120), ink=None)
    glow.blur(5)
    b.put(glow, 0.0)
    sun = b.sheet()
    sun.ellipse(b.x(0.62), b.horizon - 4, 8, 8, (255, 232, 176), ink=None)
    b.put(sun, 0.02)


def _clouds(b: Board, tint: RGB) -> None:
    clouds = b.sheet()
    for _ in range(5):
        x, y, w = b.anywhere(), -6 + b.hand.random() * max(8, b.horizon - 26), 9 + 10 * b.hand.random()
        for k in range(4):
            rise = w * 0.12 if k in (1, 2) else 0
            clouds.ellipse(x + (k - 1.5) * w * 0.5, y - rise, w * 0.42, w * 0.2, (*tint, 215), ink=None)
    b.put(clouds, 0.05, lambda t: (0.45 * t, 0.0, 0.0))


def weather(seen: Seen, width: float, pixels_per_unit: float, hand: random.Random) -> list[Layer]:
    """Draw the rain, snow or fog that falls or drifts before the figures."""
    left, right, low = -BESIDE * width, (1 + BESIDE) * width, 100 + BELOW
    tall = (left, -ABOVE - 100, right, low)  # 100 units more above, for what falls by 100 and begins again
    layers: list[Layer | None] = []
    if "rain" in seen.weather:
        sheet = Sheet(tall, pixels_per_unit, hand)
        for _ in range(150):
            x, y = left + hand.random() * (right - left), hand.random() * 100
            for turn in (-200, -100, 0, 100):
                drop = [(x, y + turn), (x - 1.4, y + turn + 7)]
                sheet.line(drop, (214, 226, 236, 150), width=0.3, wobble=0)
        layers.append(sheet.layer(1.1, lambda t: (-20 * (t * 1.6 % 1), 100 * (t * 1.6 % 1), 0.0)))
    if "snow" in seen.weather:
        sheet = Sheet(tall, pixels_per_unit, hand)
        for _ in range(90):
            x, y, r = left + hand.random() * (right - left), hand.random() * 100, 0.35 + 0.5 * hand.random()
            for turn in (-200, -100, 0, 100):
                sheet.ellipse(x, y + turn, r, r, (250, 251, 253, 230), ink=None)
        layers.append(sheet.layer(1.1, lambda t: (2.5 * sin(t), 100 * (t * 0.14 % 1), 0.0)))
    if "fog" in seen.weather:
        sheet = Sheet((left, -ABOVE, right, low), pixels_per_unit, hand)
        for _ in range(9):
            x, y = left + hand.random() * (right - left), 46 + 44 * hand.random()
            wide, high = width * (0.18 + 0.2 * hand.random()), 4 + 5 * hand.random()
            sheet.ellipse(x, y, wide, high, (226, 230, 234, 120), ink=None)
        sheet.blur(3.0)
        layers.append(sheet.layer(0.9, lambda t: (6 * sin(0.25 * t), 0.0, 0.0)))
    return [layer for layer in layers if layer is not None]
