"""Words burnt into the picture where none were asked for: subtitles, watermarks, a model's own scribble over the scene.

Lettering that was laid over a film stands still, is of one colour, and is a line: many strokes side by side with an
empty margin above and below. What moves with the scene is part of it, and is not looked for. Where the camera stands,
signs, fences and rows of windows stand as well: there only lettering with a dark (or light) edge of its own counts, as
it is made to be read over anything.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Need, Subject
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.film import Finding

# Words by which lettering was asked for.
_ASKED = re.compile(
    r"\b(text|words?|letters?|lettering|titles?|captions?|subtitles?|sign|signs|logo|label|poster|credits?|writing"
    r"|written|reads|newspaper|screen|banner|neon|watermark|billboard|headline)\b",
    re.I,
)
# Codes between neighbouring pixels that make the side of a stroke, at the analysis size. The second is for scenery that
# moves so little that its own edges stand as well: lettering with an edge of its own stands out from it.
_EDGES = (28, 72)
_STANDS = 0.8  # share of the samples in which a stroke must stand, and of the frames in which a camera that stands does
_STEADY = 12  # codes by which the luma of a stroke may differ from its median: roof tiles that pass are no strokes
_STILL = 5e-4  # greatest motion of most frames under a camera that stands, in shares of the size: what passes drags it
_AWAY = 0.01  # or as far as it ever gets from where it was: grain is taken for motion to and fro


@dataclass(frozen=True)
class Text(Check):
    """A line of lettering stands over a picture that moves.

    Attributes:
        width: Least width of a line, as a share of the picture's. Source: ours; five letters of the smallest size that
            broadcasters allow for subtitles (EBU R 95 and BBC guidelines: about 5 % of the height).
        strokes: Least and greatest number of strokes' sides in a stretch of the line as long as it is high. Source:
            ours; a letter is half as wide as high and has two to four sides.
        margin: Greatest density of strokes just above and below, as a share of that in the line.
        colour: Greatest spread of the luma of most strokes, in codes: lettering is of one colour.
    """

    blocking: bool = False
    width: float = 0.08
    strokes: tuple[float, float] = (2.0, 9.0)
    margin: float = 0.25
    colour: float = 18.0
    name: ClassVar[str] = "text"
    needs: ClassVar[frozenset[Need]] = frozenset({"frames", "motion"})
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Look for lines of lettering in the frames that were kept."""
        words = " ".join(filter(None, [getattr(subject.request, "prompt", ""), getattr(subject.shot, "prompt", "")]))
        cut = subject.cut
        if _ASKED.search(words) or (cut is not None and (cut.titles or cut.burn_captions or cut.insets)):
            yield self.not_applicable("lettering was asked for")
            return
        samples = [s for s in subject.measures.samples if not subject.intent.drawn[s.frame]]
        if len(samples) < 4:
            yield self.not_applicable("four frames are needed to tell what stands from what moves")
            return
        edges = _EDGES[-1:] if _stands(subject.measures.motion[1:]) else _EDGES
        luma = np.stack([sample.luma for sample in samples])
        up, down, moved = _steps(luma)
        half = max(4, len(samples) // 2)
        best, where, moves = 0.0, (0, 0), False
        for first in sorted({0, (len(samples) - half) // 2, len(samples) - half}):
            window = slice(first, first + half)
            if moved[first : first + half - 1].mean() < 0.5:
                continue  # where nothing moves, everything stands
            moves = True
            found = self._line(up[window], down[window], luma[window], edges)
            if found > best:
                best, where = found, (samples[first].frame, samples[first + half - 1].frame)
        if best >= self.width:
            words = "lettering stands over the picture"
            yield self.failed(words, best, self.width, frames=where, unit="share of the width")
        elif not moves:
            yield self.not_applicable("nothing moves, so that lettering stands no more than all else")
        else:
            yield self.passed(best, self.width, unit="share of the width")

    def _line(self, up: Sequence[Array], down: Sequence[Array], luma: Array, edges: Sequence[int]) -> float:
        """Return the width of the widest line of lettering, as a share of the picture's; 0 where there is none."""
        import cv2

        height, width = luma.shape[1:]
        reach = max(3, height // 16) | 1
        widest = 0
        rise, fall = _reached(up), _reached(down)
        for edge in edges:
            rising, falling = rise >= edge, fall >= edge
            if not (rising.any() or falling.any()):
                break
            steady = _steady(luma, rising | falling)
            rising &= steady
            falling &= steady
            sides = (rising | falling).astype(np.uint8)
            if not sides.any():
                break
            closed = cv2.morphologyEx(sides, cv2.MORPH_CLOSE, np.ones((3, reach), np.uint8))
            count, _, stats, _ = cv2.connectedComponentsWithStats(closed)
            for box in stats[1:count]:
                if self._is_line(box, sides, rising, falling, luma, width):
                    widest = max(widest, int(box[2]))
        return float(widest / width)

    def _is_line(
        self, box: Sequence[Any], sides: Array, rising: Array, falling: Array, luma: Array, width: int
    ) -> bool:
        left, top, wide, high = (int(v) for v in box[:4])
        if wide < self.width * width or not 5 <= high <= 0.16 * sides.shape[0] or wide < 2.5 * high:
            return False
        inside = sides[top : top + high, left : left + wide]
        density = float(inside.mean())
        per_height = density * high
        if not self.strokes[0] <= per_height <= self.strokes[1]:
            return False
        gap = max(2, high // 3)
        for first in (top - 1 - gap, top + high + 1):
            beside = sides[max(0, first) : max(0, first + gap), left : left + wide]
            if beside.size and float(beside.mean()) > self.margin * density:
                return False
        rows, columns = slice(top, top + high), slice(left, left + wide)
        picture = np.median(luma[:, rows, left : left + wide + 1], 0)
        return self._of_one_colour(rising[rows, columns], falling[rows, columns], picture)

    def _of_one_colour(self, rising: Array, falling: Array, picture: Array) -> bool:
        """Tell whether many strokes reach the same luma, be they light on dark or dark on light.

        Not all of what lies between two sides is a stroke: every other one is the ground between two letters.
        """
        lightest = _inks(rising, falling, picture, np.max)
        darkest = _inks(falling, rising, picture, np.min)
        spreads = [float(np.ptp(np.percentile(inks, ends))) for inks, ends in
                   ((lightest, (60, 95)), (darkest, (5, 40))) if len(inks) >= 12]  # fmt: skip
        return bool(spreads) and min(spreads) <= self.colour


def _steps(luma: Array) -> tuple[list[Array], list[Array], Array]:
    """Return how far luma goes up, and down, from pixel to pixel, in each sample, and how much it changes to the next.

    Args:
        luma: `(samples, height, width) uint8`.
    """
    import cv2

    up = [cv2.subtract(picture[:, 1:], picture[:, :-1]) for picture in luma]  # below 0 they are 0
    down = [cv2.subtract(picture[:, :-1], picture[:, 1:]) for picture in luma]
    return up, down, np.array([cv2.mean(cv2.absdiff(a, b))[0] for a, b in pairwise(luma)])


def _stands(motion: Array) -> bool:
    """Tell whether a camera stands, from `Measures.motion`."""
    away = np.ptp(np.cumsum(motion, axis=0), axis=0)
    return bool((np.abs(motion).sum(1) <= _STILL).mean() >= _STANDS or away.max() <= _AWAY)


def _reached(steps: Sequence[Array]) -> Array:
    """Return the step that most samples reach, `(height, width) uint8`: the lowest, but for those that may be lower."""
    import cv2

    lowest = [np.full_like(steps[0], 255) for _ in range(len(steps) - math.ceil(_STANDS * len(steps)) + 1)]
    for step in steps:
        for rank, held in enumerate(lowest):
            lowest[rank], step = cv2.min(held, step), cv2.max(held, step)
    return lowest[-1]


def _steady(luma: Array, sides: Array) -> Array:
    """Keep of the sides those whose two pixels keep their luma in most samples, `(height, width - 1) bool`."""
    rows, columns = np.nonzero(sides)
    pairs = np.stack([luma[:, rows, columns], luma[:, rows, columns + 1]]).astype(np.int16)
    off = np.abs(pairs - np.sort(pairs, 1)[:, len(luma) // 2][:, None])
    kept = np.zeros_like(sides)
    kept[rows, columns] = ((off <= _STEADY).mean(1) >= _STANDS).all(0)
    return kept


def _inks(begin: Array, end: Array, picture: Array, of: Callable[[Array], Any]) -> list[float]:
    """Return the lightest (or darkest) luma between each beginning of a stroke and its end, where that is near."""
    inks = []
    for row, begins, ends in zip(picture, begin, end, strict=True):
        places = np.flatnonzero(ends)
        for first in np.flatnonzero(begins):
            after = places[places > first]
            if len(after) and after[0] - first <= len(picture):
                inks.append(float(of(row[first + 1 : after[0] + 1])))
    return inks
