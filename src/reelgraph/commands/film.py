"""Commands that make a film, go on with it, or change it."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reelgraph.commands.opening import ceilings_of, open_studio, placed, stoppable
from reelgraph.commands.steps import planned
from reelgraph.video_tools.errors import Cancelled, InvalidRequest
from reelgraph.video_tools.film import Cut, Storyboard, first_fault
from reelgraph.video_tools.project import Film
from reelgraph.video_tools.studio import Studio

if TYPE_CHECKING:
    from reelgraph.video_tools.budget import Limits
    from reelgraph.video_tools.planning.instructions import Revision

Outcome = tuple[int, dict[str, Any]]


def make(options: argparse.Namespace) -> Outcome:
    """Make a film from a brief."""
    with stoppable(options) as should_stop:
        return _run(options, options.brief, film=options.film or "", create=True, should_stop=should_stop)


def resume(options: argparse.Namespace) -> Outcome:
    """Go on with a film where it stopped."""
    with stoppable(options) as should_stop:
        studio = open_studio(options, now=["judge"])  # before anything is written, as in `_run`
        film = studio.project.only_film(options.film)
        for shot in options.resend:
            with studio.project.writing():
                if not studio.project.ledger.give_up(film.name, shot):
                    raise InvalidRequest(
                        f"{shot} has no call of unknown outcome or lost job: leave out --resend {shot}"
                    )
        return _run(options, "", film=film.name, create=False, should_stop=should_stop)


def revise(options: argparse.Namespace) -> Outcome:
    """Change a film as a person asks, shooting and cutting only what that changes."""
    with stoppable(options) as should_stop:
        film = _change(options, should_stop)
        return _run(options, "", film=film.name, create=False, should_stop=should_stop)


def _change(options: argparse.Namespace, should_stop: Callable[[], bool]) -> Film:
    """Write down what a person wants changed, for a run to make.

    Raises:
        Cancelled: Somebody asked to stop before anything was written.
    """
    from reelgraph.video_tools.cutting import edit_cut, edited
    from reelgraph.video_tools.shooting import next_seed, wanted_takes
    from reelgraph.video_tools.tools import add_storyboard, newest_storyboard

    studio, film, board = planned(options, now=["judge"])
    cut = film.cut()
    if cut is None:
        raise InvalidRequest(f"film {film.name} is not cut yet: `reelgraph resume --film {film.name}` goes on")
    asked = _asked(options, studio, board, cut)
    requests = {item.shot.id: item.request for item in wanted_takes(studio, film, board)}
    changed = {shot.id: shot for shot in asked.shots}
    for id in asked.again:
        shot = changed.get(id, board.shot(id))
        changed[id] = shot.model_copy(update=next_seed(shot, requests[id]))
    with studio.project.writing():
        now = newest_storyboard(studio, film), film.cut()
        if [version and version.number for version in now] != [board.number, cut.number]:  # a model reads for a while
            raise InvalidRequest(f"film {film.name} was changed while this was read: give the same words again")
        # All of it is proved before any of it is written, so that what is refused changes nothing.
        edited(studio, film, asked.edits)
        if changed:
            number = {"number": film.next_number("storyboards")}
            board = _legal(board.with_shots(list(changed.values())).model_copy(update=number))
            wanted_takes(studio, film, board)
        if should_stop():
            raise Cancelled("stopped before anything was changed: give the same words again")
        # The edits first, whose film is made before they are written: a storyboard is written at once, and whoever
        # goes on from it would know nothing of them.
        if asked.edits:
            edit_cut(studio, film, asked.edits)
        if changed:
            add_storyboard(studio, film, board)
    return film


def _legal(board: Storyboard) -> Storyboard:
    try:  # copies of models are not checked when they are made
        return Storyboard.model_validate(board.model_dump())
    except ValidationError as error:
        raise InvalidRequest(f"the storyboard cannot be: {first_fault(error)}") from error


def _asked(options: argparse.Namespace, studio: Studio, board: Storyboard, cut: Cut) -> "Revision":
    """Read what a person wants changed: by the grammar, else with the planner's model, if there is one."""
    from reelgraph.video_tools.planning.instructions import read_instructions

    try:
        return read_instructions(options.words, board, cut)
    except InvalidRequest:
        if studio.planner is None:
            raise
    from reelgraph.video_tools.planning.noting import read_note

    asked, instructions = read_note(options.words, board, cut, studio.planner)
    if not options.quiet:
        print("understood as:\n" + "\n".join(f"  {said}" for said in instructions), file=sys.stderr)
    return asked


def _run(
    options: argparse.Namespace, brief: str, *, film: str, create: bool, should_stop: Callable[[], bool]
) -> Outcome:
    from reelgraph.graphs.context import FilmContext
    from reelgraph.graphs.run import exit_status, run_film

    studio = open_studio(options, create=create, now=["judge"])  # it is asked once shots are paid for
    context = FilmContext(
        replace(studio, should_stop=should_stop),
        approve=frozenset(options.approve),
        approve_above=_limits(options.approve_above),
        replan=getattr(options, "replan", False),
        paths=True,
        seconds=getattr(options, "seconds", None),
    )
    with studio.project.writing():
        pass  # busy is said before anything is planned
    answer = (lambda payload: True) if options.yes else _ask if sys.stdin.isatty() else None
    result = run_film(context, brief, film=film, answer=answer)
    _say(options, result)
    return exit_status(result, strict=studio.project.settings.strict), result


