"""Draw who a panel is about, in their bible colours: people by their description, animals and things by their names."""

import re

from reelgraph.video_tools.film import Character
from reelgraph.video_tools.panels.animals import ANIMAL_SIZES, draw_animal
from reelgraph.video_tools.panels.brush import Brush
from reelgraph.video_tools.panels.colours import RGB, mix, rgb, shade
from reelgraph.video_tools.panels.heads import Look, head
from reelgraph.video_tools.panels.numbers import singulars
from reelgraph.video_tools.panels.postures import LOWERED, Posture
from reelgraph.video_tools.panels.sheet import Sheet
from reelgraph.video_tools.panels.things import robot, thing
from reelgraph.video_tools.panels.words import colours_of, has, last, noun_of, worn
from reelgraph.video_tools.planning.nouns import named_gender

HEAD = 0.155  # of a person's height, chin to crown
COATS: list[RGB] = [(92, 108, 132), (134, 96, 78), (88, 118, 96), (128, 92, 124), (150, 128, 84)]
YOUNG = (
    "child|boy|girl|kid|toddler|baby|daughter|son|grandson|granddaughter|niece|nephew|pupil|schoolboy|"
    "schoolgirl|little one"
)
GROWN = 14  # the years up to which somebody is drawn as a child
AGED = 60  # and from which they have grey hair
WOMAN = (
    "woman|girl|schoolgirl|lady|mother|mum|mom|mummy|mommy|daughter|granddaughter|grandmother|grandma|granny|sister|aunt|"
    "auntie|niece|wife|widow|bride|queen|princess|duchess|witch|nun|waitress|actress|ballerina|hostess|heroine|mermaid|"
    "fisherwoman|policewoman|businesswoman|mrs|ms|miss|female|she"
)
MAN = (
    "man|boy|schoolboy|gentleman|guy|fellow|father|dad|daddy|son|grandson|grandfather|grandpa|brother|uncle|nephew|"
    "husband|widower|groom|king|prince|duke|wizard|monk|waiter|actor|host|fisherman|policeman|businessman|mr|male|he"
)
LONG_HAIR = "long hair|plait|ponytail|braids?"
COAT = (
    "coat|raincoat|jacket|jumper|sweater|shirt|dress|gown|robe|uniform|cloak|suit|cardigan|hoodie|tunic|vest|overalls"
)
LEGS = "trousers|jeans|pants|leggings|skirt|boots|scarf|shawl"
HAIR = "hair|haired|braids?|ponytail|curls|locks|beard|bun"
GREY: RGB = (206, 204, 200)
HAIRS: list[tuple[str, RGB]] = [
    ("white hair|grey hair|gray hair|silver hair", GREY),
    ("blonde?|fair hair|golden hair|yellow hair", (222, 184, 98)),
    ("red hair|redhead|ginger|auburn", (170, 76, 38)),
    ("black hair|dark hair", (40, 36, 40)),
]
OLD = rf"old(?! (?:{COAT}|{LEGS}|hat|cap|friend))|elderly|grandmother|grandfather|grandma|grandpa|granny|pensioner"
SKINS: list[tuple[str, RGB]] = [
    ("dark skin|dark-skinned|black man|black woman|black skin", (112, 76, 56)),
    ("brown skin|brown-skinned|tanned|tan skin|olive skin", (170, 122, 86)),
    ("pale|fair skin|freckled", (240, 212, 190)),
]


def names(figure: Character) -> str:
    """Return all the words that say what a figure is, and what one of them is where they are several."""
    called = f"{figure.name} {' '.join(figure.aliases)}"
    return f"{called} {singulars(called)} {figure.description} {figure.id}"


def age(figure: Character) -> int | None:
    """Return the years that a description gives somebody: `8`, `a boy, 8`, `60 years old`, `aged 12`."""
    found = re.search(r"(?:^|[,;(] *|\baged? )(\d{1,3})(?= *(?:$|[,;.)]))|\b(\d{1,3})[- ]years?\b", figure.description)
    return int(found[1] or found[2]) if found else None


def young(figure: Character) -> bool:
    """Tell whether a person is a child: by their age, else by the words."""
    years = age(figure)
    return years <= GROWN if years is not None else bool(has(YOUNG, names(figure)))


def old(figure: Character) -> bool:
    """Tell whether a person is old: by their age, else by the words."""
    years = age(figure)
    return years >= AGED if years is not None else bool(has(OLD, names(figure)))


def woman(figure: Character) -> bool:
    """Tell whether a person is a woman or girl: the first word that says so counts, else a name that is a woman's."""
    words = f"{names(figure)} {singulars(figure.description)}"
    said = [(match.start(), she) for table, she in ((WOMAN, True), (MAN, False)) if (match := has(table, words))]
    return min(said)[1] if said else named_gender(figure.name.lower() or "-") == "she"


