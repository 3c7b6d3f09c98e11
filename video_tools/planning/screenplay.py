"""Turn a screenplay's elements into scenes of beats."""

import re
from dataclasses import dataclass, field

from reelgraph.video_tools.film import Transition
from reelgraph.video_tools.planning.clauses import Clause, clauses
from reelgraph.video_tools.planning.directions import transition_in
from reelgraph.video_tools.planning.fountain import Element, elements, plain
from reelgraph.video_tools.planning.headings import scene_under
from reelgraph.video_tools.planning.labels import cards_of
from reelgraph.video_tools.planning.lengths import action_seconds, speech_seconds
from reelgraph.video_tools.planning.names import shown
from reelgraph.video_tools.planning.outline import UNSEEN, Beat, Outline, Said, SceneOutline
from reelgraph.video_tools.planning.sentences import is_named, sentences

# A paragraph of action is one shot, as screenwriters write them, unless it takes longer than this to happen.
PARAGRAPH_SECONDS = 7.0
# Sentences of a longer paragraph share a shot up to this.
GATHERED_SECONDS = 5.5
# A reply this short ("No.") is heard in the shot before it, where its speaker is seen.
SHORT_REPLY = 1.0
# A speech longer than this is cut at a sentence, so that no face talks on and on.
LONG_SPEECH = 9.0
# Lines for the crew, in which nothing is seen; and words that are laid over the picture.
_SLUG = re.compile(
    r"(?:INTERCUT|END (?:OF )?(?:INTERCUT|MONTAGE)|BACK TO(?: SCENE)?|MONTAGE|SERIES OF SHOTS|CONTINUOUS"
    r"|(?:MOMENTS )?LATER|SAME)"
    r"(?:\s*[-–—:].{0,60})?[.:]?$"
)
_SUPER = re.compile(r"(?:SUPER|TITLE|CAPTION|CHYRON)(?: CARD)?\s*:\s*[\"“]?(.+?)[\"”]?$")
# A voice that belongs to nobody of the film.
_NARRATOR = re.compile(
    r"(?:the )?(?:narrator|announcer|voice[- ]?over|v\.?o\.?|erzähler(?:in)?|narrador[a]?|narrateur)", re.I
)


@dataclass
class _Reader:
    text: str
    scenes: list[SceneOutline] = field(default_factory=lambda: [SceneOutline()])
    cues: list[str] = field(default_factory=list)
    transition: Transition = field(default_factory=Transition)
    notes: list[str] = field(default_factory=list)
    heading: Element | None = None
    waiting: list[tuple[Said, Element]] = field(default_factory=list)  # heard before anything is seen

    @property
    def beats(self) -> list[Beat]:
        return self.scenes[-1].beats

    def add(self, beat: Beat) -> None:
        beat.transition, self.transition = self.transition, Transition()
        beat.why += self.notes
        self.notes = []
        for said, element in self.waiting:
            beat.said.append(said)
            beat.start = min(beat.start, element.start)
        self.waiting = []
        self.beats.append(beat)


def outline_of(text: str) -> Outline:
    """Read a Fountain screenplay into scenes of beats."""
    reader = _Reader(text)
    found = [element for element in elements(text)]
    _title_card(reader, found)
    at = 0
    while at < len(found):
        element = found[at]
        if element.kind == "character":
            at = _speech(reader, found, at)
            continue
        _other(reader, element)
        at += 1
    _finish(reader)
    return Outline([scene for scene in reader.scenes if scene.beats], reader.cues)


def _title_card(reader: _Reader, found: list[Element]) -> None:
    page = [element for element in found if element.kind == "title"]
    title = next((element.text for element in page if element.detail == "title"), "")
    if not title:
        return
    by = [e.text for e in page if e.detail in ("credit", "author", "authors")]
    words = f"{title}\n{' '.join(by)}".strip()
    rest = [
        f"{e.detail}: {e.text}" for e in page if e.detail not in ("title", "credit", "author", "authors") and e.text
    ]
    beat = Beat(
        f"Title card: {title}", page[0].start, page[-1].end, title=words, why=["title: from the title page", *rest]
    )
    reader.beats.append(beat)


