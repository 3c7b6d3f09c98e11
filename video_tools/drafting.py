"""Plan a film's brief with what is known: its plans and storyboards so far, its memory, and what its back ends make."""

import math
from collections.abc import Sequence
from itertools import takewhile

from reelgraph.video_tools.errors import PermanentFailure, TransientFailure
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import Bible, Brief, Plan, Shot, Storyboard, Style
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.lending import from_memory, leaning
from reelgraph.video_tools.own_footage import with_footage
from reelgraph.video_tools.planning.advice import Advice, advised, with_known
from reelgraph.video_tools.planning.legal import legal_rate, longest_shot
from reelgraph.video_tools.planning.numbering import numbered_as
from reelgraph.video_tools.planning.offline import length_asked, plan_offline
from reelgraph.video_tools.planning.patch import StoryboardPatch
from reelgraph.video_tools.planning.pins import bare
from reelgraph.video_tools.planning.replan import replan
from reelgraph.video_tools.planning.score import music_in
from reelgraph.video_tools.planning.settled import settled
from reelgraph.video_tools.planning.splitting import fit_lengths
from reelgraph.video_tools.planning.written import rewritten
from reelgraph.video_tools.shooting import next_seed, wanted_takes
from reelgraph.video_tools.studio import Studio


def planned(studio: Studio, film: Film, brief: Brief, advice: Advice, old: Storyboard | None) -> Storyboard:
    """Plan a brief; where the film has an older storyboard, shots whose words stand keep what they were.

    Args:
        studio: Where the film is made, with its settings.
        film: The film, whose earlier storyboards say which ids its shots have.
        brief: Its newest brief.
        advice: What tools said of that.
        old: The storyboard that a plan is merged into; None plans afresh.

    Raises:
        InvalidRequest: The brief cannot be planned.
        PermanentFailure: The planner's model gave no usable plan.
    """
    known = from_memory(studio, lambda memory: memory.bible_for(brief.text), Bible())
    brief, known = advised(brief, known, advice)
    unpinned: Sequence[str] = ()
    if old is None:
        board = _kept(film, brief, _afresh(studio, film, brief, known, advice.facts))
    else:
        if brief.form == "storyboard":
            patch = _rewritten(film, brief, known, old)
        else:
            patch = _changed(studio, film, brief, known, advice.facts, old)
        studio.tell(event("storyboard.changed", film=film.name, summary=patch.summary()))
        board, unpinned = patch.storyboard, patch.unpinned
    board = with_footage(studio, board)
    if brief.form != "storyboard":  # a length that somebody wrote is not changed: it can be made, or is refused
        board = fit_lengths(
            board, lambda shot: _longest(studio, shot), lambda shot: _goes_on(studio, shot),
            lambda shot, most: _tell_shortened(studio, film, shot, most),
        )  # fmt: skip
        board = board.with_shots([_as_filmed(studio, shot) for shot in board.shots])
    leant = from_memory(studio, lambda memory: leaning(studio, memory, film, board), board)
    if old is None:
        return _unlike_refused(studio, film, leant)
    # What was pinned stands: only what is new leans on what is remembered now, or every shot would be shot again.
    standing = {shot.id for shot in old.shots}.difference(unpinned)
    board = board.model_copy(update={"bible": _filled_where_new(board.bible, leant.bible, old.bible)})
    return board.with_shots([shot for shot in leant.shots if shot.id not in standing])


def _tell_shortened(studio: Studio, film: Film, shot: Shot, most: float) -> None:
    """Tell that a length that somebody asked for is not had."""
    name = studio.backend_for(studio.backend_of(shot)).name
    lacks = "a shot has no more than 26 parts" if _goes_on(studio, shot) else "none that go on from a frame"
    why = f"{name} makes no longer takes, and {lacks}"
    told = {"what": "length", "asked": f"{shot.seconds:g} s", "made": f"{most:g} s", "why": why}
    studio.tell(event("substitution", film=film.name, shot=shot.id, **told))


def _afresh(studio: Studio, film: Film, brief: Brief, known: Bible, facts: Sequence[str]) -> Storyboard:
    """Plan a brief with nothing of an older plan but its shots' ids, since a cut's edits and takes go by them."""
    boards = film.storyboards()
    if brief.form == "storyboard":
        return plan_offline(brief, bible=known, earlier=boards)
    return numbered_as(boards, _drafted(studio, film, brief, known, facts), set())


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
