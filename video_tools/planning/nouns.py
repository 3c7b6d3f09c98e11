"""Common nouns that mean somebody: their kind, number and gender, and the words that describe them."""

import re
from functools import cache

from reelgraph.video_tools.planning.lexicon import grammar, people, stems, verbs, words

# Endings that make a word somebody; -er alone would take "flower" and "center" with it.
_PERSON_ENDINGS = (
    "woman", "man", "keeper", "maker", "ologist", "grapher", "player", "dancer", "rider", "fighter", "boarder", "smith",
)  # fmt: skip
_PLURALS = {"mice": "mouse", "geese": "goose", "wolves": "wolf", "people": "people", "thieves": "thief",
            "calves": "calf", "wives": "wife", "elves": "elf", "dwarves": "dwarf", "oxen": "ox", "leaves": "leaf",
            }  # fmt: skip


@cache
def head_kind(word: str) -> str:
    """Return which kind of somebody a common noun is: `person`, `animal`, or nothing."""
    word = word.lower().removesuffix("'s").removesuffix("’s")
    forms = (word, singular(word))
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


def compound(tokens: list[tuple[str, int]], at: int) -> bool:
    """Tell whether a noun only qualifies the next word: `chef jacket`, `dog bowl`.

    Args:
        tokens: Words with their places.
        at: Which of them the noun is.
    """
    if at + 1 >= len(tokens):
        return False
    word, after = tokens[at][0].lower(), tokens[at + 1][0].lower()
    if after in ("'", "’") or word.endswith(("'s", "’s", "s")):
        return False
    if head_kind(after) and not after.endswith("s"):
        return True
    closed = (
        grammar("cast", "breakers")
        | grammar("cast", "determiners")
        | grammar("cast", "particles")
        | people("describing")
    )
    if not after[0].isalpha() or after in closed or after.endswith(("ly", "ed", "ing", "s")) or after[0].isupper():
        return False
    return after not in words("verbs")["irregular"] and not any(
        s in verbs("only") or s in verbs("both") for s in stems(after)
    )


def noun_name(phrase: str, plural: bool) -> str:
    """Return what somebody without a name is called: the noun and the word before it, without age and build."""
    counted = grammar("cast", "counts") if plural else frozenset()
    parts = [
        word.strip(",")
        for word in re.sub(r"['’]s$", "", phrase).split()
        if word.lower().strip(",") not in grammar("cast", "determiners") or word.lower() in counted
    ]
    parts = parts[-2:]
    if len(parts) == 2 and parts[0].lower() in people("describing") and not plural:
        parts.pop(0)
    name = " ".join(parts)
    return name[:1].upper() + name[1:]


def telling(qualifiers: list[str]) -> list[str]:
    """Return the qualifiers that tell one of a kind from another."""
    return [word for word in qualifiers if word not in grammar("cast", "idle")]


def described(text: str, end: int, phrase: str) -> str:
    """Return the words that introduce somebody: the noun phrase and what is said of them right after.

    Args:
        text: The beat's text.
        end: Where the noun phrase ends in it.
        phrase: The noun phrase.
    """
    tail = re.match(
        r"\s+((?:in|with|wearing|dressed in)\s+(?:an?|the|his|her|their|its|two|[a-z-]+)\b[^.,;:!?]*)", text[end:]
    )
    if not tail:
        return phrase
    stop = re.search(r"\s(?:who|which|that|then|and then|as|while|into|onto|through|from|across|over)\b", tail[1])
    extra = _before_verb(tail[1][: stop.start()] if stop else tail[1])
    return f"{phrase} {extra}" if 2 < len(extra.split()) <= 10 else phrase


def _before_verb(extra: str) -> str:
    """Cut words at the verb that goes on with the sentence: `in a red coat meets a boy` to `in a red coat`."""
    irregular = words("verbs")["irregular"]
    for match in list(re.finditer(r"[^\W\d_]+", extra.lower()))[2:]:
        word = match[0]
        verb = word.endswith(("s", "ed")) and any(s in verbs("only") or s in verbs("both") for s in stems(word)[1:])
        if word in irregular or verb:
            return extra[: match.start()].rstrip()
    return extra
