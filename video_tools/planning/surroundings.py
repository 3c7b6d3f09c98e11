"""Say where each shot of a scene is, and in what weather, for pictures that are drawn shot by shot.

A scene has one place: a shot whose own words name none that can be drawn has that of the nearest earlier one, and the
rain that began falls on until the words end it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reelgraph.video_tools.film import Character, Panel, Scene, Shot, Storyboard
from reelgraph.video_tools.panels.surroundings import SETTINGS, read
from reelgraph.video_tools.panels.words import has
from reelgraph.video_tools.planning.headings import side_of
from reelgraph.video_tools.planning.languages import tongue_of
from reelgraph.video_tools.planning.lexicon import words
from reelgraph.video_tools.planning.places_abroad import in_english, weather_abroad
from reelgraph.video_tools.planning.quotes import blanked


@dataclass(frozen=True)
class Around:
    """What is around a shot.

    Attributes:
        place: Words for where it is; nothing where nothing in the scene says it.
        weather: Words for what the weather is.
    """

    place: str = ""
    weather: str = ""


class Surroundings:
    """What is around the shots of a storyboard, found once for each scene."""

    def __init__(self, storyboard: Storyboard) -> None:
        self._board = storyboard
        self._scenes = {shot.id: scene for scene in storyboard.scenes for shot in scene.shots}
        self._found: dict[str, Around] = {}

    def of(self, shot: Shot) -> Around:
        """Return what is around a shot; one of no scene here stands for itself."""
        if shot.id not in self._found:
            scene = self._scenes.get(shot.id) or Scene(id="s00", shots=[shot])
            self._found.update(_around(self._board, scene))
        return self._found[shot.id]


def _around(board: Storyboard, scene: Scene) -> Iterator[tuple[str, Around]]:
    """Go through a scene, and yield what is around each shot by its id."""
    tongue = tongue_of(" ".join(shot.prompt for shot in scene.shots))
    side = side_of(scene.heading)
    stays = implied = weather = ""
    for shot in scene.shots:
        if shot.kind == "title":
            yield shot.id, Around()
            continue
        entry = board.bible.place(shot.place)
        name, told = (entry.name, entry.description) if entry else (shot.place, "")
        figures = [found for id in shot.characters if (found := board.bible.character(id))]
        said = blanked(shot.prompt)
        looks = "" if _setting([], name, "") else in_english(name.lower(), tongue) or _told(told)
        if not _setting([], f"{name}, {looks}", ""):
            here = _setting(figures, "", said)
            stays = _word(here, said) or stays
            implied = here or implied
            looks = stays or implied
        weather = _weather(said, tongue, weather)
        yield shot.id, Around(", ".join(filter(None, [name, looks, side])), weather)


def _told(description: str) -> str:
    """Return the word of a place's description that names what can be drawn."""
    return _word(_setting([], description, ""), description) if description else ""


def _weather(said: str, tongue: str, before: str) -> str:
    """Return the weather that a shot's words begin, or that holds on from the shots before."""
    if re.search(words()["weather"]["ends"], said, re.I):
        return ""
    found = has(words()["weather"]["lasting"], said)
    return (found[0].lower() if found else weather_abroad(said, tongue) if tongue else "") or before


def _setting(figures: list[Character], place: str, said: str) -> str:
    """Return the setting that is drawn of words; nothing where it is bare ground."""
    panel = Panel(shot="s00-00", size="wide", camera="still", figures=figures, place=place)
    found = read(panel, said).setting
    return found if found in SETTINGS else ""


def _word(setting: str, said: str) -> str:
    """Return the word that names a setting; nothing where it only follows from what stands there."""
    found = has(SETTINGS[setting], said) if setting else None
    return found[0].lower() if found else ""
