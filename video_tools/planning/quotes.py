"""Find what is said in prose: quotations in any script's marks, and who says them."""

import re
from collections.abc import Iterator

from reelgraph.video_tools.planning.lexicon import grammar, people
from reelgraph.video_tools.planning.nouns import head_kind
from reelgraph.video_tools.planning.sentences import OUTWARD, STRAIGHT, led, sentences
from reelgraph.video_tools.planning.verbs import adverb

QUOTE = re.compile(
    rf"“([^”]+)”|{STRAIGHT}([^\"]+)\"|«\s*([^»]+?)\s*»|{OUTWARD}([^«»]+)«|„([^“”\"]+)[“”\"]"
    r"|「([^」]+)」|『([^』]+)』|‹([^›]+)›"
)
# A line of dialogue that a dash opens, as Spanish, French and Russian print it; a second dash leads to who says it.
_DASHED = re.compile(r"\s*[—–―]\s*(?P<said>\S.*?)(?:\s+[—–―]\s*(?P<tag>[^—–―]+?)(?:[—–―]\s*(?P<more>.+))?)?\s*$", re.S)
_FULL = ".!?…"
_COMMA = (",", "，")
# What parts the halves of a sentence: "Moon," she asked, "could you?"
_TAG = re.compile(r"\s*(?!(?:and|but|then|while|as)\b)[^\s.!?;:][^.!?;:]{0,60}[,，]\s*")
_END = ",.!?…—-。！？，、؟"
_DETERMINER = r"(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Tt]heir|[Mm]y|[Oo]ur)"
_GOES_ON = r"(?!(?:and|or|but|then|who|that|which|the|an?|his|her|their|my|our)\b)"
_NOUN = rf"{_DETERMINER}\s+(?:{_GOES_ON}[\w'’-]+\s+){{0,3}}{_GOES_ON}[\w'’-]+"
_PROPER = r"(?:(?:Dr|Mr|Mrs|Ms|Prof)\.?\s+)?[^\W\d_a-z][\w'’-]*(?:\s+[^\W\d_a-z][\w'’-]*)*|he|she|they|it"
_NAME = rf"({_NOUN}|{_PROPER})"
# Who stands right before a verb of saying: `At noon the old chef shouts,`.
_SAYING = re.compile(
    rf"(?<![\w'’-])({_DETERMINER}\s+(?:{_GOES_ON}[^\W\d_A-Z][\w'’-]*\s+){{0,3}}?{_GOES_ON}[^\W\d_A-Z][\w'’-]*|{_PROPER})"
    rf"\s+(?:\w+ly\s+)?(?:{'|'.join(grammar('quotes', 'says'))})\b"
)
_LINKED = re.compile(r"\b(?:then|and|but|finally|suddenly)\b", re.I)
# After these is where or with what, and not who says it: `in the kitchen`; but `when the boy` is who.
_LEADS = grammar("clauses", "openers") - frozenset(
    ["when", "as", "after", "before", "while", "if", "because", "since", "until", "once", "though", "although"]
)
_NOBODY = (
    grammar("cast", "not_names") | grammar("clauses", "openers") | grammar("clauses", "links") | grammar("cast", "mass")
) - people("pronouns_he") - people("pronouns_she") - people("pronouns_they") - people("pronouns_it")  # fmt: skip
_VERB = r"(?:\w+ly\s+)?(?!(?:and|but|then|while|as|or)\b)[^\W\d_]+(?:\s+\w+ly)?"
# What is in quotation marks after these is read, or is a name, and nobody says it.
_SIGN = re.compile(
    r"\b(?:reads?|reading|sign|signs|titled|labell?ed|named|called|words?|written|marked|saying|letters|headline|logo|slogan|banner"
    r"|inscribed|inscription|tattoo|caption|heading|readable|legible|text|the|an?|of)(?:\s+\w+ly)?\s*:?\s*$",
    re.I,
)


