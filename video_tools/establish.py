"""The reference sheet: a picture of everybody and every place that must look the same, before any shot of theirs.

Such a picture is a take like any other: a still, or the shortest clip of a back end that makes none, asked for as a
shot of its own (`character-mara`), paid for within the film's ceilings, and measured. The one that passes is pinned in
the storyboard's bible, and with it what each shot leans on, so no picture is shot twice.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from reelgraph.video_tools.atomic import staged_file
from reelgraph.video_tools.backends.ladder import at_rung
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import Bible, Character, Place, Shot, Storyboard, Substitution, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.gates import heed_person
from reelgraph.video_tools.generation import Published, Wanted
from reelgraph.video_tools.lending import from_memory, leaning_anew
from reelgraph.video_tools.measured import fails
from reelgraph.video_tools.shooting import check_makers, fitted, next_seed, shoot_waves, waves_of
from reelgraph.video_tools.shown import Entry, entries_of, entries_seen
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import add_storyboard

E = TypeVar("E", Character, Place)

SHEET = "references.jpg"  # in the film's folder

_WORDS = {
    "person": "{name}, alone, seen from head to foot, facing the camera, before a plain wall",
    "animal": "{name}, alone, seen whole, before a plain wall",
    "object": "{name}, alone, seen whole, before a plain wall",
    "place": "{name}, with nobody there",
}


def establish(studio: Studio, film: Film, board: Storyboard, *, shots: Collection[str] | None = None) -> Storyboard:
    """Shoot the pictures that a film's reference sheet lacks, and return the storyboard with them pinned in it.

    Nothing is shot unless the film is asked for so: by the setting `establish`, or where a person wants to approve the
    sheet. A picture that fails a check that blocks is shot again, once a round; one that could not be made is missing
    from the sheet, and its shots lean on words alone. A sheet that a person refused is shot again: those whom their
    words name, or all.

    Args:
        studio: Where it is made; the caller holds the writer's lock.
        film: The film.
        board: Its newest storyboard.
        shots: Ids of the shots that are to be made; all, if None.

    Raises:
        Cancelled: Somebody asked to stop; what was published stands.
        InvalidRequest: A picture cannot be asked for, or what makes it is not set up here.
        Refused: A person said no to the plan, or to what it costs.
    """
    studio = studio.for_film(film)
    waiting = {item.shot.id: item for item in lacking(studio, film, board, shots=shots)}
    if waiting:
        heed_person(studio, film, board, ("storyboard", "cost"))
    check_makers(studio, waiting.values())
    found: dict[str, Take] = {}
    for _ in range(studio.project.settings.rounds):
        again: dict[str, Wanted] = {}
        for result in shoot_waves(studio, film, waves_of(studio, list(waiting.values()))):
            if not isinstance(result, Published):
                continue
            item = result.wanted
            if fails(studio, result.take, item.shot):
                again[item.shot.id] = next_try(item)
            else:
                found[item.shot.id] = result.take
        waiting = {id: again[id] for id in waiting if id in again}
    pinned = board.model_copy(update={"bible": _with(board.bible, studio, film, found)})
    if pinned == board:
        return board
    pinned = from_memory(studio, lambda memory: leaning_anew(studio, memory, board, pinned), pinned)
    studio.tell(event("references.ready", film=film.name, pictures={id: take.key for id, take in found.items()}))
    pinned = add_storyboard(studio, film, pinned.model_copy(update={"number": film.next_number("storyboards")}))
    _draw_sheet(studio, film, pinned)
    return pinned


def _draw_sheet(studio: Studio, film: Film, board: Storyboard) -> None:
    """Lay the pictures of a reference sheet side by side in `references.jpg`, for a person to look at."""
    from reelgraph.video_tools.review.sheet import contact_sheet, jpeg

    ledger = studio.project.ledger
    takes = {take.content: take for take in ledger.takes()}
    shown = [(e.name, takes[content]) for e in entries_seen(board) for content in e.references if content in takes]
    with staged_file(film.folder / SHEET) as path:
        path.write_bytes(jpeg(contact_sheet([ledger.poster(take) for _, take in shown], [name for name, _ in shown])))


def lacking(studio: Studio, film: Film, board: Storyboard, *, shots: Collection[str] | None = None) -> list[Wanted]:
    """Ask for the pictures that a film's reference sheet lacks, or that a person refused; none where none are wanted.

    Args:
        studio: Where it is made.
        film: The film.
        board: Its newest storyboard.
        shots: Ids of the shots that are to be made; all, if None.

    Raises:
        InvalidRequest: A picture cannot be asked for.
    """
    studio, asked = studio.for_film(film), film.commission()
    if not (studio.project.settings.establish or (asked and "references" in asked.approve)):
        return []
    refused = refused_on(studio, film, board)
    wanted = []
    for entry in entries_seen(board, shots):
        before = refused.get(shot_id(entry))
        if entry.references and not before:
            continue
        item = _asked(studio, film, board, entry)
        if isinstance(entry, Place) and any(s.what == "character" for s in item.substitutions):
            continue  # a closed world in which no place is empty: whoever stood there would be taken for a part of it
        wanted.append(next_try(item, before) if before else item)
    return wanted


def shot_id(entry: Entry) -> str:
    """Name an entry's picture in the ledger, as a shot is named."""
    return f"{'character' if isinstance(entry, Character) else 'place'}-{entry.id}"


