"""A job that a server lost may have been paid for: it is sent again only where that was allowed, and once at most."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from videos_server import VideosServer, serving

from reelgraph.cli import main
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.backends.base import Call, Failed, Made, OnEvent, Submitted
from reelgraph.video_tools.backends.remote import Remote
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.registry import names
from reelgraph.video_tools.studio import Studio

BRIEF = "shots: [{prompt: a fox runs, seconds: 1}]"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[VideosServer]:
    with serving(VideosServer(tmp_path)) as running:
        yield running


class Restarted(Remote):
    """Talks to a server that restarts, and forgets, right after it accepts a job, so many times."""

    server: VideosServer
    restarts = 10**6

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        def heard(event: Any) -> None:
            on_event(event)
            if isinstance(event, Submitted) and self.restarts:
                self.restarts -= 1
                self.server.restart()

        return super().generate(calls, heard)


def make(server: VideosServer, root: Path, *, restarts: int = 10**6, **settings: Any) -> dict[str, Any]:
    backend = Restarted(
        {"base_urls": [server.url], "poll_seconds": 0.005, "grace": 0, "lost_after": 0.05, "price_per_second": 0.5}
    )
    backend.server, backend.restarts = server, restarts
    off = {name: {"on": False} for name in names("reelgraph.checks")}
    project = Project.open(root, size=(128, 72), rate="8", memory=False, rounds=3, checks=off, **settings)
    return run_film(FilmContext(Studio(project, backend=backend)), BRIEF, film="f")


def test_lost_job_is_not_bought_again_in_any_round(server: VideosServer, tmp_path: Path) -> None:
    made = make(server, tmp_path / "p")
    assert (len(server.accepted), made["rounds"], made["approved"]) == (1, 3, False)
    said = made["failures"]["s01-01"]
    assert said.startswith("s01-01: the server lost job video_1, which may have cost 0.5, so it was not sent again; ")
    assert "`reelgraph resume --film f --resend s01-01` sends it once more" in said and "resubmit_lost = 1" in said
    ledger = Project.open(tmp_path / "p").ledger
    assert [a.state for a in ledger.attempts()] == ["lost"]
    make(server, tmp_path / "p")
    assert len(server.accepted) == 1, "nor by another process"


def test_lost_job_is_sent_again_once_where_the_settings_allow_it(server: VideosServer, tmp_path: Path) -> None:
    make(server, tmp_path / "p", resubmit_lost=1)
    assert len(server.accepted) == 2
    ledger = Project.open(tmp_path / "p").ledger
    assert [a.state for a in ledger.attempts()] == ["lost", "lost"]
    assert len({a.key for a in ledger.attempts()}) == 1, "under the same take"


def test_person_lets_a_lost_job_be_sent_again(
    server: VideosServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "p"
    make(server, root)
    assert Project.open(root).ledger.give_up("f", "s01-01") == 1
    made = make(server, root, restarts=0)
    assert (len(server.accepted), made["approved"], made["takes"]["generated"]) == (2, True, 1)
    assert main(["resume", "-p", str(root), "--resend", "s01-01"]) == 2
    assert "no call of unknown outcome or lost job" in capsys.readouterr().err
