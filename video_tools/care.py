"""Care of a project's folder: which takes a film still needs, and whether its files are what they were written as."""

import json
from collections.abc import Iterator

from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.commission import Commission
from reelgraph.video_tools.errors import CorruptProject, ReelgraphError
from reelgraph.video_tools.film import Brief, Cut, Decision, Noun, Plan, Review, Storyboard, TakeRequest, read_noun
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.ledger import Problem
from reelgraph.video_tools.music import MUSIC
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.shooting import wanted_takes
from reelgraph.video_tools.studio import Studio


def verify_film(film: Film) -> Iterator[Problem]:
    """Prove every version against the hash with which it was written, and the render against its provenance."""
    try:
        hashes = film.hashes()
    except CorruptProject as error:
        yield Problem(film.folder / "hashes.json", str(error))
        hashes = {}
    kinds: tuple[type[Noun], ...] = (Commission, Brief, Plan, Storyboard, Cut, Review, Decision)
    for kind in kinds:
        for path in sorted((film.folder / f"{kind.__name__.lower()}s").glob("[0-9]*.json")):
            try:
                read_noun(kind, path.read_bytes(), str(path))
            except CorruptProject as error:
                yield Problem(path, f"{error}; bring it back from a copy")
                continue
            if sha256_of(path) != hashes.get(path.relative_to(film.folder).as_posix(), sha256_of(path)):
                yield Problem(path, "was written over, and versions are never rewritten; bring it back from a copy")
    for name in hashes:
        if not (film.folder / name).is_file():
            yield Problem(film.folder / name, "is missing; bring it back from a copy")
    render, said = film.deliver / "film.mp4", film.deliver / "provenance.json"
    again = f"`reelgraph cut --film {film.name}` renders it again"
    if render.is_file() and said.is_file():
        try:
            known, of = (json.loads(said.read_bytes())["film"][name] for name in ("sha256", "cut"))
        except (ValueError, KeyError, TypeError):
            yield Problem(said, f"cannot be read; {again}")
        else:
            if sha256_of(render) != known:
                yield Problem(render, f"is not what provenance.json speaks of; {again}")
            elif of != (newest := film.next_number("cuts") - 1):
                yield Problem(render, f"is of cut {of}, and the newest is {newest}; {again}")
    elif render.is_file() or said.is_file():
        yield Problem(said if render.is_file() else render, f"is missing; {again}")


def takes_in_use(project: Project, film: Film) -> set[str]:
    """Return the keys of the takes that a film's cuts show, and of those that its newest plan asks for on every rung.

    Where it has no plan, or one that nobody can ask for, such as where its model or a plug-in is gone, all that were
    made for it are in use.
    """
    used: set[str] = set()
    for cut in film.cuts():
        used |= {clip.take for clip in cut.clips if clip.take}
        used |= {inset.take for inset in cut.insets} | {sound.take for sound in cut.sounds}
    takes, board = list(project.ledger.takes()), film.storyboard()
    own = {take.key for take in takes if take.film == film.name}
    if board is None:
        return used | own
    try:
        planned = {_planned_as(item.request) for item in wanted_takes(Studio(project), film, board)}
    except ReelgraphError:
        return used | own
    used |= {take.key for take in takes if _planned_as(take.request) in planned}
    return used | {
        take.key for take in takes if (take.film, take.shot, take.request.prompt) == (film.name, MUSIC, board.music)
    }


def _planned_as(request: TakeRequest) -> tuple[object, ...]:
    """What the requests of one shot have in common on every rung, whatever each leans on."""
    return request.backend, request.model, request.prompt, request.negative_prompt, request.seed, request.variant
