"""Things that stand about in a panel, or that a film is about: each drawn in its own measure, in its colours."""

from collections.abc import Callable
from math import cos, pi, sin

from reelgraph.video_tools.backends.panel_sheet import INK, RGB, Brush, mix, shade
from reelgraph.video_tools.backends.panel_words import has, last

Draw = Callable[[Brush, list[RGB]], None]
GLOW: RGB = (255, 226, 150)


def _first(colours: list[RGB], other: RGB) -> RGB:
    return colours[0] if colours else other


def _second(colours: list[RGB], other: RGB) -> RGB:
    return colours[1] if len(colours) > 1 else other


def lighthouse(b: Brush, colours: list[RGB]) -> None:
    """Draw a banded tower with a lit lamp."""
    band = _first(colours, (190, 62, 48))
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
    wall, roof = _first(colours, (214, 202, 180)), _second(colours, (120, 74, 62))
    b.box(0, 0, 1.15, 0.55, wall)
    b.shape("0.23,0 0.23,0.55 0.575,0.55 0.575,0", (0, 0, 0), ink=False, alpha=40)
    b.box(0.28, 0.8, 0.12, 0.35, shade(roof, 0.8))
    b.shape("-0.67,0.55 -0.46,1 0.46,1 0.67,0.55", roof)
    b.box(-0.12, 0, 0.17, 0.34, shade(roof, 0.7))
    for u in (-0.39, 0.23, 0.42):
        b.box(u, 0.2, 0.14, 0.17, GLOW, thin=0.7, lit=False)


def tower(b: Brush, colours: list[RGB]) -> None:
    """Draw a battlemented keep with two turrets."""
    stone, flag = _first(colours, (150, 146, 140)), _second(colours, (120, 60, 56))
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
    leaf, bark = _first(colours, (92, 128, 72)), _second(colours, (96, 70, 52))
    b.shape("-0.06,0 -0.03,0.5 0.03,0.5 0.07,0", bark)
    ring = [(0.33 * cos(k * pi / 5) * (1 + 0.14 * (k % 2)), 0.66 + 0.32 * sin(k * pi / 5)) for k in range(10)]
    b.smooth(" ".join(f"{u},{v}" for u, v in ring), leaf)
    b.line("-0.16,0.6 -0.04,0.55 0.08,0.62", shade(leaf, 0.7))
    b.line("0.02,0.76 0.12,0.72 0.2,0.78", shade(leaf, 0.7))


def pine(b: Brush, colours: list[RGB]) -> None:
    """Draw a conifer."""
    leaf = _first(colours, (62, 92, 74))
    b.box(0, 0, 0.05, 0.2, (84, 62, 50), thin=0.6)
    for i in range(3):
        v, half = 0.12 + 0.24 * i, 0.24 - 0.055 * i
        b.shape(f"-{half},{v} 0,{v + 0.42} {half},{v}", shade(leaf, 1 - 0.07 * i), thin=0.7)


def boat(b: Brush, colours: list[RGB]) -> None:
    """Draw a sailing boat, its water line on the base."""
    hull, sail = _first(colours, (160, 72, 52)), _second(colours, (238, 232, 216))
    b.line("0,0.2 0,1", thick=0.02)
    b.shape("0.03,0.97 0.42,0.3 0.03,0.27", sail)
    b.shape("-0.03,0.85 -0.3,0.32 -0.03,0.27", shade(sail, 0.86))
    b.shape("-0.46,0.2 0.52,0.24 0.34,-0.03 -0.32,-0.03", hull)
    b.line("-0.42,0.13 0.46,0.16", shade(hull, 1.5), thick=0.02)


def car(b: Brush, colours: list[RGB]) -> None:
    """Draw a saloon car."""
    b.shape("-1.05,0.2 -1,0.58 -0.6,0.64 -0.32,1 0.38,1 0.66,0.62 1.08,0.54 1.12,0.2", _first(colours, (70, 98, 128)))
    b.shape("-0.5,0.64 -0.26,0.92 0,0.92 0,0.64", (206, 220, 226), thin=0.7)
    b.shape("0.06,0.64 0.06,0.92 0.34,0.92 0.54,0.64", (206, 220, 226), thin=0.7)
    for u in (-0.6, 0.66):
        b.ellipse(u, 0.18, 0.2, 0.2, INK)
        b.ellipse(u, 0.18, 0.09, 0.09, (170, 170, 172))
    b.ellipse(1.07, 0.42, 0.05, 0.07, GLOW, thin=0.6, lit=False)


