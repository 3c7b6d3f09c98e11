"""What sounds when: stretches of PCM on the film's clock, with gains, fades, ducking and speed."""

import math
import wave
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.conform import Conformer
from reelgraph.video_tools.editing.joints import dip_halves
from reelgraph.video_tools.editing.loudness import RATE
from reelgraph.video_tools.editing.pcm import extract_sound, read_pcm, read_sound, write_wav
from reelgraph.video_tools.editing.shown import source_frame
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, SoundClip, Take, digest, overlap
from reelgraph.video_tools.timebase import samples_of

# Music goes down this long before somebody speaks and comes back this long after; it stays down in pauses shorter than
# the gap. These are choices of taste, not of a standard.
_ATTACK, _RELEASE, _GAP = round(0.15 * RATE), round(0.6 * RATE), round(0.8 * RATE)
# Where a wave breaks off it clicks: at a hard cut, at either end of what is laid under the film, where a file or the
# film ends. So it fades over 2 ms there, too short to be heard as a fade or to make the sound late.
_DECLICK = RATE // 500
# Narration counts as speech above this level, in blocks of 20 ms.
_SPEECH, _SPEECH_BLOCK = 10 ** (-45 / 20), RATE // 50

Span = tuple[int, int]


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
        duck_db: By how much it goes down under `spans`.
        spans: Film samples in which somebody speaks.
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
    duck_db: float = 0.0
    spans: tuple[Span, ...] = ()

    def recipe(self, first: int, last: int) -> list[object]:
        """Return all that decides its samples from `first` to `last`, with its place counted from `first`."""
        near = [s for s in self.spans if s[0] - _ATTACK < last + RATE and s[1] + _RELEASE > first - RATE]
        ducks = [self.duck_db, [[a - first, b - first] for a, b in near]] if near else None
        fades = [self.rise, self.fall, self.equal_power]
        return [self.name, self.start - first, self.samples, self.offset, self.gain, *fades, ducks]

    def read(self, first: int, last: int) -> np.ndarray:
        """Read film samples `first` to `last`, which lie inside it: `(samples, 2) float32`."""
        pcm = read_pcm(self.path, self.offset + first - self.start, last - first)
        place = np.arange(first - self.start, last - self.start, dtype=np.float32)
        level = np.full(len(place), self.gain, np.float32)
        if self.rise:
            level *= self._curve((place + 0.5) / self.rise)
        if self.fall:
            level *= self._curve((self.samples - place - 0.5) / self.fall)
        if self.spans:
            level *= ducked(self.spans, self.duck_db, first, last)
        return pcm * level[:, None]

    def _curve(self, share: np.ndarray) -> np.ndarray:
        share = np.clip(share, 0, 1)
        return np.sin(share * np.float32(np.pi / 2)) if self.equal_power else share


def parts_of(cut: Cut, conformer: Conformer) -> list[Part]:
    """Place the sound of every clip, and all music, narration and effects, on the film's clock."""
    parts = [part for i, start in enumerate(cut.starts) for part in _clip_parts(cut, i, start, conformer)]
    spoken = [_sound_part(cut, sound, conformer) for sound in cut.sounds if sound.role == "narration"]
    spans = _speech(cut, spoken)
    for sound in cut.sounds:
        ducking = spans if sound.duck_db and sound.role != "narration" else ()
        parts.append(_sound_part(cut, sound, conformer, ducking))
    return parts


def _clip_parts(cut: Cut, i: int, start: int, conformer: Conformer) -> list[Part]:
    clip = cut.clips[i]
    take = conformer.take(clip) if clip.take else None
    path = conformer.takes.sound(take) if take else None
    if take is None or path is None or take.sound is None or clip.speed == 0:
        return []
    following = cut.clips[i + 1].transition if i + 1 < len(cut.clips) else None
    over_in, over_out = overlap(clip.transition), overlap(following) if following else 0
    rise = samples_of(over_in or dip_halves(cut, i)[1], cut.rate, RATE)
    fall = samples_of(over_out or (dip_halves(cut, i + 1)[0] if following else 0), cut.rate, RATE)
    first = samples_of(start, cut.rate, RATE)
    pcm, name, offset = _at_speed(pcm_at_48k(path, take.sound, conformer.cache), take, clip, cut, conformer.cache)
    part = Part(
        path=pcm,
        name=name,
        start=first,
        samples=samples_of(start + clip.frames, cut.rate, RATE) - first,
        offset=offset,
        gain=10 ** (clip.gain_db / 20),
        rise=rise or (0 if _goes_on(cut, i) else _DECLICK),
        fall=fall or (0 if _goes_on(cut, i + 1) else _DECLICK),
        equal_power=bool(over_in or over_out),
    )
    return [_as_heard(part, samples_of(cut.frames, cut.rate, RATE))]


