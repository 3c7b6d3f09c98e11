"""A ceiling of generation seconds holds within one call, whether or not anybody knows how long a call takes."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from reelgraph.video_tools.backends.base import Backend, Call, Capabilities, Failed, Made, OnEvent, Progress
from reelgraph.video_tools.backends.pace import Pace
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.errors import BudgetExceeded, Cancelled, OutcomeUnknown
from reelgraph.video_tools.film import Shot, Spend, TakeRequest
from reelgraph.video_tools.generation import Published, Unmade, Wanted, shoot
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.rehearsal import Rehearsal, draw


class Clock:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        for module in ("generation", "budget"):
            clock = SimpleNamespace(monotonic=lambda: self.now)
            patch.setattr(f"reelgraph.video_tools.{module}.time", clock)


class Machine(Rehearsal):
    """Takes four steps of a second each, and learns that; `known` says that it was learnt before."""

    def __init__(self, pass_time: Callable[[float], None], *, known: float = 0.0, max_batch: int = 1) -> None:
        super().__init__(max_batch=max_batch)
        self.pace, self.pass_time = Pace(), pass_time
        self.most_at_once = self.at_once = 0
        if known:
            self.pace.learn("final", 8, known)

    def price(self, request: TakeRequest) -> Spend:
        return self.pace.price(request.rung, request.frames)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            for step in range(4):
                self.pass_time(1.0)
                for call in calls:
                    on_event(Progress(call.attempt, step + 1, 4))
            for call in calls:
                self.pace.learn("final", call.request.frames, 4.0)
                spent = Spend(calls=1, generation_seconds=4.0)
                yield Made(call, rate=call.request.rate, frames=draw(call.request), spent=spent)
        finally:
            self.at_once -= 1


def wanted(number: int) -> Wanted:
    shot = Shot(id=f"s01-{number:02d}", prompt="waves", seconds=1)
    request = TakeRequest(
        backend="rehearsal", prompt=f"waves {number}", width=64, height=48, frames=8, rate=Fraction(8)
    )
    return Wanted(shot, request)


def run(
    ledger: Ledger, backend: Backend, wave: list[Wanted], seconds: float | None, *, project: float | None = None
) -> list[Published | Unmade]:
    limits = {"f": Limits(generation_seconds=seconds), None: Limits(generation_seconds=project)}
    return list(shoot(ledger, backend, wave, film="f", limits=lambda: limits))


def test_first_take_of_unknown_length_goes_alone_and_says_what_its_like_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, clock = Ledger(tmp_path), Clock(monkeypatch)

    def passes(seconds: float) -> None:
        clock.now += seconds

    machine = Machine(passes, max_batch=3)
    assert machine.price(wanted(1).request) == Spend(calls=1, untimed_calls=1)
    results = run(ledger, machine, [wanted(1), wanted(2), wanted(3)], seconds=10)
    # 4 s are spent, then 6 s (half as much again) reserved for the second, which takes 4; the third is over it.
    assert [(r.wanted.shot.id, type(r)) for r in results] == [
        ("s01-01", Published), ("s01-02", Published), ("s01-03", Unmade),
    ]  # fmt: skip
    refused = results[2]
    assert isinstance(refused, Unmade) and "8 spent, 6 more needed" in str(refused.error)
    assert ledger.spend("f") == Spend(calls=2, generation_seconds=8.0)


def test_branches_wait_for_the_take_of_unknown_length_and_none_waits_without_a_ceiling(tmp_path: Path) -> None:
    def passes(seconds: float) -> None:
        threading.Event().wait(0.001)

    def all_at_once(name: str, machine: Machine, seconds: float | None) -> list[str]:
        ledger = Ledger(tmp_path / name)
        with ThreadPoolExecutor(3) as pool:
            waves = pool.map(lambda n: run(ledger, machine, [wanted(n)], seconds), (1, 2, 3))
            return sorted(type(result).__name__ for results in waves for result in results)

    machine = Machine(passes)
    assert all_at_once("ceiling", machine, 10) == ["Published", "Published", "Unmade"]
    assert machine.most_at_once == 1
    barrier = threading.Barrier(3, timeout=60)
    free = Machine(lambda seconds: barrier.wait() and None)  # each waits within its call until all are there
    assert all_at_once("none", free, None) == ["Published"] * 3


def test_branches_on_one_device_begin_no_call_past_a_ceiling_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, clock = Ledger(tmp_path), Clock(monkeypatch)

    def passes(seconds: float) -> None:
        clock.now += seconds
        threading.Event().wait(0.001)  # the other branches may begin meanwhile

    machine, began = Machine(passes), clock.now

    def limits() -> dict[str | None, Limits]:
        return {"f": Limits(wall_seconds=6).after(clock.now - began)}

    def made(number: int) -> list[Published | Unmade]:
        return list(shoot(ledger, machine, [wanted(number)], film="f", limits=limits))

    with ThreadPoolExecutor(4) as pool:
        results = [result for each in pool.map(made, range(1, 5)) for result in each]
    # Each takes 4 s: the second begins within the 6 s, and the others would begin at 8 s.
    assert machine.most_at_once == 1 and ledger.spend("f").calls == 2
    refused = [str(result.error) for result in results if isinstance(result, Unmade)]
    assert len(refused) == 2 and all("has gone on for all its wall seconds" in said for said in refused)


class Cautious(Rehearsal):
    """Takes a third of its price; the calls of the first few threads wait until those are all there."""

    def __init__(self, *, together: int = 1, max_batch: int = 1) -> None:
        super().__init__(max_batch=max_batch, price=Spend(calls=1, generation_seconds=0.75, money=0.75))
        self.there, self.together = threading.Barrier(together), together

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        for call in calls:
            self.requests.append(call.request)
            if len(self.requests) <= self.together:
                self.there.wait(20)
            spent = Spend(calls=1, generation_seconds=0.25, money=0.25)
            yield Made(call, rate=call.request.rate, frames=draw(call.request), spent=spent)


@pytest.mark.parametrize("ceiling", ["generation_seconds", "money"])
@pytest.mark.parametrize(("threads", "batch"), [(1, 6), (4, 1)], ids=["one wave", "waves at once"])
def test_what_a_ceiling_refused_is_made_of_what_other_calls_leave_of_their_price(
    tmp_path: Path, ceiling: str, threads: int, batch: int
) -> None:
    ledger, machine = Ledger(tmp_path), Cautious(together=min(threads, 2), max_batch=batch)
    items = [wanted(number) for number in range(1, 7)]
    limits = {"f": Limits.model_validate({ceiling: 2.0})}  # two prices at once, and eight times what one takes

    def made(wave: list[Wanted]) -> list[Published | Unmade]:
        return list(shoot(ledger, machine, wave, film="f", limits=lambda: limits))

    with ThreadPoolExecutor(threads) as pool:
        results = pool.map(made, [items[first : first + batch] for first in range(0, 6, batch)])
        assert [type(result) for each in results for result in each] == [Published] * 6
    assert ledger.spend("f") == Spend(calls=6, generation_seconds=1.5, money=1.5)


def test_what_a_ceiling_refused_is_not_begun_once_the_time_is_over(tmp_path: Path) -> None:
    machine = Cautious(max_batch=2)
    wave = [wanted(1), wanted(2)]
    results = shoot(
        Ledger(tmp_path), machine, wave, film="f",
        limits=lambda: {"f": Limits(money=1, wall_seconds=0 if machine.requests else 1)},
    )  # fmt: skip
    _, late = results
    assert isinstance(late, Unmade) and "all its wall seconds" in str(late.error) and len(machine.requests) == 1


class Held(Rehearsal):
    """Is under way until it is let go."""

    def __init__(self) -> None:
        super().__init__(on_call=self.hold, price=Spend(calls=1))
        self.begun, self.let_go = threading.Event(), threading.Event()

    def hold(self, request: TakeRequest) -> None:
        self.begun.set()
        assert self.let_go.wait(20)


@pytest.mark.parametrize("shared", [False, True])
def test_refused_call_waits_for_calls_under_the_same_ceiling_alone_until_it_is_stopped(
    tmp_path: Path, shared: bool
) -> None:
    ledger, held, asked = Ledger(tmp_path), Held(), list[None]()

    def before() -> None:
        asked.append(None)
        if len(asked) > 1:  # it waits
            raise Cancelled("stop")

    def limits(calls: int | None) -> Callable[[], dict[str | None, Limits]]:
        return lambda: {"f": Limits(), None: Limits(calls=1)} if shared else {"f": Limits(calls=calls), None: Limits()}

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(lambda: list(shoot(ledger, held, [wanted(1)], film="f", limits=limits(None))))
        assert held.begun.wait(20)
        try:
            if shared:
                with pytest.raises(Cancelled):
                    list(shoot(ledger, Rehearsal(), [wanted(2)], film="f", limits=limits(0), before=before))
            else:
                [refused] = shoot(ledger, Rehearsal(), [wanted(2)], film="f", limits=limits(0))
                assert isinstance(refused, Unmade)
        finally:
            held.let_go.set()
        assert [type(result) for result in other.result(20)] == [Published]


@pytest.mark.parametrize(
    ("known", "step", "whose"),
    [(0.0, 1.0, "film f"), (0.5, 1.0, "film f"), (0.0, 0.25, "film f"), (0.0, 1.0, "the project")],
)
def test_call_under_way_is_ended_within_a_step_of_the_ceiling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: float, step: float, whose: str
) -> None:
    ledger, clock = Ledger(tmp_path), Clock(monkeypatch)

    def passes(seconds: float) -> None:
        clock.now += seconds * step

    seconds, project = (1.5 * step, None) if whose == "film f" else (100.0, 1.5 * step)
    wave = [wanted(1), wanted(2)][: 1 if known else 2]
    results = run(ledger, Machine(passes, known=known), wave, seconds, project=project)
    assert [type(r) for r in results] == [Unmade] * len(results)
    ended = results[0]
    assert isinstance(ended, Unmade) and isinstance(ended.error, BudgetExceeded)
    assert f"s01-01: {whose} has used its ceiling of {1.5 * step:g} generation seconds" in str(ended.error)
    [attempt] = ledger.attempts()
    assert (attempt.state, attempt.spent.generation_seconds) == ("failed", 2 * step)  # heard of at step 1, ended at 3
    assert list(ledger.takes()) == []
    if not known:
        assert isinstance(results[1], Unmade) and "how long this call takes is not known" in str(results[1].error)


class Server(Machine):
    """Has a job for each call."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), remote=True)


