"""Read the times that a brief writes beside what is seen: `0:05-0:09.5`, `(3s)`, `4 seconds:`."""

import re
from typing import NamedTuple

_CODE = r"(?:(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)"
_SECONDS = r"\d{1,3}(?:\.\d{1,2})?"
_UNIT = r"(?:s|secs?|seconds?)"
_TIME = (
    rf"(?P<from>{_CODE})\s*[-–—→]\s*(?P<to>{_CODE})"
    rf"|(?P<first>{_SECONDS})\s*{_UNIT}?\s*[-–—]\s*(?P<last>{_SECONDS})\s*{_UNIT}"
    rf"|(?P<length>{_SECONDS})\s*{_UNIT}"
)
# A time before what is seen stands in brackets or before a colon; one from a code to another stands for itself.
_LEADS = re.compile(
    rf"[ \t]*[*_]{{0,2}}(?:[(\[]\s*(?:{_TIME})\s*[)\]][*_]{{0,2}}\s*[:.–—-]?[*_]{{0,2}}(?:[ \t]+|$)"
    rf"|(?:{_TIME.replace('?P<', '?P<bare_')})[*_]{{0,2}}\s*(?::[*_]{{0,2}}[ \t]+|(?P<plain>(?:[|–—-])?(?:[ \t]+|$))))",
    re.I,
)
_ENDS = re.compile(rf"\s*[(\[]\s*(?:{_TIME})\s*[)\]]\s*$", re.I)
# Where the next shot of a list on one line begins.
_AGAIN = re.compile(rf"(?<=[.!?;,] )(?={_CODE}\s*[-–—→]\s*{_CODE}\b)")
# A shot lasts no longer.
_LONGEST = 600.0


class Timed(NamedTuple):
    """A time that was read.

    Attributes:
        seconds: How long what is beside it lasts.
        start: Where it begins in the text.
        end: Where it ends, with what parts it from the words (exclusive).
    """

    seconds: float
    start: int
    end: int


def is_coded(brief: str) -> bool:
    """Tell a brief that counts its film's time from 0:00 from one that says when an office opens."""
    return re.search(r"(?<![\d:.])0{1,2}:00(?!\d)", brief) is not None


def time_before(text: str, *, coded: bool) -> Timed | None:
    """Read the time that a line begins with; None where it begins with none, or one that is no length of a shot.

    Args:
        text: The line.
        coded: Whether the brief counts its film's time.
    """
    match = _LEADS.match(text)
    if not match or (match["plain"] is not None and not match["bare_from"]):
        return None
    bare = match["bare_from"] or match["bare_last"] or match["bare_length"]
    return _timed(match, "bare_" if bare else "", coded)


def time_after(text: str, *, coded: bool) -> Timed | None:
    """Read the time in brackets that a heading ends with: `Intro (0:00-0:08)`."""
    match = _ENDS.search(text)
    return _timed(match, "", coded) if match else None


def time_of(text: str, *, coded: bool) -> float | None:
    """Return the seconds that a text is the time of, `3s` or `0:00-0:08`; None for any other text."""
    match = _ENDS.fullmatch(f"({text.strip(' ()[]')})")
    found = _timed(match, "", coded) if match else None
    return found.seconds if found else None


def timed_parts(line: str) -> list[int]:
    """Return where each shot begins in a line that gives several their times."""
    return [0, *(match.start() for match in _AGAIN.finditer(line))] if time_before(line, coded=True) else [0]


def _timed(match: re.Match[str], prefix: str, coded: bool) -> Timed | None:
    if match[f"{prefix}from"]:
        if not coded:
            return None
        seconds = _code(match[f"{prefix}to"]) - _code(match[f"{prefix}from"])
    elif match[f"{prefix}last"]:
        seconds = float(match[f"{prefix}last"]) - float(match[f"{prefix}first"])
    else:
        seconds = float(match[f"{prefix}length"])
    return Timed(round(seconds, 3), *match.span()) if 0 < seconds <= _LONGEST else None


def _code(code: str) -> float:
    """Return the seconds of a time code: `1:02:03.5` is 3723.5."""
    seconds = 0.0
    for part in code.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
