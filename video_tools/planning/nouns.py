"""Common nouns that mean somebody: their kind, number and gender."""

from functools import cache

from reelgraph.video_tools.planning.lexicon import people, stems

# Endings that make a word somebody; -er alone would take "flower" and "center" with it.
_PERSON_ENDINGS = (
    "woman", "man", "keeper", "maker", "ologist", "grapher", "player", "dancer", "rider", "fighter", "boarder",
    "smith", "raider", "people", "folk", "hunter", "hero", "heroine",
)  # fmt: skip
_PLURALS = {"mice": "mouse", "geese": "goose", "wolves": "wolf", "people": "people", "thieves": "thief",
            "calves": "calf", "wives": "wife", "elves": "elf", "dwarves": "dwarf", "oxen": "ox", "leaves": "leaf",
            }  # fmt: skip


@cache
def head_kind(word: str) -> str:
    """Return which kind of somebody a common noun is: `person`, `animal`, or nothing."""
    word = word.lower().removesuffix("'s").removesuffix("’s")
    forms = (word, singular(word))
    if any(form in people("object") and form not in people("person") for form in forms):
        return ""  # a snowman is a thing until somebody says otherwise
    for kind in ("person", "animal"):
        if any(form in people(kind) for form in forms):
            return kind
    return "person" if any(len(form) > 5 and form.endswith(_PERSON_ENDINGS) for form in forms) else ""


@cache
def singular(word: str) -> str:
    """Return a noun's singular."""
    if word in _PLURALS:
        return _PLURALS[word]
    for plural, single in (("women", "woman"), ("men", "man"), ("children", "child")):
        if word.endswith(plural):
            return word[: -len(plural)] + single
    known = people("person") | people("animal") | people("object")
    for stem in stems(word):
        if stem in known:
            return stem
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def gender(noun: str) -> str:
    """Return `he` or `she` for a noun that says so, else nothing."""
    for pronoun, ending in (("she", "woman"), ("he", "man")):
        if noun in people(pronoun) or noun.endswith(ending):
            return pronoun
    return ""


def named_gender(key: str) -> str:
    """Return `he` or `she` for a given name that is nearly always a man's or a woman's, else nothing."""
    first = key.split()[0]
    if first in (
        "mr",
        "sir",
        "lord",
        "king",
        "prince",
        "mrs",
        "ms",
        "miss",
        "lady",
        "queen",
        "princess",
        "aunt",
        "uncle",
    ):
        return "he" if first in ("mr", "sir", "lord", "king", "prince", "uncle") else "she"
    return "he" if first in people("named_he") else "she" if first in people("named_she") else ""
