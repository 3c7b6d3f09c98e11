"""Faults of movement: frozen, stutter, jumps, unwanted cuts, another camera move than was asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Need, Subject, runs
from reelgraph.video_tools.checks.measures import Array, Measures, luma_of
from reelgraph.video_tools.film import Finding

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
    drift: float = 3.0
    name: ClassVar[str] = "frozen"
    needs: ClassVar[frozenset[Need]] = MOTION

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each frozen stretch, from the first of the equal frames."""
        measures = subject.measures
        least = min(max(2, round(self.seconds * float(subject.rate)) - 1), measures.frames - 1)
        held = _held(measures, self.change) & ~subject.intent.still
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


def _held(measures: Measures, change: float) -> Array:
    """Mark frames that equal the one before; an encoder's key frame may refresh a held picture once by a few codes."""
    peak = measures.change_peak
    calm = np.concatenate([[False], peak[1:] <= change])
    around = np.minimum(np.roll(calm, 1), np.roll(calm, -1))
    around[[1, -1]] = calm[[2, -2]]
    refreshed = (peak <= 6 * change) & (measures.change <= change) & around
    refreshed[0] = False
    return np.asarray(calm | refreshed)


def _drift(measures: Measures, first: int, last: int, over: int) -> float:
    """Return how far any block of the picture drifts over so many frames within a stretch."""
    blocks = luma_of(measures.thumbs[first - 1 : last + 1])
    return float(np.abs(blocks[over:] - blocks[:-over]).max()) if len(blocks) > over else 0.0
