"""Read a clip back: its colour, shape, motion and background. Hue masks, outlines and tracks; nothing is learned."""

import colorsys
import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from training.shapes.world import BACKGROUNDS, COLOURS, HEIGHT, POLYGONS, SHAPES, WIDTH, Frames, Scene, draw_background

HUES = {name: colorsys.rgb_to_hsv(*(v / 255 for v in rgb))[0] * 360 for name, rgb in COLOURS.items()}
PATCH, PATCH_AREA = 48, 520.0  # every outline is compared at this size

MIN_AREA = 60  # pixels; the smallest thing of the world covers some 180
MIN_OVERLAP = 0.72  # of an outline with the best drawn one; below it the thing has no nameable shape
TRAVEL = 12.0  # pixels; the world's shortest way is 22
GROWTH = 1.9  # of the area; the world's least growth is 3.3
TURNED = 0.82  # overlap of a thing with itself, later: a box turned by 45 degrees has 0.71, a still one 0.9 or more
EXTRA = 0.25  # of the thing's area: more of another colour, or a second piece as large, is an unasked thing

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Seen:
    """What one colour's pixels do; `shape` and `motion` are None where nothing nameable is there."""

    area: float
    shape: str | None
    motion: str | None
    overlap: float = 0.0


def colour_masks(clip: Frames) -> dict[str, Mask]:
    """Find the pixels of each colour of the world, (frames, height, width) bool each."""
    rgb = clip.astype(np.float32) / 255
    high, low = rgb.max(-1), rgb.min(-1)
    spread = high - low + 1e-6
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    hue = (
        np.where(high == r, (g - b) / spread % 6, np.where(high == g, (b - r) / spread + 2, (r - g) / spread + 4)) * 60
    )
    vivid = (spread / (high + 1e-6) > 0.56) & (high > 0.38)
    away = np.stack([np.abs((hue - h + 180) % 360 - 180) for h in HUES.values()])
    nearest = away.argmin(0)
    # The sea's darkest water lies 27 degrees from blue.
    return {name: vivid & (nearest == i) & (away[i] < (19 if name == "blue" else 30)) for i, name in enumerate(HUES)}


def _largest(mask: Mask) -> tuple[Mask, Mask]:
    """The mask's largest piece, as it is and with its holes filled."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count < 2:
        return mask, mask
    piece = labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    filled = np.zeros(mask.shape, np.uint8)
    # Closing first: a soft edge may open a hole (a ball's spot) to the outside by a pixel.
    closed = cv2.morphologyEx(piece.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    return piece, filled.astype(bool)


def _has_twin(mask: Mask) -> bool:
    """Tell whether most frames show a second piece in this colour."""
    pieces = [
        cv2.connectedComponentsWithStats(m.astype(np.uint8), connectivity=4)[2][1:, cv2.CC_STAT_AREA] for m in mask
    ]
    return bool(np.mean([len(p) > 1 and np.sort(p)[-2] > EXTRA * p.max() for p in pieces]) > 0.5)


@cache
def _templates() -> dict[str, NDArray[np.float32]]:
    """Each shape's outline at PATCH_AREA in every direction, 5 degrees apart, drawn too large and averaged."""
    banks = {}
    for shape in SHAPES:
        tips, tip, notch = POLYGONS.get(shape, (90, 1.0, 1.0))
        step = math.pi / tips
        corners = np.array(
            [
                ((tip, notch)[i % 2] * math.sin(i * step), -(tip, notch)[i % 2] * math.cos(i * step))
                for i in range(2 * tips)
            ]
        )
        x, y = corners[:, 0], corners[:, 1]
        corners *= math.sqrt(PATCH_AREA / (0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))))
        bank = []
        for angle in np.radians(np.arange(0, 360 / tips, 5) if shape in POLYGONS else [0.0]):
            turned = corners @ np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
            big = np.zeros((4 * PATCH, 4 * PATCH), np.uint8)
            cv2.fillPoly(big, [np.round((turned + PATCH / 2) * 4 - 0.5).astype(np.int32)], 1)
            bank.append(big.reshape(PATCH, 4, PATCH, 4).mean((1, 3)))
        banks[shape] = np.float32(bank)
    return banks


