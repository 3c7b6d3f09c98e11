"""Commands of the memory: what a project knows of its characters, places, style and past shots."""

import argparse
from pathlib import Path
from typing import Any

from reelgraph.commands.opening import open_project
from reelgraph.memory.project import open_memory
from reelgraph.video_tools.errors import InvalidRequest

Outcome = tuple[int, dict[str, Any]]


def memory(options: argparse.Namespace) -> Outcome:
    """Show or change what is remembered."""
    project = open_project(options, create=False)
    settings = project.settings
    known = open_memory(
        project,
        text_embedder=settings.text_embedder,
        picture_embedder=settings.picture_embedder,
        url=settings.memory_url,
    )
    what = options.what

    def needed() -> str:
        if not what:
            raise InvalidRequest(f"`reelgraph memory {options.action}` needs a name or a path after it")
        return str(what)

    if options.action == "show":
        bible = known.bible().bible
        result = {"bible": bible.model_dump(mode="json"), "shots": known.shots.count()}
        if not options.json:
            for who in bible.characters:
                print(f"{who.id:<20} {who.name}: {who.description}  {' '.join(who.palette)}")
            for place in bible.places:
                print(f"{place.id:<20} {place.name} (a place) {place.description}")
            print(f"{result['shots']} shots remembered")
        return 0, result
    if options.action == "export":
        known.export_bible(Path(needed()).expanduser())
        return 0, {"exported": what}
    with project.writing():
        if options.action == "add-character":
            made = known.remember_character(
                needed(), description=options.description or "", palette=options.colour or [], source="command line"
            )
            result = {"character": made.model_dump(mode="json")}
        elif options.action == "forget":
            result = {"forgotten": known.forget(needed())}
        elif options.action == "import":
            merged = known.import_bible(Path(needed()).expanduser())
            result = {"differences": [d.model_dump() for d in merged.differences]}
        else:
            result = {"shots": known.rebuild()}
    if not options.json:
        for name, value in result.items():
            print(f"{name}: {value}")
    return 0, result
