"""A planner in place of ours: every line of the brief is a shot of two seconds."""

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from reelgraph.graphs.context import FilmContext, studio_of
from reelgraph.graphs.state import FilmState
from reelgraph.video_tools.film import Scene, Shot, Storyboard
from reelgraph.video_tools.tools import add_storyboard, open_film


def plan(text: str) -> Storyboard:
    """Make a shot of every line; takes and edits go by its id, which a line keeps while none is put before it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    shots = [Shot(id=f"s01-{n:02d}", prompt=line, seconds=2) for n, line in enumerate(lines, 1)]
    return Storyboard(planner="litany", scenes=[Scene(id="s01", shots=shots)])


def planner(state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["producer"]]:
    """Plan a brief once: what stands for it, a person may have edited."""
    studio = studio_of(runtime)
    brief, name = state.get("brief", ""), state.get("film", "")
    with studio.project.writing():
        film = open_film(studio, brief, name=name, paths=False) if brief else studio.project.only_film(name)
        newest, board = film.briefs()[-1], film.storyboard()
        if board is None or board.brief != newest.key:
            board = add_storyboard(studio, film, plan(newest.text))
    return Command(update={"film": film.name, "storyboard": board.number}, goto="producer")
