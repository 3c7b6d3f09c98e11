"""How long a shot lasts: from what is said, what happens, and the length asked for."""

import math
import re
from collections.abc import Iterable, Sequence
from functools import cache

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.planning.lexicon import is_any, listed
from reelgraph.video_tools.planning.sentences import unspaced, without_unspaced
from reelgraph.video_tools.planning.tokens import Token, tokens_of
from reelgraph.video_tools.planning.verbs import begins_event, finite

# Speech. Source: 150 words a minute is the usual pace of narration (National Center for Voice and Speech: about 150
# for English conversation); audio describers and e-learning scripts plan by the same figure.
WORDS_A_SECOND = 2.5
# Scripts without spaces. Source: Pellegrino, Coupé and Marsico (2011), "A cross-language perspective on speech
# information rate", Language 87(3): Mandarin 5.18 syllables (so characters) a second of speech; a fifth is taken off
# for pauses.
SIGNS_A_SECOND = 4.1
# Silence before and after a line, so that no cut lands on a word.
SPEECH_PAD = 0.6

# Action. Source: Cutting, Brunick, DeLong, Iricinschi and Candan (2011), "Quicker, faster, darker", i-Perception
# 2(6): the mean shot of current films lasts about 4 s; 2 and 5.5 s are about the quartiles around it.
QUICK, USUAL, SLOW = 2.0, 3.5, 5.0
ESTABLISHING = 4.0
# Every further action in one shot adds time.
MORE_ACTION = 1.0

# Titles. Source: BBC Subtitle Guidelines, 160-180 words a minute; and at least as long as one glance and a breath.
TITLE_WORDS_A_SECOND = 2.7
TITLE_LEAST = 2.5

SHORTEST = 0.8
# Why a shot is as long as it is where somebody said so: in words, a table, a timeline, or of the whole film.
_ASKED = re.compile(
    r"length(?: and place)?(?: [\d.]+ s)?: (?:the brief (?:gives|says)|a film of|scaled to a film|clip |\d[^,]*$)"
)
# A line may be said a quarter faster than usual, no more.
FASTER = 1.25


def speech_seconds(text: str) -> float:
    """Return how long words take to say, without pauses around them."""
    signs = unspaced(text)
    spaced = len(re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*", without_unspaced(text)))
    return signs / SIGNS_A_SECOND + spaced / WORDS_A_SECOND


def spoken_seconds(texts: Iterable[str]) -> float:
    """Return how long the lines of a shot take to say, one after another, with the silence around each."""
    return sum(speech_seconds(text) + SPEECH_PAD for text in texts)


def asked_for(why: Iterable[str]) -> bool:
    """Tell by a shot's reasons whether somebody asked for its length, or for the film's that it was scaled to."""
    return any(_ASKED.match(said) for said in why)


def title_seconds(text: str) -> float:
    """Return how long a title card stays."""
    return max(TITLE_LEAST, 1.0 + (len(text.split()) + unspaced(text) / 2) / TITLE_WORDS_A_SECOND)


def action_seconds(text: str, *, establishing: bool = False) -> tuple[float, str]:
    """Return how long what a passage describes takes on screen, and why.

    The first verb of a known pace decides; each further sentence, and each verb after `and` or a comma, adds time.
    """
    tokens = tokens_of(text)
    seconds, why = USUAL, "length: a usual shot"
    for at, token in enumerate(tokens):
        pace = _pace(token.low)
        if pace and (token.low.endswith("ing") or finite(tokens, at, len(tokens)) or _opens(tokens, at)):
            kind = "is quick" if pace == QUICK else "takes its time"
            seconds, why = pace, f"length: {token.low!r} {kind}"
            break
    more = sum(_opens(tokens, at) for at in range(1, len(tokens))) + sum(t.text in ".!?" for t in tokens[:-1])
    # What is described at length needs time to be seen, too: about a sentence more for a dozen words.
    more = max(more, (len(tokens) + unspaced(text) // 2 - 14) // 12)
    if more > 0:
        seconds, why = seconds + more * MORE_ACTION, f"{why}, and {more} more to see"
    if establishing and seconds < ESTABLISHING:
        seconds, why = ESTABLISHING, "length: an establishing shot needs time to be read"
    return seconds, why


@cache
def _pace(word: str) -> float:
    """Return the length of a shot of what a verb says; 0 for a word of no known pace."""
    return QUICK if is_any(word, listed("tempo", "quick")) else SLOW if is_any(word, listed("tempo", "slow")) else 0.0


def _opens(tokens: list[Token], at: int) -> bool:
    """Tell whether a verb follows `and`, a comma or the sentence's start: one more thing happens."""
    before = tokens[at - 1] if at else None
    return (before is None or before.text in ",;" or before.low in ("and", "then")) and begins_event(
        tokens, at, len(tokens)
    )


def scale(lengths: Sequence[float], least: Sequence[float], total: float) -> list[float]:
    """Stretch or squeeze lengths to a total exactly, none below its least.

    Halves of a second, which are whole frames at 24 and 30 a second, as long as they fit; else tenths or hundredths.

    Args:
        lengths: Seconds of each shot.
        least: What each needs at least, such as the time its line takes.
        total: Seconds asked for.

    Raises:
        InvalidRequest: The least lengths together are longer; the message says how long it must be.
    """
    total = round(total, 2)
    for steps in (2, 10, 100):  # a second
        whole = round(total * steps)
        floors = [max(1, math.ceil(value * steps - 1e-6)) for value in least]
        if abs(whole / steps - total) < 1e-9 and sum(floors) <= whole:
            return [value / steps for value in _share(lengths, floors, whole)]
    raise InvalidRequest(
        f"{total:g} s is too short for {len(lengths)} shots: ask for at least {math.ceil(sum(least))} s, "
        "or shorten the brief"
    )


def _share(lengths: Sequence[float], floors: Sequence[int], whole: int) -> list[int]:
    """Divide `whole` steps in proportion to `lengths`, none below its floor, by largest remainders."""
    fixed: set[int] = set()
    while True:
        rest = whole - sum(floors[i] for i in fixed)
        free = [i for i in range(len(lengths)) if i not in fixed]
        share = rest / (sum(lengths[i] for i in free) or 1)
        low = {i for i in free if lengths[i] * share < floors[i]}
        if not low:
            break
        fixed |= low
    exact = {i: lengths[i] * share for i in free}
    out = [floors[i] if i in fixed else int(exact[i]) for i in range(len(lengths))]
    order = sorted(free, key=lambda i: (int(exact[i]) - exact[i], i)) or [len(out) - 1]
    for step in range(whole - sum(out)):
        out[order[step % len(order)]] += 1
    return out
