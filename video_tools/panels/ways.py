"""Which way a panel's words send those whom it shows: up, down, to the left, to the right, or nowhere."""

import re

from reelgraph.video_tools.film import CameraMove
from reelgraph.video_tools.panels.words import has, noun_of

# Verbs of going that -s, -es, -ed and -ing are added to, and the forms that are not made so.
_GOING = (
    "walk|stroll|strid|march|jog|rush|rac|gallop|trot|crawl|creep|limp|stumbl|hop(?!e|i)|skip|wander|roam|follow|chas|"
    "pursu|approach|roll|bounc|drift|glid|slid|float|soar|sail|swim|cycl|pedal|rid(?! of)|driv|mov|travel|trudg|plod|"
    "waddl|toddl|stagger|dash|charg|run|fly|flee|hurry|cross"
)
_IRREGULAR = (
    "flies|flew|hurries|hurried|ran|running|strode|crept|rode|drove|swam|swimming|fled|skipping|skipped|hopping|"
    "hopped|jogging|jogged|trotting|trotted"
)
# A walk and the race are no going, but the running man and a rolling ball go.
_NOUNS = "".join(rf"(?<!\b{word} )" for word in ("a", "an", "the", "his", "her", "their", "its", "this", "for"))
_FORMS = rf"(?:{_NOUNS}(?:{_GOING})(?:e|es|s|ed|d)?|(?:{_GOING})ing|{_IRREGULAR})"
MOTION = rf"{_FORMS}(?! (?:his|her|their) (?:arms|legs|fingers|eyes))"
# These go where a way is said beside them: who comes from the left walks, who comes home may be there already.
_COMING = "comes?|came|coming|goes|go|went|going|heads?|headed|heading|enters?|entered|exits?|exited|leaves"
_LOOKING = "turn(?:s|ed|ing)?|look(?:s|ed|ing)?|fac(?:es|ed|ing)|point(?:s|ed|ing)?"
RISING = (
    r"climb(?:s|ing)?|ris(?:es?|ing)|soar(?:s|ing)?|ascend(?:s|ing)?|"
    r"(?:fly|flies|flying|floats?|floating|shoots?|drifts?) up(?:ward)?s?|"
    r"takes? flight|takes? off|taking off|lifts? off|lifting off"
)
FALLING = (
    r"falls?|falling|drops?|dropping|descend(?:s|ing)?|sinks?|sinking|plunges?|plunging|dives?|diving|tumbles?|"
    r"(?:fly|flies|flying|floats?|floating|drifts?) down(?:ward)?s?"
)
# What goes up these ways with its feet on something; but nobody who climbs into a boat is seen to rise.
CLIMBING = r"(?:climb(?:s|ing)?|ascend(?:s|ing)?)(?! (?:in|into|out|on|onto|off|down|aboard|back)\b)"
CHASING = "chas(?:es?|ed|ing)|pursu(?:es?|ed|ing)|follow(?:s|ed|ing)?|(?:run|runs|ran|running) after"
# Camera move -> which way somebody goes whom it goes along with.
ALONG: dict[CameraMove, int] = {"truck_left": -1, "truck_right": 1, "pan_left": -1, "pan_right": 1}


def _towards(side: str, other: str) -> str:
    """Return the ways to say that somebody goes or looks to one side, coming from the other."""
    # "to the left of the house" says where, "to the left of the picture" says where to
    at = r"(?! of (?!the (?:frame|picture|screen|shot)))"
    verbs = rf"(?:{MOTION}|{_COMING}|{_LOOKING}) (?:off |out |in |screen )?"
    return (
        rf"(?:to|towards?) (?:the|his|her|its|their|screen) {side}{at}|{side}wards?|{other} to {side}|"
        rf"from (?:the )?(?:screen )?{other}(?! to)|{verbs}{side}(?! (?:at|in|into|on|behind|away|now|of|beside|there))"
    )


SIDES = {-1: _towards("left", "right"), 1: _towards("right", "left")}


def moving(prompt: str) -> bool:
    """Tell whether the words say that somebody goes somewhere."""
    said = "|".join(SIDES.values())
    return bool(has(MOTION, prompt) or has(rf"(?:{_COMING})(?: \w+){{0,3}} (?:{said})", prompt))


def side_of(name: str, prompt: str) -> int:
    """Say to which side the words send somebody, or have them look: -1 to the left, 1 to the right, 0 if they don't.

    Args:
        name: What they are called; what is said behind their name counts over what is said of others.
        prompt: The words.
    """
    own = has(f"{re.escape(noun_of(name))}s?", prompt)
    return (_side(prompt[own.end() :]) if own else 0) or _side(prompt)


def _side(text: str) -> int:
    found = [(match.start(), way) for way, words in SIDES.items() if (match := has(words, text))]
    return min(found)[1] if found else 0


def heading(name: str, prompt: str, *, flies: bool, walks: bool) -> int:
    """Say whether the words send a figure up (1), down (-1) or neither (0).

    Args:
        name: What it is called; its last word, or a pronoun, stands shortly before the verb.
        prompt: The words.
        flies: Whether it can rise.
        walks: Whether it has feet: then it only climbs.
    """
    who = rf"(?:{re.escape(noun_of(name))}s?|it|they|he|she)(?: (?!and )\w+)?"
    if has(rf"{who} (?:{RISING if flies else CLIMBING if walks else '(?!)'})", prompt):
        return 1
    return -1 if not walks and has(rf"{who} (?:{FALLING})", prompt) else 0
