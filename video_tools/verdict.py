"""The one answer to whether a film is approved: its checks, a person at each gate, and what was substituted."""

from collections.abc import Sequence

from reelgraph.video_tools.film import Cut, Decision, Gate, Note, Review, Storyboard, Substitution
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.gates import BEFORE_SHOOTING, is_asked_about_cost, number_at, standing
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.shown import entries_seen
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.substitutions import substituted

_GATES: tuple[Gate, ...] = ("storyboard", "references", "cut")  # those whose yes the film itself needs


def verdict_of(film: Film) -> Review | None:
    """Return the review of the newest cut as it stands; see `Film.verdict`."""
    cut, review = film.cut(), film.review()
    if cut is None or review is None or review.cut != cut.number:
        return None
    said = _said(film, cut)
    refused = [word for word in said.values() if word is not None and not word.approved]
    notes = [_refusal(word) for word in refused]
    asked = film.commission()
    ledger, is_strict = Ledger(film.folder.parent.parent), asked is not None and asked.strict
    against = strictly(film, substituted(ledger, film.name, _board_of(film, cut), cut)) if is_strict else ""
    notes += [Note(id="film-strict", check="strict", message=f"the film {against}")] if against else []
    yes = said.get("cut")
    person = "rejected" if refused else "asked" if None in said.values() else "approved" if yes else ""
    if person == review.person and not notes:
        return review
    approved = review.approved and person in ("", "approved") and not notes
    return review.model_copy(update={"person": person, "approved": approved, "notes": [*review.notes, *notes]})


def strictly(film: Film, substitutions: Sequence[tuple[str, Substitution]]) -> str:
    """Say what keeps a film that was asked for strictly from being approved; empty where nothing does."""
    asked = film.commission()
    if not substitutions or asked is None or not asked.strict:
        return ""
    said = list(dict.fromkeys(f"{one.what} {one.asked} became {one.made or 'nothing'}" for _, one in substitutions))
    more = f", and {len(said) - 3} more" if len(said) > 3 else ""
    return f"was asked for strictly, and {'; '.join(said[:3])}{more}"


def wanted_at(studio: Studio, film: Film) -> Gate | None:
    """Name the gate before the cut at which a person's yes to a film's newest plan is still wanted, None for none.

    Args:
        studio: Where it is made.
        film: The film.
    """
    board, cut, asked = film.storyboard(), film.cut(), film.commission()
    if board is None or asked is None:
        return None
    is_cut = cut is not None and cut.storyboard == board.number
    for gate in BEFORE_SHOOTING:
        if gate == "cost" and is_cut:  # what its rounds may cost is asked by whoever goes on with them
            continue
        wanted = is_asked_about_cost(studio, film, board) if gate == "cost" else gate in asked.approve
        if gate == "references":
            wanted = wanted and any(entries_seen(board))
        word = standing(film, gate, number_at(gate, film, board)) if wanted else None
        if wanted and word is None:
            return gate
        if word is not None and not word.approved:
            return None
    return None


def not_approved(verdict: Review) -> str:
    """Say in words that a film is not approved, and by whom."""
    if verdict.person == "rejected":
        why = next(note.message for note in reversed(verdict.notes) if note.raised_by == "person")
        return f"not approved, since a person said no: {' '.join(why.split())[:120]}"
    return "not approved: a person's yes is still wanted" if verdict.person == "asked" else "not approved"


def _said(film: Film, cut: Cut) -> dict[Gate, Decision | None]:
    """Return the newest word at each gate on what the cut shows, and None where one was asked for and nobody spoke."""
    asked, decisions = film.commission(), film.decisions()
    wanted = asked.approve if asked else []
    said: dict[Gate, Decision | None] = {}
    for gate in _GATES:
        if gate not in wanted and not any(word.gate == gate for word in decisions):
            continue
        number = cut.number
        if gate != "cut":
            board = _board_of(film, cut)
            if gate == "references" and not any(entries_seen(board)):  # nobody has to look the same
                continue
            number = number_at(gate, film, board)
        word = next((word for word in reversed(decisions) if (word.gate, word.number) == (gate, number)), None)
        if word is not None or gate in wanted:
            said[gate] = word
    return said


def _board_of(film: Film, cut: Cut) -> Storyboard:
    board = film.storyboard(cut.storyboard)
    assert board is not None  # a number that is not there is refused
    return board


def _refusal(word: Decision) -> Note:
    message = word.words or "a person said no"
    if word.gate != "cut":
        message = f"a person said no to the {word.gate}{f': {word.words}' if word.words else ''}"
    return Note(id="film-person", raised_by="person", message=message)
