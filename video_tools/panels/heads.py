"""Draw people's heads: faces, hair and what is worn on them."""

from dataclasses import dataclass

from reelgraph.video_tools.panels.brush import Brush
from reelgraph.video_tools.panels.colours import INK, RGB, rgb, shade
from reelgraph.video_tools.panels.words import COLOURS, has


@dataclass(frozen=True)
class Look:
    """How a person is drawn."""

    coat: RGB
    legs: RGB
    hair: RGB
    skin: RGB
    apron: RGB | None
    words: str
    long_haired: bool


def head(b: Brush, look: Look) -> None:
    """Draw a head in three-quarter view; the brush's base is its middle, and 1 is chin to crown."""
    hair, skin = look.hair, look.skin
    b.smooth("-0.34,0.2 -0.33,-0.14 -0.16,-0.42 0.1,-0.5 0.25,-0.4 0.34,-0.12 0.35,0.2 0.18,0.46 -0.18,0.46", skin)
    b.smooth("-0.32,0.1 -0.31,-0.14 -0.15,-0.4 0.02,-0.46 -0.14,-0.2 -0.2,0.1", shade(skin, 0.86), ink=False)
    b.smooth("-0.33,0.06 -0.4,0.04 -0.39,-0.12 -0.32,-0.14", shade(skin, 0.92))
    fine = b.size > 11  # room for features; smaller heads have dots for eyes
    for u, w in ((0.02, 1.0), (0.23, 0.86)):
        if not fine:
            b.ellipse(u, 0, 0.032, 0.045, INK, ink=False)
            continue
        b.smooth(f"{u - 0.085 * w},0 {u},0.05 {u + 0.08 * w},-0.005 {u},-0.045", (250, 248, 244), thin=0.8)
        b.ellipse(u + 0.01, 0, 0.034, 0.04, shade(hair, 0.7), ink=False)
        b.ellipse(u + 0.01, 0, 0.018, 0.02, INK, ink=False)
        b.ellipse(u + 0.022, 0.014, 0.008, 0.008, (255, 255, 255), ink=False)
        b.line(f"{u - 0.095 * w},0.11 {u},0.15 {u + 0.1 * w},0.115", shade(hair, 0.75), thin=1.8)
    if fine:
        b.line("0.15,0.02 0.215,-0.17 0.13,-0.19", shade(skin, 0.55))
        b.line("0.01,-0.31 0.11,-0.325 0.21,-0.3", shade(skin, 0.42), thin=1.3)
        b.line("0.08,-0.375 0.16,-0.37", shade(skin, 0.75))
    if has("beard|bearded|moustache|mustache", look.words):
        b.smooth(
            "-0.3,-0.1 -0.24,-0.36 0.06,-0.6 0.27,-0.42 0.3,-0.2 0.2,-0.24 0.11,-0.22 -0.02,-0.26 -0.2,-0.18", hair
        )
        b.line("0.03,-0.32 0.19,-0.31", shade(hair, 0.45), thin=1.3)
    if has("glasses|spectacles", look.words):
        for u in (0.02, 0.23):
            b.ellipse(u, 0, 0.1, 0.09, None, thin=1.2)
        b.line("-0.08,0.01 -0.34,0.03", thin=1.2)
    if not has("bald|shaved", look.words):
        if look.long_haired:
            b.smooth("-0.36,0.1 -0.44,-0.1 -0.46,-0.5 -0.3,-0.56 -0.29,-0.1 -0.24,0.2", hair)
        fringe = "0.38,0.2 0.24,0.3 0.02,0.31 -0.16,0.22 -0.26,0.02"
        b.smooth(f"-0.36,-0.06 -0.4,0.22 -0.26,0.5 0.04,0.58 0.3,0.46 {fringe}", hair)
    _headwear(b, look)


def _headwear(b: Brush, look: Look) -> None:
    worn = "hat|cap|hood|helmet|beret|headscarf|beanie|crown"
    trim = next((rgb(c) for word, c in COLOURS.items() if has(rf"{word} (?:{worn})", look.words)), None)
    if has("hat|fedora|straw hat|bowler", look.words):
        cloth = trim or shade(look.legs, 0.8)
        b.smooth("-0.3,0.3 -0.26,0.74 0.04,0.82 0.3,0.72 0.34,0.3", cloth)
        b.smooth("-0.62,0.24 -0.3,0.36 0.34,0.36 0.66,0.22 0.3,0.22 -0.3,0.22", shade(cloth, 0.9))
    elif has("cap|captain|beret|sailor|keeper|beanie", look.words):
        cloth = trim or shade(look.legs, 0.75)
        b.smooth("-0.38,0.28 -0.42,0.5 -0.1,0.72 0.3,0.64 0.38,0.34 0.1,0.3", cloth)
        b.smooth("0.06,0.32 0.38,0.38 0.56,0.26 0.36,0.24", shade(cloth, 0.6))
    elif has("hood|hooded|cloak|parka|headscarf", look.words):
        brow = "0.36,0.5 0.42,0.26 0.16,0.4 -0.14,0.3 -0.3,-0.05 -0.2,-0.45"
        b.smooth(f"-0.36,-0.5 -0.52,0 -0.36,0.5 0.04,0.68 {brow}", trim or look.coat)
    elif has("helmet|astronaut|diver", look.words):
        b.ellipse(0, 0.02, 0.62, 0.66, None, thin=1.7)
    elif has("crown|king|queen|princess|prince", look.words):
        b.shape("-0.34,0.34 -0.38,0.72 -0.18,0.54 0,0.78 0.18,0.54 0.38,0.72 0.36,0.34", trim or (222, 178, 64))
