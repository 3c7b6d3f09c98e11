"""Tell which shot of a new plan is which of an old one, by the words that they are told by."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from reelgraph.video_tools.film import Shot, Storyboard

# How alike two shots' words must be to be one shot, changed. Source: a pair that differs in one word of four is still
# the same event; below a half, difflib's ratio matches sentences that share only their small words.
_ALIKE = 0.5


def pairs_of(old: Sequence[Shot], new: Sequence[Shot], planned: Sequence[Shot]) -> dict[str, tuple[Shot, Shot]]:
    """Match new shots to old ones, each with what was planned for it: by the words of both plans, else by its own.

    Args:
        old: The shots as they are.
        new: Those of a new plan.
        planned: Those of the plan that the old ones were made of.

    Returns:
        By a new shot's id, the old one and the planned one.
    """
    shot_of = matched(old, planned)
    used = {shot.id for shot in shot_of.values()}
    left = {shot.id: shot for shot in old if shot.id not in used}
    # Whoever writes a shot in quite other words leaves its id.
    shot_of |= {was.id: left[was.id] for was in planned if was.id not in shot_of and was.id in left}
    pairs = {id_: (shot_of[was.id], was) for id_, was in matched(planned, new).items() if was.id in shot_of}
    used = {shot.id for shot, _ in pairs.values()}
    rest = matched([s for s in old if s.id not in used], [s for s in new if s.id not in pairs])
    return pairs | {id_: (shot, shot) for id_, shot in rest.items()}


def parts_of(board: Storyboard) -> dict[str, str]:
    """Return the ids of shots that are further parts of one that was divided, each with the first part's."""
    ids = {shot.id for shot in board.shots}
    return {id_: id_[:-1] for id_ in sorted(ids) if id_[-1].isalpha() and id_[:-1] in ids}


def matched(old: Sequence[Shot], new: Sequence[Shot]) -> dict[str, Shot]:
    """Match new shots to old ones, in order: the same words first, then the most alike in the gaps between."""
    before, after = [words_of(shot) for shot in old], [words_of(shot) for shot in new]
    pairs: dict[str, Shot] = {}
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            pairs |= {new[j].id: old[i] for i, j in zip(range(i1, i2), range(j1, j2), strict=True)}
        elif kind == "replace":
            start = i1
            for j in range(j1, j2):
                scores = [(_likeness(before[i], after[j]), -i) for i in range(start, i2)]
                best, at = max(scores, default=(0.0, 0))
                if best >= _ALIKE:
                    pairs[new[j].id] = old[-at]
                    start = -at + 1
    return pairs


def alike(one: Shot, other: Shot) -> bool:
    """Tell whether two shots' words are alike enough for one shot, changed."""
    return _likeness(words_of(one), words_of(other)) >= _ALIKE


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(a=a.split(), b=b.split(), autojunk=False).ratio()


def words_of(shot: Shot) -> str:
    """Return what a shot is told by: its words without the sign at their end, its lines and title."""
    return " ".join([shot.prompt.rstrip(".!? "), shot.title, *(line.text for line in shot.lines)]).strip()
