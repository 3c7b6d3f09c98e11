"""Keeps an index in step with the log: what happened since is written into it, or it is built anew beside the old one.

    memory/state.json        how far the index has followed, and which embedders filled it
    memory/index-<building>/ Chroma's collections, and how rare each word is; derived, safe to delete

All of it runs under the memory's lock, except `Follower.build`, which others may read and write beside.
"""

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from reelgraph.memory import index as chroma
from reelgraph.memory.embedders import Embedders, Frame, Rarity, Vectors, identity
from reelgraph.memory.embedding import documents, pictures
from reelgraph.memory.lookups import collections_of
from reelgraph.memory.records import RecordLog, ShotRecord
from reelgraph.memory.state import (
    State,
    rarity_path,
    read_rarity,
    read_state,
    sweep_rarities,
    write_rarity,
    write_state,
)

PICTURES = "picture"
# Records whose vectors are held at once. A call to Chroma costs milliseconds however few rows it brings, so an import
# of thousands fills each collection in few calls.
WINDOW = 10_000

# Which embedder something is embedded by.
Kind: TypeAlias = Literal["text", "picture"]
# The byte after a line of the log, the id it is about, and what stood under that id before.
Change: TypeAlias = tuple[int, str, dict[str, Any] | None]


@dataclass(frozen=True)
class Building:
    """One building of the index, with how rare each word in it is and how far it has followed the log."""

    index: chroma.Index
    rarity: Rarity
    state: State


