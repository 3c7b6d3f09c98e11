"""Draw who a panel is about, in their bible colours: people from their description, animals and things from their names."""

from dataclasses import dataclass

from reelgraph.video_tools.backends.panel_sheet import INK, RGB, Point, Sheet, mix, rgb, shade
from reelgraph.video_tools.backends.panel_things import thing
from reelgraph.video_tools.backends.panel_words import COLOURS, has
from reelgraph.video_tools.film import Character

HEAD = 0.155  # of a person's height, chin to crown
COATS: list[RGB] = [(92, 108, 132), (134, 96, 78), (88, 118, 96), (128, 92, 124), (150, 128, 84)]


def names(figure: Character) -> str:
    """Return all the words that say what a figure is."""
    return f"{figure.name} {' '.join(figure.aliases)} {figure.description} {figure.id}"


def height(figure: Character) -> float:
    """Return a figure's height beside a standing adult's."""
    words = names(figure)
    if figure.kind == "object":
        return thing(words)[1]
    if figure.kind == "animal":
        return next((size for pattern, size in ANIMAL_SIZES if has(pattern, words)), 0.5)
    return 0.68 if has("child|boy|girl|kid|toddler|daughter|son|little one", words) else 1.0


@dataclass(frozen=True)
class Look:
    """How a person is drawn, read from palette and description."""

    coat: RGB
    legs: RGB
    hair: RGB
    skin: RGB
    words: str


def look_of(figure: Character) -> Look:
    """Choose a person's colours: the palette's first for the coat, second for the legs or trim, third for the hair."""
    words = names(figure)
    palette = [rgb(c) for c in figure.palette]
    coat = palette[0] if palette else COATS[sum(map(ord, figure.id)) % len(COATS)]
    legs = palette[1] if len(palette) > 1 else mix(shade(coat, 0.45), (48, 46, 58), 0.5)
    hairs = [
        ("white hair|grey hair|gray hair|silver hair|old|elderly|aged|grandmother|grandfather", (206, 204, 200)),
        ("blonde?|fair hair|golden hair|yellow hair", (222, 184, 98)), ("red hair|redhead|ginger|auburn", (170, 76, 38)),
        ("black hair|dark hair", (40, 36, 40)),
    ]  # fmt: skip
    hair = palette[2] if len(palette) > 2 else next((c for w, c in hairs if has(w, words)), (78, 54, 42))
    skins = [
        ("dark skin|dark-skinned|black man|black woman|black skin", (112, 76, 56)),
        ("brown skin|brown-skinned|tanned|tan skin|olive skin", (170, 122, 86)), ("pale|fair skin|freckled", (240, 212, 190)),
    ]  # fmt: skip
    skin = next((c for w, c in skins if has(w, words)), (218, 174, 140))
    return Look(coat, legs, hair, skin, words)


