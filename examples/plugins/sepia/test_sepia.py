"""The effect passes the kit, and a cut can name it."""

from fractions import Fraction

import pytest
from sepia import Sepia

from reelgraph.video_tools.editing.effects import effect_of
from reelgraph.video_tools.film import Effect
from reelgraph.video_tools.testing import EffectConformance


class TestSepia(EffectConformance):
    """The kit."""

    @pytest.fixture
    def effect(self) -> Sepia:
        """The effect."""
        return Sepia(amount=0.7)


def test_is_registered() -> None:
    """`{"op": "effects", "clip": "s01-01", "effects": [{"name": "sepia"}]}` finds it."""
    assert effect_of(Effect(name="sepia", arguments={"amount": 0.5}), Fraction(24)) == Sepia(0.5)
