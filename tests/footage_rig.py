"""Real media files of the kinds that people bring, written with PyAV."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def sine(tone: float, seconds: float, rate: int = 48_000, channels: int = 2, level: float = 0.125) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return np.repeat((level * np.sin(2 * np.pi * tone * t)).astype(np.float32)[:, None], channels, 1)


def write_media(
    path: Path,
    pictures: Sequence[np.ndarray],
    *,
    rate: Fraction | int = 24,
    stamps: Sequence[Fraction] | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    container: str | None = None,
    sound: np.ndarray | None = None,
    sound_rate: int = 48_000,
    sound_codec: str = "aac",
    layout: str | None = None,
    sound_delay: Fraction = Fraction(0),
    aspect: Fraction | None = None,
    trc: int | None = None,
    cover: np.ndarray | None = None,
) -> Path:
    """Write a media file; pictures are uint8 or uint16 RGB, or RGBA."""
    with av.open(str(path), "w", format=container) as file:
        video = None
        if len(pictures):
            video = file.add_stream(
                codec,
                rate=Fraction(rate),
                options=options or {"preset": "ultrafast", "crf": "16"} if codec == "libx264" else options or {},
            )
            video.height, video.width = pictures[0].shape[:2]
            video.pix_fmt = pix_fmt
            if stamps is not None:
                video.codec_context.time_base = Fraction(1, 90_000)
            if aspect is not None:
                video.codec_context.sample_aspect_ratio = aspect
            if trc is not None:
                video.codec_context.color_trc, video.codec_context.color_primaries = trc, 9
                video.codec_context.colorspace = 9
        audio = None
        if sound is not None:
            names = {1: "mono", 2: "stereo", 6: "5.1"}
            audio = file.add_stream(sound_codec, rate=sound_rate, layout=layout or names[sound.shape[1]])
        if cover is not None:
            art = file.add_stream("mjpeg", rate=1)
            art.height, art.width, art.pix_fmt = *cover.shape[:2], "yuvj420p"
            art.disposition = av.stream.Disposition.attached_pic
            still = av.VideoFrame.from_ndarray(cover, format="rgb24")
            still.pts, still.time_base = 0, Fraction(1)
            file.mux([*art.encode(still), *art.encode(None)])
        for n, picture in enumerate(pictures):
            assert video is not None
            kind = ("rgba" if picture.shape[2] == 4 else "rgb24") if picture.dtype == np.uint8 else "rgb48le"
            frame = av.VideoFrame.from_ndarray(picture, format=kind)
            if frame.format.name != pix_fmt:
                frame = frame.reformat(format=pix_fmt, dst_colorspace=9 if trc else None)
            frame.time_base = Fraction(1, 90_000) if stamps is not None else 1 / Fraction(rate)
            frame.pts = n if stamps is None else round(stamps[n] * 90_000)
            file.mux(video.encode(frame))
        if video is not None:
            file.mux(video.encode(None))
        if audio is not None and sound is not None:
            names = {1: "mono", 2: "stereo", 6: "5.1"}
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), "fltp", names[sound.shape[1]])
            frame.sample_rate, frame.pts, frame.time_base = sound_rate, 0, Fraction(1, sound_rate)
            resampler = av.AudioResampler(audio.codec_context.format, audio.codec_context.layout, sound_rate)
            shift = round(sound_delay * sound_rate)
            for piece in [*resampler.resample(frame), *resampler.resample(None)]:
                piece.pts = (piece.pts or 0) + shift
                file.mux(audio.encode(piece))
            file.mux(audio.encode(None))
    return path


def turn(path: Path, degrees: int) -> Path:
    """Write a rotation of 90 degrees clockwise-on-show into an MP4's track header, as phones do."""
    matrices = {
        90: (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000),
        180: (-0x10000, 0, 0, 0, -0x10000, 0, 0, 0, 0x40000000),
        270: (0, -0x10000, 0, 0x10000, 0, 0, 0, 0, 0x40000000),
    }
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    matrix = at + (52 if data[at] else 40)
    data[matrix : matrix + 36] = struct.pack(">9i", *matrices[degrees])
    path.write_bytes(data)
    return path
