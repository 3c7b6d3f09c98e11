"""Whether what is said can be heard over the music, from the tracks that the cut lays side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Need, Subject
from reelgraph.video_tools.checks.intent import Takes
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.film import Finding, SoundClip
from reelgraph.video_tools.timebase import samples_of

BLOCK_SECONDS = 0.1
SPEAKING_DB = -45.0  # below it, narration pauses


@dataclass(frozen=True)
class Speech(Check):
    """Narration is louder than the music under it.

    Attributes:
        margin_db: Least difference of their levels while somebody speaks. Source: WCAG 2.2, success criterion 1.4.7,
            asks for 20 dB, so that everybody follows; ours is half of that, which most do.
        speaking_db: Level below which narration pauses.
    """

    blocking: bool = False
    margin_db: float = 10.0
    speaking_db: float = SPEAKING_DB
    name: ClassVar[str] = "speech"
    needs: ClassVar[frozenset[Need]] = frozenset({"cut"})

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare each stretch of narration with the music that sounds at the same time."""
        cut = subject.cut
        assert cut is not None
        spoken = [s for s in cut.sounds if s.role == "narration"]
        music = [s for s in cut.sounds if s.role == "music"]
        if not spoken or not music or subject.takes is None:
            yield self.not_applicable("there is no narration over music")
            return
        # Music is lowered by its duck while narration sounds; the few tenths in which it goes down do not count.
        under = np.sum([10 ** (self._levels(subject, s, s.duck_db) / 10) for s in music], 0)
        for line in spoken:
            levels = self._levels(subject, line)
            heard = levels >= self.speaking_db
            if not heard.any():
                yield self.unknown("the narration's sound is not there, or silent")
                continue
            margin = float(np.median(levels[heard] - 10 * np.log10(under[heard] + 1e-12)))
            frames = (line.start, min(cut.frames, line.start + line.frames) - 1)
            if margin < self.margin_db:
                words = f"the music is only {margin:.0f} dB below what is said"
                yield self.failed(words, margin, self.margin_db, frames=frames, unit="dB")
            else:
                yield self.passed(margin, self.margin_db, frames=frames, unit="dB")

    def _levels(self, subject: Subject, sound: SoundClip, more_db: float = 0.0) -> Array:
        """Return the level of a sound in each tenth of a second of the film, in dB of full scale."""
        cut = subject.cut
        assert cut is not None
        blocks = max(1, int(float(cut.frames / cut.rate) / BLOCK_SECONDS))
        levels = np.full(blocks, -120.0)
        part = levels_of(sound, cut.rate, subject.takes)[: int(float(sound.frames / cut.rate) / BLOCK_SECONDS)]
        at = round(float(sound.start / cut.rate) / BLOCK_SECONDS)
        levels[at : at + len(part)] = part[: max(0, blocks - at)] + more_db
        return levels


def levels_of(sound: SoundClip, rate: Fraction, takes: Takes | None) -> Array:
    """Return the level of a sound from where it begins to where its take ends, in dB of full scale.

    Args:
        sound: What the cut lays under the picture.
        rate: The film's frames a second.
        takes: What finds its take.

    Returns:
        `(tenths of a second,) float64`; empty where the sound is not there.
    """
    from reelgraph.video_tools.editing.pcm import read_wav

    take = takes.take(sound.take) if takes is not None else None
    path = takes.sound(take) if takes is not None and take is not None else None
    if path is None:
        return np.zeros(0)
    pcm = read_wav(path)
    block = int(pcm.rate * BLOCK_SECONDS)
    wave = pcm.samples[samples_of(sound.in_frame, rate, pcm.rate) :]
    whole = wave[: len(wave) // block * block]
    power = np.square(whole).mean(1).reshape(-1, block).mean(1) if len(whole) else np.zeros(0)
    return np.asarray(10 * np.log10(power + 1e-12) + sound.gain_db)
