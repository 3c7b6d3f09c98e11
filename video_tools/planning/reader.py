"""Keep what was read of a prose brief so far, and take what a line or a label adds to it."""

import math
import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from reelgraph.video_tools.film import Transition
from reelgraph.video_tools.planning.clauses import capital
from reelgraph.video_tools.planning.directions import (
    TRANSITION,
    Directions,
    directions,
    fade_out_in,
    length_beside,
    length_of,
    transition_in,
)
from reelgraph.video_tools.planning.labels import Label, described, quoted_in
from reelgraph.video_tools.planning.lengths import FASTER, SHORTEST, action_seconds, scale, spoken_seconds
from reelgraph.video_tools.planning.orders import placed_in
from reelgraph.video_tools.planning.outline import Beat, Said, SceneOutline
from reelgraph.video_tools.planning.quotes import spoken
from reelgraph.video_tools.planning.timing import Counted, counted_in

_LENGTH = re.compile("length|duration|run(?:ning)? ?time|dauer|länge|duración|durée|durata|duração|длительность", re.I)
_MARKS = '"“”„«»'


@dataclass
class Reader:
    """A brief, read up to some place.

    Attributes:
        text: All of the brief.
        scenes: Those begun, the last one still open.
        cues: Names that the brief itself marks as speakers.
        look: What it says about the look of the whole film.
        notes: What it says that is no picture, to be kept with the first shot.
        definitions: What it says somebody is, by name.
        is_ad: Whether it orders an ad.
        is_abroad: Whether it orders its film in another language than English.
        transition: How the next shot is joined.
        filmed: How the next shot is filmed, by lines before it.
        seconds: The film's length.
    """

    text: str
    scenes: list[SceneOutline] = field(default_factory=lambda: [SceneOutline()])
    cues: list[str] = field(default_factory=list)
    look: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    is_ad: bool = False
    is_abroad: bool = False
    transition: Transition = field(default_factory=Transition)
    filmed: list[Directions] = field(default_factory=list)
    seconds: float | None = None

    @property
    def beats(self) -> list[Beat]:
        """The beats of the open scene."""
        return self.scenes[-1].beats

    @cached_property
    def counted(self) -> Counted:
        """What the brief counts its film's time in."""
        return counted_in(self.text)

    @cached_property
    def many_lengths(self) -> bool:
        """Whether several lines of the brief give a length."""
        return len(re.findall(rf"^\W*(?:{_LENGTH.pattern})\W*:", self.text, re.I | re.M)) > 1

    def add(self, beat: Beat) -> None:
        """Add a beat to the scene, joined to the one before it and filmed as the brief says."""
        if self.transition != Transition():
            beat.transition, self.transition = self.transition, Transition()
        while self.filmed and not beat.title:
            _film(beat, self.filmed.pop(0))
        self.beats.append(beat)

    def card(self, words: str, start: int, end: int, why: str) -> None:
        """Add a title card."""
        self.add(Beat(f"Title card: {words}", start, end, title=words, why=[why]))

    def joins(self, words: str, end: int) -> bool:
        """Take a sentence that says how the next shot is joined, or how the film ends; return whether it is one."""
        if fade_out_in(words) and not self.text[end:].strip():
            self.notes.append(f"the brief ends: {words}")
            return True
        if not TRANSITION.fullmatch(words):
            return False
        self.transition = transition_in(words)
        self.notes.append(f"joined by {self.transition.kind.replace('_', ' ')}: the brief says {words!r}")
        return True

    def take(self, label: Label, words: str, start: int, end: int) -> None:
        """Take a line whose label says that it is no picture.

        Args:
            label: The label.
            words: The line.
            start: Where it begins in the brief.
            end: Where it ends.
        """
        if label.kind == "look":
            self.look.append(label.rest.rstrip(" ."))
        if label.kind in ("look", "note"):
            if _LENGTH.fullmatch(label.name):
                self._last(length_of(label.rest))
            self.notes.append(f"the brief: {words}")
        elif label.kind == "cast":
            name, what = described(label)
            if what:
                self.definitions[name] = what
            self.notes.append(f"the brief: {words}")
        elif label.kind == "direction":  # of the shot before it, or the next where the scene has none yet
            how = directions(f"{label.rest.rstrip('.')}:")  # "WS" is a size before a colon
            how = replace(how, why=(f"the brief: {words}", *how.why))
            if self.beats and not self.beats[-1].title:
                _film(self.beats[-1], how)
            else:
                self.filmed.append(how)
        elif label.kind == "title":
            for card in quoted_in(label.rest) or [self._untimed(label.rest.strip('"“”„«» '))]:
                self.card(card, start, end, f"title: the brief's {label.name.lower()}")
        else:
            self._hear(label, start, end)

    def _untimed(self, title: str) -> str:
        """Take the film's length off its title, and keep it: `Kestrel (45 s)`."""
        seconds = length_beside(title)
        self.seconds = self.seconds or seconds
        return re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*$", "", title) if seconds else title

    def _last(self, seconds: float | None) -> None:
        """Take a length: of the scene that it heads, or of the shots before it, where several are given; else of the
        film."""
        headed = bool(self.scenes[-1].heading)
        if not self.many_lengths or not (headed or any(not beat.title for beat in self.beats)):
            self.seconds = self.seconds or seconds
        elif not headed:
            self.beats[-1].seconds = self.beats[-1].seconds or seconds
        elif seconds and (free := [beat for beat in self.beats if beat.seconds is None]):
            share(free, seconds)
        else:
            self.scenes[-1].seconds = seconds

    def _hear(self, label: Label, start: int, end: int) -> None:
        """Take a line that is said: by somebody, who is seen then, or by a voice over the shot before."""
        speaker = "" if label.kind == "narration" else label.name
        said = Said(_bare(label.rest) or label.rest, speaker, label.manner)
        if speaker and speaker not in self.cues:
            self.cues.append(speaker)
        if not speaker and self.beats and not self.beats[-1].title:
            self.beats[-1].said.append(said)
            self.beats[-1].end = end
            return
        manner = f", {label.manner}" if label.manner else ""
        seen = f"{speaker} speaks{manner}" if speaker else "Narration"
        self.add(Beat(seen, start, end, said=[said], speaking=speaker, only_speech=True))


