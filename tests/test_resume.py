"""kill -9 at any moment: what was published stands, and `resume` finishes the film."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from killing import published, run

from reelgraph.video_tools.project import Project

BRIEF = (
    "shots: [{prompt: a ball rolls, seconds: 1}, {prompt: it stops, seconds: 1}, {prompt: night falls, seconds: 1}]\n"
)


def kill_points(count: int, tmp_path: Path) -> list[int]:
    whole = run(tmp_path / "whole", 0, "make", str(tmp_path / "brief.yaml"), "--size", "128x72", "--rate", "8")
    assert whole.returncode == 0, whole.stderr
    operations = int(whole.stderr.split("OPERATIONS")[1])
    assert operations > 100
    return sorted(random.Random(7).sample(range(1, operations + 1), count))


def check_every_kill(count: int, tmp_path: Path) -> None:
    (tmp_path / "brief.yaml").write_text(BRIEF)
    for point in kill_points(count, tmp_path):
        root = tmp_path / f"kill-{point}"
        words = ["make", str(tmp_path / "brief.yaml"), "--size", "128x72", "--rate", "8"]
        killed = run(root, point, *words)
        assert killed.returncode in (-signal.SIGKILL, 0), killed.stderr
        before = published(root) if (root / "reelgraph.toml").exists() else {}
        films = Project.open(root).films()
        again = run(root, 0, *(["resume"] if films else words))
        assert again.returncode == 0, f"killed at {point}: {again.stderr}"
        result = json.loads(again.stdout)
        assert result["approved"] and result["frames"] == 24
        after = published(root)
        assert {key: after[key] for key in before} == before, f"killed at {point}: a published take was made again"
        assert result["takes"]["generated"] == 3 - len(before)
        assert list(Project.open(root).ledger.verify()) == []
        assert not list(root.glob("**/.tmp-*")), f"killed at {point}: something half-written stayed"


def test_kill_at_any_file_operation_loses_and_repeats_nothing(tmp_path: Path) -> None:
    check_every_kill(5, tmp_path)


@pytest.mark.slow
def test_kill_at_very_many_file_operations(tmp_path: Path) -> None:
    check_every_kill(120, tmp_path)


def test_interrupt_ends_with_130_and_goes_on(tmp_path: Path) -> None:
    brief = tmp_path / "brief.yaml"
    brief.write_text(BRIEF.replace("seconds: 1", "seconds: 20"))
    words = ["-p", str(tmp_path / "p")]
    command = [sys.executable, "-m", "reelgraph.cli", "make", str(brief), *words, "--size", "320x180", "--rate", "24"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if line.startswith("storyboard"):
                child.send_signal(signal.SIGINT)
                break
        _, said = child.communicate()
    assert child.returncode == 130, said
    assert "reelgraph resume" in said and "Traceback" not in said
    again = subprocess.run(
        [sys.executable, "-m", "reelgraph.cli", "resume", *words, "--json", "-q"], capture_output=True, text=True
    )
    made = json.loads(again.stdout)
    assert made["approved"] and made["size"] == [320, 180], again.stderr


ENDLESS = """
import sys, threading
from reelgraph.cli import main
from reelgraph.video_tools.backends.animatic import Animatic

def loads_for_ever(self, calls, on_event):
    print("begun", file=sys.stderr, flush=True)
    threading.Event().wait()
    yield

Animatic.generate = loads_for_ever
sys.exit(main(sys.argv[1:]))
"""


def test_second_interrupt_ends_at_once_what_is_within_a_step(tmp_path: Path) -> None:
    (tmp_path / "brief.yaml").write_text(BRIEF)
    words = ["make", str(tmp_path / "brief.yaml"), "-p", str(tmp_path / "p"), "--size", "128x72", "--rate", "8"]
    command = [sys.executable, "-c", ENDLESS, *words, "--json", "-q"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        try:
            for awaited in ("begun", "stopping after this step"):
                assert any(line.startswith(awaited) for line in child.stderr)
                child.send_signal(signal.SIGINT)
            out, _ = child.communicate(timeout=20)
        finally:
            child.kill()
    assert (child.returncode, list(json.loads(out))) == (130, ["error"])
    assert f"reelgraph resume -p {tmp_path / 'p'}" in json.loads(out)["error"]
    again = run(tmp_path / "p", 0, "resume")
    assert json.loads(again.stdout)["takes"] == {"generated": 3, "reused": 0, "failed": 0}, again.stderr
    calls = [attempt.state for attempt in Project.open(tmp_path / "p").ledger.attempts()]
    assert calls.count("done") == 3 and set(calls) == {"done", "lost"}
