"""One film's folder: numbered versions of all that was asked for, made and decided, which are never rewritten."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from reelgraph.video_tools.atomic import sha256_of, staged_file, write_text
from reelgraph.video_tools.commission import Commission
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest
from reelgraph.video_tools.film import (
    Brief,
    Cut,
    Decision,
    Gate,
    Noun,
    Plan,
    Review,
    Storyboard,
    first_fault,
    read_noun,
    write_noun,
)

T = TypeVar("T", bound=Noun)


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
