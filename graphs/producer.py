"""The producer: what has to be settled before shots are paid for, a person's approvals and the reference sheet."""

import time
from functools import partial
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, Send

from reelgraph.graphs.approval import about_cost, about_plan, about_references, settle
from reelgraph.graphs.context import FilmContext, context_of, studio_of
from reelgraph.graphs.state import FilmState, Wave, afresh, left_by
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.establish import establish, lacking
from reelgraph.video_tools.estimate import estimate_cost
from reelgraph.video_tools.film import Storyboard
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.next_takes import chains
from reelgraph.video_tools.shooting import check_makers, chosen_takes, wanted_takes, waves_of
from reelgraph.video_tools.shown import entries_seen
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import newest_storyboard


def producer(
    state: FilmState, runtime: Runtime[FilmContext]
) -> Command[Literal["producer", "generator", "editor", "__end__"]]:
    """Ask a person what they want to be asked, have the reference sheet shot, and send what has no take to be shot.

    It goes round to itself after the pictures and after every answer, so that it asks one question each time.

    Raises:
        InvalidRequest: A shot cannot be made as planned, or what makes it is not set up here. Or the planner left no
            film, or one without a storyboard.
        Cancelled: Somebody asked to stop; what was published stands.
    """
    began, now = time.monotonic(), time.time()
    studio = studio_of(runtime, state.get("began"))
    film = studio.project.film(left_by("planner", state, "film"))
    studio, asked = studio.for_film(film), film.commission()
    if asked is None or film.storyboard() is None:
        raise InvalidRequest(
            f"the planner left film {film.name} without {'a storyboard' if asked else 'how it is asked for'}: begin it "
            "with open_film, and write its storyboard with add_storyboard"
        )
    with studio.project.writing():
        board = newest_storyboard(studio, film)  # a person may have edited it while they were asked
    assert board is not None  # the planner wrote it
    if board.number != state.get("storyboard"):  # so an answer about another plan than this is none
        return Command(update={"storyboard": board.number, "pictured": False}, goto="producer")
    questions = [about_plan(film, board)] if "storyboard" in asked.approve else []
    if asked.approve_above is not None:
        cost = estimate_cost(studio, film, board)
        if asked.approve_above.may_be_passed_by(cost.most):
            questions.append(about_cost(film, board, cost))
    heard = partial(settle, studio, film, board, acted=state.get("acted", 0), ask_again=context_of(runtime).ask_again)
    settled = heard(*questions)
    if settled and not state.get("pictured") and lacking(studio, film, board):
        with studio.project.writing():
            board = establish(studio, film, board)
        seconds = {"generate": time.monotonic() - began}
        return Command(update={"storyboard": board.number, "pictured": True, "seconds": seconds}, goto="producer")
    # Nobody is asked where nobody and no place has to look the same.
    if settled and "references" in asked.approve and any(entries_seen(board)):
        settled = heard(about_references(studio, film, board))
    if settled is None:
        # While a person thinks, no time is spent.
        return Command(update={"began": time.time(), "acted": len(film.decisions())}, goto="producer")
    if not settled:
        return Command(update={"storyboard": board.number, "approved": False}, goto="__end__")
    ready, sends = to_shoot(studio, film, board, state.get("began", now))
    return Command(
        update={
            "storyboard": board.number,
            "round": 1,
            "takes": ready,
            "failed": afresh(state),
            "reused": len(set(ready.values()).difference(state.get("takes", {}).values())),
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
        InvalidRequest: A shot cannot be made as planned, or what makes it is not set up here.
    """
    wanted = wanted_takes(studio, film, board)
    check_makers(studio, wanted)
    ready = {shot: take.key for shot, take in chosen_takes(studio, wanted).items() if take is not None}
    missing = [item for item in wanted if item.shot.id not in ready or item.waits_for]
    chained = chains(missing)
    waves = [chain for chain in chained if len(chain) > 1]  # one branch shoots them in turn
    waves += waves_of(studio, [chain[0] for chain in chained if len(chain) == 1])
    order = {item.shot.id: n for n, item in enumerate(missing)}
    shots = sorted(([item.shot.id for item in wave] for wave in waves), key=lambda ids: order[ids[0]])
    sent, number = time.time(), board.number
    return ready, [
        Send("generator", Wave(began=began, film=film.name, storyboard=number, shots=ids, sent=sent, place=place))
        for place, ids in enumerate(shots)
    ]
