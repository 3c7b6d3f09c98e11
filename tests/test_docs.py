"""The documentation is true: generated pages are what would be generated, and code is run as it stands.

In the pages that are run, a block is what its fence says: `python` and `sh` are run, one after the other, in an empty
folder; `text` is what the block before it printed, line by line, with … for what differs each time; `toml` is read as
settings; `py` is somebody else's code, and `shell` is for the reader's machine.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from reelgraph.video_tools.backends.base import FrameRule
from reelgraph.video_tools.backends.named import open_backend
from reelgraph.video_tools.settings import Settings
from reelgraph.video_tools.toolkit_reference import reference

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = ["quick-start.md", "concepts.md", "resuming.md", "migrating.md"]
BLOCK = re.compile(r"^```\w+\n# (examples/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_tools_reference_is_what_the_tools_say() -> None:
    page = (ROOT / "docs" / "tools.md").read_text()
    assert page == reference(), "run: python -m reelgraph.video_tools.toolkit_reference > docs/tools.md"


@pytest.mark.parametrize("page", RUN)
def test_page_runs_as_it_stands(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    names: dict[str, object] = {"__name__": page}
    printed = ""
    for kind, code in FENCE.findall((ROOT / "docs" / page).read_text()):
        if kind == "sh":
            run = subprocess.run(
                ["bash", "-euc", code], capture_output=True, text=True, env={**os.environ, "PATH": path}
            )
            assert run.returncode == 0, f"{code}\n{run.stderr[-1500:]}"
            printed = run.stdout
        elif kind == "python":
            exec(compile(code, page, "exec"), names)
            printed = capsys.readouterr().out
        elif kind == "text":
            for line in code.splitlines():
                like = re.compile(re.escape(line).replace("…", ".*"))
                assert any(like.fullmatch(said) for said in printed.splitlines()), f"{line!r} is not in\n{printed}"
        else:
            assert kind in ("toml", "shell") or compile(code, page, "exec")


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in sorted(ROOT.glob("docs/*.md")))])
def test_what_a_block_imports_beyond_the_dependencies_is_installed_by_a_line_before_it(page: str) -> None:
    text = (ROOT / page).read_text()
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    known = {re.match(r"[\w-]+", line)[0].replace("-", "_") for line in needed}  # type: ignore[index]  # all begin so
    known |= {"av", "cv2", "yaml", "PIL", "reelgraph", "pytest", *sys.stdlib_module_names}
    for block in FENCE.finditer(text):
        own = set(re.findall(r"^# examples/(?:\S+/)*(\w+)\.py", text, re.MULTILINE))
        for name in re.findall(r"^(?:from|import) (\w+)", block[2], re.MULTILINE) if block[1] == "python" else []:
            said = re.search(rf"pip install [^`\n]*\b{name}\b", text[: block.start()])
            assert name in known | own or said, f"{page}: a block imports {name}, and nothing says what to install"


@pytest.mark.parametrize("page", ["backends.md", "resuming.md"])
def test_settings_in_the_pages_are_settings(page: str) -> None:
    blocks = [code for kind, code in FENCE.findall((ROOT / "docs" / page).read_text()) if kind == "toml"]
    for code in blocks:
        Settings.model_validate(tomllib.loads(code))
    assert blocks


def test_models_with_inputs_of_their_own_in_the_page_make_what_their_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    of_nodes = {"6": "text", "3": "seed", "40": "width height length", "52": "image"}
    nodes = {id: {"class_type": "x", "inputs": dict.fromkeys(names.split(), 1)} for id, names in of_nodes.items()}
    Path("workflow.json").write_text(json.dumps(nodes))
    fences = FENCE.findall((ROOT / "docs" / "backends.md").read_text())
    blocks = [tomllib.loads(code) for kind, code in fences if kind == "toml"]
    tables = {name: table for block in blocks for name, table in block["backends"].items() if "dialect" in table}
    can = {name: open_backend(name, tables).capabilities() for name in tables}
    assert {name: (sorted(its.modes), its.frames) for name, its in can.items()} == {
        "fal": (["image", "text"], FrameRule(step=120, offset=120, least=120, most=240)),
        "replicate": (["image", "text"], FrameRule(step=16, offset=81, least=81, most=97)),
        "comfy": (["image"], FrameRule(step=4, offset=1, least=1, most=81)),
    }


def test_file_to_paste_in_the_readme_is_the_example() -> None:
    code = (ROOT / "examples" / "film_graph.py").read_text().split('"""\n\n', 1)[1]
    assert f"```python\n# film.py\n{code}```" in (ROOT / "README.md").read_text()


def test_every_block_of_the_plug_in_page_is_the_file_it_names() -> None:
    text = (ROOT / "docs" / "writing-plugins.md").read_text()
    blocks = BLOCK.findall(text)
    assert len(blocks) == text.count("```") // 2 == 15
    for name, code in blocks:
        assert (ROOT / name).read_text() == code, f"docs/writing-plugins.md differs from {name}"


@pytest.mark.parametrize("page", ["tools.md", "writing-plugins.md"])
def test_names_in_the_pages_exist(page: str) -> None:
    """What stands in backticks as `video_tools.x.Y` or the like can be imported."""
    from importlib import import_module

    text = (ROOT / "docs" / page).read_text()
    for room, rest in re.findall(r"`(video_tools|graphs|memory)\.([\w.]+)`", text):
        parts = f"reelgraph.{room}.{rest}".split(".")
        for cut in range(len(parts), 0, -1):
            try:
                found = import_module(".".join(parts[:cut]))
                break
            except ModuleNotFoundError:
                continue
        for name in parts[cut:]:
            found = getattr(found, name)
