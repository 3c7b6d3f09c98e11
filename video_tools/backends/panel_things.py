"""Things that stand about in a panel, or that a film is about: each drawn on a base line, at a height, in its colours."""

from collections.abc import Callable
from math import cos, pi, sin

from reelgraph.video_tools.backends.panel_sheet import INK, RGB, Sheet, mix, shade
from reelgraph.video_tools.backends.panel_words import has

Draw = Callable[[Sheet, float, float, float, list[RGB]], None]
GLOW: RGB = (255, 226, 150)


def _box(sheet: Sheet, x: float, y: float, w: float, h: float, fill: RGB, width: float = 0.7) -> None:
    """Draw an upright box whose base is centred on (x, y)."""
    sheet.shape([(x - w / 2, y), (x - w / 2, y - h), (x + w / 2, y - h), (x + w / 2, y)], fill, width=width)


def lighthouse(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a banded tower with a lit lamp."""
    low, high, foot = h * 0.115, h * 0.075, y - h * 0.72
    white, band = (240, 236, 226), c[0] if c else (190, 62, 48)

    def half(at: float) -> float:
        return low + (high - low) * (y - at) / (h * 0.72)

    for i in range(5):
        a, b = y - h * 0.144 * i, y - h * 0.144 * (i + 1)
        s.shape([(x - half(a), a), (x - half(b), b), (x + half(b), b), (x + half(a), a)], band if i % 2 else white)
    s.shape([(x + low, y), (x + high, foot), (x + high * 0.3, foot), (x + low * 0.35, y)], (0, 0, 0, 60), ink=None)
    _box(s, x, foot, high * 2.9, h * 0.03, shade(band, 0.55))
    _box(s, x, foot - h * 0.03, high * 1.7, h * 0.12, GLOW)
    for u in (-0.4, 0.0, 0.4):
        s.line([(x + u * high, foot - h * 0.03), (x + u * high, foot - h * 0.15)], width=0.4)
    top = foot - h * 0.15
    s.shape([(x - high * 1.1, top), (x, top - h * 0.11), (x + high * 1.1, top)], shade(band, 0.8))
    _box(s, x, y, low * 0.6, h * 0.09, shade(band, 0.45))


def house(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a gabled house with a lit window."""
    wall, roof = c[0] if c else (214, 202, 180), c[1] if len(c) > 1 else (120, 74, 62)
    w, eaves = h * 1.15, y - h * 0.55
    _box(s, x, y, w, h * 0.55, wall)
    s.shape([(x + w * 0.2, y), (x + w * 0.2, eaves), (x + w / 2, eaves), (x + w / 2, y)], (0, 0, 0, 40), ink=None)
    s.shape([(x - w * 0.58, eaves), (x - w * 0.4, y - h), (x + w * 0.4, y - h), (x + w * 0.58, eaves)], roof)
    _box(s, x + w * 0.24, y - h * 0.95, h * 0.12, h * 0.2, shade(roof, 0.8))
    _box(s, x - w * 0.1, y, h * 0.17, h * 0.34, shade(roof, 0.7))
    for u in (-0.34, 0.2, 0.36):
        _box(s, x + w * u, y - h * 0.2, h * 0.14, h * 0.17, GLOW, 0.5)


def tower(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a battlemented keep with two turrets."""
    stone = c[0] if c else (150, 146, 140)
    for u, w, t in ((-0.3, 0.18, 0.8), (0.32, 0.2, 0.7), (0.0, 0.42, 0.62)):
        _box(s, x + u * h, y, w * h, t * h, shade(stone, 0.85 if u else 1.0))
        for k in range(-2, 3):
            _box(s, x + u * h + k * w * h / 4.2, y - t * h, w * h * 0.13, h * 0.06, shade(stone, 0.85 if u else 1.0))
    s.shape(
        [(x - 0.39 * h, y - 0.85 * h), (x - 0.3 * h, y - 1.1 * h), (x - 0.21 * h, y - 0.85 * h)],
        c[1] if len(c) > 1 else (120, 60, 56),
    )
    s.ellipse(x, y - h * 0.1, h * 0.06, h * 0.11, INK)
    for u in (-0.1, 0.1):
        _box(s, x + u * h, y - h * 0.38, h * 0.04, h * 0.1, INK, 0.4)


def tree(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a broadleaf tree."""
    leaf, bark = c[0] if c else (92, 128, 72), c[1] if len(c) > 1 else (96, 70, 52)
    s.shape([(x - h * 0.06, y), (x - h * 0.03, y - h * 0.5), (x + h * 0.03, y - h * 0.5), (x + h * 0.07, y)], bark)
    ring = [
        (x + h * 0.33 * cos(k * pi / 5) * (1 + 0.14 * (k % 2)), y - h * 0.66 + h * 0.32 * sin(k * pi / 5))
        for k in range(10)
    ]
    s.shape(ring, leaf, smooth=True, wobble=h * 0.03)
    s.line(
        [(x - h * 0.16, y - h * 0.6), (x - h * 0.04, y - h * 0.55), (x + h * 0.08, y - h * 0.62)],
        shade(leaf, 0.7),
        smooth=True,
    )
    s.line(
        [(x + h * 0.02, y - h * 0.76), (x + h * 0.12, y - h * 0.72), (x + h * 0.2, y - h * 0.78)],
        shade(leaf, 0.7),
        smooth=True,
    )


def pine(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a conifer."""
    leaf = c[0] if c else (62, 92, 74)
    _box(s, x, y, h * 0.05, h * 0.2, (84, 62, 50), 0.4)
    for i in range(3):
        base, half = y - h * (0.12 + 0.24 * i), h * (0.24 - 0.055 * i)
        s.shape([(x - half, base), (x, base - h * 0.42), (x + half, base)], shade(leaf, 1 - 0.07 * i), width=0.5)


def boat(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a sailing boat, its water line on the base."""
    hull, sail = c[0] if c else (160, 72, 52), c[1] if len(c) > 1 else (238, 232, 216)
    s.line([(x, y - h * 0.2), (x, y - h)], width=max(0.6, h * 0.02))
    s.shape([(x + h * 0.03, y - h * 0.97), (x + h * 0.42, y - h * 0.3), (x + h * 0.03, y - h * 0.27)], sail)
    s.shape(
        [(x - h * 0.03, y - h * 0.85), (x - h * 0.3, y - h * 0.32), (x - h * 0.03, y - h * 0.27)], shade(sail, 0.86)
    )
    s.shape(
        [
            (x - h * 0.46, y - h * 0.2),
            (x + h * 0.52, y - h * 0.24),
            (x + h * 0.34, y + h * 0.03),
            (x - h * 0.32, y + h * 0.03),
        ],
        hull,
    )
    s.line([(x - h * 0.42, y - h * 0.13), (x + h * 0.46, y - h * 0.16)], shade(hull, 1.5), width=max(0.5, h * 0.02))


def car(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a saloon car."""
    body = c[0] if c else (70, 98, 128)
    s.shape([(x - h * 1.05, y - h * 0.2), (x - h * 1.0, y - h * 0.58), (x - h * 0.6, y - h * 0.64), (x - h * 0.32, y - h),
             (x + h * 0.38, y - h), (x + h * 0.66, y - h * 0.62), (x + h * 1.08, y - h * 0.54), (x + h * 1.12, y - h * 0.2)], body)  # fmt: skip
    s.shape(
        [(x - h * 0.5, y - h * 0.64), (x - h * 0.26, y - h * 0.92), (x, y - h * 0.92), (x, y - h * 0.64)],
        (206, 220, 226),
        width=0.5,
    )
    s.shape(
        [
            (x + h * 0.06, y - h * 0.64),
            (x + h * 0.06, y - h * 0.92),
            (x + h * 0.34, y - h * 0.92),
            (x + h * 0.54, y - h * 0.64),
        ],
        (206, 220, 226),
        width=0.5,
    )
    for u in (-0.6, 0.66):
        s.ellipse(x + u * h, y - h * 0.18, h * 0.2, h * 0.2, INK)
        s.ellipse(x + u * h, y - h * 0.18, h * 0.09, h * 0.09, (170, 170, 172))
    s.ellipse(x + h * 1.07, y - h * 0.42, h * 0.05, h * 0.07, GLOW, width=0.4)


def train(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a locomotive and a carriage on rails."""
    body = c[0] if c else (58, 84, 76)
    for u in (-2.1, 0.0):
        _box(s, x + u * h, y - h * 0.18, h * 2.0, h * 0.72, body if u == 0 else shade(body, 0.8))
        for k in range(-3, 4):
            _box(s, x + u * h + k * h * 0.26, y - h * 0.55, h * 0.17, h * 0.22, GLOW, 0.4)
            s.ellipse(x + u * h + k * h * 0.26, y - h * 0.1, h * 0.1, h * 0.1, INK)
    s.line([(x - h * 6, y), (x + h * 6, y)], width=0.8)


def fence(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a length of post and rail."""
    wood = c[0] if c else (146, 118, 90)
    for k in range(-5, 6):
        _box(s, x + k * h * 0.7, y, h * 0.1, h, wood, 0.5)
    for u in (0.35, 0.75):
        s.line([(x - h * 3.7, y - u * h), (x + h * 3.7, y - u * h)], shade(wood, 0.8), width=h * 0.09)


def bridge(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a stone bridge of three arches."""
    stone = c[0] if c else (160, 150, 138)
    s.shape(
        [(x - h * 2.4, y), (x - h * 2.2, y - h * 0.6), (x, y - h * 0.8), (x + h * 2.2, y - h * 0.6), (x + h * 2.4, y)],
        stone,
    )
    for u in (-1.3, 0.0, 1.3):
        s.shape(
            [(x + u * h + h * 0.48 * cos(a * pi / 8), y - h * 0.5 * sin(a * pi / 8)) for a in range(9)],
            shade(stone, 0.4),
            width=0.5,
        )


def fire(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw flames on logs."""
    s.shape([(x - h * 0.42, y - h * 0.1), (x - h * 0.2, y - h * 0.55), (x - h * 0.12, y - h * 0.35), (x + h * 0.02, y - h),
             (x + h * 0.16, y - h * 0.45), (x + h * 0.28, y - h * 0.6), (x + h * 0.4, y - h * 0.1)], c[0] if c else (232, 120, 38), smooth=True)  # fmt: skip
    s.shape(
        [(x - h * 0.2, y - h * 0.1), (x + h * 0.02, y - h * 0.6), (x + h * 0.2, y - h * 0.1)],
        (255, 214, 92),
        smooth=True,
        ink=None,
    )
    s.line([(x - h * 0.5, y), (x + h * 0.5, y - h * 0.14)], (92, 62, 44), width=h * 0.12)
    s.line([(x - h * 0.5, y - h * 0.14), (x + h * 0.5, y)], (110, 76, 54), width=h * 0.12)


def rock(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a boulder."""
    stone = c[0] if c else (128, 124, 120)
    s.shape(
        [
            (x - h * 0.8, y),
            (x - h * 0.62, y - h * 0.6),
            (x - h * 0.1, y - h),
            (x + h * 0.5, y - h * 0.72),
            (x + h * 0.85, y),
        ],
        stone,
    )
    s.shape(
        [(x - h * 0.1, y - h), (x + h * 0.5, y - h * 0.72), (x + h * 0.85, y), (x + h * 0.12, y)],
        shade(stone, 0.72),
        ink=None,
    )


def ball(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a ball with a stripe, so that it can be seen to roll."""
    r, colour = h / 2, c[0] if c else (200, 60, 50)
    s.ellipse(x, y - r, r, r, colour, width=0.9)
    stripe = c[1] if len(c) > 1 else shade(colour, 1.55)
    s.shape([(x + r * 0.97 * cos(a), y - r + r * 0.97 * sin(a)) for a in (-0.25, -0.12, 0.12, 0.25, pi - 0.25, pi - 0.12, pi + 0.12, pi + 0.25)],
            stripe, ink=None, wobble=0)  # fmt: skip
    s.ellipse(x - r * 0.34, y - r * 1.42, r * 0.2, r * 0.13, shade(colour, 1.7), ink=None, turn=-35)


def balloon(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a balloon on its string."""
    colour = c[0] if c else (200, 60, 50)
    s.line(
        [(x, y - h * 0.42), (x + h * 0.05, y - h * 0.25), (x - h * 0.03, y - h * 0.1), (x, y)], smooth=True, width=0.5
    )
    s.shape([(x - h * 0.035, y - h * 0.39), (x, y - h * 0.44), (x + h * 0.035, y - h * 0.39)], shade(colour, 0.8))
    s.ellipse(x, y - h * 0.71, h * 0.23, h * 0.28, colour)
    s.ellipse(x - h * 0.09, y - h * 0.82, h * 0.04, h * 0.07, shade(colour, 1.7), ink=None, turn=20)


def book(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw an open book."""
    cover, page = c[0] if c else (120, 62, 48), (246, 240, 222)
    s.shape(
        [
            (x - h * 0.85, y - h * 0.1),
            (x - h * 0.7, y - h * 0.85),
            (x + h * 0.7, y - h * 0.85),
            (x + h * 0.85, y - h * 0.1),
            (x, y),
        ],
        cover,
    )
    for side in (-1, 1):
        s.shape(
            [
                (x, y - h * 0.08),
                (x + side * h * 0.76, y - h * 0.18),
                (x + side * h * 0.64, y - h * 0.9),
                (x, y - h * 0.78),
            ],
            page,
        )
        for k in range(5):
            t = y - h * (0.3 + 0.11 * k)
            s.line([(x + side * h * 0.1, t + h * 0.04), (x + side * h * 0.6, t)], (150, 140, 128), width=0.5)


def letter(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a sealed envelope."""
    paper = c[0] if c else (238, 230, 208)
    _box(s, x, y, h * 1.5, h, paper, 0.9)
    s.line([(x - h * 0.75, y - h), (x, y - h * 0.42), (x + h * 0.75, y - h)], width=0.8)
    s.ellipse(x, y - h * 0.44, h * 0.12, h * 0.12, c[1] if len(c) > 1 else (176, 44, 40))


def phone(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a telephone with a lit screen."""
    _box(s, x, y, h * 0.52, h, c[0] if c else (44, 46, 54), 0.9)
    _box(s, x, y - h * 0.12, h * 0.44, h * 0.76, (164, 206, 226), 0.4)
    s.ellipse(x, y - h * 0.06, h * 0.03, h * 0.03, (200, 200, 200), ink=None)


def clock(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a clock face."""
    r = h / 2
    s.ellipse(x, y - r, r, r, c[0] if c else (150, 110, 60), width=1.0)
    s.ellipse(x, y - r, r * 0.84, r * 0.84, (246, 241, 226))
    for k in range(12):
        u, v = cos(k * pi / 6), sin(k * pi / 6)
        s.line([(x + u * r * 0.68, y - r + v * r * 0.68), (x + u * r * 0.78, y - r + v * r * 0.78)], wobble=0)
    s.line([(x, y - r), (x + r * 0.1, y - r * 1.6)], width=h * 0.025)
    s.line([(x, y - r), (x + r * 0.42, y - r * 0.78)], width=h * 0.035)


def key(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a key lying down."""
    metal = c[0] if c else (196, 158, 70)
    m = y - h * 0.5
    _box(s, x + h * 0.35, m + h * 0.08, h * 1.5, h * 0.16, metal)
    for u in (0.7, 0.92):
        _box(s, x + u * h, m + h * 0.34, h * 0.13, h * 0.3, metal)
    s.ellipse(x - h * 0.62, m, h * 0.38, h * 0.38, metal)
    s.ellipse(x - h * 0.62, m, h * 0.17, h * 0.17, (60, 56, 58))


def cup(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a steaming cup."""
    china = c[0] if c else (232, 228, 218)
    s.ellipse(x + h * 0.42, y - h * 0.38, h * 0.2, h * 0.2, None, width=h * 0.07)
    s.shape([(x - h * 0.42, y - h * 0.7), (x - h * 0.32, y), (x + h * 0.32, y), (x + h * 0.42, y - h * 0.7)], china)
    s.ellipse(x, y - h * 0.7, h * 0.42, h * 0.09, (84, 54, 38))
    for u in (-0.14, 0.1):
        s.line(
            [(x + u * h, y - h * 0.82), (x + (u + 0.06) * h, y - h * 0.9), (x + u * h, y - h)],
            (150, 150, 150),
            smooth=True,
        )


def bottle(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a corked bottle."""
    glass = c[0] if c else (70, 120, 92)
    s.shape([(x - h * 0.17, y), (x - h * 0.17, y - h * 0.58), (x - h * 0.06, y - h * 0.72), (x - h * 0.06, y - h * 0.93),
             (x + h * 0.06, y - h * 0.93), (x + h * 0.06, y - h * 0.72), (x + h * 0.17, y - h * 0.58), (x + h * 0.17, y)], glass)  # fmt: skip
    _box(s, x, y - h * 0.93, h * 0.1, h * 0.07, (176, 132, 88))
    _box(s, x, y - h * 0.14, h * 0.28, h * 0.28, (236, 226, 200), 0.5)


def lamp(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a lantern, lit."""
    metal = c[0] if c else (84, 78, 74)
    _box(s, x, y, h * 0.5, h * 0.12, metal)
    _box(s, x, y - h * 0.12, h * 0.38, h * 0.48, GLOW)
    s.shape(
        [(x - h * 0.06, y - h * 0.18), (x, y - h * 0.46), (x + h * 0.06, y - h * 0.18)],
        (240, 150, 50),
        smooth=True,
        ink=None,
    )
    s.shape(
        [
            (x - h * 0.28, y - h * 0.6),
            (x - h * 0.1, y - h * 0.8),
            (x + h * 0.1, y - h * 0.8),
            (x + h * 0.28, y - h * 0.6),
        ],
        metal,
    )
    s.ellipse(x, y - h * 0.88, h * 0.1, h * 0.11, None)


def table(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a table."""
    wood = c[0] if c else (132, 94, 66)
    for u in (-0.78, 0.78):
        _box(s, x + u * h, y, h * 0.11, h * 0.9, shade(wood, 0.8))
    s.shape(
        [
            (x - h, y - h * 0.86),
            (x - h * 0.86, y - h),
            (x + h * 0.86, y - h),
            (x + h, y - h * 0.86),
            (x + h, y - h * 0.78),
            (x - h, y - h * 0.78),
        ],
        wood,
    )


def box(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a crate in two-point perspective."""
    side = c[0] if c else (170, 130, 84)
    s.shape(
        [(x - h * 0.5, y - h * 0.72), (x + h * 0.18, y - h * 0.66), (x + h * 0.18, y), (x - h * 0.5, y - h * 0.1)], side
    )
    s.shape(
        [(x + h * 0.18, y - h * 0.66), (x + h * 0.55, y - h * 0.78), (x + h * 0.55, y - h * 0.16), (x + h * 0.18, y)],
        shade(side, 0.7),
    )
    s.shape(
        [
            (x - h * 0.5, y - h * 0.72),
            (x - h * 0.1, y - h * 0.86),
            (x + h * 0.55, y - h * 0.78),
            (x + h * 0.18, y - h * 0.66),
        ],
        c[1] if len(c) > 1 else shade(side, 1.3),
    )


def square(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a plain square."""
    _box(s, x, y, h, h, c[0] if c else (60, 100, 170), 0.9)


def triangle(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a plain triangle."""
    s.shape([(x - h * 0.57, y), (x, y - h), (x + h * 0.57, y)], c[0] if c else (60, 140, 90), width=0.9)


def kite(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a kite with a tail."""
    cloth, other = c[0] if c else (210, 70, 60), c[1] if len(c) > 1 else (240, 200, 80)
    top, mid, low = (x, y - h), (x, y - h * 0.62), (x, y - h * 0.3)
    s.shape([top, (x - h * 0.27, y - h * 0.68), low, (x + h * 0.27, y - h * 0.68)], cloth)
    s.shape([top, (x + h * 0.27, y - h * 0.68), mid], other, width=0.5)
    s.line([low, (x - h * 0.1, y - h * 0.18), (x + h * 0.06, y - h * 0.08), (x, y)], smooth=True)


def umbrella(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw an open umbrella."""
    cloth = c[0] if c else (170, 44, 50)
    s.line([(x, y - h * 0.9), (x, y - h * 0.06), (x + h * 0.08, y)], width=0.9)
    s.shape([(x + h * 0.5 * cos(a * pi / 10), y - h * 0.5 - h * 0.45 * sin(a * pi / 10)) for a in range(11)], cloth)
    for u in (-0.2, 0.2):
        s.line([(x, y - h * 0.95), (x + u * h, y - h * 0.5)], shade(cloth, 0.6), width=0.5)


def apple(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw an apple."""
    skin = c[0] if c else (192, 44, 40)
    s.shape([(x, y - h * 0.72), (x + h * 0.3, y - h * 0.8), (x + h * 0.44, y - h * 0.45), (x + h * 0.2, y), (x, y - h * 0.04), (x - h * 0.2, y),
             (x - h * 0.44, y - h * 0.45), (x - h * 0.3, y - h * 0.8)], skin, smooth=True)  # fmt: skip
    s.line([(x, y - h * 0.7), (x + h * 0.06, y - h * 0.95)], (90, 62, 40), width=1.0)
    s.ellipse(x + h * 0.2, y - h * 0.92, h * 0.14, h * 0.06, (96, 140, 66), turn=-20)


def suitcase(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a suitcase."""
    hide = c[0] if c else (136, 86, 52)
    s.shape(
        [(x - h * 0.2, y - h * 0.8), (x - h * 0.16, y - h), (x + h * 0.16, y - h), (x + h * 0.2, y - h * 0.8)],
        None,
        width=h * 0.06,
    )
    _box(s, x, y, h * 1.4, h * 0.8, hide, 0.9)
    for u in (-0.4, 0.4):
        _box(s, x + u * h, y, h * 0.12, h * 0.8, shade(hide, 0.7), 0.5)


def robot(s: Sheet, x: float, y: float, h: float, c: list[RGB]) -> None:
    """Draw a robot, face on."""
    shell = c[0] if c else (150, 162, 176)
    joint = c[1] if len(c) > 1 else shade(shell, 0.6)
    for side in (-1, 1):
        _box(s, x + side * h * 0.1, y, h * 0.09, h * 0.3, joint)
        _box(s, x + side * h * 0.11, y, h * 0.15, h * 0.06, shade(shell, 0.8))
        s.line(
            [
                (x + side * h * 0.2, y - h * 0.62),
                (x + side * h * 0.27, y - h * 0.46),
                (x + side * h * 0.25, y - h * 0.32),
            ],
            joint,
            width=h * 0.06,
        )
        s.ellipse(x + side * h * 0.25, y - h * 0.3, h * 0.045, h * 0.045, shell)
    _box(s, x, y - h * 0.28, h * 0.4, h * 0.38, shell)
    _box(s, x, y - h * 0.4, h * 0.2, h * 0.14, mix(shell, (255, 255, 255), 0.4), 0.5)
    _box(s, x, y - h * 0.66, h * 0.08, h * 0.05, joint, 0.4)
    _box(s, x, y - h * 0.7, h * 0.34, h * 0.22, shell)
    for u in (-0.08, 0.08):
        s.ellipse(x + u * h, y - h * 0.82, h * 0.035, h * 0.035, (255, 236, 150))
    s.line([(x - h * 0.06, y - h * 0.74), (x + h * 0.06, y - h * 0.74)], width=0.8)
    s.line([(x, y - h * 0.92), (x, y - h * 0.98)])
    s.ellipse(x, y - h * 0.98, h * 0.02, h * 0.02, (220, 70, 60))


# What a thing may be called -> how it is drawn, and its height beside a standing person's.
DRAWINGS: list[tuple[str, Draw, float]] = [
    ("robot|android|droid", robot, 0.9), ("lighthouse", lighthouse, 3.0), ("house|cottage|cabin|hut|barn", house, 2.0),
    ("tower|castle|fortress", tower, 3.0), ("pine|fir|spruce", pine, 2.0), ("tree|oak|willow|palm|birch", tree, 2.0),
    ("boat|ship|yacht|dinghy|trawler|ferry|canoe|sail|rowboat", boat, 1.4), ("car|taxi|van|truck|bus|lorry", car, 0.7),
    ("train|locomotive|tram", train, 1.0), ("balloon", balloon, 0.9), ("ball|sphere|circle|planet|moon|sun|globe|orb", ball, 0.35),
    ("book|diary|notebook", book, 0.3), ("letter|envelope|note|map|photograph|photo|paper", letter, 0.25), ("phone|telephone", phone, 0.25),
    ("clock|watch", clock, 0.3), ("key", key, 0.2), ("cup|mug", cup, 0.25), ("bottle", bottle, 0.35),
    ("lamp|lantern|candle|light", lamp, 0.4), ("table|desk", table, 0.45), ("kite", kite, 0.7), ("umbrella", umbrella, 0.6),
    ("apple|fruit", apple, 0.2), ("suitcase|bag|briefcase", suitcase, 0.35), ("square|cube", square, 0.4), ("triangle|pyramid", triangle, 0.45),
    ("fire|flame", fire, 0.5), ("rock|stone|boulder|gem", rock, 0.3), ("fence|gate", fence, 0.5), ("bridge", bridge, 1.2),
]  # fmt: skip


def thing(words: str) -> tuple[Draw, float]:
    """Find how to draw a thing called by these words; a crate where no word is known."""
    return next(((draw, size) for names, draw, size in DRAWINGS if has(f"(?:{names})s?", words)), (box, 0.4))
