"""What stands of a storyboard's shots when somebody changes the file that they were written in."""

import json
from typing import Any

import pytest

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Shot, Storyboard
from reelgraph.video_tools.planning.files import storyboard_from_text, storyboard_to_yaml
from reelgraph.video_tools.planning.patch import StoryboardPatch
from reelgraph.video_tools.planning.written import rewritten
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import add_storyboard, newest_storyboard, open_film, plan_storyboard

BALL, BOAT, DOG = "a red ball rolls over the dunes", "a boat sails on a lake", "a dog digs in the sand"
WAVES = "waves close over the beach"


def text_of(*shots: Any, **more: Any) -> str:
    listed = [{"prompt": shot} if isinstance(shot, str) else shot for shot in shots]
    return json.dumps({"shots": [{"seconds": 2, **shot} for shot in listed], **more})


PLANNED = storyboard_from_text(text_of(BALL, BOAT, DOG))
TRIED = {"prompt": f"{BOAT}, in bright light", "seed": 7, "tried": ["black:more_light"], "size": "close"}


def with_shots(*shots: Shot) -> Storyboard:
    (scene,) = PLANNED.scenes
    return PLANNED.model_copy(update={"scenes": [scene.model_copy(update={"shots": list(shots)})]})


def merged(old: Storyboard, *shots: Any, planned: Storyboard = PLANNED, **more: Any) -> StoryboardPatch:
    return rewritten(old, storyboard_from_text(text_of(*shots, **more), earlier=[planned, old]), planned)


def ids(patch: StoryboardPatch) -> list[str]:
    return [shot.id for shot in patch.storyboard.shots]


def test_what_was_made_of_a_shot_stands_key_by_key_where_the_writer_says_the_same() -> None:
    ball, boat, dog = PLANNED.shots
    mended = boat.model_copy(update=TRIED)
    patch = merged(with_shots(ball, mended, dog), WAVES, BALL, BOAT, DOG)
    assert (ids(patch), patch.storyboard.shots[2]) == (["s01-04", "s01-01", "s01-02", "s01-03"], mended)
    assert (patch.kept, patch.added, patch.unpinned) == (["s01-01", "s01-02", "s01-03"], ["s01-04"], ["s01-04"])
    patch = merged(with_shots(ball, mended, dog), BALL, {"prompt": BOAT, "size": "full", "negative": "text"}, DOG)
    now = mended.model_copy(update={"size": "full", "negative": "text"})
    assert (patch.storyboard.shots[1], patch.changed) == (now, {"s01-02": ["size"]})
    patch = merged(with_shots(ball, mended, dog), BALL, "a blue boat sails on a lake", DOG)
    assert patch.storyboard.shots[1] == mended.model_copy(update={"prompt": "a blue boat sails on a lake"})


def test_shots_stay_taken_out_put_in_and_where_somebody_put_them() -> None:
    ball, boat, dog = PLANNED.shots
    lamp = boat.model_copy(update={"id": "s01-09", "prompt": "a lighthouse blinks"})
    assert ids(merged(with_shots(ball, dog), WAVES, BALL, BOAT, DOG)) == ["s01-04", "s01-01", "s01-03"]
    assert ids(merged(with_shots(ball, dog), BALL, "a blue boat sails on a lake", DOG))[1] == "s01-04", "told otherwise"
    assert ids(merged(with_shots(ball, lamp, boat, dog), BALL, BOAT)) == ["s01-01", "s01-09", "s01-02"]
    assert ids(merged(with_shots(dog, ball, boat), BALL, BOAT, DOG, WAVES)) == ["s01-03", "s01-01", "s01-02", "s01-04"]
    assert ids(merged(with_shots(dog, ball, boat), BOAT, BALL, DOG)) == ["s01-02", "s01-01", "s01-03"], "another order"
    with pytest.raises(InvalidRequest, match="--replan plans it afresh"):
        merged(with_shots(dog), BALL, BOAT)


