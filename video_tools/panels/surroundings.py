"""What a panel's words say of its surroundings: the setting, the hour, the weather, and what stands about."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from reelgraph.video_tools.film import Panel
from reelgraph.video_tools.panels.ways import moving
from reelgraph.video_tools.panels.words import colours_of, has

Hour: TypeAlias = Literal["day", "night", "dusk", "dawn"]

# The first setting whose words occur wins: the particular before the general.
SETTINGS: dict[str, str] = {
    "underwater": "underwater|seabed|sea floor|reef|ocean floor|beneath the waves",
    "space": "space|spaceship|starship|orbit|planet|asteroid|galaxy|nebula|cosmos|lunar surface|moon base",
    "room": (
        r"int|interior|room|bedroom|kitchen|office|hall|hallway|corridor|cellar|attic|study|library|studio|"
        r"shop|cafe|café|bar|pub|restaurant|classroom|hospital|laboratory|lab|workshop|inside|indoors|"
        r"cabin interior|stairwell|basement|apartment|cockpit|bridge of the ship|engine room|lamp room|"
        r"living room|garage|theatre|theater|church"
    ),
    "forest": r"forest|woods?|jungle|grove|trees|clearing|rainforest",
    "desert": r"desert|dunes?|sahara|sand|sands|wasteland",
    "sea": (
        r"sea|ocean|shore|beach|coast|coastline|cliffs?|harbou?r|waves?|bay|lake|island|quay|pier|river|surf|"
        r"headland"
    ),
    "street": (
        r"street|streets|city|alley|avenue|road|downtown|town|market|pavement|sidewalk|traffic|skyline|"
        r"rooftops?|village|crossroads|motorway|highway|station"
    ),
    "mountain": r"mountains?|peaks?|summit|valley|ridge|alps|glacier|canyon|gorge",
    "sky": r"sky|clouds?|airborne|in the air|above the clouds|stratosphere",
    "field": (
        r"fields?|meadow|grass|hills?|hillside|farm|garden|park|prairie|countryside|pasture|vineyard|"
        r"snowfield|lawn"
    ),
}

# What stands about in a scene, and the setting that it implies where the words name none.
THINGS: dict[str, tuple[str, str]] = {
    "lighthouse": (r"lighthouse", "sea"),
    "cliff": (r"cliffs?|headland|precipice", "sea"),
    "boat": (r"boats?|dinghy|rowboat|trawler|sail(?:ing)? ?boat|yacht|ship|ships|ferry|canoe", "sea"),
    "house": (r"house|cottage|cabin|hut|farmhouse|barn", "field"),
    "tower": (r"tower|castle|fortress|ruins?", "mountain"),
    "tree": (r"tree|oak|pine|willow|palm|birch", "field"),
    "car": (r"cars?|taxi|truck|van|bus|lorry", "street"),
    "train": (r"train|locomotive|tram|railway", "field"),
    "fence": (r"fence|gate", "field"),
    "bridge": (r"bridge", "field"),
    "fire": (r"fire|campfire|bonfire|flames?", "field"),
    "rock": (r"boulders?|stones?", "field"),
    "window": (r"windows?|pane", "room"),
    "door": (r"doors?|doorway|threshold", "room"),
    "table": (r"tables?|desk|counter|workbench|bench", "room"),
    "lamp": (r"lamps?|lantern|candle|chandelier|light bulb", "room"),
    "stairs": (r"stairs?|staircase|spiral", "room"),
    "bed": (r"bed|bunk|cot", "room"),
    "shelf": (r"shelf|shelves|bookcase|books|archive", "room"),
    "hearth": (r"fireplace|hearth|stove|oven", "room"),
    "screen": (r"computer|monitors?|television|tv|laptop|console|screens?", "room"),
}

WEATHER: dict[str, str] = {
    "rain": r"rain|raining|rainy|storm|stormy|downpour|drizzle|thunder",
    "snow": r"snow|snowing|snowy|blizzard|snowfall|snowflakes",
    "fog": r"fog|foggy|mist|misty|haze|smoke|steam",
}

HOURS: dict[Hour, str] = {
    "night": r"night|midnight|moonlit|moonlight|starlit|stars|after dark|nocturnal",
    "dawn": r"dawn|sunrise|daybreak|early morning|first light|morning",
    "dusk": r"dusk|sunset|evening|twilight|golden hour|nightfall|sundown",
    "day": r"day|noon|midday|afternoon|daylight|sunny|continuous",
}


@dataclass(frozen=True)
class Seen:
    """What the words say is to be seen.

    Attributes:
        setting: A key of `SETTINGS`, or `plain`.
        hour: Time of day.
        things: Keys of `THINGS`, in the order in which they are named, with the colours that they are said to have.
        weather: Keys of `WEATHER`.
        moves: Whether the figures go somewhere.
        rolls: Whether they roll as they go.
        afloat: Whether somebody or something is on the water, so that there is no shore to stand on.
        beam: Colour of a lighthouse's beam; empty if it is said to be dark.
    """

    setting: str
    hour: Hour
    things: dict[str, list[str]]
    weather: frozenset[str]
    moves: bool
    rolls: bool
    afloat: bool
    beam: str


def read(panel: Panel, prompt: str) -> Seen:
    """Read setting, hour, weather and things; the place and time of the storyboard come before the prompt's words."""
    place = re.sub(r"[-_/.]+", " ", panel.place)
    found = {name: has(words, f"{place}. {prompt}") for name, (words, _) in THINGS.items()}
    afloat = bool(found["boat"])
    for figure in panel.figures:
        called = f"{figure.name} {figure.description} {figure.id}"
        afloat |= figure.kind == "object" and has(THINGS["boat"][0], called) is not None
        for name, (words, _) in THINGS.items():
            if figure.kind == "object" and has(words, called):  # it is there as a figure already
                found[name] = None
    named = sorted((match.start(), name) for name, match in found.items() if match)
    things = {name: colours_of(THINGS[name][0], prompt) for _, name in named}
    setting = next((s for text in (place, prompt) for s, words in SETTINGS.items() if has(words, text)), "")
    if not setting and afloat:
        setting = "sea"
    if not setting:
        setting = next((THINGS[name][1] for name in things), "plain")
    hour: Hour = next(
        (h for text in (panel.time, place, prompt) for h, words in HOURS.items() if has(words, text)), "day"
    )
    weather = frozenset(w for w, words in WEATHER.items() if has(words, f"{place} {prompt} {panel.time}"))
    rolls = bool(has(r"rolls?|rolling", prompt))
    tint = colours_of("beams?", prompt) or ["#fff0ba"]
    dark = has("(?:lamp|light|lighthouse) (?:is|goes|has gone|stays) (?:dark|out|dead)|unlit|its lamp dark", prompt)
    return Seen(setting, hour, things, weather, moving(prompt), rolls, afloat, "" if dark else tint[0])
