"""Compose a panel as a stack of layers, and show it as the camera sees it at each moment."""

import random
from dataclasses import dataclass
from math import sin

import numpy as np

from reelgraph.video_tools.backends.panel_camera import Pose, project
from reelgraph.video_tools.backends.panel_figures import HEAD, draw_figure, height, names
from reelgraph.video_tools.backends.panel_scenery import set_stage, weather
from reelgraph.video_tools.backends.panel_sheet import ABOVE, BELOW, BESIDE, Layer, Sheet
from reelgraph.video_tools.backends.panel_words import Seen, has, read
from reelgraph.video_tools.film import Character, Panel, ShotSize

# Shot size -> (a standing adult's height in units, units from the top of the picture to the crown, scale of the scenery).
# Source: the usual definitions, such as D. Bordwell and K. Thompson, "Film Art", ch. 5: full = head to feet, medium = from the
# waist, close = head and shoulders, extreme close = a part of the face.
FRAMING: dict[ShotSize, tuple[float, float, float]] = {
    "extreme_wide": (15.0, 74.0, 0.62), "wide": (40.0, 50.0, 1.0), "full": (76.0, 15.0, 1.25), "medium": (150.0, 14.0, 1.6),
    "close": (330.0, 17.0, 2.1), "extreme_close": (700.0, -4.0, 2.6), "insert": (120.0, 18.0, 2.2),
}  # fmt: skip
HORIZONS = {"eye": 56.0, "low": 74.0, "high": 34.0, "overhead": 12.0, "dutch": 56.0}
SOFT: dict[ShotSize, float] = {
    "close": 0.7,
    "extreme_close": 1.2,
    "insert": 0.9,
}  # blur behind a near subject, in units


@dataclass(frozen=True)
class Standing:
    """Where a figure stands: the middle of its feet and its top, in units, and the layer that it is."""

    figure: Character
    x: float
    feet: float
    top: float
    layer: Layer


@dataclass(frozen=True)
class Stage:
    """A panel, ready to be shown.

    Attributes:
        width: Of the picture, in units.
        behind: Scenery, from the sky forward.
        figures: In the order of the panel.
        before: What is in front of the figures.
    """

    width: float
    behind: list[Layer]
    figures: list[Standing]
    before: list[Layer]


def build(panel: Panel, prompt: str, size: tuple[int, int], length: float, seed: str) -> Stage:
    """Draw all the layers of a panel.

    Args:
        panel: What to show.
        prompt: The action; its words add setting, things and weather.
        size: Width and height of the picture in pixels.
        length: Of the take, in seconds: figures that go somewhere are in the middle of their way at half of it.
        seed: What tells one drawing of the same panel from another.
    """
    ppu = size[1] / 100
    width = size[0] / ppu
    seen = read(panel, prompt)
    hand = random.Random(seed)
    tall, crown, scale = FRAMING[panel.size]
    horizon = HORIZONS[panel.angle]
    place = panel.place or prompt
    behind = set_stage(seen, panel.place_palette, width, horizon, scale, ppu, place)
    if panel.size in SOFT:
        behind = [_soft(layer, SOFT[panel.size]) for layer in behind]
    figures = _cast(panel, seen, width, ppu, length, hand, tall, crown)
    return Stage(width, behind, figures, weather(seen, width, ppu, hand))


def _soft(layer: Layer, radius: float) -> Layer:
    import cv2

    pad = round(3 * radius * layer.scale)
    edge = cv2.BORDER_REPLICATE if layer.pixels[..., 3].min() == 255 else cv2.BORDER_CONSTANT
    wide = cv2.copyMakeBorder(layer.pixels, pad, pad, pad, pad, edge, value=(0, 0, 0, 0))
    soft = np.asarray(cv2.GaussianBlur(wide, (0, 0), radius * layer.scale))
    return Layer(
        soft,
        layer.left - pad / layer.scale,
        layer.top - pad / layer.scale,
        layer.scale,
        layer.depth,
        layer.sway,
        layer.pivot,
    )


def _cast(
    panel: Panel, seen: Seen, width: float, ppu: float, length: float, hand: random.Random, tall: float, crown: float
) -> list[Standing]:
    cast = []
    count = len(panel.figures)
    crowd = min(1.0, width / (count * tall * 0.36)) if count > 1 else 1.0
    for i, figure in enumerate(panel.figures):
        share = (i + 1) / (count + 1) if count != 1 else 0.5 + 0.16 * (hand.random() - 0.5)
        if 1 < count <= 3:
            share = (0.5 - 0.19 * (count - 1)) + 0.38 * i + 0.03 * (hand.random() - 0.5)
        facing = 1 if share < 0.5 else -1
        x, own = share * width, height(figure)
        h = tall * own * crowd
        if panel.size in ("extreme_wide", "wide"):
            feet = crown + tall
        elif figure.kind == "object":
            # A thing fills the picture at every near size: it has no waist to be framed from.
            h = {"full": 46.0, "medium": 54.0, "close": 64.0, "extreme_close": 92.0, "insert": 62.0}[panel.size] * crowd
            feet = 56 + h / 2
        elif panel.size == "insert" and figure.kind == "person":
            feet = -20 + h * 1.05  # hands and coat: the part of a person that an insert is about
        elif panel.size == "full":
            feet = crown + tall
        elif figure.kind == "animal":
            h = (
                {"medium": 74.0, "close": 120.0, "extreme_close": 220.0, "insert": 90.0}[panel.size]
                * crowd
                * min(1.0, 0.4 + own)
            )
            feet = 22 + h * 1.05
            x -= facing * h * {"medium": 0.1, "close": 0.45, "extreme_close": 0.55, "insert": 0.2}[panel.size]
        else:
            feet = crown + (14 if own < 1 else 0) + h
        floats = figure.kind == "animal" and has(
            "bird|gull|seagull|eagle|crow|owl|fish|whale|dolphin|shark", names(figure)
        )
        if floats and panel.size in ("extreme_wide", "wide", "full"):
            feet -= 26
        sheet = Sheet(_reach(x, feet, h, width), ppu, hand)
        if (
            panel.angle != "overhead"
            and not floats
            and feet < 100 + BELOW
            and seen.setting not in ("sky", "underwater", "space")
        ):
            sheet.ellipse(x, feet, max(1.2, h * 0.2), max(0.4, h * 0.025), (20, 18, 26, 90), ink=None)
        draw_figure(sheet, figure, x, feet, h, facing, seen.moves and figure.kind != "object")
        sway = _gait(figure, seen, facing, h, length, i, panel.size)
        layer = sheet.layer(1.0, sway, (x, feet - h / 2))
        if layer is not None:
            cast.append(Standing(figure, x, feet, feet - h, layer))
    return cast


