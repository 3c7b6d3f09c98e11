"""Shots that are made at once, each wave in a thread of its own."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from reelgraph.video_tools.backends.base import Call, Capabilities, Failed, Job, Made, OnEvent, Progress, Submitted
from reelgraph.video_tools.errors import Cancelled
from reelgraph.video_tools.film import Storyboard, TakeRequest
from reelgraph.video_tools.project import Film, Project
from reelgraph.video_tools.rehearsal import Rehearsal, draw
from reelgraph.video_tools.shoot import Published, Unmade
from reelgraph.video_tools.shooting import shoot_shots
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import open_film, plan_storyboard

SIX = "shots: [" + ", ".join(f"{{prompt: 'wave {n}', seconds: 1}}" for n in range(6)) + "]"
IDS = [f"s01-{n:02}" for n in range(1, 7)]


def planned(studio: Studio) -> tuple[Film, Storyboard]:
    film = open_film(studio, SIX, name="f")
    return film, plan_storyboard(studio, film)


def states(project: Project) -> set[str]:
    return {attempt.state for attempt in project.ledger.attempts()}


class Server(Rehearsal):
    """Has a job for each call; the client breaks at the first one's, once `together` jobs are under way."""

    def __init__(self, *, together: int = 1, breaks: str = "none") -> None:
        super().__init__()
        self.jobs, self.breaks, self.under_way = list[str](), breaks, threading.Barrier(together, timeout=20)

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), remote=True)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        for call in calls:
            self.jobs.append(call.attempt)
            on_event(Submitted(call.attempt, Job("http://127.0.0.1", call.attempt)))
            self.under_way.wait()
            if self.breaks in call.request.prompt.casefold():
                raise OSError("no address")
            for step in range(1, 500):  # for as long as the other thread takes to break
                on_event(Progress(call.attempt, step, 500))
            yield Made(call, rate=call.request.rate, frames=draw(call.request))


def test_takes_of_several_waves_are_under_way_at_once_and_told_in_the_thread_that_asks(project: Project) -> None:
    two, told = threading.Barrier(2), list[tuple[str, threading.Thread]]()

    def hear(event: dict[str, Any]) -> None:
        told.append((event["type"], threading.current_thread()))

    studio = Studio(project, backend=Rehearsal(on_call=lambda request: two.wait(20) and None), tell=hear)
    film, board = planned(studio)
    results = list(shoot_shots(studio, film, board, IDS))
    assert sorted(r.wanted.shot.id for r in results if isinstance(r, Published) and not r.reused) == IDS
    assert {thread for _, thread in told} == {threading.current_thread()}
    assert [kind for kind, _ in told].count("take.ready") == 6


def test_takes_under_way_end_where_somebody_asks_to_stop(project: Project) -> None:
    asked = threading.Event()

    def stop(request: TakeRequest) -> None:
        asked.set()

    studio = Studio(project, backend=Rehearsal(on_call=stop), should_stop=asked.is_set)
    film, board = planned(studio)
    with pytest.raises(Cancelled):
        list(shoot_shots(studio, film, board, IDS))
    assert states(project) == {"failed"} and len(list(project.ledger.attempts())) <= 4


def test_takes_under_way_end_where_nobody_asks_on(project: Project) -> None:
    studio = Studio(project, backend=Rehearsal())
    film, board = planned(studio)
    with closing(shoot_shots(studio, film, board, IDS)) as results:  # type: ignore[type-var]  # it is a generator
        assert isinstance(next(results), Published)
    assert len(list(project.ledger.takes())) < 6 and states(project) <= {"done", "failed"}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("at-once")]


def test_one_wave_that_fails_leaves_the_others(project: Project) -> None:
    studio = Studio(project, backend=Rehearsal(faults={"wave 2": ["crash"]}))
    film, board = planned(studio)
    results = list(shoot_shots(studio, film, board, IDS))
    assert [r.wanted.shot.id for r in results if isinstance(r, Unmade)] == ["s01-03"]
    assert len(list(project.ledger.takes())) == 5


def test_wave_that_breaks_leaves_the_jobs_under_way_and_no_other_is_begun(project: Project) -> None:
    server, told = Server(together=4, breaks="wave 0"), list[str]()
    studio = Studio(project, backend=server)
    film, board = planned(studio)
    with pytest.raises(OSError, match="no address"):
        told.extend(result.wanted.shot.id for result in shoot_shots(studio, film, board, IDS))
    assert sorted(told) == ["s01-02", "s01-03", "s01-04"] and len(server.jobs) == 4
    assert sorted(attempt.state for attempt in project.ledger.attempts()) == ["done", "done", "done", "submitted"]


@pytest.mark.parametrize("shots", [IDS[:1], IDS], ids=len)
def test_nothing_is_sent_once_somebody_asked_to_stop(project: Project, shots: list[str]) -> None:
    server = Server()
    studio = Studio(project, backend=server, should_stop=lambda: True)
    film, board = planned(studio)
    with pytest.raises(Cancelled):
        list(shoot_shots(studio, film, board, shots))
    assert server.jobs == [] and list(project.ledger.attempts()) == []


def test_nothing_more_is_sent_where_somebody_asks_to_stop_while_others_are_under_way(project: Project) -> None:
    asked = threading.Event()

    class Silent(Server):
        """Tells of nothing between a job's start and its end."""

        def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
            for call in calls:
                self.jobs.append(call.attempt)
                on_event(Submitted(call.attempt, Job("http://127.0.0.1", call.attempt)))
                self.under_way.wait()
                asked.set()
                yield Made(call, rate=call.request.rate, frames=draw(call.request))

    server = Silent(together=4)
    studio = Studio(project, backend=server, should_stop=asked.is_set)
    film, board = planned(studio)
    with pytest.raises(Cancelled):
        list(shoot_shots(studio, film, board, IDS))
    assert len(server.jobs) == 4 and len(list(project.ledger.takes())) == 4
