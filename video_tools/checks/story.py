"""The story is told: every shot of the plan on screen, in order, for as long as planned, and its words in step."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Need, Subject
from reelgraph.video_tools.checks.speech import BLOCK_SECONDS, SPEAKING_DB, levels_of
from reelgraph.video_tools.film import Cut, Finding, SoundClip, Storyboard, overlap

PLAN: frozenset[Need] = frozenset({"cut", "storyboard"})


@dataclass(frozen=True)
class Story(Check):
    """Every shot of the storyboard is on screen once, in its order and for its length.

    That the plan tells every beat of the brief is held when it is made (`planning/rules.py`). A person outranks the
    plan: what an edit by hand deleted, moved or made longer or shorter is as it should be.

    Attributes:
        seconds: Greatest difference of a shot's length from the plan, in seconds; also 15 % of a long one. Source:
            ours; a quarter of a second is an editor's trim, not another rhythm.
    """

    seconds: float = 0.25
    name: ClassVar[str] = "story"
    needs: ClassVar[frozenset[Need]] = PLAN

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare the cut with the storyboard, shot by shot."""
        cut, storyboard = subject.cut, subject.storyboard
        assert cut is not None and storyboard is not None
        shown = {clip.shot: index for index, clip in enumerate(cut.clips)}
        planned = [shot.id for shot in storyboard.shots]
        by_hand = _edited(cut, planned)
        absent = [id for id in planned if id not in shown and id not in by_hand]
        missing = [*absent, *(id for id in planned if id in shown and cut.clips[shown[id]].take is None)]
        for id in missing:
            where = _span(cut, shown[id]) if id in shown else None
            yield self.failed(f"{id} is not on screen", 0, 1, part="shown", frames=where, unit="takes")
        if not missing:
            yield self.passed(len(planned), len(planned), part="shown", unit="shots")
        order = [planned.index(clip.shot) for clip in cut.clips if clip.shot in planned and clip.shot not in by_hand]
        wrong = next((i for i, (a, b) in enumerate(pairwise(order)) if b < a), None)
        if wrong is None:
            yield self.passed(part="order")
        else:
            words = f"{planned[order[wrong + 1]]} comes after {planned[order[wrong]]}"
            yield self.failed(words, 1, 0, part="order")
        yield from self._lengths(cut, storyboard, by_hand)

    def _lengths(self, cut: Cut, storyboard: Storyboard, by_hand: set[str]) -> Iterator[Finding]:
        worst, found = 0.0, False
        on_screen: dict[str, int] = {}
        for clip in cut.clips:
            on_screen[clip.shot] = on_screen.get(clip.shot, 0) + clip.frames
        spans = {clip.shot: _span(cut, index) for index, clip in enumerate(cut.clips)}
        joined = {clip.shot: overlap(clip.transition) for clip in cut.clips}
        for shot in storyboard.shots:
            if shot.id not in on_screen or shot.id in by_hand:
                continue
            seconds = float(on_screen[shot.id] / cut.rate)
            # A clip may carry its transition beside the planned length, or within it.
            spare = float(joined[shot.id] / cut.rate) + 1 / float(cut.rate)
            off = max(0.0, abs(seconds - shot.seconds) - spare)
            worst = max(worst, off)
            if off > max(self.seconds, 0.15 * shot.seconds):
                found = True
                words = f"{shot.id} lasts {seconds:.2f} s instead of {shot.seconds:.2f} s"
                yield self.failed(words, seconds, shot.seconds, part="length", frames=spans[shot.id], unit="s")
        if not found:
            yield self.passed(worst, self.seconds, part="length", unit="s")


