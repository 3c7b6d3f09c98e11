"""The first step of making a film, its plan: typed functions of a `Studio` for graph, tools and commands.

What a film is made of is never stored twice: which take a shot has follows from the storyboard's request for it and the
ledger, so a changed storyboard makes exactly the changed shots stale.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.commission import commission
from reelgraph.video_tools.errors import (
    CorruptProject,
    InvalidRequest,
    PermanentFailure,
    ProjectBusy,
    TransientFailure,
)
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import (
    Bible,
    Brief,
    Gate,
    Shot,
    Storyboard,
    first_fault,
)
from reelgraph.video_tools.planning.advice import Advice, advised
from reelgraph.video_tools.planning.briefs import brief_of_text, read_brief, read_text
from reelgraph.video_tools.planning.files import storyboard_from_text, storyboard_to_yaml
from reelgraph.video_tools.planning.fit import fit_lengths, legal_rate, longest_shot
from reelgraph.video_tools.planning.offline import plan_offline
from reelgraph.video_tools.planning.replan import replan
from reelgraph.video_tools.planning.score import music_in
from reelgraph.video_tools.project import Film, slug
from reelgraph.video_tools.shooting import next_seed, wanted_takes
from reelgraph.video_tools.studio import Conditioning, FilmMemory, Studio

T = TypeVar("T")


def open_film(
    studio: Studio,
    source: str,
    *,
    name: str = "",
    seconds: float | None = None,
    paths: bool = True,
    approve: frozenset[Gate] = frozenset(),
) -> Film:
    """Open the film of a brief, making it if it is new.

    The name is the one given, else the brief's file name, else its title or first words. A film of that name whose
    brief was another sentence stays as it is, and the new film gets a number.

    Args:
        studio: Where it is made.
        source: A brief's text, or the path of one.
        name: The film's name.
        seconds: The length asked for.
        paths: Whether the source may be a path; on a server it may not.
        approve: Where a person wants to be asked.

    Raises:
        InvalidRequest: The brief cannot be read.
    """
    brief = read_brief(source, seconds=seconds) if paths else brief_of_text(source, seconds=seconds)
    is_file = brief.text.strip() != str(source).strip()
    wanted = slug(name) if name else slug(Path(source).stem) if is_file else slug(brief.title or brief.text)
    film = studio.project.film(wanted)
    number = 2
    while not (name or is_file) and film.briefs() and film.briefs()[-1].text != brief.text:
        film = studio.project.film(f"{wanted}-{number}")
        number += 1
    commission(studio, film, approve=approve)  # before the brief: a film is never there without it
    versions = film.briefs()
    if not versions or versions[-1] != brief:
        film.add(brief)
    return film


def plan_storyboard(
    studio: Studio, film: Film, *, replan_all: bool = False, advise: Callable[[Brief], Advice] = lambda brief: Advice()
) -> Storyboard:
    """Return the film's storyboard, planning it if there is none for its brief.

    A storyboard that a person edited in `storyboard.yaml` becomes the next number. What was planned is pinned: nothing
    is planned or recalled afresh unless asked.

    Args:
        studio: Where it is made.
        film: The film.
        replan_all: Plan afresh even where there is a storyboard.
        advise: Asked about the brief before it is planned; what it says is pinned in the storyboard.

    Raises:
        InvalidRequest: The brief or the edited file cannot be a storyboard.
        PermanentFailure: The planner's model gave no usable plan.
    """
    studio = studio.for_film(film)
    brief = film.briefs()[-1]
    old = film.storyboard() if replan_all else newest_storyboard(studio, film)
    if old is not None and old.brief == brief.key and not replan_all:
        return old
    board = _planned(studio, film, brief, advise(brief), None if replan_all else old)
    board = board.model_copy(update={"number": film.next_number("storyboards"), "brief": brief.key})
    return add_storyboard(studio, film, board)


def newest_storyboard(studio: Studio, film: Film) -> Storyboard | None:
    """Return the film's newest storyboard, which is what a person made of `storyboard.yaml` if they edited it.

    Raises:
        InvalidRequest: The edited file cannot be a storyboard.
    """
    old, edited = film.storyboard(), _edited(film)
    if edited is None:
        return old
    number = film.next_number("storyboards")
    # An edit of the plan of an older brief does not answer the new one, which is then planned on top of it.
    of = {"number": number, "planner": "person", "brief": old.brief if old else film.briefs()[-1].key}
    return add_storyboard(studio.for_film(film), film, edited.model_copy(update=of))


def add_storyboard(studio: Studio, film: Film, board: Storyboard) -> Storyboard:
    """Write a storyboard as the film's newest, with the YAML that a person may edit.

    Raises:
        InvalidRequest: A shot of it cannot be, such as one that is too long; nothing was written.
    """
    try:  # copies of models are not checked when they are made, and what is written is never rewritten
        Storyboard.model_validate(board.model_dump())
    except ValidationError as error:
        raise InvalidRequest(f"the storyboard cannot be: {first_fault(error)}") from error
    film.add(board)
    write_text(film.folder / "storyboard.yaml", storyboard_to_yaml(board))
    studio.tell(event("storyboard.ready", film=film.name, storyboard=board.number, shots=len(board.shots)))
    return board


def _planned(studio: Studio, film: Film, brief: Brief, advice: Advice, old: Storyboard | None) -> Storyboard:
    """Plan a brief; where the film has an older storyboard, shots whose words stand keep what they were."""
    known = from_memory(studio, lambda memory: memory.bible_for(brief.text), Bible())
    brief, known = advised(brief, known, advice)
    if brief.form == "storyboard":
        board = storyboard_from_text(brief.text, "the storyboard")
    elif studio.planner is not None:
        board = _by_model(studio, film, brief, known, advice.facts)
    elif old is not None:
        patch = replan(old, brief)
        studio.tell(event("storyboard.changed", film=film.name, summary=patch.summary()))
        board = patch.storyboard
    else:
        board = plan_offline(brief, bible=known)
    if brief.form != "storyboard":  # a length that somebody wrote is not changed: it can be made, or is refused
        board = board.model_copy(update={"music": music_in(brief)})
        board = fit_lengths(board, lambda shot: _longest(studio, shot), lambda shot: _goes_on(studio, shot))
        board = board.with_shots([_as_filmed(studio, shot) for shot in board.shots])
    if old is not None:
        board = board.with_shots([_as_pinned(shot, old) for shot in board.shots])
    leaning = from_memory(studio, lambda memory: _leaning(studio, memory, film, board), board)
    if old is None:
        return _unlike_refused(studio, film, leaning)
    standing = {shot.id for shot in old.shots}
    # What was pinned stands: only new shots lean on what is remembered now, or every one would be shot again.
    return board.with_shots([shot for shot in leaning.shots if shot.id not in standing])


def _by_model(studio: Studio, film: Film, brief: Brief, known: Bible, facts: Sequence[str]) -> Storyboard:
    """Plan with the studio's model; by rule where it gives no usable plan and the settings allow that, said aloud."""
    from reelgraph.video_tools.planning.model import plan_with_model

    assert studio.planner is not None
    nothing: list[str] = []
    told = from_memory(studio, lambda memory: memory.told(brief.text), nothing)
    try:
        return plan_with_model(brief, studio.planner, bible=known, recalled=told, facts=facts)
    except (PermanentFailure, TransientFailure) as error:
        if not studio.project.settings.planner_fallback:
            raise
        studio.tell(event("planner.fallback", film=film.name, error=str(error)))
        board = plan_offline(brief, bible=known)
        first = board.shots[0]
        return board.with_shots([first.model_copy(update={"why": [*first.why, f"planned by rule, since {error}"]})])


