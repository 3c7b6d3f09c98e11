"""Divide prose and Markdown into headings, list items, tables and paragraphs, by their places in the text."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from reelgraph.video_tools.planning.directions import TRANSITION
from reelgraph.video_tools.planning.labels import QUOTES, label_of
from reelgraph.video_tools.planning.nouns import head_kind, named_gender
from reelgraph.video_tools.planning.phrases import noun_of_somebody
from reelgraph.video_tools.planning.sentences import sentences
from reelgraph.video_tools.planning.tables import is_table
from reelgraph.video_tools.planning.timing import (
    Counted,
    counted_in,
    time_after,
    time_before,
    time_last,
    time_of,
    timed_parts,
)
from reelgraph.video_tools.planning.tokens import tokens_of
from reelgraph.video_tools.planning.verbs import DETERMINERS, find_verb

_ITEM = re.compile(
    r"[ \t]*(?:[-*+•]|\d{1,3}[.)]"
    r"|(?P<shot>[*_]{0,2}(?:shot|frame|panel)\s+\d+[*_]{0,2}\s*(?P<time>[(\[][^)\]]{1,20}[)\]])?"
    r"\s*[:.)–—-][*_]{0,2}))[ \t]+",
    re.I,
)
_HEADING = re.compile(
    r"(?:scene|act|part|chapter|verse|chorus|bridge|intro|outro|refrain|hook)(?:\s+(?:\d{1,3}|[ivx]{1,5}|one|two|three))?"
    r"[ \t]*[:.]?$|\[[^\]]{1,40}\]$",
    re.I,
)
# "SCENE 1 - THE LAB", where nothing happens in the words.
_SCENE = re.compile(r"(?:scene|act|part|chapter)\s+\d{1,3}\s*[–—-]\s*(?P<words>[^.!?:]{1,60})", re.I)
# "Ingredients:" and what is under it; "A cook says:" tells something.
_BARE_LABEL = re.compile(r"[^\W\d_][\w'’&/-]*(?: [\w'’&/()-]+){0,2}\s*:")
_MARKS = re.compile(r"[\[*_`>]")
# A line that ends like this goes on in the next one, as hard-wrapped prose does; a lyric's lines do not.
_WRAPPED = 60
# And no line that is longer than this was wrapped.
_WIDEST = 80


@dataclass
class Block:
    """A run of text of one kind.

    Attributes:
        kind: What it is.
        start: Where its own words begin in the brief, past a list's mark.
        end: Where they end (exclusive).
        text: A heading's line as written.
        seconds: How long it lasts, where the brief says so.
    """

    kind: Literal["heading", "paragraph", "item", "table"]
    start: int
    end: int
    text: str = ""
    seconds: float | None = None


def blocks(text: str, *, markdown: bool) -> list[Block]:
    """Divide a text into its blocks, in order."""
    found: list[Block] = []
    open_paragraph = False
    at = 0
    counted = counted_in(text)
    lines = text.split("\n")
    labels = Counter(line.partition(":")[0].strip() for line in lines if ":" in line)
    for number, line in enumerate(lines):
        start, at = at, at + len(line) + 1
        end = start + len(line)
        bare = line.strip()
        first = start + len(line) - len(line.lstrip())
        words, seconds = _untimed(bare, counted)
        if not bare or (markdown and re.fullmatch(r"([-*_] ?){3,}|={3,}|`{3}.*", bare)):
            open_paragraph = False
        elif (
            (markdown and re.match(r"#{1,6} \S", bare))
            or _HEADING.fullmatch(words)
            or (seconds and not words)
            or _heads(bare, lines[number + 1].strip() if number + 1 < len(lines) else "", labels)
        ):
            found.append(Block("heading", first, end, words, seconds))
            open_paragraph = False
        elif items := _items(line, start, counted):
            found += items
            open_paragraph = True
        elif (
            open_paragraph
            and not label_of(bare)
            and not ((bare[0].isupper() or bare[0] == "(") and _is_over(text, found[-1], bare, labels))
        ):
            found[-1].end = end
        else:
            found.append(Block("paragraph", first, end))
            open_paragraph = True
    return [part for block in found for part in _parts(text, block)]


def _untimed(line: str, counted: Counted) -> tuple[str, float | None]:
    """Take the time off a heading: `## Intro (0:00-0:08)`, `[0:00-0:08]`."""
    if timed := time_after(line, counted=counted):
        return line[: timed.start], timed.seconds
    body = line.lstrip("# ")
    if timed := time_before(body, counted=counted):
        return line.removesuffix(body) + body[timed.end :], timed.seconds
    return line, None


def _items(line: str, start: int, counted: Counted) -> list[Block]:
    """Read the items of a list that a line holds, with the time that each is given; none where it holds none."""
    begins = [0, *(at for at, _ in sentences(line) if at and _shot(line, at))] if _shot(line, 0) else [0]
    parts = zip(begins, [*begins[1:], len(line)], strict=True)
    return [item for begin, stop in parts for item in _timed_items(line[begin:stop], start + begin, counted)]


def _shot(line: str, at: int) -> bool:
    """Tell whether a numbered shot begins at a place: `Shot 2 (3s): A dog barks.`"""
    match = _ITEM.match(line, at)
    return match is not None and match["shot"] is not None


def _timed_items(line: str, start: int, counted: Counted) -> list[Block]:
    match = _ITEM.match(line)
    seconds = time_of(match["time"], counted=counted) if match and match["time"] else None
    if match and match["time"] and seconds is None:
        return []
    at = match.end() if match else 0
    if not time_before(line[at:], counted=counted):
        last = time_last(line) if match and seconds is None else None
        end, seconds = (last.start, last.seconds) if last else (len(line), seconds)
        return [Block("item", start + at, start + end, seconds=seconds)] if match else []
    begins = [at + part for part in timed_parts(line[at:], counted=counted)]
    items = []
    for begin, stop in zip(begins, [*begins[1:], len(line)], strict=True):
        timed = time_before(line[begin:stop], counted=counted)
        first = start + begin + (timed.end if timed else 0)
        items.append(Block("item", first, start + stop, seconds=timed.seconds if timed else None))
    return items


def _heads(line: str, following: str, labels: Counter[str]) -> bool:
    """Tell a line such as `Method:`, `Paris:` or `SCENE 1 - THE LAB` that heads what is under it from `Mara:`, whose
    words are on the next line: a given name, a person, capitals, what heads other lines too, or what is quoted."""
    if scene := _SCENE.fullmatch(line):
        told = tokens_of(scene["words"])
        return find_verb(told, 0, len(told)) is None
    if not _BARE_LABEL.fullmatch(line) or TRANSITION.fullmatch(line) or line.split()[0].lower() in DETERMINERS:
        return False
    tokens = tokens_of(line)
    if find_verb(tokens, 0, len(tokens)) is not None:
        return False
    plain = following and not _ITEM.match(following) and not label_of(following) and following[0] not in "#|"
    label = label_of(f"{line} {following}")
    if not plain or label is None or label.kind != "speech":
        return not plain or (label is not None and label.pictures)
    name, tells = label.name, following.split()[0] in ("A", "An", "The")
    again = labels[name] > 1 and not tells  # "Paris:" heads "A cat sleeps." each time
    speaks = again or name.isupper() or following[0] in QUOTES or named_gender(name.lower())
    return not (speaks or head_kind(name.split()[-1]))


def _is_over(text: str, block: Block, following: str, labels: Counter[str]) -> bool:
    """Tell a labelled line that is over at its end, `Length: 15 seconds`, from one that goes on.

    What is said is, where its last line ends with a sentence, and is too short or too long to be wrapped, or somebody
    acts in the next: `Mia laughs.`
    """
    said = text[block.start : block.end].strip()
    label = label_of(said)
    if label is None:
        return False
    if label.kind not in ("speech", "narration"):
        return label.kind in ("note", "look", "title")
    length = len(said.split("\n")[-1])
    wrapped = _WRAPPED <= length <= _WIDEST and not _somebody_acts(following, labels)
    return said[-1] in '.!?…"”»' and not wrapped


def _somebody_acts(line: str, labels: Counter[str]) -> bool:
    """Tell whether a line begins with somebody, by a name that labels another, a given name or a noun, who acts."""
    tokens = tokens_of(line)
    first = tokens[0].text
    named = first in labels or named_gender(first.lower()) or noun_of_somebody(tokens, 0) >= 0
    return bool(named) and find_verb(tokens, 0, len(tokens)) is not None


def _parts(text: str, block: Block) -> list[Block]:
    """Know a table, and divide verses, whose lines are each a whole."""
    lines = text[block.start : block.end].split("\n")
    if block.kind == "paragraph" and is_table(lines):
        return [Block("table", block.start, block.end)]
    ends = [line.rstrip()[-1:] for line in lines]
    verse = (
        len(lines) > 1
        and max(map(len, lines)) < _WRAPPED
        and sum(end in ".!?…。" for end in ends[:-1]) * 2 < len(lines)
    )
    if block.kind != "paragraph" or not verse or _BARE_LABEL.fullmatch(lines[0].strip()):
        return [block]
    out: list[Block] = []
    at = block.start
    for line in lines:
        out.append(Block("item", at + len(line) - len(line.lstrip()), at + len(line)))
        at += len(line) + 1
    return out


def unmarked(text: str) -> str:
    """Take Markdown's emphasis, code and link marks off a text, and bring it onto one line."""
    if not _MARKS.search(text):
        return " ".join(text.split())
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<![\w*])(\*{1,3}|_{1,3}|`)(?=\S)(.+?)(?<=\S)\1(?![\w*])", r"\2", text, flags=re.S)
    text = re.sub(r"(?m)^\s*>\s?", "", text)
    return " ".join(text.split())
