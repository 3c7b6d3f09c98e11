"""Light that changes as nobody asked: flicker, flashes and stray frames, steps of exposure and of white balance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Need, Subject, runs
from reelgraph.video_tools.checks.looks import Array, luma_of
from reelgraph.video_tools.checks.measures import Measures
from reelgraph.video_tools.film import Finding

MOTION: frozenset[Need] = frozenset({"frames", "motion"})


@dataclass(frozen=True)
class Flicker(Check):
    """Light that jumps up and down from frame to frame.

    Luma is compared with its running median over half a second, in 12 cells of the picture, so that neither a
    fade nor one thing passing counts; several crossings of it in a second are flicker.

    Attributes:
        depth: Least swing, as a share of the range. Source: at 8 to 12 Hz the eye sees a modulation of about 1 % (D. H.
            Kelly, "Visual responses to time-dependent stimuli", 1961); film content masks some of it.
        crossings: Least number of crossings of the median within half a second.
    """

    depth: float = 0.012
    crossings: int = 4
    name: ClassVar[str] = "flicker"
    needs: ClassVar[frozenset[Need]] = frozenset({"frames", "motion"})

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each stretch that flickers."""
        measures = subject.measures
        window = max(3, min(round(float(subject.rate) / 2), measures.frames - 1) // 2 * 2 + 1)
        window = window if window <= measures.frames else window - 2
        cells = luma_of(_cells(measures.thumbs))
        # Neighbours are mixed first: the median of an odd window over light that alternates is that light itself.
        mixed = np.pad(cells, ((1, 1), (0, 0)), mode="edge")
        base = _running_median((mixed[:-2] + 2 * mixed[1:-1] + mixed[2:]) / 4, window)
        # The median keeps the sign, so that cells that go their own ways (a shaken camera) cancel out.
        swing = np.median(cells - base, axis=1) / 255
        turned = np.abs(np.diff(np.sign(swing), prepend=np.sign(swing[0]))) > 1
        crossings = np.convolve(turned, np.ones(window), "same")
        level = _running_median(np.abs(swing)[:, None], window)[:, 0]
        bad = (level >= self.depth / 2) & (crossings >= self.crossings) & ~subject.intent.bright
        bad &= ~subject.intent.dark  # a steep fade has steps of its own, as its codes are rounded
        bad &= ~subject.intent.near_joint(2)
        for first, last in runs(bad):
            words = f"light flickers by {2 * level[first : last + 1].max():.1%} of the range"
            yield self.failed(
                words, 2 * level[first : last + 1].max(), self.depth, frames=(first, last), unit="share of range"
            )
        if not bad.any():
            yield self.passed(
                2 * np.where(crossings >= self.crossings, level, 0).max(), self.depth, unit="share of range"
            )


@dataclass(frozen=True)
class Flash(Check):
    """One to three frames that differ from those before and after, while those agree: a flash, or a frame of something
    else.

    Attributes:
        difference: Least mean difference of the colour grid from both sides, in codes. Source: 2.5 % of the range is
            the smallest step of a single frame that Rec. ITU-R BT.1702 counts towards a flash, from dark; we ask for it
            all over.
        sides: Greatest difference between both sides, as a share of that.
        frames: Longest flash; what lasts longer is another fault.
    """

    difference: float = 6.4
    sides: float = 0.4
    frames: int = 3
    name: ClassVar[str] = "flash"
    needs: ClassVar[frozenset[Need]] = MOTION
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each flash."""
        grid = subject.measures.thumbs.astype(np.int16)
        steps = np.concatenate([[0.0], np.abs(np.diff(grid, axis=0)).mean((1, 2, 3))])
        intent = subject.intent
        excused = intent.bright | intent.dark | intent.drawn | intent.near_joint(0)
        covered = -1
        for at in map(int, np.flatnonzero((steps >= self.difference) & ~excused)):
            for length in range(1, min(self.frames, len(grid) - 1 - at) + 1):
                step = float(min(steps[at], steps[at + length]))
                if at <= covered or step < self.difference:
                    continue
                inside = max((_apart(grid[at], grid[at + i]) for i in range(1, length)), default=0.0)
                calm = max(_apart(grid[at - 1], grid[at + length]), self._usual(steps, at, length))
                if inside > step or calm > self.sides * step:
                    continue
                covered = at + length - 1
                words = "a frame that does not belong here"
                words = words if length == 1 else f"{length} frames that do not belong here"
                yield self.failed(words, step, self.difference, frames=(at, covered), unit="codes")
        if covered < 0:
            yield self.passed(float(np.minimum(steps[1:-1], steps[2:]).max()), self.difference, unit="codes")

    @staticmethod
    def _usual(steps: Array, at: int, length: int) -> float:
        """Return how much frames differ from one another just before and after."""
        near = np.concatenate([steps[max(1, at - 3) : at], steps[at + length + 1 : at + length + 4]])
        return float(near.max(initial=0.0))


@dataclass(frozen=True)
class Light(Check):
    """Exposure or white balance that changes within one frame and stays changed, while the picture stays.

    The step is the median over 12 cells of the picture, so that something that enters it does not count.

    Attributes:
        exposure: Least step of luma, as a share of it. Source: 0.15 is a fifth of a stop; colourists match joints to a
            tenth.
        balance: Least step of the ratio of red, or of blue, to green. Source: ours; a change of lamp from 5600 K to
            4800 K moves blue to green by about 0.08.
    """

    exposure: float = 0.12
    balance: float = 0.06
    name: ClassVar[str] = "light"
    needs: ClassVar[frozenset[Need]] = MOTION
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each step."""
        logs = balance_logs(subject.measures)
        excused = subject.intent.near_joint(1) | subject.intent.bright | subject.intent.dark | subject.intent.drawn
        worst = 0.0
        found = False
        for values, limit, words in (
            (logs[..., :1], self.exposure, "exposure"),
            (logs[..., 1:], self.balance, "white balance"),
        ):
            steps = _steps(values, limit)
            steps[excused] = 0
            worst = max(worst, float(steps.max()) / limit)
            for at in np.flatnonzero(steps >= limit):
                found = True
                message = f"{words} jumps by {steps[at]:.0%}"
                yield self.failed(
                    message, steps[at], limit, frames=(int(at), int(at)), unit="share", part=words.replace(" ", "_")
                )
        if not found:
            yield self.passed(worst, 1.0, unit="of the threshold")


def _apart(a: Array, b: Array) -> float:
    return float(np.abs(a - b).mean())


def balance_logs(measures: Measures) -> Array:
    """Return logarithms of luma, red to green and blue to green in 12 cells, `(frames, 12, 3)`."""
    cells = _cells(measures.thumbs) + 8  # keeps black from counting
    luma = luma_of(cells)
    ratios = [luma, cells[..., 0] / cells[..., 1], cells[..., 2] / cells[..., 1]]
    return np.asarray(np.log(np.stack(ratios, -1)))


def _steps(logs: Array, least: float) -> Array:
    """Return the size of the step at each frame, 0 where light drifts, flickers or goes back; `(frames,)`.

    Steps below `least` are not looked into.
    """
    frames = len(logs)
    step = np.zeros((frames, logs.shape[-1]), np.float32)
    step[1:] = np.median(np.diff(logs, axis=0), axis=1)
    size = np.zeros(frames, np.float32)
    for at in map(int, np.flatnonzero(np.abs(step).max(1) >= least)):
        if not 3 <= at < frames - 3:
            continue
        before, after = logs[max(0, at - 5) : at], logs[at : at + 5]
        stays = np.median(np.median(after, 0) - np.median(before, 0), 0)
        around = np.abs(np.delete(step[max(1, at - 5) : at + 6], at - max(1, at - 5), 0)).max(0)
        kept = (np.abs(stays) > 0.7 * np.abs(step[at])) & (np.sign(stays) == np.sign(step[at]))
        kept &= around < 0.4 * np.abs(step[at])
        size[at] = float(np.abs(step[at] * kept).max())
    return size


def _cells(thumbs: Array) -> Array:
    """Average the colours of a grid of 3 by 4 cells, `(frames, 12, 3) float32`."""
    frames, rows, columns = thumbs.shape[:3]
    high, wide = rows // 3, columns // 4
    # Down first and across then: numpy adds whole lines much faster than single colours.
    lines = thumbs.reshape(frames, 3, high, columns * 3).sum(2, dtype=np.uint16)
    cells = lines.reshape(frames, 12, wide, 3).sum(2, dtype=np.float32)
    return np.asarray(cells / (high * wide))


def _running_median(values: Array, window: int) -> Array:
    half = window // 2
    padded = np.pad(values, ((half, half), (0, 0)), mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, window, axis=0), axis=-1))
