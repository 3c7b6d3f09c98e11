"""Find what is said in prose: quotations in any script's marks, and who says them."""

import re
from collections.abc import Iterator

from reelgraph.video_tools.planning.sentences import OUTWARD, STRAIGHT

QUOTE = re.compile(
    rf"“([^”]+)”|{STRAIGHT}([^\"]+)\"|«\s*([^»]+?)\s*»|{OUTWARD}([^«»]+)«|„([^“”\"]+)[“”\"]"
    r"|「([^」]+)」|『([^』]+)』|‹([^›]+)›"
)
# A line of dialogue that a dash opens, as Spanish, French and Russian print it; a second dash leads to who says it.
_DASHED = re.compile(r"\s*[—–―]\s*(?P<said>\S.*?)(?:\s+[—–―]\s*(?P<tag>[^—–―]+?)(?:[—–―]\s*(?P<more>.+))?)?\s*$", re.S)
_END = ",.!?…—-。！？，、؟"
_NOUN = r"(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Tt]heir|[Mm]y|[Oo]ur)\s+(?:[\w'’-]+\s+){0,3}[\w'’-]+"
_NAME = rf"({_NOUN}|(?:(?:Dr|Mr|Mrs|Ms|Prof)\.?\s+)?[^\W\d_a-z][\w'’-]*(?:\s+[^\W\d_a-z][\w'’-]*)*|he|she|they|it)"
_VERB = r"(?:\w+ly\s+)?[^\W\d_]+(?:\s+\w+ly)?"
# What is in quotation marks after these is read, or is a name, and nobody says it.
_SIGN = re.compile(
    r"\b(?:reads?|reading|sign|signs|titled|labell?ed|named|called|words?|written|marked|saying|letters|headline|logo|slogan|banner"
    r"|inscribed|inscription|tattoo|caption|text|the|an?|of)\s*:?\s*$",
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
    found = list(QUOTE.finditer(words))
    speaker = ""
    for match in found:
        quoted = next(group for group in match.groups() if group).strip()
        before, after = words[: match.start()], words[match.end() :]
        if not quoted or not _is_said(quoted, before, after):
            continue
        speaker = _speaker(before, after) or speaker
        yield quoted.rstrip(",，"), speaker


def _named(tag: str) -> str:
    """Return who a dialogue's tag names in English or by a capital; other tags are left to who knows the language."""
    who = _speaker("", tag)
    plain = who.lower() in ("he", "she", "they", "it") or who[:1].isupper() or " " in who
    return who if (plain and not re.match(r"[^\x00-\x7f]", who.lower())) or who[:1].isupper() else ""


def _is_said(quoted: str, before: str, after: str) -> bool:
    """Tell speech from a sign or a name in quotation marks."""
    if _SIGN.search(before):
        return False
    if quoted[-1] in _END or re.search(r"[,:：，،]\s*$", before):
        return True
    return not before.strip() and (not after.strip(" .!?。") or bool(re.match(r"\s*[-–—,]", after)))


def _speaker(before: str, after: str) -> str:
    """Find who says quoted words: `sighs Ambrose` or `the keeper says` after them, `Mara turns and says,` before."""
    follows = re.match(rf"\s*,?\s*{_VERB}\s+{_NAME}\b", after)
    if follows and (follows[1][0].isupper() or follows[1] in ("he", "she", "they", "it") or " " in follows[1]):
        return follows[1]
    if match := re.match(rf"\s*,?\s*{_NAME}\s+[^\W\d_]+", after):
        return match[1]
    if before.strip() and (match := re.match(rf"\s*(?i:(?:then|and|but|finally|suddenly),?\s+)?{_NAME}\b", before)):
        return match[1]
    return ""