def test_halves_of_a_shot_stand_until_it_is_told_otherwise() -> None:
    ball, boat, dog = PLANNED.shots
    half = {"seconds": 1.0, "tried": ["short:split"]}
    halves = [boat.model_copy(update={**half, "id": id}) for id in ("s01-02", "s01-02b")]
    patch = merged(with_shots(ball, *halves, dog), BALL, BOAT, DOG, WAVES)
    assert [(s.id, s.seconds) for s in patch.storyboard.shots][1:3] == [("s01-02", 1), ("s01-02b", 1)]
    patch = merged(with_shots(ball, *halves, dog), BALL, "a boat sails on a calm lake", DOG)
    assert [(s.id, s.seconds) for s in patch.storyboard.shots][1:] == [("s01-02", 2), ("s01-03", 2)]
    fade = {"kind": "crossfade", "frames": 12}
    for one in ({"seconds": 6}, {"transition": fade}, {"continues": True}):
        boat_now = merged(with_shots(ball, *halves, dog), BALL, {"prompt": BOAT, **one}, DOG).storyboard.shots[1:-1]
        assert [(s.id, s.seconds, s.continues) for s in boat_now] == [
            ("s01-02", one.get("seconds", 2), one.get("continues", False))
        ]


def test_halves_that_were_written_out_stand_each_for_itself() -> None:
    ball, boat, dog = PLANNED.shots
    halves = [boat.model_copy(update={"seconds": 1.0, "id": id}) for id in ("s01-02", "s01-02b")]
    planned, old = (with_shots(ball.model_copy(update={"seed": seed}), *halves, dog) for seed in (None, 7))
    edited = planned.with_shots([halves[1].model_copy(update={"size": "close"})])
    shots = rewritten(old, edited, planned).storyboard.shots
    assert [(s.id, s.size, s.seed) for s in shots[:3]] == [
        ("s01-01", "wide", 7), ("s01-02", "wide", None), ("s01-02b", "close", None),
    ]  # fmt: skip
    assert [s.id for s in rewritten(old, with_shots(ball, halves[0], dog), planned).storyboard.shots] == [
        "s01-01", "s01-02", "s01-03",
    ]  # fmt: skip


def test_shot_that_shows_somebody_else_now_leans_on_nothing_of_what_it_was() -> None:
    ball, boat, dog = PLANNED.shots
    patch = merged(
        with_shots(ball, boat.model_copy(update=TRIED), dog),
        BALL,
        {"prompt": BOAT, "characters": ["oda"]},
        DOG,
        bible={"characters": [{"id": "oda", "name": "Oda"}]},
    )
    shot = patch.storyboard.shots[1]
    assert (shot.seed, shot.tried, shot.size, patch.unpinned) == (None, [], "close", ["s01-02"])


def test_what_was_made_of_a_shot_goes_with_its_words_where_the_writer_numbers_anew() -> None:
    ball, boat, dog = PLANNED.shots
    numbered = [{"id": f"s01-0{n}", "prompt": p} for n, p in enumerate((WAVES, BALL, BOAT, DOG), 1)]
    patch = merged(with_shots(ball, boat.model_copy(update=TRIED), dog), *numbered)
    assert [(s.id, s.prompt, s.seed) for s in patch.storyboard.shots] == [
        ("s01-01", WAVES, None),
        ("s01-02", BALL, None),
        ("s01-03", TRIED["prompt"], 7),
        ("s01-04", DOG, None),
    ]


def test_film_keeps_what_was_made_of_it_however_often_its_storyboard_is_written_anew(project: Project) -> None:
    told: list[dict[str, Any]] = []
    studio, film = Studio(project, tell=told.append), project.film("f")

    def planned(*shots: Any) -> Storyboard:
        return plan_storyboard(studio, open_film(studio, text_of(*shots), name="f"))

    board = planned(BALL, BOAT)
    mended = board.shots[1].model_copy(update=TRIED)
    add_storyboard(studio, film, board.with_shots([mended]).model_copy(update={"number": 2}))
    for shots in ((WAVES, BALL, BOAT), (WAVES, BALL, BOAT, DOG), (BOAT, DOG)):
        board = planned(*shots)
        assert board.shot("s01-02") == mended
    assert [shot.id for shot in board.shots] == ["s01-02", "s01-04"]
    path = film.folder / "storyboard.yaml"
    path.write_text(path.read_text("utf-8").replace("in bright light", "at night"), "utf-8")
    assert [shot.prompt for shot in planned(BALL, BOAT, DOG).shots] == [BALL, f"{BOAT}, at night", DOG]
    summaries = [event["summary"] for event in told if event["type"] == "storyboard.changed"]
    assert summaries[0].splitlines() == ["2 shots stand", f"s01-03 is new: {WAVES}"]