def _other(reader: _Reader, element: Element) -> None:
    if element.kind == "heading":
        _close_scene(reader)
        reader.scenes.append(scene_under(element.text, reader.scenes[-1]))
        reader.heading = element
    elif element.kind == "action" and _SLUG.match(element.text):
        reader.notes.append(f"the script says {element.text!r}")
    elif element.kind == "action":
        over = _SUPER.match(element.text)
        cards = [over[1]] if over else cards_of(element.text)  # "THE END" is read, not played
        why = "title: superimposed" if over else f"title: the script shows {element.text!r}"
        for words in cards:
            reader.add(Beat(f"Title card: {words}", element.start, element.end, title=words, why=[why]))
        for beat in [] if cards else _action(reader.text, element):
            reader.add(beat)
    elif element.kind == "centered":
        reader.add(
            Beat(f"Title card: {element.text}", element.start, element.end, title=element.text, why=["title: centred"])
        )
    elif element.kind == "lyric":
        said = Said(element.text, manner="sung")
        if reader.beats and not reader.beats[-1].title:
            _heard(reader.beats[-1], said, element)
        else:
            reader.waiting.append((said, element))
    elif element.kind == "transition":
        reader.transition = transition_in(element.text)
        reader.notes.append(f"joined by {reader.transition.kind.replace('_', ' ')}: the script says {element.text!r}")
    elif element.kind in ("section", "synopsis", "note"):
        reader.notes.append(f"{element.kind}: {element.text}")


def _action(text: str, element: Element) -> list[Beat]:
    """One beat for a paragraph; of a long one, its sentences are gathered into shots, and long ones divided at
    events."""
    if action_seconds(element.text)[0] <= PARAGRAPH_SECONDS and len(element.text.split()) <= 30:
        return [Beat(element.text, element.start, element.end)]
    raw = _visible(text, element)
    beats: list[Beat] = []
    subject = ""
    for start, end in sentences(raw):
        whole = action_seconds(raw[start:end])[0] <= PARAGRAPH_SECONDS
        for clause in [Clause(start, end, raw[start:end])] if whole else clauses(raw, start, end, subject):
            subject = clause.subject or subject
            words = plain(clause.text.lstrip("!"))
            if words and beats and action_seconds(f"{beats[-1].text} {words}")[0] <= GATHERED_SECONDS:
                beats[-1].text += f" {words}"
                beats[-1].end = element.start + clause.end
            elif words:
                place = (element.start + clause.start, element.start + clause.end)
                beats.append(Beat(words, *place, subject=clause.subject, carried=clause.carried))
    return beats or [Beat(element.text, element.start, element.end)]


def _visible(text: str, element: Element) -> str:
    """Return an element's own text, its notes and boneyards blanked, every other sign where it was."""
    raw = text[element.start : element.end]
    raw = re.sub(r"/\*.*?\*/|\[\[.*?\]\]", lambda match: " " * len(match[0]), raw, flags=re.S)
    return re.sub(r"\n(?=\s*\S)", " ", raw)


