"""Tell English verbs from nouns by their form and the words around them, well enough to find events."""

from reelgraph.video_tools.planning.lexicon import grammar, known_verbs, verbs, words
from reelgraph.video_tools.planning.tokens import STOPS, Token

BE = grammar("clauses", "be")
DETERMINERS = grammar("clauses", "determiners")
PRONOUNS = grammar("clauses", "pronouns")
PLURALS = grammar("clauses", "plurals") | grammar("cast", "groups")
LINKS = grammar("clauses", "links")
OPENERS = grammar("clauses", "openers")
# What stands after a verb rather than after a noun.
AFTER_VERB = DETERMINERS | PRONOUNS | OPENERS | grammar("clauses", "particles")
RELATIVE = frozenset({"who", "which", "that", "whose", "whom"})
_COUNTED = grammar("cast", "counts") - {"one"} | {"both", "many"}
_PARTICLES = frozenset(
    ["back", "down", "up", "off", "out", "away", "in", "over", "around", "apart", "together", "home", "near", "past"]
)
_CONTRACTED = frozenset(["it's", "he's", "she's", "they're", "it’s", "he’s", "she’s", "they’re", "there's", "there’s"])
# Irregular pasts that are as often another word.
_DOUBTFUL = frozenset(
    {"left", "ground", "found", "felt", "saw", "rose", "lit", "lay", "wound", "shot", "cut", "set", "hit"}
)


def adverb(word: str) -> bool:
    """Tell whether a word is an adverb in -ly."""
    return len(word) > 4 and word.endswith("ly") and word not in grammar("clauses", "ly_nouns")


def skip_links(tokens: list[Token], at: int) -> int:
    """Step over `and then`, `finally,` and adverbs to the words of an event."""
    while at < len(tokens) and (tokens[at].low in LINKS or tokens[at].text == "," or adverb(tokens[at].low)):
        at += 1
    return at


def find_verb(tokens: list[Token], at: int, stop: int) -> int | None:
    """Return where the first finite verb after a noun phrase is; a relative clause's own verb does not count."""
    relative = False
    for n in range(at + 1, stop):
        if tokens[n].low in RELATIVE:
            relative = True
        elif finite(tokens, n, stop):
            if not relative:
                return n
            relative = False
    return None


def begins_event(tokens: list[Token], at: int, stop: int) -> bool:
    """Tell whether a verb stands where an event begins whose subject was left out: `and then shares nectar`."""
    low = tokens[at].low
    after = tokens[at + 1].low if at + 1 < stop else ""
    linked = at > 0 and tokens[at - 1].low in ("then", "finally", "later", "eventually", "suddenly")
    if low in BE or low in _CONTRACTED:
        return True
    if low in words("verbs")["irregular"]:
        return low not in _DOUBTFUL or after in AFTER_VERB
    if low.endswith("ing"):
        return False
    known = known_verbs(low)
    if not known:  # an unknown word: "boxes with", "hops away" are verbs by what follows
        looks = len(low) > 3 and low.endswith("s") and not low.endswith("ss")
        return looks and (after in AFTER_VERB - {"and", "or", "of"} or (linked and (not after or after in STOPS)))
    sure = any(stem in verbs("only") for stem in known)
    if low.endswith("s") and known[0] != low:
        return sure or after not in ("and", "or")
    if low.endswith("ed") and known[0] != low:
        return after in AFTER_VERB or after in STOPS or not after
    return (sure and after in AFTER_VERB) or linked


def finite(tokens: list[Token], at: int, stop: int) -> bool:
    """Tell whether a token is the finite verb of the noun phrase before it."""
    low = tokens[at].low
    before = tokens[at - 1].low if at else ""
    after = tokens[at + 1].low if at + 1 < stop else ""
    if low in BE:
        return True
    if before.endswith(("'s", "’s", "s'", "s’")) or before in ("to", "of"):
        return False
    if before in DETERMINERS and before not in PLURALS | {"that"}:
        return False
    if low in words("verbs")["irregular"]:
        return low not in ("ground", "wound")
    known = known_verbs(low)
    if not known or low.endswith("ing"):
        return False
    sure = any(stem in verbs("only") for stem in known)
    ends = not after or after in STOPS
    if low.endswith("s") and known[0] != low:  # "three balls": what counts has no such verb
        return before not in _COUNTED and (sure or after in AFTER_VERB or ends)
    if low.endswith("ed") and known[0] != low:
        return after in AFTER_VERB or ends or sure
    if low in _PARTICLES:  # "flies back", "climbs down"
        return False
    # a base form needs a plural subject before it
    plural = (before.endswith("s") and not before.endswith(("ss", "us"))) or before in PLURALS
    return plural and (sure or after in AFTER_VERB or ends)


def unknown_verb(tokens: list[Token], at: int, stop: int) -> bool:
    """Tell whether a word that no list has is the verb after a singular noun: `A turtle basks on a log`."""
    low, before = tokens[at].low, tokens[at - 1].low if at else ""
    after = tokens[at + 1].low if at + 1 < stop else ""
    single = (
        before[:1].isalpha() and before not in DETERMINERS | OPENERS | LINKS and not before.endswith(("s", "'s", "’s"))
    )
    return (
        single and len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "'s", "’s")) and after in AFTER_VERB
    )


def passive_goes_on(tokens: list[Token], at: int, stop: int) -> bool:
    """Tell whether a passive goes on without its verb: `is wound up, released by ...`, `are adjusted, ... closed
    again`."""
    low = tokens[at].low
    after = tokens[at + 1].low if at + 1 < stop else ""
    participle = low.endswith("ed") or low in words("verbs")["irregular"]
    earlier = any(token.low in ("is", "are", "was", "were") for token in tokens[:at])
    return (
        participle
        and earlier
        and (not after or after in OPENERS or after in grammar("clauses", "particles") or after in STOPS)
    )
