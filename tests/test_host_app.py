"""An app with its own `graphs` and `memory` folders installs the wheel without any clash."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reelgraph.video_tools.editing.media import probe

ROOT = Path(__file__).parent.parent
APP = Path(__file__).parent / "host_app"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is installed, as a host's environment has it."""
    folder = tmp_path_factory.mktemp("wheel")
    # From a copy, because a build leaves folders behind, and the next wheel would hold what was deleted since.
    left = shutil.ignore_patterns(".*", "build", "dist", "film", "training", "__pycache__", "*.egg-info")
    copy = shutil.copytree(ROOT, folder / "source", symlinks=True, ignore=left)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(copy)]
    built = subprocess.run(build, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[-2000:]
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    installed = subprocess.run([*pip, str(wheel)], capture_output=True, text=True)
    assert installed.returncode == 0, installed.stderr[-2000:]
    return target


def test_wheel_installs_one_name_alone(site: Path) -> None:
    (wheel,) = site.parent.glob("*.whl")
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"reelgraph"}


def test_host_uses_both_its_own_folders_and_ours(site: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(APP / "app.py"), str(tmp_path / "project")]
    run = subprocess.run(command, capture_output=True, text=True, cwd=APP, env=environment)
    assert run.returncode == 0, run.stderr[-2000:]
    said = json.loads(run.stdout.splitlines()[-1])
    assert said["filed"] == 1 and said["films"] == ["story"]
    assert probe(Path(said["film"])).frames > 8
    own, theirs = said["files"][:2], said["files"][2:]
    assert all(Path(f).is_relative_to(APP) for f in own)
    assert all(Path(f).is_relative_to(site) for f in theirs), "the wheel is what runs, not the checkout"
