"""A timeline that was edited in another program, as an edit: which clip each of its clips was."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field

from reelgraph.video_tools.editing.clip_edits import Edit
from reelgraph.video_tools.editing.effects import stretch
from reelgraph.video_tools.editing.shown import source_frame
from reelgraph.video_tools.editing.slots import Slot, clip_names
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip


class Arrange(Edit):
    """Show these clips in this order, as a timeline says that was edited in another program.

    A shot that has another take by now shows that one.
    """

    op: Literal["arrange"] = "arrange"
    clips: list[Clip] = Field(min_length=1, max_length=10_000)

    def edit(self, slots: list[Slot]) -> list[Slot]:
        """Arrange; what lies over a clip stays over the frames that it was over."""
        of_shot: dict[str, dict[int, str]] = {}
        for i, name in enumerate(clip_names([slot.clip for slot in slots])):
            of_shot.setdefault(slots[i].clip.shot, {})[i] = name
        shown = {slot.clip.shot: slot.clip.take for slot in reversed(slots)}
        there = set(shown.values()) | {slot.clip.take for slot in slots}
        arranged: list[Slot] = []
        pieces: dict[int, list[int]] = {}
        for name, clip in zip(clip_names(self.clips), self.clips, strict=True):
            take = clip.take if clip.take in there else shown.get(clip.shot, clip.take)
            slot = Slot(clip.model_copy(update={"take": take}))
            home = _home(clip, name, of_shot.get(clip.shot, {}), slots)
            if home is not None:
                slot, was = replace(slot, origin=home), slots[home].clip
                if clip.speed * was.speed > 0:  # both run one way, so that a frame of the one is in the other
                    offset = math.ceil((clip.in_frame - was.in_frame) / was.speed)
                    slot = replace(slot, offset=offset, pace=clip.speed / was.speed)
                pieces.setdefault(home, []).append(len(arranged))
            arranged.append(slot)
        for home, places in pieces.items():
            if len(places) > 1 and slots[home].clip.effects:
                _divide(slots[home].clip, places, arranged)
        return arranged


def _home(clip: Clip, name: str, names: Mapping[int, str], slots: Sequence[Slot]) -> int | None:
    """Return which clip of its shot a clip was: the one that showed most of its frames, else the one of its name."""

    def likeness(i: int) -> tuple[bool, bool, int, bool]:
        same = _shared(clip, slots[i].clip)
        return same > 0, same > 0 and slots[i].clip.take == clip.take, same, names[i] == name

    best = max(names, key=likeness, default=None)
    return best if best is not None and any(likeness(best)) else None


def _shared(a: Clip, b: Clip) -> int:
    """Return how many frames of a shot's take two clips share."""
    (a_first, a_last), (b_first, b_last) = (
        sorted((clip.in_frame, source_frame(clip.in_frame, clip.speed, clip.frames - 1))) for clip in (a, b)
    )
    return max(0, min(a_last, b_last) - max(a_first, b_first) + 1)


def _divide(was: Clip, places: Sequence[int], arranged: list[Slot]) -> None:
    """Give each piece of a clip that was cut apart its part of the effects; the other program gave all to each."""
    whole = [
        i
        for i in places
        if (arranged[i].clip.effects, arranged[i].clip.speed) == (was.effects, was.speed)
        and 0 <= arranged[i].offset <= was.frames - arranged[i].clip.frames
    ]
    for i in whole if len(whole) > 1 else ():
        slot = arranged[i]
        try:
            effects = stretch(was.effects, slot.offset, slot.offset + slot.clip.frames, was.frames)
        except InvalidRequest as error:
            raise InvalidRequest(f"{was.shot} is cut apart, and {error}") from error
        arranged[i] = slot.changed(effects=effects)
