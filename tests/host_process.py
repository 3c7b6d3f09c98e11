"""A host app in a process of its own: goes on with a film left at an approval, and says what it paid."""

import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command
from test_host_graph import host_graph

from reelgraph.graphs.context import FilmContext
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio

if __name__ == "__main__":
    root, database, answer = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    backend = Rehearsal()
    studio = Studio(Project.open(root, size=(128, 72), rate="8"), backend=backend)
    graph = host_graph(SqliteSaver(sqlite3.connect(database, check_same_thread=False)))
    config: Any = {"configurable": {"thread_id": "1"}}
    state = graph.invoke(Command(resume=answer), config, context=FilmContext(studio, approve=frozenset({"cut"})))
    print(json.dumps({"approved": state["approved"], "thanks": state.get("thanks"), "calls": len(backend.requests)}))
