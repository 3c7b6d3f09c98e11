"""The offline planner's words: lists from TOML beside this file, and the forms that English words take."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def words(name: str = "words") -> dict[str, Any]:
    """Read a word list by its file's name."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))


@cache
def listed(table: str, key: str) -> frozenset[str]:
    """Return one list of `words.toml` as a set."""
    return frozenset(words()[table][key])


@cache
def settings(key: str) -> frozenset[str]:
    """Return words about where scenes happen."""
    return frozenset(words()["settings"][key].split())


@cache
def verbs(kind: str) -> frozenset[str]:
    """Return base forms: `only` verbs, or words that are `both` verb and noun."""
    return frozenset(words("verbs")[kind].split())


@cache
def people(kind: str) -> frozenset[str]:
    """Return the words of `people.toml` for a kind: `person`, `animal`, `object`, `he`, `she`, a pronoun list."""
    entry = words("people")[kind]
    return frozenset(entry.split() if isinstance(entry, str) else entry)


@cache
def stems(word: str) -> tuple[str, ...]:
    """Return the forms that a word may be an inflection of, itself first: `carries` -> carries, carry, carrie.

    Source: the spelling rules of regular English inflection (-s, -es, -ies, -ed, -ing, doubled consonants).
    """
    word = word.lower()
    found = [word]

    def add(stem: str) -> None:
        if len(stem) > 1 and stem not in found:
            found.append(stem)

    if word.endswith("ies") and len(word) > 4:
        add(word[:-3] + "y")
        add(word[:-1])
    elif word.endswith("es") and len(word) > 3:
        add(word[:-2])
        add(word[:-1])
    elif word.endswith("s") and not word.endswith("ss"):
        add(word[:-1])
    for ending in ("ed", "ing"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word[: -len(ending)]
            add(stem)
            add(stem + "e")
            if len(stem) > 2 and stem[-1] == stem[-2]:
                add(stem[:-1])
            if ending == "ed" and stem.endswith("i"):
                add(stem[:-1] + "y")
    if base := words("verbs")["irregular"].get(word):
        add(base)
    return tuple(found)


def is_any(word: str, listing: frozenset[str]) -> bool:
    """Tell whether a word, in any of its forms, is in a list."""
    return any(stem in listing for stem in stems(word))


@cache
def known_verbs(word: str) -> tuple[str, ...]:
    """Return the listed verbs that a word may be a form of, in the order of its stems."""
    return tuple(stem for stem in stems(word) if stem in verbs("only") or stem in verbs("both"))


def inflected(word: str) -> bool:
    """Tell whether a word is another form of a listed verb: `carries` and `cried`, not `cry`."""
    return any(stem != word.lower() for stem in known_verbs(word))


@cache
def grammar(table: str, key: str) -> frozenset[str]:
    """Return a closed class of words of `grammar.toml`."""
    return frozenset(words("grammar")[table][key].split())
