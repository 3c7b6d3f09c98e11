"""Edits as data: each is one small model with one method, and makes the next cut of the one it is applied to.

A cut is never changed: the one before is the new one's parent, to return to. Clips are named by their shot, and the
second clip of a split shot as `s01-02#2`. What lies over a clip (captions, titles, insets, narration, effects) moves
with it; music keeps its place in the film.
"""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from reelgraph.video_tools.editing.conform import TakeFiles
from reelgraph.video_tools.editing.effects import in_place
from reelgraph.video_tools.editing.shown import source_frame
from reelgraph.video_tools.editing.slots import Slot, carried, clip_names, find
from reelgraph.video_tools.editing.timeline import check_cut, check_transitions
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    Caption,
    Clip,
    ContentHash,
    Cut,
    Effect,
    Inset,
    Noun,
    SoundClip,
    Speed,
    Title,
    Transition,
    first_fault,
    overlap,
)

ClipName = Annotated[str, Field(pattern=r"^s\d{2,4}-\d{2,4}[a-z]?(#\d+)?$", description="A shot, or `s01-02#2`.")]


class Edit(Noun):
    """Base of edits that change clips."""

    why: str = Field(default="", max_length=200, description="What it is for.")
    only_take: ContentHash | None = Field(default=None, description="Left out once no clip shows this take.")

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Return the clips after the edit."""
        return slots

    def cut(self, cut: Cut) -> Cut:
        """Return the cut after what else the edit changes."""
        return cut


class Trim(Edit):
    """Take frames off a clip's head and tail; below 0, give some back from the take."""

    op: Literal["trim"] = "trim"
    clip: ClipName
    head: int = 0
    tail: int = 0

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Trim."""
        i = find(slots, self.clip)
        clip = slots[i].clip
        left = clip.frames - self.head - self.tail
        if left < 1:
            raise InvalidRequest(f"trim leaves {left} frames of {self.clip}, which has {clip.frames}: leave at least 1")
        first = source_frame(clip.in_frame, clip.speed, self.head)
        if first < 0:
            raise InvalidRequest(f"{self.clip} begins {clip.in_frame} frames into its take: give back at most those")
        slot = slots[i].changed(frames=left, in_frame=first)
        return [*slots[:i], replace(slot, offset=slot.offset + self.head), *slots[i + 1 :]]


class Split(Edit):
    """Cut one clip into two, `at` frames into it."""

    op: Literal["split"] = "split"
    clip: ClipName
    at: int = Field(gt=0)

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Split."""
        i = find(slots, self.clip)
        slot, clip = slots[i], slots[i].clip
        if self.at >= clip.frames:
            raise InvalidRequest(f"{self.clip} has {clip.frames} frames: split it at 1 to {clip.frames - 1}")
        later = slot.changed(
            frames=clip.frames - self.at,
            in_frame=source_frame(clip.in_frame, clip.speed, self.at),
            transition=Transition(),
        )
        return [*slots[:i], slot.changed(frames=self.at), replace(later, offset=slot.offset + self.at), *slots[i + 1 :]]


class Move(Edit):
    """Put a clip before another, or last."""

    op: Literal["move"] = "move"
    clip: ClipName
    before: ClipName | None = Field(default=None, description="None puts it last.")

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Move."""
        moved = slots[find(slots, self.clip)]
        target = slots[find(slots, self.before)] if self.before else None
        rest = [slot for slot in slots if slot is not moved]
        place = len(rest) if target is None or target is moved else rest.index(target)
        if target is moved:
            raise InvalidRequest(f"{self.clip} cannot be put before itself: name another clip")
        return [*rest[:place], moved, *rest[place:]]


class SwapTake(Edit):
    """Show another take in a clip, for the same length."""

    op: Literal["swap_take"] = "swap_take"
    clip: ClipName
    take: ContentHash
    in_frame: int = Field(default=0, ge=0)

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Swap."""
        i = find(slots, self.clip)
        return [*slots[:i], slots[i].changed(take=self.take, in_frame=self.in_frame, label=""), *slots[i + 1 :]]


