"""A person's no binds whoever shoots, their yes is wanted by whoever asks, and what they are asked about is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from reelgraph.cli import main
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.answers import money
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.errors import Refused
from reelgraph.video_tools.film import Decision, Spend, Storyboard
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.gates import WENT_BACK, plan_number
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.shooting import shoot_shots
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit
from reelgraph.video_tools.tools import add_storyboard, open_film, plan_storyboard

SHOTS: list[dict[str, Any]] = [{"prompt": "a ball rolls", "seconds": 1}, {"prompt": "it stops", "seconds": 1}]
BRIEF = json.dumps({"shots": SHOTS})
STORYBOARD: frozenset[Any] = frozenset({"storyboard"})
SMALL = ["--size", "128x72", "--rate", "8"]


def say(words: str) -> Any:
    return lambda question: {"approved": False, "words": words}


def used(project: Project, backend: Rehearsal, name: str, **given: Any) -> str:
    tool = next(t for t in VideoToolkit(Studio(project, backend=backend)).get_tools() if t.name == name)
    call = {"type": "tool_call", "id": "1", "name": name, "args": {"film": "f", **given}}
    return str(tool.invoke(call).content)


def test_no_at_the_storyboard_binds_tools_until_a_person_says_yes_to_the_plan(project: Project) -> None:
    backend = Rehearsal()
    context = FilmContext(Studio(project, backend=backend), approve=STORYBOARD)
    assert run_film(context, BRIEF, film="f", answer=say("no, too dear"))["rejected"] == "storyboard"
    refused = "a person said no to the storyboard (no, too dear): edit films/f/storyboard.yaml"
    changed: dict[str, Any] = {"shot": "s01-01", "prompt": "a ball flies"}  # tried, and written nowhere
    for given in ({"shot": "all"}, {"shot": "s01-01"}, {"shot": "s01-01", "new_seed": True}, changed):
        assert used(project, backend, "generate_take", **given).startswith(refused)
    path = project.film("f").folder / "storyboard.yaml"
    path.write_text(path.read_text().replace("it stops", "it rests"))
    used(project, backend, "plan_storyboard")
    assert "it has changed since" in used(project, backend, "generate_take", shot="all")
    assert backend.requests == [] and project.film("f").storyboard().number == 2  # type: ignore[union-attr]
    asked: list[dict[str, Any]] = []
    made = run_film(context, "", film="f", answer=lambda question: asked.append(question) or True)
    assert [question["number"] for question in asked] == [2] and made["approved"]
    assert "0 takes made, 2 were there" in used(project, backend, "generate_take", shot="all")


def test_film_of_a_plan_that_a_person_refused_or_never_saw_is_not_approved(project: Project) -> None:
    backend = Rehearsal()
    studio = Studio(project, backend=backend)
    film = project.film("f")
    assert run_film(FilmContext(studio, approve=STORYBOARD), BRIEF, film="f")["waiting"] == "storyboard"
    used(project, backend, "generate_take", shot="all")
    used(project, backend, "assemble_cut")
    assert "not approved: a person's yes is still wanted" in used(project, backend, "review_cut")
    verdict = film.verdict()
    assert verdict is not None and (verdict.person, verdict.approved) == ("asked", False)
    film.add(Decision(gate="storyboard", number=1, approved=False, words="no dogs"))
    verdict = film.verdict()
    assert verdict is not None and (verdict.person, verdict.approved) == ("rejected", False)
    assert verdict.notes[-1].message == "a person said no to the storyboard: no dogs"
    assert "This cut is not approved" in used(project, backend, "export_cut")
    film.add(Decision(gate="storyboard", number=1, approved=True))
    verdict = film.verdict()
    assert verdict is not None and (verdict.person, verdict.approved) == ("", True)


def test_no_at_a_cost_binds_until_it_may_cost_as_much(project: Project) -> None:
    backend = Rehearsal()
    studio = Studio(project, backend=backend)
    dear = FilmContext(studio, approve_above=Limits(calls=3))
    assert run_film(dear, BRIEF, film="f", answer=say("too dear"))["rejected"] == "cost"
    said = used(project, backend, "generate_take", shot="all")
    assert said.startswith("a person said no to the cost (too dear): edit") and said.endswith("--approve-above")
    assert backend.requests == []
    made = run_film(FilmContext(studio, approve_above=Limits(calls=4)), "", film="f")
    assert made["approved"] and len(backend.requests) == 2


def test_shoot_says_in_one_line_that_a_person_said_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(f"music: slow piano\nshots: {json.dumps(SHOTS)}")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: "no dogs\n", raising=False)
    assert main(["make", "f.yaml", "-p", "p", *SMALL, "--approve", "storyboard", "-q"]) == 1
    capsys.readouterr()
    assert main(["status", "-p", "p"]) == 0
    said = "  a person said no to the storyboard (no dogs): edit films/f/storyboard.yaml, and `reelgraph resume -p p "
    assert capsys.readouterr().out.splitlines()[1].startswith(said)
    assert main(["shoot", "-p", "p", "-q", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"] == (
        "a person said no to the storyboard (no dogs): edit films/f/storyboard.yaml, and "
        "`reelgraph resume -p p --film f` asks about the new plan; so does `reelgraph revise -p p --film f WORDS`; "
        "as it is, `reelgraph resume -p p --film f` asks again in a terminal"
    )
    assert not Path("p/takes").exists()


def versions(project: Project, *changes: Any) -> tuple[Film, Storyboard]:
    """Write storyboards, each what a change made of the one before."""
    studio = Studio(project, backend=Rehearsal())
    film = open_film(studio, BRIEF, name="f")
    board = plan_storyboard(studio, film)
    for change in changes:
        changed = [shot.model_copy(update=change(shot)) for shot in board.shots[:1]]
        board = board.with_shots(changed).model_copy(update={"number": film.next_number("storyboards")})
        add_storyboard(studio, film, board)
    return film, board


def mend(shot: Any) -> dict[str, Any]:
    return {"prompt": f"{shot.prompt}, sharp", "tried": [*shot.tried, "blur:reword"], "why": [*shot.why, "blur"]}


def reword(shot: Any) -> dict[str, Any]:
    return {"prompt": "a dog barks"}


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ([mend], 1),
        ([mend, mend], 1),
        ([mend, lambda shot: {"seed": 7}], 1),
        ([reword], 2),
        ([reword, mend], 2),
        ([mend, reword], 3),
        ([reword, lambda shot: {"prompt": "a ball rolls"}], 1),
        ([mend, lambda shot: {"prompt": "a ball rolls", "tried": [], "why": [WENT_BACK]}], 1),
    ],
)
def test_word_on_a_plan_holds_for_what_remedies_make_of_it_and_for_nothing_else(
    project: Project, changes: list[Any], number: int
) -> None:
    film, board = versions(project, *changes)
    assert plan_number(film, board) == number


def test_remedies_may_go_on_under_a_yes_and_not_under_a_no(project: Project) -> None:
    film, board = versions(project, mend)
    backend = Rehearsal()
    studio = Studio(project, backend=backend)
    film.add(Decision(gate="storyboard", number=1, approved=False))
    with pytest.raises(Refused):
        list(shoot_shots(studio, film, board, ["s01-01"]))
    film.add(Decision(gate="storyboard", number=1, approved=True))
    assert len(list(shoot_shots(studio, film, board, ["s01-01"]))) == 1 == len(backend.requests)


def test_who_is_asked_about_a_cost_is_told_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(BRIEF)
    words = ["make", "f.yaml", "-p", "p", *SMALL, "--approve-above", "calls=0", "--ladder", "draft", "-q"]
    assert main([*words, "--json"]) == 1
    asked = json.loads(capsys.readouterr().out)["asked"]
    shown = asked["shown"]
    assert (asked["gate"], shown["to_make"], shown["once"]["calls"]) == ("cost", ["s01-01", "s01-02"], 4)
    parts = {part: money(Spend.model_validate(price)) for part, price in shown["parts"].items()}
    assert {part: price.split(",")[0] for part, price in parts.items()} == {"draft": "2 calls", "final": "2 calls"}
    assert main(words) == 1
    once, most = (money(Spend.model_validate(shown[price])) for price in ("once", "most"))
    costs = f"shooting costs {once} (at most {most})"
    assert f"waiting for a person at the cost: {costs}, then `reelgraph resume -p p" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: "\n", raising=False)
    assert main(words) == 1
    assert capsys.readouterr().err.splitlines()[:7] == [
        "cost 1 of f:",
        "  to make      s01-01, s01-02",
        f"  costs        {once}, if every shot is right at once",
        f"               draft: {parts['draft']}",
        f"               final: {parts['final']}",
        f"  at most      {most}, if every one is shot again in each round",
        "  spent        0 calls, 0.0 s of generation",
    ]


def test_who_waits_for_a_word_on_a_cut_says_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(BRIEF)
    assert main(["make", "f.yaml", "-p", "p", *SMALL, "--approve", "cut", "-q"]) == 1
    film = tmp_path / "p/films/f/deliver/film.mp4"
    assert f"waiting for a person at the cut: look at {film}" in capsys.readouterr().out


def test_export_says_that_a_cut_is_not_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(BRIEF)
    main(["make", "f.yaml", "-p", "p", *SMALL, "-q"])
    assert main(["export", "out", "-p", "p"]) == 0
    assert capsys.readouterr().err == ""
    film = Project.open("p").film("f")
    film.add(Decision(gate="cut", number=1, approved=False, words="too red"))
    assert main(["export", "out", "-p", "p", "--json"]) == 1
    heard = capsys.readouterr()
    assert heard.err == "this cut of f is not approved, since a person said no: too red\n"
    exported = json.loads(heard.out)
    assert (exported["approved"], exported["person"], Path("out/film.mp4").exists()) == (False, "rejected", True)
    main(["edit", '{"op": "trim", "clip": "s01-02", "tail": 2}', "-p", "p", "-q"])
    (film.folder / "reviews" / "0002.json").unlink()
    capsys.readouterr()
    assert main(["export", "out", "-p", "p"]) == 1
    assert capsys.readouterr().err == "this cut of f is not reviewed\n"


def test_strictness_is_the_films_whoever_works_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    card = '{prompt: a card, kind: title, title: "\U00013000 home", seconds: 1}'
    Path("f.yaml").write_text(f"music: slow piano\nshots: [{card}]")
    assert main(["plan", "f.yaml", "-p", "p", *SMALL, "-q"]) == 0
    for words, lenient in ((["shoot"], 0), (["cut"], 0), (["review"], 0), (["export", "out"], 0)):
        assert main([*words, "-p", "p", "-q"]) == lenient, words
    settings = Path("p/reelgraph.toml")
    settings.write_text("strict = true\n" + settings.read_text())
    for words in (["shoot"], ["cut"], ["review"], ["export", "out"], ["resume"]):
        assert main([*words, "-p", "p", "-q"]) == 1, words
    assert "became \N{REPLACEMENT CHARACTER}; music slow piano became silence" in capsys.readouterr().err
    project = Project.open("p")
    verdict = project.film("f").verdict()
    assert verdict is not None and verdict.notes[-1].message.endswith("music slow piano became silence")
    backend = Rehearsal()
    assert "not approved, 1 blocking note" in used(project, backend, "list_film")
    assert "not approved" in used(project, backend, "review_cut")
    told: list[dict[str, Any]] = []
    made = run_film(FilmContext(Studio(project, tell=told.append)), "", film="f")
    assert (made["approved"], made["open_notes"]) == (False, 1)
    assert (told[-1]["type"], told[-1]["approved"]) == ("film.ready", False)


def test_reference_sheet_that_a_person_refused_or_never_saw_is_theirs_to_approve(project: Project) -> None:
    mara = {"id": "mara", "name": "Mara", "description": "a keeper in a yellow coat"}
    brief = json.dumps({"bible": {"characters": [mara]}, "shots": [{**SHOTS[0], "characters": ["mara"]}]})
    backend = Rehearsal()
    context = FilmContext(Studio(project, backend=backend), approve=frozenset({"references"}))
    assert run_film(context, brief, film="f")["waiting"] == "references"
    for name, given in (("generate_take", {"shot": "all"}), ("assemble_cut", {}), ("review_cut", {})):
        said = used(project, backend, name, **given)
    assert "f cut 1: not approved: a person's yes is still wanted" in said
    assert run_film(context, "", film="f", answer=say("older"))["rejected"] == "references"
    verdict = project.film("f").verdict()
    assert verdict is not None and verdict.notes[-1].message == "a person said no to the references: older"
    said = used(project, backend, "generate_take", shot="all", rung="draft")
    assert "a person said no to the references (older): it has changed since" in said
    assert [request.frames for request in backend.requests] == [1, 8, 1], "another picture, and no shot"
