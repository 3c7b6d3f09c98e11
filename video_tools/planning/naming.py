"""Let a storyboard that somebody wrote name people and places as people do: by name, or once for a scene."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Generic, TypeVar

from reelgraph.video_tools.film import Bible, Character, Line, Place, Scene, Shot, Storyboard, Style
from reelgraph.video_tools.planning.headings import split_heading
from reelgraph.video_tools.planning.names import free_id, name_key

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
        stood: The film's storyboard that they wrote it from: a shot that was there, in a scene that said the same,
            stays where it was, and who was named in no bible there gets no entry, which would shoot them again.
        given: Ids that were written, so that they are those of the same shots there.
    """
    scenes_then, then = (stood.scenes, stood.bible) if stood else ([], Bible())
    standing = {shot.id: (scene, shot) for scene in scenes_then for shot in scene.shots}
    cast_then = (name for _, shot in standing.values() for name in shot.characters)
    people = _Entries(board.bible.characters, known.characters, then.characters, cast_then)
    sites_then = (shot.place for _, shot in standing.values())
    places = _Entries(board.bible.places, known.places, then.places, sites_then)

    def site(name: str, was: Collection[str] = ()) -> str:
        return places.id(name, _site, was) if name.strip() else ""

    def heard(line: Line) -> Line:
        return line.model_copy(update={"character": people.id_of.get(name_key(line.character), line.character)})

    def shown(scene: Scene, shot: Shot) -> Shot:
        before, was = standing.get(shot.id, (None, None)) if shot.id in given else (None, None)
        kind, place, time = shot.kind, shot.place, shot.time
        if shot.title and not (was and (was.kind, was.title) == (kind, shot.title)):
            kind = "title"
        stays = before is not None and _setting(before) == _setting(scene)
        # What was written out says each shot's own: who takes it out there wants none.
        if kind == "shot" and not (stays and was and (board.brief or (was.place, was.time) == (place, time))):
            there = _told(scene)
            place, time = place or there[0], time or there[1]
        cast = [people.id(name, _person, was.characters if was else ()) for name in shot.characters if name.strip()]
        update = {
            "kind": kind,
            "characters": list(dict.fromkeys(cast)),
            "place": site(place, [was.place] if was else ()),
            "time": time,
            "lines": [heard(line) for line in shot.lines],
        }
        return shot.model_copy(update=update)

    scenes: list[Scene] = []
    for scene in board.scenes:
        place, time = _told(scene)
        update = {"place": site(place), "time": time, "shots": [shown(scene, shot) for shot in scene.shots]}
        scenes.append(scene.model_copy(update=update))
    shots = [shot for scene in scenes for shot in scene.shots]
    who = {id for shot in shots for id in (*shot.characters, *(line.character for line in shot.lines))}
    where = {*(shot.place for shot in shots), *(scene.place for scene in scenes)}
    style = board.bible.style if board.bible.style != Style() else known.style
    whole = {"characters": people.of(who), "places": places.of(where), "style": style}
    return board.model_copy(update={"bible": board.bible.model_copy(update=whole), "scenes": scenes})


class _Entries(Generic[E]):
    """Entries of one kind: a storyboard's own, and more that its shots may name.

    Args:
        own: Its own, whose names mean nobody else.
        known: The project's.
        before: The film's so far.
        borne: Names in the film so far: those in none of its entries are left without one.
    """

    def __init__(self, own: Sequence[E], known: Sequence[E], before: Sequence[E], borne: Iterable[str]) -> None:
        ids, listed = {entry.id for entry in own}, {entry.id for entry in before}
        self.own: list[E] = list(own)
        self.left = {name: name for name in borne if name.strip() and name not in listed}
        self.more: list[E] = [entry for entry in known if entry.id not in {*ids, *self.left}]
        self.id_of: dict[str, str] = {}
        for names in (_called(self.own), self.left, _called(self.more)):
            for name, id_ in names.items():
                self.id_of.setdefault(name_key(name), id_)

    def id(self, name: str, make: Callable[[str, set[str]], E], was: Collection[str] = ()) -> str:
        """Return the id of whom a name means, making an entry where nobody is called so.

        A shot that was there bears a name of no entry as it did.
        """
        if name in self.left and name in was:
            return name
        if name_key(name) not in self.id_of:
            made = make(name, {*self.id_of.values(), *(entry.id for entry in self.more)})
            self.more.append(made)
            self.id_of[name_key(name)] = made.id
        return self.id_of[name_key(name)]

    def of(self, ids: Collection[str]) -> list[E]:
        """Return the storyboard's own entries, and of the others those of some ids."""
        return [*self.own, *(entry for entry in self.more if entry.id in ids)]


def _called(entries: Sequence[E]) -> dict[str, str]:
    """Return whom names mean, by name: ids before names, and the first of two."""
    found = {entry.id: entry.id for entry in entries}
    for entry in entries:
        for name in (entry.name, *(entry.aliases if isinstance(entry, Character) else ())):
            found.setdefault(name, entry.id)
    return found


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


def _setting(scene: Scene) -> tuple[str, str, str]:
    return scene.place, scene.time, scene.heading
