"""What a person says with their no at a gate is done and asked about again, turn by turn, in whatever process."""

import json
from pathlib import Path
from typing import Any

import pytest
from langgraph.types import Command
from test_approvals import process

from reelgraph.cli import main
from reelgraph.graphs import approval
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools import revising
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.revising import revise
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit
from reelgraph.video_tools.tools import open_film, plan_storyboard

BRIEF = json.dumps({"shots": [{"prompt": "a ball rolls", "seconds": 1}, {"prompt": "it stops", "seconds": 1}]})
GIVEN = {"brief": BRIEF, "film": "f"}


def no(words: str) -> Any:
    return Command(resume={"approved": False, "words": words})


def plan(project: Project) -> list[tuple[str, float]]:
    board = project.film("f").storyboard()
    assert board is not None
    return [(shot.id, shot.seconds) for shot in board.shots]


def test_changes_asked_for_twice_at_the_cut_and_then_a_yes_make_only_what_they_change(project: Project) -> None:
    asks: Any = {"approve": frozenset({"cut"})}
    turns = [
        (GIVEN, 2, 1, 2.0),
        (no("make shot 2 longer by 1 second"), 1, 2, 3.0),
        (None, 0, 2, 3.0),  # the process ended while it waited
        (no("Shoot shot 1 again. Move shot 2 before shot 1."), 1, 3, 3.0),
    ]
    for given, submits, cut, seconds in turns:
        state, backend = process(project, given, **asks)
        asked = state["__interrupt__"][0].value
        assert (asked["gate"], asked["number"], asked["shown"]["seconds"]) == ("cut", cut, seconds)
        assert len(backend.requests) == submits
    state, backend = process(project, Command(resume=True), **asks)
    assert state["approved"] and backend.requests == [] and "__interrupt__" not in state
    film = project.film("f")
    said = [(d.number, d.approved) for d in film.decisions()]
    assert said == [(1, False), (2, False), (3, True)]
    assert sorted(take.shot for take in project.ledger.takes()) == ["s01-01", "s01-01", "s01-02", "s01-02"]
    assert (state["generated"], state["reused"], state["storyboard"]) == (4, 0, 3)
    cut = film.cut()
    assert cut is not None and [clip.shot for clip in cut.clips] == ["s01-02", "s01-01"]
    assert [path.name for path in (film.folder / "approved").iterdir()] == ["0003.mp4"]


def test_no_with_words_at_the_storyboard_changes_the_plan_and_asks_about_it(project: Project) -> None:
    asks: Any = {"approve": frozenset({"storyboard"})}
    process(project, GIVEN, **asks)
    state, _ = process(project, no("Make shot 2 2 seconds long. Move shot 2 to the beginning."), **asks)
    assert state["__interrupt__"][0].value["number"] == 2 and plan(project) == [("s01-02", 2), ("s01-01", 1)]
    state, _ = process(project, no("Crossfade into s01-01 for 0.5 seconds. Delete s01-02."), **asks)
    (shot,) = state["__interrupt__"][0].value["shown"]["shots"]
    assert (shot["id"], shot["transition"]) == ("s01-01", {"kind": "crossfade", "frames": 4})
    assert shot["prompt"] == "a ball rolls"
    state, backend = process(project, Command(resume=True), **asks)
    assert state["approved"] and [request.prompt for request in backend.requests] == ["A ball rolls. Wide shot."]


def test_plan_that_changes_lead_back_to_is_asked_about_again_and_not_changed_by_old_words(project: Project) -> None:
    asks: Any = {"approve": frozenset({"storyboard"})}
    process(project, GIVEN, **asks)
    numbers = []
    for words in ("make shot 2 longer by 1 second", "make shot 2 shorter by 1 second"):
        state, _ = process(project, no(words), **asks)
        numbers.append(state["__interrupt__"][0].value["number"])
    assert numbers == [2, 1] and plan(project) == [("s01-01", 1), ("s01-02", 1)]
    state, backend = process(project, Command(resume=True), **asks)
    assert state["approved"] and len(backend.requests) == 2


def test_no_with_words_at_a_cost_makes_the_plan_cheaper(project: Project) -> None:
    asks: Any = {"approve_above": Limits(calls=2)}
    state, _ = process(project, GIVEN, **asks)
    assert state["__interrupt__"][0].value["shown"]["most"]["calls"] == 4
    state, backend = process(project, no("delete shot 1"), **asks)
    assert state["approved"] and [request.prompt for request in backend.requests] == ["It stops. Wide shot."]


@pytest.mark.parametrize("gate", ["storyboard", "cut"])
def test_words_that_cannot_be_read_change_nothing_and_the_no_stands(project: Project, gate: Any) -> None:
    told: list[dict[str, Any]] = []
    for answer in (lambda question: {"approved": False, "words": "make it pop"}, None):
        studio = Studio(Project.open(project.root, size=(128, 72), rate="8"), backend=Rehearsal(), tell=told.append)
        made = run_film(FilmContext(studio, approve=frozenset({gate})), BRIEF, film="f", answer=answer)
        assert (made["waiting"], made["rejected"], made["approved"]) == ("", gate, False)
        assert len(project.film("f").storyboards()) == 1
    unread = [event for event in told if event["type"] == "words.unread"]
    assert [(event["gate"], event["words"]) for event in unread] == [(gate, "make it pop")] * 2
    assert "'make it pop' is not understood, and nothing was changed" in unread[0]["error"]


