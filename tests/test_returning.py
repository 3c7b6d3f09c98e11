"""Every edit can be taken back: the cut before is the next version again, and its film the same bytes."""

import shutil
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

from reelgraph.cli import main
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.cutting import edit_cut, return_to
from reelgraph.video_tools.editing.compare import diff
from reelgraph.video_tools.editing.media import write_wav
from reelgraph.video_tools.editing.operations import Operation
from reelgraph.video_tools.film import Waiting
from reelgraph.video_tools.importing import import_footage, put
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rebasing import laid_over
from reelgraph.video_tools.studio import Studio

STILL, MUSIC = "still", "music"  # stand for the keys of what is imported

EDITS: list[dict[str, Any]] = [
    {"op": "trim", "clip": "s01-01", "head": 2, "tail": 1},
    {"op": "split", "clip": "s01-01", "at": 5},
    {"op": "move", "clip": "s01-01"},
    {"op": "swap_take", "clip": "s01-02", "take": STILL},
    {"op": "replace", "clip": "s01-02", "new": {"shot": "s01-09", "take": STILL, "frames": 9}},
    {"op": "insert", "new": {"shot": "s01-09", "take": STILL, "frames": 7}, "before": "s01-02"},
    {"op": "arrange", "clips": [{"shot": "s01-09", "take": STILL, "frames": 12}]},
    {"op": "delete", "clip": "s01-01"},
    {"op": "transition", "clip": "s01-02", "transition": {"kind": "push", "frames": 5}},
    {"op": "speed", "clip": "s01-01", "speed": "-1/2"},
    {"op": "volume", "clip": "s01-03", "gain_db": -12},
    {"op": "effects", "clip": "s01-01", "effects": [{"name": "mirror"}]},
    {"op": "titles", "titles": [{"start": 0, "frames": 8, "text": "Kites"}]},
    {"op": "captions", "captions": [{"start": 0, "frames": 8, "text": "Look"}], "burn": True},
    {"op": "insets", "insets": [{"take": STILL, "start": 2, "frames": 6}]},
    {"op": "sounds", "sounds": [{"take": MUSIC, "start": 0, "frames": 12}]},
    {"op": "narrate", "take": MUSIC, "start": 3, "frames": 8, "captions": [{"start": 1, "frames": 5, "text": "Once"}]},
    {"op": "loudness", "loudness": -20},
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("made")
    brief = "A red kite climbs over a green hill. It dives."
    assert main(["make", brief, "-p", str(folder / "p"), "-q", "--size", "96x64", "--rate", "8"]) == 0
    Image.fromarray(np.full((64, 96, 3), 200, np.uint8)).save(folder / "still.png")
    tone = np.sin(np.arange(96_000) / 20).astype(np.float32)[:, None] * 0.2
    write_wav(Sound(tone, 48_000), folder / "music.wav")
    studio = Studio(Project.open(folder / "p"))
    keys = {name: import_footage(studio, put(studio, folder / f"{name}{end}")).take.key
            for name, end in ((STILL, ".png"), (MUSIC, ".wav"))}  # fmt: skip
    film = studio.project.only_film(None)
    cut = film.cut()
    assert cut is not None
    heard = {"op": "insert", "new": {"shot": "s01-03", "take": keys[MUSIC], "frames": 10}}
    edit_cut(studio, film, [heard])
    return folder / "p", keys


def named(value: Any, keys: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {k: named(v, keys) for k, v in value.items()}
    if isinstance(value, list):
        return [named(v, keys) for v in value]
    return keys.get(value, value) if isinstance(value, str) else value


def test_every_edit_is_tried_here() -> None:
    union = get_args(get_args(Operation)[0])
    assert {edit["op"] for edit in EDITS} == {model.model_fields["op"].default for model in union}


def test_edit_that_does_not_fit_a_cut_waits_in_its_place_for_one_that_it_fits(
    made: tuple[Path, dict[str, str]],
) -> None:
    studio = Studio(Project.open(made[0]))
    cut = studio.project.only_film(None).cut(1)
    assert cut is not None
    trim, mirror = {"op": "trim", "clip": "s01-01", "tail": 6}, {"op": "effects", "clip": "s01-02", "effects": []}
    again, louder = {"op": "trim", "clip": "s01-01", "tail": 1}, {"op": "loudness", "loudness": -20}
    short = cut.model_copy(update={"clips": [cut.clips[0].model_copy(update={"frames": 4}), *cut.clips[1:]]})

    laid, dropped = laid_over(short, [mirror, trim, again], studio)
    assert [edit for edit, _ in dropped] == [trim] and "trim leaves -2 frames" in dropped[0][1]
    assert (laid.edits, laid.waiting) == ([mirror, again], [Waiting(behind=1, edit=trim)])
    still, dropped = laid_over(short, laid.edits, studio, waiting=laid.waiting, wanted=[louder, trim])
    assert (still.edits, still.waiting, dropped) == ([mirror, again, louder], laid.waiting, []), "it is said once"
    back, dropped = laid_over(cut, still.edits, studio, waiting=still.waiting)
    assert (back.edits, back.waiting, dropped) == ([mirror, trim, again, louder], [], [])
    assert back.clips[0].frames == cut.clips[0].frames - 7
    for more in ({"why": "black:trim"}, {"only_take": "0" * 64}):
        laid, dropped = laid_over(short, [{**trim, **more}], studio)
        assert (laid.edits, laid.waiting, len(dropped)) == ([], [], 1), "what mended a take goes with it"


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit["op"])
def test_edit_taken_back_gives_the_same_film(
    tmp_path: Path, made: tuple[Path, dict[str, str]], edit: dict[str, Any]
) -> None:
    studio = Studio(Project.open(shutil.copytree(made[0], tmp_path / "p")))
    film = studio.project.only_film(None)
    before, picture = film.cut(), film.deliver / "film.mp4"
    assert before is not None
    shown = picture.read_bytes()
    after = edit_cut(studio, film, [named(edit, made[1])])
    assert after.parent == before.number and diff(before, after)
    assert picture.read_bytes() != shown
    again = return_to(studio, film, before.number)
    assert (again.number, again.parent) == (after.number + 1, after.number) and diff(before, again) == []
    assert again.model_copy(update={"number": before.number, "parent": before.parent}) == before
    assert picture.read_bytes() == shown
    assert film.cut(after.number) == after  # what came between stays
