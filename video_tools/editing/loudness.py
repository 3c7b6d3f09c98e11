"""Loudness measured and brought to a target, and peaks held below the ceiling that deliveries ask for."""

import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from fractions import Fraction

import av
import numpy as np

RATE = 48_000
# What the web, podcasts and European broadcast are delivered at, in LUFS. Source: EBU R 128 for the last.
TARGETS = {"web": -14.0, "podcast": -16.0, "ebu": -23.0}
# True peak that lossy codecs leave room for. Source: EBU R 128 s1 and the streaming services' own advice.
CEILING = 10 ** (-1 / 20)

# What is said of silence. Source: the absolute gate of ITU-R BS.1770; and a level below any 16-bit sample.
SILENT, NO_PEAK = -70.0, -120.0
_PIECE = 10 * RATE  # samples of a mix that are held at once

# What needs no limiting: peaks between samples rise above them by less than 3 dB.
_UNLIMITED = 0.7 * CEILING

# Four-times oversampling, one row a phase. Source: ITU-R BS.1770-5, annex 2, table of filter coefficients.
_PHASES = np.array(
    [
        [0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
         0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500],
        [-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
         0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375],
    ],
    np.float32,
)  # fmt: skip
_PHASES = np.concatenate([_PHASES, _PHASES[::-1, ::-1]])  # the other two are these, backwards

# The limiter works on blocks of 64 samples (1.3 ms) and looks this many to either side, so a stretch of the film can be
# limited by itself, given that much more at both ends.
_BLOCK = 64
_REACH = 6
MARGIN = _BLOCK * (_REACH + 4)

Read = Callable[[int, int], np.ndarray]  # first and last sample -> (samples, 2) float32


def measured(pieces: Iterable[np.ndarray], rate: int = RATE, *, peaks: bool = False) -> tuple[float, float]:
    """Measure integrated loudness in LUFS, and true peak in dBTP if that is wanted, of sound that comes in pieces.

    Args:
        pieces: `(samples, 1 or 2) float32` each.
        rate: Samples a second.
        peaks: Whether true peaks are looked for, which takes three times as long.

    Returns:
        `SILENT` where nothing is heard for as long as 400 ms; `NO_PEAK` where there is none.

    Source: ITU-R BS.1770, as ffmpeg's ebur128 filter computes it.
    """
    meter: _Meter | None = None
    for piece in pieces:
        meter = meter or _Meter(rate, piece.shape[1], peaks)
        meter.hear(piece)
    return meter.read() if meter else (SILENT, NO_PEAK)


class _Meter:
    """ffmpeg's meter, fed piece by piece."""

    def __init__(self, rate: int, channels: int, peaks: bool) -> None:
        self._rate, self._layout, self._at = rate, "mono" if channels == 1 else "stereo", 0
        self._loudness, self._peak = SILENT, NO_PEAK
        self._graph = av.filter.Graph()
        self._source = self._graph.add_abuffer(
            sample_rate=rate, format="flt", layout=self._layout, time_base=Fraction(1, rate)
        )
        meter = self._graph.add("ebur128", f"metadata=1:peak={'true' if peaks else 'none'}")
        sink = self._graph.add("abuffersink")
        self._source.link_to(meter)
        meter.link_to(sink)
        self._graph.configure()

    def hear(self, piece: np.ndarray) -> None:
        for first in range(0, len(piece), self._rate):
            part = np.ascontiguousarray(piece[first : first + self._rate], np.float32)
            frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), "flt", self._layout)
            frame.sample_rate, frame.pts, frame.time_base = self._rate, self._at, Fraction(1, self._rate)
            self._at += len(part)
            self._source.push(frame)
            self._look()

    def read(self) -> tuple[float, float]:
        self._source.push(None)
        self._look()
        return self._loudness, self._peak

    def _look(self) -> None:
        with suppress(av.BlockingIOError, av.EOFError):
            while True:
                facts = dict(self._graph.pull().metadata)
                self._loudness = float(facts.get("lavfi.r128.I", self._loudness))
                heights = [float(v) for name, v in facts.items() if name.startswith("lavfi.r128.true_peaks_ch")]
                if (highest := max(heights, default=0.0)) > 0:
                    self._peak = max(self._peak, 20 * math.log10(highest))


def integrated(read: Read, samples: int) -> float:
    """Measure the integrated loudness of a mix that is made piece by piece; see `measured`."""
    return measured(read(at, min(samples, at + _PIECE)) for at in range(0, samples, _PIECE))[0]


def gain_for(read: Read, samples: int, target: float) -> float:
    """Return the factor that brings a mix to a target once its peaks are limited; 1 for silence.

    The first pass measures; the next ones measure what limiting took away, and give it back. The factor is a whole
    number of tenths of a decibel, so that an edit that nobody hears leaves the rest of the sound as it is encoded.
    """
    highest = 0.0

    def heard(a: int, b: int) -> np.ndarray:
        nonlocal highest
        pcm = read(a, b)
        highest = max(highest, float(np.abs(pcm).max(initial=0)))
        return pcm

    first = integrated(heard, samples)
    if first <= SILENT:
        return 1.0
    gain_db = target - first
    for _ in range(3):
        factor = 10 ** (gain_db / 20)
        if highest * factor <= _UNLIMITED:
            break

        def louder(a: int, b: int, factor: float = factor) -> np.ndarray:
            lead = min(a, MARGIN)
            return limited(read(a - lead, b + MARGIN) * np.float32(factor))[lead : lead + b - a]

        missing = target - integrated(louder, samples)
        if abs(missing) < 0.05:
            break
        gain_db += missing
    return float(10 ** (round(gain_db, 1) / 20))


def limited(pcm: np.ndarray) -> np.ndarray:
    """Hold true peaks below the ceiling, by a gain that falls before a peak and rises after it.

    Args:
        pcm: `(samples, 2) float32`, with `MARGIN` samples more than are wanted at either end that is not the film's.

    Source: true peaks are found at four times the rate, as ITU-R BS.1770-5, annex 2, does.
    """
    blocks = -(-len(pcm) // _BLOCK)
    padded = np.pad(pcm, ((0, blocks * _BLOCK - len(pcm)), (0, 0)))
    peaks = np.abs(padded).reshape(blocks, -1).max(1)
    loud = np.flatnonzero(peaks > _UNLIMITED)
    if not len(loud):
        return pcm
    peaks[loud] = np.maximum(peaks[loud], _true_peaks(padded, loud))
    needed = np.minimum(1, CEILING / np.maximum(peaks, 1e-9))
    around = np.lib.stride_tricks.sliding_window_view(np.pad(needed, _REACH, mode="edge"), 2 * _REACH + 1).min(1)
    window = np.hanning(2 * _REACH + 1)[1:-1]
    reach = len(window) // 2
    smooth = np.convolve(np.pad(around, reach, mode="edge"), window / window.sum(), "valid")
    centres = np.arange(blocks) * _BLOCK + _BLOCK / 2
    gain = np.interp(np.arange(len(pcm)), centres, np.minimum(smooth, needed))
    return np.asarray(pcm * gain[:, None], np.float32)


def _true_peaks(pcm: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return the greatest magnitude in some blocks at four times the rate."""
    taps = _PHASES.shape[1]
    around = np.pad(pcm, ((taps // 2, taps // 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(around, taps, 0)  # (samples + 1, 2, taps)
    at = (blocks[:, None] * _BLOCK + np.arange(_BLOCK + 1)).clip(max=len(windows) - 1)
    return np.asarray(np.abs(windows[at] @ _PHASES.T).reshape(len(blocks), -1).max(1), np.float32)