def train(b: Brush, colours: list[RGB]) -> None:
    """Draw two coaches on rails."""
    body = _first(colours, (58, 84, 76))
    for u in (-2.1, 0.0):
        b.box(u, 0.18, 2.0, 0.72, body if u == 0 else shade(body, 0.8))
        for k in range(-3, 4):
            b.box(u + k * 0.26, 0.55, 0.17, 0.22, GLOW, thin=0.6, lit=False)
            b.ellipse(u + k * 0.26, 0.1, 0.1, 0.1, INK)
    b.line("-6,0 6,0")


def fence(b: Brush, colours: list[RGB]) -> None:
    """Draw a length of post and rail."""
    wood = _first(colours, (146, 118, 90))
    for k in range(-5, 6):
        b.box(k * 0.7, 0, 0.1, 1, wood, thin=0.7)
    for v in (0.35, 0.75):
        b.line(f"-3.7,{v} 3.7,{v}", shade(wood, 0.8), thick=0.09)


def bridge(b: Brush, colours: list[RGB]) -> None:
    """Draw a stone bridge of three arches."""
    stone = _first(colours, (160, 150, 138))
    b.shape("-2.4,0 -2.2,0.6 0,0.8 2.2,0.6 2.4,0", stone)
    for u in (-1.3, 0.0, 1.3):
        arch = [(u + 0.48 * cos(a * pi / 8), 0.5 * sin(a * pi / 8)) for a in range(9)]
        b.shape(" ".join(f"{u},{v}" for u, v in arch), shade(stone, 0.4), thin=0.7)


def fire(b: Brush, colours: list[RGB]) -> None:
    """Draw flames on logs."""
    flame = _first(colours, (232, 120, 38))
    b.smooth("-0.42,0.1 -0.2,0.55 -0.12,0.35 0.02,1 0.16,0.45 0.28,0.6 0.4,0.1", flame, lit=False)
    b.smooth("-0.2,0.1 0.02,0.6 0.2,0.1", (255, 214, 92), ink=False, lit=False)
    b.line("-0.5,0 0.5,0.14", (92, 62, 44), thick=0.12)
    b.line("-0.5,0.14 0.5,0", (110, 76, 54), thick=0.12)


def rock(b: Brush, colours: list[RGB]) -> None:
    """Draw a boulder."""
    stone = _first(colours, (128, 124, 120))
    b.shape("-0.8,0 -0.62,0.6 -0.1,1 0.5,0.72 0.85,0", stone)
    b.shape("-0.1,1 0.5,0.72 0.85,0 0.12,0", shade(stone, 0.72), ink=False)


def ball(b: Brush, colours: list[RGB]) -> None:
    """Draw a ball with a stripe, so that it can be seen to roll."""
    colour = _first(colours, (200, 60, 50))
    b.ellipse(0, 0.5, 0.5, 0.5, colour, thin=1.3)
    ends = [0.49 * cos(a) for a in (0.25, 0.12)] + [0.49 * sin(a) for a in (0.25, 0.12)]
    right = f"{ends[0]},{0.5 - ends[2]} {ends[1]},{0.5 - ends[3]} {ends[1]},{0.5 + ends[3]} {ends[0]},{0.5 + ends[2]}"
    left = (
        f"-{ends[0]},{0.5 + ends[2]} -{ends[1]},{0.5 + ends[3]} -{ends[1]},{0.5 - ends[3]} -{ends[0]},{0.5 - ends[2]}"
    )
    b.shape(f"{right} {left}", _second(colours, shade(colour, 1.55)), ink=False)
    b.ellipse(-0.17, 0.71, 0.1, 0.065, shade(colour, 1.7), ink=False, turn=-35)