@pytest.mark.parametrize(("kind", "end"), [(Machine, Published), (Server, Unmade)])
def test_calls_share_the_time_of_one_device_and_jobs_of_a_server_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Machine], end: type
) -> None:
    clock = Clock(monkeypatch)

    def passes(seconds: float) -> None:
        clock.now += 4 * seconds

    # 6 s are reserved for each of three; they go on for 12 s once they are heard of, which is 4 s or 12 s for each.
    machine = kind(passes, known=0.5, max_batch=3)
    results = run(Ledger(tmp_path), machine, [wanted(1), wanted(2), wanted(3)], seconds=18)
    assert [type(r) for r in results] == [end] * 3


def test_job_that_is_done_counts_as_it_cost_while_another_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, clock = Ledger(tmp_path), Clock(monkeypatch)

    class Uneven(Server):
        def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
            for call in calls:
                on_event(Progress(call.attempt, 1, 100))
            for call, seconds in zip(calls, (1, 10), strict=True):
                while clock.now < 100 + seconds:
                    clock.now += 1
                    on_event(Progress(call.attempt, int(clock.now - 99), 100))
                spent = Spend(calls=1, generation_seconds=seconds)
                yield Made(call, rate=call.request.rate, frames=draw(call.request), spent=spent)

    machine = Uneven(lambda seconds: None, known=0.5, max_batch=2)
    assert [type(r) for r in run(ledger, machine, [wanted(1), wanted(2)], seconds=12)] == [Published] * 2
    assert ledger.spend("f").generation_seconds == 11


