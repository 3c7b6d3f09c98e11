"""Takes become segments in the film's size, rate and profile: as they are where they agree, else conformed.

What is made here is named by what it was made from, so it is made once and found again; the folder is safe to delete.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import repeat
from pathlib import Path
from typing import Protocol

import av

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.editing.apart import apart
from reelgraph.video_tools.editing.fitted import Fitted
from reelgraph.video_tools.editing.footage import even, fit, sampled
from reelgraph.video_tools.editing.overlays import Picture
from reelgraph.video_tools.editing.profile import Profile, encode_segment
from reelgraph.video_tools.editing.segments import Segment, is_segment
from reelgraph.video_tools.editing.shown import source_frame
from reelgraph.video_tools.errors import CorruptProject
from reelgraph.video_tools.film import Clip, Cut, Inset, Take, digest
from reelgraph.video_tools.timebase import frames_of, rate_text

# Raised when what is derived from the same input changes, so that caches of older releases are not used.
VERSION = 1

# What takes say made them that are a person's own files.
FILE = "file"


class TakeFiles(Protocol):
    """Where takes are: a project's ledger is one."""

    def take(self, key: str) -> Take | None:
        """Read the take of a key, or None."""

    def picture(self, take: Take) -> Path:
        """Return the take's picture file."""

    def sound(self, take: Take) -> Path | None:
        """Return the take's sound as PCM, or None if it has none."""

    def file(self, name: str) -> Path:
        """Return a file that an effect names, such as a colour table."""


def frames_in(take: Take, rate: Fraction) -> int | None:
    """Count how many frames a take fills at the film's rate; None for a still, which holds as long as it is wanted."""
    if take.picture == "picture.png":
        return None
    return take.frames if take.rate == rate else max(1, frames_of(Fraction(take.frames) / take.rate, rate))


def inset_size(inset: Inset, take: Take, film_width: int) -> tuple[int, int]:
    """Return an inset's width and height in pixels, even, in its take's shape."""
    width = max(16, even(inset.width * film_width))
    return width, max(16, even(Fraction(width * take.height, take.width)))


def needed(clip: Clip) -> int:
    """Return how many frames a take must have for a clip to show what it says."""
    return max(source_frame(clip.in_frame, clip.speed, at) for at in (0, clip.frames - 1)) + 1


def conform(path: Path, out: Path, frames: int, rate: Fraction, width: int, height: int, profile: Profile) -> int:
    """Encode a file's picture as a segment of a size, rate and profile, and count its frames; a still is held."""
    return encode_segment(sampled(path, frames, rate, width, height), out, rate, profile)


class Conformer:
    """Makes the segments of one cut, in its size, rate and profile."""

    def __init__(self, cut: Cut, takes: TakeFiles, cache: Path, profile: Profile) -> None:
        self.width, self.height, self.rate = cut.width, cut.height, cut.rate
        self.takes, self.cache, self.profile = takes, cache, profile
        self._encoded: list[int] = []  # appended to by threads
        self.form = [VERSION, cut.width, cut.height, rate_text(cut.rate), profile.key(cut.rate)]

    @property
    def new_frames(self) -> int:
        """How many frames were encoded so far."""
        return sum(self._encoded)

    def segment(self, clip: Clip) -> Segment | Fitted:
        """Return what a clip is a stretch of.

        Raises:
            CorruptProject: The clip's take is not in the ledger.
        """
        if clip.take is None:
            return self._slate(clip)
        take = self.take(clip)
        path = self.takes.picture(take)
        frames = frames_in(take, self.rate)
        if frames is None:
            held = needed(clip)
            return self._footage(["still", take.content, held], take, held)
        if take.rate == self.rate and is_segment(path, self.width, self.height, self.rate, self.profile):
            return Segment(path, take.content, frames, self.rate)
        if take.request.backend != FILE and is_segment(path, take.width, take.height, take.rate, self.profile):
            own = Segment(path, take.content, take.frames, take.rate)
            return Fitted(own, take.content, frames, self.rate, self.width, self.height, self._group)
        return self._footage(["take", take.content, frames], take, frames)

    def take(self, clip: Clip) -> Take:
        """Return a clip's take.

        Raises:
            CorruptProject: It is not in the ledger.
        """
        take = self.takes.take(clip.take or "")
        if take is None:
            raise CorruptProject(
                f"{clip.shot} shows the take {str(clip.take)[:12]}…, which is not there: shoot it again"
            )
        return take

    def joint(self, recipe: Sequence[object], frames: int, make: Callable[[], Iterable[av.VideoFrame]]) -> Segment:
        """Return the segment of frames that are made from other segments'."""
        return self._made(recipe, frames, lambda out: encode_segment(make(), out, self.rate, self.profile, joint=True))

    def _group(self, recipe: Sequence[object], frames: int, make: Callable[[], Iterable[av.VideoFrame]]) -> Segment:
        """Return the segment of a few frames of a take; many are made side by side."""
        return self._made(recipe, frames, lambda out: encode_segment(make(), out, self.rate, self.profile, threads=1))

    def _footage(
        self, recipe: Sequence[object], take: Take, frames: int, size: tuple[int, int] | None = None
    ) -> Segment:
        """Return the segment of a take's picture, in the film's size or another; a person's file is read apart."""
        path = self.takes.picture(take)
        form = (frames, self.rate, *(size or (self.width, self.height)), self.profile)
        if take.request.backend == FILE:
            return self._made(recipe, frames, lambda out: apart(conform, path, out, *form))
        return self._made(recipe, frames, lambda out: conform(path, out, *form))

    def _made(self, recipe: Sequence[object], frames: int, make: Callable[[Path], int]) -> Segment:
        """Return the segment of a recipe, made now unless it is there already; `make` says how many frames it wrote."""
        name = digest([self.form, *recipe])
        path = self.cache / "segments" / name[:2] / f"{name}.mp4"
        if not path.exists():
            with staged_file(path) as temporary:
                count = make(temporary)
                self._encoded.append(count)
                if count != frames:
                    raise CorruptProject(f"{count} frames were made where {frames} are needed: {recipe[0]}")
        return Segment(path, name, frames, self.rate)

    def inset(self, inset: Inset) -> Picture:
        """Return a take as a picture in the picture."""
        take = self.takes.take(inset.take)
        if take is None:
            raise CorruptProject(f"an inset shows take {inset.take[:12]}…, which is not there: shoot it again")
        width, height = inset_size(inset, take, self.width)
        frames = inset.in_frame + inset.frames
        recipe = ["inset", take.content, width, height, frames]
        segment = self._footage(recipe, take, frames, (width, height))
        left, top = round(inset.left * self.width / 2) * 2, round(inset.top * self.height / 2) * 2
        return Picture(inset.start, inset.frames, segment, inset.in_frame, left, top)

    def _slate(self, clip: Clip) -> Segment:
        from reelgraph.video_tools.editing.slate import draw_slate

        image = draw_slate(clip, self.width, self.height, self.rate)
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        held = needed(clip)
        name = hashlib.sha256(image.tobytes()).hexdigest()
        fitted = fit(frame, Fraction(1), self.width, self.height)
        return self._made(
            ["slate", name, held], held, lambda out: encode_segment(repeat(fitted, held), out, self.rate, self.profile)
        )
