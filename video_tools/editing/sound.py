"""The film's sound: mixed from PCM on the film's clock, and encoded once, in chunks that are cached by their recipe.

A chunk is a stretch of the AAC track on its own grid of 1024 samples. Each is encoded with a run-in that is dropped, so
that chunks join without a seam; an edit encodes again only the chunks it touches.
"""

import json
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.editing.conform import Conformer
from reelgraph.video_tools.editing.joints import dip_halves
from reelgraph.video_tools.editing.pcm import read_pcm, read_sound, resampled, write_wav
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, digest, overlap
from reelgraph.video_tools.timebase import samples_of

RATE = 48_000
BLOCK = 1024  # samples in one AAC frame. Source: ISO/IEC 14496-3, 4.5.2.1
CHUNK, RUN_IN = 64, 8  # in blocks; the run-in is dropped, and was measured to leave no seam


@dataclass(frozen=True)
class Part:
    """A stretch of one sound in the film, in samples at 48 kHz.

    Attributes:
        path: 48 kHz 16-bit PCM, one or two channels.
        name: Its content hash.
        start: Where in the film it begins.
        samples: How long it sounds; silence where the file ends before.
        offset: Where in the file it begins.
        gain: Factor.
        rise: Samples over which it fades in.
        fall: Samples over which it fades out.
        equal_power: Fades keep the power of two unlike sounds (a crossfade), instead of the amplitude.
    """

    path: Path
    name: str
    start: int
    samples: int
    offset: int = 0
    gain: float = 1.0
    rise: int = 0
    fall: int = 0
    equal_power: bool = False

    def recipe(self, origin: int) -> list[object]:
        """Return all that decides its samples, with its place counted from `origin`."""
        fades = [self.rise, self.fall, self.equal_power]
        return [self.name, self.start - origin, self.samples, self.offset, self.gain, *fades]

    def read(self, first: int, last: int) -> np.ndarray:
        """Read film samples `first` to `last`, which lie inside it: `(samples, 2) float32`."""
        pcm = read_pcm(self.path, self.offset + first - self.start, last - first)
        place = np.arange(first - self.start, last - self.start, dtype=np.float32)
        level = np.full(len(place), self.gain, np.float32)
        if self.rise:
            level *= self._curve((place + 0.5) / self.rise)
        if self.fall:
            level *= self._curve((self.samples - place - 0.5) / self.fall)
        return pcm * level[:, None]

    def _curve(self, share: np.ndarray) -> np.ndarray:
        share = np.clip(share, 0, 1)
        return np.sin(share * np.float32(np.pi / 2)) if self.equal_power else share


@dataclass(frozen=True)
class Packets:
    """AAC packets of a chunk, with the decoder's configuration."""

    configuration: bytes
    packets: list[bytes]


def parts_of(cut: Cut, conformer: Conformer) -> list[Part]:
    """Place the sound of every clip on the film's clock."""
    parts = []
    for i, (clip, start) in enumerate(zip(cut.clips, cut.starts, strict=True)):
        take = conformer.take(clip) if clip.take else None
        path = conformer.takes.sound(take) if take else None
        if take is None or path is None or take.sound is None:
            continue
        following = cut.clips[i + 1].transition if i + 1 < len(cut.clips) else None
        over_in, over_out = overlap(clip.transition), overlap(following) if following else 0
        rise = over_in or dip_halves(cut, i)[1]
        fall = over_out or (dip_halves(cut, i + 1)[0] if following else 0)
        first = samples_of(start, cut.rate, RATE)
        parts.append(
            Part(
                path=pcm_at_48k(path, take.sound, conformer.cache),
                name=take.sound,
                start=first,
                samples=samples_of(start + clip.frames, cut.rate, RATE) - first,
                offset=samples_of(clip.in_frame, cut.rate, RATE),
                gain=10 ** (clip.gain_db / 20),
                rise=samples_of(rise, cut.rate, RATE),
                fall=samples_of(fall, cut.rate, RATE),
                equal_power=bool(over_in or over_out),
            )
        )
    return parts


