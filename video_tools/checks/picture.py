"""Frames that hold no picture, or lost part of it: black, one colour, garbage, clipped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Subject, runs
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.checks.measures import NOISY, Measures
from reelgraph.video_tools.film import Finding
from reelgraph.video_tools.wording import counted

# Words by which a picture of little contrast was asked for.
_FAINT = re.compile(r"\b(fog|foggy|mist|misty|haze|hazy|smoke|blizzard|snowstorm|whiteout|faint|blank|plain)\b", re.I)


@dataclass(frozen=True)
class Black(Check):
    """Frames in which almost every pixel is black, where black was not asked for.

    Attributes:
        share: Share of dark pixels from which a frame is black. Source: ffmpeg blackdetect, `picture_black_ratio_th`
            0.98.
        luma: Greatest luma of a dark pixel. Source: ffmpeg blackdetect, `pixel_black_th` 0.10 of the range, 25 of 255.
        mean: Greatest mean luma, so that a night with stars or a lantern is not black.
    """

    share: float = 0.98
    luma: int = 25
    mean: float = 14.0
    name: ClassVar[str] = "black"

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each stretch of black frames."""
        measures = subject.measures
        dark = measures.share_below(self.luma)
        black = (dark >= self.share) & (measures.luma <= self.mean) & ~subject.intent.dark
        for first, last in runs(black):
            words = f"black for {counted(last - first + 1, 'frame')}"
            yield self.failed(
                words, dark[first : last + 1].max(), self.share, frames=(first, last), unit="share of pixels"
            )
        if not black.any():
            yield self.passed(np.where(subject.intent.dark, 0, dark).max(), self.share, unit="share of pixels")


