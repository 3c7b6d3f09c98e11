"""What of a film is copied, and what is touched: runs of frames, each a stretch of one clip or a mix of two.

    clip A  ----------------[fade]
    clip B                  [fade]-----------------
    title          [--]
    runs    copied | touched | mixed | touched | copied B      `touched` reaches to the next key frame or clean end

Touched runs that follow one another are one joint: encoded once, cached by what it is made of, and copied from then on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import av

from reelgraph.video_tools.editing.fitted import Fitted
from reelgraph.video_tools.editing.footage import copied
from reelgraph.video_tools.editing.overlays import Layer
from reelgraph.video_tools.editing.profile import key_interval
from reelgraph.video_tools.editing.segments import Segment
from reelgraph.video_tools.editing.shown import Shown
from reelgraph.video_tools.editing.transitions import Mix, dipped, mixed
from reelgraph.video_tools.film import Cut, overlap

DIPS = ("dip_black", "dip_white")


@dataclass(frozen=True)
class Run:
    """Frames that follow one another in the film and are made in one way.

    Attributes:
        start: The film frame at which it begins.
        frames: How many.
        shown: What is shown, or comes in.
        out: What goes out under a transition.
        mix: The transition, if the run is part of one.
        over: What lies over the picture, and where in each the run begins.
        touched: Whether the frames are encoded again.
    """

    start: int
    frames: int
    shown: Shown
    out: Shown | None = None
    mix: Mix | None = None
    over: tuple[tuple[Layer, int], ...] = ()
    touched: bool = False

    def part(self, at: int, frames: int) -> "Run":
        """Return `frames` of this run from its frame `at`."""
        return replace(
            self,
            start=self.start + at,
            frames=frames,
            shown=self.shown.later(at),
            out=self.out.later(at) if self.out else None,
            mix=replace(self.mix, first=self.mix.first + at) if self.mix else None,
            over=tuple((layer, first + at) for layer, first in self.over),
        )

    def recipe(self) -> list[object]:
        """Return all that decides the frames, as plain data."""
        out = self.out.recipe() if self.out else None
        mix = [self.mix.kind, self.mix.first, self.mix.frames] if self.mix else None
        over = [[layer.recipe(), first] for layer, first in self.over]
        return [self.frames, self.shown.recipe(), out, mix, over]

    def pictures(self) -> Iterator[av.VideoFrame]:
        """Make the frames."""
        shown = self.shown.pictures(self.frames)
        if self.mix is None and not self.over:
            yield from shown
            return
        own: Iterator[av.VideoFrame] = map(copied, shown)  # a decoder leans on its frames: nothing is drawn on those
        if self.mix is not None:
            mix = self.mix
            places = range(mix.first, mix.first + self.frames)
            if self.out is not None:
                pairs = zip(self.out.pictures(self.frames), shown, places, strict=True)
                own = (mixed(out, into, mix, place) for out, into, place in pairs)
            else:
                own = (dipped(frame, mix, place) for frame, place in zip(shown, places, strict=True))
        for layer, first in self.over:
            own = layer.over(own, first, self.frames)
        yield from own


def runs_of(cut: Cut, segments: Sequence[Segment | Fitted], layers: Sequence[Layer] = ()) -> list[Run]:
    """Divide a film into runs, before key frames are thought of.

    Args:
        cut: The cut, whose transitions fit their clips.
        segments: Of each of its clips.
        layers: What lies over the picture, the uppermost last.
    """
    runs: list[Run] = []
    at = 0

    def add(frames: int, shown: Shown, out: Shown | None = None, mix: Mix | None = None) -> None:
        nonlocal at
        if frames:
            runs.append(Run(at, frames, shown, out, mix, touched=mix is not None or not shown.plain))
            at += frames

    for i, clip in enumerate(cut.clips):
        following = cut.clips[i + 1].transition if i + 1 < len(cut.clips) else None
        whole = Shown.of(clip, segments[i])
        begin, end = overlap(clip.transition), clip.frames - (overlap(following) if following else 0)
        if begin:
            before = Shown.of(cut.clips[i - 1], segments[i - 1]).later(cut.clips[i - 1].frames - begin)
            add(begin, whole, before, Mix(clip.transition.kind, 0, begin))
        dip_in = dip_halves(cut, i)[1]
        dip_out = dip_halves(cut, i + 1)[0] if following else 0
        length = clip.transition.frames
        add(dip_in, whole.later(begin), mix=Mix(clip.transition.kind, length - dip_in, length))
        add(end - begin - dip_in - dip_out, whole.later(begin + dip_in))
        if following:
            add(dip_out, whole.later(end - dip_out), mix=Mix(following.kind, 0, following.frames))
    return [piece for run in runs for piece in _layered(run, layers)]


def _layered(run: Run, layers: Sequence[Layer]) -> Iterator[Run]:
    """Divide a run where something over it begins or ends."""
    last = run.start + run.frames
    edges = {run.start, last}
    for layer in layers:
        edges |= {edge for edge in (layer.start, layer.start + layer.frames) if run.start < edge < last}
    ordered = sorted(edges)
    for a, b in pairwise(ordered):
        over = tuple((layer, a - layer.start) for layer in layers if layer.start <= a < layer.start + layer.frames)
        piece = run.part(a - run.start, b - a)
        yield replace(piece, over=over, touched=run.touched or bool(over))


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
        elif plan and isinstance(plan[-1], list) and _short(plan[-1]):
            plan[-1].append(run)
        else:
            plan.append([run])
    return plan


def _short(joint: list[Run]) -> bool:
    return sum(run.frames for run in joint) < 2 * key_interval(joint[0].shown.segment.rate)


def _aligned(run: Run) -> Iterator[Run]:
    segment, first = run.shown.segment, run.shown.source(0)
    if run.touched or isinstance(segment, Fitted):
        # What is encoded is made in pieces on the source's own grid: side by side, and found again after a trim.
        step, at = (4 if run.touched else 1) * key_interval(segment.rate), 0
        while at < run.frames:
            piece = min(step - (first + at) % step, run.frames - at)
            yield run.part(at, piece)
            at += piece
        return
    key = segment.next_key(first) - first
    end = segment.clean_end(first + run.frames) - first
    if key >= end:
        yield replace(run, touched=True)
        return
    if key:
        yield replace(run.part(0, key), touched=True)
    yield run.part(key, end - key)
    if end < run.frames:
        yield replace(run.part(end, run.frames - end), touched=True)
