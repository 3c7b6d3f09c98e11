"""Make a storyboard of what a model drafted: ids, scenes, colours, lengths and places in the brief are code's, not
the model's."""

import math
import re
from dataclasses import dataclass, field

from reelgraph.video_tools.film import (
    Angle,
    Bible,
    Brief,
    CameraMove,
    Character,
    Line,
    Place,
    Scene,
    Shot,
    ShotSize,
    Span,
    Storyboard,
    Style,
)  # fmt: skip
from reelgraph.video_tools.planning.directions import fade_out_in
from reelgraph.video_tools.planning.lengths import spoken_seconds, title_seconds
from reelgraph.video_tools.planning.names import free_id
from reelgraph.video_tools.planning.offline import length_asked, with_length
from reelgraph.video_tools.planning.palette import cast_palette, place_palette
from reelgraph.video_tools.planning.sentences import sentences


@dataclass
class DraftedBeat:
    """A beat as a model gave it; `said` is (who, words, manner)."""

    see: str
    place: str = ""
    time: str = ""
    said: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class DraftedShot:
    """A shot as a model gave it; `beat` counts from 0."""

    beat: int
    prompt: str
    seconds: float
    size: ShotSize
    camera: CameraMove
    angle: Angle
    characters: list[str]


@dataclass
class Drafted:
    """A film as a model gave it: characters are (name, description, kind, aliases), places (name, description)."""

    title: str = ""
    look: str = ""
    beats: list[DraftedBeat] = field(default_factory=list)
    characters: list[tuple[str, str, str, list[str]]] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    shots: list[DraftedShot] = field(default_factory=list)


def assemble(brief: Brief, drafted: Drafted, bible: Bible | None) -> Storyboard:
    """Make a storyboard of a draft whose shots were checked against its beats.

    Raises:
        InvalidRequest: The lines need longer than the length asked for.
    """
    characters, id_of = _characters(drafted, bible)
    places, place_of = _places(drafted, bible)
    spans = Spans(brief.text)
    scenes: list[list[Shot]] = []
    heads: list[tuple[str, str]] = []
    title = brief.title or drafted.title
    if title:
        card = Shot(
            id="s01-01",
            prompt=f"Title card: {title}",
            title=title,
            kind="title",
            seconds=title_seconds(title),
            why=["a title card"],
        )
        scenes.append([card])
        heads.append(("", ""))
    last_beat = -1
    for shot in drafted.shots:
        beat = drafted.beats[shot.beat]
        place = place_of.get(beat.place.lower(), "")
        if not heads or (title and len(scenes) == 1) or (place, beat.time) != heads[-1]:
            scenes.append([])
            heads.append((place, beat.time))
        lines: list[Line] = []
        if shot.beat != last_beat:
            for who, text, manner in beat.said:
                speaker = id_of.get(who.lower(), "")
                # a speaker the bible missed is still somebody who speaks
                lines.append(
                    Line(
                        text=text,
                        character=speaker,
                        manner=manner if speaker or not who else f"{who}{manner and ', ' + manner}",
                    )
                )
        last_beat = shot.beat
        scenes[-1].append(
            _shot(shot, f"s{len(scenes):02d}-{len(scenes[-1]) + 1:02d}", beat, lines, place, id_of, spans)
        )
    storyboard = Storyboard(
        title=title,
        brief=brief.key,
        fade_out=fade_out_in(brief.text),
        bible=Bible(characters=characters, places=places, style=_style(drafted, bible)),
        scenes=[
            Scene(id=f"s{n:02d}", place=place, time=time, shots=shots)
            for n, (shots, (place, time)) in enumerate(zip(scenes, heads, strict=True), 1)
        ],
    )
    return with_length(storyboard, length_asked(brief))


