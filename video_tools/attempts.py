"""One try at a request: a new one is reserved, one that an earlier process left is adopted, and each is closed."""

from collections.abc import Mapping
from dataclasses import replace

from reelgraph.video_tools.backends.base import Backend, Call, FindsJobs, Job, asked_price
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
from reelgraph.video_tools.film import Spend, TakeRequest
from reelgraph.video_tools.ledger import Ledger


def open_call(
    ledger: Ledger,
    backend: Backend,
    request: TakeRequest,
    *,
    film: str,
    shot: str,
    limits: Mapping[str | None, Limits],
    resubmit_lost: int,
) -> Call:
    """Reserve a new attempt, or adopt the one that an earlier process left open.

    Raises:
        OutcomeUnknown: Whether a server took an earlier one on is not known.
        PermanentFailure: A server lost an earlier one too often.
        BudgetExceeded: A ceiling holds it back.
    """
    references = {r.content: ledger.picture(ledger.by_content(r.content)) for r in request.references}
    tries = [a for a in ledger.attempts() if a.key == request.key]
    for attempt in [a for a in tries if a.open]:
        call = Call(request, attempt.id, references=references)
        if not backend.capabilities().remote:
            # It died with its process. What it cost nobody knows for certain, and the ceiling must hold.
            ledger.record(attempt.model_copy(update={"state": "lost", "spent": attempt.counted}))
        elif attempt.job:
            return replace(call, job=Job(attempt.base_url, attempt.job))
        else:
            job = backend.find_job(call) if isinstance(backend, FindsJobs) else None
            if job is None:
                ledger.record(attempt.model_copy(update={"state": "ambiguous"}))
                raise OutcomeUnknown(
                    f"{shot}: whether the server accepted attempt {attempt.id} is unknown, so it was not "
                    f"sent again; {resend(film, shot)}"
                )
            ledger.record(attempt.model_copy(update={"state": "submitted", "base_url": job.base_url, "job": job.id}))
            return replace(call, job=job)
    lost = [a for a in tries if a.state == "lost" and a.job and not a.given_up]
    if len(lost) > resubmit_lost:  # each may have been paid for
        raise PermanentFailure(
            f"{shot}: the server lost job {lost[-1].job}, which may have cost {lost[-1].price.money:g}, so "
            f"it was not sent again; {resend(film, shot)}, as `resubmit_lost = 1` in reelgraph.toml does "
            "unasked"
        )
    attempt = reserve(
        ledger, request.key, backend=backend.name, film=film, shot=shot, price=asked_price(backend, request),
        limits=limits,
    )  # fmt: skip
    return Call(request, attempt.id, references=references)


def resend(film: str, shot: str) -> str:
    """Say what a person may do about a call whose outcome is not known."""
    return f"look it up there, then `reelgraph resume --film {film} --resend {shot}` sends it once more"


def close_attempt(ledger: Ledger, id: str, error: ReelgraphError, spent: Spend) -> None:
    """Record why an attempt came to nothing, and what it cost."""
    kinds = {InvalidRequest: "invalid", TransientFailure: "transient", Cancelled: "cancelled"}
    kind = next((name for cls, name in kinds.items() if isinstance(error, cls)), "permanent")
    states = {OutcomeUnknown: "ambiguous", JobLost: "lost"}
    state = next((name for cls, name in states.items() if isinstance(error, cls)), "failed")
    update = {"state": state, "error": str(error), "error_kind": kind, "spent": spent}
    ledger.record(ledger.attempt(id).model_copy(update=update))
