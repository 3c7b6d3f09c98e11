"""The planner: a brief becomes a storyboard, fitted to the back ends before anything is paid."""

import time
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from reelgraph.graphs.context import FilmContext, context_of, studio_of
from reelgraph.graphs.hooks import advise
from reelgraph.graphs.state import FilmState
from reelgraph.video_tools.changed_makers import tell_changed_makers
from reelgraph.video_tools.commission import commission
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.shooting import check_makers, wanted_takes
from reelgraph.video_tools.tools import film_of_brief, open_film, plan_storyboard


def planner(state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["producer"]]:
    """Plan the film, or reopen its storyboard.

    Raises:
        InvalidRequest: There is no brief, or it cannot be read or made here, or the judge's model cannot be opened;
            nothing of the film is written then.
        PermanentFailure: The planner's model gave no usable plan.
    """
    began, now = time.monotonic(), time.time()
    context, studio = context_of(runtime), studio_of(runtime)
    brief, name = state.get("brief", ""), state.get("film", "")
    if not brief and not name:
        raise InvalidRequest("there is no brief: say in a sentence what the film shows, or name a film that was begun")
    project, seconds, paths = studio.project, context.seconds, context.paths
    if brief:
        film, *_ = film_of_brief(project, brief, name=name, seconds=seconds, paths=paths)
    else:
        film = project.only_film(name)
    studio.for_film(film).open_models("judge")  # it is asked once shots are paid for
    with project.writing():
        if brief:
            film = open_film(
                studio, brief, name=name, seconds=seconds, paths=paths, approve=context.approve,
                replan_all=context.replan,
            )  # fmt: skip
        with film.unless_refused():
            studio = commission(
                studio, film, approve=context.approve, approve_above=context.approve_above, planned_anew=context.replan
            )
            advisers = context.tools.get("planner", ())
            board = plan_storyboard(
                studio, film, replan_all=context.replan, advise=lambda brief: advise(brief, advisers, studio.planner)
            )
            wanted = wanted_takes(studio, film, board)
            check_makers(studio, wanted)
            tell_changed_makers(studio, film, wanted)
    return Command(
        update={
            "began": now,
            "film": film.name,
            "storyboard": board.number,
            "pictured": False,
            "seconds": {"plan": time.monotonic() - began},
        },
        goto="producer",
    )
