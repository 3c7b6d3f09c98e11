"""Find who a film is about, once each, and follow them through later mentions and pronouns."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from reelgraph.video_tools.film import Bible, Character
from reelgraph.video_tools.planning.lexicon import grammar, people, stems, verbs, words
from reelgraph.video_tools.planning.names import name_key, part_of, proper_names, shown
from reelgraph.video_tools.planning.nouns import compound, described, gender, head_kind, noun_name, singular, telling
from reelgraph.video_tools.planning.outline import Beat, Outline
from reelgraph.video_tools.planning.palette import cast_palette

_TOKEN = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*|[^\w\s]")
# What a pronoun can reach back over, in beats.
_REACH = 8
_WIDER = {
    "animal": "animal",
    "creature": "animal",
    "man": "he",
    "woman": "she",
    "boy": "he",
    "girl": "she",
    "person": "",
}
# What may stand between a name and its description: `Mara, an old keeper with a lamp,`.
_APPOSITION = re.compile(
    r",\s*((?:an?|the|his|her|their|in|with|wearing|aged|\d{1,3})\b[^.;:!?]*?)"
    r"(?:,\s+(?!and\b|with\b|in\b|wearing\b)|[.;:!?]|$)"
)

Tokens = list[tuple[str, int]]  # words and signs, with their places


@dataclass
class Person:
    """Somebody as they are found.

    Attributes:
        name: What they are called in the film.
        kind: Person, animal or object.
        heads: Common nouns that mean them (`keeper`).
        names: Keys of proper names that mean them.
        words: The words that describe them.
        gender: `he` or `she`, or nothing where not known.
        plural: Whether they are a group.
        last: The beat they were last in; -1 before they appear.
        seen: In how many beats they were mentioned.
        id: Their id in the bible.
    """

    name: str
    kind: Literal["person", "animal", "object"] = "person"
    heads: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    gender: str = ""
    plural: bool = False
    last: int = -1
    seen: int = 0
    id: str = ""


@dataclass
class Cast:
    """Everybody found, and who is in which beat.

    Attributes:
        characters: In order of appearance, the project's known ones among them.
        ids: Who is seen, by `id(beat)`.
        speakers: Who speaks, by `id(beat)` and name as written.
        why: Whom a pronoun was taken for, by `id(beat)`.
    """

    characters: list[Character]
    ids: dict[int, list[str]]
    speakers: dict[tuple[int, str], str]
    why: dict[int, list[str]]


def find_cast(outline: Outline, bible: Bible | None = None) -> Cast:
    """Find the characters of a brief.

    Args:
        outline: The brief, read.
        bible: Characters already known to the project, who keep their ids, words and colours.
    """
    return _Casting(outline, bible or Bible()).cast()


def free_id(name: str, taken: set[str]) -> str:
    """Return an id made of a name, numbered where it is taken."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:40].strip("-") or "unnamed"
    id_, n = base, 2
    while id_ in taken:
        id_, n = f"{base}-{n}", n + 1
    return id_


