"""A film project's folder: its settings, one ledger, many films, one writer at a time."""

import json
import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from reelgraph.video_tools.atomic import sweep, write_text
from reelgraph.video_tools.beside import beside
from reelgraph.video_tools.errors import InvalidRequest, ProjectBusy
from reelgraph.video_tools.film import digest
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.nouns import ascii_words
from reelgraph.video_tools.settings import NEW_SETTINGS, Settings, read_settings

# Branches of one run share the process's lock; its counter is not made for threads.
_GATE = threading.Lock()


class Project:
    """A project folder, opened for reading; `writing()` takes the writer's lock.

    Attributes:
        root: The folder.
        settings: What `reelgraph.toml` says, with what was given when it was opened on top.
        given: What was given when it was opened.
    """

    def __init__(self, root: Path, settings: Settings, given: Mapping[str, Any] | None = None) -> None:
        self.root = root
        self.settings = settings
        self.given = given or {}
        self.ledger = Ledger(root)
        self.render = root / "render"
        self.memory = root / "memory"
        self.inbox = root / "inbox"
        self.checkpoints = root / "checkpoints.sqlite"

    @classmethod
    def open(cls, root: str | Path, *, create: bool = True, **overrides: Any) -> "Project":
        """Open a project folder, making it first if asked.

        Args:
            root: The folder.
            create: Make the folder and its settings file when they are not there.
            overrides: Settings that override the file's; None values are left out.

        Raises:
            InvalidRequest: The folder cannot be used, or a setting is wrong.
        """
        root = Path(root).expanduser().absolute()
        path = root / "reelgraph.toml"
        if root.exists() and not root.is_dir():
            raise InvalidRequest(f"{root} is a file: give a folder for the project with -p")
        if not path.exists():
            if not create:
                raise InvalidRequest(
                    f"{root} is no reelgraph project: make a film there first, or name another with -p"
                )
            write_text(path, NEW_SETTINGS)
        given = {name: value for name, value in overrides.items() if value is not None}
        return cls(root, read_settings(path, given), given)

    def given_too(self, **overrides: Any) -> "Project":
        """Return the project with more settings given, which count as those given when it was opened."""
        return Project(self.root, self.settings.model_copy(update=overrides), {**self.given, **overrides})

    @property
    def backends(self) -> dict[str, dict[str, Any]]:
        """What is set of back ends, by name, with the models and files that lie in the project's folder found there."""
        return beside(self.root, self.settings.backends, self.given.get("backends", {}))

    def for_film(self, film: Film, given: Mapping[str, Any] | None = None) -> "Project":
        """Return the project with the settings that a film was asked for.

        Args:
            film: The film.
            given: What counts over that; what was given for this run, if None.
        """
        asked, given = film.commission(), self.given if given is None else given
        settings = asked.over(self.settings, given) if asked else self.settings
        return self if settings == self.settings else Project(self.root, settings, given)

    def film(self, name: str) -> Film:
        """Return a film by name, whether or not it exists yet.

        Raises:
            InvalidRequest: The name is not of a slug's letters, or is too long.
        """
        if not re.fullmatch("[a-z0-9][a-z0-9-]{0,79}", name):  # longer than a slug, for what is told apart by number
            raise InvalidRequest(f"{name!r} is no film name: write {slug(name)!r}")
        return Film(self.root / "films" / name)

    def films(self) -> list[Film]:
        """List the films there are, by name."""
        return [film for film in self.film_folders() if any((film.folder / "briefs").glob("[0-9]*.json"))]

    def film_folders(self) -> list[Film]:
        """List every film's folder, also of one that lost its brief: for what looks after all that is here."""
        return [Film(path) for path in sorted((self.root / "films").glob("[!.]*")) if path.is_dir()]

    def only_film(self, name: str | None = None) -> Film:
        """Return the film named, or the only one there is.

        Raises:
            InvalidRequest: There is no such film, or a name is needed.
        """
        films = {film.name: film for film in self.films()}
        if name is None and len(films) == 1:
            return next(iter(films.values()))
        if name in films:
            return films[name]
        listed = ", ".join(films) or "none yet"
        raise InvalidRequest(
            f"no film {name!r} here: there are {listed}" if name else f"say which film with --film: there are {listed}"
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock: while writing, never while waiting for a person. A process may take it twice.

        Raises:
            ProjectBusy: Another process holds it; the message names that process.
            InvalidRequest: The folder cannot be written, or the lock is a link.
        """
        holder, lock_file = self.root / ".writer.json", self.root / ".writer.lock"
        if lock_file.is_symlink():  # a folder from somebody else may hold any
            raise InvalidRequest(f"{lock_file} is a link, which may lead anywhere: delete it")
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(lock_file, timeout=0, is_singleton=True, thread_local=False)
            with _GATE:
                lock.acquire()
                if (
                    lock.lock_counter == 1
                ):  # nobody in this process writes yet, so what is half-written was left by a crash
                    sweep(self.root)
                    # Only who waits reads this: the lock itself ends with its process, so it need not last.
                    holder.unlink(missing_ok=True)  # a link, which would be written through
                    holder.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
        except Timeout as error:
            raise ProjectBusy(f"{self.root} is being written by {_holder(holder)}: wait for it, or stop it") from error
        except OSError as error:
            raise InvalidRequest(
                f"cannot write {self.root}: {error.strerror}; choose another folder with -p"
            ) from error
        try:
            yield
        finally:
            with _GATE:
                if lock.lock_counter == 1:
                    holder.unlink(missing_ok=True)
                lock.release()


def slug(text: str, words: int = 6) -> str:
    """Make a film's name of a title or sentence: lower-case ASCII letters and digits, joined by dashes."""
    # A title in another script leaves nothing: its hash still gives the same name every time.
    return "-".join(ascii_words(text)[:words])[:60] or f"film-{digest(text)[:8]}"


def _holder(path: Path) -> str:
    try:
        data = json.loads(path.read_text())
        return f"process {data['pid']} on {data['host']}"
    except (OSError, ValueError, KeyError):
        return "another process"
