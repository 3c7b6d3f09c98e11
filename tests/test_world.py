"""A shot is said in a small model's words, and whatever it cannot draw is named."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reelgraph.cli import main
from reelgraph.video_tools.backends.base import World
from reelgraph.video_tools.film import Bible, Brief, Character, Place, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.looks import looks_of
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.world import in_world

WORLD = World(
    things={"ball": ("ball", "sphere"), "box": ("box", "cube"), "star": ("star",)},
    colours={"red": "#e12328", "blue": "#2341e1", "yellow": "#fadc1e"},
    motions={
        "right": ("moves to the right", "rolls right", "moves from left to right"),
        "left": ("moves to the left", "rolls left", "moves from right to left"),
        "up": ("rises", "flies up"), "still": ("stays still", "waits", "does not move"), "spin": ("spins", "rotates"),
    },
    places={
        "sea": ("over the sea", "on the water"), "night": ("at night", "under the stars"), "desert": ("in the desert",),
    },
    most_things=2,
    name="shapes",
)  # fmt: skip


def said(prompt: str, *cast: Character, **shot: str) -> tuple[str, list[tuple[str, str, str]]]:
    one = Shot(id="s01-01", prompt=prompt, seconds=2, characters=[c.id for c in cast], **shot)  # type: ignore[arg-type]
    places = [Place(id="attic", name="the attic")]
    board = Storyboard(bible=Bible(characters=list(cast), places=places), scenes=[Scene(id="s01", shots=[one])])
    prompt, changes = in_world(board, one, WORLD)
    return prompt, [(c.what, c.asked, c.made) for c in changes]


PIP = Character(id="pip", name="Pip", description="a small red ball")
BO = Character(id="bo", name="Bo", description="a box", palette=["#1030d0"])


@pytest.mark.parametrize(
    ("prompt", "made"),
    [
        ("A red ball rolls right over the sea.", "a red ball moves to the right over the sea"),
        ("A red ball is moving to the right over the sea.", "a red ball moves to the right over the sea"),
        ("A red ball, right over the sea.", "a red ball moves to the right over the sea"),
        ("A red ball moves from right to left over the sea.", "a red ball moves to the left over the sea"),
        ("At night, a blue cube rotates.", "a blue box spins at night"),
        (
            "A red sphere flies up and a yellow star waits, in the desert.",
            "a red ball rises and a yellow star stays still in the desert",
        ),
    ],
)  # fmt: skip
def test_what_the_world_holds_is_said_in_its_words_and_nothing_is_replaced(prompt: str, made: str) -> None:
    assert said(prompt) == (made, [])


def test_characters_bring_their_own_thing_and_colour() -> None:
    assert said("Pip rolls left on the water.", PIP) == ("a red ball moves to the left over the sea", [])
    assert said("Bo waits while Pip rises at night.", PIP, BO) == (
        "a blue box stays still and a red ball rises at night", [],
    )  # fmt: skip


def test_what_the_world_lacks_is_replaced_and_named() -> None:
    keeper = Character(id="keeper", name="the keeper", description="an old man", palette=["#f0d020"])
    prompt, changes = said("The keeper climbs the stairs.", keeper, place="attic")
    assert prompt.startswith("a yellow ")
    assert "rises" in prompt
    assert [what for what, _, _ in changes] == ["place", "character", "action", "words"]
    assert [asked for _, asked, _ in changes] == ["the attic", "the keeper", "climbs", "stairs"]
    again, _ = said("The keeper spins.", keeper)
    assert again.split()[:3] == prompt.split()[:3], "who is drawn as something is always drawn as it"


def test_words_that_are_not_drawn_are_named() -> None:
    prompt, changes = said("A small red ball rolls right over the sea towards a lighthouse.")
    assert prompt == "a red ball moves to the right over the sea"
    assert changes == [("words", "small, lighthouse", "")]


@pytest.mark.parametrize(
    ("prompt", "made", "replaced"),
    [
        ("Pip hurries along the shore.", "a red ball moves to the right over the sea",
         [("place", "shore", "over the sea"), ("action", "hurries", "moves to the right")]),
        ("Pip falls asleep at night.", "a red ball stays still at night", [("action", "falls asleep", "stays still")]),
        ("Pip rolls across the dunes to the left.", "a red ball moves to the left in the desert",
         [("place", "dunes", "in the desert")]),
        ("Pip waits and then rises.", "a red ball rises at night", [("action", "waits", "")]),
        ("Pip dances, then soars, at night.", "a red ball spins at night",
         [("action", "dances", "spins"), ("action", "soars", "")]),
        ("Night falls.", "a red ball stays still at night",
         [("character", "Night falls.", "red ball stays still")]),
    ],
)  # fmt: skip
def test_a_story_in_other_words_becomes_the_nearest_and_each_is_said(
    prompt: str, made: str, replaced: list[tuple[str, str, str]]
) -> None:
    one = Shot(id="s01-01", prompt="Pip rises at night.", seconds=2, characters=["pip"])
    cast = [] if prompt.startswith("Night") else ["pip"]
    two = Shot(id="s01-02", prompt=prompt, seconds=2, characters=cast)
    board = Storyboard(bible=Bible(characters=[PIP]), scenes=[Scene(id="s01", shots=[one, two])])
    prompt, changes = in_world(board, two, WORLD)
    assert (prompt, [(c.what, c.asked, c.made) for c in changes]) == (made, replaced)


def test_two_that_the_world_lacks_never_look_alike() -> None:
    cast = [Character(id=f"c{n}", name=f"Guest {n}", description="somebody") for n in range(9)]
    looks = looks_of(Bible(characters=cast), WORLD)
    assert len({str(look) for look in looks.values()}) == 9
    shuffled = looks_of(Bible(characters=cast[:4]), WORLD)
    assert all(shuffled[id] == looks[id] for id in shuffled), "who comes later changes nobody's look"


def test_a_world_of_one_thing_draws_who_acts_and_names_the_other() -> None:
    shot = Shot(id="s01-01", prompt="Pip meets Bo at night.", seconds=2, characters=["pip", "bo"])
    board = Storyboard(bible=Bible(characters=[PIP, BO]), scenes=[Scene(id="s01", shots=[shot])])
    prompt, changes = in_world(board, shot, replace(WORLD, most_things=1))
    assert prompt == "a red ball stays still at night"
    assert ("character", "Bo", "") in [(c.what, c.asked, c.made) for c in changes]


@pytest.mark.parametrize(
    ("brief", "made"),
    [
        ("Pip, a red ball, rolls right across the sea. She meets Bo, a blue box. They wait together.",
         ["a red ball moves to the right over the sea",
          "a red ball stays still and a blue box stays still over the sea",
          "a red ball stays still and a blue box stays still over the sea"]),
        ("Zed the yellow star spins at night. A red ball named Pip rises. It spins.",
         ["a yellow star spins at night", "a red ball rises at night", "a red ball spins at night"]),
    ],
)  # fmt: skip
def test_a_story_of_named_things_becomes_plain_sentences(brief: str, made: list[str]) -> None:
    board = plan_offline(Brief(text=brief))
    assert [in_world(board, shot, WORLD)[0] for shot in board.shots] == made


def test_one_too_many_is_named() -> None:
    third = Character(id="sol", name="Sol", description="a yellow star")
    prompt, changes = said("Pip, Bo and Sol wait at night.", PIP, BO, third)
    assert ("character", "Sol", "") in changes
    assert "star" not in prompt


def test_a_lighthouse_is_never_quietly_a_ball() -> None:
    shot = Shot(id="s01-01", prompt="A lighthouse stands on a cliff.", seconds=2)
    _, changes = in_world(Storyboard(scenes=[Scene(id="s01", shots=[shot])]), shot, WORLD)
    said = {change.what: change for change in changes}
    assert said["character"].asked == shot.prompt and said["character"].why == "shapes can't draw a lighthouse"


def test_the_model_that_cannot_draw_it_is_named_not_the_back_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("diffusers")
    main(["plan", "A lighthouse stands on a cliff.", "--backend", "local", "--model", "shapes", "-p", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "shapes can't draw a lighthouse" in printed and "local can't draw" not in printed


def test_way_is_that_of_the_shot_before_in_the_film_however_many_there_are() -> None:
    shots = [
        Shot(id=f"s01-{n}", prompt=prompt, seconds=2, characters=["pip"])
        for n, prompt in (("98", "Pip rolls right."), ("99", "Pip moves to the left."), ("100", "Pip goes on."))
    ]
    board = Storyboard(bible=Bible(characters=[PIP]), scenes=[Scene(id="s01", shots=shots)])
    assert in_world(board, shots[2], WORLD)[0].startswith("a red ball moves to the left")


@pytest.mark.parametrize(
    ("prompt", "way"),
    [
        ("A red ball rolls in from the left at night.", "right"),
        ("A red ball rolls in from the right at night.", "left"),
    ],
)
def test_who_comes_from_a_side_goes_to_the_other(prompt: str, way: str) -> None:
    assert said(prompt)[0] == f"a red ball moves to the {way} at night"


def test_a_name_says_nothing_of_what_is_done_or_where() -> None:
    bob = Character(id="bob", name="Spinning Bob", description="a red ball")
    sea = Character(id="sea", name="Sea", description="a blue star")
    assert said("Spinning Bob waits in the desert.", bob) == ("a red ball stays still in the desert", [])
    assert said("Sea spins in the desert.", sea) == ("a blue star spins in the desert", [])


def test_stars_that_do_something_are_things_and_stars_over_somebody_are_a_place() -> None:
    assert said("A yellow star rises over the sea.") == ("a yellow star rises over the sea", [])
    assert said("Pip waits under the stars.", PIP) == ("a red ball stays still at night", [])


def test_a_time_or_place_that_is_lost_is_named_and_a_scene_stays_where_it_is() -> None:
    board = Bible(characters=[PIP], places=[Place(id="beach", name="the sea")])
    shots = [
        Shot(id=f"s01-0{n}", prompt=prompt, seconds=2, characters=["pip"], place="beach", time="night")
        for n, prompt in enumerate(("Pip waits in the desert.", "Pip rises.", "Pip waits at night."), 1)
    ]
    one = Storyboard(bible=board, scenes=[Scene(id="s01", shots=shots)])
    made = [in_world(one, shot, WORLD) for shot in shots]
    assert [prompt for prompt, _ in made] == [
        "a red ball stays still in the desert", "a red ball rises in the desert", "a red ball stays still at night",
    ]  # fmt: skip
    lost = [("time", "night", "", "shapes draws one place at a time")]
    assert [[(c.what, c.asked, c.made, c.why) for c in changes] for _, changes in made] == [
        lost, lost, [("place", "the sea", "", "shapes draws one place at a time")],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "brief",
    [
        "Kim is a blue star. Kim spins on the grass. Rose is a red ball. Rose waits at sea.",
        "Night falls. Rose is a red ball. Rose waits on the grass.",
    ],
)
def test_who_is_introduced_after_something_happened_looks_as_said(brief: str) -> None:
    board = plan_offline(Brief(text=brief))
    rose = next(who for who in board.bible.characters if who.name == "Rose")
    assert "red ball" in rose.description
    assert not any("is a red ball" in shot.prompt for shot in board.shots)


def test_who_acted_before_it_is_said_what_they_are_is_no_definition() -> None:
    board = plan_offline(Brief(text="Rose waits at sea. Rose is a good swimmer. Rose swims home."))
    assert [shot.prompt for shot in board.shots][1] == "Rose is a good swimmer."


def test_an_action_that_cannot_be_drawn_is_named_without_who_acts() -> None:
    _, changes = said("Bo argues with Pip at night.", BO, PIP)
    assert ("action", "argues with", "stays still") in changes
    _, changes = said("Bo at night.", BO)
    assert ("action", "Bo at night", "stays still") in changes


def test_several_of_which_one_is_drawn_are_named() -> None:
    assert said("Yellow stars rise over the sea.") == (
        "a yellow star rises over the sea", [("number", "Yellow stars", "1 yellow star")],
    )  # fmt: skip
    three = Character(id="three", name="Three red balls", description="three red balls")
    assert said("They wait at night.", three)[1] == [("number", "Three red balls", "1 red ball")]
    boss = Character(id="boss", name="James", description="a blue box")
    assert said("James waits at night.", boss)[1] == []


def test_a_colour_at_the_head_of_a_sentence_is_nobody_unless_it_acts() -> None:
    names = {
        text: [who.name for who in plan_offline(Brief(text=text)).bible.characters]
        for text in ("Green stars fall on the grass.", "Red runs to the door. Red runs fast.", "Blue waves back.")
    }
    assert list(names.values()) == [[], ["Red"], ["Blue"]]


def test_plan_keeps_a_length_that_was_asked_for_by_shots_that_go_on_and_says_nothing_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("diffusers")
    words = ["--backend", "local", "--model", "shapes", "-p", str(tmp_path), "--json"]
    main(["plan", "A film of 9 seconds. A red ball rolls over the sea.", *words])
    said = capsys.readouterr()
    shots = json.loads(said.out)["storyboard"]["scenes"][0]["shots"]
    assert [(s["seconds"], s["continues"]) for s in shots] == [(1.8, False)] + [(1.8, True)] * 4
    assert {"continues", "length"}.isdisjoint(change["what"] for change in json.loads(said.out)["substitutions"])
    assert "continues" not in said.err and "length" not in said.err
