"""From command-line options to a studio, and from events to progress on stderr."""

import argparse
import json
import os
import re
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from reelgraph.video_tools.errors import Cancelled, InvalidRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.settings import parse_size
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.wording import counted

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
        overrides["budget"] = ceilings_of(options.budget)
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
    if named is None and "brief" not in options and len(films) == 1:
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
    from reelgraph.memory.project import open_memory

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


_NO_TAKE = " no take: "  # so begins the note on a slate too, which says why its take failed
# What is said of an event once: of what is changed in every shot alike, and of what fails in every round.
_ONCE = {
    "substitution": "{what} {asked} {made}",
    "take.failed": "{shot}" + _NO_TAKE + "{error}",
    "note.raised": "{shot} {message}",
}


def teller(options: argparse.Namespace) -> Callable[[dict[str, Any]], None]:
    """Return what tells a person of events: one line each on stderr, nothing with `-q`."""
    if options.quiet:
        return lambda event: None
    live, shots, made, longest = sys.stderr.isatty(), 0, set[str](), 0
    words = {
        "settings.kept": "{film} stays as it was asked for: {what} {kept}, not {file} as the settings say; "
        "--{what} changes it",
        "settings.changed": "{film} from now on: {what} {now}, no longer {before}",
        "brief.changed": '{film} is made from another brief now, from "{before}" before; another film: --film NAME',
        "storyboard.ready": "storyboard {storyboard}: {counted}",
        "storyboard.changed": "{summary}",
        "planner.fallback": "planned by rule, since {error}",
        "words.read": "understood as:\n  {instructions}",
        "words.unread": "{error}",
        "take.ready": "{shot}: take {take:.8}",
        "take.failed": "{shot}: not made: {error}",
        "substitution": "{shot}: {what} {asked} became {made}: {why}",
        "cut.ready": "cut {cut}: {frames} frames, {encoded} encoded, {copied} copied",
        "note.raised": "note: {message}",
        "edit.dropped": "left out an edit that does not fit: {why}",
        "edit.returned": "made again an edit that did not fit before: {edit[op]}",
        "memory.skipped": "going on without memory: {error}",
    }

    told: set[str] = set()

    def tell(event: dict[str, Any]) -> None:
        nonlocal shots, longest
        if event["type"] == "storyboard.ready":
            shots = event["shots"]
        if event["type"] == "references.ready":
            made.clear()  # they are no shots
        if event["type"] == "take.ready":
            made.add(event["shot"])
        once = _ONCE.get(event["type"], "").format_map(event)
        if once and (once in told or once.startswith(tuple(said for said in told if _NO_TAKE in said))):
            return
        told.add(once)
        if live and event["type"] == "take.progress":
            of = f", {len(made)} of {shots} shots are there" if shots else ""
            said = f" ({event['said']})" if "said" in event else ""
            step = f"  {event['shot']}: step {event['step']} of {event['steps']}{said}{of} "
            print("\r" + step.ljust(longest), end="", file=sys.stderr, flush=True)
            longest = len(step)
        elif event["type"] in words:
            # The carriage return clears the counter that may stand on the line, and blanks what of it is longer.
            more = {"instructions": "\n  ".join(event.get("instructions", [])), "counted": counted(shots, "shot")}
            said = placed(options, words[event["type"]].format_map({**event, **more}))
            print(("\r" if live else "") + said.ljust(longest), file=sys.stderr)
            longest = 0

    return tell


def counter(options: argparse.Namespace) -> Callable[[int, int], None]:
    """Return what shows on a terminal how many of how many steps are done."""
    live = sys.stderr.isatty() and not options.quiet and not options.json

    def tell(done: int, steps: int) -> None:
        if live:  # the cursor goes back, so that whatever is said next stands over it
            print(f"  {done}/{steps} " if done < steps else " " * 12, end="\r", file=sys.stderr, flush=True)

    return tell


def say(options: argparse.Namespace, *lines: str, error: bool = False) -> None:
    """Tell a person something, with what it advises completed; on stdout there is nothing else where JSON is wanted."""
    for line in lines if error or not options.json else ():
        print(placed(options, line), file=sys.stderr if error else sys.stdout)


def placed(options: argparse.Namespace, text: str) -> str:
    """Complete the commands that a text advises with the project's folder, so that they can be copied."""
    if options.project == ".":
        return text
    where = f" -p {shlex.quote(options.project)}"
    return re.sub(r"`reelgraph \w+\b(?! -p )", lambda advised: advised.group() + where, text)


def say_error(options: argparse.Namespace, text: str) -> None:
    """Say in one line why a command ended: on stderr, and as an object on stdout where JSON is wanted."""
    said = placed(options, text)
    print(f"reelgraph: {said}", file=sys.stderr)
    if options.json and options.command != "mcp":  # whose stdout is the protocol's
        print(json.dumps({"error": said}))


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


def ceilings_of(texts: Sequence[str]) -> dict[str, float]:
    """Read ceilings, each written `calls=20`.

    Raises:
        InvalidRequest: One is not written so.
    """
    found: dict[str, float] = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            found[name] = float(value)
        except ValueError as error:
            raise InvalidRequest(f"budget {text!r} is not WHAT=NUMBER: write it such as calls=20") from error
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
