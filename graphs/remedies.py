"""From a note to what may mend it: an edit before a reshoot, a reshoot before a change of plan, nothing tried twice.

A new fault gets a row in `TABLE`, a new remedy a row in `REMEDIES`; `remedy_for` itself knows neither.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Note, Noun, Shot, TakeRequest
from reelgraph.video_tools.tools import another_try

Kind = Literal["edit", "reshoot", "plan"]


class Remedy(Noun):
    """One thing to do about a note.

    Attributes:
        name: Its row in `REMEDIES`.
        kind: `edit` changes the cut and generates nothing; `reshoot` makes one shot again from another request; `plan`
            changes the storyboard's shot, and then makes it again.
        does: What it does, in words for a person.
    """

    name: str
    kind: Kind
    does: str


REMEDIES = {
    remedy.name: remedy
    for remedy in (
        Remedy(name="render", kind="edit", does="render the film again from its cut"),
        Remedy(name="recut", kind="edit", does="put the shots back in the order of the storyboard"),
        Remedy(name="trim", kind="edit", does="leave the bad head or tail of the take out"),
        Remedy(name="retime", kind="edit", does="change the speed of the take to the length planned"),
        Remedy(name="colour_match", kind="edit", does="match the colours of the two shots at the joint"),
        Remedy(name="other_transition", kind="edit", does="join the two shots by a short crossfade"),
        Remedy(name="remix_sound", kind="edit", does="mix the sound again: level, fades at the joints, no clipping"),
        Remedy(name="shift_captions", kind="edit", does="put the captions back where the lines are said"),
        Remedy(name="other_take", kind="edit", does="use the best other take that was made already"),
        Remedy(name="new_seed", kind="reshoot", does="make the shot again with another seed"),
        Remedy(name="rephrase", kind="reshoot", does="say what is missing at the beginning of the prompt"),
        Remedy(name="stronger_guidance", kind="reshoot", does="hold the model closer to the prompt"),
        Remedy(name="more_steps", kind="reshoot", does="give the model half as many steps again"),
        Remedy(name="first_frame", kind="reshoot", does="begin on an approved picture"),
        Remedy(name="last_frame", kind="reshoot", does="begin on the last frame of the shot before"),
        Remedy(name="reference", kind="reshoot", does="show the model the character's reference pictures"),
        Remedy(name="shorter", kind="plan", does="make the shot a third shorter"),
        Remedy(name="split", kind="plan", does="split the shot into two"),
    )
}

# What a back end must be able to do for a remedy; one that is not named can always be tried.
_NEEDS: dict[str, Callable[[Capabilities], bool]] = {
    "stronger_guidance": lambda can: not can.animatic,
    "more_steps": lambda can: not can.animatic,
    "rephrase": lambda can: not can.animatic and can.vocabulary is None,
    "first_frame": lambda can: "image" in can.modes,
    "last_frame": lambda can: "image" in can.modes,
    "reference": lambda can: "reference" in can.modes and can.max_references > 0,
}

_RESHOOT = ("other_take", "new_seed", "more_steps", "shorter")

# By the first part of a check's name (or all of it, where parts differ): what may help, cheapest first within a kind.
TABLE: dict[str, tuple[str, ...]] = {
    "contract": ("render", "new_seed"),
    "contract.frames": ("render", "trim", "new_seed", "shorter"),
    "contract.length": ("render", "trim", "retime", "new_seed", "shorter"),
    "contract.av_offset": ("remix_sound", "render"),
    "contract.sound_length": ("remix_sound", "render"),
    "black": ("trim", *_RESHOOT),
    "blank": ("trim", *_RESHOOT),
    "garbage": ("trim", *_RESHOOT),
    "clipped": ("trim", "other_take", "new_seed", "rephrase"),
    "flicker": ("trim", *_RESHOOT),
    "flash": ("trim", *_RESHOOT),
    "stray": ("trim", *_RESHOOT),
    "light": ("trim", "colour_match", "other_take", "new_seed", "split"),
    "blur": ("trim", "other_take", "new_seed", "rephrase", "more_steps"),
    "blocking": ("render", *_RESHOOT),
    "banding": ("render", *_RESHOOT),
    "noise": ("trim", *_RESHOOT),
    "letterbox": ("other_take", "new_seed", "rephrase"),
    "text": ("trim", "other_take", "new_seed", "rephrase"),
    "frozen": ("trim", "other_take", "new_seed", "rephrase", "stronger_guidance", "shorter"),
    "stutter": ("trim", "other_take", "new_seed", "more_steps"),
    "jump": ("trim", "other_take", "new_seed", "more_steps", "split"),
    "cut": ("trim", "other_take", "new_seed", "rephrase", "split"),
    "camera": ("other_take", "new_seed", "rephrase", "stronger_guidance", "split"),
    "speed": ("retime", "other_take", "new_seed", "rephrase"),
    "shake": ("other_take", "new_seed", "rephrase"),
    "palette": ("other_take", "reference", "new_seed", "rephrase"),
    "joint": ("colour_match", "other_transition", "last_frame", "new_seed"),
    "continues": ("other_transition", "last_frame", "new_seed"),
    "direction": ("other_transition", "other_take", "new_seed"),
    "jump_cut": ("other_transition", "other_take", "new_seed"),
    "adherence": ("other_take", "new_seed", "rephrase", "stronger_guidance", "first_frame", "reference", "more_steps"),
    "silence": ("remix_sound", "new_seed"),
    "sound_clipped": ("remix_sound", "new_seed"),
    "clicks": ("remix_sound", "new_seed"),
    "loudness": ("remix_sound",),
    "captions": ("shift_captions",),
    "narration": ("shift_captions", "retime"),
    "story": ("recut", "new_seed"),
    "judge": ("other_take", "new_seed", "rephrase"),
}

# What to ask for first, where the fault itself says it; an adherence note names what is missing.
_WORDS = {
    "frozen": "continuous natural movement",
    "clipped": "soft even light, detail in highlights and shadows",
    "blur": "sharp focus",
    "cut": "one continuous shot without cuts",
    "letterbox": "the picture fills the whole frame",
    "text": "no lettering",
    "speed": "natural speed",
    "shake": "steady camera",
}
_NEGATIVE = {"text": "text, letters, subtitles, watermark", "letterbox": "black bars, border", "blur": "blurry"}
_MOST_STEPS, _MOST_GUIDANCE = 100, 12.0


def remedy_for(
    note: Note,
    tried: Collection[str],
    capabilities: Capabilities,
    *,
    worked: Mapping[str, Sequence[str]] | None = None,
) -> Remedy | None:
    """Choose what to do about a note.

    Args:
        note: What is wrong.
        tried: Names of remedies already tried on this shot for this check.
        capabilities: What the shot's back end can do.
        worked: By check, the remedies that mended it in this project before: they come first among those of their kind.

    Returns:
        The next remedy, or None where nothing is left: the best take so far stays, and so does the note.
    """
    family = note.check.split(".")[0]
    row = TABLE.get(note.check) or TABLE.get(family) or ("new_seed", "rephrase")
    before = [*(worked or {}).get(note.check, ()), *(worked or {}).get(family, ())]
    ends = note.first_frame is not None
    order: dict[Kind, int] = {"edit": 0, "reshoot": 1, "plan": 2}
    left = [
        name
        for name in row
        if name not in tried and (name not in _NEEDS or _NEEDS[name](capabilities)) and (name != "trim" or ends)
    ]
    left.sort(key=lambda name: (order[REMEDIES[name].kind], name not in before, row.index(name)))
    return REMEDIES[left[0]] if left else None


def mend(shot: Shot, request: TakeRequest, remedy: Remedy, note: Note) -> Shot | None:
    """Change a shot as a remedy asks, one thing at a time.

    The change is made in the storyboard, not in the request, so that the film's folder alone says which take a shot
    has.

    Args:
        shot: The shot as it was shot.
        request: What was asked for it.
        remedy: What to do.
        note: What is wrong.

    Returns:
        The new shot; None where this remedy changes nothing in it, or needs a cut or pictures, and another should be
        tried.
    """
    family, _, part = note.check.partition(".")
    change: dict[str, object] = {}
    if remedy.name == "new_seed":
        change = another_try(shot, request)
    elif remedy.name == "rephrase":
        words = part.replace("_", " ") if family in ("adherence", "camera") and part else _WORDS.get(family, "")
        if words and not shot.prompt.startswith(words):
            change["prompt"] = f"{words}. {shot.prompt}"
        negative = _NEGATIVE.get(family, "")
        if negative and negative not in shot.negative:
            change["negative"] = ", ".join(filter(None, [shot.negative, negative]))
    elif remedy.name == "more_steps" and request.steps and request.steps < _MOST_STEPS:
        change["steps"] = min(_MOST_STEPS, -(-request.steps * 3 // 2))
    elif remedy.name == "stronger_guidance" and request.guidance and request.guidance < _MOST_GUIDANCE:
        change["guidance"] = min(_MOST_GUIDANCE, round(request.guidance * 1.3, 2))
    elif remedy.name == "shorter" and not shot.lines:  # what is said needs its time
        change["seconds"] = round(shot.seconds * 2 / 3, 3)
    if not change:
        return None
    why = [*shot.why, f"{remedy.name}: {note.message}"]
    return shot.model_copy(update={**change, "why": why, "tried": [*shot.tried, f"{note.check}:{remedy.name}"]})
