"""The generator: one wave of shots becomes takes. No exception crosses the fan-out."""

from dataclasses import replace
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from reelgraph.graphs.context import FilmContext, studio_of
from reelgraph.graphs.state import Wave
from reelgraph.video_tools.errors import BudgetExceeded, Cancelled, ReelgraphError
from reelgraph.video_tools.generation import Unmade
from reelgraph.video_tools.shooting import shoot_shots
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.turns import in_turn


def generator(wave: Wave, runtime: Runtime[FilmContext]) -> Command[Literal["editor"]]:
    """Shoot a wave, up the ladder: each shot ends as a take, or as a failure that its slate and note will name.

    Raises:
        Cancelled: Somebody asked to stop; what was published stands.
    """
    studio = studio_of(runtime, wave.get("began"))
    with in_turn((studio.project.root, wave["film"]), wave.get("sent", 0.0), wave.get("place", 0)) as turn:
        return Command(update=_shot(replace(studio, turn=turn), wave), goto="editor")


def _shot(studio: Studio, wave: Wave) -> dict[str, Any]:
    """Shoot a wave, and say what came of it as fields of the state."""
    takes: dict[str, str] = {}
    failed: dict[str, str] = {}
    made: list[str] = []
    refused: list[str] = []
    try:
        film = studio.project.film(wave["film"])
        studio = studio.for_film(film)
        board = film.storyboard(wave["storyboard"])
        assert board is not None  # the planner wrote it
        with studio.project.writing():
            for result in shoot_shots(studio, film, board, wave["shots"]):
                shot = result.wanted.shot.id
                if isinstance(result, Unmade):
                    failed[shot] = str(result.error)
                    refused += [shot] if isinstance(result.error, BudgetExceeded) else []
                else:
                    takes[shot] = result.take.key
                    made += [] if result.reused else [shot]
    except Cancelled:
        raise
    except Exception as error:  # an exception here would discard what sibling branches are paying for
        for shot in wave["shots"]:
            if shot not in takes:
                why = str(error) if isinstance(error, ReelgraphError) else f"{type(error).__name__}: {error}"
                failed.setdefault(shot, why)
    update = {
        "takes": takes,
        "failed": failed,
        "refused": refused,
        "changed": made,
    }
    # Every field is a write to the checkpointer, shot by shot: what says nothing, or follows from these, is not said.
    return {key: value for key, value in update.items() if value}
