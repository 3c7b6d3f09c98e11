"""Branches that share a ceiling ask it in film order, whichever thread comes first, and wait for no take but theirs."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from reelgraph.graphs import generator
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools import turns
from reelgraph.video_tools.errors import Cancelled
from reelgraph.video_tools.film import TakeRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.turns import Turn, in_turn


def nothing() -> None:
    """Go on waiting."""


def at_turns(sent: float, *branches: Callable[[Turn], None]) -> None:
    """Run branches in threads that begin in the wrong order, each once the one behind it has."""
    begun = [threading.Event() for _ in branches]

    def branch(place: int) -> None:
        with in_turn("film", sent, place) as turn:
            begun[place].set()
            branches[place](turn)

    with ThreadPoolExecutor(len(branches)) as pool:
        under_way = []
        for place in reversed(range(len(branches))):
            under_way.append(pool.submit(branch, place))
            assert begun[place].wait(20)
        for one in under_way:
            one.result(20)


def test_each_asks_once_those_before_it_have_asked_as_often_or_ended() -> None:
    asked: list[str] = []

    def asking(*names: str) -> Callable[[Turn], None]:
        def branch(turn: Turn) -> None:
            for name in names:
                with turn.asking(nothing) as has_asked:
                    asked.append(name)
                    has_asked()

        return branch

    at_turns(1.0, asking("a", "a again"), asking(), asking("c", "c again"))
    assert (asked.index("a"), asked.index("a again") < asked.index("c again")) == (0, True)
    asked.clear()
    at_turns(2.0, asking("a"), asking("b"), asking("c"))
    assert asked == ["a", "b", "c"], "and those that are sent later wait for none that were sent before"


def test_nobody_waits_for_a_branch_that_failed_or_is_not_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Cancelled), in_turn("film", 3.0, 0):
        raise Cancelled("stopped")
    with in_turn("film", 3.0, 1) as turn, turn.asking(nothing):
        pass
    monkeypatch.setattr(turns, "_BEGINS_WITHIN", 0.0)
    with in_turn("film", 3.0, 7) as turn, turn.asking(nothing):
        pass


def test_waiting_for_a_turn_ends_where_it_is_asked_to() -> None:
    def stop() -> None:
        raise Cancelled("stop")

    with in_turn("film", 4.0, 0), in_turn("film", 4.0, 1) as second, pytest.raises(Cancelled), second.asking(stop):
        raise AssertionError("it is another's turn")


def test_who_waits_for_the_take_of_a_shot_that_asks_for_the_same_holds_nobody_back(project: Project) -> None:
    side_by_side = threading.Barrier(2)

    def under_way(request: TakeRequest) -> None:
        side_by_side.wait(20)

    opened = Project.open(project.root, size=(128, 72), rate="8", budget={"calls": 9}, rounds=1)
    shots = [{"prompt": prompt, "seconds": 1, "seed": 7} for prompt in ("a ball", "a ball", "a dog")]
    backend = Rehearsal(on_call=under_way)
    made = run_film(FilmContext(Studio(opened, backend=backend)), json.dumps({"shots": shots}), film="f")
    assert (made["failures"], made["changed_shots"], len(backend.requests)) == ({}, ["s01-01", "s01-03"], 2)


def test_first_shots_are_those_that_a_ceiling_allows_and_are_under_way_at_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    last_waits, side_by_side = threading.Event(), threading.Barrier(2)
    has_come, shoot_shots = Turn._has_come, generator.shoot_shots

    def looked(turn: Turn, own: float) -> bool:
        if turn._place == 2:
            last_waits.set()
        return has_come(turn, own)

    def late(studio: Studio, film: Any, board: Any, shots: list[str]) -> Any:
        assert shots == ["s01-03"] or last_waits.wait(20)
        return shoot_shots(studio, film, board, shots)

    def under_way(request: TakeRequest) -> None:
        side_by_side.wait(20)

    monkeypatch.setattr(Turn, "_has_come", looked)
    monkeypatch.setattr(generator, "shoot_shots", late)
    opened = Project.open(project.root, size=(128, 72), rate="8", budget={"calls": 2}, rounds=1)
    brief = json.dumps({"shots": [{"prompt": prompt, "seconds": 1} for prompt in ("a ball", "a boat", "a dog")]})
    made = run_film(FilmContext(Studio(opened, backend=Rehearsal(on_call=under_way))), brief, film="f")
    assert (made["refused"], made["changed_shots"]) == (["s01-03"], ["s01-01", "s01-02"])
