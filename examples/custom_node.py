"""A node of your own in the film graph: a colourist, who grades every cut before the critic sees it.

Needs: pip install reelgraph. By default it plans by rule and draws an animatic: no key, no GPU, no network.
For a model that plans: Studio(project, planner=init_chat_model("anthropic:claude-sonnet-4-5"))

    python examples/custom_node.py [PROJECT-FOLDER]
"""

import sys
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from reelgraph.graphs.context import FilmContext, studio_of
from reelgraph.graphs.editor import editor
from reelgraph.graphs.graph import create_film_graph
from reelgraph.graphs.state import FilmState
from reelgraph.video_tools.cutting import edit_cut
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio


def editor_before_the_colourist(state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["colourist"]]:
    """The editor as it is, which now hands over to the colourist instead of the critic."""
    return Command(update=editor(state, runtime).update, goto="colourist")


def colourist(state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["critic"]]:
    """Warm every shot up, once: an edit stays with a clip when its shot is made again."""
    studio = studio_of(runtime)
    film = studio.project.film(state["film"])
    warm = [{"name": "temperature", "arguments": {"amount": 0.4}}]
    edits = [{"op": "effects", "clip": clip.shot, "effects": warm} for clip in film.cut().clips if not clip.effects]
    if not edits:
        return Command(goto="critic")
    with studio.project.writing():
        cut = edit_cut(studio, film, edits)
    return Command(update={"cut": cut.number}, goto="critic")


graph = create_film_graph(editor=editor_before_the_colourist, extra_nodes={"colourist": colourist}).compile()
project = Project.open(sys.argv[1] if len(sys.argv) > 1 else "film-project")
graph.invoke(
    {"brief": "A fox crosses a snowy field. It stops and listens.", "film": "fox"}, context=FilmContext(Studio(project))
)
print([effect.name for clip in project.film("fox").cut().clips for effect in clip.effects])
print(project.film("fox").deliver / "film.mp4")
