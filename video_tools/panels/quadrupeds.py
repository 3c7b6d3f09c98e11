"""Draw what goes on four legs, with the ears, tail, neck and coat that the animal's name asks for."""

from reelgraph.video_tools.panels.brush import Brush
from reelgraph.video_tools.panels.colours import INK, RGB, luma, shade
from reelgraph.video_tools.panels.words import has

HORN: RGB = (236, 226, 202)
# What an animal's drawing has, and which animals have it.
TRAITS: dict[str, str] = {
    "tall": (
        "horse|pony|foal|donkey|mule|zebra|unicorn|deer|stag|fawn|moose|elk|reindeer|camel|llama|alpaca|giraffe|"
        "antelope|gazelle"
    ),
    "neck": "giraffe",
    "cattle": "cow|bull|ox|calf|bison|buffalo",
    "trunk": "elephant|mammoth",
    "cat": "cat|kitten|lion|lioness|tiger|leopard|cheetah|panther|jaguar",
    "stout": (
        "bear|mole|badger|pig|piglet|mouse|rat|beaver|hamster|panda|koala|otter|rhino|rhinoceros|hippo|hippopotamus|gorilla"
    ),
    "scut": "rabbit|bunny|hare",
    "ears": "rabbit|bunny|hare|donkey|mule|kangaroo",
    "brush": "fox|wolf|squirrel|raccoon|skunk",
    "hanging": "dog|hound|puppy|cow|calf|sheep|lamb|goat",
    "horns": "cow|bull|ox|bison|buffalo|goat|antelope|gazelle",
    "patches": "cow|calf|giraffe|leopard|cheetah|jaguar",
    "mane": "horse|pony|zebra|unicorn",
    "antlers": "deer|stag|moose|elk|reindeer",
}


def quadruped(b: Brush, words: str, palette: list[RGB], striding: bool) -> None:
    """Draw four legs, with the ears, tail and neck that the animal's name asks for."""
    coat = palette[0] if palette else (150, 112, 78)
    trim = palette[1] if len(palette) > 1 else shade(coat, 1.5)
    its = {trait for trait, animals in TRAITS.items() if has(animals, words)}
    tall, cattle, trunk, cat = "tall" in its, "cattle" in its, "trunk" in its, "cat" in its
    stout = "stout" in its or trunk
    fat = 0.05 if stout or cattle else 0.0
    step = 0.12 if striding else 0.02
    for u, dark, lean in ((-0.42, 0.7, step), (0.36, 0.7, -step), (-0.5, 0.92, -step), (0.28, 0.92, step)):
        top = f"{u - 0.06 - fat},0.5 {u + 0.09 + fat},0.5"
        b.shape(f"{top} {u + lean + 0.05 + fat},0 {u + lean - 0.05 - fat},0", shade(coat, dark))
    if stout:
        b.ellipse(-0.62, 0.58, 0.05, 0.05, shade(coat, 0.8))
    elif "scut" in its:
        b.ellipse(-0.66, 0.5, 0.09, 0.09, trim)
    elif tall:
        b.smooth("-0.56,0.72 -0.74,0.6 -0.7,0.2 -0.6,0.3 -0.58,0.6", shade(coat, 0.55))
    elif "brush" in its:
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
    if "patches" in its:
        for x, y, r in ((-0.34, 0.6, 0.1), (-0.02, 0.54, 0.13), (0.24, 0.64, 0.07)):
            b.ellipse(x, y, r, r * 0.7, trim, ink=False)
    u, v = (0.8, 1.5) if "neck" in its else (0.66, 1.02) if tall else (0.68, 0.8) if cattle else (0.6, 0.82)
    snout = 0.1 if cat else 0.3 if tall else 0.24
    b.smooth(f"0.26,0.66 {u - 0.16},{v + 0.06} {u + 0.04},{v - 0.1} 0.46,0.5", coat)
    b.smooth(
        f"{u - 0.16},{v + 0.02} {u - 0.08},{v + 0.15} {u + 0.1},{v + 0.12} {u + snout},{v - 0.02} "
        f"{u + snout},{v - 0.1} {u + 0.02},{v - 0.14} {u - 0.14},{v - 0.1}",
        coat,
    )
    if trunk:
        _trunk(b, coat, u, v)
        return
    tip, jaw = u + snout, u + snout * 0.55
    b.smooth(f"{jaw},{v - 0.02} {tip},{v - 0.02} {tip},{v - 0.1} {jaw},{v - 0.12}", trim)
    b.ellipse(tip + 0.01, v - 0.03, 0.032, 0.028, INK, ink=False)
    if luma(coat) < 0.3:  # an eye of ink would not be seen
        b.ellipse(u + 0.05, v + 0.04, 0.036, 0.036, (226, 196, 92), thin=0.6)
    b.ellipse(u + 0.05, v + 0.04, 0.02 if luma(coat) < 0.3 else 0.024, 0.028, INK, ink=False)
    if stout:
        b.ellipse(u - 0.1, v + 0.16, 0.07, 0.07, coat)
        b.ellipse(u - 0.1, v + 0.16, 0.035, 0.035, shade(coat, 0.7), ink=False)
    elif "hanging" in its:
        b.smooth(f"{u - 0.1},{v + 0.13} {u - 0.2},{v} {u - 0.12},{v - 0.14} {u - 0.04},{v + 0.04}", shade(coat, 0.7))
    else:
        ear = 0.34 if "ears" in its else 0.15
        b.shape(f"{u - 0.13},{v + 0.1} {u - 0.1},{v + 0.12 + ear} {u + 0.02},{v + 0.13}", shade(coat, 0.8))
    if "mane" in its:
        b.smooth(f"{u - 0.1},{v + 0.14} {u - 0.28},{v - 0.04} 0.22,0.7 0.3,0.66 {u - 0.14},{v}", shade(coat, 0.5))
    if "antlers" in its:
        b.line(f"{u - 0.06},{v + 0.14} {u - 0.16},{v + 0.34} {u - 0.1},{v + 0.46}", (120, 92, 66), thick=0.03)
        b.line(f"{u - 0.14},{v + 0.3} {u - 0.26},{v + 0.42}", (120, 92, 66), thick=0.03)
    if "horns" in its:
        b.smooth(f"{u - 0.04},{v + 0.12} {u - 0.02},{v + 0.2} {u + 0.08},{v + 0.25} {u + 0.03},{v + 0.13}", HORN)


def _trunk(b: Brush, coat: RGB, u: float, v: float) -> None:
    """Draw an elephant's face: a trunk to the ground, a tusk, a great ear."""
    b.smooth(
        f"{u + 0.04},{v + 0.04} {u + 0.28},{v - 0.06} {u + 0.33},{v - 0.4} {u + 0.44},{v - 0.66} {u + 0.34},{v - 0.7} "
        f"{u + 0.2},{v - 0.42} {u + 0.12},{v - 0.14}",
        coat,
    )
    b.smooth(f"{u + 0.1},{v - 0.12} {u + 0.28},{v - 0.28} {u + 0.42},{v - 0.24} {u + 0.24},{v - 0.36}", HORN)
    b.smooth(
        f"{u - 0.1},{v + 0.14} {u - 0.34},{v + 0.12} {u - 0.42},{v - 0.16} {u - 0.24},{v - 0.36} {u - 0.08},{v - 0.1}",
        shade(coat, 0.86),
    )
    b.ellipse(u + 0.08, v + 0.02, 0.024, 0.028, INK, ink=False)
