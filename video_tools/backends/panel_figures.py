"""Draw who a panel is about, in their bible colours: people by their description, animals and things by their names."""

from dataclasses import dataclass

from reelgraph.video_tools.backends.panel_sheet import INK, RGB, Brush, Sheet, mix, rgb, shade
from reelgraph.video_tools.backends.panel_things import robot, thing
from reelgraph.video_tools.backends.panel_words import COLOURS, colours_of, has
from reelgraph.video_tools.film import Character

HEAD = 0.155  # of a person's height, chin to crown
COATS: list[RGB] = [(92, 108, 132), (134, 96, 78), (88, 118, 96), (128, 92, 124), (150, 128, 84)]
YOUNG = "child|boy|girl|kid|toddler|daughter|son|little one"
LONG_HAIR = "long hair|plait|ponytail|braids?|woman|girl|lady|mother|daughter|queen|she|her|grandmother|witch|princess"
BIRDS = "bird|gull|seagull|owl|crow|raven|eagle|sparrow|pigeon|duck|swan|parrot"
INSECTS = "firefly|fireflies|glow-worm|insect|bee|wasp|fly|butterfly|moth|beetle|ladybird|dragonfly|cricket"
SWIMMERS = "fish|whale|shark|dolphin"
ANIMAL_SIZES: list[tuple[str, float]] = [
    ("horse|cow|bull|elephant|bear|camel", 0.95),
    ("deer|stag|lion|tiger", 0.75),
    ("whale|dragon", 1.2),
    ("wolf|sheep|goat|pig|dolphin|shark", 0.5),
    ("dog|hound", 0.42),
    ("fox|puppy", 0.36),
    ("mouse|rat", 0.15),
    (f"cat|rabbit|hare|kitten|fish|{BIRDS}", 0.3),
    (INSECTS, 0.1),
]
COAT = (
    "coat|raincoat|jacket|jumper|sweater|shirt|dress|gown|robe|uniform|cloak|suit|cardigan|hoodie|tunic|vest|overalls"
)
LEGS = "trousers|jeans|pants|leggings|skirt|boots|scarf|shawl|apron"
HAIR = "hair|haired|braids?|ponytail|curls|locks|beard|bun"
HAIRS: list[tuple[str, RGB]] = [
    ("white hair|grey hair|gray hair|silver hair|old|elderly|aged|grandmother|grandfather", (206, 204, 200)),
    ("blonde?|fair hair|golden hair|yellow hair", (222, 184, 98)),
    ("red hair|redhead|ginger|auburn", (170, 76, 38)),
    ("black hair|dark hair", (40, 36, 40)),
]
SKINS: list[tuple[str, RGB]] = [
    ("dark skin|dark-skinned|black man|black woman|black skin", (112, 76, 56)),
    ("brown skin|brown-skinned|tanned|tan skin|olive skin", (170, 122, 86)),
    ("pale|fair skin|freckled", (240, 212, 190)),
]


def names(figure: Character) -> str:
    """Return all the words that say what a figure is."""
    return f"{figure.name} {' '.join(figure.aliases)} {figure.description} {figure.id}"


def height(figure: Character) -> float:
    """Return a figure's height beside a standing adult's."""
    words = names(figure)
    if figure.kind == "person":
        return 0.68 if has(YOUNG, words) else 1.0
    said = 0.6 if has("tiny|miniature", words) else 1.5 if has("giant|huge|enormous|gigantic", words) else 1.0
    if figure.kind == "object":
        return said * thing(words)[1]
    return said * next((size for pattern, size in ANIMAL_SIZES if has(pattern, words)), 0.5)


def draw_figure(
    sheet: Sheet, figure: Character, x: float, feet: float, size: float, facing: int, *, striding: bool, above: bool
) -> None:
    """Draw a figure.

    Args:
        sheet: What to draw on.
        figure: Who.
        x: Units of the middle of its body.
        feet: Units of the ground under its feet.
        size: Its height in units.
        facing: 1 to the right, -1 to the left.
        striding: Whether it is in a step.
        above: Whether a person is seen from above.
    """
    brush = Brush(sheet, x, feet, size, facing=facing, line=max(0.25, min(1.1, 0.15 + size * 0.0072)))
    words, palette = names(figure), [rgb(c) for c in figure.palette]
    if figure.kind == "object":
        thing(words)[0](brush, palette)
    elif has("robot|android|droid", words):
        robot(brush, palette)
    elif figure.kind == "person" and above:
        _from_above(brush, _look_of(figure, words, palette))
    elif figure.kind == "person":
        _person(brush, _look_of(figure, words, palette), striding)
    elif has(INSECTS, words):
        _insect(brush, palette, glows=bool(has("firefly|fireflies|glow-worm|glowing|glows", words)))
    elif has(SWIMMERS, words):
        _swimmer(brush, palette)
    elif has(BIRDS, words):
        _bird(brush, palette)
    else:
        _quadruped(brush, words, palette, striding)


