"""Movement that stops, stumbles or leaps: frozen, stutter, jumps and unwanted cuts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Need, Subject, runs
from reelgraph.video_tools.checks.looks import Array, luma_of
from reelgraph.video_tools.checks.measures import Measures
from reelgraph.video_tools.film import Finding
from reelgraph.video_tools.wording import counted

MOTION: frozenset[Need] = frozenset({"frames", "motion"})


@dataclass(frozen=True)
class Frozen(Check):
    """Nothing changes for half a second or more, where something should.

    Attributes:
        seconds: Shortest stretch that counts. Source: ours; half a second is a hold that is seen as one, and ffmpeg
            freezedetect's default of 2 s is longer than many shots.
        change: Greatest change of any block of 1/32 of the width from one frame to the next, in luma codes. Source:
            ffmpeg freezedetect's default of -60 dB is 0.26 codes of the whole picture; a block of an encoded still
            changes by up to one code.
        drift: Greatest change of any block over `seconds`, so that a slow move over soft shapes is not frozen.
    """

    seconds: float = 0.5
    change: float = 1.0
    drift: float = 4.0
    name: ClassVar[str] = "frozen"
    needs: ClassVar[frozenset[Need]] = MOTION

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each frozen stretch, from the first of the equal frames."""
        measures = subject.measures
        least = min(max(2, round(self.seconds * float(subject.rate)) - 1), measures.frames - 1)
        held = _held(measures, self.change) & ~(subject.intent.still | subject.intent.conformed)
        stretches = [s for s in runs(held) if s[1] - s[0] + 1 >= least and _drift(measures, *s, least) <= self.drift]
        if stretches == [(1, measures.frames - 1)] and subject.kind == "file":
            yield self.unknown("nothing moves at all, and nothing says whether that was wanted")
            return
        for first, last in stretches:
            seconds = (last - first + 2) / float(subject.rate)
            yield self.failed(
                f"nothing moves for {seconds:.2f} s", seconds, self.seconds, frames=(first - 1, last), unit="s"
            )
        if not stretches:
            yield self.passed(float(measures.change_peak[1:].max()), self.change, unit="luma")


