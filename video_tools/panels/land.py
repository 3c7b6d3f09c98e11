"""Dry places out of doors: mountains, a field, a forest, a desert, a street."""

from itertools import pairwise

from reelgraph.video_tools.panels import landmarks
from reelgraph.video_tools.panels.colours import INK, RGB, mix, shade
from reelgraph.video_tools.panels.ground import STANDING, stand, tufts
from reelgraph.video_tools.panels.scenery import Board
from reelgraph.video_tools.panels.sheet import ABOVE, BELOW, Sheet


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
        landmarks.pine(b.brush(middle, x, y, size), [])
    ground = b.plane(b.horizon + 7, b.ground, 1.2)
    tufts(b, ground, b.horizon + 7, shade(b.ground, 0.72))
    b.put(ground, 0.6)
    stand(b, middle, b.horizon + 11)
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
    tufts(b, ground, b.horizon + 5, shade(b.ground, 0.72))
    if "road" in b.seen.things:
        dust = mix(b.lit((196, 176, 140)), b.ground, 0.2)
        ground.shape(b.path("-0.58,13 0.3,12 1.58,15 1.58,27 0.4,23 -0.58,25", b.horizon), dust, smooth=True)
    stand(b, middle, b.horizon + 9)
    if not {*STANDING} & {*b.seen.things}:
        landmarks.tree(b.brush(middle, b.x(0.84), b.horizon + 8, 28), [])
        landmarks.tree(b.brush(middle, b.x(0.07), b.horizon + 7, 18), [])
    b.put(ground, 0.7)
    b.put(middle, 0.7)


def forest(b: Board) -> None:
    """Draw firs in the distance and trunks nearby, with a gap for whoever is in it."""
    back = b.sheet()
    brush = [(x, b.horizon - 2 - 3 * b.hand.random()) for x in b.across(40)]
    back.shape([(b.left, 100), *brush, (b.right, 100)], mix(b.far, b.sky, 0.25), ink=None)
    for x, _ in pairwise(b.across(34)):
        size = 34 + 18 * b.hand.random()
        landmarks.pine(b.brush(back, x + b.hand.random() * 9, b.horizon + 5, size), [mix(b.far, b.sky, 0.4)])
    b.put(back, 0.3)
    ground = b.plane(b.horizon + 3, b.ground, 0.8)
    tufts(b, ground, b.horizon + 3, shade(b.ground, 0.66), 70)
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
    stand(b, trunks, b.horizon + 10, skip=("tree",))
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
            stand(b, sheet, top + 4)
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
        road.ellipse(x + 3, top, 2.6, 1.5, landmarks.GLOW if dark else (226, 226, 220))
    stand(b, road, b.horizon + 23)
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
            glass = landmarks.GLOW if dark and b.hand.random() > 0.5 else shade(b.lit((112, 132, 148)), 0.8)
            u, v = x + w * (i + 0.5) / columns, base - h + (5 + 8.2 * j) * b.scale
            oblong(u - pane, v, u + pane, v + 3 * pane, glass)
    oblong(x + w * 0.4, base - 5.5 * b.scale, x + w * 0.58, base + 2, shade(wall, 0.45))
