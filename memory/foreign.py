"""Read the bible of another project, with the pictures that it leans on."""

from pathlib import Path

from reelgraph.memory.bible import Difference, KnownBible
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest
from reelgraph.video_tools.film import Bible, read_noun
from reelgraph.video_tools.ledger import Ledger

# A bible of a thousand characters is a quarter of this.
MOST_BYTES = 8 << 20


def read_foreign(source: Path, ledger: Ledger) -> tuple[Bible, list[Difference]]:
    """Read a bible from another project's folder, or from an exported file, so that it can be used here.

    Args:
        source: The folder, whose reference pictures are copied into this ledger; or the file.
        ledger: This project's takes.

    Returns:
        The bible without references that are not here, and a line for each of those.

    Raises:
        InvalidRequest: It is neither, it cannot be read, or a take in it is not what its record says.
    """
    path = source / "memory" / "bible.json" if source.is_dir() else source
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidRequest(f"{path} is larger than any bible ({MOST_BYTES >> 20} MB): is it one?")
        bible = read_noun(KnownBible, path.read_bytes(), str(path)).bible
    except OSError as error:
        raise InvalidRequest(
            f"cannot read {path}: {error.strerror}; name a project's folder or an exported bible"
        ) from error
    except CorruptProject as error:
        raise InvalidRequest(str(error)) from error
    wanted = {f"character:{c.id}": c.references for c in bible.characters}
    wanted |= {f"place:{p.id}": p.references for p in bible.places}
    if source.is_dir():
        foreign = Ledger(source)
        for content in dict.fromkeys(content for references in wanted.values() for content in references):
            _copy_take(foreign, ledger, content)
    here = {take.content for take in ledger.takes()}
    lost = [
        Difference(entry=key, field="references", kept="", offered=f"{content[:12]}, which this project does not have")
        for key, references in wanted.items()
        for content in references
        if content not in here
    ]
    kept = {key: [content for content in references if content in here] for key, references in wanted.items()}
    return (
        bible.model_copy(
            update={
                "characters": [
                    c.model_copy(update={"references": kept[f"character:{c.id}"]}) for c in bible.characters
                ],
                "places": [p.model_copy(update={"references": kept[f"place:{p.id}"]}) for p in bible.places],
            }
        ),
        lost,
    )


def _copy_take(source: Ledger, target: Ledger, content: str) -> None:
    """Copy a take between projects, unless it is gone there or already here."""
    try:
        take = source.by_content(content)
    except InvalidRequest:
        return
    except CorruptProject as error:
        raise InvalidRequest(str(error)) from error
    target.adopt(source, take)
