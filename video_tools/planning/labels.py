"""Know what a line is by the label before its colon: speech, a picture, a title card, the look, or a note."""

import re
from dataclasses import dataclass
from typing import Literal

from reelgraph.video_tools.planning.directions import directions
from reelgraph.video_tools.planning.lexicon import words
from reelgraph.video_tools.planning.nouns import head_kind
from reelgraph.video_tools.planning.verbs import adverb

_KINDS = {kind: re.compile(pattern, re.I) for kind, pattern in words("labels")["kinds"].items()}
_LABELLED = re.compile(
    r"(?P<name>[^\W\d_][\w.'’ -]{0,30}?)\s*(?P<number>\d{1,3})?\s*(?:\((?P<manner>[^)]*)\))?\s*:\s+(?P<rest>\S.*)$",
    re.S,
)


@dataclass(frozen=True)
class Label:
    """A labelled line.

    Attributes:
        kind: What the label says the line is.
        name: The label, without its number.
        manner: What stands in parentheses after it.
        rest: The line's own words.
    """

    kind: Literal["look", "title", "note", "narration", "seen", "speech"]
    name: str
    manner: str
    rest: str


def label_of(line: str) -> Label | None:
    """Read `Mara (softly): Not tonight.`, `VO: ...`, `Style: ink and wash`; None where a colon is only a colon."""
    match = _LABELLED.match(line)
    if not match:
        return None
    name = match["name"].strip()
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(name):
            return Label(kind, name, match["manner"] or "", match["rest"])
    if match["number"] or not _is_name(name):
        return None
    return Label("speech", name, match["manner"] or "", match["rest"])


def _is_name(name: str) -> bool:
    """Tell a speaker from another label: a few words, each with a capital where the script has them, or `Old man`."""
    parts = name.split()
    if len(parts) > 3 or name.upper() in words()["size_letters"] or directions(name).why:
        return False
    named = all(not part[0].islower() for part in parts) and not adverb(parts[0].lower())
    return named or bool(head_kind(parts[-1]) and parts[0][:1].isupper())
