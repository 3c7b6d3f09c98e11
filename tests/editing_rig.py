"""A small set of real takes for the editing tests: known pictures, known sound."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.media import encode_picture, write_png, write_wav
from reelgraph.video_tools.editing.profile import DEFAULT, Profile
from reelgraph.video_tools.film import Take, TakeRequest


@dataclass
class Shelf:
    """Takes in a folder, as `TakeFiles` wants them."""

    folder: Path
    takes: dict[str, Take] = field(default_factory=dict)

    def take(self, key: str) -> Take | None:
        return self.takes.get(key)

    def picture(self, take: Take) -> Path:
        return self.folder / take.key / take.picture

    def sound(self, take: Take) -> Path | None:
        return self.folder / take.key / "sound.wav" if take.sound else None

    def file(self, name: str) -> Path:
        return Path(name)

    def add(
        self,
        name: str,
        frames: int,
        *,
        width: int = 128,
        height: int = 96,
        rate: Fraction | int = 24,
        tone: float | None = None,
        sample_rate: int = 48_000,
        channels: int = 2,
        still: bool = False,
        pictures: list[np.ndarray] | None = None,
        profile: Profile = DEFAULT,
    ) -> Take:
        """Make a take: a picture that says which frame it is (see `frame_number`), and a tone if asked for."""
        rate = Fraction(rate)
        request = TakeRequest(
            backend="test", prompt=name, width=width, height=height, frames=frames, rate=rate, seed=len(self.takes)
        )
        folder = self.folder / request.key
        folder.mkdir(parents=True)
        shown = pictures or [numbered(n, len(self.takes), width, height) for n in range(frames)]
        if still:
            write_png(shown[0], folder / "picture.png")
        else:
            encode_picture(shown, folder / "picture.mp4", rate=rate, profile=profile)
        if tone is not None:
            seconds = frames / rate
            t = np.arange(round(seconds * sample_rate)) / sample_rate
            wave = np.sin(2 * np.pi * tone * t).astype(np.float32)[:, None] * 0.25
            write_wav(Sound(np.repeat(wave, channels, 1), sample_rate), folder / "sound.wav")
        files = {p.name: sha256_of(p) for p in folder.iterdir()}
        picture = "picture.png" if still else "picture.mp4"
        take = Take(
            key=request.key,
            request=request,
            content=files[picture],
            picture=picture,
            sound=files.get("sound.wav"),
            files=files,
            width=width,
            height=height,
            frames=1 if still else frames,
            rate=rate,
        )
        self.takes[take.key] = take
        return take


def numbered(number: int, take: int, width: int = 128, height: int = 96) -> np.ndarray:
    """Draw a frame whose number can be read back: eight bars, dark or light, and the take's own ground colour."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:] = [(70 + 60 * take) % 200, (160 + 35 * take) % 200, (30 + 90 * take) % 200]
    bar = width // 8
    for bit in range(8):
        image[height // 2 :, bit * bar : (bit + 1) * bar] = 225 if number >> bit & 1 else 25
    return image


def frame_number(image: np.ndarray) -> int:
    """Read the number of a frame drawn by `numbered`."""
    height, width = image.shape[:2]
    bar = width // 8
    middles = [image[height * 3 // 4, bit * bar + bar // 2].mean() for bit in range(8)]
    return sum(1 << bit for bit, value in enumerate(middles) if value > 125)


def level(samples: np.ndarray, rate: int, tone: float) -> float:
    """Return the amplitude of one sine in mono samples, by correlation."""
    t = np.arange(len(samples)) / rate
    return float(2 * abs(np.mean(samples * np.exp(-2j * np.pi * tone * t))))
