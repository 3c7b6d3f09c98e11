import json
import random
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    UPGRADES,
    Angle,
    Bible,
    Brief,
    CameraMove,
    Character,
    Line,
    Place,
    Recall,
    Reference,
    Scene,
    Shot,
    ShotSize,
    Storyboard,
    Style,
    Transition,
)
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.planning.advice import Advice
from reelgraph.video_tools.planning.briefs import read_brief
from reelgraph.video_tools.planning.files import storyboard_from_text, storyboard_to_markdown, storyboard_to_yaml
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.patch import StoryboardPatch
from reelgraph.video_tools.planning.replan import replan
from reelgraph.video_tools.planning.splitting import fit_lengths
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.scripted import ScriptedModel
from reelgraph.video_tools.settings import Settings
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import add_storyboard, newest_storyboard, open_film, plan_storyboard
from reelgraph.video_tools.wording import blank

EXAMPLES = Path(__file__).parent.parent / "examples" / "briefs"
# What YAML makes of plain words is where round trips break.
TRAPS = [
    "12:30", "yes", "no", "on", "null", "~", "1.0", "1e9", "0x1f", "2026-11-25", "- a", "a: b", "# a", "'", '"', "a\nb",
    " a ", "a\n\n b\n", "{a}", "[a]", "&a", "*a", "!a", "%a", "@a", "`a`", "a #b", "\u2028", "🐱 Кот", "守る", "a\tb",
    "\x85", "```json", "C:\\x", "a" * 300, "word " * 60,
]  # fmt: skip


def test_smallest_storyboard_reads() -> None:
    for text in (
        "shots: [{prompt: a red ball rolls over the dunes, seconds: 2}]",
        "{shots: [{prompt: a red ball rolls over the dunes, seconds: 2}]}",
        '{"shots": [{"prompt": "a red ball rolls over the dunes", "seconds": "2"}]}',
    ):
        storyboard = storyboard_from_text(text)
        assert [(s.id, s.prompt, s.seconds) for s in storyboard.shots] == [
            ("s01-01", "a red ball rolls over the dunes", 2.0)
        ]


def test_characters_and_places_without_an_id_get_one_of_their_name() -> None:
    board = storyboard_from_text(
        """
        bible:
          characters: [{name: Mara Voss}, {name: mara voss}, {id: mara, name: Mara}, {name: 春子}, {id: "", name: Tom}]
          places: [{name: The Sea}]
        shots: [{prompt: Mara waves, seconds: 2, characters: [mara-voss], place: the-sea}]
        """
    )
    assert [c.id for c in board.bible.characters] == ["mara-voss", "mara-voss-2", "mara", "character", "tom"]
    assert [p.id for p in board.bible.places] == ["the-sea"]


def test_ids_that_are_given_stay_and_the_others_take_free_ones() -> None:
    storyboard = storyboard_from_text(
        """scenes:
- shots: [{prompt: a, seconds: 1}, {id: s01-01, prompt: b, seconds: 1}, {prompt: c, seconds: 1}]
- id: s05
  shots: [{prompt: d, seconds: 1}]
- shots: [{id: s07-03, prompt: e, seconds: 1}, {prompt: f, seconds: 1}]
"""
    )
    assert [scene.id for scene in storyboard.scenes] == ["s01", "s05", "s07"]
    assert [shot.id for shot in storyboard.shots] == ["s01-02", "s01-01", "s01-03", "s05-01", "s07-03", "s07-02"]


@pytest.mark.parametrize("name", ["lighthouse.fountain", "red_kite.txt", "clockmaker.md", "tea.yaml"])
def test_example_plans_round_trip_exactly(name: str) -> None:
    storyboard = plan_offline(read_brief(EXAMPLES / name))
    text = storyboard_to_yaml(storyboard)
    assert storyboard_from_text(text) == storyboard
    assert storyboard_to_yaml(storyboard_from_text(text)) == text
    taken = plan_offline(Brief(text=text, form="storyboard"))
    assert taken == storyboard, "a storyboard that a person did not touch is the same plan"


