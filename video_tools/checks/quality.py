"""Pictures that are there but bad: out of focus, blocks, bands, grain, bars."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Subject, runs
from reelgraph.video_tools.checks.flow import averaged
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.checks.measures import Measures
from reelgraph.video_tools.film import Finding


@dataclass(frozen=True)
class Blur(Check):
    """A stretch that is out of focus, against the rest of its shot; or a whole clip in which no edge is sharp.

    Fast movement blurs too, so a stretch counts only where the picture moves no faster than elsewhere. And what a
    moving camera comes to may be soft, which shows little by little: under one, only a sudden loss counts. Frames with
    words or an inset over them are compared among themselves: a caption is sharp before any picture.

    Attributes:
        sharpness: Greatest sharpness of a soft stretch, as a share of the clip's upper quartile. Source: our clips; the
            softest moment of 98 % of the clean ones is 0.61, a focus fault of 0.8 % of the width stays below 0.64.
        softness: Least softness of a clip that is soft all through (Crete et al. 2007 call 0.6 clearly blurred).
        frames: Shortest stretch.
        edges: Least sharpness at which there is something to be in focus; a plain sky has less.
        moved: Greatest motion over a stretch under a camera that stands, in shares of the size or of the scale.
        loss: Least share of the sharpness that is lost (or comes back) within three frames when it is sudden.
    """

    sharpness: float = 0.6
    softness: float = 0.62
    frames: int = 6
    edges: float = 1.5
    moved: float = 0.03
    loss: float = 0.25
    name: ClassVar[str] = "blur"
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each soft stretch."""
        measures, intent = subject.measures, subject.intent
        softness = measures.softness[~np.isnan(measures.softness) & ~intent.conformed]
        if not len(softness):
            narrow = np.isnan(measures.softness).all()
            why = "the picture is too narrow to judge focus by" if narrow else "its takes were judged as they were made"
            yield self.not_applicable(why)
            return
        soft = float(np.median(softness))
        if soft >= self.softness and np.median(measures.sharpness) > 0.3:
            whole = (0, measures.frames - 1)
            yield self.failed("no edge is sharp", soft, self.softness, frames=whole, unit="softness")
            return
        worst, judged, found = 1.0, False, False
        for shot in intent.shots():
            share = self._share_of_usual(measures, shot, intent.overlaid[shot])
            if share is None:
                continue
            judged, worst = True, min(worst, float(share.min()))
            # Over five frames, as animation on twos moves in every other one.
            speed = np.lib.stride_tricks.sliding_window_view(np.pad(measures.speed[shot], 2, mode="edge"), 5).mean(1)
            calm = speed <= 1.5 * np.median(speed) + 0.002
            bad = (
                (share <= self.sharpness)
                & calm
                & ~(intent.dark | intent.drawn | intent.conformed | intent.near_joint(1))[shot]
            )
            for first, last in runs(bad):
                if last - first + 1 < self.frames or not _softer(measures.softness[shot], first, last):
                    continue
                travelled = float(np.abs(measures.motion[shot][first : last + 1, :3]).sum())
                if travelled <= self.moved or _sudden(share, first, last, self.loss):
                    found = True
                    least, frames = float(share[first : last + 1].min()), (shot.start + first, shot.start + last)
                    yield self.failed("out of focus", least, self.sharpness, frames=frames, unit="share of sharpness")
        if not judged:
            yield self.not_applicable("there are too few edges to judge focus by")
        elif not found:
            yield self.passed(worst, self.sharpness, unit="share of sharpness")

    def _share_of_usual(self, measures: Measures, shot: slice, overlaid: Array) -> Array | None:
        """Return a shot's sharpness as a share of its upper quartile, or None where it has too few edges."""
        sharpness, clear = measures.sharpness[shot], measures.grain[shot] < Noise.grain  # noise looks sharp
        share = np.full(len(sharpness), np.nan)
        for alike in (overlaid, ~overlaid):
            known = alike & clear if (alike & clear).any() else alike
            usual = float(np.percentile(sharpness[known], 75)) if known.any() else 0.0
            if usual >= self.edges:
                share[alike] = sharpness[alike] / usual
        return None if np.isnan(share).all() else np.where(np.isnan(share), 1.0, share)


@dataclass(frozen=True)
class Blocking(Check):
    """The 8x8 blocks of a compression that was too strong.

    Attributes:
        excess: Least excess of luma steps on the grid of blocks over those inside them, as a share. Source: our clips;
            the worst clean one has 0.16, JPEG at quality 10 more in 154 of 158.
    """

    excess: float = 0.2
    name: ClassVar[str] = "blocking"
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report the clip if most of it is blocked."""
        yield from _lasting(self, subject, subject.measures.blocking, self.excess, "compression blocks show")


@dataclass(frozen=True)
class Banding(Check):
    """Shades that are broken into a few steps, with nothing between.

    Attributes:
        steps: Least share of steps of one band's height among those and lower ones, each weighed by how likely it is
            (`looks.bands`). Source: our clips; clean ones have at most 0.35, shades of 12 steps 0.89 and of 24 steps
            0.87 at least, and 0.48 after an encoder smeared their edges.
    """

    steps: float = 0.44
    name: ClassVar[str] = "banding"
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report the clip if most of it is banded."""
        yield from _lasting(self, subject, subject.measures.bands, self.steps, "shades are broken into bands")


