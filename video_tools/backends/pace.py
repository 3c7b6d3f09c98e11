"""How long takes are going to need here, learned from those that were made."""

from reelgraph.video_tools.film import Spend

# A take may be slower than the slowest before it by this much.
_MARGIN = 1.5


class Pace:
    """The slowest yet, in seconds for a unit of work, by kind of work.

    Kinds are kept apart since each has fixed costs of its own: a still's would make every clip look slow.
    """

    def __init__(self) -> None:
        self._slowest: dict[str, float] = {}

    def learn(self, kind: str, work: float, seconds: float) -> None:
        """Learn from work that took so many seconds."""
        self._slowest[kind] = max(self._slowest.get(kind, 0.0), seconds / work)

    def price(self, kind: str, work: float, calls: int = 1) -> Spend:
        """Say how long work will take at most; of a kind that was never done, that nobody knows."""
        if kind not in self._slowest:
            return Spend(calls=calls, untimed_calls=calls)
        return Spend(calls=calls, generation_seconds=self._slowest[kind] * work * _MARGIN)
