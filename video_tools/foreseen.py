"""The film that a plan comes to, before anything of it is shot or cut: what a person will see of it, and how long.

Edits of the cut so far are laid over whatever is planned anew, so a plan alone does not say it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, Storyboard, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.planning.instructions import Lasting
from reelgraph.video_tools.rebasing import edits_of_plans, laid_over
from reelgraph.video_tools.shooting import chosen_takes, wanted_then
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.timebase import frames_of

_TRIES = 8  # two do where edits trim, four where they change the speed


def foreseen_cut(
    studio: Studio, film: Film, board: Storyboard, cut: Cut | None, edits: Sequence[Mapping[str, Any]] = ()
) -> Cut:
    """Return the cut that is made of a plan once its shots are shot as planned, rendered nowhere.

    Args:
        studio: Where it is made, with the film's settings.
        film: The film.
        board: The plan.
        cut: The newest cut, whose edits are laid over the new one; None for the plan as it is.
        edits: Edits to be made behind those.
    """
    from reelgraph.video_tools.editing.conform import frames_in
    from reelgraph.video_tools.editing.timeline import first_cut

    (width, height), rate = studio.project.settings.size, studio.project.settings.rate
    if cut is None:
        return first_cut(board, {}, width=width, height=height, rate=rate)

    def whole(take: Take | None, seconds: float) -> Take | None:
        there = frames_in(take, rate) if take else None
        return None if there is not None and there < frames_of(seconds, rate) else take

    takes = chosen_takes(studio, wanted_then(studio, film, board))
    chosen = {shot.id: whole(takes.get(shot.id), shot.seconds) for shot in board.shots}
    first = first_cut(board, chosen, width=width, height=height, rate=rate)
    laid = [*cut.edits, *edits_of_plans(film, board), *edits]
    return laid_over(first, laid, studio, waiting=cut.waiting)[0]


def seen_as_long(
    studio: Studio,
    film: Film,
    board: Storyboard,
    old: Storyboard,
    cut: Cut,
    lengths: Mapping[str, Lasting],
    edits: Sequence[Mapping[str, Any]],
) -> Storyboard:
    """Plan shots so that each is seen for as long as was asked, whatever edits of the cut take off it or add.

    Args:
        studio: Where the film is made, with its settings.
        film: The film.
        board: The plan, with the lengths that were asked for.
        old: The plan before, which edits of the cut fit.
        cut: The newest cut.
        lengths: By shot id, what was asked for.
        edits: What was asked for with it.

    Raises:
        InvalidRequest: Edits of the cut hold a shot at another length.
    """
    for shot, asked in lengths.items():
        frames = frames_of(old.shot(shot).seconds, studio.project.settings.rate)
        board = _planned(studio, film, board, cut, shot, asked, max(1, frames), edits[: asked.behind])
    return board


def _planned(
    studio: Studio,
    film: Film,
    board: Storyboard,
    cut: Cut,
    id: str,
    asked: Lasting,
    frames: int,
    edits: Sequence[Mapping[str, Any]],
) -> Storyboard:
    """Find the length to plan by trying: from one that edits fit, and on by what a frame of the plan adds."""
    rate, shot = studio.project.settings.rate, board.shot(id)
    wanted = max(1, frames_of(asked.seconds, rate))
    tried: dict[int, tuple[int, Storyboard]] = {}
    gained, last = 1.0, frames
    while frames not in tried and len(tried) < _TRIES:
        said = shot.seconds if frames == frames_of(shot.seconds, rate) else round(float(frames / rate), 3)
        made = board.with_shots([shot.model_copy(update={"seconds": said})])
        clips = foreseen_cut(studio, film, made, cut, edits).clips
        seen = sum(clip.frames for clip in clips if clip.shot == id)
        if frames != last:
            slope = (seen - tried[last][0]) / (frames - last)
            gained = slope if slope > 0 else 1.0
        tried[frames] = seen, made
        last, frames = frames, max(1, frames + round((wanted - seen) / gained))
    seen, made = min(tried.values(), key=lambda one: abs(wanted - one[0]))
    if (
        seen != wanted and abs(wanted - seen) >= gained
    ):  # where one frame of the plan is two of the film, one may be off
        raise InvalidRequest(
            f"{id} cannot be seen for {asked.seconds:g} s: an edit of the cut holds it at {float(seen / rate):.3g} s "
            "however long it is planned: trim it, or change what holds it with `reelgraph edit`"
        )
    return made
