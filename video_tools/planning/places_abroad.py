"""Find where and when a brief in another language than English happens, by small lists of everyday words."""

import re
from functools import cache
from typing import Any

from reelgraph.video_tools.planning.lexicon import words
from reelgraph.video_tools.planning.tongues import forms_of, same_word

# So many words may stand between "in" and its place: an article and an adjective or two.
_BETWEEN = 3
_WORD = re.compile(r"[^\s.,;:!?…।،؟؛«»“”\"()\[\]–—―¿¡]+")


def place_abroad(text: str, tongue: str, *, first: bool) -> str:
    """Return the place that a passage is set in, as its dictionary has it; nothing where it names none.

    Args:
        text: The passage.
        tongue: Its language.
        first: Whether it begins a scene, whose place is also where the words only go to.
    """
    table = _table(tongue)
    if "after" in table:
        match = _in_signs(tongue).search(text)
        return next(filter(None, match.groups())) if match else ""
    found = [(match[0].lower(), match.start(), match.end()) for match in _WORD.finditer(text)]
    towards = ""
    for at, (word, _, end) in enumerate(found):
        leads, only_towards = word in _list(tongue, "at"), word in _list(tongue, "to")
        if tongue == "he" and word[:1] in "בל" and (place := _place_of(word, tongue)):  # written onto the noun
            return place
        if not leads and not only_towards:
            continue
        for after, begin, stop in found[at + 1 : at + 2 + _BETWEEN]:
            if text[end:begin].strip() or after in _list(tongue, "at"):
                break
            end = stop
            if place := _place_of(after, tongue):
                if leads:
                    return place
                towards = towards or place
                break
    return towards if first else ""


def time_abroad(text: str, tongue: str) -> str:
    """Return the time of day that a passage says, in our words; nothing if it says none."""
    times = _table(tongue)["times"].items()
    if "after" in _table(tongue):
        return next((time for time, said in times if any(word in text for word in said.split())), "")
    found = f"_{'_'.join(match[0].lower() for match in _WORD.finditer(text))}_"
    return next((time for time, said in times if any(f"_{word}_" in found for word in said.split())), "")


def in_english(place: str, tongue: str) -> str:
    """Return what a place is in English; nothing for one that is not listed."""
    return _places(tongue).get(place, "") if tongue else ""


def weather_abroad(text: str, tongue: str) -> str:
    """Return the weather that a passage says, in our words; nothing if it says none."""
    weather = words("places_abroad")["weather"].get(tongue, {})
    return next((kind for kind, stems in weather.items() if re.search(stems, text, re.I)), "")


def _table(tongue: str) -> dict[str, Any]:
    table: dict[str, Any] = words("places_abroad")[tongue]
    return table


@cache
def _places(tongue: str) -> dict[str, str]:
    """Return what each place is in English."""
    return {noun: english for english, nouns in _table(tongue)["places"].items() for noun in nouns.split()}


@cache
def _list(tongue: str, key: str) -> frozenset[str]:
    return frozenset(_table(tongue)[key].split())


@cache
def _in_signs(tongue: str) -> re.Pattern[str]:
    """Return what finds a place by what stands before it, or by what stands after it."""
    table = _table(tongue)
    nouns = "|".join(sorted(_places(tongue), key=len, reverse=True))
    before = f"{table['before']}({nouns})|" if table["before"] else ""
    return re.compile(f"{before}({nouns}){table['after']}")


@cache
def _place_of(word: str, tongue: str) -> str:
    forms = forms_of(word, tongue)
    return next((noun for noun in _places(tongue) if any(same_word(form, noun) for form in forms)), "")
