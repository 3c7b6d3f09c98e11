"""Work that this process has in hand: two threads never do the same thing at once, and the second finds it done.

The project's lock keeps other processes out; this keeps apart the parallel calls of one process (a model's tool calls,
a graph's branches), which share that lock. Where they do different things that draw on one stock, each may wait for
another to end.
"""

import threading
from collections.abc import Hashable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager

_gate = threading.Lock()
_held: dict[Hashable, tuple[threading.RLock, int]] = {}  # what -> its lock, and how many threads hold or await it
_drawing: dict[Future[None], tuple[int, frozenset[Hashable]]] = {}  # what ends with it -> its thread, and the stocks


@contextmanager
def claimed(*things: Hashable) -> Iterator[None]:
    """Hold things until the block ends; another thread that claims one of them meanwhile waits."""
    with ExitStack() as stack:
        for thing in _ordered(things):  # one order for all, so that no two threads wait for each other
            stack.enter_context(_one(thing))
        yield


@contextmanager
def drawing_on(*stocks: Hashable) -> Iterator[None]:
    """Draw on stocks until the block ends."""
    end: Future[None] = Future()
    with _gate:
        _drawing[end] = threading.get_ident(), frozenset(stocks)
    try:
        yield
    finally:
        with _gate:
            del _drawing[end]
        end.set_result(None)


def others_drawing_on(*stocks: Hashable) -> list[Future[None]]:
    """Return what is done when each of the other threads that draw on one of these stocks by now has ended."""
    with _gate:
        return [
            end
            for end, (thread, drawn) in _drawing.items()
            if thread != threading.get_ident() and not drawn.isdisjoint(stocks)
        ]


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