class Replace(Edit):
    """Put another clip in a clip's place."""

    op: Literal["replace"] = "replace"
    clip: ClipName
    new: Clip

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Replace."""
        i = find(slots, self.clip)
        return [*slots[:i], replace(slots[i], clip=self.new), *slots[i + 1 :]]


class Insert(Edit):
    """Add a clip before another, or last."""

    op: Literal["insert"] = "insert"
    new: Clip
    before: ClipName | None = None

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Insert."""
        i = find(slots, self.before) if self.before else len(slots)
        return [*slots[:i], Slot(self.new), *slots[i:]]


class Arrange(Edit):
    """Show these clips in this order, as a timeline says that was edited in another program.

    A shot that has another take by now shows that one.
    """

    op: Literal["arrange"] = "arrange"
    clips: list[Clip] = Field(min_length=1, max_length=10_000)

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Arrange; what lies over a clip stays over the frames that it was over."""
        homes = {name: i for i, name in enumerate(clip_names([slot.clip for slot in slots]))}
        shown = {slot.clip.shot: slot.clip.take for slot in reversed(slots)}
        there = set(shown.values()) | {slot.clip.take for slot in slots}
        arranged = []
        for name, clip in zip(clip_names(self.clips), self.clips, strict=True):
            take = clip.take if clip.take in there else shown.get(clip.shot, clip.take)
            slot, home = Slot(clip.model_copy(update={"take": take})), homes.get(name)
            if home is not None:
                slot, was = replace(slot, origin=home), slots[home].clip
                if clip.speed * was.speed > 0:  # both run one way, so that a frame of the one is in the other
                    offset = math.ceil((clip.in_frame - was.in_frame) / was.speed)
                    slot = replace(slot, offset=offset, pace=clip.speed / was.speed)
            arranged.append(slot)
        return arranged


class Delete(Edit):
    """Remove a clip; what follows moves up."""

    op: Literal["delete"] = "delete"
    clip: ClipName

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Delete."""
        if len(slots) == 1:
            raise InvalidRequest(f"{self.clip} is the only clip: a film has at least one")
        i = find(slots, self.clip)
        return [*slots[:i], *slots[i + 1 :]]


class SetTransition(Edit):
    """Join a clip to the one before it in another way."""

    op: Literal["transition"] = "transition"
    clip: ClipName
    transition: Transition

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Set the transition."""
        i = find(slots, self.clip)
        if i == 0 and overlap(self.transition):
            raise InvalidRequest(f"{self.clip} is the first clip: only a dip can lead into it")
        return [*slots[:i], slots[i].changed(transition=self.transition), *slots[i + 1 :]]


class SetSpeed(Edit):
    """Run a clip faster, slower, backwards or not at all; its length follows unless `frames` says it."""

    op: Literal["speed"] = "speed"
    clip: ClipName
    speed: Speed
    frames: int | None = Field(default=None, gt=0)

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Set the speed; backwards begins where the clip ended."""
        i = find(slots, self.clip)
        slot, clip = slots[i], slots[i].clip
        first, last = clip.in_frame, source_frame(clip.in_frame, clip.speed, clip.frames - 1)
        covered = abs(last - first) + 1
        frames = self.frames or (int((covered - 1) / abs(self.speed)) + 1 if self.speed else clip.frames)
        turned = self.speed < 0 <= clip.speed or clip.speed < 0 <= self.speed
        pace = abs(self.speed / clip.speed) if self.speed and clip.speed else Fraction(1)
        new = slot.changed(speed=self.speed, frames=frames, in_frame=last if turned else first)
        return [*slots[:i], replace(new, pace=slot.pace * pace), *slots[i + 1 :]]


class SetVolume(Edit):
    """Make a clip's own sound louder or softer, in decibels."""

    op: Literal["volume"] = "volume"
    clip: ClipName
    gain_db: float = Field(ge=-120, le=24)

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Set the gain."""
        i = find(slots, self.clip)
        return [*slots[:i], slots[i].changed(gain_db=self.gain_db), *slots[i + 1 :]]


class SetEffects(Edit):
    """Give a clip these effects, in this order, in place of those it has."""

    op: Literal["effects"] = "effects"
    clip: ClipName
    effects: list[Effect] = Field(max_length=16)

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Set the effects."""
        i = find(slots, self.clip)
        return [*slots[:i], slots[i].changed(effects=self.effects), *slots[i + 1 :]]


