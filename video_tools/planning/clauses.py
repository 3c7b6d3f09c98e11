"""Split an English sentence into the events that it tells, each with its subject.

`A bee flies into a hive, does a waggle dance, and then shares nectar` is three events, and the bee does all of them.
Other languages keep their sentences whole, save at marks that separate clauses in every script.
"""

import re
from dataclasses import dataclass

from reelgraph.video_tools.planning.lexicon import grammar, stems, verbs, words


@dataclass(frozen=True)
class Clause:
    """One event.

    Attributes:
        start: Where its words begin in the text.
        end: Where they end (exclusive).
        text: The words, with the subject said where the sentence leaves it out.
        subject: The noun phrase that acts, as first said; empty where none was recognised.
        carried: Whether the subject was said in an earlier clause only.
    """

    start: int
    end: int
    text: str
    subject: str = ""
    carried: bool = False


_WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*['’]?|[,;:()\"“”—–]")
_BE = grammar("clauses", "be")
_DETERMINERS = grammar("clauses", "determiners")
_PRONOUNS = grammar("clauses", "pronouns")
_PLURALS = grammar("clauses", "plurals")
_LINKS = grammar("clauses", "links")
_OPENERS = grammar("clauses", "openers")
_AFTER_VERB = _DETERMINERS | _PRONOUNS | _OPENERS | grammar("clauses", "particles")


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.lower()


def clauses(text: str, start: int, end: int, subject: str = "") -> list[Clause]:
    """Split `text[start:end]`, one sentence.

    Args:
        text: The whole brief.
        start: Where the sentence begins.
        end: Where it ends.
        subject: Who acted last, for a sentence that begins with its verb.
    """
    tokens = [_Token(m[0], m.start(), m.end()) for m in _WORD.finditer(text, start, end)]
    cuts = [0]
    for at in range(1, len(tokens)):
        if _may_split(tokens, at) and at - cuts[-1] > 1:
            body = _skip_links(tokens, at + (tokens[at].text in ",;—–"))
            if _stands_alone(tokens[cuts[-1] : at]) and _is_event(tokens, body):
                cuts.append(at)
    out: list[Clause] = []
    for n, first in enumerate(cuts):
        last = cuts[n + 1] if n + 1 < len(cuts) else len(tokens)
        part = tokens[first:last]
        begin = first + (part[0].text in ",;—–" if n else 0)
        where = tokens[begin].start if n else start
        stop = tokens[last - 1].end if last < len(tokens) else end
        said = text[where:stop].strip()
        body = _skip_links(tokens, begin)
        own = _subject(tokens, body, last)
        if own:
            subject = own
            out.append(Clause(where, stop, said, subject))
        elif n and subject and body < last:
            out.append(Clause(where, stop, _with_subject(text, tokens, begin, body, stop, subject, out), subject, True))
        else:
            out.append(Clause(where, stop, said, subject if n else ""))
    return out


def _may_split(tokens: list[_Token], at: int) -> bool:
    """Tell whether a new event may begin at a token: after a comma or semicolon, or at `and then`."""
    token = tokens[at]
    if token.text in ",;—–":
        return True
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if token.low in ("and", "but") and tokens[at - 1].text not in ",;—–":
        return following in ("then", "finally", "suddenly", "eventually") or token.low == "but"
    return token.low == "then" and tokens[at - 1].low not in ("and", "but", ",", ";")


def _skip_links(tokens: list[_Token], at: int) -> int:
    """Step over `and then`, `finally,` and adverbs to the words of the event."""
    while at < len(tokens) and (tokens[at].low in _LINKS or tokens[at].text == "," or _adverb(tokens[at].low)):
        at += 1
    return at


def _adverb(word: str) -> bool:
    return len(word) > 4 and word.endswith("ly") and word not in grammar("clauses", "ly_nouns")


def _stands_alone(part: list[_Token]) -> bool:
    """Tell whether words hold a verb of their own, so that what follows may be another event."""
    at = _skip_links(part, 0)
    if at < len(part) and part[at].low in _OPENERS:  # "When the rain stops," waits for its main clause
        return (
            any(token.text == "," for token in part[at:])
            and _verb(part, at + 1, len(part), after_comma=True) is not None
        )
    return _is_event(part, at)


def _is_event(tokens: list[_Token], at: int) -> bool:
    """Tell whether an event begins at a token: a verb, or a noun phrase and its verb before the next comma."""
    if at >= len(tokens):
        return False
    if _finite(tokens, at, first=True) or _passive_head(tokens, at):
        return True
    if tokens[at].low in _OPENERS or tokens[at].low in ("who", "which", "that", "or", "as"):
        return False
    return _verb(tokens, at, _next_stop(tokens, at)) is not None


def _next_stop(tokens: list[_Token], at: int) -> int:
    while at < len(tokens) and tokens[at].text not in ",;—–":
        at += 1
    return at


def _verb(tokens: list[_Token], at: int, stop: int, *, after_comma: bool = False) -> int | None:
    """Find the first finite verb after a noun phrase; a relative clause's own verb does not count."""
    if after_comma:
        while at < stop and tokens[at].text != ",":
            at += 1
    skip = False
    for n in range(at, stop):
        low = tokens[n].low
        if low in ("who", "which", "that") and n > at:
            skip = True
            continue
        if _finite(tokens[:stop], n, first=False) and n > at:
            if skip:
                skip = False
                continue
            return n
    return None


def _finite(tokens: list[_Token], at: int, *, first: bool) -> bool:
    """Tell whether a token is a finite verb; `first` where it would begin its event, its subject left out."""
    low = tokens[at].low
    before = tokens[at - 1].low if at else ""
    after = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if low in _BE:
        return True
    if (
        not first
        and (before in _DETERMINERS or before in ("to", "of") or before.endswith(("'s", "’s")))
        and before not in _PLURALS | {"that"}
    ):
        return False
    irregular = words("verbs")["irregular"]
    if low in irregular:
        return first is False or low not in ("left", "ground", "found", "felt", "saw") or after in _AFTER_VERB
    known = [stem for stem in stems(low) if stem in verbs("only") or stem in verbs("both")]
    if not known:
        # an unknown word: "boxes with", "hops away" are verbs by what follows
        return (
            first
            and low.endswith("s")
            and not low.endswith("ss")
            and after in _AFTER_VERB - {"and", "or"}
            and len(low) > 3
        )
    sure = any(stem in verbs("only") for stem in known)
    if low.endswith("ing"):
        return False
    if low.endswith("s") and known[0] != low:
        return (
            sure
            if not first and at + 1 < len(tokens) and after not in _AFTER_VERB
            else True
            if sure
            else (
                after in _AFTER_VERB or at + 1 == len(tokens) or after in ",;" or (first and after not in ("and", "or"))
            )
        )
    if low.endswith("ed"):
        return before not in _DETERMINERS and (after in _AFTER_VERB or after in ",;" or (sure and not first))
    # a base form needs a plural subject, or a modal before it
    if first:
        return sure and after in _AFTER_VERB
    plural = (before.endswith("s") and not before.endswith(("ss", "'s", "’s", "us"))) or before in _PLURALS
    return plural and (sure or after in _AFTER_VERB or at + 1 == len(tokens))


def _passive_head(tokens: list[_Token], at: int) -> bool:
    """Tell whether a passive goes on: `is wound up, released by ...`, `are adjusted, ... closed again`."""
    low = tokens[at].low
    after = tokens[at + 1].low if at + 1 < len(tokens) else ""
    participle = low.endswith("ed") or low in words("verbs")["irregular"]
    earlier = any(token.low in ("is", "are", "was", "were") for token in tokens[:at])
    return (
        participle and earlier and (after in _OPENERS or after in ("again", "up", "down", "off", "out", "away", "back"))
    )


def _subject(tokens: list[_Token], at: int, stop: int) -> str:
    """Return the noun phrase before the event's verb, as written; nothing where the event begins with its verb."""
    if at >= stop:
        return ""
    verb_first = _finite(tokens, at, first=True) and tokens[at].low not in _DETERMINERS | _PRONOUNS
    if verb_first and not _noun_first(tokens, at, stop):
        return ""
    if tokens[at].low in _OPENERS:
        comma = _next_stop(tokens, at)
        if comma + 1 >= stop:
            return ""
        at = _skip_links(tokens, comma + 1)
    verb = _verb(tokens, at, stop)
    if verb is None:
        return ""
    end = at
    while (
        end < verb
        and tokens[end].text not in ",("
        and tokens[end].low not in ("who", "which", "that")
        and not (tokens[end].low in _OPENERS and tokens[end].low != "of" and end > at)
    ):
        end += 1
    while end > at + 1 and _adverb(tokens[end - 1].low):
        end -= 1
    phrase = " ".join(token.text for token in tokens[at:end])
    return phrase if phrase.lower() not in _LINKS else ""


def _noun_first(tokens: list[_Token], at: int, stop: int) -> bool:
    """Tell a plural noun that looks like a verb (`Waves splash`) by the verb right after it."""
    return at + 1 < stop and tokens[at].low.endswith("s") and _finite(tokens, at + 1, first=False)


def _with_subject(
    text: str, tokens: list[_Token], begin: int, body: int, stop: int, subject: str, before: list[Clause]
) -> str:
    """Write an event with the subject that the sentence left out: `and then the bee shares nectar`."""
    lead = text[tokens[begin].start : tokens[body].start]
    rest = text[tokens[body].start : stop].strip()
    if (_passive_head(tokens, body) and not _finite(tokens, body, first=True)) or (
        rest.split()[0].lower().endswith("ed") and _passive_head(tokens, body)
    ):
        rest = ("are " if subject.lower().split()[-1].endswith("s") else "is ") + rest
    adverbs = lead.strip(" ,")
    adverbs = re.sub(r"^(?:and|but)\b,?\s*", lambda m: m[0].lower(), adverbs, flags=re.I)
    said = f"{adverbs} {definite(subject)} {rest}" if adverbs else f"{definite(subject)} {rest}"
    return said[:1].upper() + said[1:]


def definite(phrase: str) -> str:
    """Return how a noun phrase is said again: `A young boy` becomes `the young boy`."""
    first, _, rest = phrase.partition(" ")
    low = first.lower()
    if low in ("a", "an", "one", "another", "some", "several"):
        return f"the {rest}"
    if low in _DETERMINERS or low in _PRONOUNS:
        return f"{low} {rest}".strip()
    if first[:1].isupper() and low in _plain_words() and not rest[:1].isupper():
        return f"the {low} {rest}".strip()
    return phrase if first[:1].isupper() else f"the {phrase}"


def _plain_words() -> frozenset[str]:
    people = words("people")
    plain: set[str] = set()
    for kind in ("person", "animal", "object"):
        for word in people[kind].split():
            plain |= {word, word + "s", word + "es"}
    return frozenset(plain | verbs("only") | verbs("both") | {w + "s" for w in verbs("both")})
