"""What every check measures with: arrays of one row a frame, made in one pass (`meter.py`).

Checks are functions of these arrays; none decodes or touches a frame itself, so any number of them costs one pass. Luma
is on the full range, 0 to 255, whether the frames come from memory (RGB) or from a file (its Y plane).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reelgraph.video_tools.checks.looks import Array

SAMPLES = 16  # frames kept for checks that need pictures
MOVES = 0.5  # codes by which some block changes where anything moves
NOISY = 2.0  # codes of grain from which on it is looked at whether it is new in every frame


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
