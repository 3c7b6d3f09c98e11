"""Around every generation call: adopt, reserve, record, generate, examine, encode, publish, reconcile.

Nothing else calls `Backend.generate`, so a ceiling cannot be passed and a paid call cannot be forgotten, whoever asks.
"""

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from reelgraph.video_tools.backends.base import (
    Backend,
    Call,
    Event,
    Failed,
    FindsJobs,
    Job,
    Made,
    OnEvent,
    Progress,
    Submitted,
    check_request,
)
from reelgraph.video_tools.budget import Limits, reserve
from reelgraph.video_tools.errors import (
    Cancelled,
    InvalidRequest,
    JobLost,
    OutcomeUnknown,
    PermanentFailure,
    ReelgraphError,
    TransientFailure,
)
from reelgraph.video_tools.film import (
    Shot,
    Spend,
    Substitution,
    Take,
    TakeRequest,
)
from reelgraph.video_tools.ledger import OPEN_STATES, Ledger
from reelgraph.video_tools.publish import publish


@dataclass(frozen=True)
class Wanted:
    """A take that a shot needs.

    Attributes:
        shot: The shot.
        request: What is asked for.
        substitutions: What fitting the plan to the back end changed.
        above: What the shot needs after it, on the rungs above.
        waits_for: The shot whose take it should go on from, and which has none yet.
        notes: What it is made from, for the take.
    """

    shot: Shot
    request: TakeRequest
    substitutions: tuple[Substitution, ...] = ()
    above: tuple[TakeRequest, ...] = ()
    waits_for: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unmade:
    """A take that could not be made, and why."""

    wanted: Wanted
    error: ReelgraphError


@dataclass(frozen=True)
class Published:
    """A take that is in the ledger; `reused` when it was there before."""

    wanted: Wanted
    take: Take
    reused: bool


def waves(wanted: Sequence[Wanted], max_batch: int) -> list[list[Wanted]]:
    """Group takes that one call of the back end can make: same shape, up to `max_batch`, each in film order."""

    def shape(item: Wanted) -> tuple[object, ...]:
        r = item.request
        roles = tuple((x.role, x.frame) for x in r.references)
        adapters = tuple((a.name, a.scale) for a in r.adapters)
        return (r.width, r.height, r.frames, r.rate, r.steps, r.guidance, bool(r.negative_prompt), roles, adapters)

    groups: dict[tuple[object, ...], list[Wanted]] = {}
    for item in wanted:
        groups.setdefault(shape(item), []).append(item)
    batches = [items[i : i + max_batch] for items in groups.values() for i in range(0, len(items), max_batch)]
    return sorted(batches, key=lambda batch: wanted.index(batch[0]))


def shoot(
    ledger: Ledger,
    backend: Backend,
    wave: Sequence[Wanted],
    *,
    film: str,
    limits: Mapping[str | None, Limits] = {},  # never written to
    on_event: OnEvent = lambda event: None,
    checks: Mapping[str, Mapping[str, Any]] = {},  # never written to
    resubmit_lost: int = 0,
) -> Iterator[Published | Unmade]:
    """Make the takes of one wave that the ledger does not have, and publish each as it becomes ready.

    Args:
        ledger: The project's ledger; the caller holds the writer's lock.
        backend: The back end.
        wave: Requests of one shape, at most `max_batch`.
        film: The film that pays.
        limits: Ceilings by film name; under None, the project's.
        on_event: Told of progress; may raise `Cancelled`.
        checks: By check, its thresholds.
        resubmit_lost: How often a request whose job a server lost may be sent again unasked.

    Raises:
        InvalidRequest: A check's settings are wrong; nothing was paid.
        Cancelled: `on_event` asked for it; what was published stands.
    """
    asked: dict[str, list[Wanted]] = {}
    for item in wave:
        asked.setdefault(item.request.key, []).append(item)
    unique = [items[0] for items in asked.values()]
    if any(ledger.take(key) is None for key in asked):
        from reelgraph.video_tools.checks.base import load_checks

        load_checks(checks)  # before anything is paid
    with closing(_shoot(ledger, backend, unique, film, limits, on_event, checks, resubmit_lost)) as results:
        for result in results:
            yield result
            for twin in asked[result.wanted.request.key][1:]:  # a shot that asks for the very same pixels
                same = replace(result, wanted=twin)
                yield replace(same, reused=True) if isinstance(same, Published) else same


