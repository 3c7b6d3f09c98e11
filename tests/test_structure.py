"""The shape of the package: what is installed, what imports what, and what starting costs."""

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("graphs", "memory", "video_tools")
SOURCES = [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))]
HEAVY = (
    "torch",
    "diffusers",
    "transformers",
    "chromadb",
    "langgraph",
    "langchain_core",
    "moviepy",
    "numpy",
    "av",
    "cv2",
)


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, (
                f"{path}: relative import; LangGraph Server loads files by path, so imports are absolute"
            )
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    behind = ROOMS[: ROOMS.index(room)]
    wrong = {name for name in imports_of(path) for other in behind if name.startswith(f"reelgraph.{other}")}
    assert not wrong, f"{room} may not import {wrong}: imports run graphs -> memory -> video_tools"
    assert not {n for n in imports_of(path) if n.split(".")[0] in ROOMS}, (
        "import as reelgraph.<room>: a second copy otherwise"
    )


def test_packaging_lists_every_folder() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {f"reelgraph.{'.'.join(p.parent.relative_to(ROOT).parts)}" for p in SOURCES if p.name == "__init__.py"}
    folders |= {
        ".".join(("reelgraph", *p.parent.relative_to(ROOT / "src/reelgraph").parts))
        for p in (ROOT / "src/reelgraph").rglob("__init__.py")
        if not set(p.relative_to(ROOT / "src/reelgraph").parts) & set(ROOMS)
    }
    assert set(tool["packages"]) == folders
    homeless = [p for p in SOURCES if not (p.parent / "__init__.py").exists()]
    assert not homeless, "a folder without __init__.py is not installed"


def test_data_files_are_packaged() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    patterns = tool["package-data"]["*"]
    packages = {ROOT / d for d in [*ROOMS]} | {p.parent for p in SOURCES if p.name == "__init__.py"}
    covered = {match for folder in packages for pattern in patterns for match in folder.glob(pattern)}
    tracked = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    data = {ROOT / name for name in tracked.stdout.split() if not name.endswith(".py")}
    assert data <= covered, f"not in the wheel: {sorted(map(str, data - covered))}"


@pytest.mark.parametrize("words", [["--help"], ["make", "--help"], ["--version"]], ids=" ".join)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\nfrom reelgraph.cli import main\n"
        f"try: main({words!r})\nexcept SystemExit: pass\n"
        f"print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ})
    assert out.stdout.splitlines()[-1] == "LOADED []", out.stdout[-300:] + out.stderr[-300:]


def test_listing_backends_by_name_imports_none_of_them() -> None:
    code = (
        "import sys\nfrom reelgraph.video_tools.registry import names\nprint(names('reelgraph.backends'))\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert out == ["['animatic', 'local', 'music', 'remote']", "[]"]


def test_constraints_for_moviepy_differ_from_the_others_by_its_own_pins_alone() -> None:
    pins = [
        {line for line in (ROOT / name).read_text().splitlines() if line and line[0] != "#"}
        for name in ("constraints.txt", "constraints-moviepy.txt")
    ]
    assert {pin.split("==")[0].lower() for pin in pins[0] ^ pins[1]} == {"pillow", "moviepy", "proglog", "decorator"}
