"""Things that stand out of doors, large ones: each drawn in its own measure, in its colours."""

from collections.abc import Callable
from math import cos, pi, sin

from reelgraph.video_tools.panels.brush import Brush
from reelgraph.video_tools.panels.colours import INK, RGB, shade

Draw = Callable[[Brush, list[RGB]], None]
GLOW: RGB = (255, 226, 150)


def first(colours: list[RGB], other: RGB) -> RGB:
    """Return the first of a thing's colours, or another where it has none."""
    return colours[0] if colours else other


def second(colours: list[RGB], other: RGB) -> RGB:
    """Return the second of a thing's colours, or another where it has fewer."""
    return colours[1] if len(colours) > 1 else other


def lighthouse(b: Brush, colours: list[RGB]) -> None:
    """Draw a banded tower with a lit lamp."""
    band = first(colours, (190, 62, 48))
    for i in range(5):
        low, high = 0.115 - 0.008 * i, 0.107 - 0.008 * i
        v, w = 0.144 * i, 0.144 * (i + 1)
        b.shape(f"-{low},{v} -{high},{w} {high},{w} {low},{v}", band if i % 2 else (240, 236, 226))
    b.shape("0.115,0 0.075,0.72 0.022,0.72 0.04,0", (0, 0, 0), ink=False, alpha=60)
    b.box(0, 0.72, 0.218, 0.03, shade(band, 0.55))
    b.box(0, 0.75, 0.128, 0.12, GLOW, lit=False)
    for u in (-0.03, 0.0, 0.03):
        b.line(f"{u},0.75 {u},0.87", thin=0.6)
    b.shape("-0.083,0.87 0,0.98 0.083,0.87", shade(band, 0.8))
    b.box(0, 0, 0.07, 0.09, shade(band, 0.45))


def house(b: Brush, colours: list[RGB]) -> None:
    """Draw a gabled house with lit windows."""
    wall, roof = first(colours, (214, 202, 180)), second(colours, (120, 74, 62))
    b.box(0, 0, 1.15, 0.55, wall)
    b.shape("0.23,0 0.23,0.55 0.575,0.55 0.575,0", (0, 0, 0), ink=False, alpha=40)
    b.box(0.28, 0.8, 0.12, 0.35, shade(roof, 0.8))
    b.shape("-0.67,0.55 -0.46,1 0.46,1 0.67,0.55", roof)
    b.box(-0.12, 0, 0.17, 0.34, shade(roof, 0.7))
    for u in (-0.39, 0.23, 0.42):
        b.box(u, 0.2, 0.14, 0.17, GLOW, thin=0.7, lit=False)


def village(b: Brush, colours: list[RGB]) -> None:
    """Draw a few houses about a church."""
    wall, roof = first(colours, (214, 202, 180)), second(colours, (120, 74, 62))
    b.box(0.34, 0, 0.3, 0.95, shade(wall, 0.92))
    b.shape("0.15,0.95 0.34,1.5 0.53,0.95", roof)
    b.ellipse(0.34, 0.76, 0.07, 0.07, (246, 241, 226))
    for u, size, tone in ((-1.5, 0.8, 0.9), (1.35, 0.75, 0.94), (-0.55, 0.95, 1.0)):
        b.box(u, 0, 1.1 * size, 0.52 * size, shade(wall, tone))
        b.shape(
            f"{u - 0.64 * size},{0.52 * size} {u - 0.4 * size},{0.95 * size} {u + 0.4 * size},{0.95 * size} "
            f"{u + 0.64 * size},{0.52 * size}",
            shade(roof, tone),
        )
        b.box(u, 0, 0.16 * size, 0.3 * size, shade(roof, 0.7))
        for v in (-0.34, 0.34):
            b.box(u + v * size, 0.2 * size, 0.14 * size, 0.16 * size, GLOW, thin=0.7, lit=False)


def bench(b: Brush, colours: list[RGB]) -> None:
    """Draw a park bench."""
    wood = first(colours, (138, 96, 62))
    for u in (-0.95, 0.95):
        b.box(u, 0, 0.09, 0.95, (66, 66, 72))
    for v in (0.4, 0.66, 0.84):
        b.box(0, v, 2.3, 0.12, wood, thin=0.7)


def tower(b: Brush, colours: list[RGB]) -> None:
    """Draw a battlemented keep with two turrets."""
    stone, flag = first(colours, (150, 146, 140)), second(colours, (120, 60, 56))
    for u, w, high in ((-0.3, 0.18, 0.8), (0.32, 0.2, 0.7), (0.0, 0.42, 0.62)):
        tone = shade(stone, 0.85) if u else stone
        b.box(u, 0, w, high, tone)
        for k in range(-2, 3):
            b.box(u + k * w / 4.2, high, w * 0.13, 0.06, tone)
    b.shape("-0.39,0.86 -0.3,1.05 -0.21,0.86", flag)
    b.ellipse(0, 0.1, 0.06, 0.11, INK)
    for u in (-0.1, 0.1):
        b.box(u, 0.38, 0.04, 0.1, INK, thin=0.6)


