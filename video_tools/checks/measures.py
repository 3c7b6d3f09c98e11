"""One pass over frames: what every check measures with, computed once at the analysis size.

Checks are functions of the arrays in `Measures`; no check decodes or touches a frame itself, so any number of them
costs one pass. Luma is on the full range, 0 to 255, whether the frames come from memory (RGB) or from a file (its Y
plane).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reelgraph.video_tools.checks import looks
from reelgraph.video_tools.checks.flow import as_complex, flow_size, similarity
from reelgraph.video_tools.checks.looks import THUMB, Array

SAMPLES = 16  # frames kept for checks that need pictures
STANDING = (
    0.7  # share of the blocks with edges that must stand for the camera to stand; lettering stands before any move
)
DARKEST = 10  # codes from the end of the range within which noise is not looked for, where there is enough else
TEXTURE, UNCHANGED = 1.5, 0.75  # mean Laplacian of a block with edges; greatest mean change of a block that stands
EVERY = 4  # softness and bars are measured of every fourth frame: these faults last
MOVES = 0.5  # codes by which some block changes where anything moves
NOISY = 2.0  # codes of grain from which on it is looked at whether it is new in every frame
WHOLE_EVERY = 8  # and what is measured at full size (blocking, bands) of every eighth


@dataclass(frozen=True)
class Sample:
    """A frame kept to be looked at.

    Attributes:
        frame: Its number.
        source: The picture, or what makes it when somebody looks.
        luma: Its luma on the full range, `(height, width) uint8`, at the analysis size.
    """

    frame: int
    source: "Array | Callable[[], Array]"
    luma: Array

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
        grain: `(frames,)`, the same in the tenth of the blocks where it is least, but for black and white ones: what is
            new everywhere is noise.
        renewal: `(frames,)`, where there is as much of that as noise leaves: from -1 to 1, whether those blocks differ
            from the frame before as that did from its own. Noise that is gone is taken back: down to -0.5. Fine texture
            that flow does not follow exactly is missed in the same direction again: above 0.
        blocking: `(frames,)`, excess of luma steps on the 8-pixel grid over those inside it; NaN where not measured.
        softness: `(frames,)`, 0 (every edge is sharp) to 1 (blurring it again changes nothing); NaN where not measured.
        bands: `(frames,)`, 0 (shades are whole) to 1 (a step is a band's or none at all); NaN where not measured.
        bars: `(frames, 4)`, dark flat margin at top, bottom, left, right, in shares; NaN where not measured.
        bar_edges: `(frames, 4)`, how much of the picture's first line after each margin is lighter than it, in shares.
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
    renewal: Array
    blocking: Array
    softness: Array
    bands: Array
    bars: Array
    bar_edges: Array
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


def sampled_every(frames: int) -> int:
    """Return how far apart the samples of so many frames are."""
    every = 1
    while -(-frames // every) > SAMPLES:
        every *= 2
    return every


class Meter:
    """Takes frames one by one, and keeps of each what `Measures` holds and what the next one needs.

    Args:
        first: The number of the first frame that it will be given.
        every: How far apart samples are, where the number of all frames is known.
    """

    def __init__(self, *, first: int = 0, every: int = 1) -> None:
        import cv2

        self._cv: Any = cv2  # its stubs lack the optical flow
        self._flow = self._cv.DISOpticalFlow_create(self._cv.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._rows: list[tuple[float, ...]] = []
        self._histograms: list[Array] = []
        self._thumbs: list[Array] = []
        self._before: Array | None = None  # luma of the last frame, at the analysis size
        self._small: Array | None = None
        # What motion left of the last pair of frames: this one as it was predicted, the one before, and the flow.
        self._left: tuple[Array, Array, Array] | None = None
        self._samples: list[Sample] = []
        self._first = first
        self._sample_every = every
        self._basis: tuple[Array, Array] | None = None
        self.width = self.height = 0

    def see_rgb(self, frame: Array) -> None:
        """Measure a frame from memory, `(height, width, 3) uint8 RGB`."""
        cv = self._cv
        height, width = frame.shape[:2]
        step = looks.step(width, height)
        small = frame if step == 1 else looks.shrink(cv, frame, width // step, height // step)
        luma = cv.cvtColor(small, cv.COLOR_RGB2GRAY)
        thumb = looks.grid(cv, small)
        self._keep(lambda: small.copy() if small is frame else small, luma)
        self._see(luma, thumb, lambda: cv.cvtColor(frame, cv.COLOR_RGB2GRAY), lambda part: part, width, height)

    def see_yuv(self, planes: tuple[Array, Array, Array], *, full_range: bool, bt601: bool) -> None:
        """Measure a decoded 8-bit 4:2:0 frame from its three planes, `(height, width)` and twice half of it."""
        cv = self._cv
        height, width = planes[0].shape
        step = looks.step(width, height)
        luma = planes[0] if step == 1 else looks.shrink(cv, planes[0], width // step, height // step)

        def on_full_range(plane: Array) -> Array:
            # Source: ITU-R BT.601 and BT.709: luma codes 16 to 235 are black to white.
            scale = 255 / 219
            return plane if full_range else cv.convertScaleAbs(cv.max(plane, 16), alpha=scale, beta=-16 * scale)

        def as_rgb(y: Array, u: Array, v: Array) -> Array:
            return looks.rgb_of_yuv(y, u, v, full_range=full_range, bt601=bt601)

        def kept() -> Callable[[], Array]:
            # The planes belong to the decoder: what is kept of them is small, and turned into RGB only if it is looked
            # at.
            own = luma.copy()
            u, v = (cv.resize(plane, own.shape[::-1], interpolation=cv.INTER_AREA) for plane in planes[1:])
            return lambda: as_rgb(own, u, v)

        grey = luma.copy() if full_range else on_full_range(luma)
        self._keep(kept, grey)
        thumb = as_rgb(*(looks.grid(cv, plane) for plane in (luma, *planes[1:])))
        self._see(grey, thumb, lambda: planes[0], on_full_range, width, height)

    def _keep(self, picture: "Callable[[], Array | Callable[[], Array]]", luma: Array) -> None:
        """Keep every frame, then every other one, and so on: a few, spread over a stream of any length."""
        index = self._first + len(self._rows)
        if index % self._sample_every:
            return
        self._samples.append(Sample(index, picture(), luma))
        if len(self._samples) > SAMPLES:
            self._samples = self._samples[::2]
            self._sample_every *= 2

    def _see(
        self,
        luma: Array,
        thumb: Array,
        whole: "Callable[[], Array]",
        on_full_range: "Callable[[Array], Array]",
        width: int,
        height: int,
    ) -> None:
        cv = self._cv
        index = self._first + len(self._rows)
        if not self._rows:
            self.width, self.height = width, height
        counts = cv.calcHist([luma], [0], None, [256], [0, 256]).ravel()
        edges = cv.Laplacian(luma, cv.CV_16S)
        # A Laplacian sums to nothing over the picture, so its root mean square is its standard deviation.
        sharpness = float(cv.norm(edges, cv.NORM_L2)) / luma.size**0.5
        # Four times over, so that the mean of 8-bit values keeps two bits below one.
        blocks = looks.grid(cv, cv.convertScaleAbs(edges, alpha=4))
        roughness = looks.middle(blocks, 0.1) / 4
        textured = blocks >= 4 * TEXTURE
        tracked = np.count_nonzero(textured.reshape(3, 6, 4, 8).sum((1, 3)) >= 2) / 12
        change = peak = 0.0
        motion: tuple[float, ...] = (0.0,) * 4
        rest: tuple[float, ...] = (0.0,) * 5
        small = flow_size(cv, luma)
        last, self._left = self._left, None
        if self._before is not None and self._small is not None:
            difference = cv.absdiff(luma, self._before)
            change = float(cv.mean(difference)[0])
            fine = cv.convertScaleAbs(difference, alpha=8)
            changes = looks.grid(cv, fine)
            peak = float(changes.max()) / 8
            if peak >= MOVES:
                motion, rest = self._move(self._small, small, thumb[..., 1], last)
                # Things that move before a still ground drag the fit along; where most edges stand, the camera stands.
                standing = np.count_nonzero(textured & (changes < 8 * UNCHANGED))
                if standing and standing >= STANDING * np.count_nonzero(textured):
                    motion = (0.0,) * 4
        blocking = softness = bands = np.nan
        bars: tuple[float, ...] = (np.nan,) * 8
        if index % EVERY == 0:
            softness, bars = looks.softness(cv, luma), looks.bars(luma)
        if index % WHOLE_EVERY == 0:
            plane = whole()
            blocking = looks.blocking(cv, on_full_range(plane[looks.inner(height, width)]))
            columns = cv.resize(plane, (-(-width // 4), height), interpolation=cv.INTER_NEAREST)  # every fourth
            bands = looks.bands(cv, on_full_range(plane[::4]), on_full_range(columns))
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
                *rest,
                blocking,
                softness,
                bands,
                *bars,
            )
        )
        self._before = luma
        self._small = small

    def _move(
        self, before: Array, now: Array, green: Array, last: tuple[Array, Array, Array] | None
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Fit the global motion (a similarity) to the flow, robustly, and measure what it does not explain.

        Returns:
            The motion; and crossing, speed, residual, grain and renewal.
        """
        cv = self._cv
        height, width = now.shape
        flow = self._flow.calc(before, now, None)
        if self._basis is None or self._basis[0].shape[:2] != (height, width):
            down, right = np.mgrid[0:height, 0:width].astype(np.float32)
            places = np.stack([right, down], -1)
            self._basis = (places, as_complex(places) - complex(width / 2, height / 2))
        places, where = self._basis
        sampled = as_complex(flow)
        shift, turn = similarity(where, sampled)
        # The flow points from the frame before to this one, so this frame is looked up where the flow leads.
        moved = cv.remap(now, places + flow, None, cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)
        left = cv.absdiff(moved, before)
        residual = float(cv.mean(left)[0])
        new = looks.grid(cv, cv.convertScaleAbs(left, alpha=8))
        shown = (green >= DARKEST) & (green <= 255 - DARKEST)  # at the ends of the range half of the noise is cut off
        if np.count_nonzero(shown) < 0.25 * shown.size:
            shown[:] = True
        calmest = looks.middle(new[shown], 0.1)
        grain, self._left = calmest / 8, (moved, before, flow)
        renewal = 0.0
        if last is not None and grain >= NOISY:
            renewal = self._renewal(places, last, self._left, shown & (new <= calmest))
        speed = float(np.abs(sampled).sum()) / sampled.size / width
        own = (sampled - (shift + turn * where)).real
        crossing = float(own[np.abs(own) > 0.5].sum()) / own.size / width
        motion = (shift.real / width, shift.imag / height, turn.real, turn.imag)
        return motion, (crossing, speed, residual, grain, renewal)

    def _renewal(
        self, places: Array, last: tuple[Array, Array, Array], this: tuple[Array, Array, Array], blocks: Array
    ) -> float:
        """Correlate what motion left of the last pair of frames, carried along by it, with what it left of this one."""
        cv = self._cv
        then, now = (cv.subtract(moved, before, dtype=cv.CV_16S) for moved, before, _ in (last, this))
        then = cv.remap(then, places - last[2], None, cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)
        together, own, others = (
            float(looks.grid(cv, cv.multiply(a, b, dtype=cv.CV_32F))[blocks].sum())
            for a, b in ((then, now), (then, then), (now, now))
        )
        return together / (own * others) ** 0.5 if own and others else 0.0

    def measures(self) -> Measures:
        """Return what was measured so far."""
        rows = np.array(self._rows, np.float32).reshape(-1, 25)
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
            renewal=rows[:, 13],
            blocking=rows[:, 14],
            softness=rows[:, 15],
            bands=rows[:, 16],
            bars=rows[:, 17:21],
            bar_edges=rows[:, 21:25],
            samples=list(self._samples),
        )
