"""Compose a panel as a stack of layers, and show it as the camera sees it at each moment."""

import random
from dataclasses import dataclass

import numpy as np

from reelgraph.video_tools.film import Angle, Panel, ShotSize
from reelgraph.video_tools.panels.camera import Pose, project
from reelgraph.video_tools.panels.cast import Standing, cast
from reelgraph.video_tools.panels.places import PLACES, from_above
from reelgraph.video_tools.panels.scenery import set_stage, weather
from reelgraph.video_tools.panels.sheet import Layer
from reelgraph.video_tools.panels.surroundings import read

# How large the scenery stands at each shot size, against a wide shot; and its blur behind a near subject, in units.
SCENERY: dict[ShotSize, float] = {
    "extreme_wide": 0.62, "wide": 1.0, "full": 1.25, "medium": 1.6, "close": 2.1, "extreme_close": 2.6, "insert": 2.2,
}  # fmt: skip
SOFT: dict[ShotSize, float] = {"close": 0.7, "extreme_close": 1.2, "insert": 0.9}
# Units down to the horizon: the lower the camera looks from, the less ground it sees.
HORIZONS: dict[Angle, float] = {"eye": 56.0, "low": 74.0, "high": 34.0, "overhead": -60.0, "dutch": 56.0}
INDOORS = {"room", "space", "underwater"}  # where no weather falls before the figures
CLOSING_IN = {"zoom_in", "zoom_out", "dolly_in", "dolly_out"}


@dataclass(frozen=True)
class Stage:
    """A panel, ready to be shown.

    Attributes:
        width: Of the picture, in units.
        behind: Scenery, from the sky forward.
        figures: In the order of the panel.
        before: What is in front of the figures.
        subject: (x, y) in units of what the panel is about: the middle of its faces.
    """

    width: float
    behind: list[Layer]
    figures: list[Standing]
    before: list[Layer]
    subject: tuple[float, float]


def build(panel: Panel, prompt: str, size: tuple[int, int], length: float, seed: str) -> Stage:
    """Draw all the layers of a panel.

    Args:
        panel: What to show.
        prompt: The action; its words add setting, things and weather.
        size: Width and height of the picture in pixels.
        length: Of the take, in seconds.
        seed: What tells one drawing of the same panel from another.
    """
    width = 100 * size[0] / size[1]
    # Drawn finer where the camera comes closer, so that the end of the move is not soft.
    pixels_per_unit = size[1] / 100 * (1.25 if panel.camera in CLOSING_IN else 1.0)
    seen, hand = read(panel, prompt), random.Random(seed)
    behind = set_stage(
        from_above if panel.angle == "overhead" else PLACES[seen.setting],
        seen,
        panel.place_palette,
        width,
        HORIZONS[panel.angle],
        SCENERY[panel.size],
        pixels_per_unit,
        panel.place or prompt,
    )
    if panel.size in SOFT:
        behind = [_soft(layer, SOFT[panel.size]) for layer in behind]
    figures = cast(panel, prompt, seen, width, pixels_per_unit, length, hand)
    subject = (width / 2, 50.0)
    if figures:
        subject = (sum(f.x for f in figures) / len(figures), sum(f.face for f in figures) / len(figures))
    return Stage(
        width, behind, figures, [] if seen.setting in INDOORS else weather(seen, width, pixels_per_unit, hand), subject
    )


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


def show(stage: Stage, pose: Pose, seconds: float, size: tuple[int, int]) -> np.ndarray:
    """Return the picture as the camera sees it, `(height, width, 3) uint8 RGB`."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    others = (other for figure in stage.figures for other in figure.others)
    for layer in [*stage.behind, *others, *(f.layer for f in stage.figures), *stage.before]:
        _lay(picture, layer, _placed(layer, pose, seconds, stage.width), size)
    return picture


def span_of(standing: Standing, stage: Stage, pose: Pose, seconds: float) -> tuple[float, float, float]:
    """Return where a figure is in the picture: x of its feet, y of its crown, y of its feet, in units."""
    dx, dy, _ = standing.layer.sway(seconds) if standing.layer.sway else (0.0, 0.0, 0.0)
    to_picture = project(pose, 1.0, stage.width)
    x, feet = to_picture @ (standing.x + dx, standing.feet + dy, 1.0)
    _, crown = to_picture @ (standing.x + dx, standing.crown + dy, 1.0)
    return float(x), float(crown), float(feet)


def _placed(layer: Layer, pose: Pose, seconds: float, width: float) -> np.ndarray:
    """Return the map from the layer's pixels to picture units."""
    to_stage = np.array([[1 / layer.scale, 0, layer.left], [0, 1 / layer.scale, layer.top], [0, 0, 1]])
    if layer.sway is not None:
        dx, dy, degrees = layer.sway(seconds)
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        px, py = layer.pivot
        turn = np.array([[c, -s, px + dx - c * px + s * py], [s, c, py + dy - s * px - c * py], [0, 0, 1]])
        to_stage = turn @ to_stage
    placed: np.ndarray = project(pose, layer.depth, width) @ to_stage
    return placed


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