def balloon(b: Brush, colours: list[RGB]) -> None:
    """Draw a balloon on its string."""
    colour = _first(colours, (200, 60, 50))
    b.line("0,0.42 0.05,0.25 -0.03,0.1 0,0", thin=0.7)
    b.shape("-0.035,0.39 0,0.44 0.035,0.39", shade(colour, 0.8))
    b.ellipse(0, 0.71, 0.23, 0.28, colour)
    b.ellipse(-0.09, 0.82, 0.04, 0.07, shade(colour, 1.7), ink=False, turn=20)


def book(b: Brush, colours: list[RGB]) -> None:
    """Draw an open book."""
    b.shape("-0.85,0.1 -0.7,0.85 0.7,0.85 0.85,0.1 0,0", _first(colours, (120, 62, 48)))
    for s in (-1, 1):
        b.shape(f"0,0.08 {s * 0.76},0.18 {s * 0.64},0.9 0,0.78", (246, 240, 222))
        for k in range(5):
            v = 0.28 + 0.11 * k
            b.line(f"{s * 0.1},{v - 0.04} {s * 0.6},{v}", (150, 140, 128), thin=0.7)


def letter(b: Brush, colours: list[RGB]) -> None:
    """Draw a sealed envelope."""
    b.box(0, 0, 1.5, 1, _first(colours, (238, 230, 208)), thin=1.3)
    b.line("-0.75,1 0,0.42 0.75,1", smooth=False)
    b.ellipse(0, 0.44, 0.12, 0.12, _second(colours, (176, 44, 40)))


def phone(b: Brush, colours: list[RGB]) -> None:
    """Draw a telephone with a lit screen."""
    b.box(0, 0, 0.52, 1, _first(colours, (44, 46, 54)), thin=1.3)
    b.box(0, 0.12, 0.44, 0.76, (164, 206, 226), thin=0.6, lit=False)
    b.ellipse(0, 0.06, 0.03, 0.03, (200, 200, 200), ink=False)


def clock(b: Brush, colours: list[RGB]) -> None:
    """Draw a clock."""
    b.ellipse(0, 0.5, 0.5, 0.5, _first(colours, (150, 110, 60)), thin=1.4)
    b.ellipse(0, 0.5, 0.42, 0.42, (246, 241, 226))
    for k in range(12):
        u, v = cos(k * pi / 6), sin(k * pi / 6)
        b.line(f"{u * 0.34},{0.5 + v * 0.34} {u * 0.39},{0.5 + v * 0.39}")
    b.line("0,0.5 0.05,0.8", thick=0.025)
    b.line("0,0.5 0.21,0.39", thick=0.035)


def key(b: Brush, colours: list[RGB]) -> None:
    """Draw a key lying down."""
    metal = _first(colours, (196, 158, 70))
    b.box(0.35, 0.42, 1.5, 0.16, metal)
    for u in (0.7, 0.92):
        b.box(u, 0.16, 0.13, 0.3, metal)
    b.ellipse(-0.62, 0.5, 0.38, 0.38, metal)
    b.ellipse(-0.62, 0.5, 0.17, 0.17, (60, 56, 58))


def cup(b: Brush, colours: list[RGB]) -> None:
    """Draw a steaming cup."""
    china = _first(colours, (232, 228, 218))
    b.ellipse(0.42, 0.38, 0.2, 0.2, china)
    b.ellipse(0.42, 0.38, 0.12, 0.12, shade(china, 0.6))
    b.shape("-0.42,0.7 -0.32,0 0.32,0 0.42,0.7", china)
    b.ellipse(0, 0.7, 0.42, 0.09, (84, 54, 38))
    for u in (-0.14, 0.1):
        b.line(f"{u},0.82 {u + 0.06},0.9 {u},1", (150, 150, 150))


def bottle(b: Brush, colours: list[RGB]) -> None:
    """Draw a corked bottle."""
    glass = _first(colours, (70, 120, 92))
    b.shape("-0.17,0 -0.17,0.58 -0.06,0.72 -0.06,0.93 0.06,0.93 0.06,0.72 0.17,0.58 0.17,0", glass)
    b.box(0, 0.93, 0.1, 0.07, (176, 132, 88))
    b.box(0, 0.14, 0.28, 0.28, (236, 226, 200), thin=0.7)


