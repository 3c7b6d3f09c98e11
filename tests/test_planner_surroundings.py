"""Where each shot of a scene is, when, and in what weather: what one shot says holds on in the next."""

import pytest

from reelgraph.video_tools.film import Brief, Storyboard
from reelgraph.video_tools.panels.surroundings import read
from reelgraph.video_tools.planning.fit import panel_of
from reelgraph.video_tools.planning.headings import scene_under, side_of, split_heading
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.outline import SceneOutline
from reelgraph.video_tools.planning.surroundings import Surroundings


def drawn(text: str, form: str = "prose") -> list[tuple[str, list[str]]]:
    """Return setting and weather of each shot, as they are drawn."""
    board: Storyboard = plan_offline(Brief(text=text, form=form))  # type: ignore[arg-type]
    around = Surroundings(board)
    seen = [read(panel_of(board, shot, around), shot.prompt) for shot in board.shots]
    return [(what.setting, sorted(what.weather)) for what in seen]


def test_a_scene_stays_where_it_began_until_its_words_go_elsewhere() -> None:
    brief = "Two sisters sit at a kitchen table at night.\nInge: The moon is bright.\nMarlies laughs. They eat."
    assert drawn(brief) == [("room", [])] * 4
    brief = "A girl walks along a beach. She stops. She enters a forest. She smiles."
    assert [setting for setting, _ in drawn(brief)] == ["sea", "sea", "forest", "forest"]


def test_furniture_stands_in_the_place_it_is_named_for_and_a_lamp_lights_it() -> None:
    places = {}
    for where in ("at a kitchen table", "on a school bench", "under a street lamp", "beside a school bus"):
        places[where] = plan_offline(Brief(text=f"Two sisters sit {where}. They laugh.")).shots[1].place
    assert list(places.values())[:3] == ["kitchen", "school", ""], places


def test_what_is_said_of_a_place_is_no_place() -> None:
    brief = 'A cook stirs a pot in the kitchen. "The sea is calm," he says. He smiles.'
    assert [setting for setting, _ in drawn(brief)] == ["room"] * 3


def test_rain_falls_until_the_words_end_it_and_steam_passes() -> None:
    brief = "Rain falls on a street. A man runs. He stops. The rain stops. He laughs."
    assert [weather for _, weather in drawn(brief)][:3] == [["rain"]] * 3
    assert [weather for _, weather in drawn(brief)][-1] == []
    assert [weather for _, weather in drawn("Steam rises from a cup in a kitchen. A cook drinks.")] == [["fog"], []]


@pytest.mark.parametrize(
    ("brief", "weather"),
    [
        ("Es schneit in der Stadt. Der Mann geht nach Hause und die Frau wartet.", "snow"),
        ("Una tarde de tormenta, la abuela cose junto a la ventana. El gato duerme en el sillón.", "rain"),
    ],
)
def test_weather_of_other_languages_is_drawn(brief: str, weather: str) -> None:
    assert [found for _, found in drawn(brief)] == [[weather]] * 2


def test_a_screenplays_heading_says_whether_a_scene_is_inside() -> None:
    script = "INT. {0} - DAY\n\nA man waits on a bench.\n\nEXT. {0} - DAY\n\nThe man waits on a bench.\n"
    assert [setting for setting, _ in drawn(script.format("CHURCH"), "fountain")] == ["room", "street"]
    assert drawn(script.format("OLD WATCHPOST"), "fountain")[0] == ("room", [])
    assert [setting for setting, _ in drawn(script.format("PLATFORM"), "fountain")] == ["room", "street"]


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("INT. HALL - CONTINUOUS", ("HALL", "NIGHT", "interior")),
        ("EXT. HALL - MOMENTS LATER", ("HALL", "NIGHT", "exterior")),
        ("INT. HALL - NIGHT - CONTINUOUS", ("HALL", "NIGHT", "interior")), ("I/E VAN - SAME", ("VAN", "NIGHT", "")),
        ("INT./EXT. VAN - 10 minutes later", ("VAN", "NIGHT", "")),
        ("EXT. SEA - NEXT DAY", ("SEA", "NEXT DAY", "exterior")),
        ("EXT. SEA - LATER THAT EVENING", ("SEA", "LATER THAT EVENING", "exterior")),
        ("Interior. Attic – Dawn", ("Attic", "Dawn", "interior")),
        ("Estate garden - DAY", ("Estate garden", "DAY", "")),
    ],
)  # fmt: skip
def test_a_heading_says_where_when_and_whether_inside(heading: str, told: tuple[str, str, str]) -> None:
    scene = scene_under(heading, SceneOutline(time="NIGHT"))
    assert (scene.place, scene.time, side_of(heading)) == told


def test_the_first_heading_that_goes_on_has_no_time() -> None:
    assert scene_under("INT. HALL - LATER", None).time == ""
    assert split_heading("INT. LIGHTHOUSE - LAMP ROOM - NIGHT") == ("LIGHTHOUSE - LAMP ROOM", "NIGHT")


def test_continuous_after_night_is_night() -> None:
    script = (
        "INT. ATTIC - NIGHT\n\nA cat sleeps.\n\nINT. HALL - CONTINUOUS\n\nIt wakes.\n\nINT. ATTIC - LATER\n\nIt eats."
    )
    board = plan_offline(Brief(text=script, form="fountain"))
    assert [scene.time for scene in board.scenes] == ["NIGHT"] * 3
    prose = "INT. KITCHEN - NIGHT. A cat sleeps. INT. HALL - CONTINUOUS. It wakes."
    assert [scene.time for scene in plan_offline(Brief(text=prose)).scenes] == ["NIGHT"] * 2
