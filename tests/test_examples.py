"""Every example runs as it stands, with no key, no GPU and no network, and prints a playable path."""

import runpy
import sys
from pathlib import Path

import pytest
from langchain_core.messages import ToolMessage

from reelgraph.video_tools.editing.media import probe
from reelgraph.video_tools.project import Project

FOLDER = Path(__file__).parent.parent / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_prints_a_playable_path(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Project.open(tmp_path / "project")
    settings = project.root / "reelgraph.toml"  # smaller pictures, for the sake of time; the code is the example's own
    settings.write_text(settings.read_text().replace("[512, 288]", "[256, 144]").replace('"24/1"', '"12"'))
    monkeypatch.setattr(sys, "argv", [str(example), str(project.root)])
    monkeypatch.chdir(tmp_path)
    ran = runpy.run_path(str(example), run_name="__main__")
    agents = [value["messages"] for value in ran.values() if isinstance(value, dict) and "messages" in value]
    results = [message for messages in agents for message in messages if isinstance(message, ToolMessage)]
    assert [result.content for result in results if result.status == "error"] == []
    assert bool(results) == ("VideoToolkit" in ran), "an agent's tools were called, and only there"
    facts = probe(tmp_path / capsys.readouterr().out.splitlines()[-1])
    assert facts.frames > 12 and facts.has_sound


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_says_what_it_needs_and_how_to_switch_to_a_real_model(example: Path) -> None:
    text = example.read_text()
    assert "Needs:" in text and "For a " in text
    assert f"python examples/{example.name}" in text
