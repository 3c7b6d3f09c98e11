"""Ceilings that hold: cost is reserved in the ledger before a call is made, watched during it, and reconciled after it.

What was spent is what the ledger's attempts say, so a ceiling survives resume and holds across processes. A call of
which nobody knows yet how long it takes reserves no seconds: it counts by how long it was heard of.
"""

import os
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from filelock import FileLock
from pydantic import Field

from reelgraph.video_tools.errors import BudgetExceeded
from reelgraph.video_tools.film import Attempt, Noun, Spend
from reelgraph.video_tools.ledger import Ledger

_COUNTED: Final = ("generation_seconds", "calls", "money")
_WRITTEN_EVERY: Final = 1.0  # seconds: what a call may take that nobody knows of if its process is killed


class Limits(Noun):
    """Ceilings; None is no ceiling."""

    generation_seconds: float | None = Field(default=None, ge=0, description="How long back ends may work.")
    calls: int | None = Field(default=None, ge=0, description="How often back ends may be called.")
    money: float | None = Field(default=None, ge=0, description="What calls may cost, in the unit of the prices.")
    disk_megabytes: float | None = Field(default=None, ge=0, description="What the project's folder may hold.")
    wall_seconds: float | None = Field(default=None, ge=0, description="How long one run may go on beginning calls.")

    def after(self, elapsed: float) -> "Limits":
        """Return what is left of them when a run has lasted so many seconds."""
        if self.wall_seconds is None:
            return self
        return self.model_copy(update={"wall_seconds": max(0.0, self.wall_seconds - elapsed)})

    @property
    def reserves(self) -> bool:
        """Whether one of them is of what calls reserve and may give back, as time and disk are not."""
        return any(getattr(self, field) is not None for field in _COUNTED)

    @property
    def hold_beginnings(self) -> bool:
        """Whether one of them, of time or of disk, only keeps calls from beginning, and ends none that has begun."""
        return self.wall_seconds is not None or self.disk_megabytes is not None

    def left(self, spent: Spend) -> dict[str, float]:
        """Return what may still be spent of each ceiling that counts what is spent, as time and disk do not."""
        limits = {field: getattr(self, field) for field in _COUNTED}
        return {f: round(max(0.0, limit - getattr(spent, f)), 6) for f, limit in limits.items() if limit is not None}

    def check(self, spent: Spend, price: Spend, film: str | None) -> None:
        """Refuse a price that would pass a ceiling.

        Args:
            spent: What was spent under it.
            price: What is to be spent.
            film: Whose ceiling it is; the project's, if None.

        Raises:
            BudgetExceeded: It names the ceiling, what was spent, and what the call would cost.
        """
        for field in _COUNTED:
            limit, used, cost = getattr(self, field), getattr(spent, field), getattr(price, field)
            # Costs are sums of floats: what differs by rounding alone is not over the ceiling.
            if limit is not None and used + cost > limit * (1 + 1e-9) and cost > 0:
                raise BudgetExceeded(
                    f"{_whose(film)} would pass its ceiling of {limit:g} {field.replace('_', ' ')}: {used:g} spent, "
                    f"{cost:g} more needed; {_raise(field, film)}"
                )
        seconds = self.generation_seconds
        if price.untimed_calls and seconds is not None and spent.generation_seconds >= seconds:
            raise BudgetExceeded(
                f"{_whose(film)} has used its ceiling of {seconds:g} generation seconds, and how long this call takes "
                f"is not known; {_raise('generation_seconds', film)}"
            )

    def may_be_passed_by(self, price: Spend) -> bool:
        """Say whether a price passes a ceiling by itself, or may do so as nobody knows how long its calls take."""
        try:
            self.check(Spend(), price, None)
        except BudgetExceeded:
            return True
        return price.untimed_calls > 0 and self.generation_seconds is not None

    def check_room(self, root: Path, film: str | None) -> None:
        """Refuse to begin a call when the time is over or the folder is full.

        Args:
            root: The project's folder.
            film: Whose ceiling it is; the project's, if None.

        Raises:
            BudgetExceeded: It names the ceiling.
        """
        if self.wall_seconds is not None and self.wall_seconds <= 0:
            raise BudgetExceeded(
                f"{_whose(film)} has gone on for all its wall seconds; {_raise('wall_seconds', film)}, and "
                "`reelgraph resume` goes on"
            )
        if self.disk_megabytes is not None and (held := _held(root) / 1e6) >= self.disk_megabytes:
            raise BudgetExceeded(
                f"{_whose(film)} is at its ceiling of {self.disk_megabytes:g} disk megabytes: {held:.1f} MB are there; "
                f"`reelgraph prune` frees what no film uses, or {_raise('disk_megabytes', film)}"
            )


