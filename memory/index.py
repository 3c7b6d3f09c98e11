"""The boundary with Chroma: small collections of our own vectors, embedded in a folder or on a server.

A metadata filter is what costs in Chroma, and its cost grows with the records that match each clause; so there is one
collection for each thing that is looked up by (a character, a place, a verdict) instead, and a look-up never filters.
Several processes on one folder corrupt each other's reads; so a folder is used under the memory's lock, and opened
again when another process has written it.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reelgraph.memory.embedders import Vectors
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest, TransientFailure

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

# Records in one call. Source: measured, the cost of a record is flat from 500 up; Chroma's own limit is 5461.
BATCH = 1000

# Clients opened by this process, by folder, with the revision they have seen: Chroma shares one engine for each folder
# of a process.
_CLIENTS: dict[tuple[int, str], tuple[int, "ClientAPI"]] = {}
_SERVERS: dict[tuple[int, str], "ClientAPI"] = {}
_GATE = threading.Lock()


class Index:
    """One building of the index: a set of collections that share a prefix.

    Args:
        place: The folder that holds it, or a server's URL such as `http://10.0.0.5:8000`.
        prefix: What the names of its collections begin with.
        about: Scalar metadata of every collection: the project and the identity of each embedder.
        revision: How often it has been written; another number than last time means that another process wrote it.
    """

    def __init__(self, place: Path | str, prefix: str, about: dict[str, str], revision: int) -> None:
        self.prefix = prefix
        self.about = about
        self.client = _serve(place) if isinstance(place, str) else _open(place, revision)
        self._collections: dict[str, Collection | None] = {}

    def put(self, name: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Insert or replace rows of one collection, which is made if it is not there.

        A row is an id and a vector. Words and metadata beside it would be read by nobody here, would more than double
        the time that writing takes, and would be one more thing that a server shows to whoever reaches it.
        """
        with _mapped():
            collection = self._collection(name, create=True)
            assert collection is not None
            for at in range(0, len(ids), BATCH):
                collection.upsert(ids=list(ids[at : at + BATCH]), embeddings=vectors[at : at + BATCH])

    def drop(self, name: str, ids: Sequence[str]) -> None:
        """Remove rows of one collection; those that are not there are no fault."""
        with _mapped():
            collection = self._collection(name)
            if collection is not None:
                for at in range(0, len(ids), BATCH):
                    collection.delete(ids=list(ids[at : at + BATCH]))

    def nearest(self, name: str, vectors: Vectors, k: int) -> list[list[tuple[str, float]]]:
        """Find the `k` rows nearest to each vector, in one call: `(id, cosine)`, nearest first, equal ones by id."""
        with _mapped():
            collection = self._collection(name)
            if collection is None or not len(vectors):
                return [[] for _ in vectors]
            # The search is approximate: asking for twice as many makes the first `k` those of an exact one.
            found = collection.query(query_embeddings=vectors, n_results=2 * k, include=["distances"])
        rows = zip(found["ids"], found["distances"] or [], strict=True)
        # Chroma's cosine distance is 1 - cosine; its last digits depend on the order in which rows were added.
        return [
            sorted(
                ((i, round(1.0 - d, 5)) for i, d in zip(ids, distances, strict=True)), key=lambda hit: (-hit[1], hit[0])
            )[:k]
            for ids, distances in rows
        ]

    def count(self, name: str) -> int:
        """Count the rows of one collection."""
        with _mapped():
            collection = self._collection(name)
            return collection.count() if collection is not None else 0

    def remove(self) -> None:
        """Delete all collections of this building; for a server, whose storage is not ours to delete."""
        with _mapped():
            for collection in self.client.list_collections():
                if collection.name.startswith(self.prefix):
                    self.client.delete_collection(collection.name)
            self._collections.clear()

    def _collection(self, name: str, create: bool = False) -> "Collection | None":
        from chromadb.errors import NotFoundError

        if self._collections.get(name) is None and (create or name not in self._collections):
            full = f"{self.prefix}{name}"
            if create:
                found = self.client.get_or_create_collection(
                    full, embedding_function=None, metadata=self.about, configuration={"hnsw": {"space": "cosine"}}
                )
            else:
                try:
                    found = self.client.get_collection(full, embedding_function=None)
                except NotFoundError:
                    self._collections[name] = None
                    return None
            for key, ours in self.about.items():
                theirs = (found.metadata or {}).get(key)
                if theirs != ours:
                    raise changed_embedder(key, str(theirs), ours)
            self._collections[name] = found
        return self._collections[name]


def changed_embedder(kind: str, theirs: str, ours: str) -> InvalidRequest:
    """Say that an index was filled by another embedder than the one in use, and what to do."""
    return InvalidRequest(
        f"memory was written with the {kind} embedder {theirs}, and the settings name {ours}: put the old one back, "
        "or run `reelgraph memory rebuild`"
    )


def close(folder: Path) -> None:
    """Close this process's client of a folder, so that the folder can be deleted."""
    with _GATE:
        _, client = _CLIENTS.pop((os.getpid(), str(folder)), (0, None))
    if client is not None:
        client.close()  # type: ignore[attr-defined]  # ClientAPI does not declare what every client has


def wrote(folder: Path, revision: int) -> None:
    """Note that this process's client of a folder has itself made a revision, and so has seen it."""
    with _GATE:
        key = (os.getpid(), str(folder))
        if key in _CLIENTS:
            _CLIENTS[key] = (revision, _CLIENTS[key][1])


def _open(folder: Path, revision: int) -> "ClientAPI":
    import chromadb
    from chromadb.config import Settings

    key = (os.getpid(), str(folder))
    with _GATE:
        seen, client = _CLIENTS.get(key, (-1, None))
    if client is not None and seen == revision:
        return client
    close(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _mapped():
        client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    with _GATE:
        _CLIENTS[key] = (revision, client)
    return client


def _serve(url: str) -> "ClientAPI":
    import chromadb
    from chromadb.config import Settings
    from httpx import URL, InvalidURL

    try:
        at = URL(url)
    except InvalidURL as error:
        raise InvalidRequest(f"memory server {url!r} is not a URL: write one such as http://10.0.0.5:8000") from error
    if at.scheme not in ("http", "https") or not at.host:
        raise InvalidRequest(f"memory server {url!r} is not a URL: write one such as http://10.0.0.5:8000")
    key = (os.getpid(), url)
    with _GATE, _mapped():
        if key not in _SERVERS:
            _SERVERS[key] = chromadb.HttpClient(
                host=at.host,
                port=at.port or (443 if at.scheme == "https" else 80),
                ssl=at.scheme == "https",
                settings=Settings(anonymized_telemetry=False),
            )
        return _SERVERS[key]


@contextmanager
def _mapped() -> Iterator[None]:
    """Turn Chroma's errors into ours."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except httpx.TransportError as error:
        raise _silent_server(error) from error
    except ChromaError as error:
        raise CorruptProject(f"memory's index is broken ({_short(error)}): run `reelgraph memory rebuild`") from error
    except ValueError as error:
        if "connect" not in str(error).lower():
            raise
        raise _silent_server(error) from error  # so says Chroma's client when a server is not there at its start


def _silent_server(error: Exception) -> TransientFailure:
    return TransientFailure(
        f"the memory server does not answer ({_short(error)}): start it, or take it out of the settings"
    )


def _short(error: Any) -> str:
    return " ".join(str(error).split())[:160]