def person(s: Sheet, figure: Character, x: float, feet: float, h: float, facing: int, striding: bool) -> None:
    """Draw a person.

    Args:
        s: The sheet.
        figure: Who.
        x: Units of the middle of the body.
        feet: Units of the ground under the feet.
        h: Height in units.
        facing: 1 to the right, -1 to the left.
        striding: Whether the legs are in a step.
    """
    look = look_of(figure)
    line = max(0.45, min(1.1, h * 0.008))

    def at(u: float, v: float) -> Point:
        return x + u * h * facing, feet - h * v

    def part(points: list[Point], fill: RGB, smooth: bool = True) -> None:
        s.shape([at(u, v) for u, v in points], fill, smooth=smooth, width=line, wobble=h * 0.002)

    if long_haired(look.words):
        part(
            [(-0.06, 0.97), (-0.085, 0.88), (-0.08, 0.79), (-0.02, 0.775), (0.045, 0.8), (0.05, 0.9), (0.03, 0.97)],
            shade(look.hair, 0.8),
        )
    dress = has("dress|gown|skirt|robe|cassock|kimono|sari|habit", look.words)
    step = 0.09 if striding else 0.0
    for side, dark in ((-1, 0.8), (1, 1.0)):  # the far leg first
        foot = side * (0.05 + step)
        if not dress:
            part(
                [(side * 0.02 - 0.045, 0.5), (side * 0.02 + 0.05, 0.5), (foot + 0.04, 0.04), (foot - 0.035, 0.04)],
                shade(look.legs, dark),
                False,
            )
        lift = 0.015 if striding and side < 0 else 0.0
        part([(foot - 0.04, lift), (foot - 0.035, 0.05 + lift), (foot + 0.03, 0.05 + lift), (foot + 0.085, 0.015 + lift), (foot + 0.085, lift)],
             shade(look.legs, 0.55), False)  # fmt: skip
    swing = 0.05 if striding else 0.0
    part(
        [(-0.09, 0.8), (-0.135, 0.66), (-0.13 + swing, 0.5), (-0.09 + swing, 0.5), (-0.07, 0.68)],
        shade(look.coat, 0.72),
    )
    s.ellipse(*at(-0.11 + swing, 0.475), h * 0.022, h * 0.026, look.skin, width=line)
    part([(-0.03, 0.86), (-0.03, 0.79), (0.035, 0.79), (0.03, 0.86)], shade(look.skin, 0.86), False)
    hem = 0.08 if dress else 0.4
    flare = 0.17 if dress else 0.115
    part(
        [
            (-0.045, 0.825),
            (-0.115, 0.79),
            (-0.1, 0.6),
            (-flare, hem),
            (flare, hem),
            (0.105, 0.6),
            (0.115, 0.79),
            (0.05, 0.825),
        ],
        look.coat,
        False,
    )
    s.shape(
        [at(-0.1, 0.76), at(-0.09, 0.6), at(-flare, hem), at(-flare * 0.45, hem), at(-0.05, 0.62)],
        (*shade(look.coat, 0.8), 255),
        ink=None,
    )
    s.line([at(0.012, 0.81), at(0.02, 0.6), at(0.02, hem)], shade(look.coat, 0.5), width=line, wobble=h * 0.002)
    s.shape([at(-0.04, 0.826), at(0.012, 0.77), at(0.045, 0.826)], shade(look.legs, 1.2), width=line, wobble=0)
    if h > 60:
        for k in range(3):
            s.ellipse(*at(0.036, 0.73 - 0.075 * k), h * 0.006, h * 0.006, shade(look.coat, 0.45), ink=None)
    part(
        [(0.085, 0.795), (0.13, 0.74), (0.145 - swing * 1.6, 0.5), (0.1 - swing * 1.6, 0.49), (0.075, 0.67)],
        shade(look.coat, 0.92),
    )
    s.ellipse(*at(0.124 - swing * 1.6, 0.468), h * 0.024, h * 0.028, look.skin, width=line)
    if has("scarf|shawl", look.words):
        part([(-0.055, 0.85), (-0.06, 0.81), (0.06, 0.81), (0.055, 0.85)], look.legs)
        part([(-0.03, 0.82), (-0.05, 0.66), (-0.01, 0.66), (0.0, 0.82)], shade(look.legs, 0.9), False)
    head(s, look, *at(0.008, 0.92), h * HEAD, facing, line)


def long_haired(words: str) -> bool:
    """Say whether a description asks for hair to the shoulders."""
    asked = "long hair|ponytail|braids?|woman|girl|lady|mother|daughter|queen|she|her|grandmother|witch|princess"
    return bool(has(asked, words)) and not has("short hair|shaved|bald", words)


