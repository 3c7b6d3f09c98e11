"""Words and signs of a text, with their places."""

import re
from typing import NamedTuple


class Token(NamedTuple):
    """A word or a sign.

    Attributes:
        text: As written.
        low: In lower case.
        start: Where it begins in the text.
        end: Where it ends (exclusive).
    """

    text: str
    low: str
    start: int
    end: int


_TOKEN = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*['’]?|[^\w\s]")
STOPS = frozenset(",;:—–.!?")


def tokens_of(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the tokens of `text[start:end]`."""
    found = _TOKEN.finditer(text, start, len(text) if end is None else end)
    return [Token(word := m[0], word.lower(), *m.span()) for m in found]


def between(text: str, tokens: list[Token], first: int, last: int) -> str:
    """Return the text from token `first` to token `last` (exclusive)."""
    return text[tokens[first].start : tokens[last - 1].end]
