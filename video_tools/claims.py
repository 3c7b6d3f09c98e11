"""Work that this process has in hand: threads wait in one line for what others hold, and the second finds it done.

The project's lock keeps other processes out; this keeps apart the parallel calls of one process (a model's tool calls,
a graph's branches), which share that lock.
"""

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

_HEED_EVERY = 0.2  # seconds

_changed = threading.Condition()


@dataclass(frozen=True, eq=False)
class _Claim:
    thread: int
    parts: Mapping[Hashable, Fraction]


_line: list[_Claim] = []  # those that hold and those that wait, as they came


@contextmanager
def claimed(
    *things: Hashable,
    parts: Mapping[Hashable, Fraction] | None = None,
    heed: Callable[[], None] = lambda: None,
    joined: Callable[[], None] | None = None,
) -> Iterator[None]:
    """Hold things until the block ends; other threads that claim one of them meanwhile wait, first come first served.

    A claim has all that it claims, or nothing and waits. What its thread holds already is its own.

    Args:
        things: What nobody else may hold.
        parts: What several may hold at once, and the part of it, of 1, that is held.
        heed: Asked now and then while it waits; what it raises ends the waiting.
        joined: Called once it has its place in the line.
    """
    whole = dict.fromkeys(things, Fraction(1))
    with _changed:
        thread = threading.get_ident()
        own = {thing for claim in _line if claim.thread == thread for thing in claim.parts}
        claim = _Claim(thread, {thing: part for thing, part in {**(parts or {}), **whole}.items() if thing not in own})
        _line.append(claim)
    try:
        if joined is not None:
            joined()
        while not _has_come(claim):
            heed()
        yield
    finally:
        with _changed:
            _line.remove(claim)
            _changed.notify_all()


def _has_come(claim: _Claim) -> bool:
    """Wait for a while until those before a claim leave it room: nobody waits for one who came after, so all go on."""

    def room() -> bool:
        before = _line[: _line.index(claim)]
        return all(sum(c.parts.get(thing, 0) for c in before) + part <= 1 for thing, part in claim.parts.items())

    with _changed:
        return _changed.wait_for(room, timeout=_HEED_EVERY)
