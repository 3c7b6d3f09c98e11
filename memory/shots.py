"""A project's memory of past shots: remember, recall, forget, rebuild.

    memory/records.jsonl     what is remembered (see `records.py`); the truth
    memory/state.json        how far the index has followed it (see `following.py`)
    memory/index-<building>/ the index; derived, safe to delete

One process at a time is inside, for as long as one call takes; whoever comes next first brings the index up to the log.
So what is remembered is safe once `remember` returns, a killed process loses nothing, and every reader sees whole
records.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from reelgraph.memory.embedders import Embedders, Frame, PictureEmbedder, TextEmbedder
from reelgraph.memory.embedding import pictures, queries
from reelgraph.memory.following import PICTURES, Building, Follower, Kind
from reelgraph.memory.lookups import Lookup, collections_of
from reelgraph.memory.records import RecalledShot, RecordLog, ShotRecord
from reelgraph.video_tools.errors import InvalidRequest, ProjectBusy
from reelgraph.video_tools.ledger import Problem

# The longest that one call waits for another process's. A call takes milliseconds, an import of thousands some seconds.
PATIENCE = 60.0


class ShotMemory:
    """The remembered shots of one project.

    Args:
        folder: The project's `memory` folder; made when something is first remembered.
        embedders: What embeds words and pictures; records are read without, words are looked up without that of
            pictures, and pictures without that of words.
        keyframe: Finds the picture of a take by its key, `(height, width, 3) uint8 RGB`, or None where it is gone.
        url: A Chroma server on a trusted private network, instead of Chroma in the folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        embedders: Embedders,
        keyframe: Callable[[str], Frame | None] = lambda key: None,
        url: str = "",
    ) -> None:
        self.folder = folder
        self.keyframe = keyframe
        self.url = url
        self._log = RecordLog(folder / "records.jsonl")
        self._embedders = embedders
        self._follower = Follower(folder, self._log, self._embedders, keyframe, url)
        self._threads = threading.RLock()
        self._lock = FileLock(folder / ".lock", timeout=PATIENCE, poll_interval=0.005)
        self._rebuilding = FileLock(folder / ".rebuild", timeout=PATIENCE)

    @property
    def text(self) -> TextEmbedder:
        """The embedder of words."""
        return self._embedders.text

    @property
    def picture(self) -> PictureEmbedder:
        """The embedder of pictures."""
        return self._embedders.picture

    def remember(self, records: Sequence[ShotRecord]) -> int:
        """Remember shots, durably; what is told of the same film, shot and picture again replaces what was known.

        What a person had forgotten is not remembered again.

        Returns:
            How many are new or told differently.

        Raises:
            InvalidRequest: The index was filled by another embedder, or an embedder cannot be opened.
            ProjectBusy: Another process was inside for longer than a minute.
        """
        if not records:
            return 0
        with self._inside("text", "picture"):
            news = self._news(records)
            if news:
                self._log.append(news)
                self._follower.follow()
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
        # A shot is looked up by each of its characters and its place, with the same words: they are embedded once.
        rows = {text: row for row, text in enumerate(dict.fromkeys(item.text for item in asked))}
        with self._inside("text") as inside:
            vectors = queries(self.text, list(rows), inside.rarity)
            hits: list[list[tuple[str, float]]] = [[] for _ in asked]
            for name in dict.fromkeys(collections):
                at = [i for i, c in enumerate(collections) if c == name]
                wanted = vectors[[rows[asked[i].text] for i in at]]
                for i, found in zip(at, inside.index.nearest(f"{name}-text", wanted, k), strict=True):
                    hits[i] = found
            return [self._recalled(found) for found in hits]

    def look_alikes(self, frames: Sequence[Frame], k: int = 8) -> list[list[RecalledShot]]:
        """Find the `k` approved shots whose pictures are most similar to each frame, `(height, width, 3) uint8 RGB`."""
        if not frames or not self._exists():
            return [[] for _ in frames]
        with self._inside("picture") as inside:
            hits = inside.index.nearest(f"approved-{PICTURES}", pictures(self.picture, frames), k)
            return [self._recalled(found) for found in hits]

    def _recalled(self, found: Sequence[tuple[str, float]]) -> list[RecalledShot]:
        return [RecalledShot(self._log[id], similarity) for id, similarity in found if id in self._log]

    def forget(self, ids: Iterable[str]) -> int:
        """Forget records by id, durably, and return how many there were."""
        if not self._exists():
            return 0
        with self._inside():
            known = [id for id in dict.fromkeys(ids) if id in self._log]
            if known:
                self._log.append(forget=known)
                self._follower.follow()
            return len(known)

    def records(self) -> Iterator[ShotRecord]:
        """Go through what is remembered, oldest first; needs neither the index nor the lock."""
        with self._threads:
            self._follower.read_log()
            known = [self._log[id] for id in self._log.ids()]
        yield from known

    def count(self) -> int:
        """Count what is remembered; needs neither the index nor the lock."""
        with self._threads:
            self._follower.read_log()
            return len(self._log)

    def rebuild(self, records: Sequence[ShotRecord] = ()) -> int:
        """Build the index anew from the log, with the embedders in use now, and return how many records it holds.

        Others can read and write meanwhile; what they add is in the new index when it takes the old one's place.

        Args:
            records: What the ledger knows; added to what the log has, or replacing it where both know a shot.
        """
        with self._threads, self._locked(self._rebuilding):
            with self._locked():
                self._follower.read_log()
                if records:
                    self._follower.begin()
                    self._log.append(self._news(records))
                    self._follower.read_log()
                self._follower.sweep()
            building = self._follower.build()
            with self._locked():
                self._follower.finish(building)
                return len(self._log)

    def check(self) -> list[Problem]:
        """Compare the index with the log, and say what differs and what to do."""
        if not self._exists():
            return []
        with self._inside("text", "picture") as inside:
            expected: dict[str, int] = {}
            for id in self._log.ids():
                for name in collections_of(self._log[id]):
                    expected[f"{name}-text"] = expected.get(f"{name}-text", 0) + 1
            wrong = [name for name, count in expected.items() if inside.index.count(name) != count]
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
    def _inside(self, *used: Kind) -> Iterator[Building]:
        """Hold the lock, with the index brought up to the log, for what these embedders are used for."""
        with self._threads, self._locked():
            yield self._follower.follow(*used)