def refused_on(studio: Studio, film: Film, board: Storyboard) -> dict[str, Take]:
    """Return the pictures of a sheet that this film shot and a person said no to, by their names in the ledger.

    The newest word on a sheet holds for whatever is still pictured as it was then, by whichever words.
    """
    said = [word for word in film.decisions() if word.gate == "references"][-1:]
    sheet = film.storyboard(said[0].number) if said and not said[0].approved else None
    if sheet is None:
        return {}
    shown = {(shot_id(entry), *entry.references): entry.name for entry in entries_of(sheet.bible)}
    words = said[0].words.casefold()
    own: dict[str, Take] = {}
    named: set[str] = set()
    for entry in entries_seen(board):
        id = shot_id(entry)
        was, take = shown.get((id, *entry.references)), _own_picture(studio, film, entry)
        if was is None or take is None:
            continue
        own[id] = take
        if any(name.casefold() in words for name in (entry.name, was, entry.id)):
            named.add(id)
    return {id: take for id, take in own.items() if not named or id in named}


def next_try(item: Wanted, before: Take | None = None) -> Wanted:
    """Ask for a picture by another seed than it is asked for, or than the take before it has."""
    request = before.request if before else item.request
    tried = next_seed(item.shot.model_copy(update={"variant": max(item.shot.variant, request.variant)}), request)
    told = "seed" if item.request.seed is not None else "variant"
    request = item.request.model_copy(update={told: tried[told]})
    return replace(item, shot=item.shot.model_copy(update=tried), request=request)


def _asked(studio: Studio, film: Film, board: Storyboard, entry: Entry) -> Wanted:
    """Ask for the picture of an entry as nobody else is pictured: by its words alone."""
    settings, is_place = studio.project.settings, isinstance(entry, Place)
    shot = Shot(
        id=shot_id(entry),
        prompt=_WORDS["place" if isinstance(entry, Place) else entry.kind].format(name=entry.name),
        seconds=float(1 / settings.rate),
        size="wide" if is_place else "full",
        characters=[] if is_place else [entry.id],
        place=entry.id if is_place else "",
        backend=settings.backend_by_kind.get("reference") or settings.backend_by_kind.get("still", ""),
    )
    unseen = {"references": list[str]()}
    bible = board.bible.model_copy(
        update={
            "characters": [c.model_copy(update=unseen) for c in board.bible.characters],
            "places": [p.model_copy(update=unseen) for p in board.bible.places],
        }
    )
    item = fitted(studio, film, board.model_copy(update={"bible": bible}), [shot])[shot.id]
    backend = studio.backend_for(studio.backend_of(shot))
    said = [s for s in item.substitutions if s.what != "frames"]
    request = item.request
    if request.frames == 1:
        request, drafted = at_rung(request, "still", backend.capabilities())
        said += drafted
    else:
        why = f"{backend.name} makes no stills"
        said.append(Substitution(what="frames", asked="1", made=str(request.frames), why=why))
    return replace(item, request=request, substitutions=tuple(said))


def _own_picture(studio: Studio, film: Film, entry: Entry) -> Take | None:
    """Return the picture of an entry that this film shot, if one is in the bible."""
    pinned = [take for take in studio.project.ledger.takes() if take.content in entry.references]
    return next((take for take in pinned if (take.film, take.shot) == (film.name, shot_id(entry))), None)


def _with(bible: Bible, studio: Studio, film: Film, found: Mapping[str, Take]) -> Bible:
    """Return a bible with pictures in it, each in place of the one that this film shot before."""

    def pictured(entry: E) -> E:
        take = found.get(shot_id(entry))
        if take is None:
            return entry
        old = _own_picture(studio, film, entry)
        kept: list[str] = [content for content in entry.references if old is None or content != old.content]
        return entry.model_copy(update={"references": [take.content, *kept]})

    return bible.model_copy(
        update={
            "characters": [pictured(c) for c in bible.characters],
            "places": [pictured(p) for p in bible.places],
        }
    )
