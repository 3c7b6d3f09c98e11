"""Find who a film is about, once each, and follow them through later mentions and pronouns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reelgraph.video_tools.film import Bible, Character
from reelgraph.video_tools.planning.groups import one_of, together, told_apart
from reelgraph.video_tools.planning.lexicon import grammar, people
from reelgraph.video_tools.planning.names import free_id, name_key, part_of, proper_names, shown
from reelgraph.video_tools.planning.nouns import gender, head_kind, named_gender, singular
from reelgraph.video_tools.planning.outline import Beat, Outline
from reelgraph.video_tools.planning.palette import cast_palette
from reelgraph.video_tools.planning.persons import Person, person_of
from reelgraph.video_tools.planning.phrases import called, introduced, noun_of_somebody, noun_of_thing, qualifiers, worn
from reelgraph.video_tools.planning.pronouns import (
    ACTS,
    Seen,
    all_of_them,
    means_nobody,
    pronoun_of,
    told_of,
    weight_of,
)
from reelgraph.video_tools.planning.tokens import Token, between, tokens_of
from reelgraph.video_tools.planning.tongues import Foreigners, tongue_of

# What may stand after a name: `Mara, an old keeper with a lamp,`.
_APPOSITION = re.compile(
    r",\s*((?:an?|the|his|her|their|in|with|wearing|aged|\d{1,3})\b[^.;:!?]*?)"
    r"(?:,\s+(?!and\b|with\b|in\b|wearing\b)|[.;:!?]|$)"
)


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

    People and animals are found where they are named or introduced; a thing is one of them if it is in two beats or
    more.

    Args:
        outline: The brief, read.
        bible: Characters already known to the project, who keep their ids, words and colours.
    """
    return _Casting(outline, bible or Bible()).cast()


