"""Read words: find them in a text, with the colours said of them, and the panel that a prompt alone asks for."""

import re

from reelgraph.video_tools.film import CameraMove, Character, Panel, ShotSize, TakeRequest

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


def has(pattern: str, text: str) -> re.Match[str] | None:
    """Find whole words in a text, whatever their case."""
    return re.search(rf"(?<![\w-])(?:{pattern})(?!\w)", text, re.IGNORECASE)


def last(pattern: str, text: str) -> re.Match[str] | None:
    """Find the last of some whole words in a text, whatever their case."""
    found = list(re.finditer(rf"(?<![\w-])(?:{pattern})(?!\w)", text, re.IGNORECASE))
    return found[-1] if found else None


def noun_of(name: str) -> str:
    """Return the word that says what a name's bearer is: `kite` of a red kite."""
    return name.split()[-1] if name.strip() else name


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
