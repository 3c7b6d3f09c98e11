"""A no at a gate is done once, may be taken back, and leaves no film without a way on."""

import json
from pathlib import Path
from typing import Any

import pytest

from reelgraph.cli import main
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.revising import revise
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.verdict import wanted_at

SHOTS: list[dict[str, Any]] = [{"prompt": "a ball rolls", "seconds": 1}, {"prompt": "it stops", "seconds": 1}]
BRIEF = json.dumps({"shots": SHOTS})
MARA = {"id": "mara", "name": "Mara", "description": "a keeper in a red coat"}
CAST = json.dumps({"bible": {"characters": [MARA]}, "shots": [SHOTS[0], {**SHOTS[1], "characters": ["mara"]}]})


class Desk:
    """Runs a film as one process after another does, and hears what a person is asked."""

    def __init__(self, project: Project, brief: str = BRIEF, **asks: Any) -> None:
        self.root, self.brief, self.asks, self.told = project.root, brief, asks, list[dict[str, Any]]()
        self.film = project.film("f")

    def run(self, *answers: Any, faults: Any = None, **settings: Any) -> tuple[dict[str, Any], list[str], Rehearsal]:
        """Run it; a person gives these answers, words as a no, and then none. With none, nobody is there."""
        left, asked, backend = list(answers), list[str](), Rehearsal(faults=faults or {})
        project = Project.open(self.root, size=(128, 72), rate="8", **settings)
        context = FilmContext(Studio(project, backend=backend, tell=self.told.append), **self.asks)

        def answer(question: dict[str, Any]) -> Any:
            asked.append(f"{question['gate']} {question['number']}")
            said = left.pop(0) if left else None
            return {"approved": False, "words": said} if isinstance(said, str) else said

        return run_film(context, self.brief, film="f", answer=answer if answers else None), asked, backend


def test_words_that_change_nothing_of_what_is_asked_about_are_done_once(project: Project) -> None:
    desk = Desk(project, approve="storyboard")
    made, asked, _ = desk.run("shoot shot 1 again")
    assert (made["waiting"], asked) == ("storyboard", ["storyboard 1", "storyboard 1"])
    for _ in range(2):
        assert desk.run()[0]["waiting"] == "storyboard" == wanted_at(Studio(project, backend=Rehearsal()), desk.film)
    assert [board.shot("s01-01").variant for board in desk.film.storyboards()] == [0, 1]
    made, asked, backend = desk.run(True)
    assert made["approved"] and asked == ["storyboard 1"] and len(backend.requests) == 2


def test_edit_of_the_cut_is_not_made_at_a_gate_before_it(project: Project) -> None:
    desk = Desk(project)
    assert desk.run()[0]["approved"]
    desk.asks = {"approve": "storyboard"}
    assert desk.run()[0]["waiting"] == "storyboard" == wanted_at(Studio(project, backend=Rehearsal()), desk.film)
    for answers in (["trim 0.125 seconds off the end of shot 1"], []):
        assert desk.run(*answers)[0]["rejected"] == "storyboard"
    errors = [event["error"] for event in desk.told if event["type"] == "words.unread"]
    said = "trim: it edits the cut, and the plan is asked about: `reelgraph revise --film f WORDS`"
    assert errors == [said] * 2 and len(desk.film.cuts()) == len(desk.film.storyboards()) == 1
    made, asked, _ = desk.run("Delete shot 1.", True)
    assert made["approved"] and asked == ["storyboard 1", "storyboard 2"]
    assert [shot.id for shot in desk.film.storyboards()[-1].shots] == ["s01-02"]


@pytest.mark.parametrize("gate", ["storyboard", "cost", "cut"])
@pytest.mark.parametrize("words", ["", "make it pop"])
def test_no_may_be_taken_back_and_stands_while_nobody_is_there(project: Project, gate: str, words: str) -> None:
    desk = Desk(project, **({"approve_above": Limits(calls=1)} if gate == "cost" else {"approve": gate}))
    for answers in ([words], [], [words]):
        made, asked, _ = desk.run(*answers)
        assert (made["rejected"], asked) == (gate, [f"{gate} 1"] * len(answers))
    made, asked, _ = desk.run("make shot 2 longer by 1 second")
    assert asked == [f"{gate} 1", f"{gate} 2"] and made["waiting"] == gate
    made, asked, _ = desk.run(True)
    assert made["approved"] and asked == [f"{gate} 2"] and made["duration"] == 3


def test_finished_film_that_was_refused_by_a_slip_is_approved_as_it_is(project: Project) -> None:
    desk = Desk(project, approve="cut")
    assert desk.run("")[0]["rejected"] == "cut"
    made, asked, backend = desk.run(True)
    assert made["approved"] and asked == ["cut 1"] and backend.requests == []
    assert [path.name for path in (desk.film.folder / "approved").iterdir()] == ["0001.mp4"]


def test_end_of_input_at_a_terminal_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(BRIEF)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    lines = iter(["", "\n", "y\n"])
    monkeypatch.setattr("sys.stdin.readline", lambda: next(lines), raising=False)
    make = ["make", "f.yaml", "-p", "p", "--size", "128x72", "--rate", "8", "--approve", "storyboard", "-q", "--json"]
    heard = []
    for status in (1, 1, 0):
        assert main(make) == status
        made = json.loads(capsys.readouterr().out)
        heard.append((made["waiting"], made["rejected"], made["approved"]))
    assert heard == [("storyboard", "", False), ("", "storyboard", False), ("", "", True)]
    assert [said.approved for said in Project.open("p").film("f").decisions()] == [False, True]


def test_film_goes_on_where_nobody_is_seen_any_more_whose_picture_was_refused(project: Project) -> None:
    desk = Desk(project, CAST, approve="references")
    assert desk.run("older")[0]["rejected"] == "references"
    revise(Studio(Project.open(desk.root, size=(128, 72), rate="8"), backend=Rehearsal()), desk.film, "delete shot 2")
    made, _, backend = desk.run()
    assert made["approved"] and made["failures"] == {} and len(backend.requests) == 1


def test_refused_picture_is_shot_again_by_the_words_that_were_edited_since(project: Project) -> None:
    desk = Desk(project, CAST, approve="references")
    assert desk.run("her coat is wrong")[0]["rejected"] == "references"
    path = desk.film.folder / "storyboard.yaml"
    path.write_text(path.read_text().replace("red coat", "green coat"))
    made, _, backend = desk.run()
    assert made["waiting"] == "references" and ["green coat" in r.prompt for r in backend.requests] == [True]
    (entry,) = made["asked"]["shown"]["entries"]
    assert [Path(picture).parent.name for picture in entry["pictures"]] == [backend.requests[0].key]
    made, _, backend = desk.run(True)
    assert made["approved"] and len(backend.requests) == 2


@pytest.mark.parametrize("rounds", [1, 2])
def test_yes_to_a_cost_is_none_to_the_rounds_after_a_review(project: Project, rounds: int) -> None:
    desk = Desk(project, approve_above=Limits(calls=0))
    faults = {"stops": ["fail"] * 20}
    made, asked, _ = desk.run(True, faults=faults, rounds=rounds)
    assert asked == ["cost 1"] and not made["approved"]
    for _ in range(2):
        made, asked, backend = desk.run(faults=faults, rounds=rounds)
        assert (made["waiting"], backend.requests) == ("cost", [])
    made, asked, _ = desk.run(True, True, faults=faults, rounds=rounds)
    assert len(asked) == 1 and not made["approved"]