def test_prose_that_becomes_a_storyboard_keeps_what_was_pinned(project: Project) -> None:
    studio = Studio(project)
    board = plan_storyboard(studio, open_film(studio, "A boat sails. A gull cries.", name="f"))
    pinned = board.with_shots([board.shots[1].model_copy(update={"seed": 7})])
    add_storyboard(studio, project.film("f"), pinned.model_copy(update={"number": 2}))
    board = plan_storyboard(studio, open_film(studio, text_of(WAVES, "A boat sails.", "A gull cries."), name="f"))
    assert [(shot.id, shot.seed) for shot in board.shots] == [("s01-03", None), ("s01-01", None), ("s01-02", 7)]


def test_edit_of_an_older_version_stands_beside_what_was_written_meanwhile(project: Project) -> None:
    studio, film = Studio(project), project.film("f")
    board = plan_storyboard(studio, open_film(studio, text_of(BALL, BOAT, DOG), name="f"))
    path = film.folder / "storyboard.yaml"
    scene, first, _, third = storyboard_to_yaml(board).split("  - id: ")
    path.write_text("  - id: ".join([scene, first.replace("red", "blue"), third]), "utf-8")  # the second is taken out
    tried = [shot.model_copy(update={"size": "close", "seed": 7}) for shot in board.shots]
    add_storyboard(studio, film, board.with_shots(tried).model_copy(update={"number": 2}))
    now = newest_storyboard(studio, film)
    assert now and now.number == 3
    assert [(s.id, s.prompt, s.size, s.seed) for s in now.shots] == [
        ("s01-01", BALL.replace("red", "blue"), "close", 7),
        ("s01-03", DOG, "close", 7),
    ]
    path.write_bytes((film.folder / "storyboards" / "0001.json").read_bytes())  # put back as a whole
    back = newest_storyboard(studio, film)
    assert back and back.shots == board.shots


def test_shots_and_scenes_put_in_twice_under_one_id_are_all_there(project: Project) -> None:
    studio, film = Studio(project), project.film("f")
    plan_storyboard(studio, open_film(studio, text_of(BALL, BOAT), name="f"))
    path = film.folder / "storyboard.yaml"
    first = path.read_text("utf-8")
    rest = [
        ("a cat sleeps in the sun", "A garden", "a bird sings"),
        ("fireworks over the town", "The sea", "ice floats"),
    ]
    for prompt, heading, other in rest:
        shot = f"  - id: s01-03\n    prompt: {prompt}\n    seconds: 1.0\n"
        scene = f"- id: s02\n  heading: {heading}\n  shots:\n  - id: s02-01\n    prompt: {other}\n    seconds: 1.0\n"
        path.write_text(first + shot + scene, "utf-8")
        now = newest_storyboard(studio, film)
    assert now and [(s.id, s.heading, [(shot.id, shot.prompt) for shot in s.shots]) for s in now.scenes] == [
        (
            "s01",
            "",
            [("s01-01", BALL), ("s01-02", BOAT), ("s01-03", rest[0][0]), ("s01-04", rest[1][0])],
        ),
        ("s02", "A garden", [("s02-01", "a bird sings")]),
        ("s03", "The sea", [("s03-01", "ice floats")]),
    ]
    assert now.shot("s01-04").why == ["it was written as s01-03, which another shot is by now"]
    path.write_text(first + "  - id: s01-03\n    prompt: a cat sleeps in the shade\n    seconds: 1.0\n", "utf-8")
    now = newest_storyboard(studio, film)
    assert now and now.shot("s01-03").prompt == "a cat sleeps in the shade", "of which it is the same shot, changed"


def test_comment_in_an_older_version_takes_nothing_back_and_that_version_put_back_does(project: Project) -> None:
    studio, film = Studio(project), project.film("f")
    board = plan_storyboard(studio, open_film(studio, text_of(BALL, BOAT), name="f"))
    path = film.folder / "storyboard.yaml"
    first = path.read_text("utf-8")
    path.write_text(f"# ask Ann\n{first}", "utf-8")
    mended = board.with_shots([board.shots[1].model_copy(update=TRIED)])
    add_storyboard(studio, film, mended.model_copy(update={"number": 2}))
    now = newest_storyboard(studio, film)
    assert now and now.shots == mended.shots
    path.write_text(first, "utf-8")
    back = newest_storyboard(studio, film)
    assert back and back.shots == board.shots
