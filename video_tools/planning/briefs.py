"""Read a brief: a sentence, or a file of text, Markdown, screenplay, storyboard or timeline."""

import re
from pathlib import Path
from typing import Literal, TypeAlias

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import MOST_SECONDS, Brief
from reelgraph.video_tools.planning import fdx, fountain
from reelgraph.video_tools.planning.files import STORYBOARD_KEYS, parse_mapping

Form: TypeAlias = Literal["prose", "markdown", "fountain", "fdx", "storyboard", "timeline"]

# A 120-page screenplay is about 0.2 MB; ten times the longest is more likely a wrong file.
MOST_BYTES = 4_000_000
_FORMS: dict[str, Form] = {
    ".md": "markdown", ".markdown": "markdown", ".fountain": "fountain", ".spmd": "fountain", ".fdx": "fdx",
    ".yaml": "storyboard", ".yml": "storyboard", ".json": "storyboard", ".otio": "timeline",
}  # fmt: skip
# The head of a storyboard's list, in YAML or in JSON: no prose goes on like that.
_LISTS_SHOTS = re.compile(
    r"^(?:shots|scenes):[ \t]*(?:#[^\n]*)?\n[ \t]*- (?:&\w+ +)?(?:\{|[a-z_]+:\s)"
    r"|\A\s*\{.*\"(?:shots|scenes)\"\s*:\s*\[",
    re.M | re.S,
)
# Document formats whose text only their own programs export well.
_REFUSED = {
    ".pdf": "text",
    ".doc": "text",
    ".docx": "text",
    ".odt": "text",
    ".rtf": "text",
    ".celtx": "FDX",
    ".fadein": "FDX",
}


def read_brief(source: str | Path, *, title: str = "", seconds: float | None = None) -> Brief:
    """Read a brief from a sentence, or from a file named by its path.

    Args:
        source: What somebody wants to see, in words; or the path of a text, Markdown, Fountain, FDX, YAML, JSON or
            OTIO file.
        title: The film's title; the brief's own if empty.
        seconds: The length asked for.

    Raises:
        InvalidRequest: It is empty or binary, is no file or cannot be read, or is of a format that is not read here.
    """
    path = _path(source)
    if path is None:
        return brief_of_text(str(source), title=title, seconds=seconds)
    return _brief(read_text(path), _FORMS.get(path.suffix.lower()), path.name, title, seconds)


def brief_of_text(text: str, *, title: str = "", seconds: float | None = None) -> Brief:
    """Read a brief from its text, which is never taken for a path; its form is recognised.

    Raises:
        InvalidRequest: It is empty or binary.
    """
    return _brief(_clean(text, "the brief"), None, "the brief", title, seconds)


def _brief(text: str, form: Form | None, where: str, title: str, seconds: float | None) -> Brief:
    if seconds is not None and not 0 < seconds <= MOST_SECONDS:
        raise InvalidRequest(
            f"a film of {seconds:g} s cannot be planned: ask for more than 0 s and at most {MOST_SECONDS} s"
        )
    if not any(sign.isalnum() or ord(sign) > 0x2190 for sign in text):  # an emoji alone is a brief
        raise InvalidRequest(f"{where} is empty: say in a sentence what should be seen")
    if form is None:
        form = _sniff(text)
    if form == "fdx":
        text = fdx.fountain_of(text, where)
    return Brief(text=text, form=form, title=title or _own_title(text, form), seconds=seconds)


def _path(source: str | Path) -> Path | None:
    """Tell a path from a sentence: it exists, or it is one word that ends like a file we read."""
    if isinstance(source, Path):
        return source
    if "\n" in source or len(source) > 1000 or not source.strip():
        return None
    path = Path(source.strip()).expanduser()
    try:
        there = path.exists()
    except (OSError, ValueError):  # too long, or a NUL: a sentence
        return None
    # "lighthouse" alone is a sentence even where a folder of that name happens to be
    if there and (path.is_file() or "/" in source or "\\" in source or source.strip() in (".", "..")):
        return path
    suffix = path.suffix.lower()
    like_file = suffix in _FORMS or suffix in _REFUSED or suffix in (".txt", ".text")
    return path if like_file and (" " not in source.strip() or "/" in source) else None


def read_text(path: Path) -> str:
    """Read a text that a person wrote, in UTF-8 or UTF-16, with `\n` at its line ends.

    Raises:
        InvalidRequest: It is no regular file, or not a text of at most `MOST_BYTES`.
    """
    if path.suffix.lower() in _REFUSED:
        raise InvalidRequest(f"{path.name} cannot be read here: export it as {_REFUSED[path.suffix.lower()]}")
    try:
        if path.is_dir():
            raise InvalidRequest(f"{path} is a folder: name the file in it")
        if not path.exists():
            raise InvalidRequest(f"there is no file {path}: check the path")
        if not path.is_file():
            raise InvalidRequest(f"{path} is not a regular file: copy it into one")
        if path.stat().st_size > MOST_BYTES:
            raise InvalidRequest(f"{path.name} has {path.stat().st_size} bytes: at most {MOST_BYTES} are read")
        data = path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read ({error.strerror}): check its permissions") from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        kind = "binary" if b"\0" in data else "not UTF-8"
        raise InvalidRequest(f"{path.name} is {kind}: save it as UTF-8 text") from error
    return _clean(text, path.name)


def _clean(text: str, where: str) -> str:
    """Refuse what is no text, and write line ends as `\\n`, which spans count as one character."""
    if len(text) > MOST_BYTES:
        raise InvalidRequest(f"{where} has {len(text)} characters: at most {MOST_BYTES} are read")
    if "\0" in text or sum(ord(sign) < 32 and sign not in "\n\r\t\f\v" for sign in text) > len(text) / 50:
        raise InvalidRequest(f"{where} is binary: write it as UTF-8 text")
    if any(0xD800 <= ord(sign) < 0xE000 for sign in text):
        raise InvalidRequest(f"{where} holds bytes that are not UTF-8: write it as UTF-8 text")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _sniff(text: str) -> Form:
    """Recognise the form of a text that no file name tells."""
    start = text.lstrip()[:200]
    if start.startswith(("<?xml", "<FinalDraft")):
        return "fdx"
    if fountain.looks_like(text):
        return "fountain"
    if start.startswith("{") and "OTIO_SCHEMA" in text[:2000]:
        return "timeline"
    if _LISTS_SHOTS.search(text):  # whatever is wrong with it is said where it is read
        return "storyboard"
    if start.startswith("{") or re.search(r"^(shots|scenes):", text, re.M):
        try:
            if STORYBOARD_KEYS & set(parse_mapping(text, "the brief")):
                return "storyboard"
        except InvalidRequest:  # prose may well begin like that
            pass
    if re.search(r"^(#{1,6} \S|\|.*\|\s*$\n^\|[ :|-]+\|)", text, re.M):
        return "markdown"
    return "prose"


def _own_title(text: str, form: Form) -> str:
    if form in ("fountain", "fdx"):
        return fountain.title_of(text)
    if form == "storyboard":
        return str(parse_mapping(text, "the storyboard").get("title") or "")
    if form == "markdown" and (found := re.search(r"^# +(.+?) *#*$", text, re.M)):
        return re.sub(r"[*_`]", "", found[1]).strip()
    if found := re.match(r"\s*title: *(\S.*?) *$", text, re.I | re.M):
        return found[1]
    return ""
