"""Things that stand about in a panel, or that a film is about: each drawn in its own measure, in its colours."""

from math import cos, pi, sin

from reelgraph.video_tools.panels import landmarks
from reelgraph.video_tools.panels.brush import Brush
from reelgraph.video_tools.panels.colours import RGB, mix, shade
from reelgraph.video_tools.panels.landmarks import GLOW, Draw, first, second
from reelgraph.video_tools.panels.words import has, last


def ball(b: Brush, colours: list[RGB]) -> None:
    """Draw a ball with a stripe, so that it can be seen to roll."""
    colour = first(colours, (200, 60, 50))
    b.ellipse(0, 0.5, 0.5, 0.5, colour, thin=1.3)
    ends = [0.49 * cos(a) for a in (0.25, 0.12)] + [0.49 * sin(a) for a in (0.25, 0.12)]
    right = f"{ends[0]},{0.5 - ends[2]} {ends[1]},{0.5 - ends[3]} {ends[1]},{0.5 + ends[3]} {ends[0]},{0.5 + ends[2]}"
    left = (
        f"-{ends[0]},{0.5 + ends[2]} -{ends[1]},{0.5 + ends[3]} -{ends[1]},{0.5 - ends[3]} -{ends[0]},{0.5 - ends[2]}"
    )
    b.shape(f"{right} {left}", second(colours, shade(colour, 1.55)), ink=False)
    b.ellipse(-0.17, 0.71, 0.1, 0.065, shade(colour, 1.7), ink=False, turn=-35)


def balloon(b: Brush, colours: list[RGB]) -> None:
    """Draw a balloon on its string."""
    colour = first(colours, (200, 60, 50))
    b.line("0,0.42 0.05,0.25 -0.03,0.1 0,0", thin=0.7)
    b.shape("-0.035,0.39 0,0.44 0.035,0.39", shade(colour, 0.8))
    b.ellipse(0, 0.71, 0.23, 0.28, colour)
    b.ellipse(-0.09, 0.82, 0.04, 0.07, shade(colour, 1.7), ink=False, turn=20)


def book(b: Brush, colours: list[RGB]) -> None:
    """Draw an open book."""
    b.shape("-0.85,0.1 -0.7,0.85 0.7,0.85 0.85,0.1 0,0", first(colours, (120, 62, 48)))
    for s in (-1, 1):
        b.shape(f"0,0.08 {s * 0.76},0.18 {s * 0.64},0.9 0,0.78", (246, 240, 222))
        for k in range(5):
            v = 0.28 + 0.11 * k
            b.line(f"{s * 0.1},{v - 0.04} {s * 0.6},{v}", (150, 140, 128), thin=0.7)


def letter(b: Brush, colours: list[RGB]) -> None:
    """Draw a sealed envelope."""
    b.box(0, 0, 1.5, 1, first(colours, (238, 230, 208)), thin=1.3)
    b.line("-0.75,1 0,0.42 0.75,1", smooth=False)
    b.ellipse(0, 0.44, 0.12, 0.12, second(colours, (176, 44, 40)))


def phone(b: Brush, colours: list[RGB]) -> None:
    """Draw a telephone with a lit screen."""
    b.box(0, 0, 0.52, 1, first(colours, (44, 46, 54)), thin=1.3)
    b.box(0, 0.12, 0.44, 0.76, (164, 206, 226), thin=0.6, lit=False)
    b.ellipse(0, 0.06, 0.03, 0.03, (200, 200, 200), ink=False)


def clock(b: Brush, colours: list[RGB]) -> None:
    """Draw a clock."""
    b.ellipse(0, 0.5, 0.5, 0.5, first(colours, (150, 110, 60)), thin=1.4)
    b.ellipse(0, 0.5, 0.42, 0.42, (246, 241, 226))
    for k in range(12):
        u, v = cos(k * pi / 6), sin(k * pi / 6)
        b.line(f"{u * 0.34},{0.5 + v * 0.34} {u * 0.39},{0.5 + v * 0.39}")
    b.line("0,0.5 0.05,0.8", thick=0.025)
    b.line("0,0.5 0.21,0.39", thick=0.035)


def key(b: Brush, colours: list[RGB]) -> None:
    """Draw a key lying down."""
    metal = first(colours, (196, 158, 70))
    b.box(0.35, 0.42, 1.5, 0.16, metal)
    for u in (0.7, 0.92):
        b.box(u, 0.16, 0.13, 0.3, metal)
    b.ellipse(-0.62, 0.5, 0.38, 0.38, metal)
    b.ellipse(-0.62, 0.5, 0.17, 0.17, (60, 56, 58))


def cup(b: Brush, colours: list[RGB]) -> None:
    """Draw a steaming cup."""
    china = first(colours, (232, 228, 218))
    b.ellipse(0.42, 0.38, 0.2, 0.2, china)
    b.ellipse(0.42, 0.38, 0.12, 0.12, shade(china, 0.6))
    b.shape("-0.42,0.7 -0.32,0 0.32,0 0.42,0.7", china)
    b.ellipse(0, 0.7, 0.42, 0.09, (84, 54, 38))
    for u in (-0.14, 0.1):
        b.line(f"{u},0.82 {u + 0.06},0.9 {u},1", (150, 150, 150))


def bottle(b: Brush, colours: list[RGB]) -> None:
    """Draw a corked bottle."""
    glass = first(colours, (70, 120, 92))
    b.shape("-0.17,0 -0.17,0.58 -0.06,0.72 -0.06,0.93 0.06,0.93 0.06,0.72 0.17,0.58 0.17,0", glass)
    b.box(0, 0.93, 0.1, 0.07, (176, 132, 88))
    b.box(0, 0.14, 0.28, 0.28, (236, 226, 200), thin=0.7)


