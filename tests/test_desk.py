"""What a person made of `storyboard.yaml` before an agent's tools go on from the storyboard."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reelgraph.cli import main
from reelgraph.video_tools import actions, cut_actions, take_actions
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import TakeRequest
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio

BRIEF = "shots: [{prompt: a red ball rolls, seconds: 1}, {prompt: a boat sails, seconds: 1}]"
UNSEEN = "A person edited storyboard.yaml, which this does not show yet: plan_storyboard takes it in, free."
TAKEN = "A person edited storyboard.yaml: it is storyboard 2 of f now."


@pytest.fixture
def film(project: Project) -> Film:
    actions.plan_storyboard(Studio(project), brief=BRIEF, film="f")
    return project.film("f")


def edit(film: Film, was: str, now: str) -> Path:
    path = film.folder / "storyboard.yaml"
    path.write_text(path.read_text("utf-8").replace(was, now), "utf-8")
    return path


def shown(film: Film) -> list[str]:
    board = film.storyboard()
    assert board
    return [shot.prompt for shot in board.shots]


@pytest.mark.parametrize("shot", ["all", "s01-02"])
def test_words_that_a_person_wrote_are_those_that_are_paid_for(project: Project, film: Film, shot: str) -> None:
    edit(film, "a boat sails", "a submarine dives")
    backend = Rehearsal()
    studio = Studio(project, backend=backend)
    assert take_actions.generate_take(studio, shot=shot).text.splitlines()[0] == TAKEN
    assert "A submarine dives. Wide shot." in [request.prompt for request in backend.requests]
    assert (shown(film), len(film.storyboards())) == (["a red ball rolls", "a submarine dives"], 2)
    assert "A person" not in take_actions.generate_take(studio, shot=shot).text, "it is taken in once"


def test_cut_and_choice_of_a_take_go_on_from_what_a_person_wrote(project: Project, film: Film) -> None:
    studio = Studio(project, backend=Rehearsal())
    take_actions.generate_take(studio, shot="all")
    edit(film, "a boat sails", "a submarine dives")
    cut = cut_actions.assemble_cut(studio)
    assert TAKEN in cut.text and cut.record["slates"] == ["s01-02"]
    edit(film, "a red ball rolls", "a blue ball rolls")
    first = next(take for take in project.ledger.takes() if take.shot == "s01-02")
    take_actions.compare_takes(studio, shot="s01-02", keep=first.key[:12])
    assert shown(film) == ["a blue ball rolls", "a boat sails"]


def test_file_that_is_no_storyboard_is_said_in_a_line_and_nothing_is_paid(project: Project, film: Film) -> None:
    path = edit(film, "seconds: 1", "secnds: 1")
    backend = Rehearsal()
    studio = Studio(project, backend=backend)
    for work in (
        lambda: take_actions.generate_take(studio, shot="all"),
        lambda: take_actions.generate_take(studio, shot="s01-01", prompt="a gull cries"),
        lambda: take_actions.compare_takes(studio, shot="s01-01", keep="abcd1234"),
        lambda: cut_actions.assemble_cut(studio),
    ):
        with pytest.raises(InvalidRequest, match=r"storyboard\.yaml: shot s01-01: unknown key `secnds`") as refused:
            work()
        assert "\n" not in str(refused.value)
    assert (backend.requests, len(film.storyboards())) == ([], 1)
    assert "secnds" in path.read_text("utf-8")
    assert UNSEEN in actions.estimate_cost(studio).text


def test_tool_that_only_looks_says_that_the_file_was_edited(project: Project, film: Film) -> None:
    studio = Studio(project, backend=Rehearsal())
    take_actions.generate_take(studio, shot="all")
    cut_actions.assemble_cut(studio)
    looks: tuple[Callable[[], str], ...] = (
        lambda: actions.estimate_cost(studio).text,
        lambda: cut_actions.list_film(studio).text,
        lambda: take_actions.compare_takes(studio, shot="s01-01").text,
        lambda: cut_actions.review_cut(studio).text,
    )
    assert not any("storyboard.yaml" in look() for look in looks)
    edit(film, "a boat sails", "a submarine dives")
    assert all(look().splitlines()[-1] == UNSEEN for look in looks)
    assert len(film.storyboards()) == 1
    actions.plan_storyboard(studio)
    assert shown(film) == ["a red ball rolls", "a submarine dives"]


def test_status_says_that_the_file_was_edited(project: Project, film: Film, capsys: pytest.CaptureFixture[str]) -> None:
    edit(film, "a boat sails", "a submarine dives")
    assert main(["status", "-p", str(project.root)]) == 0
    assert re.search(r"storyboard\.yaml was edited: `reelgraph resume .*--film f` takes it in", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("was", "now", "stand"),
    [
        ("a red ball rolls", "a blue ball rolls", ["a blue ball rolls", "a gull cries"]),
        ("seconds: 1.0", "secnds: 1.0", ["a red ball rolls", "a gull cries"]),  # half typed: what was paid for stands
    ],
)
def test_edit_made_while_a_take_is_made_stands_beside_what_the_agent_changed(
    project: Project, film: Film, was: str, now: str, stand: list[str]
) -> None:
    def editing(request: TakeRequest) -> None:
        edit(film, was, now)

    take_actions.generate_take(
        Studio(project, backend=Rehearsal(on_call=editing)), shot="s01-02", prompt="a gull cries"
    )
    assert shown(film) == stand
