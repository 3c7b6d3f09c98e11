"""The tool passes the kit, and the planner's shots show the product as it looks."""

from pathlib import Path

import pytest
from catalogue import catalogue
from langchain_core.tools import BaseTool

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.graphs.hooks import hook
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.testing import ToolConformance


class TestCatalogue(ToolConformance):
    """The kit."""

    arguments = {"brief": "The kettle boils."}

    @pytest.fixture
    def tool(self) -> BaseTool:
        """The tool."""
        return catalogue


def test_planner_asks_it(tmp_path: Path) -> None:
    """What it knows is in the prompt."""
    backend = Rehearsal()
    studio = Studio(Project.open(tmp_path / "p", size=(128, 72), rate="8"), backend=backend)
    graph = create_film_graph(tools={"planner": [hook(catalogue)]}).compile()
    graph.invoke({"brief": "The Kettle boils on a stove.", "film": "ad"}, context=FilmContext(studio))
    assert "long spout" in backend.requests[0].prompt
