"""Colours of a film's cast: what is said stays, animals have coats, and nobody else looks like somebody before."""

import pytest

from reelgraph.video_tools.planning.palette import cast_palette


def test_colour_that_is_said_stays_first_whoever_else_has_it() -> None:
    assert cast_palette("A red ball", {"#c8372d"}) == ["#c8372d", "#e69f00"]
    assert cast_palette("a boy in a red coat and blue jeans", {"#c8372d"}) == ["#c8372d", "#e69f00", "#2f6bb3"]
    assert cast_palette("A red ball", {"#e69f00"}) == ["#c8372d"]


@pytest.mark.parametrize(
    ("description", "first"),
    [
        ("Three wolves", "#6c7076"),
        ("two mice", "#9b9895"),
        ("a fox", "#d0662c"),
        ("Two calves", "#8a6a48"),
        ("the animals", "#8a6a48"),
        ("a badger who watches a man", "#8a6a48"),
        ("a man with a badger", "#e69f00"),
    ],
)
def test_animal_has_the_coat_of_its_kind(description: str, first: str) -> None:
    assert cast_palette(description, set())[0] == first


def test_animals_without_a_colour_have_coats_that_differ() -> None:
    taken: set[str] = set()
    coats = [cast_palette(f"a {name}", taken)[0] for name in ("badger", "otter", "weasel beast")]
    assert coats == ["#8a6a48", "#8d8a85", "#5f4a3a"]
    assert cast_palette("a fox", {"#d0662c"}) == ["#d0662c", "#8a6a48", "#f3e7cd"]