def _reach(x: float, feet: float, h: float, width: float) -> tuple[float, float, float, float]:
    """Return the box that a figure's sheet needs, not beyond the stage."""
    side = max(h * 1.25, 6.0)
    left, right = max(-BESIDE * width, x - side), min((1 + BESIDE) * width, x + side)
    return left, max(-ABOVE, feet - h * 1.2), max(right, left + 2), min(100 + BELOW, feet + h * 0.1 + 2)


def _gait(figure: Character, seen: Seen, facing: int, h: float, length: float, index: int, size: ShotSize):  # type: ignore[no-untyped-def]  # a Layer.sway
    near = size in ("medium", "close", "extreme_close", "insert")
    if seen.moves and not near:
        pace = min(0.22 * h + 2, 60 / max(length, 1.0)) * facing
        if seen.rolls and figure.kind == "object":
            turn = 360 / (3.14159 * max(h, 1.0))
            return lambda t: (pace * (t - length / 2), 0.0, pace * (t - length / 2) * turn)
        return lambda t: (pace * (t - length / 2), -abs(sin(t * 5.2 + index)) * h * 0.018, 1.0 * sin(t * 5.2 + index))
    lively = 0.012 * min(h, 40) if figure.kind != "object" else 0.0
    return lambda t: (
        lively * 0.6 * sin(t * 0.9 + index),
        lively * sin(t * 1.6 + 2 * index),
        0.25 * sin(t * 0.8 + index) * (lively > 0),
    )


def show(stage: Stage, pose: Pose, seconds: float, size: tuple[int, int]) -> np.ndarray:
    """Return the picture as the camera sees it, `(height, width, 3) uint8 RGB`."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    for layer in [*stage.behind, *(f.layer for f in stage.figures), *stage.before]:
        _lay(picture, layer, _placed(layer, pose, seconds, stage.width), size)
    return picture


def feet_of(standing: Standing, stage: Stage, pose: Pose, seconds: float) -> tuple[float, float]:
    """Return where the middle of a figure's feet is in the picture, in units."""
    dx, dy, _ = standing.layer.sway(seconds) if standing.layer.sway else (0.0, 0.0, 0.0)
    x, y = project(pose, 1.0, stage.width) @ (standing.x + dx, standing.feet + dy, 1.0)
    return float(x), float(y)


def _placed(layer: Layer, pose: Pose, seconds: float, width: float) -> np.ndarray:
    """Return the map from the layer's pixels to picture units."""
    to_stage = np.array([[1 / layer.scale, 0, layer.left], [0, 1 / layer.scale, layer.top], [0, 0, 1]])
    if layer.sway is not None:
        dx, dy, degrees = layer.sway(seconds)
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        px, py = layer.pivot
        turn = np.array([[c, -s, px + dx - c * px + s * py], [s, c, py + dy - s * px - c * py], [0, 0, 1]])
        to_stage = turn @ to_stage
    return project(pose, layer.depth, width) @ to_stage


def _lay(picture: np.ndarray, layer: Layer, placed: np.ndarray, size: tuple[int, int]) -> None:
    """Lay a layer over the picture, in place, touching only the pixels that it can reach."""
    import cv2

    to_pixels = placed * (size[1] / 100)
    h, w = layer.pixels.shape[:2]
    corners = to_pixels @ np.array([[0, w, 0, w], [0, 0, h, h], [1, 1, 1, 1]])
    left, top = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=1)).astype(int) + 1, size)
    if left >= right or top >= bottom:
        return
    shifted = to_pixels.copy()
    shifted[:, 2] += to_pixels[:, :2] @ (0.5, 0.5) - 0.5 - (left, top)  # warpAffine counts from the middle of a pixel
    edge = cv2.BORDER_REPLICATE if layer.depth == 0.0 else cv2.BORDER_CONSTANT
    seen = cv2.warpAffine(
        layer.pixels, shifted, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR, borderMode=edge
    )
    under = picture[top:bottom, left:right]
    clear = cv2.merge([255 - seen[..., 3]] * 3)
    cv2.add(seen[..., :3], cv2.multiply(under, clear, scale=1 / 255), dst=under)
