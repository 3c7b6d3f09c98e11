"""The camera: the move that was asked for against the one that is seen, and shake."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Need, Subject, runs
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.checks.measures import MOVES, Measures
from reelgraph.video_tools.film import Finding

# How the picture moves under each move, as (column of `Measures.motion`, sign): a camera that turns left sees the
# picture go right. A dolly is measured as a zoom and a truck as a pan: from the picture's global motion alone they
# cannot be told apart.
_SEEN: dict[str, tuple[int, int]] = {
    "pan_left": (0, 1), "truck_left": (0, 1), "pan_right": (0, -1), "truck_right": (0, -1),
    "tilt_up": (1, 1), "crane_up": (1, 1), "tilt_down": (1, -1), "crane_down": (1, -1),
    "zoom_in": (2, 1), "dolly_in": (2, 1), "zoom_out": (2, -1), "dolly_out": (2, -1),
}  # fmt: skip

_PACE = re.compile(
    r"\b(?:(?P<slow>slow|slowly|gentle|gently)|(?P<fast>fast|quick|quickly|rapid|rapidly|whip))\W+(?:\w+\W+)?"
    r"(?:pans?|panning|tilts?|tilting|zooms?|zooming|dolly|push|truck|track|crane|camera)",
    re.I,
)

# Share of the picture that must have edges: before a plain ground, the one thing that moves would be taken for the
# camera.
TRACKED = 0.5
# Least correlation of the picture with itself, some way along, at which it repeats: slats have 0.94, a brick wall 0.58.
REPEATS = 0.8


@dataclass(frozen=True)
class Camera(Check):
    """The camera moves as it was asked to: the global motion, summed over the take.

    Attributes:
        moved: Least motion that a move must reach, as a share of the width, of the height, or of the scale. Source:
            ours; a pan by less than 2 % of the width over a whole shot is seen as no pan.
        still: Greatest motion under a still camera.
    """

    moved: float = 0.02
    still: float = 0.06
    name: ClassVar[str] = "camera"
    needs: ClassVar[frozenset[Need]] = frozenset({"frames", "motion"})
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare the move that was asked for, if one was, with what is seen."""
        asked = subject.intent.camera
        if asked is None or asked == "handheld":
            yield self.not_applicable("no camera move that can be measured was asked for")
            return
        if (subject.intent.drawn & subject.intent.still).all() and asked == "still":
            yield self.passed(0, self.still, part=asked)
            return
        if hidden := _hidden(subject.measures):
            yield self.not_applicable(hidden, part=asked)
            return
        total = subject.measures.motion.sum(0)
        if asked == "still":
            column = int(np.abs(total[:3]).argmax())
            value = float(abs(total[column]))
            move = _name(column, float(total[column]))
            if value > self.still:
                found = self.failed(f"the camera should be still and seems to {move}", value, self.still, part=asked)
                # One thing that moves before a smooth background looks just like it, so this one only advises.
                yield found.model_copy(update={"blocking": False})
            else:
                yield self.passed(value, self.still, part=asked)
            return
        column, sign = _SEEN[asked]
        value = float(total[column]) * sign
        words = asked.replace("_", " ")
        # Growth and turn are fitted as one number, and none of these moves turns the picture: growth is as uncertain.
        doubt = float(abs(total[3])) if column == 2 else 0.0
        if value >= self.moved:
            yield self.passed(value, self.moved, part=asked)
        elif value + doubt >= self.moved:
            yield self.not_applicable("the picture is too smooth to see by how much it grows", part=asked)
        elif value <= -self.moved:
            yield self.failed(f"the camera should {words} and does the opposite", value, self.moved, part=asked)
        else:
            yield self.failed(f"the camera should {words} and hardly moves so", value, self.moved, part=asked)