class _Casting:
    def __init__(self, outline: Outline, bible: Bible) -> None:
        self.outline = outline
        self.beats = [beat for scene in outline.scenes for beat in scene.beats]
        self.known = {character.id: character for character in bible.characters}
        self.people = [_from_bible(character) for character in bible.characters]
        self.proper = proper_names(outline)
        self.longest_name = max((len(key.split()) for key in self.proper), default=0)
        self.why: dict[int, list[str]] = {}

    def cast(self) -> Cast:
        for cue in self.outline.cues:
            self._named(cue)
        seen: dict[int, list[Person]] = {}
        speakers: dict[tuple[int, str], Person] = {}
        for number, beat in enumerate(self.beats):
            here: list[Person] = []
            for person in [] if beat.title else self._mentions(beat, number, here):
                if person not in here:
                    here.append(person)
                person.last, person.seen = number, person.seen + 1
            for said in beat.said:
                if said.speaker and (speaker := self._speaker(said.speaker, number)):
                    speakers[id(beat), said.speaker] = speaker
            if beat.speaking and (speaker := self._speaker(beat.speaking, number)) and speaker not in here:
                here.insert(0, speaker)
                speaker.last, speaker.seen = number, speaker.seen + 1
            seen[id(beat)] = here
        kept = [p for p in self.people if p.seen or any(speaker is p for speaker in speakers.values())]
        characters = self._characters(kept)
        return Cast(
            characters,
            {beat: [person.id for person in found] for beat, found in seen.items()},
            {key: person.id for key, person in speakers.items()},
            self.why,
        )

    # --- finding -----------------------------------------------------------------------------------------------------

    def _mentions(self, beat: Beat, number: int, here: list[Person]) -> Iterator[Person]:
        tokens = [(m[0], m.start()) for m in _TOKEN.finditer(beat.text)]
        at = 0
        while at < len(tokens):
            word = tokens[at][0]
            taken = 1
            if length := self._name_at(beat.text, tokens, at):
                person = self._named(_slice(beat.text, tokens, at, at + length), here)
                described_to = self._describe_name(person, beat, tokens, at, length)
                yield person
                taken = length
                while at + taken < len(tokens) and tokens[at + taken][1] < described_to:
                    taken += 1
            elif found := self._noun_at(tokens, at, beat, number):
                person, taken = found
                if apposed := self._apposed(beat, tokens, at + taken):
                    person = self._joined(person, apposed[0], beat, tokens, at + taken)
                    taken += apposed[1]
                yield person
            elif referred := self._pronoun(word.lower(), number, here):
                self.why.setdefault(id(beat), []).append(f"{word!r} is {referred.name}")
                yield referred
            at += taken

    def _name_at(self, text: str, tokens: Tokens, at: int) -> int:
        """Return how many tokens of a proper name begin here."""
        if not tokens[at][0][0].isalpha():
            return 0
        for length in range(min(self.longest_name + 1, len(tokens) - at), 0, -1):
            if tokens[at][0][0].islower() and not (at + length < len(tokens)):
                continue
            part = _slice(text, tokens, at, at + length)
            if name_key(part) in self.proper and (part[0].isupper() or not part[0].islower()):
                return length
        return 0

    def _named(self, name: str, here: list[Person] | None = None) -> Person:
        key = name_key(name)
        for person in self.people:
            if key in person.names:
                return person
        for person in self.people:  # "Mara" for "Mara Ellison", "Ellison" for "Dr. Mara Ellison"
            if any(part_of(key, known) for known in person.names):
                person.names.add(key)
                if len(name) > len(person.name) and not person.id:
                    person.name = shown(name)
                return person
        heads = {part for part in key.split() if head_kind(part)}
        for person in self.people:  # a script's KEEPER is prose's "the old keeper"
            if heads and len(key.split()) == 1 and heads & person.heads and not person.names:
                person.names.add(key)
                return person
        person = Person(shown(name), names={key})
        for head in heads:
            person.heads.add(singular(head))
            person.kind = "animal" if head_kind(head) == "animal" else "person"
            person.gender = gender(head)
        self.people.append(person)
        return person

    def _noun_at(self, tokens: Tokens, at: int, beat: Beat, number: int) -> tuple[Person, int] | None:
        """Read a noun phrase for somebody that begins with a token: `an old lighthouse keeper`."""
        low = tokens[at][0].lower()
        bare = low not in grammar("cast", "determiners")
        if bare and not _bare_plural(tokens, at):
            return None
        head = self._head(tokens, at, bare)
        if head < 0:
            return None
        noun = tokens[head][0].lower().removesuffix("'s").removesuffix("’s")
        phrase = _slice(beat.text, tokens, at, head + 1)
        new = low in grammar("cast", "indefinite") or bare
        return self._noun(noun, phrase, new, beat, tokens[head][1] + len(tokens[head][0]), number), head - at + 1

    def _apposed(self, beat: Beat, tokens: Tokens, at: int) -> tuple[str, int] | None:
        """Read a name that is given to the noun before it: `a firefly, GLIM`, `a girl named Ida`, `the keeper Mara`."""
        skip = 1 if at < len(tokens) and tokens[at][0].lower() in (",", "named", "called", "is") else 0
        if at + skip >= len(tokens) or (skip and tokens[at][0].lower() == "is"):
            return None
        length = self._name_at(beat.text, tokens, at + skip)
        if not length:
            return None
        after = tokens[at + skip + length][0] if at + skip + length < len(tokens) else "."
        if tokens[at][0] == "," and after not in (",", "(", ".", ";") and not tokens[at + skip][0].isupper():
            return None  # "the man, Mara says" is somebody else
        return _slice(beat.text, tokens, at + skip, at + skip + length), skip + length

    def _joined(self, person: Person, name: str, beat: Beat, tokens: Tokens, at: int) -> Person:
        """Make one of somebody found by a noun and the name that stands beside it."""
        named = self._named(name)
        if named is person:
            return person
        if named.seen or named.id:  # known already: the noun is another word for them
            named.heads |= person.heads
            if not person.seen and not person.id:
                self.people.remove(person)
            return named
        self.people.remove(named)
        person.names |= named.names
        person.name = named.name
        end = next(i for i in range(at, len(tokens)) if tokens[i][1] >= beat.text.index(name, tokens[at][1])) + len(
            name.split()
        )
        if end < len(tokens) and (
            match := re.match(r"\s*\(([^)]+)\)", beat.text[tokens[end - 1][1] + len(tokens[end - 1][0]) :])
        ):
            person.words.append(match[1].strip())
        return person

    def _head(self, tokens: Tokens, at: int, bare: bool) -> int:
        """Return where the noun of a phrase is, or -1."""
        end = at + (not bare)
        while end < min(len(tokens), at + 9):
            word = tokens[end][0].lower()
            if word in grammar("cast", "breakers") or not (word[0].isalnum() or word == ","):
                return -1
            if word == "," and tokens[end - 1][0].lower() not in people("describing"):
                return -1
            if head_kind(word) and not compound(tokens, end) and not _is_verb_here(tokens, at, end):
                return end
            if bare:
                return -1
            end += 1
        return -1

    def _noun(self, noun: str, phrase: str, new: bool, beat: Beat, end: int, number: int) -> Person:
        """Find whom a noun phrase means, or somebody new."""
        key = singular(noun)
        plural = noun != key
        qualifiers = telling(
            [w for w in re.findall(r"[\w'’-]+", phrase.lower())[:-1] if w not in grammar("cast", "determiners")]
        )
        same = [p for p in self.people if key in p.heads and p.plural == plural]
        agreeing = [p for p in same if _agrees(p, qualifiers)]
        if agreeing and (not new or any(p.seen == 0 for p in agreeing)):
            return max(agreeing, key=lambda p: (p.last, p.seen))
        if same and not new and not qualifiers:
            return max(same, key=lambda p: (p.last, p.seen))
        if not new and (near := self._wider(key, number)):
            near.heads.add(key)
            return near
        person = Person(
            noun_name(phrase, plural), heads={key}, words=[described(beat.text, end, phrase)], plural=plural
        )
        person.gender = gender(key)
        person.kind = "animal" if head_kind(noun) == "animal" else "person"
        self.people.append(person)
        return person

    def _wider(self, key: str, number: int) -> Person | None:
        """Find whom a wider word means: `the creature` after a dragon, `the woman` after Mara."""
        if key not in _WIDER:
            return None
        for person in sorted(self.people, key=lambda p: -p.last):
            if person.last < 0 or number - person.last > _REACH or person.plural:
                continue
            if _WIDER[key] == "animal":
                if person.kind == "animal":
                    return person
            elif person.kind == "person" and person.names and person.gender in ("", _WIDER[key]):
                person.gender = _WIDER[key]
                return person
        return None

    def _pronoun(self, low: str, number: int, here: list[Person]) -> Person | None:
        """Find whom a pronoun means: the last who can be meant, of this beat or one shortly before."""
        pronoun = next((p for p in ("he", "she", "it", "they") if low in people(f"pronouns_{p}")), "")
        if not pronoun:
            return None
        # "he" and "she" are people's before they are animals'
        for person in sorted(
            self.people,
            key=lambda p: (pronoun != "it" and p.kind != "person" and not p.gender, p not in here, -p.last, -p.seen),
        ):
            if person.last >= 0 and number - person.last <= _REACH and _may_be(person, pronoun):
                if pronoun in ("he", "she"):
                    person.gender = pronoun
                return person
        return None

    def _speaker(self, name: str, number: int) -> Person | None:
        if referred := self._pronoun(name.lower(), number, []):
            return referred
        if bare := re.match(r"(?:the|an?|his|her|their)\s+(.+)", name, re.I):
            noun = next((word for word in bare[1].lower().split() if head_kind(word)), "")
            last = max((p for p in self.people if singular(noun) in p.heads), key=lambda p: p.last, default=None)
            return last or (self._named(noun) if noun else None)
        return self._named(name)

    # --- describing --------------------------------------------------------------------------------------------------

    def _describe_name(self, person: Person, beat: Beat, tokens: Tokens, at: int, length: int) -> int:
        """Take in what is said of a name where it first has it: `MARA (60s, grey coat)`, `Mara, an old keeper`.

        Returns:
            Where the description after the name ends in the beat's text; 0 where there is none.
        """
        if person.words or person.id:
            return 0
        last, place = tokens[at + length - 1]
        rest, end = beat.text[place + len(last) :], 0
        match = re.match(r"\.?\s*\(([^)]+)\)", rest)
        if not match and (match := _APPOSITION.match(rest)) and len(match[1].split()) > 18:
            match = None
        if match:
            person.words.append(match[1].strip(" ,"))
            end = place + len(last) + match.end(1)
        elif lead := re.search(r"((?:\b[\w'’-]+\s+){1,4})$", beat.text[: tokens[at][1]]):
            person.words += [
                w for w in [" ".join(w for w in lead[1].split() if w.lower() in people("describing"))] if w
            ]
        for word in re.findall(r"[^\W\d_]+", " ".join(person.words).lower()):
            if kind := head_kind(word):
                person.heads.add(singular(word))
                person.gender = person.gender or gender(singular(word))
                if not person.seen and kind == "animal":
                    person.kind = "animal"
        return end

    def _characters(self, kept: list[Person]) -> list[Character]:
        taken = {c.palette[0] for c in self.known.values() if c.palette}
        ids = set(self.known)
        out: list[Character] = []
        for person in kept:
            if person.id:
                out.append(self.known[person.id])
                continue
            person.id = free_id(person.name, ids)
            ids.add(person.id)
            description = "; ".join(dict.fromkeys(person.words))[:2000]
            out.append(
                Character(
                    id=person.id,
                    name=person.name[:80],
                    description=description,
                    palette=cast_palette(description, taken),
                    aliases=sorted({shown(name) for name in person.names} - {person.name}),
                    kind=person.kind,
                )
            )
        return out


