"""Read groups whose members are told apart: `three balls, red, green and blue`, `the tall one`, `both robots`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reelgraph.video_tools.planning.lexicon import grammar, people, words
from reelgraph.video_tools.planning.nouns import singular
from reelgraph.video_tools.planning.persons import Person
from reelgraph.video_tools.planning.tokens import Token

_COUNTS = {
    word: n for n, word in enumerate(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 2)
}
_COUNTS |= {str(n): n for n in range(2, 11)}
_OPENS = frozenset(",:(—–-")
_BETWEEN = frozenset({",", "and", ";"})
_LEADS = frozenset({"one", "a", "an", "the", "another", "other"})
_DEFINITE = frozenset({"the", "both", "these", "those", "all"})
_TELLING = people("describing") | frozenset(words("colours")["words"])
# A member is told apart by so many words at most: `light blue`.
_MOST = 2


@dataclass(frozen=True)
class Members:
    """A group's members.

    Attributes:
        told: What tells each of them from the others, in order.
        end: The token after their list.
    """

    told: list[str]
    end: int


def told_apart(tokens: Sequence[Token], at: int, head: int) -> Members | None:
    """Read the members of the counted group whose phrase is `tokens[at : head + 1]`; None where it is not so told.

    As many must be told apart as the group counts, each by an adjective, or by `one` and a word.
    """
    count = next((_COUNTS[t.low] for t in tokens[at : min(at + 2, head)] if t.low in _COUNTS), 0)
    if not count or head + 1 >= len(tokens) or tokens[head + 1].text not in _OPENS:
        return None
    told: list[str] = []
    n = head + 2
    while n < len(tokens) and len(told) < count:
        while n < len(tokens) and tokens[n].low in _BETWEEN:
            n += 1
        led = False
        while n < len(tokens) and tokens[n].low in _LEADS:
            led, n = True, n + 1
        said: list[str] = []
        while n < len(tokens) and len(said) < _MOST and _tells(tokens[n].low, led and not said):
            said.append(tokens[n].low)
            n += 1
        if not said:
            return None
        n += n < len(tokens) and tokens[n].low == "one"
        told.append(" ".join(said))
    return Members(told, n) if len(told) == count == len(set(told)) else None


def _tells(word: str, led: bool) -> bool:
    return word in _TELLING or (led and word.isalpha() and word not in grammar("cast", "breakers"))


def one_of(tokens: Sequence[Token], at: int, recent: Iterable[Person]) -> tuple[Person, int] | None:
    """Find whom `the tall one` means among those last seen, and how many tokens that takes."""
    if tokens[at].low != "the":
        return None
    one = next((n for n in range(at + 2, min(at + 2 + _MOST, len(tokens))) if tokens[n].low == "one"), 0)
    told = [token.low for token in tokens[at + 1 : one]]
    if not told or not all(word.isalpha() for word in told):
        return None
    if told == ["first"] or told == ["second"] or told == ["other"]:  # of two snails that nothing tells apart
        meant = next((p for p in recent if p.plural), None)
        return (meant, one + 1 - at) if meant else None
    meant = next((p for p in recent if not p.plural and p.is_told(told)), None)
    return (meant, one + 1 - at) if meant else None


def together(tokens: Sequence[Token], at: int, head: int, known: Sequence[Person]) -> list[Person]:
    """Find whom `the robots` or `both robots` means, where each was seen by themselves and no group of them was.

    Args:
        tokens: The beat's.
        at: Where the noun phrase begins.
        head: Its noun.
        known: Who is called by that noun.
    """
    noun = tokens[head].low
    between = [token.low for token in tokens[at + 1 : head]]
    if singular(noun) == noun or tokens[at].low not in _DEFINITE or any(p.plural for p in known):
        return []
    counts = [_COUNTS[word] for word in between if word in _COUNTS]
    singles = [p for p in known if p.beats]
    if len(between) > len(counts) or len(singles) < 2 or counts not in ([], [len(singles)]):
        return []
    return sorted(singles, key=lambda p: known.index(p))
