"""The order in which branches that draw on the same ceilings ask them: that of the film, not that of their threads.

A branch asks once those before it have asked as often, or have ended, and does not wait for what they asked for: jobs
go on side by side. It holds nothing while it waits, and waits for nobody behind it, so that nobody waits in a circle.
"""

import math
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

_HEED_EVERY: Final = 0.2  # seconds
# Seconds in which a branch before this one begins, as all were sent at once. One that does not is no longer to come: it
# ended in an earlier process, or a host has it made otherwise.
_BEGINS_WITHIN: Final = 1.0

_changed = threading.Condition()


class Turn:
    """A branch's place among those that were sent with it.

    Args:
        place: How many are before it.
        asked: By place, how often each that has begun has asked, without end once it ended; shared by all of them.
    """

    def __init__(self, place: int = 0, asked: dict[int, float] | None = None) -> None:
        self._place, self._asked = place, asked if asked is not None else {}
        self._all_begun_by = time.monotonic() + _BEGINS_WITHIN
        self._now_at(0)

    @contextmanager
    def asking(self, heed: Callable[[], None]) -> Iterator[Callable[[], None]]:
        """Wait for one's turn, and yield what is called once it was asked; else those behind go on when the block ends.

        Args:
            heed: Asked now and then while it waits; what it raises ends the waiting.
        """
        own = self._asked[self._place]
        while not self._has_come(own):
            heed()
        has_asked = partial(self._now_at, own + 1)
        try:
            yield has_asked
        finally:
            has_asked()

    def end(self) -> None:
        """Ask no more."""
        self._now_at(math.inf)

    def _now_at(self, times: float) -> None:
        with _changed:
            self._asked[self._place] = times
            _changed.notify_all()

    def _has_come(self, own: float) -> bool:
        def come() -> bool:
            begun = time.monotonic() > self._all_begun_by
            return all(self._asked.get(before, math.inf if begun else 0) > own for before in range(self._place))

        with _changed:
            return _changed.wait_for(come, timeout=_HEED_EVERY)


_lines: dict[Hashable, tuple[float, dict[int, float]]] = {}  # when the newest branches of each were sent, and `asked`


@contextmanager
def in_turn(line: Hashable, sent: float, place: int) -> Iterator[Turn]:
    """Take a place among the branches that were sent at one time, until the block ends.

    Args:
        line: What they are branches of.
        sent: When they were sent, in Unix seconds.
        place: How many of them are before it.
    """
    with _changed:
        if line not in _lines or _lines[line][0] != sent:
            _lines[line] = sent, {}
        turn = Turn(place, _lines[line][1])
    try:
        yield turn
    finally:
        turn.end()
