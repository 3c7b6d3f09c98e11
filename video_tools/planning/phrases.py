"""Read English noun phrases: where their noun is, what they are called, and the words that describe them."""

import re
from collections.abc import Sequence

from reelgraph.video_tools.planning.lexicon import (
    grammar,
    inflected,
    known_verbs,
    people,
    settings,
    stems,
    verbs,
    words,
)
from reelgraph.video_tools.planning.nouns import head_kind, singular
from reelgraph.video_tools.planning.tokens import STOPS, Token
from reelgraph.video_tools.planning.verbs import AFTER_VERB, OPENERS, adverb, begins_event, finite, unknown_verb

_CLOSED = (
    grammar("cast", "particles") | grammar("cast", "determiners") | grammar("cast", "breakers")
    | grammar("clauses", "pronouns") | grammar("clauses", "links")
)  # fmt: skip
_NO_NOUN = grammar("cast", "determiners") | grammar("clauses", "links") | grammar("clauses", "pronouns")
_ADJECTIVES = people("describing") | frozenset(words("colours")["words"])
# A phrase longer than this is no phrase any more.
_LONGEST = 9


def noun_of_somebody(tokens: list[Token], at: int) -> int:
    """Return where the noun of a person or animal is in the phrase that begins at a token, or -1.

    `an old lighthouse keeper` gives the place of `keeper`; a bare word counts only in the plural (`villagers`), or
    where it opens a line.
    """
    bare = tokens[at].low not in grammar("cast", "determiners")
    if bare and not _bare_plural(tokens, at):
        return -1
    end = at + (not bare)
    while end < min(len(tokens), at + _LONGEST):
        word = tokens[end].low
        if word in grammar("cast", "breakers") or not (word[0].isalnum() or word == ","):
            return -1
        if end > at and word in grammar("cast", "determiners") - grammar("cast", "counts") - {"same"}:
            return -1
        if word == "," and tokens[end - 1].low not in people("describing"):
            return -1
        if head_kind(word) and _acts_after_and(tokens, at, end):
            return end
        if head_kind(word) and not _qualifies(tokens, end) and not _is_verb_here(tokens, at, end):
            owns = word.endswith(("'s", "’s")) and tokens[at].low in ("a", "an")  # "a spider's web" shows no spider
            return -1 if owns else _further(tokens, end)
        if bare or (end > at + 1 and finite(tokens, end, len(tokens))):
            return -1
        end += 1
    return -1


def _further(tokens: Sequence[Token], head: int) -> int:
    """Step on to the last noun of a compound: `giant ice wolf`, `dragon god`."""
    for end in (head + 2, head + 1):
        if end < len(tokens) and head_kind(tokens[end].low) and singular(tokens[end].low) == tokens[end].low:
            inside = tokens[head + 1 : end]
            if all(t.low[0].isalpha() and not t.low.endswith("s") and t.low not in OPENERS | _CLOSED for t in inside):
                return end
    return head


def noun_of_thing(tokens: list[Token], at: int) -> int:
    """Return where the noun of a thing is in the phrase that begins with a determiner at a token, or -1.

    Without one, only a plural that acts or is acted on counts: `tosses vegetables`.
    """
    if tokens[at].low not in grammar("cast", "determiners"):
        return at if _bare_things(tokens, at) else -1
    head = head_of(tokens, at)
    if head < 0:
        return -1
    word = tokens[head].low
    named = not word.isalpha() or word in _NO_NOUN or word in _ADJECTIVES
    if named or len(word) < 2 or singular(word) in people("never") or head_kind(word):
        return -1
    place = word in settings("places") or singular(word) in settings("places")
    return -1 if place and at and tokens[at - 1].text not in STOPS else head  # it is where, unless it acts


def head_of(tokens: list[Token], at: int) -> int:
    """Return where the last word is of the phrase that begins with a determiner at a token, or -1 if it is empty."""
    end = at + 1
    while end < min(len(tokens), at + _LONGEST) and not _ends_phrase(tokens, at, end):
        end += 1
    return end - 1 if end - 1 > at else -1


def _ends_phrase(tokens: list[Token], at: int, end: int) -> bool:
    word = tokens[end].low
    if not word[0].isalnum() or word in grammar("cast", "breakers") or word in OPENERS or adverb(word):
        return True
    if word in ("named", "called"):
        return True
    if end == at + 1:
        return False
    if word in _CLOSED:
        return True
    if word.endswith("ing"):  # a fishing boat, but not a boat fishing
        after = tokens[end + 1].low if end + 1 < len(tokens) else "."
        return not after[0].isalpha() or after in _CLOSED or after in OPENERS or adverb(after)
    return (
        _acts_after_and(tokens, at, end - 1)
        or finite(tokens, end, len(tokens))
        or unknown_verb(tokens, end, len(tokens))
    )


def _acts_after_and(tokens: Sequence[Token], at: int, head: int) -> bool:
    """Tell whether the verb of two who act together follows: `a red car and a blue car race through`."""
    if not at or tokens[at - 1].low != "and" or head + 2 >= len(tokens):
        return False
    word, after = tokens[head + 1].low, tokens[head + 2].low
    return word in known_verbs(word) and after in AFTER_VERB