@dataclass(frozen=True)
class Stutter(Check):
    """Frames that repeat the one before in the middle of a movement, a few at a time and without a beat.

    A steady beat (animation on twos, a slower source shown at a higher rate) is a style or a conversion: it is named,
    and is no fault.

    Attributes:
        change: Greatest change of a repeated frame, as a share of what the frames around it change.
        moving: Least change around, in codes of mean luma.
        peak: Greatest change of any block of a repeated frame, in codes: an encoder's, not a movement's.
    """

    change: float = 0.2
    moving: float = 0.3
    peak: float = 1.5
    name: ClassVar[str] = "stutter"
    needs: ClassVar[frozenset[Need]] = MOTION
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report the stretch from the first repeated frame to the last."""
        change, intent = subject.measures.change, subject.intent
        excused = intent.still | intent.dark | intent.drawn | intent.conformed | intent.near_joint(1)
        for shift in (-1, 0, 1):  # a conversion may put its repeats one frame earlier or later
            excused |= np.roll(intent.repeats, shift)
        longest = float(subject.rate) * Frozen.seconds
        calm = subject.measures.change_peak <= self.peak
        calm[0] = False
        held = [run for run in runs(calm) if run[1] - run[0] + 1 <= longest]
        beat = _beat(held, calm)
        found = [
            (first, last)
            for (first, last), pace in zip(held, beat, strict=True)
            if not pace and not excused[first : last + 1].any() and self._stumbles(change, first, last)
        ]
        count = sum(last - first + 1 for first, last in found)
        if found:
            words = f"{counted(count, 'frame')} repeat{'s' * (count == 1)} the one before while the picture moves"
            frames = (found[0][0], found[-1][1])
            yield self.failed(words, count, 0, frames=frames, unit="frames", evidence=found[0][0])
        else:
            kept = [
                pace for run, pace in zip(held, beat, strict=True) if pace and not excused[run[0] : run[1] + 1].any()
            ]
            yield self.passed(0, 0, unit="frames", message=_named(kept, float(subject.rate)))

    def _stumbles(self, change: Array, first: int, last: int) -> bool:
        """Tell whether the picture moved until the repeat and moves on after it."""
        before, after = change[max(1, first - 4) : first], change[last + 1 : last + 5]
        if len(before) < 2 or len(after) < 2:
            return False
        usual = min(float(np.median(before)), float(np.median(after)))
        # A step far beyond the movement is another picture that was put in, and that is another fault.
        put_in = change[first - 1] > 6 * float(before[:-1].max()) + 1
        return usual >= self.moving and float(change[first : last + 1].max()) <= self.change * usual and not put_in


@dataclass(frozen=True)
class Jump(Check):
    """The picture leaps once: the same scene, but a part of the movement is missing.

    Attributes:
        ratio: Least change of the frame over the greatest change in the ten frames around. Source: our clips; 98 % of
            the clean ones stay below 1.56, eight lost frames of a visible movement are above 2.4 in nine of ten.
        change: Least change, in codes of mean luma.
    """

    ratio: float = 1.7
    change: float = 0.9
    name: ClassVar[str] = "jump"
    needs: ClassVar[frozenset[Need]] = MOTION
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each leap at the first frame after it."""
        measures = subject.measures
        ratio = _leap(measures.change)
        bad = (
            (ratio >= self.ratio)
            & (measures.change >= self.change)
            & (np.maximum(_leap(measures.speed * 100), _leap(measures.residual)) >= 1.0)
        )
        intent = subject.intent
        bad &= ~(intent.near_joint(1) | intent.bright | intent.dark | intent.drawn | intent.conformed)
        if bad.any():
            bad &= _same_look(measures) & ~cuts(measures)[1]
        for at in map(int, np.flatnonzero(bad)):
            yield self.failed(
                "the movement leaps", ratio[at], self.ratio, frames=(at, at), unit="times the usual change"
            )
        if not bad.any():
            yield self.passed(ratio.max(), self.ratio, unit="times the usual change")


