"""A film project's folder: its settings, one ledger, many films, one writer at a time."""

import json
import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from reelgraph.video_tools.atomic import sha256_of, staged_file, sweep, write_text
from reelgraph.video_tools.commission import Commission
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest, ProjectBusy
from reelgraph.video_tools.film import (
    Brief,
    Cut,
    Decision,
    Gate,
    Noun,
    Plan,
    Review,
    Storyboard,
    digest,
    first_fault,
    read_noun,
    write_noun,
)
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.nouns import ascii_words
from reelgraph.video_tools.settings import NEW_SETTINGS, Settings, read_settings

T = TypeVar("T", bound=Noun)

# Branches of one run share the process's lock; its counter is not made for threads.
_GATE = threading.Lock()


class Film:
    """One film of a project: numbered storyboards, cuts and reviews that are never rewritten."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self.deliver = folder / "deliver"
        self._added: list[Path] = []

    def commission(self) -> Commission | None:
        """Read how the film was asked for, last."""
        return self._one(Commission, "commissions", None)

    def briefs(self) -> list[Brief]:
        """Read all versions of the brief, oldest first."""
        return self._all(Brief, "briefs")

    def plans(self) -> list[Plan]:
        """Read what a model planned of the film's briefs, oldest first."""
        return self._all(Plan, "plans")

    def storyboard(self, number: int | None = None) -> Storyboard | None:
        """Read a storyboard, the newest if no number is given."""
        return self._one(Storyboard, "storyboards", number)

    def cut(self, number: int | None = None) -> Cut | None:
        """Read a cut, the newest if no number is given."""
        return self._one(Cut, "cuts", number)

    def review(self, number: int | None = None) -> Review | None:
        """Read a review, the newest if no number is given."""
        return self._one(Review, "reviews", number)

    def verdict(self) -> Review | None:
        """Return the review of the newest cut as it stands, or None if that cut was not reviewed.

        Approved is what the checks approve and no person refused: where the film was asked for with the gates
        `storyboard`, `references` or `cut`, a person has to have said yes to what the cut shows, their newest word
        counts, and a no is a note. Where it was asked for strictly, nothing may be substituted either.
        """
        from reelgraph.video_tools.verdict import verdict_of

        return verdict_of(self)

    def storyboards(self) -> list[Storyboard]:
        """Read all storyboards, oldest first."""
        return self._all(Storyboard, "storyboards")

    def cuts(self) -> list[Cut]:
        """Read all cuts, oldest first."""
        return self._all(Cut, "cuts")

    def decisions(self) -> list[Decision]:
        """Read what a person decided, oldest first."""
        return self._all(Decision, "decisions")

    def decided(self, gate: Gate, number: int) -> Decision | None:
        """Return a person's newest word at a gate on what has that number, or None if nobody was heard."""
        said = [d for d in self.decisions() if (d.gate, d.number) == (gate, number)]
        return said[-1] if said else None

    def reviews(self) -> list[Review]:
        """Read all reviews, oldest first."""
        return self._all(Review, "reviews")

    def next_number(self, kind: str) -> int:
        """Return the number that the next `storyboards`, `cuts`, `reviews` or `briefs` entry gets."""
        numbers = [int(p.stem) for p in (self.folder / kind).glob("[0-9]*.json")]
        return max(numbers, default=0) + 1

    def add(self, noun: Commission | Brief | Plan | Storyboard | Cut | Review | Decision) -> None:
        """Write a new version; its number must be the next.

        Raises:
            CorruptProject: That number is written already.
        """
        kind = f"{type(noun).__name__.lower()}s"
        # A decision's number is that of what was decided on; decisions are counted by themselves.
        own = None if isinstance(noun, Decision) else getattr(noun, "number", None)
        number = own or self.next_number(kind)
        path = self.folder / kind / f"{number:04d}.json"
        if path.exists():
            raise CorruptProject(f"{path} is written already, and versions are never rewritten")
        write_text(path, write_noun(noun))
        self._added.append(path)
        hashes = {**self.hashes(), path.relative_to(self.folder).as_posix(): sha256_of(path)}
        write_text(self.folder / "hashes.json", json.dumps(hashes, indent=1) + "\n")

    @contextmanager
    def unless_refused(self) -> Iterator[None]:
        """Take back all that was added by this object where what is done within is refused: nothing was asked for then.

        The caller holds the writer's lock since before it added the first.
        """
        file = self.folder / "storyboard.yaml"
        before = file.read_bytes() if file.exists() else None
        try:
            yield
            self._added.clear()
        except InvalidRequest:
            self._take_back()
            if before is None:
                file.unlink(missing_ok=True)
            else:
                with staged_file(file) as path:
                    path.write_bytes(before)
            for folder in [*self.folder.glob("*/"), self.folder]:
                with suppress(OSError):  # there is something in it
                    folder.rmdir()
            raise

    def _take_back(self) -> None:
        gone = {path.relative_to(self.folder).as_posix() for path in self._added}
        left = {name: content for name, content in self.hashes().items() if name not in gone}
        for path in self._added:
            path.unlink()
        self._added.clear()
        if left:
            write_text(self.folder / "hashes.json", json.dumps(left, indent=1) + "\n")
        elif gone:
            (self.folder / "hashes.json").unlink()

    def hashes(self) -> dict[str, str]:
        """Return the hash with which each version was written, by its path in the film's folder.

        Raises:
            CorruptProject: Their file cannot be read.
        """
        path = self.folder / "hashes.json"
        try:
            found: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
            return {str(name): str(content) for name, content in found.items()}
        except (ValueError, AttributeError) as error:
            raise CorruptProject(
                f"{path} cannot be read: {first_fault(error)}; delete it, and it begins anew"
            ) from error

    def _all(self, kind: type[T], folder: str) -> list[T]:
        paths = sorted((self.folder / folder).glob("[0-9]*.json"))
        return [read_noun(kind, p.read_bytes(), str(p)) for p in paths]

    def _one(self, kind: type[T], folder: str, number: int | None) -> T | None:
        paths = sorted((self.folder / folder).glob("[0-9]*.json"))
        if number is not None:
            paths = [p for p in paths if int(p.stem) == number]
            if not paths:
                raise InvalidRequest(f"film {self.name} has no number {number} among its {folder}")
        return read_noun(kind, paths[-1].read_bytes(), str(paths[-1])) if paths else None


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

    def for_film(self, film: "Film", given: Mapping[str, Any] | None = None) -> "Project":
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