def _shot(
    shot: DraftedShot, id_: str, beat: DraftedBeat, lines: list[Line], place: str, id_of: dict[str, str], spans: "Spans"
) -> Shot:
    why = [f"beat {shot.beat + 1}: {beat.see[:120]}"]
    seconds = max(0.5, math.ceil(shot.seconds * 2 - 1e-6) / 2)
    if (spoken := spoken_seconds(line.text for line in lines)) > seconds:
        seconds = math.ceil(spoken * 2) / 2
        why.append("length: the words take that long to say")
    here = list(dict.fromkeys(id_of[name.lower()] for name in shot.characters if name.lower() in id_of))
    return Shot(
        id=id_,
        prompt=shot.prompt,
        seconds=seconds,
        size=shot.size,
        camera=shot.camera,
        angle=shot.angle,
        characters=here,
        place=place,
        time=beat.time,
        lines=lines,
        why=why,
        span=spans.of(f"{beat.see} {' '.join(text for _, text, _ in beat.said)}"),
    )


def _characters(drafted: Drafted, bible: Bible | None) -> tuple[list[Character], dict[str, str]]:
    known = {name.lower(): c for c in (bible.characters if bible else []) for name in (c.name, *c.aliases)}
    taken = {c.palette[0] for c in known.values() if c.palette}
    ids = {c.id for c in known.values()}
    out: list[Character] = []
    id_of: dict[str, str] = {}
    for name, description, kind, aliases in drafted.characters:
        character = known.get(name.lower()) or next((known[a.lower()] for a in aliases if a.lower() in known), None)
        if character is None:
            if name.lower() in id_of:
                continue
            id_ = free_id(name, ids)
            ids.add(id_)
            palette = cast_palette(description, taken)
            character = Character.model_validate(
                {
                    "id": id_,
                    "name": name,
                    "description": description,
                    "kind": kind,
                    "aliases": aliases,
                    "palette": palette,
                }
            )
        if character not in out:
            out.append(character)
        for each in (name, character.name, *aliases, *character.aliases):
            id_of.setdefault(each.lower(), character.id)
    return out, id_of


def _places(drafted: Drafted, bible: Bible | None) -> tuple[list[Place], dict[str, str]]:
    known = {p.name.lower(): p for p in (bible.places if bible else [])}
    described = {name.lower(): description for name, description in drafted.places}
    ids = {p.id for p in known.values()}
    out: dict[str, Place] = {}
    for beat in drafted.beats:
        key = beat.place.lower()
        if not key or key in out:
            continue
        place = known.get(key)
        if place is None:
            id_ = free_id(beat.place, ids)
            ids.add(id_)
            description = described.get(key, "")
            palette = place_palette(beat.place, description, beat.time)
            place = Place(id=id_, name=beat.place[:120], description=description, palette=palette)
        out[key] = place
    return list(out.values()), {key: place.id for key, place in out.items()}


def _style(drafted: Drafted, bible: Bible | None) -> Style:
    style = bible.style if bible else Style()
    return style.model_copy(update={"look": drafted.look}) if drafted.look and not style.look else style


class Spans:
    """Find which sentence of the brief some words come from, going forward."""

    def __init__(self, text: str) -> None:
        self.places = [(start, end, words_of(text[start:end])) for start, end in sentences(text)]
        self.at = 0

    def of(self, words: str) -> Span | None:
        """Return the best sentence from where the last one was found on; None where nothing is alike."""
        own = words_of(words)
        best, score = None, 0.34  # a third of the words in common is no chance
        for n in range(self.at, len(self.places)):
            start, end, theirs = self.places[n]
            shared = len(own & theirs) / (min(len(own), len(theirs)) or 1)
            if shared > score:
                best, score, self.at = Span(start=start, end=end), shared, n
        return best


def words_of(text: str) -> set[str]:
    """Return the telling words of a text: letters, four or more, or signs of unspaced scripts."""
    return {w for w in re.findall(r"[^\W\d_]+", text.lower()) if len(w) > 3 or ord(w[0]) > 0x2E80}