def head(s: Sheet, look: Look, x: float, y: float, h: float, facing: int, line: float) -> None:
    """Draw a head `h` units from chin to crown, centred on (x, y), in three-quarter view."""

    def at(u: float, v: float) -> Point:
        return x + u * h * facing, y + v * h

    def part(points: list[Point], fill: RGB | None, smooth: bool = True, ink: RGB | None = INK) -> None:
        s.shape([at(u, v) for u, v in points], fill, smooth=smooth, ink=ink, width=line, wobble=h * 0.008)

    bald = has("bald|shaved", look.words)
    part(
        [
            (-0.34, -0.2),
            (-0.33, 0.14),
            (-0.16, 0.42),
            (0.1, 0.5),
            (0.25, 0.4),
            (0.34, 0.12),
            (0.35, -0.2),
            (0.18, -0.46),
            (-0.18, -0.46),
        ],
        look.skin,
    )
    s.shape(
        [at(-0.32, -0.1), at(-0.31, 0.14), at(-0.15, 0.4), at(0.02, 0.46), at(-0.14, 0.2), at(-0.2, -0.1)],
        (*shade(look.skin, 0.86), 255),
        ink=None,
        smooth=True,
    )
    part([(-0.33, -0.06), (-0.4, -0.04), (-0.39, 0.12), (-0.32, 0.14)], shade(look.skin, 0.92))
    fine = h > 11
    for u, size in ((0.02, 1.0), (0.23, 0.86)):  # the eyes
        if fine:
            s.shape(
                [at(u - 0.085 * size, 0.0), at(u, -0.05), at(u + 0.08 * size, 0.005), at(u, 0.045)],
                (250, 248, 244),
                smooth=True,
                width=line * 0.8,
            )
            s.ellipse(*at(u + 0.01, 0.0), h * 0.034, h * 0.04, shade(look.hair, 0.7), ink=None)
            s.ellipse(*at(u + 0.01, 0.0), h * 0.018, h * 0.02, INK, ink=None)
            s.ellipse(*at(u + 0.022, -0.014), h * 0.008, h * 0.008, (255, 255, 255), ink=None)
            s.line(
                [at(u - 0.095 * size, -0.11), at(u, -0.15), at(u + 0.1 * size, -0.115)],
                shade(look.hair, 0.75),
                width=line * 1.8,
                smooth=True,
            )
        else:
            s.ellipse(*at(u, 0.0), h * 0.032, h * 0.045, INK, ink=None)
    if fine:
        s.line([at(0.15, -0.02), at(0.215, 0.17), at(0.13, 0.19)], shade(look.skin, 0.55), width=line, smooth=True)
        s.line([at(0.01, 0.31), at(0.11, 0.325), at(0.21, 0.3)], shade(look.skin, 0.42), width=line * 1.3, smooth=True)
        s.line([at(0.08, 0.375), at(0.16, 0.37)], shade(look.skin, 0.75), width=line)
    if has("beard|bearded|moustache|mustache", look.words):
        part(
            [
                (-0.3, 0.1),
                (-0.24, 0.36),
                (0.06, 0.6),
                (0.27, 0.42),
                (0.3, 0.2),
                (0.2, 0.24),
                (0.11, 0.22),
                (-0.02, 0.26),
                (-0.2, 0.18),
            ],
            look.hair,
        )
        s.line([at(0.03, 0.32), at(0.19, 0.31)], shade(look.hair, 0.45), width=line * 1.3)
    if has("glasses|spectacles", look.words):
        for u in (0.02, 0.23):
            s.ellipse(*at(u, 0.0), h * 0.1, h * 0.09, None, width=line * 1.2)
        s.line([at(-0.08, -0.01), at(-0.34, -0.03)], width=line * 1.2)
    if not bald and long_haired(look.words):
        part([(-0.36, -0.1), (-0.44, 0.1), (-0.46, 0.5), (-0.3, 0.56), (-0.29, 0.1), (-0.24, -0.2)], look.hair)
    if not bald:
        part(
            [
                (-0.36, 0.06),
                (-0.4, -0.22),
                (-0.26, -0.5),
                (0.04, -0.58),
                (0.3, -0.46),
                (0.38, -0.2),
                (0.24, -0.3),
                (0.02, -0.31),
                (-0.16, -0.22),
                (-0.26, -0.02),
            ],
            look.hair,
        )
    _headwear(s, look, at, part)


def _headwear(s: Sheet, look: Look, at, part) -> None:  # type: ignore[no-untyped-def]  # the head's own two helpers
    trim = next(
        (
            rgb(COLOURS[w])
            for w in COLOURS
            if has(rf"{w} (?:hat|cap|hood|helmet|beret|headscarf|beanie|crown)", look.words)
        ),
        None,
    )
    if has("hat|fedora|straw hat|bowler", look.words):
        cloth = trim or shade(look.legs, 0.8)
        part([(-0.3, -0.3), (-0.26, -0.74), (0.04, -0.82), (0.3, -0.72), (0.34, -0.3)], cloth)
        part(
            [(-0.62, -0.24), (-0.3, -0.36), (0.34, -0.36), (0.66, -0.22), (0.3, -0.22), (-0.3, -0.22)],
            shade(cloth, 0.9),
        )
    elif has("cap|captain|beret|sailor|keeper|beanie", look.words):
        cloth = trim or shade(look.legs, 0.75)
        part([(-0.38, -0.28), (-0.42, -0.5), (-0.1, -0.72), (0.3, -0.64), (0.38, -0.34), (0.1, -0.3)], cloth)
        part([(0.06, -0.32), (0.38, -0.38), (0.56, -0.26), (0.36, -0.24)], shade(cloth, 0.6))
    elif has("hood|hooded|raincoat|cloak|parka|headscarf", look.words):
        cloth = trim or look.coat
        part(
            [
                (-0.36, 0.5),
                (-0.52, 0.0),
                (-0.36, -0.5),
                (0.04, -0.68),
                (0.36, -0.5),
                (0.42, -0.26),
                (0.16, -0.4),
                (-0.14, -0.3),
                (-0.3, 0.05),
                (-0.2, 0.45),
            ],
            cloth,
        )
    elif has("helmet|astronaut|diver", look.words):
        s.ellipse(
            *at(0.0, -0.02), abs(at(0.62, 0)[0] - at(0, 0)[0]), abs(at(0, 0.66)[1] - at(0, 0)[1]), None, width=1.2
        )
    elif has("crown|king|queen|princess|prince", look.words):
        part(
            [(-0.34, -0.34), (-0.38, -0.72), (-0.18, -0.54), (0.0, -0.78), (0.18, -0.54), (0.38, -0.72), (0.36, -0.34)],
            trim or (222, 178, 64),
            smooth=False,
        )


