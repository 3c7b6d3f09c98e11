"""Find sentences in any script, as places in the text."""

import re
from collections.abc import Iterator

from reelgraph.video_tools.planning.lexicon import grammar

# Sentence-final marks of the scripts in use. Source: Unicode property Sentence_Terminal, the marks that end sentences
# in modern text.
_LATIN_END = ".!?…"
_OTHER_END = "。！？｡؟۔।॥։።៕၏"
_CLOSE = "\"'”’“»«›」』）)]】》*_"
_END = re.compile(rf"[{re.escape(_LATIN_END + _OTHER_END)}]+[{re.escape(_CLOSE)}]*(?:[ \u00a0\u202f]»(?!\w))?")
# What closes a quotation that a sign opens; „so“ and »so« in German.
_CLOSES = {"“": "”", "„": '“”"', "«": "»", "»": "«", "「": "」", "『": "』", '"': '"'}
# No quotation opens right after a digit, as in 27" monitor, nor where one only can be closed; but in `says…"Stop!"`.
STRAIGHT = r'(?<!\d)(?:(?<![.!?…])"|"(?=\w))'
OUTWARD = r"(?<![^\s(\[—–-])»"
_QUOTES = re.compile(rf"(?P<opens>[“„«「『]|{OUTWARD}|{STRAIGHT})|[\"”»」』]")
# What goes on with a sentence after a quotation that ended in one, in Chinese and Japanese: who said it.
_GOES_ON = re.compile(r"と|って|[、，]|[^。！？\n]{0,8}[说說道问問喊叫答笑]")
# And in English and German: "Grow!" Robo says. Before the next quotation, it leads to that one.
_SAYS = "|".join(grammar("quotes", "says"))
_SAID = re.compile(rf"\s+[A-Z][\w'’-]*(?:\s+(?!who\b|that\b)[\w'’-]+){{0,2}}\s+(?:{_SAYS})\b(?!\s*[,:]\s*[\"“„«])")
_LED = re.compile(rf"\b(?:{_SAYS}|{'|'.join(grammar('quotes', 'reads'))})\b[^.!?\"“”„«»]*[.…]*\s*$")
_SHORT, _NUMBERED = grammar("sentences", "abbreviations"), grammar("sentences", "numbered")


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield `(start, end)` of each sentence of `text[start:end]`, without white space around it.

    A blank line always ends a sentence; quotes keep theirs together with what follows in lower case ("Stop!" she said).
    """
    end = len(text) if end is None else end
    at = start
    for block in re.finditer(r"(?:(?!\n[ \t\x01]*\n).)+", text[start:end], re.S):
        at, stop = start + block.start(), start + block.end()
        for mark in _END.finditer(text, at, stop):
            if mark.start() >= at and _ends(text, at, mark, stop):
                yield from _trimmed(text, at, mark.end())
                at = mark.end()
        yield from _trimmed(text, at, stop)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and (text[start].isspace() or text[start] == "\x01"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] == "\x01"):
        end -= 1
    if start < end:
        yield start, end


def _ends(text: str, at: int, mark: re.Match[str], stop: int) -> bool:
    """Tell whether a mark ends the sentence that began at `at`."""
    if mark[0][0] in _OTHER_END:
        quoted = mark[0][-1] in _CLOSE and _GOES_ON.match(text, mark.end())
        return not quoted and not _inside_quotes(text[at : mark.end()])
    if mark[0][-1] in "」』" and _GOES_ON.match(text, mark.end()):
        return False
    follows = text[mark.end() : min(mark.end() + 40, stop)]
    if follows and not follows[0].isspace() and not unspaced(follows[0]):
        return False  # 3.5, www.example.org, U.S.A
    if mark[0] == "." and text[at : mark.start()].strip().isdecimal() and mark.start() - at < 3:
        return False  # "1. A student opens the app" is one
    if mark[0][-1] in '"”“' and _SAID.match(text, mark.end(), stop):
        *_, opening = [0, *(found.start() for found in _QUOTES.finditer(text, at, mark.start()) if found["opens"])]
        return led(text[at:opening])
    following = follows.lstrip(" \t\n\x01\"'“‘„«»([*_—-")
    if following[:1].islower() and not (_small(text, at) and mark[0] in ".!?"):
        return False
    before = re.search(r"[^\s\"'“(]*$", text[at : mark.start()])
    word = before[0].lower() if before else ""
    if mark[0] == "." and word in _NUMBERED and following[:1].isdigit():
        return False
    if mark[0][0] == "." and (word in _SHORT or re.fullmatch(r"[A-HJ-ZÀ-ÞА-Я]", before[0] if before else "")):
        return not following  # an initial or an abbreviation ends a sentence only at the very end
    return not _inside_quotes(text[at : mark.end()])


def _small(text: str, at: int) -> bool:
    """Tell whether a sentence begins in lower case, as whoever writes all in it begins the next one, too."""
    first = re.compile(r"[^\W_]").search(text, at)
    return first is not None and first[0].islower()


def led(before: str) -> bool:
    """Tell whether somebody says or reads a quotation already before it: `Mara says,`, `Mara:`; not `On the phone:`.

    Whoever calls a taxi after it then says another thing.
    """
    first = before.split(maxsplit=1)[:1]
    named = before.rstrip().endswith(":") and first[0].lower() not in grammar("clauses", "openers")
    return named or _LED.search(before) is not None


def _inside_quotes(sentence: str) -> bool:
    """Tell whether a quotation opened in the sentence is still open; a stray mark cannot hold a sentence for ever."""
    if len(sentence) > 600:
        return False
    opened = ""
    for mark in _QUOTES.finditer(sentence):
        if not opened:
            opened = mark["opens"] or ""
        elif mark[0] in _CLOSES[opened]:
            opened = ""
    return opened != ""


_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


def unspaced(text: str) -> int:
    """Count the signs of scripts written without spaces: Han, kana, Thai, Lao, Khmer, Burmese."""
    return 0 if text.isascii() else len(_UNSPACED.findall(text))


def without_unspaced(text: str) -> str:
    """Return a text with blanks for the signs of scripts written without spaces."""
    return text if text.isascii() else _UNSPACED.sub(" ", text)


def is_named(name: str, text: str) -> bool:
    """Tell whether a text has a name as a word of its own; scripts without spaces part it from nothing."""
    name, text = name.casefold(), text.casefold()
    return name in text if unspaced(name) else re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
