"""Edits as data: each is one small model with one method, and makes the next cut of the one it is applied to.

A cut is never changed: the one before is the new one's parent, to return to. Clips are named by their shot, and the
second clip of a split shot as `s01-02#2`. What lies over clips moves with them (see `carried.py`).
"""

from typing import Annotated, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from reelgraph.video_tools.editing.arrange import Arrange
from reelgraph.video_tools.editing.carried import carried
from reelgraph.video_tools.editing.clip_edits import (
    Delete,
    Insert,
    Move,
    Replace,
    SetEffects,
    SetSpeed,
    SetTransition,
    SetVolume,
    Split,
    SwapTake,
    Trim,
)
from reelgraph.video_tools.editing.conform import TakeFiles
from reelgraph.video_tools.editing.effects import in_place
from reelgraph.video_tools.editing.film_edits import (
    Narrate,
    SetCaptions,
    SetInsets,
    SetLoudness,
    SetSounds,
    SetTitles,
)
from reelgraph.video_tools.editing.slots import Slot, find
from reelgraph.video_tools.editing.timeline import check_cut, check_length, check_transitions
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Transition, first_fault, overlap

Operation: TypeAlias = Annotated[
    Trim | Split | Move | SwapTake | Replace | Insert | Arrange | Delete | SetTransition | SetSpeed | SetVolume
    | SetEffects | SetTitles | SetCaptions | SetInsets | SetSounds | Narrate | SetLoudness,
    Field(discriminator="op"),
]  # fmt: skip

_OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)


def read_operation(data: object) -> Operation:
    """Read an edit from plain data, as a tool or a file gives it.

    Raises:
        InvalidRequest: It is not an edit; the message names the field.
    """
    try:
        return _OPERATION.validate_python(data)
    except ValidationError as error:
        raise InvalidRequest(f"not an edit: {first_fault(error)}") from error


def apply(cut: Cut, operation: Operation, takes: TakeFiles | None = None) -> Cut:
    """Make the next cut.

    Args:
        cut: The cut to edit, which stays as it is.
        operation: What to do.
        takes: Where takes are; given, the new cut is also checked against what they have.

    Returns:
        A cut of the next number whose parent is `cut`. A first clip that would be mixed with one no longer before it is
        joined by a plain cut.

    Raises:
        InvalidRequest: The edit cannot be; the message names the clip, what it has and what was asked.
    """
    if operation.only_take is not None and all(clip.take != operation.only_take for clip in cut.clips):
        raise InvalidRequest(f"{operation.op} was for take {operation.only_take[:12]}…, which is not shown any more")
    slots = operation.edit([Slot(clip, i) for i, clip in enumerate(cut.clips)])
    if overlap(slots[0].clip.transition):
        slots[0] = slots[0].changed(transition=Transition())
    for i, slot in enumerate(slots):
        if (joint := slot.clip.transition.at(cut.rate)) != slot.clip.transition:
            slots[i] = slot.changed(transition=joint)
    edited = cut.model_copy(update={"clips": [slot.clip for slot in slots]})
    check_transitions(edited)
    edited = operation.cut(carried(cut, edited, slots))
    edited = Cut.model_validate({**edited.model_dump(), "number": cut.number + 1, "parent": cut.number})
    check_length(edited)
    if takes is not None:
        check_cut(in_place(edited, takes), takes)
        if isinstance(operation, SetVolume):
            _check_heard(edited.clips[find(slots, operation.clip)], operation.clip, takes)
    return edited


def _check_heard(clip: Clip, name: str, takes: TakeFiles) -> None:
    take = takes.take(clip.take) if clip.take else None
    if take is None or take.sound is None or clip.speed == 0:
        raise InvalidRequest(f"{name} has no sound: there is nothing to make louder or softer")
