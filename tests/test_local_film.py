"""A film shot by a real diffusers pipeline, from the command line: asked, made and used are on every take."""

import json
from pathlib import Path

import pytest
import torch
from tiny_pipelines import build

from reelgraph.cli import main
from reelgraph.video_tools.editing.media import decode, probe
from reelgraph.video_tools.project import Project

torch.set_num_threads(1)


@pytest.mark.parametrize("name", ["wan", "ltx"])
def test_film_is_shot_by_a_model_in_a_folder(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = build(name, tmp_path / "model")
    (tmp_path / "brief.yaml").write_text(
        "shots: [{prompt: a fox runs, seconds: 1}, {prompt: a hare hides, seconds: 1}]"
    )
    words = [
        "make",
        str(tmp_path / "brief.yaml"),
        "-p",
        str(tmp_path / "p"),
        "--backend",
        "local",
        "--model",
        str(model),
    ]
    words += ["--size", "64x64", "--rate", "16", "--rounds", "1", "--json", "-q"]
    status = main(words)
    result = json.loads(capsys.readouterr().out)
    # Whatever the critic thinks of what random weights draw, and cuts of it, the film is there, with what was measured.
    assert status == (0 if result["approved"] else 1) and result["approved"] == (result["open_notes"] == 0)
    assert result["backend"] == "local" and result["model"] == str(model)
    assert result["takes"] == {"generated": 2, "reused": 0, "failed": 0}
    assert result["frames"] <= 32 and result["rate"] == "16/1"
    film = tmp_path / "p" / result["film"]
    assert probe(film).frames == len(list(decode(film))) == result["frames"]
    takes = list(Project.open(tmp_path / "p").ledger.takes())
    assert {(t.frames, t.rate, t.width, t.height) for t in takes} == {(17, 16, 64, 64)}
    assert [(s["what"], s["asked"], s["made"]) for s in result["substitutions"]] == [("frames", "16", "17")] * 2
    assert all(t.request.model and t.notes for t in takes)
    main(words)
    again = json.loads(capsys.readouterr().out)
    assert again["takes"] == {"generated": 0, "reused": 2, "failed": 0}


def test_model_that_is_not_there_is_refused_before_anything_is_shot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(
        ["make", "A fox runs.", "-p", str(tmp_path / "p"), "--backend", "local", "--model", str(tmp_path / "no"), "-q"]
    )
    said = capsys.readouterr().err
    assert status == 2 and len(said.splitlines()) == 1 and str(tmp_path / "no") in said
