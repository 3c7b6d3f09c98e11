"""Turn prose and Markdown into scenes of beats."""

import re
from dataclasses import dataclass, field

from reelgraph.video_tools.planning import tables
from reelgraph.video_tools.planning.clauses import capital, clauses
from reelgraph.video_tools.planning.directions import directions, film_length_in, time_in
from reelgraph.video_tools.planning.nouns import head_kind
from reelgraph.video_tools.planning.outline import Beat, Outline, Said, SceneOutline
from reelgraph.video_tools.planning.places import set_places
from reelgraph.video_tools.planning.quotes import QUOTE, spoken
from reelgraph.video_tools.planning.sentences import sentences
from reelgraph.video_tools.planning.tables import is_table
from reelgraph.video_tools.planning.verbs import adverb

# "A 15-second ad for running shoes." orders a film; "A short film about a cat who sails." tells it.
_ORDER = re.compile(
    r"(?:(?:please )?(?:make|create|write|film|shoot|produce|generate|give me|(?:i|we) (?:want|need))\b.{0,40}?)?"
    r"\b(?:an?|the|our|my|one)?\s*(?:[\w-]+\s){0,4}?"
    r"(?:film|movie|video|ad|advert|advertisement|commercial|spot|trailer|teaser|clip|reel)s?"
    r"(?: for [^.!?]{1,80}| in [^.!?]{1,40}| of [\d][^.!?]{1,30})?[.!:]?\s*$",
    re.I,
)
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)]|(?:shot|scene|frame|panel)\s+\d+\s*[:.)–—-])[ \t]+", re.I)
_SPOKEN = re.compile(r"^([^\W\d_][\w.'’ -]{0,30}?)\s*(?:\(([^)]*)\))?\s*:\s+(.+)$")
_NARRATOR = re.compile(r"(?:narrator|narration|voice[- ]?over|vo|v\.o\.)$", re.I)
# Labels of a shot list or an ad brief, which say what the line is about rather than who speaks.
_LOOK = re.compile(r"(?:style|look|mood|tone|palette|colou?rs?|visual style|aesthetic)$", re.I)
_LABEL = re.compile(
    r"(?:visual|video|picture|image|action|scene|shot|setting|location|place|logline|synopsis|premise|product|brand"
    r"|client|audience|target|objective|goal|message|key message|duration|length|format|music|sound|sfx|audio"
    r"|call to action|cta|tagline|title|note|notes|props?"
    r"|climax|opening|ending|finale|beat|moment|montage|flashback|meanwhile|later|result|example|question|answer|chorus|verse|bridge|intro|outro|hook|lesson|topic|step|part|act|day|time|where|when|who|what|why|how)(?:\s*\d+)?$",
    re.I,
)


@dataclass
class _Block:
    """A run of text of one kind, by its place in the brief."""

    kind: str  # heading, paragraph, item, quote, rule
    start: int
    end: int
    text: str = ""


@dataclass
class _Reader:
    text: str
    scenes: list[SceneOutline] = field(default_factory=lambda: [SceneOutline()])
    cues: list[str] = field(default_factory=list)
    look: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def outline_of(text: str, *, markdown: bool) -> Outline:
    """Read prose or Markdown into scenes of beats."""
    reader = _Reader(text)
    titled = False
    for block in _blocks(text, markdown):
        if block.kind == "heading":
            if block.text.startswith("# ") and not titled and not reader.scenes[0].beats:
                titled = True
                words = _unmarked(block.text.lstrip("# "))
                reader.scenes[0].beats.append(
                    Beat(
                        f"Title card: {words}",
                        block.start,
                        block.end,
                        title=words,
                        why=["title: the heading of the brief"],
                    )
                )
            else:
                words = _unmarked(block.text.strip("# "))
                reader.scenes.append(SceneOutline(heading=words, time=time_in(words)))
        elif block.kind == "item":
            _item(reader, block)
        elif is_table(text[block.start : block.end].split("\n")):
            _table(reader, block)
        else:
            _paragraph(reader, block)
    _headings_alone(reader)
    scenes = [scene for scene in reader.scenes if scene.beats]
    if scenes:
        first = next((beat for scene in scenes for beat in scene.beats if not beat.title), scenes[0].beats[0])
        first.why += reader.notes
    return set_places(Outline(scenes, reader.cues, " ".join(reader.look), film_length_in(text)))


def _headings_alone(reader: _Reader) -> None:
    """Give a heading with nothing under it a picture, so that its words are not lost."""
    at = 0
    for scene in reader.scenes:
        if scene.heading:
            at = max(reader.text.find(scene.heading, at), 0)
            if not scene.beats:
                scene.beats.append(
                    Beat(scene.heading, at, at + len(scene.heading), why=["a heading with nothing under it"])
                )


