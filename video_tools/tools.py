"""The first step of making a film, its plan: typed functions of a `Studio` for graph, tools and commands.

What a film is made of is never stored twice: which take a shot has follows from the storyboard's request for it and the
ledger, so a changed storyboard makes exactly the changed shots stale.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any

from pydantic import ValidationError

from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.commission import commission
from reelgraph.video_tools.drafting import planned
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import Brief, Gate, Storyboard, first_fault
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.own_footage import bring_in, with_footage
from reelgraph.video_tools.planning.advice import Advice
from reelgraph.video_tools.planning.asking import Asked
from reelgraph.video_tools.planning.briefs import brief_of_text, read_brief, read_text
from reelgraph.video_tools.planning.files import storyboard_from_text, storyboard_to_yaml
from reelgraph.video_tools.planning.written import rewritten
from reelgraph.video_tools.project import Project, slug
from reelgraph.video_tools.shooting import check_makers, wanted_takes
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
    film, brief, is_file = film_of_brief(studio.project, source, name=name, seconds=seconds, paths=paths)
    versions = film.briefs()
    is_new = not versions or versions[-1] != brief
    if paths and is_file and brief.form == "storyboard":
        bring_in(studio, brief.text, Path(source).parent)
    asked = studio.for_film(film).planner
    if is_new and brief.form != "storyboard" and asked is not None:
        Asked(asked)  # one that cannot be opened says so here, before it leaves a film without a plan
    # Before the brief: a film is never there without it.
    commission(studio, film, approve=approve, planned_anew=is_new or replan_all)
    if is_new:
        film.add(brief)
    return film


def film_of_brief(
    project: Project, source: str, *, name: str = "", seconds: float | None = None, paths: bool = True
) -> tuple[Film, Brief, bool]:
    """Find the film that a brief is of, which may be new, and read the brief.

    The film's name is the one given, else the brief's file name, else its title or first words. A film of that name
    whose brief was another sentence stays as it is, and the new film gets a number.

    Args:
        project: Where it is made.
        source: A brief's text, or the path of one.
        name: The film's name.
        seconds: The length asked for.
        paths: Whether the source may be a path; on a server it may not.

    Returns:
        The film, the brief, and whether that was in a file.

    Raises:
        InvalidRequest: The brief cannot be read.
    """
    brief = read_brief(source, seconds=seconds) if paths else brief_of_text(source, seconds=seconds)
    is_file = brief.text.strip() != str(source).strip()
    wanted = slug(name) if name else slug(Path(source).stem) if is_file else slug(brief.title or brief.text)
    film = project.film(wanted)
    number = 2
    while not (name or is_file) and film.briefs() and film.briefs()[-1].text != brief.text:
        film = project.film(f"{wanted}-{number}")
        number += 1
    return film, brief, is_file


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
    *earlier, brief = film.briefs()
    old = newest_storyboard(studio, film)
    if old is not None and old.brief == brief.key and not replan_all:
        return old
    board = planned(studio, film, brief, advise(brief), None if replan_all else old)
    before = next((one for one in earlier if old is not None and one.key == old.brief), brief)
    if before.text != brief.text:
        begins = shorten(before.title or before.text, 60, placeholder="…")
        studio.tell(event("brief.changed", film=film.name, brief=len(earlier) + 1, before=begins))
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
    board = with_footage(studio.for_film(film), board)
    if board.number != number or not board.brief:  # else it was being written when its process ended
        # An edit of the plan of an older brief does not answer the new one, which is then planned on top of it.
        of = {"number": number, "planner": "person", "brief": old.brief if old else film.briefs()[-1].key}
        board = board.model_copy(update=of)
    return _write(studio.for_film(film), film, board, edited=False)


def _edited(film: Film) -> Storyboard | None:
    """Read what a person made of `storyboard.yaml`, None where they left it as it was written there.

    What was written while they edited an older version stands where they left that as it was. A whole older version
    that they put back is taken as it stands; the same in another text, as with a comment, changes nothing.
    """
    if not is_edited(film):
        return None
    path, boards = film.folder / "storyboard.yaml", film.storyboards()
    text = read_text(path)
    board = storyboard_from_text(text, str(path), earlier=boards)
    of = next((b for b in boards[:-1] if b.number == board.number), None) if board.brief else None
    if of is None or text in (storyboard_to_yaml(of), read_text(film.folder / "storyboards" / f"{of.number:04d}.json")):
        return board
    return rewritten(boards[-1], board, of).storyboard


def add_storyboard(
    studio: Studio, film: Film, board: Storyboard, *, edits: Sequence[Mapping[str, Any]] = ()
) -> Storyboard:
    """Write a storyboard as the film's newest, with the YAML that a person may edit.

    A file that they are editing stays as it is, and is read when the film is planned next.

    Args:
        studio: Where the film is made.
        film: The film.
        board: The storyboard; its number becomes the next, and its brief the newest where it names none of the film's.
        edits: Edits to lay over the first cut that is made from now on.

    Raises:
        InvalidRequest: A shot of it cannot be, such as one that is too long; nothing was written.
    """
    briefs = [brief.key for brief in film.briefs()]
    of = board.brief if board.brief in briefs or not briefs else briefs[-1]
    board = board.model_copy(update={"number": film.next_number("storyboards"), "brief": of})
    return _write(studio, film, board, edited=is_edited(film), edits=edits)


def _write(
    studio: Studio, film: Film, board: Storyboard, *, edited: bool, edits: Sequence[Mapping[str, Any]] = ()
) -> Storyboard:
    board = board.model_copy(update={"edits": [dict(edit) for edit in edits]})  # those of the one before are its own
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
