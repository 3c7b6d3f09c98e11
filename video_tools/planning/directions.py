"""Shot size, angle, camera move, transition and length, where the brief's own words say them."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from reelgraph.video_tools.film import Angle, CameraMove, ShotSize, Transition
from reelgraph.video_tools.planning.lexicon import words
from reelgraph.video_tools.planning.tokens import tokens_of
from reelgraph.video_tools.planning.verbs import find_verb


@dataclass(frozen=True)
class Directions:
    """What the words ask for; None where they say nothing.

    Attributes:
        why: Each finding with the words it comes from.
    """

    size: ShotSize | None = None
    angle: Angle | None = None
    camera: CameraMove | None = None
    seconds: float | None = None
    why: tuple[str, ...] = ()


@cache
def _phrases(table: str) -> list[tuple[re.Pattern[str], str]]:
    """Compile a table's phrases, longest first, so that `extreme close-up` is not read as `close-up`."""
    pairs = [(phrase, name) for name, phrases in words()[table].items() for phrase in phrases]
    pairs.sort(key=lambda pair: -len(pair[0]))
    return [(re.compile(rf"(?<!\w)(?:{_written(table, phrase)})(?!\w)", re.I), name) for phrase, name in pairs]


def _written(table: str, phrase: str) -> str:
    return phrase if table == "moves" else re.escape(phrase)


@cache
def _any_of(table: str) -> re.Pattern[str]:
    """Return what finds whether any of a table's phrases is there, in one search for all of them."""
    phrases = (_written(table, phrase) for listed in words()[table].values() for phrase in listed)
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.I)


@cache
def _triggers() -> frozenset[str]:
    """Return the words of which at least one is in every phrase, so that a passage with none needs no search."""
    found = {word for table in ("sizes", "angles", "moves") for pattern, _ in _phrases(table)
             for word in re.findall(r"[a-z]{3,}", pattern.pattern.replace("\\w", "").replace("\\b", ""))}  # fmt: skip
    found |= {word.removesuffix("s") for word in found} | {word.lower() for word in words()["size_letters"]}
    found |= {name.split()[-1] for table in words()["bare"] for name in bare(table)}
    return frozenset(
        found
        - set(
            ["the", "from", "and", "out", "into", "back", "left", "right", "toward", "towards", "forward", "forwards"]
        )
    )


@cache
def bare(table: str) -> dict[str, str]:
    """Return what single words are called sizes, or angles, where a word is all there is: `wide` is a wide shot."""
    return {word: name for name, listed in words()["bare"][table].items() for word in listed}


@cache
def bare_pattern(table: str) -> re.Pattern[str]:
    """Return what finds such a word, the longest first."""
    return re.compile(rf"\b(?:{'|'.join(sorted(bare(table), key=len, reverse=True))})\b", re.I)


def _alone(table: str, text: str) -> re.Match[str] | None:
    """Find a word that is all there is before a colon, or between the commas of words in which nothing happens:
    `Wide: a ship sails`, `Kitchen, medium.`; in `The valley, wide and green,` it says how something is."""
    for match in bare_pattern(table).finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if not before.strip() and re.match(r"\s*:", after):
            return match
        begun, ended = re.search(r"(?:^|[.!?;])([^.!?;]*)$", before), re.match(r"\s*(?=[,.;]|$)([^.!?;]*)", after)
        if begun and ended and re.search(r"(?:^|,)\s*$", begun[1]) and (begun[1].strip() or not ended[1].strip()):
            tokens = tokens_of(f"{begun[1]}{match[0]}{ended[1]}")
            if find_verb(tokens, 0, len(tokens)) is None:
                return match
    return None


def directions(text: str) -> Directions:
    """Read what a passage says about how it is filmed."""
    found = re.findall(r"[a-z]+", text.lower())
    if _triggers().isdisjoint(found) and not re.search(r"\d\s?s|second", text):
        return Directions()
    why: list[str] = []

    def first(table: str, what: str) -> str | None:
        if not _any_of(table).search(text):
            return None
        for pattern, name in _phrases(table):
            if match := pattern.search(text):
                why.append(f"{what} {name.replace('_', ' ')}: the brief says {match[0].strip()!r}")
                return name
        return None

    def alone(table: str, what: str) -> str | None:
        if (match := _alone(table, text)) is None:
            return None
        name = bare(table)[match[0].lower()]
        why.append(f"{what} {name.replace('_', ' ')}: the brief says {match[0]!r}")
        return name

    size = first("sizes", "size")
    if size is None:
        for match in re.finditer(r"(?<!\w)[A-Z]{2,3}(?!\w)", text):
            # "MS" or "CU" alone stands at the head of a direction: `CU - the letter`, `MCU on Mara`, `ECU the eye`
            after = text[match.end() :]
            heads = re.match(r"\s*(?:[-:–—.]|on\b|of\b)", after) or (not match.start() and re.match(r"\s+the\b", after))
            if heads and (size := words()["size_letters"].get(match[0])):
                why.append(f"size {size.replace('_', ' ')}: the brief says {match[0]!r}")
                break
    size = size or alone("sizes", "size")
    angle = first("angles", "angle") or alone("angles", "angle")
    camera = first("moves", "camera")
    seconds = length_in(text)
    if seconds is not None:
        why.append(f"length {seconds:g} s: the brief says so")
    return Directions(legal(size, ShotSize), legal(angle, Angle), legal(camera, CameraMove), seconds, tuple(why))


def legal(name: str | None, kind: Any) -> Any:
    """Hold a name from the word list to the noun's own choices."""
    if name is not None and name not in get_args(kind):
        raise LookupError(f"words.toml names {name!r}, which film.py does not know")
    return name


