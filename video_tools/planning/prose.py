"""Turn prose and Markdown into scenes of beats."""

import re
from dataclasses import replace

from reelgraph.video_tools.planning.blocks import Block, blocks, unmarked
from reelgraph.video_tools.planning.clauses import Clause, capital, clauses
from reelgraph.video_tools.planning.directions import (
    TRANSITION,
    fade_out_in,
    film_length_in,
    length_beside,
    length_of,
    time_in,
)
from reelgraph.video_tools.planning.headings import scene_under
from reelgraph.video_tools.planning.introductions import introduced
from reelgraph.video_tools.planning.labels import Label, cards_of, label_in, label_of, look_beside, look_in, look_of
from reelgraph.video_tools.planning.letters import frame_of
from reelgraph.video_tools.planning.orders import order_in
from reelgraph.video_tools.planning.outline import Beat, Outline, Said, SceneOutline
from reelgraph.video_tools.planning.places import set_places
from reelgraph.video_tools.planning.quotes import QUOTE, spoken
from reelgraph.video_tools.planning.reader import Reader, beat_of, share
from reelgraph.video_tools.planning.sentences import sentences
from reelgraph.video_tools.planning.slogans import is_slogan, make_slogans
from reelgraph.video_tools.planning.tables import beats_of
from reelgraph.video_tools.planning.timing import time_of

# A screenplay's heading in the middle of prose: "INT. NEWSROOM - NIGHT."
_SLUG = re.compile(r"(?:INT|EXT|INT\.?/EXT)\. [^.a-z]{2,60}\.?")
# Whoever just spoke in a paragraph goes on speaking in it, where nobody else is named.
_QUOTE_ALONE = re.compile(rf"\s*(?:{QUOTE.pattern})\s*")
# What ends a label, and no time of day: "**Scene 1 (0:00-0:05):** a fox".
_COLON = re.compile(r":[*_`]*\s+")
# "1. A student opens the app. 2. The screen shows a map."
_NUMBERED = re.compile(r"\(?(\d{1,2})[.)]\s+")
# What is no picture but a card or a look is said in few signs.
_SHORT = 120


def outline_of(text: str, *, markdown: bool) -> Outline:
    """Read prose or Markdown into scenes of beats."""
    reader = Reader(text)
    found = list(blocks(text, markdown=markdown))
    frame = frame_of(text, found)
    for block in found:
        if block in frame:
            reader.notes.append(f"the brief's letter: {unmarked(text[block.start : block.end])}")
        elif block.kind == "heading":
            _heading(reader, block)
        elif block.kind == "item":
            _item(reader, block)
        elif block.kind == "table":
            _table(reader, block)
        else:
            _paragraph(reader, block)
    _headings_alone(reader)
    make_slogans(reader)
    for scene in reader.scenes:
        if scene.seconds:
            share(scene.beats, scene.seconds)
    scenes = [scene for scene in reader.scenes if scene.beats]
    if scenes:
        first = next((beat for scene in scenes for beat in scene.beats if not beat.title), scenes[0].beats[0])
        first.why += [*reader.notes, *(why for how in reader.filmed for why in how.why)]
    outline = Outline(
        scenes, reader.cues, reader.definitions, ", ".join(reader.look), film_length_in(text) or reader.seconds
    )
    return set_places(outline)


def _heading(reader: Reader, block: Block) -> None:
    """Begin a scene; the first heading of the highest rank is the film's title."""
    if block.text.startswith("# ") and not reader.scenes[0].beats and len(reader.scenes) == 1:
        words = unmarked(reader.text[block.start : block.end].lstrip("# "))
        seconds = length_beside(words)
        if seconds or not (block.seconds and any(reader.counted)):  # "# Intro (0:00-0:08)" is no title
            title = unmarked(block.text.lstrip("# ")) if seconds else words
            reader.card(title, block.start, block.end, "title: the heading of the brief")
            reader.seconds = seconds
            return
    words = unmarked(block.text.strip("# []")).rstrip(": ")
    label = label_of(f"{words}: -") if block.text.endswith(":") else None
    if label and label.kind in ("note", "look", "cast", "direction"):  # "Characters:" is no scene
        reader.notes.append(f"the brief: {words}")
        return
    reader.scenes.append(SceneOutline(heading=words, time=time_in(words), seconds=block.seconds))


def _headings_alone(reader: Reader) -> None:
    """Give a heading with nothing under it a picture, so that its words are not lost."""
    at = 0
    for scene in reader.scenes:
        if scene.heading:
            at = max(reader.text.find(scene.heading, at), 0)
            if not scene.beats:
                why = "a heading with nothing under it"
                scene.beats.append(Beat(scene.heading, at, at + len(scene.heading), why=[why]))