class _Casting:
    def __init__(self, outline: Outline, bible: Bible) -> None:
        self.outline = outline
        self.known = {character.id: character for character in bible.characters}
        self.found: list[Person] = []
        self.by_name: dict[str, Person] = {}
        self.by_head: dict[str, list[Person]] = {}
        self.seen = Seen()
        self.proper = proper_names(outline)
        self.why: dict[int, list[tuple[Person, str]]] = {}
        for character in bible.characters:
            self.proper |= self._add(person_of(character)).names
        self.longest_name = max((len(key.split()) for key in self.proper), default=0)
        tongue = tongue_of(" ".join(beat.text for scene in outline.scenes for beat in scene.beats))
        self.foreigners = Foreigners(tongue, outline) if tongue else None

    def cast(self) -> Cast:
        for name, what in self.outline.definitions.items():
            self._define(self._named(name), what)
        for cue in self.outline.cues:
            self._named(cue)
        seen: dict[int, list[Person]] = {}
        speakers: dict[tuple[int, str], Person] = {}
        beats = [(beat, n) for n, scene in enumerate(self.outline.scenes) for beat in scene.beats]
        for number, (beat, scene) in enumerate(beats):
            self.seen.begin(scene, number)
            here: list[Person] = []
            for person in [] if beat.title else self._mentions(beat, number, here):
                self.seen.see(person, number, here)
            for said in beat.said:
                unsigned = said.unsigned or (self.foreigners and said.speaker not in self.outline.cues)
                speaker = self._unsigned(said.speaker) if unsigned else self._speaker(said.speaker, number)
                if speaker:
                    speakers[id(beat), said.speaker] = self.seen.spoke = speaker
                if speaker and unsigned and speaker not in here:
                    self.seen.see(speaker, number, here)
                    self.why.setdefault(id(beat), []).append((speaker, f"{speaker.name} speaks: they acted last"))
            shown_speaker = beat.speaking if not self.foreigners or beat.speaking in self.outline.cues else ""
            if shown_speaker and (speaker := self._speaker(shown_speaker, number)) and speaker not in here:
                self.seen.see(speaker, number, here)
                here.insert(0, here.pop())
            seen[id(beat)] = here
        heard = {id(speaker) for speaker in speakers.values()}
        kept = [person for person in self.found if id(person) in heard or person.matters()]
        return Cast(
            self._characters(kept),
            {beat: [person.id for person in found if person.id] for beat, found in seen.items()},
            {key: person.id for key, person in speakers.items()},
            {beat: [why for person, why in reasons if person.id] for beat, reasons in self.why.items()},
        )

    # --- bookkeeping -------------------------------------------------------------------------------------------------

    def _add(self, person: Person) -> Person:
        self.found.append(person)
        self._index(person)
        return person

    def _index(self, person: Person) -> None:
        for name in person.names:
            self.by_name[name] = person
        for head in person.heads:
            if person not in self.by_head.setdefault(head, []):
                self.by_head[head].append(person)

    def _drop(self, person: Person) -> None:
        self.found.remove(person)
        for head in person.heads:
            self.by_head[head] = [p for p in self.by_head.get(head, []) if p is not person]
        for name in person.names:
            self.by_name.pop(name, None)

    # --- finding -----------------------------------------------------------------------------------------------------

    def _mentions(self, beat: Beat, number: int, here: list[Person]) -> Iterator[Person]:
        tokens = tokens_of(beat.text)
        at = 0
        if self.foreigners:
            if beat.said and beat.text.lstrip()[:1] in "—–―":  # whom a line of dialogue speaks of is not seen
                beat = replace(beat, text=" ".join(said.speaker for said in beat.said))
            yield from map(self._known, self.foreigners.mentions(beat, self.seen.recent))
            return
        while at < len(tokens):
            taken = 1
            if (length := self._name_at(beat.text, tokens, at)) and (owned := self._owned(tokens, at + length)):
                person, taken = owned[0], length + owned[1]  # "Ember's mother" is not Ember
                person.weight = weight_of(tokens, at)
                yield person
            elif length:
                person = self._named(between(beat.text, tokens, at, at + length))
                end = self._describe_name(person, beat.text, tokens, at, length)
                person.weight = weight_of(tokens, at)
                yield person
                taken = length
                while at + taken < len(tokens) and tokens[at + taken].start < end:
                    taken += 1
            elif (head := noun_of_somebody(tokens, at)) >= 0:
                if subject := told_of(tokens, at, here):  # "she was once a princess" brings in nobody
                    subject.heads.add(singular(tokens[head].low))
                    self._index(subject)
                    at = head + 1
                    continue
                if self._lists_names(beat.text, tokens, head + 1):  # "two friends, Mia and Tom" are Mia and Tom
                    at = head + 1
                    continue
                if several := self._group(tokens, at, head):
                    yield from several[0]
                    at = several[1]
                    continue
                self.seen.meant(tokens[at].low, number, ACTS, here)  # "her mother" says that Ember is a she
                person = self._noun(beat.text, tokens, at, head, number)
                taken = head - at + 1
                taken += self._also(person, beat.text, tokens, at + taken)
                if apposed := self._apposed(tokens, at + taken, beat.text):
                    person, more = self._joined(person, beat.text, tokens, at + taken, *apposed)
                    taken += more
                person.weight = weight_of(tokens, at)
                yield person
            elif one := one_of(tokens, at, self.seen.recent):
                person, taken = one
                person.weight = weight_of(tokens, at)
                yield person
            elif (head := noun_of_thing(tokens, at)) >= 0 and not self._name_inside(beat.text, tokens, at, head):
                if several := self._group(tokens, at, head):
                    yield from several[0]
                    at = several[1]
                    continue
                if owner := self.seen.meant(tokens[at].low, number, ACTS, here):
                    yield owner
                person = self._noun(beat.text, tokens, at, head, number)
                taken = head - at + 1
                if apposed := self._apposed(tokens, at + taken, beat.text):  # "a green triangle named Tri"
                    if tokens[head].low.endswith(("er", "or", "ist", "ian", "ant", "eer")):  # "her editor, Marcus"
                        person.kind = "person"
                    person, more = self._joined(person, beat.text, tokens, at + taken, *apposed)
                    taken += more
                person.weight = weight_of(tokens, at)
                yield person
            elif all_of_them(tokens, at) and len(everybody := self.seen.everybody()) > 1:
                for person in everybody:
                    person.weight = weight_of(tokens, at)
                names = " and ".join(person.name for person in everybody)
                self.why.setdefault(id(beat), []).append((everybody[0], f"{tokens[at].text!r} are {names}"))
                yield from everybody
            elif not pronoun_of(tokens[at].low) or means_nobody(tokens, at):
                pass
            elif referred := self.seen.meant(tokens[at].low, number, weight_of(tokens, at), here):
                self.why.setdefault(id(beat), []).append((referred, f"{tokens[at].text!r} is {referred.name}"))
                referred.weight = weight_of(tokens, at)
                referred.acts += referred.weight != ACTS
                yield referred
            elif several := self.seen.several(tokens[at].low):
                names = " and ".join(person.name for person in several)
                self.why.setdefault(id(beat), []).append((several[0], f"{tokens[at].text!r} are {names}"))
                yield from several
            at += taken

    def _group(self, tokens: list[Token], at: int, head: int) -> tuple[list[Person], int] | None:
        """Find the members of a group that a phrase names, with the token after it: those told apart right after, or
        those known."""
        key = singular(tokens[head].low)
        if members := told_apart(tokens, at, head):
            found, end = [self._member(told, key) for told in members.told], members.end
        else:
            found, end = together(tokens, at, head, self.by_head.get(key, [])), head + 1
        for person in found:
            person.weight = weight_of(tokens, at)
        return (found, end) if found else None

    def _member(self, told: str, noun: str) -> Person:
        name = f"{told} {noun}"
        if name in self.by_name:
            return self.by_name[name]
        kind = head_kind(noun)
        person = Person(name[:1].upper() + name[1:], heads={noun}, names={name}, words=[f"{_article(name)} {name}"])
        person.kind = "object" if not kind else "animal" if kind == "animal" else "person"
        person.gender = gender(noun)
        return self._add(person)

    def _name_at(self, text: str, tokens: list[Token], at: int) -> int:
        """Return how many tokens of a proper name begin here."""
        first = tokens[at].text[0]
        if not first.isalpha() or first.islower():
            return 0
        for length in range(min(self.longest_name + 1, len(tokens) - at), 0, -1):
            ends = tokens[at + length - 1].text[-1].isalnum()
            if ends and name_key(between(text, tokens, at, at + length)) in self.proper:
                return length
        return 0

    def _name_inside(self, text: str, tokens: list[Token], at: int, head: int) -> bool:
        return any(self._name_at(text, tokens, n) for n in range(at + 1, head + 1))

    def _lists_names(self, text: str, tokens: list[Token], at: int) -> bool:
        """Tell whether names follow a group that they are: a comma or colon, a name, and another before the verb."""
        if (
            singular(tokens[at - 1].low) == tokens[at - 1].low
            or at >= len(tokens)
            or tokens[at].text not in (",", ":", "(")
        ):
            return False
        names = [n for n in range(at + 1, min(at + 16, len(tokens))) if self._name_at(text, tokens, n)]
        return (
            len(names) > 1 and names[0] == at + 1 and any(t.low in ("and", ",") for t in tokens[names[0] : names[-1]])
        )

    def _named(self, name: str) -> Person:
        key = name_key(name)
        if key in self.by_name:
            return self.by_name[key]
        for known, person in self.by_name.items():  # "Mara" for "Mara Ellison", "Ellison" for "Dr. Mara Ellison"
            if part_of(key, known):
                person.names.add(key)
                if len(name) > len(person.name) and not person.id:
                    person.name = shown(name)
                self._index(person)
                return person
        heads = {singular(part) for part in key.split() if head_kind(part)}
        for head in heads if len(key.split()) == 1 else ():  # a script's KEEPER is prose's "the old keeper"
            for person in self.by_head.get(head, []):
                if not person.names:
                    person.names.add(key)
                    self._index(person)
                    return person
        person = Person(shown(name), names={key}, heads=heads, gender=named_gender(key))
        for head in heads:
            person.kind = "animal" if head_kind(head) == "animal" else "person"
            person.gender = person.gender or gender(head)
        return self._add(person)

    def _owned(self, tokens: list[Token], after: int) -> tuple[Person, int] | None:
        """Find somebody known who is said to be a name's, with how many tokens that takes: `Ember's mother`."""
        if after >= len(tokens) or not tokens[after - 1].low.endswith(("'s", "’s")) or not head_kind(tokens[after].low):
            return None
        known = self.by_head.get(singular(tokens[after].low), [])
        return (max(known, key=lambda p: p.last), 1) if known else None

    def _apposed(self, tokens: list[Token], at: int, text: str) -> tuple[int, int] | None:
        """Find a name given to the noun before it: `a firefly, GLIM`, `a girl named Ida`, `the keeper Mara`.

        Returns:
            Where the name begins and how many tokens it has.
        """
        skip = int(at < len(tokens) and tokens[at].low in (",", "named", "called"))
        if at + skip >= len(tokens) or not (length := self._name_at(text, tokens, at + skip)):
            return None
        after = tokens[at + skip + length].text if at + skip + length < len(tokens) else "."
        if tokens[at].text == "," and after not in (",", "(", ".", ";"):
            return None  # in "the man, Mara says," she is somebody else
        return at + skip, length

    def _also(self, person: Person, text: str, tokens: list[Token], at: int) -> int:
        """Take in a noun that says more of the one before it, `his opponent, a young girl,`; return the tokens read."""
        if at + 2 >= len(tokens) or tokens[at].text != "," or tokens[at + 1].low not in ("a", "an"):
            return 0
        head = noun_of_somebody(tokens, at + 1)
        if head < 0 or (head + 1 < len(tokens) and tokens[head + 1].text not in (",", ".", ";")):
            return 0
        phrase = between(text, tokens, at + 1, head + 1)
        person.words.append(phrase)
        person.learn(phrase, first=not person.beats)
        self._index(person)
        return head + 1 - at

    def _joined(
        self, person: Person, text: str, tokens: list[Token], at: int, name_at: int, length: int
    ) -> tuple[Person, int]:
        """Make one of somebody found by a noun and the name that stands beside it; also return the tokens read."""
        named = self._named(between(text, tokens, name_at, name_at + length))
        taken = name_at + length - at
        if named is not person and (named.beats or named.id):  # known already: the noun is another word for them
            named.heads |= person.heads
            if not person.beats and not person.id:
                self._drop(person)
            self._index(named)
            return named, taken
        if named is not person:
            self._drop(named)
            person.names |= named.names
            person.name = named.name
            self._index(person)
        if match := re.match(r"\s*\(([^)]+)\)", text[tokens[name_at + length - 1].end :]):
            person.words.append(match[1].strip())
        return person, taken

    def _noun(self, text: str, tokens: list[Token], at: int, head: int, number: int) -> Person:
        """Find whom a noun phrase means, or somebody new."""
        noun = re.sub(r"['’]s?$", "", tokens[head].low)
        key = singular(noun)
        plural, phrase = noun != key, between(text, tokens, at, head + 1)
        told = qualifiers(phrase)
        new = tokens[at].low in grammar("cast", "indefinite") or tokens[at].low not in grammar("cast", "determiners")
        same = [p for p in self.by_head.get(key, []) if p.plural == plural]
        agreeing = [p for p in same if p.agrees(told)]
        if agreeing and (not new or any(p.beats == 0 for p in agreeing)):
            person = max(agreeing, key=lambda p: (p.last, p.beats))
            if not person.words and not person.id:  # a cue that is now seen
                person.words = introduced(text, tokens[head].end, phrase)
            return person
        if same and not new and all(word in people("describing") for word in told):
            return max(same, key=lambda p: (p.last, p.beats))
        kind = head_kind(noun)
        if not new and kind and (near := self.seen.wider(key, number)):
            near.heads.add(key)
            self._index(near)
            return near
        phrase = re.sub(r"['’]s?$", "", phrase)
        words = introduced(text, tokens[head].end, phrase) if kind else [phrase]
        heads = {key} | {singular(t.low) for t in tokens[at:head] if head_kind(t.low)}  # a robot gardener is a robot
        person = Person(called(phrase, plural=plural), heads=heads, words=words, plural=plural, gender=gender(key))
        person.kind = "object" if not kind else "animal" if kind == "animal" else "person"
        return self._add(person)

    def _known(self, person: Person) -> Person:
        """Take somebody of another language in, as who the project knows them to be if it does."""
        known = next((self.by_name[name] for name in person.names if name in self.by_name), None)
        known = known or next((p for head in person.heads for p in self.by_head.get(head, [])), None)
        if known is None:
            person.weight = ACTS
            return self._add(person)
        return known

    def _unsigned(self, said: str) -> Person | None:
        """Find who speaks where no name says it: in another language whom its words for that mention, else by turns."""
        if self.foreigners and said:
            who = Beat(said, 0, len(said))
            found = next(map(self._known, self.foreigners.mentions(who, self.seen.recent)), None)
            if found is not None:
                return found
        return self.seen.unnamed_speaker()

    def _speaker(self, name: str, number: int) -> Person | None:
        if not name:
            return None
        if referred := self.seen.meant(name, number, ACTS, [], speaks=True):
            return referred
        if bare := re.match(r"(?:the|an?|his|her|their)\s+(.+)", name, re.I):
            noun = next((word for word in bare[1].lower().split() if head_kind(word)), "")
            last = max(self.by_head.get(singular(noun), []), key=lambda p: p.last, default=None)
            return last or (self._named(noun) if noun else None)
        return self._named(name)

    # --- describing --------------------------------------------------------------------------------------------------

    def _describe_name(self, person: Person, text: str, tokens: list[Token], at: int, length: int) -> int:
        """Take in what is said of a name where it first has it: `MARA (60s, grey coat)`, `Mara, an old keeper`.

        Returns:
            Where the description after the name ends in the text; 0 where there is none.
        """
        if person.words or person.id:
            return 0
        place = tokens[at + length - 1].end
        match = re.match(r"\.?\s*\(([^)]+)\)", text[place:])
        if not match and (match := _APPOSITION.match(text[place:])) and len(match[1].split()) > 18:
            match = None
        wears = worn(text, place)  # "Mia in a blue coat"
        if match:
            person.words.append(match[1].strip(" ,"))
        elif head := _epithet(tokens, at, at + length):  # "Zig the orange triangle drifts"
            what = between(text, tokens, at + length, head + 1)
            self._define(person, f"a{what.removeprefix('the')}")
            return tokens[head].end
        elif wears:
            person.words.append(wears)
        elif lead := [w for w in text[: tokens[at].start].split()[-3:] if w.lower() in people("describing")]:
            person.words.append(" ".join(lead))
        self._define(person, " ".join(person.words), add=False)
        return place + match.end(1) if match else 0

    def _define(self, person: Person, what: str, *, add: bool = True) -> None:
        """Take in what somebody is said to be: `a red ball` makes Pip a thing, and a ball."""
        if person.id:
            return
        if add:
            person.words.append(what)
        person.learn(what, first=not person.beats)
        told = tokens_of(what)
        if told and not person.heads and (head := noun_of_thing(told, 0)) >= 0:
            person.kind = "object"
            person.heads.add(singular(told[head].low))
        self._index(person)

    def _characters(self, kept: list[Person]) -> list[Character]:
        taken = {c.palette[0] for c in self.known.values() if c.palette}
        ids = set(self.known)
        out: list[Character] = []
        for person in kept:
            if person.id:
                out.append(self.known[person.id])
                continue
            person.id = free_id(person.name, ids, person.kind)
            ids.add(person.id)
            description = "; ".join(dict.fromkeys(person.words))[:2000]
            out.append(
                Character(
                    id=person.id,
                    name=person.name[:80],
                    description=description,
                    palette=cast_palette(f"{description} {person.name}", taken),
                    aliases=sorted({shown(name) for name in person.names} - {person.name}),
                    kind=person.kind,
                )
            )
        return out


def _article(name: str) -> str:
    return "an" if name[0] in "aeiou" else "a"


def _epithet(tokens: list[Token], at: int, after: int) -> int:
    """Return where the noun is that a clause's first name is called by, `Bo the blue box`; 0 where there is none."""
    if after >= len(tokens) or tokens[after].text != "the" or weight_of(tokens, at) != ACTS:
        return 0
    head = noun_of_somebody(tokens, after)
    return max(head if head >= 0 else noun_of_thing(tokens, after), 0)