def tree(b: Brush, colours: list[RGB]) -> None:
    """Draw a broadleaf tree."""
    leaf, bark = first(colours, (92, 128, 72)), second(colours, (96, 70, 52))
    b.shape("-0.06,0 -0.03,0.5 0.03,0.5 0.07,0", bark)
    ring = [(0.33 * cos(k * pi / 5) * (1 + 0.14 * (k % 2)), 0.66 + 0.32 * sin(k * pi / 5)) for k in range(10)]
    b.smooth(" ".join(f"{u},{v}" for u, v in ring), leaf)
    b.line("-0.16,0.6 -0.04,0.55 0.08,0.62", shade(leaf, 0.7))
    b.line("0.02,0.76 0.12,0.72 0.2,0.78", shade(leaf, 0.7))


def pine(b: Brush, colours: list[RGB]) -> None:
    """Draw a conifer."""
    leaf = first(colours, (62, 92, 74))
    b.box(0, 0, 0.05, 0.2, (84, 62, 50), thin=0.6)
    for i in range(3):
        v, half = 0.12 + 0.24 * i, 0.24 - 0.055 * i
        b.shape(f"-{half},{v} 0,{v + 0.42} {half},{v}", shade(leaf, 1 - 0.07 * i), thin=0.7)


def boat(b: Brush, colours: list[RGB]) -> None:
    """Draw a sailing boat, its water line on the base."""
    hull, sail = first(colours, (160, 72, 52)), second(colours, (238, 232, 216))
    b.line("0,0.2 0,1", thick=0.02)
    b.shape("0.03,0.97 0.42,0.3 0.03,0.27", sail)
    b.shape("-0.03,0.85 -0.3,0.32 -0.03,0.27", shade(sail, 0.86))
    b.shape("-0.46,0.2 0.52,0.24 0.34,-0.03 -0.32,-0.03", hull)
    b.line("-0.42,0.13 0.46,0.16", shade(hull, 1.5), thick=0.02)


def car(b: Brush, colours: list[RGB]) -> None:
    """Draw a saloon car."""
    b.shape("-1.05,0.2 -1,0.58 -0.6,0.64 -0.32,1 0.38,1 0.66,0.62 1.08,0.54 1.12,0.2", first(colours, (70, 98, 128)))
    b.shape("-0.5,0.64 -0.26,0.92 0,0.92 0,0.64", (206, 220, 226), thin=0.7)
    b.shape("0.06,0.64 0.06,0.92 0.34,0.92 0.54,0.64", (206, 220, 226), thin=0.7)
    for u in (-0.6, 0.66):
        b.ellipse(u, 0.18, 0.2, 0.2, INK)
        b.ellipse(u, 0.18, 0.09, 0.09, (170, 170, 172))
    b.ellipse(1.07, 0.42, 0.05, 0.07, GLOW, thin=0.6, lit=False)


def train(b: Brush, colours: list[RGB]) -> None:
    """Draw two coaches on rails."""
    body = first(colours, (58, 84, 76))
    for u in (-2.1, 0.0):
        b.box(u, 0.18, 2.0, 0.72, body if u == 0 else shade(body, 0.8))
        for k in range(-3, 4):
            b.box(u + k * 0.26, 0.55, 0.17, 0.22, GLOW, thin=0.6, lit=False)
            b.ellipse(u + k * 0.26, 0.1, 0.1, 0.1, INK)
    b.line("-6,0 6,0")


def fence(b: Brush, colours: list[RGB]) -> None:
    """Draw a length of post and rail."""
    wood = first(colours, (146, 118, 90))
    for k in range(-5, 6):
        b.box(k * 0.7, 0, 0.1, 1, wood, thin=0.7)
    for v in (0.35, 0.75):
        b.line(f"-3.7,{v} 3.7,{v}", shade(wood, 0.8), thick=0.09)


def bridge(b: Brush, colours: list[RGB]) -> None:
    """Draw a stone bridge of three arches."""
    stone = first(colours, (160, 150, 138))
    b.shape("-2.4,0 -2.2,0.6 0,0.8 2.2,0.6 2.4,0", stone)
    for u in (-1.3, 0.0, 1.3):
        arch = [(u + 0.48 * cos(a * pi / 8), 0.5 * sin(a * pi / 8)) for a in range(9)]
        b.shape(" ".join(f"{u},{v}" for u, v in arch), shade(stone, 0.4), thin=0.7)


def fire(b: Brush, colours: list[RGB]) -> None:
    """Draw flames on logs."""
    flame = first(colours, (232, 120, 38))
    b.smooth("-0.42,0.1 -0.2,0.55 -0.12,0.35 0.02,1 0.16,0.45 0.28,0.6 0.4,0.1", flame, lit=False)
    b.smooth("-0.2,0.1 0.02,0.6 0.2,0.1", (255, 214, 92), ink=False, lit=False)
    b.line("-0.5,0 0.5,0.14", (92, 62, 44), thick=0.12)
    b.line("-0.5,0.14 0.5,0", (110, 76, 54), thick=0.12)


def rock(b: Brush, colours: list[RGB]) -> None:
    """Draw a boulder."""
    stone = first(colours, (128, 124, 120))
    b.shape("-0.8,0 -0.62,0.6 -0.1,1 0.5,0.72 0.85,0", stone)
    b.shape("-0.1,1 0.5,0.72 0.85,0 0.12,0", shade(stone, 0.72), ink=False)
