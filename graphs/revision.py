"""What a review changes in the storyboard: the named shots are mended and shot again, and the best take is kept.

A try is pinned in a new storyboard, so the folder alone says which take a shot has.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from string import ascii_lowercase

from reelgraph.graphs.recut import edits_of
from reelgraph.graphs.remedies import REMEDIES, Around, as_made, mend, remedy_for
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.film import Character, Note, Place, Review, Shot, Storyboard, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.gates import WENT_BACK
from reelgraph.video_tools.generation import Wanted
from reelgraph.video_tools.measured import findings_now
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.shooting import maker_of, wanted_takes, wanted_then
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
    better, (words, negative) = worked(studio.project), _worded(studio)
    for item in wanted_takes(studio, film, board):
        free = studio.project.settings.best_of > len(_tries(film, board, item.shot.id))
        own = [note for note in review.notes if note.shot == item.shot.id and not review.only_unknown(note)]
        own = [] if item.shot.take else own  # nothing shoots footage anew
        take = studio.project.ledger.take(item.request.key)
        if take is not None:  # a take that somebody put into the cut by hand is mended by no other of the plan's
            own = [note for note in own if note.take in ("", take.key)]
        notes = [note for note in own if note.blocking or (free and not note.in_film)]
        if notes and take is None:
            untouched = True
        elif notes:
            capabilities = studio.backend_for(maker_of(studio, item)).capabilities()
            taken = [shot.id for shot in board.shots]
            described = _described(board, item.shot)
            around = Around(before, _pictures(board, item.shot), taken, described, words, negative)
            tries = [partial(_mended, item, note, capabilities, around, better) for note in notes]
            if free:
                tries.append(partial(mend, item.shot, item.request, REMEDIES["new_seed"], notes[0]))
            changed[item.shot.id] = next(filter(None, (one() for one in tries)), [item.shot])
        before = take
    if not untouched and all(shots == [board.shot(id)] for id, shots in changed.items()):
        return None
    return _with(board, changed)


def _with(board: Storyboard, changed: Mapping[str, Sequence[Shot]]) -> Storyboard:
    """Put shots in the place of others: one, two where it is split, or none."""
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
    # Steps and guidance that a shot names are its own model's: a still made elsewhere has none to be changed.
    request = item.request if item.backend else as_made(item.request, capabilities)
    while (remedy := remedy_for(note, tried, capabilities, worked=better)) is not None:
        shots = mend(item.shot, request, remedy, note, around)
        if shots:
            return shots
        tried.add(remedy.name)
    return []


def _pictures(board: Storyboard, shot: Shot) -> list[str]:
    """List the reference pictures of a shot's characters, then of its place."""
    cast = [character for id in shot.characters if (character := board.bible.character(id))]
    place = board.bible.place(shot.place)
    return [*(content for who in cast for content in who.references), *(place.references if place else ())]


def _described(board: Storyboard, shot: Shot) -> dict[str, str]:
    """Say what the bible says of a shot's characters, place and look, by name, where it says something."""
    place = board.bible.place(shot.place)
    cast = [character for id in shot.characters if (character := board.bible.character(id))]
    entries: list[Character | Place] = [*cast, *([place] if place else [])]
    said = {entry.name: entry.description for entry in entries}
    return {name: text for name, text in {**said, "the style": board.bible.style.look}.items() if text}


def _worded(studio: Studio) -> list[dict[str, str]]:
    """Say by check what it wants said first, and then what in the negative prompt."""
    from reelgraph.video_tools.checks.base import load_checks

    checks = load_checks(studio.checks_for())
    own = [{check.name: getattr(check, of) for check in checks} for of in ("words", "negative")]
    return [{name: said for name, said in one.items() if isinstance(said, str)} for one in own]  # or a field of its own