@dataclass(frozen=True)
class Pace(Check):
    """A camera that was asked to move slowly or fast does so.

    Attributes:
        slow: Greatest speed of a slow move, in widths (heights, or scales) a second. Source: camera operators' rule
            that in a pan that is comfortable to watch a thing takes five to seven seconds to cross the frame; in a slow
            one it must not take less than three.
        fast: Least speed of a fast move: the width in five seconds is the comfortable pace, so less is not fast.
    """

    blocking: bool = False
    slow: float = 0.33
    fast: float = 0.2
    name: ClassVar[str] = "pace"
    needs: ClassVar[frozenset[Need]] = frozenset({"frames", "motion", "shot"})
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare the words beside the camera move with the median speed of the picture's global motion."""
        assert subject.shot is not None
        asked = subject.intent.camera
        words = _PACE.search(subject.shot.prompt)
        if asked not in _SEEN or words is None:
            yield self.not_applicable("no slow or fast camera move was asked for")
            return
        if hidden := _hidden(subject.measures):
            yield self.not_applicable(hidden)
            return
        column, _ = _SEEN[asked]
        value = float(np.median(np.abs(subject.measures.motion[1:, column]))) * float(subject.rate)
        slow = words.group("slow") is not None
        limit, unit = self.slow if slow else self.fast, "a second"
        if (value > limit) if slow else (value < limit):
            said = f"the camera should move {'slowly' if slow else 'fast'} and is {'fast' if slow else 'slow'}"
            yield self.failed(said, value, limit, part=asked, unit=unit)
        else:
            yield self.passed(value, limit, part=asked, unit=unit)


@dataclass(frozen=True)
class Shake(Check):
    """The whole picture trembles from frame to frame.

    Where nothing moves in every second frame, or in two of three (animation on twos and threes), it is seen to tremble
    from one of the others to the next.

    Attributes:
        jerk: Least root mean square change of the global motion from frame to frame, as a share of the width. Source:
            our clips; hand-held ones reach 0.009.
    """

    blocking: bool = False
    jerk: float = 0.015
    name: ClassVar[str] = "shake"
    needs: ClassVar[frozenset[Need]] = frozenset({"frames", "motion"})
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Measure the trembling over the whole take."""
        if subject.intent.camera == "handheld":
            yield self.not_applicable("a hand-held camera was asked for")
            return
        if np.median(subject.measures.tracked) < TRACKED:
            yield self.not_applicable("too little of the picture has edges to see it tremble by")
            return
        motion = subject.measures.motion[1:, :2].copy()
        motion[(subject.intent.near_joint(1) | subject.intent.conformed)[1:]] = 0
        for first, last in reversed(list(runs(subject.measures.change_peak[1:] < MOVES))):
            if last - first < 2:
                motion = np.delete(motion, slice(first, last + 1), axis=0)
        if len(motion) < 2:
            yield self.not_applicable("nothing moves twice")
            return
        jerk = np.hypot(*np.diff(motion, axis=0).T)
        # The worst tenth is left out, so that one leap or one flash is not a tremble.
        value = float(np.sqrt(np.mean(np.square(np.sort(jerk)[: max(1, len(jerk) * 9 // 10)]))))
        whole = (0, subject.measures.frames - 1)
        if value >= self.jerk:
            yield self.failed("the picture trembles", value, self.jerk, frames=whole, unit="share of the width")
        else:
            yield self.passed(value, self.jerk, unit="share of the width")


def _hidden(measures: Measures) -> str:
    """Say why a move cannot be seen in this picture; the empty string where it can."""
    if np.median(measures.tracked) < TRACKED:
        return "too little of the picture has edges to see a move by"
    luma = measures.samples[len(measures.samples) // 2].luma
    if max(_repetition(luma), _repetition(luma.T)) >= REPEATS:
        return "a pattern that repeats itself looks the same wherever the camera has moved to"
    return ""


def _repetition(lines: Array) -> float:
    """Return how well lines correlate with themselves some way along, beyond where they first are unlike: 0 to 1.

    Source: the autocorrelation by the Wiener-Khinchin theorem, of what a mean over an eighth of the line leaves.
    """
    import cv2

    own = lines.astype(np.float32)
    own -= cv2.blur(own, (own.shape[1] // 8 | 1, 1))
    length = own.shape[1]
    spectrum = np.square(np.abs(np.fft.rfft(own, 2 * length))).sum(
        0
    )  # twice as long, so that no line meets its own end
    likeness = np.fft.irfft(spectrum)[: length // 4]
    likeness /= (likeness[0] + 1e-6) * (1 - np.arange(length // 4) / length)
    unlike = np.flatnonzero(likeness < 0.3)
    return float(likeness[unlike[0] :].max()) if len(unlike) else 0.0


def _name(column: int, value: float) -> str:
    names = {(0, 1): "pan left", (0, -1): "pan right", (1, 1): "tilt up", (1, -1): "tilt down"}
    return names.get((column, 1 if value > 0 else -1), "zoom in" if value > 0 else "zoom out")
