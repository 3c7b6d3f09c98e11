"""Read what a panel should show out of its words: the setting, the hour, the weather, the things, and who is in it."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from reelgraph.video_tools.film import CameraMove, Character, Panel, ShotSize, TakeRequest

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

COLOURS: dict[str, str] = {
    "red": "#c8372d", "scarlet": "#c8372d", "crimson": "#a3202c", "orange": "#e07b28", "yellow": "#e8bf2e",
    "golden": "#d9a52b", "gold": "#d9a52b", "green": "#3d8b4a", "blue": "#2f62b0", "navy": "#25386b",
    "turquoise": "#2fa5a0", "teal": "#1f7d80", "purple": "#6d3f96", "violet": "#7a4fb0", "pink": "#e083a6",
    "brown": "#7a5233", "black": "#2b2b30", "white": "#f1eee6", "grey": "#8d9096", "gray": "#8d9096",
    "silver": "#b4bac2", "beige": "#d8c6a4", "cyan": "#37b3c8", "magenta": "#c23a94",
}  # fmt: skip

PEOPLE = (
    r"man|woman|boy|girl|child|kid|keeper|sailor|captain|soldier|king|queen|detective|doctor|nurse|teacher|farmer|fisherman|"
    r"fisherwoman|stranger|traveller|traveler|hiker|climber|dancer|astronaut|pilot|worker|engineer|cook|chef|baker|person|"
    r"figure|runner|painter|musician|mother|father|grandmother|grandfather|daughter|son|witch|wizard|knight|robot|android|people"
)
ANIMALS = (
    r"dog|puppy|cat|kitten|horse|fox|wolf|bear|deer|cow|sheep|goat|pig|rabbit|hare|lion|tiger|elephant|mouse|bird|gull|seagull|"
    r"owl|crow|raven|eagle|sparrow|pigeon|duck|fish|shark|whale|dolphin|dragon|firefly|bee|butterfly|moth|beetle|dragonfly"
)
OBJECTS = (
    r"ball|balloon|box|crate|book|letter|envelope|note|phone|telephone|key|cup|mug|bottle|clock|kite|umbrella|suitcase|"
    r"cube|sphere|square|circle|triangle|apple|map|photograph|gem|sword|guitar"
)
MOTION = (
    r"walks?|walking|runs?|running|strides?|marches|crosses|rolls?|rolling|drifts?|drifting|flies|flying|rides?|riding|sails?|"
    r"sailing|drives?|driving|chases?|hurries|rushes|gallops?|swims?|moves?|moving|bounces?|bouncing|wanders?|follows"
)
RISING = (
    r"climb(?:s|ing)?|ris(?:es?|ing)|soar(?:s|ing)?|ascend(?:s|ing)?|"
    r"(?:fly|flies|flying|floats?|floating|shoots?|drifts?) up(?:ward)?s?|"
    r"takes? flight|takes? off|taking off|lifts? off|lifting off"
)
FALLING = (
    r"falls?|falling|drops?|dropping|descend(?:s|ing)?|sinks?|sinking|plunges?|plunging|dives?|diving|tumbles?|"
    r"(?:fly|flies|flying|floats?|floating|drifts?) down(?:ward)?s?"
)
# What goes up these ways with its feet on something; but nobody who climbs into a boat is seen to rise.
CLIMBING = r"(?:climb(?:s|ing)?|ascend(?:s|ing)?)(?! (?:in|into|out|on|onto|off|down|aboard|back)\b)"
SIZES: dict[ShotSize, str] = {
    "extreme_close": r"extreme close[- ]?up|macro",
    "close": r"close[- ]?up|closeup|close on",
    "extreme_wide": r"extreme wide|aerial|establishing|panorama|vista",
    "medium": r"medium shot|mid shot|waist[- ]up",
    "full": r"full shot|head to toe|full body",
    "insert": r"insert|detail of",
}
MOVES: dict[CameraMove, str] = {
    "pan_left": r"pan(?:s|ning)? (?:to the )?left",
    "pan_right": r"pan(?:s|ning)? (?:to the )?right",
    "tilt_up": r"tilt(?:s|ing)? up",
    "tilt_down": r"tilt(?:s|ing)? down",
    "zoom_in": r"zoom(?:s|ing)? in",
    "zoom_out": r"zoom(?:s|ing)? out",
    "dolly_in": r"(?:dolly|dollies|push|pushes|track)(?:ing)? in",
    "dolly_out": r"(?:dolly|dollies|pull|pulls)(?:ing)? (?:out|back)",
    "truck_left": r"(?:truck|track)(?:s|ing)? left",
    "truck_right": r"(?:truck|track)(?:s|ing)? right",
    "crane_up": r"crane(?:s|ing)? up",
    "crane_down": r"crane(?:s|ing)? down",
    "handheld": r"hand-?held",
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


def has(pattern: str, text: str) -> re.Match[str] | None:
    """Find whole words in a text, whatever their case."""
    return re.search(rf"(?<![\w-])(?:{pattern})(?!\w)", text, re.IGNORECASE)


def last(pattern: str, text: str) -> re.Match[str] | None:
    """Find the last of some whole words in a text, whatever their case."""
    found = list(re.finditer(rf"(?<![\w-])(?:{pattern})(?!\w)", text, re.IGNORECASE))
    return found[-1] if found else None


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
    return Seen(setting, hour, things, weather, bool(has(MOTION, prompt)), rolls, afloat, "" if dark else tint[0])


def noun_of(name: str) -> str:
    """Return the word that says what a name's bearer is: `kite` of a red kite."""
    return name.split()[-1] if name.strip() else name


