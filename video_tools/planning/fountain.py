"""Read Fountain screenplays into elements that know their place in the text.

A grammar of our own because the kept parser (screenplay-tools) gives no offsets, takes `FADE IN:` for a scene heading
and knows no cue outside A-Z; the tests hold this one to it wherever both apply.

Source: the Fountain syntax, https://fountain.io/syntax
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "title", "heading", "action", "centered", "character", "parenthetical", "dialogue", "lyric", "transition",
    "section", "synopsis", "note", "boneyard", "page_break",
]  # fmt: skip


@dataclass(frozen=True)
class Element:
    """One element of a screenplay.

    Attributes:
        kind: What it is.
        text: Its words without markers and emphasis; a character's name without extension.
        start: Where it begins in the screenplay's text.
        end: Where it ends (exclusive).
        detail: A character's extension (`V.O.`), a heading's scene number, a title entry's key, or a section's depth.
        dual: For a character: speaks at the same time as the one before.
    """

    kind: Kind
    text: str
    start: int
    end: int
    detail: str = ""
    dual: bool = False


_HIDDEN = "\x01"  # stands for each character of a note or boneyard, so that offsets hold
_TITLE_KEYS = frozenset(
    {"title", "credit", "author", "authors", "source", "notes", "draft date", "date", "contact", "copyright",
     "revision", "format", "draft", "version", "episode", "series", "font", "language"}
)  # fmt: skip
# The syntax's own prefixes, and those of other languages' scripts.
_HEADING = re.compile(
    r"(?:(?:INT\.?/EXT|EXT\.?/INT|I/E|E/I|INT|EXT|EST|INNEN|AUSSEN|AUßEN|INTERIOR|EXTERIOR|INTERNO|ESTERNO|ИНТ|НАТ|ЭКСТ)"
    r"(?:\.|(?=\s))|(?:内景|外景)[\s.。:：,，]?|(?i:int\.?/ext|ext\.?/int|int|ext|est|i/e|e/i)\.)\s*\S"
)
_TRANSITION = re.compile(
    r"[^a-z]*\bTO:|FADE (?:IN|OUT|UP|TO BLACK|TO WHITE)[.:]?|FADE IN:|CUT TO BLACK[.:]|(?:SMASH|MATCH|JUMP) CUT[.:]"
)
_CUE = re.compile(r"(?P<name>[^()^]*?[^()^\s])\s*(?P<ext>(?:\([^()]*\)\s*)*)(?P<dual>\^)?\s*")
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)(?=\S)(.+?)(?<=\S)(?<!\\)\1", re.S)


def looks_like(text: str) -> bool:
    """Tell whether a text without a file name is a screenplay: it has a scene heading on a line of its own."""
    lines = text.split("\n")
    return any(
        _HEADING.match(line.strip()) and len(line) < 120 and (at == 0 or not lines[at - 1].strip())
        for at, line in enumerate(lines)
        if line[:12]
        .strip()
        .upper()
        .startswith(("INT", "EXT", "EST", "I/E", "E/I", "ИНТ", "НАТ", "ЭКСТ", "内景", "外景"))
        and (line.strip()[:3].isupper() or line.strip()[:1] in "内外" or "." in line[:9])
    )


def title_of(text: str) -> str:
    """Return the title on the title page, or nothing."""
    page, _ = _title_page(list(_lines(_hide(text)[0])))
    return next((element.text for element in page if element.kind == "title" and element.detail == "title"), "")


def elements(text: str) -> list[Element]:
    """Read a whole screenplay.

    Args:
        text: Fountain text with `\\n` line ends.

    Returns:
        Its elements in order, notes and boneyards included; every visible word is in one of them.
    """
    visible, hidden = _hide(text)
    lines = list(_lines(visible))
    found, at = _title_page(lines)
    while at < len(lines):
        read, at = _body(lines, at)
        found += read
    return sorted(found + hidden, key=lambda element: element.start)


def plain(text: str) -> str:
    """Take emphasis marks and escapes off a text, and bring it onto one line."""
    for _ in range(3):  # bold within italics within underline
        text = _EMPHASIS.sub(r"\2", text)
    text = re.sub(r"\\([*_\\])", r"\1", text.replace(_HIDDEN, ""))
    return " ".join(text.split())


@dataclass(frozen=True)
class _Line:
    text: str  # as written, hidden parts still marked
    start: int

    @property
    def bare(self) -> str:
        return self.text.replace(_HIDDEN, "").strip()

    @property
    def blank(self) -> bool:
        return not self.text.strip()

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def _hide(text: str) -> tuple[str, list[Element]]:
    """Mask boneyards, then notes; one that never closes is text, so nothing is lost by a slip."""
    hidden: list[Element] = []
    patterns: list[tuple[Kind, re.Pattern[str]]] = [
        ("boneyard", re.compile(r"/\*(.*?)\*/", re.S)),
        ("note", re.compile(r"\[\[((?:(?!\]\]|\n\n).)*)\]\]", re.S)),
    ]
    for kind, pattern in patterns:
        for match in pattern.finditer(text):
            hidden.append(Element(kind, plain(match[1]), match.start(), match.end()))
        text = pattern.sub(lambda match: re.sub(r"[^\n]", _HIDDEN, match[0]), text)
    return text, hidden


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        yield _Line(line, start)
        start += len(line) + 1


def _title_page(lines: list[_Line]) -> tuple[list[Element], int]:
    """Read `Key: value` lines before the first blank line, if the first is one of the known keys."""
    at = next((n for n, line in enumerate(lines) if not line.blank), len(lines))
    entry = re.compile(r"([^:\s][^:]*?)\s*:\s*(.*)")
    if at == len(lines) or not (first := entry.match(lines[at].bare)) or first[1].lower() not in _TITLE_KEYS:
        return [], at
    found: list[Element] = []
    while at < len(lines) and not lines[at].blank:
        line = lines[at]
        match = entry.match(line.bare)
        if match and not line.text[:1].isspace():
            found.append(Element("title", plain(match[2]), line.start, line.end, match[1].lower()))
        elif found:
            last = found[-1]
            text = f"{last.text} {plain(line.bare)}".strip()
            found[-1] = Element("title", text, last.start, line.end, last.detail)
        at += 1
    return found, at


def _body(lines: list[_Line], at: int) -> tuple[list[Element], int]:
    """Read the element, or the speech, that begins at a line."""
    line = lines[at]
    bare = line.bare
    if not bare:
        return [], at + 1
    alone_before = at == 0 or not lines[at - 1].bare
    alone_after = at + 1 >= len(lines) or not lines[at + 1].bare

    def one(kind: Kind, text: str, detail: str = "") -> tuple[list[Element], int]:
        return [Element(kind, plain(text), line.start, line.end, detail)], at + 1

    if re.fullmatch(r"={3,}", bare):
        return [Element("page_break", "", line.start, line.end)], at + 1
    if bare.startswith("="):
        return one("synopsis", bare[1:])
    if marks := re.match(r"#{1,6}(?=[^#])", bare):
        return one("section", bare[marks.end() :], str(marks.end()))
    if bare.startswith("~"):
        return one("lyric", bare[1:])
    if bare.startswith(">"):
        return one("centered", bare[1:-1]) if bare.endswith("<") else one("transition", bare[1:])
    forced = re.match(r"\.(?=[^.\s])", bare)
    if forced or (alone_before and _HEADING.match(bare)):
        heading = bare[1:] if forced else bare
        number = re.search(r"\s*#([^#\s]+)#$", heading)
        return one("heading", heading[: number.start()] if number else heading, number[1] if number else "")
    if bare.startswith("@") and (cue := _CUE.fullmatch(bare[1:])):
        return _speech(lines, at, cue)
    if not bare.startswith("!"):
        if alone_before and alone_after and _TRANSITION.fullmatch(bare):
            return one("transition", bare)
        if alone_before and not alone_after and (found := _cue(bare)):
            return _speech(lines, at, found)
    return _action(lines, at)


def _cue(bare: str) -> re.Match[str] | None:
    """Recognise a character's cue: capitals only, in any script that has them."""
    cue = _CUE.fullmatch(bare)
    if not cue or (bare[-1] in "!?." and not cue["ext"]) or len(bare) > 60:
        return None
    name = cue["name"]
    return cue if name == name.upper() and any(sign.isupper() for sign in name) else None


