"""What a clip shows: its take's frames at its speed, with its effects."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import av

from reelgraph.video_tools.editing.effects import applied, effect_of, recipe_of
from reelgraph.video_tools.editing.fitted import Fitted
from reelgraph.video_tools.editing.profile import BT709, LIMITED
from reelgraph.video_tools.editing.segments import Segment
from reelgraph.video_tools.film import Clip, Effect


@dataclass(frozen=True)
class Shown:
    """A clip from its frame `first` on.

    Attributes:
        segment: What the clip is a stretch of.
        in_frame: The segment's frame that the clip begins with.
        speed: Segment frames a clip frame; below 0 it runs backwards.
        effects: Applied to every picture, in order.
        frames: The clip's length, in which timed effects take place.
        first: Where in the clip this begins.
    """

    segment: Segment | Fitted
    in_frame: int
    speed: Fraction
    effects: tuple[Effect, ...]
    frames: int
    first: int = 0

    @classmethod
    def of(cls, clip: Clip, segment: Segment | Fitted) -> "Shown":
        """Return the whole of a clip."""
        return cls(segment, clip.in_frame, clip.speed, tuple(clip.effects), clip.frames)

    def later(self, frames: int) -> "Shown":
        """Return the same from `frames` frames on."""
        return replace(self, first=self.first + frames)

    @property
    def plain(self) -> bool:
        """Whether the take's frames are shown one after another as they are."""
        return self.speed == 1 and not self.effects

    def source(self, at: int) -> int:
        """Return the segment's frame that is shown `at` frames on from here."""
        return source_frame(self.in_frame, self.speed, self.first + at)

    def recipe(self) -> list[object]:
        """Return all that decides the pictures, as plain data."""
        if self.speed == 1:
            place: list[object] = [self.source(0)]
        else:
            place = [self.in_frame, str(self.speed), self.first]
        if not self.effects:
            return [self.segment.name, place]
        effects = [effect_of(e, self.segment.rate) for e in self.effects]
        timed = [self.first, self.frames] if any(e.timed for e in effects) else None
        return [self.segment.name, place, [recipe_of(e) for e in self.effects], timed]

    def pictures(self, frames: int) -> Iterator[av.VideoFrame]:
        """Make `frames` pictures, in yuv420p, BT.709."""
        if self.speed == 1:
            source = self.segment.decode(self.source(0), frames)
        else:
            source = self.segment.at(self.source(at) for at in range(frames))
        if not self.effects:
            yield from source
            return
        effects = [(e.name, effect_of(e, self.segment.rate)) for e in self.effects]
        for at, frame in enumerate(source, self.first):
            image = applied(effects, frame.to_ndarray(format="rgb24"), at, self.frames)
            changed = av.VideoFrame.from_ndarray(image, format="rgb24")
            yield changed.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED)


def source_frame(in_frame: int, speed: Fraction, at: int) -> int:
    """Return the take's frame that a clip shows in its frame `at`."""
    return in_frame + int(at * speed)
