"""Read a scene's heading as a screenplay writes it: where, whether inside, and when."""

import re
from functools import cache

from reelgraph.video_tools.planning.directions import time_in
from reelgraph.video_tools.planning.lexicon import words
from reelgraph.video_tools.planning.outline import SceneOutline

_LEADS = re.compile(
    r"(?:(?:(?P<inside>INTERIOR|INTERNO|INNEN|INT|I|ИНТ)|(?P<outside>EXTERIOR|ESTERNO|AUSSEN|AUßEN|EXT|E|НАТ|ЭКСТ)|EST)"
    r"(?:\.?/(?P<both>INT|EXT|I|E))?(?=[.\s:：])|(?P<inside_han>内景)|(?P<outside_han>外景))[.\s。:：,，]*",
    re.I,
)


def split_heading(heading: str) -> tuple[str, str]:
    """Split a scene heading into place and time of day: `INT. LIGHTHOUSE - LAMP ROOM - NIGHT`."""
    lead = _LEADS.match(heading)
    rest = heading[lead.end() :] if lead else heading
    parts = [part.strip() for part in re.split(r"\s+[-–—]+\s+|\s*[–—]\s*|[。，,]\s*(?=\S+$)", rest) if part.strip()]
    if len(parts) > 2 and holds_on(parts[-1]) and time_in(parts[-2]):  # "HALL - NIGHT - CONTINUOUS"
        parts.pop()
    if len(parts) > 1:
        return " - ".join(parts[:-1]), parts[-1]
    return rest.strip(), ""


def side_of(heading: str) -> str:
    """Return whether a heading says `interior` or `exterior`; nothing where it says neither, or both."""
    lead = _LEADS.match(heading)
    if lead is None or lead["both"]:
        return ""
    return "interior" if lead["inside"] or lead["inside_han"] else "exterior" if lead.lastgroup else ""


def scene_under(heading: str, before: SceneOutline | None) -> SceneOutline:
    """Begin the scene that a heading names, at the time before where it only goes on: `HALL - CONTINUOUS`."""
    place, time = split_heading(heading)
    if holds_on(time):
        time = before.time if before else ""
    return SceneOutline(heading=heading, place=place, time=time)


def holds_on(time: str) -> bool:
    """Tell whether words say that the time of day is the one before: `CONTINUOUS`, `MOMENTS LATER`, `SAME`."""
    return _held().fullmatch(time.strip(" ().")) is not None


@cache
def _held() -> re.Pattern[str]:
    return re.compile(words()["held"]["time"], re.I)