@dataclass(frozen=True)
class Look:
    """How a person is drawn."""

    coat: RGB
    legs: RGB
    hair: RGB
    skin: RGB
    words: str

    @property
    def long_haired(self) -> bool:
        """Whether the hair falls to the shoulders."""
        return bool(has(LONG_HAIR, self.words)) and not has("short hair|shaved|bald", self.words)


def _look_of(figure: Character, words: str, palette: list[RGB]) -> Look:
    """Choose colours: those that the words give to coat, legs or hair; else the palette's, in this order."""
    said = {part: _said(nouns, words, palette) for part, nouns in (("coat", COAT), ("legs", LEGS), ("hair", HAIR))}
    left = [colour for colour in palette if colour not in said.values()]
    coat = said["coat"] or (left.pop(0) if left else COATS[sum(map(ord, figure.id)) % len(COATS)])
    legs = said["legs"] or (left.pop(0) if left else mix(shade(coat, 0.45), (48, 46, 58), 0.5))
    hair = said["hair"] or (left.pop(0) if left else next((c for w, c in HAIRS if has(w, words)), (78, 54, 42)))
    return Look(coat, legs, hair, next((c for w, c in SKINS if has(w, words)), (218, 174, 140)), words)


def _said(nouns: str, words: str, palette: list[RGB]) -> RGB | None:
    """Return the colour that the words give to one of some nouns, as the palette's nearest shade of it."""
    colours = [rgb(c) for c in colours_of(nouns, words)]
    if not colours:
        return None
    near = [c for c in palette if sum(abs(a - b) for a, b in zip(c, colours[-1], strict=True)) < 120]
    return near[0] if near else colours[-1]


def _person(b: Brush, look: Look, striding: bool) -> None:
    coat, legs, skin = look.coat, look.legs, look.skin
    dress = bool(has("dress|gown|skirt|robe|cassock|kimono|sari|habit", look.words))
    step, swing = (0.09, 0.05) if striding else (0.0, 0.0)
    if look.long_haired:
        b.smooth("-0.06,0.97 -0.085,0.88 -0.08,0.79 -0.02,0.775 0.045,0.8 0.05,0.9 0.03,0.97", shade(look.hair, 0.8))
    for side, dark in ((-1, 0.8), (1, 1.0)):  # the far leg first
        foot, lift = side * (0.05 + step), 0.015 if striding and side < 0 else 0.0
        hip = side * 0.02
        if not dress:
            b.shape(f"{hip - 0.045},0.5 {hip + 0.05},0.5 {foot + 0.04},0.04 {foot - 0.035},0.04", shade(legs, dark))
        sole = f"{foot + 0.085},{lift + 0.015} {foot + 0.085},{lift}"
        b.shape(
            f"{foot - 0.04},{lift} {foot - 0.035},{lift + 0.05} {foot + 0.03},{lift + 0.05} {sole}", shade(legs, 0.55)
        )
    b.smooth(f"-0.09,0.8 -0.135,0.66 {swing - 0.13},0.5 {swing - 0.09},0.5 -0.07,0.68", shade(coat, 0.72))
    b.ellipse(swing - 0.11, 0.475, 0.022, 0.026, skin)
    b.shape("-0.03,0.86 -0.03,0.79 0.035,0.79 0.03,0.86", shade(skin, 0.86))
    hem, flare = (0.08, 0.17) if dress else (0.4, 0.115)
    b.shape(f"-0.045,0.825 -0.115,0.79 -0.1,0.6 -{flare},{hem} {flare},{hem} 0.105,0.6 0.115,0.79 0.05,0.825", coat)
    if b.size > 26:  # a smaller figure is a clear silhouette in its colour
        b.shape(f"-0.1,0.76 -0.09,0.6 -{flare},{hem} -{flare * 0.45},{hem} -0.05,0.62", shade(coat, 0.8), ink=False)
        b.line(f"0.012,0.81 0.02,0.6 0.02,{hem}", shade(coat, 0.5))
        b.shape("-0.04,0.826 0.012,0.77 0.045,0.826", shade(legs, 1.2))
    if b.size > 60:
        for k in range(3):
            b.ellipse(0.036, 0.73 - 0.075 * k, 0.006, 0.006, shade(coat, 0.45), ink=False)
    near = -swing * 1.6
    b.smooth(f"0.085,0.795 0.13,0.74 {near + 0.145},0.5 {near + 0.1},0.49 0.075,0.67", shade(coat, 0.92))
    b.ellipse(near + 0.124, 0.468, 0.024, 0.028, skin)
    if has("braids?", look.words):
        for v in (0.82, 0.77, 0.72, 0.67):
            b.ellipse(-0.075, v, 0.026, 0.032, look.hair)
        b.ellipse(-0.075, 0.63, 0.014, 0.026, shade(look.hair, 0.8))
    if has("scarf|shawl", look.words):
        b.smooth("-0.055,0.85 -0.06,0.81 0.06,0.81 0.055,0.85", legs)
        b.shape("-0.03,0.82 -0.05,0.66 -0.01,0.66 0,0.82", shade(legs, 0.9))
    x, y = b.at(0.008, 0.92)
    _head(Brush(b.sheet, x, y, b.size * HEAD, facing=b.facing, line=b.ink), look)


