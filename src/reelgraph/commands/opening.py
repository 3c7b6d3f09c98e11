"""From command-line options to a studio, which can be stopped."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from reelgraph.commands.telling import say, say_error, teller
from reelgraph.video_tools.errors import Cancelled, InvalidRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.settings import parse_size
from reelgraph.video_tools.studio import Studio

if TYPE_CHECKING:
    from reelgraph.memory.project import ProjectMemory


def open_project(options: argparse.Namespace, *, create: bool) -> Project:
    """Open the project that `-p` names, with the options' settings on top of its own.

    Raises:
        InvalidRequest: The folder or a setting is wrong.
    """
    get = vars(options).get
    overrides: dict[str, Any] = {
        "backend": get("backend"),
        "size": get("size"),
        "rate": get("rate"),
        "rounds": get("rounds"),
        "rung": get("rung"),
        "ladder": get("ladder"),
        "establish": get("establish"),
        "strict": get("strict"),
        "planner": get("planner"),
        "planner_fallback": get("planner_fallback"),
        "judge": get("judge"),
        "best_of": get("best_of"),
    }
    if get("budget"):
        overrides["budget"] = ceilings_of("--budget", options.budget)
    is_new = create and not (Path(options.project).expanduser() / "reelgraph.toml").exists()
    project = Project.open(options.project, create=create, **overrides)
    if is_new and options.command not in ("make", "plan") and not options.quiet:  # those say where they write
        say(options, f"made a new project in {project.root}, with its settings in reelgraph.toml", error=True)
    if get("model"):
        backend = _film_of(options, project).settings.backend
        overrides["backends"] = {backend: {"model": options.model}}
        project = Project.open(options.project, create=create, **overrides)
    return project


def _film_of(options: argparse.Namespace, project: Project) -> Project:
    """Return the project as the film has it that a command goes on with; as it is, for a film that is new."""
    films = {film.name: film for film in project.films()}
    named = vars(options).get("film")
    if named is None and "brief" in options:
        from reelgraph.video_tools.tools import film_of_brief

        named = film_of_brief(project, options.brief)[0].name
    elif named is None and len(films) == 1:
        named = next(iter(films))
    return project.for_film(films[named]) if named in films else project


def open_studio(options: argparse.Namespace, *, create: bool = False, now: Sequence[str] = ()) -> Studio:
    """Open the project as a studio that tells progress on stderr.

    Args:
        options: The command's.
        create: Whether to make a project where there is none.
        now: The models, `planner` or `judge`, that are opened here and not when they are first asked.

    Raises:
        InvalidRequest: The folder or a setting is wrong.
    """
    studio = Studio(open_project(options, create=create), tell=teller(options))
    replace(studio, project=_film_of(options, studio.project)).open_models(*now)  # what the film was asked for with
    return studio


def open_memory_of(project: Project) -> "ProjectMemory":
    """Open a project's memory with the embedders and the server of its settings."""
    from reelgraph.memory.opening import open_memory

    def of_world() -> str:
        """Name the embedder of the closed world that all films are drawn in, or that the next one will be."""
        studio = Studio(project)
        each = [studio.for_film(film) for film in project.films()] or [studio]
        worlds = {one.embedder_of_world() for one in each}
        return worlds.pop() if len(worlds) == 1 else ""

    settings = project.settings
    return open_memory(
        project,
        text_embedder=settings.text_embedder,
        picture_embedder=settings.picture_embedder,
        of_world=of_world,
        url=settings.memory_url,
    )


@contextmanager
def stoppable(options: argparse.Namespace) -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C stop between steps, so that nothing half-made is lost, and the second at once.

    The second ends the process as a kill does, for which the project's folder is written: a thread within a step, such
    as one that loads weights, could not be ended otherwise.
    """
    asked = threading.Event()

    def first(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, second)
        print("\nstopping after this step; once more to stop at once", file=sys.stderr)

    def second(number: int, frame: FrameType | None) -> NoReturn:
        try:
            say_error(options, "stopped at once; `reelgraph resume` goes on from what is written")
            sys.stdout.flush()
        finally:
            os._exit(Cancelled.exit_status)

    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield asked.is_set
        return
    before = signal.signal(signal.SIGINT, first)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def size_of(text: str | None) -> tuple[int, int] | None:
    """Read `1280x720`, if a size is given.

    Raises:
        InvalidRequest: It is not written so.
    """
    return parse_size(text) if text is not None else None


def ceilings_of(option: str, texts: Sequence[str]) -> dict[str, float]:
    """Read the ceilings of an option, each written `calls=20`.

    Raises:
        InvalidRequest: One is not written so.
    """
    found: dict[str, float] = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            found[name] = float(value)
        except ValueError as error:
            raise InvalidRequest(f"{option} {text!r} is not WHAT=NUMBER: write it such as calls=20") from error
    return found


def loudness_of(text: str | None) -> float | None:
    """Read a loudness: LUFS, or what they are for.

    Raises:
        InvalidRequest: It is neither, or out of range.
    """
    if text is None:
        return None
    from reelgraph.video_tools.editing.loudness import TARGETS

    try:
        value = TARGETS[text] if text in TARGETS else float(text)
    except ValueError as error:
        raise InvalidRequest(f"loudness {text!r} is neither LUFS, such as -14, nor {', '.join(TARGETS)}") from error
    if not -40 <= value <= -5:  # what a cut holds
        raise InvalidRequest(f"loudness {value:g} is outside -40 to -5 LUFS: the web's is -14")
    return value
