"""What is delivered is the newest cut: a version is written once its film is there, and no other film is judged."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.care import verify_film
from reelgraph.video_tools.cutting import edit_cut
from reelgraph.video_tools.editing import render
from reelgraph.video_tools.errors import InvalidRequest, ProjectBusy
from reelgraph.video_tools.film import Cut
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.reviewing import deliver_cut, export_cut, review_cut
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import add_storyboard

BRIEF = "shots: [{prompt: waves, seconds: 2}, {prompt: a gull, seconds: 2}]"
TRIM = {"op": "trim", "clip": "s01-01", "tail": 4}


@pytest.fixture
def studio(project: Project) -> Studio:
    studio = Studio(project, backend=Rehearsal())
    run_film(FilmContext(studio), BRIEF, film="f")
    return studio


def everything(film: Film) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in film.folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("fails", [render, "srt"], ids=["render", "captions"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_edit_that_cannot_be_rendered_leaves_the_film_as_it_was(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, fails: object, error: type[BaseException]
) -> None:
    def stop(*args: object, **more: object) -> None:
        raise error("no space left")

    film = studio.project.film("f")
    before = everything(film)
    with monkeypatch.context() as patch:
        if fails is render:
            patch.setattr(render, "render_cut", stop)
        else:
            patch.setattr("reelgraph.video_tools.editing.captions.write_srt", stop)
        with pytest.raises(error):
            edit_cut(studio, film, [TRIM])
    assert everything(film) == before
    after = edit_cut(studio, film, [{"op": "trim", "clip": "s01-02", "tail": 2}])
    assert [edit["clip"] for edit in after.edits] == ["s01-02"], "the edit that failed is laid over no later cut"


def test_crash_while_a_film_takes_its_place_is_noticed_by_what_says_which_cut_it_is_of(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def crash(source: Path, target: Path) -> None:
        if Path(target).name == "film.srt":
            raise KeyboardInterrupt
        replace(source, target)

    film = studio.project.film("f")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            edit_cut(studio, film, [TRIM])
    with pytest.raises(InvalidRequest, match=r"film\.mp4 is not of cut 2 yet"):
        export_cut(film, tmp_path / "out")


def test_film_of_another_cut_is_neither_judged_nor_exported(studio: Studio, tmp_path: Path) -> None:
    film = studio.project.film("f")
    cut, board = film.cut(), film.storyboard()
    assert cut is not None and board is not None
    newer = Cut.model_validate({**cut.model_dump(), "number": cut.number + 1, "parent": cut.number})
    film.add(newer)  # as a crash between the two leaves it
    doing: list[Callable[[], Any]] = [
        lambda: review_cut(studio, film, board, newer),
        lambda: export_cut(film, tmp_path / "out"),
        lambda: deliver_cut(studio.project, film, "gif", tmp_path / "out"),
    ]
    for do in doing:
        with pytest.raises(InvalidRequest, match=r"film\.mp4 is not of cut 2 yet: `reelgraph cut --film f`, or"):
            do()
    assert not (tmp_path / "out").exists()
    assert [(problem.path.name, problem.message) for problem in verify_film(film)] == [
        ("film.mp4", "is of cut 1, and the newest is 2; `reelgraph cut --film f` renders it again")
    ]


def test_film_that_is_cut_anew_while_it_is_copied_is_not_exported_in_parts(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, copy = studio.project.film("f"), shutil.copyfile

    def cut_anew(source: Path, target: Path) -> None:
        copy(source, target)
        if source.name == "film.mp4":
            edit_cut(studio, film, [TRIM])

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", cut_anew)
        with pytest.raises(ProjectBusy, match="film f was cut anew while it was copied: export it again"):
            export_cut(film, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert [path.name for path in export_cut(film, tmp_path / "out")] == [
        "film.mp4",
        "film.otio",
        "film.srt",
        "provenance.json",
    ]


def test_what_is_rendered_for_another_form_no_other_process_sweeps(studio: Studio, tmp_path: Path) -> None:
    film, out, own = studio.project.film("f"), tmp_path / "out", FileLock(studio.project.root / ".writer.lock")
    with own:  # as another process holds it, that may sweep render/
        assert deliver_cut(studio.project, film, "gif", out).exists()
        with pytest.raises(ProjectBusy):
            deliver_cut(studio.project, film, "gif", out, loudness=-20)
    assert deliver_cut(studio.project, film, "gif", out, loudness=-20).exists()


def test_edit_of_a_cut_names_the_plan_that_it_was_cut_from(studio: Studio) -> None:
    film = studio.project.film("f")
    board = film.storyboard()
    assert board is not None
    add_storyboard(studio, film, board.model_copy(update={"number": board.number + 1, "title": "Another"}))
    assert (film.deliver / "report.html").exists()
    assert edit_cut(studio, film, [TRIM]).storyboard == board.number
    assert not (film.deliver / "report.html").exists(), "it spoke of the cut before"
    said = json.loads((film.deliver / "provenance.json").read_text(encoding="utf-8"))
    assert said["storyboard"]["number"] == board.number
    timeline = json.loads((film.deliver / "film.otio").read_text(encoding="utf-8"))
    assert timeline["name"] != "Another"