def _limits(texts: Sequence[str]) -> "Limits | None":
    from reelgraph.video_tools.budget import Limits

    try:
        return Limits.model_validate(ceilings_of(texts)) if texts else None
    except ValidationError as error:
        raise InvalidRequest(f"--approve-above {first_fault(error)}") from error


def _say(options: argparse.Namespace, result: dict[str, Any]) -> None:
    if options.json:
        return
    if result["waiting"]:
        again = f"`reelgraph resume --film {result['name']}`"
        sheet = Path(result["project"], "films", result["name"], "references.jpg")
        look = sheet if result["waiting"] == "references" and sheet.exists() else "it"
        print(placed(options, f"waiting for a person at the {result['waiting']}: look at {look}, then {again} asks in "
                              f"a terminal, or says yes with --yes"))  # fmt: skip
    if result["rejected"]:
        print(placed(options, _after_no(result["rejected"], result["name"])))
    for shot, why in result["failures"].items():
        print(f"{shot} was not made: {why}", file=sys.stderr)
    if "film" not in result:
        return
    root = result["project"]
    print(f"film    {root}/{result['film']}")
    if result["report"]:  # written when a person has answered
        print(f"report  {root}/{result['report']}")
    made = result["takes"]
    verdict = "approved" if result["approved"] else f"not approved, {result['open_notes']} open notes"
    length = f"{result['shots']} shot{'s' * (result['shots'] != 1)}"
    print(f"{length}, {result['duration']:.1f} s, cut {result['cut']}, {verdict}; "
          f"takes: {made['generated']} made, {made['reused']} reused, {made['failed']} failed")  # fmt: skip
    if result["approved"] and not options.quiet:
        print(f"approved means: {result['scope']}")
    changed: dict[str, list[str]] = {}
    for item in result["substitutions"]:
        said = f"{item['what']} {item['asked']} became {item['made']}: {item['why']}"
        changed.setdefault(said, []).append(item["shot"])
    for said, shots in changed.items():
        print(f"  {shots[0] if len(shots) == 1 else f'{len(shots)} shots'}: {said}")
    if result["animatic"] and not options.quiet:
        how = f"give --backend, or set `backend` in {root}/reelgraph.toml before a film is begun"
        said = f"This is an animatic: drawn panels, since no video model is set. For footage {how}"
        print(placed(options, f"{said}; see `reelgraph backends`."))


def _after_no(gate: str, film: str) -> str:
    """Say how a film goes on that a person said no to."""
    if gate == "cut":
        do = f"`reelgraph revise --film {film} WORDS` changes it, and asks about what that makes"
    elif gate == "references":
        do = f"`reelgraph resume --film {film}` shoots its pictures again, by other words if you edit them first"
    else:
        do = f"edit films/{film}/storyboard.yaml, and `reelgraph resume --film {film}` asks about the new plan"
    return f"a person said no to the {gate}: {do}"


def _ask(payload: dict[str, Any]) -> dict[str, Any]:
    shown = payload["shown"]
    print(f"{payload['gate']} {payload['number']} of {payload['film']}:", file=sys.stderr)
    for shot in shown.get("shots", []):
        print(*_shot_lines(shot), sep="\n", file=sys.stderr)
    for entry in shown.get("entries", []):
        looks = ", ".join(filter(None, [entry["description"], *entry["palette"], *entry.get("pictures", [])]))
        print(f"  {entry['name']:<12} {looks}", file=sys.stderr)
    of_all = {**shown.get("style", {}), **{name: shown.get(name) for name in ("music", "fade_out")}}
    for name, said in of_all.items():
        if said:
            print(f"  {name:<12} {', '.join(map(str, said)) if isinstance(said, list) else said}", file=sys.stderr)
    print("approve? [y/N, or say why not] ", end="", file=sys.stderr, flush=True)
    words = sys.stdin.readline().strip()
    return {"approved": words.lower() in ("y", "yes"), "words": words}


def _shot_lines(shot: Mapping[str, Any]) -> list[str]:
    """Tell a planned shot as a person is asked about it: what is seen, who and where, the card, what is said."""
    usual = {"camera": "still", "angle": "eye", "kind": "cut"}
    how = {"size": shot["size"], "camera": shot["camera"], "angle": shot["angle"], "kind": shot["transition"]["kind"]}
    picture = ", ".join(said.replace("_", " ") for name, said in how.items() if said != usual.get(name))
    where = ", ".join(filter(None, [*shot["characters"], shot["place"], shot["time"], shot["backend"]]))
    spoken = [f"{line.get('character') or 'narrator'}: {line['text']}" for line in shot["lines"]]
    card = f"card: {shot['title']}" if shot["title"] else ""
    more = [f"{'':<19} {said}" for said in (where, card, *spoken) if said]
    return [f"  {shot['id']}  {shot['seconds']:5.2f} s  {picture:<12} {shot['prompt']}", *more]
