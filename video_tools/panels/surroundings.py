"""What a panel's words say of its surroundings: the setting, the hour, the weather, and what stands about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from reelgraph.video_tools.film import Character, Panel
from reelgraph.video_tools.panels.ways import moving
from reelgraph.video_tools.panels.words import colours_of, has, noun_of
from reelgraph.video_tools.planning.nouns import head_kind

Hour: TypeAlias = Literal["day", "night", "dusk", "dawn"]

# The first setting whose words occur wins: the particular before the general.
SETTINGS: dict[str, str] = {
    "underwater": "underwater|seabed|sea floor|reef|ocean floor|beneath the waves|submarine",
    "space": (
        "(?:in|into|through|outer|deep) space|spaceship|spacecraft|starship|orbit|planets?|asteroid|galaxy|nebula|"
        "cosmos|lunar surface|moon base|(?:on|across|over) the moon"
    ),
    "room": (
        "int|interior|room|(?:bed|bath|class|ball|court)room|parlou?r|kitchen|office|hall|hallway|corridor|cellar|attic|"
        "(?:the|an?|his|her|their|my) study|library|museum|gallery|studio|shop|supermarket|bakery|café|cafe|bar|pub|"
        "tavern|diner|restaurant|hotel|motel|hospital|clinic|laboratory|lab|workshop|inside|indoors|cabin interior|"
        "stairwell|staircase|basement|apartment|cockpit|bridge of the ship|engine room|lamp room|garage|greenhouse|"
        "warehouse|factory|theatre|theater|cinema|dungeon|church|chapel|cathedral|mosque|observatory|laundromat"
    ),
    "forest": "forest|woods?|woodland|jungle|grove|glade|trees|clearing|rainforest|swamp",
    "desert": "desert|dunes?|sahara|sands?|wasteland|oasis|pyramids?",
    "sea": (
        "sea|ocean|shore|seashore|beach|coast|coastline|seaside|cliffs?|harbou?r|"
        "(?:the|on|over|in|through|by|of|sea|high) waves?|bay|lagoon|lake|lakeside|pond|pool(?! table)|island|quay|"
        "pier|marina|river|riverbank|creek|waterfall|surf|headland"
    ),
    "street": (
        "street|streets|city|alley|avenue|(?<!country )(?<!dirt )(?<!gravel )(?<!forest )road|downtown|town|suburb|"
        "plaza|market|pavement|sidewalk|traffic|skyline|rooftops?|balcony|courtyard|driveway|crossroads|motorway|highway|"
        "station|airport|runway|parking lot"
    ),
    "mountain": "mountains?|mountaintop|peaks?|summit|valley|ridge|alps|glacier|canyon|gorge|volcano|tundra",
    "sky": "sky|clouds?|airborne|in the air|above the clouds|stratosphere",
    "field": (
        "fields?|meadow|grass|grasslands?|hills?|hillside|hilltop|farm|garden|orchard|(?:the|an?) park|prairie|"
        "savannah?|steppe|countryside|pasture|vineyard|snowfield|lawn|(?:country|dirt|gravel|forest) road|"
        "village|hamlet|backyard|playground|stadium|campsite|graveyard|cemetery|fairground|circus|zoo"
    ),
}
# What is a setting where it is the storyboard's place, and may be something else in a sentence: a lift, a mine, a lot.
# With these, and what stands about below, every place that the planner finds has a setting.
NAMED: dict[str, str] = {
    "space": "space|moon",
    "room": (
        r"[\w-]+-room|study|flat|home|nursery|lobby|elevator|lift|shed|stable|school|university|store|inn|stage|backstage|"
        "arena|gym|arcade|chamber|hideout|headquarters|prison|cell|tomb|tunnel|mine|cave|cavern|grotto|carriage|subway|"
        "metro|temple|monastery|shrine|aquarium|bank|mill|terminal|hangar"
    ),
    "forest": "marsh|bog",
    "sea": "port|docks?|deck|water|stream|cove",
    "street": "neighbou?rhood|district|slum|square|roof|terrace|porch|veranda|parking|lot|platform",
    "mountain": "quarry|ruins?",
    "field": (
        "park|plains?|lane|path|trail|yard|pitch|court|rink|camp|tent|battlefield|fair|carnival|well|fountain|kingdom|"
        "realm|world|underworld|snow"
    ),
}

# What stands about in a scene, and the setting that it implies where the words name none.
THINGS: dict[str, tuple[str, str]] = {
    "lighthouse": (r"lighthouse", "sea"),
    "cliff": (r"cliffs?|headland|precipice", "sea"),
    "boat": (r"boats?|dinghy|rowboat|trawler|sail(?:ing)? ?boat|yacht|ship|ships|ferry|canoe", "sea"),
    "village": (r"village|hamlet", "field"),
    "house": (r"house|cottage|cabin|hut|farmhouse|barn|windmill|mansion", "field"),
    "tower": (r"tower|castle|palace|fortress|ruins?", "mountain"),
    "road": (r"(?:country|dirt|gravel|forest) road|lane|path|trail", "field"),
    "tree": (r"tree|oak|pine|willow|palm|birch", "field"),
    # not Mr van Dijk
    "car": (r"cars?|taxi|truck|van(?! (?-i:[A-Z]))|bus|lorry|fire engine", "street"),
    "train": (r"train|locomotive|tram|railway", "field"),
    "fence": (r"fence|gate", "field"),
    "bridge": (r"bridge", "field"),
    # not what is called after it
    "fire": (
        "fire(?![ -]?(?:brigade|engine|extinguisher|fighter|exit|truck|station|alarm|escape|chief|hydrant))|"
        "campfire|bonfire|flames?",
        "field",
    ),
    "rock": (r"boulders?|stones?", "field"),
    "bench": (r"bench", "field"),
    "window": (r"windows?|pane", "room"),
    "door": (r"doors?|doorway|threshold", "room"),
    "table": (r"tables?|desk|counter|workbench", "room"),
    "lamp": (r"lamps?|lantern|candle|chandelier|light bulb", "room"),
    "stairs": (r"stairs?|staircase|spiral", "room"),
    "bed": (r"bed|bunk|cot", "room"),
    "shelf": (r"shelf|shelves|bookcase|books|archive", "room"),
    "hearth": (r"fireplace|hearth|stove|oven", "room"),
    "screen": (r"computer|monitors?|television|tv|laptop|console|screens?", "room"),
}

WEATHER: dict[str, str] = {
    "rain": r"rain|rains|rained|raining|rainy|pours|pouring|storms?|stormy|thunder(?:storm)?|downpour|drizzles?",
    "snow": r"snow|snows|snowed|snowing|snowy|blizzard|snowfall|snowflakes?|snowstorm",
    "fog": r"fog|foggy|mist|misty|haze|smoke|steam",
}

HOURS: dict[Hour, str] = {
    "night": (
        r"night|midnight|(?<!on )(?<!to )(?<!over )(?:the|a|full|half|crescent) moon(?! base)|moonlit|moonlight|"
        r"starlit|stars|after dark|nocturnal"
    ),
    "dawn": r"dawn|sunrise|daybreak|early morning|first light|morning",
    "dusk": r"dusk|sunset|evening|twilight|golden hour|nightfall|sundown",
    "day": r"day|noon|midday|afternoon|daylight|sunny",
}


NOBODY = "N"  # a capital, so that a van before a name stays a part of it


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
    place = re.sub(r"[-_/.]+", " ", panel.place).strip()
    prompt = nameless(panel.figures, prompt)
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
    setting = _setting(place) or _first(NAMED, place) or _setting(prompt) or ("sea" if afloat else "")
    if not setting:
        setting = next((THINGS[name][1] for name in things), "plain")
    hour: Hour = next(
        (h for text in (panel.time, place, prompt) for h, words in HOURS.items() if has(words, text)), "day"
    )
    weather = frozenset(w for w, words in WEATHER.items() if has(words, f"{place} {prompt} {panel.time}"))
    rolls = bool(has(r"rolls?|rolling|rolled", prompt))
    tint = colours_of("beams?", prompt) or ["#fff0ba"]
    dark = has("(?:lamp|light|lighthouse) (?:is|goes|has gone|stays) (?:dark|out|dead)|unlit|its lamp dark", prompt)
    return Seen(setting, hour, things, weather, moving(prompt), rolls, afloat, "" if dark else tint[0])


def _setting(text: str) -> str:
    """Return the setting that words name; out of doors no room is one, but a café's front is in its street."""
    if has("ext|exterior|outside|outdoors", text) and not has("int|interior", text):
        return _first({name: words for name, words in SETTINGS.items() if name != "room"}, text) or (
            "street" if has(SETTINGS["room"], text) else ""
        )
    return _first(SETTINGS, text)


def _first(settings: dict[str, str], text: str) -> str:
    return next((name for name, words in settings.items() if has(words, text)), "")


def nameless(figures: Sequence[Character], text: str) -> str:
    """Blank out proper names of those in the picture: Mrs Forest is in none, a lighthouse keeper is by a lighthouse."""
    for figure in figures:
        if figure.kind != "object" and not head_kind(noun_of(figure.name)):
            for name in (figure.name, *figure.aliases):
                text = re.sub(rf"\b{re.escape(name)}\b", NOBODY, text) if name.strip() else text
    return text