def _bare(words: str) -> str:
    """Take the quotation marks off a line that stands in them as a whole; a part of it that is quoted stays so."""
    inside = words.strip(_MARKS)
    whole = (words[:1] in _MARKS) == (words[-1:] in _MARKS)
    return inside if whole or not set(inside) & set(_MARKS) else words


def beat_of(words: str, start: int, end: int, label: str = "") -> Beat:
    """Make a beat, with what is said in it; words that only say where in the film it stands are not in its picture."""
    placed = placed_in(words)
    beat = Beat(capital(words[len(placed) :]) if placed else words, start, end)
    if placed:
        beat.why.append(f"the brief: {placed.strip()}")
    if label:
        beat.why.append(f"the brief: {label}")
    for text, speaker in spoken(beat.text):
        beat.said.append(Said(text, speaker, unsigned=not speaker))
        beat.speaking = speaker or beat.speaking
    return beat


def share(beats: list[Beat], seconds: float) -> None:
    """Give beats a time together, to each its part by what it would take; where what is said needs longer, each keeps
    its own length, and says so."""
    given = [beat.seconds or directions(beat.text).seconds for beat in beats]
    rest = seconds - sum(filter(None, given))
    free = [beat for beat, own in zip(beats, given, strict=True) if own is None]
    spoken = [spoken_seconds(said.text for said in beat.said) / FASTER for beat in free]
    if round(rest, 2) < sum(max(SHORTEST / 2, math.ceil(need * 100) / 100) for need in spoken):
        for beat in free:
            beat.why.append(f"length: the {seconds:g} s that the brief gives are too short for it")
        return
    if not free:
        return
    lengths = scale([action_seconds(beat.text)[0] for beat in free], spoken, rest)
    for beat, length in zip(free, lengths, strict=True):
        beat.seconds = length
        beat.why.append(f"length {length:g} s: the brief gives {seconds:g} s")


def _film(beat: Beat, how: Directions) -> None:
    """Film a beat as a line beside it says."""
    beat.size, beat.angle = beat.size or how.size, beat.angle or how.angle
    beat.camera, beat.seconds = beat.camera or how.camera, beat.seconds or how.seconds
    beat.why += how.why