def _goes_on(cut: Cut, i: int) -> bool:
    """Say whether clip `i` begins where the one before it ends in the same take, as the halves of a split clip do."""
    if not 0 < i < len(cut.clips):
        return False
    before, clip = cut.clips[i - 1], cut.clips[i]
    same = (before.take, before.speed, before.gain_db) == (clip.take, clip.speed, clip.gain_db)
    return same and source_frame(before.in_frame, before.speed, before.frames) == clip.in_frame


def _sound_part(cut: Cut, sound: SoundClip, conformer: Conformer, spans: tuple[Span, ...] = ()) -> Part:
    take = conformer.takes.take(sound.take)
    path = conformer.takes.sound(take) if take else None
    if take is None or path is None or take.sound is None:
        raise CorruptProject(f"the {sound.role} take {sound.take[:12]}… is not there, or has no sound: import it again")
    first = samples_of(sound.start, cut.rate, RATE)
    part = Part(
        path=pcm_at_48k(path, take.sound, conformer.cache),
        name=take.sound,
        start=first,
        samples=samples_of(sound.start + sound.frames, cut.rate, RATE) - first,
        offset=samples_of(sound.in_frame, cut.rate, RATE),
        gain=10 ** (sound.gain_db / 20),
        rise=samples_of(sound.fade_in, cut.rate, RATE) or (0 if _follows(cut, sound, before=True) else _DECLICK),
        fall=samples_of(sound.fade_out, cut.rate, RATE) or (0 if _follows(cut, sound) else _DECLICK),
        duck_db=sound.duck_db if spans else 0.0,
        spans=spans,
    )
    return _as_heard(part, samples_of(cut.frames, cut.rate, RATE))


def _follows(cut: Cut, sound: SoundClip, *, before: bool = False) -> bool:
    """Say whether another sound goes on in the take where this one ends, or ended where it begins."""
    level = (sound.take, sound.gain_db, sound.duck_db)
    for other in cut.sounds:
        first, then = (other, sound) if before else (sound, other)
        ends = (first.start + first.frames, first.in_frame + first.frames)
        if (other.take, other.gain_db, other.duck_db) == level and ends == (then.start, then.in_frame):
            return True
    return False


def _as_heard(part: Part, end: int) -> Part:
    """Return what is heard of a part: its file may begin later or end before it does, and the film at `end`.

    A fade stays where it was asked for, and is done by where the sound ends; what ends or begins without one fades over
    2 ms.
    """
    with wave.open(str(part.path), "rb") as file:
        there = part.start - part.offset + file.getnframes()
    asked = part.start + part.samples
    begins, ends = max(part.start, part.start - part.offset), min(asked, there, end)
    rise, fall = part.start + part.rise - begins, ends - (asked - part.fall)
    return replace(
        part,
        start=begins,
        offset=max(0, part.offset),
        samples=max(0, ends - begins),
        rise=part.rise if begins == part.start else max(rise, _DECLICK),
        fall=part.fall if ends == asked else max(fall, _DECLICK),
    )


