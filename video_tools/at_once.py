"""Several works at once, each in a thread of its own, told of in the thread that asked for them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from threading import Event
from typing import Any, TypeVar

from reelgraph.video_tools.errors import Cancelled
from reelgraph.video_tools.studio import Studio

T = TypeVar("T")

_AT_ONCE = 4


def at_once(studio: Studio, works: Sequence[Callable[[Studio], Iterator[T]]]) -> Iterator[T]:
    """Go through the results of several works as they come, up to four under way at once.

    A work that breaks leaves those under way, whose jobs may be paid for: they end, and are told of, before what it
    raised is raised here; none is begun after it.

    Args:
        studio: Whom to tell, in the caller's thread, and who says whether to stop.
        works: Each goes through its own results in the studio that it is given.

    Raises:
        Cancelled: Somebody asked to stop; the works under way ended at their next step.
    """
    if len(works) == 1:
        yield from works[0](studio)
        return
    heard: SimpleQueue[dict[str, Any] | Future[None] | tuple[T]] = SimpleQueue()
    stop = Event()
    broken: list[BaseException] = []
    apart = replace(studio, tell=heard.put, should_stop=lambda: stop.is_set() or studio.should_stop())

    def run(work: Callable[[Studio], Iterator[T]]) -> None:
        if stop.is_set() or broken:
            return
        try:
            for result in work(apart):
                heard.put((result,))
        except BaseException as error:  # said here, or this thread would begin another before anybody heard of it
            broken.append(error)
            if isinstance(error, Cancelled):
                stop.set()

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="at-once") as pool:
        begun = [pool.submit(run, work) for work in works]
        for one in begun:
            one.add_done_callback(heard.put)
        try:
            ended = 0
            while ended < len(begun):
                said = heard.get()
                if isinstance(said, Future):
                    ended += 1
                elif isinstance(said, dict):
                    studio.tell(said)
                else:
                    yield said[0]
        finally:  # where nobody asks on, those under way end at their next step
            stop.set()
    if broken:
        raise next((error for error in broken if isinstance(error, Cancelled)), broken[0])
