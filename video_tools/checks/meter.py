"""One pass over frames, at the analysis size: they come one by one, and each is measured against the one before."""

from collections.abc import Callable
from typing import Any

import numpy as np

from reelgraph.video_tools.checks import looks
from reelgraph.video_tools.checks.flow import as_complex, flow_size, similarity
from reelgraph.video_tools.checks.looks import THUMB, Array
from reelgraph.video_tools.checks.measures import MOVES, NOISY, SAMPLES, Measures, Sample

# Share of the blocks with edges that must stand for the camera to stand; lettering stands before any move.
STANDING = 0.7
DARKEST = 10  # codes from the end of the range within which noise is not looked for, where there is enough else
TEXTURE, UNCHANGED = 1.5, 0.75  # mean Laplacian of a block with edges; greatest mean change of a block that stands
EVERY = 4  # softness and bars are measured of every fourth frame: these faults last
WHOLE_EVERY = 8  # and what is measured at full size (blocking, bands) of every eighth
AT_ONCE = 64  # frames whose small arrays are summed up together: numpy takes about as long over those of one

_SEEN = ("sharpness", "change", "change_peak", "residual", "grain", "renewal", "blocking", "softness", "bands")
_SUMMED = ("roughness", "tracked", "crossing", "speed")


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
        self._small: Array  # and at that of the flow
        self._places: Array  # of each pixel there, `(height, width, 2)`
        self._looked_up: Array  # and where it is looked up
        self._where: Array  # the places about the centre that flow is read at, in one row
        self._still: tuple[Array, Array]  # changes and flow where nothing moves
        # What motion left of the last pair of frames: this one as it was predicted, the one before, and the flow.
        self._left: tuple[Array, Array, Array] | None = None
        self._waiting: list[tuple[Array, Array, Array]] = []  # edges, changes and flow of frames not yet summed up
        self._summed: list[Array] = []
        self._samples: list[Sample] = []
        self._first = first
        self._sample_every = every
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
        small = flow_size(cv, luma)
        if not self._rows:
            self.width, self.height = width, height
            down, right = np.mgrid[0 : small.shape[0], 0 : small.shape[1]].astype(np.float32)
            self._places = np.stack([right, down], -1)
            self._looked_up = np.empty_like(self._places)
            self._where = as_complex(self._places) - complex(small.shape[1] / 2, small.shape[0] / 2)
            self._still = np.zeros(THUMB, np.uint8), np.zeros_like(self._where)
        counts = cv.calcHist([luma], [0], None, [256], [0, 256]).ravel()
        edges = cv.Laplacian(luma, cv.CV_16S)
        # A Laplacian sums to nothing over the picture, so its root mean square is its standard deviation.
        sharpness = float(cv.norm(edges, cv.NORM_L2)) / luma.size**0.5
        # Four times over, so that the mean of 8-bit values keeps two bits below one.
        blocks = looks.grid(cv, cv.convertScaleAbs(edges, alpha=4))
        changes, flow = self._still
        change = peak = residual = grain = renewal = 0.0
        last, self._left = self._left, None
        if self._before is not None:
            difference = cv.absdiff(luma, self._before)
            change = float(cv.mean(difference)[0])
            changes = looks.grid(cv, cv.convertScaleAbs(difference, alpha=8))
            peak = float(changes.max()) / 8
            if peak >= MOVES:
                flow, (residual, grain, renewal) = self._compensate(self._small, small, thumb[..., 1], last)
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
        self._rows.append((sharpness, change, peak, residual, grain, renewal, blocking, softness, bands, *bars))
        self._waiting.append((blocks, changes, flow))
        if len(self._waiting) == AT_ONCE:
            self._sum_up()
        self._before = luma
        self._small = small

    def _compensate(
        self, before: Array, now: Array, green: Array, last: tuple[Array, Array, Array] | None
    ) -> tuple[Array, tuple[float, float, float]]:
        """Take the motion out of a pair of frames, and measure what is left.

        Returns:
            The flow where it is read; and residual, grain and renewal.
        """
        cv = self._cv
        flow = self._flow.calc(before, now, None)
        # The flow points from the frame before to this one, so this frame is looked up where the flow leads.
        np.add(self._places, flow, out=self._looked_up)
        moved = cv.remap(now, self._looked_up, None, cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)
        self._left = (moved, before, flow)
        left = cv.absdiff(moved, before)
        residual = float(cv.mean(left)[0])
        new = looks.grid(cv, cv.convertScaleAbs(left, alpha=8))
        shown = (green >= DARKEST) & (green <= 255 - DARKEST)  # at the ends of the range half of the noise is cut off
        if np.count_nonzero(shown) < 0.25 * shown.size:
            shown[:] = True
        calmest = looks.middle(new[shown], 0.1)
        grain, renewal = calmest / 8, 0.0
        if last is not None and grain >= NOISY:
            renewal = self._renewal(last, self._left, shown & (new <= calmest))
        return as_complex(flow), (residual, grain, renewal)

    def _renewal(self, last: tuple[Array, Array, Array], this: tuple[Array, Array, Array], blocks: Array) -> float:
        """Correlate what motion left of the last pair of frames, carried along by it, with what it left of this one."""
        cv = self._cv
        then, now = (cv.subtract(moved, before, dtype=cv.CV_16S) for moved, before, _ in (last, this))
        then = cv.remap(then, self._places - last[2], None, cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)
        together, own, others = (
            float(looks.grid(cv, cv.multiply(a, b, dtype=cv.CV_32F))[blocks].sum())
            for a, b in ((then, now), (then, then), (now, now))
        )
        return together / (own * others) ** 0.5 if own and others else 0.0

    def _sum_up(self) -> None:
        """Measure of the frames that wait what their grids and flows tell: roughness, tracked, crossing, speed, motion.

        The global motion is a similarity, fitted to the flow robustly.
        """
        if not self._waiting:
            return
        blocks, changes, flow = map(np.stack, zip(*self._waiting, strict=True))
        self._waiting = []
        height, width = self._places.shape[:2]
        textured = blocks >= 4 * TEXTURE
        cells = np.count_nonzero(textured.reshape(-1, 3, 6, 4, 8), axis=(2, 4))
        roughness = looks.middles(blocks.reshape(len(blocks), -1), 0.1) / 4
        shift, turn = similarity(self._where, flow)
        own = (flow - (shift + turn * self._where)).real
        crossing = np.where(np.abs(own) > 0.5, own, 0).mean(1) / width
        speed = np.abs(flow).mean(1) / width
        motion = np.concatenate([shift.real / width, shift.imag / height, turn.real, turn.imag], 1)
        # Things that move before a still ground drag the fit along; where most edges stand, the camera stands.
        standing = np.count_nonzero(textured & (changes < 8 * UNCHANGED), axis=(1, 2))
        motion[(standing > 0) & (standing >= STANDING * np.count_nonzero(textured, axis=(1, 2)))] = 0
        tracked = np.count_nonzero(cells >= 2, axis=(1, 2)) / 12
        self._summed.append(np.column_stack([roughness, tracked, crossing, speed, motion]))

    def measures(self) -> Measures:
        """Return what was measured so far."""
        self._sum_up()
        seen = np.array(self._rows, np.float32).reshape(-1, len(_SEEN) + 8)
        summed = np.concatenate([np.empty((0, len(_SUMMED) + 4)), *self._summed]).astype(np.float32)
        return Measures(
            width=self.width,
            height=self.height,
            histogram=np.array(self._histograms, np.float32).reshape(-1, 256),
            thumbs=np.array(self._thumbs, np.uint8).reshape(-1, *THUMB, 3),
            **{name: seen[:, i] for i, name in enumerate(_SEEN)},
            **{name: summed[:, i] for i, name in enumerate(_SUMMED)},
            motion=summed[:, len(_SUMMED) :],
            bars=seen[:, len(_SEEN) : len(_SEEN) + 4],
            bar_edges=seen[:, len(_SEEN) + 4 :],
            samples=list(self._samples),
        )