def _speech(cut: Cut, narration: Sequence[Part]) -> tuple[Span, ...]:
    """Return where somebody speaks: narration by its level, what clips say by their captions."""
    spans = [
        (samples_of(c.start, cut.rate, RATE), samples_of(c.start + c.frames, cut.rate, RATE)) for c in cut.captions
    ]
    for part in narration:
        pcm = read_pcm(part.path, part.offset, part.samples)
        whole = len(pcm) // _SPEECH_BLOCK * _SPEECH_BLOCK
        loud = np.sqrt((pcm[:whole].mean(1) ** 2).reshape(-1, _SPEECH_BLOCK).mean(1)) > _SPEECH
        edges = np.flatnonzero(np.diff(np.pad(loud, 1).astype(np.int8))) * _SPEECH_BLOCK + part.start
        spans += [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    joined: list[Span] = []
    for a, b in sorted(spans):
        if joined and a - joined[-1][1] < _GAP:
            joined[-1] = (joined[-1][0], max(joined[-1][1], b))
        else:
            joined.append((a, b))
    return tuple(joined)


def _at_speed(pcm: Path, take: Take, clip: Clip, cut: Cut, cache: Path) -> tuple[Path, str, int]:
    """Return PCM that runs at a clip's speed at its own pitch, what it is, and the sample at which the clip begins."""
    name = take.sound or ""
    at = samples_of(clip.in_frame, cut.rate, RATE)
    if clip.speed == 1:
        return pcm, name, at
    pace = abs(clip.speed)
    derived = digest(["speed", 1, name, str(clip.speed)])
    target = cache / "pcm" / f"{derived}.wav"
    sound = None if target.exists() else read_sound(pcm)
    if sound is not None:
        samples = sound.samples[::-1] if clip.speed < 0 else sound.samples
        with staged_file(target) as temporary:
            write_wav(Sound(stretched(samples, pace), RATE), temporary)
    if clip.speed < 0:
        with wave.open(str(pcm), "rb") as file:
            at = file.getnframes() - samples_of(clip.in_frame + 1, cut.rate, RATE)  # before it where it is the shorter
    return target, derived, math.floor(at / pace)


def stretched(samples: np.ndarray, pace: Fraction) -> np.ndarray:
    """Run sound `pace` times as fast at its own pitch: `(samples, channels) float32`, exactly as long as that gives."""
    layout = "mono" if samples.shape[1] == 1 else "stereo"
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="fltp", layout=layout, time_base=Fraction(1, RATE))
    last, left = source, float(pace)
    while left != 1:  # one stage takes 0.5 to 100
        step = max(0.5, min(100.0, left))
        stage = graph.add("atempo", f"{step}")
        last.link_to(stage)
        last, left = stage, left / step
    sink = graph.add("abuffersink")
    last.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T, np.float32), "fltp", layout)
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    graph.push(frame)
    graph.push(None)
    blocks = []
    with suppress(av.BlockingIOError, av.EOFError):
        while True:
            out = graph.pull()
            assert isinstance(out, av.AudioFrame)
            blocks.append(out.to_ndarray().T)
    wanted = round(len(samples) / pace)
    result = np.concatenate(blocks) if blocks else np.zeros((0, samples.shape[1]), np.float32)
    return np.pad(result[:wanted], ((0, max(0, wanted - len(result))), (0, 0))).astype(np.float32)


def ducked(spans: Sequence[Span], duck_db: float, first: int, last: int) -> np.ndarray:
    """Return the gain of ducked sound in film samples `first` to `last`: straight lines in decibels."""
    place = np.arange(first, last, dtype=np.float32)
    share = np.zeros(last - first, np.float32)
    for a, b in spans:
        if a - _ATTACK < last and b + _RELEASE > first:
            down = np.clip((place - (a - _ATTACK)) / _ATTACK, 0, 1)
            share = np.maximum(share, np.minimum(down, np.clip((b + _RELEASE - place) / _RELEASE, 0, 1)))
    return np.asarray(10 ** (duck_db * share / 20), np.float32)


def around(parts: Sequence[Part], first: int, last: int) -> list[Part]:
    """Return the parts that sound somewhere in film samples `first` to `last`."""
    return [part for part in parts if part.start < last and part.start + part.samples > first]


def mix(parts: Sequence[Part], first: int, last: int) -> np.ndarray:
    """Add up the parts that sound in film samples `first` to `last`: `(samples, 2) float32`."""
    total = np.zeros((last - first, 2), np.float32)
    for part in parts:
        a, b = max(first, part.start), min(last, part.start + part.samples)
        if a < b:
            total[a - first : b - first] += part.read(a, b)
    return total


def pcm_at_48k(path: Path, name: str, cache: Path) -> Path:
    """Return PCM at 48 kHz with one or two channels: the file itself where it is so, else made once."""
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getsampwidth()) == (RATE, 2) and file.getnchannels() <= 2:
            return path
    target = cache / "pcm" / f"{name}.wav"
    if not target.exists():
        with staged_file(target) as temporary:
            if not extract_sound(path, temporary, RATE):
                raise InvalidRequest(f"{path.name} has no sound")
    return target
