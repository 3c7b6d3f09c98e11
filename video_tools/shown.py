"""What a person is shown of a plan, as plain JSON of known types: what is seen and heard, and nothing that is pinned.

Two plans that show the same are one to a person, so this is also what decides whether they are asked again.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from typing_extensions import TypedDict

from reelgraph.video_tools.film import Bible, Character, Place, Storyboard

Entry: TypeAlias = Character | Place


class ShotShown(TypedDict):
    """A planned shot: what is seen and heard, and which back end makes it, empty for the film's.

    `title` is the words on a card, `lines` has fields of `Line`, `transition` those of `Transition`; `take` is the
    footage that is shown in place of shooting, and `picture` the take's poster, empty before it is shot.
    """

    id: str
    kind: Literal["shot", "title"]
    seconds: float
    size: str
    camera: str
    angle: str
    prompt: str
    title: str
    lines: list[dict[str, Any]]
    characters: list[str]
    place: str
    time: str
    transition: dict[str, Any]
    continues: bool
    backend: str
    take: str
    picture: str


class LooksShown(TypedDict):
    """Somebody, or a place, as words and colours describe them."""

    kind: Literal["person", "animal", "object", "place"]
    id: str
    name: str
    description: str
    palette: list[str]


class StoryboardShown(TypedDict):
    """Shown at the gate `storyboard`: the plan, before anything is shot."""

    title: str
    seconds: float
    shots: list[ShotShown]
    entries: list[LooksShown]
    style: dict[str, Any]
    music: str
    fade_out: float


def entries_of(bible: Bible) -> list[Entry]:
    """List everybody and every place of a bible."""
    return [*bible.characters, *bible.places]


def entries_seen(board: Storyboard, shots: Collection[str] | None = None) -> Iterator[Entry]:
    """Go through the characters and places of a storyboard that are seen in its shots."""
    seen = [(shot, scene.place) for scene in board.scenes for shot in scene.shots if shots is None or shot.id in shots]
    seen = [(shot, place) for shot, place in seen if shot.kind == "shot"]
    yield from (c for c in board.bible.characters if any(c.id in shot.characters for shot, _ in seen))
    yield from (p for p in board.bible.places if any(p.id == (shot.place or place) for shot, place in seen))


def looks_of(entry: Entry) -> LooksShown:
    """Lay out how somebody, or a place, looks."""
    return LooksShown(
        kind=entry.kind if isinstance(entry, Character) else "place",
        id=entry.id,
        name=entry.name,
        description=entry.description,
        palette=list(entry.palette),
    )


def style_of(bible: Bible) -> dict[str, Any]:
    """Lay out the look of a film, as fields of `Style`."""
    return bible.style.model_dump(mode="json", exclude_defaults=True)


def plan_shown(board: Storyboard) -> StoryboardShown:
    """Lay out a plan as the gate `storyboard` shows it."""
    return StoryboardShown(
        title=board.title,
        seconds=round(sum(shot.seconds for shot in board.shots), 3),
        shots=shots_shown(board, {}),
        entries=[looks_of(entry) for entry in entries_of(board.bible)],
        style=style_of(board.bible),
        music=board.music,
        fade_out=board.fade_out,
    )


def shots_shown(board: Storyboard, posters: Mapping[str, str]) -> list[ShotShown]:
    """Lay out the shots of a plan, with the posters, by shot id, of those that have a take."""
    return [
        ShotShown(
            id=shot.id,
            kind=shot.kind,
            seconds=shot.seconds,
            size=shot.size,
            camera=shot.camera,
            angle=shot.angle,
            prompt=shot.prompt,
            title=shot.title,
            lines=[line.model_dump(mode="json", exclude_defaults=True) for line in shot.lines],
            characters=list(shot.characters),
            place=shot.place or scene.place,
            time=shot.time,
            transition=shot.transition.model_dump(mode="json", exclude_none=True),
            continues=shot.continues,
            backend=shot.backend,
            take=shot.take,
            picture=posters.get(shot.id, ""),
        )
        for scene in board.scenes
        for shot in scene.shots
    ]
