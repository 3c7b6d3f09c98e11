"""Sound at hard cuts: no click where two waves meet, and none of it where a take simply goes on."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from editing_rig import Shelf

from reelgraph.video_tools.editing.conform import Conformer
from reelgraph.video_tools.editing.mix import mix, parts_of
from reelgraph.video_tools.editing.operations import apply, read_operation
from reelgraph.video_tools.editing.profile import DEFAULT
from reelgraph.video_tools.film import Clip, Cut

F = 2000  # samples in a frame


def heard(shelf: Shelf, cut: Cut, folder: Path) -> np.ndarray:
    parts = parts_of(cut, Conformer(cut, shelf, folder, DEFAULT))
    return mix(parts, 0, cut.frames * F)[:, 0]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "takes")
    shelf.add("a", 48, tone=301)
    shelf.add("b", 48, tone=777)
    return shelf


def cut_of(*clips: Clip) -> Cut:
    return Cut(number=1, width=128, height=96, rate=Fraction(24), clips=list(clips))


def test_hard_cut_has_no_step_in_its_sound(tmp_path: Path, shelf: Shelf) -> None:
    a, b = shelf.takes
    cut = cut_of(Clip(shot="s01-01", take=a, frames=20, in_frame=3), Clip(shot="s01-02", take=b, frames=20, in_frame=7))
    sound = heard(shelf, cut, tmp_path)
    steepest = 0.25 * 2 * np.pi * 777 / 48_000  # what the higher tone does by itself
    assert np.abs(np.diff(sound)).max() <= steepest * 1.1
    assert abs(sound[20 * F - 1]) < 0.002 and abs(sound[20 * F]) < 0.002
    assert np.abs(sound[20 * F - 480 : 20 * F - 96]).max() > 0.24  # the fade takes 2 ms, no more
    assert abs(sound[0]) < 0.002 and abs(sound[-1]) < 0.002


def test_split_clip_sounds_as_it_did(tmp_path: Path, shelf: Shelf) -> None:
    cut = cut_of(Clip(shot="s01-01", take=next(iter(shelf.takes)), frames=40, in_frame=3))
    halves = apply(cut, read_operation({"op": "split", "clip": "s01-01", "at": 17}), shelf)
    assert np.array_equal(heard(shelf, cut, tmp_path), heard(shelf, halves, tmp_path))
    louder = apply(halves, read_operation({"op": "volume", "clip": "s01-01#2", "gain_db": 6}), shelf)
    assert abs(heard(shelf, louder, tmp_path)[17 * F]) < 0.004
