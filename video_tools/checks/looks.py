"""What is seen in one frame by itself: sizes and grids, colours, blocks, bands, softness and bars."""

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

ANALYSIS_SIDE = (
    416  # pixels of the long side: Laplacian and difference depend on scale, so all thresholds are for this one
)
THUMB = (18, 32)  # rows and columns of the colour grid kept for every frame
_BAR_DARK, _BAR_FLAT = 24, 8  # greatest luma in a bar, and greatest difference within one of its rows
_BAND_HEIGHTS = np.arange(8, 33)  # codes; lower bands are hardly seen, and higher ones are a drawing's areas
_BANDS_A_LINE = 2  # edges of bands that a line crosses at least, on average
_ALIKE = 0.37  # share of pixels that differ by two codes at most from the third one on; noise and foliage have fewer


def luma_of(rgb: Array) -> Array:
    """Weigh RGB to luma, `(...,) float32`.

    Source: ITU-R BT.601-7, as OpenCV's conversion of frames from memory.
    """
    return np.asarray(rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))


def step(width: int, height: int) -> int:
    """Return how many times smaller the picture is looked at than it came."""
    return max(1, round(max(width, height) / ANALYSIS_SIDE))


def shrink(cv: Any, picture: Array, width: int, height: int) -> Array:
    """Average a picture down to a size a whole number of times smaller."""
    # A whole-number ratio takes OpenCV's fast area path, so the odd pixels at the edge are left out.
    step = min(picture.shape[1] // width, picture.shape[0] // height)
    return np.asarray(cv.resize(picture[: height * step, : width * step], (width, height), interpolation=cv.INTER_AREA))


def grid(cv: Any, picture: Array) -> Array:
    """Average a picture over the cells of the grid, without the edge that fills no cell: that way is much faster."""
    height, width = picture.shape[:2]
    rows, columns = height // THUMB[0], width // THUMB[1]
    if not rows or not columns:
        return np.asarray(cv.resize(picture, THUMB[::-1], interpolation=cv.INTER_AREA))
    top, left = (height - rows * THUMB[0]) // 2, (width - columns * THUMB[1]) // 2
    middle = picture[top : top + rows * THUMB[0], left : left + columns * THUMB[1]]
    return np.asarray(cv.resize(middle, THUMB[::-1], interpolation=cv.INTER_AREA))


def middle(values: Array, share: float = 0.5) -> float:
    """Return the value that this share of them is below: a percentile without numpy's sorting and interpolation."""
    return float(middles(values.ravel(), share))


def middles(rows: Array, share: float = 0.5) -> Array:
    """Return `middle` of each row, `(..., values)` to `(...,)`."""
    at = int(rows.shape[-1] * share)
    return np.asarray(np.partition(rows, at)[..., at])


def rgb_of_yuv(y: Array, u: Array, v: Array, *, full_range: bool, bt601: bool) -> Array:
    """Turn three planes of one size into `(rows, columns, 3) uint8 RGB`."""
    matrix, offset = _yuv_matrix(full_range, bt601)
    planes = np.empty((3, y.size), np.float32)
    planes[0], planes[1], planes[2] = y.ravel(), u.ravel(), v.ravel()
    rgb = matrix @ planes
    rgb += offset
    np.minimum(np.maximum(rgb, 0, out=rgb), 255, out=rgb)
    return np.ascontiguousarray(rgb.T, np.uint8).reshape(*y.shape, 3)


@lru_cache
def _yuv_matrix(full_range: bool, bt601: bool) -> tuple[Array, Array]:
    """Return the matrix and the offset (one half for rounding included) that turn YUV codes into RGB codes.

    Source: ITU-R BT.601-7 and BT.709-6, luma coefficients Kr and Kb.
    """
    red, blue = (0.299, 0.114) if bt601 else (0.2126, 0.0722)
    green = 1 - red - blue
    luma, chroma = (1.0, 1.0) if full_range else (255 / 219, 255 / 224)
    r_of_v, b_of_u = 2 * (1 - red) * chroma, 2 * (1 - blue) * chroma
    matrix = np.array(
        [[luma, 0, r_of_v], [luma, -blue * b_of_u / green, -red * r_of_v / green], [luma, b_of_u, 0]], np.float32
    )
    zero = np.array([[0 if full_range else 16], [128], [128]], np.float32)
    return matrix, 0.5 - matrix @ zero


def inner(height: int, width: int) -> tuple[slice, slice]:
    """Return the middle of a picture, from a block of 8x8 on: half of each side, and all of what is small."""
    sides = []
    for side in (height, width):
        size = max(side // 2, min(side, ANALYSIS_SIDE // 2))
        first = (side - size) // 2 // 8 * 8
        sides.append(slice(first, first + size))
    return sides[0], sides[1]


def blocking(cv: Any, luma: Array) -> float:
    """Measure how much greater luma steps are across the borders of 8x8 blocks than anywhere inside them.

    A few lines of a small picture differ by chance, and on the grid no more than off it: so the greatest of the steps
    inside counts. Both directions are measured, and the smaller counts, so that a drawn edge does not.

    Source: the block-edge impairment ratio of H. R. Wu and M. Yuen, "A generalized block-edge impairment metric for
        video coding" (1997), in its unweighted form.
    """
    excess = []
    beside = cv.absdiff(luma[:, 1:], luma[:, :-1]), cv.absdiff(luma[1:], luma[:-1])
    for direction, changes in enumerate(beside):
        steps = cv.reduce(changes, direction, cv.REDUCE_AVG, dtype=cv.CV_32F).ravel()
        if len(steps) < 24:
            return float("nan")
        on, off = middle(steps[7::8]), max(middle(steps[place::8]) for place in range(1, 6))
        excess.append((on - off) / (off + 0.25))
    return min(excess)


def softness(cv: Any, luma: Array) -> float:
    """Measure how little a strong blur changes the steps between neighbouring pixels: 1 is soft.

    Every other line is looked at. Two neighbours of a picture blurred by a box of 9 differ by a ninth of what the
    pixels at its two ends differ by, so nothing need be blurred.

    Source: F. Crete et al., "The blur effect: perception and estimation with a new no-reference perceptual blur metric"
        (2007),
    here with a 9-pixel box in both directions and the smaller of the two.
    """
    soft = []
    for picture in (luma[::2], cv.transpose(luma[:, ::2])):
        if picture.shape[1] < 11:
            return float("nan")
        steps = cv.absdiff(picture[:, 5:-4], picture[:, 4:-5])
        far = cv.absdiff(picture[:, 9:], picture[:, :-9])
        left = np.maximum(np.multiply(steps, 9, dtype=np.uint16), far) - far  # at least 0, as the measure asks
        total = 9 * float(cv.sumElems(steps)[0])
        soft.append(1 - float(cv.sumElems(left)[0]) / total if total else 1.0)
    return min(soft)


def bars(luma: Array) -> tuple[float, ...]:
    """Measure the dark margins at top, bottom, left and right: lines from the edge that are near-black and flat.

    A dark scene goes on where a bar ends, but not without grain.

    Returns:
        The four margins in shares, and of each the share of the picture's first line that is lighter than it: all of
        it where a bar ends, and little where something lies before black space.
    """
    margins: list[float] = []
    edges: list[float] = []
    for lines in (luma, luma.T):  # rows, then columns
        brightest, darkest = lines.max(1), lines.min(1)
        lit = np.flatnonzero((brightest > _BAR_DARK) | (brightest - darkest > _BAR_FLAT))
        if not len(lit):
            return (1.0,) * 4 + (0.0,) * 4
        for inward, size in ((lines, int(lit[0])), (lines[::-1], len(lines) - 1 - int(lit[-1]))):
            margins.append(size / len(lines))
            dark = int(inward[:size].max(initial=0))
            edges.append(float((inward[size : size + 3] > dark + _BAR_FLAT // 2).mean(1).max()))  # an encoder smears it
    return (*margins, *edges)


def bands(cv: Any, across: Array, down: Array) -> float:
    """Measure by how much pixels beside each other rather differ by the height of one band than by less: 0 to 1.

    In a true shade, and in grain, a small step is likelier than a large one. Where shades are broken into bands, little
    lies between no step and a whole one, however dark the picture is and however few bands it has. Compared is the
    third pixel, since encoders smear an edge over two.

    Source: the idea of P. Tandon et al., "CAMBI: Contrast-aware Multiscale Banding Index" (2021), that a band is a step
        between pixels whose neighbours are alike; the measure is ours.

    Args:
        cv: OpenCV.
        across: Luma of some rows, as it came: a mean of neighbours would fill the gap.
        down: Luma of some columns, likewise; `(rows, columns)`.
    """
    if across.shape[1] < 8 or len(down) < 8:
        return float("nan")
    counts, lines = np.zeros(256), len(across) + down.shape[1]
    for steps in (cv.absdiff(across[:, 3:], across[:, :-3]), cv.absdiff(down[3:], down[:-3])):
        counts += cv.calcHist([steps], [0], None, [256], [0, 256]).ravel()
    below = np.concatenate([[0], np.cumsum(counts)])  # how many steps are lower than each
    if below[3] < _ALIKE * below[-1]:
        return 0.0
    band = (below[_BAND_HEIGHTS + 2] - below[_BAND_HEIGHTS - 1]) / 3
    lower = _BAND_HEIGHTS * 3 // 5
    less = (below[lower + 1] - below[3]) / (lower - 2)
    seen = band >= _BANDS_A_LINE * lines
    return float((band[seen] / (band[seen] + less[seen])).max(initial=0.0))
