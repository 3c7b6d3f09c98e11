"""Killed anywhere between intent and download, a paid call is adopted or reported, and never bought twice."""

import json
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import published, run
from videos_server import VideosServer, serving

from reelgraph.video_tools.project import Project
from reelgraph.video_tools.registry import names

SHOTS = ["a fox runs", "a hare hides", "an owl lands"]
BRIEF = "shots:\n" + "".join(f"- {{prompt: {words}, seconds: 1}}\n" for words in SHOTS)


@pytest.fixture
def brief(tmp_path: Path) -> Path:
    path = tmp_path / "brief.yaml"
    path.write_text(BRIEF)
    return path


@pytest.fixture(params=[True, False], ids=["server-repeats-our-name", "server-says-nothing"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VideosServer]:
    with serving(VideosServer(tmp_path, looks=2, repeats_user=request.param)) as running:
        yield running


def project_for(server: VideosServer, root: Path) -> Path:
    root.mkdir()
    (root / "reelgraph.toml").write_text(
        'backend = "remote"\nsize = [128, 72]\nrate = "8"\nrounds = 1\n'
        f'[backends.remote]\nbase_urls = ["{server.url}"]\npoll_seconds = 0.02\ngrace = 0.5\nprice_per_second = 0.5\n'
        # What the pictures look like is no matter here.
        + "".join(f"[checks.{name}]\non = false\n" for name in names("reelgraph.checks"))
    )
    return root


def bought(server: VideosServer) -> Counter[str]:
    return Counter(form["prompt"] for form in server.accepted)


def check_kills(server: VideosServer, brief: Path, tmp_path: Path, count: int) -> None:
    whole = run(project_for(server, tmp_path / "whole"), 0, "make", str(brief))
    assert whole.returncode == 0, whole.stderr
    assert list(bought(server).values()) == [1, 1, 1]
    operations = int(whole.stderr.split("OPERATIONS")[1])
    for point in sorted(random.Random(11).sample(range(operations // 4, operations), count)):
        server.accepted.clear()
        root = project_for(server, tmp_path / f"kill-{point}")
        killed = run(root, point, "make", str(brief))
        assert killed.returncode in (-signal.SIGKILL, 0), killed.stderr
        before = published(root)
        command = ["resume"] if Project.open(root).films() else ["make", str(brief)]
        again = run(root, 0, *command)
        result = json.loads(again.stdout)
        assert max(bought(server).values()) == 1, f"killed at {point}: bought twice"
        ledger = Project.open(root).ledger
        unknown = [a for a in ledger.attempts() if a.state == "ambiguous"]
        if server.repeats_user:
            assert unknown == [] and result["approved"], f"killed at {point}: {again.stderr}"
        for attempt in unknown:
            mend = f"`reelgraph resume -p {root} --film brief --resend {attempt.shot}`"
            assert mend in result["failures"][attempt.shot]
            again = run(root, 0, "resume", "--resend", attempt.shot)
        assert json.loads(again.stdout)["approved"], f"killed at {point}: {again.stderr}"
        after = published(root)
        assert {key: after[key] for key in before} == before
        assert ledger.spend("brief").money >= 0.5 * sum(bought(server).values())
        assert list(ledger.verify()) == []


def test_kill_between_any_two_steps_of_a_paid_call_never_buys_twice(
    server: VideosServer, brief: Path, tmp_path: Path
) -> None:
    check_kills(server, brief, tmp_path, 3)


@pytest.mark.slow
def test_many_kills_between_any_two_steps_of_a_paid_call_never_buy_twice(
    server: VideosServer, brief: Path, tmp_path: Path
) -> None:
    check_kills(server, brief, tmp_path, 60)


def test_lost_reply_stops_the_shot_and_not_the_film(server: VideosServer, brief: Path, tmp_path: Path) -> None:
    server.faults.drop_reply = 1
    root = project_for(server, tmp_path / "p")
    result = json.loads(run(root, 0, "make", str(brief)).stdout)
    assert max(bought(server).values()) == 1
    if server.repeats_user:
        result = json.loads(run(root, 0, "resume").stdout)
        assert result["approved"] and max(bought(server).values()) == 1
    else:
        [(shot, why)] = result["failures"].items()
        assert f"`reelgraph resume -p {root} --film brief --resend {shot}`" in why
        assert result["takes"]["generated"] == 2 and not result["approved"]
        stopped = json.loads(run(root, 0, "resume").stdout)
        assert list(stopped["failures"]) == [shot] and max(bought(server).values()) == 1
        assert json.loads(run(root, 0, "resume", "--resend", shot).stdout)["approved"]
        assert sorted(bought(server).values()) == [1, 1, 2], "sent again only because a person said so"
