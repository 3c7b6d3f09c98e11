"""What a review changes in the storyboard: the named shots are mended and shot again, and the best take is kept.

A try is pinned in a new storyboard, so the folder alone says which take a shot has.
"""

from reelgraph.graphs.remedies import mend, remedy_for
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Note, Review, Shot, Storyboard, Take
from reelgraph.video_tools.project import Film
from reelgraph.video_tools.shoot import Wanted, findings_of
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import wanted_takes


def reshoot(studio: Studio, film: Film, board: Storyboard, review: Review) -> Storyboard | None:
    """Apply one remedy to every shot that a blocking note names, or return None if nothing is left to try.

    A shot that was not made is tried again as it is: its request was never answered, and a failed attempt blocks
    nothing.
    """
    changed = []
    untouched = False
    for item in wanted_takes(studio, film, board):
        notes = [note for note in review.notes if note.blocking and note.shot == item.shot.id]
        if not notes:
            continue
        if studio.project.ledger.take(item.request.key) is None:
            untouched = True
            continue
        capabilities = studio.backend_for(studio.backend_of(item.shot)).capabilities()
        mended = next(filter(None, (_mended(item, note, capabilities) for note in notes)), None)
        if mended is not None:
            changed.append(mended)
    return board.with_shots(changed) if changed or untouched else None


def _mended(item: Wanted, note: Note, capabilities: Capabilities) -> Shot | None:
    """Try the remedies of a note in their order until one changes the shot."""
    tried = {t.removeprefix(f"{note.check}:") for t in item.shot.tried if t.startswith(f"{note.check}:")}
    while (remedy := remedy_for(note, tried, capabilities)) is not None:
        shot = mend(item.shot, item.request, remedy, note)
        if shot is not None:
            return shot
        tried.add(remedy.name)
    return None


def best_so_far(studio: Studio, film: Film, board: Storyboard) -> Storyboard | None:
    """Go back, shot by shot, to an earlier try that fails fewer blocking checks; None if none does."""
    changed: dict[str, Shot] = {}
    now = {item.shot.id: item for item in wanted_takes(studio, film, board)}
    least = {id: _faults(studio, studio.project.ledger.take(item.request.key)) for id, item in now.items()}
    for older in reversed(film.storyboards()):
        if older.brief != board.brief or older.number == board.number:
            continue
        for item in wanted_takes(studio, film, older):
            id = item.shot.id
            if id not in now:
                continue
            faults = _faults(studio, studio.project.ledger.take(item.request.key))
            if faults < least[id]:
                least[id] = faults
                why = [*now[id].shot.why, "went back to the best take so far"]
                changed[id] = item.shot.model_copy(update={"why": why})
    return board.with_shots(list(changed.values())) if changed else None


def _faults(studio: Studio, take: Take | None) -> float:
    if take is None:
        return float("inf")
    findings = findings_of(studio.project.ledger, take) or []
    return sum(f.blocking and f.outcome in ("failed", "unknown") for f in findings)
