"""Find where prose happens, and begin a new scene where the words go elsewhere or the time of day changes."""

import re
from functools import cache

from reelgraph.video_tools.planning.directions import time_in
from reelgraph.video_tools.planning.lexicon import grammar, settings, words
from reelgraph.video_tools.planning.outline import Beat, Outline, SceneOutline
from reelgraph.video_tools.planning.places_abroad import place_abroad, time_abroad
from reelgraph.video_tools.planning.quotes import blanked

_TIME_PHRASE = re.compile(
    r"[,;:–—-]*\s*\b(?:at|in the|by|on a|on the|during the|before|after|later(?: that)?|the same|that|next|one|early"
    r"|late)?\s*"
    r"(?:dawn|daybreak|sunrise|morning|noon|midday|afternoon|dusk|twilight|sunset|evening|midnight|night|day)\b.*$",
    re.I,
)


def set_places(outline: Outline) -> Outline:
    """Give prose scenes their places and times.

    A place holds until the words name another one; a heading's own scene is never divided.
    """
    scenes: list[SceneOutline] = []
    tongue = outline.tongue
    for scene in outline.scenes:
        if scene.place:
            scenes.append(scene)
        elif scene.heading:
            where = (_place_of(beat, tongue) for beat in scene.beats)
            scene.place = heading_place(scene.heading) or next(filter(None, where), "")
            when = (_time_of(beat, tongue) for beat in scene.beats)
            scene.time = scene.time or next(filter(None, when), "")
            scenes.append(scene)
        else:
            scenes += _divided(scene, tongue)
    outline.scenes = scenes
    return outline


def _divided(scene: SceneOutline, tongue: str) -> list[SceneOutline]:
    scenes = [SceneOutline(time=scene.time)]
    for beat in scene.beats:
        here = scenes[-1]
        shown = [b for b in here.beats if not b.title]
        place, time = _place_of(beat, tongue, first=not shown), _time_of(beat, tongue)
        # a place that comes late is not where the scene began, if the words go there
        others = bool(shown and beat.subject and shown[0].subject and beat.subject != shown[0].subject)
        arrives = (
            len(shown) > 1
            or bool(tongue)
            or (others and not beat.carried)
            or bool(re.match(r"(?:at|in|inside|on)\b|.*\b(?:enters?|entered|into)\b", beat.text, re.I))
        )
        moved = bool(place) and (not same_place(place, here.place) if here.place else arrives)
        later = bool(time and time != here.time)
        if (moved or later) and shown:
            why = f"scene: we are elsewhere, {place}" if moved else f"scene: it is {time} now"
            beat.why.append(why)
            scenes.append(SceneOutline(place=place or here.place, time=time or here.time))
        elif here.beats and not shown and not beat.title:  # the title card is a scene of its own
            scenes.append(SceneOutline(place=place, time=time or here.time))
        else:
            here.place, here.time = here.place or place, here.time or time
        scenes[-1].beats.append(beat)
    return [scene for scene in scenes if scene.beats]


def heading_place(heading: str) -> str:
    """Return the place that a heading names: `The workshop, later that night` gives `workshop`."""
    rest = _TIME_PHRASE.sub("", heading).strip(" .,:;-–—")
    rest = re.sub(r"^(?:scene|act|part|chapter|shot)\s*\w*\s*[:.–—-]?\s*", "", rest, flags=re.I)
    rest = re.sub(r"^(?:in|at|on|inside|outside)?\s*(?:the|an?)?\s+", "", f" {rest}", flags=re.I).strip()
    named = any(word in _nouns() for word in re.findall(r"[\w-]+", rest.lower()))
    return rest if named and len(rest.split()) <= 7 else ""


def same_place(one: str, other: str) -> bool:
    """Tell whether two mentions mean one place: the same noun, and nothing that tells them apart."""
    a, b = one.lower().split(), other.lower().split()
    return (a[-1] == b[-1] and (set(a) <= set(b) or set(b) <= set(a))) or set(a) < set(b) or set(b) < set(a)


@cache
def _nouns() -> frozenset[str]:
    return settings("places")


@cache
def _pattern() -> re.Pattern[str]:
    table = words()["settings"]
    nouns = "|".join([*table["compounds"], *sorted(map(re.escape, _nouns()), key=len, reverse=True)])
    leads = "|".join(f"{table['strong']} {table['weak']} {table['verbs']}".split())
    articles = "the|an?|this|that|his|her|its|their|our|my|some"
    return re.compile(
        rf"(?<![\w-])(?P<lead>{leads})\s+(?:(?P<article>{articles})\s+)?(?P<words>(?:(?!(?:{leads})\b)[\w'’-]+,?\s+){{0,4}}?)"
        rf"(?P<noun>(?:{nouns})s?(?:\s+(?:{nouns})s?)*)(?![\w'’-])(?=(?P<after>\s+[\w'’-]+)?)",
        re.I,
    )


def _time_of(beat: Beat, tongue: str) -> str:
    return time_abroad(beat.text, tongue) if tongue else time_in(beat.text)


def _place_of(beat: Beat, tongue: str, *, first: bool = True) -> str:
    """Return the place that a beat is set in, by its own words outside quotations; nothing where they name none.

    What is only passed, seen or near (`over the village`, `by the lake`) is the place of a scene's first beat alone.
    """
    if beat.title:
        return ""
    text = blanked(beat.text)
    if tongue:
        return place_abroad(text, tongue, first=first)
    text = re.sub(rf"(?i)\b(?:{words()['settings']['not_settings']})\b", lambda match: " " * len(match[0]), text)
    closed = grammar("cast", "breakers") | grammar("cast", "determiners") | grammar("clauses", "pronouns")
    weak, vehicles, bare_places = settings("weak"), settings("vehicles"), settings("bare")
    found: list[tuple[bool, str]] = []
    for match in _pattern().finditer(text):
        before = match["words"].lower().replace(",", " ").split()
        if any(word in closed for word in before):
            continue
        lead, noun = match["lead"].lower(), match["noun"].lower()
        bare = not match["article"] and not before and not noun.endswith("s")
        if (noun == "water" and lead != "on") or (noun == "mine" and not match["article"]):
            continue
        watched = lead in ("at", "over", "across") and re.search(
            r"\b(?:look|star|gaz|point|howl|bark|wav|smil|shout|laugh|aim|glanc)\w*\s+(?:(?:up|down|out|back|over|in)\s+)?$",
            text[: match.start()],
        )
        if watched or (bare and lead not in ("in", "at") and not (lead == "to" and noun in bare_places)):
            continue
        if lead in weak and (not first or noun in vehicles or noun.removesuffix("s") in vehicles):
            continue
        after = (match["after"] or "").strip().lower()
        stands = first and after in settings("furniture")  # a kitchen table is in its kitchen
        if after in settings("qualified") and not stands:  # a street lamp, a school bag
            continue
        name = " ".join(f"{match['words']} {match['noun']}".replace(",", " ").split())
        found.append((lead in weak or stands, name))
    return min(found, key=lambda pair: pair[0])[1] if found else ""
