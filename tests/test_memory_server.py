"""Memory on a real Chroma server, started on loopback."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from remembered import colour_of, memory_in, record, shots
from test_memory_processes import TAKE_TURNS, go, start
from test_memory_shots import TOLD, Renamed

from reelgraph.memory.lookups import Lookup
from reelgraph.video_tools.errors import InvalidRequest, TransientFailure


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            Path(sys.executable).parent / "chroma",
            *("run", "--host", "127.0.0.1", "--port", str(port), "--path", str(tmp_path_factory.mktemp("server"))),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            if httpx.get(f"{address}/api/v2/heartbeat").is_success:
                break
        except httpx.TransportError:
            time.sleep(0.1)  # nothing tells when a server listens but asking it
    yield address
    server.terminate()
    server.wait()


def collections(url: str) -> list[str]:
    import chromadb

    at = httpx.URL(url)
    return sorted(c.name for c in chromadb.HttpClient(host=at.host, port=at.port or 80).list_collections())


def test_server_gives_the_answers_that_the_folder_gives(url: str, tmp_path: Path) -> None:
    asked = ["boat in a storm", Lookup("lamp", character="mara"), Lookup("x", place="sea"), Lookup("x", character="no")]
    answers = []
    for folder, address in ((tmp_path / "a", ""), (tmp_path / "b", url)):
        memory = memory_in(folder, url=address, keyframe=colour_of)
        memory.remember([*TOLD, record(7, "a mistake", "mara")])
        memory.forget([record(7, "x").id])
        memory.remember([TOLD[0]])
        assert memory.check() == []
        answers.append((memory.recall(asked), memory.look_alikes([colour_of(TOLD[1].take)])))
        memory.rebuild()
        answers.append((memory.recall(asked), memory.look_alikes([colour_of(TOLD[1].take)])))
    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert not list((tmp_path / "b").glob("index-*/chroma.sqlite3"))


def test_projects_on_one_server_are_apart_and_rebuilding_leaves_nothing_behind(url: str, tmp_path: Path) -> None:
    before = collections(url)
    one, other = memory_in(tmp_path / "one", url=url), memory_in(tmp_path / "other", url=url)
    one.remember(TOLD[:1])
    other.remember(TOLD[1:2])
    assert shots(one.recall(["stairs or boat"])) == [["s01-01"]]
    assert shots(other.recall(["stairs or boat"])) == [["s01-02"]]
    made = len(collections(url))
    other.rebuild()
    assert len(collections(url)) == made == len(before) + 6


def test_another_embedder_is_refused_on_a_server_too(url: str, tmp_path: Path) -> None:
    memory_in(tmp_path, url=url).remember(TOLD)
    with pytest.raises(InvalidRequest, match="reelgraph memory rebuild"):
        memory_in(tmp_path, url=url, text=Renamed()).recall(["boat"])


def test_two_processes_share_a_server(url: str, tmp_path: Path) -> None:
    code = TAKE_TURNS.replace("keyframe=colour_of)", f"keyframe=colour_of, url={url!r})")
    pair = [start(code, tmp_path, 6, film) for film in ("first", "second")]
    go(*pair)
    results = [process.communicate(timeout=300) for process in pair]
    assert [process.returncode for process in pair] == [0, 0], results
    assert memory_in(tmp_path, url=url).check() == []


def test_server_that_does_not_answer_is_a_failure_that_may_pass(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    memory = memory_in(tmp_path, url=f"http://127.0.0.1:{port}")
    with pytest.raises(TransientFailure, match="the memory server does not answer"):
        memory.remember(TOLD)
    assert memory.count() == 0


@pytest.mark.parametrize("wrong", ["ftp://host:1", "localhost", "http://", "http://[::1"])
def test_server_address_that_is_no_url_is_refused(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="not a URL: write one such as"):
        memory_in(tmp_path, url=wrong).remember(TOLD)
