"""How instructions are put: where one ends and the next begins, and what `shot 2: …` says of that shot."""

import re
from collections.abc import Iterator

from reelgraph.video_tools.errors import InvalidRequest

NUMBER = r"\d+(?:\.\d+)?"
SECONDS = rf"({NUMBER})\s*(?:s|sec|seconds?)\b"
A_SHOT = (
    r"(?:(?:shot\s+|scene\s+)?s\d{2,4}-\d{2,4}[a-z]?|shot\s+\d+|the\s+(?:first|last|second|third|fourth|fifth)\s+shot)"
)
KINDS = {
    "crossfade": "crossfade", "dissolve": "crossfade", "dip to black": "dip_black", "fade to black": "dip_black",
    "dip to white": "dip_white", "wipe": "wipe", "push": "push", "hard cut": "cut", "straight cut": "cut",
}  # fmt: skip
ANY_KIND = "|".join(kind.replace(" ", r"\s+") for kind in KINDS)

# What no picture begins with, or hardly any: it is told to write otherwise rather than be filmed.
_ORDERS = r"(?:make|delete|remove|move|trim|mute)\b(?!-)"
_VERBS = r"(?:shoot|film|make|do|delete|remove|cut\s+out|drop|move|put|play|run|mute|silence)"
_OF_A_SHOT = rf"{_VERBS}\s+{A_SHOT}|(?:{ANY_KIND})\s+into\s+{A_SHOT}"
_LIKE_ORDERS = rf"(?:{_ORDERS}|(?:silence|longer|shorter|louder|quieter)\b(?!-)|{NUMBER}\s*(?:s|sec|seconds?)\b)"
_ENDS = rf"(?<=[.;!])\s+(?=[A-Z0-9]|(?i:{_ORDERS}|{_OF_A_SHOT}|{A_SHOT}\s*:))|\n+"
_OF_ANOTHER = rf"(?:^|[,;.!]|\band\b|\bthen\b)\s*(?:(?:and|then)\s+)*(?:{_OF_A_SHOT}|{A_SHOT}\s*:)"
_MOST_WORDS = 16  # of an instruction; whatever is longer is a picture


def sentences(text: str) -> list[str]:
    """Divide what a person wrote into one instruction each."""
    return [said.strip() for said in re.split(_ENDS, text.strip()) if said.strip()]


def readings(sentence: str) -> Iterator[str]:
    """Go through the ways in which a sentence can be an instruction, the likeliest first.

    What follows `shot 2:` may be an instruction that leaves out which shot it is about; the sentence as it is, which
    makes it what the shot shows, comes last.
    """
    said = re.fullmatch(rf"({A_SHOT})\s*:\s*(.+)", sentence, re.IGNORECASE)
    words = said[2].split() if said else []
    if said and len(words) <= _MOST_WORDS and ":" not in said[2]:  # no instruction names what it does with one
        named = re.sub(r"\b(?:it|this shot|the shot|this)\b", said[1], said[2], count=1, flags=re.IGNORECASE)
        if named != said[2]:
            yield named
        for put in (said[1], f"into {said[1]}", f"of {said[1]}"):
            for i in range(len(words) + 1):
                yield " ".join([*words[:i], put, *words[i:]])
        for verb in ("play", "shoot", "move"):
            yield f"{verb} {said[1]} {said[2]}"
    yield sentence


def check_shows(shot: str, prompt: str) -> None:
    """Refuse to film what reads like an instruction.

    Args:
        shot: The words that name the shot.
        prompt: What it is to show.

    Raises:
        InvalidRequest: It begins as an instruction does, or goes on with one about another shot.
    """
    if re.match(_LIKE_ORDERS, prompt, re.IGNORECASE):
        raise InvalidRequest(
            f"{prompt!r} reads like an instruction about {shot} that is not understood, and nothing was changed: write "
            f"such as 'make {shot} 3 seconds long', or begin with what it shows, such as '{shot}: a fox runs'"
        )
    if another := re.search(_OF_ANOTHER, prompt, re.IGNORECASE):
        raise InvalidRequest(
            f"{prompt!r} would be what {shot} shows, and has an instruction in it, and nothing was changed: put "
            f"{another[0].lstrip(',;.! ')!r} and what follows into a sentence of its own, one a line"
        )