def test_words_are_done_once_though_the_process_ends_before_the_graph_knows(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks: Any = {"approve": frozenset({"cut"})}
    process(project, GIVEN, **asks)

    class Killed(BaseException):
        """Ends the process there."""

    def killed(*given: Any, **more: Any) -> None:
        revise(*given, **more)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(approval, "revise", killed)
        process(project, no("make shot 2 longer by 1 second"), **asks)
    state, backend = process(project, None, **asks)
    assert state["__interrupt__"][0].value["number"] == 2 and plan(project) == [("s01-01", 1), ("s01-02", 2)]
    assert len(backend.requests) == 1


def test_no_half_of_what_was_said_is_done_where_the_process_ends_within(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks: Any = {"approve": frozenset({"cut"})}
    process(project, GIVEN, **asks)

    class Killed(BaseException):
        """Ends the process there."""

    def killed(*given: Any, **more: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(revising, "add_storyboard", killed)
        process(project, no("Crossfade into shot 2 for 0.25 seconds. Make shot 1 longer by 1 second."), **asks)
    state, _ = process(project, None, **asks)
    assert (state["__interrupt__"][0].value["number"], plan(project)) == (2, [("s01-01", 2), ("s01-02", 1)])
    cut = project.film("f").cut()
    assert cut is not None and (cut.frames, cut.clips[1].transition.frames) == (22, 2)
    state, _ = process(project, no("Crossfade into shot 2 for 0.5 seconds."), **asks)
    state, _ = process(project, no("Make shot 1 longer by 1 second."), **asks)
    cut = project.film("f").cut()
    assert cut is not None and (cut.frames, cut.clips[1].transition.frames) == (28, 4), "and what was made is made once"


def test_make_asks_at_the_terminal_until_it_hears_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(BRIEF)
    lines = iter(["make shot 2 longer by 1 second\n", "y\n"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: next(lines), raising=False)
    assert main(["make", "f.yaml", "-p", "p", "--size", "128x72", "--rate", "8", "--approve", "cut", "-q"]) == 0
    heard = capsys.readouterr()
    film = tmp_path / "p/films/f/deliver/film.mp4"
    assert [line for line in heard.err.splitlines() if "film.mp4" in line] == [
        f"  film         {film}, 2.0 s",
        f"  film         {film}, 3.0 s",
    ]
    assert "2 shots, 3.0 s, cut 2, approved" in heard.out


def test_no_without_words_to_what_words_made_is_said(project: Project) -> None:
    answers = iter([True, {"approved": False, "words": "make shot 2 longer by 1 second"}, False])
    studio = Studio(Project.open(project.root, size=(128, 72), rate="8"), backend=Rehearsal())
    asks: Any = frozenset({"storyboard", "cut"})
    made = run_film(FilmContext(studio, approve=asks), BRIEF, film="f", answer=lambda question: next(answers))
    assert (made["waiting"], made["rejected"], made["approved"], made["cut"]) == ("", "storyboard", False, 1)


def test_agent_hands_on_what_a_person_says(project: Project) -> None:
    tools = {t.name: t for t in VideoToolkit(Studio(project, backend=Rehearsal())).get_tools()}

    def said(name: str, **given: Any) -> str:
        call = {"type": "tool_call", "id": "1", "name": name, "args": given}
        answer = tools[name].invoke(call).content
        return answer if isinstance(answer, str) else str(answer[0]["text"])

    said("plan_storyboard", brief=BRIEF, film="f")
    assert "f is storyboard 2 now." in said("revise_film", words="make shot 2 2 seconds long")
    said("generate_take", shot="all")
    said("assemble_cut")
    changed = said("revise_film", words="Shoot shot 2 again. Move shot 2 to the beginning.")
    assert "storyboard 3, cut 1 now" in changed and "1 of 2 shots have no take (s01-02)" in changed
    assert "To be made in the next cut: move." in changed and "Next: generate_take." in changed
    assert "edits" not in (project.film("f").folder / "storyboard.yaml").read_text()
    assert "'make it pop' is not understood, and nothing was changed" in said("revise_film", words="make it pop")
    assert plan(project) == [("s01-01", 1), ("s01-02", 2)] and len(project.film("f").storyboards()) == 3


def test_what_only_a_cut_can_hold_is_refused_before_there_is_one(project: Project) -> None:
    studio = Studio(project, backend=Rehearsal())
    film = open_film(studio, BRIEF, name="f")
    plan_storyboard(studio, film)
    with pytest.raises(InvalidRequest, match="volume: film f is not cut yet"):
        revise(studio, film, "Delete shot 1. Mute shot 2.")
    assert len(film.storyboards()) == 1
    with pytest.raises(InvalidRequest, match="the storyboard cannot be"):
        revise(studio, film, "Delete shot 1. Delete shot 2.")
    revise(studio, film, "delete shot 1")
    assert plan(project) == [("s01-02", 1)]