@dataclass(frozen=True)
class UnwantedCut(Check):
    """Another picture begins where no cut was planned.

    Attributes:
        ratio: Least change that motion does not explain, over the greatest in the ten frames around. Source: our clips;
            clean ones stay below 1.5 in 98 %, cuts are above 4.8.
        likeness: Greatest correlation with the frame before.
        change: Least change that motion does not explain, in codes.
    """

    ratio: float = 2.5
    likeness: float = 0.5
    change: float = 4.0
    name: ClassVar[str] = "cut"
    needs: ClassVar[frozenset[Need]] = MOTION

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each cut at the first frame of the new picture."""
        measures = subject.measures
        if subject.kind == "file":
            where = ", ".join(str(joint.first) for joint in subject.intent.joints)
            words = f"cuts at {where}" if where else ""
            yield self.passed(len(subject.intent.joints), unit="cuts", message=words)
            return
        ratio, bad = cuts(measures, self.ratio, self.likeness, self.change)
        bad &= ~subject.intent.near_joint(0) & ~subject.intent.bright & ~subject.intent.dark
        for at in map(int, np.flatnonzero(bad)):
            yield self.failed(
                "another picture begins", ratio[at], self.ratio, frames=(at, at), unit="times the usual change"
            )
        if not bad.any():
            yield self.passed(ratio.max(), self.ratio, unit="times the usual change")


def cuts(measures: Measures, ratio: float = 2.5, likeness: float = 0.5, change: float = 4.0) -> tuple[Array, Array]:
    """Find where another picture begins, as `UnwantedCut` describes.

    Returns:
        How far each frame stands out, and a mask of first frames, both `(frames,)`.
    """
    leap = _leap(measures.residual)
    return leap, (leap >= ratio) & (measures.residual >= change) & (_likeness(measures) < likeness)


def _beat(held: list[tuple[int, int]], calm: Array) -> list[float]:
    """Return of each repeat how many frames its source's frames last, or 0 where it comes at no beat.

    Where a source of fewer frames is shown, each new frame lies less than one frame after its time; among five repeats
    around, or three where every fourth frame or more is one, that is no chance.
    """
    paces = [0.0] * len(held)
    for count, slowest in ((5, 1.02), (3, 4 / 3)):
        for first in range(len(held) - count + 1):
            begin, end = held[first][0] - 1, held[first + count - 1][1] + 2
            new = begin + np.flatnonzero(~calm[begin:end])
            if len(new) < 3:
                continue
            place = np.arange(len(new)) - (len(new) - 1) / 2
            pace = float(place @ new / (place @ place))  # of the straight line through them, by least squares
            late = new - pace * place
            if pace >= slowest and np.ptp(late) <= 1.2:  # 1, and what the fit is off
                paces[first : first + count] = [pace] * count
    return paces


def _named(paces: list[float], rate: float) -> str:
    if not paces:
        return ""
    made = rate / float(np.median(paces))
    return f"shown at {rate:.3g} frames a second, moves at about {made:.3g}: animation on twos, or a slower source"


def _leap(values: Array) -> Array:
    """Return each value over the greatest of its neighbours, not counting a repeat's empty frames; `(frames,)`."""
    window = 5
    sides = np.zeros(window)
    padded = np.concatenate([sides, [0.0], values[1:], sides])
    near = np.delete(np.lib.stride_tricks.sliding_window_view(padded, 2 * window + 1), window, axis=1)
    result = values / (near.max(1) + 0.3)
    result[:2] = result[-1:] = 0  # there are no two frames on either side
    return np.asarray(result)


def _same_look(measures: Measures) -> Array:
    """Mark frames as light and as sharp as the one before: what changes with those is no leap of the movement."""
    luma = luma_of(measures.thumbs).reshape(measures.frames, -1)
    light = np.abs(np.median(np.diff(np.log(luma + 8), axis=0), axis=1))
    sharpness = np.abs(np.diff(np.log(measures.sharpness + 0.5)))
    return np.concatenate([[True], (light < 0.05) & (sharpness < 0.3)])


def _likeness(measures: Measures) -> Array:
    """Return the correlation of each frame's luma grid with that of the frame before; 1 for the first."""
    luma = luma_of(measures.thumbs).reshape(measures.frames, -1)
    luma -= luma.mean(1, keepdims=True)
    norm = np.sqrt((luma * luma).sum(1))
    product = (luma[1:] * luma[:-1]).sum(1)
    return np.concatenate([[1.0], (product + 1e-3) / (norm[1:] * norm[:-1] + 1e-3)])


def _held(measures: Measures, change: float) -> Array:
    """Mark frames that equal the one before; an encoder's key frame may refresh a held picture once by a few codes.

    What moves may have the ground's lightness and differ in its colour alone.
    """
    peak = measures.change_peak
    coloured = np.abs(np.diff(measures.thumbs.astype(np.int16), axis=0)).max((1, 2, 3))
    # An encoder still mends the colours of a held picture by up to five codes.
    calm = np.concatenate([[False], (peak[1:] <= change) & (coloured <= 6 * change)])
    around = np.minimum(np.roll(calm, 1), np.roll(calm, -1))
    around[[1, -1]] = calm[[2, -2]]
    refreshed = (peak <= 8 * change) & (measures.change <= 2.5 * change) & around
    refreshed[0] = False
    return np.asarray(calm | refreshed)


def _drift(measures: Measures, first: int, last: int, over: int) -> float:
    """Return how far any block of the picture drifts over so many frames within a stretch."""
    blocks = luma_of(measures.thumbs[first - 1 : last + 1])
    return float(np.abs(blocks[over:] - blocks[:-over]).max()) if len(blocks) > over else 0.0
