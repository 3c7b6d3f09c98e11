"""A project's memory of past shots: remember, recall, forget, rebuild.

    memory/records.jsonl     what is remembered (see `records.py`); the truth
    memory/state.json        how far the index has followed it, and which embedders filled it
    memory/index-<building>/ Chroma's collections, and how rare each word is; derived, safe to delete

One process at a time is inside, for as long as one call takes; whoever comes next first brings the index up to the log.
So what is remembered is safe once `remember` returns, a killed process loses nothing, and every reader sees whole
records.
"""

import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from filelock import FileLock, Timeout

from reelgraph.memory import index as chroma
from reelgraph.memory.embedders import (
    Frame,
    PictureEmbedder,
    Rarity,
    TextEmbedder,
    Vectors,
    identity,
)  # fmt: skip
from reelgraph.memory.lookups import Lookup, collections_of
from reelgraph.memory.records import RecalledShot, RecordLog, ShotRecord
from reelgraph.memory.state import (
    State,
    rarity_path,
    read_rarity,
    read_state,
    sweep_rarities,
    write_rarity,
    write_state,
)
from reelgraph.video_tools.errors import InvalidRequest, ProjectBusy
from reelgraph.video_tools.ledger import Problem

# The longest that one call waits for another process's. A call takes milliseconds, an import of thousands some seconds.
PATIENCE = 60.0
PICTURES = "picture"
# Records whose vectors are held at once. A call to Chroma costs milliseconds however few rows it brings, so an import
# of thousands fills each collection in few calls.
WINDOW = 10_000

# The byte after a line of the log, the id it is about, and what stood under that id before.
Change: TypeAlias = tuple[int, str, dict[str, Any] | None]