def mix(parts: Sequence[Part], first: int, last: int) -> np.ndarray:
    """Add up the parts that sound in film samples `first` to `last`: `(samples, 2) float32`."""
    total = np.zeros((last - first, 2), np.float32)
    for part in parts:
        a, b = max(first, part.start), min(last, part.start + part.samples)
        if a < b:
            total[a - first : b - first] += part.read(a, b)
    return total


def encoded(parts: Sequence[Part], samples: int, bit_rate: int, cache: Path) -> Iterator[tuple[Packets, int]]:
    """Encode the film's sound, chunk by chunk.

    Args:
        parts: What sounds; nothing is a silent track.
        samples: The film's length.
        bit_rate: AAC bits a second.
        cache: Where chunks are kept.

    Yields:
        The packets of each chunk, and the block number of the first of them; the very first is block -1, which holds
        the encoder's start-up and is never heard.
    """
    blocks = -(-samples // BLOCK)
    for chunk in range(0, blocks, CHUNK):
        first = max(0, chunk - RUN_IN)
        last = min(blocks, chunk + CHUNK + 2)
        a, b = first * BLOCK, min(samples, last * BLOCK)
        sounding = [p for p in parts if p.start < b and p.start + p.samples > a]
        wanted = (chunk - 1 if chunk == 0 else chunk, blocks if chunk + CHUNK >= blocks else chunk + CHUNK)
        recipe = [1, [p.recipe(a) for p in sounding], b - a, wanted[0] - first, wanted[1] - first, bit_rate]
        path = cache / "sound" / f"{digest(recipe)}.aac"
        if path.exists():
            packets = _read_packets(path)
        else:
            packets = _encode(mix(sounding, a, b), wanted[0] - first, wanted[1] - first, bit_rate)
            _write_packets(path, packets)
        yield packets, wanted[0]


def _encode(pcm: np.ndarray, first: int, last: int, bit_rate: int) -> Packets:
    """Encode PCM and keep the packets of blocks `first` to `last`; block -1 is the encoder's start-up."""
    encoder = av.AudioCodecContext.create("aac", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE, "stereo", "fltp", bit_rate
    encoder.time_base = Fraction(1, RATE)
    planar = np.ascontiguousarray(np.clip(pcm, -1, 1).T)
    kept: list[bytes] = []
    for at in [*range(0, planar.shape[1], BLOCK), None]:
        frame = None
        if at is not None:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planar[:, at : at + BLOCK]), "fltp", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        kept += [bytes(p) for p in encoder.encode(frame) if p.pts is not None and first <= p.pts // BLOCK < last]
    return Packets(bytes(encoder.extradata or b""), kept)


def pcm_at_48k(path: Path, name: str, cache: Path) -> Path:
    """Return PCM at 48 kHz with one or two channels: the file itself where it is so, else made once."""
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getsampwidth()) == (RATE, 2) and file.getnchannels() <= 2:
            return path
    target = cache / "pcm" / f"{name}.wav"
    if not target.exists():
        sound = read_sound(path)
        if sound is None:
            raise InvalidRequest(f"{path.name} has no sound")
        with staged_file(target) as temporary:
            write_wav(resampled(sound, RATE), temporary)
    return target


def _write_packets(path: Path, packets: Packets) -> None:
    head = {"configuration": packets.configuration.hex(), "sizes": [len(p) for p in packets.packets]}
    with staged_file(path) as temporary:
        temporary.write_bytes(json.dumps(head).encode() + b"\n" + b"".join(packets.packets))


def _read_packets(path: Path) -> Packets:
    line, _, body = path.read_bytes().partition(b"\n")
    head = json.loads(line)
    packets, at = [], 0
    for size in head["sizes"]:
        packets.append(body[at : at + size])
        at += size
    return Packets(bytes.fromhex(head["configuration"]), packets)
