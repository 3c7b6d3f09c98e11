"""The critic: measures the takes and the film, and sends exactly what its notes name round again."""

import time
from functools import partial
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from reelgraph.graphs.approval import about_cut, ask, changed_by, keep_approved
from reelgraph.graphs.context import FilmContext, context_of, studio_of
from reelgraph.graphs.hooks import notes_from
from reelgraph.graphs.producer import to_shoot
from reelgraph.graphs.recut import mend_cut
from reelgraph.graphs.revision import best_so_far, reshoot
from reelgraph.graphs.state import FilmState, afresh, left_by
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.reviewing import review_cut
from reelgraph.video_tools.tools import add_storyboard


def critic(
    state: FilmState, runtime: Runtime[FilmContext]
) -> Command[Literal["critic", "producer", "generator", "editor", "wrap"]]:
    """Review the cut, mend what edits mend; then approve it, shoot again what blocking notes name, or stop.

    It goes round to itself before it asks a person about a cut of its own: an answer runs a node anew, from the state
    that it began with.

    Raises:
        InvalidRequest: The editor left no cut.
    """
    began = time.monotonic()
    context, studio = context_of(runtime), studio_of(runtime, state.get("began"))
    film = studio.project.film(left_by("planner", state, "film"))
    studio, asked = studio.for_film(film), film.commission()
    board = film.storyboard(left_by("planner", state, "storyboard"))
    cut, newest = film.cut(left_by("editor", state, "cut")), film.cut()
    if board is None or cut is None or newest is None:
        raise InvalidRequest(f"the editor left film {film.name} without a cut: assemble_cut makes one")
    if newest.number != cut.number:  # edited or revised while a person was asked
        return Command(update={"cut": newest.number, "storyboard": newest.storyboard}, goto="critic")
    round = state.get("round", 1)
    with studio.project.writing():
        notes = notes_from(board, film.name, context.tools.get("critic", ()))
        judge = partial(review_cut, studio, film, board, round=round, notes=notes)
        review = judge(cut, anew=bool(state.get("failed")))
        cut, review = mend_cut(studio, film, board, cut, review, partial(judge, judged=True))
        update: dict[str, object] = {"cut": cut.number, "review": review.number, "approved": review.approved}
        settings = studio.project.settings
        going_on = round < (settings.best_of if review.approved else settings.most_rounds)
        revised = reshoot(studio, film, board, review) if going_on else None
        if revised is not None or not review.approved or settings.best_of > 1:
            if revised is None:  # nothing is left to try
                going_on, revised = False, best_so_far(studio, film, board)
            if revised is not None:
                if revised != board:
                    revised = revised.model_copy(update={"number": film.next_number("storyboards")})
                    board = add_storyboard(studio, film, revised)
                ready, sends = to_shoot(studio, film, board, state.get("began", time.time()))
                update |= {
                    "storyboard": board.number,
                    "takes": ready,
                    "failed": afresh(state),
                    "round": round + going_on,
                    "sent": time.time(),
                }
                update["seconds"] = {"check": time.monotonic() - began}
                return Command(update=update, goto=sends or "editor")
    update["seconds"] = {"check": time.monotonic() - began}
    if review.approved and asked and "cut" in asked.approve:
        if cut.number != state["cut"]:
            return Command(update={**update, "approved": False}, goto="critic")
        question = about_cut(studio, film, board, cut, review)
        said, just_now = ask(studio, film, question, acted=state.get("acted", 0))
        changed = changed_by(studio, film, said, board)
        if changed or (context.ask_again and not said.approved and not just_now):
            update |= {"approved": False, "began": time.time(), "acted": len(film.decisions())}
            return Command(update=update, goto="producer" if changed else "critic")  # round 1 of what it is now
        update["approved"] = said.approved
        if said.approved:
            keep_approved(film, cut)
    return Command(update=update, goto="wrap")