def _speech(lines: list[_Line], at: int, cue: re.Match[str]) -> tuple[list[Element], int]:
    """Read a cue and what is said under it, up to the next empty line (a line of two spaces is a pause, not the
    end)."""
    line = lines[at]
    extension = ", ".join(re.findall(r"\(([^()]*)\)", cue["ext"]))
    found = [Element("character", plain(cue["name"]), line.start, line.end, extension, bool(cue["dual"]))]
    at += 1
    while at < len(lines):
        line = lines[at]
        if not line.bare:
            pause = line.text.startswith("  ") or _HIDDEN in line.text
            if not (pause and at + 1 < len(lines) and lines[at + 1].bare):
                break
            at += 1
            continue
        bare = line.bare
        if bare.startswith("(") and bare.endswith(")"):
            found.append(Element("parenthetical", plain(bare[1:-1]), line.start, line.end))
        elif bare.startswith("~"):
            found.append(Element("lyric", plain(bare[1:]), line.start, line.end))
        elif found[-1].kind == "dialogue":
            last = found[-1]
            found[-1] = Element("dialogue", f"{last.text} {plain(bare)}", last.start, line.end)
        else:
            found.append(Element("dialogue", plain(bare), line.start, line.end))
        at += 1
    return found, at


def _action(lines: list[_Line], at: int) -> tuple[list[Element], int]:
    """Read a paragraph of action, up to an empty line or a line that is marked as something else."""
    first = at
    words = [lines[at].bare.removeprefix("!")]
    at += 1
    while at < len(lines) and lines[at].text.strip() and not re.match(r"[!@~>#=]|\.[^.\s]", lines[at].bare):
        words.append(lines[at].bare)
        at += 1
    text = plain(" ".join(words))
    return ([Element("action", text, lines[first].start, lines[at - 1].end)] if text else []), at
