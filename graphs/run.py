"""Run the film graph to its end from plain Python, and say what came of it: what `reelgraph make --json` prints."""

import logging
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.video_tools.errors import BudgetExceeded, PermanentFailure
from reelgraph.video_tools.film import Cut, Review
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.substitutions import substituted
from reelgraph.video_tools.timebase import rate_text, seconds_of

Answer = Callable[[dict[str, Any]], Any]


@contextmanager
def checkpointer(studio: Studio) -> Iterator[SqliteSaver]:
    """Open the project's checkpoints. They are disposable: without them a film goes on from its folder."""
    path = studio.project.checkpoints
    files = [path, *(path.with_name(path.name + more) for more in ("-wal", "-shm"))]
    for link in filter(Path.is_symlink, files):  # in a folder from somebody else, it would be written through
        link.unlink()
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.DatabaseError:  # what is there is no database, and nothing in it is needed
            connection.close()
            for old in files:
                old.unlink(missing_ok=True)
            connection = sqlite3.connect(path, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "PRAGMA synchronous=NORMAL"
        )  # 2-4 times less time a node than FULL, and losing one costs nothing
        yield SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
    finally:
        connection.close()


@contextmanager
def _without_late_writes() -> Iterator[None]:
    """Keep one traceback of LangGraph's out of the log, and off the terminal of whoever stopped a film.

    Where one branch raises, it closes its executor while another may still be handing in its writes (1.2.24), and the
    pool's callback logs that nothing can be scheduled any more. Nothing is lost: the folder has what was made.
    """

    def is_other(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not (isinstance(error, RuntimeError) and "cannot schedule new futures after shutdown" in str(error))

    log = logging.getLogger("concurrent.futures")
    log.addFilter(is_other)
    try:
        yield
    finally:
        log.removeFilter(is_other)


def run_film(context: FilmContext, brief: str = "", *, film: str = "", answer: Answer | None = None) -> dict[str, Any]:
    """Make a film, or go on with one, and describe the result.

    Args:
        context: Where it is made, and where a person is asked.
        brief: The brief's text, or its path where the context allows paths; empty to go on with `film`.
        film: The film's name.
        answer: Called with each approval's payload, and once with that of a no that stands; returns the decision, or
            None to leave the film waiting.

    Returns:
        The object of `reelgraph make --json`.

    Raises:
        ReelgraphError: There is no film at all: the brief was wrong, or a back end or budget allowed nothing.
    """
    began = time.monotonic()
    studio, context = context.studio, replace(context, ask_again=context.ask_again or answer is not None)
    with checkpointer(studio) as saver, _without_late_writes():
        graph = create_film_graph().compile(checkpointer=saver)
        thread = uuid.uuid4().hex
        config: RunnableConfig = {"configurable": {"thread_id": thread}, "max_concurrency": 4}
        given: Any = {"brief": brief, "film": film}
        try:
            while True:
                state = graph.invoke(given, config, context=context)
                asked = state.get("__interrupt__", ())
                said = answer(asked[0].value) if asked and answer is not None else None
                if said is None:
                    break
                given = Command(resume=said)
        finally:
            saver.delete_thread(
                thread
            )  # the folder is the truth; a finished or broken run leaves nothing to go on from
    return describe(studio, state, asked=asked[0].value if asked else None, total=time.monotonic() - began)


def describe(studio: Studio, state: Mapping[str, Any], *, asked: dict[str, Any] | None, total: float) -> dict[str, Any]:
    """Describe a run's result from its state, the question that it waits with, and the film's folder."""
    from reelgraph.video_tools.checks.notes import scope_of

    film = studio.project.film(state["film"])
    studio = studio.for_film(film)
    project = studio.project
    cut, review = film.cut(), film.verdict()
    rejected = "" if asked else _rejected(film, ended_early="cut" not in state or not _is_cut(film, cut))
    failed = state.get("failed", {})
    backend = studio.backend_for()
    stages = dict.fromkeys(("plan", "generate", "edit", "check", "wrap"), 0.0)
    seconds = {**stages, **state.get("seconds", {}), "total": total}
    result: dict[str, Any] = {"project": str(project.root), "name": film.name}
    if cut is not None and (film.deliver / "film.mp4").exists():
        result |= _delivered(project.root, film, cut, review)
    result |= {
        "takes": {
            "generated": state.get("generated", 0),
            "reused": state.get("reused", 0),
            "failed": len(failed),
        },
        "failures": failed,
        "refused": sorted(set(state.get("refused", []))),
        "rounds": state.get("round", 1),
        "approved": bool(state.get("approved") and review and review.approved),
        "waiting": asked["gate"] if asked else "",
        "asked": asked,
        "rejected": rejected,
        "person": review.person if review else "",
        "scope": scope_of(review) if review else "",
        "open_notes": sum(note.blocking for note in review.notes) if review else 0,
        "changed_shots": sorted(set(state.get("changed", []))),
        "substitutions": _substitutions(studio, film, cut),
        "spend": project.ledger.spend(film.name).model_dump(),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "backend": backend.name,
        "model": project.settings.backends.get(backend.name, {}).get("model"),
        "animatic": backend.capabilities().animatic,
    }
    return result


def _is_cut(film: Film, cut: Cut | None) -> bool:
    board = film.storyboard()
    return cut is not None and board is not None and cut.storyboard == board.number


def _rejected(film: Film, *, ended_early: bool) -> str:
    """Name the gate at which a person said no to what the film is now; empty if nobody did."""
    cut, said = film.cut(), film.decisions()
    if not said or said[-1].approved:
        return ""
    newest = cut is not None and said[-1].number == cut.number if said[-1].gate == "cut" else ended_early
    return said[-1].gate if newest else ""


def _delivered(root: Any, film: Film, cut: Cut, review: Review | None) -> dict[str, Any]:
    def place(name: str) -> str | None:
        path = film.deliver / name
        return path.relative_to(root).as_posix() if path.exists() else None

    return {
        "film": place("film.mp4"),
        "report": place("report.html"),
        "timeline": place("film.otio"),
        "captions": place("film.srt"),
        "cut": cut.number,
        "shots": len(cut.clips),
        "frames": cut.frames,
        "rate": rate_text(cut.rate),
        "duration": float(seconds_of(cut.frames, cut.rate)),
        "size": [cut.width, cut.height],
    }


def _substitutions(studio: Studio, film: Film, cut: Cut | None) -> list[dict[str, str]]:
    if cut is None:
        return []
    ledger, board = studio.project.ledger, film.storyboard(cut.storyboard)
    assert board is not None  # the cut was made of it
    return [{"shot": shot, **said.model_dump()} for shot, said in substituted(ledger, film.name, board, cut)]


def exit_status(result: dict[str, Any]) -> int:
    """Return the command line's exit status for a run's result: see the command reference."""
    made = any(result["takes"][kind] for kind in ("generated", "reused"))
    if "film" in result and made:
        return 0 if result["approved"] else 1
    if result["refused"]:
        return BudgetExceeded.exit_status
    return PermanentFailure.exit_status if result["failures"] else 1
