"""Read how somebody holds themselves in a panel: standing, striding, or seated."""

import re
from collections.abc import Sequence
from typing import Literal

from reelgraph.video_tools.film import Character
from reelgraph.video_tools.panels.words import has, last, noun_of

Posture = Literal["standing", "striding", "seated", "grounded"]
# How much lower hips and head are, in a person's height: on a chair, on the ground.
LOWERED: dict[Posture, float] = {"standing": 0.0, "striding": 0.0, "seated": 0.2, "grounded": 0.43}
SITS = (
    r"(?<!that )(?<!which )(?<!not )(?<!never )"
    r"(?:sits?|sat|sitting|kneels?|kneeling|knelt|(?:is|are) seated)(?! up\b|[ -](?:rooms?|area))"
)
GROUND = "ground|floor|grass|sand|carpet|rug|meadow|beach|snow|cross-legged"


def posture_of(figure: Character, everybody: Sequence[str], action: str, *, moves: bool) -> Posture:
    """Tell a figure's posture.

    Args:
        figure: Who.
        everybody: The names of all figures of the panel.
        action: The shot's words: who is named last before somebody sits is who sits, and whoever is named beside them.
        moves: Whether whoever does not sit goes somewhere.
    """
    upright: Posture = "striding" if moves else "standing"
    sits = has(SITS, action)
    if not sits or figure.kind != "person":
        return upright
    before, after = action[: sits.start()], action[sits.end() :]
    if figure.name not in (_named_after(everybody, after) or _named_before(everybody, before)):
        return upright
    where = after.partition(".")[0]
    return "grounded" if has(GROUND, where) or sits[0].lower().startswith("kn") else "seated"


def _named_after(everybody: Sequence[str], after: str) -> set[str]:
    """Return who is named right behind the verb: `beside Tom sits Anna`."""
    nouns = "|".join(re.escape(noun_of(who)) for who in everybody)
    found = re.match(rf"\s+(?:(?:an?|the)\s+)?(?:\w+\s+)?({nouns})\b", after, re.I) if nouns else None
    return {who for who in everybody if found and noun_of(who).lower() == found[1].lower()}


def _named_before(everybody: Sequence[str], before: str) -> set[str]:
    """Return who is meant by what stands before the verb: who is named last, and who is named beside them; all of them
    where a pronoun stands; nobody where another noun stands between."""
    named = {who: found for who in everybody if (found := last(re.escape(noun_of(who)), before))}
    if re.search(r"\b(?:they|we|both|all|he|she)\s+(?:\w+ly\s+)?$", before, re.I):
        return {*named} or {*everybody}
    end = max((found.end() for found in named.values()), default=-1)
    if end < 0 or re.search(r"\b(?:an?|the|his|her|their|my)\b|[.;!?]", before[end:], re.I):
        return set()
    nearest = {who for who, found in named.items() if found.end() == end}
    start = min(named[who].start() for who in nearest)
    beside = re.search(r"(?:,\s*|\s+and\s+)(?:an?\s+|the\s+)?(?:\w+\s+)?$", before[:start])
    return nearest | {who for who, found in named.items() if beside and found.end() == beside.start()}
