"""Change a film as a person says: their words become another plan, edits of the cut, or both, and nothing else changes.

What is cut as it is planned keeps its plan where an edit of the cut does what they ask. What is not cut yet is arranged
in the plan, unless edits of a cut before lie over it: then theirs is laid over those.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from reelgraph.video_tools.cutting import edit_cut
from reelgraph.video_tools.errors import Cancelled, InvalidRequest
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import Cut, Scene, Shot, Storyboard, Transition, first_fault
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.foreseen import foreseen_cut, seen_as_long
from reelgraph.video_tools.gates import reason_of
from reelgraph.video_tools.planning.instructions import Revision, read_instructions
from reelgraph.video_tools.shooting import check_makers, next_seed, wanted_takes
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import add_storyboard, check_plan, newest_storyboard, plan_storyboard

_OF_THE_PLAN = ("delete", "move", "transition")  # edits that a plan can hold too


def revise(studio: Studio, film: Film, words: str, *, plan_alone: bool = False) -> None:
    """Write down what a person wants changed, for whoever shoots and cuts next.

    It is read by the grammar, else with the studio's planner, if there is one. All of it is proved before any of it is
    written, so that what is refused changes nothing.

    Args:
        studio: Where the film is made.
        film: The film.
        words: What they said, such as `make shot 2 longer by 1 second`.
        plan_alone: Whether it is the plan that they speak of, also where it is cut already.

    Raises:
        InvalidRequest: The words are not understood, or what they ask for cannot be, or what would make it is not set
            up here.
        PermanentFailure: The planner's model gave nothing usable.
        TransientFailure: It could not be reached.
        Cancelled: Somebody asked to stop before anything was written.
    """
    from reelgraph.video_tools.editing.operations import apply, read_operation

    studio = studio.for_film(film)
    with studio.project.writing():
        check_plan(studio, film)
        old = plan_storyboard(studio, film)
    cut = film.cut()
    asked, planned, seen = _read(studio, film, words, old, None if plan_alone else cut)
    requests = {item.shot.id: item.request for item in wanted_takes(studio, film, old)} if asked.again else {}
    changed = {shot.id: shot for shot in asked.shots}
    for id in asked.again:
        shot = changed.get(id, old.shot(id))
        changed[id] = shot.model_copy(update=next_seed(shot, requests[id]))
    with studio.project.writing():
        now = newest_storyboard(studio, film), film.cut()
        if now != (old, cut):  # a model reads for a while
            raise InvalidRequest(f"film {film.name} was changed while this was read: give the same words again")
        board = old.with_shots([_with_reason(shot, words) for shot in changed.values()])
        board = _arranged(board, asked.edits) if planned else board
        edits = [] if planned else asked.edits
        for edit in edits:
            seen = apply(seen, read_operation(edit), studio.project.ledger)
        if cut is not None and not planned and asked.lengths and (seen.edits or seen.waiting or edits):
            board = seen_as_long(studio, film, board, old, cut, asked.lengths, edits)
        if board != old:
            board = _legal(board.model_copy(update={"number": film.next_number("storyboards")}))
            check_makers(studio, wanted_takes(studio, film, board))
        if studio.should_stop():
            raise Cancelled("stopped before anything was changed: give the same words again")
        if board == old and edits and cut is not None and cut.storyboard == old.number:
            edit_cut(studio, film, edits)
        elif board != old or edits:  # in one file with those of its cut, so that no half of what was said is ever alone
            add_storyboard(studio, film, board, edits=edits)


def _read(studio: Studio, film: Film, words: str, board: Storyboard, cut: Cut | None) -> tuple[Revision, bool, Cut]:
    """Read what a person wants changed, and say whether all of it is to be changed in the plan, and what they see."""
    is_cut = cut is not None and cut.storyboard == board.number
    seen = cut if cut is not None and is_cut else foreseen_cut(studio, film, board, cut)
    try:
        asked = read_instructions(words, board, seen)
    except InvalidRequest:
        if studio.planner is None:
            raise
        from reelgraph.video_tools.planning.noting import read_note

        asked, instructions = read_note(words, board, seen, studio.planner)
        studio.tell(event("words.read", film=film.name, words=words, instructions=instructions))
    beyond = [edit["op"] for edit in asked.edits if edit["op"] not in _OF_THE_PLAN]
    if beyond and cut is None:
        at = f"--film {film.name}"
        why = f"film {film.name} is not cut yet: `reelgraph resume {at}`"
        if film.cut() is not None:
            why = f"it edits the cut, and the plan is asked about: `reelgraph revise {at} WORDS`"
        raise InvalidRequest(f"{beyond[0]}: {why}")
    return asked, not (is_cut or beyond or seen.edits or seen.waiting), seen


def _with_reason(shot: Shot, words: str) -> Shot:
    return shot.model_copy(update={"why": [*shot.why, reason_of(words)]})


def _arranged(board: Storyboard, edits: Sequence[Mapping[str, Any]]) -> Storyboard:
    """Make edits of a cut that is not there yet in the plan: leave out a shot, move one, or change a joint."""
    for edit in edits:
        shot = board.shot(edit["clip"])
        if edit["op"] == "transition":
            joint = Transition.model_validate(edit["transition"])
            board = board.with_shots([shot.model_copy(update={"transition": joint})])
            continue
        scene = next(scene for scene in board.scenes if shot in scene.shots)
        placed = shot.model_copy(update={"place": shot.place or scene.place, "time": shot.time or scene.time})
        put = [placed] if edit["op"] == "move" else []
        before = edit.get("before")
        scenes = [_without(scene, shot.id, put, before) for scene in board.scenes]
        if put and before is None:
            scenes[-1] = scenes[-1].model_copy(update={"shots": [*scenes[-1].shots, *put]})
        board = board.model_copy(update={"scenes": [scene for scene in scenes if scene.shots]})
    return board


def _without(scene: Scene, left_out: str, put: Sequence[Shot], before: str | None) -> Scene:
    """Return a scene without a shot, and with others before one of its own."""
    shots: list[Shot] = []
    for shot in scene.shots:
        shots += [*put] if shot.id == before else []
        shots += [shot] if shot.id != left_out else []
    return scene.model_copy(update={"shots": shots})


def _legal(board: Storyboard) -> Storyboard:
    try:  # copies of models are not checked when they are made
        return Storyboard.model_validate(board.model_dump())
    except ValidationError as error:
        raise InvalidRequest(f"the storyboard cannot be: {first_fault(error)}") from error
