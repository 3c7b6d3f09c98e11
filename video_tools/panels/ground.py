"""What stands and grows on the ground of a place out of doors."""

from collections.abc import Sequence

from reelgraph.video_tools.panels import landmarks
from reelgraph.video_tools.panels.colours import RGB, rgb
from reelgraph.video_tools.panels.scenery import Board
from reelgraph.video_tools.panels.sheet import BELOW, Sheet

# Things that stand out of doors, with their height in units in a wide shot.
STANDING: dict[str, tuple[landmarks.Draw, float]] = {
    "lighthouse": (landmarks.lighthouse, 33),
    "village": (landmarks.village, 19),
    "house": (landmarks.house, 22),
    "tower": (landmarks.tower, 34),
    "tree": (landmarks.tree, 34),
    "boat": (landmarks.boat, 16),
    "car": (landmarks.car, 9),
    "train": (landmarks.train, 13),
    "fence": (landmarks.fence, 8),
    "bridge": (landmarks.bridge, 14),
    "fire": (landmarks.fire, 11),
    "rock": (landmarks.rock, 8),
    "bench": (landmarks.bench, 9),
}


def stand(b: Board, sheet: Sheet, base: float, *, skip: Sequence[str] = (), start: float = 0.74) -> None:
    """Stand the things that the words name: the first at `start` of the width, the others left and right of it."""
    place = start
    for name in b.seen.things:
        if name in STANDING and name not in skip:
            draw, size = STANDING[name]
            draw(b.brush(sheet, b.x(place), base, size), [rgb(c) for c in b.seen.things[name]])
            place += -0.36 if place > 0.4 else 0.55


def tufts(b: Board, sheet: Sheet, top: float, colour: RGB, count: int = 46) -> None:
    """Let tufts of grass grow below `top`, larger towards the front."""
    for _ in range(count):
        x, y = b.anywhere(), top + 3 + b.hand.random() ** 1.4 * (100 + BELOW - top)
        size = 0.5 + (y - top) / 34
        for u in (-0.6, 0.0, 0.7):
            sheet.line([(x + u * size * 0.4, y), (x + u * size, y - size * 1.3)], colour, width=0.4)