def dressed(figure: Character, action: str) -> Character:
    """Return a person as a shot's words dress them, right after their name; in that shot they count over the bible."""
    if figure.kind != "person" or not (name := last(re.escape(noun_of(figure.name)), action)):
        return figure
    worn_now = worn(action[name.end() :])
    if not has(f"{COAT}|{LEGS}|{HAIR}", worn_now):
        return figure  # "with a child", "in the rain"
    palette = figure.palette
    if has(COAT, worn_now):  # the other coat's colour is nobody's legs now
        coat = _look_of(figure, names(figure), [rgb(c) for c in palette]).coat
        palette = [c for c in palette if rgb(c) != coat]
    return figure.model_copy(update={"description": f"{worn_now}; {figure.description}", "palette": palette})


def height(figure: Character) -> float:
    """Return a figure's height beside a standing adult's."""
    words = names(figure)
    if figure.kind == "person":
        return 0.68 if young(figure) else 1.0
    said = 0.6 if has("tiny|miniature", words) else 1.5 if has("giant|huge|enormous|gigantic", words) else 1.0
    if figure.kind == "object":
        return said * thing(figure.name, words)[1]
    return said * next((size for pattern, size in ANIMAL_SIZES if has(pattern, words)), 0.5)


def draw_figure(
    sheet: Sheet, figure: Character, x: float, feet: float, size: float, facing: int, *, posture: Posture, above: bool
) -> None:
    """Draw a figure.

    Args:
        sheet: What to draw on.
        figure: Who.
        x: Units of the middle of its body.
        feet: Units of the ground under its feet.
        size: Its height in units.
        facing: 1 to the right, -1 to the left.
        posture: How it holds itself; only people sit.
        above: Whether a person is seen from above.
    """
    brush = Brush(sheet, x, feet, size, facing=facing, line=max(0.25, min(1.1, 0.15 + size * 0.0072)))
    words, palette = names(figure), [rgb(c) for c in figure.palette]
    if figure.kind == "object":
        thing(figure.name, words)[0](brush, palette)
    elif has("robot|android|droid", words):
        robot(brush, palette)
    elif figure.kind == "person" and above:
        _from_above(brush, _look_of(figure, words, palette))
    elif figure.kind == "person":
        _person(brush, _look_of(figure, words, palette), posture)
    else:
        draw_animal(brush, words, palette, striding=posture == "striding")


def _look_of(figure: Character, words: str, palette: list[RGB]) -> Look:
    """Choose colours: those that the words give to coat, legs or hair; else the palette's, in this order."""
    parts = (("coat", COAT), ("legs", LEGS), ("hair", HAIR), ("apron", "apron"))
    said = {part: _said(nouns, words, palette) for part, nouns in parts}
    left = [colour for colour in palette if colour not in said.values()]
    coat = said["coat"] or (left.pop(0) if left else COATS[sum(map(ord, figure.id)) % len(COATS)])
    legs = said["legs"] or (left.pop(0) if left else mix(shade(coat, 0.45), (48, 46, 58), 0.5))
    own = GREY if old(figure) else next((c for w, c in HAIRS if has(w, words)), (78, 54, 42))
    hair = said["hair"] or (left.pop(0) if left else own)
    skin = next((c for w, c in SKINS if has(w, words)), (218, 174, 140))
    apron = said["apron"] or ((226, 220, 206) if has("apron", words) else None)
    long = (woman(figure) or has(LONG_HAIR, words)) and not has("short hair|shaved|bald", words)
    return Look(coat, legs, hair, skin, apron, words, bool(long))


def _said(nouns: str, words: str, palette: list[RGB]) -> RGB | None:
    """Return the colour that the words give to one of some nouns, as the palette's nearest shade of it."""
    colours = [rgb(c) for c in colours_of(nouns, words)]
    if not colours:
        return None
    near = [c for c in palette if sum(abs(a - b) for a, b in zip(c, colours[-1], strict=True)) < 120]
    return near[0] if near else colours[-1]