@dataclass(frozen=True)
class Narration(Check):
    """What is said in a shot fits into it: the narration that is heard there, or else the words that were planned.

    Attributes:
        words_a_minute: How fast people speak. Source: audio-book narration is read at 150 to 160 words a minute; 220 is
            fast speech, and a shot too short even for that cuts somebody off.
        seconds: How far narration may be heard into a shot in which nothing is said. Source: ours; an editor lets a
            last word hang over a cut.
    """

    blocking: bool = False
    words_a_minute: float = 220.0
    seconds: float = 0.25
    name: ClassVar[str] = "narration"
    needs: ClassVar[frozenset[Need]] = PLAN

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare where narration ends, and how long words take, with the shots that they belong to."""
        cut, storyboard = subject.cut, subject.storyboard
        assert cut is not None and storyboard is not None
        shots = {shot.id: shot for shot in storyboard.shots if shot.lines}
        speaking = [(i, clip) for i, clip in enumerate(cut.clips) if clip.shot in shots]
        tracks = [sound for sound in cut.sounds if sound.role == "narration"]
        if not speaking and not tracks:
            yield self.not_applicable("nobody speaks")
        heard: set[int] = set()
        for track in tracks:
            begins = next((i for i, _ in reversed(speaking) if _within(cut, i, track.start)), None)
            if begins is not None:
                heard.add(begins)
            yield self._told(subject, track, begins, {i for i, _ in speaking})
        for index, clip in speaking:
            if index in heard:
                continue
            at = 0.0
            for line in shots[clip.shot].lines:
                at = max(at, line.start or 0.0) + 60 * len(line.text.split()) / self.words_a_minute
            room = float(clip.frames / cut.rate)
            if at > room + 0.1:
                words = f"the words of {clip.shot} take {at:.1f} s and the shot lasts {room:.1f} s"
                yield self.failed(words, at, room, frames=_span(cut, index), unit="s")
            else:
                yield self.passed(at, room, frames=_span(cut, index), unit="s")

    def _told(self, subject: Subject, track: SoundClip, begins: int | None, speaking: set[int]) -> Finding:
        """Judge one track of narration: it is not cut off within a word, and it ends with the shots that it is for.

        A track that begins where the plan has no words is laid over the film as a whole.
        """
        cut = subject.cut
        assert cut is not None
        rate = float(cut.rate)
        levels = levels_of(track, cut.rate, subject.takes)
        loud = np.flatnonzero(levels >= SPEAKING_DB)
        shown = min(track.frames, cut.frames - track.start)
        frames = (track.start, track.start + max(1, shown) - 1)
        if not len(loud):
            return self.unknown("the narration's sound is not there, or silent", frames=frames)
        end = int(shown / rate / BLOCK_SECONDS)
        if end < len(levels) and not track.fade_out and (levels[max(0, end - 1) : end + 1] >= SPEAKING_DB).all():
            words = f"the narration from {track.start / rate:.1f} s on is cut off in a word"
            said, room = (loud[-1] + 1) * BLOCK_SECONDS, shown / rate
            # A longer shot helps where the film is what ends, and not where the track itself is too short.
            part = "" if shown < track.frames + track.held else "word"
            return self.failed(words, said, room, part=part, frames=frames, evidence=frames[1], unit="s")
        within = loud[loud < max(1, end)]
        until = track.start / rate + (int(within[-1]) + 1 if len(within) else 0) * BLOCK_SECONDS
        index = len(cut.clips) - 1 if begins is None else _last_of(begins, speaking)
        last = _span(cut, index)[1] + 1
        if until > last / rate + self.seconds:
            words = f"the narration is heard {until - last / rate:.1f} s beyond {cut.clips[index].shot}"
            alone = min([last, *cut.starts[index + 1 :]]) - 1  # from there on a transition shows the next shot too
            return self.failed(words, until, last / rate, frames=frames, evidence=alone, unit="s")
        return self.passed(until, last / rate, frames=frames, unit="s")


@dataclass(frozen=True)
class Captions(Check):
    """Captions are shown while their line is said, long enough to be read, one after the other.

    Attributes:
        characters_a_second: Fastest that is readable. Source: Netflix Timed Text Style Guide, English: 20 for adults; a
            fifth is allowed on top, for captions that a short shot presses together.
        seconds: Greatest distance outside the shot in which the line is said.
    """

    blocking: bool = False
    characters_a_second: float = 24.0
    seconds: float = 0.1
    name: ClassVar[str] = "captions"
    needs: ClassVar[frozenset[Need]] = PLAN

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Judge each caption against the shot whose line it is, its neighbours and a reader's speed."""
        cut, storyboard = subject.cut, subject.storyboard
        assert cut is not None and storyboard is not None
        said = [(clip.shot, *_span(cut, i)) for i, clip in enumerate(cut.clips)]
        lines = {shot.id: _plain(" ".join(line.text for line in shot.lines)) for shot in storyboard.shots}
        if not cut.captions and not any(lines.get(clip.shot) for clip in cut.clips):
            yield self.not_applicable("nobody speaks")
            return
        if not cut.captions:
            yield self.failed("lines are said, and there are no captions", 0, 1, part="shown")
            return
        slack = self.seconds * float(cut.rate)
        edited = any(edit.get("op") == "captions" for edit in cut.edits)  # a person may show them elsewhere
        faults = 0
        end = 0
        for caption in cut.captions:
            first, last = caption.start, caption.start + caption.frames - 1
            home = [(a, b) for shot, a, b in said if _plain(caption.text) in lines.get(shot, "")]
            problem = ""
            if last >= cut.frames:
                problem, value, limit = "runs past the end of the film", last, cut.frames - 1
            elif first < end:
                problem, value, limit = "begins before the one before it ends", first, end
            elif home and not edited and not any(a - slack <= first and last <= b + slack for a, b in home):
                problem, value, limit = "is shown outside the shot in which it is said", first, home[0][0]
            elif len(caption.text) * float(cut.rate) / caption.frames > self.characters_a_second:
                problem, value, limit = (
                    "is too short to be read",
                    caption.frames,
                    int(len(caption.text) * float(cut.rate) / 20),
                )
            end = first + caption.frames
            if problem:
                faults += 1
                yield self.failed(
                    f"caption {_short(caption.text)} {problem}", value, limit, frames=(first, last), unit="frames"
                )
        if not faults:
            yield self.passed(len(cut.captions), unit="captions")


def _edited(cut: Cut, shots: list[str]) -> set[str]:
    """Name the shots that edits by hand are about; a part of a split clip is named after its shot."""
    names = {str(edit.get("clip", "")) for edit in cut.edits}
    return {shot for shot in shots if any(re.match(rf"{re.escape(shot)}(?![0-9a-z])", name) for name in names)}


def _within(cut: Cut, index: int, frame: int) -> bool:
    first, last = _span(cut, index)
    return first <= frame <= last


def _last_of(index: int, speaking: set[int]) -> int:
    """Return the last of the shots that have words, one after the other from one of them on."""
    while index + 1 in speaking:
        index += 1
    return index


def _span(cut: Cut, index: int) -> tuple[int, int]:
    start = cut.starts[index]
    return start, start + cut.clips[index].frames - 1


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 30 else text[:29] + "…")
