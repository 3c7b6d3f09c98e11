"""A segment: an MP4 in the profile, whose frames are copied as packets or decoded one stretch at a time.

frame    0  1  2 ... 11 | 12 ...        a key frame begins each closed group of `key_interval` frames
copy       from a key frame ......... to a clean end: nothing copied leans on a packet that is not
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import av

from reelgraph.video_tools.editing.containers import open_media, picture_stream
from reelgraph.video_tools.editing.profile import Profile, key_interval, parameter_sets
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

# A segment, its first frame shown, and how many are.
Stretch: TypeAlias = "tuple[Segment, int, int]"


@dataclass(frozen=True)
class Segment:
    """A segment file.

    Attributes:
        path: The MP4.
        name: What its frames are, for caches: a content hash or a digest of the recipe.
        frames: How many there are.
        rate: Frames a second.
    """

    path: Path
    name: str
    frames: int
    rate: Fraction

    def next_key(self, frame: int) -> int:
        """Return the first frame at or after `frame` at which a copy can begin."""
        step = key_interval(self.rate)
        return min(-(-frame // step) * step, self.frames)

    def clean_end(self, frame: int) -> int:
        """Return the last frame at or before `frame` (exclusive) at which a copy can end."""
        if frame >= self.frames or frame % key_interval(self.rate) == 0:
            return min(frame, self.frames)
        return max(end for end in self._clean_ends if end <= frame)

    @cached_property
    def _clean_ends(self) -> list[int]:
        # After k packets in decoding order, all of them among the first k frames shown: nothing later is needed.
        ends, latest = [0], -1
        with self._open() as (container, stream):
            ticks = self._ticks(stream)
            stamps = (packet.pts for packet in container.demux(stream) if packet.pts is not None)
            for count, stamp in enumerate(stamps, 1):
                latest = max(latest, stamp // ticks)
                if latest == count - 1:
                    ends.append(count)
        return ends

    def stretch(self, first: int, frames: int) -> Stretch:
        """Return a stretch as packets that can be copied."""
        return self, first, frames

    def packets(self, first: int, frames: int, parameter_sets: bytes) -> "Iterator[tuple[av.Packet[VideoStream], int]]":
        """Go through the packets of a stretch in decoding order, each with its frame number within the stretch.

        Raises:
            CorruptProject: Frames are missing, or its decoder configuration is not byte for byte the one expected.
        """
        left = frames
        with self._open(first) as (container, stream):
            if bytes(stream.codec_context.extradata or b"") != parameter_sets:
                raise CorruptProject(f"{self.path} is not in the film's profile: delete the render folder")
            ticks = self._ticks(stream)
            for packet in container.demux(stream):
                if packet.pts is None or left == 0:
                    break
                number = packet.pts // ticks - first
                if 0 <= number < frames:
                    left -= 1
                    yield packet, number
        if left:
            raise CorruptProject(f"{self.path} is not what its record says: {left} of {frames} frames are missing")

    def decode(self, first: int, frames: int) -> Iterator[av.VideoFrame]:
        """Decode a stretch as it is stored: yuv420p, BT.709, limited range.

        Only the packets that it leans on are decoded: those of its group of pictures up to its last one in decoding
        order, but for the pictures before it on which no other leans, and none of the next group.
        """
        count = 0
        with self._open(first) as (container, stream):
            stream.codec_context.thread_count = 1  # joints are made side by side already
            ticks = self._ticks(stream)
            for packet in self._leading(container, stream, first, frames):
                for frame in stream.codec_context.decode(packet):
                    if first <= (frame.pts or 0) // ticks < first + frames:
                        count += 1
                        yield frame
        if count != frames:
            raise CorruptProject(
                f"{self.path} is not what its record says: {frames - count} of {frames} frames are missing"
            )

    def _leading(
        self, container: "InputContainer", stream: "VideoStream", first: int, frames: int
    ) -> "Iterator[av.Packet[VideoStream] | None]":
        """Go through the packets that a stretch needs, and then None, which makes a decoder give what it holds."""
        ticks, left = self._ticks(stream), frames
        for packet in container.demux(stream):
            if packet.pts is None or left == 0:
                break
            number = packet.pts // ticks
            left -= first <= number < first + frames
            if number >= first or _is_reference(bytes(packet)):
                yield packet
        yield None

    def at(self, numbers: Iterable[int]) -> Iterator[av.VideoFrame]:
        """Decode frames in any order, one group of pictures at a time, so that going backwards costs no more."""
        step = key_interval(self.rate)
        group = -1
        held: list[av.VideoFrame] = []
        for number in numbers:
            if number // step != group:
                group = number // step
                held = list(self.decode(group * step, min(step, self.frames - group * step)))
            yield held[number % step]

    @contextmanager
    def _open(self, first: int = 0) -> "Iterator[tuple[InputContainer, VideoStream]]":
        with open_media(self.path, segment=True) as container:
            stream = picture_stream(container)
            if stream is None:
                raise CorruptProject(f"{self.path} has no picture: delete it, and it is made again")
            if first:
                container.seek(round(first / self.rate / (stream.time_base or 1)), stream=stream, backward=True)
            yield container, stream

    def _ticks(self, stream: "VideoStream") -> int:
        """Return how many ticks of the file's clock a frame lasts: whole ones, in the profile."""
        return round(1 / (self.rate * (stream.time_base or 1)))


def _is_reference(packet: bytes) -> bool:
    """Say whether other pictures may lean on the one in a packet of an MP4.

    Source: ITU-T H.264, 7.4.1: `nal_ref_idc`, two bits before the type of a unit, is 0 in slices (types 1 and 5) of a
        picture that none refers to. ISO/IEC 14496-15: four bytes of length come before each unit, as x264 writes them.
    """
    at = 0
    while at + 4 < len(packet):
        if packet[at + 4] & 0x1F in (1, 5):
            return bool(packet[at + 4] & 0x60)
        at += 4 + int.from_bytes(packet[at : at + 4])
    return True


def is_segment(path: Path, width: int, height: int, rate: Fraction, profile: Profile) -> bool:
    """Say whether a file's packets can share a track with segments of this size, rate and profile."""
    try:
        with open_media(path, segment=True) as container:
            stream = picture_stream(container)
            if stream is None or stream.codec_context.name != "h264" or stream.average_rate != rate:
                return False
            if bytes(stream.codec_context.extradata or b"") != parameter_sets(width, height, rate, profile):
                return False
            keys = [n for n, entry in enumerate(stream.index_entries) if entry.is_keyframe]
            return keys == list(range(0, len(stream.index_entries), key_interval(rate)))
    except InvalidRequest:  # some containers (FLV, MPEG-PS) say what is in them only later, and are none of ours
        return False
