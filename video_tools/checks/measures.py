"""One pass over frames: what every check measures with, computed once at the analysis size.

Checks are functions of the arrays in `Measures`; no check decodes or touches a frame itself, so any number of them
costs one pass. Luma is on the full range, 0 to 255, whether the frames come from memory (RGB) or from a file (its Y
plane).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
        self._basis: tuple[Array, Array, Array, Array] | None = None
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

        grids = [_grid(cv, plane) for plane in (luma, *planes[1:])]
        thumb = _rgb_of_yuv(*grids, full_range=full_range, bt601=bt601)

        def kept() -> Callable[[], Array]:
            # The planes belong to the decoder: what is kept of them is small, and turned into RGB only if it is looked
            # at.
            own = luma.copy()
            u, v = (cv.resize(plane, own.shape[::-1], interpolation=cv.INTER_AREA) for plane in planes[1:])
            return lambda: _rgb_of_yuv(own, u, v, full_range=full_range, bt601=bt601)

        self._keep(kept)
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
        sharpness = float(cv.meanStdDev(edges)[1][0, 0])
        # Four times over, so that the mean of 8-bit values keeps two bits below one.
        blocks = _grid(cv, cv.convertScaleAbs(edges, alpha=4))
        roughness = float(np.partition(blocks.ravel(), blocks.size // 10)[blocks.size // 10]) / 4
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
            blocking, softness, bars = _blocking(cv, whole), _softness(cv, luma), _bars(cv, luma)
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
        if self._basis is None or self._basis[0].size != flow[GRID // 2 :: GRID, GRID // 2 :: GRID, 0].size:
            y, x = np.mgrid[GRID // 2 : height : GRID, GRID // 2 : width : GRID].astype(np.float32)
            every = np.mgrid[0:height, 0:width].astype(np.float32)
            self._basis = (x.ravel() - width / 2, y.ravel() - height / 2, every[1], every[0])
        x, y, all_x, all_y = self._basis
        sampled = flow[GRID // 2 :: GRID, GRID // 2 :: GRID].reshape(-1, 2)
        fit = _similarity(x, y, sampled[:, 0], sampled[:, 1])
        # The flow points from the frame before to this one, so this frame is looked up where the flow leads.
        moved = cv.remap(
            now, all_x + flow[..., 0], all_y + flow[..., 1], cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE
        )
        left = cv.absdiff(moved, before)
        residual = float(cv.mean(left)[0])
        blocks = _grid(cv, cv.convertScaleAbs(left, alpha=8)).ravel()
        grain = float(np.partition(blocks, blocks.size // 10)[blocks.size // 10]) / 8
        speed = float(np.hypot(sampled[:, 0], sampled[:, 1]).mean()) / width
        own = sampled[:, 0] - (fit[0] + fit[2] * x - fit[3] * y)
        crossing = float(own[np.abs(own) > 0.5].sum()) / own.size / width
        return (fit[0] / width, fit[1] / height, fit[2], fit[3]), crossing, speed, residual, grain

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


def _similarity(x: Array, y: Array, u: Array, v: Array) -> tuple[float, float, float, float]:
    """Fit `u = a + g*x - r*y`, `v = b + g*y + r*x` by least squares, twice reweighted so that moving things count less.

    Returns:
        Shift right, shift down (pixels), growth and turn.
    """
    weight = np.ones_like(u)
    a = b = g = r = 0.0
    for _ in range(3):
        total = float(weight.sum())
        mx, my = float(weight @ x) / total, float(weight @ y) / total
        mu, mv = float(weight @ u) / total, float(weight @ v) / total
        cx, cy, cu, cv = x - mx, y - my, u - mu, v - mv
        spread = float(weight @ (cx * cx + cy * cy))
        g = float(weight @ (cx * cu + cy * cv)) / spread if spread else 0.0
        r = float(weight @ (cx * cv - cy * cu)) / spread if spread else 0.0
        a, b = mu - g * mx + r * my, mv - g * my - r * mx
        off = np.hypot(u - (a + g * x - r * y), v - (b + g * y + r * x))
        # Source: Cauchy weights of M-estimation (P. J. Huber, Robust Statistics, 1981), scaled by the median deviation.
        weight = 1 / (
            1 + np.square(off / (2.385 * 1.4826 * float(np.partition(off, off.size // 2)[off.size // 2]) + 0.05))
        )
    return a, b, g, r


def _rgb_of_yuv(y: Array, u: Array, v: Array, *, full_range: bool, bt601: bool) -> Array:
    """Turn three planes of one size into `(rows, columns, 3) uint8 RGB`.

    Source: ITU-R BT.601-7 and BT.709-6, luma coefficients Kr and Kb.
    """
    red, blue = (0.299, 0.114) if bt601 else (0.2126, 0.0722)
    luma = y.astype(np.float32) if full_range else (y.astype(np.float32) - 16) * (255 / 219)
    scale = 1.0 if full_range else 255 / 224
    cb, cr = (u.astype(np.float32) - 128) * scale, (v.astype(np.float32) - 128) * scale
    r, b = luma + 2 * (1 - red) * cr, luma + 2 * (1 - blue) * cb
    g = (luma - red * r - blue * b) / (1 - red - blue)
    return np.asarray(np.clip(np.stack([r, g, b], -1) + 0.5, 0, 255), np.uint8)


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
        on = steps[7::8]
        off = np.concatenate([steps[3::8], steps[2::8], steps[4::8]])
        excess.append(float(np.median(on) - np.median(off)) / (float(np.median(off)) + 0.25))
    return min(excess)


def _softness(cv: Any, luma: Array) -> float:
    """Measure how little a strong blur changes the steps between neighbouring pixels: 1 is soft.

    Source: F. Crete et al., "The blur effect: perception and estimation with a new no-reference perceptual blur metric"
        (2007),
    here with a 9-pixel box in both directions and the smaller of the two.
    """
    soft = []
    for picture in (luma, cv.transpose(luma)):
        steps = cv.absdiff(picture[:, 1:], picture[:, :-1])
        blurred = cv.blur(picture, (9, 1))
        left = cv.subtract(steps, cv.absdiff(blurred[:, 1:], blurred[:, :-1]))  # saturates at 0, as the measure asks
        total = float(cv.sumElems(steps)[0])
        soft.append(1 - float(cv.sumElems(left)[0]) / total if total else 1.0)
    return min(soft)


def _bars(cv: Any, luma: Array) -> tuple[float, float, float, float]:
    """Measure the dark margins: rows or columns from the edge in which no pixel is above near-black."""
    margins: list[float] = []
    for direction in (1, 0):  # the greatest of each row, then of each column
        brightest = cv.reduce(luma, direction, cv.REDUCE_MAX).ravel()
        lit = np.flatnonzero(brightest > 24)
        if not len(lit):
            return (1.0, 1.0, 1.0, 1.0)
        margins += [lit[0] / len(brightest), (len(brightest) - 1 - lit[-1]) / len(brightest)]
    return (margins[0], margins[1], margins[2], margins[3])
