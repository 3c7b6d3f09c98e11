"""Commands that make a film, go on with it, or change it."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reelgraph.commands.asking import answer_of, waiting
from reelgraph.commands.opening import ceilings_of, open_studio, stoppable
from reelgraph.commands.telling import placed, say
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import first_fault
from reelgraph.video_tools.gates import after_no
from reelgraph.video_tools.wording import counted

if TYPE_CHECKING:
    from reelgraph.video_tools.budget import Limits
    from reelgraph.video_tools.studio import Studio

Outcome = tuple[int, dict[str, Any]]


def make(options: argparse.Namespace) -> Outcome:
    """Make a film from a brief."""
    with stoppable(options) as should_stop:
        studio = replace(open_studio(options, create=True, now=["judge"]), should_stop=should_stop)
        return _run(options, studio, options.brief, film=options.film or "")


def resume(options: argparse.Namespace) -> Outcome:
    """Go on with a film where it stopped."""
    from reelgraph.video_tools.tools import check_plan

    with stoppable(options) as should_stop:
        studio = replace(open_studio(options, now=["judge"]), should_stop=should_stop)
        film = studio.project.only_film(options.film)
        if options.resend:
            check_plan(studio, film)
        for shot in options.resend:
            with studio.project.writing():
                if not studio.project.ledger.give_up(film.name, shot):
                    raise InvalidRequest(
                        f"{shot} has no call of unknown outcome or lost job: leave out --resend {shot}"
                    )
        return _run(options, studio, "", film=film.name)


def revise(options: argparse.Namespace) -> Outcome:
    """Change a film as a person asks, shooting and cutting only what that changes."""
    from reelgraph.video_tools import revising

    with stoppable(options) as should_stop:
        studio = replace(open_studio(options, now=["judge"]), should_stop=should_stop)
        film = studio.project.only_film(options.film)
        revising.revise(studio, film, options.words)
        return _run(options, studio, "", film=film.name)


def _run(options: argparse.Namespace, studio: "Studio", brief: str, *, film: str) -> Outcome:
    from reelgraph.graphs.context import FilmContext
    from reelgraph.graphs.run import exit_status, run_film

    context = FilmContext(
        studio,
        approve=frozenset(options.approve),
        approve_above=_limits(options.approve_above),
        replan=getattr(options, "replan", False),
        paths=True,
        seconds=getattr(options, "seconds", None),
    )
    with studio.project.writing():
        pass  # busy is said before anything is planned
    result = run_film(context, brief, film=film, answer=answer_of(options, studio.project.root))
    result["failures"] = {shot: placed(options, why) for shot, why in result["failures"].items()}
    _say(options, result)
    return exit_status(result), result


def _limits(texts: Sequence[str]) -> "Limits | None":
    from reelgraph.video_tools.budget import Limits

    try:
        return Limits.model_validate(ceilings_of("--approve-above", texts)) if texts else None
    except ValidationError as error:
        raise InvalidRequest(f"--approve-above: {first_fault(error, Limits)}") from error


def _say(options: argparse.Namespace, result: dict[str, Any]) -> None:
    if result["asked"]:
        say(options, waiting(result["asked"], Path(result["project"])))
    if result["rejected"]:
        say(options, after_no(result["rejected"], result["name"]))
    if options.quiet:  # else it was told as it came
        say(options, *(f"{shot} was not made: {why}" for shot, why in result["failures"].items()), error=True)
    if "film" not in result:
        return
    root = result["project"]
    say(options, f"film    {root}/{result['film']}")
    if result["report"]:  # written when a person has answered
        say(options, f"report  {root}/{result['report']}")
    made, wanted = result["takes"], ", a person's yes is still wanted" if result["person"] == "asked" else ""
    notes = counted(result["open_notes"], "open note")
    verdict = "approved" if result["approved"] else f"not approved, {notes}{wanted}"
    length = f"{counted(result['shots'], 'shot')}, {result['duration']:.1f} s, cut {result['cut']}"
    takes = f"{made['generated']} made, {made['reused']} reused, {made['failed']} failed"
    say(options, f"{length}, {verdict}; takes: {takes}")
    if result["approved"] and not options.quiet:
        say(options, f"approved means: {result['scope']}")
    changed: dict[str, list[str]] = {}
    for item in result["substitutions"]:
        said = f"{item['what']} {item['asked']} became {item['made'] or 'nothing'}: {item['why']}"
        changed.setdefault(said, []).append("the film" if item["shot"] == item["what"] else item["shot"])
    for said, shots in changed.items():
        say(options, f"  {shots[0] if len(shots) == 1 else f'{len(shots)} shots'}: {said}")
    if result["animatic"] and not options.quiet:
        how = f"give --backend, or set `backend` in {root}/reelgraph.toml before a film is begun"
        said = f"This is an animatic: drawn panels, since no video model is set. For footage {how}"
        say(options, f"{said}; see `reelgraph backends`.")
