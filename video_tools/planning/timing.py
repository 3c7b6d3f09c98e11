"""Read the times that a brief writes beside what is seen: `0:05-0:09.5`, `(3s)`, `4 seconds:`."""

import re
from itertools import pairwise
from typing import NamedTuple

from reelgraph.video_tools.planning.sentences import sentences

_CODE = r"(?:(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)"
_SECONDS = r"\d{1,3}(?:\.\d{1,2})?"
_UNIT = r"(?:s|secs?|seconds?)"
# The 80s are no length of a shot.
_TIME = (
    rf"(?P<from>{_CODE})\s*[-–—→]\s*(?P<to>{_CODE})"
    rf"|(?P<first>{_SECONDS})\s*{_UNIT}?\s*[-–—]\s*(?P<last>{_SECONDS})\s*{_UNIT}"
    rf"|(?P<length>(?![7-9]0s\b){_SECONDS})\s*{_UNIT}"
)
# A time before what is seen stands in brackets or before a colon; one from a code to another stands for itself.
_LEADS = re.compile(
    rf"[ \t]*[*_]{{0,2}}(?:[(\[]\s*(?:{_TIME})\s*[)\]][*_]{{0,2}}\s*[:.–—-]?[*_]{{0,2}}(?:[ \t]+|$)"
    rf"|(?:{_TIME.replace('?P<', '?P<bare_')})[*_]{{0,2}}\s*(?::[*_]{{0,2}}[ \t]+|(?P<plain>(?:[|–—-])?(?:[ \t]+|$))))",
    re.I,
)
_ENDS = re.compile(rf"\s*[(\[]\s*(?:{_TIME})\s*[)\]]\s*$", re.I)
_RANGE = re.compile(rf"(?<![\w.:])({_SECONDS})\s*{_UNIT}?\s*[-–—]\s*({_SECONDS})\s*{_UNIT}\b", re.I)
# What a shot of a list ends with, after its own words: `A door opens, close up. 2s`.
_LAST = re.compile(rf"(?<=[.!?,;:\"”»)])\s+[–—-]?\s*(?P<length>{_SECONDS})\s*{_UNIT}\.?\s*$", re.I)
# Where the next shot of a list on one line begins, be it after a comma.
_AGAIN = re.compile(rf"(?<=[;,] )(?={_CODE}\s*[-–—→]\s*{_CODE}\b)")
# A time before what is seen is no longer than this.
_TIME_SIGNS = 60
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


class Counted(NamedTuple):
    """Whether a brief counts its film's time from its beginning.

    Attributes:
        codes: In codes, `0:00-0:03`; else `9:00-17:00` is when an office opens.
        seconds: In seconds, `0-3s`; else `3-5 seconds` is about how long a shot lasts.
    """

    codes: bool
    seconds: bool


def counted_in(brief: str) -> Counted:
    """Tell what a brief counts its film's time in."""
    ranges = [(float(first), float(last)) for first, last in _RANGE.findall(brief)]
    follow = len(ranges) > 1 and all(before[1] == after[0] for before, after in pairwise(ranges))
    return Counted(
        codes=re.search(r"(?<![\d:.])0{1,2}:00(?!\d)", brief) is not None,
        seconds=follow or any(first == 0 for first, _ in ranges),
    )


def time_before(text: str, *, counted: Counted) -> Timed | None:
    """Read the time that a line begins with; None where it begins with none, or one that is no length of a shot.

    Args:
        text: The line.
        counted: What the brief counts its film's time in.
    """
    match = _LEADS.match(text)
    if not match or (match["plain"] is not None and not match["bare_from"]):
        return None
    bare = match["bare_from"] or match["bare_last"] or match["bare_length"]
    return _timed(match, "bare_" if bare else "", counted)


def time_after(text: str, *, counted: Counted) -> Timed | None:
    """Read the time in brackets that a heading ends with: `Intro (0:00-0:08)`."""
    match = _ENDS.search(text)
    return _timed(match, "", counted) if match else None


def time_last(text: str) -> Timed | None:
    """Read the bare seconds that a list's item ends with: `A door opens. 2s`."""
    match = _LAST.search(text)
    seconds = float(match["length"]) if match else 0.0
    return Timed(seconds, *match.span()) if match and 0 < seconds <= _LONGEST else None


def time_of(text: str, *, counted: Counted) -> float | None:
    """Return the seconds that a text is the time of, `3s` or `0:00-0:08`; None for any other text."""
    match = _ENDS.fullmatch(f"({text.strip(' ()[]')})")
    found = _timed(match, "", counted) if match else None
    return found.seconds if found else None


def timed_parts(line: str, *, counted: Counted) -> list[int]:
    """Return where each shot begins in a line that gives several their times: `(5s) A fox runs. (3s) It sleeps.`"""
    if not time_before(line, counted=counted):
        return [0]
    begins = {start for start, _ in sentences(line)} | {match.start() for match in _AGAIN.finditer(line)}
    return [0, *sorted(at for at in begins if at and time_before(line[at : at + _TIME_SIGNS], counted=counted))]


def _timed(match: re.Match[str], prefix: str, counted: Counted) -> Timed | None:
    if match[f"{prefix}from"]:
        if not counted.codes:
            return None
        seconds = _code(match[f"{prefix}to"]) - _code(match[f"{prefix}from"])
    elif match[f"{prefix}last"]:
        first, last = float(match[f"{prefix}first"]), float(match[f"{prefix}last"])
        seconds = last - first if counted.seconds or first >= last else (first + last) / 2
    else:
        seconds = float(match[f"{prefix}length"])
    return Timed(round(seconds, 3), *match.span()) if 0 < seconds <= _LONGEST else None


def _code(code: str) -> float:
    """Return the seconds of a time code: `1:02:03.5` is 3723.5."""
    seconds = 0.0
    for part in code.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
