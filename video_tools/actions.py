"""What an agent may do in a project, by ids and plain values; each action answers in words, pictures, and a record.

These are the typed steps of `tools.py` with what a model needs around them: films and takes found by name, words it can
act on, and the film left as it was when something cannot be done. `toolkit.py` offers them as LangChain tools.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reelgraph.video_tools import tools
from reelgraph.video_tools.claims import claimed
from reelgraph.video_tools.errors import BudgetExceeded, InvalidRequest, ReelgraphError
from reelgraph.video_tools.film import Finding, Shot, Spend, Storyboard, Take, canonical
from reelgraph.video_tools.project import Film, slug
from reelgraph.video_tools.shoot import Published, Unmade, findings_of
from reelgraph.video_tools.studio import Studio

LISTED = 40  # shots, takes or notes that one answer lists; more would push out what a model has to remember


@dataclass(frozen=True)
class Answer:
    """What an action says.

    Attributes:
        text: Words for a model or a person.
        record: The typed result as plain JSON data.
        pictures: JPEG or PNG files that show it.
    """

    text: str
    record: dict[str, Any]
    pictures: Sequence[Path] = field(default=())


# --- plan ------------------------------------------------------------------------------------------------------------


def plan_storyboard(
    studio: Studio, *, brief: str = "", film: str = "", seconds: float | None = None, replan: bool = False
) -> Answer:
    """Plan a film from a brief, or show the plan of a film there is.

    Raises:
        InvalidRequest: There is no brief, or it cannot be planned for this back end.
    """
    with _writing(studio):
        if brief:
            found = tools.open_film(studio, brief, name=film, seconds=seconds, paths=False)
        elif not studio.project.films():
            raise InvalidRequest("there is no film yet: give a brief, which says what the film shows")
        else:
            found = film_of(studio, film)
        board = tools.plan_storyboard(studio, found, replan=replan)
    cost = tools.estimate_cost(studio, found, board)
    length = sum(shot.seconds for shot in board.shots)
    lines = [
        f"Film {found.name}, storyboard {board.number}: {len(board.shots)} shots, {length:.1f} s.",
        *_listed([f"{s.id} {s.seconds:g} s {s.size} {s.camera}: {s.title or s.prompt}" for s in board.shots]),
        _cost_line(studio, cost),
    ]
    record = {"film": found.name, "storyboard": board.model_dump(mode="json"), "estimate": _plain(cost)}
    return Answer("\n".join(lines), record)


def estimate_cost(studio: Studio, *, film: str = "") -> Answer:
    """Say what the shots without a take will cost, and what is left to spend."""
    found = film_of(studio, film)
    cost = tools.estimate_cost(studio, found, board_of(found))
    text = f"{_cost_line(studio, cost)}\nSpent on {found.name}: {money(cost.spent)}. {_ceilings(studio, found)}"
    return Answer(text, {"film": found.name, **_plain(cost)})


# --- shoot -----------------------------------------------------------------------------------------------------------


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
) -> Answer:
    """Shoot one shot, changed first where a change is given, or every shot that has no take.

    A take that the ledger has is used again at no cost. The change is written into the storyboard once its take is
    there; what cannot be made leaves the storyboard as it was.

    Raises:
        InvalidRequest: There is no such shot, or it cannot be made so.
        BudgetExceeded: A ceiling does not allow it.
        ReelgraphError: The back end failed; the message says how.
    """
    found = film_of(studio, film)
    board = board_of(found)
    given = {"prompt": prompt, "seconds": seconds, "size": size, "camera": camera}
    change: dict[str, Any] = {name: value for name, value in given.items() if value not in ("", None)}
    if shot == "all":
        if change or new_seed:
            raise InvalidRequest("a change is for one shot: name it, or leave out what changes")
        return _generate_all(studio, found, board)
    old = board.shot(shot)
    if new_seed:
        request = next(w for w in tools.wanted_takes(studio, found, board) if w.shot.id == shot).request
        change |= tools.another_try(old, request)
    if change:
        why = "asked for by an agent: " + ", ".join(sorted(change))
        new = old.model_copy(update={**change, "why": [*old.why, why]})
        board = board.with_shots([new])
    wanted = next(w for w in tools.wanted_takes(studio, found, board) if w.shot.id == shot)
    with studio.project.writing():
        (result,) = tools.shoot_wave(studio, found, [wanted])
    if isinstance(result, Unmade):
        raise result.error
    number = _pin(studio, found, wanted.shot) if change else board.number
    return _take_answer(studio, found, result, number)


def _generate_all(studio: Studio, film: Film, board: Storyboard) -> Answer:
    made: dict[str, str] = {}
    failed: dict[str, ReelgraphError] = {}
    wanted = tools.wanted_takes(studio, film, board)
    with studio.project.writing():
        for wave in tools.waves_of(studio, wanted):
            for result in tools.shoot_wave(studio, film, wave):
                if isinstance(result, Unmade):
                    failed[result.wanted.shot.id] = result.error
                elif not result.reused:
                    made[result.wanted.shot.id] = result.take.key
    if failed and len(failed) == len(wanted):
        raise next(iter(failed.values()))
    ready = len(wanted) - len(made) - len(failed)
    lines = [f"{film.name}: {len(made)} takes made, {ready} were there, {len(failed)} not made."]
    lines += _listed([f"{shot} was not made: {error}" for shot, error in failed.items()])
    lines += _listed([f"{id}: {faults}" for id, key in made.items() if (faults := _faults(studio, key))])
    lines.append(f"Spent on {film.name}: {money(studio.project.ledger.spend(film.name))}.")
    if not failed:
        lines.append("Next: assemble_cut.")
    record = {
        "film": film.name,
        "storyboard": board.number,
        "made": made,
        "failed": {shot: str(error) for shot, error in failed.items()},
        "refused": [shot for shot, error in failed.items() if isinstance(error, BudgetExceeded)],
    }
    return Answer("\n".join(lines), record)


def _pin(studio: Studio, film: Film, shot: Shot) -> int:
    """Write a shot into the newest storyboard, which another call may have written meanwhile; return its number."""
    with _writing(studio):
        newest = board_of(film)
        board = newest.with_shots([shot])
        if board == newest:
            return newest.number
        return tools.add_storyboard(
            studio, film, board.model_copy(update={"number": film.next_number("storyboards")})
        ).number


def _take_answer(studio: Studio, film: Film, result: Published, number: int) -> Answer:
    take = result.take
    how = "was there already, at no cost" if result.reused else f"made for {money(take.spent)}"
    lines = [f"{result.wanted.shot.id}: take {take.key[:12]} {how}. {_shape(take)}.", _verdict(studio, take)]
    lines += [f"{s.what} {s.asked} became {s.made}: {s.why}" for s in take.substitutions]
    lines.append(f"Storyboard {number}. Spent on {film.name}: {money(studio.project.ledger.spend(film.name))}.")
    record = {
        "film": film.name,
        "shot": result.wanted.shot.id,
        "storyboard": number,
        "reused": result.reused,
        "take": take.model_dump(mode="json"),
        "findings": [f.model_dump(mode="json") for f in _findings(studio, take)],
    }
    return Answer("\n".join(filter(None, lines)), record, [studio.project.ledger.poster(take)])


# --- takes -----------------------------------------------------------------------------------------------------------


def inspect_take(studio: Studio, *, take: str, film: str = "") -> Answer:
    """Show a take: what was asked, what was made, and what the checks measured."""
    found = take_of(studio, take, film)
    request = found.request
    lines = [
        f"Take {found.key[:12]} of {found.shot} in {found.film}, by {request.backend}. {_shape(found)}.",
        f"Prompt: {request.prompt}",
        f"Seed {request.seed}, try {request.variant}, cost {money(found.spent)}.",
        *[f"{s.what} {s.asked} became {s.made}: {s.why}" for s in found.substitutions],
        *_listed([_measure(f) for f in _findings(studio, found) if f.outcome != "not_applicable"]),
    ]
    record = {
        "take": found.model_dump(mode="json"),
        "findings": [f.model_dump(mode="json") for f in _findings(studio, found)],
    }
    return Answer("\n".join(lines), record, [studio.project.ledger.poster(found)])


def compare_takes(studio: Studio, *, shot: str, film: str = "", keep: str = "") -> Answer:
    """Show all takes of a shot side by side, and use one of them from now on where asked.

    Raises:
        InvalidRequest: There is no such shot, or the take is not one of this shot.
    """
    found = film_of(studio, film)
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
    now = next(w.request.key for w in tools.wanted_takes(studio, found, board_of(found)) if w.shot.id == shot)
    order = sorted(takes.values(), key=lambda t: (t.key != now, t.attempt))
    lines = [f"{shot} of {found.name}: {len(order)} takes."]
    for take in order:
        used = " (in use)" if take.key == now else ""
        lines.append(
            f"{take.key[:12]}{used} seed {take.request.seed}: {_verdict(studio, take)} {take.request.prompt[:120]}"
        )
    record = {
        "film": found.name,
        "shot": shot,
        "in_use": now if now in takes else None,
        "takes": [
            {"take": t.model_dump(mode="json"), "findings": [f.model_dump(mode="json") for f in _findings(studio, t)]}
            for t in order
        ],
    }
    return Answer("\n".join(lines[: LISTED + 1]), record, [studio.project.ledger.poster(t) for t in order[:6]])


def _askers(studio: Studio, film: Film, shot: str) -> dict[str, Shot]:
    """Map each request key that a storyboard of the film's brief had for a shot to the shot as it was there."""
    asked: dict[str, Shot] = {}
    brief = board_of(film).brief
    for board in film.storyboards():
        if board.brief == brief and any(s.id == shot for s in board.shots):
            wanted = next(w for w in tools.wanted_takes(studio, film, board) if w.shot.id == shot)
            asked[wanted.request.key] = wanted.shot
    return asked


