"""The check passes the kit, and is run in every film."""

import numpy as np
import pytest
from bright_start import BrightStart

from reelgraph.video_tools.checks.base import load_checks
from reelgraph.video_tools.testing import CheckConformance


class TestBrightStart(CheckConformance):
    """The kit."""

    @pytest.fixture
    def check(self) -> BrightStart:
        """The check."""
        return BrightStart()

    def faulty(self) -> np.ndarray:
        """Frames that begin dark."""
        frames = self.good()
        frames[0] = 5
        return frames


def test_is_registered_and_its_threshold_is_a_setting() -> None:
    """`[checks.bright_start] least = 50` in reelgraph.toml changes it."""
    made = {check.name: check for check in load_checks({"bright_start": {"least": 50.0}})}
    assert made["bright_start"] == BrightStart(least=50.0)
