"""Remember who was seen last, and whom a pronoun or a wider word means."""

import re
from functools import cache

from reelgraph.video_tools.planning.lexicon import grammar, known_verbs, people, stems
from reelgraph.video_tools.planning.nouns import head_kind, singular
from reelgraph.video_tools.planning.persons import Person
from reelgraph.video_tools.planning.tokens import STOPS, Token
from reelgraph.video_tools.planning.verbs import LINKS, skip_links

# What a phrase does in its beat: it acts, is acted on, or is beside the action.
ACTS, ACTED_ON, BESIDE = 2, 1, 0
# How far a pronoun reaches back, in beats, and among how many of those last seen it chooses.
_REACH, _THING_REACH, _AMONG = 8, 2, 24
_WIDER = {
    "animal": "animal",
    "creature": "animal",
    "man": "he",
    "woman": "she",
    "boy": "he",
    "girl": "she",
    "person": "",
}
_PRONOUNS = {form: pronoun for pronoun in ("he", "she", "it", "they") for form in people(f"pronouns_{pronoun}")}
_BESIDE = frozenset(
    [
        "in",
        "on",
        "at",
        "into",
        "onto",
        "from",
        "to",
        "with",
        "by",
        "of",
        "through",
        "across",
        "under",
        "near",
        "behind",
        "beside",
        "towards",
        "for",
        "over",
    ]
)
_IS = frozenset(
    ["is", "are", "was", "were", "be", "been", "being", "become", "becomes", "became", "becoming", "as", "once"]
)
# What stands between "it" and the weather: it begins to rain.
_COMES_TO = frozenset({"is", "was", "a", "the", "very", "already", "begins", "began", "starts", "started", "to"})
_MEANWHILE = frozenset({"as", "when", "while", "before", "after"})
# Verbs after which "her" is somebody who gets what follows, or who does it.
_GIVES = frozenset({"give", "hand", "lend", "teach", "tell"})
_LETS = frozenset({"help", "let", "watch", "see", "hear"})


class Seen:
    """Who was seen in a film so far, the last first."""

    def __init__(self) -> None:
        self.recent: list[Person] = []
        self.scene, self.scene_start = -1, 0
        self.spoke: Person | None = None

    def begin(self, scene: int, number: int) -> None:
        """Come to a beat of a scene."""
        if scene != self.scene:
            self.scene, self.scene_start = scene, number

    def see(self, person: Person, number: int, here: list[Person]) -> None:
        """Note that somebody is in a beat."""
        if person not in here:
            here.append(person)
            person.beats += 1
        person.last = number
        person.acts += person.weight == ACTS
        if person in self.recent:
            self.recent.remove(person)
        self.recent.insert(0, person)
        del self.recent[_AMONG:]

    def meant(self, word: str, number: int, weight: int, here: list[Person], *, speaks: bool = False) -> Person | None:
        """Find whom a pronoun means: the last who can be meant, of this beat or one shortly before.

        Who acts now acted before, and what is acted on was acted on before; nothing is both in one beat.

        Args:
            word: The word, a pronoun or not.
            number: The beat's number.
            weight: What the pronoun does there.
            here: Who is in the beat already.
            speaks: Whether the pronoun speaks, as no thing does.
        """
        if not (pronoun := pronoun_of(word)):
            return None
        low = word.lower()
        near = [p for p in self.recent if self._in_reach(p, number) and p.may_be(pronoun)]
        if speaks:
            near = [p for p in near if p.is_somebody] or near
        if weight < ACTS and low in ("it", "him", "her", "them"):
            near = [p for p in near if p not in here or p.weight < ACTS] or near
        if low in ("they", "them") and (two := self.several(low)):  # who were just there, rather than some biscuits
            near = [p for p in near if p.kind != "object" and p.last >= max(one.last for one in two)]
        if not near:
            return None
        person = max(
            near,
            key=lambda p: (
                pronoun == "it" or p.kind == "person" or bool(p.gender),  # "he" and "she" are people's first
                p.gender == pronoun,
                p.last,
                p.weight if weight == ACTS else p.weight == ACTED_ON,
                -near.index(p),
            ),
        )
        if pronoun in ("he", "she"):
            person.gender = pronoun
        return person

    def _in_reach(self, person: Person, number: int) -> bool:
        """Tell whether a pronoun reaches back to somebody; to a thing only in the same scene, from shortly after."""
        if not person.is_somebody:
            return person.last >= max(self.scene_start, number - _THING_REACH)
        return number - person.last <= _REACH

    def several(self, word: str) -> list[Person]:
        """Find whom `they` means where no group was named: everybody of the last beat, or of the
        last two, if they are several."""
        if pronoun_of(word) != "they":
            return []
        some = [p for p in self.recent if p.is_somebody] or [p for p in self.recent if p.acts and not p.plural]
        last = max((p.last for p in some), default=-1)
        near = [p for p in some if p.last >= max(last - 1, 0)]
        now = [p for p in near if p.last == last]
        near = now if len(now) > 1 else near
        return near[::-1] if len(near) > 1 else []

    def everybody(self) -> list[Person]:
        """Find whom `everyone` means: all people and animals of the scene so far."""
        return [p for p in reversed(self.recent) if p.is_somebody and p.last >= self.scene_start]

    def wider(self, noun: str, number: int) -> Person | None:
        """Find whom a wider word means: `the creature` after a dragon, `the woman` after Mara."""
        if noun not in _WIDER:
            return None
        for person in self.recent:
            if number - person.last > _REACH or person.plural:
                continue
            if _WIDER[noun] == "animal":
                if person.kind == "animal":
                    return person
            elif person.kind == "person" and person.names and person.gender in ("", _WIDER[noun]):
                person.gender = _WIDER[noun]
                return person
        return None

    def unnamed_speaker(self) -> Person | None:
        """Find who says what nobody is named for: whoever acted last, but not twice in a row where two are there."""
        near = [p for p in self.recent if p.kind != "object" and not p.plural][:2]
        near.sort(key=lambda p: p.kind != "person")  # people speak before animals do
        others = [p for p in near if p is not self.spoke]
        return next(iter(others or near), None)


