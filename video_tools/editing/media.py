"""Media files in and out: encode frames as a take, probe, decode; with PCM and PNG beside them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from reelgraph.video_tools.editing.apart import alive
from reelgraph.video_tools.editing.containers import decoded, open_media, picture_stream
from reelgraph.video_tools.editing.pcm import read_sound, read_wav, write_wav
from reelgraph.video_tools.editing.profile import DEFAULT, Profile, encode_segment
from reelgraph.video_tools.editing.stills import is_still, read_still
from reelgraph.video_tools.editing.tone import is_hdr
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import MOST_FRAMES

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

__all__ = [
    "MediaFacts", "PictureFacts", "decode", "encode_picture", "probe", "read_sound", "read_wav", "write_png",
    "write_wav",
]  # fmt: skip


@dataclass(frozen=True)
class PictureFacts:
    """What was encoded."""

    frames: int
    width: int
    height: int


@dataclass(frozen=True)
class MediaFacts:
    """What a media file is.

    Attributes:
        width: Displayed width in pixels, after rotation and pixel shape; 0 without a picture.
        height: Displayed height.
        frames: Pictures in the file, counted.
        rate: Nominal frames a second (of the mean frame, where the rate varies).
        duration: Seconds of picture, last frame included; of sound where there is no picture.
        has_sound: Whether there is a sound stream.
        sample_rate: Samples a second; 0 without sound.
        channels: Sound channels; 0 without sound.
        rotation: Degrees that the container turns the picture by, anticlockwise.
        codec: Of the picture, or of the sound where there is none.
        container: ffmpeg's name of the container.
        variable_rate: Whether frames differ in length.
        pixel_format: ffmpeg's name of the stored pixel format.
        sample_aspect: Width over height of one stored pixel.
        interlaced: Whether pictures are made of two fields.
        hdr: `PQ` or `HLG` for high dynamic range, else empty.
        picture_start: Seconds at which the first picture is shown.
        sound_start: Seconds at which the sound begins.
    """

    width: int = 0
    height: int = 0
    frames: int = 0
    rate: Fraction = Fraction(0)
    duration: float = 0.0
    has_sound: bool = False
    sample_rate: int = 0
    channels: int = 0
    rotation: int = 0
    codec: str = ""
    container: str = ""
    variable_rate: bool = False
    pixel_format: str = ""
    sample_aspect: Fraction = Fraction(1)
    interlaced: bool = False
    hdr: str = ""
    picture_start: Fraction = Fraction(0)
    sound_start: Fraction = Fraction(0)


def encode_picture(
    frames: Iterable[np.ndarray], path: Path, *, rate: Fraction, profile: Profile = DEFAULT
) -> PictureFacts:
    """Encode frames as a segment, once; the same frames give the same bytes.

    Args:
        frames: `(height, width, 3) uint8 RGB` each, all of one even size.
        path: The `.mp4` to write; nothing is left there on failure.
        rate: Frames a second.
        profile: How to encode.

    Raises:
        InvalidRequest: There are no frames, a frame is not what it should be, or the size is odd.
    """
    shape: tuple[int, ...] = ()

    def checked() -> Iterator[av.VideoFrame]:
        nonlocal shape
        for number, frame in enumerate(frames):
            if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
                raise InvalidRequest(
                    f"frame {number} is {frame.dtype} {frame.shape}: frames are uint8 (height, width, 3)"
                )
            if shape and frame.shape != shape:
                raise InvalidRequest(f"frame {number} is {frame.shape}, those before it {shape}: one size in one take")
            shape = frame.shape
            yield _as_video_frame(np.ascontiguousarray(frame))

    try:
        count = encode_segment(checked(), path, rate, profile)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return PictureFacts(frames=count, width=shape[1], height=shape[0])


def _as_video_frame(picture: np.ndarray) -> av.VideoFrame:
    """Hand a picture over, uncopied where its rows end as FFmpeg's scaler reads them.

    It reads 16 pixels at once, so in other widths up to 48 bytes beyond the last row, which need not be ours (seen with
    FFmpeg 8: a crash, where the next page of memory was not). What FFmpeg itself holds is padded for that.
    """
    if picture.shape[1] % 16 == 0:
        return av.VideoFrame.from_numpy_buffer(picture, format="rgb24")
    return av.VideoFrame.from_ndarray(picture, format="rgb24")


def probe(path: Path) -> MediaFacts:
    """Say what a media file is; pictures are counted packet by packet, not believed from the header.

    Raises:
        InvalidRequest: It cannot be read, or it has neither picture nor sound.
    """
    if is_still(path):
        height, width = read_still(path).shape[:2]
        return MediaFacts(width=width, height=height, frames=1, codec="still", container="still", pixel_format="rgb24")
    with open_media(path) as container:
        sound = next((s for s in container.streams.audio), None)
        facts = MediaFacts(
            container=container.format.name,
            has_sound=sound is not None,
            sample_rate=sound.rate if sound else 0,
            channels=sound.channels if sound else 0,
            sound_start=_seconds(sound.start_time, sound.time_base) if sound else Fraction(0),
        )
        picture = picture_stream(container)
        if picture is None:
            if sound is None:
                raise InvalidRequest(f"{path.name} has neither picture nor sound")
            seconds = (container.duration or 0) / av.time_base
            return replace(facts, codec=sound.codec_context.name, duration=seconds)
        packets = list(_times(container, picture))
        stamps = sorted(stamp for stamp, _ in packets)
        if not stamps or len(stamps) > MOST_FRAMES:
            raise InvalidRequest(f"{path.name} has {len(stamps)} pictures: 1 to {MOST_FRAMES} can be read")
        base = picture.time_base or Fraction(1, 90000)
        nominal = picture.guessed_rate or picture.average_rate or Fraction(25)
        rate, duration, variable = _timing(np.array(stamps, np.int64), max(packets)[1], base, Fraction(nominal))
    first, aspect = _first(path)
    width, height = picture.codec_context.width, picture.codec_context.height
    width = round(width * aspect)
    if first.rotation % 180:
        width, height = height, width
    return replace(
        facts,
        width=width,
        height=height,
        frames=len(stamps),
        rate=rate,
        duration=duration,
        rotation=round(first.rotation) % 360,
        codec=picture.codec_context.name,
        variable_rate=variable,
        pixel_format=first.format.name,
        interlaced=bool(first.interlaced_frame),
        hdr=is_hdr(first),
        sample_aspect=aspect,
        picture_start=_seconds(stamps[0], base),
    )


def _times(container: "InputContainer", picture: "VideoStream") -> Iterator[tuple[int, int]]:
    """Go through the time stamps and lengths of a stream's packets, in ticks."""
    for packet in container.demux(picture):
        alive()
        if packet.pts is not None and not packet.is_discard:
            yield packet.pts, packet.duration or 0