def test_what_costs_no_seconds_is_made_under_a_spent_ceiling(tmp_path: Path) -> None:
    free = Rehearsal(price=Spend(calls=1))
    assert [type(r) for r in run(Ledger(tmp_path), free, [wanted(1)], seconds=0)] == [Published]
    untimed = Rehearsal(price=Spend(calls=1, untimed_calls=1))
    [refused] = run(Ledger(tmp_path), untimed, [wanted(2)], seconds=0)
    assert isinstance(refused, Unmade) and isinstance(refused.error, BudgetExceeded) and untimed.requests == []


def test_killed_call_of_unknown_length_counts_as_long_as_it_was_heard_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, clock = Ledger(tmp_path / "p"), Clock(monkeypatch)

    def passes(seconds: float) -> None:
        clock.now += seconds
        if clock.now == 104:  # as a kill in the fourth step leaves the folder: it was heard of at 101, 102 and 103
            shutil.copytree(ledger.root, tmp_path / "killed")

    run(ledger, Machine(passes), [wanted(1)], seconds=10)
    killed = Ledger(tmp_path / "killed")
    assert killed.spend("f") == Spend(calls=1, generation_seconds=2, untimed_calls=1)
    clock.now += 3600
    assert [type(r) for r in run(killed, Machine(passes), [wanted(1)], seconds=10)] == [Published]
    assert [(a.state, a.spent.generation_seconds) for a in killed.attempts()] == [("lost", 2), ("done", 4)]


