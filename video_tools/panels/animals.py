"""Draw animals in their bible colours: insects, snails, fish, birds, and four legs with what their name asks for."""

from reelgraph.video_tools.panels.brush import Brush
from reelgraph.video_tools.panels.colours import INK, RGB, luma, mix, shade
from reelgraph.video_tools.panels.words import has

BIRDS = (
    r"(?:\w*bird|\w*gull|owl|crow|raven|eagle|hawk|falcon|sparrow|robin|magpie|pigeon|dove|duck|duckling|swan|parrot|hen|"
    r"chicken|chick|rooster|turkey|heron|stork|pelican|penguin|peacock|finch|vulture|kingfisher|canary)s?|goose|geese"
)
INSECTS = (
    "(?:glow-worm|insect|bee|wasp|moth|beetle|ladybird|cricket|firefly|fly|butterfly|dragonfly)s?|"
    "fireflies|flies|butterflies|dragonflies"
)
SWIMMERS = "(?:fish|goldfish|swordfish|whale|shark|dolphin|salmon|trout|carp|eel|tuna|orca|porpoise)s?"
SNAILS = "(?:snail|slug)s?"
ANIMAL_SIZES: list[tuple[str, float]] = [
    ("horse|cow|bull|elephant|bear|camel", 0.95),
    ("deer|stag|lion|tiger", 0.75),
    ("whale|dragon", 1.2),
    ("wolf|sheep|goat|pig|dolphin|shark", 0.5),
    ("dog|hound", 0.42),
    ("fox|puppy", 0.36),
    ("mouse|rat|mole|hedgehog|hamster", 0.18),
    ("badger|beaver", 0.34),
    (f"cat|rabbit|hare|kitten|fish|{BIRDS}", 0.3),
    (SNAILS, 0.15),
    (INSECTS, 0.1),
]


def draw_animal(brush: Brush, words: str, palette: list[RGB], *, striding: bool) -> None:
    """Draw the animal that the words name.

    Args:
        brush: Set on the ground under it, at its height.
        words: Its name and description.
        palette: Its colours: the first for the coat, the second for what is set off from it.
        striding: Whether it is in a step.
    """
    if has(INSECTS, words):
        _insect(brush, palette, glows=bool(has("firefly|fireflies|glow-worm|glowing|glows", words)))
    elif has(SNAILS, words):
        _snail(brush, palette)
    elif has(SWIMMERS, words):
        _swimmer(brush, palette)
    elif has(BIRDS, words):
        _bird(brush, palette)
    else:
        _quadruped(brush, words, palette, striding)


def _insect(b: Brush, palette: list[RGB], *, glows: bool) -> None:
    body = palette[0] if palette else (96, 84, 60)
    if glows:
        for size, alpha in ((1.6, 30), (1.15, 50), (0.8, 80)):
            b.ellipse(-0.1, 0.45, size, size, mix(body, (255, 255, 190), 0.55), ink=False, alpha=alpha)
    for u, turn in ((-0.22, -28.0), (0.02, 12.0)):
        b.ellipse(u, 0.84, 0.16, 0.36, (238, 244, 246), thin=0.8, turn=turn, alpha=200)
    b.ellipse(-0.16, 0.45, 0.42, 0.28, mix(body, (255, 255, 170), 0.35) if glows else body)
    b.ellipse(-0.3, 0.45, 0.2, 0.2, body, ink=False)
    b.line("-0.06,0.7 -0.06,0.2", shade(body, 0.5), thin=0.8)
    b.ellipse(0.34, 0.5, 0.2, 0.2, palette[1] if len(palette) > 1 else shade(body, 0.7))
    b.ellipse(0.42, 0.54, 0.05, 0.06, INK, ink=False)
    for u in (0.4, 0.48):
        b.line(f"0.36,0.66 {u},0.86 {u + 0.1},0.92", thin=0.8)
    for u in (-0.28, -0.08, 0.1):
        b.line(f"{u},0.2 {u + 0.02},0.04 {u + 0.1},0", thin=0.8)