def _timing(stamps: np.ndarray, last: int, base: Fraction, nominal: Fraction) -> tuple[Fraction, float, bool]:
    """Return rate, seconds (last frame included) and whether the rate varies, from sorted time stamps.

    `last` is how long the last picture is shown, in ticks, or 0 where the file does not say. The nominal rate is
    believed where the stamps agree with it.
    """
    steps = np.diff(stamps)
    shown = Fraction(int(stamps[-1] - stamps[0])) * base
    if not shown:
        return nominal, float(last * base or 1 / nominal), False
    # Stamps are rounded to the container's clock (1 ms in Matroska): two ticks, or 2 ms, apart is still constant.
    slack = max(2, float(Fraction(2, 1000) / base))
    even = bool(steps.max() - steps.min() <= slack)
    if even and abs(shown - len(steps) / nominal) <= slack * base:
        return nominal, float(len(stamps) / nominal), False
    tail = (last or int(np.median(steps[-8:]))) * base
    return (len(steps) / shown).limit_denominator(1001), float(shown + tail), not even


def _first(path: Path) -> tuple[av.VideoFrame, Fraction]:
    """Return the first picture, and the width over height of its pixels."""
    for frame, stream in decoded(path):
        aspect = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or Fraction(1)
        return frame, Fraction(aspect) or Fraction(1)
    raise InvalidRequest(f"{path.name} has no picture that can be decoded")


def decode(path: Path, size: tuple[int, int] | None = None) -> Iterator[np.ndarray]:
    """Decode a picture file frame by frame.

    Args:
        path: A video, or a still picture (one frame).
        size: Width and height to scale to; as stored if None.

    Yields:
        `(height, width, 3) uint8 RGB`.

    Raises:
        InvalidRequest: It cannot be read.
    """
    if is_still(path):
        picture = read_still(path)
        if size and (picture.shape[1], picture.shape[0]) != size:
            from PIL import Image

            picture = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
        yield picture
        return
    converter = VideoReformatter()  # kept, so that its tables are made once
    for frame, _ in decoded(path):
        width, height = size or (frame.width, frame.height)
        yield converter.reformat(frame, width, height, "rgb24", interpolation="AREA", threads=1).to_ndarray()


def write_png(frame: np.ndarray, path: Path) -> None:
    """Write `(height, width, 3) uint8 RGB` as PNG."""
    from PIL import Image

    Image.fromarray(frame).save(path, "PNG")


def _seconds(stamp: int | None, base: Fraction | None) -> Fraction:
    return Fraction(stamp or 0) * (base or 0)
