"""The stories that ship become real films by the model that ships: planned, diffused, judged, cut, remembered."""

import json
from pathlib import Path

import pytest

pytest.importorskip("diffusers")

from reelgraph.cli import main
from reelgraph.video_tools.editing.media import probe
from reelgraph.video_tools.project import Project

STORIES = sorted((Path(__file__).parents[1] / "examples" / "briefs" / "shapes").iterdir())
SHORTEST = "small-and-large.md"


@pytest.mark.parametrize(
    "story",
    [pytest.param(s, id=s.stem, marks=[] if s.name == SHORTEST else pytest.mark.slow) for s in STORIES],
)
def test_story_becomes_a_film_of_real_takes(story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--backend", "local", "--model", "shapes", "--size", "228x128", "--rate", "8"]
    status = main(["make", str(story), *given, "-p", str(tmp_path), "--json", "-q"])
    result = json.loads(capsys.readouterr().out)
    project = Project.open(tmp_path)
    film = project.film(result["name"])
    cut, board, review = film.cut(), film.storyboard(), film.verdict()
    assert cut is not None and board is not None and review is not None
    takes = {clip.shot: project.ledger.take(clip.take) for clip in cut.clips if clip.take}
    drawn = [shot.id for shot in board.shots if shot.kind == "shot"]
    assert len(drawn) >= 6 and set(takes) == {shot.id for shot in board.shots}, "no shot is a slate"
    assert {take.notes.get("pipeline", "")[:3] for id, take in takes.items() if take and id in drawn} == {"LTX"}
    judged = {id: [f for f in review.findings[id] if f.check.startswith("adherence")] for id in drawn}
    assert all(judged.values()), "the embedder of its world is asked of every shot"
    assert status == (0 if result["approved"] else 1) and result["approved"] == (result["open_notes"] == 0)
    assert probe(project.root / result["film"]).frames == cut.frames
    assert len({who for shot in board.shots for who in shot.characters}) in (2, 3)
    assert {"bible.json", "records.jsonl"} <= {path.name for path in project.memory.iterdir()}