@cache
def pronoun_of(word: str) -> str:
    """Return which pronoun a word is a form of, `he`, `she`, `it` or `they`, contracted ones too; else nothing."""
    return _PRONOUNS.get(re.sub(r"['’](?:s|re|ll|d|ve)$", "", word.lower()), "")


def weight_of(tokens: list[Token], at: int) -> int:
    """Tell whether a phrase acts, is acted on, or is beside the action, by what comes before it."""
    if at <= skip_links(tokens, 0) or tokens[at - 1].text in STOPS or tokens[at - 1].low in LINKS | _MEANWHILE:
        return ACTS
    return BESIDE if tokens[at - 1].low in _BESIDE else ACTED_ON


def means_nobody(tokens: list[Token], at: int) -> bool:
    """Tell the `it` that means nothing: it rains, it is Sunday, it is late."""
    if tokens[at].low not in ("it", "it's", "it’s") or at + 1 >= len(tokens):
        return False
    rest = [token for token in tokens[at + 1 : at + 4] if token.low not in _COMES_TO]
    return bool(rest) and {rest[0].low, singular(rest[0].low)} & grammar("cast", "weather") != set()


def means_somebody(tokens: list[Token], at: int) -> bool:
    """Tell the `her` of `gives her bread` and `helps her stand` from that of `lifts her bag`."""
    if tokens[at].low != "her" or not 0 < at < len(tokens) - 1:
        return False
    before, word = set(stems(tokens[at - 1].low)), tokens[at + 1].low
    after = [token.low for token in tokens[at + 2 : at + 5]]
    if (
        before & _GIVES
    ):  # but "gives her dog a bone", "hands her red coat to Tom", "teaches her son", "gives her kite back"
        away = {"to", "over", "back", "away"}.intersection(after)
        return (
            not away
            and after[:1] != ["and"]
            and not {*after[:1]} & grammar("cast", "determiners")
            and not head_kind(word)
        )
    return bool(before & _LETS) and word in known_verbs(word) and not head_kind(word)


def all_of_them(tokens: list[Token], at: int) -> bool:
    """Tell `everyone` and `all of them` from `everyone else`."""
    low = tokens[at].low
    after = [token.low for token in tokens[at + 1 : at + 3]]
    return (low in ("everyone", "everybody") and after[:1] != ["else"]) or (low == "all" and after == ["of", "them"])


def told_of(tokens: list[Token], at: int, here: list[Person]) -> Person | None:
    """Find of whom a noun phrase only tells what they are or become: after `is`, `becomes`, `as`, `turns into`."""
    before = tokens[at - 1].low if at else ""
    turns = before == "into" and any(
        token.low.startswith(("turn", "transform", "chang", "morph")) for token in tokens[:at]
    )
    if before not in _IS and not turns:
        return None
    return max(here, key=lambda person: person.weight, default=None)
