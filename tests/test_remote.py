import os
import signal
import socket
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from remote_calls import RemoteConformance, error_of, request, run
from videos_server import VideosServer, serving

from reelgraph.video_tools.backends import fetched
from reelgraph.video_tools.backends.base import Backend, Call, Event, Failed, FindsJobs, Job, Made, Progress, Submitted
from reelgraph.video_tools.backends.dialect import Busy, JobState
from reelgraph.video_tools.backends.remote import Remote
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.editing.media import probe
from reelgraph.video_tools.errors import (
    Cancelled,
    InvalidRequest,
    JobLost,
    OutcomeUnknown,
    PermanentFailure,
    ReelgraphError,
    TransientFailure,
)
from reelgraph.video_tools.film import Shot, Spend
from reelgraph.video_tools.generation import Published, Wanted, shoot
from reelgraph.video_tools.ledger import Ledger

POLL = 0.005


@pytest.fixture
def server(tmp_path: Path) -> Iterator[VideosServer]:
    with serving(VideosServer(tmp_path)) as running:
        yield running


def remote(*servers: VideosServer, **changes: Any) -> Remote:
    settings: dict[str, Any] = {
        "base_urls": [s.url for s in servers], "poll_seconds": POLL, "grace": 0.2, "lost_after": 0.2,
        "price_per_second": 0.5,
    }  # fmt: skip
    return Remote(settings | changes)


class TestConformance(RemoteConformance):
    @pytest.fixture(autouse=True)
    def _served(self, server: VideosServer) -> None:
        self.server = server

    @pytest.fixture
    def backend(self, server: VideosServer) -> Backend:
        return remote(server, jobs=2, image=True, frame_step=1)

    def remote(self, **changes: Any) -> Remote:
        return remote(self.server, **changes)


class TestServerThatRepeatsOurName(TestConformance):
    """Its lost job is found again; nothing else differs."""

    @pytest.fixture(autouse=True)
    def _served(self, server: VideosServer) -> None:
        self.server, server.repeats_user = server, True

    def test_lost_reply_after_billing_is_unknown_and_never_sent_again(self, tmp_path: Path) -> None:
        ledger, attempt = self.unmade("lost_reply", tmp_path)
        self.goes_on(ledger, attempt)
        assert len(list(ledger.takes())) == 1


def test_form_says_everything_in_the_dialects_words(server: VideosServer) -> None:
    asked = request(frames=25, negative_prompt="blur", steps=7, guidance=3.5)
    run(remote(server, model="wan"), Call(asked, "a1"))
    assert server.accepted == [
        {
            "prompt": "a fox", "seconds": "2", "size": "64x64", "num_frames": "25", "fps": "24", "model": "wan",
            "seed": "1", "negative_prompt": "blur", "guidance_scale": "3.5", "num_inference_steps": "7", "user": "a1",
        }
    ]  # fmt: skip


def test_made_is_a_whole_file_with_what_it_cost(server: VideosServer) -> None:
    (made,) = remote(server).generate([Call(request(), "a1")], lambda event: None)
    assert isinstance(made, Made) and made.media is not None
    facts = probe(made.media)
    made.media.unlink()
    assert (facts.frames, facts.rate, facts.width, facts.height) == (24, 24, 64, 64)
    assert made.substitutions == () and made.rate == Fraction(24)
    assert (made.spent.calls, made.spent.money) == (1, 0.5) and made.spent.generation_seconds > 0
    assert made.notes["job"] == "video_1"


def test_job_is_told_before_it_is_looked_at(server: VideosServer) -> None:
    seen: list[tuple[Event, int]] = []
    run(remote(server), on_event=lambda event: seen.append((event, len(server.requests))))
    assert seen[0] == (Submitted("a1", Job(server.url, "video_1")), 1), "only the POST may come before it"


def test_job_of_an_earlier_process_is_adopted_not_submitted(server: VideosServer) -> None:
    jobs: list[Job] = []

    def die(event: Event) -> None:
        if isinstance(event, Submitted):
            jobs.append(event.job)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(remote(server), on_event=die)
    assert server.deleted == [], "the job goes on"
    (made,) = run(remote(server), Call(request(), "a1", job=jobs[0]))
    assert isinstance(made, Made) and len(server.accepted) == 1


def test_job_on_a_server_that_is_not_configured_is_left_alone(server: VideosServer, tmp_path: Path) -> None:
    with serving(VideosServer(tmp_path)) as stranger:
        error = error_of(remote(server, key_variable="PATH"), Call(request(), "a1", job=Job(stranger.url, "video_1")))
        assert isinstance(error, OutcomeUnknown) and stranger.url in str(error) and stranger.requests == []


