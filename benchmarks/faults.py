"""Faults of known place and strength, for the critic's benchmark.

At strength 1 each is about the least that somebody notices who watches at normal speed; at 0.5 half of that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np


@dataclass(frozen=True)
class Planted:
    """A clip with a fault in it.

    Attributes:
        frames: `(frames, height, width, 3) uint8 RGB`.
        first: The first faulty frame.
        last: The last one.
        camera: The move that is said to have been asked for, for faults of the camera.
        visible: False where this content does not show this fault, so that nothing was planted.
    """

    frames: np.ndarray
    first: int
    last: int
    camera: str = ""
    visible: bool = True


Plant = Callable[[np.ndarray, np.random.Generator, float], Planted]
FAULTS: dict[str, tuple[str, Plant]] = {}  # kind -> the check that must find it (one of these), and what plants it


def fault(kind: str, check: str) -> Callable[[Plant], Plant]:
    """Register a kind of fault."""

    def keep(plant: Plant) -> Plant:
        FAULTS[kind] = (check, plant)
        return plant

    return keep


def _stretch(frames: np.ndarray, random: np.random.Generator, length: int) -> tuple[int, int]:
    length = max(1, min(length, len(frames) - 8))
    first = int(random.integers(4, len(frames) - length - 3))
    return first, first + length - 1


@fault("black", "black")
def black(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Three black frames."""
    first, last = _stretch(frames, random, round(3 * strength))
    frames[first : last + 1] = 3
    return Planted(frames, first, last)


