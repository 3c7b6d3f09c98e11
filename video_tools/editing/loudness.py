"""Loudness measured and brought to a target, and peaks held below the ceiling that deliveries ask for."""

from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np

RATE = 48_000
# What the web, podcasts and European broadcast are delivered at, in LUFS. Source: EBU R 128 for the last.
TARGETS = {"web": -14.0, "podcast": -16.0, "ebu": -23.0}
# True peak that lossy codecs leave room for. Source: EBU R 128 s1 and the streaming services' own advice.
CEILING = 10 ** (-1 / 20)

# What needs no limiting: peaks between samples rise above them by less than 3 dB.
_UNLIMITED = 0.7 * CEILING

# K-weighting at 48 kHz: a high shelf, then a high pass, as b0 b1 b2 a1 a2. Source: ITU-R BS.1770-5, annex 1.
_SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
_HIGH_PASS = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)

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


def integrated(read: Read, samples: int) -> float:
    """Measure integrated loudness in LUFS; minus infinity for silence.

    Source: ITU-R BS.1770-5, annex 1: blocks of 400 ms at 75 % overlap, gated at -70 LUFS and then 10 LU below the mean.
    """
    step = RATE // 10
    powers: list[np.ndarray] = []
    weigh = _Weighting()
    for at in range(0, samples, 100 * step):
        weighted = weigh(read(at, min(samples, at + 100 * step)))
        whole = len(weighted) // step * step
        powers.append((weighted[:whole].astype(np.float64) ** 2).reshape(-1, step, 2).mean(1).sum(1))
    tenths = np.concatenate(powers) if powers else np.zeros(0)
    if len(tenths) < 4:
        tenths = np.pad(tenths, (0, 4 - len(tenths)))
    blocks = np.convolve(tenths, np.ones(4) / 4, "valid")
    loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(loud):
        return float("-inf")
    gated = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(gated.mean()))


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
    if not np.isfinite(first):
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


class _Weighting:
    """K-weighting of a sound that comes piece by piece."""

    def __init__(self) -> None:
        self._graph = av.filter.Graph()
        source = self._graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE))
        last = source
        for b0, b1, b2, a1, a2 in (_SHELF, _HIGH_PASS):
            stage = self._graph.add("biquad", f"a0=1:a1={a1}:a2={a2}:b0={b0}:b1={b1}:b2={b2}:precision=f64")
            last.link_to(stage)
            last = stage
        sink = self._graph.add("abuffersink")
        last.link_to(sink)
        self._graph.configure()
        self._at = 0

    def __call__(self, pcm: np.ndarray) -> np.ndarray:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T, np.float32), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, Fraction(1, RATE)
        self._at += len(pcm)
        self._graph.push(frame)
        result: list[np.ndarray] = []
        while sum(len(r) for r in result) < len(pcm):
            out = self._graph.pull()
            assert isinstance(out, av.AudioFrame)
            result.append(out.to_ndarray().T.astype(np.float32))
        return np.concatenate(result)
