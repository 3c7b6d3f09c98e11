"""The places that a panel can happen in, out of doors: each draws its distance, its middle ground and its ground."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sin

from reelgraph.video_tools.backends import panel_things as things
from reelgraph.video_tools.backends.panel_room import room
from reelgraph.video_tools.backends.panel_scenery import Board
from reelgraph.video_tools.backends.panel_sheet import ABOVE, BELOW, INK, RGB, Sheet, Sway, mix, rgb, shade

# Things that stand out of doors, with their height in units in a wide shot.
STANDING: dict[str, tuple[things.Draw, float]] = {
    "lighthouse": (things.lighthouse, 33),
    "house": (things.house, 22),
    "tower": (things.tower, 34),
    "tree": (things.tree, 34),
    "boat": (things.boat, 16),
    "car": (things.car, 9),
    "train": (things.train, 13),
    "fence": (things.fence, 8),
    "bridge": (things.bridge, 14),
    "fire": (things.fire, 11),
    "rock": (things.rock, 8),
}


def _stand(b: Board, sheet: Sheet, base: float, *, skip: Sequence[str] = (), start: float = 0.74) -> None:
    """Stand the things that the words name: the first at `start` of the width, the others left and right of it."""
    place = start
    for name in b.seen.things:
        if name in STANDING and name not in skip:
            draw, size = STANDING[name]
            draw(b.brush(sheet, b.x(place), base, size), [rgb(c) for c in b.seen.things[name]])
            place += -0.36 if place > 0.4 else 0.55


def _tufts(b: Board, sheet: Sheet, top: float, colour: RGB, count: int = 46) -> None:
    for _ in range(count):
        x, y = b.anywhere(), top + 3 + b.hand.random() ** 1.4 * (100 + BELOW - top)
        size = 0.5 + (y - top) / 34
        for u in (-0.6, 0.0, 0.7):
            sheet.line([(x + u * size * 0.4, y), (x + u * size, y - size * 1.3)], colour, width=0.4)


def sea(b: Board) -> None:
    """Draw open water, with a headland where a cliff or lighthouse is named, and a shore unless somebody is afloat."""
    line = b.horizon
    distance = b.sheet()
    distance.shape(b.path("-0.58,1 -0.2,-4 0.08,-6 0.3,1", line), mix(b.far, b.sky, 0.45), width=0.4)
    b.put(distance, 0.1)
    water = b.plane(line, b.far)
    for _ in range(70):
        x, y = b.anywhere(), line + 1.5 + b.hand.random() ** 1.6 * 60
        w, tone = 2 + (y - line) * 0.35, 1.35 if b.hand.random() > 0.5 else 0.8
        water.line([(x, y), (x + w / 2, y - 0.5), (x + w, y)], shade(b.far, tone), width=0.45, smooth=True)
    if b.seen.hour != "day":
        shine = (232, 232, 214, 150) if b.seen.hour == "night" else (255, 226, 168, 190)
        for k in range(14):
            y, w = line + 1.2 + k * 1.9, 3 + 5 * b.hand.random() + k * 0.2
            water.line([(b.x(0.62) - w, y), (b.x(0.62) + w, y)], shine, width=0.55)
    b.put(water, 0.45, lambda t: (0.8 * sin(t * 1.1), 0.35 * sin(t * 1.7), 0.0))
    if "boat" in b.seen.things:
        boat = b.sheet()
        colours = [rgb(c) for c in b.seen.things["boat"]]
        things.boat(b.brush(boat, b.x(0.3), line + 6 * b.scale, 17), colours)
        b.put(boat, 0.5, lambda t: (0.3 * t, 0.7 * sin(t * 1.5), 0.0))
    headland = bool({"cliff", "lighthouse"} & set(b.seen.things))
    if headland:
        _headland(b, line)
    if not b.seen.afloat and (b.scale < 1.2 or not headland):
        top = max(line + 22, 80)
        shore = b.plane(top, b.ground, 0.9)
        _tufts(b, shore, top, shade(b.ground, 0.68), 30)
        if not headland:
            _stand(b, shore, top + 4, skip=("boat",))
        b.put(shore, 0.9)


def _headland(b: Board, line: float) -> None:
    high = line - 17 * b.scale
    rock, turf = mix(b.ground, b.lit((104, 96, 92)), 0.5), mix(b.ground, b.lit((120, 146, 88)), 0.6)
    land = b.sheet()
    brink = b.path("1.58,-3 0.8,-1 0.62,0 0.52,3", high)
    foot = [*b.path("0.55,4 0.49,14", line), (b.x(0.46), 100 + BELOW), (b.right, 100 + BELOW)]
    land.shape([*brink, *foot], rock)
    for k in range(9):
        x = b.x(0.57 + 0.07 * k)
        crack = [(x, high + 4 + b.hand.random() * 5), (x - 2, line), (x + 1.5, line + 9)]
        land.line(crack, shade(rock, 0.68), width=0.55)
    land.shape([*brink, *b.path("0.54,5.5 0.66,3.2 1.58,2.5", high)], turf)
    if "lighthouse" in b.seen.things:
        if b.seen.hour in ("night", "dusk") and b.seen.beam:
            x, y = b.x(0.84), high + 1 - 33 * b.scale * 0.81
            beam = b.sheet()
            light = (*rgb(b.seen.beam), 104)
            beam.shape([(x, y), (b.left, y - 4), (b.left, y + 34)], light, ink=None)
            beam.shape([(x, y), (b.right, y - 10), (b.right, y + 2)], light, ink=None)
            b.put(beam, 0.6)
        colours = [rgb(c) for c in b.seen.things["lighthouse"]]
        things.lighthouse(b.brush(land, b.x(0.84), high + 1, 33), colours)
    _stand(b, land, high + 2, skip=("lighthouse", "boat"), start=0.66)
    b.put(land, 0.6)


def _ridge(b: Board, base: float, high: float, peaks: int, colour: RGB, depth: float, *, snow: bool = False) -> None:
    sheet = b.sheet()
    span = (b.right - b.left) / peaks
    for k in range(peaks):
        x, top = b.left + span * (k + 0.5), base - high * (0.6 + 0.4 * b.hand.random())
        half, middle = span * (0.75 + 0.25 * b.hand.random()), (top + base) / 2
        slope = [(x, top), (x + half * 0.5, middle - 1), (x + half, base + 30)]
        sheet.shape([(x - half, base + 30), (x - half * 0.45, middle + 2), *slope], colour)
        shadow = [(x + half * 0.12, base + 30), (x + half * 0.1, middle)]
        sheet.shape([*slope, *shadow], shade(colour, 0.8), ink=None)
        if snow:
            fall = (base - top) * 0.3
            edge = ((-0.17, 1.0), (0.0, 0.0), (0.2, 1.0), (0.08, 0.8), (0.0, 1.2), (-0.08, 0.85))
            cap = [(x + half * u, top + fall * v) for u, v in edge]
            sheet.shape(cap, mix(b.lit((246, 248, 252)), colour, 0.08), width=0.5)
    b.put(sheet, depth)


def mountain(b: Board) -> None:
    """Draw snowy peaks over foothills and a meadow with firs."""
    _ridge(b, b.horizon, 44, 5, mix(b.far, b.sky, 0.4), 0.15, snow=True)
    _ridge(b, b.horizon + 4, 20, 9, b.far, 0.35)
    middle = b.sheet()
    for _ in range(12):
        x, y, size = b.anywhere(), b.horizon + 9 + 3 * b.hand.random(), 8 + 6 * b.hand.random()
        things.pine(b.brush(middle, x, y, size), [])
    ground = b.plane(b.horizon + 7, b.ground, 1.2)
    _tufts(b, ground, b.horizon + 7, shade(b.ground, 0.72))
    b.put(ground, 0.6)
    _stand(b, middle, b.horizon + 11)
    b.put(middle, 0.6)


def field(b: Board) -> None:
    """Draw rolling hills and a meadow, with trees where nothing else is named."""
    hills = b.sheet()
    for k, tone in ((0, 0.35), (1, 0.1)):
        xs = b.across(6)
        crest = [(x, b.horizon - 3 + 4 * k - (7 + 5 * b.hand.random()) * (i % 2)) for i, x in enumerate(xs)]
        hills.shape([(b.left - 20, 130), *crest, (b.right + 20, 130)], mix(b.far, b.sky, tone), smooth=True)
    b.put(hills, 0.3)
    ground, middle = b.plane(b.horizon + 5, b.ground, 0.7), b.sheet()
    _tufts(b, ground, b.horizon + 5, shade(b.ground, 0.72))
    _stand(b, middle, b.horizon + 9)
    if not b.seen.things:
        things.tree(b.brush(middle, b.x(0.84), b.horizon + 8, 28), [])
        things.tree(b.brush(middle, b.x(0.07), b.horizon + 7, 18), [])
    b.put(ground, 0.7)
    b.put(middle, 0.7)


def forest(b: Board) -> None:
    """Draw firs in the distance and trunks nearby, with a gap for whoever is in it."""
    back = b.sheet()
    brush = [(x, b.horizon - 2 - 3 * b.hand.random()) for x in b.across(40)]
    back.shape([(b.left, 100), *brush, (b.right, 100)], mix(b.far, b.sky, 0.25), ink=None)
    for x, _ in pairwise(b.across(34)):
        size = 34 + 18 * b.hand.random()
        things.pine(b.brush(back, x + b.hand.random() * 9, b.horizon + 5, size), [mix(b.far, b.sky, 0.4)])
    b.put(back, 0.3)
    ground = b.plane(b.horizon + 3, b.ground, 0.8)
    _tufts(b, ground, b.horizon + 3, shade(b.ground, 0.66), 70)
    b.put(ground, 0.7)
    trunks, bark = b.sheet(), mix(b.lit((96, 74, 58)), b.far, 0.25)
    for x, after in pairwise(b.across(9)):
        x, w = x + (after - x) * (0.3 + 0.4 * b.hand.random()), (2.2 + 1.6 * b.hand.random()) * b.scale
        if abs(x - b.width / 2) < b.x(0.1):
            continue
        low, root = b.horizon, b.horizon + 14
        side = [(x + w * 0.7, -ABOVE), (x + w * 0.8, low), (x + w * 1.5, root)]
        trunks.shape([(x - w * 1.4, root), (x - w * 0.8, low), (x - w * 0.7, -ABOVE), *side], bark)
        trunks.shape([(x + w * 0.2, -ABOVE), *side, (x + w * 0.5, root - 1)], shade(bark, 0.7), ink=None)
    leaves = mix(b.far, b.lit((70, 104, 68)), 0.4)
    for x in b.across(26):
        y, w = -12 + 14 * b.hand.random(), 9 + 4 * b.hand.random()
        trunks.ellipse(x + 6 * b.hand.random(), y, w, 7, leaves, width=0.5, wobble=1.2)
    _stand(b, trunks, b.horizon + 10, skip=("tree",))
    b.put(trunks, 0.7)


def desert(b: Board) -> None:
    """Draw dunes, each with a slope in shade."""
    for k, (depth, tone) in enumerate(((0.2, 0.35), (0.45, 0.15), (0.85, 0.0))):
        top = b.horizon - 4 + 9 * k
        sand = mix(b.ground if k else mix(b.ground, b.far, 0.5), b.sky, tone)
        sheet, span = b.sheet(), (b.right - b.left) / 5
        crest = [
            (b.left + span * (i + 0.3 * k), top - (9 - 2 * k) * (i % 2) - 2 * b.hand.random()) for i in range(-1, 7)
        ]
        sheet.shape([(b.left - 40, 100 + BELOW), *crest, (b.right + 40, 100 + BELOW)], sand, smooth=True)
        for (x0, y0), (x1, y1) in pairwise(crest):
            if y1 > y0:
                slip = [(x0 + (x1 - x0) * 0.55, y1 + 9), (x0 + (x1 - x0) * 0.2, y1 + 4)]
                sheet.shape([(x0, y0 + 0.6), (x1, y1), *slip], shade(sand, 0.84), ink=None, smooth=True)
        if k == 1:
            _stand(b, sheet, top + 4)
        if k == 2:
            for _ in range(16):
                x, y = b.anywhere(), top + 12 + b.hand.random() * 50
                sheet.line([(x, y), (x + 9, y - 1), (x + 18, y)], shade(sand, 0.86), smooth=True, width=0.5)
        b.put(sheet, depth)


def street(b: Board) -> None:
    """Draw a row of fronts, lit after dark, with lamp posts and a road."""
    fronts, base, x = b.sheet(), b.horizon + 9, b.left
    dark = b.seen.hour in ("night", "dusk")
    while x < b.right:
        w, h = (13 + 12 * b.hand.random()) * b.scale, (30 + 30 * b.hand.random()) * b.scale
        wall = b.far
        if b.hand.random() > 0.35:
            wall = b.lit(mix((150, 128, 112), (186, 172, 150), b.hand.random()))
        _front(b, fronts, x, base, w, h, wall, dark)
        x += w
    b.put(fronts, 0.45)
    road = b.plane(b.horizon + 8, b.ground)
    road.shape(b.path("-0.58,8 1.58,8 1.58,13 -0.58,13", b.horizon), shade(b.ground, 1.25), width=0.5)
    for k in range(-8, 20):
        dash = [(k * 17.0, 27.0), (k * 17.0 + 9, 27.0), (k * 17.0 + 9.6, 29.0), (k * 17.0 - 0.4, 29.0)]
        road.shape([(u, b.horizon + v) for u, v in dash], shade(b.ground, 1.6), ink=None)
    if "rain" in b.seen.weather:
        for _ in range(24):
            x, y = b.anywhere(), b.horizon + 24 + 20 * b.hand.random()
            road.line([(x, b.horizon + 15), (x, y)], shade(b.ground, 1.3), width=0.9)
    for k in range(-1, 4):
        x, top = b.x(0.14 + 0.42 * k), b.horizon + 12 - 38 * b.scale
        road.line([(x, b.horizon + 12), (x, top), (x + 2.4, top - 1)], b.lit((62, 64, 70)), width=1.0)
        road.ellipse(x + 3, top, 2.6, 1.5, things.GLOW if dark else (226, 226, 220))
    _stand(b, road, b.horizon + 23)
    b.put(road, 0.8)


def _front(b: Board, sheet: Sheet, x: float, base: float, w: float, h: float, wall: RGB, dark: bool) -> None:
    """Draw one house front, `w` by `h` units, with its windows and door."""

    def oblong(left: float, top: float, right: float, bottom: float, fill: RGB, *, ink: bool = True) -> None:
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        sheet.shape(corners, fill, width=0.5, ink=INK if ink else None)

    oblong(x, base - h, x + w, base + 2, wall)
    oblong(x + w * 0.8, base - h, x + w, base + 2, shade(wall, 0.8), ink=False)
    columns, rows, pane = max(2, int(w / 5.2 / b.scale)), int(h / 8.5 / b.scale), 1.2 * b.scale
    for i in range(columns):
        for j in range(rows):
            glass = things.GLOW if dark and b.hand.random() > 0.5 else shade(b.lit((112, 132, 148)), 0.8)
            u, v = x + w * (i + 0.5) / columns, base - h + (5 + 8.2 * j) * b.scale
            oblong(u - pane, v, u + pane, v + 3 * pane, glass)
    oblong(x + w * 0.4, base - 5.5 * b.scale, x + w * 0.58, base + 2, shade(wall, 0.45))


def space(b: Board) -> None:
    """Draw a ringed planet over a cratered ground."""
    planet, r, x = b.sheet(), 24 * min(1.4, b.scale), b.x(0.76)
    planet.ellipse(x, 34, r, r, b.far)
    for k in (-0.5, -0.1, 0.35):
        y = 34 + k * r
        planet.line([(x - r * 0.85, y), (x, y + 3), (x + r * 0.85, y - 1)], shade(b.far, 1.3), smooth=True, width=1.2)
    planet.ellipse(x, 34, r * 1.6, r * 0.24, None, ink=(206, 196, 170), width=1.1, turn=-16)
    b.put(planet, 0.1)
    ground = b.plane(84, mix(b.ground, (60, 60, 76), 0.4), 1.0)
    for _ in range(12):
        y = 90 + b.hand.random() * 40
        ground.ellipse(b.anywhere(), y, 5 + 4 * b.hand.random(), 1.6, shade(b.ground, 0.55), width=0.5)
    b.put(ground, 0.9)


def sky(b: Board) -> None:
    """Draw banks of cloud at three distances, and no ground."""
    for depth, low, size in ((0.25, 58, 15), (0.6, 84, 22), (0.95, 112, 30)):
        bank, tint = b.sheet(), mix(b.lit((250, 251, 252)), b.sky, 0.32 - 0.3 * depth)
        for x in b.across(9):
            for j in range(5):
                rise = size * 0.2 if 0 < j < 4 else 0
                at = x + b.hand.random() * 4 + (j - 2) * size * 0.5
                bank.ellipse(at, low - rise, size * 0.5, size * 0.34, tint, ink=None)
        b.put(bank, depth, _drift(0.9 * depth))


def _drift(speed: float) -> Sway:
    return lambda t: (speed * t, 0.0, 0.0)


def _wave(phase: float) -> Sway:
    return lambda t: (0.8 * sin(t * 1.1 + phase), 0.0, 0.0)


def underwater(b: Board) -> None:
    """Draw a sea bed with weeds that sway, and bubbles that rise."""
    b.put(b.plane(82, b.ground, 1.6), 0.8)
    for k in range(6):
        weed, x = b.sheet(), b.x(-0.2 + 0.27 * k)
        for u in (-2.0, 0.0, 2.4):
            tip = (x + u * 2, 54 + 6 * b.hand.random())
            stem = [(x + u, 92), (x + u * 1.6 - 1.6, 78), (x + u * 1.4 + 1.8, 66), tip]
            weed.line(stem, b.lit((56, 110, 84)), width=1.4, smooth=True)
        b.put(weed, 0.85, _wave(float(k)))
    bubbles = b.sheet()
    for _ in range(24):
        x, y = b.anywhere(), 10 + 90 * b.hand.random()
        bubbles.ellipse(x, y, 0.8, 0.8, (230, 246, 250, 120), width=0.3)
    b.put(bubbles, 0.9, lambda t: (0.6 * sin(2 * t), 12 * (1 - t / 4 % 2), 0.0))


def from_above(b: Board) -> None:
    """Draw the ground that an overhead shot looks down on: boards, road markings, waves, or what grows there."""
    setting, top, low = b.seen.setting, -ABOVE, 100 + BELOW
    colour = b.far if setting == "sea" and b.seen.afloat else b.ground
    ground = b.sheet()
    ground.shape([(b.left, top), (b.right, top), (b.right, low), (b.left, low)], colour, ink=None)
    if setting == "room":
        for k, x in enumerate(b.across(36)):
            ground.line([(x, top), (x, low)], shade(colour, 0.78), width=0.45)
            y = top + (k * 37 % 60)
            ground.line([(x, y), (x + (b.right - b.left) / 36, y)], shade(colour, 0.78), width=0.45)
        ground.shape(b.path("0.2,22 0.8,22 0.8,80 0.2,80"), mix(colour, (150, 60, 52), 0.5))
        ground.shape(b.path("0.225,26 0.775,26 0.775,76 0.225,76"), None, width=0.5)
    elif setting == "street":
        for y in (4, 152):
            ground.shape(b.path("-0.58,-60 1.58,-60 1.58,0 -0.58,0", y), shade(colour, 1.3))
        for x in b.across(16):
            ground.shape([(x, 47), (x + 9, 47), (x + 9, 49.4), (x, 49.4)], shade(colour, 1.6), ink=None)
    else:
        for _ in range(90):
            x, y = b.anywhere(), top + b.hand.random() * (low - top)
            stroke = shade(colour, 0.76 if b.hand.random() > 0.3 else 1.25)
            ground.line([(x, y), (x + 2, y - 1.2), (x + 4.5, y)], stroke, width=0.5, smooth=True)
    b.put(ground, 1.0)


def plain(b: Board) -> None:
    """Draw a bare floor with lines to the vanishing point, where the words name no place."""
    ground, top = b.plane(b.horizon + 6, b.ground), b.horizon + 6
    for k in range(-7, 8):
        ends = [(b.width / 2 + k * b.x(0.06), top), (b.width / 2 + k * b.x(0.3), 100 + BELOW)]
        ground.line(ends, shade(b.ground, 0.9), width=0.4)
    _stand(b, ground, b.horizon + 14)
    b.put(ground, 0.8)


PLACES: dict[str, Callable[[Board], None]] = {
    "sea": sea, "forest": forest, "desert": desert, "street": street, "mountain": mountain, "space": space, "sky": sky,
    "underwater": underwater, "field": field, "plain": plain, "room": room,
}  # fmt: skip
