"""The places that a panel can happen in: each draws its distance, its middle ground and its ground."""

from collections.abc import Callable
from math import sin

from reelgraph.video_tools.panels import landmarks
from reelgraph.video_tools.panels.colours import mix, rgb, shade
from reelgraph.video_tools.panels.ground import stand, tufts
from reelgraph.video_tools.panels.land import desert, field, forest, mountain, street
from reelgraph.video_tools.panels.room import room
from reelgraph.video_tools.panels.scenery import Board
from reelgraph.video_tools.panels.sheet import ABOVE, BELOW, Sway


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
        landmarks.boat(b.brush(boat, b.x(0.3), line + 6 * b.scale, 17), colours)
        b.put(boat, 0.5, lambda t: (0.3 * t, 0.7 * sin(t * 1.5), 0.0))
    headland = bool({"cliff", "lighthouse"} & set(b.seen.things))
    if headland:
        _headland(b, line)
    if not b.seen.afloat and (b.scale < 1.2 or not headland):
        top = max(line + 22, 80)
        shore = b.plane(top, b.ground, 0.9)
        tufts(b, shore, top, shade(b.ground, 0.68), 30)
        if not headland:
            stand(b, shore, top + 4, skip=("boat",))
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
        landmarks.lighthouse(b.brush(land, b.x(0.84), high + 1, 33), colours)
    stand(b, land, high + 2, skip=("lighthouse", "boat"), start=0.66)
    b.put(land, 0.6)


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
    stand(b, ground, b.horizon + 14)
    b.put(ground, 0.8)


PLACES: dict[str, Callable[[Board], None]] = {
    "sea": sea, "forest": forest, "desert": desert, "street": street, "mountain": mountain, "space": space, "sky": sky,
    "underwater": underwater, "field": field, "plain": plain, "room": room,
}  # fmt: skip
