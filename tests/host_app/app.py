"""A host app with folders named `graphs` and `memory` of its own, which uses reelgraph as an installed package."""

import json
import sys

import graphs
import memory
from graphs.newsroom import newsroom

import reelgraph
import reelgraph.graphs
import reelgraph.memory
from reelgraph.graphs.context import FilmContext
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

project = Project.open(sys.argv[1], size=(128, 72), rate="8")
state = newsroom().invoke({"headline": "Snow falls in the desert"}, context=FilmContext(Studio(project)))
films = [film.name for film in project.films()]
print(
    json.dumps(
        {
            "filed": state["filed"],
            "films": films,
            "film": str(project.film("story").deliver / "film.mp4"),
            "files": [module.__file__ for module in (graphs, memory, reelgraph, reelgraph.graphs, reelgraph.memory)],
        }
    )
)
