"""The door that every media file comes in by: real containers from local files, and bounded pictures.

Files are opened by path through ffmpeg's own readers, with only the local file protocol and only real containers
allowed: a playlist or a concat script named `.mp4` would otherwise read its neighbours, or the network.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import av

from reelgraph.video_tools.editing.apart import alive
from reelgraph.video_tools.errors import InvalidRequest

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

# Containers that hold media themselves; no playlist, script, device or network format. Names: ffmpeg's demuxers.
CONTAINERS = (
    "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "mxf",
    "ivf", "dv", "gif", "apng", "wav", "w64", "aiff", "caf", "flac", "mp3", "aac", "mpegvideo", "h264", "hevc",
    "yuv4mpegpipe",
)  # fmt: skip

# ffmpeg's own decoders of these leave out the transparency that is beside the picture; libvpx's read it.
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}

# Photographs in an MP4's clothes, by the brand in their first box, and what reads them: one that is read does not come
# here, and ffmpeg would show it for 25 seconds, unturned, or a tile of it. Source: ISO/IEC 23008-12 and AVIF 1.1.
_PHOTOGRAPHS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1"), ("HEIC", "pillow-heif")),
    b"avif": ("AVIF", "pillow 11.3 or later"),
}

# The header of a segment says all, so nothing is read or decoded beyond it.
_HEADER_ONLY = {"probesize": "32"}
_UNDECODED = [{"skip_frame": "all"}]

# A header can promise any size; what one frame may take is bounded before anything is decoded.
MOST_PIXELS = 8192 * 8192


@contextmanager
def open_media(path: Path, *, segment: bool = False) -> Iterator["InputContainer"]:
    """Open a local media file of a known container.

    Args:
        path: The file.
        segment: It is taken for one of ours: only its header is looked at, which takes a thirtieth of the time. Its
            pixel format is then not known before decoding.

    Raises:
        InvalidRequest: There is no such file, or it is not media of a kind that is read here; the message says which.
    """
    if not path.is_file():
        raise InvalidRequest(f"{path.name} is {'a folder' if path.is_dir() else 'not there'}: name a media file")
    if not segment and (photograph := _PHOTOGRAPHS.get(_head(path)[8:])):
        kind, reader = photograph
        raise InvalidRequest(f"{path.name} is a {kind} picture: install {reader} to read it, or save it as JPEG")
    options = {"protocol_whitelist": "file", "format_whitelist": ",".join(CONTAINERS)} | (
        _HEADER_ONLY if segment else {}
    )
    try:
        container = av.open(
            f"file:{path.absolute()}",
            options=options,
            stream_options=_UNDECODED if segment else None,  # type: ignore[arg-type]  # PyAV's stub says list[str]
        )
    except (av.FFmpegError, ValueError) as error:
        head = _head(path)  # Source: WebP Container Specification, WebP File Header; a still one does not come here
        if head[:4] == b"RIFF" and head[8:] == b"WEBP":
            raise InvalidRequest(f"{path.name} is a moving WebP, which ffmpeg does not read: save it as GIF") from error
        raise InvalidRequest(f"{path.name} is not media that can be read: {_reason(error)}") from error
    with container:
        try:
            yield container
        except av.FFmpegError as error:
            raise InvalidRequest(f"{path.name} is damaged: {_reason(error)}") from error


def picture_stream(container: "InputContainer") -> "VideoStream | None":
    """Return the moving picture of a container, which is never its cover art."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
                raise InvalidRequest(
                    f"a picture of {stream.codec_context.width}x{stream.codec_context.height} is too large: "
                    f"at most {MOST_PIXELS} pixels can be read"
                )
            return stream
    return None


def decoded(path: Path) -> Iterator[tuple[av.VideoFrame, "VideoStream"]]:
    """Decode a file's pictures as they are stored, each with the stream that it is of."""
    with open_media(path) as container:
        stream = picture_stream(container)
        if stream is None:
            raise InvalidRequest(f"{path.name} has no picture")
        stream.thread_type = "AUTO"
        stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
        if (seeing := _WITH_ALPHA.get(stream.codec_context.name)) and _has_alpha(stream):
            decoder = av.VideoCodecContext.create(seeing, "r")
            assert isinstance(decoder, av.VideoCodecContext)
            for packet in container.demux(stream):
                for frame in decoder.decode(packet):
                    alive()
                    frame.time_base = stream.time_base
                    yield frame, stream
            return
        for frame in container.decode(stream):
            alive()
            yield frame, stream


def _has_alpha(stream: "VideoStream") -> bool:
    """Say whether a WebM track has its transparency beside it. Source: the Matroska specification, AlphaMode."""
    return any(key.lower() == "alpha_mode" and value == "1" for key, value in stream.metadata.items())


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(12)


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, av.FFmpegError) and error.strerror else str(error)
    return (text or type(error).__name__).strip().rstrip(".").lower()
