"""One pass over frames: what every check measures with, computed once at the analysis size.

Checks are functions of the arrays in `Measures`; no check decodes or touches a frame itself, so any number of them
costs one pass. Luma is on the full range, 0 to 255, whether the frames come from memory (RGB) or from a file (its Y
plane).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

ANALYSIS_SIDE = (
    416  # pixels of the long side: Laplacian and difference depend on scale, so all thresholds are for this one
)
THUMB = (18, 32)  # rows and columns of the colour grid kept for every frame
GRID = 8  # flow is read at every eighth pixel of its field
SAMPLES = 16  # frames kept for checks that need pictures
STANDING = (
    0.7  # share of the blocks with edges that must stand for the camera to stand; lettering stands before any move
)
TEXTURE, UNCHANGED = 1.5, 0.75  # mean Laplacian of a block with edges; greatest mean change of a block that stands
COSTLY_EVERY = 4  # full-size measures (blocking, bars) are taken of every fourth frame: these faults last


@dataclass(frozen=True)
class Sample:
    """A frame kept to be looked at.

    Attributes:
        frame: Its number.
        source: The picture, or what makes it when somebody looks.
    """

    frame: int
    source: "Array | Callable[[], Array]"

    @property
    def picture(self) -> Array:
        """The picture, `(height, width, 3) uint8 RGB`, at the analysis size."""
        return self.source if isinstance(self.source, np.ndarray) else self.source()


@dataclass(frozen=True)
class Measures:
    """What was measured of each frame; pair measures are against the frame before, and 0 for the first.

    Attributes:
        width: Pixels of a frame as it came.
        height: Pixels of a frame as it came.
        histogram: `(frames, 256) float32`, share of pixels at each luma.
        thumbs: `(frames, 18, 32, 3) uint8 RGB`, area means.
        sharpness: `(frames,)`, standard deviation of the Laplacian.
        roughness: `(frames,)`, mean absolute Laplacian of the flattest tenth of the blocks, up to 64: noise shows
            there.
        change: `(frames,)`, mean absolute luma difference.
        change_peak: `(frames,)`, the same in the block where it is greatest, up to 32.
        motion: `(frames, 4)`, the picture's global motion: right and down in shares of the width and height, growth
            (log of the scale) and turn in radians.
        tracked: `(frames,)`, share of 12 cells of the picture with edges to see its motion by.
        crossing: `(frames,)`, mean rightward flow of what moves otherwise than the picture as a whole, in shares of the
            width.
        speed: `(frames,)`, mean length of the flow in shares of the width.
        residual: `(frames,)`, mean absolute luma difference after motion is compensated.
        grain: `(frames,)`, the same in the tenth of the blocks where it is least: what is new everywhere is noise.
        blocking: `(frames,)`, excess of luma steps on the 8-pixel grid over those off it; NaN where not measured.
        softness: `(frames,)`, 0 (every edge is sharp) to 1 (blurring it again changes nothing); NaN where not measured.
        bars: `(frames, 4)`, dark flat margin at top, bottom, left, right, in shares; NaN where not measured.
        samples: At most 16 frames spread over all of them, the first among them.
    """

    width: int
    height: int
    histogram: Array
    thumbs: Array
    sharpness: Array
    roughness: Array
    change: Array
    change_peak: Array
    motion: Array
    tracked: Array
    crossing: Array
    speed: Array
    residual: Array
    grain: Array
    blocking: Array
    softness: Array
    bars: Array
    samples: Sequence[Sample]

    @property
    def frames(self) -> int:
        """How many frames were seen."""
        return len(self.change)

    @property
    def luma(self) -> Array:
        """Mean luma of each frame, `(frames,)`."""
        return self.histogram @ np.arange(256, dtype=np.float32)

    def share_below(self, level: int) -> Array:
        """Return the share of pixels at or below a luma, `(frames,)`."""
        return np.asarray(self.histogram[:, : level + 1].sum(1))

    def share_above(self, level: int) -> Array:
        """Return the share of pixels at or above a luma, `(frames,)`."""
        return np.asarray(self.histogram[:, level:].sum(1))


class Meter:
    """Takes frames one by one, and keeps of each what `Measures` holds and what the next one needs."""

    def __init__(self) -> None:
        import cv2

        self._cv: Any = cv2  # its stubs lack the optical flow
        self._flow = self._cv.DISOpticalFlow_create(self._cv.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._rows: list[tuple[float, ...]] = []
        self._histograms: list[Array] = []
        self._thumbs: list[Array] = []
        self._before: Array | None = None  # luma of the last frame, at the analysis size
        self._small: Array | None = None
        self._samples: list[Sample] = []
        self._sample_every = 1
        self._basis: tuple[Array, Array] | None = None
        self.width = self.height = 0

    def see_rgb(self, frame: Array) -> None:
        """Measure a frame from memory, `(height, width, 3) uint8 RGB`."""
        cv = self._cv
        height, width = frame.shape[:2]
        step = _step(width, height)
        small = frame if step == 1 else _shrink(cv, frame, width // step, height // step)
        luma = cv.cvtColor(small, cv.COLOR_RGB2GRAY)
        thumb = _grid(cv, small)
        self._keep(lambda: small.copy() if small is frame else small)
        self._see(luma, thumb, lambda: cv.cvtColor(frame, cv.COLOR_RGB2GRAY), width, height)

    def see_yuv(self, planes: tuple[Array, Array, Array], *, full_range: bool, bt601: bool) -> None:
        """Measure a decoded 8-bit 4:2:0 frame from its three planes, `(height, width)` and twice half of it."""
        cv = self._cv
        height, width = planes[0].shape
        step = _step(width, height)
        luma = planes[0] if step == 1 else _shrink(cv, planes[0], width // step, height // step)

        def on_full_range(plane: Array) -> Array:
            # Source: ITU-R BT.601 and BT.709: luma codes 16 to 235 are black to white.
            return plane if full_range else cv.convertScaleAbs(cv.subtract(plane, 16.0), alpha=255 / 219)

        def as_rgb(y: Array, u: Array, v: Array) -> Array:
            return _rgb_of_yuv(y, u, v, full_range=full_range, bt601=bt601)

        def kept() -> Callable[[], Array]:
            # The planes belong to the decoder: what is kept of them is small, and turned into RGB only if it is looked
            # at.
            own = luma.copy()
            u, v = (cv.resize(plane, own.shape[::-1], interpolation=cv.INTER_AREA) for plane in planes[1:])
            return lambda: as_rgb(own, u, v)

        self._keep(kept)
        thumb = as_rgb(*(_grid(cv, plane) for plane in (luma, *planes[1:])))
        self._see(np.ascontiguousarray(on_full_range(luma)), thumb, lambda: on_full_range(planes[0]), width, height)

    def _keep(self, picture: "Callable[[], Array | Callable[[], Array]]") -> None:
        """Keep every frame, then every other one, and so on: a few, spread over a stream of any length."""
        index = len(self._rows)
        if index % self._sample_every:
            return
        self._samples.append(Sample(index, picture()))
        if len(self._samples) > SAMPLES:
            self._samples = self._samples[::2]
            self._sample_every *= 2

    def _see(self, luma: Array, thumb: Array, full: "Callable[[], Array]", width: int, height: int) -> None:
        cv = self._cv
        index = len(self._rows)
        if index == 0:
            self.width, self.height = width, height
        counts = cv.calcHist([luma], [0], None, [256], [0, 256]).ravel()
        edges = cv.Laplacian(luma, cv.CV_16S)
        # A Laplacian sums to nothing over the picture, so its root mean square is its standard deviation.
        sharpness = float(cv.norm(edges, cv.NORM_L2)) / luma.size**0.5
        # Four times over, so that the mean of 8-bit values keeps two bits below one.
        blocks = _grid(cv, cv.convertScaleAbs(edges, alpha=4))
        roughness = _middle(blocks, 0.1) / 4
        textured = blocks >= 4 * TEXTURE
        tracked = float((textured.reshape(3, 6, 4, 8).sum((1, 3)) >= 2).mean())
        change = peak = crossing = speed = residual = grain = 0.0
        motion = (0.0, 0.0, 0.0, 0.0)
        small = _flow_size(cv, luma)
        if self._before is not None and self._small is not None:
            difference = cv.absdiff(luma, self._before)
            change = float(cv.mean(difference)[0])
            fine = cv.convertScaleAbs(difference, alpha=8)
            changes = _grid(cv, fine)
            peak = float(changes.max()) / 8
            if peak >= 0.5:  # nothing moves where nothing changes
                motion, crossing, speed, residual, grain = self._move(self._small, small)
                # Things that move before a still ground drag the fit along; where most edges stand, the camera stands.
                if textured.any() and (changes[textured] < 8 * UNCHANGED).mean() >= STANDING:
                    motion = (0.0, 0.0, 0.0, 0.0)
        blocking = softness = np.nan
        bars = (np.nan,) * 4
        if index % COSTLY_EVERY == 0:
            whole = full()
            blocking, softness, bars = _blocking(cv, whole), _softness(cv, luma), _bars(luma)
        self._histograms.append(counts / np.float32(luma.size))
        self._thumbs.append(thumb)
        self._rows.append(
            (
                sharpness,
                roughness,
                change,
                peak,
                *motion,
                tracked,
                crossing,
                speed,
                residual,
                grain,
                blocking,
                softness,
                *bars,
            )
        )
        self._before = luma
        self._small = small

    def _move(self, before: Array, now: Array) -> tuple[tuple[float, float, float, float], float, float, float, float]:
        """Fit the global motion (a similarity) to the flow, robustly, and measure what it does not explain."""
        cv = self._cv
        height, width = now.shape
        flow = self._flow.calc(before, now, None)
        if self._basis is None or self._basis[0].shape[:2] != (height, width):
            down, right = np.mgrid[0:height, 0:width].astype(np.float32)
            places = np.stack([right, down], -1)
            self._basis = (places, _as_complex(places) - complex(width / 2, height / 2))
        places, where = self._basis
        sampled = _as_complex(flow)
        shift, turn = _similarity(where, sampled)
        # The flow points from the frame before to this one, so this frame is looked up where the flow leads.
        moved = cv.remap(now, places + flow, None, cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)
        left = cv.absdiff(moved, before)
        residual = float(cv.mean(left)[0])
        grain = _middle(_grid(cv, cv.convertScaleAbs(left, alpha=8)), 0.1) / 8
        speed = float(np.abs(sampled).mean()) / width
        own = (sampled - (shift + turn * where)).real
        crossing = float(own[np.abs(own) > 0.5].sum()) / own.size / width
        return (shift.real / width, shift.imag / height, turn.real, turn.imag), crossing, speed, residual, grain

    def measures(self) -> Measures:
        """Return what was measured so far."""
        rows = np.array(self._rows, np.float32).reshape(-1, 19)
        names = ("sharpness", "roughness", "change", "change_peak")
        return Measures(
            width=self.width,
            height=self.height,
            histogram=np.array(self._histograms, np.float32).reshape(-1, 256),
            thumbs=np.array(self._thumbs, np.uint8).reshape(-1, *THUMB, 3),
            **{name: rows[:, i] for i, name in enumerate(names)},
            motion=rows[:, 4:8],
            tracked=rows[:, 8],
            crossing=rows[:, 9],
            speed=rows[:, 10],
            residual=rows[:, 11],
            grain=rows[:, 12],
            blocking=rows[:, 13],
            softness=rows[:, 14],
            bars=rows[:, 15:19],
            samples=list(self._samples),
        )


def luma_of(rgb: Array) -> Array:
    """Weigh RGB to luma, `(...,) float32`.

    Source: ITU-R BT.601-7, as OpenCV's conversion of frames from memory.
    """
    return np.asarray(rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))


def _step(width: int, height: int) -> int:
    return max(1, round(max(width, height) / ANALYSIS_SIDE))


def _shrink(cv: Any, picture: Array, width: int, height: int) -> Array:
    # A whole-number ratio takes OpenCV's fast area path, so the odd pixels at the edge are left out.
    step = min(picture.shape[1] // width, picture.shape[0] // height)
    return np.asarray(cv.resize(picture[: height * step, : width * step], (width, height), interpolation=cv.INTER_AREA))


def _grid(cv: Any, picture: Array) -> Array:
    """Average a picture over the cells of the grid, without the edge that fills no cell: that way is much faster."""
    height, width = picture.shape[:2]
    rows, columns = height // THUMB[0], width // THUMB[1]
    if not rows or not columns:
        return np.asarray(cv.resize(picture, THUMB[::-1], interpolation=cv.INTER_AREA))
    top, left = (height - rows * THUMB[0]) // 2, (width - columns * THUMB[1]) // 2
    middle = picture[top : top + rows * THUMB[0], left : left + columns * THUMB[1]]
    return np.asarray(cv.resize(middle, THUMB[::-1], interpolation=cv.INTER_AREA))


def _flow_size(cv: Any, luma: Array) -> Array:
    height, width = luma.shape
    if max(height, width) < ANALYSIS_SIDE // 2:  # the flow needs some pixels to work on
        factor = max(1, -(-64 // min(height, width)))
        return luma if factor == 1 else np.asarray(cv.resize(luma, (width * factor, height * factor)))
    return np.asarray(cv.resize(luma, (max(16, width // 2), max(16, height // 2)), interpolation=cv.INTER_AREA))


def _middle(values: Array, share: float = 0.5) -> float:
    """Return the value that this share of them is below: a percentile without numpy's sorting and interpolation."""
    at = int(values.size * share)
    return float(np.partition(values, at, axis=None)[at])


