"""Plan a film from a brief by rule: no model, no network, the same plan every time."""

import math
import re
from collections.abc import Sequence

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    Bible,
    Brief,
    CameraMove,
    Line,
    Place,
    Scene,
    Shot,
    Span,
    Storyboard,
    Style,
    Transition,
)  # fmt: skip
from reelgraph.video_tools.planning import prose, screenplay
from reelgraph.video_tools.planning.cast import Cast, find_cast
from reelgraph.video_tools.planning.coverage import Coverage, cover
from reelgraph.video_tools.planning.directions import fade_out_in, time_in
from reelgraph.video_tools.planning.files import MOST_SHOTS, storyboard_from_text
from reelgraph.video_tools.planning.lengths import (
    FASTER,
    SHORTEST,
    action_seconds,
    scale,
    spoken_seconds,
    title_seconds,
)  # fmt: skip
from reelgraph.video_tools.planning.names import free_id
from reelgraph.video_tools.planning.naming import named
from reelgraph.video_tools.planning.outline import Beat, Outline, SceneOutline
from reelgraph.video_tools.planning.palette import place_palette
from reelgraph.video_tools.planning.places_abroad import in_english
from reelgraph.video_tools.planning.timelines import storyboard_from_timeline


def plan_offline(brief: Brief, *, bible: Bible | None = None, earlier: Sequence[Storyboard] = ()) -> Storyboard:
    """Plan a storyboard from a brief by rule.

    Args:
        brief: What somebody wants to see; a storyboard in it is taken as it is.
        bible: What the project knows already: its characters keep their ids, words and colours, its style stays.
        earlier: The film's storyboards so far, the newest last: the shots of a storyboard in the brief are those there.

    Raises:
        InvalidRequest: The brief cannot be told in the length asked for, or has no shot in it.
    """
    if brief.form in ("storyboard", "timeline"):
        return _taken(brief, bible, earlier)
    outline = outline_of(brief)
    if not outline.scenes:
        raise InvalidRequest("the brief has nothing to see in it: say in a sentence what happens")
    if (count := sum(len(scene.beats) for scene in outline.scenes)) > MOST_SHOTS:
        raise InvalidRequest(
            f"the brief has {count} beats: at most {MOST_SHOTS} shots are planned at once; make it in parts"
        )
    cast = find_cast(outline, bible)
    places, place_of = _places(outline, bible)
    scenes: list[Scene] = []
    last_place = None
    headings: dict[str, CameraMove] = {}
    for number, scene in enumerate(outline.scenes, 1):
        place, time = place_of[id(scene)], scene.time
        casts = [cast.ids[id(beat)] for beat in scene.beats]
        covered = cover(scene.beats, casts, new_place=place != last_place or number == 1, headings=headings)
        shots = [
            _shot(f"s{number:02d}-{n:02d}", beat, casts[n - 1], covered[n - 1], cast, place, time)
            for n, beat in enumerate(scene.beats, 1)
        ]
        scenes.append(Scene(id=f"s{number:02d}", heading=scene.heading, place=place, time=time, shots=shots))
        last_place = place
    style = _style(bible, outline)
    storyboard = Storyboard(
        title=brief.title,
        brief=brief.key,
        fade_out=fade_out_in(brief.text),
        bible=Bible(characters=cast.characters, places=places, style=style),
        scenes=scenes,
    )
    return with_length(storyboard, brief.seconds or outline.seconds)


def length_asked(brief: Brief) -> float | None:
    """Return how many seconds a film shall last, as it was ordered or as its brief's words say; None where none do."""
    return brief.seconds or (None if brief.form in ("storyboard", "timeline") else outline_of(brief).seconds)


def outline_of(brief: Brief) -> Outline:
    """Read a brief into scenes of beats."""
    if brief.form in ("fountain", "fdx"):
        return screenplay.outline_of(brief.text)
    return prose.outline_of(brief.text, markdown=brief.form == "markdown")


def with_length(storyboard: Storyboard, seconds: float | None) -> Storyboard:
    """Scale a storyboard's shots to a length asked for; none where there is none.

    Raises:
        InvalidRequest: The lines that are said need longer.
    """
    shots = storyboard.shots
    if not seconds:
        return storyboard
    least = [
        max(SHORTEST if not shot.lines else 0, spoken_seconds(line.text for line in shot.lines) / FASTER)
        for shot in shots
    ]
    own = [shot.seconds for shot in shots]
    lengths = own if math.isclose(sum(own), seconds) else scale(own, least, seconds)
    return storyboard.with_shots(
        [
            shot.model_copy(
                update={"seconds": length, "why": [*filter(_of_shot, shot.why), _of_film(shot, length, seconds)]}
            )
            for shot, length in zip(shots, lengths, strict=True)
        ]
    )


