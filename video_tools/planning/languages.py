"""Tell the language of a text, among those whose everyday words are listed here."""

import re
from functools import cache

from reelgraph.video_tools.planning.lexicon import words

# Which script tells the language; the scripts that several of ours use are told by their small words.
_SCRIPTS = {
    "ja": r"[\u3040-\u30ff]", "zh": r"[\u4e00-\u9fff]", "ko": r"[\uac00-\ud7af]", "ar": r"[\u0600-\u06ff]",
    "he": r"[\u0590-\u05ff]", "hi": r"[\u0900-\u097f]", "ru": r"[\u0400-\u04ff]",
}  # fmt: skip
_ENGLISH = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "of",
        "to",
        "in",
        "is",
        "on",
        "with",
        "his",
        "her",
        "it",
        "he",
        "she",
        "they",
        "at",
        "for",
        "from",
        "into",
        "as",
        "then",
        "by",
    ]
)


def tongue_of(text: str) -> str:
    """Return the language of a text (`es`, `zh`, ...), or nothing where it is English or one that is not known here."""
    sample = text[:4000]
    letters = len(re.findall(r"[^\W\d_]", sample)) or 1
    for tongue, script in _SCRIPTS.items():
        if len(re.findall(script, sample)) * (6 if tongue == "ja" else 3) > letters:
            return tongue
    found = re.findall(r"[^\W\d_]+", sample.lower())
    scores = {tongue: sum(word in listed for word in found) for tongue, listed in small_words().items()}
    # "un" and "la" are several languages' own: of those, the one that knows who is spoken of
    best = max(scores, key=lambda tongue: (scores[tongue], sum(word in _somebody()[tongue] for word in found)))
    return best if scores[best] > max(1, 1.2 * sum(word in _ENGLISH for word in found)) else ""


@cache
def small_words() -> dict[str, frozenset[str]]:
    """Return the small words that tell a language, by language."""
    return {tongue: frozenset(table["words"].split()) for tongue, table in words("tongues").items() if table["words"]}


@cache
def _somebody() -> dict[str, frozenset[str]]:
    """Return the nouns for people and animals, by language."""
    kinds = ("he", "she", "any", "animal")
    return {
        tongue: frozenset(noun for kind in kinds for noun in table[kind].split())
        for tongue, table in words("tongues").items()
    }
