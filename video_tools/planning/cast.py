"""Find who a film is about, once each, and follow them through later mentions and pronouns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reelgraph.video_tools.film import Bible, Character
from reelgraph.video_tools.planning.groups import one_of, together, told_apart
from reelgraph.video_tools.planning.lexicon import grammar
from reelgraph.video_tools.planning.names import name_key, proper_names
from reelgraph.video_tools.planning.nouns import head_kind, singular
from reelgraph.video_tools.planning.outline import Beat, Outline
from reelgraph.video_tools.planning.persons import Person
from reelgraph.video_tools.planning.phrases import head_of, noun_of_somebody, noun_of_thing
from reelgraph.video_tools.planning.pronouns import (
    ACTS,
    Seen,
    all_of_them,
    means_nobody,
    means_somebody,
    pronoun_of,
    told_of,
    weight_of,
)
from reelgraph.video_tools.planning.quotes import blanked
from reelgraph.video_tools.planning.roll import Roll
from reelgraph.video_tools.planning.tokens import Token, between, tokens_of
from reelgraph.video_tools.planning.tongues import Foreigners

# What is heard and not seen.
_VOICES = frozenset({"voice", "voices"})


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
        self.seen = Seen()
        self.roll = Roll(bible, self.seen)
        self.proper = proper_names(outline) | self.roll.by_name.keys()
        self.why: dict[int, list[tuple[Person, str]]] = {}
        self.longest_name = max((len(key.split()) for key in self.proper), default=0)
        self.talking = _talking(outline)
        self.foreigners = Foreigners(outline.tongue, outline) if outline.tongue else None

    def cast(self) -> Cast:
        for name, what in self.outline.definitions.items():
            self.roll.define(self.roll.named(name), what)
        for cue in self.outline.cues:
            self.roll.named(cue)
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
        kept = [person for person in self.roll.found if id(person) in heard or person.matters()]
        return Cast(
            self.roll.characters(kept),
            {beat: [person.id for person in found if person.id] for beat, found in seen.items()},
            {key: person.id for key, person in speakers.items()},
            {beat: [why for person, why in reasons if person.id] for beat, reasons in self.why.items()},
        )

    def _mentions(self, beat: Beat, number: int, here: list[Person]) -> Iterator[Person]:
        # whom a quotation speaks of is not seen for that
        text = blanked(beat.text) if beat.said else beat.text
        tokens = tokens_of(text)
        at = 0
        if self.foreigners:
            if beat.said and beat.text.lstrip()[:1] in "—–―":  # whom a line of dialogue speaks of is not seen
                beat = replace(beat, text=" ".join(said.speaker for said in beat.said))
            yield from map(self.roll.known_as, self.foreigners.mentions(beat, self.seen.recent))
            return
        while at < len(tokens):
            taken = 1
            if (length := self._name_at(beat.text, tokens, at)) and (owned := self._owned(tokens, at + length)):
                person, taken = owned[0], length + owned[1]  # "Ember's mother" is not Ember
                person.weight = weight_of(tokens, at)
                yield person
            elif length:
                person = self.roll.named(between(beat.text, tokens, at, at + length))
                end = self.roll.describe_name(person, beat.text, tokens, at, length)
                person.weight = weight_of(tokens, at)
                yield person
                taken = length
                while at + taken < len(tokens) and tokens[at + taken].start < end:
                    taken += 1
            elif not (told := means_somebody(tokens, at)) and (head := noun_of_somebody(tokens, at)) >= 0:
                if subject := told_of(tokens, at, here):  # "she was once a princess" brings in nobody
                    subject.heads.add(singular(tokens[head].low))
                    self.roll.index(subject)
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
                person = self.roll.noun(beat.text, tokens, at, head, number)
                taken = head - at + 1
                taken += self.roll.also(person, beat.text, tokens, at + taken)
                if apposed := self._apposed(tokens, at + taken, beat.text):
                    person, more = self.roll.joined(person, beat.text, tokens, at + taken, *apposed)
                    taken += more
                person.weight = weight_of(tokens, at)
                yield person
            elif one := one_of(tokens, at, self.seen.recent):
                person, taken = one
                person.weight = weight_of(tokens, at)
                yield person
            elif (
                not told
                and (head := self._thing_at(tokens, at)) >= 0
                and not self._name_inside(beat.text, tokens, at, head)
            ):
                if several := self._group(tokens, at, head):
                    yield from several[0]
                    at = several[1]
                    continue
                if owner := self.seen.meant(tokens[at].low, number, ACTS, here):
                    yield owner
                person = self.roll.noun(beat.text, tokens, at, head, number)
                taken = head - at + 1
                if apposed := self._apposed(tokens, at + taken, beat.text):  # "a green triangle named Tri"
                    if tokens[head].low.endswith(("er", "or", "ist", "ian", "ant", "eer")):  # "her editor, Marcus"
                        person.kind = "person"
                    person, more = self.roll.joined(person, beat.text, tokens, at + taken, *apposed)
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
            elif they := self.seen.several(tokens[at].low):
                names = " and ".join(person.name for person in they)
                self.why.setdefault(id(beat), []).append((they[0], f"{tokens[at].text!r} are {names}"))
                yield from they
            at += taken

    def _thing_at(self, tokens: list[Token], at: int) -> int:
        """Return where the noun is of a thing whose phrase begins here, or -1; what speaks is one, be it the moon."""
        head = noun_of_thing(tokens, at)
        if head < 0 and self.talking and tokens[at].low in grammar("cast", "determiners"):
            told = range(at + 1, head_of(tokens, at) + 1)
            return next((n for n in told if singular(tokens[n].low) in self.talking), -1)
        return head

    def _group(self, tokens: list[Token], at: int, head: int) -> tuple[list[Person], int] | None:
        """Find the members of a group that a phrase names, with the token after it: those told apart right after, or
        those known."""
        key = singular(tokens[head].low)
        if members := told_apart(tokens, at, head):
            found, end = [self.roll.member(told, key) for told in members.told], members.end
        else:
            found, end = together(tokens, at, head, self.roll.by_head.get(key, [])), head + 1
        for person in found:
            person.weight = weight_of(tokens, at)
        return (found, end) if found else None

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

    def _owned(self, tokens: list[Token], after: int) -> tuple[Person, int] | None:
        """Find somebody known who is said to be a name's, with how many tokens that takes: `Ember's mother`."""
        if after >= len(tokens) or not tokens[after - 1].low.endswith(("'s", "’s")) or not head_kind(tokens[after].low):
            return None
        known = self.roll.by_head.get(singular(tokens[after].low), [])
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

    def _unsigned(self, said: str) -> Person | None:
        """Find who speaks where no name says it: in another language whom its words for that mention, else by turns."""
        if self.foreigners and said:
            who = Beat(said, 0, len(said))
            found = next(map(self.roll.known_as, self.foreigners.mentions(who, self.seen.recent)), None)
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
            if last := max(self.roll.by_head.get(singular(noun), []), key=lambda p: p.last, default=None):
                return last
            if noun:
                return self.roll.named(noun)
            tokens = tokens_of(name)
            head = head_of(tokens, 0)
            nobody = head < 0 or tokens[head].low in _VOICES | grammar("cast", "determiners")
            return None if nobody else self.roll.noun(name, tokens, 0, head, number)
        return self.roll.named(name)


def _talking(outline: Outline) -> frozenset[str]:
    """Return the nouns of things that speak."""
    speakers = (said.speaker for scene in outline.scenes for beat in scene.beats for said in beat.said)
    phrases = [tokens_of(speaker) for speaker in speakers if " " in speaker]
    return frozenset(singular(tokens[head].low) for tokens in phrases if (head := head_of(tokens, 0)) > 0) - _VOICES