def spoken(words: str) -> Iterator[tuple[str, str]]:
    """Yield what is said in a sentence and who says it, as written; the speaker is empty where the sentence names
    nobody."""
    if dashed := _DASHED.match(words):
        more = (dashed["more"] or "").strip()
        tag = (dashed["tag"] or "").strip(" .,")
        yield " ".join(filter(None, [dashed["said"].strip().rstrip(","), more])), _named(tag) or tag
        return
    speaker, held, last = "", "", 0  # what was said up to a comma, and where it ended
    for match in QUOTE.finditer(words):
        quoted = next(group for group in match.groups() if group).strip()
        before, after = blanked(words[: match.start()]), words[match.end() :]
        if not quoted.strip(",， ") or not _is_said(quoted, before, after):
            continue
        goes_on = held[-1:] in _COMMA and _TAG.fullmatch(words, last, match.start())
        if held and not goes_on:
            yield held.rstrip(",，"), speaker
            held = ""
        speaker = (speaker if goes_on else "") or _speaker(before, quoted, after) or speaker
        held, last = f"{held} {quoted}".strip(), match.end()
    if held:
        yield held.rstrip(",，"), speaker


def blanked(words: str) -> str:
    """Return words with blanks for what is quoted in them."""
    return QUOTE.sub(lambda quoted: " " * len(quoted[0]), words)


def _named(tag: str) -> str:
    """Return who a dialogue's tag names in English or by a capital; other tags are left to who knows the language."""
    who = _speaker("", "", tag)
    plain = who.lower() in ("he", "she", "they", "it") or who[:1].isupper() or " " in who
    return who if (plain and not re.match(r"[^\x00-\x7f]", who.lower())) or who[:1].isupper() else ""


def _is_said(quoted: str, before: str, after: str) -> bool:
    """Tell speech from a sign or a name in quotation marks."""
    if _SIGN.search(before):
        return False
    if quoted[-1] in _END or re.search(r"[,:：，،]\s*$", before):
        return True
    return not before.strip() and (not after.strip(" .!?。") or bool(re.match(r"\s*[-–—,]", after)))


def _speaker(before: str, quoted: str, after: str) -> str:
    """Find who says quoted words: `sighs Ambrose` or `the keeper says` after them, `Mara turns and says,` before."""
    follows = re.match(rf"\s*,?\s*{_VERB}\s+{_NAME}\b", after)
    if follows and (follows[1][0].isupper() or follows[1] in ("he", "she", "they", "it") or " " in follows[1]):
        return _somebody(follows[1])
    if match := re.match(rf"\s*,?\s*{_NAME}\s+(?:\w+ly\s+)?([^\W\d_]+)", after):
        new = quoted[-1:] in _FULL and match[1][0].isupper()  # "“Closed.” The door opens" says nothing
        if not new or (match[2] in grammar("quotes", "says") and not led(before)):
            return _somebody(match[1])
    *_, (start, end) = [(0, 0), *sentences(before)]
    here = before[start:end]
    said = [match for match in _SAYING.finditer(here) if not _led(here, match.start())]
    if said and (who := _somebody(said[-1][1])):
        return who
    found = re.finditer(rf"(?<![\w'’-]){_NAME}\b", here)
    first = next(found, None)
    if first is None or re.search(r"\w", _LINKED.sub("", here[: first.start()])):
        return ""
    named = (_somebody(match[1]) for match in (first, *found) if not _led(here, match.start()))
    return next((who for who in named if who and not _is_thing(who)), "")


def _is_thing(who: str) -> bool:
    """Tell a thing, which speaks only where a verb says so, from a person or animal."""
    return re.match(rf"{_DETERMINER}\s", who) is not None and not any(map(head_kind, who.split()))


def _led(text: str, at: int) -> bool:
    """Tell whether a preposition leads to what stands at a place."""
    before = text[:at].split()
    return bool(before) and before[-1].lower() in _LEADS


def _somebody(name: str) -> str:
    """Return a name without the words at a sentence's head that name nobody: `When Mara` is Mara, and `In` nobody."""
    if re.match(rf"{_DETERMINER}\s", name):
        return name
    parts = name.split()
    while parts and (parts[0].lower() in _NOBODY or adverb(parts[0].lower())):
        parts.pop(0)
    return " ".join(parts)
