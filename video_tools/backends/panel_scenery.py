"""Draw where a panel happens: sky, distance, what stands about, ground, weather; in the place's palette at its hour."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import pi, sin

import numpy as np

from reelgraph.video_tools.backends import panel_things as things
from reelgraph.video_tools.backends.panel_sheet import (
    ABOVE,
    BELOW,
    BESIDE,
    INK,
    RGB,
    Layer,
    Sheet,
    luma,
    mix,
    rgb,
    shade,
)
from reelgraph.video_tools.backends.panel_words import Hour, Seen

# Setting -> (sky or wall, distance, ground) by day, where the place has no palette.
PALETTES: dict[str, tuple[RGB, RGB, RGB]] = {
    "sea": ((176, 205, 220), (78, 126, 148), (142, 134, 112)), "forest": ((190, 208, 196), (88, 118, 90), (116, 122, 84)),
    "desert": ((188, 212, 222), (214, 174, 118), (226, 190, 134)), "street": ((190, 202, 212), (142, 132, 126), (120, 120, 124)),
    "mountain": ((178, 202, 222), (128, 138, 152), (128, 142, 102)), "space": ((22, 24, 44), (70, 74, 110), (112, 112, 120)),
    "sky": ((128, 180, 218), (236, 240, 244), (214, 226, 236)), "underwater": ((70, 150, 172), (36, 94, 118), (150, 142, 108)),
    "room": ((198, 184, 160), (170, 152, 128), (138, 108, 82)), "field": ((182, 208, 224), (136, 160, 112), (150, 172, 104)),
    "plain": ((214, 214, 210), (190, 190, 188), (168, 166, 162)),
}  # fmt: skip

# Hour -> (what the light turns colours towards, how far, and how bright it leaves them), and the sky from zenith to horizon.
LIGHT: dict[Hour, tuple[RGB, float, float]] = {
    "day": ((255, 250, 238), 0.0, 1.0), "night": ((34, 50, 98), 0.5, 0.56),
    "dusk": ((206, 110, 84), 0.26, 0.84), "dawn": ((240, 178, 156), 0.24, 0.96),
}  # fmt: skip
SKIES: dict[Hour, tuple[RGB, RGB, float]] = {
    "day": ((120, 164, 204), (230, 238, 238), 0.45), "night": ((12, 18, 44), (44, 62, 104), 0.9),
    "dusk": ((70, 66, 112), (242, 152, 96), 0.85), "dawn": ((130, 152, 196), (252, 206, 168), 0.8),
}  # fmt: skip


@dataclass
class Board:
    """The stage while it is being set.

    Attributes:
        seen: What the words ask for.
        width: Of the picture, in units.
        horizon: Units down to the horizon at rest.
        scale: How large things stand beside their size in a wide shot.
        hand: The unsteady hand, seeded by the place, so that a place looks alike in every shot.
        sky, far, ground: Colours at this hour.
        ppu: Pixels a unit.
    """

    seen: Seen
    width: float
    horizon: float
    scale: float
    hand: random.Random
    sky: RGB
    far: RGB
    ground: RGB
    ppu: float
    left: float = 0.0
    right: float = 0.0
    layers: list[Layer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left, self.right = -BESIDE * self.width, (1 + BESIDE) * self.width

    def sheet(self) -> Sheet:
        """Take a new sheet of the whole stage."""
        return Sheet((self.left, -ABOVE, self.right, 100 + BELOW), self.ppu, self.hand)

    def put(
        self, sheet: Sheet, depth: float, sway: Callable[[float], tuple[float, float, float]] | None = None
    ) -> None:
        """Stand a sheet on the stage, in front of what is there."""
        if (layer := sheet.layer(depth, sway)) is not None:
            self.layers.append(layer)

    def lit(self, colour: RGB) -> RGB:
        """Return a colour as the hour's light shows it."""
        towards, share, bright = LIGHT[self.seen.hour]
        return shade(mix(colour, towards, share), bright)

    def x(self, share: float) -> float:
        """Return units for a share of the picture's width."""
        return share * self.width