def _bare_plural(tokens: Tokens, at: int) -> bool:
    """Tell whether a word without a determiner is somebody: `villagers`, `people`; not the verb in `she flies`."""
    low = tokens[at][0].lower()
    if not head_kind(low) or (singular(low) == low and low not in ("people", "someone", "somebody")):
        return False
    verb = any(stem in verbs("only") or stem in verbs("both") for stem in stems(low))
    before = tokens[at - 1][0].lower() if at else ""
    return not verb or at == 0 or before in grammar("clauses", "openers") | {"of"}


def _is_verb_here(tokens: Tokens, at: int, head: int) -> bool:
    """Tell the verb in `a coat flies` from the noun in `the flies`: one thing has no plural, and only adjectives come
    before."""
    low = tokens[head][0].lower()
    if singular(low) == low or not any(stem in verbs("only") or stem in verbs("both") for stem in stems(low)):
        return False
    between = [word.lower() for word, _ in tokens[at + 1 : head]]
    counted = people("describing") | grammar("cast", "counts") | frozenset(words("colours")["words"])
    return tokens[at][0].lower() in ("a", "an", "another", "one") or any(word not in counted for word in between)


def _slice(text: str, tokens: Tokens, first: int, last: int) -> str:
    return text[tokens[first][1] : tokens[last - 1][1] + len(tokens[last - 1][0])]


def _agrees(person: Person, qualifiers: list[str]) -> bool:
    """Tell whether a qualified mention may be somebody: what tells two of a kind apart must be in their words."""
    known = " ".join([*person.words, person.name, *person.names]).lower()
    return all(word in known for word in qualifiers)


def _may_be(person: Person, pronoun: str) -> bool:
    if pronoun == "they":
        return person.plural
    if person.plural:
        return False
    if pronoun == "it":
        return person.kind in ("animal", "object") and not person.gender
    return person.kind != "object" and person.gender in ("", pronoun)


def _from_bible(character: Character) -> Person:
    """Make a known character findable by its name, aliases and the nouns in them."""
    person = Person(
        character.name, kind=character.kind, id=character.id, words=[w for w in [character.description] if w]
    )
    for name in [character.name, *character.aliases]:
        noun = name.split()[-1].lower()
        if head_kind(noun):
            person.heads.add(singular(noun))
            person.gender = person.gender or gender(singular(noun))
            person.plural = person.plural or singular(noun) != noun
        else:
            person.names.add(name_key(name))
    return person
