"""Know what the words of a text mean in a closed world: by the model's own phrases, then by words that come near."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from reelgraph.video_tools.planning.lexicon import grammar, stems, words
from reelgraph.video_tools.planning.tokens import Token, tokens_of


@dataclass(frozen=True)
class Sense:
    """What some words of a text mean.

    Attributes:
        entry: The world's plain word for it.
        said: The words.
        start: Where they begin in the text.
        end: Where they end (exclusive).
        near: Whether they only come near to it, and are no words of the model's.
    """

    entry: str
    said: str
    start: int
    end: int
    near: bool = False


class Senses:
    """The phrases of one list of a world (its things, motions or places), and the words that come near to them."""

    def __init__(self, kind: str, entries: Mapping[str, Sequence[str]]) -> None:
        phrases: dict[tuple[str, ...], str] = {}
        holders: dict[str, set[str]] = {}
        for entry, listed in entries.items():
            for phrase in listed:
                parts = tuple(token.low for token in tokens_of(phrase))
                phrases.setdefault(parts, entry)
                for part in parts:
                    holders.setdefault(part, set()).add(entry)
        # A word that one entry alone holds, in whatever form, means it: the sea in "by the sea". Small words mean
        # nothing by themselves.
        forms: dict[str, set[str]] = {}
        for word, of in holders.items():
            for form in stems(word):
                forms.setdefault(form, set()).update(of)
        telling: dict[tuple[str, ...], str] = {
            (form,): next(iter(of))
            for word, of in holders.items()
            if word not in small() and len(set().union(*(forms[form] for form in stems(word)))) == 1
            for form in stems(word)  # several things "rise" where one "rises"
            if form not in small()
        }
        self.vocabulary = frozenset(holders) | frozenset(entries)
        near: dict[tuple[str, ...], str] = {}
        for entry, words_of in words("senses").get(kind, {}).items():
            if entry in entries or (entry == "going" and "right" in entries):
                for word in words_of.split():
                    near.setdefault(tuple(word.split("-")), entry)
        several = {phrase: entry for phrase, entry in near.items() if len(phrase) > 1}
        alone = {phrase: entry for phrase, entry in near.items() if len(phrase) < 2}
        plain: dict[tuple[str, ...], str] = {(entry,): entry for entry in entries}
        # the strongest first: who falls asleep does not fall, and who floats left does not rise
        self._levels: tuple[dict[tuple[str, ...], str], ...] = (several, phrases, plain, telling, alone)

    def find(self, text: str) -> list[Sense]:
        """Return what the words of a text mean: those of the strongest level that says anything, in order.

        The levels are near phrases, the model's own phrases, its plain words, the single words that tell its phrases
        apart, and near words.
        """
        found = (self._at(level, text) for level in range(len(self._levels)))
        return next((list(senses) for senses in found if senses), [])

    def every(self, text: str) -> list[Sense]:
        """Return what all words of a text mean, in order; where several levels read a word, the strongest does."""
        found: list[Sense] = []
        for level in range(len(self._levels)):
            for sense in self._at(level, text):
                if all(sense.end <= other.start or sense.start >= other.end for other in found):
                    found.append(sense)
        return sorted(found, key=lambda sense: sense.start)

    @lru_cache(maxsize=4096)  # noqa: B019 # a film's few lists of words are kept anyway, and each step reads its shots
    def _at(self, level: int, text: str) -> tuple[Sense, ...]:
        near = level in (0, len(self._levels) - 1)
        return tuple(_matched(text, tokens_of(text), self._levels[level], near=near))


def senses_of(kind: str, entries: Mapping[str, Sequence[str]]) -> Senses:
    """Return the senses of a world's list, which every shot of every film asks for anew."""
    return _senses_of(kind, tuple((entry, tuple(phrases)) for entry, phrases in entries.items()))


@lru_cache(maxsize=32)
def _senses_of(kind: str, entries: tuple[tuple[str, tuple[str, ...]], ...]) -> Senses:
    return Senses(kind, dict(entries))


def _matched(
    text: str, tokens: Sequence[Token], phrases: Mapping[tuple[str, ...], str], *, near: bool
) -> Iterator[Sense]:
    """Yield the longest phrase at each place of a text."""
    longest = max(map(len, phrases), default=0)
    low = [token.low for token in tokens]
    at = 0
    while at < len(tokens):
        for length in range(min(longest, len(tokens) - at), 0, -1):
            first = stems(low[at]) if length == 1 else (low[at],)  # one word counts in all its forms
            if entry := next(
                (phrases[key] for form in first if (key := (form, *low[at + 1 : at + length])) in phrases), ""
            ):
                start, end = tokens[at].start, tokens[at + length - 1].end
                # "to the left" says "left" in other words, and replaces nothing
                yield Sense(entry, text[start:end], start, end, near and entry not in low[at : at + length])
                at += length
                break
        else:
            at += 1


@cache
def small() -> frozenset[str]:
    """Return words that mean no thing, motion or place by themselves: articles, prepositions, pronouns, adverbs."""
    closed = (
        grammar("cast", "determiners") | grammar("cast", "breakers") | grammar("cast", "particles")
        | grammar("clauses", "links") | grammar("clauses", "openers") | grammar("clauses", "pronouns")
        | grammar("clauses", "be") | grammar("cast", "not_names")
    )  # fmt: skip
    return closed | {"not", "does", "day", "against", "above", "among", "bright", "green", "blue", "sunny", "around"}
