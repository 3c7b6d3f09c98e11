"""Shots that are footage of one's own: they show a take that is there, and none is made for them.

A storyboard names a file, or a take; the take's id is pinned in it when it is planned.
"""

from pathlib import Path

from reelgraph.video_tools.backends.base import NO_PICTURE
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Shot, Storyboard, Take
from reelgraph.video_tools.importing import assets, import_footage, put
from reelgraph.video_tools.planning.files import storyboard_from_text
from reelgraph.video_tools.studio import Studio


def bring_in(studio: Studio, storyboard: str, folder: Path) -> None:
    """Copy what a storyboard's file shows of what lies beside it into the inbox, from where it is taken in.

    Args:
        studio: Where the film is made.
        storyboard: The file's text.
        folder: The file's folder; nothing outside of it is copied.

    Raises:
        InvalidRequest: It is no storyboard, or the inbox has another file of that name.
    """
    inside = folder.expanduser().resolve()
    for shot in storyboard_from_text(storyboard).shots:
        path = (inside / shot.take).resolve()
        if shot.take and path.is_file() and path.is_relative_to(inside):
            put(studio, path)


def with_footage(studio: Studio, board: Storyboard) -> Storyboard:
    """Return a storyboard in which each shot that shows footage names its take, taken in where it is new.

    Args:
        studio: Where the film is made; the caller holds the writer's lock.
        board: The storyboard.

    Raises:
        InvalidRequest: There is no such file in the inbox and no such take, or it has no picture.
    """
    pinned = []
    for shot in board.shots:
        if shot.take:
            take, notes = _named(studio, shot)
            if shot.take != take.key:
                pinned.append(shot.model_copy(update={"take": take.key, "why": [*shot.why, *notes]}))
    return board.with_shots(pinned)


def take_shown(studio: Studio, shot: Shot) -> Take:
    """Return the take of a shot that shows footage.

    Raises:
        InvalidRequest: It is not there.
    """
    try:
        take = studio.project.ledger.find(shot.take.lower())
    except InvalidRequest as error:
        there = ", ".join(list(assets(studio))[:20]) or "nothing"
        raise InvalidRequest(
            f"{shot.id} shows {shot.take!r}, which is no take here and no file in the inbox, where there is {there}: "
            f"put it into {studio.project.inbox}, or `reelgraph import` it"
        ) from error
    if take.sound and (take.width, take.height) == NO_PICTURE:
        raise InvalidRequest(f"{shot.id} shows {shot.take!r}, which is sound alone: lay it under the cut by an edit")
    return take


def _named(studio: Studio, shot: Shot) -> tuple[Take, list[str]]:
    """Return the take that a shot names, and what becomes of it in a film, in words."""
    name = Path(shot.take).name
    notes = [f"shows {shot.take}"]
    if name in assets(studio):
        imported = import_footage(studio, name)
        take, notes = imported.take, [*notes, *imported.notes]
    else:
        take = take_shown(studio, shot)
    width, height = studio.project.settings.size
    if not take.fills(width, height):
        notes.append(f"shown whole, between bars: it is {take.width}x{take.height}, the film {width}x{height}")
    return take, notes
