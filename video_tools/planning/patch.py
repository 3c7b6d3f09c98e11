"""What a changed brief changes of a storyboard, for a person to read and for what has to lean on memory anew."""

from collections.abc import Collection
from dataclasses import dataclass, field

from reelgraph.video_tools.film import Storyboard
from reelgraph.video_tools.wording import counted

# What a new plan says of a shot that makes it another shot to shoot.
_SHOWN = (
    "prompt", "kind", "title", "lines", "characters", "place", "time", "size", "camera", "angle", "seconds",
    "transition",
)  # fmt: skip


@dataclass(frozen=True)
class StoryboardPatch:
    """What a new brief changes.

    Attributes:
        storyboard: The storyboard with the patch applied; its number is the old one's plus 1.
        kept: Ids of shots that stand as they are.
        changed: Ids of shots whose words or place in the film changed, with what changed.
        added: Ids of shots that are new.
        removed: Ids of shots that are gone.
        unpinned: Ids of shots that lean on nothing yet: new ones, and those that show somebody or somewhere else now.
    """

    storyboard: Storyboard
    kept: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unpinned: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """Say in lines what changes, for a person to approve."""
        lines = [f"{counted(len(self.kept), 'shot')} stand{'s' * (len(self.kept) == 1)}"]
        lines += [f"{id_} changes: {', '.join(what)}" for id_, what in self.changed.items()]
        lines += [f"{id_} is new: {self.storyboard.shot(id_).prompt[:80]}" for id_ in self.added]
        lines += [f"{id_} goes" for id_ in self.removed]
        return "\n".join(lines)


def patch_of(old: Storyboard, board: Storyboard, unpinned: Collection[str]) -> StoryboardPatch:
    """Say what a new storyboard changes of an old one.

    Args:
        old: The storyboard before.
        board: The one after it.
        unpinned: Ids of shots of both that lean on nothing yet.
    """
    there = {shot.id: shot for shot in old.shots}
    differs = {
        shot.id: [name for name in _SHOWN if getattr(shot, name) != getattr(there[shot.id], name)]
        for shot in board.shots
        if shot.id in there
    }
    added = [shot.id for shot in board.shots if shot.id not in there]
    return StoryboardPatch(
        board,
        kept=[id_ for id_, what in differs.items() if not what],
        changed={id_: what for id_, what in differs.items() if what},
        added=added,
        removed=[id_ for id_ in there if id_ not in differs],
        unpinned=[*added, *(id_ for id_ in unpinned if id_ in there)],
    )