def _speech(reader: _Reader, found: list[Element], at: int) -> int:
    """Read a cue and its lines; what nobody is seen saying is heard over what is seen."""
    cue = found[at]
    narrates = _NARRATOR.fullmatch(cue.text) is not None
    if not narrates and cue.text not in reader.cues:
        reader.cues.append(cue.text)
    manner, lines, at = "", [], at + 1
    while at < len(found) and found[at].kind in ("parenthetical", "dialogue", "lyric", "note", "boneyard"):
        element = found[at]
        if element.kind == "parenthetical":
            manner = element.text
        elif element.kind in ("dialogue", "lyric"):
            how = ", ".join(part for part in (manner, "sung" if element.kind == "lyric" else "") if part)
            lines.append((Said(element.text, "" if narrates else cue.text, how), element))
            manner = ""
        elif element.kind == "note":
            reader.notes.append(f"note: {element.text}")
        at += 1
    if manner and lines:  # a parenthetical after the last line
        said, element = lines[-1]
        lines[-1] = (Said(said.text, said.speaker, ", ".join(p for p in (said.manner, manner) if p)), element)
    elif manner:  # a cue with a parenthetical alone: something done, not said
        reader.add(Beat(f"{shown(cue.text)}: {manner}", cue.start, found[at - 1].end, speaking=cue.text))
        return at
    if not lines:
        reader.add(Beat(cue.text, cue.start, cue.end))
        return at
    unseen = narrates or bool(UNSEEN.search(cue.detail))
    beats = reader.beats
    short = sum(speech_seconds(said.text) for said, _ in lines) < SHORT_REPLY
    last = beats[-1] if beats and not beats[-1].title and reader.transition == Transition() else None
    if unseen:
        lines = [(Said(s.text, s.speaker, ", ".join(p for p in (cue.detail, s.manner) if p)), e) for s, e in lines]
    stays = short and last and last.said and last.speaking != cue.text and is_named(cue.text, last.text)
    if last and (unseen or stays or (cue.dual and last.said)):
        first, *rest = _parts(lines)
        for said, element in first:
            _heard(last, said, element)
        last.start = min(last.start, cue.start)
        reason = (
            "heard, not seen" if unseen else "both speak at once" if cue.dual else "a short reply stays in the shot"
        )
        last.why.append(f"{cue.text}: {reason}")
        for part in rest:  # a long voice goes on over the place
            place = reader.scenes[-1].place
            over = (place.capitalize() if place.isupper() else place) or last.text
            beat = Beat(over, part[0][1].start, part[-1][1].end, said=[said for said, _ in part], only_speech=True)
            beat.why.append(f"{cue.text}: the voice goes on over the place")
            reader.add(beat)
        return at
    if unseen:
        reader.waiting += lines
        return at
    for part in _parts(lines):
        how = next((said.manner for said, _ in part if said.manner), "")
        words = f"{shown(cue.text)} speaks, {how}" if how else f"{shown(cue.text)} speaks"
        start = cue.start if part is lines or part[0] == lines[0] else part[0][1].start
        reader.add(
            Beat(words, start, part[-1][1].end, said=[said for said, _ in part], speaking=cue.text, only_speech=True)
        )
    return at


def _heard(beat: Beat, said: Said, element: Element) -> None:
    beat.said.append(said)
    beat.end = max(beat.end, element.end)


def _parts(lines: list[tuple[Said, Element]]) -> list[list[tuple[Said, Element]]]:
    """Divide a long speech at sentences, and a long sentence at commas."""
    if sum(speech_seconds(said.text) for said, _ in lines) <= LONG_SPEECH:
        return [lines]
    parts: list[list[tuple[Said, Element]]] = [[]]
    length = 0.0
    for said, element in lines:
        for piece in _pieces(said.text):
            own = speech_seconds(piece)
            if parts[-1] and length + own > LONG_SPEECH:
                parts.append([])
                length = 0.0
            parts[-1].append((Said(piece, said.speaker, said.manner), element))
            length += own
    return parts


def _pieces(text: str) -> list[str]:
    """Divide words into sentences, and sentences that are too long at their commas."""
    out: list[str] = []
    for start, end in sentences(text):
        sentence = text[start:end]
        if speech_seconds(sentence) <= LONG_SPEECH:
            out.append(sentence)
            continue
        held = ""
        for part in re.split(r"(?<=[,;:—，、；])\s*", sentence):
            if held and speech_seconds(f"{held} {part}") > LONG_SPEECH:
                out.append(held)
                held = ""
            held = f"{held} {part}".strip()
        out.append(held)
    return [piece for piece in out if piece]


def _close_scene(reader: _Reader) -> None:
    """Give a scene in which nothing is seen a picture of its place, over which what was heard is heard."""
    if reader.waiting:
        first, last = reader.waiting[0][1], reader.waiting[-1][1]
        place = reader.scenes[-1].place
        reader.add(Beat(place or "Black", first.start, last.end, why=["heard over the place: nothing else is seen"]))
    elif reader.heading and not reader.beats:
        head = reader.heading
        reader.add(
            Beat(reader.scenes[-1].place or head.text, head.start, head.end, why=["a heading with nothing under it"])
        )


def _finish(reader: _Reader) -> None:
    _close_scene(reader)
    last = next((scene.beats[-1] for scene in reversed(reader.scenes) if scene.beats), None)
    if last is not None:
        last.why += [note.replace("joined by", "ends by") for note in reader.notes]
