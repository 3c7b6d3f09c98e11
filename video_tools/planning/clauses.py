"""Split an English sentence into the events that it tells, each with its subject.

`A bee flies into a hive, does a waggle dance, and then shares nectar` is three events, and the bee does all of them.
Other languages keep their sentences whole.
"""

import re
from dataclasses import dataclass
from functools import cache

from reelgraph.video_tools.planning.lexicon import grammar, known_verbs, people, stems, verbs, words
from reelgraph.video_tools.planning.tokens import STOPS, Token, tokens_of
from reelgraph.video_tools.planning.verbs import (
    BE,
    DETERMINERS,
    LINKS,
    OPENERS,
    PRONOUNS,
    RELATIVE,
    adverb,
    begins_event,
    find_verb,
    finite,
    passive_goes_on,
    skip_links,
    unknown_verb,
)  # fmt: skip


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


TIME_COMES = re.compile(
    r"(?:the |a )?(?:night|dawn|day|morning|evening|dusk|darkness|winter|spring|summer|autumn|silence) "
    r"(?:comes?|falls?|breaks?|arrives?|ends?|came|fell|broke|arrived|ended)"
    r"|(?:in |for )?(?:the )?(?:first|opening|next|last|final|closing) (?:shot|scene|image|frame|picture)"
)
_TIMES = frozenset(
    [
        "day",
        "days",
        "night",
        "morning",
        "evening",
        "time",
        "moment",
        "later",
        "ago",
        "once",
        "year",
        "years",
        "week",
        "month",
        "fact",
        "course",
        "all",
        "first",
        "last",
        "while",
    ]
)
_TURNED = re.compile(
    r"\b(?:turns?|transforms?|changes?|morphs?|turned|transformed|changed) into "
    r"((?:an?|the) (?:[\w-]+ ){0,2}?[\w-]+)(?=[.,;!?]|$)",
    re.I,
)


def clauses(text: str, start: int, end: int, subject: str = "") -> list[Clause]:
    """Split `text[start:end]`, one sentence.

    Args:
        text: The whole brief.
        start: Where the sentence begins.
        end: Where it ends.
        subject: Who acted last, for a sentence that begins with its verb.
    """
    tokens = tokens_of(text, start, end)
    cuts = _cuts(tokens)
    out: list[Clause] = []
    passive = ""  # what was acted on last: `are adjusted, ..., and then closed again`
    for n, first in enumerate(cuts):
        last = cuts[n + 1] if n + 1 < len(cuts) else len(tokens)
        begin = first + (n > 0 and tokens[first].text in STOPS)
        where = tokens[begin].start if n else start
        stop = tokens[last - 1].end if last < len(tokens) else end
        said = text[where:stop].strip()
        body = skip_links(tokens, begin)
        if own := _subject(tokens, body, last):
            out.append(Clause(where, stop, said, own))
            # what follows "darkness falls" is done by who acted before
            subject = subject if n and subject and own.lower() in grammar("cast", "mass") else own
        elif n and subject and body < last and _goes_on(tokens, body):
            if passive and passive_goes_on(tokens, body, len(tokens)) and not _active(tokens, body):
                subject = passive
            out.append(Clause(where, stop, _with_subject(text, tokens, begin, body, stop, subject), subject, True))
        else:
            out.append(Clause(where, stop, said, subject if n else ""))
        if re.search(r"\b(?:is|are|was|were) (?:\w+ly )?\w+(?:ed|en|n|t)\b", said):
            passive = out[-1].subject
        if turned := _TURNED.search(said):  # what turns into a bird is a bird from then on
            subject = turned[1]
    return out


def _goes_on(tokens: list[Token], at: int) -> bool:
    """Tell whether a verb stands at a token, which whoever acted before may do."""
    return begins_event(tokens, at, len(tokens)) or passive_goes_on(tokens, at, len(tokens))


