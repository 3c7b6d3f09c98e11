"""A person's word on a cut is read by everybody who asks whether it is approved, and stands."""

import json
from pathlib import Path
from typing import Any

import pytest

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.memory.opening import open_memory
from reelgraph.video_tools.film import Decision
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit

BRIEF = json.dumps({"shots": [{"prompt": "a ball rolls", "seconds": 1}, {"prompt": "it stops", "seconds": 1}]})


def make(project: Project, *, answer: Any = None, **asks: Any) -> dict[str, Any]:
    studio = Studio(Project.open(project.root, size=(128, 72), rate="8"), backend=Rehearsal())
    return run_film(FilmContext(studio, **asks), BRIEF, film="f", answer=answer)


def no(payload: dict[str, Any]) -> dict[str, Any]:
    return {"approved": False, "words": "no, too red"}


def remembered(project: Project) -> list[tuple[str, str, str, list[str]]]:
    return sorted((r.shot, r.verdict, r.trust, list(r.why)) for r in open_memory(project).shots.records())


def test_no_at_the_cut_is_said_by_status_report_memory_and_export_and_stands(project: Project) -> None:
    made = make(project, answer=no, approve=frozenset({"cut"}))
    film = project.film("f")
    for result in (made, make(project)):  # and when the film is asked for again, without a gate
        assert (result["approved"], result["rejected"], result["waiting"]) == (False, "cut", "")
        assert result["open_notes"] == 1
        verdict = film.verdict()
        assert verdict is not None and (verdict.person, verdict.approved) == ("rejected", False)
        assert [(n.raised_by, n.message) for n in verdict.notes if n.blocking] == [("person", "no, too red")]
        assert "A person said no" in (film.deliver / "report.html").read_text()
    told = ["no, too red"]
    assert remembered(project) == [("s01-01", "rejected", "person", told), ("s01-02", "rejected", "person", told)]
    tools = {tool.name: tool for tool in VideoToolkit(Studio(project, backend=Rehearsal())).get_tools()}
    assert "not approved, 1 blocking note" in str(tools["list_film"].invoke({}))
    assert "This cut is not approved" in str(tools["export_cut"].invoke({}))
    review = film.review()
    assert review is not None and (review.person, review.approved) == ("", True), "what the checks said stands"


def test_no_takes_back_what_memory_had_of_an_approved_cut(project: Project) -> None:
    assert make(project)["approved"]
    assert [verdict for _, verdict, _, _ in remembered(project)] == ["approved", "approved"]
    assert make(project, answer=no, approve=frozenset({"cut"}))["approved"] is False
    assert [verdict for _, verdict, _, _ in remembered(project)] == ["rejected", "rejected"]


def test_cut_that_waits_for_a_person_is_not_approved_and_not_remembered(project: Project) -> None:
    made = make(project, approve=frozenset({"cut"}))
    film = project.film("f")
    verdict = film.verdict()
    assert made["waiting"] == "cut" and verdict is not None
    assert (verdict.person, verdict.approved) == ("asked", False)
    tools = {tool.name: tool for tool in VideoToolkit(Studio(project, backend=Rehearsal())).get_tools()}
    tools["review_cut"].invoke({})
    assert remembered(project) == []
    made = make(project, answer=lambda payload: True)
    assert made["approved"] and [trust for _, _, trust, _ in remembered(project)] == ["person", "person"]


def test_newest_word_on_a_cut_counts_and_another_cut_has_none(project: Project) -> None:
    make(project)
    film = project.film("f")
    words = [("no", False), ("yes after all", True)]
    for text, approved in words:
        film.add(Decision(gate="cut", number=1, approved=approved, words=text))
        verdict = film.verdict()
        assert verdict is not None and verdict.approved is approved
    film.add(Decision(gate="cut", number=2, approved=False))
    verdict = film.verdict()
    assert verdict is not None and verdict.person == "approved"


def test_no_at_the_storyboard_says_what_to_do(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from reelgraph.cli import main

    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(BRIEF)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: "n\n", raising=False)
    status = main(["make", "f.yaml", "-p", "p", "--approve", "storyboard"])
    out = capsys.readouterr().out
    assert status == 1
    assert out.splitlines() == [
        "a person said no to the storyboard: edit films/f/storyboard.yaml, and `reelgraph resume -p p --film f` asks "
        "about the new plan; so does `reelgraph revise -p p --film f WORDS`; as it is, "
        "`reelgraph resume -p p --film f` asks again in a terminal"
    ]
    assert not (tmp_path / "p" / "takes").exists()


def test_review_judges_a_cut_by_its_own_storyboard(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from reelgraph.cli import main

    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(BRIEF)
    assert main(["make", "f.yaml", "-p", "p", "--size", "128x72", "--rate", "8"]) == 0
    more = json.loads(BRIEF)
    more["shots"].append({"prompt": "night falls over the hall", "seconds": 1})
    Path("f.yaml").write_text(json.dumps(more))
    assert main(["plan", "f.yaml", "-p", "p"]) == 0
    assert main(["review", "-p", "p"]) == 0
    film = Project.open("p").film("f")
    board = film.storyboard()
    assert board is not None and (board.number, len(board.shots)) == (2, 3)
    assert "night falls over the hall" not in (film.deliver / "report.html").read_text()


def test_newest_word_at_a_gate_is_the_one_that_counts_for_all_who_ask(project: Project) -> None:
    assert make(project, answer=no, approve=frozenset({"cut"}))["rejected"] == "cut"
    film = project.film("f")
    cut = film.cut()
    assert cut is not None
    film.add(Decision(gate="cut", number=cut.number, approved=True, words="on second thoughts"))
    verdict = film.verdict()
    assert verdict is not None and verdict.approved
    assert make(project)["approved"], "and the graph asks nobody again, and hears the same"