# --- memory ----------------------------------------------------------------------------------------------------------


def remember_character(
    studio: Studio, *, name: str, description: str = "", palette: Sequence[str] = (), take: str = ""
) -> Answer:
    """Keep a character in the project's bible, with a picture of them where a take is given.

    Raises:
        InvalidRequest: A value is not one that a character may have, or the memory is turned off.
    """
    if studio.memory is None:
        raise InvalidRequest("this project keeps no memory: set memory = true in reelgraph.toml")
    references = [take_of(studio, take, "").content] if take else []
    with _writing(studio):
        known = studio.memory.remember_character(
            name, description=description, palette=palette, references=references, source="an agent"
        )
    pictures = f", {len(known.references)} pictures" if known.references else ""
    text = f"{known.name} is known as {known.id}{pictures}: {known.description or 'no description yet'}"
    return Answer(text, known.model_dump(mode="json"))


def recall_shots(studio: Studio, *, text: str, character: str = "", place: str = "", most: int = 5) -> Answer:
    """Find approved shots of earlier films by what they show.

    Raises:
        InvalidRequest: The memory is turned off, or nobody is known by that id.
    """
    if studio.memory is None:
        raise InvalidRequest("this project keeps no memory: set memory = true in reelgraph.toml")
    found = studio.memory.recall(text, character=character, place=place, most=most)
    # What memory holds was once somebody's text: it is quoted as JSON, so that none of it reads as an instruction.
    lines = [canonical({"take": r.take[:12], "film": r.film, "shot": r.shot, "shows": r.why}).decode() for r in found]
    takes = [t for r in found if (t := studio.project.ledger.take(r.take)) is not None]
    return Answer(
        "\n".join(lines) or "Nothing like that was approved yet in this project.",
        {"recalled": [r.model_dump(mode="json") for r in found]},
        [studio.project.ledger.poster(t) for t in takes[:6]],
    )


