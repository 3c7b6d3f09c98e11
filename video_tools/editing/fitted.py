"""A take of ours in another size or rate than the film's: fitted as it is asked for, encoded where it is shown alone.

take at 8 a second         0           1           2           3
film at 24 a second        0  1  2  3  4  5  6  7  8  9 10 11 12 ...
made and kept              [fade........][group of pictures ...
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import av
from av.video.reformatter import VideoReformatter

from reelgraph.video_tools.editing.footage import fit
from reelgraph.video_tools.editing.segments import Segment, Stretch

# Keeps the segment of a recipe, of so many frames, made of pictures.
Keep: TypeAlias = Callable[[list[object], int, Callable[[], Iterable[av.VideoFrame]]], Segment]


@dataclass(frozen=True)
class Fitted:
    """A take's pictures in the film's size and rate; what only a transition or an edit shows is never encoded alone.

    Attributes:
        take: The take, in the profile at its own size and rate.
        name: What its frames are, for caches.
        frames: How many there are at the film's rate.
        rate: The film's, in frames a second.
        width: The film's.
        height: The film's.
        keep: Encodes what is shown as it is, or finds it.
    """

    take: Segment
    name: str
    frames: int
    rate: Fraction
    width: int
    height: int
    keep: Keep

    def stretch(self, first: int, frames: int) -> Stretch:
        """Return a stretch as packets that can be copied."""
        made = self.keep(["fitted", self.name, first, frames], frames, lambda: self.decode(first, frames))
        return made, 0, frames

    def decode(self, first: int, frames: int) -> Iterator[av.VideoFrame]:
        """Make the pictures of a stretch: yuv420p, BT.709, limited range."""
        return self.at(range(first, first + frames))

    def at(self, numbers: Iterable[int]) -> Iterator[av.VideoFrame]:
        """Make pictures in any order: in each frame, what the take shows in the middle of it; its last one is held."""
        pace = self.take.rate / self.rate
        sources = [min(int((number + Fraction(1, 2)) * pace), self.take.frames - 1) for number in numbers]
        scaler = VideoReformatter()  # kept, so that its tables are made once
        shown, fitted = -1, None
        for source, picture in zip(sources, self.take.at(sources), strict=True):
            if fitted is None or source != shown:
                shown, fitted = source, fit(picture, Fraction(1), self.width, self.height, scaler)
            yield fitted
