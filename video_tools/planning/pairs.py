"""Tell which shot of a new plan is which of an old one, by the words that they are told by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from reelgraph.video_tools.film import Shot, Storyboard

# How alike two shots' words must be to be one shot, changed. Source: a pair that differs in one word of four is still
# the same event; below a half, difflib's ratio matches sentences that share only their small words.
_ALIKE = 0.5


@dataclass(frozen=True)
class Pairs:
    """Which shots of a new plan are which of the old ones.

    Attributes:
        of: By a new shot's id, the old one and what was planned for it.
        taken_out: Ids of new shots that were planned in the same words, and that somebody took out of the old ones.
        put_in: Ids of old shots that neither plan has: somebody put them in.
    """

    of: dict[str, tuple[Shot, Shot]]
    taken_out: set[str]
    put_in: set[str]


def pairs_of(old: Sequence[Shot], new: Sequence[Shot], planned: Sequence[Shot]) -> Pairs:
    """Match new shots to old ones, each with what was planned for it: by the words of both plans, else by its own.

    Args:
        old: The shots as they are.
        new: Those of a new plan.
        planned: Those of the plan that the old ones were made of.
    """
    shot_of = matched(old, planned)
    # Once more for those that somebody moved: what is matched keeps its order.
    shot_of |= matched(_without(old, shot_of.values()), [was for was in planned if was.id not in shot_of])
    left = {shot.id: shot for shot in _without(old, shot_of.values())}
    # Whoever writes a shot in quite other words leaves its id.
    shot_of |= {was.id: left[was.id] for was in planned if was.id not in shot_of and was.id in left}
    was_of = matched(planned, new)
    pairs = {id_: (shot_of[was.id], was) for id_, was in was_of.items() if was.id in shot_of}
    said = {shot.id: words_of(shot) for shot in new}
    taken_out = {id_ for id_, was in was_of.items() if id_ not in pairs and words_of(was) == said[id_]}
    rest = matched(
        _without(old, (shot for shot, _ in pairs.values())), [s for s in new if s.id not in {*pairs, *taken_out}]
    )
    pairs |= {id_: (shot, shot) for id_, shot in rest.items()}
    put_in = {shot.id for shot in _without(old, [*shot_of.values(), *rest.values()])}
    return Pairs(pairs, taken_out, put_in)


def _without(shots: Sequence[Shot], used: Iterable[Shot]) -> list[Shot]:
    ids = {shot.id for shot in used}
    return [shot for shot in shots if shot.id not in ids]


def parts_of(board: Storyboard) -> dict[str, str]:
    """Return the ids of shots that are further parts of one that was divided, each with the first part's."""
    ids = {shot.id for shot in board.shots}
    return {id_: id_[:-1] for id_ in sorted(ids) if id_[-1].isalpha() and id_[:-1] in ids}


def matched(old: Sequence[Shot], new: Sequence[Shot]) -> dict[str, Shot]:
    """Match new shots to old ones, in order: the same words first, then the most alike in the gaps between."""
    before, after = [words_of(shot) for shot in old], [words_of(shot) for shot in new]
    words = [text.split() for text in before]
    pairs: dict[str, Shot] = {}
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            pairs |= {new[j].id: old[i] for i, j in zip(range(i1, i2), range(j1, j2), strict=True)}
        elif kind == "replace":
            start = i1
            for j in range(j1, j2):
                best, at = _most_alike(words[start:i2], after[j].split())
                if best >= _ALIKE:
                    pairs[new[j].id] = old[start + at]
                    start += at + 1
    return pairs


def alike(one: Shot, other: Shot) -> bool:
    """Tell whether two shots' words are alike enough for one shot, changed."""
    return _most_alike([words_of(one).split()], words_of(other).split())[0] >= _ALIKE


def _most_alike(texts: Sequence[Sequence[str]], told: Sequence[str]) -> tuple[float, int]:
    """Return how alike the most alike of some texts' words is, and the first such text's place; 0 where none is."""
    matcher = SequenceMatcher(b=told, autojunk=False)
    words = {*told}
    repeated = len(told) - len(words)
    best, at = 0.0, 0
    for n, text in enumerate(texts):
        # What they share at most costs far less to tell than what they do, and most texts share too little.
        least = max(_ALIKE, best) * (len(text) + len(told))
        if 2 * (len(words.intersection(text)) + repeated) >= least:
            matcher.set_seq1(text)
            if (ratio := matcher.ratio()) >= _ALIKE and ratio > best:
                best, at = ratio, n
    return best, at


def words_of(shot: Shot) -> str:
    """Return what a shot is told by: its words without the sign at their end, its lines and title."""
    return " ".join([shot.prompt.rstrip(".!? "), shot.title, *(line.text for line in shot.lines)]).strip()
