"""The first step of making a film, its plan: typed functions of a `Studio` for graph, tools and commands.

What a film is made of is never stored twice: which take a shot has follows from the storyboard's request for it and the
ledger, so a changed storyboard makes exactly the changed shots stale.
"""

import math
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path

from pydantic import ValidationError

from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.commission import commission
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, TransientFailure
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import (
    Bible,
    Brief,
    Gate,
    Plan,
    Shot,
    Storyboard,
    Style,
    first_fault,
)
from reelgraph.video_tools.lending import from_memory, leaning
from reelgraph.video_tools.own_footage import bring_in, with_footage
from reelgraph.video_tools.planning.advice import Advice, advised, with_known
from reelgraph.video_tools.planning.asking import Asked
from reelgraph.video_tools.planning.briefs import brief_of_text, read_brief, read_text
from reelgraph.video_tools.planning.files import storyboard_from_text, storyboard_to_yaml
from reelgraph.video_tools.planning.legal import legal_rate, longest_shot
from reelgraph.video_tools.planning.offline import length_asked, plan_offline
from reelgraph.video_tools.planning.patch import StoryboardPatch
from reelgraph.video_tools.planning.pins import bare
from reelgraph.video_tools.planning.replan import replan
from reelgraph.video_tools.planning.score import music_in
from reelgraph.video_tools.planning.settled import settled
from reelgraph.video_tools.planning.splitting import fit_lengths
from reelgraph.video_tools.planning.written import rewritten
from reelgraph.video_tools.project import Film, slug
from reelgraph.video_tools.shooting import check_makers, next_seed, wanted_takes
from reelgraph.video_tools.studio import Studio


