"""The clips of a cut while it is edited, each knowing which clip it was, so that what lies over it can move with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pydantic import ValidationError

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, first_fault


@dataclass(frozen=True)
class Slot:
    """A clip with where it came from: its frame 0 was frame `offset` of clip `origin`, now `pace` times as fast."""

    clip: Clip
    origin: int | None = None
    offset: int = 0
    pace: Fraction = Fraction(1)

    def changed(self, **changes: object) -> "Slot":
        """Return the slot with fields of its clip changed.

        Raises:
            InvalidRequest: No clip can be so.
        """
        try:
            return replace(self, clip=Clip.model_validate({**self.clip.model_dump(), **changes}))
        except ValidationError as error:
            raise InvalidRequest(f"{self.clip.shot} cannot be so: {first_fault(error)}") from error


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
