"""Shots that are footage of one's own: shown as they are, paid for by nobody, and judged as footage."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from footage_rig import sine, write_media
from PIL import Image

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.editing.media import decode, encode_picture
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.estimate import estimate_cost
from reelgraph.video_tools.film import Storyboard, TakeRequest
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal, draw
from reelgraph.video_tools.revising import revise
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit

PLAN = "shots: [{take: clips/sea.mp4, seconds: 1}, {prompt: a red ball rolls, seconds: 1}]"


def film_a_clip(path: Path, *, size: tuple[int, int] = (96, 54), black: bool = False) -> None:
    """Write two seconds at 12 frames a second, in a size that no film here has."""
    width, height = size
    request = TakeRequest(backend="camera", prompt="the sea", width=width, height=height, frames=24, rate=Fraction(12))
    path.parent.mkdir(parents=True, exist_ok=True)
    frames: Iterator[Any] = iter(np.zeros((24, 54, 96, 3), np.uint8)) if black else iter(draw(request))
    encode_picture(frames, path, rate=Fraction(12))


def make(project: Project, backend: Rehearsal, brief: Path | str) -> dict[str, Any]:
    return run_film(FilmContext(Studio(project, backend=backend), paths=True), str(brief), film="f")


def newest(film: Film) -> Storyboard:
    board = film.storyboard()
    assert board is not None
    return board


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    film_a_clip(tmp_path / "mine" / "clips" / "sea.mp4")
    path = tmp_path / "mine" / "plan.yaml"
    path.write_text(PLAN)
    return path


def test_film_of_footage_beside_its_storyboard_is_made_without_shooting_it(project: Project, plan: Path) -> None:
    backend = Rehearsal()
    result = make(project, backend, plan)
    assert result["approved"] and (result["frames"], result["size"]) == (16, [128, 72])
    assert [request.prompt for request in backend.requests] == ["A red ball rolls. Wide shot."]
    film = project.film("f")
    board, cut = newest(film), film.cut()
    shown = project.ledger.take(board.shots[0].take)
    assert shown is not None and cut is not None and cut.clips[0].take == shown.key
    assert board.shots[0].why == [
        "shows clips/sea.mp4", "sea.mp4: has no sound: silent",
    ]  # fmt: skip
    assert (shown.request.backend, shown.frames, shown.rate, shown.notes["file"]) == ("file", 24, 12, "sea.mp4")
    assert make(project, backend, plan)["takes"] == {"generated": 0, "reused": 2, "failed": 0}
    assert len(film.storyboards()) == 1, "the plan is the same, though it names a file and the storyboard its take"
    plan.write_text(PLAN.replace("a red ball", "a blue ball"))
    again = make(project, backend, plan)
    assert (again["takes"]["generated"], newest(film).shots[0].take) == (1, shown.key)


def test_footage_with_a_silent_track_is_no_fault_and_one_that_sounds_may_be_muted(project: Project, plan: Path) -> None:
    waves = list(decode(plan.parent / "clips" / "sea.mp4"))
    for name, level in (("still", 0.0), ("loud", 0.125)):
        write_media(plan.parent / f"{name}.mp4", waves, rate=12, sound=sine(440, 2, level=level))
        plan.write_text(f"shots: [{{take: {name}.mp4, seconds: 1}}]")
        assert make(project, Rehearsal(), plan)["approved"]
    film = project.film("f")
    revise(Studio(project, backend=Rehearsal()), film, "mute shot 1")
    assert make(project, Rehearsal(), "")["approved"]
    cut, review = film.cut(), film.review()
    assert cut is not None and review is not None and cut.clips[0].gain_db == -120
    assert [f.outcome for f in review.findings["film"] if f.check == "silence"] == ["not_applicable"]


def test_edited_storyboard_may_show_a_file_of_the_inbox_and_a_picture(project: Project, plan: Path) -> None:
    backend = Rehearsal()
    make(project, backend, plan)
    Image.effect_noise((64, 48), 90).convert("RGB").save(project.inbox / "beach.png")
    written = project.film("f").folder / "storyboard.yaml"
    written.write_text(written.read_text().replace("prompt: a red ball rolls", "take: beach.png"))
    make(project, backend, "")
    (_, still) = newest(project.film("f")).shots
    take = project.ledger.take(still.take)
    assert take is not None and (take.picture, take.frames, still.prompt) == ("picture.png", 1, "beach.png")
    cut = project.film("f").cut()
    assert cut is not None and [(clip.take, clip.frames) for clip in cut.clips][1] == (take.key, 8)
    assert len(backend.requests) == 1


def test_footage_of_another_shape_is_shown_between_bars_which_are_said_and_no_fault(
    project: Project, plan: Path
) -> None:
    film_a_clip(plan.parent / "clips" / "sea.mp4", size=(54, 96))
    plan.write_text("shots: [{take: clips/sea.mp4, seconds: 2}]")
    assert make(project, Rehearsal(), plan)["approved"]
    film = project.film("f")
    review, picture = film.review(), next(decode(film.deliver / "film.mp4"))
    assert "shown whole, between bars: it is 54x96, the film 128x72" in newest(film).shots[0].why
    assert picture[:, :40].max() < 24 < picture[:, 60:70].max()
    assert review is not None and [f.outcome for f in review.findings["film"] if f.check == "letterbox"] == [
        "not_applicable"
    ]


def test_plan_in_which_other_footage_is_shown_is_another_to_whoever_said_yes(project: Project, plan: Path) -> None:
    context = FilmContext(Studio(project, backend=Rehearsal()), paths=True, approve=frozenset({"storyboard"}))
    plan.write_text("shots: [{prompt: the sea, take: clips/sea.mp4, seconds: 1}]")
    asked: list[dict[str, Any]] = []

    def yes(question: dict[str, Any]) -> bool:
        asked.append(question)
        return True

    assert run_film(context, str(plan), film="f", answer=yes)["approved"]
    film_a_clip(project.inbox / "lake.mp4", size=(64, 36))
    written = project.film("f").folder / "storyboard.yaml"
    written.write_text(written.read_text().replace(newest(project.film("f")).shots[0].take, "lake.mp4"))
    assert run_film(context, film="f", answer=yes)["approved"]
    shown = [question["shown"]["shots"][0] for question in asked]
    assert [(shot["prompt"], project.ledger.find(shot["take"]).request.prompt) for shot in shown] == [
        ("the sea", "sea.mp4"), ("the sea", "lake.mp4"),
    ]  # fmt: skip


def test_estimate_and_ceiling_are_of_what_is_shot_alone(project: Project, plan: Path) -> None:
    project = Project.open(project.root, size=(128, 72), rate="8", budget={"calls": 1}, ladder=["still"])
    studio = Studio(project, backend=Rehearsal())
    make(project, Rehearsal(), plan)
    film = project.film("f")
    cost = estimate_cost(studio, film, newest(film))
    assert cost.ready == ["s01-01"] and cost.to_make == ["s01-02"] and (cost.once.calls, cost.most.calls) == (1, 3)


def test_footage_that_fails_its_checks_is_not_shot_in_its_place(project: Project, plan: Path) -> None:
    film_a_clip(plan.parent / "clips" / "sea.mp4", black=True)
    backend = Rehearsal()
    result = make(project, backend, plan)
    review = project.film("f").review()
    assert review is not None and not result["approved"] and len(backend.requests) == 1
    assert {note.shot for note in review.notes if note.blocking} == {"s01-01"}
    assert [shot.seed for shot in newest(project.film("f")).shots[:1]] == [None]


def test_agent_shows_files_of_the_inbox_and_shoots_no_footage(project: Project) -> None:
    film_a_clip(project.inbox / "sea.mp4")
    backend = Rehearsal()
    tools = {tool.name: tool for tool in VideoToolkit(Studio(project, backend=backend), pictures=False).get_tools()}
    planned = tools["plan_storyboard"].invoke({"brief": PLAN.replace("clips/", ""), "film": "f"})
    assert "1 of 2 shots have no take (s01-02)" in planned
    for change in ({"new_seed": True}, {"prompt": "the sea at night"}):
        said = tools["generate_take"].invoke({"shot": "s01-01", **change})
        assert said.startswith("s01-01 shows footage, which is not shot")
    assert "1 take made, 1 was there" in tools["generate_take"].invoke({"shot": "all"})
    assert len(backend.requests) == 1


def test_footage_that_is_not_there_is_refused_by_name_and_nothing_outside_is_read(
    project: Project, plan: Path, tmp_path: Path
) -> None:
    film_a_clip(tmp_path / "secret.mp4")
    film_a_clip(project.inbox / "lake.mp4")
    for name in ("../secret.mp4", str(tmp_path / "secret.mp4"), "dead"):
        plan.write_text(json.dumps({"shots": [{"take": name, "seconds": 1}]}))
        with pytest.raises(InvalidRequest, match=r"s01-01 shows .*, where there is lake\.mp4: put it into"):
            make(project, Rehearsal(), plan)
    assert [path.name for path in project.inbox.iterdir()] == ["lake.mp4"]