def _raise(field: str, film: str | None) -> str:
    if film is None:
        return f"raise project_budget.{field} in reelgraph.toml"
    return f"raise budget.{field} in reelgraph.toml or with --budget {field}=N"


def _held(root: Path) -> int:
    held = 0
    for folder, _, names in os.walk(root):  # which passes over a folder that is gone
        for name in names:
            with suppress(FileNotFoundError):  # a branch beside this one has published it under its name by now
                held += os.stat(os.path.join(folder, name)).st_size
    return held


def with_seconds(limits: Mapping[str | None, Limits]) -> list[str | None]:
    """Name the ceilings among these that are of generation seconds, as keys of `limits`."""
    return [name for name, ceiling in limits.items() if ceiling.generation_seconds is not None]


def _whose(name: str | None) -> str:
    return f"film {name}" if name else "the project"


def reserve(
    ledger: Ledger, key: str, *, backend: str, film: str, shot: str, price: Spend, limits: Mapping[str | None, Limits]
) -> Attempt:
    """Record the intent of a call if the film and the project can pay for it.

    Args:
        ledger: Where attempts are kept.
        key: The request's key.
        backend: The back end's name.
        film: The film that pays.
        shot: The shot it is for.
        price: What it may cost at most.
        limits: Ceilings by film name; under None, the project's.

    Raises:
        BudgetExceeded: A ceiling would be passed; nothing was recorded.
    """
    lock = ledger.root / "attempts" / ".lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):  # between the sum and the record no other branch or process may reserve
        for name, ceiling in limits.items():
            ceiling.check(ledger.spend(name), price, name)
            ceiling.check_room(ledger.root, name)
        return ledger.intend(key, backend=backend, film=film, shot=shot, price=price)


class Watch:
    """Looks on while calls are under way, and ends those that pass a ceiling by taking longer than they reserved.

    Args:
        ledger: Where attempts are kept.
        limits: Ceilings by film name; under None, the project's.
        together: Whether calls that are under way at once share the time, as on one device; jobs of a server do not.
    """

    def __init__(self, ledger: Ledger, limits: Mapping[str | None, Limits], *, together: bool) -> None:
        self._ledger, self._limits, self._together = ledger, limits, together
        self._counted: dict[str, float | None] = {}  # what the ledger counts them as; None is not looked at
        self._begun: dict[str, float] = {}

    def look(self, attempt: str, waiting: Collection[str]) -> None:
        """Look at the calls that are under way, when one of them was heard of.

        A call begins when it is first heard of: before that it may have waited for its device. One that was to cost no
        seconds is not looked at. One that takes longer than it reserved is written down about every second, so that
        what is known of it outlives this process.

        Args:
            attempt: The one that was heard of.
            waiting: Those that are not settled.

        Raises:
            BudgetExceeded: They pass a ceiling; the message names it.
        """
        if not with_seconds(self._limits):
            return
        if attempt not in self._counted:
            found = self._ledger.attempt(attempt)
            timed = found.price.untimed_calls or found.counted.generation_seconds
            self._counted[attempt] = found.counted.generation_seconds if timed else None
            # What an earlier process heard of a job goes before what this one hears.
            self._begun[attempt] = time.monotonic() - found.spent.generation_seconds
        under_way = {id: counted for id, counted in self._counted.items() if id in waiting and counted is not None}
        if attempt not in under_way:
            return
        taken = self.taken(under_way)
        if sum(taken.values()) <= sum(under_way.values()):
            return
        if taken[attempt] >= under_way[attempt] + _WRITTEN_EVERY:
            found = self._ledger.attempt(attempt)
            heard = found.spent.model_copy(update={"generation_seconds": taken[attempt]})
            self._ledger.record(found.model_copy(update={"spent": heard}))
            self._counted[attempt] = under_way[attempt] = taken[attempt]
        over = sum(taken.values()) - sum(under_way.values())
        for name in with_seconds(self._limits):
            limit = self._limits[name].generation_seconds
            used = self._ledger.spend(name).generation_seconds + over
            if limit is not None and used > limit:
                raise BudgetExceeded(
                    f"{_whose(name)} has used its ceiling of {limit:g} generation seconds, so this call was ended "
                    f"before it was done; {_raise('generation_seconds', name)}"
                )

    def taken(self, attempts: Collection[str]) -> dict[str, float]:
        """Return the seconds that each of these attempts has taken since it was first heard of."""
        now = time.monotonic()
        begun = {id: self._begun[id] for id in attempts if id in self._begun}
        if self._together and begun:
            return dict.fromkeys(begun, (now - min(begun.values())) / len(begun))
        return {id: now - since for id, since in begun.items()}
