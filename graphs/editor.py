"""The editor: takes become a cut, and the cut a film."""

import time
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from reelgraph.graphs.context import FilmContext, context_of, since, studio_of
from reelgraph.graphs.hooks import edits_of
from reelgraph.graphs.state import FilmState, left_by
from reelgraph.video_tools.cutting import assemble_cut
from reelgraph.video_tools.shooting import chosen_takes, wanted_takes


def editor(state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["critic"]]:
    """Cut the takes together and render; a shot that could not be made is a slate, so there is always a film.

    Raises:
        CorruptProject: The film could not be rendered, for a take is not what its record says.
    """
    began, shooting = time.monotonic(), since(state.get("sent"))
    studio = studio_of(runtime, state.get("began"))
    film = studio.project.film(left_by("planner", state, "film"))
    studio = studio.for_film(film)
    board = film.storyboard(left_by("planner", state, "storyboard"))
    assert board is not None  # the planner wrote it
    chosen = chosen_takes(studio, wanted_takes(studio, film, board))
    edits = edits_of(board, film.name, context_of(runtime).tools.get("editor", ()))
    with studio.project.writing():
        cut = assemble_cut(studio, film, board, chosen, reasons=state.get("failed", {}), edits=edits)
    return Command(
        update={
            "cut": cut.number,
            "generated": len(state.get("changed", [])),
            "sent": 0.0,
            "seconds": {"generate": shooting, "edit": time.monotonic() - began},
        },
        goto="critic",
    )
