"""The project's bible on disk: who and where, and how it looks, across films and people.

    memory/bible.json    a person may edit it; it is the truth, and no index

It grows as shots are approved, and nothing in it is ever replaced unless a person says so: what is there stands, what
was empty is filled, and what differs is reported. So whatever a person wrote wins over every later film.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from reelgraph.memory.names import E, entry_id, find, fold, looks
from reelgraph.memory.records import plain
from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Bible, Character, Noun, Place, Style, digest, first_fault, read_noun, write_noun


class Origin(Noun):
    """Where an entry came from, and whose word it is."""

    by: Literal["film", "person", "import"] = "film"
    source: str = Field(default="", max_length=200, description="The film, or the project, that it came from.")


class KnownBible(Noun):
    """The bible of a project, with the origin of each entry and what a person had forgotten.

    Keys are `character:ID`, `place:ID` and `style`.
    """

    schema_version: Literal[1] = 1
    bible: Bible = Bible()
    origins: dict[str, Origin] = {}
    forgotten: dict[str, str] = Field(
        default={}, description="Entries a person forgot, by the digest of what they said, which does not come back."
    )


class Difference(Noun):
    """What a merge met that disagreed with what was known, and what stands."""

    entry: str
    field: str
    kept: str
    offered: str


class Merged(Noun):
    """What a merge made.

    Attributes:
        known: The bible as it is now.
        ids: For each offered entry, as `character:ID` or `place:ID`, the id under which it is known now.
        differences: Where the two disagreed; what was known stands.
    """

    known: KnownBible
    ids: dict[str, str] = {}
    differences: list[Difference] = []


def read_bible(folder: Path) -> KnownBible:
    """Read the bible of a memory folder; an empty one if there is none.

    Raises:
        CorruptProject: The file is not a bible (a person's edit may have broken it); the message names the field.
    """
    path = folder / "bible.json"
    try:
        return read_noun(KnownBible, path.read_bytes(), str(path))
    except FileNotFoundError:
        return KnownBible()


def write_bible(folder: Path, known: KnownBible) -> None:
    """Write the bible of a memory folder in one step."""
    write_text(folder / "bible.json", write_noun(known))


def merge(known: KnownBible, offered: Bible, origin: Origin) -> Merged:
    """Add what a film or another project knows to a bible, replacing nothing.

    An entry is the same one if its id is, and the names agree; or if a name or an alias is the same, whatever its case,
    width or composition. Another name under a known id is somebody else, and gets an id of their own. References and
    aliases add up.
    """
    characters, ids, met = _merged(known, known.bible.characters, offered.characters, "character")
    places, place_ids, met_places = _merged(known, known.bible.places, offered.places, "place")
    # Looks are a line each; what a prompt could not hold is no look.
    clean = {name: plain(text, 500) for name, text in offered.style if isinstance(text, str)}
    style, met_style = _filled(known.bible.style, offered.style.model_copy(update=clean), "style")
    bible = Bible(characters=characters, places=places, style=style)
    origins = dict(known.origins)
    for key in _keys(bible):
        origins.setdefault(key, origin)
    return Merged(
        known=known.model_copy(update={"bible": bible, "origins": origins}),
        ids={**ids, **place_ids},
        differences=[*met, *met_places, *met_style],
    )


def put_character(known: KnownBible, character: Character, source: str = "") -> KnownBible:
    """Write a character as a person says: new, or in place of the one of that id.

    Raises:
        InvalidRequest: Another character has that name or looks as if it had; the message names it.
    """
    character = clean_entry(character)
    for other in known.bible.characters:
        if other.id != character.id and looks(other.name) == looks(character.name):
            raise InvalidRequest(
                f"{character.name!r} looks like {other.name!r}, who is {other.id} already: change {other.id}, "
                "or choose another name"
            )
    kept = [c for c in known.bible.characters if c.id != character.id]
    forgotten = {key: said for key, said in known.forgotten.items() if key != f"character:{character.id}"}
    return known.model_copy(
        update={
            "bible": known.bible.model_copy(update={"characters": [*kept, character]}),
            "origins": {**known.origins, f"character:{character.id}": Origin(by="person", source=source)},
            "forgotten": forgotten,
        }
    )


def edited(old: Character, new: Character) -> Character:
    """Return a character with what somebody gave anew; references and aliases add up, and the rest stays."""
    given = {name: value for name, value in new if value and name not in ("id", "name", "kind")}
    for name in ("references", "aliases"):
        if name in given:
            given[name] = list(dict.fromkeys([*getattr(old, name), *given[name]]))
    return old.model_copy(update=given)


def entries_called(known: KnownBible, name: str) -> dict[str, Character | Place]:
    """Find by key what an id or a key names: a character, a place, both, or neither."""
    entries: dict[str, Character | Place] = {f"character:{c.id}": c for c in known.bible.characters}
    entries |= {f"place:{p.id}": p for p in known.bible.places}
    return {key: entry for key, entry in entries.items() if name in (key, entry.id)}


def forget_entry(known: KnownBible, name: str) -> KnownBible:
    """Forget a character or a place; the same words do not come back with the next film, other words do.

    Args:
        known: The bible.
        name: The entry's id, or its key where a character and a place share that.

    Raises:
        InvalidRequest: There is no such entry; the message lists those there are.
    """
    gone = entries_called(known, name)
    if not gone:
        ids = [*(c.id for c in known.bible.characters), *(p.id for p in known.bible.places)]
        there = ", ".join(ids) or "nobody yet"
        raise InvalidRequest(f"nobody and no place is called {name!r} in the bible: there is {there}")
    bible = known.bible.model_copy(
        update={
            "characters": [c for c in known.bible.characters if f"character:{c.id}" not in gone],
            "places": [p for p in known.bible.places if f"place:{p.id}" not in gone],
        }
    )
    return known.model_copy(
        update={
            "bible": bible,
            "origins": {key: origin for key, origin in known.origins.items() if key not in gone},
            "forgotten": {**known.forgotten, **{key: _said(entry) for key, entry in gone.items()}},
        }
    )


def filled(bible: Bible, known: Bible) -> Bible:
    """Fill what a storyboard's bible leaves empty with what is known of the same characters, places and style."""
    return Bible(
        characters=[_filled(c, find(known.characters, c) or c, c.id)[0] for c in bible.characters],
        places=[_filled(p, find(known.places, p) or p, p.id)[0] for p in bible.places],
        style=_filled(bible.style, known.style, "style")[0],
    )


def clean_entry(entry: E) -> E:
    """Clean the text of an entry: control and deceiving characters go, everything is one line.

    Raises:
        InvalidRequest: A name is empty then.
    """
    changed: dict[str, Any] = {}
    for name, value in entry:
        if isinstance(value, str) and name != "id":
            changed[name] = plain(value, 2000)
        elif name == "aliases":
            changed[name] = [alias for text in value if (alias := plain(text, 80))]
    if not changed["name"]:
        raise InvalidRequest(f"the name of {entry.id!r} has nothing to read in it: give another name")
    return entry.model_copy(update=changed)


def character_of(name: str, **fields: Any) -> Character:
    """Make a character of what a person or a model typed.

    Raises:
        InvalidRequest: A field is not what a character may have; the message names it.
    """

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return plain(value, len(value) + 1)
        return [clean(item) for item in value] if isinstance(value, list) else value

    told = {key: clean(value) for key, value in {"name": name, **fields}.items()}
    try:
        return clean_entry(Character.model_validate({"id": entry_id(told["name"]), **told}))
    except ValidationError as error:
        raise InvalidRequest(f"no such character can be: {first_fault(error)}") from error


# --- how entries agree -----------------------------------------------------------------------------------------------


def _merged(
    known: KnownBible, entries: Sequence[E], offered: Sequence[E], kind: str
) -> tuple[list[E], dict[str, str], list[Difference]]:
    result = list(entries)
    ids: dict[str, str] = {}
    met: list[Difference] = []
    for raw in offered:
        entry = clean_entry(raw)
        if known.forgotten.get(f"{kind}:{entry.id}") == _said(entry):
            continue
        same = find(result, entry)
        if same is not None:
            grown, differences = _filled(same, entry, f"{kind}:{same.id}")
            result[result.index(same)] = grown
            met += differences
            ids[f"{kind}:{raw.id}"] = same.id
            continue
        taken = {e.id for e in result}
        id = next(i for i in _numbered(entry.id) if i not in taken)
        if id != entry.id:
            other = next(e for e in result if e.id == entry.id)
            met.append(Difference(entry=f"{kind}:{id}", field="id", kept=other.name, offered=entry.name))
        double = next((e for e in result if looks(e.name) == looks(entry.name)), None)
        if double is not None:  # the same to the eye, of other letters: two entries, and somebody should know
            met.append(Difference(entry=f"{kind}:{id}", field="name", kept=double.name, offered=ascii(entry.name)))
        result.append(entry.model_copy(update={"id": id}))
        ids[f"{kind}:{raw.id}"] = id
    return result, ids, met


def _filled(mine: Any, theirs: Any, entry: str) -> tuple[Any, list[Difference]]:
    """Fill what is empty in one entry with another's, add up references and aliases, and report what differs."""
    changed: dict[str, Any] = {}
    met: list[Difference] = []
    for name, new in theirs:
        old = getattr(mine, name)
        if name == "id" or not new or new == old:
            continue
        if name in ("references", "aliases"):
            changed[name] = list(dict.fromkeys([*old, *new]))
        elif not old:
            changed[name] = new
        elif name != "name" or fold(old) != fold(new):
            met.append(Difference(entry=entry, field=name, kept=str(old), offered=str(new)))
    return mine.model_copy(update=changed), met


def _numbered(id: str) -> Iterator[str]:
    yield id
    for number in range(2, 10_000):
        yield f"{id[:42]}-{number}"


def _keys(bible: Bible) -> list[str]:
    keys = [*(f"character:{c.id}" for c in bible.characters), *(f"place:{p.id}" for p in bible.places)]
    return [*keys, "style"] if bible.style != Style() else keys


def _said(entry: Character | Place) -> str:
    return digest([entry.name, entry.description])