def _cuts(tokens: list[Token]) -> list[int]:
    """Return the tokens at which events begin."""
    cuts = [0]
    quoted = False
    for at in range(1, len(tokens)):
        if tokens[at - 1].text in '"“”' and (quoted or not _inches(tokens, at - 1)):
            quoted = not quoted
        if quoted or not _may_split(tokens, at) or at - cuts[-1] < 2:
            continue
        body = skip_links(tokens, at + (tokens[at].text in STOPS))
        if tokens[at].text == ";" and min(at - cuts[-1], len(tokens) - body) > 2:  # whoever writes one means two
            cuts.append(at)
            continue
        if not _is_event(tokens, body, len(tokens)):
            continue
        first = skip_links(tokens, cuts[-1] + (tokens[cuts[-1]].text in STOPS))
        own = not begins_event(tokens, body, len(tokens)) or _plural(tokens, body, len(tokens))
        if own and _time_comes(tokens, first, at):  # "Night comes, and Bo spins" is one shot
            continue
        if _stands_alone(tokens, cuts[-1], at) or (own and _is_picture(tokens, first, at)):
            cuts.append(at)
    return cuts


def _inches(tokens: list[Token], at: int) -> bool:
    return at > 0 and tokens[at - 1].end == tokens[at].start and tokens[at - 1].text[-1].isdigit()


def _may_split(tokens: list[Token], at: int) -> bool:
    """Tell whether a new event may begin at a token: after a comma or semicolon, or at `and then`."""
    token, before = tokens[at], tokens[at - 1]
    if token.text in STOPS:
        return True
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if token.low in ("and", "but") and before.text not in STOPS:
        return token.low == "but" or following in ("then", "finally", "suddenly", "eventually")
    return token.low == "then" and before.text not in STOPS and before.low not in ("and", "but")


def _stands_alone(tokens: list[Token], first: int, stop: int) -> bool:
    """Tell whether words hold a verb of their own, so that what follows may be another event."""
    at = skip_links(tokens, first + (tokens[first].text in STOPS))
    if at < stop and tokens[at].low in OPENERS:  # "When the rain stops," waits for its main clause
        comma = next((n for n in range(at, stop) if tokens[n].text == ","), stop)
        return comma < stop and find_verb(tokens, comma, stop) is not None
    if at >= stop:
        return False
    return _is_event(tokens, at, stop) or any(unknown_verb(tokens, n, stop) for n in range(at + 1, stop))


def _time_comes(tokens: list[Token], at: int, stop: int) -> bool:
    """Tell what only says when: `Night comes, and Bo spins` is one shot."""
    said = " ".join(token.low for token in tokens[at:stop] if token.text not in STOPS)
    return TIME_COMES.fullmatch(said) is not None


def _is_picture(tokens: list[Token], at: int, stop: int) -> bool:
    """Tell whether words without a verb are something seen: `morning light`, and not `one day` or `young and brave`."""
    part = [token for token in tokens[at:stop] if token.text not in STOPS]
    if not part or _time_comes(tokens, at, stop) or any(not token.low[0].isalpha() for token in part) or len(part) > 8:
        return False
    last = part[-1].low
    if last in words("colours")["words"] and len(part) > 1:
        return False  # "three balls, red, green and blue," waits for its verb
    if last in _TIMES or last in people("describing") or last.endswith(("ly", "ed", "ing")) or part[0].low in PRONOUNS:
        return False
    phrase = part[0].low in DETERMINERS or len(part) > 1
    return phrase and part[0].low not in OPENERS and not any(token.text[0].isupper() for token in part[1:])


def _is_event(tokens: list[Token], at: int, end: int) -> bool:
    """Tell whether an event begins at a token: a verb, or a noun phrase and its verb before the next comma."""
    if at >= end:
        return False
    if tokens[at].low.endswith("ing") and known_verbs(tokens[at].low):
        return False  # "breaking through the defence" goes on with what came before
    if begins_event(tokens, at, end) or passive_goes_on(tokens, at, end):
        return True
    if tokens[at].low in OPENERS | RELATIVE or tokens[at].low in ("or", "as"):
        return False
    stop = next((n for n in range(at, end) if tokens[n].text in STOPS), end)
    if find_verb(tokens, at, stop) is not None:
        return True
    # "steam fogs the window": a verb that no list has, by its object
    return any(unknown_verb(tokens, n, stop) and tokens[n + 1].low in DETERMINERS for n in range(at + 1, stop - 1))


