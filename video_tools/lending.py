"""What memory lends a plan: the past shots that its shots lean on, and what of them their back ends take."""

from collections.abc import Callable
from typing import TypeVar

from reelgraph.video_tools.errors import CorruptProject, InvalidRequest, ProjectBusy, TransientFailure
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import Reference, Storyboard
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.studio import Conditioning, FilmMemory, Studio

T = TypeVar("T")


def from_memory(studio: Studio, ask: Callable[[FilmMemory], T], without: T) -> T:
    """Ask the memory; go on without it, saying so, where it cannot be used, since no film depends on it."""
    try:
        return without if studio.memory is None else ask(studio.memory)
    except (InvalidRequest, CorruptProject, ProjectBusy, TransientFailure) as error:
        studio.tell_once(event("memory.skipped", error=str(error)))
        return without


def leaning(studio: Studio, memory: FilmMemory, film: Film, board: Storyboard) -> Storyboard:
    """Pin in every shot the past shots it leans on, and what of them its back end takes."""
    board = memory.lean(film.name, board)
    given = _lent(studio, memory, board)
    changed = []
    for shot in board.shots:
        lent = given[shot.id]
        changed.append(
            shot.model_copy(
                update={
                    "references": [*shot.references, *lent.references],
                    "seed": lent.seed if shot.seed is None else shot.seed,
                    "why": [*shot.why, *lent.why],
                }
            )
        )
    return board.with_shots(changed)


def leaning_anew(studio: Studio, memory: FilmMemory, old: Storyboard, new: Storyboard) -> Storyboard:
    """Hand each shot what its back end takes of the bible as it is now, in place of what it was handed before.

    Args:
        studio: Where it is made.
        memory: Chooses what a shot is handed.
        old: The storyboard whose shots were planned.
        new: The same, with another bible.
    """
    nothing: list[Reference] = []
    most = _lent(studio, memory, old.with_shots([s.model_copy(update={"references": nothing}) for s in old.shots]))
    bare = [
        shot.model_copy(update={"references": [r for r in shot.references if r not in most[shot.id].references]})
        for shot in new.shots
    ]
    before, now = _lent(studio, memory, old.with_shots(bare)), _lent(studio, memory, new.with_shots(bare))
    changed = []
    for shot in bare:
        was, lent = before[shot.id], now[shot.id]
        why = [*(said for said in shot.why if said not in was.why), *lent.why]
        changed.append(shot.model_copy(update={"references": [*shot.references, *lent.references], "why": why}))
    return new.with_shots(changed)


def _lent(studio: Studio, memory: FilmMemory, board: Storyboard) -> dict[str, Conditioning]:
    """Say by shot what its back end can be handed of what it leans on."""
    given: dict[str, Conditioning] = {}
    for name in dict.fromkeys(studio.backend_of(shot) for shot in board.shots):
        backend = studio.backend_for(name)
        shots = [shot for shot in board.shots if studio.backend_of(shot) == name]
        given |= memory.condition(
            board, shots, backend.capabilities(), backend=backend.name, model=backend.fingerprint()
        )
    return given