class ShotMemory:
    """The remembered shots of one project.

    Args:
        folder: The project's `memory` folder; made when something is first remembered.
        text: The embedder of words.
        picture: The embedder of pictures.
        keyframe: Finds the picture of a take by its key, `(height, width, 3) uint8 RGB`, or None where it is gone.
        url: A Chroma server on a trusted private network, instead of Chroma in the folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        text: TextEmbedder,
        picture: PictureEmbedder,
        keyframe: Callable[[str], Frame | None] = lambda key: None,
        url: str = "",
    ) -> None:
        self.folder = folder
        self.text = text
        self.picture = picture
        self.keyframe = keyframe
        self.url = url
        self._log = RecordLog(folder / "records.jsonl")
        self._changes: list[Change] = []
        self._state = State()
        self._rarity = Rarity()
        self._index: chroma.Index | None = None
        self._threads = threading.RLock()
        self._lock = FileLock(folder / ".lock", timeout=PATIENCE, poll_interval=0.005)
        self._rebuilding = FileLock(folder / ".rebuild", timeout=PATIENCE)

    def remember(self, records: Sequence[ShotRecord]) -> int:
        """Remember shots, durably; what is told of the same film, shot and picture again replaces what was known.

        What a person had forgotten is not remembered again.

        Returns:
            How many are new or told differently.

        Raises:
            InvalidRequest: The index was filled by another embedder.
            ProjectBusy: Another process was inside for longer than a minute.
        """
        if not records:
            return 0
        with self._inside():
            news = self._news(records)
            if news:
                self._log.append(news)
                self._follow()
            return len(news)

    def _news(self, records: Sequence[ShotRecord]) -> list[ShotRecord]:
        told = {record.id: record for record in records if record.id not in self._log.forgotten}
        return [record for id, record in told.items() if id not in self._log or self._log[id] != record]

    def recall(self, lookups: Sequence[Lookup | str], k: int = 8) -> list[list[RecalledShot]]:
        """Find the `k` most similar remembered shots for each look-up, most similar first, in one go.

        Look-ups of the same character, place or verdict are answered by one query.

        Raises:
            InvalidRequest: The index was filled by another embedder, or a look-up names both a character and a place.
            ProjectBusy: Another process was inside for longer than a minute.
        """
        asked = [Lookup(item) if isinstance(item, str) else item for item in lookups]
        collections = [item.collection for item in asked]
        if not asked or not self._exists():
            return [[] for _ in asked]
        with self._inside() as index:
            vectors = self.text.queries([item.text for item in asked], self._rarity)
            hits: list[list[tuple[str, float]]] = [[] for _ in asked]
            for name in dict.fromkeys(collections):
                at = [i for i, c in enumerate(collections) if c == name]
                for i, found in zip(at, index.nearest(f"{name}-text", vectors[at], k), strict=True):
                    hits[i] = found
            return [[RecalledShot(self._log[id], s) for id, s in found if id in self._log] for found in hits]

    def look_alikes(self, frames: Sequence[Frame], k: int = 8) -> list[list[RecalledShot]]:
        """Find the `k` approved shots whose pictures are most similar to each frame, `(height, width, 3) uint8 RGB`."""
        if not frames or not self._exists():
            return [[] for _ in frames]
        with self._inside() as index:
            hits = index.nearest(f"approved-{PICTURES}", self.picture.pictures(frames), k)
            return [[RecalledShot(self._log[id], s) for id, s in found if id in self._log] for found in hits]

    def forget(self, ids: Iterable[str]) -> int:
        """Forget records by id, durably, and return how many there were."""
        if not self._exists():
            return 0
        with self._inside():
            known = [id for id in dict.fromkeys(ids) if id in self._log]
            if known:
                self._log.append(forget=known)
                self._follow()
            return len(known)

    def records(self) -> Iterator[ShotRecord]:
        """Go through what is remembered, oldest first; needs neither the index nor the lock."""
        with self._threads:
            self._read_log()
            known = [self._log[id] for id in self._log.ids()]
        yield from known

    def count(self) -> int:
        """Count what is remembered; needs neither the index nor the lock."""
        with self._threads:
            self._read_log()
            return len(self._log)

    def rebuild(self, records: Sequence[ShotRecord] = ()) -> int:
        """Build the index anew from the log, with the embedders in use now, and return how many records it holds.

        Others can read and write meanwhile; what they add is in the new index when it takes the old one's place.

        Args:
            records: What the ledger knows; added to what the log has, or replacing it where both know a shot.
        """
        with self._threads, self._locked(self._rebuilding):
            with self._locked():
                self._read_log()
                if records:
                    self._begin()
                    self._log.append(self._news(records))
                    self._read_log()
                for folder in self.folder.glob("index-*"):  # what a killed rebuild left
                    if folder != self._folder_of(read_state(self.folder).building):
                        self._discard(folder.name.removeprefix("index-"))
            rarity, state = Rarity(), self._new_state()
            index = self._open_index(state)
            state = self._apply(index, rarity, state, self._everything())
            with self._locked():
                self._read_log()
                state = self._apply(index, rarity, state, self._changes)
                self._log.rewrite()
                self._read_log()
                self._take_over(index, rarity, replace(state, log=self._log.birth, end=self._log.end))
                return len(self._log)

    def check(self) -> list[Problem]:
        """Compare the index with the log, and say what differs and what to do."""
        if not self._exists():
            return []
        with self._inside() as index:
            expected: dict[str, int] = {}
            for id in self._log.ids():
                for name in collections_of(self._log[id]):
                    expected[f"{name}-text"] = expected.get(f"{name}-text", 0) + 1
            wrong = [name for name, count in expected.items() if index.count(name) != count]
        return [
            Problem(self.folder, f"memory's index differs from its records in {name}: run `reelgraph memory rebuild`")
            for name in wrong
        ]

    # --- inside

    def _exists(self) -> bool:
        return self._log.path.exists()

    @contextmanager
    def _locked(self, lock: FileLock | None = None) -> Iterator[None]:
        lock = lock or self._lock
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise ProjectBusy(f"another process has been inside {self.folder} for a minute: try again later") from error
        except OSError as error:
            raise InvalidRequest(f"cannot write {self.folder}: {error.strerror}; memory writes there") from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _inside(self) -> Iterator[chroma.Index]:
        """Hold the lock, with the index brought up to the log."""
        with self._threads, self._locked():
            self._follow()
            assert self._index is not None
            yield self._index

    def _read_log(self) -> None:
        self._changes.extend(self._log.follow())

    def _begin(self) -> None:
        if not self._log.birth:
            self._log.rewrite()
            self._read_log()

    def _follow(self) -> None:
        """Bring the index up to the log; build it where there is none that belongs to this log."""
        self._read_log()
        self._begin()
        state = read_state(self.folder)
        for kind, theirs, embedder in (("text", state.text, self.text), ("picture", state.picture, self.picture)):
            if theirs and theirs != identity(embedder):
                raise chroma.changed_embedder(kind, theirs, identity(embedder))
        if state.log != self._log.birth or not rarity_path(self._folder_of(state.building), state).exists():
            state = self._new_state()
            index, rarity, changes = self._open_index(state), Rarity(), self._everything()
        else:
            if self._index is None or state != self._state:
                self._index, self._rarity, self._state = (
                    self._open_index(state),
                    read_rarity(self._folder_of(state.building), state),
                    state,
                )
            index, rarity, changes = self._index, self._rarity, self._changes
        if state.end < self._log.end:
            if state.building == self._state.building:
                # Another number before anything is written: if this process is killed here, no client trusts what it
                # has read.
                state = replace(state, revision=state.revision + 1)
                write_state(self.folder, state)
            self._take_over(index, rarity, self._apply(index, rarity, state, changes))
        self._changes.clear()

    def _everything(self) -> list[Change]:
        return [(self._log.end, id, None) for id in self._log.ids()]

    def _apply(self, index: chroma.Index, rarity: Rarity, state: State, changes: Sequence[Change]) -> State:
        """Write into an index what happened after it was written last, and return its new state."""
        before: dict[str, dict[str, Any] | None] = {}
        for end, id, raw in changes:
            if end > state.end:
                before.setdefault(id, raw)
        old = {id: self._log.parsed(id, raw) for id, raw in before.items() if raw is not None}
        new = {id: self._log[id] for id in before if id in self._log}
        rarity.learn((record.text for record in old.values()), -1)
        rarity.learn(record.text for record in new.values())

        gone: dict[str, list[str]] = {}
        for id, past in old.items():
            for name in set(collections_of(past)) - set(collections_of(new[id]) if id in new else ()):
                gone.setdefault(name, []).append(id)
        for name, ids in gone.items():
            index.drop(f"{name}-text", ids)
            index.drop(f"{name}-{PICTURES}", ids)

        for at in range(0, len(new), WINDOW):
            self._put(index, list(new.items())[at : at + WINDOW])
        return replace(state, end=self._log.end)

    def _put(self, index: chroma.Index, records: Sequence[tuple[str, ShotRecord]]) -> None:
        vectors = self.text.documents([record.text for _, record in records])
        rows: dict[str, list[int]] = {}
        for row, (_, record) in enumerate(records):
            for name in collections_of(record):
                rows.setdefault(name, []).append(row)
        for name, at in rows.items():
            index.put(f"{name}-text", [records[row] for row in at], vectors[at])
        seen: dict[str, list[tuple[tuple[str, ShotRecord], Vectors]]] = {}
        for item in records:  # one picture at a time: thousands would not fit in memory
            frame = self.keyframe(item[1].take)
            if frame is not None:
                seen.setdefault(item[1].verdict, []).append((item, self.picture.pictures([frame])))
        for verdict, shown in seen.items():
            pictures = np.concatenate([vector for _, vector in shown])
            index.put(f"{verdict}-{PICTURES}", [item for item, _ in shown], pictures)

    def _take_over(self, index: chroma.Index, rarity: Rarity, state: State) -> None:
        """Make an index, with its state, the one in use."""
        building = self._folder_of(state.building)
        before = read_state(self.folder).building
        write_rarity(building, state, rarity)
        write_state(self.folder, state)
        chroma.wrote(building, state.revision)
        sweep_rarities(building, state)
        if before not in ("", state.building):
            self._discard(before)
        self._index, self._rarity, self._state = index, rarity, state
        self._changes.clear()

    def _new_state(self) -> State:
        return State(
            log=self._log.birth, building=secrets.token_hex(4), text=identity(self.text), picture=identity(self.picture)
        )

    def _open_index(self, state: State) -> chroma.Index:
        about = {"project": self._log.project, "text": state.text, "picture": state.picture}
        place = self.url or self._folder_of(state.building)
        return chroma.Index(place, f"{self._log.project}-{state.building}-", about, state.revision)

    def _discard(self, building: str) -> None:
        """Delete an index that is not in use."""
        if self.url:
            chroma.Index(self.url, f"{self._log.project}-{building}-", {}, 0).remove()
        chroma.close(self._folder_of(building))
        shutil.rmtree(self._folder_of(building), ignore_errors=True)

    def _folder_of(self, building: str) -> Path:
        return self.folder / f"index-{building}"