def _unlike_refused(studio: Studio, film: Film, board: Storyboard) -> Storyboard:
    """Give another seed to each shot whose very request was made before, and refused: it would come out the same."""
    none: set[str] = set()
    refused = from_memory(studio, lambda memory: memory.refused(), none)
    changed = []
    for item in wanted_takes(studio, film, board) if refused else []:
        shot, request = item.shot, item.request
        while request.key in refused:
            tried = next_seed(shot, request)
            shot = shot.model_copy(update=tried)
            told = "seed" if request.seed is not None else "variant"
            request = request.model_copy(update={told: tried[told]})
        if shot != item.shot:
            why = f"another {told}: the take that this asked for was refused before"
            changed.append(shot.model_copy(update={"why": [*shot.why, why]}))
    return board.with_shots(changed)


def _as_filmed(studio: Studio, shot: Shot) -> Shot:
    """Return a shot without the camera move that the rules gave it, where its back end draws a closed world."""
    world = studio.backend_for(studio.backend_of(shot)).capabilities().world
    if world is None or shot.camera == "still":
        return shot
    why = f"camera: still, since {world.name} moves none, not {shot.camera.replace('_', ' ')}"
    return shot.model_copy(update={"camera": "still", "why": [*shot.why, why]})


def _longest(studio: Studio, shot: Shot) -> float:
    capabilities = studio.backend_for(studio.backend_of(shot)).capabilities()
    return longest_shot(capabilities, legal_rate(capabilities, studio.project.settings.rate))


def _goes_on(studio: Studio, shot: Shot) -> bool:
    return "image" in studio.backend_for(studio.backend_of(shot)).capabilities().modes


def _as_pinned(shot: Shot, old: Storyboard) -> Shot:
    """Return a shot with the seed, references and tries that it had, where its new version says nothing of them."""
    before = next((s for s in old.shots if s.id == shot.id), None)
    if before is None:
        return shot
    pins = ("seed", "variant", "references", "recalled", "steps", "guidance", "tried")
    unsaid = {name for name in pins if getattr(shot, name) == Shot.model_fields[name].get_default()}
    return shot.model_copy(update={name: getattr(before, name) for name in unsaid})


def _leaning(studio: Studio, memory: FilmMemory, film: Film, board: Storyboard) -> Storyboard:
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
    before, now = _lent(studio, memory, old), _lent(studio, memory, new)
    changed = []
    for shot in new.shots:
        was, lent = before[shot.id], now[shot.id]
        own = [r for r in shot.references if r not in was.references]
        references = [*own, *(r for r in lent.references if r not in own)]
        why = [*(said for said in shot.why if said not in was.why), *lent.why]
        changed.append(shot.model_copy(update={"references": references, "why": why}))
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


def from_memory(studio: Studio, ask: Callable[[FilmMemory], T], without: T) -> T:
    """Ask the memory; go on without it, saying so, where it cannot be used, since no film depends on it."""
    try:
        return without if studio.memory is None else ask(studio.memory)
    except (InvalidRequest, CorruptProject, ProjectBusy, TransientFailure) as error:
        studio.tell_once(event("memory.skipped", error=str(error)))
        return without


def _edited(film: Film) -> Storyboard | None:
    """Read `storyboard.yaml` if it is none of those that were written there."""
    path = film.folder / "storyboard.yaml"
    if not path.exists():
        return None
    text = read_text(path)
    if any(text == storyboard_to_yaml(board) for board in reversed(film.storyboards())):
        return None
    return storyboard_from_text(text, str(path))
