"""Colours for characters and places: from the words that describe them, else distinct ones in a fixed order."""

import re

from reelgraph.video_tools.planning.directions import time_in
from reelgraph.video_tools.planning.lexicon import stems, words
from reelgraph.video_tools.planning.nouns import head_kind, singular


def colours_in(text: str) -> list[str]:
    """Return the colours that a description names, in order, each once.

    Returns:
        Hex colours, at most four: a drawing tells no more apart.
    """
    table = words("colours")["words"]
    found: list[str] = []
    for word in re.findall(r"[^\W\d_]+", text.lower()):
        colour = table.get(word)
        if colour and colour not in found:
            found.append(colour)
    return found[:4]


def natural_colours(description: str) -> list[str]:
    """Return the colours that an animal or thing has of itself: a fox is red-orange."""
    table = words("colours")["natural"]
    for word in re.findall(r"[^\W\d_]+", description.lower()):
        for stem in (*stems(word), singular(word)):
            if stem in table:
                return list(table[stem])
    return []


def cast_palette(description: str, taken: set[str]) -> list[str]:
    """Choose a character's colours.

    A colour that is said, or that an animal has of itself, stays the first, also of a second red ball: what tells two
    of them apart comes behind it.

    Args:
        description: The words that describe them.
        taken: First colours of the characters before; the one chosen is added.
    """
    found = colours_in(description) or natural_colours(description)
    if not found or found[0] in taken:
        order = words("colours")["cast"]["coats" if _is_animal(description) else "order"]
        free = [colour for colour in order if colour not in taken and colour not in found]
        # Beyond the last, colours repeat: names and places still tell them apart.
        own = free[0] if free else order[len(taken) % len(order)]
        found = [found[0], own, *found[1:]] if found else [own]
    taken.add(found[0])
    return found[:4]


def _is_animal(description: str) -> bool:
    """Tell whether the first word that says who somebody is names an animal."""
    kinds = (head_kind(word) for word in re.findall(r"[^\W\d_]+", description.lower()))
    return next((kind for kind in kinds if kind), "") == "animal"


def place_palette(name: str, description: str, time: str) -> list[str]:
    """Choose a place's colours: named ones, then those of its kind, then the light of the time of day."""
    found = colours_in(f"{name} {description}")
    table = words("colours")["places"]
    for word in re.findall(r"[^\W\d_]+", f"{name} {description}".lower()):
        for stem in stems(word):
            if stem in table and table[stem] not in found:
                found.append(table[stem])
    light = words("colours")["times"].get(time_in(time) or time.lower(), [])
    return (found[:2] + [colour for colour in light if colour not in found])[:4]
