"""The segment profile: the H.264 form that takes, joints and conformed footage share, so that packets can be joined.

Copied and re-encoded packets may share a track only if their parameter sets are the same bytes, so everything that
enters them (size, rate, preset, colour tags) is fixed here. Key frames close a group of pictures every half second: a
cut or a joint can begin at any of them, wherever the edit falls later.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import av
from av.video.reformatter import VideoReformatter

from reelgraph.video_tools.editing.apart import alive
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import digest

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext

Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower"]

# BT.709 for primaries, transfer and matrix alike; range 1 is limited. Source: ITU-T H.273, tables 2 to 4.
BT709 = 1
LIMITED = 1

# Pixels in a side. Source: x264's common.h, MAX_RESOLUTION.
_LONGEST = 16_384

# A fixed number of threads: x264's output depends on it, and must not depend on the machine.
TAKE_THREADS = 4

# x264's own code for AVX-512 is left out: with it, where the macroblocks of a row are no multiple of four, its
# macroblock tree gives other bytes when another encoder works beside (of 60 encodings 2 to 8 kinds, and one without).
# What is left is what every processor with AVX2 has, and as fast.
_AVX_512 = 13  # Source: OpenCV's CpuFeatures, CPU_AVX_512F
_NO_AVX_512 = "MMX2,SSE2Fast,LZCNT,SSSE3,SSE4.2,AVX,FMA3,BMI2,AVX2"

# A cheaper motion search for frames re-encoded at joints. None of these enters the parameter sets, except that
# subme < 6 would change the chroma offset, which is pinned to the preset's own. Measured on fades: 1.9x less CPU and
# 0.1 dB for `medium`, whose blocks may still be divided; 1.7x less CPU and 0.1 dB for `veryfast`, where they may not.
_LESS = "subme=2:trellis=0:me=hex:mixed-refs=0:rc-lookahead=12"
_FAST_JOINTS: dict[Preset, tuple[str, int]] = {
    "veryfast": ("subme=1:partitions=i8x8,i4x4:b-adapt=0", 0), "faster": (_LESS, 0), "fast": (_LESS, -2),
    "medium": (_LESS, -2), "slow": (_LESS, -2), "slower": (_LESS, -2),
}  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """How segments are encoded.

    Attributes:
        preset: x264's preset, for takes and joints alike.
        crf: x264's constant rate factor; lower is better and larger.
        joints: `fast` searches motion less hard in the frames of joints; `same` encodes them as takes are.
        sound_bit_rate: AAC bits a second.
    """

    preset: Preset = "veryfast"
    crf: int = 18
    joints: Literal["fast", "same"] = "fast"
    sound_bit_rate: int = 192_000

    def __post_init__(self) -> None:
        if not 0 < self.crf <= 51:
            raise InvalidRequest(f"crf {self.crf} is outside 1 to 51: 18 is visually lossless")

    def key(self, rate: Fraction) -> str:
        """Name everything that decides the bytes, for caches."""
        encoder = ".".join(map(str, av.library_versions["libavcodec"]))
        search = _FAST_JOINTS.get(self.preset) if self.joints == "fast" else None
        return digest([self.preset, self.crf, self.joints, search, key_interval(rate), TAKE_THREADS, encoder])


DEFAULT = Profile()


def key_interval(rate: Fraction) -> int:
    """Return the frames from one key frame to the next: half a second's."""
    return max(1, round(rate / 2))


def time_scale(rate: Fraction) -> int:
    """Return the MP4 time scale in which every frame of a rate begins at a whole tick."""
    scale = rate.numerator
    while scale < 10_000:
        scale *= 2
    return scale


