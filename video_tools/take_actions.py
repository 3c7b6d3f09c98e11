"""What an agent may do with shots and takes: shoot, look, compare, bring in footage; as in `actions.py`."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from reelgraph.video_tools import importing, shooting, tools
from reelgraph.video_tools.answers import (
    Answer,
    faults_in,
    frames_of,
    listed,
    measure,
    money,
    posters_of,
    shape_of,
    verdict_in,
)
from reelgraph.video_tools.desk import board_of, board_to_go_on, edited_by_hand, film_of, take_of, writing
from reelgraph.video_tools.errors import BudgetExceeded, InvalidRequest, ReelgraphError
from reelgraph.video_tools.establish import establish
from reelgraph.video_tools.film import Rung, Shot, Storyboard, Take, first_fault
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.generation import Published, Unmade
from reelgraph.video_tools.measured import findings_now
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.wording import counted


def generate_take(
    studio: Studio,
    *,
    shot: str,
    film: str = "",
    prompt: str = "",
    seconds: float | None = None,
    size: str = "",
    camera: str = "",
    new_seed: bool = False,
    rung: Rung | Literal[""] = "",
) -> Answer:
    """Shoot one shot, changed first where a change is given, or every shot that has no take.

    A take of a lower rung than the film's is one to look at: the film's own is still to be made. A take that the ledger
    has is used again at no cost. The change is written into the storyboard once its take is
    there; what cannot be made leaves the storyboard as it was. A person's edit of `storyboard.yaml` is taken in first.

    Raises:
        InvalidRequest: There is no such shot, or it cannot be made so, or the edited file cannot be a storyboard.
        BudgetExceeded: A ceiling does not allow it.
        ReelgraphError: The back end failed; the message says how.
    """
    found = film_of(studio, film)
    given = {"prompt": prompt, "seconds": seconds, "size": size, "camera": camera}
    change: dict[str, Any] = {name: value for name, value in given.items() if value not in ("", None)}
    if shot == "all" and (change or new_seed):
        raise InvalidRequest("a change is for one shot: name it, or leave out what changes")
    with writing(studio):
        board, edited = board_to_go_on(studio, found)
        if shot != "all":  # what cannot be made so is refused before pictures of the reference sheet are paid for
            changed = _changed(board.shot(shot), change)
            shooting.wanted_takes(studio, found, board.with_shots([changed]))
        board = establish(studio, found, board, shots=None if shot == "all" else [shot])
    if shot == "all":
        return _generate_all(studio, found, board, rung or None, edited)
    old = board.shot(shot)
    if old.take and change:
        raise InvalidRequest(f"{shot} shows footage, which is not shot: change it by edit_cut")
    if new_seed:
        request = next(w for w in shooting.wanted_takes(studio, found, board) if w.shot.id == shot).request
        change |= shooting.next_seed(old, request)
    if change:
        why = "asked for by an agent: " + ", ".join(sorted(change))
        new = old.model_copy(update={**change, "why": [*old.why, why]})
        board = board.with_shots([new]).model_copy(update={"number": found.next_number("storyboards")})
    with studio.project.writing():
        *_, result = shooting.shoot_shots(studio, found, board, [shot], rung=rung or None)
    if isinstance(result, Unmade):
        raise result.error
    number = _pin(studio, found, result.wanted.shot, [*change, "why"]) if change else board.number
    return _take_answer(studio, found, result, number, edited)


def _changed(shot: Shot, change: dict[str, Any]) -> Shot:
    """Return a shot changed as somebody asks.

    Raises:
        InvalidRequest: No shot can be so.
    """
    try:
        return Shot.model_validate({**shot.model_dump(), **change})
    except ValidationError as error:
        raise InvalidRequest(f"{shot.id} cannot be so: {first_fault(error)}") from error


def _generate_all(studio: Studio, film: Film, board: Storyboard, rung: Rung | None, edited: Sequence[str]) -> Answer:
    made: dict[str, Take] = {}
    failed: dict[str, ReelgraphError] = {}
    shots = [shot.id for shot in board.shots]
    with studio.project.writing():
        for result in shooting.shoot_shots(studio, film, board, shots, rung=rung):
            if isinstance(result, Unmade):
                failed[result.wanted.shot.id] = result.error
            elif not result.reused:
                made[result.wanted.shot.id] = result.take
    made = {id: made[id] for id in shots if id in made}  # they come as they are made, and are said in order
    failed = {id: failed[id] for id in shots if id in failed}
    if failed and len(failed) == len(shots):
        raise next(iter(failed.values()))
    ready = len(shots) - len({**made, **failed})
    there = f"{ready} {'was' if ready == 1 else 'were'} there"
    lines = [*edited, f"{film.name}: {counted(len(made), 'take')} made, {there}, {len(failed)} not made."]
    lines += listed([f"{shot} was not made: {error}" for shot, error in failed.items()])
    said = {id: faults_in(findings_now(studio, take, board.shot(id))) for id, take in made.items()}
    lines += listed([f"{id}: {faults}" for id, faults in said.items() if faults])
    lines.append(f"Spent on {film.name}: {money(studio.project.ledger.spend(film.name))}.")
    if not failed:
        lines.append("Next: assemble_cut.")
    record = {
        "film": film.name,
        "storyboard": board.number,
        "made": {shot: take.key for shot, take in made.items()},
        "failed": {shot: str(error) for shot, error in failed.items()},
        "refused": [shot for shot, error in failed.items() if isinstance(error, BudgetExceeded)],
    }
    return Answer("\n".join(lines), record)


def _pin(studio: Studio, film: Film, shot: Shot, fields: Iterable[str] = Shot.model_fields) -> int:
    """Write what a shot is into the newest storyboard, which a person or another call may have changed meanwhile.

    Args:
        studio: Where it is made.
        film: The film.
        shot: The shot.
        fields: Those of it that are written; all, if not given.

    Returns:
        The storyboard's number.
    """
    with writing(studio):
        try:
            newest, _ = board_to_go_on(studio, film)
        except InvalidRequest:  # a file that is being edited costs nobody the take that was paid for
            newest = board_of(film)
        update = {name: getattr(shot, name) for name in fields}
        board = newest.with_shots([now.model_copy(update=update) for now in newest.shots if now.id == shot.id])
        if board == newest:
            return newest.number
        return tools.add_storyboard(
            studio, film, board.model_copy(update={"number": film.next_number("storyboards")})
        ).number


def _take_answer(studio: Studio, film: Film, result: Published, number: int, edited: Sequence[str]) -> Answer:
    take = result.take
    findings = findings_now(studio, take, result.wanted.shot)
    how = "was there already, at no cost" if result.reused else f"made for {money(take.spent)}"
    lines = [f"{result.wanted.shot.id}: take {take.key[:12]} {how}. {shape_of(take)}.", verdict_in(findings)]
    lines += [f"{s.what} {s.asked} became {s.made or 'nothing'}: {s.why}" for s in take.substitutions]
    lines.append(f"Storyboard {number}. Spent on {film.name}: {money(studio.project.ledger.spend(film.name))}.")
    record = {
        "film": film.name,
        "shot": result.wanted.shot.id,
        "storyboard": number,
        "reused": result.reused,
        "take": take.model_dump(mode="json"),
        "findings": [f.model_dump(mode="json") for f in findings],
    }
    said = "\n".join(filter(None, [*edited, *lines]))
    return Answer(said, record, frames_of(studio, take), studio.project.ledger.picture(take))


def inspect_take(studio: Studio, *, take: str, film: str = "") -> Answer:
    """Show a take: what was asked, what was made, and what the checks measured."""
    found = take_of(studio, take, film)
    request, findings = found.request, findings_now(studio, found)
    lines = [
        f"Take {found.key[:12]} of {found.shot} in {found.film}, by {request.backend}. {shape_of(found)}.",
        f"Prompt: {request.prompt}",
        f"Seed {request.seed}, try {request.variant}, cost {money(found.spent)}.",
        *[f"{s.what} {s.asked} became {s.made or 'nothing'}: {s.why}" for s in found.substitutions],
        *([f"Made with {'; '.join(f'{name} {said}' for name, said in found.notes.items())}."] if found.notes else []),
        *listed([measure(f) for f in findings if f.outcome != "not_applicable"]),
    ]
    record = {"take": found.model_dump(mode="json"), "findings": [f.model_dump(mode="json") for f in findings]}
    return Answer("\n".join(lines), record, frames_of(studio, found), studio.project.ledger.picture(found))


def compare_takes(studio: Studio, *, shot: str, film: str = "", keep: str = "") -> Answer:
    """Show all takes of a shot side by side, and use one of them from now on where asked.

    Raises:
        InvalidRequest: There is no such shot, or the take is not one of this shot, or a file that a person edited
            cannot be a storyboard.
    """
    found = film_of(studio, film)
    if keep:
        with writing(studio):
            _, edited = board_to_go_on(studio, found)
    else:
        edited = edited_by_hand(found)
    board_of(found).shot(shot)
    asked = _askers(studio, found, shot)
    takes = {
        t.key: t for t in studio.project.ledger.takes() if t.key in asked or (t.film, t.shot) == (found.name, shot)
    }
    if not takes:
        raise InvalidRequest(f"{shot} of {found.name} has no take yet: generate_take makes one")
    if keep:
        kept = [t for t in takes.values() if len(keep) >= 4 and t.key.startswith(keep.lower())]
        if len(kept) != 1 or kept[0].key not in asked:
            known = ", ".join(t[:12] for t in takes if t in asked)
            raise InvalidRequest(f"no take {keep!r} of {shot} that a storyboard asked for: there are {known}")
        _pin(studio, found, asked[kept[0].key])
    now = next(w.request.key for w in shooting.wanted_takes(studio, found, board_of(found)) if w.shot.id == shot)
    order = sorted(takes.values(), key=lambda t: (t.key != now, t.attempt))
    findings = {take.key: findings_now(studio, take, asked.get(take.key)) for take in order}
    lines = []
    for take in order:
        used = " (in use)" if take.key == now else ""
        said = verdict_in(findings[take.key])
        lines.append(f"{take.key[:12]}{used} seed {take.request.seed}: {said} {take.request.prompt[:120]}")
    record = {
        "film": found.name,
        "shot": shot,
        "in_use": now if now in takes else None,
        "takes": [
            {"take": t.model_dump(mode="json"), "findings": [f.model_dump(mode="json") for f in findings[t.key]]}
            for t in order
        ],
    }
    tiles = [(f"{t.key[:12]}{' in use' if t.key == now else ''}", t) for t in order]
    head = f"{shot} of {found.name}: {counted(len(order), 'take')}."
    return Answer("\n".join([head, *listed(lines), *edited]), record, posters_of(studio, tiles))


def _askers(studio: Studio, film: Film, shot: str) -> dict[str, Shot]:
    """Map each request key that a storyboard of the film's brief had for a shot to the shot as it was there."""
    now = board_of(film)
    earlier = [board for board in film.storyboards() if board.brief == now.brief]
    wanted = [item for board in earlier for item in shooting.wanted_then(studio, film, board)]
    return {item.request.key: item.shot for item in wanted if item.shot.id == shot}


def import_footage(studio: Studio, *, asset: str) -> Answer:
    """Make a take of a file in the project's inbox.

    Raises:
        InvalidRequest: There is no such file, or it cannot be read.
    """
    with writing(studio):
        imported = importing.import_footage(studio, asset)
    take = imported.take
    how = "was imported before" if imported.reused else "is imported"
    lines = [f"{asset} {how} as take {take.key[:12]}. {shape_of(take)}.", *imported.notes]
    record = {"take": take.model_dump(mode="json"), "notes": imported.notes, "reused": imported.reused}
    return Answer("\n".join(lines), record, frames_of(studio, take))