@dataclass(frozen=True)
class Blank(Check):
    """Frames of one colour that is not black, or a clip with next to nothing to see: a model that gave nothing.

    Attributes:
        spread: Least difference between the 1st and the 99th percentile of luma; two codes are below what a display of
            8 bits shows as a shape. Source: the just noticeable step of ITU-R BT.1886 at 8 bits is about one code.
        faint: Least such difference of most frames, or of a colour over the grid. Source: our clips; the faintest clean
            one has 79, and what a network with random weights makes has about 30.
    """

    spread: float = 3.0
    faint: float = 32.0
    name: ClassVar[str] = "blank"

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each stretch of frames of one colour; else the clip, if hardly anything can be seen in it."""
        measures, intent = subject.measures, subject.intent
        spread = _percentile(measures.histogram, 0.995) - _percentile(measures.histogram, 0.005)
        grid = np.ascontiguousarray(measures.thumbs.reshape(measures.frames, -1, 3).transpose(0, 2, 1))
        colours = (grid.max(2) - grid.min(2)).max(1).astype(np.int16)
        blank = (spread <= self.spread) & (colours <= 2 * self.spread) & (measures.luma > Black.mean)
        blank &= ~(intent.bright | intent.dark)
        for first, last in runs(blank):
            words = f"nothing but one colour for {counted(last - first + 1, 'frame')}"
            yield self.failed(words, spread[first : last + 1].min(), self.spread, frames=(first, last), unit="luma")
        if blank.any():
            return
        seen = ~(intent.bright | intent.dark | intent.drawn)
        contrast = float(np.median(np.maximum(spread, colours)[seen])) if seen.any() else 255.0
        asked = " ".join(filter(None, [getattr(subject.request, "prompt", ""), getattr(subject.shot, "prompt", "")]))
        if contrast <= self.faint and not _FAINT.search(asked):
            whole = (0, measures.frames - 1)
            yield self.failed("next to nothing can be seen", contrast, self.faint, frames=whole, unit="codes")
        else:
            yield self.passed(spread.min(), self.spread, unit="luma")


@dataclass(frozen=True)
class Garbage(Check):
    """Frames of noise: no part of them is smooth, and neighbouring frames have nothing in common.

    Attributes:
        roughness: Least mean absolute Laplacian of the flattest tenth of the picture. White noise of deviation s gives
            about 3.6 s (the kernel's norm is the square root of 20, times the mean of a half-normal); footage stays
            below 12 in our clips, grain included.
        renewal: Greatest lower quartile of how what differs correlates with what differed from the frame before
            (`Measures.renewal`), where anything moves. Source: our clips; noise has -0.22 and less, a canvas that a
            camera moves over about -0.1.
    """

    roughness: float = 40.0
    renewal: float = -0.15
    name: ClassVar[str] = "garbage"

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each stretch of noise."""
        measures, rough = subject.measures, subject.measures.roughness
        bad = rough >= self.roughness
        for first, last in runs(bad):
            after = slice(first + 1, last + 2)  # what is new in the first frame, nothing before it tells
            moves = (measures.grain[after] >= NOISY).any()
            if moves and np.percentile(measures.renewal[after], 25) > self.renewal:
                bad[first : last + 1] = False
                continue
            words = f"noise instead of a picture for {counted(last - first + 1, 'frame')}"
            yield self.failed(words, rough[first : last + 1].max(), self.roughness, frames=(first, last), unit="luma")
        if not bad.any():
            yield self.passed(rough.max(), self.roughness, unit="luma")


@dataclass(frozen=True)
class Clipped(Check):
    """Lights or shadows lost: many pixels lie at the end of the range, and the values just inside it are crowded too.

    A drawn white sky lies at the end of the range as well, but nothing lies just inside it; light that was cut off
    leaves both.

    Attributes:
        share: Share of pixels at white from which it is a fault. Source: one fifth of the picture is the
            largest share at which cameras' "zebra" guides still call highlights acceptable for a specular background.
        black: The same at black, which low-key footage has more of.
        shoulder: Least share, of the pixels at the end, that lies in the next 20 codes.
    """

    share: float = 0.2
    black: float = 0.3
    shoulder: float = 0.12
    name: ClassVar[str] = "clipped"
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each stretch of blown or crushed frames."""
        measures, intent = subject.measures, subject.intent
        white, black = measures.share_above(254), _without_bars(measures.share_below(1), measures)
        near_white = measures.histogram[:, 234:254].sum(1) / np.maximum(white, 1e-6)
        near_black = measures.histogram[:, 2:22].sum(1) / np.maximum(black, 1e-6)
        excused = intent.drawn
        blown = (white >= self.share) & (near_white >= self.shoulder) & ~intent.bright & ~excused
        crushed = (black >= self.black) & (near_black >= self.shoulder) & ~intent.dark & ~excused
        crushed &= (measures.share_below(Black.luma) < Black.share) | (measures.luma > Black.mean)
        for bad, values, limit, words in (
            (blown, white, self.share, "blown-out light"),
            (crushed, black, self.black, "crushed shadows"),
        ):
            for first, last in runs(bad):
                most = float(values[first : last + 1].max())
                message = f"{words} over {most:.0%} of the picture"
                yield self.failed(message, most, limit, frames=(first, last), unit="share of pixels")
        if not (blown | crushed).any():
            yield self.passed(np.maximum(white, black).max(), self.share, unit="share of pixels")


def faded(measures: Measures, frames: int = 4) -> Array:
    """Mark dark stretches that light fades into or out of over at least so many frames, `(frames,) bool`."""
    wanted = np.zeros(measures.frames, bool)
    luma = measures.luma
    for first, last in runs(luma <= 2 * Black.mean):
        into, out = luma[max(0, first - frames - 1) : first], luma[last + 1 : last + 2 + frames]
        sinks = first == 0 or (len(into) > frames and bool((np.diff(into) < -0.5).all()))
        rises = last == len(luma) - 1 or (len(out) > frames and bool((np.diff(out) > 0.5).all()))
        if (sinks or rises) and last - first + 1 < len(luma):
            wanted[first : last + 1] = True
    return wanted


def _without_bars(black: Array, measures: Measures) -> Array:
    """Return the share of the picture between its bars that is black; bars are another fault."""
    bars = measures.bars[~np.isnan(measures.bars[:, 0])]
    if not len(bars):
        return black
    top, bottom, left, right = np.median(bars, 0)
    picture = max(0.1, (1 - top - bottom) * (1 - left - right))
    return np.asarray(np.clip((black - (1 - picture)) / picture, 0, 1))


def _percentile(histogram: Array, share: float) -> Array:
    return np.asarray((np.cumsum(histogram, 1) < share).sum(1))