# --- cut -------------------------------------------------------------------------------------------------------------


def assemble_cut(studio: Studio, *, film: str = "", storyboard: int | None = None) -> Answer:
    """Cut the takes there are into a film and render it, going back to an earlier storyboard first where asked."""
    found = film_of(studio, film)
    with _writing(studio):
        board = board_of(found)
        if storyboard is not None and storyboard != board.number:
            earlier = found.storyboard(storyboard)
            assert earlier is not None  # a number that is not there is refused
            board = tools.add_storyboard(
                studio, found, earlier.model_copy(update={"number": found.next_number("storyboards")})
            )
        chosen = tools.chosen_takes(studio, tools.wanted_takes(studio, found, board))
        cut = tools.assemble_cut(studio, found, board, chosen)
    slates = [clip.shot for clip in cut.clips if clip.take is None]
    path = (found.deliver / "film.mp4").relative_to(studio.project.root).as_posix()
    lines = [
        f"{found.name} cut {cut.number} of storyboard {board.number}: {len(cut.clips)} shots, {cut.frames} frames, "
        f"{float(cut.frames / cut.rate):.2f} s at {cut.width}x{cut.height}, in {path}."
    ]
    if slates:
        lines.append(f"Slates, for there is no take: {', '.join(slates)}. generate_take makes them.")
    lines += [f"{clip.shot}: {clip.label}" for clip in cut.clips if clip.take and clip.label]
    lines.append("Next: review_cut.")
    record = {"film": found.name, "path": path, "slates": slates, "cut": cut.model_dump(mode="json")}
    posters = [studio.project.ledger.poster(t) for t in chosen.values() if t is not None]
    return Answer("\n".join(lines), record, posters[:6])