def _as_complex(field: Array) -> Array:
    """Read a field of vectors at every eighth pixel as complex numbers, right + down * i, in one row."""
    return np.ascontiguousarray(field[GRID // 2 :: GRID, GRID // 2 :: GRID]).view(np.complex64).ravel()


def _similarity(where: Array, flow: Array) -> tuple[complex, complex]:
    """Fit `flow = shift + turn * where` by least squares, twice reweighted so that moving things count less.

    Args:
        where: Places about the centre, `(points,) complex64`.
        flow: How each moves, in pixels, `(points,) complex64`.

    Returns:
        The shift in pixels, and the growth (real) with the turn (imaginary).
    """
    weight: Array = np.ones(len(flow), np.float32)
    shift = turn = 0j
    for _ in range(3):
        total = float(weight.sum())
        middle, mean = complex(weight @ where) / total, complex(weight @ flow) / total
        place, moved = where - middle, flow - mean
        weighted = weight * place.conj()
        spread = complex(weighted @ place).real
        turn = complex(weighted @ moved) / spread if spread else 0j
        shift = mean - turn * middle
        off = np.abs(moved - turn * place)
        # Source: Cauchy weights of M-estimation (P. J. Huber, Robust Statistics, 1981), scaled by the median deviation.
        scale = 2.385 * 1.4826 * _middle(off) + 0.05
        weight = 1 / (1 + np.square(off / scale))
    return shift, turn


def _rgb_of_yuv(y: Array, u: Array, v: Array, *, full_range: bool, bt601: bool) -> Array:
    """Turn three planes of one size into `(rows, columns, 3) uint8 RGB`."""
    matrix, offset = _yuv_matrix(full_range, bt601)
    rgb = np.clip(matrix @ np.stack([y, u, v]).reshape(3, -1).astype(np.float32) + offset, 0, 255)
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


def _blocking(cv: Any, luma: Array) -> float:
    """Measure how much greater luma steps are across the borders of 8x8 blocks than inside them.

    Source: the block-edge impairment ratio of H. R. Wu and M. Yuen, "A generalized block-edge impairment metric for
        video
    coding" (1997), in its unweighted form; both directions, and the smaller counts, so that a drawn edge does not.
    """
    excess = []
    for picture in (luma, cv.transpose(luma)):
        steps = cv.reduce(cv.absdiff(picture[:, 1:], picture[:, :-1]), 0, cv.REDUCE_AVG, dtype=cv.CV_32F).ravel()
        if len(steps) < 24:
            return float("nan")
        on, off = _middle(steps[7::8]), _middle(np.concatenate([steps[3::8], steps[2::8], steps[4::8]]))
        excess.append((on - off) / (off + 0.25))
    return min(excess)


def _softness(cv: Any, luma: Array) -> float:
    """Measure how little a strong blur changes the steps between neighbouring pixels: 1 is soft.

    Two neighbours of a picture blurred by a box of 9 differ by a ninth of what the pixels at its two ends differ by, so
    nothing need be blurred.

    Source: F. Crete et al., "The blur effect: perception and estimation with a new no-reference perceptual blur metric"
        (2007),
    here with a 9-pixel box in both directions and the smaller of the two.
    """
    soft = []
    for picture in (luma, cv.transpose(luma)):
        if picture.shape[1] < 11:
            return float("nan")
        steps = cv.absdiff(picture[:, 5:-4], picture[:, 4:-5])
        far = cv.absdiff(picture[:, 9:], picture[:, :-9])
        left = cv.addWeighted(steps, 9, far, -1, 0, dtype=cv.CV_16U)  # saturates at 0, as the measure asks
        total = 9 * float(cv.sumElems(steps)[0])
        soft.append(1 - float(cv.sumElems(left)[0]) / total if total else 1.0)
    return min(soft)


def _bars(luma: Array) -> tuple[float, float, float, float]:
    """Measure the dark margins: rows or columns from the edge in which no pixel is above near-black."""
    margins: list[float] = []
    for direction in (1, 0):  # the greatest of each row, then of each column
        brightest = luma.max(direction)
        lit = np.flatnonzero(brightest > 24)
        if not len(lit):
            return (1.0, 1.0, 1.0, 1.0)
        margins += [lit[0] / len(brightest), (len(brightest) - 1 - lit[-1]) / len(brightest)]
    return (margins[0], margins[1], margins[2], margins[3])
