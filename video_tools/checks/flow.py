"""How the picture moves from one frame to the next: the size it is looked at in, and the global motion in its flow."""

from typing import Any

import numpy as np

from reelgraph.video_tools.checks.looks import ANALYSIS_SIDE, Array, middle, step

GRID = 8  # flow is read at every eighth pixel of its field


def averaged(width: int, height: int) -> int:
    """Return how many pixels of a side of a frame, as it came, are averaged to one that flow is measured in."""
    reduced = step(width, height)
    return reduced if max(width, height) // reduced < ANALYSIS_SIDE // 2 else 2 * reduced


def flow_size(cv: Any, luma: Array) -> Array:
    """Bring luma to the size that flow is measured in: half, or where that is too few pixels, more."""
    height, width = luma.shape
    if max(height, width) < ANALYSIS_SIDE // 2:  # the flow needs some pixels to work on
        factor = max(1, -(-64 // min(height, width)))
        return luma if factor == 1 else np.asarray(cv.resize(luma, (width * factor, height * factor)))
    return np.asarray(cv.resize(luma, (max(16, width // 2), max(16, height // 2)), interpolation=cv.INTER_AREA))


def as_complex(field: Array) -> Array:
    """Read a field of vectors at every eighth pixel as complex numbers, right + down * i, in one row."""
    return np.ascontiguousarray(field[GRID // 2 :: GRID, GRID // 2 :: GRID]).view(np.complex64).ravel()


def similarity(where: Array, flow: Array) -> tuple[complex, complex]:
    """Fit `flow = shift + turn * where` by least squares, twice reweighted so that moving things count less.

    Args:
        where: Places about the centre, `(points,) complex64`.
        flow: How each moves, in pixels, `(points,) complex64`.

    Returns:
        The shift in pixels, and the growth (real) with the turn (imaginary).
    """
    weight: Array = np.ones(len(flow), np.float32)
    shift = turn = 0j
    for last in (False, False, True):
        total = float(weight.sum())
        centre, mean = complex(weight @ where) / total, complex(weight @ flow) / total
        place, moved = where - centre, flow - mean
        weighted = weight * place.conj()
        spread = complex(weighted @ place).real
        turn = complex(weighted @ moved) / spread if spread else 0j
        shift = mean - turn * centre
        if last:
            break
        off = np.abs(moved - turn * place)
        # Source: Cauchy weights of M-estimation (P. J. Huber, Robust Statistics, 1981), scaled by the median deviation.
        scale = 2.385 * 1.4826 * middle(off) + 0.05
        weight = 1 / (1 + np.square(off / scale))
    return shift, turn
