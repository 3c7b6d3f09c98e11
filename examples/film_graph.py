"""The film graph in ten lines.

Needs: pip install reelgraph. By default it plans by rule and draws an animatic: no key, no GPU, no network.
For a model that plans: Studio(project, planner=init_chat_model("anthropic:claude-sonnet-4-5"))

    python examples/film_graph.py [PROJECT-FOLDER]
"""

import sys

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

project = Project.open(sys.argv[1] if len(sys.argv) > 1 else "film-project")
graph = create_film_graph().compile()
state = graph.invoke(
    {"brief": "A paper boat sails down a gutter in the rain. It goes over the edge.", "film": "boat"},
    context=FilmContext(Studio(project)),
)
print(f"approved: {state['approved']}, takes made: {state['generated']}")
print(project.film("boat").deliver / "film.mp4")
