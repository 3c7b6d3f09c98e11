"""A film shot by a real diffusers pipeline, from the command line: asked, made and used are on every take."""

import json
from pathlib import Path

import pytest
import torch
from tiny_pipelines import build

from reelgraph.cli import main
from reelgraph.video_tools.editing.media import decode, probe
from reelgraph.video_tools.film import Cut
from reelgraph.video_tools.project import Project

torch.set_num_threads(1)


def _trimmed(cut: Cut) -> int:
    """Count the frames that the critic's edits took away."""
    return sum(int(str(edit.get("head", 0))) + int(str(edit.get("tail", 0))) for edit in cut.edits)


@pytest.mark.parametrize(
    ("name", "rate", "planned", "legal"), [("wan", 16, (15, 48), (17, 49)), ("ltx", 24, (20, 24), (25, 25))]
)
def test_film_of_a_model_in_a_folder_has_exactly_the_planned_frames(
    name: str,
    rate: int,
    planned: tuple[int, int],
    legal: tuple[int, int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = build(name, tmp_path / "model")
    one, two = (frames / rate for frames in planned)
    (tmp_path / "brief.yaml").write_text(
        f"shots: [{{prompt: a fox runs, seconds: {one:.6f}}}, {{prompt: a hare hides, seconds: {two:.6f}}}]"
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
    words += ["--size", "64x64", "--rate", str(rate), "--rounds", "1", "--json", "-q"]
    status = main(words)
    result = json.loads(capsys.readouterr().out)
    # Whatever the critic thinks of what random weights draw, the film is there; its first cut is as long as planned.
    assert status == (0 if result["approved"] else 1) and result["approved"] == (result["open_notes"] == 0)
    assert result["backend"] == "local" and result["model"] == str(model)
    assert result["takes"] == {"generated": 2, "reused": 0, "failed": 0}
    cuts = Project.open(tmp_path / "p").film("brief").cuts()
    assert cuts[0].edits == [] and [clip.frames for clip in cuts[0].clips] == list(planned)
    assert result["frames"] == cuts[-1].frames == sum(planned) - _trimmed(cuts[-1]) and result["rate"] == f"{rate}/1"
    film = tmp_path / "p" / result["film"]
    assert probe(film).frames == len(list(decode(film))) == result["frames"]
    takes = list(Project.open(tmp_path / "p").ledger.takes())
    assert sorted(t.frames for t in takes) == sorted(legal)
    assert {(t.rate, t.width, t.height) for t in takes} == {(rate, 64, 64)}
    assert [(s["what"], s["asked"], s["made"]) for s in result["substitutions"]] == [
        ("frames", str(asked), str(made)) for asked, made in zip(planned, legal, strict=True)
    ]
    assert all(t.request.model and t.notes for t in takes)
    main(words)
    again = json.loads(capsys.readouterr().out)
    assert again["takes"] == {"generated": 0, "reused": 2, "failed": 0}
    # Another film on this machine is priced by the slowest take so far, with half of it on top.
    (tmp_path / "other.yaml").write_text(f"shots: [{{prompt: an owl wakes, seconds: {two:.6f}, steps: 10}}]")
    main(["plan", str(tmp_path / "other.yaml"), *words[2:-2], "--json", "-q"])
    capsys.readouterr()
    main(["estimate", "-p", str(tmp_path / "p"), "--film", "other", "--json"])
    once = json.loads(capsys.readouterr().out)["once"]
    steps = {"wan": 50, "ltx": 50}[name]
    slowest = max(t.spent.generation_seconds / (64 * 64 * t.frames * steps) for t in takes)
    assert once["generation_seconds"] == pytest.approx(1.5 * slowest * 64 * 64 * legal[1] * 10, rel=1e-3)


def test_model_that_is_not_there_is_refused_before_anything_is_shot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(
        ["make", "A fox runs.", "-p", str(tmp_path / "p"), "--backend", "local", "--model", str(tmp_path / "no"), "-q"]
    )
    said = capsys.readouterr().err
    assert status == 2 and len(said.splitlines()) == 1 and str(tmp_path / "no") in said


def test_length_that_was_asked_for_and_cannot_be_kept_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = build("mochi", tmp_path / "model")
    main(
        [
            "plan",
            "A film of 90 seconds. A fox runs.",
            "-p",
            str(tmp_path / "p"),
            "--backend",
            "local",
            "--model",
            str(model),
        ]
    )
    assert (
        "s01-01: length 90 s became 5.4 s: local makes no longer takes, and none that go on from a frame"
        in capsys.readouterr().err
    )