def _of_shot(why: str) -> bool:
    """Tell a reason that is not of the film's length, which may be another by now."""
    return not why.startswith(("length: a film of ", "length: scaled to a film of "))


def _of_film(shot: Shot, length: float, seconds: float) -> str:
    return f"length: {'a' if length == shot.seconds else 'scaled to a'} film of {seconds:g} s"


def _taken(brief: Brief, bible: Bible | None, earlier: Sequence[Storyboard]) -> Storyboard:
    """Take a storyboard that somebody wrote, its bible completed from the project's."""
    known = bible or Bible()
    if brief.form == "storyboard":
        board = storyboard_from_text(brief.text, earlier=earlier, known=known)
    else:
        board = named(storyboard_from_timeline(brief.text), known)
    changes = {"title": board.title or brief.title, "brief": board.brief or brief.key}
    return with_length(board.model_copy(update=changes), brief.seconds)


def _style(bible: Bible | None, outline: Outline) -> Style:
    style = bible.style if bible else Style()
    return style.model_copy(update={"look": outline.look}) if outline.look and not style.look else style


def _shot(id_: str, beat: Beat, here: list[str], covered: Coverage, cast: Cast, place: str, time: str) -> Shot:
    lines = [
        Line(text=said.text, character=cast.speakers.get((id(beat), said.speaker), ""), manner=said.manner)
        for said in beat.said
    ]
    why = [*beat.why, *covered.why, *cast.why.get(id(beat), [])]
    if beat.title:
        seconds, reason = title_seconds(beat.title), "length: the title can be read"
    else:
        seconds, reason = action_seconds(
            beat.text, establishing=covered.size in ("wide", "extreme_wide") and "establish" in " ".join(covered.why)
        )
        if beat.only_speech:
            seconds, reason = 0.0, ""
        if (spoken := spoken_seconds(line.text for line in lines)) > seconds:
            seconds, reason = spoken, "length: the words take that long to say"
    # whole frames at 24 and 30 a second, unless the brief says otherwise
    seconds = covered.seconds or max(SHORTEST, math.ceil(seconds * 2 - 1e-6) / 2)
    reason = "" if covered.seconds else reason
    return Shot(
        id=id_,
        prompt=beat.text[:4000],
        seconds=min(seconds, 600.0),
        kind="title" if beat.title else "shot",
        title=beat.title,
        size=covered.size,
        camera=covered.camera,
        angle=covered.angle,
        characters=here,
        place="" if beat.title else place,
        time=time or ("" if beat.title else time_in(beat.text)),
        lines=lines,
        transition=beat.transition if beat.transition.kind != "cut" else Transition(),
        why=[line for line in dict.fromkeys([*why, reason]) if line],
        span=Span(start=beat.start, end=beat.end),
    )


def _places(outline: Outline, bible: Bible | None) -> tuple[list[Place], dict[int, str]]:
    """Make one place for each name, however its heading is written."""
    known = {_key(place.name): place for place in (bible.places if bible else [])}
    used: dict[str, Place] = {}
    place_of: dict[int, str] = {}
    ids = {place.id for place in known.values()}
    for scene in outline.scenes:
        name = scene.place
        if not name:
            place_of[id(scene)] = ""
            continue
        key = _key(name)
        place = used.get(key) or known.get(key)
        if place is None:
            id_ = free_id(name, ids, "place")
            ids.add(id_)
            # a time that only holds on from the scene before is no colour of the place
            said = scene.heading or any(time_in(beat.text) for beat in scene.beats)
            described = f"{_said_of(scene, name)} {in_english(name, outline.tongue)}"
            palette = place_palette(name, described, scene.time if said else "")
            place = Place(id=id_, name=_place_name(name), palette=palette)
        used[key] = place
        place_of[id(scene)] = place.id
    return list(used.values()), place_of


def _key(name: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", name.lower()).split())


def _place_name(name: str) -> str:
    return (name.capitalize() if name.isupper() else name[:1].upper() + name[1:])[:120]


def _said_of(scene: SceneOutline, name: str) -> str:
    """Return the adjectives that a scene's first beat gives its place: `a white lighthouse`."""
    noun = re.escape(name.split()[-1])
    first = next((beat.text for beat in scene.beats if not beat.title), "")
    found = re.search(rf"((?:[\w-]+ ){{0,2}}){noun}\b", first, re.I)
    return found[1] if found else ""