def open_film(
    studio: Studio,
    source: str,
    *,
    name: str = "",
    seconds: float | None = None,
    paths: bool = True,
    approve: frozenset[Gate] = frozenset(),
    replan_all: bool = False,
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
        replan_all: Whether it will be planned afresh even where there is a storyboard.

    Raises:
        InvalidRequest: The brief cannot be read, the planner's model cannot be opened, or what makes the film is not
            set up here; nothing was written.
    """
    brief = read_brief(source, seconds=seconds) if paths else brief_of_text(source, seconds=seconds)
    is_file = brief.text.strip() != str(source).strip()
    wanted = slug(name) if name else slug(Path(source).stem) if is_file else slug(brief.title or brief.text)
    film = studio.project.film(wanted)
    number = 2
    while not (name or is_file) and film.briefs() and film.briefs()[-1].text != brief.text:
        film = studio.project.film(f"{wanted}-{number}")
        number += 1
    versions = film.briefs()
    is_new = not versions or versions[-1] != brief
    if paths and is_file and brief.form == "storyboard":
        bring_in(studio, brief.text, Path(source).parent)
    if is_new and brief.form != "storyboard" and studio.planner is not None:
        Asked(studio.planner)  # one that cannot be opened says so here, before it leaves a film without a plan
    # Before the brief: a film is never there without it.
    commission(studio, film, approve=approve, planned_anew=is_new or replan_all)
    if is_new:
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
    old = newest_storyboard(studio, film)
    if old is not None and old.brief == brief.key and not replan_all:
        return old
    board = _planned(studio, film, brief, advise(brief), None if replan_all else old)
    board = board.model_copy(update={"number": film.next_number("storyboards"), "brief": brief.key})
    return add_storyboard(studio, film, board)


def check_plan(studio: Studio, film: Film) -> None:
    """Refuse what cannot be made of a film's newest plan as it is asked for, before anything is written of that.

    Args:
        studio: Where it is made, with the settings that it is asked for with.
        film: The film; one without a plan for its newest brief is planned by what its back ends can make.

    Raises:
        InvalidRequest: A shot cannot be made as planned, or what makes it is not there, or not set up here.
    """
    old = film.storyboard()
    if old is not None and old.brief == film.briefs()[-1].key:
        check_makers(studio, wanted_takes(studio, film, with_footage(studio, _edited(film) or old)))


def newest_storyboard(studio: Studio, film: Film) -> Storyboard | None:
    """Return the film's newest storyboard, which is what a person made of `storyboard.yaml` if they edited it.

    Raises:
        InvalidRequest: The edited file cannot be a storyboard.
    """
    old, number, board = film.storyboard(), film.next_number("storyboards"), _edited(film)
    if board is None:
        return old
    board = with_footage(studio, board)
    if board.number != number or not board.brief:  # else it was being written when its process ended
        # An edit of the plan of an older brief does not answer the new one, which is then planned on top of it.
        of = {"number": number, "planner": "person", "brief": old.brief if old else film.briefs()[-1].key}
        board = board.model_copy(update=of)
    return _write(studio.for_film(film), film, board, edited=False)


def _edited(film: Film) -> Storyboard | None:
    """Read what a person made of `storyboard.yaml`, None where they left it as it was written there."""
    path = film.folder / "storyboard.yaml"
    return storyboard_from_text(read_text(path), str(path), earlier=film.storyboards()) if is_edited(film) else None


def add_storyboard(studio: Studio, film: Film, board: Storyboard) -> Storyboard:
    """Write a storyboard as the film's newest, with the YAML that a person may edit.

    A file that they are editing stays as it is, and is read when the film is planned next.

    Raises:
        InvalidRequest: A shot of it cannot be, such as one that is too long; nothing was written.
    """
    return _write(studio, film, board, edited=is_edited(film))


def _write(studio: Studio, film: Film, board: Storyboard, *, edited: bool) -> Storyboard:
    try:  # copies of models are not checked when they are made, and what is written is never rewritten
        Storyboard.model_validate(board.model_dump())
    except ValidationError as error:
        raise InvalidRequest(f"the storyboard cannot be: {first_fault(error)}") from error
    if not edited:  # first, so that a file behind the newest version is always somebody's doing
        write_text(film.folder / "storyboard.yaml", storyboard_to_yaml(board))
    film.add(board)
    studio.tell(event("storyboard.ready", film=film.name, storyboard=board.number, shots=len(board.shots)))
    return board


def is_edited(film: Film) -> bool:
    """Tell whether `storyboard.yaml` is another than was written there last: somebody edited it, or put an old one
    back."""
    path, newest = film.folder / "storyboard.yaml", film.storyboard()
    if not path.exists():
        return False
    try:
        return newest is None or read_text(path) != storyboard_to_yaml(newest)
    except InvalidRequest:  # no text any more
        return True


def _planned(studio: Studio, film: Film, brief: Brief, advice: Advice, old: Storyboard | None) -> Storyboard:
    """Plan a brief; where the film has an older storyboard, shots whose words stand keep what they were."""
    known = from_memory(studio, lambda memory: memory.bible_for(brief.text), Bible())
    brief, known = advised(brief, known, advice)
    unpinned: Sequence[str] = ()
    if old is None:
        board = _kept(film, brief, _drafted(studio, film, brief, known, advice.facts))
    else:
        if brief.form == "storyboard":
            patch = _rewritten(film, brief, known, old)
        else:
            patch = _changed(studio, film, brief, known, advice.facts, old)
        studio.tell(event("storyboard.changed", film=film.name, summary=patch.summary()))
        board, unpinned = patch.storyboard, patch.unpinned
    board = with_footage(studio, board)
    if brief.form != "storyboard":  # a length that somebody wrote is not changed: it can be made, or is refused
        board = fit_lengths(board, lambda shot: _longest(studio, shot), lambda shot: _goes_on(studio, shot))
        board = board.with_shots([_as_filmed(studio, shot) for shot in board.shots])
    leant = from_memory(studio, lambda memory: leaning(studio, memory, film, board), board)
    if old is None:
        return _unlike_refused(studio, film, leant)
    # What was pinned stands: only what is new leans on what is remembered now, or every shot would be shot again.
    standing = {shot.id for shot in old.shots}.difference(unpinned)
    board = board.model_copy(update={"bible": _filled_where_new(board.bible, leant.bible, old.bible)})
    return board.with_shots([shot for shot in leant.shots if shot.id not in standing])


def _drafted(studio: Studio, film: Film, brief: Brief, known: Bible, facts: Sequence[str]) -> Storyboard:
    """Plan a brief as nobody has planned it yet: by the studio's model if it has one, else by rule."""
    if studio.planner is None or brief.form == "storyboard":
        return _by_rule(brief, known)
    board = _by_model(studio, film, brief, known, facts)
    return board.model_copy(update={"music": music_in(brief)})


def _by_rule(brief: Brief, known: Bible) -> Storyboard:
    board = plan_offline(brief, bible=known)
    return board if brief.form == "storyboard" else board.model_copy(update={"music": music_in(brief)})


def _kept(film: Film, brief: Brief, board: Storyboard) -> Storyboard:
    """Return a plan as it is, kept for the next change of the brief where rules would not make the same of that again.

    So it is where a model made it, or one before it, or where somebody said the brief in other words.
    """
    own = film.briefs()[-1]
    if board.planner != "offline" or film.plans() or brief != own:
        film.add(Plan(brief=brief, storyboard=board.model_copy(update={"brief": own.key})))
    return board


def _changed(
    studio: Studio, film: Film, brief: Brief, known: Bible, facts: Sequence[str], old: Storyboard
) -> StoryboardPatch:
    """Say what a changed brief changes of a storyboard, which may have been edited and mended since it was planned."""
    plan = next((plan for plan in reversed(film.plans()) if plan.storyboard.brief == old.brief), None)
    first = plan.storyboard if plan else next((b for b in film.storyboards() if b.brief == old.brief), old)
    asked = _brief_of(film, old)
    then = plan.brief if plan else asked
    bible = with_known(old.bible, known.model_copy(update={"style": Style()}))
    seconds, before = (length_asked(one) if one else None for one in (brief, asked))
    if asked is None or (seconds == before and not _lasts(old, before)):  # somebody gave it a length of their own
        seconds = None
    by_rule = first.planner == "offline" and then is not None
    if by_rule and studio.planner is None:
        # Rules plan the same every time, so where they plan otherwise now, the brief says otherwise; of the look too.
        bible = bible.model_copy(update={"style": Style()})
    if by_rule and then is not None:
        first = _by_rule(then, bible)
    board = _drafted(studio, film, brief, bible, facts)
    if then is not None and not board.planner == first.planner == "offline":
        board = settled(board, brief, first, then)
    return replan(old, _kept(film, brief, board), first, seconds=seconds)


def _rewritten(film: Film, brief: Brief, known: Bible, old: Storyboard) -> StoryboardPatch:
    """Say what a storyboard that somebody wrote anew changes of the one there is."""
    boards, then, planned = film.storyboards(), _brief_of(film, old), bare(old)
    if then is not None and then.form == brief.form:
        of_it = [*takewhile(lambda board: board.brief == old.brief, reversed(boards))]
        planned = plan_offline(then, bible=known, earlier=boards[: len(boards) - len(of_it) + 1])
    return rewritten(old, plan_offline(brief, bible=known, earlier=boards), planned)


def _lasts(board: Storyboard, seconds: float | None) -> bool:
    return seconds is not None and math.isclose(sum(shot.seconds for shot in board.shots), seconds)


def _brief_of(film: Film, board: Storyboard) -> Brief | None:
    return next((brief for brief in film.briefs() if brief.key == board.brief), None)


def _filled_where_new(bible: Bible, filled: Bible, old: Bible) -> Bible:
    """Take what memory fills in of those entries alone that an older bible did not have."""
    people = [c if old.character(c.id) else filled.character(c.id) or c for c in bible.characters]
    places = [p if old.place(p.id) else filled.place(p.id) or p for p in bible.places]
    return bible.model_copy(update={"characters": people, "places": places})


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
        if shot.take:
            continue
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
