"""Commands that take one step of making a film."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reelgraph.commands.opening import open_studio, stoppable
from reelgraph.commands.telling import placed, say
from reelgraph.video_tools.errors import BudgetExceeded, InvalidRequest, PermanentFailure, ProjectBusy
from reelgraph.video_tools.film import Storyboard, Substitution, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.wording import counted

Outcome = tuple[int, dict[str, Any]]


def plan(options: argparse.Namespace) -> Outcome:
    """Plan a storyboard, show it, and say what its back ends cannot make as planned and what it will cost."""
    from reelgraph.video_tools.answers import money, parts_line, plain_data, when_known
    from reelgraph.video_tools.atomic import staged_file, write_text
    from reelgraph.video_tools.dialogue import LINES, unspoken_lines
    from reelgraph.video_tools.estimate import estimate_cost
    from reelgraph.video_tools.music import MUSIC, unmade_music
    from reelgraph.video_tools.planning.files import storyboard_to_markdown
    from reelgraph.video_tools.planning.panels import draw_sheet
    from reelgraph.video_tools.shooting import wanted_takes
    from reelgraph.video_tools.tools import open_film, plan_storyboard

    studio = open_studio(options, create=True)
    with studio.project.writing():
        film = open_film(
            studio, options.brief, name=options.film or "", seconds=options.seconds, replan_all=options.replan
        )
        with film.unless_refused():
            board = plan_storyboard(studio, film, replan_all=options.replan)
            wanted = wanted_takes(studio, film, board)
        written = film.briefs()[-1].form == "storyboard"
        table = storyboard_to_markdown(board.model_copy(update={"planner": "person"}) if written else board)
        write_text(film.folder / "storyboard.md", table)
        with staged_file(film.folder / "storyboard.png") as path:
            path.write_bytes(draw_sheet(board, film.name))
    cost = estimate_cost(studio, film, board)
    changes = [
        (item.shot.id, change) for item in wanted for change in item.substitutions
        if not (item.waits_for and change.what == "continues")  # the shot before it is not made yet, and will be
    ]  # fmt: skip
    own = studio.for_film(film)
    of_all = ((MUSIC, unmade_music(own, film.name, board)), (LINES, unspoken_lines(own, board)))
    changes += [(of, one) for of, one in of_all if one is not None]
    shots_of: dict[Substitution, list[str]] = {}
    for shot, change in changes:
        shots_of.setdefault(change, []).append(shot)
    say(options, table)
    for change, shots in shots_of.items():
        every = len(shots) == sum(shot.kind == "shot" for shot in board.shots) > 1
        where = "every shot" if every else ", ".join(shots)
        say(options, f"  {where}: {change.what} {change.asked} becomes {change.made or 'nothing'}: {change.why}")
    which = f"{', '.join([*cost.pictures, *cost.to_make])}: " if cost.ready and cost.to_make else ""
    say(options, f"to shoot: {which}{money(cost.once)}; at most {money(cost.most)}")
    say(options, *filter(None, [parts_line(cost), when_known(cost.once) if cost.once.untimed_calls else ""]))
    say(options, f"to look at: {film.folder / 'storyboard.png'}")
    say(options, f"to edit: {film.folder / 'storyboard.yaml'}, then `reelgraph resume --film {film.name}`")
    return 0, {
        "film": film.name,
        "storyboard": board.model_dump(mode="json"),
        "substitutions": _said(changes),
        "estimate": plain_data(cost),
    }


def estimate(options: argparse.Namespace) -> Outcome:
    """Say what a film will cost."""
    from reelgraph.video_tools.answers import ceilings, left_of, money, parts_line, plain_data, when_known
    from reelgraph.video_tools.estimate import estimate_cost

    studio, film, board = planned(options)
    cost = estimate_cost(studio, film, board)
    made = [f"{counted(len(cost.to_make), 'take')} to make"]
    made += [f"{counted(len(cost.pictures), 'picture')} for the reference sheet"] if cost.pictures else []
    say(options, f"{', '.join(made)}, {len(cost.ready)} ready; spent: {money(cost.spent)}")
    if cost.to_make or cost.pictures:
        say(options, f"to make: {', '.join([*cost.pictures, *cost.to_make])}")
    say(options, " ".join(filter(None, [f"if every shot is right at once: {money(cost.once)}.", parts_line(cost)])))
    rounds = counted(studio.project.settings.most_rounds, "round")
    say(options, f"at most, if every one is shot again in each of {rounds}: {money(cost.most)}")
    if cost.once.untimed_calls:
        say(options, when_known(cost.once))
    say(options, ceilings(studio, film))
    return 0, {"film": film.name, **plain_data(cost), "left": left_of(studio, film)}


def shoot(options: argparse.Namespace) -> Outcome:
    """Shoot the takes that a storyboard lacks."""
    from reelgraph.video_tools.establish import establish
    from reelgraph.video_tools.generation import Unmade
    from reelgraph.video_tools.shooting import shoot_shots

    studio, film, board = planned(options)
    failures: dict[str, str] = {}
    made: dict[str, Take] = {}
    refused: list[str] = []
    with stoppable(options) as should_stop, studio.project.writing():
        studio = replace(studio, should_stop=should_stop)
        board = establish(studio, film, board)
        shots = [shot.id for shot in board.shots]
        for result in shoot_shots(studio, film, board, shots):
            if isinstance(result, Unmade):
                failures[result.wanted.shot.id] = str(result.error)
                refused += [result.wanted.shot.id] if isinstance(result.error, BudgetExceeded) else []
            else:
                made[result.wanted.shot.id] = result.take
    substitutions = [(shot, said) for shot in shots if shot in made for said in made[shot].substitutions]
    # They come as they are made, and are said in order.
    takes = {shot: made[shot].key for shot in shots if shot in made}
    failures = {shot: placed(options, failures[shot]) for shot in shots if shot in failures}
    if options.quiet:  # else it was told as it came
        say(options, *(f"{shot} was not made: {why}" for shot, why in failures.items()), error=True)
    nothing = BudgetExceeded.exit_status if refused else PermanentFailure.exit_status
    status = int(_is_fatal(options, film, substitutions)) if not failures else 1 if takes else nothing
    said = {"film": film.name, "takes": takes, "failures": failures, "refused": refused}
    return status, {**said, "substitutions": _said(substitutions)}


def cut(options: argparse.Namespace) -> Outcome:
    """Cut the takes there are into a film."""
    from reelgraph.video_tools.cutting import assemble_cut
    from reelgraph.video_tools.shooting import chosen_takes, wanted_takes
    from reelgraph.video_tools.substitutions import substituted

    studio, film, board = planned(options)
    with studio.project.writing():
        chosen = chosen_takes(studio, wanted_takes(studio, film, board))
        made = assemble_cut(studio, film, board, chosen)
    path = film.deliver / "film.mp4"
    say(options, f"film    {path}")
    lacking = [shot for shot, take in chosen.items() if take is None]
    substitutions = substituted(studio.project.ledger, film.name, board, made)
    result = {"film": str(path), "cut": made.number, "frames": made.frames, "slates": lacking}
    status = int(_is_fatal(options, film, substitutions) or bool(lacking))
    return status, {**result, "substitutions": _said(substitutions)}


def review(options: argparse.Namespace) -> Outcome:
    """Check the newest cut, and print what was found."""
    from reelgraph.video_tools.checks.notes import scope_of
    from reelgraph.video_tools.reviewing import review_cut, wrap_film
    from reelgraph.video_tools.verdict import not_approved

    studio, film, board = planned(options, now=["judge"])
    newest = film.cut()
    if newest is None:
        raise InvalidRequest(f"film {film.name} is not cut yet: `reelgraph cut --film {film.name}` first")
    board = film.storyboard(newest.storyboard) or board  # the plan may have gone on since
    with studio.project.writing():
        review_cut(studio, film, board, newest)
        wrap_film(studio, film)
    made = film.verdict()
    assert made is not None  # it was just written
    for note in made.notes:
        say(options, f"{'blocking' if note.blocking else 'advice':9}{note.shot or 'film':9}{note.message}")
    say(options, f"approved: {scope_of(made)}" if made.approved else not_approved(made))
    return int(not made.approved), made.model_dump(mode="json")


def planned(options: argparse.Namespace, *, now: Sequence[str] = ()) -> tuple[Studio, Film, Storyboard]:
    """Open the film that is asked for, planned as its newest brief or a person's edit of its plan says.

    Args:
        options: The command's.
        now: The models, `planner` or `judge`, that are opened before anything is written.

    Raises:
        InvalidRequest: The film, a setting or the edited plan is wrong.
        ProjectBusy: Somebody is making it, and the command does more than estimate.
    """
    from reelgraph.video_tools.tools import plan_storyboard

    studio = open_studio(options, now=now)
    film = studio.project.only_film(options.film)
    studio = studio.for_film(film)
    try:
        with studio.project.writing():
            return studio, film, plan_storyboard(studio, film)
    except ProjectBusy:  # looking at a film that somebody is making is no offence
        board = film.storyboard()
        if options.command != "estimate" or board is None:
            raise
        return studio, film, board


def _is_fatal(options: argparse.Namespace, film: Film, substitutions: Sequence[tuple[str, Substitution]]) -> bool:
    from reelgraph.video_tools.verdict import strictly

    against = strictly(film, substitutions)
    if against:
        say(options, f"{film.name} {against}", error=True)
    return bool(against)


def _said(changes: Sequence[tuple[str, Substitution]]) -> list[dict[str, str]]:
    return [{"shot": shot, **change.model_dump()} for shot, change in changes]
