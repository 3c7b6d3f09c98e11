"""Commands of the memory: what a project knows of its characters, places, style and past shots."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reelgraph.commands.opening import open_memory_of, open_project
from reelgraph.commands.telling import say
from reelgraph.memory.project import ProjectMemory
from reelgraph.memory.records import ShotRecord
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Adapter

Outcome = tuple[int, dict[str, Any]]
# What is printed for a person, and the object for `--json`.
Said = tuple[list[str], dict[str, Any]]


def memory(options: argparse.Namespace) -> Outcome:
    """Show or change what is remembered."""
    act = _ACTIONS[options.action]
    # A film may begin with a cast: the first thing in a folder may be somebody from another project.
    project = open_project(options, create=act in (_add_character, _import))
    known = open_memory_of(project)
    if act is _show:
        lines, result = act(known, options)
    else:
        with project.writing():
            lines, result = act(known, options)
    say(options, *lines)
    return 0, result


def _show(known: ProjectMemory, options: argparse.Namespace) -> Said:
    records = list(known.shots.records())
    bible = known.bible().bible
    if options.what:
        shown = [r for r in records if options.what in (r.film, f"{r.film}/{r.shot}", r.id, r.place, *r.characters)]
        if not shown:
            raise InvalidRequest(
                f"no shot of {options.what!r} is remembered: name a film, FILM/SHOT, somebody or a place"
            )
        return [line for r in shown for line in _told(r)], {"shots": [r.model_dump(mode="json") for r in shown]}
    lines = [f"{c.id:<20} {c.name}{_after(c.description, c.palette, c.adapters)}" for c in bible.characters]
    lines += [f"{p.id:<20} {p.name} (a place){_after(p.description, p.palette, [])}" for p in bible.places]
    look = ", ".join(filter(None, [bible.style.look, bible.style.lens, bible.style.grade]))
    if look or bible.style.palette or bible.style.adapters:
        lines.append(f"{'style':<20} {look}{_after('', bible.style.palette, bible.style.adapters)}")
    refused = sum(record.verdict == "rejected" for record in records)
    also = f", {refused} of them refused" if refused else ""
    lines.append(f"{_count(len(records), 'shot')} remembered{also}")
    return lines, {"bible": bible.model_dump(mode="json"), "shots": len(records)}


def _add_character(known: ProjectMemory, options: argparse.Namespace) -> Said:
    made = known.remember_character(
        _needed(options),
        description=options.description or "",
        palette=options.colour or [],
        voice=options.voice or "",
        aliases=options.alias or [],
        adapters=[_adapter(text) for text in options.adapter or []],
        source="command line",
    )
    return [f"{made.name} is known as {made.id}"], {"character": made.model_dump(mode="json")}


def _forget(known: ProjectMemory, options: argparse.Namespace) -> Said:
    gone = known.forget(_needed(options))
    return [f"forgot {_count(gone, 'entry', 'entries')}"], {"forgotten": gone}


def _rebuild(known: ProjectMemory, options: argparse.Namespace) -> Said:
    count = known.rebuild()
    return [f"{_count(count, 'shot')} remembered"], {"shots": count}


def _export(known: ProjectMemory, options: argparse.Namespace) -> Said:
    path = Path(_needed(options)).expanduser()
    known.export_bible(path)
    return [f"the bible is in {path}"], {"exported": str(options.what)}


def _import(known: ProjectMemory, options: argparse.Namespace) -> Said:
    merged = known.import_bible(Path(_needed(options)).expanduser())
    bible = merged.known.bible
    people, places = _count(len(bible.characters), "character"), _count(len(bible.places), "place")
    lines = [f"the bible has {people} and {places} now"]
    for met in merged.differences:
        stands = f"stays {met.kept!r}, not {met.offered!r}" if met.kept else f"lacks {met.offered}"
        lines.append(f"{met.entry}: {met.field} {stands}")
    return lines, {"differences": [met.model_dump() for met in merged.differences]}


_ACTIONS: dict[str, Callable[[ProjectMemory, argparse.Namespace], Said]] = {
    "show": _show,
    "add-character": _add_character,
    "forget": _forget,
    "rebuild": _rebuild,
    "export": _export,
    "import": _import,
}


def _needed(options: argparse.Namespace) -> str:
    if not options.what:
        raise InvalidRequest(f"memory {options.action} needs a name or a path after it")
    return str(options.what)


def _adapter(text: str) -> Adapter:
    name, colon, scale = text.partition(":")
    try:
        return Adapter(name=name, scale=float(scale)) if colon else Adapter(name=name)
    except ValueError as error:
        raise InvalidRequest(f"adapter {text!r} is not NAME or NAME:SCALE: write it such as ink:0.8") from error


def _told(record: ShotRecord) -> list[str]:
    line = f"{record.film} {record.shot} {record.verdict}: {record.prompt}"
    return [line, *(f"    {reason}" for reason in record.why)]


def _after(description: str, palette: list[str], adapters: list[Adapter]) -> str:
    drawn = [f"by the adapter {adapter.name}" for adapter in adapters]
    return "".join([f": {description}" if description else "", *(f"  {part}" for part in [*palette, *drawn])])


def _count(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