def review_cut(studio: Studio, *, film: str = "") -> Answer:
    """Measure the newest cut, write the report, and say what is wrong and what may help."""
    found = film_of(studio, film)
    with _writing(studio):
        cut = found.cut()
        if cut is None:
            raise InvalidRequest(f"film {found.name} is not cut yet: assemble_cut first")
        board = found.storyboard(cut.storyboard)
        assert board is not None
        last = found.review()
        review = tools.review_cut(studio, found, board, cut, round=last.round if last else 1)
        tools.wrap_film(studio, found)
    notes = sorted(review.notes, key=lambda note: not note.blocking)
    lines = [f"{found.name} cut {cut.number}: {'approved' if review.approved else 'not approved'} by the checks."]
    lines += _listed(
        [
            f"{'blocking' if n.blocking else 'advice'} {n.shot or 'film'} {n.check}: {n.message}"
            + (f" ({n.suggestion})" if n.suggestion else "")
            for n in notes
        ]
    )
    lines.append("Next: export_cut." if review.approved else "Next: generate_take for the shots named, assemble_cut.")
    return Answer("\n".join(lines), {"film": found.name, "review": review.model_dump(mode="json")})


def export_cut(studio: Studio, *, film: str = "", name: str = "") -> Answer:
    """Copy what was delivered into the project's `exports` folder."""
    found = film_of(studio, film)
    with _writing(studio):
        paths = tools.export_cut(found, studio.project.root / "exports" / slug(name or found.name))
    files = [p.relative_to(studio.project.root).as_posix() for p in paths]
    cut, review = found.cut(), found.review()
    approved = bool(cut and review and review.cut == cut.number and review.approved)
    text = f"Exported {', '.join(files)}." + ("" if approved else " The checks have not approved this cut.")
    return Answer(text, {"film": found.name, "files": files, "approved": approved})


def list_film(studio: Studio, *, film: str = "") -> Answer:
    """Say what films there are, or how far one is: its shots, takes, cut, notes and spend."""
    films = studio.project.films()
    if not film and len(films) != 1:
        rows = [_stage(f) for f in films]
        text = "\n".join(_listed([f"{r['film']}: {r['stage']}" for r in rows]))
        return Answer(text or "There is no film yet: plan_storyboard makes one.", {"films": rows})
    found = film_of(studio, film)
    board = board_of(found)
    cost = tools.estimate_cost(studio, found, board)
    lacking = set(cost.to_make)
    row = _stage(found)
    lines = [f"{found.name}: {row['stage']}, storyboard {board.number}."]
    lines += _listed(
        [f"{s.id} {s.seconds:g} s {'no take' if s.id in lacking else 'ready'}: {s.prompt}" for s in board.shots]
    )
    lines.append(f"{_cost_line(studio, cost)} Spent: {money(cost.spent)}. {_ceilings(studio, found)}")
    record = {**row, "storyboard": board.model_dump(mode="json"), "estimate": _plain(cost)}
    return Answer("\n".join(lines), record)


# --- finding ---------------------------------------------------------------------------------------------------------


def film_of(studio: Studio, name: str) -> Film:
    """Find a film by name, or the only one there is.

    Raises:
        InvalidRequest: There is none, or a name is needed; the message lists the names.
    """
    films = {film.name: film for film in studio.project.films()}
    if not films:
        raise InvalidRequest("there is no film yet: plan_storyboard makes one from a brief")
    if not name and len(films) == 1:
        return next(iter(films.values()))
    if name not in films:
        said = f"there is no film {name!r}" if name else "say which film"
        raise InvalidRequest(f"{said}: there are {', '.join(films)}")
    return films[name]


