"""Servers that send a byte now and then: nothing is waited for without end, and a stop is heard meanwhile."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from remote_calls import error_of, request, run
from videos_server import Handler, VideosServer, serving

from reelgraph.video_tools.backends import line
from reelgraph.video_tools.backends.base import Event, Progress
from reelgraph.video_tools.backends.dialect import Unreadable
from reelgraph.video_tools.backends.line import Line
from reelgraph.video_tools.backends.remote import Remote
from reelgraph.video_tools.backends.remote_settings import VideosV1Settings
from reelgraph.video_tools.backends.replies import write_file
from reelgraph.video_tools.backends.videos_v1 import VideosV1
from reelgraph.video_tools.errors import Cancelled, OutcomeUnknown
from reelgraph.video_tools.film import Shot
from reelgraph.video_tools.generation import Unmade, Wanted, shoot
from reelgraph.video_tools.ledger import Ledger

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"


@dataclass
class DrippingServer(VideosServer):
    """A server that answers one thing by drips.

    Attributes:
        drips: The method, and how the path ends.
        first: What it sends at once.
        piece: What it sends then, again and again.
        pieces: How often.
        ended: Set when the test is over.
    """

    drips: tuple[str, str] = ("", "")
    first: bytes = HEAD
    piece: bytes = b" "
    pieces: int = 10**6
    ended: threading.Event = field(default_factory=threading.Event)


class Dripping(Handler):
    state: DrippingServer

    def parse_request(self) -> bool:
        parsed, server = super().parse_request(), self.state
        method, ends = server.drips
        if not (parsed and self.command == method and self.path.endswith(ends)):
            return parsed
        self.admitted()
        try:
            self.connection.sendall(server.first)
            for _ in range(server.pieces):
                if server.ended.wait(0.01):
                    break
                self.connection.sendall(server.piece)
        except OSError:
            pass
        self.close_connection = True
        return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DrippingServer]:
    with serving(DrippingServer(tmp_path), Dripping) as running:
        yield running
        running.ended.set()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


def remote(server: VideosServer, **changes: Any) -> Remote:
    settings = {"base_urls": [server.url], "poll_seconds": 0.005, "price_per_second": 0.5}
    return Remote(settings | changes)


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\nServer: ", HEAD], ids=["headers", "body"])
def test_submission_that_is_answered_by_drips_is_unknown(
    server: DrippingServer, first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "SLOW", 0.5)
    monkeypatch.setattr("reelgraph.video_tools.backends.remote.LEAST", 0.05)
    server.drips, server.first = ("POST", "/v1/videos"), first
    error = error_of(remote(server, lost_after=0.05))
    assert isinstance(error, OutcomeUnknown) and "it did not come in 0.5 s" in str(error)
    assert len(server.requests) == 1, "it was not asked again"


def test_answer_is_waited_for_longer_by_what_has_to_go_up_first(
    server: DrippingServer, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "SLOW", 0.1)
    asked = Line(client, within=0.05)
    for sent, seconds in ((b"{}", 0.1), (b"x" * 9_999, 0.1), (b"x" * 250_000, 25.1)):
        server.drips = ("POST", "/v1/videos")
        with asked.open_submission(f"{server.url}/videos", content=sent) as reading:
            assert reading.seconds == seconds


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\nServer: ", HEAD], ids=["headers", "body"])
def test_look_that_is_answered_by_drips_is_no_answer(
    server: DrippingServer, client: httpx.Client, first: bytes
) -> None:
    server.drips, server.first = ("GET", "video_1"), first
    asked = VideosV1(Line(client, within=0.05), server.url, VideosV1Settings())
    with pytest.raises(Unreadable, match=r"it did not come in 0\.05 s"):
        asked.look_up("video_1")


def test_job_whose_server_drips_is_given_up_after_lost_after(
    server: DrippingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelgraph.video_tools.backends.remote.LEAST", 0.05)
    server.drips = ("GET", "video_1")
    error = error_of(remote(server, lost_after=0.05))
    assert isinstance(error, OutcomeUnknown) and "was not heard of" in str(error) and "resume" in str(error)
    assert len(server.accepted) == 1


def test_file_that_comes_by_drips_is_broken_off(server: DrippingServer, client: httpx.Client, tmp_path: Path) -> None:
    server.drips = ("GET", "film")
    with pytest.raises(Unreadable, match=r"broke off: less than 100 bytes of it came in 0\.1 s"):
        write_file(Line(client, within=0.1), f"{server.url}/film", tmp_path / "f", most_bytes=10**6, headers={})


def test_file_that_comes_on_slowly_is_waited_for(server: DrippingServer, client: httpx.Client, tmp_path: Path) -> None:
    server.drips, server.piece, server.pieces = ("GET", "film"), b"x" * 500, 60
    server.first = HEAD.replace(b"1000000", b"30000")
    write_file(Line(client, within=1.5), f"{server.url}/film", tmp_path / "f", most_bytes=10**6, headers={})
    assert (tmp_path / "f").read_bytes() == b"x" * 30_000


@pytest.mark.parametrize("what", ["video_1", "content"])
def test_stop_is_heard_while_an_answer_drips(
    server: DrippingServer, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TELL_EACH", 0.01)
    server.drips = ("GET", what)

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and any(path.endswith(what) for _, path, _ in server.requests):
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        run(remote(server), on_event=stop)
    assert server.deleted == (["video_1"] if what == "video_1" else []), "what is done stays to be fetched"


def test_submission_under_way_when_it_is_stopped_is_unknown_and_no_other_is_sent(
    server: DrippingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TELL_EACH", 0.01)
    monkeypatch.setattr("reelgraph.video_tools.backends.remote.LEAST", 0.05)
    server.drips = ("POST", "/v1/videos")
    ledger = Ledger(tmp_path / "p")
    wave = [Wanted(Shot(id=f"s01-0{n}", prompt="a fox", seconds=1), request(seed=n)) for n in (1, 2)]
    results: list[Any] = []

    def stop(event: Event) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        for result in shoot(ledger, remote(server, jobs=2, lost_after=0.05), wave, film="f", on_event=stop):
            results.append(result)
    (unmade,) = results
    assert isinstance(unmade, Unmade) and isinstance(unmade.error, OutcomeUnknown)
    assert "it was stopped, and did not come in 0.05 s more" in str(unmade.error)
    assert [method for method, _, _ in server.requests] == ["POST"]
    assert sorted((a.state, a.spent.money) for a in ledger.attempts()) == [("ambiguous", 0.5), ("failed", 0.0)]
    assert (ledger.spend("f").calls, ledger.spend("f").money) == (1, 0.5)
