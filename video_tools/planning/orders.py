"""Tell what a brief orders, `A 15-second ad for running shoes.`, from what happens in it."""

import re
from dataclasses import dataclass

from reelgraph.video_tools.planning.directions import UNITS
from reelgraph.video_tools.planning.tokens import tokens_of
from reelgraph.video_tools.planning.verbs import find_verb

# "A 15-second ad for running shoes." orders a film; "A short film about a cat who sails." tells it.
_ORDER = re.compile(
    r"(?:(?:please )?(?:make|create|write|film|shoot|produce|generate|give me|(?:i|we) (?:want|need))\b[^:.!?]{0,40}?)?"
    r"\b(?:an?|the|our|my|one)?\s*(?:[\w-]+\s){0,4}?"
    r"(?P<form>film|movie|video|ad|advert|advertisement|commercial|spot|trailer|teaser|clip|reel|lesson|tutorial|explainer"
    r"|documentary|cartoon|animation|promo|sketch|(?:product )?demo"
    r"|(?:horror|comedy|drama|animated|silent|sci-?fi) short)s?"
    rf"(?:(?:,(?: [^.:!?,]{{1,40}},)*)? (?:about |around |ca\.? )?\d+[ -]?{UNITS}"
    r"| for [^:.!?]{1,80}| in [^:.!?]{1,40}| of [\d][^:.!?]{1,30})?"
    r"(?:[.!]\s*$|\s*:\s+|\s*$)",
    re.I,
)
# The same in other languages: "Ein Werbespot für eine Kaffeemaschine, 20 Sekunden."
_ORDER_ABROAD = re.compile(
    r"(?:(?:ein(?:en)?|une?|uma?|una|uno|один|одна)\s+)?(?:[\w-]+\s+){0,2}?"
    r"(?P<form>werbespot|werbefilm|kurzfilm|trickfilm|video|anuncio|cortometraje|corto|court[- ]métrage|pub(?:licité)?"
    r"|spot|cortometraggio|anúncio|curta(?:-metragem)?|рекламный ролик|ролик|реклама|фильм|мультфильм)"
    r"\b[^.:!?。]{0,80}(?:[.:]|$)",
    re.I,
)
# "SHOT LIST — Elm Street 9" heads a list; what it is of is told by the list.
_LIST = re.compile(
    r"(?:the |our |my )?(?:shot ?list|story ?board)\b(?:\s*[-–—:,(]|\s+(?:for|of)\b|\s*$)(?P<of>[^.!?:]{0,80})[.:]?\s*",
    re.I,
)
# "Storyboard, three shots: a boy runs."
_LIST_HEAD = re.compile(r"(?:the |our |my )?(?:shot ?list|story ?board)\b(?P<of>[^.!?:]{0,80}):\s+(?=\S)", re.I)
_AD = frozenset(
    {"ad", "advert", "advertisement", "commercial", "spot", "teaser"}
    | {"werbespot", "werbefilm", "anuncio", "pub", "publicité", "anúncio", "реклама", "рекламный ролик"}
)
# "Start with a wide shot of the harbour", "end w/ her face": what is seen is what follows.
_PLACED = re.compile(
    r"(?:(?:then|and|finally|let us|let's|we),?\s+)*"
    r"(?:(?:start|begin|open|end|finish)\s+(?:off\s+)?(?:with|w/|on)|close\s+with)\s+"
    r"(?=[\"“«„]|(?:the|an?|his|her|their|its|our|my|this|that|one|two|three|both|\d+|wide|close|medium|full|aerial)\b)",
    re.I,
)
# "45 seconds." by itself, or after what the film is of: "Product demo: the Volt One e-bike, 45 seconds."
_LENGTH = rf"(?:about |around |ca\.? )?\d+(?:[.,]\d+)?[ -]?{UNITS}(?: long)?[.!]?\s*"
_ONLY_LENGTH = re.compile(_LENGTH, re.I)
_AND_LENGTH = re.compile(rf"[^.:!?]{{2,80}},\s+{_LENGTH}", re.I)


@dataclass(frozen=True)
class Order:
    """What a brief orders.

    Attributes:
        words: The words that say it, as they begin the sentence.
        is_ad: Whether it is an ad.
        is_abroad: Whether it is said in another language than English.
    """

    words: str
    is_ad: bool = False
    is_abroad: bool = False


def order_in(sentence: str) -> Order | None:
    """Read what a brief's first sentence orders; None where it tells what happens."""
    if (heads := _LIST_HEAD.match(sentence)) and not _tells(heads["of"]):
        return Order(heads[0])
    if _ONLY_LENGTH.fullmatch(sentence) or ((heads := _LIST.fullmatch(sentence)) and not _tells(heads["of"])):
        return Order(sentence)
    match = _ORDER.match(sentence) or _ORDER_ABROAD.match(sentence)
    if match is None:
        return None
    rest = sentence[match.end() :]
    words = sentence if _AND_LENGTH.fullmatch(rest) else match[0]
    return Order(words, match["form"].lower() in _AD, match.re is _ORDER_ABROAD)


def _tells(words: str) -> bool:
    """Tell what happens from what a list is of: `a fisherman rows out` from `Elm Street 9`."""
    tokens = tokens_of(words)
    return find_verb(tokens, 0, len(tokens)) is not None


def placed_in(words: str) -> str:
    """Return the words that only say where in the film a picture stands: `end with`; nothing where there are none."""
    match = _PLACED.match(words)
    return match[0] if match else ""
