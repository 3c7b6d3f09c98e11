"""Tell what only says who somebody is, `Pip is a red ball.`, from what happens to them."""

import re
from collections.abc import Sequence

_DEFINITION = re.compile(
    r"(?P<name>[A-Z][\w'’-]*(?: [A-Z][\w'’-]*){0,2}) (?:is|are|was|were) "
    r"(?P<what>(?:an?|the|two|three)\s[^,.;:!?]{2,80})\."
)


def introduced(
    text: str, paragraph: Sequence[tuple[int, int]], sentence: tuple[int, int], *, begun: bool
) -> tuple[str, str] | None:
    """Read the name and what it is said to be; None where a sentence tells what happens.

    Before anything happened, or in a paragraph that does nothing else, whoever comes again may be introduced; later,
    only who comes for the first time.

    Args:
        text: The brief.
        paragraph: Where the sentences around it begin and end, its own among them.
        sentence: Where it begins and ends.
        begun: Whether something happened before.
    """
    start, end = sentence
    match = _DEFINITION.fullmatch(text[start:end])
    if match is None or not _named_in(text[end:], match["name"]):
        return None
    told = begun and not all(_DEFINITION.fullmatch(text[slice(*one)]) for one in paragraph)
    return None if told and _named_in(text[:start], match["name"]) else (match["name"], match["what"])


def _named_in(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None