def _bare_things(tokens: list[Token], at: int) -> bool:
    low = tokens[at].low
    if len(low) < 4 or not low.isalpha() or not low.endswith("s") or low.endswith(("ss", "us", "is")):
        return False
    if singular(low) in people("never") or head_kind(low) or low in _CLOSED:
        return False
    if any(stem in verbs("only") for stem in stems(low)):
        return False
    before = at - 1
    if at and tokens[before].low in _ADJECTIVES:
        before -= 1
    return before < 0 or finite(tokens, before, len(tokens)) or begins_event(tokens, before, len(tokens))


def _bare_plural(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a word without a determiner is somebody: `villagers`, `people`; not the verb in `she flies`."""
    low = tokens[at].low
    if not head_kind(low):
        return False
    if singular(low) == low and low not in ("people", "someone", "somebody"):
        return at == 0 and _sketched(tokens)
    verb = bool(known_verbs(low))
    return not verb or at == 0 or tokens[at - 1].low in OPENERS | {"of"}


def _sketched(tokens: Sequence[Token]) -> bool:
    """Tell who opens a line in which articles are left out: `Singer with blue hair in a pool`, `Cat sleeping`."""
    after = tokens[1].low if len(tokens) > 1 else ""
    return after in ("with", "in", "at", "on", "wearing", "(") or (after.endswith("ing") and bool(known_verbs(after)))


def _is_verb_here(tokens: Sequence[Token], at: int, head: int) -> bool:
    """Tell the verb in `a coat flies` from the noun in `the flies`.

    One thing has no plural, and only adjectives and numbers come before a noun.
    """
    low = tokens[head].low
    if singular(low) == low or not known_verbs(low):
        return False
    adjectives = _ADJECTIVES | grammar("cast", "counts")
    one = tokens[at].low in ("a", "an", "another", "one")
    return one or any(token.low not in adjectives for token in tokens[at + 1 : head])


def _qualifies(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a noun only qualifies the next word: `chef jacket`, `dog bowl`."""
    if at + 1 >= len(tokens):
        return False
    word, after = tokens[at].low, tokens[at + 1].low
    if not after[0].isalpha() or tokens[at + 1].text[0].isupper() or word.endswith(("'s", "’s", "s")):
        return False
    if head_kind(after) and not after.endswith("s"):
        return True
    if head_kind(word) == head_kind(after) == "person" and not known_verbs(after):
        return True  # "two rival chefs"
    if word in people("describing") and after not in _CLOSED | OPENERS and not after.endswith("s"):
        return True  # "a giant eye"
    if after in _CLOSED | OPENERS | people("describing") or after.endswith(("ly", "ed", "ing", "s")):
        return False
    verb = bool(known_verbs(after))
    return not verb and after not in words("verbs")["irregular"]


def called(phrase: str, *, plural: bool) -> str:
    """Return what somebody without a name is called: the noun and the word before it, without age and build."""
    counted = grammar("cast", "counts") if plural else frozenset()
    parts = [
        word.strip(",")
        for word in re.sub(r"['’]s?$", "", phrase).split()
        if word.lower().strip(",") not in grammar("cast", "determiners") or word.lower() in counted
    ][-3:]
    while len(parts) > 1 and parts[0].lower() in people("describing") and not plural:
        parts.pop(0)
    name = " ".join(parts)
    return name[:1].upper() + name[1:]


def qualifiers(phrase: str) -> list[str]:
    """Return the words of a phrase that tell one of a kind from another."""
    idle = grammar("cast", "idle") | grammar("cast", "determiners")
    return [word for word in re.findall(r"[\w'’-]+", phrase.lower())[:-1] if word not in idle]


def described(text: str, end: int, phrase: str) -> str:
    """Return the words that introduce somebody: the noun phrase and what is said of them right after.

    Args:
        text: The beat's text.
        end: Where the noun phrase ends in it.
        phrase: The noun phrase.
    """
    tail = re.match(
        r",?\s+((?:in|with|wearing|dressed in)\s+(?:an?|the|his|her|their|its|two|[a-z-]+)\b[^.,;:!?]*)", text[end:]
    )
    if not tail:
        return phrase
    if tail[1].lower().startswith("in ") and _is_place(tail[1]):
        return phrase  # "her mother in a burning forest" wears none
    stop = re.search(
        r"\s(?:who|which|that|then|and then|as|while|into|onto|through|from|across|over|and (?=[A-Z]))\b", tail[1]
    )
    extra = _before_verb(tail[1][: stop.start()] if stop else tail[1])
    return f"{phrase} {extra}".strip() if 2 < len(extra.split()) <= 10 else phrase


def _is_place(words_in: str) -> bool:
    """Tell whether `in a burning forest` says where."""
    return any(word in settings("places") for word in re.findall(r"[^\W\d_]+", words_in.lower())[1:5])


def _before_verb(extra: str) -> str:
    """Cut words at the verb that goes on with the sentence: `in a red coat meets a boy` to `in a red coat`."""
    irregular = words("verbs")["irregular"]
    for match in list(re.finditer(r"[^\W\d_]+", extra.lower()))[2:]:
        word = match[0]
        verb = word.endswith(("s", "ed")) and inflected(word)
        if word in irregular or verb:
            return extra[: match.start()].rstrip()
    return extra


def introduced(text: str, end: int, phrase: str) -> list[str]:
    """Return the words that introduce somebody: the phrase, what they wear, and what stands in parentheses."""
    inside = re.match(r"\s*\(([^)]+)\)", text[end:])
    return [described(text, end, phrase), *([inside[1].strip()] if inside else [])]


def worn(text: str, end: int) -> str:
    """Return what somebody wears or holds, where it is said right after their name: `in a blue coat`; else nothing."""
    return described(text, end, "").strip()