def _subject(tokens: list[Token], at: int, stop: int) -> str:
    """Return the noun phrase before the event's verb, as written; nothing where the event begins with its verb."""
    if at >= stop:
        return ""
    if contracted := re.match(r"(it|he|she|they|there)['’]", tokens[at].low):
        return contracted[1]
    verb_first = begins_event(tokens, at, stop) and tokens[at].low not in DETERMINERS | PRONOUNS
    if verb_first and not _plural(tokens, at, stop):
        return ""
    if tokens[at].low in OPENERS:
        comma = next((n for n in range(at, stop) if tokens[n].text in STOPS), stop)
        if comma + 1 >= stop:
            return ""
        at = skip_links(tokens, comma + 1)
    verb = find_verb(tokens, at, stop)
    if verb is None:
        verb = next((n for n in range(at + 1, stop) if unknown_verb(tokens, n, stop)), None)
    if verb is None:
        return ""
    end = at
    while end < verb and tokens[end].text not in ",(" and tokens[end].low not in RELATIVE:
        if tokens[end].low in OPENERS and tokens[end].low != "of" and end > at:
            break
        end += 1
    while end > at + 1 and adverb(tokens[end - 1].low):
        end -= 1
    phrase = " ".join(token.text for token in tokens[at:end])
    return phrase if phrase.lower() not in LINKS else ""


def _plural(tokens: list[Token], at: int, stop: int) -> bool:
    """Tell the noun in `Waves splash` from the verb in `adds sprinkles`: many do without the -s that one needs."""
    noun = (
        tokens[at].low.endswith("s")
        and tokens[at].low not in BE
        and any(s in verbs("both") for s in stems(tokens[at].low))
    )
    return noun and at + 1 < stop and not tokens[at + 1].low.endswith("s") and finite(tokens, at + 1, stop)


def _with_subject(text: str, tokens: list[Token], begin: int, body: int, stop: int, subject: str) -> str:
    """Write an event with the subject that the sentence left out: `and then the bee shares nectar`."""
    rest = text[tokens[body].start : stop].strip()
    if passive_goes_on(tokens, body, len(tokens)) and not _active(tokens, body):
        rest = ("are " if subject.lower().split()[-1].endswith("s") else "is ") + rest
    lead = text[tokens[begin].start : tokens[body].start].strip(" ,")
    lead = re.sub(r"^(?:and|but)\b,?\s*", lambda match: match[0].lower(), lead, flags=re.I)
    return capital(f"{lead} {definite(subject)} {rest}".strip())


def capital(text: str) -> str:
    """Begin a text with a capital, where its first letter has one that is the same letter."""
    first = text[:1].upper()
    return first + text[1:] if first.lower() == text[:1] else text


def _active(tokens: list[Token], at: int) -> bool:
    """Tell a past that is told (`played with it`) from a participle (`placed on a square`) by the tense before."""
    past = any(token.low in ("was", "were") or (token.low.endswith("ed") and n) for n, token in enumerate(tokens[:at]))
    return past and not any(token.low in ("is", "are", "was", "were") for token in tokens[:at])


def definite(phrase: str) -> str:
    """Return how a noun phrase is said again: `A young boy` becomes `the young boy`."""
    first, _, rest = phrase.partition(" ")
    low = first.lower()
    if low in ("a", "an", "one", "another", "some", "several") and rest:
        return f"the {rest}"
    if low in DETERMINERS or low in PRONOUNS:
        return f"{low} {rest}".strip()
    if first[:1].isupper() and low in _plain_words() and not rest[:1].isupper():
        return f"the {low} {rest}".strip()
    return phrase if first[:1].isupper() else f"the {phrase}"


@cache
def _plain_words() -> frozenset[str]:
    """Return ordinary words that a sentence may begin with in capitals."""
    plain = people("person") | people("animal") | people("object") | verbs("only") | verbs("both")
    return frozenset(plain | {f"{word}s" for word in plain} | {f"{word}es" for word in plain})