def lamp(b: Brush, colours: list[RGB]) -> None:
    """Draw a lantern, lit."""
    metal = first(colours, (84, 78, 74))
    b.box(0, 0, 0.5, 0.12, metal)
    b.box(0, 0.12, 0.38, 0.48, GLOW, lit=False)
    b.smooth("-0.06,0.18 0,0.46 0.06,0.18", (240, 150, 50), ink=False, lit=False)
    b.shape("-0.28,0.6 -0.1,0.8 0.1,0.8 0.28,0.6", metal)
    b.ellipse(0, 0.88, 0.1, 0.11, None)


def table(b: Brush, colours: list[RGB]) -> None:
    """Draw a table."""
    wood = first(colours, (132, 94, 66))
    for u in (-0.78, 0.78):
        b.box(u, 0, 0.11, 0.9, shade(wood, 0.8))
    b.shape("-1,0.86 -0.86,1 0.86,1 1,0.86 1,0.78 -1,0.78", wood)


def box(b: Brush, colours: list[RGB]) -> None:
    """Draw a crate in two-point perspective."""
    side = first(colours, (170, 130, 84))
    b.shape("-0.5,0.72 0.18,0.66 0.18,0 -0.5,0.1", side)
    b.shape("0.18,0.66 0.55,0.78 0.55,0.16 0.18,0", shade(side, 0.7))
    b.shape("-0.5,0.72 -0.1,0.86 0.55,0.78 0.18,0.66", second(colours, shade(side, 1.3)))


def match(b: Brush, colours: list[RGB]) -> None:
    """Draw a match: a stick, its head burning in the first colour."""
    b.shape("-0.09,0 0.02,0 0.12,0.72 0.01,0.74", (206, 172, 124))
    b.ellipse(0.07, 0.78, 0.1, 0.12, first(colours, (178, 58, 44)), lit=False)


def square(b: Brush, colours: list[RGB]) -> None:
    """Draw a plain square."""
    b.box(0, 0, 1, 1, first(colours, (60, 100, 170)), thin=1.3)


def triangle(b: Brush, colours: list[RGB]) -> None:
    """Draw a plain triangle."""
    b.shape("-0.57,0 0,1 0.57,0", first(colours, (60, 140, 90)), thin=1.3)


def kite(b: Brush, colours: list[RGB]) -> None:
    """Draw a kite with a tail."""
    b.shape("0,1 -0.27,0.68 0,0.3 0.27,0.68", first(colours, (210, 70, 60)))
    b.shape("0,1 0.27,0.68 0,0.62", second(colours, (240, 200, 80)), thin=0.7)
    b.line("0,0.3 -0.1,0.18 0.06,0.08 0,0")


def umbrella(b: Brush, colours: list[RGB]) -> None:
    """Draw an open umbrella."""
    cloth = first(colours, (170, 44, 50))
    b.line("0,0.9 0,0.06 0.08,0", thin=1.3)
    dome = [(0.5 * cos(a * pi / 10), 0.5 + 0.45 * sin(a * pi / 10)) for a in range(11)]
    b.shape(" ".join(f"{u},{v}" for u, v in dome), cloth)
    for u in (-0.2, 0.2):
        b.line(f"0,0.95 {u},0.5", shade(cloth, 0.6), thin=0.7)


def apple(b: Brush, colours: list[RGB]) -> None:
    """Draw an apple."""
    skin = first(colours, (192, 44, 40))
    b.smooth("0,0.72 0.3,0.8 0.44,0.45 0.2,0 0,0.04 -0.2,0 -0.44,0.45 -0.3,0.8", skin)
    b.line("0,0.7 0.06,0.95", (90, 62, 40), thin=1.4)
    b.ellipse(0.2, 0.92, 0.14, 0.06, (96, 140, 66), turn=-20)


def suitcase(b: Brush, colours: list[RGB]) -> None:
    """Draw a suitcase."""
    hide = first(colours, (136, 86, 52))
    b.line("-0.2,0.8 -0.16,1 0.16,1 0.2,0.8", shade(hide, 0.5), thick=0.06, smooth=False)
    b.box(0, 0, 1.4, 0.8, hide, thin=1.3)
    for u in (-0.4, 0.4):
        b.box(u, 0, 0.12, 0.8, shade(hide, 0.7), thin=0.7)


def robot(b: Brush, colours: list[RGB]) -> None:
    """Draw a robot, face on."""
    shell = first(colours, (150, 162, 176))
    joint = second(colours, shade(shell, 0.6))
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
    ("lighthouse", landmarks.lighthouse, 3.0),
    ("house|cottage|cabin|hut|barn", landmarks.house, 2.0),
    ("tower|castle|fortress", landmarks.tower, 3.0),
    ("pine|fir|spruce", landmarks.pine, 2.0),
    ("tree|oak|willow|palm|birch", landmarks.tree, 2.0),
    ("boat|ship|yacht|dinghy|trawler|ferry|canoe|sailboat|rowboat", landmarks.boat, 1.4),
    ("car|taxi|van|truck|bus|lorry", landmarks.car, 0.7),
    ("train|locomotive|tram", landmarks.train, 1.0),
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
    ("fire|flame", landmarks.fire, 0.5),
    ("rock|stone|boulder|gem", landmarks.rock, 0.3),
    ("fence|gate", landmarks.fence, 0.5),
    ("bridge", landmarks.bridge, 1.2),
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