class SetTitles(Edit):
    """Show these titles, in place of those there are."""

    op: Literal["titles"] = "titles"
    titles: list[Title] = Field(max_length=200)

    def cut(self, cut: Cut) -> Cut:
        """Set the titles."""
        return cut.model_copy(update={"titles": self.titles})


class SetCaptions(Edit):
    """Show these captions, in place of those there are; `burn` draws them into the picture."""

    op: Literal["captions"] = "captions"
    captions: list[Caption] | None = Field(default=None, max_length=20_000, description="None keeps them.")
    burn: bool | None = None

    def cut(self, cut: Cut) -> Cut:
        """Set the captions."""
        for caption in self.captions or []:
            if caption.start + caption.frames > cut.frames:
                raise InvalidRequest(
                    f"the caption {caption.text!r} is shown in frames {caption.start} to "
                    f"{caption.start + caption.frames} of a film of {cut.frames}: end it at {cut.frames}"
                )
        changes: dict[str, object] = {} if self.captions is None else {"captions": self.captions}
        return cut.model_copy(update=changes | ({} if self.burn is None else {"burn_captions": self.burn}))


class SetInsets(Edit):
    """Show these pictures in the picture, in place of those there are."""

    op: Literal["insets"] = "insets"
    insets: list[Inset] = Field(max_length=200)

    def cut(self, cut: Cut) -> Cut:
        """Set the insets."""
        return cut.model_copy(update={"insets": self.insets})


class SetSounds(Edit):
    """Lay this music, narration and effects under the film, in place of what there is."""

    op: Literal["sounds"] = "sounds"
    sounds: list[SoundClip] = Field(max_length=500)

    def cut(self, cut: Cut) -> Cut:
        """Set the sounds."""
        return cut.model_copy(update={"sounds": self.sounds})


class Narrate(Edit):
    """Lay narration over the film from a frame on, beside what there is, with captions timed from its beginning."""

    op: Literal["narrate"] = "narrate"
    take: ContentHash
    start: int = Field(ge=0)
    frames: int = Field(gt=0)
    captions: list[Caption] = Field(default=[], max_length=2000)

    def cut(self, cut: Cut) -> Cut:
        """Add the sound and the captions."""
        room = cut.frames - self.start
        if self.frames > room:
            raise InvalidRequest(
                f"the narration lasts {self.frames} frames and the film has {max(0, room)} from frame {self.start} on: "
                "begin earlier, speak faster, or say less"
            )
        sound = SoundClip(role="narration", take=self.take, start=self.start, frames=self.frames)
        said = [caption.model_copy(update={"start": self.start + caption.start}) for caption in self.captions]
        captions = sorted([*cut.captions, *said], key=lambda caption: caption.start)
        return cut.model_copy(update={"sounds": [*cut.sounds, sound], "captions": captions})


class SetLoudness(Edit):
    """Bring the film's sound to a loudness in LUFS, or leave it as it is mixed (None)."""

    op: Literal["loudness"] = "loudness"
    loudness: float | None = Field(ge=-40, le=-5)

    def cut(self, cut: Cut) -> Cut:
        """Set the loudness."""
        return cut.model_copy(update={"loudness": self.loudness})


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
    if takes is not None:
        check_cut(in_place(edited, takes), takes)
        if isinstance(operation, SetVolume):
            _check_heard(edited.clips[find(slots, operation.clip)], operation.clip, takes)
    return edited


def _check_heard(clip: Clip, name: str, takes: TakeFiles) -> None:
    take = takes.take(clip.take) if clip.take else None
    if take is None or take.sound is None or clip.speed == 0:
        raise InvalidRequest(f"{name} has no sound: there is nothing to make louder or softer")
