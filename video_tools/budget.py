"""Ceilings that hold: cost is reserved in the ledger before a call is made, and reconciled after it.

What was spent is what the ledger's attempts say, so a ceiling survives resume and holds across processes.
"""

from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock
from pydantic import Field

from reelgraph.video_tools.errors import BudgetExceeded
from reelgraph.video_tools.film import Attempt, Noun, Spend
from reelgraph.video_tools.ledger import Ledger


class Limits(Noun):
    """Ceilings; None is no ceiling."""

    generation_seconds: float | None = Field(default=None, ge=0)
    calls: int | None = Field(default=None, ge=0)
    money: float | None = Field(default=None, ge=0)
    disk_megabytes: float | None = Field(default=None, ge=0, description="What the project's folder may hold.")
    wall_seconds: float | None = Field(default=None, ge=0, description="How long one run may go on beginning calls.")

    def after(self, elapsed: float) -> "Limits":
        """Return what is left of them when a run has lasted so many seconds."""
        if self.wall_seconds is None:
            return self
        return self.model_copy(update={"wall_seconds": max(0.0, self.wall_seconds - elapsed)})

    def check(self, spent: Spend, price: Spend, whose: str) -> None:
        """Refuse a price that would pass a ceiling.

        Raises:
            BudgetExceeded: It names the ceiling, what was spent, and what the call would cost.
        """
        for field in Spend.model_fields:
            limit, used, cost = getattr(self, field), getattr(spent, field), getattr(price, field)
            # Costs are sums of floats: what differs by rounding alone is not over the ceiling.
            if limit is not None and used + cost > limit * (1 + 1e-9) and cost > 0:
                raise BudgetExceeded(
                    f"{whose} would pass its ceiling of {limit:g} {field.replace('_', ' ')}: {used:g} spent, "
                    f"{cost:g} more needed; raise budget.{field} in reelgraph.toml or with --budget {field}=N"
                )

    def check_room(self, root: Path, whose: str) -> None:
        """Refuse to begin a call when the time is over or the folder is full.

        Raises:
            BudgetExceeded: It names the ceiling.
        """
        if self.wall_seconds is not None and self.wall_seconds <= 0:
            raise BudgetExceeded(
                f"{whose} has gone on for all its wall seconds; raise budget.wall_seconds in reelgraph.toml or with "
                "--budget wall_seconds=N, and `reelgraph resume` goes on"
            )
        if self.disk_megabytes is not None and (held := _held(root) / 1e6) >= self.disk_megabytes:
            raise BudgetExceeded(
                f"{whose} is at its ceiling of {self.disk_megabytes:g} disk megabytes: {held:.1f} MB are there; "
                "`reelgraph prune` frees what no film uses, or raise budget.disk_megabytes"
            )


def _held(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


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
            whose = f"film {name}" if name else "the project"
            ceiling.check(ledger.spend(name), price, whose)
            ceiling.check_room(ledger.root, whose)
        return ledger.intend(key, backend=backend, film=film, shot=shot, price=price)
