"""Place a panel's figures: how large the shot size makes them, where they stand, and how they move by themselves."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from reelgraph.video_tools.film import Character, Panel, ShotSize
from reelgraph.video_tools.panels.animals import BIRDS, INSECTS, SWIMMERS
from reelgraph.video_tools.panels.colours import rgb, shade, written
from reelgraph.video_tools.panels.crawlers import REPTILES
from reelgraph.video_tools.panels.figures import draw_figure, dressed, height, names
from reelgraph.video_tools.panels.numbers import count_of
from reelgraph.video_tools.panels.postures import LOWERED, posture_of
from reelgraph.video_tools.panels.sheet import ABOVE, BELOW, BESIDE, Layer, Sheet
from reelgraph.video_tools.panels.surroundings import Seen
from reelgraph.video_tools.panels.sways import breath, carried, going
from reelgraph.video_tools.panels.things import has_drawing
from reelgraph.video_tools.panels.ways import ALONG, CHASING, heading, side_of
from reelgraph.video_tools.panels.words import has

# Shot size -> (a standing adult's height in units, units down to the crown).
# Source: the usual definitions, such as D. Bordwell and K. Thompson, "Film Art", ch. 5: full = head to feet, medium =
# from the waist, close = head and shoulders, extreme close = a part of the face.
STANDING: dict[ShotSize, tuple[float, float]] = {
    "extreme_wide": (18.0, 72.0),
    "wide": (40.0, 50.0),
    "full": (74.0, 15.0),
    "medium": (150.0, 14.0),
    "close": (330.0, 17.0),
    "extreme_close": (700.0, -4.0),
    "insert": (300.0, -110.0),  # hands and coat: the part of a person that an insert is about
}
# What has no waist to be framed from: its height in units, whatever it is.
THING: dict[ShotSize, float] = {"full": 46.0, "medium": 54.0, "close": 64.0, "extreme_close": 92.0, "insert": 62.0}
# An animal's height at the sizes that frame a head, and how far its body is moved aside to bring the head in.
ANIMAL: dict[ShotSize, tuple[float, float]] = {
    "medium": (70.0, 0.1),
    "close": (120.0, 0.45),
    "extreme_close": (220.0, 0.55),
    "insert": (90.0, 0.2),
}
APART: dict[ShotSize, float] = {"extreme_wide": 0.36, "wide": 0.62}  # how far figures stand apart, against nearer shots
# How far from its feet's middle an animal's drawing reaches, in its heights, where it is wider or taller than most: a
# firefly's glow, a crocodile's tail, a giraffe's neck.
ROOM = ((INSECTS, 2.6), (REPTILES, 2.3), ("giraffe", 1.9))
INSECT: dict[ShotSize, float] = {"medium": 12.0, "close": 26.0, "extreme_close": 56.0, "insert": 34.0}
FLOATING = f"{BIRDS}|{SWIMMERS}|{INSECTS}|kite|balloon|drone|rocket"
FAR: tuple[ShotSize, ...] = ("extreme_wide", "wide", "full")
ROOTED = r"lighthouse|house|cottage|cabin|hut|barn|tower|castle|fortress|tree|oak|pine|palm|bridge|fence|gate|rock"
BREADTH = {"person": 0.36, "animal": 1.4, "object": 1.1}  # of their height, how far apart several of a figure stand
EYES = 56.0  # units down to the horizon, which whoever stands farther back is nearer to
BOTTOMLESS = {"sky", "underwater", "space"}


@dataclass(frozen=True)
class Standing:
    """Where a figure stands: the middle of its feet, its face and crown, in units, and the layer that it is.

    Where a figure is several, the `others` of them stand behind it.
    """

    figure: Character
    x: float
    feet: float
    face: float
    crown: float
    layer: Layer
    others: tuple[Layer, ...] = ()


def cast(
    panel: Panel, prompt: str, seen: Seen, width: float, pixels_per_unit: float, length: float, hand: random.Random
) -> list[Standing]:
    """Draw a panel's figures, from left to right in the panel's order.

    Args:
        panel: Whose figures.
        prompt: The action.
        seen: What the words ask for.
        width: Of the picture, in units.
        pixels_per_unit: Of the layers.
        length: Of the take, in seconds: who goes somewhere is in the middle of the way at half of it.
        hand: The unsteady hand.
    """
    standing = []
    above = panel.angle == "overhead"
    figures = [dressed(figure, prompt) for figure in _drawn(panel.figures)]
    for i, figure in enumerate(figures):
        share = _share(i, len(figures), APART.get(panel.size, 1.0), hand)
        way = side_of(figure.name, prompt) or (ALONG.get(panel.camera, 1) if seen.moves else 0)
        if way < 0 and has(CHASING, prompt):
            share = 1 - share  # who is named first runs behind
        facing = way or (1 if share < 0.5 else -1)
        floats = figure.kind != "person" and bool(has(FLOATING, names(figure)))
        size, feet, aside = _framed(panel.size, figure, width, len(figures))
        x = share * width - facing * aside
        if floats and panel.size in FAR:
            feet -= 26
        if above:
            feet = 50 + size * 0.24  # the middle of the body seen from above
        far = panel.size in FAR
        stands = not floats and seen.setting not in BOTTOMLESS and not (seen.afloat and figure.kind == "object")
        up = heading(figure.name, prompt, flies=floats, walks=figure.kind != "object" and not floats)
        posture = posture_of(figure, [f.name for f in figures], prompt, moves=seen.moves)
        lower = LOWERED[posture] * (not above)
        goes = seen.moves and not lower and not (figure.kind == "object" and has(ROOTED, figure.name))
        if not far:  # the picture is about the head
            feet -= lower * size
        layers = []
        room = next((r for words, r in ROOM if figure.kind == "animal" and has(words, names(figure))), 1.25)
        count = 1 if panel.size in ("extreme_close", "insert") else count_of(figure, prompt)
        for k, (one, at, ground, tall) in enumerate(_several(figure, count, x, feet, size, width / len(figures))):
            sheet = Sheet(_reach(at, ground, tall, room, width), pixels_per_unit, hand)
            if stands and far and not above:
                sheet.ellipse(at, ground, max(1.2, tall * 0.2), max(0.4, tall * 0.025), (20, 18, 26, 90), ink=None)
            draw_figure(sheet, one, at, ground, tall, facing, posture=posture, above=above)
            sway = breath(one, seen, tall, i + 2 * k)
            if goes:
                rolls = seen.rolls and figure.kind == "object"
                sway = going(way, size, panel.camera, width, length, i + 2 * k, far=far, rolls=rolls)
            if up:
                sway = carried(sway, up, panel.camera, length, far=far)
            layers.append(((at, ground, tall), sheet.layer(1.0, sway, (at, ground - tall / 2))))
        (x, feet, size), layer = layers[0]
        if layer is not None:
            face = feet - size * ((0.9 if figure.kind == "person" else 0.5) - lower)
            others = tuple(other for _, other in reversed(layers[1:]) if other is not None)
            standing.append(Standing(figure, x, feet, face, feet - size * (1 - lower), layer, others))
    return standing


def _several(
    figure: Character, count: int, x: float, feet: float, size: float, room: float
) -> Iterator[tuple[Character, float, float, float]]:
    """Say who stands where if a figure is several: each, the middle of its feet, and its height, the nearest first.

    They stand about the figure's place, farther back by turns, so that all heads are at one height under the horizon.
    """
    broad = BREADTH[figure.kind] * size
    apart = min(broad, 0.5 * room / max(1, count - 1)) if count > 1 else 0.0
    for k in range(count):
        place = (k + 1) // 2 * (1 if k % 2 else -1) + (0 if count % 2 else -0.5)
        back = 1 - 0.1 * (k and (k + 1) // 2)
        palette = [written(shade(rgb(c), 1 - 0.08 * (k % 3))) for c in figure.palette] if k else figure.palette
        one = figure.model_copy(update={"palette": palette, "id": f"{figure.id}{k}" if k else figure.id})
        yield one, x + place * apart, EYES + (feet - EYES) * back, size * back


def _drawn(figures: list[Character]) -> list[Character]:
    """Leave out props without a drawing of their own where somebody else is seen: a crate would tell another story."""
    known = [f for f in figures if f.kind != "object" or has_drawing(f.name, names(f))]
    return known or figures


def _share(index: int, count: int, apart: float, hand: random.Random) -> float:
    """Say where in the width a figure stands: one near the middle, more in a group or a row about it."""
    jitter = hand.random() - 0.5
    if count == 1:
        return 0.5 + 0.16 * jitter
    if count <= 3:
        return 0.5 + apart * (0.38 * index - 0.19 * (count - 1)) + 0.03 * jitter
    return 0.5 + apart * ((index + 1) / (count + 1) - 0.5)


def _framed(shot: ShotSize, figure: Character, width: float, count: int) -> tuple[float, float, float]:
    """Return a figure's height, the units down to its feet, and how far its middle is moved aside."""
    tall, crown = STANDING[shot]
    own = height(figure)
    crowd = min(1.0, width / (count * tall * 0.36)) if count > 1 else 1.0
    if shot in FAR and not (shot == "full" and figure.kind == "object"):
        return tall * own * crowd, crown + tall, 0.0
    if figure.kind == "object":
        # beside somebody a small thing stays small; alone it is what the picture is about
        size = THING[shot] * crowd * min(1.0, own / 0.35 if count > 1 else 0.5 + own)
        return size, 56 + size / 2, 0.0
    if figure.kind == "animal":
        if has(INSECTS, names(figure)):
            size = INSECT[shot] * crowd
            return size, 54 + size / 2, 0.0
        size, aside = ANIMAL[shot]
        size *= crowd * min(1.0, 0.4 + own)
        return size, 22 + size * 1.05, size * aside
    size = tall * own * crowd
    return size, crown + (14 if own < 1 else 0) + size, 0.0


def _reach(x: float, feet: float, size: float, room: float, width: float) -> tuple[float, float, float, float]:
    """Return the box that a figure's sheet needs, not beyond the stage."""
    side = max(size * room, 6.0)
    left, right = max(-BESIDE * width, x - side), min((1 + BESIDE) * width, x + side)
    return (
        left,
        max(-ABOVE, feet - size * room),
        max(right, left + 2),
        min(100 + BELOW, feet + size * (room - 1.15) + 2),
    )