def _person(b: Brush, look: Look, posture: Posture) -> None:
    if posture == "seated":
        b.box(-0.02, 0.0, 0.24, 0.27, (118, 84, 58))
        b.box(-0.02, 0.25, 0.28, 0.035, (138, 100, 68))
    lower = LOWERED[posture]
    x, base = b.at(0, -lower)
    upper = Brush(b.sheet, x, base, b.size, facing=b.facing, line=b.ink)
    if look.long_haired:
        upper.smooth(
            "-0.06,0.97 -0.085,0.88 -0.08,0.79 -0.02,0.775 0.045,0.8 0.05,0.9 0.03,0.97", shade(look.hair, 0.8)
        )
    dress = bool(has("dress|gown|skirt|robe|cassock|kimono|sari|habit", look.words))
    if lower:
        _folded_legs(b, look, 0.5 - lower, dress=dress)
    else:
        _legs(b, look, 0.09 if posture == "striding" else 0.0, dress=dress)
    _trunk(upper, look, 0.05 if posture == "striding" else 0.0, hem=0.46 if lower else 0.08 if dress else 0.4)
    x, y = upper.at(0.008, 0.92)
    head(Brush(b.sheet, x, y, b.size * HEAD, facing=b.facing, line=b.ink), look)


def _legs(b: Brush, look: Look, step: float, *, dress: bool) -> None:
    for side, dark in ((-1, 0.8), (1, 1.0)):  # the far leg first
        foot, lift = side * (0.05 + step), 0.015 if step and side < 0 else 0.0
        hip = side * 0.02
        if not dress:
            b.shape(
                f"{hip - 0.045},0.5 {hip + 0.05},0.5 {foot + 0.04},0.04 {foot - 0.035},0.04", shade(look.legs, dark)
            )
        _foot(b, look, foot, lift)


def _foot(b: Brush, look: Look, foot: float, lift: float) -> None:
    sole = f"{foot + 0.085},{lift + 0.015} {foot + 0.085},{lift}"
    b.shape(
        f"{foot - 0.04},{lift} {foot - 0.035},{lift + 0.05} {foot + 0.03},{lift + 0.05} {sole}", shade(look.legs, 0.55)
    )


def _folded_legs(b: Brush, look: Look, hip: float, *, dress: bool) -> None:
    """Draw the legs of who sits: thighs level, and shins down to the ground, or along it."""
    cloth = look.coat if dress else look.legs
    for dark, ahead in ((0.8, 0.02), (1.0, 0.0)):  # the far leg first
        knee = 0.24 + ahead
        if hip > 0.2:
            b.shape(
                f"{knee - 0.09},{hip} {knee},{hip} {knee - 0.01},0.04 {knee - 0.08},0.04", shade(cloth, dark * 0.92)
            )
            b.shape(f"-0.1,{hip - 0.06} -0.1,{hip + 0.045} {knee},{hip + 0.04} {knee},{hip - 0.05}", shade(cloth, dark))
            _foot(b, look, knee - 0.045, 0.0)
        else:
            b.shape(f"-0.1,0 -0.1,{hip + 0.06} {knee + 0.16},0.07 {knee + 0.16},0", shade(cloth, dark))
            b.shape(f"{knee + 0.15},0 {knee + 0.15},0.1 {knee + 0.2},0.1 {knee + 0.21},0", shade(look.legs, 0.55))


def _trunk(b: Brush, look: Look, swing: float, *, hem: float) -> None:
    coat, legs, skin = look.coat, look.legs, look.skin
    b.smooth(f"-0.09,0.8 -0.135,0.66 {swing - 0.13},0.5 {swing - 0.09},0.5 -0.07,0.68", shade(coat, 0.72))
    b.ellipse(swing - 0.11, 0.475, 0.022, 0.026, skin)
    b.shape("-0.03,0.86 -0.03,0.79 0.035,0.79 0.03,0.86", shade(skin, 0.86))
    flare = 0.17 if hem < 0.2 else 0.115
    b.shape(f"-0.045,0.825 -0.115,0.79 -0.1,0.6 -{flare},{hem} {flare},{hem} 0.105,0.6 0.115,0.79 0.05,0.825", coat)
    if b.size > 26:  # a smaller figure is a clear silhouette in its colour
        b.shape(f"-0.1,0.76 -0.09,0.6 -{flare},{hem} -{flare * 0.45},{hem} -0.05,0.62", shade(coat, 0.8), ink=False)
        b.line(f"0.012,0.81 0.02,0.6 0.02,{hem}", shade(coat, 0.5))
        b.shape("-0.04,0.826 0.012,0.77 0.045,0.826", shade(legs, 1.2))
    if look.apron is not None:
        b.shape(f"-0.05,0.76 -0.085,0.6 -0.1,{hem - 0.02} 0.1,{hem - 0.02} 0.09,0.6 0.06,0.76", look.apron)
        b.line("-0.05,0.76 -0.035,0.82", look.apron, thick=0.012)
        b.line("0.06,0.76 0.045,0.82", look.apron, thick=0.012)
        b.line("-0.088,0.6 0.094,0.6", shade(look.apron, 0.6))
    elif b.size > 60:
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