def _overlaps(filled: Mask) -> dict[str, float]:
    """Overlap (intersection over union) of one filled outline with the best drawing of each shape."""
    area = float(filled.sum())
    moments = cv2.moments(filled.astype(np.uint8), binaryImage=True)
    x, y, scale = moments["m10"] / area, moments["m01"] / area, math.sqrt(PATCH_AREA / area)
    move = np.float32([[scale, 0, PATCH / 2 - 0.5 - scale * x], [0, scale, PATCH / 2 - 0.5 - scale * y]])
    patch = cv2.warpAffine(filled.astype(np.float32), move, (PATCH, PATCH), flags=cv2.INTER_LINEAR)
    best = {}
    for shape, bank in _templates().items():
        both = np.minimum(bank, patch).sum((1, 2))
        best[shape] = float((both / np.maximum(bank, patch).sum((1, 2))).max())
    return best


def look(mask: Mask) -> Seen:
    """Read shape and motion of the thing whose pixels `mask` (frames, height, width) marks."""
    area = float(mask.sum((1, 2)).mean())
    pieces = [_largest(m) for m in mask]
    sizes = np.array([filled.sum() for _, filled in pieces])
    if (sizes < MIN_AREA).any():
        return Seen(area, None, None)
    ys, xs = np.mgrid[:HEIGHT, :WIDTH]
    x = np.array([xs[filled].mean() for _, filled in pieces])
    y = np.array([ys[filled].mean() for _, filled in pieces])
    across, down = x[-2:].mean() - x[:2].mean(), y[-2:].mean() - y[:2].mean()

    # A piece cut off by the frame's edge does not show its whole outline.
    whole = [
        filled
        for _, filled in pieces
        if not (filled[0].any() or filled[-1].any() or filled[:, 0].any() or filled[:, -1].any())
    ]
    votes = [_overlaps(filled) for filled in (whole or [filled for _, filled in pieces])[::2]]
    means = {shape: float(np.mean([v[shape] for v in votes])) for shape in SHAPES}
    shape = max(means, key=means.__getitem__)
    named = shape if means[shape] >= MIN_OVERLAP else None

    first = pieces[0][0]
    same = []
    for (piece, _), px, py in zip(pieces, x, y, strict=True):
        back = np.float32([[1, 0, x[0] - px], [0, 1, y[0] - py]])
        moved = cv2.warpAffine(piece.astype(np.float32), back, (WIDTH, HEIGHT)) > 0.5
        same.append((moved & first).sum() / max(1, (moved | first).sum()))
    if sizes[-2:].mean() > GROWTH * sizes[:2].mean():
        motion = "grow"
    elif abs(across) > TRAVEL and abs(across) >= abs(down):
        motion = "right" if across > 0 else "left"
    elif abs(down) > TRAVEL:
        motion = "down" if down > 0 else "up"
    else:
        motion = "spin" if np.percentile(same, 30) < TURNED else "still"
    return Seen(area, named, motion, means[shape])


@cache
def _profiles() -> dict[str, NDArray[np.float32]]:
    drawn = {name: [np.median(draw_background(name, seed), axis=1) for seed in range(40)] for name in BACKGROUNDS}
    return {name: np.float32(np.mean(rows, axis=0)) for name, rows in drawn.items()}


def background(clip: Frames) -> str:
    """Name the background whose rows are nearest to the clip's."""
    rows = np.median(np.median(clip.astype(np.float32), axis=0), axis=1)
    return min(BACKGROUNDS, key=lambda name: float(np.abs(rows - _profiles()[name]).mean()))


def score(clip: Frames, scene: Scene) -> dict[str, bool]:
    """Say for each attribute of `scene` whether the clip shows it; `all_right` is all of them, and nothing unasked."""
    masks = colour_masks(clip)
    areas = {name: float(m.sum((1, 2)).mean()) for name, m in masks.items()}
    asked = {t.colour for t in scene.things}
    least = min(areas[name] for name in asked)
    others = max((v for name, v in areas.items() if name not in asked), default=0.0)
    alone = not any(_has_twin(masks[name]) for name in asked)
    right = {
        "colour": least >= MIN_AREA and others < EXTRA * least and alone,
        "background": background(clip) == scene.background,
    }
    seen = [(look(masks[t.colour]), t) for t in scene.things]
    right["shape"] = all(s.shape == t.shape for s, t in seen)
    right["motion"] = all(s.motion == t.motion for s, t in seen)
    right["all_right"] = all(right.values())
    return right
