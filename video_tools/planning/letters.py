"""Find what of a brief is the letter around it: greeting, introduction, wishes to whoever makes the film, goodbye."""

import re
from collections.abc import Sequence

from reelgraph.video_tools.planning.blocks import Block, unmarked
from reelgraph.video_tools.planning.labels import label_in

_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|sehr geehrte[rs]?|moin"
    r"|hola|buen[oa]s (?:días|tardes)|querid[oa]s?|estimad[oa]s?|bonjour|salut|ch[eè]re?s?)\b[^.!?:\n]{0,40}[,!]",
    re.I,
)
_GOODBYE = re.compile(
    r"(?:cheers|best|(?:kind(?:est)?|best|warm(?:est)?) (?:regards|wishes)|regards|all the best"
    r"|(?:many )?thanks(?: (?:a lot|so much|in advance))?"
    r"|thank you(?: so much)?|with love|love|yours(?: sincerely| truly| faithfully)?|sincerely|x{1,3}|talk soon|see you"
    r"|lg|vg|mfg|(?:viele|liebe|beste|herzliche) grüße|mit freundlichen grüßen|danke"
    r"|saludos(?: cordiales)?|un abrazo|gracias|cordialement|merci|à bientôt)\s*[,.!]?",
    re.I,
)
_SENT = re.compile(
    r"(?:sent from (?:my|outlook|mail)|von meinem \w+ gesendet|enviado desde mi|envoyé de mon)\b.{0,40}", re.I
)
_SIGNED_LINES, _SIGNED_WORDS = 3, 6


def frame_of(text: str, found: Sequence[Block]) -> list[Block]:
    """Return those of a brief's blocks that speak to its maker, if it is a letter; they show nothing.

    A letter begins with a greeting on a line of its own. What introduces its list, and what it says after the list
    without a label, is about the film and not in it.
    """
    frame = [block for block in found[-1:] if _SENT.fullmatch(_words(text, block))]
    # a poem's first line, with others under it, greets nobody who makes films
    if not found or found[0].kind != "paragraph" or not _GREETING.fullmatch(_words(text, found[0])):
        return frame
    goodbye = next((n for n in range(1, len(found)) if _says_goodbye(text, found[n:])), len(found))
    if _words(text, found[0])[-1] == "!" and goodbye == len(found):  # "Hello, Anna!" may be cried
        return frame
    frame.append(found[0])
    items = [n for n, block in enumerate(found[:goodbye]) if block.kind == "item"]
    for n, block in enumerate(found[1:], 1):
        introduces = bool(items) and n < items[0] and _words(text, block).endswith(":")
        wishes = len(items) > 1 and items[-1] < n and not label_in(text, _words(text, block))
        if block in frame:
            continue
        if n >= goodbye or (block.kind == "paragraph" and (introduces or wishes)):
            frame.append(block)
    return frame


def _words(text: str, block: Block) -> str:
    return unmarked(text[block.start : block.end]).strip()


def _says_goodbye(text: str, rest: Sequence[Block]) -> bool:
    """Whether what is left is a goodbye and who signs it."""
    lines = [line.strip() for block in rest for line in text[block.start : block.end].splitlines() if line.strip()]
    lines = [line for line in lines if not _SENT.fullmatch(line)]
    first, signed = lines[:1], lines[1:]
    return (
        any(_GOODBYE.fullmatch(line) for line in first)
        and len(signed) <= _SIGNED_LINES
        and all(len(line.split()) <= _SIGNED_WORDS and line[-1] not in ".?" for line in signed)
    )
