"""Around every generation call: adopt, reserve, record, generate, examine, encode, publish, reconcile.

Nothing else calls `Backend.generate`, so a ceiling cannot be passed and a paid call cannot be forgotten, whoever asks.
"""

import time
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from reelgraph.video_tools.attempts import close_attempt, open_call, resend
from reelgraph.video_tools.backends.base import (
    Backend,
    Call,
    Event,
    Failed,
    Made,
    OnEvent,
    Progress,
    Submitted,
    check_request,
)
from reelgraph.video_tools.budget import Limits, Watch, with_seconds
from reelgraph.video_tools.claims import claimed
from reelgraph.video_tools.errors import (
    BudgetExceeded,
    Cancelled,
    OutcomeUnknown,
    PermanentFailure,
    ReelgraphError,
)
from reelgraph.video_tools.film import Shot, Spend, Substitution, Take, TakeRequest, first_fault
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.publish import publish

_LITTLE = Fraction(1, 1000)  # of a ceiling, which many draw on at once


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
        backend: The back end that makes it, where that is not the shot's own.
    """

    shot: Shot
    request: TakeRequest
    substitutions: tuple[Substitution, ...] = ()
    above: tuple[TakeRequest, ...] = ()
    waits_for: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    backend: str = ""


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


def shoot(
    ledger: Ledger,
    backend: Backend,
    wave: Sequence[Wanted],
    *,
    film: str,
    limits: Callable[[], Mapping[str | None, Limits]] = dict,
    before: Callable[[], None] = lambda: None,
    has_asked: Callable[[], None] = lambda: None,
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
        limits: Says what is left of the ceilings, by film name; under None, the project's.
        before: Asked while it waits, and before anything new is begun; may raise `Cancelled`.
        has_asked: Told once the ceilings were asked, and what they refused has its place in line to ask again.
        on_event: Told of progress; may raise `Cancelled`.
        checks: By check, its thresholds.
        resubmit_lost: How often a request whose job a server lost may be sent again unasked.

    Raises:
        InvalidRequest: A check's settings are wrong; nothing was paid.
        Cancelled: `before` or `on_event` asked for it; what was published stands.
    """
    asked: dict[str, list[Wanted]] = {}
    for item in wave:
        asked.setdefault(item.request.key, []).append(item)
    unique = [items[0] for items in asked.values()]
    if any(ledger.take(key) is None for key in asked):
        from reelgraph.video_tools.checks.base import load_checks

        load_checks(checks)  # before anything is paid
    making = _Making(ledger, backend, film, limits, before, has_asked, on_event, checks, resubmit_lost)
    with closing(making.wave(unique)) as results:
        for result in results:
            yield result
            for twin in asked[result.wanted.request.key][1:]:  # a shot that asks for the very same pixels
                same = replace(result, wanted=twin)
                yield replace(same, reused=True) if isinstance(same, Published) else same


class _Ended(Cancelled):
    """Calls under way passed a ceiling: to the back end it is a cancellation like any other."""


