"""What a person said at a film's gates, and what it binds: nothing is shot that they refused, whoever asks for it.

A word stands for what was shown. So it is kept under the number of the first version that showed that, and what shows
the same has the same number: a plan whatever is pinned in it and whatever remedies changed, a sheet whatever its people
are called.
"""

from collections.abc import Sequence
from string import ascii_lowercase
from typing import TYPE_CHECKING

from reelgraph.video_tools.errors import Refused
from reelgraph.video_tools.film import Decision, Gate, Storyboard
from reelgraph.video_tools.shown import entries_of, entries_seen, plan_shown

if TYPE_CHECKING:
    from reelgraph.video_tools.film_folder import Film
    from reelgraph.video_tools.studio import Studio

WENT_BACK = "went back to the best take so far"  # the last reason of a shot for which an earlier try was chosen

BEFORE_SHOOTING: Sequence[Gate] = ("storyboard", "cost", "references")


def number_at(gate: Gate, film: "Film", board: Storyboard) -> int:
    """Return the number by which a person's word at a gate before shooting is kept, for a storyboard."""
    if gate == "cost":
        return _first_like(film, board, after=_reviewed(film))
    return _sheet_number(film, board) if gate == "references" else plan_number(film, board)


def plan_number(film: "Film", board: Storyboard) -> int:
    """Return the number of the first storyboard that shows a person this plan, or what remedies made it of."""
    for before in reversed([earlier for earlier in film.storyboards() if earlier.number < board.number]):
        if plan_shown(before) != plan_shown(board) and not _mended(before, board):
            break
        board = before
    return _first_like(film, board)


def standing(film: "Film", gate: Gate, number: int, *, acted: int = 0) -> Decision | None:
    """Return the word of a person that answers a question, or None where they are to be asked.

    A yes stands; to a cost, until the film is next reviewed, since its rounds begin anew then. A no stands as long as
    nothing was said since, and what was said with it is not done: whoever came back to a plan is asked anew.

    Args:
        film: The film.
        gate: Where it is asked.
        number: The number by which its words are kept.
        acted: How many decisions a run has acted on: a no among them is asked about once more.
    """
    said = film.decided(gate, number)
    if said is None:
        return None
    if said.approved:
        return said if gate != "cost" or said.reviewed == newest_review(film) else None
    decisions = film.decisions()
    if said != decisions[-1] or len(decisions) <= acted:
        return None
    old, newest = (film.storyboard(number), film.storyboard()) if gate in ("storyboard", "cost") else (None, None)
    return None if old and newest and is_revised(newest, old, said.words) else said


def newest_review(film: "Film") -> int:
    """Return the number of a film's newest review, or 0 before the first."""
    review = film.review()
    return review.number if review else 0


def reason_of(words: str) -> str:
    """Say why a shot was changed that a person wanted otherwise, as it is written among its reasons."""
    return f"a person asked: {' '.join(words.split())}"


def is_revised(board: Storyboard, old: Storyboard, words: str) -> bool:
    """Say whether a storyboard has a shot that these words of a person changed since an older one."""
    reason, was = reason_of(words), {shot.id: shot.why for shot in old.shots}
    return any(shot.why.count(reason) > was.get(shot.id, []).count(reason) for shot in board.shots)


def heed_person(studio: "Studio", film: "Film", board: Storyboard, gates: Sequence[Gate] = BEFORE_SHOOTING) -> None:
    """Refuse to shoot a plan once a person said no at a gate, until they have said yes to it as it is by now.

    Args:
        studio: Where it is made.
        film: The film.
        board: The storyboard that is to be shot.
        gates: Those whose word counts.

    Raises:
        Refused: They said no; the message says what to do.
    """
    decisions, gates = film.decisions(), [gate for gate in gates if gate != "references" or any(entries_seen(board))]
    for gate in gates:
        words = [said for said in decisions if said.gate == gate]
        if all(said.approved for said in words):
            continue
        number = number_at(gate, film, board)
        own = [said for said in words if said.number == number]
        said = (own or words)[-1]
        if said.approved or (gate == "cost" and not is_asked_about_cost(studio, film, board)):
            continue
        newest = film.storyboard()  # what was changed in memory alone, to be tried, nobody can be asked about
        written = newest is not None and board.number <= newest.number
        raise Refused(after_no(gate, film.name, words=said.words, changed=not own and written))


