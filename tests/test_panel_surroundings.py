"""What a panel's words say of its surroundings, and what only sounds as if they did."""

import pytest

from reelgraph.video_tools.film import Character, Panel
from reelgraph.video_tools.panels.surroundings import NAMED, SETTINGS, read
from reelgraph.video_tools.planning.lexicon import settings


def panel(place: str = "", *names: str) -> Panel:
    figures = [Character(id=f"c{n}", name=name) for n, name in enumerate(names)]
    return Panel(shot="s01-01", size="wide", camera="still", place=place, figures=figures)


def test_every_place_that_the_planner_finds_has_a_setting() -> None:
    assert [noun for noun in sorted(settings("places")) if read(panel(noun.capitalize()), "").setting == "plain"] == []
    assert NAMED.keys() <= SETTINGS.keys()


@pytest.mark.parametrize(
    ("place", "words", "setting"),
    [
        ("", "Tom waves goodbye.", "plain"), ("", "The boat rocks on the waves.", "sea"),
        ("", "A cyclist rides home.", "plain"), ("", "That hat is mine.", "plain"), ("Mine", "", "room"),
        ("", "They live on a country road.", "field"), ("", "A car on the road.", "street"),
        ("Village", "", "field"), ("", "Tom sits on a bench in the park.", "field"), ("", "They park.", "plain"),
        ("INT. CAFE", "", "room"), ("EXT. CAFE", "", "street"), ("EXT. GARDEN", "", "field"), ("Balcony", "", "street"),
        ("Pool", "", "sea"), ("Savannah", "", "field"), ("Snow", "", "field"), ("", "On a bench sits Sam.", "field"),
    ],
)  # fmt: skip
def test_words_name_a_setting(place: str, words: str, setting: str) -> None:
    assert read(panel(place), words).setting == setting


def test_proper_names_of_the_cast_are_no_surroundings() -> None:
    assert read(panel("", "Mrs Forest", "Dawn"), "Mrs Forest waits for Dawn.").setting == "plain"
    assert read(panel("", "Dawn"), "Dawn waits.").hour == "day"
    assert read(panel("", "Lighthouse keeper"), "The lighthouse keeper waits.").setting == "sea"
    assert read(panel("", "Dijk"), "Mr van Dijk waits.").things == {}
    assert list(read(panel(), "A van waits.").things) == ["car"]


@pytest.mark.parametrize(
    ("words", "things"),
    [
        ("The fire brigade comes.", []), ("A firefighter waits at the fire exit.", []), ("A fire engine.", ["car"]),
        ("Tom sits at the fire.", ["fire"]), ("A dog on a bench.", ["bench"]), ("A village.", ["village"]),
        ("A cart on a dirt road.", ["road"]),
    ],
)  # fmt: skip
def test_only_what_stands_about_is_drawn(words: str, things: list[str]) -> None:
    assert list(read(panel(), words).things) == things


@pytest.mark.parametrize(
    ("words", "hour", "weather"),
    [
        ("It rains in the garden.", "day", {"rain"}), ("It snowed all day.", "day", {"snow"}),
        ("The moon hangs above the roofs.", "night", set()), ("They fly to the moon.", "day", set()),
        ("CONTINUOUS", "day", set()),
    ],
)  # fmt: skip
def test_words_say_hour_and_weather(words: str, hour: str, weather: set[str]) -> None:
    seen = read(panel(), words)
    assert (seen.hour, seen.weather) == (hour, weather)
    assert read(Panel(shot="s01-01", size="wide", camera="still", time="CONTINUOUS"), "A calm night.").hour == "night"
