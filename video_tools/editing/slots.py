"""The clips of a cut while it is edited, each knowing which clip it was, so that what lies over it can move with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Caption, Clip, Cut, Inset, SoundClip, Title


@dataclass(frozen=True)
class Slot:
    """A clip with where it came from: its frame 0 was frame `offset` of clip `origin`, now `pace` times as fast."""

    clip: Clip
    origin: int | None = None
    offset: int = 0
    pace: Fraction = Fraction(1)

    def changed(self, **changes: object) -> "Slot":
        """Return the slot with fields of its clip changed."""
        return replace(self, clip=Clip.model_validate({**self.clip.model_dump(), **changes}))


def find(slots: Sequence[Slot], name: str) -> int:
    """Return which clip a name means.

    Raises:
        InvalidRequest: There is none; the message lists those there are.
    """
    names = clip_names([slot.clip for slot in slots])
    if name in names:
        return names.index(name)
    raise InvalidRequest(f"no clip {name!r}: there are {', '.join(names[:40])}{' …' if len(names) > 40 else ''}")


def clip_names(clips: Sequence[Clip]) -> list[str]:
    """Name clips: by their shot, and from a shot's second clip on with its number."""
    seen: dict[str, int] = {}
    names = []
    for clip in clips:
        seen[clip.shot] = seen.get(clip.shot, 0) + 1
        names.append(clip.shot if seen[clip.shot] == 1 else f"{clip.shot}#{seen[clip.shot]}")
    return names


Timed = TypeVar("Timed", Caption, Title, Inset, SoundClip)


def carried(before: Cut, after: Cut, slots: Sequence[Slot]) -> Cut:
    """Move what lies over clips to where those now are."""

    def moved(item: Timed) -> Timed | None:
        if isinstance(item, SoundClip) and item.role == "music":
            start, frames = item.start, item.frames
        else:
            home = max(i for i, start in enumerate(before.starts) if start <= item.start or i == 0)
            place = item.start - before.starts[home]
            found = _new_place(slots, after, home, place, item.frames)
            if found is None:
                return None
            start, frames = found
        frames = min(frames, after.frames - start)
        if frames < 1:
            return None
        changes: dict[str, object] = {"start": start, "frames": frames}
        if isinstance(item, Title):
            changes["fade"] = min(item.fade, frames // 2)
        if isinstance(item, SoundClip):
            changes |= {"fade_in": min(item.fade_in, frames), "fade_out": min(item.fade_out, frames)}
        return item.model_copy(update=changes)

    def kept(items: Sequence[Timed]) -> list[Timed]:
        return [new for new in map(moved, items) if new is not None]

    changes = {
        "captions": kept(before.captions),
        "titles": kept(before.titles),
        "insets": kept(before.insets),
        "sounds": kept(before.sounds),
    }
    return after.model_copy(update=changes)


def _new_place(slots: Sequence[Slot], after: Cut, home: int, place: int, frames: int) -> tuple[int, int] | None:
    """Return start and length in the new film of what began `place` frames into old clip `home`, or None if cut off."""
    for i, slot in enumerate(slots):
        if slot.origin != home:
            continue
        begin = int((place - slot.offset) / slot.pace)
        end = begin + max(1, int(frames / slot.pace))
        if begin < slot.clip.frames and end > 0:
            return after.starts[i] + max(0, begin), end - max(0, begin)
    return None
