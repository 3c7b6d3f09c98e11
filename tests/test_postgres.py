"""The film graph with a host's Postgres: pauses at approvals outlive the process, and nothing is paid twice.

It needs Postgres's own programs (Debian: `apt-get install postgresql`); without them it says so and is skipped.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.types import Command
from postgres_server import binaries, postgres
from test_host_graph import SIX, brief, host_graph

from reelgraph.graphs.context import FilmContext
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio

pytestmark = pytest.mark.skipif(binaries() is None, reason="NO POSTGRES HERE: apt-get install postgresql")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    from langgraph.checkpoint.postgres import PostgresSaver

    with postgres() as url:
        with PostgresSaver.from_conn_string(url) as saver:
            saver.setup()
        yield url


def test_pause_is_resumed_by_a_new_process_and_nothing_is_paid_twice(url: str, project: Project) -> None:
    from langgraph.checkpoint.postgres import PostgresSaver

    backend = Rehearsal()
    context = FilmContext(Studio(project, backend=backend), approve=frozenset({"cut"}))
    config: Any = {"configurable": {"thread_id": "1"}}
    with PostgresSaver.from_conn_string(url) as saver:
        state = host_graph(saver).invoke({"brief": brief("one", "two"), "film": "f"}, config, context=context)
    assert state["__interrupt__"][0].value["gate"] == "cut" and len(backend.requests) == 2
    command = [sys.executable, str(Path(__file__).parent / "host_process.py"), str(project.root), url, "true"]
    out = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert out.returncode == 0, out.stderr[-800:]
    assert json.loads(out.stdout) == {"approved": True, "thanks": "film f: True", "calls": 0}


async def test_async_run_keeps_what_parallel_shots_made_when_one_fails(url: str, project: Project) -> None:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

    project = Project.open(project.root, size=(128, 72), rate="8", rounds=1)
    backend = Rehearsal(faults={"hree waves": ["crash"]})
    context = FilmContext(Studio(project, backend=backend), approve=frozenset({"storyboard"}))
    config: Any = {"configurable": {"thread_id": "2"}, "max_concurrency": 2}
    async with AsyncPostgresSaver.from_conn_string(url) as saver:
        graph = host_graph(saver)
        state = await graph.ainvoke({"brief": SIX, "film": "f"}, config, context=context)
        assert state["__interrupt__"][0].value["gate"] == "storyboard" and backend.requests == []
        state = await graph.ainvoke(Command(resume=True), config, context=context)
        assert not state["approved"] and len(list(project.ledger.takes())) == 5
        state = await graph.ainvoke({"brief": SIX, "film": "f"}, config, context=context)
    assert state["approved"] and len(backend.requests) == 7
