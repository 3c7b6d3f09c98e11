"""A film measured again is measured only where it differs, and comes to what measuring all of it comes to."""

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clips import HEIGHT, RATE, WIDTH, drift
from editing_rig import Shelf

from reelgraph.video_tools.checks import again
from reelgraph.video_tools.checks.again import LEANS
from reelgraph.video_tools.checks.examiner import read_subject
from reelgraph.video_tools.checks.film import check_film
from reelgraph.video_tools.checks.measures import SAMPLES, Measures, sampled_every
from reelgraph.video_tools.editing.render import render_cut
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Transition

LENGTH = 36


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "takes")
    for seed in range(5):
        shelf.add(str(seed), LENGTH, width=WIDTH, height=HEIGHT, rate=RATE, pictures=drift(LENGTH, seed=seed), tone=300)
    return shelf


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the pictures that are decoded to measure again, in all."""
    counted = [0]
    inner = again.decode_planes

    def counting(*given: Any, **more: Any) -> Iterator[Any]:
        for picture in inner(*given, **more):
            counted[0] += 1
            yield picture

    monkeypatch.setattr(again, "decode_planes", counting)
    return counted


def film_of(shelf: Shelf, folder: Path, takes: list[int], **first: int) -> tuple[Path, Cut]:
    keys = list(shelf.takes)
    fade = Transition(kind="crossfade", frames=6)
    clips = [
        Clip(shot=f"s01-{n:02d}", take=keys[take], frames=LENGTH, transition=fade if n > 1 else Transition())
        for n, take in enumerate(takes, 1)
    ]
    clips[0] = clips[0].model_copy(update={"frames": LENGTH, **first})
    cut = Cut(number=1, width=WIDTH, height=HEIGHT, rate=RATE, clips=clips)
    path = folder / "film.mp4"
    render_cut(cut, shelf, folder / "render", path)
    return path, cut


def same(ours: Measures, theirs: Measures) -> bool:
    arrays = [f.name for f in fields(Measures) if f.name != "samples"]
    pictures = [(s.frame, s.picture.tobytes(), s.luma.tobytes()) for s in ours.samples]
    return pictures == [(s.frame, s.picture.tobytes(), s.luma.tobytes()) for s in theirs.samples] and all(
        np.array_equal(getattr(ours, name), getattr(theirs, name), equal_nan=name not in ("width", "height"))
        for name in arrays
    )


def test_changed_film_measures_as_a_fresh_one_and_decodes_what_changed(
    tmp_path: Path, shelf: Shelf, decoded: list[int]
) -> None:
    kept = tmp_path / "kept.npz"
    path, cut = film_of(shelf, tmp_path, [0, 1, 2, 3])
    assert same(read_subject(path, kept=kept).measures, read_subject(path).measures)
    first = decoded[0]
    assert first == cut.frames + LEANS  # it is measured in two halves, and the head where they meet is seen by both
    assert same(read_subject(path, kept=kept).measures, read_subject(path).measures)
    assert decoded == [first]  # not one more

    path, cut = film_of(shelf, tmp_path, [0, 1, 4, 3])
    assert same(read_subject(path, kept=kept).measures, read_subject(path).measures)
    # The group of 5 before it, which is compared with; 42 frames of the shot and its joints; the head behind them, of
    # whose group nothing else is decoded; and the head where the halves meet.
    assert decoded[0] - first == 5 + 42 + LEANS + LEANS
    found = check_film(path, cut, kept=kept)
    assert found == check_film(path, cut) and any(f.outcome == "passed" for f in found)


@pytest.mark.parametrize("frames", [LENGTH - 5, LENGTH - 12])
def test_film_that_became_shorter_measures_as_a_fresh_one(tmp_path: Path, shelf: Shelf, frames: int) -> None:
    kept = tmp_path / "kept.npz"
    path, _ = film_of(shelf, tmp_path, [0, 1, 2, 3])
    read_subject(path, kept=kept)
    path, _ = film_of(shelf, tmp_path, [0, 1, 2, 3], frames=frames)
    assert same(read_subject(path, kept=kept).measures, read_subject(path).measures)


def test_damaged_memory_of_a_film_is_measured_anew(tmp_path: Path, shelf: Shelf, decoded: list[int]) -> None:
    kept = tmp_path / "kept.npz"
    path, cut = film_of(shelf, tmp_path, [0, 1])
    for damage in (b"", b"PK nothing", None):
        if damage is None:
            read_subject(path, kept=kept)
            damage = kept.read_bytes()[:-100]
        kept.write_bytes(damage)
        decoded[0] = 0
        assert same(read_subject(path, kept=kept).measures, read_subject(path).measures)
        assert decoded[0] == cut.frames + LEANS


@pytest.mark.parametrize("damage", ["cut short", "overwritten"])
def test_film_that_was_damaged_since_it_was_measured_is_found_so(tmp_path: Path, shelf: Shelf, damage: str) -> None:
    kept = tmp_path / "kept.npz"
    path, cut = film_of(shelf, tmp_path, [0, 1])
    assert not any(f.outcome == "failed" and f.blocking for f in check_film(path, cut, kept=kept))
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(data[:middle] + (bytes(3000) + data[middle + 3000 :] if damage == "overwritten" else b""))
    again, fresh = ({f.check for f in found if f.outcome == "failed"} for found in
                    (check_film(path, cut, kept=kept), check_film(path, cut)))  # fmt: skip
    assert again == fresh and again


@pytest.mark.parametrize(("frames", "every"), [(1, 1), (16, 1), (17, 2), (32, 2), (33, 4), (1000, 64)])
def test_samples_are_at_most_sixteen(frames: int, every: int) -> None:
    assert sampled_every(frames) == every and len(range(0, frames, every)) <= SAMPLES


def test_what_cannot_be_kept_leaves_nothing_half_written(tmp_path: Path) -> None:
    whole = again.Measures(width=1, height=1, samples=[], **{name: np.zeros(0) for name in again._BY_FRAME})
    again._write(tmp_path / "kept" / "one.npz", whole, [])

    class Broken:
        def __array__(self, *given: object, **more: object) -> np.ndarray:
            raise OSError(28, "No space left on device")

    with pytest.raises(InvalidRequest, match=r"No space left.*make room"):
        again._write(tmp_path / "kept" / "two.npz", replace(whole, **{again._BY_FRAME[0]: Broken()}), [])
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["one.npz"]
