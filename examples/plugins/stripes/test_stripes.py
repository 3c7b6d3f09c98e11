"""The back end passes the kit, and is found by its name."""

import pytest
from stripes import Stripes

from reelgraph.video_tools.registry import load
from reelgraph.video_tools.testing import BackendConformance


class TestStripes(BackendConformance):
    """The kit."""

    @pytest.fixture
    def backend(self) -> Stripes:
        """The back end."""
        return Stripes({"width": 12})


def test_is_registered() -> None:
    """`reelgraph make --backend stripes` finds it."""
    assert load("reelgraph.backends", "stripes") is Stripes
