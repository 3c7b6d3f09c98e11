"""What of a film is copied, and what is touched: runs of frames, each a stretch of one segment or a mix of two.

    clip A  ----------------[fade]
    clip B                  [fade]-----------------
    runs    copied A        mixed | plain | copied B        `plain` re-encodes B up to its next key frame

Touched runs that follow one another are one joint: encoded once, cached by what it is made of, and copied from then on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import av
import numpy as np

from reelgraph.video_tools.editing.footage import as_frame, planes
from reelgraph.video_tools.editing.profile import key_interval
from reelgraph.video_tools.editing.segments import Segment
from reelgraph.video_tools.film import Cut, overlap

DIPS = ("dip_black", "dip_white")


@dataclass(frozen=True)
class Mix:
    """A stretch of a transition: frames `first` and on of its `frames`."""

    kind: Literal["cut", "crossfade", "dip_black", "dip_white", "wipe", "push"]
    first: int
    frames: int


@dataclass(frozen=True)
class Run:
    """Frames that follow one another in the film and are made in one way.

    Attributes:
        frames: How many.
        clip: Which clip of the cut is shown, or comes in.
        segment: The segment shown, or coming in.
        first: Where in it the run begins.
        under: The segment going out under a transition, and where in it the run begins.
        mix: The transition, if the run is part of one.
        touched: Whether the frames are encoded again.
    """

    frames: int
    clip: int
    segment: Segment
    first: int
    under: tuple[Segment, int] | None = None
    mix: Mix | None = None
    touched: bool = False

    def part(self, at: int, frames: int, *, touched: bool | None = None) -> "Run":
        """Return `frames` of this run from its frame `at`."""
        under = (self.under[0], self.under[1] + at) if self.under else None
        mix = replace(self.mix, first=self.mix.first + at) if self.mix else None
        touched = self.touched if touched is None else touched
        return replace(self, frames=frames, first=self.first + at, under=under, mix=mix, touched=touched)

    def recipe(self) -> list[object]:
        """Return all that decides the frames, as plain data."""
        under = [self.under[0].name, self.under[1]] if self.under else None
        mix = [self.mix.kind, self.mix.first, self.mix.frames] if self.mix else None
        return [self.frames, self.segment.name, self.first, under, mix]

    def pictures(self) -> Iterator[av.VideoFrame]:
        """Make the frames."""
        shown = self.segment.decode(self.first, self.frames)
        if self.mix is None:
            yield from shown
            return
        out = self.under[0].decode(self.under[1], self.frames) if self.under else None
        for number, frame in enumerate(shown):
            place = self.mix.first + number
            if out is None:
                yield dipped(frame, self.mix, place)
            else:
                yield mixed(next(out), frame, self.mix, place)


def runs_of(cut: Cut, segments: Sequence[Segment]) -> list[Run]:
    """Divide a film into runs, before key frames are thought of.

    Args:
        cut: The cut, whose transitions fit their clips.
        segments: Of each of its clips.
    """
    runs: list[Run] = []
    for i, clip in enumerate(cut.clips):
        following = cut.clips[i + 1].transition if i + 1 < len(cut.clips) else None
        whole = Run(clip.frames, i, segments[i], clip.in_frame)
        begin, end = overlap(clip.transition), clip.frames - (overlap(following) if following else 0)
        if begin:
            before = cut.clips[i - 1]
            under = (segments[i - 1], before.in_frame + before.frames - begin)
            runs.append(
                replace(whole, frames=begin, under=under, mix=Mix(clip.transition.kind, 0, begin), touched=True)
            )
        dip_in = dip_halves(cut, i)[1]
        dip_out = dip_halves(cut, i + 1)[0] if following else 0
        if dip_in:
            mix = Mix(clip.transition.kind, clip.transition.frames - dip_in, clip.transition.frames)
            runs.append(replace(whole.part(begin, dip_in, touched=True), mix=mix))
        if end - begin - dip_in - dip_out:
            runs.append(whole.part(begin + dip_in, end - begin - dip_in - dip_out))
        if dip_out and following:
            mix = Mix(following.kind, 0, following.frames)
            runs.append(replace(whole.part(end - dip_out, dip_out, touched=True), mix=mix))
    return runs


def dip_halves(cut: Cut, clip: int) -> tuple[int, int]:
    """Return how many frames a dip into a clip takes of the clip before and of the clip itself."""
    transition = cut.clips[clip].transition
    if transition.kind not in DIPS:
        return 0, 0
    out = transition.frames // 2 if clip else 0
    return out, transition.frames - out


def joints_of(runs: Sequence[Run]) -> list[Run | list[Run]]:
    """Arrange runs for the least encoding: copied ones between key frames and clean ends, joints of touched ones."""
    plan: list[Run | list[Run]] = []
    for run in (piece for r in runs for piece in _aligned(r)):
        if not run.touched:
            plan.append(run)
        elif (
            plan and isinstance(plan[-1], list) and sum(r.frames for r in plan[-1]) < 2 * key_interval(run.segment.rate)
        ):
            plan[-1].append(run)
        else:
            plan.append([run])
    return plan


def _aligned(run: Run) -> Iterator[Run]:
    if run.touched:
        # Long touched runs are made in pieces on the source's own grid: side by side, and found again after a trim.
        step, at = 4 * key_interval(run.segment.rate), 0
        while at < run.frames:
            piece = min(step - (run.first + at) % step, run.frames - at)
            yield run.part(at, piece)
            at += piece
        return
    key = run.segment.next_key(run.first) - run.first
    end = run.segment.clean_end(run.first + run.frames) - run.first
    if key >= end:
        yield run.part(0, run.frames, touched=True)
        return
    if key:
        yield run.part(0, key, touched=True)
    yield run.part(key, end - key)
    if end < run.frames:
        yield run.part(end, run.frames - end, touched=True)


# --- the pictures of a transition ------------------------------------------------------------------------------------


def mixed(out: av.VideoFrame, into: av.VideoFrame, mix: Mix, place: int) -> av.VideoFrame:
    """Show frame `place` of a transition between two pictures, in YUV.

    The share of the incoming picture is `(place + 1) / (frames + 1)`: it is never 0 or 1, so every frame of the
    transition belongs to it, and it is the same read backwards.
    """
    a, b = out.to_ndarray(), into.to_ndarray()
    share = (place + 1) / (mix.frames + 1)
    if mix.kind == "crossfade":
        import cv2

        return as_frame(cv2.addWeighted(a, 1 - share, b, share, 0.0))
    width = a.shape[1]
    edge = 2 * round(width * share / 2)
    result = np.empty_like(a)
    for target, old, new in zip(planes(result), planes(a), planes(b), strict=True):
        x = edge * target.shape[1] // width
        if mix.kind == "wipe":  # the incoming picture is uncovered from the left
            target[:, :x], target[:, x:] = new[:, :x], old[:, x:]
        else:  # push: it comes in from the right and pushes the other out to the left
            stays = target.shape[1] - x
            target[:, :stays], target[:, stays:] = old[:, x:], new[:, :x]
    return as_frame(result)


def dipped(frame: av.VideoFrame, mix: Mix, place: int) -> av.VideoFrame:
    """Show frame `place` of a dip: the picture sinks into black or white until the middle, or rises out of it."""
    import cv2

    a = frame.to_ndarray()
    colour = np.full_like(a, 128)
    planes(colour)[0][:] = 16 if mix.kind == "dip_black" else 235
    share = dip_share(mix.frames, place)
    return as_frame(cv2.addWeighted(a, share, colour, 1 - share, 0.0))


def dip_share(frames: int, place: int) -> float:
    """Return how much of the picture is left in frame `place` of a dip: 0 at its middle, towards 1 at both ends."""
    return abs(2 * place + 1 - frames) / (frames + 1)