def heading(name: str, prompt: str, *, flies: bool, walks: bool) -> int:
    """Say whether the words send a figure up (1), down (-1) or neither (0).

    Args:
        name: What it is called; its last word, or a pronoun, stands shortly before the verb.
        prompt: The words.
        flies: Whether it can rise.
        walks: Whether it has feet: then it only climbs.
    """
    who = rf"(?:{re.escape(noun_of(name))}s?|it|they|he|she)(?: (?!and )\w+)?"
    if has(rf"{who} (?:{RISING if flies else CLIMBING if walks else '(?!)'})", prompt):
        return 1
    return -1 if not walks and has(rf"{who} (?:{FALLING})", prompt) else 0


def panel_of(request: TakeRequest) -> Panel:
    """Return the request's panel, or one read from its prompt; figures that no storyboard names are read too."""
    prompt = request.prompt
    size: ShotSize = next((s for s, words in SIZES.items() if has(words, prompt)), "wide")
    move: CameraMove = next((m for m, words in MOVES.items() if has(words, prompt)), "still")
    panel = request.panel or Panel(shot="s00-00", size=size, camera=move)
    if panel.figures or panel.title:
        return panel
    return panel.model_copy(update={"figures": figures_in(prompt)})


def worn(after: str) -> str:
    """Return what somebody wears whose name stands before these words: `in a red coat`; else nothing."""
    found = re.match(r" (?:in|wearing|with) ((?! and | who )[^,.;:]){0,24}", after)
    return found[0] if found else ""


def phrase_before(text: str, end: int) -> str:
    """Return the words that belong to the noun at `end`: back to its article, or to whatever parts it from others."""
    apart = r"[,.;:!?]|\b(?:an?|the|his|her|its|their|and|with|of|in|on|at)\b"
    return re.split(apart, text[:end], flags=re.IGNORECASE)[-1]


def colours_before(text: str, end: int) -> list[str]:
    """Return the colours said of the noun at `end`, as `#rrggbb`, at most two."""
    words = re.findall(r"[a-z]+", phrase_before(text, end).lower())
    return [COLOURS[word] for word in words if word in COLOURS][:2]


def colours_of(nouns: str, text: str) -> list[str]:
    """Return the colours said of the first of some nouns that a text names, as `#rrggbb`."""
    noun = has(nouns, text)
    return colours_before(text, noun.start()) if noun else []


def figures_in(prompt: str) -> list[Character]:
    """Read who and what is in a prompt: at most three, each with the colour word before it, unnamed in the picture."""
    kinds = (("person", PEOPLE), ("animal", ANIMALS), ("object", OBJECTS))
    found: list[tuple[int, Character]] = []
    for kind, words in kinds:
        for match in re.finditer(rf"(?<![\w-])({words})(?!\w)", prompt, re.IGNORECASE):
            noun = match[1].lower()
            before = phrase_before(prompt, match.start())
            near = f"{before}{noun}{worn(prompt[match.end() :]) if kind == 'person' else ''}"
            palette = [COLOURS[w] for w in re.findall(r"[a-z]+", near.lower()) if w in COLOURS][:2]
            if all(c.name != noun for _, c in found):
                figure = Character(id=noun, name=noun, description=near.strip(), palette=palette, kind=kind)  # type: ignore[arg-type]  # one of the three above
                found.append((match.start(), figure))
    return [figure for _, figure in sorted(found, key=lambda pair: pair[0])[:3]]
