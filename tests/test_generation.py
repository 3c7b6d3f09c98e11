"""Around a generation call: what is made is published, what fails is recorded, what is there is not made again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from reelgraph.video_tools.backends.base import Call, Capabilities, Event, Failed, Made, OnEvent, Progress
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.editing.media import decode, probe
from reelgraph.video_tools.errors import BudgetExceeded, Cancelled, InvalidRequest, PermanentFailure
from reelgraph.video_tools.examined import findings_of
from reelgraph.video_tools.film import Shot, Spend, Substitution, TakeRequest
from reelgraph.video_tools.generation import Published, Unmade, Wanted, shoot
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.rehearsal import Rehearsal, draw
from reelgraph.video_tools.shooting import waves


def wanted(number: int, prompt: str = "waves", **changes: object) -> Wanted:
    shot = Shot(id=f"s01-{number:02d}", prompt=prompt, seconds=1)
    request = TakeRequest(
        backend="rehearsal", prompt=f"{prompt} {number}", width=64, height=48, frames=8, rate=Fraction(8), seed=number
    )  # fmt: skip
    return Wanted(shot, request.model_copy(update=changes))


def run(ledger: Ledger, backend: Rehearsal, wave: list[Wanted], **options: object) -> list[Published | Unmade]:
    return list(shoot(ledger, backend, wave, film="f", **options))  # type: ignore[arg-type]


def test_take_is_published_with_what_was_made_and_measured(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    [result] = run(ledger, Rehearsal(), [wanted(1)])
    assert isinstance(result, Published) and not result.reused
    take = result.take
    assert (take.frames, take.width, take.height, take.rate, take.film, take.shot) == (8, 64, 48, 8, "f", "s01-01")
    assert take.substitutions == []
    assert sorted(take.files) == ["checks.json", "picture.mp4", "poster.jpg"]
    assert len(list(decode(ledger.picture(take)))) == probe(ledger.picture(take)).frames == 8
    assert list(ledger.verify()) == []
    assert {f.outcome for f in findings_of(ledger, take)} <= {"passed", "not_applicable"}
    [attempt] = ledger.attempts()
    assert (attempt.state, attempt.key, attempt.id, attempt.spent.calls) == ("done", take.key, take.attempt, 1)


def test_published_take_is_not_made_again(tmp_path: Path) -> None:
    ledger, backend = Ledger(tmp_path), Rehearsal()
    run(ledger, backend, [wanted(1)])
    [again] = run(ledger, backend, [wanted(1)])
    assert isinstance(again, Published) and again.reused
    assert len(backend.requests) == 1
    assert ledger.spend("f").calls == 1


def test_same_request_twice_in_a_wave_is_made_once(tmp_path: Path) -> None:
    backend = Rehearsal(max_batch=2)
    twin = wanted(1)
    results = run(
        Ledger(tmp_path), backend, [twin, Wanted(twin.shot.model_copy(update={"id": "s01-02"}), twin.request)]
    )
    assert len(backend.requests) == 1
    assert [type(r) for r in results] == [Published, Published]
    assert len({r.take.key for r in results if isinstance(r, Published)}) == 1


def test_one_failure_leaves_its_siblings(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    backend = Rehearsal(faults={"waves 2": ["fail"]}, max_batch=3)
    results = run(ledger, backend, [wanted(n) for n in (1, 2, 3)])
    assert [type(r) for r in results] == [Published, Unmade, Published]
    failure = results[1]
    assert isinstance(failure, Unmade) and isinstance(failure.error, PermanentFailure)
    assert [a.state for a in ledger.attempts()] == ["done", "failed", "done"]
    assert [type(r) for r in run(ledger, backend, [wanted(2)])] == [Published], "a failed attempt never blocks the next"


def test_silence_is_a_failure_that_names_the_back_end(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    [result] = run(ledger, Rehearsal(faults={"waves": ["silent"]}), [wanted(1)])
    assert isinstance(result, Unmade) and "rehearsal" in str(result.error)
    assert [a.state for a in ledger.attempts()] == ["failed"]


class Careless(Rehearsal):
    """Gives one of a batch what makes no take, or breaks at it."""

    def __init__(self, breaks: bool) -> None:
        super().__init__(max_batch=3, price=Spend(calls=1, money=1.0))
        self.breaks = breaks

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        for made in super().generate(calls, on_event):
            if made.call is calls[1]:
                if self.breaks:
                    raise ValueError("boom\nsecond line")
                yield replace(made, notes={"steps": 30})
            else:
                yield made


def test_take_that_cannot_be_kept_is_paid_for_and_leaves_its_siblings(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    results = run(ledger, Careless(breaks=False), [wanted(n) for n in (1, 2, 3)])
    assert [type(r) for r in results] == [Published, Unmade, Published]
    assert [(a.state, a.spent.money) for a in ledger.attempts()] == [("done", 1.0), ("failed", 1.0), ("done", 1.0)]
    said = next(str(r.error) for r in results if isinstance(r, Unmade))
    assert said.startswith("rehearsal gave what makes no take of s01-02: ValidationError: ") and "\n" not in said


def test_back_end_that_breaks_is_named_in_a_line_and_its_calls_count_as_paid(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    results = run(ledger, Careless(breaks=True), [wanted(n) for n in (1, 2, 3)])
    assert [type(r) for r in results] == [Published, Unmade, Unmade]
    assert [(a.state, a.spent.money) for a in ledger.attempts()] == [("done", 1.0), ("failed", 1.0), ("failed", 1.0)]
    assert {str(r.error) for r in results if isinstance(r, Unmade)} == {
        "rehearsal broke: ValueError: boom second line; try again, and report it to its authors if it stays so"
    }


def test_calls_of_a_server_whose_back_end_breaks_stay_open_and_it_is_named(tmp_path: Path) -> None:
    class Server(Careless):
        def capabilities(self) -> Capabilities:
            return replace(super().capabilities(), remote=True)

    ledger = Ledger(tmp_path)
    with pytest.raises(PermanentFailure, match="rehearsal broke: ValueError: boom second line"):
        run(ledger, Server(breaks=True), [wanted(n) for n in (1, 2, 3)])
    assert [a.open for a in ledger.attempts()] == [False, True, True]


def test_frames_without_end_are_given_up(tmp_path: Path) -> None:
    given = 0

    class Endless(Rehearsal):
        def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
            def frames() -> Iterator[np.ndarray]:
                nonlocal given
                while True:
                    given += 1
                    yield np.zeros((48, 64, 3), np.uint8)

            yield Made(calls[0], rate=calls[0].request.rate, frames=frames(), spent=Spend(calls=1))

    [result] = run(Ledger(tmp_path), Endless(), [wanted(1)])
    assert isinstance(result, Unmade)
    assert "gave 1161 frames for 8, and no end of them was seen" in str(result.error)
    assert given <= 1170


def test_what_is_made_otherwise_is_said(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    [short] = run(ledger, Rehearsal(faults={"waves": ["short"]}), [wanted(1)])
    assert isinstance(short, Published)
    assert [(s.what, s.asked, s.made) for s in short.take.substitutions] == [("frames", "8", "6")]
    [small] = run(ledger, Rehearsal(faults={"waves": ["small"]}), [wanted(2)])
    assert isinstance(small, Published)
    assert [(s.what, s.asked, s.made) for s in small.take.substitutions] == [
        ("width", "64", "32"),
        ("height", "48", "24"),
    ]


def test_what_was_said_before_a_take_was_made_is_not_said_of_it_again(tmp_path: Path) -> None:
    before, made = (
        Substitution(what="negative_prompt", asked="blur", made="", why=why) for why in ("unread at 1", "not given")
    )
    other = made.model_copy(update={"what": "prompt"})

    class Telling(Rehearsal):
        def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
            for result in super().generate(calls, on_event):
                yield replace(result, substitutions=(made, other))

    [result] = run(Ledger(tmp_path), Telling(), [replace(wanted(1), substitutions=(before,))])
    assert isinstance(result, Published) and result.take.substitutions == [before, other]


def test_illegal_request_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    ledger, backend = Ledger(tmp_path), Rehearsal()
    [result] = run(ledger, backend, [wanted(1, width=63)])
    assert isinstance(result, Unmade) and isinstance(result.error, InvalidRequest)
    assert "62 or 64" in str(result.error)
    assert (backend.requests, list(ledger.attempts())) == ([], [])


def test_ceiling_stops_the_call_that_would_pass_it(tmp_path: Path) -> None:
    ledger, backend = Ledger(tmp_path), Rehearsal(max_batch=3, price=Spend(calls=1, money=1.0))
    results = run(ledger, backend, [wanted(n) for n in (1, 2, 3)], limits=lambda: {"f": Limits(money=2.0)})
    unmade = [r for r in results if isinstance(r, Unmade)]
    assert [type(u.error) for u in unmade] == [BudgetExceeded]
    assert [r.prompt for r in backend.requests] == ["waves 1", "waves 2"]
    assert ledger.spend("f").money == 2.0


def test_cancel_settles_what_was_begun_and_keeps_what_was_published(tmp_path: Path) -> None:
    ledger, backend = Ledger(tmp_path), Rehearsal(max_batch=3)
    heard: list[Event] = []

    def stop_at_second(event: Event) -> None:
        heard.append(event)
        if len(heard) == 2:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        run(ledger, backend, [wanted(n) for n in (1, 2, 3)], on_event=stop_at_second)
    assert [a.state for a in ledger.attempts()] == ["done", "failed", "failed"]
    assert [a.error_kind for a in ledger.attempts()] == ["", "cancelled", "cancelled"]
    assert len(list(ledger.takes())) == 1


def test_what_a_cancelled_call_took_is_shared_by_those_it_was_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, now = Ledger(tmp_path), 0.0
    monkeypatch.setattr("reelgraph.video_tools.generation.time", SimpleNamespace(monotonic=lambda: now))

    def stop_at_second(event: Event) -> None:
        nonlocal now
        if now:
            now += 60
            raise Cancelled("stop")
        now = 1.0

    with pytest.raises(Cancelled):
        run(ledger, Rehearsal(max_batch=4), [wanted(n) for n in (1, 2, 3, 4)], on_event=stop_at_second)
    assert [a.spent.generation_seconds for a in ledger.attempts()] == [1.0, 20.0, 20.0, 20.0]


def test_call_that_was_cancelled_counts_no_time_in_which_it_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, now = Ledger(tmp_path), 0.0
    monkeypatch.setattr("reelgraph.video_tools.generation.time", SimpleNamespace(monotonic=lambda: now))

    class Device(Rehearsal):
        """Is another wave's for a minute, and then takes four seconds a step."""

        def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
            nonlocal now
            now += 60
            for step in range(1, 4):
                on_event(Progress(calls[0].attempt, step, 8))
                now += 4
            raise KeyboardInterrupt
            yield

    with pytest.raises(KeyboardInterrupt):
        run(ledger, Device(), [wanted(1)])
    assert [a.spent for a in ledger.attempts()] == [Spend(calls=1, generation_seconds=12)]