def set_stage(
    seen: Seen, palette: list[str], width: float, horizon: float, scale: float, ppu: float, place: str
) -> list[Layer]:
    """Draw the scenery of a panel, from the sky to the ground.

    Args:
        seen: What the words ask for.
        palette: The place's colours: the lightest becomes sky or wall, the darkest the distance, the next the ground.
        width: Of the picture, in units.
        horizon: Units down to the horizon.
        scale: How large things stand beside their size in a wide shot.
        ppu: Pixels a unit.
        place: Seeds the hand.
    """
    sky, far, ground = PALETTES[seen.setting]
    given = sorted((rgb(c) for c in palette), key=luma)
    if given:
        ground = given[len(given) // 2]
        far = given[0] if len(given) > 1 else mix(ground, far, 0.5)
        sky = given[-1] if len(given) > 2 else mix(given[-1], sky, 0.7)
    board = Board(seen, width, horizon, scale, random.Random(f"{place}/{seen.setting}"), sky, far, ground, ppu)
    if seen.setting == "room":
        if seen.hour == "night":  # lit by lamps, and warm, whatever the sky outside does
            sky, far, ground = (shade(mix(c, (236, 170, 96), 0.3), 0.74) for c in (sky, far, ground))
            board.seen = replace(seen, hour="day")
        board.sky, board.far, board.ground = board.lit(sky), board.lit(far), board.lit(ground)
        _room(board, seen.hour)
    else:
        if "snow" in seen.weather:
            ground = mix(ground, (246, 248, 252), 0.75)
        board.far, board.ground = board.lit(far), board.lit(ground)
        _sky(board)
        {"sea": _sea, "forest": _forest, "desert": _desert, "street": _street, "mountain": _mountain, "space": _space,
         "sky": _clouds, "underwater": _underwater, "field": _field, "plain": _plain}[seen.setting](board)  # fmt: skip
    return board.layers


def weather(seen: Seen, width: float, ppu: float, hand: random.Random) -> list[Layer]:
    """Draw the rain, snow or fog that falls or drifts before the figures."""
    box = (-BESIDE * width, -ABOVE, (1 + BESIDE) * width, 100 + BELOW)
    layers: list[Layer | None] = []
    if "rain" in seen.weather:
        sheet = Sheet((box[0], box[1] - 100, box[2], box[3]), ppu, hand)
        for _ in range(260):
            x, y = box[0] + hand.random() * (box[2] - box[0]), box[1] - 100 + hand.random() * 284
            for k in (0, 1):  # twice, so that the sheet repeats every 100 units
                sheet.line(
                    [(x, y % 100 - 142 + 100 * k), (x - 1.4, y % 100 - 135 + 100 * k)],
                    (214, 226, 236, 150),
                    width=0.3,
                    wobble=0,
                )
                sheet.line(
                    [(x, y % 100 + 58 - 100 * k), (x - 1.4, y % 100 + 65 - 100 * k)],
                    (214, 226, 236, 150),
                    width=0.3,
                    wobble=0,
                )
        layers.append(sheet.layer(1.1, lambda t: (-20 * (t * 1.6 % 1.0), 100 * (t * 1.6 % 1.0), 0.0)))
    if "snow" in seen.weather:
        sheet = Sheet((box[0], box[1] - 100, box[2], box[3]), ppu, hand)
        for _ in range(90):
            x, y, r = box[0] + hand.random() * (box[2] - box[0]), hand.random() * 100, 0.35 + 0.5 * hand.random()
            for k in range(-2, 2):
                sheet.ellipse(x, y + 100 * k, r, r, (250, 251, 253, 230), ink=None)
        layers.append(sheet.layer(1.1, lambda t: (2.5 * sin(t), 100 * (t * 0.14 % 1.0), 0.0)))
    if "fog" in seen.weather:
        sheet = Sheet(box, ppu, hand)
        for _ in range(7):
            x, y = box[0] + hand.random() * (box[2] - box[0]), 48 + 42 * hand.random()
            sheet.ellipse(
                x, y, width * (0.18 + 0.2 * hand.random()), 4 + 5 * hand.random(), (226, 230, 234, 105), ink=None
            )
        sheet.blur(3.0)
        layers.append(sheet.layer(0.9, lambda t: (1.6 * t % 60 - 8, 0.0, 0.0)))
    return [layer for layer in layers if layer is not None]


def _sky(b: Board) -> None:
    zenith, low, share = SKIES[b.seen.hour]
    if b.seen.setting in {"space", "underwater"}:
        zenith, low, share = shade(b.sky, 1.15), shade(b.sky, 0.7), 0.0
    zenith, low = mix(shade(b.sky, 0.86), zenith, share), mix(shade(b.sky, 1.25), low, share)
    if b.seen.weather & {"rain", "snow", "fog"}:
        grey = shade((168, 174, 182), LIGHT[b.seen.hour][2])
        zenith, low = mix(zenith, shade(grey, 0.8), 0.6), mix(low, grey, 0.5)
    rows = round((100 + ABOVE + BELOW) * b.ppu)
    t = np.clip((np.arange(rows) / b.ppu - ABOVE + 12) / (b.horizon + 12), 0, 1)[:, None] ** 1.3
    column = np.array(zenith) * (1 - t) + np.array(low) * t
    pixels = np.empty((rows, 8, 4), np.uint8)
    pixels[..., :3] = np.rint(column)[:, None, :]
    pixels[..., 3] = 255
    wide = np.repeat(pixels, -(-round((b.right - b.left) * b.ppu) // 8), axis=1)
    b.layers.append(Layer(np.ascontiguousarray(wide), b.left, -ABOVE, b.ppu, 0.0))
    lights = b.sheet()
    if b.seen.setting == "underwater":
        for k in range(5):
            x = b.x(0.1 + 0.2 * k)
            lights.shape(
                [(x, -ABOVE), (x + b.x(0.05), -ABOVE), (x - b.x(0.02), 120), (x - b.x(0.16), 120)],
                (235, 250, 250, 26),
                ink=None,
            )
    elif b.seen.hour == "night" or b.seen.setting == "space":
        for _ in range(110 if not b.seen.weather else 18):
            x, y = b.left + b.hand.random() * (b.right - b.left), -ABOVE + b.hand.random() * (b.horizon + ABOVE)
            r = 0.18 + 0.3 * b.hand.random() ** 3
            lights.ellipse(x, y, r, r, (250, 246, 226), ink=None)
        if b.seen.setting != "space":
            lights.ellipse(b.x(0.78), 17, 6.2, 6.2, (244, 238, 214), ink=None)
            lights.ellipse(b.x(0.78) + 2.6, 15.6, 5.4, 5.4, zenith, ink=None)
    elif b.seen.hour in ("dusk", "dawn") and not b.seen.weather:
        lights.ellipse(b.x(0.7), b.horizon - 3, 9, 9, (255, 232, 176), ink=None)
        glow = b.sheet()
        glow.ellipse(b.x(0.7), b.horizon - 3, 26, 18, (255, 222, 160, 110), ink=None)
        glow.blur(5)
        b.put(glow, 0.0)
    b.put(lights, 0.02)
    if b.seen.setting not in {"space", "underwater"}:
        clouds = b.sheet()
        tint = mix(low, (255, 255, 255), 0.5 if b.seen.hour != "night" else 0.08)
        for _ in range(5):
            x, y, w = (
                b.left + b.hand.random() * (b.right - b.left),
                -6 + b.hand.random() * max(8, b.horizon - 26),
                9 + 10 * b.hand.random(),
            )
            for k in range(4):
                clouds.ellipse(
                    x + (k - 1.5) * w * 0.5,
                    y - (w * 0.12 if k in (1, 2) else 0),
                    w * 0.42,
                    w * 0.2,
                    (*tint, 215),
                    ink=None,
                )
        b.put(clouds, 0.05, lambda t: (0.45 * t, 0.0, 0.0))


def _plane(b: Board, top: float, colour: RGB, *, ragged: float = 0.0, depth: float = 0.85) -> Sheet:
    """Lay ground from `top` down; the caller may draw on it before putting it."""
    sheet = b.sheet()
    n = 40
    ridge = [
        (b.left + (b.right - b.left) * k / n, top + ragged * (sin(k * 1.7) + sin(k * 0.6 + 1) + b.hand.random() - 0.5))
        for k in range(n + 1)
    ]
    sheet.shape([(b.left, 100 + BELOW), *ridge, (b.right, 100 + BELOW)], colour)
    return sheet


def _tufts(b: Board, sheet: Sheet, top: float, colour: RGB, count: int = 46) -> None:
    for _ in range(count):
        x, y = b.left + b.hand.random() * (b.right - b.left), top + 3 + (b.hand.random() ** 1.4) * (100 + BELOW - top)
        size = 0.5 + (y - top) / 34
        for u in (-0.6, 0.0, 0.7):
            sheet.line([(x + u * size * 0.4, y), (x + u * size, y - size * 1.3)], colour, width=0.4)


def _stand(b: Board, sheet: Sheet, base: float, *, skip: tuple[str, ...] = (), start: float = 0.74) -> None:
    """Stand the things that the words name, outdoors, from right to left."""
    draw = {"lighthouse": (things.lighthouse, 46), "house": (things.house, 22), "tower": (things.tower, 34), "tree": (things.tree, 34),
            "boat": (things.boat, 16), "car": (things.car, 9), "train": (things.train, 13), "fence": (things.fence, 8),
            "bridge": (things.bridge, 14), "fire": (things.fire, 11), "rock": (things.rock, 8)}  # fmt: skip
    place = start
    for name in b.seen.things:
        if name in draw and name not in skip:
            drawing, size = draw[name]
            drawing(sheet, b.x(place), base, size * b.scale, [])
            place -= 0.36 if place > 0.4 else -0.55


def _sea(b: Board) -> None:
    water, line = b.far, b.horizon
    distance = b.sheet()
    distance.shape(
        [(b.left, line + 1), (b.x(-0.2), line - 4), (b.x(0.08), line - 6), (b.x(0.3), line + 1)],
        mix(water, b.sky, 0.45),
        smooth=False,
        width=0.4,
    )
    b.put(distance, 0.1)
    sea = _plane(b, line, water, depth=0.5)
    for _ in range(70):
        y = line + 1.5 + (b.hand.random() ** 1.6) * 60
        x, w = b.left + b.hand.random() * (b.right - b.left), 2 + (y - line) * 0.35
        sea.line(
            [(x, y), (x + w * 0.5, y - 0.5), (x + w, y)],
            shade(water, 1.35 if b.hand.random() > 0.5 else 0.8),
            width=0.45,
            smooth=True,
        )
    if b.seen.hour in ("dusk", "dawn", "night"):
        x, shine = (b.x(0.78), (232, 232, 214, 150)) if b.seen.hour == "night" else (b.x(0.7), (255, 226, 168, 190))
        for k in range(14):
            y = line + 1.2 + k * 1.9
            w = 3 + 5 * b.hand.random() + k * 0.2
            sea.line([(x - w, y), (x + w, y)], shine, width=0.55)
    b.put(sea, 0.45, lambda t: (0.8 * sin(t * 1.1), 0.35 * sin(t * 1.7), 0.0))
    boats = b.sheet()
    if "boat" in b.seen.things:
        things.boat(boats, b.x(0.3), line + 6 * b.scale, 17 * b.scale, [])
        b.put(boats, 0.5, lambda t: (0.3 * t, 0.7 * sin(t * 1.5), 1.5 * sin(t * 1.2)))
    land = b.sheet()
    high = line - 17 * b.scale if "cliff" in b.seen.things or "lighthouse" in b.seen.things else line + 9
    if high < line:
        rock = mix(b.ground, (104, 96, 92), 0.5)
        edge = b.x(0.52)
        land.shape([(b.right, high - 3), (b.x(0.8), high - 1), (b.x(0.62), high), (edge, high + 3), (edge + b.x(0.03), line + 4), (edge - b.x(0.03), line + 14),
                    (edge - b.x(0.06), 100 + BELOW), (b.right, 100 + BELOW)], rock)  # fmt: skip
        for k in range(9):
            x = edge + b.x(0.05 + 0.07 * k)
            land.line(
                [(x, high + 4 + b.hand.random() * 5), (x - 2, line), (x + 1.5, line + 9)], shade(rock, 0.68), width=0.55
            )
        land.shape([(b.right, high - 3), (b.x(0.8), high - 1), (b.x(0.62), high), (edge, high + 3), (edge + 3, high + 5.5), (b.x(0.66), high + 3.2), (b.right, high + 2.5)],
                   mix(b.ground, b.lit((120, 146, 88)), 0.6))  # fmt: skip
        if "lighthouse" in b.seen.things:
            things.lighthouse(land, b.x(0.8), high + 1, 44 * b.scale, [])
            if b.seen.hour in ("night", "dusk"):
                lamp = (b.x(0.8), high + 1 - 44 * b.scale * 0.81)
                beam = b.sheet()
                beam.shape([lamp, (b.left, lamp[1] - 16), (b.left, lamp[1] + 12)], (255, 240, 186, 74), ink=None)
                beam.shape([lamp, (b.right, lamp[1] - 8), (b.right, lamp[1] + 6)], (255, 240, 186, 74), ink=None)
                b.put(beam, 0.6)
        _stand(b, land, high + 2, skip=("lighthouse", "boat"), start=0.64)
    b.put(land, 0.6)
    if not b.seen.afloat and (b.scale < 1.2 or high >= line):
        shore = _plane(b, max(line + 22, 80), b.ground, ragged=0.9)
        _tufts(b, shore, max(line + 22, 80), shade(b.ground, 0.68), 30)
        if high >= line:
            _stand(b, shore, max(line + 22, 80) + 4, skip=("boat",))
        b.put(shore, 0.9)


def _ridge(b: Board, base: float, high: float, peaks: int, colour: RGB, depth: float, *, snow: bool = False) -> None:
    sheet = b.sheet()
    span = (b.right - b.left) / peaks
    for k in range(peaks):
        x, top = b.left + span * (k + 0.5), base - high * (0.6 + 0.4 * b.hand.random())
        half = span * (0.75 + 0.25 * b.hand.random())
        left, right = (x - half, base + 30), (x + half, base + 30)
        sheet.shape(
            [left, (x - half * 0.45, (top + base) / 2 + 2), (x, top), (x + half * 0.5, (top + base) / 2 - 1), right],
            colour,
        )
        sheet.shape(
            [
                (x, top),
                (x + half * 0.5, (top + base) / 2 - 1),
                right,
                (x + half * 0.12, base + 30),
                (x + half * 0.1, (top + base) / 2),
            ],
            shade(colour, 0.8),
            ink=None,
        )
        if snow:
            down = (base - top) * 0.3
            sheet.shape([(x - half * 0.17, top + down), (x, top), (x + half * 0.2, top + down), (x + half * 0.08, top + down * 0.8), (x, top + down * 1.2), (x - half * 0.08, top + down * 0.85)],
                        mix(b.lit((246, 248, 252)), colour, 0.08), width=0.5)  # fmt: skip
    b.put(sheet, depth)


def _mountain(b: Board) -> None:
    _ridge(b, b.horizon, 44, 5, mix(b.far, b.sky, 0.4), 0.15, snow=True)
    _ridge(b, b.horizon + 4, 20, 9, b.far, 0.35)
    mid = b.sheet()
    _stand(b, mid, b.horizon + 9)
    for _ in range(12):
        things.pine(
            mid,
            b.left + b.hand.random() * (b.right - b.left),
            b.horizon + 9 + 3 * b.hand.random(),
            (8 + 6 * b.hand.random()) * b.scale,
            [b.lit((62, 92, 74))],
        )
    ground = _plane(b, b.horizon + 7, b.ground, ragged=1.2)
    b.put(mid, 0.55)
    _tufts(b, ground, b.horizon + 7, shade(b.ground, 0.72))
    b.put(ground, 0.85)


def _field(b: Board) -> None:
    hills = b.sheet()
    for k, tone in ((0, 0.35), (1, 0.1)):
        points = [
            (b.left + (b.right - b.left) * i / 6, b.horizon - 3 + 4 * k - (7 + 5 * b.hand.random()) * (i % 2))
            for i in range(7)
        ]
        hills.shape([(b.left - 20, 130), *points, (b.right + 20, 130)], mix(b.far, b.sky, tone), smooth=True)
    b.put(hills, 0.3)
    ground = _plane(b, b.horizon + 5, b.ground, ragged=0.7)
    mid = b.sheet()
    _stand(b, mid, b.horizon + 9)
    if not b.seen.things:
        things.tree(mid, b.x(0.82), b.horizon + 8, 26 * b.scale, [b.lit((92, 128, 72))])
        things.tree(mid, b.x(0.08), b.horizon + 7, 17 * b.scale, [b.lit((100, 136, 78))])
    _tufts(b, ground, b.horizon + 5, shade(b.ground, 0.72))
    b.put(ground, 0.8)
    b.put(mid, 0.7)


def _forest(b: Board) -> None:
    back = b.sheet()
    undergrowth = [(b.left + (b.right - b.left) * i / 40, b.horizon - 2 - 3 * b.hand.random()) for i in range(41)]
    back.shape([(b.left, 100), *undergrowth, (b.right, 100)], mix(b.far, b.sky, 0.25), ink=None)
    for k in range(34):
        x = b.left + (b.right - b.left) * (k + b.hand.random()) / 34
        things.pine(back, x, b.horizon + 5, (34 + 18 * b.hand.random()) * b.scale, [mix(b.far, b.sky, 0.4)])
    b.put(back, 0.3)
    ground = _plane(b, b.horizon + 3, b.ground, ragged=0.8)
    _tufts(b, ground, b.horizon + 3, shade(b.ground, 0.66), 70)
    b.put(ground, 0.75)
    trunks = b.sheet()
    for k in range(9):
        x, w = (
            b.left + (b.right - b.left) * (k + 0.3 + 0.4 * b.hand.random()) / 9,
            (2.2 + 1.6 * b.hand.random()) * b.scale,
        )
        if abs(x - b.width / 2) < b.x(0.1):
            continue
        bark = mix(b.lit((96, 74, 58)), b.far, 0.25)
        trunks.shape(
            [
                (x - w * 1.4, b.horizon + 14),
                (x - w * 0.8, b.horizon),
                (x - w * 0.7, -ABOVE),
                (x + w * 0.7, -ABOVE),
                (x + w * 0.8, b.horizon),
                (x + w * 1.5, b.horizon + 14),
            ],
            bark,
        )
        trunks.shape(
            [
                (x + w * 0.2, -ABOVE),
                (x + w * 0.7, -ABOVE),
                (x + w * 0.8, b.horizon),
                (x + w * 1.5, b.horizon + 14),
                (x + w * 0.5, b.horizon + 13),
            ],
            shade(bark, 0.7),
            ink=None,
        )
    for k in range(26):
        x = b.left + (b.right - b.left) * (k + b.hand.random()) / 26
        trunks.ellipse(
            x,
            -10 + 14 * b.hand.random(),
            9 + 4 * b.hand.random(),
            7,
            mix(b.far, b.lit((70, 104, 68)), 0.4),
            width=0.5,
            wobble=1.2,
        )
    _stand(b, trunks, b.horizon + 10, skip=("tree",))
    b.put(trunks, 0.7)


def _desert(b: Board) -> None:
    for k, (depth, tone) in enumerate(((0.2, 0.35), (0.45, 0.15), (0.85, 0.0))):
        top = b.horizon - 4 + 9 * k
        colour = mix(b.ground if k else mix(b.ground, b.far, 0.5), b.sky, tone)
        sheet, n = b.sheet(), 5
        crest = [
            (b.left + (b.right - b.left) * (i + 0.3 * k) / n, top - (9 - 2 * k) * (i % 2) - 2 * b.hand.random())
            for i in range(-1, n + 2)
        ]
        sheet.shape([(b.left - 40, 100 + BELOW), *crest, (b.right + 40, 100 + BELOW)], colour, smooth=True)
        for (x0, y0), (x1, y1) in zip(crest, crest[1:], strict=False):
            if y1 > y0:
                sheet.shape(
                    [(x0, y0 + 0.6), (x1, y1), (x0 + (x1 - x0) * 0.55, y1 + 9), (x0 + (x1 - x0) * 0.2, y1 + 4)],
                    shade(colour, 0.84),
                    ink=None,
                    smooth=True,
                )
        if k == 1:
            _stand(b, sheet, top + 4)
        if k == 2:
            for _ in range(16):
                x, y = b.left + b.hand.random() * (b.right - b.left), top + 12 + b.hand.random() * 50
                sheet.line([(x, y), (x + 9, y - 1), (x + 18, y)], shade(colour, 0.86), smooth=True, width=0.5)
        b.put(sheet, depth)


def _street(b: Board) -> None:
    fronts = b.sheet()
    x = b.left
    base = b.horizon + 9
    while x < b.right:
        w, h = (13 + 12 * b.hand.random()) * b.scale, (30 + 30 * b.hand.random()) * b.scale
        wall = b.lit(mix((150, 128, 112), (186, 172, 150), b.hand.random())) if b.hand.random() > 0.35 else b.far
        fronts.shape([(x, base + 2), (x, base - h), (x + w, base - h), (x + w, base + 2)], wall)
        fronts.shape(
            [(x + w * 0.8, base + 2), (x + w * 0.8, base - h), (x + w, base - h), (x + w, base + 2)],
            shade(wall, 0.8),
            ink=None,
        )
        columns, rows = max(2, int(w / 5.2 / b.scale)), int(h / 8.5 / b.scale)
        dark = b.seen.hour in ("night", "dusk")
        for i in range(columns):
            for j in range(rows):
                glass = things.GLOW if dark and b.hand.random() > 0.5 else shade(b.lit((112, 132, 148)), 0.8)
                wx, wy = x + w * (i + 0.5) / columns, base - h + (5 + 8.2 * j) * b.scale
                fronts.shape(
                    [
                        (wx - 1.2 * b.scale, wy + 3.6 * b.scale),
                        (wx - 1.2 * b.scale, wy),
                        (wx + 1.2 * b.scale, wy),
                        (wx + 1.2 * b.scale, wy + 3.6 * b.scale),
                    ],
                    glass,
                    width=0.4,
                )
        fronts.shape(
            [
                (x + w * 0.4, base + 2),
                (x + w * 0.4, base - 5.5 * b.scale),
                (x + w * 0.58, base - 5.5 * b.scale),
                (x + w * 0.58, base + 2),
            ],
            shade(wall, 0.45),
            width=0.5,
        )
        x += w
    b.put(fronts, 0.45)
    ground = _plane(b, b.horizon + 8, b.ground)
    ground.shape(
        [(b.left, b.horizon + 8), (b.right, b.horizon + 8), (b.right, b.horizon + 13), (b.left, b.horizon + 13)],
        shade(b.ground, 1.25),
        width=0.5,
    )
    y = b.horizon + 27
    for k in range(-6, 14):
        ground.shape(
            [(k * 17.0, y), (k * 17.0 + 9, y), (k * 17.0 + 9.6, y + 2), (k * 17.0 - 0.4, y + 2)],
            shade(b.ground, 1.6),
            ink=None,
        )
    if "rain" in b.seen.weather:
        for _ in range(24):
            px = b.left + b.hand.random() * (b.right - b.left)
            ground.line(
                [(px, b.horizon + 15), (px, b.horizon + 24 + 20 * b.hand.random())], (*shade(b.sky, 1.2), 60), width=0.9
            )
    for k in range(-1, 4):
        px = b.x(0.14 + 0.42 * k)
        ground.line(
            [(px, b.horizon + 12), (px, b.horizon + 12 - 38 * b.scale)], shade(b.lit((70, 72, 78)), 0.8), width=0.9
        )
        ground.ellipse(
            px + 2.2,
            b.horizon + 12 - 38 * b.scale,
            2.6,
            1.5,
            things.GLOW if b.seen.hour in ("night", "dusk") else (226, 226, 220),
        )
    _stand(b, ground, b.horizon + 23)
    b.put(ground, 0.8)


def _space(b: Board) -> None:
    planet = b.sheet()
    r = 24 * min(1.4, b.scale)
    planet.ellipse(b.x(0.76), 34, r, r, b.far)
    for k in (-0.5, -0.1, 0.35):
        planet.line(
            [(b.x(0.76) - r * 0.85, 34 + k * r), (b.x(0.76), 34 + k * r + 3), (b.x(0.76) + r * 0.85, 34 + k * r - 1)],
            shade(b.far, 1.3),
            smooth=True,
            width=1.2,
        )
    planet.ellipse(b.x(0.76), 34, r * 1.6, r * 0.24, None, ink=(206, 196, 170), width=1.1, turn=-16)
    b.put(planet, 0.1)
    ground = _plane(b, 84, mix(b.ground, (60, 60, 76), 0.4), ragged=1.0)
    for _ in range(12):
        x, y = b.left + b.hand.random() * (b.right - b.left), 90 + b.hand.random() * 40
        ground.ellipse(x, y, 5 + 4 * b.hand.random(), 1.6, shade(b.ground, 0.55), width=0.5)
    b.put(ground, 0.9)


def _clouds(b: Board) -> None:
    for depth, low, size in ((0.25, 58, 15), (0.6, 84, 22), (0.95, 112, 30)):
        sheet = b.sheet()
        for k in range(9):
            x = b.left + (b.right - b.left) * (k + b.hand.random()) / 9
            for j in range(5):
                sheet.ellipse(
                    x + (j - 2) * size * 0.5,
                    low - (size * 0.2 if 0 < j < 4 else 0),
                    size * 0.5,
                    size * 0.34,
                    mix(b.lit((250, 251, 252)), b.sky, 0.32 - 0.3 * depth),
                    ink=None,
                )
        b.put(sheet, depth, lambda t, d=depth: (0.9 * d * t, 0.0, 0.0))


def _underwater(b: Board) -> None:
    ground = _plane(b, 82, b.ground, ragged=1.6)
    b.put(ground, 0.8)
    for k in range(6):
        weed = b.sheet()
        x = b.x(-0.2 + 0.27 * k)
        for u in (-2, 0, 2.4):
            weed.line(
                [(x + u, 92), (x + u * 1.6 - 1.6, 78), (x + u * 1.4 + 1.8, 66), (x + u * 2, 54 + 6 * b.hand.random())],
                b.lit((56, 110, 84)),
                width=1.4,
                smooth=True,
            )
        b.put(weed, 0.85, lambda t, k=k: (0.8 * sin(t * 1.1 + k), 0.0, 0.0))
    bubbles = b.sheet()
    for _ in range(16):
        bubbles.ellipse(b.x(b.hand.random()), 20 + 60 * b.hand.random(), 0.8, 0.8, (230, 246, 250, 120), width=0.3)
    b.put(bubbles, 0.9, lambda t: (0.6 * sin(2 * t), -5 * t % 40 - 20, 0.0))


def _plain(b: Board) -> None:
    ground = _plane(b, b.horizon + 6, b.ground)
    for k in range(-7, 8):
        ground.line(
            [(b.width / 2 + k * b.x(0.06), b.horizon + 6), (b.width / 2 + k * b.x(0.3), 100 + BELOW)],
            shade(b.ground, 0.9),
            width=0.4,
        )
    _stand(b, ground, b.horizon + 14)
    b.put(ground, 0.8)


def _room(b: Board, hour: Hour) -> None:
    """Draw a room in one-point perspective: wall, floor, ceiling, what stands in it, and the hour through its window."""
    floor, ceiling = b.horizon + 17, 6.0
    wall = b.sheet()
    wall.shape([(b.left, -ABOVE), (b.right, -ABOVE), (b.right, 100 + BELOW), (b.left, 100 + BELOW)], b.sky, ink=None)
    near, far = b.x(-0.1), b.x(0.1)
    for u0, u1, dark in ((near, far, 0.84), (b.width - near, b.width - far, 0.76)):
        end = b.left if u0 < u1 else b.right
        wall.shape([(end, -ABOVE), (u1, ceiling), (u1, floor), (end, 100 + BELOW)], shade(b.sky, dark))
    wall.shape([(b.left, -ABOVE), (far, ceiling), (b.width - far, ceiling), (b.right, -ABOVE)], shade(b.sky, 1.2))
    wall.shape(
        [(far, floor - 3), (far, floor), (b.width - far, floor), (b.width - far, floor - 3)],
        shade(b.sky, 0.66),
        width=0.5,
    )
    named = b.seen.things
    glass = {"day": (196, 222, 236), "night": (24, 36, 78), "dusk": (236, 150, 104), "dawn": (250, 206, 172)}[hour]
    if "window" in named or "door" not in named:
        x, y, w, h = b.x(0.3), 22.0, 13.0 * b.scale, 25.0 * b.scale
        wall.shape(
            [(x - w - 1.2, y - 1.2), (x + w + 1.2, y - 1.2), (x + w + 1.2, y + h + 1.2), (x - w - 1.2, y + h + 1.2)],
            shade(b.sky, 0.55),
        )
        wall.shape([(x - w, y), (x + w, y), (x + w, y + h), (x - w, y + h)], glass)
        if hour == "night":
            wall.ellipse(x + w * 0.5, y + h * 0.28, 2.4, 2.4, (244, 238, 214), ink=None)
        wall.line([(x, y), (x, y + h)], shade(b.sky, 0.55), width=1.0)
        wall.line([(x - w, y + h * 0.5), (x + w, y + h * 0.5)], shade(b.sky, 0.55), width=1.0)
    if "door" in named:
        x, h = b.x(0.74), (floor - ceiling) * 0.74
        wall.shape(
            [(x - 9, floor), (x - 9, floor - h), (x + 9, floor - h), (x + 9, floor)], b.lit((128, 88, 60)), width=0.9
        )
        for v in (0.12, 0.56):
            wall.shape(
                [
                    (x - 6, floor - h * v),
                    (x - 6, floor - h * (v + 0.32)),
                    (x + 6, floor - h * (v + 0.32)),
                    (x + 6, floor - h * v),
                ],
                None,
                width=0.5,
            )
        wall.ellipse(x + 7, floor - h * 0.48, 0.8, 0.8, (214, 178, 92))
    if "shelf" in named:
        x = b.x(0.62)
        wall.shape([(x, floor), (x, 18), (x + 30, 18), (x + 30, floor)], b.lit((104, 76, 54)))
        for row in range(4):
            y, at = 28 + row * 12.5, x + 1.5
            while at < x + 27:
                w, h = 1.5 + 1.6 * b.hand.random(), 6.5 + 3 * b.hand.random()
                spine = b.lit(mix((150, 70, 58), (70, 104, 120), b.hand.random()))
                wall.shape([(at, y), (at, y - h), (at + w, y - h), (at + w, y)], spine, width=0.3)
                at += w
            wall.line([(x, y), (x + 30, y)], width=0.8)
    if "stairs" in named:
        for k in range(9):
            x, y = b.x(0.56) + k * 6.2, floor - k * 6.0
            wall.shape(
                [(x, floor + 1), (x, y - 6), (x + 6.2, y - 6), (x + 6.2, floor + 1)],
                b.lit(mix((150, 132, 112), b.sky, 0.4)),
                width=0.6,
            )
        wall.line([(b.x(0.56), floor - 22), (b.x(0.56) + 55, floor - 76)], b.lit((92, 66, 48)), width=1.4)
    if "hearth" in named:
        x = b.x(0.72)
        wall.shape(
            [(x - 15, floor), (x - 15, floor - 27), (x + 15, floor - 27), (x + 15, floor)], b.lit((148, 112, 96))
        )
        wall.shape([(x - 9, floor), (x - 9, floor - 16), (x, floor - 20), (x + 9, floor - 16), (x + 9, floor)], INK)
        things.fire(wall, x, floor - 0.5, 11, [])
    b.put(wall, 0.55)
    ground = b.sheet()
    ground.shape([(b.left, 100 + BELOW), (far, floor), (b.width - far, floor), (b.right, 100 + BELOW)], b.ground)
    for k in range(-9, 10):
        ground.line(
            [(b.width / 2 + k * b.x(0.09), floor), (b.width / 2 + k * b.x(0.26), 100 + BELOW)],
            shade(b.ground, 0.78),
            width=0.45,
        )
    b.put(ground, 0.8)
    goods = b.sheet()
    if "bed" in named:
        x, y = b.x(0.68), floor + 12
        goods.shape([(x - 24, y), (x - 22, y - 11), (x + 24, y - 11), (x + 26, y)], b.lit((206, 206, 214)))
        goods.shape([(x - 24, y + 5), (x - 24, y), (x + 26, y), (x + 26, y + 5)], b.lit((120, 86, 62)))
        goods.shape(
            [(x + 14, y - 11), (x + 15, y - 15), (x + 24, y - 15), (x + 24, y - 11)],
            b.lit((240, 240, 240)),
            smooth=True,
        )
    if "table" in named or "screen" in named:
        x, y, h = b.x(0.7), floor + 13, 19 * min(1.3, b.scale)
        things.table(goods, x, y, h, [b.lit((132, 94, 66))])
        if "screen" in named:
            goods.shape(
                [(x - 9, y - h - 3), (x - 9, y - h - 15), (x + 9, y - h - 15), (x + 9, y - h - 3)], (40, 44, 52)
            )
            goods.shape(
                [(x - 8, y - h - 4), (x - 8, y - h - 14), (x + 8, y - h - 14), (x + 8, y - h - 4)],
                (150, 206, 220),
                width=0.4,
            )
            goods.line([(x, y - h), (x, y - h - 3)], width=1.2)
        if "lamp" in named:
            things.lamp(goods, x + 10, y - h, 13, [])
    elif "lamp" in named:
        goods.line([(b.x(0.72), -ABOVE), (b.x(0.72), 14)], width=0.6)
        things.lamp(goods, b.x(0.72), 29, 16, [])
    b.put(goods, 0.85)
    if "lamp" in named or "hearth" in named or hour == "night":
        glow = b.sheet()
        at = (
            (b.x(0.72), 26.0) if "lamp" in named else (b.x(0.72), floor - 10) if "hearth" in named else (b.x(0.55), 4.0)
        )
        glow.ellipse(*at, 42, 32, (255, 214, 130, 78), ink=None)
        glow.blur(9)
        b.put(glow, 0.85)
