"""What is made ahead comes in order, no more of it than was allowed, and ends with whoever wanted it."""

import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest

from reelgraph.video_tools.checks.ahead import ahead
from reelgraph.video_tools.checks.examiner import pictures_ahead


def test_things_made_ahead_come_in_order_from_another_thread() -> None:
    made = ((n, threading.get_ident()) for n in range(50))
    taken = list(ahead(made, 3))
    assert [n for n, _ in taken] == list(range(50))
    assert {thread for _, thread in taken}.isdisjoint({threading.get_ident()})


def test_failure_to_make_comes_after_what_was_made() -> None:
    def failing() -> Iterator[int]:
        yield from (1, 2)
        raise OSError("the disk is gone")

    taken = []
    with pytest.raises(OSError, match="the disk is gone"):
        for n in ahead(failing(), 8):
            taken.append(n)
    assert taken == [1, 2]


def test_no_more_is_made_than_allowed_and_nothing_after_the_end() -> None:
    made = []
    full = threading.Event()  # all that may be made was made, and one that finds no room

    def endless() -> Iterator[int]:
        for n in count():
            made.append(n)
            if n == 3:
                full.set()
            yield n

    before = threading.active_count()
    with closing(ahead(endless(), 3)) as items:
        assert next(items) == 0
        assert full.wait(10)
    assert made == [0, 1, 2, 3]
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("width", "height", "pictures"), [(512, 288, 8), (1920, 1080, 8), (3840, 2160, 5), (8192, 8192, 1), (0, 0, 8)]
)
def test_fewer_large_pictures_are_decoded_ahead(width: int, height: int, pictures: int) -> None:
    assert pictures_ahead(width, height) == pictures
