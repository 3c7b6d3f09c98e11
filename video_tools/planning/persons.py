"""Somebody, or something treated as somebody, while a brief is being read."""

import re
from dataclasses import dataclass, field
from typing import Literal

from reelgraph.video_tools.film import Character
from reelgraph.video_tools.planning.lexicon import grammar, people
from reelgraph.video_tools.planning.names import name_key
from reelgraph.video_tools.planning.nouns import gender, head_kind, singular


@dataclass(eq=False)
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
        weight: What they did where they were last: 2 for who acts, 1 for what is acted on, 0 for what is beside.
        acts: How often they acted, or were meant by a pronoun.
        beats: In how many beats they are.
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
    weight: int = 0
    acts: int = 0
    beats: int = 0
    id: str = ""

    def agrees(self, qualifiers: list[str]) -> bool:
        """Tell whether a qualified mention may be them: what tells two of a kind apart must be in their words."""
        if not qualifiers:
            return True
        known = " ".join([*self.words, self.name, *self.names]).lower()
        return all(word in known for word in qualifiers)

    def is_told(self, told: list[str]) -> bool:
        """Tell whether words that tell one of a kind apart are said of them."""
        known = set(re.findall(r"[^\W\d_]+", " ".join([*self.words, self.name]).lower()))
        return known.issuperset(told)

    def may_be(self, pronoun: str) -> bool:
        """Tell whether a pronoun (`he`, `she`, `it`, `they`) may mean them."""
        if pronoun == "they":
            return self.plural or bool(self.heads & grammar("cast", "groups"))
        if self.plural:
            return False
        if pronoun == "it":
            return (self.kind != "person" or bool(self.heads & people("neuter"))) and not self.gender
        return self.is_somebody and self.gender in ("", pronoun)

    @property
    def is_somebody(self) -> bool:
        """Whether they are treated as somebody: a thing is where it has a name, as Pip the red ball has."""
        return self.kind != "object" or bool(self.names)

    def matters(self) -> bool:
        """Tell whether somebody is of the film: a thing must come back, and act, be meant by a pronoun or be a listed
        one."""
        if self.id or self.names:
            return self.beats > 0
        if self.kind == "object":
            if self.heads & people("dressing"):
                return self.acts > 1
            return self.beats > 1 and (self.acts > 0 or bool(self.heads & people("object")))
        return self.beats > 0 and (self.acts > 0 or self.beats > 1 or not self.heads <= grammar("cast", "anybody"))

    def learn(self, text: str, *, first: bool) -> None:
        """Take the nouns of a description: `an old keeper` makes somebody a keeper."""
        for word in re.findall(r"[^\W\d_]+", text.lower()):
            if kind := head_kind(word):
                self.heads.add(singular(word))
                self.gender = self.gender or gender(singular(word))
                if first and kind == "animal":
                    self.kind = "animal"


def person_of(character: Character) -> Person:
    """Make a known character findable by its name, aliases and the nouns in them."""
    person = Person(
        character.name, kind=character.kind, id=character.id, words=[w for w in [character.description] if w]
    )
    for name in [character.name, *character.aliases]:
        noun = name.split()[-1].lower()
        if head_kind(noun) or character.kind == "object":
            person.heads.add(singular(noun))
            person.gender = person.gender or gender(singular(noun))
            person.plural = person.plural or singular(noun) != noun
        if not head_kind(noun):
            person.names.add(name_key(name))
    return person