def _table(reader: Reader, block: Block) -> None:
    """A row of a table is one shot; its speakers are named as such."""
    for beat in beats_of(reader.text[block.start : block.end], block.start):
        here = reader.scenes[-1]
        if beat.scene and here.heading and not here.beats:  # a heading over a list of scenes is its title
            at = max(reader.text.find(here.heading), 0)
            reader.card(here.heading, at, at + len(here.heading), "title: the heading of the list")
            here.heading = ""
        if re.search(r"[^\W\d_]{3}", beat.scene) and beat.scene != reader.scenes[-1].heading:
            reader.scenes.append(SceneOutline(heading=beat.scene, time=time_in(beat.scene)))
        if not beat.said and not beat.title:
            beat.said = [Said(text, speaker, unsigned=not speaker) for text, speaker in spoken(beat.text)]
        reader.add(beat)
        for said in beat.said:
            if said.speaker and said.speaker not in reader.cues:
                reader.cues.append(said.speaker)


def _item(reader: Reader, block: Block) -> None:
    """A list item is one shot, as whoever wrote a list meant it."""
    end = _before_transition(reader.text, block)
    words = unmarked(reader.text[block.start : end])
    if not words or reader.joins(words, block.end):
        return
    first = len(reader.beats)
    label = label_in(reader.text, words)
    if label and not label.pictures:
        reader.take(label, words, block.start, block.end)
    elif label and label.kind == "seen":
        reader.add(beat_of(label.rest, block.start, end, _named(label, words)))
    elif not _shows_cards(reader, words, block.start, end):
        reader.add(beat_of(words, block.start, end))
    if end < block.end:
        reader.joins(reader.text[end : block.end].strip(), block.end)
    if seconds := block.seconds or (label and time_of(label.manner, counted=reader.counted)):
        share(reader.beats[first:], seconds)
        if len(reader.beats) == first:
            reader.notes.append(f"the brief gives {seconds:g} s to {words!r}")


def _before_transition(text: str, block: Block) -> int:
    """Return where an item's own words end, before a sentence that says how the next shot is joined."""
    found = list(sentences(text, block.start, block.end))
    last = text[slice(*found[-1])] if len(found) > 1 else ""
    joins = TRANSITION.fullmatch(last) or (fade_out_in(last) and not text[block.end :].strip())
    return found[-2][1] if joins else block.end


def _paragraph(reader: Reader, block: Block) -> None:
    words = unmarked(reader.text[block.start : block.end])
    start = block.start
    if label := label_in(reader.text, words):
        if not label.pictures:
            _labels(reader, block, label, words)
            return
        if label.name.lower() in ("scene", "act", "part", "chapter"):
            reader.scenes.append(SceneOutline(heading=_named(label, words)))
        if label.kind == "seen":
            start = _after_label(reader.text, start)
    first = len(reader.beats)
    _sentences(reader, start, block.end)
    if label and label.kind == "seen" and len(reader.beats) > first:
        if seconds := time_of(label.manner, counted=reader.counted):
            share(reader.beats[first:], seconds)
        reader.beats[first].start = block.start
        reader.beats[first].why.append(f"the brief: {_named(label, words)}")


def _named(label: Label, words: str) -> str:
    """Return a label as its line has it, number and all."""
    return words[: len(words) - len(label.rest)].strip(" :")


def _after_label(text: str, start: int) -> int:
    colon = _COLON.search(text, start)
    return colon.end() if colon else start


def _labels(reader: Reader, block: Block, label: Label, words: str) -> None:
    """Take a paragraph that begins with a label: all of it where that may be said at length, or up to its next label;
    else what the label names, and go on with the rest."""
    found = list(sentences(reader.text, block.start, block.end))
    # "Hero: a fox." describes; the rest does not
    opens = label_in(reader.text, unmarked(reader.text[slice(*found[0])])) or label
    inside = [start for start, end in found if _label_inside(reader.text, unmarked(reader.text[start:end]))]
    starts = [block.start, *(start for start in inside if start > block.start)]
    if len(starts) < 2 and (opens.at_length or len(found) < 2):
        reader.take(label, words, block.start, block.end)
    elif opens.kind in ("speech", "narration") and opens.at_length:  # "MARA: Not tonight. I am tired. TOM: Why not?"
        for start, end in zip(starts, [*starts[1:], block.end], strict=True):
            _paragraph(reader, Block("paragraph", start, end))
    else:
        _sentences(reader, block.start, block.end)


