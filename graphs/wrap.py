"""The wrap: approved shots are remembered, and the report is written. It runs once, at the end of every film."""

import time

from langgraph.runtime import Runtime

from reelgraph.graphs.context import FilmContext, studio_of
from reelgraph.graphs.state import FilmState, left_by
from reelgraph.video_tools.events import event
from reelgraph.video_tools.reviewing import wrap_film


def wrap(state: FilmState, runtime: Runtime[FilmContext]) -> dict[str, object]:
    """Remember what was approved and write the report."""
    began = time.monotonic()
    studio = studio_of(runtime)
    film = studio.project.film(left_by("planner", state, "film"))
    studio = studio.for_film(film)
    with studio.project.writing():
        remembered = wrap_film(studio, film)
        verdict = film.verdict()
    approved = verdict is not None and verdict.approved
    cut = left_by("editor", state, "cut")
    studio.tell(event("film.ready", film=film.name, cut=cut, approved=approved, remembered=remembered))
    return {"approved": approved, "seconds": {"wrap": time.monotonic() - began}}
