"""Draw a room in one-point perspective: walls, floor, what stands in it, and the hour through its window."""

from reelgraph.video_tools.panels import landmarks, things
from reelgraph.video_tools.panels.colours import INK, RGB, mix, shade
from reelgraph.video_tools.panels.scenery import Board
from reelgraph.video_tools.panels.sheet import ABOVE, BELOW, Sheet

GLASS = {"day": (196, 222, 236), "night": (24, 36, 78), "dusk": (236, 150, 104), "dawn": (250, 206, 172)}
CEILING = 6.0


def room(b: Board) -> None:
    """Draw the room that the words ask for; with no window or door named, it has a window."""
    floor, named = b.horizon + 17, b.seen.things
    wall = b.sheet()
    _walls(b, wall, floor)
    if "window" in named or "door" not in named:
        _window(b, wall)
    if "door" in named:
        _door(b, wall, floor)
    if "shelf" in named:
        _shelf(b, wall, floor)
    if "stairs" in named:
        _stairs(b, wall, floor)
    if "hearth" in named:
        _hearth(b, wall, floor)
    b.put(wall, 0.55)
    ground = b.sheet()
    edge = [(b.x(0.1), floor), (b.x(0.9), floor)]
    ground.shape([(b.left, 100 + BELOW), *edge, (b.right, 100 + BELOW)], b.ground)
    for k in range(-9, 10):
        plank = [(b.width / 2 + k * b.x(0.044), floor), (b.width / 2 + k * b.x(0.19), 100 + BELOW)]
        ground.line(plank, shade(b.ground, 0.78), width=0.45)
    b.put(ground, 0.8)
    goods = b.sheet()
    _furniture(b, goods, floor)
    b.put(goods, 0.85)
    if "lamp" in named or "hearth" in named or b.seen.hour == "night":
        glow = b.sheet()
        x, y = (0.72, 26.0) if "lamp" in named else (0.72, floor - 10) if "hearth" in named else (0.55, 4.0)
        glow.ellipse(b.x(x), y, 42, 32, (255, 214, 130, 78), ink=None)
        glow.blur(9)
        b.put(glow, 0.85)


def _oblong(
    sheet: Sheet, left: float, top: float, right: float, bottom: float, fill: RGB | None, width: float = 0.7
) -> None:
    sheet.shape([(left, bottom), (left, top), (right, top), (right, bottom)], fill, width=width)


def _walls(b: Board, s: Sheet, floor: float) -> None:
    _oblong(s, b.left, -ABOVE, b.right, 100 + BELOW, b.sky, 0.3)
    for end, corner, dark in ((b.left, b.x(0.1), 0.84), (b.right, b.x(0.9), 0.76)):
        s.shape([(end, -ABOVE), (corner, CEILING), (corner, floor), (end, 100 + BELOW)], shade(b.sky, dark))
    s.shape([(b.left, -ABOVE), (b.x(0.1), CEILING), (b.x(0.9), CEILING), (b.right, -ABOVE)], shade(b.sky, 1.2))
    _oblong(s, b.x(0.1), floor - 3, b.x(0.9), floor, shade(b.sky, 0.66), 0.5)


def _window(b: Board, s: Sheet) -> None:
    x, y, w, h, frame = b.x(0.3), 22.0, 13.0 * b.scale, 25.0 * b.scale, shade(b.sky, 0.55)
    _oblong(s, x - w - 1.2, y - 1.2, x + w + 1.2, y + h + 1.2, frame)
    _oblong(s, x - w, y, x + w, y + h, GLASS[b.seen.hour])
    if b.seen.hour == "night":
        s.ellipse(x + w * 0.5, y + h * 0.28, 2.4, 2.4, (244, 238, 214), ink=None)
    s.line([(x, y), (x, y + h)], frame, width=1.0)
    s.line([(x - w, y + h * 0.5), (x + w, y + h * 0.5)], frame, width=1.0)


def _door(b: Board, s: Sheet, floor: float) -> None:
    x, h = b.x(0.74), (floor - CEILING) * 0.74
    _oblong(s, x - 9, floor - h, x + 9, floor, b.lit((128, 88, 60)), 0.9)
    for v in (0.12, 0.56):
        _oblong(s, x - 6, floor - h * (v + 0.32), x + 6, floor - h * v, None, 0.5)
    s.ellipse(x + 7, floor - h * 0.48, 0.8, 0.8, (214, 178, 92))


def _shelf(b: Board, s: Sheet, floor: float) -> None:
    x = b.x(0.62)
    _oblong(s, x, 18, x + 30, floor, b.lit((104, 76, 54)))
    for row in range(4):
        y, at = 28 + row * 12.5, x + 1.5
        while at < x + 27:
            w, h = 1.5 + 1.6 * b.hand.random(), 6.5 + 3 * b.hand.random()
            _oblong(s, at, y - h, at + w, y, b.lit(mix((150, 70, 58), (70, 104, 120), b.hand.random())), 0.3)
            at += w
        s.line([(x, y), (x + 30, y)], width=0.8)


def _stairs(b: Board, s: Sheet, floor: float) -> None:
    x, stone = b.x(0.56), b.lit(mix((150, 132, 112), b.sky, 0.4))
    for k in range(9):
        _oblong(s, x + k * 6.2, floor - k * 6.0 - 6, x + (k + 1) * 6.2, floor + 1, stone, 0.6)
    s.line([(x, floor - 22), (x + 55, floor - 76)], b.lit((92, 66, 48)), width=1.4)


def _hearth(b: Board, s: Sheet, floor: float) -> None:
    x = b.x(0.72)
    _oblong(s, x - 15, floor - 27, x + 15, floor, b.lit((148, 112, 96)))
    s.shape([(x - 9, floor), (x - 9, floor - 16), (x, floor - 20), (x + 9, floor - 16), (x + 9, floor)], INK)
    landmarks.fire(b.brush(s, x, floor - 0.5, 11 / b.scale), [])


def _furniture(b: Board, s: Sheet, floor: float) -> None:
    named, x, y = b.seen.things, b.x(0.7), floor + 13
    if "bed" in named:
        s.shape([(x - 24, y), (x - 22, y - 11), (x + 24, y - 11), (x + 26, y)], b.lit((206, 206, 214)))
        _oblong(s, x - 24, y, x + 26, y + 5, b.lit((120, 86, 62)))
        s.shape([(x + 14, y - 11), (x + 15, y - 15), (x + 24, y - 15), (x + 24, y - 11)], b.lit((240, 240, 240)))
    if "table" in named or "screen" in named:
        h = 19 * min(1.3, b.scale)
        things.table(b.brush(s, x, y, h / b.scale), [])
        if "screen" in named:
            _oblong(s, x - 9, y - h - 15, x + 9, y - h - 3, (40, 44, 52))
            _oblong(s, x - 8, y - h - 14, x + 8, y - h - 4, (150, 206, 220), 0.4)
            s.line([(x, y - h), (x, y - h - 3)], width=1.2)
        if "lamp" in named:
            things.lamp(b.brush(s, x + 10, y - h, 13 / b.scale), [])
    elif "lamp" in named:
        s.line([(b.x(0.72), -ABOVE), (b.x(0.72), 15)], width=0.6)
        things.lamp(b.brush(s, b.x(0.72), 29, 16 / b.scale), [])