@pytest.mark.parametrize(("drawn", "seconds"), [(True, 0.0), (False, 40.0)], ids=["drawn", "device"])
def test_drawn_take_counts_its_own_processor_time_and_one_of_a_device_the_time_it_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: bool, seconds: float
) -> None:
    """While frames are drawn one by one, other threads draw theirs."""
    now = 0.0
    clocks = SimpleNamespace(monotonic=lambda: now, thread_time=lambda: 0.0)
    monkeypatch.setattr("reelgraph.video_tools.publish.time", clocks)

    class Lazy(Rehearsal):
        def capabilities(self) -> Capabilities:
            return replace(super().capabilities(), animatic=drawn)

        def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
            yield Made(calls[0], rate=calls[0].request.rate, frames=self.frames(calls[0].request))

        def frames(self, request: TakeRequest) -> Iterator[np.ndarray]:
            nonlocal now
            for frame in draw(request):
                now += 5
                yield frame

    [result] = run(Ledger(tmp_path), Lazy(), [wanted(1)])
    assert isinstance(result, Published) and result.take.spent == Spend(calls=1, generation_seconds=seconds)


def test_attempt_of_a_process_that_died_is_lost_and_counted_and_its_shot_made(tmp_path: Path) -> None:
    ledger, item = Ledger(tmp_path), wanted(1)
    ledger.intend(
        item.request.key, backend="rehearsal", film="f", shot="s01-01", price=Spend(calls=1, generation_seconds=5)
    )
    [result] = run(ledger, Rehearsal(), [item])
    assert isinstance(result, Published)
    assert [a.state for a in ledger.attempts()] == ["lost", "done"]
    assert ledger.spend("f").generation_seconds == 6.0  # 5 reserved by the dead process, 1 spent by this one


def test_waves_hold_one_shape_in_film_order_and_join_what_stands_apart() -> None:
    items = [wanted(1), wanted(2), wanted(3, frames=16), wanted(4), wanted(5), wanted(6)]
    assert [[w.shot.id for w in wave] for wave in waves(items, 2)] == [
        ["s01-01", "s01-02"], ["s01-03"], ["s01-04", "s01-05"], ["s01-06"],
    ]  # fmt: skip
    assert [[w.shot.id for w in wave] for wave in waves(items, 4)] == [
        ["s01-01", "s01-02", "s01-04", "s01-05"], ["s01-03"], ["s01-06"],
    ]  # fmt: skip


@pytest.mark.parametrize("fault", ["black", "frozen", "noise", "flicker", "blank"])
def test_planted_fault_is_found_while_the_take_is_made(tmp_path: Path, fault: str) -> None:
    ledger = Ledger(tmp_path)
    item = wanted(1, frames=24)
    [result] = run(ledger, Rehearsal(faults={"waves": [fault]}), [item])  # type: ignore[list-item]
    assert isinstance(result, Published)
    failed = [f for f in findings_of(ledger, result.take) if f.outcome == "failed"]
    assert any(f.blocking for f in failed), fault