def _from_above(b: Brush, look: Look) -> None:
    b.ellipse(0.02, 0.1, 0.24, 0.13, (20, 18, 26), ink=False, alpha=90)
    for u in (-0.06, 0.1):
        b.ellipse(u, 0.2, 0.045, 0.09, shade(look.legs, 0.7))
    b.smooth("-0.26,0.24 -0.2,0.36 0.2,0.36 0.26,0.24 0.2,0.12 -0.2,0.12", look.coat)
    b.line("-0.14,0.33 -0.1,0.24 -0.14,0.15", shade(look.coat, 0.7))
    b.line("0.14,0.33 0.1,0.24 0.14,0.15", shade(look.coat, 0.7))
    b.ellipse(0, 0.16, 0.09, 0.07, look.skin)
    b.ellipse(0, 0.25, 0.12, 0.13, look.hair)
    if has("hat|fedora|bowler|cap|captain|beret|sailor|keeper|beanie", look.words):
        b.ellipse(0, 0.23, 0.14, 0.15, shade(look.legs, 0.75))
        b.ellipse(0, 0.24, 0.09, 0.1, shade(look.legs, 0.9))


def _head(b: Brush, look: Look) -> None:
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
    step = 0.12 if striding else 0.02
    for u, dark, lean in ((-0.42, 0.7, step), (0.36, 0.7, -step), (-0.5, 0.92, -step), (0.28, 0.92, step)):
        b.shape(f"{u - 0.06},0.5 {u + 0.09},0.5 {u + lean + 0.05},0 {u + lean - 0.05},0", shade(coat, dark))
    if rabbit:
        b.ellipse(-0.66, 0.5, 0.09, 0.09, trim)
    elif tall:
        b.smooth("-0.56,0.72 -0.74,0.6 -0.7,0.2 -0.6,0.3 -0.58,0.6", shade(coat, 0.55))
    elif has("fox|wolf|squirrel", words):
        b.smooth("-0.55,0.58 -0.95,0.75 -1.15,0.6 -0.9,0.42 -0.55,0.45", trim)
    else:
        tip = 0.95 if cat else 0.86
        b.line(f"-0.55,0.6 -0.75,0.72 -0.78,{tip}", INK, thick=0.09)
        b.line(f"-0.55,0.6 -0.75,0.72 -0.78,{tip - 0.01}", shade(coat, 0.9), thick=0.06)
    b.smooth("-0.58,0.62 -0.3,0.72 0.2,0.68 0.44,0.72 0.46,0.5 0.3,0.36 -0.3,0.38 -0.56,0.42", coat)
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
    b.ellipse(u + 0.05, v + 0.04, 0.024, 0.028, INK, ink=False)
    if has("dog|hound|puppy|cow|sheep|goat", words):
        b.smooth(f"{u - 0.1},{v + 0.13} {u - 0.2},{v} {u - 0.12},{v - 0.14} {u - 0.04},{v + 0.04}", shade(coat, 0.7))
    else:
        ear = 0.34 if rabbit else 0.15
        b.shape(f"{u - 0.13},{v + 0.1} {u - 0.1},{v + 0.12 + ear} {u + 0.02},{v + 0.13}", shade(coat, 0.8))
    if has("horse", words):
        b.smooth(f"{u - 0.1},{v + 0.14} {u - 0.28},{v - 0.04} 0.22,0.7 0.3,0.66 {u - 0.14},{v}", shade(coat, 0.5))
    if has("deer|stag|elk|reindeer", words):
        b.line(f"{u - 0.06},{v + 0.14} {u - 0.16},{v + 0.34} {u - 0.1},{v + 0.46}", (120, 92, 66), thick=0.03)
        b.line(f"{u - 0.14},{v + 0.3} {u - 0.26},{v + 0.42}", (120, 92, 66), thick=0.03)
