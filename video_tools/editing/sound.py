"""The film's sound, encoded once, in chunks that are cached by the recipe of their mix.

A chunk is a stretch of the AAC track on its own grid of 1024 samples. Each is encoded with a run-in that is dropped, so
that chunks join without a seam; an edit encodes again only the chunks it touches.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.editing.loudness import MARGIN, RATE, gain_for, limited
from reelgraph.video_tools.editing.mix import Part, around, mix
from reelgraph.video_tools.film import digest

BLOCK = 1024  # samples in one AAC frame. Source: ISO/IEC 14496-3, 4.5.2.1
CHUNK, RUN_IN = 96, 8  # in blocks; the run-in is dropped, and was measured to leave no seam
# At this bit rate the fast search is the better one too. Source: ffmpeg's documentation of its AAC encoder, aac_coder.
# What mid/side coding saves is not needed here, and looking for it takes longest. Measured: docs/performance.md.
CODER = {"aac_coder": "fast", "aac_ms": "0"}


@dataclass(frozen=True)
class Packets:
    """AAC packets of a chunk, with the decoder's configuration."""

    configuration: bytes
    packets: list[bytes]


def encoded(
    parts: Sequence[Part], samples: int, bit_rate: int, cache: Path, *, loudness: float | None = None
) -> Iterator[tuple[Packets, int]]:
    """Encode the film's sound, chunk by chunk.

    Args:
        parts: What sounds; nothing is a silent track.
        samples: The film's length.
        loudness: LUFS that it is brought to, in two passes; None leaves it as mixed. Peaks are held down either way.
        bit_rate: AAC bits a second.
        cache: Where chunks are kept.

    Yields:
        The packets of each chunk, and the block number of the first of them; the very first is block -1, which holds
        the encoder's start-up and is never heard.
    """
    gain = _gain(parts, samples, loudness, cache)
    blocks = -(-samples // BLOCK)
    for chunk in range(0, blocks, CHUNK):
        first = max(0, chunk - RUN_IN)
        last = min(blocks, chunk + CHUNK + 2)
        a, b = first * BLOCK, min(samples, last * BLOCK)
        sounding = around(parts, a - MARGIN, b + MARGIN)
        wanted = (chunk - 1 if chunk == 0 else chunk, blocks if chunk + CHUNK >= blocks else chunk + CHUNK)
        recipe = [
            2,
            [p.recipe(a, b) for p in sounding],
            gain,
            [a == 0, b == samples],
            b - a,
            wanted[0] - first,
            wanted[1] - first,
            bit_rate,
        ]
        path = cache / "sound" / f"{digest(recipe)}.aac"
        if path.exists():
            packets = _read_packets(path)
        else:
            pcm = _levelled(sounding, a, b, gain)
            packets = _encode(pcm, wanted[0] - first, wanted[1] - first, bit_rate)
            _write_packets(path, packets)
        yield packets, wanted[0]


def _levelled(parts: Sequence[Part], first: int, last: int, gain: float) -> np.ndarray:
    """Mix a stretch at its final level; its neighbours' samples are looked at, so that stretches join."""
    lead = min(first, MARGIN)
    pcm = mix(parts, first - lead, last + MARGIN)
    return limited(pcm if gain == 1 else pcm * np.float32(gain))[lead : lead + last - first]


def _gain(parts: Sequence[Part], samples: int, loudness: float | None, cache: Path) -> float:
    if loudness is None or not parts:
        return 1.0
    name = digest(["loudness", 1, loudness, samples, [p.recipe(0, samples) for p in parts]])
    path = cache / "sound" / f"{name}.json"
    if not path.exists():
        gain = gain_for(lambda a, b: mix(parts, a, b), samples, loudness)
        with staged_file(path) as temporary:
            temporary.write_text(json.dumps(gain))
    return float(json.loads(path.read_text()))


def _encode(pcm: np.ndarray, first: int, last: int, bit_rate: int) -> Packets:
    """Encode PCM and keep the packets of blocks `first` to `last`; block -1 is the encoder's start-up."""
    encoder = av.AudioCodecContext.create("aac", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE, "stereo", "fltp", bit_rate
    encoder.time_base = Fraction(1, RATE)
    encoder.options = CODER
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(np.clip(pcm, -1, 1).T), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    made = [*encoder.encode(frame), *encoder.encode(None)]  # it takes the blocks that it wants from one long frame
    kept = [bytes(p) for p in made if p.pts is not None and first <= p.pts // BLOCK < last]
    return Packets(bytes(encoder.extradata or b""), kept)


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
