"""A timeline that was edited in another program comes back as the next cut, and renders what it says."""

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from reelgraph.cli import main
from reelgraph.video_tools.editing.adapters import write_exchange
from reelgraph.video_tools.editing.media import probe
from reelgraph.video_tools.editing.operations import apply, read_operation
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut
from reelgraph.video_tools.project import Project

BRIEF = "A red kite climbs over a green hill. It dives. A dog barks at it."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "project"
    assert main(["make", BRIEF, "-p", str(folder), "-q", "--size", "96x64", "--rate", "24"]) == 0
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Project:
    return Project.open(shutil.copytree(made, tmp_path / "project"))


def newest(project: Project) -> Cut:
    cut = project.only_film(None).cut()
    assert cut is not None
    return cut


def said(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    main([*words, "--json"])
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_timeline_edited_elsewhere_becomes_the_next_cut(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    film, before = project.only_film(None), newest(project)
    timeline = otio.adapters.read_from_file(str(film.deliver / "film.otio"), "otio_json")
    track = timeline.video_tracks()[0]
    clips = [item for item in track if isinstance(item, otio.schema.Clip)]
    clips[-1].source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(2, 24), otio.opentime.RationalTime(5, 24)
    )
    moved = clips[-1].clone()
    del track[list(track).index(clips[-1])]
    track.insert(0, moved)
    otio.adapters.write_to_file(timeline, str(tmp_path / "edited.otio"), "otio_json")

    changes = said(capsys, "edit", "--from", str(tmp_path / "edited.otio"), "-p", str(project.root))["changes"]
    after = newest(project)
    last = before.clips[-1]
    assert [c.shot for c in after.clips] == [last.shot, *(c.shot for c in before.clips[:-1])]
    assert (after.clips[0].in_frame, after.clips[0].frames, after.parent) == (2, 5, before.number)
    assert f"{last.shot} moved to the start" in changes
    assert probe(film.deliver / "film.mp4").frames == after.frames == before.frames - last.frames + 5
    # the captions stay over the frames that they were over
    for caption in after.captions:
        home = max(i for i, start in enumerate(after.starts) if start <= caption.start)
        was = next(c for c in before.captions if c.text == caption.text)
        old = max(i for i, start in enumerate(before.starts) if start <= was.start)
        assert before.clips[old].shot == after.clips[home].shot


def test_edit_list_goes_out_and_comes_back_as_the_same_film(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    film, before = project.only_film(None), newest(project)
    made = said(capsys, "export", str(tmp_path / "out"), "-p", str(project.root), "--timeline", "edl")
    path = tmp_path / "out" / f"{film.name}.edl"
    assert str(path) in made["files"]
    assert made["lost"] == (["edl: captions: not written"] if before.captions else [])
    assert said(capsys, "edit", "--from", str(path), "-p", str(project.root))["changes"] == []
    assert newest(project).clips == before.clips and newest(project).captions == before.captions


def test_edit_list_that_cannot_hold_the_rate_is_refused(tmp_path: Path, project: Project) -> None:
    cut = newest(project).model_copy(update={"rate": Fraction(16)})
    with pytest.raises(InvalidRequest, match="cannot hold 16/1 frames a second"):
        write_exchange(cut, project.ledger, tmp_path / "a.edl")
    assert not (tmp_path / "a.edl").exists()


def test_shot_made_again_since_is_shown_with_its_new_take(project: Project) -> None:
    before = newest(project)
    swapped = before.model_copy(
        update={"clips": [c.model_copy(update={"take": "f" * 64}) if i == 1 else c for i, c in enumerate(before.clips)]}
    )
    clips = [clip.model_dump(mode="json") for clip in reversed(before.clips)]
    after = apply(swapped, read_operation({"op": "arrange", "clips": clips}))
    assert [c.take for c in after.clips] == [c.take for c in reversed(swapped.clips)]


def test_timeline_that_shows_the_same_clips_makes_no_version(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    film, before = project.only_film(None), newest(project)
    at = ["-p", str(project.root), "-q"]
    capsys.readouterr()
    assert main(["edit", "--from", str(film.deliver / "film.otio"), *at]) in (0, 1)
    assert "nothing changed" in capsys.readouterr().out and newest(project) == before


@pytest.mark.parametrize("form", ["otio", "edl", "xml", "fcpxml"])
def test_timeline_of_another_film_is_refused_and_one_that_says_nothing_is_taken(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    if form != "otio" and "cmx_3600" not in otio.adapters.available_adapter_names():
        pytest.skip("needs the extra exchange")
    film, at = project.only_film(None), ["-p", str(project.root), "-q"]
    shutil.copytree(project.root / "films" / film.name, project.root / "films" / "other")
    out = tmp_path / "out"
    timelines = [] if form == "otio" else ["--timeline", form]
    assert main(["export", str(out), "--film", film.name, *timelines, *at]) == 0
    path = out / ("film.otio" if form == "otio" else f"{film.name}.{form}")
    capsys.readouterr()
    assert main(["edit", "--from", str(path), "--film", "other", *at]) == 2
    assert f"{path.name} is a timeline of film {film.name}, not of other" in capsys.readouterr().err
    assert main(["edit", "--from", str(path), "--film", film.name, *at]) in (0, 1)
    words = path.read_text()
    path.write_text(words.replace(f'"of": "{film.name}"', '"of": ""').replace(f"reelgraph film {film.name}:", "ours"))
    assert path.read_text() != words
    assert main(["edit", "--from", str(path), "--film", "other", *at]) in (0, 1)