_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "fifteen": 15, "twenty": 20, "thirty": 30,
}  # fmt: skip


def length_in(text: str) -> float | None:
    """Read a shot's length written into its words: `a 4-second shot`, `(3 s)`."""
    match = re.search(
        r"(?<![\w.])(\d+(?:\.\d+)?|"
        + "|".join(_NUMBERS)
        + r")[ -]?(?:s|secs?|seconds?)[ -](?:long )?(?:shot|take|clip|close-up)\b"
        r"|[\[(]\s*(\d+(?:\.\d+)?)\s*(?:s|secs?|seconds?)\s*[\])]",
        text,
        re.I,
    )
    if not match:
        return None
    number = match[1] or match[2]
    seconds = float(_NUMBERS.get(number.lower(), 0) or number)
    return seconds if 0 < seconds <= 600 else None


_FORMS = (
    r"(?:film|movie|video|ad|advert|advertisement|commercial|spot|trailer|teaser|short|animation|reel|story|lesson"
    r"|tutorial|explainer|documentary|cartoon|promo)"
)


def film_length_in(text: str) -> float | None:
    """Read the film's length written into a brief: `a 30-second ad`, `a one-minute film`.

    Returns:
        Seconds, or None where nothing is said.
    """
    match = re.search(
        r"(?<![\w.])(\d+(?:\.\d+)?|" + "|".join(_NUMBERS) + r")[ -]?(s|secs?|seconds?|min|minutes?)[ -](?:long )?"
        rf"(?:\w+ ){{0,2}}?{_FORMS}\b",
        text,
        re.I,
    )
    if not match:
        return None
    number = float(_NUMBERS.get(match[1].lower(), 0) or match[1])
    return number * 60 if match[2].lower().startswith("min") else number


UNITS = (
    r"(s\b|secs?\b|seconds?|min\b|minutes?|sekunden|sekündig\w*|segundos|secondes|secondi|секунд\w*|秒|초|minuten?|minutos?|minuti"
    r"|минут\w*|分钟?|분)"
)


def length_of(order: str) -> float | None:
    """Read the film's length out of what is ordered, in any language: `20 Sekunden`; None where it says none."""
    match = re.search(rf"(\d+(?:[.,]\d+)?)[ -]?{UNITS}", order, re.I)
    if not match:
        return None
    number = float(match[1].replace(",", "."))
    return number * 60 if match[2].lower()[:1] in "mм分분" else number


_BESIDE = re.compile(
    r"[(\[](?:[^()\[\]]*,\s*)?(?:(?P<minutes>\d{1,2}):(?P<seconds>[0-5]\d)"
    rf"|(?P<length>(?P<decade>[2-9]0s)|\d+(?:[.,]\d+)?[ -]?{UNITS}))\s*[)\]]\s*$",
    re.I,
)


def length_beside(title: str) -> float | None:
    """Read the film's length in brackets after its title: `Neon Rain (music video, 2:10)`, `Kestrel (45 s)`.

    `John (3:16)` and `Disco nights (80s)` are titles, which no form of film stands in.
    """
    match = _BESIDE.search(title)
    if not match or ((match["minutes"] or match["decade"]) and not re.search(rf"\b{_FORMS}\b", title, re.I)):
        return None
    if match["minutes"]:
        return int(match["minutes"]) * 60.0 + int(match["seconds"]) or None
    return length_of(match["length"])


# "Dissolve to:" on its own says how the next shot is joined.
TRANSITION = re.compile(
    r"(?:(?:slow|quick|smash|match|hard|jump|cross)[- ])?(?:dissolve|fade|cut|wipe|crossfade|cross-fade|dip|blackout)s?"
    r"(?: (?:to|in|out|up|from|through|into))?(?: (?:black|white))?\s*[:.]?",
    re.I,
)


def transition_in(text: str) -> Transition:
    """Read a screenplay's transition line; what is no known way of joining is a cut."""
    lower = text.lower()
    best: tuple[int, str] = (0, "cut")
    for kind, phrases in words()["transitions"].items():
        for phrase in phrases:
            if phrase in lower and len(phrase) > best[0]:
                best = (len(phrase), kind)
    return Transition.model_validate({"kind": best[1]})


# How a film ends, as a whole sentence or line, in the languages whose way of saying it is known here.
FADE_OUT = (
    r"(?:(?:slow(?:ly)?|we|and|picture|the screen|it)\s+)*fad(?:es?|ing) (?:out|(?:out )?(?:in)?to black)|"
    r"(?:langsame )?(?:schwarzblende|abblende)|fondu au noir|fundido a negro|dissolvenza (?:al|in) nero|"
    r"fade para preto|затемнение|渐黑|淡出|フェードアウト|暗転"
)
# Source: a second is the usual length of a fade in editing programs.
_FADE_SECONDS = 1.0


def fade_out_in(text: str) -> float:
    """Return the seconds of a fade to black that a brief ends with; 0 where it does not."""
    return _FADE_SECONDS if re.search(rf"(?:\A|[.!?。！？:>\n])[ \t]*(?:{FADE_OUT})[.:!。]?\s*\Z", text, re.I) else 0.0


def time_in(text: str) -> str:
    """Find the time of day in a passage or scene heading, in our words; nothing if it says none."""
    said = {match["time"].lower() for match in _times().finditer(text)}
    return (
        next((name for name, phrases in words()["times"].items() if not said.isdisjoint(phrases)), "") if said else ""
    )


@cache
def _times() -> re.Pattern[str]:
    phrases = sorted((phrase for listed in words()["times"].values() for phrase in listed), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?P<time>{'|'.join(phrases)})s?(?![\w-])", re.I)
