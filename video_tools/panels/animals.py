"""Draw animals in their bible colours: insects, snails, fish and birds here, what has four legs in rooms of its own."""

from reelgraph.video_tools.panels.brush import Brush
from reelgraph.video_tools.panels.colours import INK, RGB, mix, shade
from reelgraph.video_tools.panels.crawlers import REPTILES, SHELLED, SPINED, reptile, shelled, spined
from reelgraph.video_tools.panels.quadrupeds import quadruped
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
    ("giraffe", 0.9),
    ("calf|foal|fawn|lamb|cub", 0.5),
    ("horse|cow|bull|ox|bison|buffalo|elephant|bear|camel|rhino|rhinoceros|hippo|hippopotamus|moose|elk", 0.95),
    ("deer|stag|reindeer|lion|lioness|tiger|donkey|mule|pony|zebra|antelope|gorilla", 0.75),
    ("whale|dragon|dinosaur", 1.2),
    ("wolf|sheep|goat|pig|dolphin|shark", 0.5),
    ("dog|hound", 0.42),
    ("fox|puppy", 0.36),
    ("mouse|rat|mole|hedgehog|porcupine|hamster|lizard|gecko", 0.18),
    ("badger|beaver|crocodile|alligator", 0.34),
    (f"cat|rabbit|hare|kitten|fish|turtle|tortoise|{BIRDS}", 0.3),
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
    elif has(REPTILES, words):
        reptile(brush, palette)
    elif has(SHELLED, words):
        shelled(brush, palette)
    elif has(SPINED, words):
        spined(brush, palette)
    else:
        quadruped(brush, words, palette, striding)


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
