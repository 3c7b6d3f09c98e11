"""The conformance kit for nodes: subclass `NodeConformance`, say how your graph is built, and pytest runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.video_tools.editing.media import probe
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio

BRIEF = json.dumps({"shots": [{"prompt": f"{word} waves", "seconds": 1} for word in ("one", "two", "three")]})


class NodeConformance:
    """What a graph with a node of yours must still do.

    Attributes:
        options: What `create_film_graph` is given: your node under the name of one of ours, or `extra_nodes`.
        brief: A brief that your node can work on.
        approves: Whether the film is approved in the end.
    """

    options: dict[str, Any] = {}
    brief = BRIEF
    approves = True

    @pytest.fixture
    def studio(self, tmp_path: Path) -> Studio:
        """A small project whose back end draws moving texture."""
        return Studio(Project.open(tmp_path / "project", size=(128, 72), rate="8"), backend=Rehearsal())

    def run(self, studio: Studio, **more: Any) -> dict[str, Any]:
        """Make the film."""
        graph = create_film_graph(**self.options).compile(**more)
        config: Any = {"configurable": {"thread_id": "1"}}
        state: dict[str, Any] = graph.invoke({"brief": self.brief, "film": "f"}, config, context=FilmContext(studio))
        return state

    def test_film_is_there_at_the_end(self, studio: Studio) -> None:
        """The film plays, and its approval is as expected."""
        state = self.run(studio)
        film = studio.project.film("f")
        cut = film.cut()
        assert cut is not None and probe(film.deliver / "film.mp4").frames == cut.frames
        assert bool(state["approved"]) == self.approves

    def test_second_run_generates_nothing_and_makes_the_same_film(self, studio: Studio) -> None:
        """A node that runs again finds its work done: its edits and plans do not pile up."""
        self.run(studio)
        film, backend = studio.project.film("f"), studio.backend
        assert isinstance(backend, Rehearsal)
        calls, before = len(backend.requests), (film.deliver / "film.mp4").read_bytes()
        self.run(studio)
        if self.approves:
            assert len(backend.requests) == calls
            assert (film.deliver / "film.mp4").read_bytes() == before

    def test_state_stays_small_and_plain(self, studio: Studio) -> None:
        """Checkpoints hold ids and small numbers: at most 1 KB a shot, and JSON."""
        saver = InMemorySaver()
        self.run(studio, checkpointer=saver)
        graph = create_film_graph(**self.options).compile(checkpointer=saver)
        state = graph.get_state({"configurable": {"thread_id": "1"}}).values
        assert len(json.dumps(state)) <= 1024 * 3

    def test_project_is_free_afterwards(self, studio: Studio) -> None:
        """No node keeps the writer's lock."""
        self.run(studio)
        assert not (studio.project.root / ".writer.json").exists()

    async def test_runs_async_too(self, studio: Studio) -> None:
        """The same graph can be awaited."""
        graph = create_film_graph(**self.options).compile()
        state = await graph.ainvoke({"brief": self.brief, "film": "f"}, context=FilmContext(studio))
        assert bool(state["approved"]) == self.approves
