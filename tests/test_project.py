"""A project folder: settings that say what is wrong, one writer, numbered versions."""

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest

from reelgraph.video_tools.atomic import staged_file, staged_folder
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest, ProjectBusy
from reelgraph.video_tools.film import UPGRADES, Brief
from reelgraph.video_tools.project import Project, slug
from reelgraph.video_tools.studio import Studio


def test_new_project_has_settings_that_read_back_as_the_defaults(tmp_path: Path) -> None:
    settings = Project.open(tmp_path / "new").settings
    assert (settings.backend, settings.size, settings.rate, settings.rounds) == (
        "animatic",
        (512, 288),
        Fraction(24),
        2,
    )
    assert "reelgraph.toml" in os.listdir(tmp_path / "new")


def test_lines_that_new_settings_show_as_comments_are_legal_as_they_stand(tmp_path: Path) -> None:
    shown = re.sub(r"(?m)^# (\w+ = )", r"\1", (Project.open(tmp_path).root / "reelgraph.toml").read_text())
    (tmp_path / "reelgraph.toml").write_text(shown)
    settings = Project.open(tmp_path).settings
    assert settings.establish and settings.budget == Limits(generation_seconds=600, calls=100, money=5.0)
    assert settings.project_budget == Limits(calls=500, money=20.0)
    assert list(settings.backends) == ["local", "remote"]


