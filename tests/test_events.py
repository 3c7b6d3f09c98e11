"""What is told while a film is made is of the types that are declared, and each kind is told when it happens."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, with_config

from reelgraph.cli import main
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.events import Event, EventType
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import open_film, plan_storyboard

KINDS = {get_args(kind.__annotations__["type"])[0]: with_config({"extra": "forbid"})(kind) for kind in get_args(Event)}


def test_every_kind_of_event_has_a_type() -> None:
    assert set(KINDS) == set(get_args(EventType))


def told(project: Project, backend: Rehearsal, brief: Any, *edits: dict[str, Any]) -> list[dict[str, Any]]:
    graph = create_film_graph().compile()
    given: Any = {"brief": json.dumps(brief), "film": "f"}
    events: list[dict[str, Any]] = list(
        graph.stream(given, context=FilmContext(Studio(project, backend=backend)), stream_mode="custom")
    )
    for event in events:
        TypeAdapter(KINDS[event["type"]]).validate_python(event, strict=True)
    return events


def test_run_tells_each_step_in_order_with_its_shot(project: Project) -> None:
    shots = [{"prompt": f"{word} waves", "seconds": 1} for word in ("one", "two", "three")]
    backend = Rehearsal(faults={"wo waves": ["short"], "hree waves": ["fail", "fail"]})
    events = told(project, backend, {"shots": shots})
    kinds = [event["type"] for event in events]
    assert kinds[0] == "storyboard.ready" and kinds[-1] == "film.ready"
    assert {e["shot"] for e in events if e["type"] == "take.progress"} == {"s01-01", "s01-02", "s01-03"}
    assert [e["shot"] for e in events if e["type"] == "substitution"][:1] == ["s01-02"]
    assert {e["shot"] for e in events if e["type"] == "take.failed"} == {"s01-03"}
    assert any(e["type"] == "note.raised" and e["shot"] == "s01-03" and e["blocking"] for e in events)
    first = kinds.index("cut.ready")
    assert kinds.index("budget.spent") < first < kinds.index("note.raised")


def test_changed_brief_and_an_edit_that_fits_no_more_are_told(project: Project) -> None:
    from reelgraph.video_tools.cutting import edit_cut

    backend = Rehearsal()
    told(project, backend, {"shots": [{"prompt": "one waves", "seconds": 1}, {"prompt": "two waves", "seconds": 2}]})
    studio = Studio(project, backend=backend)
    with project.writing():
        edit_cut(studio, project.film("f"), [{"op": "trim", "clip": "s01-02", "tail": 12}])
    events = told(project, backend, {"shots": [{"prompt": "one waves", "seconds": 1}] * 2})
    assert [e["edit"]["op"] for e in events if e["type"] == "edit.dropped"] == ["trim"]
    events = told(
        project, backend, {"shots": [{"prompt": "one waves", "seconds": 1}, {"prompt": "two waves", "seconds": 2}]}
    )
    assert [(e["type"], e["edit"]["op"]) for e in events if "edit" in e] == [("edit.returned", "trim")]
    cut = project.film("f").cut()
    assert cut is not None and [clip.frames for clip in cut.clips] == [8, 4]


def test_another_brief_of_a_film_that_there_is_is_told_with_what_it_was_before(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, words in (("story", "A dog digs in the sand."), ("story2", "A gull cries.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "story.md").write_text(words)
        capsys.readouterr()
        for _ in range(2):
            assert main(["plan", str(tmp_path / folder / "story.md"), "-p", str(project.root)]) == 0
    told = 'story is made from another brief now, from "A dog digs in the sand." before; another film: --film NAME'
    assert capsys.readouterr().err.splitlines().count(told) == 1
    events: list[dict[str, Any]] = []
    studio = Studio(project, tell=events.append)
    plan_storyboard(studio, open_film(studio, "A cat sleeps.", name="story"))
    (changed,) = [e for e in events if e["type"] == "brief.changed"]
    TypeAdapter(KINDS["brief.changed"]).validate_python(changed, strict=True)
    assert (changed["film"], changed["brief"], changed["before"]) == ("story", 3, "A gull cries.")


def test_changed_words_are_told(project: Project) -> None:
    brief = "A dog digs. It finds a shoe."
    graph = create_film_graph().compile()
    context = FilmContext(Studio(project, backend=Rehearsal()))
    graph.invoke({"brief": brief, "film": "f"}, context=context)
    events = list(
        graph.stream({"brief": brief.replace("shoe", "hat"), "film": "f"}, context=context, stream_mode="custom")
    )
    (changed,) = [e for e in events if e["type"] == "storyboard.changed"]
    TypeAdapter(KINDS["storyboard.changed"]).validate_python(changed, strict=True)


def test_listener_that_fails_loses_no_take_and_is_warned_of_once(project: Project) -> None:
    def gone(told: dict[str, Any]) -> None:
        raise ConnectionError("the page\nwas closed")

    studio = Studio(project, backend=Rehearsal(), tell=gone)
    words = r"failed at 'storyboard.ready' \(ConnectionError: the page was closed\)"
    with pytest.warns(UserWarning, match=words) as said:
        film = run_film(FilmContext(studio), "A dog digs. It finds a shoe.", film="f")
    assert film["approved"] and len(said) == 1
    assert [a.state for a in project.ledger.attempts()] == ["done", "done"]