def set_up(
    context: "VideoCodecContext", rate: Fraction, profile: Profile, *, joint: bool = False, threads: int = TAKE_THREADS
) -> None:
    """Make an x264 encoder one of the profile; `joint` encodes a few frames on one thread.

    Raises:
        InvalidRequest: The size cannot be encoded as yuv420p.
    """
    check_size(context.width, context.height)
    parameters = f"keyint={key_interval(rate)}:min-keyint=1:scenecut=0:open-gop=0:stitchable=1"
    if joint and profile.joints == "fast" and profile.preset in _FAST_JOINTS:
        search, offset = _FAST_JOINTS[profile.preset]
        parameters += f":{search}:chroma-qp-offset={offset}"
    if _has_avx_512():
        parameters += f":asm={_NO_AVX_512}"
    context.pix_fmt = "yuv420p"
    context.framerate = rate
    context.time_base = 1 / rate
    context.thread_count = 1 if joint else threads
    context.color_primaries = context.color_trc = context.colorspace = BT709
    context.color_range = LIMITED
    context.options = {"preset": profile.preset, "crf": str(profile.crf), "x264-params": parameters}


@cache
def _has_avx_512() -> bool:
    import cv2

    return bool(cv2.checkHardwareSupport(_AVX_512))


def check_size(width: int, height: int) -> None:
    """Refuse a size that yuv420p cannot hold.

    Raises:
        InvalidRequest: A side is odd, or too long; the message quotes the nearest legal ones.
    """
    for name, side in (("width", width), ("height", height)):
        if side > _LONGEST:
            raise InvalidRequest(f"{name} {side} cannot be encoded: a side has at most {_LONGEST} pixels")
        if side % 2 or side < 16:
            near = f"{side - 1} or {side + 1}" if side > 16 else "16"
            raise InvalidRequest(
                f"{name} {side} cannot be encoded: H.264 in 4:2:0 needs even sides from 16, such as {near}"
            )


def encode_segment(
    frames: Iterable[av.VideoFrame],
    file: Path | IO[bytes],
    rate: Fraction,
    profile: Profile,
    *,
    joint: bool = False,
    threads: int = TAKE_THREADS,
) -> int:
    """Encode frames as a segment: a silent MP4 of the profile.

    Args:
        frames: Frames of one size, in any pixel format; YUV ones are taken to be BT.709 already.
        file: Where to write it.
        rate: Frames a second.
        profile: How to encode.
        joint: These are a joint's few frames (see `Profile.joints`), encoded on one thread.
        threads: Of the encoder, for others; they enter its output.

    Returns:
        How many frames were encoded.

    Raises:
        InvalidRequest: There are no frames, or their size cannot be encoded.
    """
    count = 0
    target = str(file) if isinstance(file, Path) else file
    options = {"fflags": "+bitexact", "movie_timescale": str(time_scale(rate))}
    with av.open(target, "w", format="mp4", options=options) as container:
        stream = None
        for frame in _in_form(frames):
            if stream is None:
                stream = container.add_stream("libx264", rate=rate)
                stream.width, stream.height = frame.width, frame.height
                set_up(stream.codec_context, rate, profile, joint=joint, threads=threads)
                stream.time_base = 1 / rate
            alive()  # a picture that is held for long is read only once
            frame.pts, frame.time_base, frame.pict_type = count, 1 / rate, 0
            container.mux(stream.encode(frame))
            count += 1
        if stream is None:
            raise InvalidRequest("there are no frames to encode: a segment needs at least one")
        container.mux(stream.encode(None))
    return count


def _in_form(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Bring frames to yuv420p, each in a thread while the one before it is encoded.

    The next frame is asked for only when that is done: whoever makes frames may draw all into one buffer.
    """
    source = iter(frames)
    first = next(source, None)
    if first is None:
        return
    if first.format.name == "yuv420p":
        yield first
        yield from source
        return
    converter = VideoReformatter()  # kept, so that its tables are made once

    def convert(frame: av.VideoFrame) -> av.VideoFrame:
        return converter.reformat(frame, format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED, threads=1)

    with ThreadPoolExecutor(1) as thread:
        ready = convert(first)
        for frame in source:
            coming = thread.submit(convert, frame)
            yield ready
            ready = coming.result()
        yield ready


@lru_cache(maxsize=32)
def parameter_sets(width: int, height: int, rate: Fraction, profile: Profile) -> bytes:
    """Return the decoder configuration that every segment of a film must have, byte for byte."""
    file = BytesIO()
    encode_segment([av.VideoFrame(width, height, "yuv420p")], file, rate, profile, joint=True)  # one thread is quicker
    file.seek(0)
    with av.open(file) as container:
        return bytes(container.streams.video[0].codec_context.extradata or b"")