def board_of(film: Film) -> Storyboard:
    """Return a film's newest storyboard.

    Raises:
        InvalidRequest: It has none yet.
    """
    board = film.storyboard()
    if board is None:
        raise InvalidRequest(f"film {film.name} has no storyboard yet: plan_storyboard makes one")
    return board


def take_of(studio: Studio, id: str, film: str) -> Take:
    """Find a take by the beginning of its id, or the take in use by its shot's id.

    Raises:
        InvalidRequest: There is none, or several begin so.
    """
    if "-" not in id:
        return studio.project.ledger.find(id.lower())
    found = film_of(studio, film)
    board = board_of(found)
    board.shot(id)
    take = tools.chosen_takes(studio, tools.wanted_takes(studio, found, board))[id]
    if take is None:
        raise InvalidRequest(f"{id} of {found.name} has no take yet: generate_take makes one")
    return take


# --- saying ----------------------------------------------------------------------------------------------------------


def money(spend: Spend) -> str:
    """Say a cost in words."""
    parts = [f"{spend.calls} call{'s' * (spend.calls != 1)}", f"{spend.generation_seconds:.1f} s of generation"]
    return ", ".join([*parts, f"{spend.money:.2f} in money"] if spend.money else parts)


def _cost_line(studio: Studio, cost: tools.Estimate) -> str:
    if not cost.to_make:
        return "Every shot has a take."
    rounds = studio.project.settings.rounds
    return (
        f"{len(cost.to_make)} of {len(cost.to_make) + len(cost.ready)} shots have no take; shooting them costs "
        f"{money(cost.once)} with {studio.backend_for().name} (at most {money(cost.most)} over {rounds} rounds)."
    )


def _ceilings(studio: Studio, film: Film) -> str:
    limits = studio.project.settings.budget.model_dump(exclude_none=True)
    said = ", ".join(f"{value:g} {name.replace('_', ' ')}" for name, value in limits.items())
    return f"Ceiling of this film: {said}." if said else "It has no ceiling."


def _shape(take: Take) -> str:
    return f"{take.width}x{take.height}, {take.frames} frames, {float(take.frames / take.rate):.2f} s" + (
        ", with sound" if take.sound else ""
    )


def _findings(studio: Studio, take: Take) -> list[Finding]:
    return findings_of(studio.project.ledger, take) or []


def _measure(finding: Finding) -> str:
    value = "" if finding.value is None else f" {finding.value:g}{finding.unit and ' ' + finding.unit}"
    limit = "" if finding.threshold is None else f" (limit {finding.threshold:g})"
    return f"{finding.check} {finding.outcome}{value}{limit}{finding.message and ': ' + finding.message}"


def _faults(studio: Studio, key: str) -> str:
    take = studio.project.ledger.take(key)
    bad = [f for f in _findings(studio, take) if f.outcome in ("failed", "unknown")] if take else []
    return "; ".join(_measure(f) for f in bad)


def _verdict(studio: Studio, take: Take) -> str:
    return _faults(studio, take.key) or "All checks passed."


def _listed(lines: Sequence[str]) -> list[str]:
    rest = len(lines) - LISTED
    return [*lines[:LISTED], f"... and {rest} more"] if rest > 0 else list(lines)


def _stage(film: Film) -> dict[str, Any]:
    board, cut, review = film.storyboard(), film.cut(), film.review()
    current = review if review and cut and review.cut == cut.number else None
    notes = sum(n.blocking for n in current.notes) if current else 0
    if cut is None:
        stage = "planned, not cut" if board else "not planned"
    elif current is None:
        stage = f"cut {cut.number}, not reviewed"
    else:
        stage = f"cut {cut.number}, {'approved' if current.approved else f'not approved, {notes} blocking notes'}"
    return {
        "film": film.name,
        "stage": stage,
        "shots": len(board.shots) if board else 0,
        "cut": cut.number if cut else None,
        "approved": bool(current and current.approved),
        "open_notes": notes,
    }


def _plain(cost: tools.Estimate) -> dict[str, Any]:
    return {k: v.model_dump() if hasattr(v, "model_dump") else v for k, v in vars(cost).items()}


@contextmanager
def _writing(studio: Studio) -> Iterator[None]:
    """Hold the project: other processes are kept out by its lock, other threads by a claim."""
    with claimed(studio.project.root), studio.project.writing():
        yield