def _sentences(reader: Reader, begin: int, stop: int) -> None:
    """Make beats of the events that a paragraph tells."""
    subject = speaks = ""
    taken = begin
    found = list(sentences(reader.text, begin, stop))
    numbers = [int(m[1]) for start, _ in found if (m := _NUMBERED.match(reader.text, start))]
    is_list = len(numbers) > 1 and numbers == [*range(1, len(numbers) + 1)]  # or "3." is a word of its own
    for start, end in found:
        if start < taken:
            continue
        raw = reader.text[start:end]
        order = order_in(raw) if start == found[0][0] else None
        more = order and (len(found) > 1 or len(order.words) < len(raw) or reader.text[end:].strip())
        if order and more:  # what was ordered, not what happens
            reader.is_abroad, reader.is_ad = order.is_abroad, order.is_ad
            reader.notes.append(f"the brief: {unmarked(order.words)}")
            reader.seconds = reader.seconds or length_of(order.words)
            if look := look_in(order.words):
                reader.look.append(look)
            start += len(order.words)
            if start >= end:
                continue
        if slug := _SLUG.fullmatch(raw):
            reader.scenes.append(scene_under(slug[0].rstrip("."), reader.scenes[-1]))
            continue
        if is_list and (numbered := _NUMBERED.match(raw)):
            start += numbered.end()
            raw = reader.text[start:end]
        if label := _label_inside(reader.text, unmarked(raw)):
            taken = _label_ends(reader.text, found, end, label)
            words = unmarked(reader.text[start:taken])
            reader.take(label_in(reader.text, words) or label, words, start, taken)
            continue
        if reader.joins(raw, end):
            continue
        if _shows_cards(reader, unmarked(raw), start, end):
            continue
        if len(raw) < _SHORT and (look := look_of(unmarked(raw))):
            reader.seconds = reader.seconds or length_of(look)
            reader.look.append(re.sub(r",? \d+ (?:s|seconds?|minutes?)\b", "", look))
            reader.notes.append(f"the brief: {unmarked(raw)}")
            continue
        if (look := look_beside(raw)) and look not in reader.look:
            reader.look.append(look)
        begun = any(not beat.title for beat in reader.beats)
        if known := introduced(reader.text, found, (start, end), begun=begun):
            reader.definitions[known[0]] = known[1]
            reader.notes.append(f"the brief: {unmarked(raw)}")
            continue
        if QUOTE.search(raw) or raw.lstrip()[:1] in "—–―":  # a speech and its "she says" stay together
            beat = beat_of(capital(unmarked(reader.text[start:end])), start, end)
            if speaks and beat.said and not beat.speaking and _QUOTE_ALONE.fullmatch(raw):
                beat.said = [replace(said, speaker=speaks, unsigned=False) for said in beat.said]
                beat.speaking = speaks
            speaks = beat.speaking
            reader.add(beat)
            continue
        speaks = ""
        shown = label_in(reader.text, unmarked(raw)) if ":" in raw else None
        label = shown if shown and shown.pictures else None  # "Wide shot: a city wakes." is one shot
        begin = _after_label(reader.text, start) if label else start
        slogan = reader.is_ad and is_slogan(raw)  # "See the road, be the road." is one
        told = clauses(reader.text, begin, end, "" if label else subject)
        for clause in [_whole(reader.text, told)] if slogan else told:
            subject = clause.subject or subject
            text, first, named = clause.text, clause.start, ""
            if label and label.kind == "filmed":
                text, first = reader.text[start : clause.end], start
            elif label:
                first, named = start, _named(label, unmarked(raw))
            label = None
            beat = beat_of(capital(unmarked(text)), first, clause.end, named)
            beat.subject, beat.carried = clause.subject, clause.carried
            if beat.carried:
                beat.why.append(f"{clause.subject!r} acts here too, by the clause before")
            if beat.text:
                reader.add(beat)


def _whole(text: str, told: list[Clause]) -> Clause:
    """Return a sentence's clauses as one."""
    start, end = told[0].start, told[-1].end
    return replace(told[0], end=end, text=text[start:end] if len(told) > 1 else told[0].text)


def _shows_cards(reader: Reader, words: str, start: int, end: int) -> bool:
    """Make cards of a sentence or item that only says what is read: `End card "Elm Street 9"`; return whether it is
    one."""
    cards = cards_of(words)
    for card in cards:
        reader.card(card, start, end, f"title: the brief shows {card!r}")
    return bool(cards)


def _label_inside(text: str, sentence: str) -> Label | None:
    """Read the label of a sentence inside a paragraph that is no picture, as `VO: "Come."` and `Mara: Not tonight.`"""
    label = label_in(text, sentence) if ":" in sentence else None
    if label is None or label.pictures:
        return None
    speaks = label.name[0].isupper() and not label.rest[0].islower()  # without capitals, "she says:" looks the same
    return label if label.kind != "speech" or speaks else None


def _label_ends(text: str, found: list[tuple[int, int]], end: int, label: Label) -> int:
    """Return where what a label inside a paragraph says is over: at the end of its sentence, or of the quotations or
    the last words that go on with it."""
    for begin, stop in found:
        if begin < end:
            continue
        words = text[begin:stop]
        quoted = label.kind in ("speech", "narration") and _QUOTE_ALONE.fullmatch(words)
        last = label.closes and is_slogan(words) and ":" not in words and not TRANSITION.fullmatch(words)
        if not quoted and not last:  # "Tagline: Lumen. It knows when."
            break
        end = stop
    return end
