"""Make takes on video servers: submit, poll, fetch and cancel; no accepted job is forgotten or bought twice."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay

from reelgraph.video_tools.backends.base import (
    Call,
    Capabilities,
    Failed,
    Job,
    Made,
    OnEvent,
    Progress,
    Submitted,
    check_request,
    made_otherwise,
)
from reelgraph.video_tools.backends.dialect import Busy, Dialect, Form, JobState, NoSuchJob, Unreadable
from reelgraph.video_tools.backends.dialects import DIALECTS
from reelgraph.video_tools.backends.fetched import fetch_video
from reelgraph.video_tools.backends.line import LEAST, SLOW, Line
from reelgraph.video_tools.backends.pace import Pace
from reelgraph.video_tools.backends.running_job import RunningJob
from reelgraph.video_tools.errors import (
    Cancelled,
    InvalidRequest,
    JobLost,
    OutcomeUnknown,
    PermanentFailure,
    ReelgraphError,
    TransientFailure,
)
from reelgraph.video_tools.film import Spend, Take, TakeRequest, digest

_FETCHES = 3


class Remote:
    """Video servers, in the dialect that their settings name.

    Args:
        settings: See `remote_settings.RemoteSettings`, and what the dialect adds to it.

    Raises:
        InvalidRequest: A setting is unknown or out of range.
    """

    name = "remote"

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        spoken = str((settings or {}).get("dialect", "videos-v1"))
        kind, self._dialect = DIALECTS.get(spoken, DIALECTS["videos-v1"])  # which refuses another name
        self.settings = kind.read(self.name, settings)
        self._turn = 0
        self._pace = Pace()

    def check_needs(self) -> None:
        """Refuse to be asked without a server, or without the key that it wants.

        Raises:
            InvalidRequest: The message says what to set.
        """
        if not self.settings.base_urls:
            raise InvalidRequest(f'no video server is set: write base_urls = ["http://…"] under [backends.{self.name}]')
        self.settings.key()

    def capabilities(self) -> Capabilities:
        """Declare what the settings say; no server is asked."""
        return self.settings.capabilities()

    def fingerprint(self) -> str:
        """Name the model as the servers do; where they are does not enter."""
        return digest(self.settings.identity())

    def price(self, request: TakeRequest) -> Spend:
        """Say what a request will cost by the settings' prices, and how long by the slowest job yet, with a margin."""
        return self._pace.price(request.rung, _work(request)) + Spend(money=self._money(request))

    def learn(self, takes: Iterable[Take]) -> None:
        """Learn from takes that these servers made how long a job lasts; others are passed over."""
        for take in takes:
            if take.request.backend == self.name and take.request.model == self.fingerprint():
                self._pace.learn(take.request.rung, _work(take.request), take.spent.generation_seconds)

    def _money(self, request: TakeRequest) -> float:
        return self.settings.price_per_call + self.settings.price_per_second * float(request.frames / request.rate)

    def find_job(self, call: Call) -> Job | None:
        """Look for the job that an attempt became, on every server, where servers repeat what the client called it."""
        with self._client() as client:
            for url in self.settings.base_urls:
                state = self._server(self._line(client), url).find(call.attempt)
                if state is not None:
                    return Job(url, state.id)
        return None

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        """Submit all requests (or adopt their jobs), then yield each as its file arrives."""
        running: list[RunningJob] = []

        def tell(*others: Progress) -> None:
            """Tell how far things are, so that a listener can stop them."""
            for progress in (*(job.progress for job in running), *others):
                on_event(progress)

        with self._client() as client:
            try:
                for call in calls:
                    try:
                        unbegun = partial(tell, Progress(call.attempt, 0, 100))
                        begun = self._begin(self._line(client, unbegun), call)
                    except Cancelled:
                        raise
                    except ReelgraphError as error:
                        # What a server may have accepted is booked, as if it had; what it refused is not.
                        spent = self.price(call.request) if isinstance(error, OutcomeUnknown) else Spend()
                        yield Failed(call, error, spent=spent)
                        unbegun()  # it may have failed as somebody asked to stop, and the next is not sent then
                    else:
                        running.append(begun)
                        if call.job is None:
                            on_event(Submitted(call.attempt, begun.job))
                while running:
                    soonest = min(r.next_look for r in running)
                    self._wait(soonest - time.monotonic(), tell)
                    for job in [r for r in running if r.next_look <= time.monotonic()]:
                        result = self._look(self._line(client, tell), job, on_event)
                        if result is not None:
                            running.remove(job)
                            yield result
            except Cancelled as error:
                for job in running:  # one that is done is paid for: it stays, to be fetched
                    if not job.done and self._server(self._line(client), job.job.base_url).delete(job.job.id):
                        yield self._failed(job, error)
                raise

    # --- one job ---

    def _begin(self, line: Line, call: Call) -> RunningJob:
        now = time.monotonic()
        if call.job is not None:
            if call.job.base_url not in self.settings.base_urls:
                raise OutcomeUnknown(
                    f"job {call.job.id} is on {call.job.base_url}: add that to base_urls to fetch what it made"
                )
            return RunningJob(call, call.job, Form(call.attempt), began=now, heard=now, next_look=now)
        check_request(self.capabilities(), call.request)
        if call.request.adapters or call.request.caches or call.request.precision:
            raise InvalidRequest("a server cannot be asked for adapters, caches or a precision: leave them out")
        self.check_needs()
        form = self._server(line, self.settings.base_urls[0]).form(call)
        url, state = self._patiently(lambda: self._submit(line, form), line.tell)
        now = time.monotonic()
        return RunningJob(call, Job(url, state.id), form, began=now, heard=now, next_look=now)

    def _submit(self, line: Line, form: Form) -> tuple[str, JobState]:
        """Ask each server in turn, beginning with another one each time, until one accepts."""
        urls = self.settings.base_urls
        self._turn += 1
        busy: list[Busy] = []
        for url in urls[self._turn % len(urls) :] + urls[: self._turn % len(urls)]:
            try:
                return url, self._server(line, url).create(form)
            except Busy as error:
                busy.append(error)
        waits = [b.retry_after for b in busy if b.retry_after is not None]
        raise Busy(str(busy[-1]), retry_after=min(waits) if waits else None)

    def _patiently(self, submit: Callable[[], tuple[str, JobState]], tell: Callable[[], None]) -> tuple[str, JobState]:
        """Ask again for as long as servers refuse before acceptance, as they wish or after a poll's time."""

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            after = error.retry_after if isinstance(error, Busy) else None
            return after or self.settings.poll_seconds

        retrying = Retrying(
            retry=retry_if_exception_type(Busy), stop=stop_before_delay(self.settings.patience), reraise=True,
            wait=wait,
            sleep=lambda seconds: self._wait(seconds, tell),
        )  # fmt: skip
        return retrying(submit)

    def _look(self, line: Line, running: RunningJob, on_event: OnEvent) -> Made | Failed | None:
        """Look at a job once; returns its end, or None while it runs."""
        settings, server = self.settings, self._server(line, running.job.base_url)
        now = time.monotonic()
        running.next_look = now + settings.poll_seconds
        try:
            state = server.look_up(running.job.id)
        except Busy as error:
            running.next_look = now + (error.retry_after or settings.poll_seconds)
            return self._silent(running, error)
        except Unreadable as error:
            return self._silent(running, error)
        except NoSuchJob as error:
            if running.call.job is None and now - running.began <= settings.grace:
                return None
            return self._failed(running, JobLost(f"{error}; the server lost it: it has to be asked for again"))
        running.heard = time.monotonic()
        running.next_look = now + (settings.poll_seconds if state.poll_after is None else state.poll_after)
        if state.status == "failed":
            return self._failed(running, PermanentFailure(f"{server.base_url}: {state.error or 'the job failed'}"))
        if state.status == "completed":
            running.told, running.said = 100, state.said
            return self._finish(line.client, running, on_event)
        running.told, running.said = max(running.told, min(state.progress, 99)), state.said
        on_event(running.progress)
        if running.seconds > settings.deadline:
            why = f"job {running.job.id} took over {settings.deadline:g} s: raise deadline"
            if self._server(self._line(line.client), running.job.base_url).delete(running.job.id):
                return self._failed(running, PermanentFailure(why))
            return self._failed(running, OutcomeUnknown(f"{why}; the server did not drop it, so resume to look again"))
        return None

    def _silent(self, running: RunningJob, error: TransientFailure) -> Failed | None:
        """Give up on a job that nothing was heard of for too long; it may still be running, so it is not sent again."""
        silence = time.monotonic() - running.heard
        if silence <= self.settings.lost_after + (error.retry_after or 0):
            return None
        why = f"{error}; job {running.job.id} was not heard of for {silence:.0f} s: resume to look again"
        return self._failed(running, OutcomeUnknown(why))

    def _failed(self, running: RunningJob, error: ReelgraphError) -> Failed:
        return Failed(running.call, error, spent=self._spent(running))

    def _spent(self, running: RunningJob) -> Spend:
        return Spend(calls=1, money=self._money(running.call.request), generation_seconds=running.seconds)

    # --- what it made ---

    def _finish(self, client: httpx.Client, running: RunningJob, on_event: OnEvent) -> Made | Failed:
        def tell() -> None:  # of no other job, as one that passes a ceiling must not keep this from being fetched
            on_event(running.progress)

        server = self._server(self._line(client, tell), running.job.base_url)
        retrying = Retrying(
            retry=retry_if_exception_type(Unreadable), stop=stop_after_attempt(_FETCHES), reraise=True,
            wait=lambda state: self.settings.poll_seconds,
            sleep=lambda seconds: self._wait(seconds, tell),
        )  # fmt: skip
        try:
            path, facts = retrying(fetch_video, server, running.job.id, self.settings.most_bytes)
        except (Unreadable, PermanentFailure) as error:
            # The server still has what was paid for, so it is not asked to make it afresh.
            return self._failed(running, OutcomeUnknown(f"{error}; resume to fetch it again"))
        except NoSuchJob as error:
            return self._failed(running, JobLost(f"{error}: it has to be asked for again"))
        try:
            tell()
        except BaseException:
            path.unlink()
            raise
        request, spent = running.call.request, self._spent(running)
        self._pace.learn(request.rung, _work(request), spent.generation_seconds)
        shape = {"frames": facts.frames, "width": facts.width, "height": facts.height, "rate": facts.rate}
        otherwise = made_otherwise(request, "the server made it so", **shape)
        return Made(
            call=running.call, media=path, rate=facts.rate, spent=spent,
            substitutions=(*running.form.substitutions, *otherwise),
            notes={
                "server": server.base_url, "job": running.job.id, "model": self.settings.title, **running.form.notes,
            },
        )  # fmt: skip

    # --- waiting, and whom to ask ---

    def _wait(self, seconds: float, tell: Callable[[], None]) -> None:
        """Wait, telling at every poll's time how far things are, so that a listener can stop it."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, self.settings.poll_seconds))
            tell()

    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=httpx.Timeout(SLOW, connect=10), follow_redirects=False)

    def _line(self, client: httpx.Client, tell: Callable[[], None] = lambda: None) -> Line:
        return Line(client, within=max(self.settings.lost_after, LEAST), tell=tell)

    def _server(self, line: Line, url: str) -> Dialect:
        return self._dialect(line, url, self.settings)


def _work(request: TakeRequest) -> int:
    return request.width * request.height * request.frames
