"""An effect: brown as old photographs, by a share."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

_BROWN = np.array([1.07, 0.95, 0.74], np.float32)  # of red, green and blue, at the same luma


@dataclass(frozen=True)
class Sepia:
    """Turn brown; `amount` 0 changes nothing, 1 leaves no other colour."""

    amount: float = 1.0
    timed: ClassVar[bool] = False

    def apply(self, image: np.ndarray, at: int, frames: int) -> np.ndarray:
        """Mix the picture with its luma in brown."""
        luma = image @ np.array([0.2126, 0.7152, 0.0722], np.float32)
        mixed = (1 - self.amount) * image + self.amount * luma[..., None] * _BROWN
        return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