def test_version_of_an_older_release_is_upgraded_a_version_at_a_time(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project.root / "films" / "sea" / "briefs"
    folder.mkdir(parents=True)
    (folder / "0001.json").write_text('{"schema_version": 7, "words": "waves", "kind": "prose"}')
    monkeypatch.setitem(
        UPGRADES, ("Brief", 7), lambda old: {"schema_version": 8, "text": old["words"], "kind": old["kind"]}
    )
    monkeypatch.setitem(
        UPGRADES, ("Brief", 8), lambda old: {"schema_version": 1, "text": old["text"], "form": old["kind"]}
    )
    assert project.film("sea").briefs() == [Brief(text="waves", form="prose")]


def test_file_of_a_newer_release_is_no_damage_but_says_to_update(project: Project) -> None:
    film = project.film("sea")
    film.add(Brief(text="waves"))
    path = film.folder / "briefs" / "0001.json"
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 2'))
    with pytest.raises(CorruptProject) as caught:
        film.briefs()
    assert str(caught.value) == (
        f"{path} is not a readable brief: a newer reelgraph wrote it (schema_version 2, and this one reads 1): "
        "update reelgraph"
    )


def test_files_that_settings_name_are_found_beside_them_from_wherever_a_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, elsewhere = tmp_path / "p", tmp_path / "elsewhere"
    for folder in (root / "own/model", root / "model", root / "shapes", elsewhere / "their/model"):
        folder.mkdir(parents=True)
    for file in (root / "own/ink.safetensors", root / "flow.json", root / "model/model_index.json"):
        file.write_text("{}")
    (root / "reelgraph.toml").write_text("""
[backends.local]
model = "own/model"
upsampler = "their/model"
adapters = {ink = "own/ink.safetensors", pair = ["own/ink.safetensors", "gone.safetensors"]}
[backends.one]
kind = "local"
model = "model"
[backends.two]
kind = "local"
model = "shapes"
[backends.music]
model = "/somewhere/else"
[backends.remote]
model = "own/model"
[backends.flow]
kind = "remote"
dialect = "comfyui"
model = "flow.json"
""")
    monkeypatch.chdir(elsewhere)
    ink = str(root / "own/ink.safetensors")
    adapters = {"ink": ink, "pair": [ink, "gone.safetensors"]}
    found = Project.open(root).backends
    assert found["local"] == {"model": str(root / "own/model"), "upsampler": "their/model", "adapters": adapters}
    models = {name: own["model"] for name, own in found.items() if name != "local"}
    assert models == {
        "one": str(root / "model"), "two": "shapes", "music": "/somewhere/else", "remote": "own/model",
        "flow": str(root / "flow.json"),
    }  # fmt: skip
    assert cast(Local, Studio(Project.open(root)).backend_for("one")).settings.model == str(root / "model")
    given = {"local": {"model": "own/model", "adapters": {"ink": "own/ink.safetensors"}}}
    asked = Project.open(root, backends=given).backends["local"]
    assert (asked["model"], asked["adapters"]["ink"]) == ("own/model", "own/ink.safetensors"), "from where it was said"
    monkeypatch.chdir(root)
    assert Project.open(root).backends == Project.open(root).settings.backends


def test_overrides_stand_over_the_file_and_none_leaves_it(tmp_path: Path) -> None:
    (tmp_path / "reelgraph.toml").write_text('rate = "25"\nrounds = 3\n[backends.local]\nmodel = "m"\nsteps = 4\n')
    settings = Project.open(tmp_path, rate=None, rounds=1, backends={"local": {"steps": 8}}).settings
    assert (settings.rate, settings.rounds) == (Fraction(25), 1)
    assert settings.backends == {"local": {"model": "m", "steps": 8}}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("size = [513, 288]", "513 must be an even number from 16 to 8192, such as 512"),
        ('rate = "fast"', "'fast' is not a frame rate"),
        ("rounds = 0", "rounds"),
        ("colour = true", "colour"),
        ("rounds = = 2", "cannot be read"),
        ("[budget]\nmoney = -1", "budget.money"),
    ],
)
def test_wrong_setting_is_named_in_one_line(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "reelgraph.toml").write_text(line)
    with pytest.raises(InvalidRequest) as caught:
        Project.open(tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(InvalidRequest, match="is a file"):
        Project.open(tmp_path / "x")


def test_versions_are_numbered_and_never_rewritten(project: Project) -> None:
    film = project.film("a-film")
    film.add(Brief(text="a ball"))
    film.add(Brief(text="a box"))
    assert [b.text for b in film.briefs()] == ["a ball", "a box"]
    assert film.next_number("briefs") == 3
    (film.folder / "briefs" / "0002.json").write_text("[]")
    with pytest.raises(CorruptProject, match=r"0002\.json"):
        film.briefs()


@pytest.mark.parametrize("name", ["../outside", "a/b", "A Film", "", "film\0"])
def test_film_name_that_could_leave_the_folder_is_refused(project: Project, name: str) -> None:
    with pytest.raises(InvalidRequest, match="is no film name"):
        project.film(name)


def test_slug_is_plain_and_stable_in_any_script() -> None:
    assert slug("The Lighthouse: Keeper's Night!") == "the-lighthouse-keeper-s-night"
    assert slug("Käse & Brot") == "kase-brot"
    assert slug("灯台守") == slug("灯台守") != slug("灯台")
    assert slug("灯台守").startswith("film-")


def test_second_writer_is_refused_and_told_who_writes(project: Project) -> None:
    with project.writing():
        with project.writing():  # the same process may
            pass
        code = (
            "import sys\nfrom reelgraph.video_tools.project import Project\n"
            "from reelgraph.video_tools.errors import ProjectBusy\n"
            f"p = Project.open({str(project.root)!r})\n"
            "try:\n  with p.writing(): print('wrote')\nexcept ProjectBusy as e: print(e)"
        )
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert f"process {os.getpid()}" in said
        assert json.loads((project.root / ".writer.json").read_text())["pid"] == os.getpid()
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "wrote\n"
    assert ProjectBusy.exit_status == 5


def test_writer_writes_through_no_link(project: Project, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.txt"
    theirs.write_text("mine")
    (project.root / ".writer.json").symlink_to(theirs)
    with project.writing():
        assert json.loads((project.root / ".writer.json").read_text())["pid"] == os.getpid()
    (project.root / ".writer.lock").unlink()
    (project.root / ".writer.lock").symlink_to(theirs)
    refused = pytest.raises(InvalidRequest, match=r"\.writer\.lock is a link, which may lead anywhere: delete it")
    with refused, project.writing():
        pass
    assert theirs.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InvalidRequest, match="cannot write"):
        Project.open(tmp_path / "p")


@pytest.mark.parametrize("staged", [staged_file, staged_folder])
def test_full_disk_is_said_as_such_and_what_cannot_be_read_is_not(
    tmp_path: Path, staged: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    place = tmp_path / "place"
    said = f"cannot write {place}: No space left on device; make room there"
    with pytest.raises(InvalidRequest, match=said), staged(place):
        raise OSError(errno.ENOSPC, "No space left on device", "/x/.tmp-1")
    with pytest.raises(FileNotFoundError), staged(place):
        (tmp_path / "none").read_bytes()
    assert not list(tmp_path.rglob(".tmp-*"))


def test_folder_that_cannot_be_made_is_refused_in_one_line() -> None:
    with pytest.raises(InvalidRequest, match="cannot write"):
        Project.open("/proc/reelgraph-cannot-be-here")
