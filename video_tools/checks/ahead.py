"""Let one thread make things while another uses them.

    decoder    picture 5   picture 6   picture 7 …     makes up to `most` that nobody took yet, then waits
    measures               picture 4 ──────── picture 5 …

A decoder and OpenCV let the interpreter go while they work, so both get on at once: the decoder has its next packets
while a picture is measured, and its pauses (a picture that leans on one that is not ready) are filled with measuring.
"""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Semaphore
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T], most: int) -> Generator[T, None, None]:
    """Make items in a thread of their own, up to so many before they are asked for.

    Args:
        items: What makes them; it is used in that thread alone, which has ended when this iterator is closed.
        most: How many are made that were not taken.

    Raises:
        Exception: What making them raised, after those that were made.
    """
    made: SimpleQueue[T | None] = SimpleQueue()
    room = Semaphore(most)
    wanted = True

    def make() -> None:
        try:
            for item in items:
                room.acquire()
                if not wanted:
                    break
                made.put(item)
        finally:
            made.put(None)

    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(make)
        try:
            while (item := made.get()) is not None:
                yield item
                room.release()
            making.result()
        finally:
            wanted = False
            room.release()
