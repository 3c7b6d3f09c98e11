"""PCM in and out: WAV files, the sound of any media file, and other sample rates."""

import wave
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.apart import alive
from reelgraph.video_tools.editing.containers import open_media, picture_stream
from reelgraph.video_tools.errors import InvalidRequest


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


def read_sound(path: Path) -> Sound | None:
    """Decode the first sound stream of a media file, beginning where its picture begins.

    Returns:
        Mono stays mono; more than two channels are mixed down to two. None if there is no sound stream.

    Raises:
        InvalidRequest: The file cannot be read.
    """
    with open_media(path) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            return None
        picture = picture_stream(container)
        shown = Fraction(picture.start_time or 0) * (picture.time_base or 0) if picture else None
        rate = stream.codec_context.sample_rate
        resampler = av.AudioResampler("fltp", "mono" if stream.codec_context.channels == 1 else "stereo", rate)
        heard: Fraction | None = None
        blocks: list[np.ndarray] = []
        for frame in container.decode(stream):
            alive()
            if heard is None:
                heard = Fraction(frame.pts or 0) * (frame.time_base or 0)
            blocks += [f.to_ndarray() for f in resampler.resample(frame)]
        blocks += [f.to_ndarray() for f in resampler.resample(None)]
    if not blocks or heard is None:
        return None
    samples = np.concatenate(blocks, 1).T
    late = round((heard - shown) * rate) if shown is not None else 0
    if late > 0:
        samples = np.concatenate([np.zeros((late, samples.shape[1]), np.float32), samples])
    return Sound(np.ascontiguousarray(samples[max(0, -late) :], dtype=np.float32), rate)


def extract_sound(path: Path, target: Path, rate: int) -> bool:
    """Write the first sound stream of a media file as 16-bit PCM of another rate, without holding it in memory.

    It begins where the picture begins; mono stays mono, more than two channels are mixed down to two.

    Returns:
        Whether there is any sound. With no sound stream nothing is written.

    Raises:
        InvalidRequest: The file cannot be read.
    """
    with open_media(path) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            return False
        picture = picture_stream(container)
        shown = Fraction(picture.start_time or 0) * (picture.time_base or 0) if picture else None
        mono = stream.codec_context.channels == 1
        resampler = av.AudioResampler("s16", "mono" if mono else "stereo", rate)
        given = early = 0
        with wave.open(str(target), "wb") as file:
            file.setnchannels(1 if mono else 2)
            file.setsampwidth(2)
            file.setframerate(rate)

            def write(pieces: Sequence[av.AudioFrame]) -> None:
                nonlocal early
                for piece in pieces:
                    samples = piece.to_ndarray().reshape(-1, 1 if mono else 2)
                    skipped = min(early, len(samples))
                    early -= skipped
                    file.writeframes(np.ascontiguousarray(samples[skipped:], "<i2").tobytes())

            for frame in container.decode(stream):
                alive()
                if not given and shown is not None:
                    late = round((Fraction(frame.pts or 0) * (frame.time_base or 0) - shown) * rate)
                    early = max(0, -late)
                    if late > 0:
                        file.writeframes(bytes(2 * late * (1 if mono else 2)))
                given += frame.samples
                write(resampler.resample(frame))
            if not given:
                return False
            write(resampler.resample(None))
    return True


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
