"""Sound, read from PCM: silence, gaps, clipping, clicks, loudness and true peak."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.base import Check, Need, Subject, runs
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.editing.loudness import SILENT, TARGETS, measured
from reelgraph.video_tools.film import Finding

SOUND: frozenset[Need] = frozenset({"sound"})


@dataclass(frozen=True)
class Silence(Check):
    """A sound track with nothing on it, or one that drops out in the middle.

    Attributes:
        level_db: RMS below which 20 ms are silent. Source: EBU R128's absolute gate is -70 LUFS; a quiet room is
            recorded at about -60 dB.
        gap_ms: Shortest dropout: digital silence between sounds. Source: ours; 40 ms is one picture.
        edge_db: Least level just before or after a dropout; a pause between words fades, a dropout is cut.
        pause_ms: Longest pause between words where somebody speaks: a synthetic voice has nothing at all between them.
            Source: ours; pauses between sentences are rarely longer than a second.
    """

    level_db: float = -65.0
    gap_ms: float = 40.0
    edge_db: float = -45.0
    pause_ms: float = 1000.0
    name: ClassVar[str] = "silence"
    needs: ClassVar[frozenset[Need]] = SOUND

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report a silent track, and each dropout as the frames that it lasts."""
        sound = subject.sound
        assert sound is not None
        if not len(sound.samples):
            yield self.failed("the sound has no samples", 0, 1, unit="samples")
            return
        block = max(1, sound.rate // 100)
        levels = _levels(_mono(sound), block)
        loudest = float(levels.max())
        if loudest < self.level_db and subject.kind == "film" and not _sounding(subject, self.level_db):
            yield self.not_applicable("no take of the cut has sound that is to be heard")
            return
        if loudest < self.level_db and subject.kind == "file":
            yield self.unknown("the sound is silent throughout, and nothing says whether that was wanted")
            return
        if loudest < self.level_db and subject.request is not None and subject.request.is_brought_in:
            yield self.not_applicable("the footage that was brought in is silent throughout")
            return
        if loudest < self.level_db:
            yield self.failed("the sound is silent throughout", loudest, self.level_db, unit="dB")
            return
        found = 0
        # Digital silence: not one sample of any channel moves.
        still = _greatest(sound.samples) < 2**-15
        for first, last in runs(still):
            milliseconds = 1000 * (last - first + 1) / sound.rate
            inside = first > block and last < len(still) - block
            if milliseconds < self.gap_ms or not inside:
                continue
            if milliseconds < self.pause_ms and _spoken(subject, first / sound.rate, (last + 1) / sound.rate):
                continue
            before, after = _edge(sound, first - block, first), _edge(sound, last + 1, last + 1 + block)
            if max(before, after) < self.edge_db:
                continue
            found += 1
            frames = _frames(subject, first, last)
            yield self.failed(
                f"the sound drops out for {milliseconds:.0f} ms", milliseconds, self.gap_ms, frames=frames, unit="ms"
            )
        if not found:
            yield self.passed(loudest, self.level_db, unit="dB")


@dataclass(frozen=True)
class SoundClipped(Check):
    """Samples cut off at the end of the range.

    Attributes:
        run: Shortest run of samples at one end. Source: three equal samples at full scale are the usual test for an
            "over" (Sony's PCM-1630 counted from three).
        share: Least share of clipped samples, so that one loud moment does not count.
    """

    run: int = 3
    share: float = 0.0005
    name: ClassVar[str] = "sound_clipped"
    needs: ClassVar[frozenset[Need]] = SOUND

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report clipped sound over the frames from its first to its last clipped run."""
        sound = subject.sound
        assert sound is not None
        total = 0
        ends: list[int] = []
        for channel in np.ascontiguousarray(sound.samples.T):
            height = np.abs(channel)
            top = float(height.max(initial=0.0))
            # A mix may have been turned down after it was clipped: its flat tops are at its own peak.
            flat = height >= max(top * 0.9995, 0.05)
            for first, last in runs(flat):
                if last - first + 1 >= self.run and np.ptp(channel[first : last + 1]) < 0.001 * top:
                    total += last - first + 1
                    ends += [first, last]
        share = total / max(1, sound.samples.size)
        if share >= self.share:
            frames = _frames(subject, min(ends), max(ends))
            yield self.failed(f"{total} samples are clipped", share, self.share, frames=frames, unit="share of samples")
        else:
            yield self.passed(share, self.share, unit="share of samples")


@dataclass(frozen=True)
class Clicks(Check):
    """Steps in the wave that no sound makes: a click, most often at a joint.

    Attributes:
        ratio: Least second difference of the wave over the greatest within 5 ms around it. Source: ours; a drum's
            attack rises over many samples, a joint without a fade over one.
        step: Least step, in full scale. Source: ours; -34 dB.
    """

    ratio: float = 5.0
    step: float = 0.02
    name: ClassVar[str] = "clicks"
    needs: ClassVar[frozenset[Need]] = SOUND

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Report each click at its frame, at most one a frame."""
        sound = subject.sound
        assert sound is not None
        if len(sound.samples) < 64:
            yield self.not_applicable("too short to hold a click")
            return
        curve = _greatest(np.diff(sound.samples, 2, axis=0))
        reach = max(8, sound.rate // 200)
        seen: set[int] = set()
        worst = 0.0
        for at in map(int, np.flatnonzero(curve >= self.step)):
            near = curve[max(0, at - reach) : at + reach + 1].copy()
            here = min(at, reach)
            near[max(0, here - 3) : here + 4] = 0  # a click is a step: two or three large differences side by side
            ratio = float(curve[at] / (np.partition(near, -3)[-3] + 1e-4))
            worst = max(worst, ratio)
            frame = _frames(subject, at, at)
            if ratio >= self.ratio and frame[0] not in seen:
                seen.add(frame[0])
                yield self.failed(f"a click at {at / sound.rate:.3f} s", ratio, self.ratio, frames=frame, unit="times")
        if not seen:
            yield self.passed(worst, self.ratio, unit="times")


@dataclass(frozen=True)
class Loudness(Check):
    """How loud a film is over all, and its highest peak between the samples.

    Only a film is held to it: a take's level is the mix's to set, and of footage it is only said.

    Attributes:
        target: Integrated loudness, in LUFS, where the cut sets none: what deliveries for the web are brought to.
        tolerance: Greatest difference from it, in LU: a mix that nobody mastered may be as low as broadcast is (-23).
        mastered: Greatest difference from the loudness that a cut asks for, in LU. Source: EBU R128, which allows 1 LU
            where the target cannot be met exactly.
        peak: Greatest true peak, in dBTP. Source: EBU R128 and ITU-R BS.1770-4: -1.
    """

    blocking: bool = False
    target: float = TARGETS["web"]
    tolerance: float = 9.0
    mastered: float = 1.0
    peak: float = -1.0
    name: ClassVar[str] = "loudness"
    needs: ClassVar[frozenset[Need]] = SOUND

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Measure integrated loudness and true peak."""
        sound = subject.sound
        assert sound is not None
        if subject.kind == "take":
            yield self.not_applicable("only a film is held to a loudness")
            return
        if len(sound.samples) < 0.4 * sound.rate:  # Source: BS.1770-4 gates blocks of 400 ms
            yield self.unknown("too short to measure its loudness")
            return
        heard = [sound.samples] if sound.samples.any() else []  # digital silence needs no meter
        loudness, peak = measured(heard, sound.rate, peaks=True)
        if subject.kind == "file":
            words = "only a film is held to a loudness"
            yield self.passed(loudness, unit="LUFS", part="integrated", message=words)
            yield self.passed(peak, unit="dBTP", part="true_peak", message=words)
            return
        asked = subject.cut.loudness if subject.cut is not None else None
        target, tolerance = (self.target, self.tolerance) if asked is None else (asked, self.mastered)
        if loudness <= SILENT:
            yield self.not_applicable("the film is silent")
        elif abs(loudness - target) > tolerance:
            words = f"loudness is {loudness:.1f} LUFS instead of {target:.0f}"
            yield self.failed(words, loudness, target, unit="LUFS", part="integrated")
        else:
            yield self.passed(loudness, target, unit="LUFS", part="integrated")
        if peak > self.peak:
            yield self.failed(f"true peak is {peak:+.1f} dBTP", peak, self.peak, unit="dBTP", part="true_peak")
        else:
            yield self.passed(peak, self.peak, unit="dBTP", part="true_peak")


# numpy takes ten times as long over the two channels of each sample as over all samples of each channel.


def _mono(sound: Sound) -> Array:
    return np.asarray(reduce(np.add, sound.samples.T) / sound.samples.shape[1], np.float32)


def _greatest(samples: Array) -> Array:
    """Return the greatest magnitude in any channel, sample by sample."""
    return np.asarray(reduce(np.maximum, np.abs(samples).T))


def _levels(wave: Array, block: int) -> Array:
    """Return the RMS level of each whole block, in dB of full scale."""
    whole = wave[: len(wave) // block * block].reshape(-1, block) if len(wave) >= block else wave[None]
    return np.asarray(10 * np.log10(np.square(whole).mean(1) + 1e-12))


def _sounding(subject: Subject, level_db: float) -> bool:
    """Tell whether any take of the cut is known to have sound that is to be heard.

    A clip that is turned down to silence is not, and of a person's own footage nobody knows whether it has any.
    """
    if subject.cut is None or subject.takes is None:
        return False
    if subject.cut.sounds:
        return True
    keys = [clip.take for clip in subject.cut.clips if clip.take and clip.gain_db > level_db]
    takes = [take for key in keys if (take := subject.takes.take(key)) is not None]
    return any(take.sound is not None and not take.request.is_brought_in for take in takes)


def _spoken(subject: Subject, first: float, end: float) -> bool:
    """Tell whether somebody speaks during all of a stretch, in seconds: the narrator, or a shot that has lines."""
    if subject.shot is not None and subject.shot.lines:
        return True
    cut = subject.cut
    spoken = [s for s in cut.sounds if s.role == "narration"] if cut is not None else []
    return any(
        s.start / float(subject.rate) <= first and end <= (s.start + s.frames) / float(subject.rate) for s in spoken
    )


def _edge(sound: Sound, start: int, stop: int) -> float:
    return float(_levels(_mono(Sound(sound.samples[start:stop], sound.rate)), stop - start).max())


def _frames(subject: Subject, first: int, last: int) -> tuple[int, int]:
    """Return the pictures during which samples sound."""
    assert subject.sound is not None
    a, b = (int(at / subject.sound.rate * subject.rate) for at in (first, last))
    end = max(0, subject.measures.frames - 1)
    return min(a, end), min(b, end)