def _snail(b: Brush, palette: list[RGB]) -> None:
    shell = palette[0] if palette else (164, 116, 72)
    skin = palette[1] if len(palette) > 1 else (206, 186, 140)
    for u in (0.62, 0.78):
        b.line(f"0.62,0.3 {u},0.72", skin, thick=0.04)
        b.ellipse(u, 0.74, 0.04, 0.04, INK, ink=False)
    b.smooth("-0.8,0.02 0.5,0.02 0.74,0.22 0.7,0.42 0.5,0.4 0.3,0.22 -0.5,0.14", skin)
    b.ellipse(-0.1, 0.5, 0.42, 0.42, shell)
    b.ellipse(-0.04, 0.46, 0.26, 0.26, shade(shell, 1.25))
    b.ellipse(0.0, 0.43, 0.1, 0.1, shade(shell, 0.8))


def _swimmer(b: Brush, palette: list[RGB]) -> None:
    skin = palette[0] if palette else (120, 142, 160)
    b.smooth("-0.9,0.85 -0.62,0.5 -0.9,0.15 -0.75,0.5", shade(skin, 0.8))
    b.smooth("-0.1,0.8 0,1.02 0.3,0.8", shade(skin, 0.8))
    b.smooth("-0.7,0.5 -0.2,0.85 0.5,0.8 0.95,0.5 0.5,0.18 -0.2,0.2", skin)
    b.smooth("0,0.2 0.5,0.2 0.9,0.46 0.4,0.4", palette[1] if len(palette) > 1 else shade(skin, 1.6))
    b.ellipse(0.66, 0.58, 0.05, 0.05, INK, ink=False)


def _bird(b: Brush, palette: list[RGB]) -> None:
    feathers = palette[0] if palette else (232, 230, 224)
    for u in (-0.04, 0.1):
        b.line(f"{u},0.22 {u + 0.02},0 {u + 0.12},0", (200, 140, 60), thick=0.03, smooth=False)
    b.smooth("-0.75,0.3 -0.3,0.2 0.2,0.2 0.42,0.5 0.38,0.8 0.2,0.9 0.05,0.78 -0.05,0.6 -0.4,0.45", feathers)
    wing = palette[1] if len(palette) > 1 else shade(feathers, 0.7)
    b.smooth("-0.68,0.32 -0.1,0.28 0.12,0.5 -0.05,0.58 -0.4,0.44", wing)
    b.shape("0.36,0.8 0.56,0.72 0.38,0.7", (226, 164, 60))
    b.ellipse(0.25, 0.79, 0.035, 0.035, INK, ink=False)


