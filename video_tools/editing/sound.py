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
# After so many samples it is looked again whether sound at its best fits the bit rate, with some blocks' worth on loan:
# the onset of a tone takes twice what its rest does.
_LOOK, _LOAN = 8 * BLOCK, 4
# At this bit rate the fast search is the better one too. Source: ffmpeg's documentation of its AAC encoder, aac_coder.
# What mid/side coding saves is not needed here, and looking for it takes longest; temporal noise shaping makes speech
# worse with this search. Measured: docs/performance.md.
CODER = {"aac_coder": "fast", "aac_ms": "0", "aac_tns": "0"}
# The best that this search can do, without the tools that save bits: a finer step than this takes no more of them. A
# tone, a pause or quiet music does not fill the bit rate even so, and ffmpeg, told to keep the rate, would try six
# times to. Measured: the same place.
_BEST = {**CODER, "aac_pns": "0", "aac_is": "0", "flags": "+qscale", "global_quality": "1000"}


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
            3,
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
    name = digest(["loudness", 2, loudness, samples, [p.recipe(0, samples) for p in parts]])
    path = cache / "sound" / f"{name}.json"
    if not path.exists():
        gain = gain_for(lambda a, b: mix(parts, a, b), samples, loudness)
        with staged_file(path) as temporary:
            temporary.write_text(json.dumps(gain))
    return float(json.loads(path.read_text()))


def _encode(pcm: np.ndarray, first: int, last: int, bit_rate: int) -> Packets:
    """Encode PCM and keep the packets of blocks `first` to `last`; block -1 is the encoder's start-up.

    What takes less than the bit rate at its best is encoded at its best, all else to the bit rate.
    """
    planes = np.ascontiguousarray(np.clip(pcm, -1, 1).T, np.float32)
    made = _coded(planes, bit_rate, _BEST, most=bit_rate) or _coded(planes, bit_rate, CODER)
    assert made is not None
    configuration, packets = made
    return Packets(configuration, [data for block, data in packets if first <= block < last])


def _coded(
    planes: np.ndarray, bit_rate: int, options: dict[str, str], most: float = float("inf")
) -> tuple[bytes, list[tuple[int, bytes]]] | None:
    """Encode `(2, samples)` and return the configuration and each block's packet, or None once it takes too much."""
    encoder = av.AudioCodecContext.create("aac", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE, "stereo", "fltp", bit_rate
    encoder.time_base = Fraction(1, RATE)
    encoder.options = options
    packets: list[tuple[int, bytes]] = []
    taken = 0
    for at in range(0, planes.shape[1], _LOOK):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes[:, at : at + _LOOK]), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        made = encoder.encode(frame)  # it takes the blocks that it wants from one long frame
        packets += [(p.pts // BLOCK, bytes(p)) for p in made if p.pts is not None]
        taken += sum(p.size for p in made)
        if 8 * taken * RATE > most * BLOCK * (len(packets) + _LOAN):
            return None
    packets += [(p.pts // BLOCK, bytes(p)) for p in encoder.encode(None) if p.pts is not None]
    return bytes(encoder.extradata or b""), packets


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