@fault("blank", "blank")
def blank(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Three frames of one colour."""
    first, last = _stretch(frames, random, round(3 * strength))
    frames[first : last + 1] = random.integers(40, 256, 3)
    return Planted(frames, first, last)


@fault("garbage", "garbage")
def garbage(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Three frames of noise (at half strength, mixed half with the picture)."""
    first, last = _stretch(frames, random, 3)
    noise = random.integers(0, 256, frames[first : last + 1].shape)
    frames[first : last + 1] = (1 - strength) * frames[first : last + 1] + strength * noise
    return Planted(frames, first, last)


@fault("flash", "flash")
def flash(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """One frame brighter by a quarter of the range."""
    first, last = _stretch(frames, random, 1)
    frames[first] = np.clip(frames[first].astype(np.float32) + 64 * strength, 0, 255)
    return Planted(frames, first, last)


@fault("stray frame", "flash")
def stray(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """One frame of another picture: the clip's own first frame, mirrored both ways."""
    first, last = _stretch(frames, random, 1)
    other = frames[0, ::-1, ::-1]
    frames[first] = (1 - strength) * frames[first] + strength * other.astype(np.float32)
    return Planted(frames, first, last)


@fault("frozen", "frozen")
def frozen(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """The picture stands for 17 frames (0.7 s at 24) and then goes on from there."""
    first, last = _stretch(frames, random, round(17 * strength))
    source = [i if i <= first else max(first, i - (last - first)) for i in range(len(frames))]
    moved = np.abs(np.diff(frames[source].astype(np.int16), axis=0)).mean((1, 2, 3))
    return Planted(
        frames[source], first, last, visible=bool(np.median(moved[moved > 0]) > 0.15) if moved.any() else False
    )


@fault("stutter", "stutter")
def stutter(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Three times, two frames are lost and the one before is shown instead."""
    source = np.arange(len(frames))
    starts = np.sort(random.choice(np.arange(5, len(frames) - 5, 6), 3, replace=False))
    for start in starts[: max(1, round(3 * strength))]:
        source[start : start + 2] = start - 1
    starts = starts[: max(1, round(3 * strength))]
    step = np.abs(frames[starts[0] + 2].astype(np.int16) - frames[starts[0] - 1]).mean()
    return Planted(frames[source], int(starts[0]), int(starts[-1]) + 1, visible=bool(step > 1.0))


@fault("jump", "jump cut")
def jump(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Eight frames are missing; where hardly anything is left of the picture before, calling it a cut is right too."""
    missing = max(1, round(8 * strength))
    at = int(random.integers(6, len(frames) - missing - 6))
    before = frames.astype(np.int16)
    gap = np.abs(before[at + missing] - before[at - 1])
    usual = np.abs(np.diff(before, axis=0)).mean((1, 2, 3))
    seen = gap.mean() > 2.5 * np.percentile(usual, 90) and gap.mean() > 2
    return Planted(np.concatenate([frames[:at], frames[at + missing :]]), at, at, visible=bool(seen))


@fault("cut", "cut")
def cut(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Another picture from some frame on: the same shot mirrored both ways (at half strength, one way)."""
    at = int(random.integers(6, len(frames) - 6))
    rest = frames[at:, ::-1, ::-1] if strength >= 1 else frames[at:, :, ::-1]
    gap = np.abs(rest[0].astype(np.int16) - frames[at - 1]).mean()
    return Planted(np.concatenate([frames[:at], rest]), at, at, visible=bool(gap > 6))


@fault("flicker", "flicker")
def flicker(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """For a second, light goes up and down by 4 % with a period of 2 to 4 frames."""
    first, last = _stretch(frames, random, 24)
    period = int(random.integers(2, 5))
    wave = np.where(np.arange(last - first + 1) % period < period / 2, 1, -1)[:, None, None, None]
    frames[first : last + 1] = np.clip(frames[first : last + 1] * (1 + 0.04 * strength * wave), 0, 255)
    return Planted(frames, first, last, visible=bool(frames.mean() > 50))


@fault("blown", "clipped")
def blown(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """For two thirds of a second so bright that 30 % of the picture is white."""
    first, last = _stretch(frames, random, 16)
    luma = frames[first : last + 1].min(-1).astype(np.float32)
    gain = 255 / max(1.0, float(np.percentile(luma, 100 - 30 * strength)))
    smooth = np.mean(np.abs(np.diff(luma, axis=2)) > 0.5) > 0.3  # flat colours have no shades to lose
    frames[first : last + 1] = np.clip(frames[first : last + 1] * gain, 0, 255)
    return Planted(frames, first, last, visible=bool(1.15 < gain < 6 and smooth))


@fault("crushed", "clipped")
def crushed(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """For two thirds of a second so dark that 35 % of the picture is black."""
    first, last = _stretch(frames, random, 16)
    luma = frames[first : last + 1].max(-1).astype(np.float32)
    floor = float(np.percentile(luma, 35 * strength))
    smooth = np.mean(np.abs(np.diff(luma, axis=2)) > 0.5) > 0.3
    dark = (frames[first : last + 1].astype(np.float32) - floor) * 255 / (255 - floor)
    frames[first : last + 1] = np.clip(dark, 0, 255)
    return Planted(frames, first, last, visible=bool(floor > 25 and smooth))


@fault("blur", "blur")
def blur(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """For two thirds of a second out of focus by 0.8 % of the width, where that makes edges a tenth wider at least."""
    first, last = _stretch(frames, random, 16)
    sigma = 0.008 * frames.shape[2] * strength
    own = _edge_sigma(frames[first])
    for frame in frames[first : last + 1]:
        frame[:] = cv2.GaussianBlur(frame, (0, 0), sigma)
    return Planted(frames, first, last, visible=bool(np.hypot(own, sigma) > 1.1 * own))


def _edge_sigma(frame: np.ndarray) -> float:
    """Return by how much a picture's sharpest edges are blurred as it is, in pixels; infinite where it has no edges.

    A step of height h that is blurred by sigma has the greatest slope h / (sigma sqrt(2 pi)).
    """
    picture = cv2.GaussianBlur(frame, (0, 0), 0.5).astype(np.float32)  # grain is no edge; edges may be of colour alone
    slope = np.hypot(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)) / 8
    around = np.ones((15, 15), np.uint8)
    height = cv2.dilate(picture, around) - cv2.erode(picture, around)
    edges = height > 24  # codes: what a viewer takes for the outline of something
    if edges.mean() < 0.001:
        return float("inf")
    return float(np.percentile(height[edges] / np.maximum(slope[edges], 1e-3), 5) / np.sqrt(2 * np.pi))


@fault("blocking", "blocking")
def blocking(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Compressed as JPEG at quality 10 (20 at half strength), all along; flat drawings lose next to nothing by it."""
    before = frames.copy()
    for frame in frames:
        packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, round(10 / strength)])[1]
        frame[:] = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    lost = (before[0].astype(np.float32) - frames[0]).mean(-1)
    spread = np.mean(np.abs(cv2.Laplacian(lost, cv2.CV_32F)) > 1)  # how much of the picture shows a change of detail
    return Planted(frames, 0, len(frames) - 1, visible=bool(spread > 0.5))


@fault("banding", "banding")
def banding(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Twelve steps of grey (24 at half strength), all along, where there are smooth shades to break."""
    step = 21.25 * strength
    grey = cv2.GaussianBlur(cv2.cvtColor(frames[len(frames) // 2], cv2.COLOR_RGB2GRAY), (0, 0), 1.0).astype(np.float32)
    slope = np.abs(grey[:, 32:] - grey[:, :-32])
    rough = cv2.blur(np.abs(np.diff(grey, axis=1)), (31, 1))[:, : slope.shape[1]]
    shaded = np.mean((slope > 4) & (slope < 40) & (rough < 1.2))
    for frame in frames:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
        frame[:] = np.clip(frame + (np.round(grey / step) * step - grey)[..., None], 0, 255)
    return Planted(frames, 0, len(frames) - 1, visible=bool(shaded > 0.25))


@fault("noise", "noise")
def noise(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """For two thirds of a second, grain of 14 codes."""
    first, last = _stretch(frames, random, 16)
    grain = random.normal(scale=14 * strength, size=(*frames[first : last + 1].shape[:3], 1))
    frames[first : last + 1] = np.clip(frames[first : last + 1] + grain, 0, 255)
    return Planted(frames, first, last)


@fault("letterbox", "letterbox")
def letterbox(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Black bars of 8 % above and below, all along, where it is not black as it is."""
    rows = max(1, round(0.08 * strength * frames.shape[1]))
    seen = min(frames[:, :rows].mean(), frames[:, -rows:].mean()) > 12
    frames[:, :rows] = frames[:, -rows:] = 0
    return Planted(frames, 0, len(frames) - 1, visible=bool(seen))


@fault("pillarbox", "letterbox")
def pillarbox(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Black bars of 8 % left and right, all along, where it is not black as it is."""
    columns = max(1, round(0.08 * strength * frames.shape[2]))
    seen = min(frames[:, :, :columns].mean(), frames[:, :, -columns:].mean()) > 12
    frames[:, :, :columns] = frames[:, :, -columns:] = 0
    return Planted(frames, 0, len(frames) - 1, visible=bool(seen))


@fault("shake", "shake")
def shake(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """Every frame is off by about 1 % of the width."""
    height, width = frames.shape[1:3]
    for frame in frames:
        x, y = random.normal(scale=0.01 * strength * width, size=2)
        frame[:] = cv2.warpAffine(
            frame, np.float32([[1, 0, x], [0, 1, y]]), (width, height), borderMode=cv2.BORDER_REFLECT
        )
    texture = cv2.Laplacian(frames[0], cv2.CV_16S).std()
    return Planted(frames, 0, len(frames) - 1, visible=bool(texture > 4))


@fault("lettering", "text")
def lettering(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """White words with a dark edge, 7 % of the height, all along: below as a subtitle, or in a corner."""
    from PIL import Image, ImageDraw, ImageFont

    from reelgraph import video_tools

    height, width = frames.shape[1:3]
    size = max(9, round(0.07 * strength * height))
    font = ImageFont.truetype(Path(video_tools.__path__[0]) / "fonts" / "DejaVuSans-Bold.ttf", size)
    words = str(
        random.choice(["We have to go now", "Shot on location", "he said nothing", "SAMPLE FOOTAGE", "Part one"])
    )
    at = [(0.5, 0.93, "ms"), (0.03, 0.1, "ls"), (0.97, 0.1, "rs")][int(random.integers(3))]
    for frame in frames:
        picture = Image.fromarray(frame)
        ImageDraw.Draw(picture).text(
            (at[0] * width, at[1] * height), words, (245, 245, 245), font, at[2], stroke_width=1,
            stroke_fill=(16, 16, 16),
        )  # fmt: skip
        frame[:] = np.asarray(picture)
    moved = np.abs(np.diff(frames[:, ::4, ::4].astype(np.int16), axis=0)).mean()
    return Planted(frames, 0, len(frames) - 1, visible=bool(moved > 0.7))


def _tint(frames: np.ndarray, at: int, gain: tuple[float, float, float]) -> np.ndarray:
    frames[at:] = np.clip(frames[at:] * np.float32(gain), 0, 255)
    return frames


@fault("exposure step", "light")
def exposure(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """From some frame on darker by a quarter."""
    at = int(random.integers(8, len(frames) - 8))
    return Planted(_tint(frames, at, (1 - 0.25 * strength,) * 3), at, at, visible=bool(frames.mean() > 30))


@fault("white balance step", "light")
def white_balance(frames: np.ndarray, random: np.random.Generator, strength: float) -> Planted:
    """From some frame on warmer: red up by 12 %, blue down by 18 %."""
    at = int(random.integers(8, len(frames) - 8))
    gain = (1 + 0.12 * strength, 1.0, 1 - 0.18 * strength)
    return Planted(_tint(frames, at, gain), at, at, visible=bool(frames.mean() > 30))