# --- S17: an unclear answer to "create" never buys twice ------------------------------------------------------------


def test_lost_reply_is_unknown_and_never_sent_again(server: VideosServer) -> None:
    server.faults.drop_reply = 1
    (failed,) = run(remote(server))
    assert isinstance(failed, Failed) and isinstance(failed.error, OutcomeUnknown)
    assert "not asked again" in str(failed.error)
    assert len(server.accepted) == 1 and failed.spent == Spend(calls=1, money=0.5, untimed_calls=1)


def test_lost_job_is_found_where_the_server_repeats_our_name_for_it(server: VideosServer) -> None:
    server.faults.drop_reply = 1
    backend = remote(server)
    run(backend)
    assert isinstance(backend, FindsJobs)
    assert backend.find_job(Call(request(), "a1")) is None, "this server does not say"
    server.repeats_user = True
    job = backend.find_job(Call(request(), "a1"))
    assert job == Job(server.url, "video_1") and backend.find_job(Call(request(), "a2")) is None
    (made,) = run(backend, Call(request(), "a1", job=job))
    assert isinstance(made, Made) and len(server.accepted) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_server_error_on_create_is_unknown(server: VideosServer, status: int) -> None:
    server.faults.create_status = status
    assert isinstance(error_of(remote(server)), OutcomeUnknown)
    assert len(server.requests) == 1


def test_refusal_before_acceptance_is_waited_out_and_retried(server: VideosServer) -> None:
    server.faults.busy, server.faults.retry_after = 1, "1"
    began = time.monotonic()
    (made,) = run(remote(server))
    assert time.monotonic() - began >= 1.0, "the server said how long"
    assert isinstance(made, Made) and made.spent.calls == 1
    posts = [r for r in server.requests if r[0] == "POST"]
    assert len(posts) == 2 and len(server.accepted) == 1


def test_retry_after_is_obeyed_and_too_long_a_wait_is_transient(server: VideosServer) -> None:
    server.faults.busy, server.faults.retry_after = 1, "60"
    (failed,) = run(remote(server, patience=1))
    assert isinstance(failed, Failed) and isinstance(failed.error, TransientFailure)
    assert failed.error.retry_after == 60 and failed.spent == Spend() and server.accepted == []


def test_busy_server_is_asked_again_when_it_says_and_after_a_poll_where_it_names_no_time(
    server: VideosServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, waited = remote(server, poll_seconds=7.0), list[float]()
    monkeypatch.setattr(backend, "_wait", lambda seconds, tell: waited.append(seconds))
    answers = iter([2.0, None, 0.0, 9.0])

    def submit() -> tuple[str, JobState]:
        for after in answers:
            raise Busy("busy", retry_after=after)
        return server.url, JobState("video_1", "queued")

    assert backend._patiently(submit, lambda: None) == (server.url, JobState("video_1", "queued"))
    assert waited == [2.0, 7.0, 7.0, 9.0]


def test_waiting_for_a_busy_server_can_be_cancelled(server: VideosServer, tmp_path: Path) -> None:
    with serving(VideosServer(tmp_path)) as free:
        backend = remote(free, server, jobs=2)  # the first call goes to one, the second to the other
        free.looks = 10**6

        def stop(event: Event) -> None:
            if isinstance(event, Submitted):
                free.faults.busy = server.faults.busy = 10**6
                free.faults.retry_after = server.faults.retry_after = "60"
            else:
                raise Cancelled("enough")

        with pytest.raises(Cancelled):
            run(backend, Call(request(), "a1"), Call(request(seed=2), "a2"), on_event=stop)
        assert len(free.accepted + server.accepted) == 1 and len(free.deleted + server.deleted) == 1
    server.faults.busy, server.faults.retry_after = 10**6, "60"
    with pytest.raises(Cancelled):  # also when it is all that there is to do
        run(remote(server), on_event=stop)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, InvalidRequest, "no such luck"),
        (422, InvalidRequest, "no such luck"),
        (401, PermanentFailure, "key_variable"),
        (404, PermanentFailure, "base_urls"),
    ],
)
def test_refused_creation_says_who_acts_next_and_costs_nothing(
    server: VideosServer, status: int, kind: type[ReelgraphError], words: str
) -> None:
    server.faults.create_status = status
    (failed,) = run(remote(server))
    assert isinstance(failed, Failed) and type(failed.error) is kind and words in str(failed.error)
    assert failed.spent == Spend()


