"""How the picture moves from one frame to the next: the size it is looked at in, and the global motion in its flow."""

from typing import Any

import numpy as np

from reelgraph.video_tools.checks.looks import ANALYSIS_SIDE, Array, middles, step

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


def similarity(where: Array, flow: Array) -> tuple[Array, Array]:
    """Fit `flow = shift + turn * where` by least squares, twice reweighted so that moving things count less.

    Args:
        where: Places about the centre, `(points,) complex64`.
        flow: How each moves in each of some frames, in pixels, `(frames, points) complex64`.

    Returns:
        The shift in pixels, and the growth (real) with the turn (imaginary), both `(frames, 1) complex64`.
    """

    def summed(values: Array) -> Array:
        return np.asarray(values.sum(1, keepdims=True))

    weight: Array = np.ones(flow.shape, np.float32)
    for last in (False, False, True):
        total = summed(weight)
        centre, mean = summed(weight * where) / total, summed(weight * flow) / total
        place, moved = where - centre, flow - mean
        weighted = weight * place.conj()
        spread = summed(weighted * place).real  # 0 where there is but one point
        turn = summed(weighted * moved) / np.where(spread == 0, 1, spread)
        if not last:
            off = np.abs(moved - turn * place)
            # Source: Cauchy weights of M-estimation (P. J. Huber, Robust Statistics, 1981), scaled by the median
            # deviation.
            scale = 2.385 * 1.4826 * middles(off)[:, None] + 0.05
            weight = 1 / (1 + np.square(off / scale))
    return mean - turn * centre, turn
