"""What a review changes in the storyboard: the named shots get another try, and the best take is kept at the end.

A try is a seed (or a variant number) pinned in a new storyboard, so the folder alone says which take a shot has.
"""

from reelgraph.video_tools.film import Review, Shot, Storyboard, Take, digest
from reelgraph.video_tools.project import Film
from reelgraph.video_tools.shoot import findings_of
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import wanted_takes


def reshoot(studio: Studio, film: Film, board: Storyboard, review: Review) -> Storyboard | None:
    """Give every shot that a blocking note names another try, or return None if none can be tried.

    A shot that was not made is tried again as it is: its request was never answered, and a failed attempt blocks
    nothing.
    """
    made = {item.shot.id: studio.project.ledger.take(item.request.key) for item in wanted_takes(studio, film, board)}
    changed = []
    for shot in board.shots:
        notes = [note for note in review.notes if note.blocking and note.shot == shot.id]
        if not notes:
            continue
        if made[shot.id] is None:
            changed.append(shot)
        else:
            changed.append(_another_try(film, shot, notes[0].message))
    return board.with_shots(changed) if changed else None


def _another_try(film: Film, shot: Shot, message: str) -> Shot:
    variant = shot.variant + 1
    seed = int(digest([film.name, shot.id, variant])[:8], 16)
    why = [*shot.why, f"shot again, try {variant + 1}: {message}"]
    return shot.model_copy(update={"variant": variant, "seed": seed, "why": why})


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
            if id not in now or item.shot.prompt != now[id].shot.prompt:
                continue
            faults = _faults(studio, studio.project.ledger.take(item.request.key))
            if faults < least[id]:
                least[id] = faults
                why = [*now[id].shot.why, f"kept the best take: try {item.shot.variant + 1}"]
                changed[id] = now[id].shot.model_copy(
                    update={"variant": item.shot.variant, "seed": item.shot.seed, "why": why}
                )
    return board.with_shots(list(changed.values())) if changed else None


def _faults(studio: Studio, take: Take | None) -> float:
    if take is None:
        return float("inf")
    findings = findings_of(studio.project.ledger, take) or []
    return sum(f.blocking and f.outcome in ("failed", "unknown") for f in findings)
