"""The conformance kit for effects: subclass it with an `effect` fixture, and pytest runs it."""

from dataclasses import is_dataclass, replace

import numpy as np
import pytest

from reelgraph.video_tools.editing.effects import PictureEffect
from reelgraph.video_tools.errors import InvalidRequest


class EffectConformance:
    """What every effect must do; give an `effect` fixture."""

    @pytest.fixture
    def effect(self) -> PictureEffect:
        """The effect under test: override this."""
        raise NotImplementedError("give your test class a fixture named effect")

    def picture(self, width: int = 64, height: int = 36) -> np.ndarray:
        """Return a picture, `(height, width, 3) uint8 RGB`."""
        return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)

    def test_is_a_frozen_dataclass(self, effect: PictureEffect) -> None:
        """Its arguments are its fields, so that a cut can name them."""
        assert is_dataclass(effect)
        assert hash(effect) == hash(replace(effect)), "equal effects must be equal, so that renders are found again"

    @pytest.mark.parametrize("size", [(64, 36), (36, 64), (2, 2), (130, 74)])
    def test_keeps_shape_and_leaves_its_input(self, effect: PictureEffect, size: tuple[int, int]) -> None:
        """A picture of the same shape comes back, and the one given is not written to."""
        picture = self.picture(*size)
        before = picture.copy()
        picture.flags.writeable = False
        made = effect.apply(picture, 0, 8)
        assert made.shape == picture.shape and made.dtype == np.uint8
        assert np.array_equal(picture, before)

    def test_is_repeatable(self, effect: PictureEffect) -> None:
        """The same picture at the same place gives the same picture."""
        picture = self.picture()
        assert np.array_equal(effect.apply(picture, 3, 8), effect.apply(picture, 3, 8))

    def test_says_whether_it_depends_on_time(self, effect: PictureEffect) -> None:
        """Where it is not `timed`, its place in the clip changes nothing: trimming then makes no frame anew."""
        picture = self.picture()
        made = [effect.apply(picture, at, frames) for at, frames in ((0, 8), (7, 8), (0, 1), (99, 100))]
        if not effect.timed:
            assert all(np.array_equal(made[0], other) for other in made)

    def test_its_halves_show_what_it_showed(self, effect: PictureEffect) -> None:
        """Where it says what it is in the halves of a clip, these show what it showed; a half of None is plain."""
        if not hasattr(effect, "halves"):
            return
        picture = self.picture()
        for at in range(1, 12):
            try:
                parts = effect.halves(at, 12)
            except InvalidRequest:
                continue
            for part, first, frames in zip(parts, (0, at), (at, 12 - at), strict=True):
                for place in range(frames):
                    shown = part.apply(picture, place, frames) if part else picture
                    assert np.array_equal(shown, effect.apply(picture, first + place, 12))
