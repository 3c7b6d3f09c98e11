"""Let a storyboard that somebody wrote name people and places as people do: by name, or once for a scene."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Generic, TypeVar

from reelgraph.video_tools.film import Bible, Character, Line, Place, Scene, Shot, Storyboard, Style
from reelgraph.video_tools.planning.names import free_id, name_key
from reelgraph.video_tools.planning.screenplay import split_heading

E = TypeVar("E", bound=Character | Place)


def named(
    board: Storyboard, known: Bible, *, stood: Storyboard | None = None, given: Collection[str] = ()
) -> Storyboard:
    """Return a storyboard whose shots name everybody and every place by id, its bible completed from the project's.

    A name or an alias is as good as an id. Whoever, and whatever place, is in no bible gets an entry, so that nothing
    that was written is left out of prompts. A scene's place and time, or those in its heading as a screenplay writes
    them, are those of its shots that say none, and a shot with the words of a card is a card.

    Args:
        board: What somebody wrote.
        known: What the project knows already.
        stood: The film's storyboard so far: a shot that was there, in a scene that said the same, stays where it was.
        given: Ids that were written, so that they are those of the same shots there.
    """
    people, places = _Entries(board.bible.characters, known.characters), _Entries(board.bible.places, known.places)
    before = {shot.id: _where(scene, shot) for scene in (stood.scenes if stood else ()) for shot in scene.shots}

    there = {scene.id: _told(scene) for scene in board.scenes}

    def site(name: str) -> str:
        return places.id(name, _site) if name.strip() else ""

    def heard(line: Line) -> Line:
        return line.model_copy(update={"character": people.id_of.get(name_key(line.character), line.character)})

    def shown(scene: Scene, shot: Shot) -> Shot:
        kind, place, time = "title" if shot.title else shot.kind, shot.place, shot.time
        if kind == "shot" and not (shot.id in given and before.get(shot.id) == _where(scene, shot)):
            place, time = place or there[scene.id][0], time or there[scene.id][1]
        cast = dict.fromkeys(people.id(name, _person) for name in shot.characters if name.strip())
        update = {"kind": kind, "characters": list(cast), "place": site(place), "time": time}
        return shot.model_copy(update={**update, "lines": [heard(line) for line in shot.lines]})

    scenes = [
        scene.model_copy(
            update={
                "place": site(there[scene.id][0]),
                "time": there[scene.id][1],
                "shots": [shown(scene, shot) for shot in scene.shots],
            }
        )
        for scene in board.scenes
    ]
    shots = [shot for scene in scenes for shot in scene.shots]
    who = {id for shot in shots for id in (*shot.characters, *(line.character for line in shot.lines))}
    where = {*(shot.place for shot in shots), *(scene.place for scene in scenes)}
    style = board.bible.style if board.bible.style != Style() else known.style
    whole = {"characters": people.of(who), "places": places.of(where), "style": style}
    return board.model_copy(update={"bible": board.bible.model_copy(update=whole), "scenes": scenes})


class _Entries(Generic[E]):
    """Entries of one kind: a storyboard's own, and more that its shots may name."""

    def __init__(self, own: Sequence[E], known: Sequence[E]) -> None:
        ids = {entry.id for entry in own}
        self.own: list[E] = list(own)
        self.more: list[E] = [entry for entry in known if entry.id not in ids]
        self.id_of: dict[str, str] = {name_key(entry.id): entry.id for entry in (*self.own, *self.more)}
        for entry in (*self.own, *self.more):
            for name in _names(entry):
                self.id_of.setdefault(name_key(name), entry.id)

    def id(self, name: str, make: Callable[[str, set[str]], E]) -> str:
        """Return the id of whom a name means, making an entry where nobody is called so."""
        if name_key(name) not in self.id_of:
            made = make(name, {*self.id_of.values()})
            self.more.append(made)
            self.id_of[name_key(name)] = made.id
        return self.id_of[name_key(name)]

    def of(self, ids: Collection[str]) -> list[E]:
        """Return the storyboard's own entries, and of the others those of some ids."""
        return [*self.own, *(entry for entry in self.more if entry.id in ids)]


def _names(entry: Character | Place) -> list[str]:
    return [entry.name, *(entry.aliases if isinstance(entry, Character) else ())]


def _person(name: str, taken: set[str]) -> Character:
    told = name if len(name) > 80 else ""
    spelt = _spelt(name).title() if _is_id(name) else name
    return Character(id=free_id(name, taken), name=spelt[:80], description=told)


def _site(name: str, taken: set[str]) -> Place:
    told = name if len(name) > 120 else ""
    spelt = name.capitalize() if name.isupper() else _spelt(name)
    return Place(id=free_id(name, taken, "place"), name=spelt[:120], description=told)


def _is_id(name: str) -> bool:
    return re.fullmatch("[a-z0-9_-]+", name) is not None


def _spelt(name: str) -> str:
    """Write an id as words: `lamp-room` is the Lamp room."""
    return (re.sub("[-_]+", " ", name).strip() or name).capitalize() if _is_id(name) else name


def _told(scene: Scene) -> tuple[str, str]:
    """Return a scene's place and time as it says them, or its heading where that is a screenplay's."""
    if scene.place or scene.time or not re.match(r"(?:INT|EXT|I/E|E/I)\b", scene.heading):
        return scene.place, scene.time
    return split_heading(scene.heading)


def _where(scene: Scene, shot: Shot) -> tuple[str, ...]:
    return shot.place, shot.time, scene.place, scene.time, scene.heading