def test_lost_reply_of_unknown_length_leaves_the_ceiling_to_the_others_and_to_the_resend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, clock = Ledger(tmp_path), Clock(monkeypatch)

    class Unclear(Machine):
        def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
            if list(ledger.takes()) or len(list(ledger.attempts())) > 1:
                yield from super().generate(calls, on_event)
                return
            for call in calls:
                yield Failed(call, OutcomeUnknown("no reply"), spent=self.price(call.request))

    def passes(seconds: float) -> None:
        clock.now += seconds

    machine = Unclear(passes)
    assert [type(r) for r in run(ledger, machine, [wanted(1), wanted(2)], seconds=15)] == [Unmade, Published]
    assert ledger.give_up("f", "s01-01") == 1
    assert [type(r) for r in run(ledger, machine, [wanted(1)], seconds=15)] == [Published]
    assert ledger.spend("f") == Spend(calls=3, generation_seconds=8, untimed_calls=1)


def test_job_of_unknown_length_that_goes_on_without_us_keeps_no_other_shot_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, clock = Ledger(tmp_path), Clock(monkeypatch)

    def passes(seconds: float) -> None:
        clock.now += seconds

    price = Spend(calls=1, untimed_calls=1)
    left = ledger.intend(wanted(1).request.key, backend="rehearsal", film="f", shot="s01-01", price=price)
    heard = Spend(generation_seconds=7)
    ledger.record(left.model_copy(update={"state": "submitted", "base_url": "u", "job": "j", "spent": heard}))
    assert ledger.spend("f").generation_seconds == 7
    assert [type(r) for r in run(ledger, Server(passes), [wanted(2)], seconds=12)] == [Published]
    # 7 s were heard of by another process, 4 s went to the other shot, and in its third step it has taken 2 more.
    [ended] = run(ledger, Server(passes), [wanted(1)], seconds=12)
    assert isinstance(ended, Unmade) and "used its ceiling of 12 generation seconds" in str(ended.error)
    assert ledger.attempt(left.id).counted.generation_seconds == 9


def test_diffusion_under_a_ceiling_too_low_for_it_makes_nothing_and_can_be_used_again(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tiny_pipelines import build

    from reelgraph.video_tools.backends.local import Local

    local, ledger = Local({"model": str(build("ltx", tmp_path)), "steps": 6}), Ledger(tmp_path / "p")
    request = TakeRequest(backend="local", prompt="a fox", width=64, height=64, frames=9, rate=Fraction(25), seed=1)
    item = Wanted(wanted(1).shot, request)
    [ended] = run(ledger, local, [item], seconds=1e-6)
    assert isinstance(ended, Unmade) and isinstance(ended.error, BudgetExceeded)
    assert ledger.spend("f").generation_seconds > 0 and local.price(request).untimed_calls == 1
    [refused] = run(ledger, local, [item], seconds=1e-6)
    assert isinstance(refused, Unmade) and "how long this call takes is not known" in str(refused.error)
    assert len(list(ledger.attempts())) == 1
    assert [type(r) for r in run(ledger, local, [item], seconds=600)] == [Published]
    assert local.price(request).untimed_calls == 0


def test_cost_of_unknown_length_is_never_said_to_be_none() -> None:
    from reelgraph.video_tools.answers import money

    assert money(Spend(calls=2, untimed_calls=2)) == "2 calls, the time not known"
    assert money(Spend(calls=3, generation_seconds=4, untimed_calls=1)) == (
        "3 calls, 4.0 s of generation, the time of 1 of them not known"
    )
    assert money(Spend(calls=1, generation_seconds=4, money=0.5)) == "1 call, 4.0 s of generation, 0.50 in money"
    assert money(Spend()) == "0 calls, 0.0 s of generation"


def test_cost_that_nobody_knows_is_asked_about_where_a_length_was_set() -> None:
    unknown, known = Spend(calls=2, untimed_calls=2), Spend(calls=2, generation_seconds=5)
    assert Limits(generation_seconds=60).may_be_passed_by(unknown)
    assert not Limits(generation_seconds=60).may_be_passed_by(known) and Limits(calls=1).may_be_passed_by(known)
    assert not Limits(calls=2).may_be_passed_by(unknown)
