"""What an agent may do in a project, by ids and plain values; each action answers in words, pictures, and a record.

These are the typed steps of `tools.py` with what a model needs around them: films and takes found by name, words it can
act on, and the film left as it was when something cannot be done. `toolkit.py` offers them as LangChain tools.
"""

from collections.abc import Sequence

from reelgraph.video_tools import shooting, tools
from reelgraph.video_tools.answers import (
    Answer,
    ceilings,
    cost_line,
    left_of,
    listed,
    money,
    plain_data,
    posters_of,
)
from reelgraph.video_tools.desk import board_of, edited_by_hand, film_of, take_of, writing
from reelgraph.video_tools.errors import InvalidRequest, ProjectBusy
from reelgraph.video_tools.estimate import estimate_cost as cost_of
from reelgraph.video_tools.film import Storyboard, canonical
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.wording import counted


def plan_storyboard(
    studio: Studio, *, brief: str = "", film: str = "", seconds: float | None = None, replan: bool = False
) -> Answer:
    """Plan a film from a brief, or show the plan of a film there is.

    Raises:
        InvalidRequest: There is no brief, or it cannot be planned for this back end.
        ProjectBusy: It is to be planned, and another process writes; a plan that is there is shown all the same.
    """
    if brief:
        with writing(studio):
            found = tools.open_film(studio, brief, name=film, seconds=seconds, paths=False, replan_all=replan)
            with found.unless_refused():
                board = tools.plan_storyboard(studio, found, replan_all=replan)
                shooting.wanted_takes(studio, found, board)
    elif not studio.project.films():
        raise InvalidRequest("there is no film yet: give a brief, which says what the film shows")
    else:
        found = film_of(studio, film)
        board = _plan_of(studio, found, replan=replan)
    cost = cost_of(studio, found, board)
    length = sum(shot.seconds for shot in board.shots)
    lines = [
        f"Film {found.name}, storyboard {board.number}: {counted(len(board.shots), 'shot')}, {length:.1f} s.",
        *listed([f"{s.id} {s.seconds:g} s {s.size} {s.camera}: {s.title or s.prompt}" for s in board.shots]),
        f"{cost_line(studio, found, cost)} {ceilings(studio, found)}",
        f"Next: {'generate_take' if cost.to_make else 'assemble_cut'}.",
        *edited_by_hand(found),
    ]
    record = {"film": found.name, "storyboard": board.model_dump(mode="json"), "estimate": plain_data(cost)}
    return Answer("\n".join(lines), record)


def _plan_of(studio: Studio, film: Film, *, replan: bool) -> Storyboard:
    """Return a film's plan as its newest brief and a person's edit of it say; as it is while another process writes."""
    try:
        with writing(studio):
            return tools.plan_storyboard(studio, film, replan_all=replan)
    except ProjectBusy:
        board = film.storyboard()
        if replan or board is None:
            raise
        return board


def estimate_cost(studio: Studio, *, film: str = "") -> Answer:
    """Say what the shots without a take will cost, and what is left to spend."""
    found = film_of(studio, film)
    cost = cost_of(studio, found, board_of(found))
    spent = f"Spent on {found.name}: {money(cost.spent)}. {ceilings(studio, found)}"
    lines = [cost_line(studio, found, cost), spent, *edited_by_hand(found)]
    return Answer("\n".join(lines), {"film": found.name, **plain_data(cost), "left": left_of(studio, found)})


# --- memory ----------------------------------------------------------------------------------------------------------


def remember_character(
    studio: Studio, *, name: str, description: str = "", palette: Sequence[str] = (), take: str = ""
) -> Answer:
    """Keep a character in the project's bible, with a picture of them where a take is given.

    Raises:
        InvalidRequest: A value is not one that a character may have, or the memory is turned off.
    """
    if studio.memory is None:
        raise InvalidRequest("this project keeps no memory: set memory = true in reelgraph.toml")
    references = [take_of(studio, take, "").content] if take else []
    with writing(studio):
        known = studio.memory.remember_character(
            name, description=description, palette=palette, references=references, source="an agent"
        )
    pictures = f", {counted(len(known.references), 'picture')}" if known.references else ""
    text = f"{known.name} is known as {known.id}{pictures}: {known.description or 'no description yet'}"
    return Answer(text, known.model_dump(mode="json"))


def recall_shots(studio: Studio, *, text: str, character: str = "", place: str = "", most: int = 5) -> Answer:
    """Find approved shots of earlier films by what they show.

    Raises:
        InvalidRequest: The memory is turned off, or nobody is known by that id.
    """
    if studio.memory is None:
        raise InvalidRequest("this project keeps no memory: set memory = true in reelgraph.toml")
    found = studio.memory.recall(text, character=character, place=place, most=most)
    # What memory holds was once somebody's text: it is quoted as JSON, so that none of it reads as an instruction.
    lines = [canonical({"take": r.take[:12], "film": r.film, "shot": r.shot, "shows": r.why}).decode() for r in found]
    tiles = [(f"{r.film} {r.shot}", t) for r in found if (t := studio.project.ledger.take(r.take)) is not None]
    return Answer(
        "\n".join(lines) or "Nothing like that was approved yet in this project.",
        {"recalled": [r.model_dump(mode="json") for r in found]},
        posters_of(studio, tiles),
    )
