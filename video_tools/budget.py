"""Ceilings that hold: cost is reserved in the ledger before a call is made, and reconciled after it.

What was spent is what the ledger's attempts say, so a ceiling survives resume and holds across processes.
"""

from collections.abc import Mapping

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

    def check(self, spent: Spend, price: Spend, whose: str) -> None:
        """Refuse a price that would pass a ceiling.

        Raises:
            BudgetExceeded: It names the ceiling, what was spent, and what the call would cost.
        """
        for field in Limits.model_fields:
            limit, used, cost = getattr(self, field), getattr(spent, field), getattr(price, field)
            # Costs are sums of floats: what differs by rounding alone is not over the ceiling.
            if limit is not None and used + cost > limit * (1 + 1e-9) and cost > 0:
                raise BudgetExceeded(
                    f"{whose} would pass its ceiling of {limit:g} {field.replace('_', ' ')}: {used:g} spent, "
                    f"{cost:g} more needed; raise budget.{field} in reelgraph.toml or with --budget {field}=N"
                )


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
            ceiling.check(ledger.spend(name), price, f"film {name}" if name else "the project")
        return ledger.intend(key, backend=backend, film=film, shot=shot, price=price)
