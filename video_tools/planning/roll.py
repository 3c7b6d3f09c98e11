"""Keep everybody found in a brief, once each: found again by name and by noun, with the words that describe them."""

import re

from reelgraph.video_tools.film import Bible, Character
from reelgraph.video_tools.planning.lexicon import grammar, people
from reelgraph.video_tools.planning.names import free_id, name_key, part_of, shown
from reelgraph.video_tools.planning.nouns import gender, head_kind, named_gender, singular
from reelgraph.video_tools.planning.palette import cast_palette
from reelgraph.video_tools.planning.persons import Person, person_of
from reelgraph.video_tools.planning.phrases import called, introduced, noun_of_somebody, noun_of_thing, qualifiers, worn
from reelgraph.video_tools.planning.pronouns import ACTS, Seen, weight_of
from reelgraph.video_tools.planning.tokens import Token, between, tokens_of
from reelgraph.video_tools.planning.verbs import DETERMINERS, begins_event, find_verb

# What may stand after a name: `Mara, an old keeper with a lamp,`.
_APPOSITION = re.compile(
    r",\s*((?:an?|the|his|her|their|in|with|wearing|aged|\d{1,3})\b[^.;:!?]*?)"
    r"(?:,\s+(?!and\b|with\b|in\b|wearing\b)|[.;:!?]|$)"
)
# What may follow the brackets after a name.
_PHRASE = re.compile(r",\s*([^,.;:!?()\n]{2,60}?)(?=\s*[,.;])")


