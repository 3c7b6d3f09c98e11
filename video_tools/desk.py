"""Find films, storyboards and takes by the names and ids that people and agents use, and hold the project to write."""

from collections.abc import Iterator
from contextlib import contextmanager

from reelgraph.video_tools import shooting, tools
from reelgraph.video_tools.claims import claimed
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Storyboard, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.studio import Studio


def film_of(studio: Studio, name: str) -> Film:
    """Find a film by name, or the only one that is planned: a brief that could not be planned is no film to work on.

    Raises:
        InvalidRequest: There is none, or a name is needed; the message lists the names.
    """
    films = {film.name: film for film in studio.project.films()}
    if not films:
        raise InvalidRequest("there is no film yet: plan_storyboard makes one from a brief")
    if name in films:
        return films[name]
    planned = [film for film in films.values() if film.storyboard() is not None] or list(films.values())
    if not name and len(planned) == 1:
        return planned[0]
    said = f"there is no film {name!r}" if name else "say which film"
    raise InvalidRequest(f"{said}: there are {', '.join(film.name for film in planned)}")


def board_of(film: Film) -> Storyboard:
    """Return a film's newest storyboard, to look at.

    Raises:
        InvalidRequest: It has none yet.
    """
    board = film.storyboard()
    if board is None:
        raise InvalidRequest(f"film {film.name} has no storyboard yet: plan_storyboard makes one")
    return board


def board_to_go_on(studio: Studio, film: Film) -> tuple[Storyboard, list[str]]:
    """Return the storyboard that whoever writes or pays goes on from: a person's edit of its file is taken in first.

    Args:
        studio: Where it is made; the caller holds the writer's lock.
        film: The film.

    Returns:
        The storyboard, and a line that says so where it was edited.

    Raises:
        InvalidRequest: It has none yet, or the edited file cannot be a storyboard.
    """
    before = board_of(film)
    board = tools.newest_storyboard(studio, film) or before
    said = f"A person edited storyboard.yaml: it is storyboard {board.number} of {film.name} now."
    return board, [said] if board.number != before.number else []


def edited_by_hand(film: Film) -> list[str]:
    """Say in a line that a film's storyboard file was edited, where what is looked at does not show it yet."""
    if film.storyboard() is None or not tools.is_edited(film):
        return []
    return ["A person edited storyboard.yaml, which this does not show yet: plan_storyboard takes it in, free."]


def take_of(studio: Studio, id: str, film: str) -> Take:
    """Find a take by the beginning of its id, or the take in use by its shot's id.

    Raises:
        InvalidRequest: There is none, or several begin so.
    """
    if "-" not in id:
        return take_by_id(studio, id)
    found = film_of(studio, film)
    board = board_of(found)
    board.shot(id)
    take = shooting.chosen_takes(studio, shooting.wanted_takes(studio, found, board))[id]
    if take is None:
        raise InvalidRequest(f"{id} of {found.name} has no take yet: generate_take makes one")
    return take


def take_by_id(studio: Studio, id: str) -> Take:
    """Find a take by the beginning of its id.

    Raises:
        InvalidRequest: There is none, or several begin so.
    """
    try:
        return studio.project.ledger.find(id.lower())
    except InvalidRequest as error:
        why = str(error).partition(";")[0]
        raise InvalidRequest(f"{why}; give the id that compare_takes lists, or a shot's, such as s01-02") from error


@contextmanager
def writing(studio: Studio) -> Iterator[None]:
    """Hold the project: other processes are kept out by its lock, other threads by a claim."""
    with claimed(studio.project.root), studio.project.writing():
        yield
