"""A shot is said in a small model's words, and whatever it cannot draw is named."""

import pytest

from reelgraph.video_tools.backends.base import World
from reelgraph.video_tools.film import Bible, Character, Place, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.world import in_world

WORLD = World(
    things={"ball": ("ball", "sphere"), "box": ("box", "cube"), "star": ("star",)},
    colours={"red": "#e12328", "blue": "#2341e1", "yellow": "#fadc1e"},
    motions={
        "right": ("moves to the right", "rolls right", "moves from left to right"),
        "left": ("moves to the left", "rolls left", "moves from right to left"),
        "up": ("rises", "flies up"), "still": ("stays still", "waits"), "spin": ("spins", "rotates"),
    },
    places={
        "sea": ("over the sea", "on the water"), "night": ("at night", "under the stars"), "desert": ("in the desert",),
    },
    most_things=2,
)  # fmt: skip


def said(prompt: str, *cast: Character, **shot: str) -> tuple[str, list[tuple[str, str, str]]]:
    one = Shot(id="s01-01", prompt=prompt, seconds=2, characters=[c.id for c in cast], **shot)  # type: ignore[arg-type]
    places = [Place(id="attic", name="the attic")]
    board = Storyboard(bible=Bible(characters=list(cast), places=places), scenes=[Scene(id="s01", shots=[one])])
    prompt, changes = in_world(board, one, WORLD, "shapes")
    return prompt, [(c.what, c.asked, c.made) for c in changes]


PIP = Character(id="pip", name="Pip", description="a small red ball")
BO = Character(id="bo", name="Bo", description="a box", palette=["#1030d0"])


@pytest.mark.parametrize(
    ("prompt", "made"),
    [
        ("A red ball rolls right over the sea.", "a red ball moves to the right over the sea"),
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
    assert [what for what, _, _ in changes] == ["character", "action", "place"]
    assert [asked for _, asked, _ in changes] == ["the keeper", "The keeper climbs the stairs", "the attic"]
    again, _ = said("The keeper spins.", keeper)
    assert again.split()[:3] == prompt.split()[:3], "who is drawn as something is always drawn as it"


def test_words_that_are_not_drawn_are_named() -> None:
    prompt, changes = said("A small red ball rolls right over the sea towards a lighthouse.")
    assert prompt == "a red ball moves to the right over the sea"
    assert changes == [("words", "small, towards, lighthouse", "")]


def test_one_too_many_is_named() -> None:
    third = Character(id="sol", name="Sol", description="a yellow star")
    prompt, changes = said("Pip, Bo and Sol wait at night.", PIP, BO, third)
    assert ("character", "Sol", "") in changes
    assert "star" not in prompt


def test_a_lighthouse_is_never_quietly_a_ball() -> None:
    _, changes = said("A lighthouse stands on a cliff.")
    assert ("character", "A lighthouse stands on a cliff.") in [(what, asked) for what, asked, _ in changes]
