"""What a review changes in the storyboard: the named shots are mended and shot again, and the best take is kept.

A try is pinned in a new storyboard, so the folder alone says which take a shot has.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from reelgraph.graphs.remedies import Around, mend, remedy_for
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Note, Review, Shot, Storyboard, Take
from reelgraph.video_tools.project import Film, Project
from reelgraph.video_tools.shoot import Wanted, findings_of
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import wanted_takes


def reshoot(studio: Studio, film: Film, board: Storyboard, review: Review) -> Storyboard | None:
    """Apply one remedy to every shot that a blocking note names, or return None if nothing is left to try.

    A shot that was not made is tried again as it is: its request was never answered, and a failed attempt blocks
    nothing.
    """
    changed: dict[str, list[Shot]] = {}
    untouched = False
    before: Take | None = None
    better = worked(studio.project)
    for item in wanted_takes(studio, film, board):
        notes = [note for note in review.notes if note.blocking and note.shot == item.shot.id]
        take = studio.project.ledger.take(item.request.key)
        if notes and take is None:
            untouched = True
        elif notes:
            capabilities = studio.backend_for(studio.backend_of(item.shot)).capabilities()
            around = Around(before, _pictures(board, item.shot))
            tries = (_mended(item, note, capabilities, around, better) for note in notes)
            changed[item.shot.id] = next(filter(None, tries), [item.shot])
        before = take
    if not untouched and all(shots == [board.shot(id)] for id, shots in changed.items()):
        return None
    scenes = [
        scene.model_copy(update={"shots": [new for shot in scene.shots for new in changed.get(shot.id, [shot])]})
        for scene in board.scenes
    ]
    return board.model_copy(update={"scenes": scenes})


def _mended(
    item: Wanted, note: Note, capabilities: Capabilities, around: Around, better: Mapping[str, Sequence[str]]
) -> list[Shot]:
    """Try the remedies of a note in their order until one changes the shot."""
    tried = {t.removeprefix(f"{note.check}:") for t in item.shot.tried if t.startswith(f"{note.check}:")}
    while (remedy := remedy_for(note, tried, capabilities, worked=better)) is not None:
        shots = mend(item.shot, item.request, remedy, note, around)
        if shots:
            return shots
        tried.add(remedy.name)
    return []


def _pictures(board: Storyboard, shot: Shot) -> list[str]:
    """List the reference pictures of a shot's characters, then of its place."""
    cast = [character for id in shot.characters if (character := board.bible.character(id))]
    place = board.bible.place(shot.place)
    return [*(content for who in cast for content in who.references), *(place.references if place else ())]


def worked(project: Project) -> dict[str, list[str]]:
    """Say by check which remedies mended its fault in this project's films, the most often first.

    It follows from storyboards and reviews, so it is stored nowhere: a remedy is the last thing a shot tried, and it
    worked where the next review has no such note on that shot.
    """
    mended: set[tuple[str, str, str, str]] = set()
    for film in project.films():
        boards = {board.number: board for board in film.storyboards()}
        cuts = {cut.number: cut for cut in film.cuts()}
        for review in film.reviews():
            cut = cuts.get(review.cut)
            board = boards.get(cut.storyboard) if cut else None
            open_notes = {(note.shot, note.check) for note in review.notes}
            for shot in board.shots if board else ():
                check, _, remedy = shot.tried[-1].rpartition(":") if shot.tried else ("", "", "")
                if check and (shot.id, check) not in open_notes:
                    mended.add((film.name, shot.id, check, remedy))
    counts = Counter((check, remedy) for _, _, check, remedy in mended)
    best: dict[str, list[str]] = {}
    for (check, remedy), _ in counts.most_common():
        best.setdefault(check, []).append(remedy)
    return best


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
