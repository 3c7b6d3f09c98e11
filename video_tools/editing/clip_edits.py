"""Edits of clips: cut shorter, moved, exchanged, joined and slowed, with what lies over them."""

from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field

from reelgraph.video_tools.editing.effects import halves
from reelgraph.video_tools.editing.shown import source_frame
from reelgraph.video_tools.editing.slots import Slot, find
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    MOST_FRAMES,
    Clip,
    ContentHash,
    Cut,
    Effect,
    Noun,
    Speed,
    Transition,
    overlap,
)
from reelgraph.video_tools.wording import counted

ClipName = Annotated[str, Field(pattern=r"^s\d{2,4}-\d{2,4}[a-z]?(#\d+)?$", description="A shot, or `s01-02#2`.")]


class Edit(Noun):
    """Base of edits: what an edit of clips or of the film changes, the other leaves."""

    why: str = Field(default="", max_length=200, description="What it is for.")
    only_take: ContentHash | None = Field(default=None, description="Left out once no clip shows this take.")

    def over(self, cut: Cut) -> Self:
        """Return the edit as it can be made of another cut than the one that it was made for."""
        return self

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
            raise InvalidRequest(
                f"trim leaves {counted(left, 'frame')} of {self.clip}, which has {clip.frames}: leave at least 1"
            )
        first = source_frame(clip.in_frame, clip.speed, self.head)
        if first < 0:
            raise InvalidRequest(
                f"{self.clip} begins {counted(clip.in_frame, 'frame')} into its take: give back at most those"
            )
        slot = slots[i].changed(frames=left, in_frame=first)
        return [*slots[:i], replace(slot, offset=slot.offset + self.head), *slots[i + 1 :]]


class Split(Edit):
    """Cut one clip into two, `at` frames into it; both together show what it showed."""

    op: Literal["split"] = "split"
    clip: ClipName
    at: int = Field(gt=0)

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Split."""
        i = find(slots, self.clip)
        slot, clip = slots[i], slots[i].clip
        if self.at >= clip.frames:
            raise InvalidRequest(f"{self.clip} has {counted(clip.frames, 'frame')}: split it at 1 to {clip.frames - 1}")
        effects = [halves(effect, self.at, clip.frames) for effect in clip.effects]
        earlier = slot.changed(frames=self.at, effects=[kept for half, _ in effects for kept in half])
        later = slot.changed(
            frames=clip.frames - self.at,
            in_frame=source_frame(clip.in_frame, clip.speed, self.at),
            transition=Transition(),
            effects=[kept for _, half in effects for kept in half],
        )
        return [*slots[:i], earlier, replace(later, offset=slot.offset + self.at), *slots[i + 1 :]]


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
    """Run a clip faster, slower, backwards or not at all; its length follows unless `frames` says it.

    A freeze holds the clip's first picture for as long as the clip lasts, and a clip that runs again lasts as long.
    """

    op: Literal["speed"] = "speed"
    clip: ClipName
    speed: Speed
    frames: int | None = Field(default=None, gt=0, le=MOST_FRAMES)

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Set the speed; backwards begins where the clip ended."""
        i = find(slots, self.clip)
        slot, clip = slots[i], slots[i].clip
        first, last = clip.in_frame, source_frame(clip.in_frame, clip.speed, clip.frames - 1)
        covered = abs(last - first) + 1
        running = bool(self.speed and clip.speed)
        frames = self.frames or (int((covered - 1) / abs(self.speed)) + 1 if running else clip.frames)
        turned = self.speed * clip.speed < 0
        pace = abs(self.speed / clip.speed) if running else Fraction(1)
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
