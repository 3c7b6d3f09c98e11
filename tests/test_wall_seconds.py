"""A ceiling of wall seconds counts from the beginning of a run or a tool's call, however long a process has served."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.video_tools.errors import Cancelled
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit

THREAD: Any = {"configurable": {"thread_id": "1"}}
BRIEF = "shots: [{prompt: a ball rolls, seconds: 1}]"


def opened_long_ago(tmp_path: Path, seconds: float) -> Studio:
    project = Project.open(
        tmp_path / "p", size=(128, 72), rate="8", memory=False, rounds=1, budget={"wall_seconds": seconds}
    )
    return Studio(project, backend=Rehearsal(), began=time.monotonic() - 1000)


def test_graph_of_a_long_lived_process_has_its_whole_time_each_run(tmp_path: Path) -> None:
    graph = create_film_graph().compile()
    context = FilmContext(opened_long_ago(tmp_path, 600))
    state: Any = graph.invoke({"brief": BRIEF, "film": "f"}, context=context)
    assert (state["approved"], state["generated"], state.get("refused", [])) == (True, 1, [])


def test_tool_of_a_long_lived_process_has_its_whole_time_each_call(tmp_path: Path) -> None:
    tools = {tool.name: tool for tool in VideoToolkit(opened_long_ago(tmp_path, 600)).get_tools()}
    tools["plan_storyboard"].invoke({"brief": BRIEF, "film": "f"})
    call = {"type": "tool_call", "id": "1", "name": "generate_take", "args": {"shot": "s01-01"}}
    assert tools["generate_take"].invoke(call).status == "success"


def a_day_ago(patch: pytest.MonkeyPatch) -> None:
    now = time.time
    patch.setattr(time, "time", lambda: now() - 86_400)


def test_run_that_another_process_goes_on_with_counts_its_own_time_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, thread = create_film_graph().compile(checkpointer=InMemorySaver()), THREAD
    studio = opened_long_ago(tmp_path, 600)
    with monkeypatch.context() as patch, pytest.raises(Cancelled):
        a_day_ago(patch)
        stopped = replace(studio, should_stop=lambda: True)  # as the first shot is made
        graph.invoke({"brief": BRIEF, "film": "f"}, thread, context=FilmContext(stopped))
    monkeypatch.setattr("reelgraph.graphs.context._OPENED", time.time())  # as another process has it
    state: Any = graph.invoke(None, thread, context=FilmContext(studio))
    assert (state["approved"], state.get("refused", [])) == (True, [])
    assert 0 < state["seconds"]["generate"] < 600


def test_time_in_which_a_person_thinks_is_not_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, thread = create_film_graph().compile(checkpointer=InMemorySaver()), THREAD
    context = FilmContext(opened_long_ago(tmp_path, 600), approve=frozenset({"storyboard"}))
    with monkeypatch.context() as patch:
        patch.setattr("reelgraph.graphs.context._OPENED", 0.0)  # a process that serves for years
        a_day_ago(patch)
        graph.invoke({"brief": BRIEF, "film": "f"}, thread, context=context)
        patch.undo()
        patch.setattr("reelgraph.graphs.context._OPENED", 0.0)
        state: Any = graph.invoke(Command(resume=True), thread, context=context)
    assert (state["approved"], state.get("refused", [])) == (True, [])


def test_run_on_a_server_is_held_to_its_ceiling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Project.open(tmp_path / "p")
    (tmp_path / "p" / "reelgraph.toml").write_text("size = [128, 72]\nrounds = 1\n[budget]\nwall_seconds = 0\n")
    monkeypatch.setenv("REELGRAPH_PROJECT", str(tmp_path / "p"))
    state: Any = create_film_graph().compile().invoke({"brief": BRIEF, "film": "f"}, context=FilmContext())
    assert state["refused"] == ["s01-01"] and "has gone on for all its wall seconds" in state["failed"]["s01-01"]
    assert list(Project.open(tmp_path / "p").ledger.takes()) == []