def _blocks(text: str, markdown: bool) -> list[_Block]:
    """Divide a text into headings, list items and paragraphs."""
    blocks: list[_Block] = []
    open_paragraph = False
    at = 0
    for line in text.split("\n"):
        start, at = at, at + len(line) + 1
        end = start + len(line)
        bare = line.strip()
        if not bare or (markdown and re.fullmatch(r"([-*_] ?){3,}|={3,}|`{3}.*", bare)):
            open_paragraph = False
        elif markdown and re.match(r"#{1,6} \S", bare):
            blocks.append(_Block("heading", start + line.index("#"), end, bare))
            open_paragraph = False
        elif match := _ITEM.match(line):
            blocks.append(_Block("item", start + match.end(), end, match[0].strip()))
            open_paragraph = True
        elif open_paragraph:
            blocks[-1].end = end
        else:
            blocks.append(_Block("paragraph", start + len(line) - len(line.lstrip()), end))
            open_paragraph = True
    return blocks


def _unmarked(text: str) -> str:
    """Take Markdown's emphasis, code and link marks off a text, and bring it onto one line."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<![\w*])(\*{1,3}|_{1,3}|`)(?=\S)(.+?)(?<=\S)\1(?![\w*])", r"\2", text, flags=re.S)
    text = re.sub(r"(?m)^\s*>\s?", "", text)
    return " ".join(text.split())


def _table(reader: _Reader, block: _Block) -> None:
    """A row of a table is one shot; its speakers are named as such."""
    for beat in tables.beats_of(reader.text[block.start : block.end], block.start):
        reader.scenes[-1].beats.append(beat)
        for said in beat.said:
            if said.speaker and said.speaker not in reader.cues:
                reader.cues.append(said.speaker)


def _item(reader: _Reader, block: _Block) -> None:
    """A list item is one shot, as whoever wrote a list meant it."""
    words = _unmarked(reader.text[block.start : block.end])
    if not words or _labelled(reader, block, words):
        return
    reader.scenes[-1].beats.append(_beat(reader, words, block.start, block.end))


def _paragraph(reader: _Reader, block: _Block) -> None:
    words = _unmarked(reader.text[block.start : block.end])
    if _labelled(reader, block, words):
        return
    subject = ""
    found = list(sentences(reader.text, block.start, block.end))
    for start, end in found:
        raw = reader.text[start:end]
        if len(found) > 1 and start == found[0][0] and _ORDER.match(raw):  # what was ordered, not what happens
            reader.notes.append(f"the brief: {_unmarked(raw)}")
            continue
        if QUOTE.search(raw):  # a speech and its "she says" stay together
            reader.scenes[-1].beats.append(_beat(reader, _unmarked(raw), start, end))
            continue
        for clause in clauses(reader.text, start, end, subject):
            subject = clause.subject or subject
            words = _unmarked(clause.text)
            beat = _beat(reader, capital(words), clause.start, clause.end)
            beat.subject, beat.carried = clause.subject, clause.carried
            if beat.carried:
                beat.why.append(f"{clause.subject!r} acts here too, by the clause before")
            if beat.text:
                reader.scenes[-1].beats.append(beat)


def _labelled(reader: _Reader, block: _Block, words: str) -> bool:
    """Read `Mara (softly): Not tonight.`, `Narrator: ...` and `Style: ink and wash`; tell whether it was one."""
    match = _SPOKEN.match(words)
    if not match:
        return False
    name, manner, rest = match[1].strip(), match[2] or "", match[3]
    if name.lower() == "title":
        if not reader.scenes[0].beats:
            reader.scenes[0].beats.append(
                Beat(f"Title card: {rest}", block.start, block.end, title=rest, why=["title: the brief gives it"])
            )
            return True
        return False
    if _LOOK.match(name):
        reader.look.append(rest)
        reader.notes.append(f"look of the film, from the brief: {words}")
        return True
    if _LABEL.match(name) or not _is_name(name):
        return False
    speaker = "" if _NARRATOR.match(name) else name
    if speaker and speaker not in reader.cues:
        reader.cues.append(speaker)
    said = Said(rest, speaker, manner)
    beats = reader.scenes[-1].beats
    if not speaker and beats and not beats[-1].title:
        beats[-1].said.append(said)
        beats[-1].end = block.end
    else:
        seen = f"{speaker} speaks{f', {manner}' if manner else ''}" if speaker else "Narration"
        beats.append(Beat(seen, block.start, block.end, said=[said], speaking=speaker, only_speech=True))
    return True


def _is_name(name: str) -> bool:
    """Tell a speaker from another label: a few words, each with a capital where the script has them, or `Old man`."""
    parts = name.split()
    if len(parts) > 3 or directions(name).why:
        return False
    named = all(not part[0].islower() for part in parts)
    return (named and not adverb(parts[0].lower())) or bool(head_kind(parts[-1]) and parts[0][:1].isupper())


def _beat(reader: _Reader, words: str, start: int, end: int) -> Beat:
    """Make a beat, with what is said in it."""
    beat = Beat(words, start, end)
    for text, speaker in spoken(words):
        beat.said.append(Said(text, speaker, unsigned=not speaker))
        beat.speaking = speaker or beat.speaking
    return beat
