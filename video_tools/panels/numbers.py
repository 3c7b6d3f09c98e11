"""How many a figure is: two girls, eleven cows, firefighters; and what one of them is called."""

import re

from reelgraph.video_tools.film import Character
from reelgraph.video_tools.panels.things import has_drawing
from reelgraph.video_tools.panels.words import noun_of
from reelgraph.video_tools.planning.nouns import head_kind, singular

MOST, SOME = 5, 3  # of a figure that a panel draws, and where the words only say that they are more than one
NUMBERS = {
    "one": 1, "two": 2, "both": 2, "three": 3, "four": 4, "five": 5, "six": 5, "seven": 5, "eight": 5, "nine": 5,
    "ten": 5, "eleven": 5, "twelve": 5, "dozen": 5, "dozens": 5, "hundred": 5, "hundreds": 5, "thousands": 5, "many": 5,
}  # fmt: skip
# Words for several that are no plural, or whose number is known.
SEVERAL = {
    "couple": 2, "pair": 2, "duo": 2, "twins": 2, "trio": 3, "family": 3, "team": 4, "people": 4, "band": 4, "pack": 4,
    "group": 4, "crowd": 5, "audience": 5, "herd": 5, "flock": 5, "swarm": 5, "gang": 4, "parents": 2,
}  # fmt: skip


def singulars(text: str) -> str:
    """Return the singulars of a text's words, which is how what is drawn is known."""
    return " ".join(singular(word) for word in re.findall(r"[^\W\d_]+", text.lower()))


def count_of(figure: Character, prompt: str) -> int:
    """Return how many of a figure a panel draws, from 1 to `MOST`.

    Args:
        figure: Who; a plural or a word such as `family` says that it is several.
        prompt: The action, which may say how many: `eleven cows`.
    """
    words = re.findall(r"[^\W_]+", figure.name.lower())
    if not words:
        return 1
    noun = noun_of(figure.name).lower()
    several = next((SEVERAL[word] for word in words if word in SEVERAL), SOME if _plural(figure, noun) else 1)
    if several == 1:
        return 1
    said = [_number(words[0])]
    for text in (figure.description, prompt):
        said += [_number(match[1]) for match in re.finditer(rf"([^\W_]+) (?:[\w-]+ )?{re.escape(noun)}\b", text, re.I)]
    return min(MOST, next((number for number in said if number), several))


def _plural(figure: Character, noun: str) -> bool:
    one = singular(noun)
    if one == noun:
        return False
    return has_drawing(one, one) if figure.kind == "object" else bool(head_kind(one))


def _number(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 5 else NUMBERS.get(word.lower(), 0)
