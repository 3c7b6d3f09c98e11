"""What a review changes in the storyboard: the named shots are mended and shot again, and the best take is kept.

A try is pinned in a new storyboard, so the folder alone says which take a shot has.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from reelgraph.graphs.remedies import REMEDIES, Around, mend, remedy_for
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Note, Review, Shot, Storyboard, Take
from reelgraph.video_tools.measured import findings_now
from reelgraph.video_tools.project import Film, Project
from reelgraph.video_tools.shoot import Wanted
from reelgraph.video_tools.shooting import wanted_takes
from reelgraph.video_tools.studio import Studio


def reshoot(studio: Studio, film: Film, board: Storyboard, review: Review) -> Storyboard | None:
    """Apply one remedy to every shot that a blocking note names, or return None if nothing is left to try.

    Where the best of several takes is wanted, advice on a take is reason enough for another, and where no remedy is
    left yet another seed is tried, until there are so many.

    What could not be measured is no reason to pay for another take.

    A shot that was not made is tried again as it is: its request was never answered, and a failed attempt blocks
    nothing.
    """
    changed: dict[str, list[Shot]] = {}
    untouched = False
    before: Take | None = None
    better = worked(studio.project)
    for item in wanted_takes(studio, film, board):
        free = studio.project.settings.best_of > len(_tries(film, board, item.shot.id))
        own = [note for note in review.notes if note.shot == item.shot.id and not _unknown(review, note)]
        notes = [note for note in own if note.blocking or (free and not note.in_film)]
        take = studio.project.ledger.take(item.request.key)
        if notes and take is None:
            untouched = True
        elif notes:
            capabilities = studio.backend_for(studio.backend_of(item.shot)).capabilities()
            around = Around(before, _pictures(board, item.shot))
            tries = [partial(_mended, item, note, capabilities, around, better) for note in notes]
            if free:
                tries.append(partial(mend, item.shot, item.request, REMEDIES["new_seed"], notes[0]))
            changed[item.shot.id] = next(filter(None, (one() for one in tries)), [item.shot])
        before = take
    if not untouched and all(shots == [board.shot(id)] for id, shots in changed.items()):
        return None
    scenes = [
        scene.model_copy(update={"shots": [new for shot in scene.shots for new in changed.get(shot.id, [shot])]})
        for scene in board.scenes
    ]
    return board.model_copy(update={"scenes": scenes})


def _unknown(review: Review, note: Note) -> bool:
    """Say whether a note tells only that something could not be measured, which another take would not mend."""
    outcomes = {f.outcome for f in review.findings.get(note.shot, []) if f.check == note.check}
    return "unknown" in outcomes and "failed" not in outcomes


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


_BACK = "went back to the best take so far"


def best_so_far(studio: Studio, film: Film, board: Storyboard) -> Storyboard | None:
    """Go back, shot by shot, to the try that has the fewest faults, blocking ones first; None if none is better.

    Among equals the judge chooses, if there is one, or else the newest stays.
    """
    boards = [board, *(old for old in reversed(film.storyboards()) if old.brief == board.brief)]
    tries: dict[str, dict[str, Wanted]] = {shot.id: {} for shot in board.shots}
    for one in boards:
        for item in wanted_takes(studio, film, one):
            if item.shot.id in tries:
                tries[item.shot.id].setdefault(item.request.key, item)
    changed = []
    for shot in board.shots:
        if shot.why[-1:] == [_BACK] or not shot.tried:
            continue
        now, *_ = items = list(tries[shot.id].values())
        faults = [_faults(studio, studio.project.ledger.take(item.request.key)) for item in items]
        best = _chosen(studio, [item for item, count in zip(items, faults, strict=True) if count == min(faults)])
        if best is not now:
            changed.append(best.shot.model_copy(update={"why": [*now.shot.why, _BACK]}))
    return board.with_shots(changed) if changed else None


def _chosen(studio: Studio, equal: Sequence[Wanted]) -> Wanted:
    from reelgraph.video_tools.checks.judge import look_at, rank

    ledger = studio.project.ledger
    takes = [take for item in equal if (take := ledger.take(item.request.key))]
    if studio.judge is None or len(takes) < 2:
        return equal[0]
    seen = [look_at(ledger.picture(take), take.frames, findings_now(studio, take)) for take in takes]
    return equal[rank(studio.judge, equal[0].shot.prompt, seen)[0]]


def _tries(film: Film, board: Storyboard, shot: str) -> set[tuple[str, ...]]:
    """Return the different tries that a shot of this plan had, each by what was tried until then."""
    boards = [old for old in film.storyboards() if old.brief == board.brief]
    return {tuple(x.tried) for old in boards for x in old.shots if x.id == shot}


def _faults(studio: Studio, take: Take | None) -> tuple[float, float]:
    """Count what blocks a take, and then what speaks against it."""
    if take is None:
        return float("inf"), float("inf")
    findings = findings_now(studio, take)
    blocking = sum(f.blocking and f.outcome in ("failed", "unknown") for f in findings)
    return blocking, sum(f.outcome == "failed" for f in findings)
