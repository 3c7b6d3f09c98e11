"""Effects on colour: exposure, contrast, saturation, temperature, and tables from a grading tool."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.editing.effects import curve, matrixed, rounded, within
from reelgraph.video_tools.errors import InvalidRequest

# Luma weights. Source: ITU-R BT.709-6, 3.2.
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class Exposure:
    """Make lighter or darker by stops: +1 is twice the light."""

    stops: float
    timed: ClassVar[bool] = False

    def __post_init__(self) -> None:
        within("exposure", "stops", self.stops, -8, 8)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Scale linear light, as the BT.709 curve gives it."""
        return curve(_exposure_table(self.stops), image)


@lru_cache(maxsize=16)
def _exposure_table(stops: float) -> np.ndarray:
    # Source: ITU-R BT.709-6, 1.2: V = 1.099 L^0.45 - 0.099 from L = 0.018, below it V = 4.5 L.
    v = np.arange(256) / 255
    light = np.where(v < 0.081, v / 4.5, ((v + 0.099) / 1.099) ** (1 / 0.45)) * 2.0**stops
    return rounded(np.where(light < 0.018, 4.5 * light, 1.099 * np.maximum(light, 1e-9) ** 0.45 - 0.099) * 255)


@dataclass(frozen=True)
class Contrast:
    """Spread values about middle grey: 1 changes nothing, 0 is grey."""

    amount: float
    timed: ClassVar[bool] = False

    def __post_init__(self) -> None:
        within("contrast", "amount", self.amount, 0, 4)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Scale each channel's distance from 127.5."""
        return curve(rounded((np.arange(256) - 127.5) * self.amount + 127.5), image)


@dataclass(frozen=True)
class Saturation:
    """Make colours stronger or weaker: 1 changes nothing, 0 is black and white."""

    amount: float
    timed: ClassVar[bool] = False

    def __post_init__(self) -> None:
        within("saturation", "amount", self.amount, 0, 4)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Scale each pixel's distance from its own luma."""
        return matrixed(self.amount * np.eye(3, dtype=np.float32) + (1 - self.amount) * np.tile(_LUMA, (3, 1)), image)


@dataclass(frozen=True)
class Temperature:
    """Make warmer (above 0) or cooler (below): at 1 red gains a quarter and blue loses one, at the same luma."""

    amount: float
    timed: ClassVar[bool] = False

    def __post_init__(self) -> None:
        within("temperature", "amount", self.amount, -1, 1)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Scale red and blue against each other, and all three so that grey keeps its luma."""
        gains = np.array([1 + self.amount / 4, 1, 1 - self.amount / 4], np.float32)
        return matrixed(np.diag(gains / float(gains @ _LUMA)), image)


@dataclass(frozen=True)
class Lut:
    """Look colours up in a 3D table from a `.cube` file.

    Source: Adobe, Cube LUT Specification 1.0; values between table entries are interpolated trilinearly.
    """

    file: str
    timed: ClassVar[bool] = False

    def __post_init__(self) -> None:
        read_cube(self.file)

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Look every pixel up."""
        table = read_cube(self.file)
        size = len(table)
        place = image.astype(np.float32) * ((size - 1) / 255)
        low = np.minimum(place.astype(np.int32), size - 2)
        part = (place - low)[..., None]
        r, g, b = low[..., 0], low[..., 1], low[..., 2]
        result = np.zeros((*image.shape[:2], 3), np.float32)
        for dr in (0, 1):
            for dg in (0, 1):
                for db in (0, 1):
                    weight: np.ndarray = np.ones_like(part[..., 0, :])
                    for channel, d in enumerate((dr, dg, db)):
                        weight = weight * (part[..., channel, :] if d else 1 - part[..., channel, :])
                    result += weight * table[r + dr, g + dg, b + db]
        return rounded(result * 255)


def read_cube(file: str) -> np.ndarray:
    """Read a `.cube` file as `(size, size, size, 3) float32`, indexed by red, green and blue.

    Raises:
        InvalidRequest: It is not a 3D `.cube` table.
    """
    path = Path(file)
    if path.suffix.lower() != ".cube" or not path.is_file() or path.stat().st_size > 32_000_000:
        raise InvalidRequest(f"effect lut: {path.name} is not a .cube file that can be read")
    return _cube(path.read_text(encoding="utf-8", errors="replace"), path.name)


@lru_cache(maxsize=8)
def _cube(text: str, name: str) -> np.ndarray:
    size, rows = 0, []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "LUT_3D_SIZE" and len(words) == 2 and words[1].isdigit():
            size = int(words[1])
        elif words[0][0] in "-.0123456789":
            rows.append(words)
    try:
        table = np.array(rows, np.float32)
    except ValueError as error:
        raise InvalidRequest(f"effect lut: {name} has rows that are not three numbers") from error
    if not 2 <= size <= 256 or table.shape != (size**3, 3):
        raise InvalidRequest(f"effect lut: {name} is not a 3D table: LUT_3D_SIZE {size} needs {size**3} rows of 3")
    return np.ascontiguousarray(table.reshape(size, size, size, 3).transpose(2, 1, 0, 3))  # red varies fastest in it