ANIMAL_SIZES: list[tuple[str, float]] = [
    ("horse|cow|bull|elephant|bear|camel", 0.95), ("deer|lion|tiger", 0.75), ("whale|dragon", 1.2), ("wolf|sheep|goat|pig|dolphin|shark", 0.5),
    ("dog|hound", 0.42), ("fox|puppy", 0.36), ("cat|rabbit|hare|kitten", 0.3), ("mouse|rat", 0.15),
    ("bird|gull|seagull|owl|crow|raven|eagle|sparrow|pigeon|duck|swan|parrot", 0.3), ("fish|whale", 0.3),
]  # fmt: skip


def animal(s: Sheet, figure: Character, x: float, feet: float, h: float, facing: int, striding: bool) -> None:
    """Draw an animal `h` units high: a bird, a fish, or four legs with the ears, tail and neck that its name asks for."""
    words = names(figure)
    palette = [rgb(c) for c in figure.palette]
    coat = palette[0] if palette else (150, 112, 78)
    trim = palette[1] if len(palette) > 1 else shade(coat, 1.5)

    def at(u: float, v: float) -> Point:
        return x + u * h * facing, feet - h * v

    def part(points: list[Point], fill: RGB, smooth: bool = True) -> None:
        s.shape([at(u, v) for u, v in points], fill, smooth=smooth, wobble=h * 0.006)

    if has("fish|whale|shark|dolphin", words):
        part([(-0.9, 0.85), (-0.62, 0.5), (-0.9, 0.15), (-0.75, 0.5)], shade(coat, 0.8))
        part([(-0.7, 0.5), (-0.2, 0.85), (0.5, 0.8), (0.95, 0.5), (0.5, 0.18), (-0.2, 0.2)], coat)
        part([(-0.1, 0.84), (0.0, 1.02), (0.3, 0.84)], shade(coat, 0.8))
        part([(0.0, 0.2), (0.5, 0.2), (0.9, 0.46), (0.4, 0.4)], trim)
        s.ellipse(*at(0.66, 0.58), h * 0.05, h * 0.05, INK, ink=None)
        return
    if has("bird|gull|seagull|owl|crow|raven|eagle|sparrow|pigeon|duck|swan|parrot", words):
        for u in (-0.04, 0.1):
            s.line([at(u, 0.22), at(u + 0.02, 0.0), at(u + 0.12, 0.0)], (200, 140, 60), width=max(0.5, h * 0.03))
        part(
            [
                (-0.75, 0.3),
                (-0.3, 0.2),
                (0.2, 0.2),
                (0.42, 0.5),
                (0.38, 0.8),
                (0.2, 0.9),
                (0.05, 0.78),
                (-0.05, 0.6),
                (-0.4, 0.45),
            ],
            coat,
        )
        part([(-0.68, 0.32), (-0.1, 0.28), (0.12, 0.5), (-0.05, 0.58), (-0.4, 0.44)], trim)
        part([(0.36, 0.8), (0.56, 0.72), (0.38, 0.7)], (226, 164, 60), smooth=False)
        s.ellipse(*at(0.25, 0.79), h * 0.035, h * 0.035, INK, ink=None)
        return
    tall = bool(has("horse|deer|cow|camel|giraffe", words))
    cat = bool(has("cat|kitten|lion|tiger", words))
    rabbit = bool(has("rabbit|hare|donkey", words))
    step = 0.12 if striding else 0.02
    for u, dark, lean in ((-0.42, 0.7, step), (0.36, 0.7, -step), (-0.5, 0.92, -step), (0.28, 0.92, step)):
        part(
            [(u - 0.06, 0.5), (u + 0.09, 0.5), (u + lean + 0.05, 0.0), (u + lean - 0.05, 0.0)],
            shade(coat, dark),
            smooth=False,
        )
    if rabbit:
        s.ellipse(*at(-0.66, 0.5), h * 0.09, h * 0.09, trim)
    elif tall:
        part([(-0.56, 0.72), (-0.74, 0.6), (-0.7, 0.2), (-0.6, 0.3), (-0.58, 0.6)], shade(coat, 0.55))
    elif has("fox|wolf|squirrel", words):
        part([(-0.55, 0.58), (-0.95, 0.75), (-1.15, 0.6), (-0.9, 0.42), (-0.55, 0.45)], trim)
    else:
        tip = [at(-0.55, 0.6), at(-0.75, 0.72), at(-0.78, 0.95 if cat else 0.86)]
        s.line(tip, shade(coat, 0.9), width=h * 0.07, smooth=True)
    part(
        [(-0.58, 0.62), (-0.3, 0.72), (0.2, 0.68), (0.44, 0.72), (0.46, 0.5), (0.3, 0.36), (-0.3, 0.38), (-0.56, 0.42)],
        coat,
    )
    s.shape(
        [at(-0.5, 0.46), at(-0.3, 0.38), at(0.3, 0.36), at(0.42, 0.46), at(0.0, 0.45)],
        (*shade(coat, 0.8), 255),
        ink=None,
        smooth=True,
    )
    hx, hy = (0.66, 1.02) if tall else (0.6, 0.82)
    part([(0.26, 0.66), (hx - 0.16, hy + 0.06), (hx + 0.04, hy - 0.1), (0.46, 0.5)], coat)
    snout = 0.1 if cat else 0.3 if tall else 0.24
    part(
        [
            (hx - 0.16, hy + 0.02),
            (hx - 0.08, hy + 0.15),
            (hx + 0.1, hy + 0.12),
            (hx + snout, hy - 0.02),
            (hx + snout, hy - 0.1),
            (hx + 0.02, hy - 0.14),
            (hx - 0.14, hy - 0.1),
        ],
        coat,
    )
    part(
        [
            (hx + snout * 0.55, hy - 0.02),
            (hx + snout, hy - 0.02),
            (hx + snout, hy - 0.1),
            (hx + snout * 0.5, hy - 0.12),
        ],
        trim,
    )
    s.ellipse(*at(hx + snout + 0.01, hy - 0.03), h * 0.032, h * 0.028, INK, ink=None)
    s.ellipse(*at(hx + 0.05, hy + 0.04), h * 0.024, h * 0.028, INK, ink=None)
    ear = 0.34 if rabbit else 0.15
    if has("dog|hound|puppy|cow|sheep|goat", words):
        part(
            [(hx - 0.1, hy + 0.13), (hx - 0.2, hy + 0.0), (hx - 0.12, hy - 0.14), (hx - 0.04, hy + 0.04)],
            shade(coat, 0.7),
        )
    else:
        part(
            [(hx - 0.13, hy + 0.1), (hx - 0.1, hy + 0.12 + ear), (hx + 0.02, hy + 0.13)], shade(coat, 0.8), smooth=False
        )
    if tall and not has("cow|deer", words):
        part(
            [(hx - 0.1, hy + 0.14), (hx - 0.28, hy - 0.04), (0.22, 0.7), (0.3, 0.66), (hx - 0.14, hy)], shade(coat, 0.5)
        )
    if has("deer|stag|elk|reindeer", words):
        s.line(
            [at(hx - 0.06, hy + 0.14), at(hx - 0.16, hy + 0.34), at(hx - 0.1, hy + 0.46)], (120, 92, 66), width=h * 0.03
        )
        s.line([at(hx - 0.14, hy + 0.3), at(hx - 0.26, hy + 0.42)], (120, 92, 66), width=h * 0.03)


def draw_figure(s: Sheet, figure: Character, x: float, feet: float, h: float, facing: int, striding: bool) -> None:
    """Draw a figure of any kind, standing on `feet`, `h` units high."""
    if figure.kind == "object":
        palette = [rgb(c) for c in figure.palette]
        thing(names(figure))[0](s, x, feet, h, palette)
    elif figure.kind == "animal":
        animal(s, figure, x, feet, h, facing, striding)
    elif has("robot|android|droid", names(figure)):
        thing("robot")[0](s, x, feet, h, [rgb(c) for c in figure.palette])
    else:
        person(s, figure, x, feet, h, facing, striding)