def test_server_that_is_not_there_is_passed_over(server: VideosServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{unused.getsockname()[1]}"
    backend = remote(base_urls=[dead, server.url, dead])
    results = [run(backend)[0] for _ in range(3)]
    assert all(isinstance(r, Made) for r in results) and len(server.accepted) == 3
    error = error_of(remote(base_urls=[dead], patience=0))
    assert isinstance(error, TransientFailure) and "cannot be reached" in str(error)


# --- S16: a server that restarts ------------------------------------------------------------------------------------


def test_job_lost_in_a_restart_is_neither_done_nor_waited_for(server: VideosServer) -> None:
    server.looks = 10**6

    def restart(event: Event) -> None:
        if isinstance(event, Progress):
            server.restart()

    backend = remote(server, grace=0)
    (failed,) = run(backend, on_event=restart)
    assert isinstance(failed, Failed) and isinstance(failed.error, JobLost)
    assert "video_1" in str(failed.error) and len(server.accepted) == 1, "whether to ask again is the caller's to say"


def test_job_not_known_just_after_acceptance_is_tolerated(server: VideosServer) -> None:
    server.faults.unknown = 3
    (made,) = run(remote(server, grace=30))
    assert isinstance(made, Made) and len(server.accepted) == 1


def test_defaults_are_those_of_the_promise() -> None:
    settings = Remote({}).settings
    assert (settings.grace, settings.lost_after) == (5.0, 30.0)


def test_server_in_trouble_is_asked_again(server: VideosServer) -> None:
    server.faults.broken = 3
    (made,) = run(remote(server, lost_after=30))
    assert isinstance(made, Made)


def test_job_of_a_server_that_fell_silent_has_taken_the_seconds_it_was_heard_of(server: VideosServer) -> None:
    server.faults.broken = 10**6
    (failed,) = run(remote(server, lost_after=0.05))
    assert isinstance(failed, Failed) and failed.spent == Spend(calls=1, money=0.5, generation_seconds=0)


def test_server_that_stays_in_trouble_is_unknown_not_failed(server: VideosServer) -> None:
    server.faults.broken = 10**6
    error = error_of(remote(server, lost_after=0.05))
    assert isinstance(error, OutcomeUnknown) and "resume" in str(error) and len(server.accepted) == 1


def test_answers_that_make_no_sense_are_passed_over(server: VideosServer) -> None:
    server.faults.odd = [
        {"progress": float("nan")}, {"progress": float("inf")}, {"progress": float("-inf")}, {"progress": "half"},
        {"progress": 10**400}, {"status": ["queued"]}, {"status": {}}, {"status": "thinking"}, {"id": ["video_1"]},
        {"error": [1, {}]}, {"error": {"code": float("nan")}, "user": 7}, "null", "[]", "[" * 100_000, "9" * 5000,
    ]  # fmt: skip
    events: list[Event] = []
    (made,) = run(remote(server, lost_after=30), on_event=events.append)
    assert isinstance(made, Made) and server.faults.odd == []
    told = [event.step for event in events if isinstance(event, Progress)]
    assert told == sorted(told) and (told[0], told[-1]) == (0, 100)


def test_answer_without_end_is_no_answer(server: VideosServer) -> None:
    server.faults.odd = ["x" * (17 * 2**20)]
    (made,) = run(remote(server, lost_after=30))
    assert isinstance(made, Made) and server.faults.odd == []
    server.faults.create_status, server.faults.why = 400, "x" * (17 * 2**20)
    error = error_of(remote(server))
    assert isinstance(error, OutcomeUnknown) and "its answer is over 16777216 bytes" in str(error)


@pytest.mark.parametrize("wait", ["\u00b2", "9" * 400, "-1", "Fri, 31 Dec 99999999999 23:59:59 GMT"])
def test_wait_that_nobody_can_mean_is_a_polls(server: VideosServer, wait: str) -> None:
    server.faults.busy, server.faults.retry_after, server.faults.poll_after = 1, wait, wait
    (made,) = run(remote(server))
    assert isinstance(made, Made)


# --- what comes back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400, 500])
def test_failed_job_says_why_whatever_the_status(server: VideosServer, status: int) -> None:
    server.faults.fail, server.faults.fail_status = "the card ran out of memory", status
    (failed,) = run(remote(server))
    assert isinstance(failed, Failed) and type(failed.error) is PermanentFailure
    assert "generation_failed: the card ran out of memory" in str(failed.error)
    assert failed.spent.money == 0.5


def test_what_a_server_says_is_a_line_that_no_terminal_obeys(server: VideosServer) -> None:
    server.faults.fail = "no\x1b]0;card\x07\nleft\x9b2J\u202efor\u2066 us"
    assert "generation_failed: no ]0;card left 2J for us" in str(error_of(remote(server)))


@pytest.mark.parametrize("fault", ["truncate", "html"])
def test_broken_file_is_fetched_again(server: VideosServer, fault: str) -> None:
    setattr(server.faults, fault, 2)
    (made,) = run(remote(server))
    assert isinstance(made, Made) and len(server.accepted) == 1


@pytest.mark.parametrize("fault", ["truncate", "html"])
def test_file_that_stays_broken_is_no_take_and_not_bought_again(server: VideosServer, fault: str) -> None:
    setattr(server.faults, fault, 10**6)
    error = error_of(remote(server))
    assert isinstance(error, OutcomeUnknown) and "resume to fetch it again" in str(error)
    assert sum("content" in path for _, path, _ in server.requests) == 3 and len(server.accepted) == 1


def crash(path: Path) -> None:
    """What a decoder does that writes past its buffer."""
    os.kill(os.getpid(), signal.SIGSEGV)


def test_file_that_crashes_its_decoder_is_no_take_and_ends_nothing_else(
    server: VideosServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetched, "read_through", crash)
    error = error_of(remote(server))
    assert isinstance(error, OutcomeUnknown) and "crashes its decoder" in str(error)
    monkeypatch.undo()
    (made,) = run(remote(server))
    assert isinstance(made, Made)


def test_file_without_end_is_cut_off(server: VideosServer) -> None:
    server.faults.huge = True
    assert "sent over 50000 bytes" in str(error_of(remote(server, most_bytes=50_000)))


def test_other_length_than_asked_is_a_substitution(server: VideosServer) -> None:
    server.faults.frames = 5
    (made,) = run(remote(server))
    assert isinstance(made, Made)
    assert [(s.what, s.asked, s.made) for s in made.substitutions] == [("frames", "24", "29")]


def test_progress_never_goes_back(server: VideosServer) -> None:
    server.looks, server.faults.progress = 6, (10, 60, 30, 80, 20)
    events: list[Event] = []
    run(remote(server), on_event=events.append)
    told = [e.step for e in events if isinstance(e, Progress)]
    assert told == sorted(told) and set(told) >= {10, 60, 80, 100}


def test_cancel_deletes_every_job(server: VideosServer) -> None:
    server.looks = 10**6

    def stop(event: Event) -> None:
        if isinstance(event, Progress):
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        run(remote(server, jobs=2), Call(request(), "a1"), Call(request(seed=2), "a2"), on_event=stop)
    assert sorted(server.deleted) == ["video_1", "video_2"]


@pytest.mark.parametrize("keep", [False, True])
def test_cancelled_jobs_cost_their_price_and_stay_open_unless_they_were_dropped(
    server: VideosServer, tmp_path: Path, keep: bool
) -> None:
    server.looks, server.faults.keep = 10**6, keep
    ledger, backend = Ledger(tmp_path / "p"), remote(server, jobs=2)
    wave = [Wanted(Shot(id=f"s01-0{n}", prompt="a fox", seconds=1), request(seed=n)) for n in (1, 2)]

    def stop(event: Event) -> None:
        if isinstance(event, Progress):
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        list(shoot(ledger, backend, wave, film="f", on_event=stop))
    assert [a.state for a in ledger.attempts()] == ["submitted" if keep else "failed"] * 2
    assert (ledger.spend("f").money, ledger.spend("f").calls) == (1.0, 2)
    server.looks, server.faults.keep = 2, False
    again = list(shoot(ledger, backend, wave, film="f"))
    assert [type(result) for result in again] == [Published, Published]
    assert (len(server.accepted), ledger.spend("f").money) == ((2, 1.0) if keep else (4, 2.0))


def test_finished_job_is_fetched_though_its_ceiling_is_passed(server: VideosServer, tmp_path: Path) -> None:
    """What is done is paid for: to end it then would save nothing."""
    server.looks = 1
    ledger, backend = Ledger(tmp_path / "p"), remote(server)
    item = Wanted(Shot(id="s01-01", prompt="a fox", seconds=1), request())
    with pytest.raises(KeyboardInterrupt):
        list(shoot(ledger, backend, [item], film="f", on_event=_interrupt))
    (left,) = ledger.attempts()
    # As an earlier process leaves a job that it ended by the ceiling, and that the server would not drop.
    ledger.record(left.model_copy(update={"spent": Spend(generation_seconds=60.1)}))
    limits = {"f": Limits(generation_seconds=60)}
    assert [type(result) for result in shoot(ledger, backend, [item], film="f", limits=lambda: limits)] == [Published]
    assert (server.deleted, [a.state for a in ledger.attempts()]) == ([], ["done"])


def _interrupt(event: Event) -> None:
    if isinstance(event, Submitted):
        raise KeyboardInterrupt


def test_job_that_is_done_when_it_is_cancelled_stays_to_be_fetched(server: VideosServer, tmp_path: Path) -> None:
    ledger, backend = Ledger(tmp_path / "p"), remote(server)
    item = Wanted(Shot(id="s01-01", prompt="a fox", seconds=1), request())

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.step == event.steps:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        list(shoot(ledger, backend, [item], film="f", on_event=stop))
    assert (server.deleted, [a.state for a in ledger.attempts()]) == ([], ["submitted"])
    assert [type(result) for result in shoot(ledger, backend, [item], film="f")] == [Published]
    assert (len(server.accepted), ledger.spend("f").money) == (1, 0.5)


def test_cancelled_before_any_server_took_it_on_costs_nothing(server: VideosServer, tmp_path: Path) -> None:
    server.faults.busy = 10**6
    ledger = Ledger(tmp_path / "p")

    def stop(event: Event) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        item = Wanted(Shot(id="s01-01", prompt="a fox", seconds=1), request())
        list(shoot(ledger, remote(server), [item], film="f", on_event=stop))
    assert [(a.state, a.error_kind, a.spent) for a in ledger.attempts()] == [("failed", "cancelled", Spend())]


def test_deadline_of_a_job_that_the_server_keeps_leaves_it_open(server: VideosServer) -> None:
    server.looks, server.faults.keep = 10**6, True
    error = error_of(remote(server, deadline=0.05))
    assert isinstance(error, OutcomeUnknown) and "deadline" in str(error) and "resume" in str(error)


def test_deadline_ends_a_job(server: VideosServer) -> None:
    server.looks = 10**6
    assert "deadline" in str(error_of(remote(server, deadline=0.05))) and server.deleted == ["video_1"]


@pytest.mark.parametrize("id", ["video_1\n", "..", "../files", "-1", ""])
def test_id_that_could_lead_elsewhere_is_no_answer(server: VideosServer, id: str) -> None:
    server.named = id
    assert isinstance(error_of(remote(server)), OutcomeUnknown)
    assert [(method, path) for method, path, _ in server.requests] == [("POST", "/v1/videos")]


# --- keys and origins -------------------------------------------------------------------------------------------------


def test_key_goes_to_its_server_and_not_where_it_redirects(
    server: VideosServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_VIDEO_KEY", "secret-canary")
    server.key = "secret-canary"
    (made,) = run(remote(server, key_variable="TEST_VIDEO_KEY"))
    assert isinstance(made, Made) and "secret-canary" not in repr(made)
    with serving(VideosServer(tmp_path)) as elsewhere:
        server.faults.redirect = elsewhere.url
        error = error_of(remote(server, key_variable="TEST_VIDEO_KEY"))
        assert isinstance(error, PermanentFailure) and "redirects are not followed" in str(error)
        assert elsewhere.requests == [] and "secret-canary" not in str(error)


def test_missing_key_is_named(server: VideosServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_VIDEO_KEY", raising=False)
    assert "TEST_VIDEO_KEY" in str(error_of(remote(server, key_variable="TEST_VIDEO_KEY")))
    assert server.requests == []


def test_jobs_are_spread_over_servers_and_stay_on_theirs(server: VideosServer, tmp_path: Path) -> None:
    with serving(VideosServer(tmp_path)) as second:
        backend = remote(server, second)
        assert backend.capabilities().max_batch == 2
        results = run(backend, Call(request(), "a1"), Call(request(seed=2), "a2"))
        assert all(isinstance(r, Made) for r in results)
        assert len(server.accepted) == len(second.accepted) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"base_urls": ["ftp://there"]}, "no server"),
        ({"base_urls": ["http://user:secret@there"]}, "key_variable"),
        ({"rates": ["30000/1001"]}, "whole frame rates"),
        ({"url": "http://there"}, "url"),
        (
            {"base_urls": ["http://127.0.0.1:8000", "http://there:8000"], "key_variable": "VIDEO_KEY"},
            "base_urls: http://there:8000 would be sent the key in the clear: write https, or no key",
        ),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        Remote(settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"base_urls": ["http://there"]},
        {"base_urls": ["https://there"], "key_variable": "VIDEO_KEY"},
        {"base_urls": ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"], "key_variable": "VIDEO_KEY"},
    ],
)
def test_plain_http_is_spoken_without_a_key_and_on_this_machine(settings: dict[str, Any]) -> None:
    assert Remote(settings).settings.base_urls == settings["base_urls"]


def test_no_server_set_says_what_to_write() -> None:
    assert "base_urls" in str(error_of(Remote({})))
