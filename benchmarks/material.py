"""The clips that assembly is measured on: a panning texture with discs and grain, a tone, and a click at one second."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

RATE = Fraction(24)
SOUND_RATE = 48_000


@dataclass(frozen=True)
class Scale:
    """How large the work is."""

    clips: int
    seconds: int
    width: int
    height: int

    @property
    def frames(self) -> int:
        """Frames in a clip."""
        return self.seconds * int(RATE)


FULL = Scale(12, 5, 1280, 720)
QUICK = Scale(4, 3, 640, 360)


def pictures(number: int, scale: Scale) -> Iterator[np.ndarray]:
    """Draw a clip, frame by frame: `(height, width, 3) uint8 RGB`."""
    import cv2

    rng = np.random.default_rng(number)
    w, h = scale.width, scale.height
    big = np.zeros((h + 400, w + 800, 3), np.float32)
    for size in (8, 16, 48, 120, 300):
        noise = rng.random((big.shape[0] // size + 2, big.shape[1] // size + 2, 3)).astype(np.float32)
        big += cv2.resize(noise, (big.shape[1], big.shape[0]), interpolation=cv2.INTER_CUBIC) * size**0.6
    big = cv2.normalize(big, None, 20, 235, cv2.NORM_MINMAX)
    grain = [rng.normal(0, 2, (h, w, 1)).astype(np.float32) for _ in range(6)]
    for f in range(scale.frames):
        zoom = 1 + 0.0008 * f
        move = np.array([[zoom, 0, -2.1 * f - 20], [0, zoom, -0.9 * f - 10]], np.float32)
        image = cv2.warpAffine(big, move, (w, h))
        for k in range(4):
            centre = (int(w / 2 + w / 3 * np.sin(f / 20 + k * 1.6 + number)), int(h / 2 + h / 3 * np.cos(f / 17 + k)))
            colour = (60.0 * k, 250 - 50.0 * k, 40.0 + 15 * (number % 12))
            cv2.circle(image, centre, h // 14 + 12 * k, colour, -1, cv2.LINE_AA)
        yield np.clip(image + grain[f % 6], 0, 255).astype(np.uint8)


def sound(number: int, scale: Scale) -> np.ndarray:
    """Make a clip's sound: `(samples, 2) float32`."""
    t = np.arange(SOUND_RATE * scale.seconds) / SOUND_RATE
    wave = 0.2 * np.sin(2 * np.pi * (220 + 40 * (number % 12)) * t)
    wave[SOUND_RATE : SOUND_RATE + 240] += 0.7
    return np.repeat(np.clip(wave, -1, 1).astype(np.float32)[:, None], 2, 1)


def foreign(folder: Path, number: int) -> Path:
    """Return where a clip is as a foreign file."""
    return folder / f"clip{number:02d}.mp4"


def make(folder: Path, scale: Scale, preset: str) -> None:
    """Write each clip twice: as a take in the segment profile with its PCM, and as a foreign MP4 with AAC."""
    import av

    from reelgraph.video_tools.backends.base import Sound
    from reelgraph.video_tools.editing.media import encode_picture, write_wav
    from reelgraph.video_tools.editing.profile import Profile

    folder.mkdir(parents=True, exist_ok=True)
    for number in range(scale.clips + 1):  # the last replaces one in a revision
        if (folder / f"done{number}").exists():
            continue
        profile = Profile(preset=preset)  # type: ignore[arg-type]  # checked by x264
        encode_picture(pictures(number, scale), folder / f"take{number:02d}.mp4", rate=RATE, profile=profile)
        pcm = sound(number, scale)
        write_wav(Sound(pcm, SOUND_RATE), folder / f"take{number:02d}.wav")
        with av.open(str(foreign(folder, number)), "w") as file:
            video = file.add_stream("libx264", rate=RATE, options={"preset": preset, "crf": "18"})
            video.width, video.height, video.pix_fmt = scale.width, scale.height, "yuv420p"
            context = video.codec_context
            context.color_primaries = context.color_trc = context.colorspace = context.color_range = 1
            audio = file.add_stream("aac", rate=SOUND_RATE, layout="stereo")
            audio.bit_rate = 192_000
            for picture in pictures(number, scale):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                file.mux(video.encode(frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)))
            file.mux(video.encode(None))
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T), "fltp", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
            for at in range(0, pcm.shape[0], 1024):
                piece = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm[at : at + 1024].T), "fltp", "stereo")
                piece.sample_rate, piece.pts, piece.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
                file.mux(audio.encode(piece))
            file.mux(audio.encode(None))
        (folder / f"done{number}").touch()
        print(f"clip {number} made", file=sys.stderr, flush=True)
