"""Takes and paid calls on disk: content-addressed, published by one rename, never overwritten.

    takes/ab/<key>/     take.json, picture.mp4 or picture.png, sound.wav, poster.jpg, checks.json
    files/<hash>.cube   what effects of its cuts need
    attempts/<id>.json  one try at a request: intended -> submitted -> done | failed | lost | ambiguous

An attempt is written before the call is made, so that no paid call is ever unknown to the next process. Readers need no
lock.
"""

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from reelgraph.video_tools.atomic import publish_folder, sha256_of, staged_file, staged_folder, write_text
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest
from reelgraph.video_tools.film import Attempt, Spend, Take, read_noun, write_noun

_KEPT = re.compile(r"[0-9a-f]{64}\.\w{1,8}")


@dataclass(frozen=True)
class Problem:
    """A file that is not what its record says, and what to do."""

    path: Path
    message: str


class Ledger:
    """The takes and attempts of one project folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._contents: dict[str, str] = {}
        self._ended: dict[str, Attempt] = {}

    # --- takes

    def folder(self, key: str) -> Path:
        """Return where the take of a key is, or will be."""
        return self.root / "takes" / key[:2] / key

    def take(self, key: str) -> Take | None:
        """Read the take of a request key, or None if there is none.

        Raises:
            CorruptProject: Its record cannot be read.
        """
        path = self.folder(key) / "take.json"
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        return read_noun(Take, text, str(path))

    def takes(self) -> Iterator[Take]:
        """Go through all published takes, by key."""
        for path in sorted((self.root / "takes").glob("[0-9a-f][0-9a-f]/*/take.json")):
            yield read_noun(Take, path.read_bytes(), str(path))

    def picture(self, take: Take) -> Path:
        """Return a take's picture: `picture.mp4`, or `picture.png` for a still."""
        return self.folder(take.key) / take.picture

    def sound(self, take: Take) -> Path | None:
        """Return a take's sound as PCM, or None if it has none."""
        return self.folder(take.key) / "sound.wav" if take.sound else None

    def poster(self, take: Take) -> Path:
        """Return a take's poster frame as JPEG."""
        return self.folder(take.key) / "poster.jpg"

    def file(self, name: str) -> Path:
        """Return a file that an effect names: one that is kept here by its hash, or one of that path."""
        return self.root / "files" / name if _KEPT.fullmatch(name) else Path(name).expanduser()

    def keeps(self, name: str) -> bool:
        """Say whether a name is that of a file kept here."""
        return _KEPT.fullmatch(name) is not None and self.file(name).is_file()

    def keep(self, path: Path) -> str:
        """Take a file in that an effect needs, and return its name here; the same content is the same name."""
        name = sha256_of(path) + path.suffix.lower()
        if not self.keeps(name):
            with staged_file(self.file(name)) as temporary:
                shutil.copyfile(path, temporary)
        return name

    def by_content(self, content: str) -> Take:
        """Find the take whose picture has this content hash.

        Raises:
            InvalidRequest: No take has it.
        """
        if content not in self._contents:
            self._contents = {take.content: take.key for take in self.takes()}
        take = self.take(self._contents.get(content, "")) if content in self._contents else None
        if take is None:
            raise InvalidRequest(f"no take has the content {content[:12]}…: `reelgraph takes` lists those there are")
        return take

    def find(self, prefix: str) -> Take:
        """Find the take whose key begins with a prefix of at least four characters.

        Raises:
            InvalidRequest: None does, or several do.
        """
        found = sorted((self.root / "takes").glob(f"{prefix[:2]}/{prefix}*/take.json")) if prefix.isalnum() else []
        if len(prefix) < 4 or len(found) != 1:
            said = "several takes begin so" if len(found) > 1 else "there is none"
            raise InvalidRequest(f"no single take {prefix!r}: {said}; `reelgraph takes` lists them")
        return read_noun(Take, found[0].read_bytes(), str(found[0]))

    def staging(self) -> AbstractContextManager[Path]:
        """Give a temporary folder in which to prepare a take's files."""
        return staged_folder(self.root / "takes")

    def publish(self, take: Take, files: Path) -> Take:
        """Publish a take: write its record among its files and give the folder its name.

        Args:
            take: The take; its `files` must name every file in the folder.
            files: A folder from `staging`.

        Returns:
            The take that stands under the key: this one, or one that was published before it.
        """
        (files / "take.json").write_text(write_noun(take), encoding="utf-8", newline="\n")
        if publish_folder(files, self.folder(take.key)):
            self._contents[take.content] = take.key
            return take
        standing = self.take(take.key)
        if standing is None:
            raise CorruptProject(f"{self.folder(take.key)} holds no take.json: delete that folder and shoot again")
        return standing

    def adopt(self, source: "Ledger", take: Take) -> None:
        """Copy another project's take into this ledger, proved against its own record, unless it is here.

        Raises:
            InvalidRequest: The record is of another request or picture, or a file is missing, a link, or not what the
                record says.
        """
        folder = source.folder(take.key)
        said = "and was not copied; `reelgraph verify` there says what to do"
        own = (take.request.key, take.files.get(take.picture), take.files.get("sound.wav"))
        if own != (take.key, take.content, take.sound):
            raise InvalidRequest(f"{folder / 'take.json'} is of another request or picture, {said}")
        if self.take(take.key) is not None:
            return
        with self.staging() as copy:
            for name, content in take.files.items():
                if name == "checks.json":  # what another project says that it measured is measured again here
                    continue
                if (folder / name).is_symlink() or not (folder / name).is_file():
                    raise InvalidRequest(f"{folder / name} is missing or a link, {said}")
                shutil.copyfile(folder / name, copy / name)
                if sha256_of(copy / name) != content:
                    raise InvalidRequest(f"{folder / name} is not what its take says, {said}")
            self.publish(take, copy)

    # --- attempts

    def attempt(self, id: str) -> Attempt:
        """Read an attempt."""
        path = self._attempt_path(id)
        return read_noun(Attempt, path.read_bytes(), str(path))

    def attempts(self) -> Iterator[Attempt]:
        """Go through all attempts, oldest first; one whose take is there is done, even if its process ended before it
        could say so."""
        for path in sorted((self.root / "attempts").glob("[0-9]*.json")):
            attempt = self._ended.get(path.stem) or read_noun(Attempt, path.read_bytes(), str(path))
            if attempt.open and (take := self.take(attempt.key)) is not None and take.attempt == attempt.id:
                attempt = attempt.model_copy(update={"state": "done", "spent": take.spent})
            if attempt.given_up or attempt.state in ("done", "failed"):  # no process changes it any more: read once
                self._ended[path.stem] = attempt
            yield attempt

    def record(self, attempt: Attempt) -> Attempt:
        """Write an attempt's present state, durably, before anything else happens."""
        write_text(self._attempt_path(attempt.id), write_noun(attempt))
        return attempt

    def intend(self, key: str, *, backend: str, film: str, shot: str, price: Spend) -> Attempt:
        """Record that a call is about to be made, and what it may cost."""
        now = time.time()
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + f"{int(now * 1e6) % 1_000_000:06d}"
        return self.record(
            Attempt(
                id=f"{stamp}-{secrets.token_hex(4)}",
                key=key,
                film=film,
                shot=shot,
                backend=backend,
                price=price,
                started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            )
        )

    def spend(self, film: str | None = None) -> Spend:
        """Add up what the attempts of a film, or of the whole project, count as: what they cost, or may cost."""
        total = Spend()
        for attempt in self.attempts():
            if film is None or attempt.film == film:
                total += attempt.counted
        return total

    def give_up(self, film: str, shot: str) -> int:
        """Give up a shot's calls of unknown outcome and lost jobs, so that they are sent again; they count at price."""
        own = [a for a in self.attempts() if (a.film, a.shot, a.given_up) == (film, shot, False)]
        unknown = [a for a in own if a.state in ("ambiguous", "lost")]
        for attempt in unknown:
            self.record(attempt.model_copy(update={"state": "lost", "spent": attempt.counted, "given_up": True}))
        return len(unknown)

    def _attempt_path(self, id: str) -> Path:
        return self.root / "attempts" / f"{id}.json"

    # --- care

    def verify(self) -> Iterator[Problem]:
        """Prove every take's files against their hashes, and that every record can be read."""
        for folder in sorted((self.root / "takes").glob("[0-9a-f][0-9a-f]/*")):
            try:
                take = self.take(folder.name)
            except CorruptProject as error:
                yield Problem(folder / "take.json", f"{error}; delete the folder, and the take is shot again")
                continue
            if take is None:
                yield Problem(folder, "holds no take.json; delete the folder, and the take is shot again")
                continue
            if take.key != folder.name or take.request.key != take.key:
                yield Problem(
                    folder / "take.json", "the record is of another request; delete the folder to shoot again"
                )
            for name, content in take.files.items():
                path, measured = folder / name, name == "checks.json"
                if not path.is_file():
                    if not measured:  # what the checks measured, they measure again
                        yield Problem(path, "is missing; delete the take's folder, and it is shot again")
                elif sha256_of(path) != content:
                    again = ("it", "measured") if measured else ("the take's folder", "shot")
                    yield Problem(path, f"is damaged; delete {again[0]}, and the take is {again[1]} again")
        for path in sorted((self.root / "files").glob("[!.]*")):
            if sha256_of(path) != path.stem:
                yield Problem(path, "is damaged; delete it, and name the file in an edit again")
        for path in sorted((self.root / "attempts").glob("[0-9]*.json")):
            try:
                read_noun(Attempt, path.read_bytes(), str(path))
            except CorruptProject as error:
                yield Problem(path, f"{error}; the spend it recorded is not known")