def worked(project: Project) -> dict[str, list[str]]:
    """Say by check which remedies mended its fault in this project's films, the most often first.

    It follows from storyboards, cuts and reviews, so it is stored nowhere: a remedy is the last thing a shot tried, or
    an edit of the cut, and it worked where the review of that has no such note on that shot.
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
            for shot_id, why in edits_of(cut) if cut else ():
                check, _, remedy = why.rpartition(":")
                if (shot_id, check) not in open_notes:
                    mended.add((film.name, shot_id, check, remedy))
    counts = Counter((check, remedy) for _, _, check, remedy in mended)
    best: dict[str, list[str]] = {}
    for (check, remedy), _ in counts.most_common():
        best.setdefault(check, []).append(remedy)
    return best


def best_so_far(studio: Studio, film: Film, board: Storyboard) -> Storyboard | None:
    """Go back, shot by shot, to the try that has the fewest faults, blocking ones first; None if none is better.

    Among equals the judge chooses, if there is one, or else the newest stays. A shot that was split is one again where
    its halves have more faults than the whole had.
    """
    own = _wholes(wanted_takes(studio, film, board))
    # By whole shot, each way in which it was divided, this one first: by part its different tries, the newest first.
    tries: dict[str, dict[tuple[str, ...], list[dict[str, Wanted]]]] = {whole: {} for whole in own}
    old = [one for one in reversed(film.storyboards()) if one.brief == board.brief]
    for wholes in (own, *(_wholes(wanted_then(studio, film, one)) for one in old)):
        for whole in own.keys() & wholes.keys():
            ids = tuple(item.shot.id for item in wholes[whole])
            parts = tries[whole].setdefault(ids, [{} for _ in ids])
            for part, item in zip(parts, wholes[whole], strict=True):
                part.setdefault(item.request.key, item)
    changed: dict[str, list[Shot]] = {}
    for whole, now in own.items():
        if any(item.shot.why[-1:] == [WENT_BACK] for item in now) or not any(item.shot.tried for item in now):
            continue
        ways = [[_best(studio, list(part.values())) for part in way] for way in tries[whole].values()]
        best = min(ways, key=lambda way: tuple(map(sum, zip(*(_faults(studio, item) for item in way), strict=True))))
        if any(item not in now for item in best):
            why = {item.shot.id: item.shot.why for item in now}
            changed |= {id: [] for id in why}
            changed[now[0].shot.id] = [
                item.shot if item in now else item.shot.model_copy(update={"why": [*why[item.shot.id], WENT_BACK]})
                for item in best
            ]
    return _with(board, changed) if changed else None


def _wholes(wanted: Sequence[Wanted]) -> dict[str, list[Wanted]]:
    """Group takes, in film order, by their shot as it was before a remedy split it."""
    wholes: dict[str, list[Wanted]] = {}
    for item in wanted:
        split = any(tried.endswith(":split") for tried in item.shot.tried)
        whole = item.shot.id.rstrip(ascii_lowercase) if split else item.shot.id
        wholes.setdefault(whole, []).append(item)
    return wholes


def _best(studio: Studio, tries: Sequence[Wanted]) -> Wanted:
    """Choose one of the tries with the fewest faults."""
    faults = [_faults(studio, item) for item in tries]
    return _chosen(studio, [item for item, count in zip(tries, faults, strict=True) if count == min(faults)])


def _chosen(studio: Studio, equal: Sequence[Wanted]) -> Wanted:
    from reelgraph.video_tools.checks.judge import look_at, rank

    ledger = studio.project.ledger
    takes = [(take, item.shot) for item in equal if (take := ledger.take(item.request.key))]
    if studio.judge is None or len(takes) < 2:
        return equal[0]
    seen = [look_at(ledger.picture(take), findings_now(studio, take, shot)) for take, shot in takes]
    return equal[rank(studio.judge, equal[0].shot.prompt, seen)[0]]


def _tries(film: Film, board: Storyboard, shot: str) -> set[tuple[str, ...]]:
    """Return the different tries that a shot of this plan had, each by what was tried until then."""
    boards = [old for old in film.storyboards() if old.brief == board.brief]
    return {tuple(x.tried) for old in boards for x in old.shots if x.id == shot}


def _faults(studio: Studio, item: Wanted) -> tuple[float, float]:
    """Count what blocks a take, and then what speaks against it."""
    take = studio.project.ledger.take(item.request.key)
    if take is None:
        return float("inf"), float("inf")
    findings = findings_now(studio, take, item.shot)
    blocking = sum(f.blocking and f.outcome in ("failed", "unknown") for f in findings)
    return blocking, sum(f.outcome == "failed" for f in findings)