def lamp(b: Brush, colours: list[RGB]) -> None:
    """Draw a lantern, lit."""
    metal = _first(colours, (84, 78, 74))
    b.box(0, 0, 0.5, 0.12, metal)
    b.box(0, 0.12, 0.38, 0.48, GLOW, lit=False)
    b.smooth("-0.06,0.18 0,0.46 0.06,0.18", (240, 150, 50), ink=False, lit=False)
    b.shape("-0.28,0.6 -0.1,0.8 0.1,0.8 0.28,0.6", metal)
    b.ellipse(0, 0.88, 0.1, 0.11, None)


def table(b: Brush, colours: list[RGB]) -> None:
    """Draw a table."""
    wood = _first(colours, (132, 94, 66))
    for u in (-0.78, 0.78):
        b.box(u, 0, 0.11, 0.9, shade(wood, 0.8))
    b.shape("-1,0.86 -0.86,1 0.86,1 1,0.86 1,0.78 -1,0.78", wood)


def box(b: Brush, colours: list[RGB]) -> None:
    """Draw a crate in two-point perspective."""
    side = _first(colours, (170, 130, 84))
    b.shape("-0.5,0.72 0.18,0.66 0.18,0 -0.5,0.1", side)
    b.shape("0.18,0.66 0.55,0.78 0.55,0.16 0.18,0", shade(side, 0.7))
    b.shape("-0.5,0.72 -0.1,0.86 0.55,0.78 0.18,0.66", _second(colours, shade(side, 1.3)))


def match(b: Brush, colours: list[RGB]) -> None:
    """Draw a match: a stick, its head burning in the first colour."""
    b.shape("-0.09,0 0.02,0 0.12,0.72 0.01,0.74", (206, 172, 124))
    b.ellipse(0.07, 0.78, 0.1, 0.12, _first(colours, (178, 58, 44)), lit=False)


def square(b: Brush, colours: list[RGB]) -> None:
    """Draw a plain square."""
    b.box(0, 0, 1, 1, _first(colours, (60, 100, 170)), thin=1.3)


def triangle(b: Brush, colours: list[RGB]) -> None:
    """Draw a plain triangle."""
    b.shape("-0.57,0 0,1 0.57,0", _first(colours, (60, 140, 90)), thin=1.3)


def kite(b: Brush, colours: list[RGB]) -> None:
    """Draw a kite with a tail."""
    b.shape("0,1 -0.27,0.68 0,0.3 0.27,0.68", _first(colours, (210, 70, 60)))
    b.shape("0,1 0.27,0.68 0,0.62", _second(colours, (240, 200, 80)), thin=0.7)
    b.line("0,0.3 -0.1,0.18 0.06,0.08 0,0")


def umbrella(b: Brush, colours: list[RGB]) -> None:
    """Draw an open umbrella."""
    cloth = _first(colours, (170, 44, 50))
    b.line("0,0.9 0,0.06 0.08,0", thin=1.3)
    dome = [(0.5 * cos(a * pi / 10), 0.5 + 0.45 * sin(a * pi / 10)) for a in range(11)]
    b.shape(" ".join(f"{u},{v}" for u, v in dome), cloth)
    for u in (-0.2, 0.2):
        b.line(f"0,0.95 {u},0.5", shade(cloth, 0.6), thin=0.7)


def apple(b: Brush, colours: list[RGB]) -> None:
    """Draw an apple."""
    skin = _first(colours, (192, 44, 40))
    b.smooth("0,0.72 0.3,0.8 0.44,0.45 0.2,0 0,0.04 -0.2,0 -0.44,0.45 -0.3,0.8", skin)
    b.line("0,0.7 0.06,0.95", (90, 62, 40), thin=1.4)
    b.ellipse(0.2, 0.92, 0.14, 0.06, (96, 140, 66), turn=-20)


def suitcase(b: Brush, colours: list[RGB]) -> None:
    """Draw a suitcase."""
    hide = _first(colours, (136, 86, 52))
    b.line("-0.2,0.8 -0.16,1 0.16,1 0.2,0.8", shade(hide, 0.5), thick=0.06, smooth=False)
    b.box(0, 0, 1.4, 0.8, hide, thin=1.3)
    for u in (-0.4, 0.4):
        b.box(u, 0, 0.12, 0.8, shade(hide, 0.7), thin=0.7)