def _quadruped(b: Brush, words: str, palette: list[RGB], striding: bool) -> None:
    """Draw four legs, with the ears, tail and neck that the animal's name asks for."""
    coat = palette[0] if palette else (150, 112, 78)
    trim = palette[1] if len(palette) > 1 else shade(coat, 1.5)
    tall = bool(has("horse|deer|stag|cow|camel|giraffe", words))
    cat = bool(has("cat|kitten|lion|tiger", words))
    rabbit = bool(has("rabbit|hare|donkey", words))
    stout = bool(has("bear|mole|badger|hedgehog|pig|mouse|rat|beaver|hamster|panda|elephant", words))
    fat = 0.05 if stout else 0.0
    step = 0.12 if striding else 0.02
    for u, dark, lean in ((-0.42, 0.7, step), (0.36, 0.7, -step), (-0.5, 0.92, -step), (0.28, 0.92, step)):
        top = f"{u - 0.06 - fat},0.5 {u + 0.09 + fat},0.5"
        b.shape(f"{top} {u + lean + 0.05 + fat},0 {u + lean - 0.05 - fat},0", shade(coat, dark))
    if stout:
        b.ellipse(-0.62, 0.58, 0.05, 0.05, shade(coat, 0.8))
    elif rabbit:
        b.ellipse(-0.66, 0.5, 0.09, 0.09, trim)
    elif tall:
        b.smooth("-0.56,0.72 -0.74,0.6 -0.7,0.2 -0.6,0.3 -0.58,0.6", shade(coat, 0.55))
    elif has("fox|wolf|squirrel", words):
        b.smooth("-0.55,0.58 -0.95,0.75 -1.15,0.6 -0.9,0.42 -0.55,0.45", trim)
    else:
        tip = 0.95 if cat else 0.86
        b.line(f"-0.55,0.6 -0.75,0.72 -0.78,{tip}", INK, thick=0.09)
        b.line(f"-0.55,0.6 -0.75,0.72 -0.78,{tip - 0.01}", shade(coat, 0.9), thick=0.06)
    b.smooth(
        f"{-0.58 - fat},0.6 -0.3,{0.72 + 2 * fat} 0.2,{0.68 + 2 * fat} 0.44,0.74 0.46,0.5 "
        f"0.3,{0.36 - 2 * fat} -0.3,{0.38 - 2 * fat} {-0.56 - fat},0.42",
        coat,
    )
    b.smooth("-0.5,0.46 -0.3,0.38 0.3,0.36 0.42,0.46 0,0.45", shade(coat, 0.8), ink=False)
    u, v = (0.66, 1.02) if tall else (0.6, 0.82)
    snout = 0.1 if cat else 0.3 if tall else 0.24
    b.smooth(f"0.26,0.66 {u - 0.16},{v + 0.06} {u + 0.04},{v - 0.1} 0.46,0.5", coat)
    b.smooth(
        f"{u - 0.16},{v + 0.02} {u - 0.08},{v + 0.15} {u + 0.1},{v + 0.12} {u + snout},{v - 0.02} "
        f"{u + snout},{v - 0.1} {u + 0.02},{v - 0.14} {u - 0.14},{v - 0.1}",
        coat,
    )
    tip, jaw = u + snout, u + snout * 0.55
    b.smooth(f"{jaw},{v - 0.02} {tip},{v - 0.02} {tip},{v - 0.1} {jaw},{v - 0.12}", trim)
    b.ellipse(tip + 0.01, v - 0.03, 0.032, 0.028, INK, ink=False)
    if luma(coat) < 0.3:  # an eye of ink would not be seen
        b.ellipse(u + 0.05, v + 0.04, 0.036, 0.036, (226, 196, 92), thin=0.6)
    b.ellipse(u + 0.05, v + 0.04, 0.02 if luma(coat) < 0.3 else 0.024, 0.028, INK, ink=False)
    if stout:
        b.ellipse(u - 0.1, v + 0.16, 0.07, 0.07, coat)
        b.ellipse(u - 0.1, v + 0.16, 0.035, 0.035, shade(coat, 0.7), ink=False)
    elif has("dog|hound|puppy|cow|sheep|goat", words):
        b.smooth(f"{u - 0.1},{v + 0.13} {u - 0.2},{v} {u - 0.12},{v - 0.14} {u - 0.04},{v + 0.04}", shade(coat, 0.7))
    else:
        ear = 0.34 if rabbit else 0.15
        b.shape(f"{u - 0.13},{v + 0.1} {u - 0.1},{v + 0.12 + ear} {u + 0.02},{v + 0.13}", shade(coat, 0.8))
    if has("horse", words):
        b.smooth(f"{u - 0.1},{v + 0.14} {u - 0.28},{v - 0.04} 0.22,0.7 0.3,0.66 {u - 0.14},{v}", shade(coat, 0.5))
    if has("deer|stag|elk|reindeer", words):
        b.line(f"{u - 0.06},{v + 0.14} {u - 0.16},{v + 0.34} {u - 0.1},{v + 0.46}", (120, 92, 66), thick=0.03)
        b.line(f"{u - 0.14},{v + 0.3} {u - 0.26},{v + 0.42}", (120, 92, 66), thick=0.03)