class Roll:
    """Everybody found so far, and those that the project knows."""

    def __init__(self, bible: Bible, seen: Seen) -> None:
        self.known = {character.id: character for character in bible.characters}
        self.seen = seen
        self.found: list[Person] = []
        self.by_name: dict[str, Person] = {}
        self.by_head: dict[str, list[Person]] = {}
        for character in bible.characters:
            self.add(person_of(character))

    def add(self, person: Person) -> Person:
        """Take somebody in."""
        self.found.append(person)
        self.index(person)
        return person

    def index(self, person: Person) -> None:
        """Make somebody findable by every name and noun that means them by now."""
        for name in person.names:
            self.by_name[name] = person
        for head in person.heads:
            if person not in self.by_head.setdefault(head, []):
                self.by_head[head].append(person)

    def drop(self, person: Person) -> None:
        """Take somebody off again, who turned out to be somebody else."""
        self.found.remove(person)
        for head in person.heads:
            self.by_head[head] = [p for p in self.by_head.get(head, []) if p is not person]
        for name in person.names:
            self.by_name.pop(name, None)

    def named(self, name: str) -> Person:
        """Find whom a name means, or somebody new."""
        key = name_key(name)
        if key in self.by_name:
            return self.by_name[key]
        for known, person in self.by_name.items():  # "Mara" for "Mara Ellison", "Ellison" for "Dr. Mara Ellison"
            if part_of(key, known):
                person.names.add(key)
                if len(name) > len(person.name) and not person.id:
                    person.name = shown(name)
                self.index(person)
                return person
        heads = {singular(part) for part in key.split() if head_kind(part)}
        for head in heads if len(key.split()) == 1 else ():  # a script's KEEPER is prose's "the old keeper"
            for person in self.by_head.get(head, []):
                if not person.names:
                    person.names.add(key)
                    self.index(person)
                    return person
        person = Person(shown(name), names={key}, heads=heads, gender=named_gender(key))
        for head in heads:
            person.kind = "animal" if head_kind(head) == "animal" else "person"
            person.gender = person.gender or gender(head)
        return self.add(person)

    def member(self, told: str, noun: str) -> Person:
        """Find the one of a group that some words tell apart, or somebody new."""
        name = f"{told} {noun}"
        if name in self.by_name:
            return self.by_name[name]
        kind = head_kind(noun)
        person = Person(name[:1].upper() + name[1:], heads={noun}, names={name}, words=[f"{_article(name)} {name}"])
        person.kind = "object" if not kind else "animal" if kind == "animal" else "person"
        person.gender = gender(noun)
        return self.add(person)

    def noun(self, text: str, tokens: list[Token], at: int, head: int, number: int) -> Person:
        """Find whom a noun phrase means, or somebody new."""
        noun = re.sub(r"['’]s?$", "", tokens[head].low)
        key = singular(noun)
        plural, phrase = noun != key, between(text, tokens, at, head + 1)
        told = qualifiers(phrase)
        new = tokens[at].low in grammar("cast", "indefinite") or tokens[at].low not in grammar("cast", "determiners")
        same = [p for p in self.by_head.get(key, []) if p.plural == plural]
        # A new one is somebody known only where a cue waits to be seen: most are not, and a long script has many alike.
        waited_for = not new or any(p.beats == 0 and p.agrees(told) for p in same)
        if waited_for and (agreeing := [p for p in same if p.agrees(told)]):
            person = max(agreeing, key=lambda p: (p.last, p.beats))
            if not person.words and not person.id:  # a cue that is now seen
                person.words = introduced(text, tokens[head].end, phrase)
            return person
        plain = all(word in people("describing") for word in told)
        if same and not new and plain:
            return max(same, key=lambda p: (p.last, p.beats))
        kind = head_kind(noun)
        if not new and not plural and plain and (longer := self._compound(key)):
            longer.heads.add(key)
            self.index(longer)
            return longer
        if not new and kind and (near := self.seen.wider(key, number)):
            near.heads.add(key)
            self.index(near)
            return near
        phrase = re.sub(r"['’]s?$", "", phrase)
        words = introduced(text, tokens[head].end, phrase) if kind else [phrase]
        heads = {key} | {singular(t.low) for t in tokens[at:head] if head_kind(t.low)}  # a robot gardener is a robot
        person = Person(called(phrase, plural=plural), heads=heads, words=words, plural=plural, gender=gender(key))
        person.kind = "object" if not kind else "animal" if kind == "animal" else "person"
        return self.add(person)

    def _compound(self, noun: str) -> Person | None:
        """Find whom a noun means that is the end of their own: `the bird` after a blackbird."""
        if len(noun) < 3:
            return None
        ends = (p for p in self.seen.recent if any(head != noun and head.endswith(noun) for head in p.heads))
        return next((person for person in ends if not person.plural), None)

    def known_as(self, person: Person) -> Person:
        """Take somebody of another language in, as who the project knows them to be if it does."""
        known = next((self.by_name[name] for name in person.names if name in self.by_name), None)
        known = known or next((p for head in person.heads for p in self.by_head.get(head, [])), None)
        if known is None:
            person.weight = ACTS
            return self.add(person)
        return known

    def joined(
        self, person: Person, text: str, tokens: list[Token], at: int, name_at: int, length: int
    ) -> tuple[Person, int]:
        """Make one of somebody found by a noun and the name that stands beside it; also return the tokens read."""
        named = self.named(between(text, tokens, name_at, name_at + length))
        taken = name_at + length - at
        if named is not person and (named.beats or named.id):  # known already: the noun is another word for them
            named.heads |= person.heads
            if not person.beats and not person.id:
                self.drop(person)
            self.index(named)
            return named, taken
        if named is not person:
            self.drop(named)
            person.names |= named.names
            person.name = named.name
            self.index(person)
        if match := re.match(r"\s*\(([^)]+)\)", text[tokens[name_at + length - 1].end :]):
            person.words.append(match[1].strip())
        return person, taken

    def also(self, person: Person, text: str, tokens: list[Token], at: int) -> int:
        """Take in a noun that says more of the one before it, `his opponent, a young girl,`; return the tokens read."""
        if at + 2 >= len(tokens) or tokens[at].text != "," or tokens[at + 1].low not in ("a", "an"):
            return 0
        head = noun_of_somebody(tokens, at + 1)
        if head < 0 or (head + 1 < len(tokens) and tokens[head + 1].text not in (",", ".", ";")):
            return 0
        phrase = between(text, tokens, at + 1, head + 1)
        person.words.append(phrase)
        person.learn(phrase, first=not person.beats)
        self.index(person)
        return head + 1 - at

    def describe_name(self, person: Person, text: str, tokens: list[Token], at: int, length: int) -> int:
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
        more = _more_told(text, place + match.end()) if match and match[0].endswith(")") else ""
        if match:
            person.words.append(", ".join(filter(None, [match[1].strip(" ,"), more.strip(" ,")])))
        elif head := _epithet(tokens, at, at + length):  # "Zig the orange triangle drifts"
            what = between(text, tokens, at + length, head + 1)
            self.define(person, f"a{what.removeprefix('the')}")
            return tokens[head].end
        elif wears:
            person.words.append(wears)
        elif lead := [w for w in text[: tokens[at].start].split()[-3:] if w.lower() in people("describing")]:
            person.words.append(" ".join(lead))
        self.define(person, " ".join(person.words), add=False)
        return place + (match.end() + len(more) if more else match.end(1)) if match else 0

    def define(self, person: Person, what: str, *, add: bool = True) -> None:
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
        self.index(person)

    def characters(self, kept: list[Person]) -> list[Character]:
        """Write the bible's characters, with ids and colours of their own."""
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


def _more_told(text: str, at: int) -> str:
    """Return the phrases that go on telling of somebody after their brackets, up to what they do:
    `MARA (60), thin, grey coat, stamps a form.`"""
    told = at
    while phrase := _PHRASE.match(text, told):
        tokens = tokens_of(phrase[1])
        acts = any(begins_event(tokens, n, len(tokens)) for n in range(len(tokens))) or find_verb(
            tokens, 0, len(tokens)
        )
        if acts or (len(tokens) > 1 and tokens[0].low.endswith("ing") and tokens[1].low in DETERMINERS):
            break
        told = phrase.end()
    return text[at:told]


def _article(name: str) -> str:
    return "an" if name[0] in "aeiou" else "a"


def _epithet(tokens: list[Token], at: int, after: int) -> int:
    """Return where the noun is that a clause's first name is called by, `Bo the blue box`; 0 where there is none."""
    if after >= len(tokens) or tokens[after].text != "the" or weight_of(tokens, at) != ACTS:
        return 0
    head = noun_of_somebody(tokens, after)
    return max(head if head >= 0 else noun_of_thing(tokens, after), 0)