def _shoot(
    ledger: Ledger,
    backend: Backend,
    wave: Sequence[Wanted],
    film: str,
    limits: Mapping[str | None, Limits],
    on_event: OnEvent,
    checks: Mapping[str, Mapping[str, Any]],
    resubmit_lost: int,
) -> Generator[Published | Unmade, None, None]:
    calls: dict[str, Wanted] = {}
    todo: list[Call] = []
    for item in wave:
        take = ledger.take(item.request.key)
        if take is not None:
            yield Published(item, take, reused=True)
            continue
        try:
            check_request(backend.capabilities(), item.request)
            call = _open_call(ledger, backend, item, film, limits, resubmit_lost)
        except ReelgraphError as error:
            yield Unmade(item, error)
            continue
        calls[call.attempt] = item
        todo.append(call)
    if not todo:
        return

    def heard(event: Event) -> None:
        if isinstance(event, Submitted):
            attempt = ledger.attempt(event.attempt)
            ledger.record(
                attempt.model_copy(update={"state": "submitted", "base_url": event.job.base_url, "job": event.job.id})
            )
        on_event(replace(event, shot=calls[event.attempt].shot.id) if isinstance(event, Progress) else event)

    began = time.monotonic()
    waiting = dict(calls)
    try:
        with closing(_as_generator(backend.generate(todo, heard))) as results:
            for result in results:
                settled = _settle(ledger, result, waiting[result.call.attempt], film, checks)
                del waiting[result.call.attempt]
                yield settled
    except (Cancelled, KeyboardInterrupt, GeneratorExit) as error:
        for id in waiting:
            # A server's job goes on after Ctrl-C: it stays open, and the next process adopts it.
            if isinstance(error, Cancelled) or not backend.capabilities().remote:
                _close(ledger, id, Cancelled("cancelled"), Spend(calls=1, generation_seconds=time.monotonic() - began))
        raise
    except Exception as error:  # a back end broke, which must lose neither its siblings' takes nor what it cost
        if backend.capabilities().remote:  # the server may go on: the attempts stay open, to be adopted
            raise
        broken = f"{backend.name} broke: {type(error).__name__}: {error}"
    else:
        broken = f"{backend.name} answered nothing"
    for id, item in waiting.items():
        failure = PermanentFailure(f"{item.shot.id}: {broken}; try again, and report it to its authors if it stays so")
        _close(ledger, id, failure, Spend(calls=1, generation_seconds=time.monotonic() - began))
        yield Unmade(item, failure)


def _open_call(
    ledger: Ledger,
    backend: Backend,
    item: Wanted,
    film: str,
    limits: Mapping[str | None, Limits],
    resubmit_lost: int,
) -> Call:
    """Reserve a new attempt, or adopt the one that an earlier process left open."""
    key = item.request.key
    references = {r.content: ledger.picture(ledger.by_content(r.content)) for r in item.request.references}
    tries = [a for a in ledger.attempts() if a.key == key]
    for attempt in [a for a in tries if a.state in OPEN_STATES]:
        call = Call(item.request, attempt.id, references=references)
        if not backend.capabilities().remote:
            # It died with its process. What it cost is at most its price, and the ceiling must hold.
            ledger.record(attempt.model_copy(update={"state": "lost", "spent": attempt.price}))
        elif attempt.job:
            return replace(call, job=Job(attempt.base_url, attempt.job))
        else:
            job = backend.find_job(call) if isinstance(backend, FindsJobs) else None
            if job is None:
                ledger.record(attempt.model_copy(update={"state": "ambiguous"}))
                raise OutcomeUnknown(
                    f"{item.shot.id}: whether the server accepted attempt {attempt.id} is unknown, so it was not "
                    f"sent again; {_resend(item, film)}"
                )
            ledger.record(attempt.model_copy(update={"state": "submitted", "base_url": job.base_url, "job": job.id}))
            return replace(call, job=job)
    lost = [a for a in tries if a.state == "lost" and a.job and not a.given_up]
    if len(lost) > resubmit_lost:  # each may have been paid for
        raise PermanentFailure(
            f"{item.shot.id}: the server lost job {lost[-1].job}, which may have cost {lost[-1].price.money:g}, so it "
            f"was not sent again; {_resend(item, film)}, as `resubmit_lost = 1` in reelgraph.toml does unasked"
        )
    price = backend.price(item.request)
    attempt = reserve(ledger, key, backend=backend.name, film=film, shot=item.shot.id, price=price, limits=limits)
    return Call(item.request, attempt.id, references=references)


def _settle(
    ledger: Ledger, result: Made | Failed, item: Wanted, film: str, checks: Mapping[str, Mapping[str, Any]]
) -> Published | Unmade:
    if isinstance(result, Failed):
        _close(ledger, result.call.attempt, result.error, result.spent)
        if isinstance(result.error, OutcomeUnknown):
            return Unmade(item, OutcomeUnknown(f"{result.error}; {_resend(item, film)}"))
        return Unmade(item, result.error)
    try:
        take = publish(ledger, result, item, film=film, checks=checks)
    except Cancelled:  # a back end that draws as it is read hears of it here
        raise
    except (ReelgraphError, OSError) as error:
        said = error if isinstance(error, ReelgraphError) else PermanentFailure(f"{item.shot.id}: {error}")
        _close(ledger, result.call.attempt, said, result.spent)
        return Unmade(item, said)
    done = ledger.attempt(result.call.attempt)
    ledger.record(done.model_copy(update={"state": "done", "spent": take.spent}))
    return Published(item, take, reused=False)


def _resend(item: Wanted, film: str) -> str:
    return f"look it up there, then `reelgraph resume --film {film} --resend {item.shot.id}` sends it once more"


def _close(ledger: Ledger, id: str, error: ReelgraphError, spent: Spend) -> None:
    kinds = {InvalidRequest: "invalid", TransientFailure: "transient", Cancelled: "cancelled"}
    kind = next((name for cls, name in kinds.items() if isinstance(error, cls)), "permanent")
    states = {OutcomeUnknown: "ambiguous", JobLost: "lost"}
    state = next((name for cls, name in states.items() if isinstance(error, cls)), "failed")
    update = {"state": state, "error": str(error), "error_kind": kind, "spent": spent}
    ledger.record(ledger.attempt(id).model_copy(update=update))


def _as_generator(results: Iterator[Made | Failed]) -> Generator[Made | Failed, None, None]:
    """Make any iterator closable, so that leaving early stops the back end."""
    yield from results