@dataclass(frozen=True)
class Noise(Check):
    """Grain that covers everything, flat areas too, and is new in every frame.

    Attributes:
        grain: Least difference, after motion is compensated, of the calmest tenth of the picture, in codes. Source: our
            clips; clean ones, film grain included, have at most 2.0 in the median.
        pixels: Least such difference of the pixels as they came: a mean of k by k of them has a k-th of it. Source: our
            clips; gravel that moves in a small picture has 6.5.
        renewal: Greatest correlation of what differs with what differed from the frame before (`Measures.renewal`).
            Source: ours; half of what noise differs by is what it differed by before, with the other sign, and texture
            is not renewed. In our clips the noise of 98 % of the frames is below -0.1, over texture too, and what flow
            misses of texture mostly above 0.
        frames: Shortest stretch.
    """

    grain: float = 2.5
    pixels: float = 7.5
    renewal: float = -0.08
    frames: int = 6
    name: ClassVar[str] = "noise"
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each noisy stretch; a pair of frames is as noisy as its noisier one."""
        measures = subject.measures
        least = max(self.grain, self.pixels / averaged(measures.width, measures.height))
        bad = (
            (measures.grain >= least)
            & (measures.roughness >= 2 * least)
            & (measures.renewal < self.renewal)
            & ~(subject.intent.near_joint(1) | subject.intent.drawn | subject.intent.conformed)
        )
        for _ in range(2):  # nothing is renewed in the first pair of a stretch
            bad[:-1] |= bad[1:] & (measures.roughness[:-1] >= 2 * least)
        stretches = [_noisier(measures.roughness, *s) for s in runs(bad) if s[1] - s[0] + 1 >= self.frames]
        for first, last in stretches:
            most = float(np.median(measures.grain[first : last + 1]))
            yield self.failed("covered by noise", most, least, frames=(first, last), unit="codes")
        if not stretches:
            yield self.passed(np.median(measures.grain), least, unit="codes")


@dataclass(frozen=True)
class Letterbox(Check):
    """Black bars on two opposite sides that are part of the picture.

    Attributes:
        share: Least width of each bar, as a share of the height (or width). Source: ours; 3 % is 15 lines of 480.
        edge: Least share of the picture's first line that is lighter than the bar: what lies before black space does
            not end in a line.
    """

    share: float = 0.03
    edge: float = 0.3
    name: ClassVar[str] = "letterbox"

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report the clip if the bars are there all along."""
        measures = subject.measures
        seen = ~np.isnan(measures.bars[:, 0]) & ~subject.intent.dark & (measures.bars.max(1) < 0.5)
        seen &= ~subject.intent.barred
        if not seen.any():
            yield self.not_applicable("nothing bright enough, and of the film's shape, to see a bar by")
            return
        bars = np.median(measures.bars[seen] * (measures.bar_edges[seen] >= self.edge), 0)
        for a, b, words in ((0, 1, "above and below"), (2, 3, "left and right")):
            width, wider = float(min(bars[a], bars[b])), float(max(bars[a], bars[b]))
            # A dark room is darker at one side; bars are alike.
            if width >= self.share and wider - width <= 0.01 + 0.1 * width:
                message = f"black bars {words}, {width:.0%} each"
                yield self.failed(message, width, self.share, frames=(0, measures.frames - 1), unit="share of the side")
                return
        yield self.passed(max(min(bars[0], bars[1]), min(bars[2], bars[3])), self.share, unit="share of the side")


def _noisier(roughness: Array, first: int, last: int) -> tuple[int, int]:
    """Leave out of a stretch the clean frames at its ends, which differ from their noisy neighbours as well."""
    least = 0.7 * float(np.median(roughness[first : last + 1]))
    while last - first > 1 and roughness[first] < least:
        first += 1
    while last - first > 1 and roughness[last] < least:
        last -= 1
    return first, last


def _sudden(sharpness: Array, first: int, last: int, loss: float) -> bool:
    """Tell whether sharpness changes by at least this share within three frames, where a stretch begins or ends."""
    ends = [(first + 1, first - 2), (last - 1, last + 2)]
    return any(
        0 <= outside < len(sharpness) and sharpness[inside] <= (1 - loss) * sharpness[outside]
        for inside, outside in ends
    )


def _softer(softness: Array, first: int, last: int) -> bool:
    """Tell whether edges are softer in a stretch than outside; beside noise they only look weaker."""
    inside, outside = softness[first : last + 1], np.concatenate([softness[:first], softness[last + 1 :]])
    inside, outside = inside[~np.isnan(inside)], outside[~np.isnan(outside)]
    return bool(len(inside) and len(outside) and inside.max() >= np.median(outside) + 0.03)


def _lasting(check: Check, subject: Subject, values: Array, limit: float, words: str) -> Iterator[Finding]:
    """Judge a measure that is taken of some frames and is a fault only if it lasts."""
    counted = ~(np.isnan(values) | subject.intent.dark | subject.intent.drawn | subject.intent.conformed)
    if not counted.any():
        yield check.not_applicable("no frame to measure it in")
        return
    value = float(np.median(values[counted]))
    if value >= limit:
        yield check.failed(words, value, limit, frames=(0, subject.measures.frames - 1))
    else:
        yield check.passed(value, limit)
