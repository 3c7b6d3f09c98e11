"""Groups, everybody at once, and what only dresses a set: who is in which shot."""

import pytest

from reelgraph.video_tools.film import Brief, Storyboard
from reelgraph.video_tools.planning.offline import plan_offline


def plan(text: str) -> Storyboard:
    return plan_offline(Brief(text=text))


def seen(board: Storyboard) -> list[tuple[str, list[str]]]:
    return [(shot.prompt, shot.characters) for shot in board.shots]


def test_the_members_of_a_counted_group_are_told_apart() -> None:
    board = plan("Three balls, red, green and blue, race down a hill. The red one wins. The balls bounce. They stop.")
    balls = ["red-ball", "green-ball", "blue-ball"]
    assert [(c.id, c.kind, c.description) for c in board.bible.characters] == [
        ("red-ball", "object", "a red ball"), ("green-ball", "object", "a green ball"),
        ("blue-ball", "object", "a blue ball"),
    ]  # fmt: skip
    assert seen(board) == [
        ("Three balls, red, green and blue, race down a hill.", balls),
        ("The red one wins.", ["red-ball"]), ("The balls bounce.", balls), ("They stop.", balls),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("Two robots, one tall and one small, dance. The small one falls.", ["tall-robot", "small-robot"],
         ["small-robot"]),
        ("Two sisters, one shy, one bold, walk home. Both sisters sing.", ["shy-sister", "bold-sister"],
         ["shy-sister", "bold-sister"]),
        ("Three cups (white, black and blue) stand there. The black one falls.", ["white-cup", "black-cup", "blue-cup"],
         ["black-cup"]),
        ("A red car and a blue car race along. The cars crash.", ["red-car", "blue-car"], ["red-car", "blue-car"]),
    ],
)  # fmt: skip
def test_a_later_mention_finds_one_of_a_group_or_all_of_it(text: str, first: list[str], second: list[str]) -> None:
    assert [characters for _, characters in seen(plan(text))] == [first, second]


def test_a_group_that_counts_another_number_stays_a_group() -> None:
    board = plan("Three balls, red and green, roll by.")
    assert not {"red-ball", "green-ball"} & {c.id for c in board.bible.characters}


def test_everyone_is_all_of_the_scene_and_everyone_else_is_not() -> None:
    board = plan("A dog, a cat and a boy dance. Everyone freezes. The boy winks. Everyone else laughs.")
    assert [characters for _, characters in seen(board)] == [["dog", "cat", "boy"], ["dog", "cat", "boy"], ["boy"], []]


def test_furniture_and_clothes_are_nobody_unless_they_act_again_and_again() -> None:
    told = "A girl sits on a chair in her coat. The chair creaks. She pulls the chair to the door. She takes her coat."
    assert [c.id for c in plan(told).bible.characters] == ["girl"]
    dreams = plan("A chair dreams of dancing. The chair walks out of the house. It dances in the rain.")
    assert [c.id for c in dreams.bible.characters] == ["chair"]