class Follower:
    """Follows a log with an index.

    Args:
        folder: The memory's folder.
        log: The log.
        embedders: What fills the index; one is opened when something is embedded by it or compared with it.
        keyframe: Finds the picture of a take by its key, `(height, width, 3) uint8 RGB`, or None where it is gone.
        url: A Chroma server, instead of Chroma in the folder.
    """

    def __init__(
        self,
        folder: Path,
        log: RecordLog,
        embedders: Embedders,
        keyframe: Callable[[str], Frame | None],
        url: str,
    ) -> None:
        self.folder = folder
        self.log = log
        self.embedders = embedders
        self.keyframe = keyframe
        self.url = url
        self._changes: list[Change] = []
        self._current: Building | None = None

    def read_log(self) -> None:
        """Read what was appended to the log, and keep it for the index; needs no lock."""
        birth = self.log.birth
        new = list(self.log.follow())
        if self.log.birth != birth:  # another writing of the log: what was read of the old one is in the new one
            self._changes.clear()
        self._changes += new

    def begin(self) -> None:
        """Begin the log where there is none."""
        if not self.log.birth:
            self.log.rewrite()
            self.read_log()

    def follow(self, *used: Kind) -> Building:
        """Bring the index up to the log, and return it; build it where there is none that belongs to this log.

        Args:
            used: The embedders by which something is to be looked up or written; where anything has to be embedded
                before, both are used.

        Raises:
            InvalidRequest: The index was filled by another embedder than one of those, or one cannot be opened.
        """
        self.read_log()
        self.begin()
        state = read_state(self.folder)
        anew = state.log != self.log.birth or not rarity_path(self._folder_of(state.building), state).exists()
        news = any(end > state.end and id in self.log for end, id, _ in self._changes)
        for kind, theirs in (("text", state.text), ("picture", state.picture)):
            if not theirs or not (anew or news or kind in used):
                continue
            if theirs != (ours := identity(getattr(self.embedders, kind))):
                raise chroma.changed_embedder(kind, theirs, ours)
        if anew:
            self.take_over(self.build())
        else:
            current = self._opened(state)
            if state.end < self.log.end:
                # Another number before anything is written: if this process is killed here, no client trusts what it
                # has read.
                state = replace(state, revision=state.revision + 1)
                write_state(self.folder, state)
                self.take_over(self._applied(replace(current, state=state), self._changes))
        self._changes.clear()
        assert self._current is not None
        return self._current

    def build(self) -> Building:
        """Build an index of the log as far as it was read, beside the one in use."""
        state = State(
            log=self.log.birth,
            building=secrets.token_hex(4),
            text=identity(self.embedders.text),
            picture=identity(self.embedders.picture),
            picture_spec=self.embedders.picture_spec,
        )
        everything = [(self.log.end, id, None) for id in self.log.ids()]
        return self._applied(Building(self._open(state), Rarity(), state), everything)

    def finish(self, building: Building) -> None:
        """Bring a building up to the log, rewrite the log without what is forgotten, and put the building to use."""
        self.read_log()
        building = self._applied(building, self._changes)
        self.log.rewrite()
        self.read_log()
        self.take_over(replace(building, state=replace(building.state, log=self.log.birth, end=self.log.end)))

    def take_over(self, building: Building) -> None:
        """Make a building the one in use, and delete the one that was."""
        folder, state = self._folder_of(building.state.building), building.state
        before = read_state(self.folder).building
        write_rarity(folder, state, building.rarity)
        write_state(self.folder, state)
        chroma.wrote(folder, state.revision)
        sweep_rarities(folder, state)
        if before not in ("", state.building):
            self._discard(before)
        self._current = building
        self._changes.clear()

    def sweep(self) -> None:
        """Delete what a killed rebuild left."""
        for folder in self.folder.glob("index-*"):
            if folder != self._folder_of(read_state(self.folder).building):
                self._discard(folder.name.removeprefix("index-"))

    def _opened(self, state: State) -> Building:
        """Return the building of a state, opened again where another process has written it."""
        if self._current is None or self._current.state != state:
            rarity = read_rarity(self._folder_of(state.building), state)
            self._current = Building(self._open(state), rarity, state)
        return self._current

    def _applied(self, building: Building, changes: Sequence[Change]) -> Building:
        """Write into a building what happened after it was written last."""
        index, rarity = building.index, building.rarity
        before: dict[str, dict[str, Any] | None] = {}
        for end, id, raw in changes:
            if end > building.state.end:
                before.setdefault(id, raw)
        old = {id: self.log.parsed(id, raw) for id, raw in before.items() if raw is not None}
        new = {id: self.log[id] for id in before if id in self.log}
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
        return replace(building, state=replace(building.state, end=self.log.end))

    def _put(self, index: chroma.Index, records: Sequence[tuple[str, ShotRecord]]) -> None:
        vectors = documents(self.embedders.text, [record.text for _, record in records])
        rows: dict[str, list[int]] = {}
        for row, (_, record) in enumerate(records):
            for name in collections_of(record):
                rows.setdefault(name, []).append(row)
        for name, at in rows.items():
            index.put(f"{name}-text", [records[row][0] for row in at], vectors[at])
        seen: dict[str, list[tuple[str, Vectors]]] = {}
        for id, record in records:  # one picture at a time: thousands would not fit in memory
            frame = self.keyframe(record.take)
            if frame is not None:
                seen.setdefault(record.verdict, []).append((id, pictures(self.embedders.picture, [frame])))
        for verdict, shown in seen.items():
            vectors = np.concatenate([vector for _, vector in shown])
            index.put(f"{verdict}-{PICTURES}", [id for id, _ in shown], vectors)

    def _open(self, state: State) -> chroma.Index:
        about = {"project": self.log.project, "text": state.text, "picture": state.picture}
        place = self.url or self._folder_of(state.building)
        return chroma.Index(place, f"{self.log.project}-{state.building}-", about, state.revision)

    def _discard(self, building: str) -> None:
        if self.url:
            chroma.Index(self.url, f"{self.log.project}-{building}-", {}, 0).remove()
        chroma.close(self._folder_of(building))
        shutil.rmtree(self._folder_of(building), ignore_errors=True)

    def _folder_of(self, building: str) -> Path:
        return self.folder / f"index-{building}"
