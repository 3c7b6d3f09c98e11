"""PCM in and out: WAV files, the sound of any media file, and other sample rates."""

import wave
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.apart import alive
from reelgraph.video_tools.editing.containers import open_media, picture_stream
from reelgraph.video_tools.errors import InvalidRequest

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer


def write_wav(sound: Sound, path: Path) -> None:
    """Write sound as 16-bit PCM, at its own rate."""
    samples = sound.samples if sound.samples.ndim == 2 else sound.samples[:, None]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())


def read_wav(path: Path) -> Sound:
    """Read 16-bit PCM.

    Raises:
        InvalidRequest: It is not 16-bit PCM.
    """
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise InvalidRequest(f"{path.name} has {8 * file.getsampwidth()}-bit sound: 16-bit PCM is read here")
            data = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
            return Sound((data / np.float32(32767)).astype(np.float32), file.getframerate())
    except (wave.Error, EOFError, FileNotFoundError) as error:
        raise InvalidRequest(f"{path.name} is not readable PCM: {error or 'it ends early'}") from error


def read_pcm(path: Path, first: int, samples: int) -> np.ndarray:
    """Read a stretch of 16-bit PCM as stereo; beyond either end is silence.

    Returns:
        `(samples, 2) float32`.
    """
    result = np.zeros((samples, 2), np.float32)
    with wave.open(str(path), "rb") as file:
        a, b = max(0, first), min(file.getnframes(), first + samples)
        if a < b:
            file.setpos(a)
            data = np.frombuffer(file.readframes(b - a), "<i2").reshape(-1, file.getnchannels())
            result[a - first : b - first] = data / np.float32(32767)  # one channel sounds on both sides
    return result


def read_sound(path: Path, *, partly: bool = False) -> Sound | None:
    """Decode the first sound stream of a media file, beginning where its picture begins; see `_heard`.

    Args:
        path: The file.
        partly: Whether what comes before a fault is wanted, instead of none of it.

    Returns:
        None if there is no sound stream, or nothing in it.

    Raises:
        InvalidRequest: The file cannot be read.
    """
    blocks: list[np.ndarray] = []
    with open_media(path) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            return None
        rate = stream.codec_context.sample_rate
        # Sums of more than two channels are held below full scale only where they are whole numbers.
        form = "s16p" if stream.codec_context.channels > 2 else "fltp"
        try:
            for block in _heard(container, stream, form, rate):
                blocks.append(block if form == "fltp" else block / np.float32(32768))
        except (av.FFmpegError, OSError):
            if not partly:
                raise
    return Sound(np.ascontiguousarray(np.concatenate(blocks), dtype=np.float32), rate) if blocks else None


def extract_sound(path: Path, target: Path, rate: int) -> bool:
    """Write the first sound stream of a media file as 16-bit PCM of another rate, without holding it in memory.

    It begins where the picture begins; see `_heard`.

    Returns:
        Whether there is any sound. With no sound stream nothing is written.

    Raises:
        InvalidRequest: The file cannot be read.
    """
    given = False
    with open_media(path) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            return False
        with wave.open(str(target), "wb") as file:
            file.setnchannels(min(2, stream.codec_context.channels))
            file.setsampwidth(2)
            file.setframerate(rate)
            for block in _heard(container, stream, "s16p", rate):
                given = True
                file.writeframes(np.ascontiguousarray(block, "<i2").tobytes())
    return given


def _heard(container: "InputContainer", stream: "AudioStream", form: str, rate: int) -> Iterator[np.ndarray]:
    """Decode sound block by block, beginning where the picture begins: what is heard before that is left out.

    Mono stays mono; more than two channels are mixed down to two.

    Yields:
        `(samples, channels)`, in the form.
    """
    picture = picture_stream(container)
    shown = Fraction(picture.start_time or 0) * (picture.time_base or 0) if picture else None
    channels = min(2, stream.codec_context.channels)
    resampler = av.AudioResampler(form, "mono" if channels == 1 else "stereo", rate)
    early: int | None = None
    for frame in chain(container.decode(stream), [None]):
        alive()
        if early is None:
            if frame is None:
                return
            late = round((Fraction(frame.pts or 0) * (frame.time_base or 0) - shown) * rate) if shown is not None else 0
            early = max(0, -late)
            if late > 0:
                yield np.zeros((late, channels), np.float32 if form == "fltp" else np.int16)
        for piece in resampler.resample(frame):
            samples = piece.to_ndarray().T
            skipped = min(early, len(samples))
            early -= skipped
            yield samples[skipped:]


def resampled(sound: Sound, rate: int) -> Sound:
    """Return the same sound at another rate, with as many samples as its length comes to."""
    if sound.rate == rate:
        return sound
    layout = "mono" if sound.samples.shape[1] == 1 else "stereo"
    resampler = av.AudioResampler("fltp", layout, rate)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.samples.T, dtype=np.float32), "fltp", layout)
    frame.sample_rate, frame.pts, frame.time_base = sound.rate, 0, Fraction(1, sound.rate)
    out = [f.to_ndarray() for f in [*resampler.resample(frame), *resampler.resample(None)]]
    samples = np.concatenate(out, 1).T
    want = round(len(sound.samples) * Fraction(rate, sound.rate))
    samples = np.pad(samples[:want], ((0, max(0, want - len(samples))), (0, 0)))
    return Sound(np.ascontiguousarray(samples), rate)
