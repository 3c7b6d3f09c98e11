"""Which ids shots have that a storyboard's file leaves without one: those that they had before."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from reelgraph.video_tools import actions, cut_actions, take_actions
from reelgraph.video_tools.film import Storyboard
from reelgraph.video_tools.planning.files import storyboard_from_text
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import newest_storyboard, open_film, plan_storyboard

BALL, BOAT, DOG = "a red ball rolls over the dunes", "a boat sails on a lake", "a dog digs in the sand"
WAVES = "waves close over the beach"


def text_of(*shots: Any) -> str:
    listed = [{"prompt": shot} if isinstance(shot, str) else shot for shot in shots]
    return json.dumps({"shots": [{"seconds": 1, **shot} for shot in listed]})


def ids(earlier: Sequence[Storyboard], *shots: Any) -> list[str]:
    return [shot.id for shot in storyboard_from_text(text_of(*shots), earlier=earlier).shots]


THREE = storyboard_from_text(text_of(BALL, BOAT, DOG))


@pytest.mark.parametrize(
    ("shots", "expected"),
    [
        ([BALL, BOAT, DOG], ["s01-01", "s01-02", "s01-03"]),
        ([WAVES, BALL, BOAT, DOG], ["s01-04", "s01-01", "s01-02", "s01-03"]),
        ([BALL, WAVES, DOG], ["s01-01", "s01-04", "s01-03"]),
        ([BOAT, DOG], ["s01-02", "s01-03"]),
        ([DOG, BALL, BOAT], ["s01-03", "s01-01", "s01-02"]),
        (["a boat sails on a wide lake", DOG], ["s01-02", "s01-03"]),
        ([{"id": "s01-02", "prompt": WAVES}, BALL, BOAT], ["s01-02", "s01-01", "s01-04"]),
        ([BALL, BALL, BOAT], ["s01-04", "s01-01", "s01-02"]),
    ],
)
def test_shot_without_an_id_is_the_one_that_it_was(shots: list[Any], expected: list[str]) -> None:
    assert ids([THREE], *shots) == expected


def test_shots_of_the_same_words_are_told_apart_by_all_that_they_ask_for_and_then_by_their_order() -> None:
    wide, close, seeded = ({"prompt": BALL, **more} for more in ({"size": "wide"}, {"size": "close"}, {"seed": 7}))
    old = storyboard_from_text(text_of(wide, close, seeded))
    assert ids([old], close, seeded) == ["s01-02", "s01-03"]
    assert ids([old], seeded, wide, close) == ["s01-03", "s01-01", "s01-02"]
    twice = storyboard_from_text(text_of(BALL, BOAT, BALL))
    assert ids([twice], BOAT, BALL) == ["s01-02", "s01-03"]
    assert ids([twice], BALL, BALL, BOAT, BALL)[2:] == ["s01-02", "s01-03"]
    assert {*ids([twice], BALL, BALL, BOAT, BALL)[:2]} == {"s01-01", "s01-04"}


def test_shot_that_was_taken_out_is_itself_when_it_comes_back_and_leaves_its_id_to_no_other() -> None:
    without = storyboard_from_text(text_of(BALL, DOG), earlier=[THREE])
    assert ids([THREE, without], BALL, WAVES, DOG) == ["s01-01", "s01-04", "s01-03"]
    assert ids([THREE, without], BALL, BOAT, DOG) == ["s01-01", "s01-02", "s01-03"]


def test_shot_that_was_taken_out_is_not_another_that_is_told_otherwise() -> None:
    looks = [f"Mara looks at the {what}" for what in ("sea", "old boat", "red door")]
    planned = storyboard_from_text(text_of(*looks))
    without = storyboard_from_text(text_of(looks[0], looks[2]), earlier=[planned])
    assert ids([planned, without], *looks[:2], "Mara looks at the green door") == ["s01-01", "s01-02", "s01-03"]


def test_shot_that_somebody_told_otherwise_meanwhile_keeps_its_id() -> None:
    other = THREE.with_shots([THREE.shot("s01-02").model_copy(update={"prompt": "a submarine dives"})])
    assert ids([THREE, other], WAVES, BALL, BOAT, DOG) == ["s01-04", "s01-01", "s01-02", "s01-03"]


def test_parts_of_a_divided_shot_give_their_ids_to_no_other() -> None:
    (scene,) = THREE.scenes
    part = THREE.shots[0].model_copy(update={"id": "s01-01b"})
    divided = THREE.model_copy(update={"scenes": [scene.model_copy(update={"shots": [part, *scene.shots[:2]]})]})
    assert ids([divided], BALL, BALL, BOAT) == ["s01-03", "s01-01", "s01-02"]


def test_scenes_without_an_id_go_with_their_shots() -> None:
    def scenes(*lists: Sequence[str]) -> str:
        return json.dumps({"scenes": [{"shots": [{"prompt": p, "seconds": 1} for p in shots]} for shots in lists]})

    old = storyboard_from_text(scenes([BALL], [BOAT]))
    new = storyboard_from_text(scenes([WAVES], [BALL, DOG], [BOAT]), earlier=[old])
    assert [(scene.id, [shot.id for shot in scene.shots]) for scene in new.scenes] == [
        ("s03", ["s03-01"]),
        ("s01", ["s01-01", "s01-02"]),
        ("s02", ["s02-01"]),
    ]


def test_inserted_shot_alone_is_made_and_edits_stay_with_the_shots_that_they_are_of(project: Project) -> None:
    backend = Rehearsal()
    studio = Studio(project, backend=backend)

    def made(*shots: str) -> list[str]:
        """Plan, shoot and cut the film, and return the prompts that were paid for."""
        already = len(backend.requests)
        actions.plan_storyboard(studio, brief=text_of(*shots), film="dunes")
        take_actions.generate_take(studio, shot="all")
        cut_actions.assemble_cut(studio)
        return [request.prompt for request in backend.requests[already:]]

    def edited() -> list[tuple[str, int, list[str]]]:
        board, cut = film.storyboard(), film.cut()
        assert board and cut
        return [(board.shot(c.shot).prompt, c.frames, [effect.name for effect in c.effects]) for c in cut.clips]

    film = project.film("dunes")
    assert len(made(BALL, BOAT)) == 2
    mine = [
        {"op": "trim", "clip": "s01-02", "tail": 3},
        {"op": "effects", "clip": "s01-02", "effects": [{"name": "mirror"}]},
    ]
    cut_actions.edit_cut(studio, edits=mine)
    ball, boat, waves = (BALL, 8, []), (BOAT, 5, ["mirror"]), (WAVES, 8, [])
    assert edited() == [ball, boat]
    assert [prompt.split(".")[0].lower() for prompt in made(WAVES, BALL, BOAT)] == [WAVES]
    assert edited() == [waves, ball, boat]
    assert made(BOAT) == []
    assert edited() == [boat]
    assert made(BALL, BOAT) == [], "a shot that comes back has its take"
    assert edited() == [ball, boat]


def test_shot_written_into_storyboard_yaml_without_an_id_renames_no_other(project: Project) -> None:
    studio, film = Studio(project), project.film("dunes")
    actions.plan_storyboard(studio, brief=text_of(BALL, BOAT, DOG), film="dunes")
    board = film.storyboard()
    assert board
    path = film.folder / "storyboard.yaml"
    path.write_text(path.read_text("utf-8").replace(f"id: s01-02\n    prompt: {BOAT}", f"prompt: {WAVES}"), "utf-8")
    edited = newest_storyboard(studio, film)
    assert edited and [(s.id, s.prompt) for s in edited.shots] == [
        ("s01-01", BALL), ("s01-04", WAVES), ("s01-03", DOG),
    ]  # fmt: skip
    path.write_text(text_of(WAVES, BOAT, DOG), "utf-8")  # without any id
    edited = newest_storyboard(studio, film)
    assert edited and [s.id for s in edited.shots] == ["s01-04", "s01-02", "s01-03"]


def test_shots_of_a_long_storyboard_are_numbered_at_once(project: Project) -> None:
    words = [f"a red ball number {n} rolls over the dunes" for n in range(600)]
    old = storyboard_from_text(text_of(*words))
    assert ids([old], WAVES, *words) == ["s01-601", *(shot.id for shot in old.shots)]


@pytest.mark.parametrize("brief", ["A boat sails. A gull cries.", text_of("A boat sails.", "A gull cries.")])
def test_plan_made_afresh_renames_no_shot_that_it_still_has(project: Project, brief: str) -> None:
    studio = Studio(project)
    plan_storyboard(studio, open_film(studio, brief, name="f"))
    rises = '{"seconds": 1, "prompt": "The sun rises."}, {"seconds": 1, "prompt": "A boat'
    longer = brief.replace('{"seconds": 1, "prompt": "A boat', rises) if "{" in brief else f"The sun rises. {brief}"
    board = plan_storyboard(studio, open_film(studio, longer, name="f"), replan_all=True)
    assert [(shot.id, shot.prompt) for shot in board.shots] == [
        ("s01-03", "The sun rises."),
        ("s01-01", "A boat sails."),
        ("s01-02", "A gull cries."),
    ]
