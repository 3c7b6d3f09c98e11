"""A host app in a process of its own: goes on with a film left at an approval, and says what it paid."""

import json
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command
from test_host_graph import host_graph

from reelgraph.graphs.context import FilmContext
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio


def opened(database: str) -> AbstractContextManager[Any]:
    """A saver at a Postgres connection string, or in a SQLite file."""
    if database.startswith("postgresql://"):
        from langgraph.checkpoint.postgres import PostgresSaver

        return PostgresSaver.from_conn_string(database)
    return SqliteSaver.from_conn_string(database)


if __name__ == "__main__":
    root, database, answer = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    backend = Rehearsal()
    studio = Studio(Project.open(root, size=(128, 72), rate="8"), backend=backend)
    config: Any = {"configurable": {"thread_id": "1"}}
    context = FilmContext(studio, approve=frozenset({"cut"}))
    with opened(database) as saver:
        state = host_graph(saver).invoke(Command(resume=answer), config, context=context)
    print(json.dumps({"approved": state["approved"], "thanks": state.get("thanks"), "calls": len(backend.requests)}))
