"""Work that this process has in hand: two threads never do the same thing at once, and the second finds it done.

The project's lock keeps other processes out; this keeps apart the parallel calls of one process (a model's tool calls,
a graph's branches), which share that lock.
"""

import threading
from collections.abc import Hashable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

_gate = threading.Lock()
_held: dict[Hashable, tuple[threading.RLock, int]] = {}  # what -> its lock, and how many threads hold or await it


@contextmanager
def claimed(*things: Hashable) -> Iterator[None]:
    """Hold things until the block ends; another thread that claims one of them meanwhile waits."""
    with ExitStack() as stack:
        for thing in _ordered(things):  # one order for all, so that no two threads wait for each other
            stack.enter_context(_one(thing))
        yield


@contextmanager
def _one(thing: Hashable) -> Iterator[None]:
    with _gate:
        lock, waiting = _held.get(thing, (threading.RLock(), 0))
        _held[thing] = (lock, waiting + 1)
    try:
        with lock:
            yield
    finally:
        with _gate:
            lock, waiting = _held.pop(thing)
            if waiting > 1:
                _held[thing] = (lock, waiting - 1)


def _ordered(things: Iterable[Hashable]) -> list[Hashable]:
    return sorted(set(things), key=repr)
