"""Shots that are made at once, each wave in a thread of its own."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from reelgraph.video_tools.backends.base import Call, Capabilities, Failed, Job, Made, OnEvent, Progress, Submitted
from reelgraph.video_tools.errors import Cancelled, PermanentFailure
from reelgraph.video_tools.film import Spend, Storyboard, TakeRequest
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.generation import Published, Unmade
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal, draw
from reelgraph.video_tools.shooting import shoot_shots, wanted_takes, waves_of
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import open_film, plan_storyboard

# Of six lengths, so that each is a wave of its own.
SIX = "shots: [" + ", ".join(f"{{prompt: 'wave {n}', seconds: {1 + n / 8}}}" for n in range(6)) + "]"
IDS = [f"s01-{n:02}" for n in range(1, 7)]


def planned(studio: Studio) -> tuple[Film, Storyboard]:
    film = open_film(studio, SIX, name="f")
    return film, plan_storyboard(studio, film)


def states(project: Project) -> set[str]:
    return {attempt.state for attempt in project.ledger.attempts()}


class Server(Rehearsal):
    """Takes `together` jobs, which go on once they are there or are told; the client breaks where a prompt says so."""

    def __init__(self, *, together: int = 1, breaks: str = "none", go_on: Callable[[], object] | None = None) -> None:
        super().__init__(max_batch=together)
        self.jobs, self.breaks = list[str](), breaks
        self.go_on = go_on or threading.Barrier(together, timeout=20).wait
        self.gate, self.at_once, self.most_at_once = threading.Lock(), 0, 0

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), remote=True)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        for call in calls:
            self.jobs.append(call.attempt)
            with self.gate:
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
            on_event(Submitted(call.attempt, Job("http://127.0.0.1", call.attempt)))
            self.go_on()
            if self.breaks in call.request.prompt.casefold():
                raise OSError("no address")
            for step in range(1, 500):  # for as long as the other thread takes to break
                on_event(Progress(call.attempt, step, 500))
            with self.gate:
                self.at_once -= 1
            yield Made(call, rate=call.request.rate, frames=draw(call.request))


class Asked:
    """Never says to stop, and knows when four threads asked twice: before a job, and once it is sent or they wait."""

    def __init__(self) -> None:
        self.times, self.by_all = Counter[threading.Thread](), threading.Event()

    def __call__(self) -> bool:
        self.times[threading.current_thread()] += 1
        if sum(times > 1 for thread, times in list(self.times.items()) if thread is not threading.main_thread()) == 4:
            self.by_all.set()
        return False

    def wait(self) -> None:
        assert self.by_all.wait(20)


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


@pytest.mark.parametrize("jobs", [1, 2])
def test_servers_are_kept_at_work_on_as_many_jobs_as_they_take_at_once_and_no_more(project: Project, jobs: int) -> None:
    asked = Asked()
    server = Server(together=jobs, go_on=asked.wait)
    studio = Studio(project, backend=server, should_stop=asked)
    film, board = planned(studio)
    results = list(shoot_shots(studio, film, board, IDS))
    assert sorted(r.wanted.shot.id for r in results if isinstance(r, Published)) == IDS
    assert server.most_at_once == jobs


def test_branches_of_a_graph_share_the_jobs_of_a_server(project: Project) -> None:
    asked = Asked()
    server = Server(together=2, go_on=asked.wait)
    studio = Studio(project, backend=server, should_stop=asked)
    film, board = planned(studio)
    with project.writing(), ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda id: list(shoot_shots(studio, film, board, [id])), IDS)
        assert [type(result) for results in made for result in results] == [Published] * 6
    assert server.most_at_once == 2


@pytest.mark.parametrize("budget", [{"wall_seconds": 90}, {"wall_seconds": 90, "money": 9}, {"calls": 2}], ids=str)
def test_first_shots_are_made_of_what_a_ceiling_leaves(
    project: Project, monkeypatch: pytest.MonkeyPatch, budget: dict[str, float]
) -> None:
    now = 0.0
    monkeypatch.setattr("reelgraph.video_tools.studio.time", SimpleNamespace(monotonic=lambda: now))

    def passes(request: TakeRequest) -> None:
        nonlocal now
        now += 60

    project = Project.open(project.root, size=(128, 72), rate="8", budget=budget)
    studio = Studio(project, backend=Rehearsal(on_call=passes, price=Spend(calls=1, money=1)), began=0)
    film, board = planned(studio)
    results = list(shoot_shots(studio, film, board, IDS))
    assert [r.wanted.shot.id for r in results] == IDS
    assert [type(r) for r in results] == [Published] * 2 + [Unmade] * 4


def test_waves_of_several_back_ends_are_in_film_order(project: Project) -> None:
    opened = Project.open(project.root, backends={"sketch": {"kind": "animatic"}})
    studio, by = Studio(opened, backend=Rehearsal()), ["", "sketch", "", "sketch"]
    shots = [{"prompt": f"wave {n}", "seconds": 1 + n / 8, "backend": name} for n, name in enumerate(by)]
    film = open_film(studio, json.dumps({"shots": shots}), name="f")
    wanted = wanted_takes(studio, film, plan_storyboard(studio, film))
    assert [[item.shot.id for item in wave] for wave in waves_of(studio, wanted)] == [[id] for id in IDS[:4]]


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
    with pytest.raises(PermanentFailure, match="rehearsal broke: OSError: no address"):
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
                self.go_on()
                asked.set()
                yield Made(call, rate=call.request.rate, frames=draw(call.request))

    server = Silent(together=4)
    studio = Studio(project, backend=server, should_stop=asked.is_set)
    film, board = planned(studio)
    with pytest.raises(Cancelled):
        list(shoot_shots(studio, film, board, IDS))
    assert len(server.jobs) == 4 and len(list(project.ledger.takes())) == 4