@dataclass(frozen=True)
class _Making:
    """What the calls of one wave have in common: see `shoot`."""

    ledger: Ledger
    backend: Backend
    film: str
    limits: Callable[[], Mapping[str | None, Limits]]
    before: Callable[[], None]
    has_asked: Callable[[], None]
    on_event: OnEvent
    checks: Mapping[str, Mapping[str, Any]]
    resubmit_lost: int

    def wave(self, wave: Sequence[Wanted]) -> Generator[Published | Unmade, None, None]:
        """Make what the ledger does not have of a wave."""
        left: list[Wanted] = []
        for item in wave:
            take = self.ledger.take(item.request.key)
            if take is None:
                left.append(item)
            else:
                yield Published(item, take, reused=True)
        refused: list[Wanted] = []
        asks_first = True
        while left:
            ceilings = {(self.ledger.root, name): limit for name, limit in self.limits().items() if limit.reserves}
            # Under a ceiling of seconds, a call of which nobody knows how long it takes can reserve none: it goes
            # alone, the others wait for it, and what it took then says what its like will take.
            untimed = any(self._untimed(item) for item in left)
            alone = [it for it, of in ceilings.items() if refused or (untimed and of.generation_seconds is not None)]
            parts = dict.fromkeys(ceilings, _LITTLE) | self._of_servers(left)
            joined = None if asks_first else self.has_asked
            with claimed(*alone, *self._beginnings(), parts=parts, heed=self.before, joined=joined):
                self.before()
                limits = self.limits()  # the time goes on while it waits
                first = [item for item in left if self._untimed(item)][:1] or left
                calls, unmade = self._opened(first, limits)
                refused = [u.wanted for u in unmade if isinstance(u.error, BudgetExceeded)]
                if not refused and first == left:
                    self.has_asked()
                yield from self._made(calls, limits)
            asks_first = False
            # A call seldom takes all that it reserved: what was refused is asked for again once the others have ended.
            again = refused if calls or len(alone) < len(ceilings) else []
            yield from (u for u in unmade if u.wanted not in again)
            left = again + [item for item in left if item not in first]

    def _beginnings(self) -> list[Hashable]:
        """Say under which ceilings calls begin one after another: opened at once, they would wait for their one device,
        and go on past a ceiling of time or disk; servers work on several at once."""
        if self.backend.capabilities().remote:
            return []
        return [(self.ledger.root, name, "begins") for name, limit in self.limits().items() if limit.hold_beginnings]

    def _of_servers(self, items: Sequence[Wanted]) -> dict[Hashable, Fraction]:
        """Say which part of what servers are kept at work on at once some calls are; one device sees to that itself."""
        can = self.backend.capabilities()
        part = min(Fraction(1), Fraction(len(items), can.max_batch))
        return {(self.backend.name, items[0].request.model): part} if can.remote else {}

    def _untimed(self, item: Wanted) -> bool:
        """Say whether a call cannot reserve what a ceiling of seconds asks for."""
        if not with_seconds(self.limits()):
            return False
        try:
            return self.backend.price(item.request).untimed_calls > 0
        except ReelgraphError:  # what it lacks is said when it is opened
            return False

    def _opened(
        self, items: Sequence[Wanted], limits: Mapping[str | None, Limits]
    ) -> tuple[dict[str, tuple[Call, Wanted]], list[Unmade]]:
        """Open a call for each, by attempt, and say for which none could be."""
        calls: dict[str, tuple[Call, Wanted]] = {}
        unmade: list[Unmade] = []
        for item in items:
            try:
                check_request(self.backend.capabilities(), item.request)
                call = open_call(
                    self.ledger, self.backend, item.request, film=self.film, shot=item.shot.id, limits=limits,
                    resubmit_lost=self.resubmit_lost,
                )  # fmt: skip
                calls[call.attempt] = call, item
            except ReelgraphError as error:
                unmade.append(Unmade(item, error))
        return calls, unmade

    def _made(
        self, calls: Mapping[str, tuple[Call, Wanted]], limits: Mapping[str | None, Limits]
    ) -> Generator[Published | Unmade, None, None]:
        """Generate what opened calls ask for, and settle each."""
        if not calls:
            return
        ledger, backend = self.ledger, self.backend
        remote = backend.capabilities().remote
        waiting = {id: item for id, (_, item) in calls.items()}
        watch = Watch(ledger, limits, together=not remote)
        since, told = time.monotonic(), False

        def heard(event: Event) -> None:
            nonlocal since, told
            if not told:  # before that it may have waited for another wave to leave its device
                since, told = time.monotonic(), True
            if isinstance(event, Submitted):
                attempt, job = ledger.attempt(event.attempt), event.job
                ledger.record(
                    attempt.model_copy(update={"state": "submitted", "base_url": job.base_url, "job": job.id})
                )
            # A server that is busy yet has begun nothing, and to end what is done would save nothing.
            if isinstance(event, Submitted) or 0 < event.step < event.steps:
                try:
                    watch.look(event.attempt, waiting)
                except BudgetExceeded as error:
                    raise _Ended(str(error)) from error
            said = replace(event, shot=calls[event.attempt][1].shot.id) if isinstance(event, Progress) else event
            self.on_event(said)

        def goes_on(id: str) -> bool:
            """Say whether a server has a call's job, which it did not drop: it stays open, and is adopted."""
            return remote and ledger.attempt(id).state == "submitted"

        def took(id: str) -> Spend:
            """Say what a call that is waiting has cost by now: on one device they share the time.

            Whether what it asks in money was paid nobody knows, and the ceiling must hold.
            """
            seconds = time.monotonic() - since
            money = ledger.attempt(id).price.money
            return Spend(calls=1, money=money, generation_seconds=seconds if remote else seconds / len(waiting))

        try:
            with closing(_as_generator(backend.generate([call for call, _ in calls.values()], heard))) as results:
                for result in results:
                    item = waiting[result.call.attempt]
                    if isinstance(result, Failed) and isinstance(result.error, _Ended):  # a server dropped its job
                        result = replace(result, error=BudgetExceeded(f"{item.shot.id}: {result.error}"))
                    settled = self._settled(result, item)
                    del waiting[result.call.attempt]
                    if not remote:
                        since, told = time.monotonic(), False
                    yield settled
        except _Ended as error:
            taken = watch.taken(waiting)
            for id, item in waiting.items():
                over = BudgetExceeded(f"{item.shot.id}: {error}")
                if not goes_on(id):
                    spent = Spend(calls=1, generation_seconds=taken[id]) if id in taken else Spend()
                    close_attempt(ledger, id, over, spent)
                yield Unmade(item, over)
            return
        except (Cancelled, KeyboardInterrupt, GeneratorExit) as error:
            for id in waiting:
                if not remote:
                    close_attempt(ledger, id, Cancelled("cancelled"), took(id))
                elif isinstance(error, Cancelled) and not goes_on(id):  # after Ctrl-C that is not known for certain
                    close_attempt(ledger, id, Cancelled("cancelled"), Spend())
            raise
        except Exception as error:  # a back end broke, which must lose neither its siblings' takes nor what it cost
            broken = _broken(backend, f"broke: {type(error).__name__}: {first_fault(error)}")
            failure = error if isinstance(error, ReelgraphError) else broken  # ours says what to do by itself
            if remote:  # the server may go on: the attempts stay open, to be adopted
                raise failure from error
        else:
            failure = _broken(backend, "answered nothing")
        for id, item in waiting.items():
            close_attempt(ledger, id, failure, took(id))
            yield Unmade(item, failure)

    def _settled(self, result: Made | Failed, item: Wanted) -> Published | Unmade:
        """Publish what was made, and write down how its attempt ended and what it cost."""
        ledger, id = self.ledger, result.call.attempt
        if isinstance(result, Failed):
            close_attempt(ledger, id, result.error, result.spent)
            if isinstance(result.error, OutcomeUnknown):
                return Unmade(item, OutcomeUnknown(f"{result.error}; {resend(self.film, item.shot.id)}"))
            return Unmade(item, result.error)
        drawn = self.backend.capabilities().animatic
        try:
            take = publish(ledger, result, item, film=self.film, checks=self.checks, drawn=drawn)
        except Cancelled:  # a back end that draws as it is read hears of it here
            raise
        except Exception as error:  # what is wrong with one take loses neither its siblings' nor what it cost
            said = error if isinstance(error, ReelgraphError) else self._unkept(error, item)
            close_attempt(ledger, id, said, result.spent)
            return Unmade(item, said)
        ledger.record(ledger.attempt(id).model_copy(update={"state": "done", "spent": take.spent}))
        return Published(item, take, reused=False)

    def _unkept(self, error: Exception, item: Wanted) -> PermanentFailure:
        """Say why what was made could not be kept: the disk, or what the back end gave."""
        if isinstance(error, OSError):
            return PermanentFailure(f"{item.shot.id}: {error}")
        what = f"gave what makes no take of {item.shot.id}: {type(error).__name__}: {first_fault(error)}"
        return _broken(self.backend, what)


def _broken(backend: Backend, how: str) -> PermanentFailure:
    return PermanentFailure(f"{backend.name} {how}; try again, and report it to its authors if it stays so")


def _as_generator(results: Iterator[Made | Failed]) -> Generator[Made | Failed, None, None]:
    """Make any iterator closable, so that leaving early stops the back end."""
    yield from results
