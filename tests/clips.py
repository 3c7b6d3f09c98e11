"""Clips for the checks' tests: a textured picture under a slow drift, and what was found in it."""

from fractions import Fraction
from functools import cache

import numpy as np

from reelgraph.video_tools.film import Finding, TakeRequest

RATE = Fraction(24)
WIDTH, HEIGHT = 256, 144


@cache
def texture(width: int = 3 * WIDTH, height: int = 2 * HEIGHT, seed: int = 1) -> np.ndarray:
    """Draw clouds of several octaves, `(height, width, 3) uint8 RGB`, between 30 and 220."""
    import cv2

    random = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    for octave in range(1, 9):
        grid = random.normal(size=(2**octave + 1, 2 ** (octave + 1) + 1, 3)).astype(np.float32)
        picture += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) / 1.25**octave
    low, high = picture.min(), picture.max()
    return (30 + (picture - low) / (high - low) * 190).astype(np.uint8)


def drift(frames: int, *, right: int = 2, down: int = 0, seed: int = 1) -> list[np.ndarray]:
    """Look at the texture through a window that moves by whole pixels a frame."""
    world = texture(seed=seed)
    y, x = HEIGHT // 2, (WIDTH // 2 if right >= 0 else 3 * WIDTH // 2)
    return [
        world[y + i * down : y + i * down + HEIGHT, x + i * right : x + i * right + WIDTH].copy() for i in range(frames)
    ]


def request(frames: int) -> TakeRequest:
    """Ask for a clip of the tests' size."""
    return TakeRequest(backend="test", prompt="clouds", width=WIDTH, height=HEIGHT, frames=frames, rate=RATE)


def failures(findings: list[Finding]) -> set[str]:
    """Name the checks that failed."""
    return {f.check for f in findings if f.outcome == "failed"}


def ranges(findings: list[Finding], check: str) -> list[tuple[int | None, int | None]]:
    """List the frame ranges at which a check failed."""
    return [(f.first_frame, f.last_frame) for f in findings if f.check == check and f.outcome == "failed"]
