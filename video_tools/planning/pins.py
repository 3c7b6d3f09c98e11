"""What was chosen when a shot was planned and tried, and when that goes: seeds, references, past shots, remedies."""

from collections.abc import Mapping

from reelgraph.video_tools.film import Shot, Storyboard

# No part of what a shot shows.
PINS = ("seed", "variant", "references", "recalled", "steps", "guidance", "tried")


def shows_the_same(one: Shot, other: Shot) -> bool:
    """Tell whether two shots show the same cast at the same place."""
    return set(one.characters) == set(other.characters) and one.place == other.place


def bare(board: Storyboard) -> Storyboard:
    """Return a storyboard with nothing pinned in its shots."""
    nothing = {name: Shot.model_fields[name].get_default() for name in PINS}
    return board.with_shots([shot.model_copy(update=nothing) for shot in board.shots])


def unpinned_from(shot: Shot) -> Mapping[str, object]:
    """Empty what is pinned in a shot that shows somebody or somewhere else now; seed and steps only where memory or a
    remedy may have chosen them."""
    names = PINS if shot.recalled or shot.tried else ("references",)
    return {name: Shot.model_fields[name].get_default() for name in names}