def is_asked_about_cost(studio: "Studio", film: "Film", board: Storyboard) -> bool:
    """Say whether a person wants to be asked about what shooting a plan may cost."""
    from reelgraph.video_tools.estimate import estimate_cost  # which asks for takes as `shooting` does, and so this

    asked = film.commission()
    limits = asked.approve_above if asked else None
    return limits is not None and limits.may_be_passed_by(estimate_cost(studio, film, board).most)


def after_no(gate: Gate, film: str, *, words: str = "", changed: bool = False) -> str:
    """Say how a film goes on that a person said no to.

    Args:
        gate: Where.
        film: The film's name.
        words: What they said.
        changed: Whether what they said no to has changed since.
    """
    again = f"`reelgraph resume --film {film}`"
    asks = f"as it is, {again} asks again in a terminal"
    if changed:
        do = f"it has changed since, and {again} asks about it as it is now"
    elif gate == "cut":
        do = f"`reelgraph revise --film {film} WORDS` changes it, and asks about what that makes; {asks}"
    elif gate == "references":
        do = f"{again} shoots its pictures again, by other words if you edit them first"
    else:
        revise = f"`reelgraph revise --film {film} WORDS`"
        do = f"edit films/{film}/storyboard.yaml, and {again} asks about the new plan; so does {revise}"
        do += f"; {asks}" + ("; or give a higher --approve-above" if gate == "cost" else "")
    said = " ".join(words.split())[:120]
    return f"a person said no to the {gate}{f' ({said})' if said else ''}: {do}"


def _first_like(film: "Film", board: Storyboard, *, after: int = 0) -> int:
    """Return the number of the first storyboard, of those after one, that shows a person the same plan."""
    shown = plan_shown(board)
    return next((b.number for b in film.storyboards() if b.number > after and plan_shown(b) == shown), board.number)


def _reviewed(film: "Film") -> int:
    """Return the number of the storyboard whose film was reviewed last, or 0 before the first review."""
    review = film.review()
    cut = film.cut(review.cut) if review else None
    return cut.storyboard if cut else 0


def _sheet_number(film: "Film", board: Storyboard) -> int:
    """Return the number of the first storyboard that has this reference sheet."""
    return next((b.number for b in film.storyboards() if _looks(b) == _looks(board)), board.number)


def _looks(board: Storyboard) -> tuple[object, ...]:
    """What a reference sheet decides; names and aliases may change without anybody looking different."""
    entries = entries_of(board.bible)
    return [(entry.id, entry.description, entry.palette, entry.references) for entry in entries], board.bible.style


def _mended(before: Storyboard, board: Storyboard) -> bool:
    """Say whether remedies alone made a storyboard of the one before it: what is seen otherwise was tried since."""
    was = {shot.id: shot for shot in before.shots}
    mended: set[str] = set()
    for shot in board.shots:
        old = was.get(shot.id) or was.get(_whole(shot.id))
        tried, why = (old.tried, old.why) if old else ([], [])
        if len(shot.tried) > len(tried) or (shot.why[-1:] == [WENT_BACK] != why[-1:]):
            mended.add(_whole(shot.id))

    def rest(of: Storyboard) -> dict[str, object]:
        shown = plan_shown(of)
        shots = [shot for shot in shown["shots"] if _whole(shot["id"]) not in mended]
        return {**shown, "seconds": 0, "shots": shots}

    return bool(mended) and before.brief == board.brief and rest(before) == rest(board)


def _whole(shot: str) -> str:
    """Name the shot that a remedy may have split, by one of its parts."""
    return shot.rstrip(ascii_lowercase)
