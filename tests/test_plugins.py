"""The tutorial plug-ins, installed as a stranger installs them, pass the kits and are found by name."""

import os
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "examples" / "plugins"
PLUGINS = sorted(p.parent for p in FOLDER.glob("*/pyproject.toml"))


def test_there_is_one_for_each_thing_that_can_be_extended() -> None:
    assert [p.name for p in PLUGINS] == ["bright_start", "catalogue", "lawyer", "letters", "litany", "sepia", "stripes"]


def test_each_is_small_enough_to_type() -> None:
    for plugin in PLUGINS:
        assert len((plugin / f"{plugin.name}.py").read_text().splitlines()) <= 50


def test_plugins_installed_from_their_own_folders_pass_the_kits(tmp_path: Path) -> None:
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    copies = []
    for plugin in PLUGINS:  # a build leaves folders beside the sources
        copy = tmp_path / plugin.name
        copy.mkdir()
        for file in plugin.iterdir():
            if file.is_file():
                (copy / file.name).write_bytes(file.read_bytes())
        copies.append(str(copy))
    installed = subprocess.run([*pip, "--target", str(site), *copies], capture_output=True, text=True)
    assert installed.returncode == 0, installed.stderr[-2000:]
    tests = [str(plugin / f"test_{plugin.name}.py") for plugin in PLUGINS]
    config = Path(__file__).parent.parent / "pyproject.toml"
    options = ["-q", "-p", "no:cacheprovider", "-c", str(config), f"--rootdir={tmp_path}"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-500:]
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed and int(passed[1]) > 50