def robot(b: Brush, colours: list[RGB]) -> None:
    """Draw a robot, face on."""
    shell = _first(colours, (150, 162, 176))
    joint = _second(colours, shade(shell, 0.6))
    for s in (-1, 1):
        b.box(s * 0.1, 0, 0.09, 0.3, joint)
        b.box(s * 0.11, 0, 0.15, 0.06, shade(shell, 0.8))
        b.line(f"{s * 0.2},0.62 {s * 0.27},0.46 {s * 0.25},0.32", joint, thick=0.06)
        b.ellipse(s * 0.25, 0.3, 0.045, 0.045, shell)
    b.box(0, 0.28, 0.4, 0.38, shell)
    b.box(0, 0.4, 0.2, 0.14, mix(shell, (255, 255, 255), 0.4), thin=0.7)
    b.box(0, 0.66, 0.08, 0.05, joint, thin=0.6)
    b.line("0,0.92 0,0.98")
    b.ellipse(0, 0.98, 0.02, 0.02, (220, 70, 60))
    b.box(0, 0.7, 0.34, 0.22, shell)
    for u in (-0.08, 0.08):
        b.ellipse(u, 0.82, 0.035, 0.035, (255, 236, 150), lit=False)
    b.line("-0.06,0.74 0.06,0.74")


# What a thing may be called, how it is drawn, and its height beside a standing person's.
DRAWINGS: list[tuple[str, Draw, float]] = [
    ("robot|android|droid", robot, 0.9),
    ("lighthouse", lighthouse, 3.0),
    ("house|cottage|cabin|hut|barn", house, 2.0),
    ("tower|castle|fortress", tower, 3.0),
    ("pine|fir|spruce", pine, 2.0),
    ("tree|oak|willow|palm|birch", tree, 2.0),
    ("boat|ship|yacht|dinghy|trawler|ferry|canoe|sailboat|rowboat", boat, 1.4),
    ("car|taxi|van|truck|bus|lorry", car, 0.7),
    ("train|locomotive|tram", train, 1.0),
    ("balloon", balloon, 0.9),
    ("ball|sphere|circle|planet|moon|sun|globe|orb", ball, 0.35),
    ("book|diary|notebook", book, 0.3),
    ("letter|envelope|note|map|photograph|photo|paper", letter, 0.25),
    ("phone|telephone", phone, 0.25),
    ("clock|watch", clock, 0.3),
    ("key", key, 0.2),
    ("cup|mug", cup, 0.25),
    ("bottle", bottle, 0.35),
    ("lamp|lantern|candle|light", lamp, 0.4),
    ("table|desk", table, 0.45),
    ("kite", kite, 0.7),
    ("umbrella", umbrella, 0.6),
    ("apple|fruit", apple, 0.2),
    ("suitcase|bag|briefcase", suitcase, 0.35),
    ("match|matche", match, 0.12),
    ("match ?box|soap|coin|ring|button", square, 0.1),
    ("box|crate|chest|parcel|package|present|gift|block", box, 0.4),
    ("square|cube", square, 0.4),
    ("triangle|pyramid", triangle, 0.45),
    ("fire|flame", fire, 0.5),
    ("rock|stone|boulder|gem", rock, 0.3),
    ("fence|gate", fence, 0.5),
    ("bridge", bridge, 1.2),
]


def thing(name: str, more: str) -> tuple[Draw, float]:
    """Find how to draw a thing, and its height beside a person's.

    Args:
        name: What it is called: its last known word says what it is, so that a paper kite is a kite.
        more: Its description, read where the name tells nothing; a small crate where that does not either.
    """
    named = [(m.end(), draw, size) for words, draw, size in DRAWINGS if (m := last(f"(?:{words})s?", name))]
    if named:
        _, draw, size = max(named, key=lambda found: found[0])
        return draw, size
    return next(((draw, size) for words, draw, size in DRAWINGS if has(f"(?:{words})s?", more)), (box, 0.15))


def has_drawing(name: str, more: str) -> bool:
    """Tell whether a thing is drawn as what it is, and not as any small thing."""
    return any(last(f"(?:{words})s?", name) or has(f"(?:{words})s?", more) for words, _, _ in DRAWINGS)
