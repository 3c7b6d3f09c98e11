"""The planner: a brief becomes a storyboard, fitted to the back ends before anything is paid."""

import time
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, Send

from reelgraph.graphs.approval import ask_about_cost, ask_about_plan, ask_about_references
from reelgraph.graphs.context import FilmContext, context_of, studio_of
from reelgraph.graphs.hooks import advise
from reelgraph.graphs.state import FilmState, Wave, afresh
from reelgraph.video_tools.commission import commission
from reelgraph.video_tools.errors import BudgetExceeded, InvalidRequest
from reelgraph.video_tools.film import Spend, Storyboard
from reelgraph.video_tools.next_takes import chains
from reelgraph.video_tools.project import Film
from reelgraph.video_tools.shooting import chosen_takes, estimate_cost, wanted_takes, waves_of
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import open_film, plan_storyboard


def planner(state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["generator", "editor", "__end__"]]:
    """Plan the film, or reopen its storyboard, and send the shots that have no take to the generator.

    Raises:
        InvalidRequest: There is no brief, it cannot be read, or a shot cannot be made as planned.
        PermanentFailure: The planner's model gave no usable plan.
    """
    began, now = time.monotonic(), time.time()
    context, studio = context_of(runtime), studio_of(runtime)
    with studio.project.writing():
        film = _film(context, studio, state)
        studio = commission(studio, film, approve=context.approve, approve_above=context.approve_above)
        advisers = context.tools.get("planner", ())
        board = plan_storyboard(
            studio, film, replan_all=context.replan, advise=lambda brief: advise(brief, advisers, studio.planner)
        )
    if not _wanted(studio, film, board):
        return Command(update={"film": film.name, "storyboard": board.number, "approved": False}, goto="__end__")
    ready, sends = to_shoot(studio, film, board, now)
    return Command(
        update={
            "began": now,
            "film": film.name,
            "storyboard": board.number,
            "round": 1,
            "takes": ready,
            "failed": afresh(state),
            "reused": len(ready),
            "seconds": {"plan": time.monotonic() - began},
            "sent": time.time(),
        },
        goto=sends or "editor",
    )


def to_shoot(studio: Studio, film: Film, board: Storyboard, began: float) -> tuple[dict[str, str], list[Send]]:
    """Divide a storyboard's shots into those that have a take, and waves and chains for the generator.

    Args:
        studio: Where it is made.
        film: The film.
        board: Its storyboard.
        began: When the run began, in Unix seconds.

    Raises:
        InvalidRequest: A shot cannot be made as planned.
    """
    wanted = wanted_takes(studio, film, board)
    ready = {shot: take.key for shot, take in chosen_takes(studio, wanted).items() if take is not None}
    missing = [item for item in wanted if item.shot.id not in ready or item.waits_for]
    chained = chains(missing)
    waves = [chain for chain in chained if len(chain) > 1]  # one branch shoots them in turn
    waves += waves_of(studio, [chain[0] for chain in chained if len(chain) == 1])
    sends = [
        Send("generator", Wave(began=began, film=film.name, storyboard=board.number, shots=[w.shot.id for w in wave]))
        for wave in waves
    ]
    return ready, sends


def _wanted(studio: Studio, film: Film, board: Storyboard) -> bool:
    """Ask a person, where they want to be asked, before anything is shot."""
    asked = film.commission()
    assert asked is not None  # written before this
    if "storyboard" in asked.approve and not ask_about_plan(studio, film, board):
        return False
    if "references" in asked.approve and not ask_about_references(studio, film, board):
        return False
    if asked.approve_above is not None:
        cost = estimate_cost(studio, film, board)
        try:
            asked.approve_above.check(Spend(), cost.once, "shooting")
        except BudgetExceeded:
            return ask_about_cost(studio, film, board, cost)
    return True


def _film(context: FilmContext, studio: Studio, state: FilmState) -> Film:
    brief, name = state.get("brief", ""), state.get("film", "")
    if brief:
        return open_film(
            studio, brief, name=name, seconds=context.seconds, paths=context.paths, approve=context.approve
        )
    if not name:
        raise InvalidRequest("there is no brief: say in a sentence what the film shows, or name a film that was begun")
    return studio.project.only_film(name)