def test_awkward_words_round_trip_exactly() -> None:
    chance = random.Random(7)
    for _ in range(40):
        words = chance.sample(TRAPS, 6)
        shot = Shot(
            id="s01-01",
            prompt=next(word for word in words if not blank(word)),
            seconds=chance.choice([0.1, 1 / 3, 1e-5, 600.0]),
            time=words[1],
            lines=[Line(text=words[2], character="a-b", manner=words[3], start=0.5)],
            transition=Transition(kind="wipe", frames=7),
            why=words[4:],
            seed=2**63 - 1,
        )
        storyboard = Storyboard(
            title=words[5],
            bible=Bible(
                characters=[Character(id="a-b", name="Ä", palette=["#0000ff"], kind="animal")],
                places=[Place(id="p", name=words[0][:120])],
                style=Style(look=words[1]),
            ),
            scenes=[Scene(id="s01", heading=words[2], shots=[shot])],
        )
        assert storyboard_from_text(storyboard_to_yaml(storyboard)) == storyboard
        assert storyboard_from_text(storyboard.model_dump_json(exclude_defaults=True)) == storyboard


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("shots: [{prompt: a, secnds: 2}]", "shot s01-01: unknown key `secnds`: did you mean `seconds`?"),
        ("shots: [{prompt: a}]", "shot s01-01, seconds is missing"),
        ("{edits: [{op: move}], shots: [{prompt: a, seconds: 2}]}", "edits are made of the cut, by `reelgraph edit`"),
        ('shots: [{prompt: " ", seconds: 1}]', "shot s01-01, prompt is ' ': it has no sign that is seen: write words"),
        (
            'shots: [{prompt: "\\0\\u200b", seconds: 1}]',
            r"shot s01-01, prompt is '\x00\u200b': it has no sign that is seen",
        ),
        ("shots: [{prompt: a, seconds: 0}]", "shot s01-01, seconds is '0': a shot lasts more than 0 and at most 600 s"),
        ("shots: [{prompt: a, seconds: 10000}]", "seconds is '10000': a shot lasts more than 0 and at most 600 s"),
        ("shots: [{prompt: a, seconds: -1}]", "a shot lasts more than 0"),
        ("shots: [{prompt: a, seconds: .nan}]", "seconds is '.nan'"),
        ("shots: [{prompt: a, seconds: nan}]", "seconds is 'nan'"),
        ("shots: [{prompt: a, seconds: two}]", "seconds is 'two'"),
        ('{"shots": [{"prompt": "a", "seconds": NaN}]}', "seconds is 'nan'"),
        ("shots: [{prompt: a, seconds: 1, size: wde}]", "size is 'wde': choose wide"),
        ("shots: [{prompt: a, seconds: 1, camera: sideways}]", "choose still, pan_left"),
        ("shots: [{prompt: a, seconds: 1, id: first}]", "write a shot id such as s01-02"),
        ("shots: [{prompt: a, seconds: 1, id: s01-01}, {prompt: b, seconds: 1, id: s01-01}]", "two shots have the id"),
        ("shots: []", "shots"),
        ("shots: 3", "shots"),
        ('{"shots": 3}', "shots"),
        ("shots: [3]", "shot 1"),
        ("shots: [{prompt: a, prompt: b, seconds: 1}]", "line 1: key 'prompt' is there twice"),
        ('{"shots": [], "shots": []}', "key 'shots' is there twice"),
        ("shots: [{prompt: a, seconds: 1}]\nscenes: []", "both `shots` and `scenes`"),
        ("a: &x [1]\nshots: *x", "line 2: aliases"),
        ("shots: [{prompt: a", "line 1"),
        ("just words", "holds no storyboard"),
        ("title: a", "scenes is missing"),
        (
            "schema_version: 2\nshots: [{prompt: a, seconds: 1}]",
            "plan.yaml: a newer reelgraph wrote it (schema_version 2, and this one reads 1): update reelgraph",
        ),
        (
            "bible: {schema_version: 3}\nshots: [{prompt: a, seconds: 1}]",
            "plan.yaml, bible: a newer reelgraph wrote it",
        ),
        ("schema_version: one\nshots: [{prompt: a, seconds: 1}]", "schema_version is 'one': choose 1"),
        (
            "bible: {characters: [{description: a woman}]}\nshots: [{prompt: a, seconds: 1}]",
            "bible, character 1, id is missing: write it",
        ),
        (
            "bible: {places: [{id: The Sea, name: Sea}]}\nshots: [{prompt: a, seconds: 1}]",
            "id is 'The Sea': write lower-case letters, digits and dashes, such as mara-voss; or leave it out",
        ),
        (
            "bible: {charcters: []}\nshots: [{prompt: a, seconds: 1}]",
            "unknown key `charcters`: did you mean `characters`?",
        ),
        ("shots: [{prompt: !!python/object:os.system a, seconds: 1}]", "line 1"),
        (json.dumps({"shots": [{"prompt": "a", "seconds": 1}] * 5001}), "has 5001 shots: a film has at most 5000"),
        (
            json.dumps({"shots": [{"prompt": "a", "seconds": 600}] * 61}),
            "lasts 36600 s: a film has at most 36000 s; divide it into several",
        ),
        ("[" * 400, "not YAML or JSON"),
    ],
)
def test_bad_storyboard_says_what_is_wrong_in_one_line(text: str, says: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        storyboard_from_text(text, "plan.yaml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_storyboard_of_an_older_release_is_upgraded_a_version_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def named_anew(data: dict[str, Any]) -> dict[str, Any]:
        return {"title" if key == "name" else key: value for key, value in data.items()} | {"schema_version": 0}

    def scenes_named(data: dict[str, Any]) -> dict[str, Any]:
        return {"scenes" if key == "parts" else key: value for key, value in data.items()} | {"schema_version": 1}

    monkeypatch.setitem(UPGRADES, ("Storyboard", 7), named_anew)  # numbers that no release had
    monkeypatch.setitem(UPGRADES, ("Storyboard", 0), scenes_named)
    board = storyboard_from_text("schema_version: 7\nname: Sea\nparts: [{shots: [{prompt: a, seconds: 1}]}]")
    assert (board.schema_version, board.title, board.shots[0].prompt) == (1, "Sea", "a")
    yours = storyboard_to_yaml(board)
    assert yours.startswith("schema_version: 1\n") and storyboard_from_text(yours) == board


def test_empty_values_are_left_out_and_plain_words_stay_words() -> None:
    text = "title: yes\nshots: [{prompt: on, seconds: 2, seed: , size: ~, time: 12:30, continues: true}]"
    shot = storyboard_from_text(text).shots[0]
    assert (shot.prompt, shot.time, shot.seed, shot.size, shot.continues) == ("on", "12:30", None, "wide", True)
    assert storyboard_from_text(text).title == "yes"


def changed(old: Storyboard, brief: str, now: str) -> StoryboardPatch:
    """Change the brief of a storyboard that may have been edited since it was planned."""
    plan = [plan_offline(Brief(text=text), bible=old.bible) for text in (now, brief)]
    return replan(old, *plan)


def test_replan_keeps_every_shot_whose_words_stand() -> None:
    brief = "A girl flies a kite. The wind tears the string. An old man rows after it. She laughs."
    old = plan_offline(Brief(text=brief))
    longer = old.with_shots([old.shot("s01-02").model_copy(update={"seconds": 9.0, "size": "insert"})])
    patch = changed(longer, brief, brief.replace("She laughs", "Lightning flashes. She laughs"))
    assert (patch.kept, patch.changed, patch.added, patch.removed) == (
        ["s01-01", "s01-02", "s01-03", "s01-04"], {}, ["s01-05"], [],
    )  # fmt: skip
    assert [s.id for s in patch.storyboard.shots] == ["s01-01", "s01-02", "s01-03", "s01-05", "s01-04"]
    assert patch.storyboard.shot("s01-02").seconds == 9.0, "a person's edit stands"
    assert (patch.storyboard.number, patch.storyboard.planner) == (2, "offline")
    patch = changed(old, brief, brief.replace("old man", "tired old man").replace("A girl flies a kite. ", ""))
    assert (patch.kept, list(patch.changed), patch.added, patch.removed) == (
        ["s01-02", "s01-04"], ["s01-03"], [], ["s01-01"],
    )  # fmt: skip
    assert "prompt" in patch.changed["s01-03"]
    assert patch.summary().split("\n")[0] == "2 shots stand"
    assert changed(old, brief, brief).kept == [s.id for s in old.shots]


def test_replan_never_reuses_an_id_for_another_shot() -> None:
    brief = "A cat sleeps. A dog barks."
    patch = changed(plan_offline(Brief(text=brief)), brief, "A whale sings in the deep. A dog barks.")
    assert patch.removed == ["s01-01"] and patch.added == ["s01-03"] and patch.kept == ["s01-02"]


def test_replan_keeps_what_a_person_made_of_shots_whose_words_stand_in_the_brief() -> None:
    brief = "A girl flies a kite. The wind tears the string. An old man rows after it."
    old = plan_offline(Brief(text=brief))
    edits = {"s01-02": "Clouds gather over the sea.", "s01-03": "An old man rows after it, singing."}
    mine = old.with_shots([old.shot(id).model_copy(update={"prompt": said}) for id, said in edits.items()])
    mine = mine.model_copy(update={"music": "a slow piano", "title": "Kites"})
    more = brief + " A gull cries."
    patch = changed(mine, brief, more)
    assert (patch.kept, patch.changed, patch.added) == (["s01-01", "s01-02", "s01-03"], {}, ["s01-04"])
    assert [s.prompt for s in patch.storyboard.shots][1:3] == list(edits.values())
    assert (patch.storyboard.music, patch.storyboard.title) == ("a slow piano", "Kites")
    again = changed(patch.storyboard, more, more.replace("A gull cries", "A hungry gull cries"))
    assert again.kept == ["s01-01", "s01-02", "s01-03"] and list(again.changed) == ["s01-04"]
    assert [s.prompt for s in again.storyboard.shots][1:3] == list(edits.values())


def test_replan_empties_what_a_shot_leant_on_for_somebody_whom_it_shows_no_more() -> None:
    brief = "Mara opens the heavy wooden door slowly. A storm rages outside. Tom waits in the hall."
    content = "a" * 64
    leant = {
        "references": [Reference(content=content, role="reference")],
        "recalled": [Recall(take=content, film="x", shot="s01-01", why="shows mara")],
        "seed": 7,
        "negative": "no hats",
    }
    old = plan_offline(Brief(text=brief))
    old = old.with_shots([shot.model_copy(update=leant) for shot in old.shots[:2]])
    patch = changed(
        old, brief, "Tom opens the heavy wooden door slowly. A storm rages outside. Mara waits in the hall."
    )
    door, storm, _ = patch.storyboard.shots
    assert (door.id, door.characters, door.negative) == ("s01-01", ["tom"], "no hats")
    assert (door.references, door.recalled, door.seed) == ([], [], None) and "s01-01" in patch.unpinned
    assert (storm.references, storm.recalled, storm.seed) == (leant["references"], leant["recalled"], 7)
    assert "s01-02" in patch.kept and "s01-02" not in patch.unpinned


def test_replan_casts_another_in_every_shot_of_somebody_who_is_in_the_film_no_more() -> None:
    brief = "Mara enters the kitchen. She opens a window. A bird sings."
    old = plan_offline(Brief(text=brief))
    assert [shot.characters for shot in old.shots][:2] == [["mara"], ["mara"]]
    patch = changed(old, brief, brief.replace("Mara", "Anna"))
    assert [shot.characters for shot in patch.storyboard.shots][:2] == [["anna"], ["anna"]]
    assert [c.name for c in patch.storyboard.bible.characters if c.id in ("anna", "mara")] == ["Anna"]
    assert {"s01-01", "s01-02"} <= {*patch.unpinned}


@pytest.mark.parametrize(("gone", "came"), [("Ann", "Anna"), ("Al", "Bob")])
def test_replan_casts_another_though_the_name_is_part_of_a_word(gone: str, came: str) -> None:
    brief = f"{gone} enters the kitchen. She walks slowly to a window. A bird sings."
    patch = changed(plan_offline(Brief(text=brief)), brief, brief.replace(gone, came))
    assert [shot.characters for shot in patch.storyboard.shots] == [[came.lower()], [came.lower()], ["bird"]]


def test_replan_finds_who_is_still_named_in_a_script_without_spaces() -> None:
    cast = Bible(characters=[Character(id="ming", name="小明"), Character(id="hong", name="小红")])
    planned, new = (
        storyboard_from_text(
            f"shots: [{{prompt: 灯亮了, seconds: 2, characters: [{who}]}}, {{prompt: 鸟儿看着小明飞走, seconds: 2}}]\n"
            f"bible: {cast.model_dump_json()}"
        )
        for who in ("ming", "hong")
    )
    mine = planned.with_shots([planned.shots[1].model_copy(update={"characters": ["ming"]})])
    assert [s.characters for s in replan(mine, new, planned).storyboard.shots] == [["ming"], ["ming"]]


def test_replan_shows_whoever_stands_in_for_another_once() -> None:
    brief = "Mara enters the kitchen. She opens a window. A bird sings."
    old = plan_offline(Brief(text=brief))
    anna = Character(id="anna", name="Anna", description="a tall woman")
    old = old.with_shots([old.shots[1].model_copy(update={"characters": ["mara", "anna"]})])
    old = old.model_copy(update={"bible": Bible(characters=[*old.bible.characters, anna])})
    patch = changed(old, brief, brief.replace("Mara", "Anna"))
    assert patch.storyboard.shots[1].characters == ["anna"]


def test_replan_obeys_another_heading_over_the_same_words() -> None:
    brief = "INT. KITCHEN - DAY\n\nMARA sits.\n\nEXT. QUAY - NIGHT\n\nA dog barks.\n"
    old = plan_offline(Brief(text=brief, form="fountain"))
    now = plan_offline(Brief(text=brief.replace("DAY", "NIGHT"), form="fountain"), bible=old.bible)
    patch = replan(old, now, old)
    assert [(s.time, s.place) for s in patch.storyboard.shots] == [("NIGHT", "kitchen"), ("NIGHT", "quay")]
    assert (list(patch.changed.values()), patch.kept) == ([["time"]], [patch.storyboard.shots[1].id])


def arranged(board: Storyboard, *shots: Shot) -> Storyboard:
    """Give a storyboard of one scene other shots."""
    (scene,) = board.scenes
    return board.model_copy(update={"scenes": [scene.model_copy(update={"shots": list(shots)})]})


def test_replan_keeps_how_somebody_arranged_shots_of_which_the_brief_says_the_same() -> None:
    brief = "A red boat sails out. The girl waves from the pier. An old dog sleeps by the fire."
    old = plan_offline(Brief(text=brief))
    boat, girl, dog = old.shots
    lamp = boat.model_copy(update={"id": "s01-09", "prompt": "A lighthouse blinks far away."})
    glow = lamp.model_copy(update={"id": "s01-09b", "size": "close"})

    def ids(*shots: Shot, now: str = brief + " A gull cries.") -> list[str]:
        return [shot.id for shot in changed(arranged(old, *shots), brief, now).storyboard.shots]

    assert ids(boat, dog) == ["s01-01", "s01-03", "s01-04"], "what was taken out stays out"
    assert ids(boat, lamp, glow, girl, dog) == ["s01-01", "s01-09", "s01-09b", "s01-02", "s01-03", "s01-04"]
    assert ids(lamp, boat, girl, dog)[:2] == ["s01-09", "s01-01"]
    assert ids(dog, boat, girl) == ["s01-03", "s01-01", "s01-02", "s01-04"], "what was put elsewhere stays there"
    # What the brief says otherwise now goes before what somebody arranged.
    assert ids(boat, dog, now=brief.replace("The girl waves", "The tall girl waves")) == ["s01-01", "s01-02", "s01-03"]
    other = "An old dog sleeps by the fire. A red boat sails out. The girl waves from the pier."
    assert ids(girl, boat, dog, now=other) == ["s01-03", "s01-01", "s01-02"]
    with pytest.raises(InvalidRequest, match="--replan plans it afresh"):
        ids(dog, now="A red boat sails out. The girl waves from the pier.")


def test_replan_keeps_headings_and_scenes_that_somebody_wrote() -> None:
    brief = "INT. KITCHEN - DAY\n\nMARA sits.\n\nEXT. QUAY - NIGHT\n\nA dog barks.\n"
    old = plan_offline(Brief(text=brief, form="fountain"))
    kitchen, quay = old.scenes
    attic = kitchen.model_copy(update={"heading": "INT. ATTIC - DAY"})
    flash = quay.shots[0].model_copy(update={"id": "s07-01", "prompt": "Lightning over the roofs."})
    roofs = Scene(id="s07", heading="EXT. ROOFS - NIGHT", shots=[flash])
    mine = old.model_copy(update={"scenes": [attic, roofs, quay]})
    for more, heading in (("", "EXT. QUAY - NIGHT"), ("DAY", "EXT. QUAY - DAY")):
        text = (brief.replace("NIGHT", more) if more else brief) + "\nA gull cries.\n"
        patch = replan(mine, plan_offline(Brief(text=text, form="fountain"), bible=old.bible), old)
        assert [scene.heading for scene in patch.storyboard.scenes] == [
            "INT. ATTIC - DAY", "EXT. ROOFS - NIGHT", heading,
        ]  # fmt: skip
        assert patch.storyboard.shot("s07-01") == flash and "s07-01" in patch.kept
    moved = quay.model_copy(update={"shots": [*kitchen.shots, *quay.shots]})
    now = plan_offline(Brief(text=brief + "\nA gull cries.\n", form="fountain"), bible=old.bible)
    board = replan(old.model_copy(update={"scenes": [moved]}), now, old).storyboard
    assert [scene.heading for scene in board.scenes] == ["INT. KITCHEN - DAY", "EXT. QUAY - NIGHT"]


def test_replan_keeps_both_parts_of_a_shot_that_was_divided() -> None:
    brief = "A girl flies a kite. The wind tears the string."
    old = plan_offline(Brief(text=brief))
    first = old.shots[0].model_copy(update={"seconds": 2.0, "tried": ["black:split"]})
    halves = [first, first.model_copy(update={"id": "s01-01b", "size": "close"}), old.shots[1]]
    old = old.model_copy(update={"scenes": [old.scenes[0].model_copy(update={"shots": halves})]})
    patch = changed(old, brief, brief + " A gull cries.")
    assert [s.id for s in patch.storyboard.shots] == ["s01-01", "s01-01b", "s01-02", "s01-04"]
    assert patch.kept == ["s01-01", "s01-01b", "s01-02"]
    patch = changed(old, brief, brief.replace("a kite", "a red kite"))
    assert (patch.removed, list(patch.changed)) == (["s01-01b"], ["s01-01"])
    assert patch.storyboard.shots[0].seconds == plan_offline(Brief(text=brief)).shots[0].seconds, "whole again"


def replanned(studio: Studio, brief: str, **more: Any) -> Storyboard:
    """Plan the film `six` from a brief, or again from a changed one."""
    return plan_storyboard(studio, open_film(studio, brief, name="six", **more))


@pytest.mark.parametrize(
    "brief", ["shots: [{prompt: one, seconds: 2}, {prompt: two, seconds: 2}]", "A boat sails. A gull cries."]
)
def test_length_asked_for_is_that_of_the_film_and_so_is_another_one(tmp_path: Path, brief: str) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    for seconds in (10.0, 8.0):
        assert sum(shot.seconds for shot in replanned(studio, brief, seconds=seconds).shots) == seconds
    edited = replanned(studio, brief.replace("gull", "white gull").replace("two", "two waves"), seconds=8.0)
    assert sum(shot.seconds for shot in edited.shots) == 8
    with pytest.raises(InvalidRequest, match="too short"):
        replanned(studio, brief, seconds=1.0)


def test_length_that_a_changed_brief_says_is_that_of_the_film(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"), tell=told.append)
    for seconds in (12, 20):
        board = replanned(studio, f"A {seconds}-second ad. A boat sails. A gull cries.")
        assert sum(shot.seconds for shot in board.shots) == seconds
    (changed,) = [event for event in told if event["type"] == "storyboard.changed"]
    assert changed["summary"].splitlines()[:2] == ["0 shots stand", "s01-01 changes: seconds"]


def test_length_asked_for_is_kept_where_a_shot_comes_or_goes_and_one_of_somebody_s_own_is_left(tmp_path: Path) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    ad, bell = "A 12-second ad. A boat sails. A gull cries.", " A bell rings on the pier."
    for brief, shots in ((ad, 2), (ad + bell, 3), (ad.replace(" A gull cries.", bell), 2)):
        board = replanned(studio, brief)
        assert (sum(shot.seconds for shot in board.shots), len(board.shots)) == (12, shots)
    path = studio.project.film("six").folder / "storyboard.yaml"
    longer = board.shots[0].model_copy(update={"seconds": 9.0})
    path.write_text(storyboard_to_yaml(board.with_shots([longer])), "utf-8")
    assert replanned(studio, ad + bell).shots[0].seconds == 9


def test_look_and_music_of_a_film_follow_the_brief_and_stand_where_it_says_the_same(tmp_path: Path) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    brief = "A boat leaves the harbour. In a watercolour style. Music: a slow piano."
    board = replanned(studio, brief)
    assert (board.bible.style.look, board.music) == ("watercolour style", "a slow piano")
    path = studio.project.film("six").folder / "storyboard.yaml"
    path.write_text(path.read_text("utf-8").replace("slow piano", "fast piano"), "utf-8")
    board = replanned(studio, brief.replace("watercolour", "charcoal"))
    assert (board.bible.style.look, board.music) == ("charcoal style", "a fast piano")
    board = replanned(studio, brief.replace("watercolour", "charcoal").replace("Music: a slow piano", "A gull cries"))
    assert (board.bible.style.look, board.music) == ("charcoal style", "")


def test_pins_go_with_the_words_of_a_written_storyboard_where_its_shots_are_numbered_anew(tmp_path: Path) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    brief = "shots: [{prompt: a boat sails, seconds: 1}, {prompt: waves break on rocks, seconds: 1}]"
    board = replanned(studio, brief)
    pins = {"seed": 7, "tried": ["black:new_seed"]}
    film = studio.project.film("six")
    add_storyboard(
        studio, film, board.with_shots([board.shots[0].model_copy(update=pins)]).model_copy(update={"number": 2})
    )
    board = replanned(
        studio, brief.replace("[{prompt: a boat", "[{prompt: the sun rises, seconds: 1}, {prompt: a boat")
    )
    assert [(s.prompt, s.seed, s.tried) for s in board.shots] == [
        ("the sun rises", None, []),
        ("a boat sails", 7, ["black:new_seed"]),
        ("waves break on rocks", None, []),
    ]


def test_pins_go_with_the_words_where_a_model_plans_a_changed_brief(tmp_path: Path) -> None:
    def plan(*prompts: str) -> str:
        return json.dumps({"shots": [{"prompt": said, "seconds": 2} for said in prompts]})

    was, now = ["A boat sails.", "A gull cries."], ["The sun rises.", "A boat sails.", "A gull cries."]
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"), planner=ScriptedModel([plan(*was), plan(*now)]))
    board = replanned(studio, " ".join(was))
    film = studio.project.film("six")
    mended = board.with_shots([board.shots[0].model_copy(update={"seed": 7, "size": "close"})])
    add_storyboard(studio, film, mended.model_copy(update={"number": 2}))
    board = replanned(studio, " ".join(now))
    assert [(s.prompt, s.id, s.seed, s.size) for s in board.shots] == [
        ("The sun rises.", "s01-03", None, "wide"),
        ("A boat sails.", "s01-01", 7, "close"),
        ("A gull cries.", "s01-02", None, "wide"),
    ]


def test_what_somebody_made_of_a_model_s_plan_stands_however_often_the_brief_changes(tmp_path: Path) -> None:
    told = ["A boat sails.", "A gull cries.", "An old dog sleeps by the fire."]

    def plan(*prompts: str) -> str:
        shots = [{"prompt": said, "seconds": 2} for said in prompts]
        return json.dumps({"title": "Harbour", "shots": shots})

    later = [[*told, "The sun rises."], [*told, "The sun rises.", "A bell rings far away."]]
    studio = Studio(
        Project.open(tmp_path, size=(128, 72), rate="8"),
        planner=ScriptedModel([plan(*said) for said in (told, *later)]),
    )
    board = replanned(studio, " ".join(told))
    (scene,) = board.scenes
    boat, _, dog = scene.shots
    dip = dog.model_copy(update={"transition": Transition(kind="dip_black", frames=4)})
    mine = {"title": "The Quay", "scenes": [scene.model_copy(update={"shots": [boat, dip]})]}
    path = studio.project.film("six").folder / "storyboard.yaml"
    path.write_text(storyboard_to_yaml(board.model_copy(update=mine)), "utf-8")
    for said in later:
        board = replanned(studio, " ".join(said))
        assert [shot.prompt for shot in board.shots] == [told[0], *said[2:]], "what was taken out stays out"
        assert (board.title, board.shots[1].transition) == ("The Quay", dip.transition)


def test_what_somebody_made_of_a_plan_stands_where_a_tool_says_the_brief_in_other_words(tmp_path: Path) -> None:
    def plan(brief: str) -> Storyboard:
        film = open_film(studio, brief, name="six")
        return plan_storyboard(studio, film, advise=lambda b: Advice(brief=b.text.replace("It", "The kettle K2")))

    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    brief = "It stands on a stove. It whistles. A girl pours tea."
    (scene,) = (board := plan(brief)).scenes
    assert scene.shots[0].prompt == "The kettle K2 stands on a stove."
    path = studio.project.film("six").folder / "storyboard.yaml"
    mine = scene.model_copy(update={"shots": [scene.shots[0].model_copy(update={"size": "close"}), scene.shots[2]]})
    path.write_text(storyboard_to_yaml(board.model_copy(update={"scenes": [mine]})), "utf-8")
    board = plan(brief + " It cools.")
    assert [(shot.id, shot.size) for shot in board.shots[:2]] == [("s01-01", "close"), ("s01-03", scene.shots[2].size)]
    assert [shot.prompt for shot in board.shots[2:]] == ["The kettle K2 cools."]


def test_what_a_model_only_words_otherwise_is_no_change_of_the_brief(tmp_path: Path) -> None:
    brief = "A boat sails out. A gull cries. An old dog sleeps by the fire, and wakes."

    def replies(place: str, *told: tuple[str, str]) -> list[str]:
        beats = {"beats": [{"see": see, "place": place} for see, _ in told]}
        shots = [{"beat": n, "prompt": said, "seconds": 2} for n, (_, said) in enumerate(told, 1)]
        return [json.dumps(reply) for reply in (beats, {"characters": [], "places": []}, {"shots": shots})]

    boat, gull, dog = "A boat sails out", "A gull cries", "An old dog sleeps by the fire, and wakes"
    turns = replies("quay", (boat, "sails fill"), (gull, "beak agape"), (dog, "paws twitch"), (dog, "eyes open"))
    reworded = [(boat, "a hull leaves"), (gull, "white bird screaming"), (dog, "fur by embers")]
    turns += replies("the quay", *reworded, ("A bell rings", "bronze swings"))
    dog = dog.replace("wakes", "snores")
    turns += replies(
        "a quay", (boat, "ropes drop"), (gull, "wings beat"), (dog, "snout hums"), ("A bell rings", "ding")
    )
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"), planner=ScriptedModel(turns))
    board = replanned(studio, brief)
    (scene,) = board.scenes
    path = studio.project.film("six").folder / "storyboard.yaml"
    left = [shot for shot in scene.shots if shot.prompt != "beak agape"]
    path.write_text(storyboard_to_yaml(board.model_copy(update={"scenes": [scene.model_copy(update={"shots": left})]})))
    board = replanned(studio, brief + " A bell rings.")
    assert [shot.prompt for shot in board.shots] == ["sails fill", "paws twitch", "eyes open", "bronze swings"]
    assert {shot.place for shot in board.shots[:3]} == {scene.place}
    assert [shot.model_copy(update={"span": None}) for shot in left] == [
        shot.model_copy(update={"span": None}) for shot in board.shots[:3]
    ]
    board = replanned(studio, brief.replace("wakes", "snores") + " A bell rings.")
    assert [shot.prompt for shot in board.shots] == ["sails fill", "snout hums", "bronze swings"]


def test_markdown_has_a_row_for_each_shot_and_every_line() -> None:
    storyboard = plan_offline(read_brief(EXAMPLES / "lighthouse.fountain"))
    table = storyboard_to_markdown(storyboard)
    rows = [line for line in table.split("\n") if line.startswith("| s")]
    assert len([row for row in rows if not row.startswith("| shot")]) == len(storyboard.shots)
    for shot in storyboard.shots:
        for line in shot.lines:
            assert line.text in table
    pipe = storyboard.with_shots([storyboard.shots[1].model_copy(update={"prompt": "a | b\nc"})])
    assert r"a \| b c" in storyboard_to_markdown(pipe)


PAGE = Path(__file__).parents[1] / "docs" / "storyboard.md"


def test_the_page_on_storyboards_is_true() -> None:
    text = PAGE.read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S)
    boards = [storyboard_from_text(block) for block in blocks]
    assert [len(board.shots) for board in boards] == [1, 3, 3]
    keys = set(re.findall(r"`(\w+)`", text))
    for noun in (Storyboard, Bible, Style, Character, Place, Scene, Shot, Line, Transition):
        unsaid = set(noun.model_fields) - keys
        assert not unsaid, f"docs/storyboard.md does not say {unsaid} of {noun.__name__}"
    for legal in (ShotSize, CameraMove, Angle, Transition.model_fields["kind"].annotation):
        assert ", ".join(get_args(legal)) in text
    settings = re.findall(r"^```toml\n(.*?)^```$", text, re.M | re.S)
    assert Settings.model_validate(tomllib.loads(settings[0])).backend_by_kind == {
        "title": "animatic",
        "insert": "remote",
    }


def test_shots_go_to_the_back_end_of_their_kind(tmp_path: Path) -> None:
    kinds = {"title": "local", "close": "remote"}
    studio = Studio(Project.open(tmp_path, create=True, backend="animatic", backend_by_kind=kinds))
    shots = [
        Shot(id="s01-01", prompt="a card", title="Home", kind="title", seconds=2),
        Shot(id="s01-02", prompt="a face", size="close", seconds=2),
        Shot(id="s01-03", prompt="a face", size="close", seconds=2, backend="animatic"),
        Shot(id="s01-04", prompt="a field", size="wide", seconds=2),
    ]
    assert [studio.backend_of(shot) for shot in shots] == ["local", "remote", "animatic", ""]


def written(project: Project) -> tuple[Studio, Film]:
    """Write a film's storyboard.yaml for a person to edit."""
    studio, film = Studio(project), project.film("six")
    brief = Brief(text="shots: [{prompt: a café by the sea, seconds: 2}]", form="storyboard")
    add_storyboard(studio, film, plan_offline(brief).model_copy(update={"number": 1}))
    film.add(brief)
    return studio, film


@pytest.mark.parametrize(
    ("saved", "said"),
    [("café".encode("latin-1"), "is not UTF-8"), (b"\0" * 64, "is binary"), (b" \n", "holds no storyboard")],
)
def test_storyboard_that_an_editor_saved_as_no_text_is_refused_and_stays(
    project: Project, saved: bytes, said: str
) -> None:
    studio, film = written(project)
    path = film.folder / "storyboard.yaml"
    path.write_bytes(saved)
    with pytest.raises(InvalidRequest, match=f"storyboard.yaml {said}"):
        newest_storyboard(studio, film)
    assert (path.read_bytes(), len(film.storyboards())) == (saved, 1)


@pytest.mark.parametrize(("encoding", "ends"), [("utf-8-sig", "\r\n"), ("utf-16", "\n")])
def test_storyboard_that_an_editor_only_saved_otherwise_is_no_edit(project: Project, encoding: str, ends: str) -> None:
    studio, film = written(project)
    path = film.folder / "storyboard.yaml"
    path.write_bytes(path.read_text("utf-8").replace("\n", ends).encode(encoding))
    newest_storyboard(studio, film)
    assert len(film.storyboards()) == 1


def test_storyboard_that_somebody_put_back_is_taken_as_it_stands(tmp_path: Path) -> None:
    studio = Studio(Project.open(tmp_path, size=(128, 72), rate="8"))
    replanned(studio, "A red boat sails. A gull cries.")
    path = studio.project.film("six").folder / "storyboard.yaml"
    first = path.read_text("utf-8")
    for number, text, said in (
        (2, first.replace("red", "blue"), "A blue boat sails."),
        (3, first, "A red boat sails."),
    ):
        path.write_text(text, "utf-8")
        for _ in range(2):  # the second time nothing is new
            board = replanned(studio, "A red boat sails. A gull cries.")
            assert (board.number, board.planner, board.shots[0].prompt) == (number, "person", said)


def test_storyboard_that_was_being_written_when_its_process_ended_is_there(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(project)
    board = replanned(studio, "A red boat sails.")
    film, real = project.film("six"), Film.add

    def killed(self: Film, noun: Any) -> None:
        if isinstance(noun, Storyboard):
            raise KeyboardInterrupt
        real(self, noun)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Film, "add", killed)
        replanned(studio, "A red boat sails. A gull cries.")
    assert film.storyboard() == board
    board = replanned(studio, "A red boat sails. A gull cries.")
    assert (board.number, board.planner, board.brief) == (2, "offline", film.briefs()[-1].key)
    assert [shot.prompt for shot in board.shots] == ["A red boat sails.", "A gull cries."]


def test_storyboard_that_a_person_is_editing_is_not_written_over(project: Project) -> None:
    studio = Studio(project)
    board = replanned(studio, "A red boat sails.")
    film = project.film("six")
    path = film.folder / "storyboard.yaml"
    path.write_text(path.read_text("utf-8").replace("red", "blue"), "utf-8")
    tried = board.with_shots([board.shots[0].model_copy(update={"seed": 7})]).model_copy(update={"number": 2})
    add_storyboard(studio, film, tried)  # as the critic does, while the film is made
    board = replanned(studio, "A red boat sails.")
    assert (board.number, board.planner, board.shots[0].prompt) == (3, "person", "A blue boat sails.")
    assert (board.shots[0].seed, film.storyboard(2)) == (7, tried), "what was tried meanwhile stands beside it"


@pytest.mark.parametrize(("seconds", "parts"), [(8, 4), (12, 6)])
def test_divided_shot_keeps_its_parts_unless_its_length_is_another(seconds: int, parts: int) -> None:
    text = "A {} second film. A fox runs through the {}. A hare hides under a bush."

    def planned(seconds: int, snow: str = "snow") -> Storyboard:
        return plan_offline(Brief(text=text.format(seconds, snow)))

    def divided(board: Storyboard) -> Storyboard:
        return fit_lengths(board, lambda shot: 2.5, lambda shot: True)

    first = planned(8)
    old = divided(first)
    assert [shot.id for shot in old.shots] == ["s01-01", "s01-01b", "s01-02", "s01-02b"]
    made = old.with_shots([s.model_copy(update={"seed": 7}) if s.id == "s01-02b" else s for s in old.shots])
    board = divided(replan(made, planned(seconds, "deep snow"), first, seconds=seconds).storyboard)
    assert len(board.shots) == parts and sum(shot.seconds for shot in board.shots) == pytest.approx(seconds)
    assert board.shot("s01-02b").seed == 7, "what somebody made of a part stands"
    joined = divided(replan(old, planned(12), first, seconds=12).storyboard)
    assert [shot.id for shot in joined.shots] == ["s01-01", "s01-01b", "s01-01c", "s01-02", "s01-02b"]
