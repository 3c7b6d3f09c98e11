"""Read how somebody holds themselves in a panel: standing, striding, or seated."""

import re
from collections.abc import Sequence
from typing import Literal

from reelgraph.video_tools.film import Character
from reelgraph.video_tools.panels.words import has, last, noun_of

Posture = Literal["standing", "striding", "seated", "grounded"]
# How much lower hips and head are, in a person's height: on a chair, on the ground.
LOWERED: dict[Posture, float] = {"standing": 0.0, "striding": 0.0, "seated": 0.2, "grounded": 0.43}
SITS = r"(?:sits?|sat|sitting|seated|kneels?|kneeling|knelt)(?! up\b)"
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
    name = figure.name
    before = action[: sits.start()]
    named = {who: found.end() for who in everybody if (found := last(re.escape(noun_of(who)), before))}
    if named and name in named and len(named) > 1:
        between = [end for who, end in named.items() if end > named[name]]
        joined = re.fullmatch(r"[\w ,]*\band\b[\w ]*", before[named[name] : max(between)]) if between else True
        if not joined:
            return upright
    elif named and name not in named:
        return upright
    after = action[sits.end() :].partition(".")[0]
    return "grounded" if has(GROUND, after) or sits[0].lower().startswith("kn") else "seated"
