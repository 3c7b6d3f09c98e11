"""`reelgraph memory`, as a person types it."""

import json
from pathlib import Path

import pytest

from reelgraph.cli import main
from reelgraph.memory.opening import open_memory
from reelgraph.memory.state import read_state
from reelgraph.video_tools.project import Project

FIRST = "Oda, an old woman in a yellow raincoat, lights the lamp of the lighthouse."


def said(capsys: pytest.CaptureFixture[str], project: Path, *words: str) -> list[str]:
    assert main(["memory", *words, "-p", str(project)]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_film_begins_with_a_cast_that_somebody_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["--description", "a woman in a yellow raincoat", "--colour", "#f0c020", "--adapter", "oda-v1:0.8",
             "--adapter", "ink", "--alias", "the keeper", "--voice", "low"]  # fmt: skip
    assert said(capsys, tmp_path, "add-character", "Oda Voss", *typed) == ["Oda Voss is known as oda-voss"]
    shown = "Oda Voss: a woman in a yellow raincoat  #f0c020  by the adapter oda-v1  by the adapter ink"
    assert said(capsys, tmp_path, "show") == [f"oda-voss             {shown}", "0 shots remembered"]
    (oda,) = open_memory(Project.open(tmp_path)).bible_for("The keeper sleeps").characters
    assert [(a.name, a.scale) for a in oda.adapters] == [("oda-v1", 0.8), ("ink", 1.0)]
    assert oda.voice == "low"


def test_index_that_is_built_anew_is_filled_by_the_embedder_of_the_films_world(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    drawn = ["--backend", "local", "--model", "shapes"]
    assert main(["plan", "A red ball rolls.", "--film", "first", *drawn, "-q", "-p", str(tmp_path)]) == 0
    capsys.readouterr()
    assert said(capsys, tmp_path, "rebuild") == ["0 shots remembered"]
    assert read_state(tmp_path / "memory").picture_spec == "clip:shapes_clip"


@pytest.mark.parametrize("adapter", ["ink:", "ink:much", "ink:nan"])
def test_adapter_that_is_none_is_refused(adapter: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", "add-character", "Oda", "--adapter", adapter, "-p", str(tmp_path)]) == 2
    assert "is not NAME or NAME:SCALE: write it such as ink:0.8" in capsys.readouterr().err


def test_what_is_remembered_of_a_film_is_shown_with_its_reasons_forgotten_and_rebuilt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["make", FIRST, "--film", "first", "--size", "128x72", "--rate", "8", "-q", "-p", str(tmp_path)]) == 0
    capsys.readouterr()
    lines = said(capsys, tmp_path, "show")
    assert lines[-1] == "1 shot remembered"
    assert [line.split()[0] for line in lines[:-1]] == ["oda"]
    for what in ("first", "first/s01-01", "oda"):
        shown, *why = said(capsys, tmp_path, "show", what)
        assert shown.startswith("first s01-01 approved: ") and "lights the lamp" in shown
        assert why and all(line.startswith("    passed ") for line in why)
    assert said(capsys, tmp_path, "rebuild") == ["1 shot remembered"]
    assert said(capsys, tmp_path, "forget", "first") == ["forgot 1 entry"]
    assert said(capsys, tmp_path, "show")[-1] == "0 shots remembered"
    assert main(["memory", "show", "first", "-p", str(tmp_path)]) == 2
    assert "no shot of 'first' is remembered" in capsys.readouterr().err


def test_bible_goes_from_one_project_to_another_and_says_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    said(capsys, one, "add-character", "Oda", "--description", "an old woman")
    assert said(capsys, two, "import", str(one)) == ["the bible has 1 character and 0 places now"]
    said(capsys, two, "add-character", "Oda", "--description", "a girl")
    assert said(capsys, two, "export", str(tmp_path / "bible.json")) == [f"the bible is in {tmp_path / 'bible.json'}"]
    assert said(capsys, one, "import", str(tmp_path / "bible.json")) == [
        "the bible has 1 character and 0 places now",
        "character:oda: description stays 'an old woman', not 'a girl'",
    ]
    assert main(["memory", "show", "--json", "-p", str(two)]) == 0
    assert json.loads(capsys.readouterr().out)["bible"]["characters"][0]["description"] == "a girl"


@pytest.mark.parametrize("action", ["add-character", "forget", "export", "import"])
def test_action_that_lacks_its_name_says_so(action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Project.open(tmp_path)
    assert main(["memory", action, "-p", str(tmp_path)]) == 2
    assert f"memory {action} needs a name or a path after it" in capsys.readouterr().err


def test_showing_the_memory_of_no_project_makes_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", "show", "-p", str(tmp_path)]) == 2
    assert list(tmp_path.iterdir()) == []
