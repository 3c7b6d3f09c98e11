"""Hosted models, by fakes of fal and Replicate: what is sent, what is paid for, and where the key goes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
import remote_calls
from queue_server import KEY, MODEL, SETTINGS, QueueServer, serving_queue
from remote_calls import RemoteConformance, request, run

from reelgraph.video_tools.backends.base import Backend, Call, Event, Failed, Job, Made, Progress, Submitted
from reelgraph.video_tools.backends.remote import Remote
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
from reelgraph.video_tools.generation import Published, Unmade, Wanted, shoot
from reelgraph.video_tools.ledger import Ledger


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_QUEUE_KEY", KEY)


@pytest.fixture(params=["fal", "replicate"])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[QueueServer]:
    with serving_queue(QueueServer(tmp_path, request.param)) as running:
        yield running


@pytest.fixture
def fal(tmp_path: Path) -> Iterator[QueueServer]:
    with serving_queue(QueueServer(tmp_path, "fal")) as running:
        yield running


def remote(server: QueueServer, **changes: Any) -> Remote:
    return Remote({**SETTINGS, "service": server.service, "base_urls": [server.url], **changes})


def error_of(backend: Remote, *calls: Call) -> ReelgraphError:
    error = remote_calls.error_of(backend, *calls)
    assert KEY not in str(error)
    return error


def job_of(server: QueueServer, id: str = "1") -> Job:
    path = f"{MODEL}/requests/{id}/status" if server.service == "fal" else f"v1/predictions/{id}"
    return Job(server.url, path)


class _Conformance(RemoteConformance):
    service: ClassVar[Literal["fal", "replicate"]]

    @pytest.fixture(autouse=True)
    def _served(self, tmp_path: Path) -> Iterator[None]:
        with serving_queue(QueueServer(tmp_path, self.service)) as self.server:
            yield

    @pytest.fixture
    def backend(self) -> Backend:
        return remote(self.server, jobs=2)

    def remote(self, **changes: Any) -> Remote:
        return remote(self.server, **changes)


class TestFal(_Conformance):
    """A job is asked for at the addresses that fal gives, and its result at another."""

    service = "fal"


class TestReplicate(_Conformance):
    """A prediction is asked for at the address that Replicate gives, and has its output in it."""

    service = "replicate"


# --- what is sent ---------------------------------------------------------------------------------------------------


def test_submission_says_everything_by_the_models_names(server: QueueServer) -> None:
    asked = request(negative_prompt="blur")
    run(remote(server, constants={"enable_safety_checker": True}), Call(asked, "a1"))
    assert server.accepted == [
        {
            "prompt": "a fox", "negative_prompt": "blur", "image_size": {"width": 64, "height": 64}, "num_frames": 24,
            "frames_per_second": 24, "seed": 1, "enable_safety_checker": True,
        }
    ]  # fmt: skip


def test_seed_that_the_model_cannot_take_is_told_by_its_remainder_and_noted(fal: QueueServer) -> None:
    (made,) = run(remote(fal), Call(request(seed=2**31 + 5), "a1"))
    assert isinstance(made, Made) and made.notes["seed told"] == "5" and fal.accepted[0]["seed"] == 5
    (made,) = run(remote(fal, most_seed=2**32 - 1), Call(request(seed=2**31 + 5), "a1"))
    assert isinstance(made, Made) and "seed told" not in made.notes and fal.accepted[1]["seed"] == 2**31 + 5


def test_job_is_told_by_the_address_that_was_given_before_it_is_looked_at(server: QueueServer) -> None:
    seen: list[tuple[Event, int]] = []
    run(remote(server), on_event=lambda event: seen.append((event, len(server.requests))))
    assert seen[0] == (Submitted("a1", job_of(server)), 1), "only the submission may come before it"


def test_version_of_a_model_is_asked_for_where_replicate_takes_one(tmp_path: Path) -> None:
    with serving_queue(QueueServer(tmp_path, "replicate")) as server:
        (made,) = run(remote(server, model=f"{MODEL}:5c7d5dc6"))
        assert isinstance(made, Made)
        assert [path for method, path, _ in server.requests if method == "POST"] == ["/v1/predictions"]


def test_progress_tells_the_place_in_the_queue_and_what_was_logged_last(server: QueueServer) -> None:
    server.looks = 4
    events: list[Event] = []
    run(remote(server), on_event=events.append)
    told = [(e.step, e.said) for e in events if isinstance(e, Progress)]
    waits, works = {"fal": ("2 before it in the queue", "step 1"), "replicate": ("", "50%|## | 1/2")}[server.service]
    assert [said for n, said in enumerate(told) if said not in told[:n]] == [(0, waits), (1, works), (100, "")]


# --- what is paid for -----------------------------------------------------------------------------------------------


def test_lost_reply_is_unknown_and_no_service_can_be_asked_for_the_job(server: QueueServer) -> None:
    server.faults.drop_reply = 1
    backend = remote(server)
    (failed,) = run(backend)
    assert isinstance(failed, Failed) and isinstance(failed.error, OutcomeUnknown)
    assert "not asked again" in str(failed.error) and failed.spent == Spend(calls=1, money=0.5, untimed_calls=1)
    assert len(server.accepted) == 1 and backend.find_job(Call(request(), "a1")) is None


def test_refusal_before_acceptance_is_waited_out_and_retried(server: QueueServer) -> None:
    server.faults.busy = 2
    (made,) = run(remote(server))
    assert isinstance(made, Made) and made.spent.calls == 1 and len(server.accepted) == 1
    server.faults.busy, server.faults.retry_after = 1, "60"
    error = error_of(remote(server, patience=1))
    assert isinstance(error, TransientFailure) and error.retry_after == 60


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (422, InvalidRequest, "body.prompt: no luck"),
        (401, PermanentFailure, "key_variable"),
        (402, PermanentFailure, "paid first"),
        (404, PermanentFailure, f"no model {MODEL}"),
        (500, OutcomeUnknown, "not asked again"),
    ],
)
def test_refused_submission_says_who_acts_next(
    fal: QueueServer, status: int, kind: type[ReelgraphError], words: str
) -> None:
    fal.faults.create_status = status
    (failed,) = run(remote(fal))
    assert isinstance(failed, Failed) and type(failed.error) is kind and words in str(failed.error)
    assert failed.spent == (Spend(calls=1, money=0.5, untimed_calls=1) if status == 500 else Spend())
    assert len(fal.requests) == 1


def test_failed_job_says_why_and_costs_its_price(server: QueueServer) -> None:
    server.faults.fail = "the runner\nran out of memory"
    (failed,) = run(remote(server))
    kind = "runner_error: " if server.service == "fal" else ""
    assert isinstance(failed, Failed) and type(failed.error) is PermanentFailure
    assert str(failed.error) == f"{server.url}: {kind}the runner ran out of memory" and failed.spent.money == 0.5


def test_job_that_only_its_result_says_has_failed_is_a_failure(fal: QueueServer) -> None:
    fal.faults.refuse = "the prompt is not allowed"
    error = error_of(remote(fal))
    assert type(error) is PermanentFailure and str(error) == f"{fal.url}: body.prompt: the prompt is not allowed"


@pytest.mark.parametrize("key", ["", " \n", "secret-canary\nX-Other: 1", "secret-canary\u00e9"])
def test_key_that_cannot_be_sent_is_not_repeated(fal: QueueServer, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("TEST_QUEUE_KEY", key)
    assert "TEST_QUEUE_KEY holds" in str(error_of(remote(fal))) and fal.requests == []
    monkeypatch.setenv("TEST_QUEUE_KEY", f" {KEY}\n")
    assert isinstance(run(remote(fal))[0], Made)


def test_what_is_no_longer_kept_is_lost_and_was_paid_for(server: QueueServer) -> None:
    server.faults.expired = 410
    (failed,) = run(remote(server, grace=0))
    assert isinstance(failed, Failed) and isinstance(failed.error, JobLost) and "what job" in str(failed.error)
    assert failed.spent.money == 0.5 and len(server.accepted) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_result_that_is_not_told_yet_is_asked_for_again_and_never_bought_again(fal: QueueServer, status: int) -> None:
    fal.faults.expired = status
    error = error_of(remote(fal, lost_after=0.05))
    assert isinstance(error, OutcomeUnknown) and f"answered {status} for what job" in str(error)
    fal.faults.expired = 0
    (made,) = run(remote(fal), Call(request(), "a1", job=job_of(fal)))
    assert isinstance(made, Made) and len(fal.accepted) == 1


def test_address_that_is_no_longer_good_is_asked_for_anew(server: QueueServer) -> None:
    server.faults.gone = 1
    (made,) = run(remote(server))
    assert isinstance(made, Made) and len(server.fetched) == 2
    server.faults.gone = 10**6
    error = error_of(remote(server))
    assert isinstance(error, OutcomeUnknown) and "answered 403" in str(error) and "signature" not in str(error)


def test_result_of_several_files_is_fetched_once_it_is_said_which(server: QueueServer) -> None:
    server.faults.several = True
    error = error_of(remote(server))
    assert isinstance(error, OutcomeUnknown) and "set output to where its video is" in str(error)
    output = {"fal": "video.1.url", "replicate": "output.1"}[server.service]
    assert output in str(error)
    (made,) = run(remote(server, output=output), Call(request(), "a1", job=job_of(server)))
    assert isinstance(made, Made) and len(server.accepted) == 1


@pytest.mark.parametrize("keep", [False, True])
def test_cancelled_job_stays_open_unless_the_service_says_that_it_dropped_it(
    server: QueueServer, tmp_path: Path, keep: bool
) -> None:
    server.looks, server.faults.keep = 10**6, keep
    ledger, wanted = Ledger(tmp_path / "p"), Wanted(Shot(id="s01-01", prompt="a fox", seconds=1), request())

    def stop(event: Event) -> None:
        if isinstance(event, Progress):
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        list(shoot(ledger, remote(server), [wanted], film="f", on_event=stop))
    assert server.cancelled == ["1"]
    assert [a.state for a in ledger.attempts()] == ["submitted" if keep else "failed"]
    server.looks = 2
    (again,) = shoot(ledger, remote(server), [wanted], film="f")
    assert isinstance(again, Published) and len(server.accepted) == (1 if keep else 2)


def test_job_that_was_dropped_after_all_is_found_to_have_failed(server: QueueServer, tmp_path: Path) -> None:
    run(remote(server))
    server.jobs["1"].dropped, server.looks = True, 10**6
    error = error_of(remote(server), Call(request(), "a1", job=job_of(server)))
    assert type(error) is PermanentFailure and len(server.accepted) == 1


def test_job_that_the_service_forgot_is_lost(server: QueueServer) -> None:
    server.faults.unknown = 3
    (made,) = run(remote(server, grace=30))
    assert isinstance(made, Made), "just after acceptance it may not be known yet"
    assert isinstance(error_of(remote(server), Call(request(), "a1", job=job_of(server, "7"))), JobLost)


def test_answers_that_make_no_sense_are_passed_over(server: QueueServer) -> None:
    server.faults.broken = 2
    server.faults.odd = [
        {"status": ["IN_QUEUE"]}, {"status": "THINKING"}, {"status": None}, "null", "[]", "[" * 100_000,
        {"queue_position": True, "logs": [{}]}, {"queue_position": "9", "logs": {"message": 1}}, {"logs": [7]},
        {"response_url": 7}, {"urls": []},
    ]  # fmt: skip
    (made,) = run(remote(server, lost_after=30))
    assert isinstance(made, Made) and server.faults.odd == []


def test_result_that_is_nowhere_it_could_be_says_what_there_is(fal: QueueServer) -> None:
    error = error_of(remote(fal, output="videos.0.url"))
    assert isinstance(error, OutcomeUnknown)
    assert "no one file at output = 'videos.0.url': it has video.url, video.content_type, seed" in str(error)


# --- where the key goes ---------------------------------------------------------------------------------------------


@pytest.fixture
def stranger(server: QueueServer, tmp_path: Path) -> Iterator[QueueServer]:
    """Another origin, which hears of whatever is sent there; `localhost` and `127.0.0.1` are two hosts."""
    with serving_queue(QueueServer(tmp_path, server.service)) as running:
        yield running
    assert running.requests == running.fetched == [], "something was sent to a stranger"


def test_key_does_not_follow_a_redirect(server: QueueServer, stranger: QueueServer) -> None:
    server.faults.redirect = stranger.url
    error = error_of(remote(server))
    assert type(error) is PermanentFailure and "redirects are not followed" in str(error)
    server.faults.redirect = ""
    run(remote(server))
    server.faults.redirect = stranger.url
    assert isinstance(error_of(remote(server), Call(request(), "a1", job=job_of(server))), OutcomeUnknown)


def test_job_that_is_to_be_asked_for_elsewhere_is_not_and_is_unknown(
    server: QueueServer, stranger: QueueServer
) -> None:
    server.faults.elsewhere = stranger.url
    error = error_of(remote(server))
    assert isinstance(error, OutcomeUnknown) and stranger.url in str(error) and len(server.accepted) == 1


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1", "http://127.0.0.1:1@evil/x", "http://127.0.0.1.evil/x", "//evil/x", "/x", "http://[", "\n"],
)
def test_address_that_only_looks_like_the_services_is_not_asked(fal: QueueServer, address: str) -> None:
    fal.faults.odd = [{"status": "COMPLETED", "response_url": fal.url.replace("http://127.0.0.1", address)}] * 200
    run(remote(fal), on_event=lambda event: None)
    assert not any(path.startswith("/x") for _, path, _ in fal.requests)


def test_result_and_file_elsewhere_are_not_fetched(fal: QueueServer, tmp_path: Path) -> None:
    with serving_queue(QueueServer(tmp_path, "fal")) as stranger:
        run(remote(fal))
        fal.faults.odd = [{"response_url": f"{stranger.url}/x"}] * 10_000
        error = error_of(remote(fal, lost_after=0.05), Call(request(), "a1", job=job_of(fal)))
        assert isinstance(error, OutcomeUnknown) and "which is not done" in str(error)
        fal.faults.odd.clear()
        elsewhere = stranger.url.replace("127.0.0.1", "localhost")
        fal.files = elsewhere
        error = error_of(remote(fal), Call(request(), "a1", job=job_of(fal)))
        assert isinstance(error, OutcomeUnknown) and "add localhost if it is the service's" in str(error)
        fal.files = "http://files.invalid"
        assert "only https" in str(error_of(remote(fal), Call(request(), "a1", job=job_of(fal))))
        fal.files = "https://user:password@127.0.0.1"
        assert "only https" in str(error_of(remote(fal), Call(request(), "a1", job=job_of(fal))))
        fal.files = "https://127.0.0.1:port"
        assert "at no address" in str(error_of(remote(fal), Call(request(), "a1", job=job_of(fal))))
        assert stranger.requests == stranger.fetched == []


def test_files_are_fetched_without_the_key_and_a_repeated_key_is_not_repeated(server: QueueServer) -> None:
    (made,) = run(remote(server))
    assert isinstance(made, Made) and KEY not in repr(made)
    assert [("Authorization" in headers) for _, _, headers in server.fetched] == [False]
    server.faults.echo = True
    assert "[the key] is not welcome" in str(error_of(remote(server)))


def test_file_without_end_is_cut_off(server: QueueServer) -> None:
    assert "sent over 100 bytes" in str(error_of(remote(server, most_bytes=100)))


def test_missing_key_is_named_and_nothing_is_sent(server: QueueServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_QUEUE_KEY")
    assert "TEST_QUEUE_KEY holds no key" in str(error_of(remote(server)))
    assert server.requests == []


def test_ledger_knows_no_key_and_what_failed_there(server: QueueServer, tmp_path: Path) -> None:
    server.faults.fail = f"{KEY} was used"
    ledger, wanted = Ledger(tmp_path / "p"), Wanted(Shot(id="s01-01", prompt="a fox", seconds=1), request())
    (unmade,) = shoot(ledger, remote(server), [wanted], film="f")
    assert isinstance(unmade, Unmade) and "[the key] was used" in str(unmade.error)
    written = [path.read_bytes() for path in (tmp_path / "p").rglob("*") if path.is_file()]
    assert any(b"[the key] was used" in data for data in written)
    assert not any(KEY.encode() in data for data in written)
