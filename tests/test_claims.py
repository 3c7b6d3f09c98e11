"""Threads of one process never do the same thing at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest

from reelgraph.video_tools import claims
from reelgraph.video_tools.claims import claimed
from reelgraph.video_tools.errors import Cancelled
from reelgraph.video_tools.film import Shot, TakeRequest
from reelgraph.video_tools.generation import Published, Wanted
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.shooting import shoot_wave
from reelgraph.video_tools.studio import Studio


def test_second_claim_waits_and_another_thing_does_not() -> None:
    inside, entered = [], threading.Event()

    def work() -> None:
        entered.set()
        with claimed("b", "a"):
            inside.append("second")

    with claimed("a", "b"):
        thread = threading.Thread(target=work)
        thread.start()
        assert entered.wait(5)
        with claimed("c"), claimed("a"):
            inside.append("first")
    thread.join(5)
    assert inside == ["first", "second"]
    assert not claims._line, "nothing is kept of claims that ended"


def test_parts_of_a_thing_are_held_at_once_and_the_first_in_line_goes_first() -> None:
    inside, both, half = list[str](), threading.Barrier(2, timeout=20), Fraction(1, 2)

    def whole(waits: threading.Event) -> None:
        with claimed("server", heed=waits.set):
            inside.append("whole")

    def part(waits: threading.Event) -> None:
        with claimed(parts={"server": half}, heed=waits.set):
            both.wait()
            inside.append("half")

    with ThreadPoolExecutor(3) as pool, claimed("server"):
        for work in (whole, part, part):
            pool.submit(work, waits := threading.Event())
            assert waits.wait(20)
        assert inside == []
    assert inside == ["whole", "half", "half"]


def test_waiting_ends_where_it_is_asked_to() -> None:
    def stop() -> None:
        raise Cancelled("stop")

    def second() -> None:
        with claimed("a", heed=stop):
            raise AssertionError("it is another's")

    with claimed("a"), ThreadPoolExecutor(1) as pool, pytest.raises(Cancelled):
        pool.submit(second).result(20)
    assert not claims._line


def test_same_take_asked_for_by_two_threads_is_paid_once(project: Project) -> None:
    asked, results = threading.Semaphore(0), []

    def until_all_have_asked(request: TakeRequest) -> None:
        assert all(asked.acquire(timeout=5) for _ in range(4))

    backend = Rehearsal(on_call=until_all_have_asked)
    studio, film = Studio(project, backend=backend), project.film("f")
    shot = Shot(id="s01-01", prompt="waves", seconds=1)
    request = TakeRequest(
        backend="rehearsal", model="rehearsal-1", prompt="waves", width=64, height=64, frames=8, rate="8"
    )
    wave = [Wanted(shot, request)]

    def work() -> None:
        asked.release()
        with project.writing():
            results.extend(shoot_wave(studio, film, wave))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(backend.requests) == 1
    assert sorted(r.reused for r in results if isinstance(r, Published)) == [False, True, True, True]
    assert [a.state for a in project.ledger.attempts()] == ["done"]
