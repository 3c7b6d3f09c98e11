"""What nobody foresaw still ends in one line, one object and a status of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reelgraph.cli import UNFORESEEN, main
from reelgraph.memory.lookups import collections_of
from reelgraph.memory.opening import open_memory
from reelgraph.video_tools.project import Project

SMALL = ["--size", "128x72", "--rate", "8"]
BRIEF = "shots: [{prompt: a ball rolls, seconds: 1}]"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    capsys.readouterr()
    status = main([*words, "--json"])
    out = capsys.readouterr()
    assert len(out.out.splitlines()) == 1, "stdout is exactly one JSON object"
    return status, json.loads(out.out), out.err


def broken(options: Any) -> Any:
    raise ZeroDivisionError("division\nby zero")


def test_unforeseen_error_is_one_line_one_object_and_status_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("reelgraph.commands.machine.doctor", broken)
    status, said, err = run(capsys, "doctor")
    assert (status, said) == (UNFORESEEN, {"error": "unforeseen ZeroDivisionError: division by zero; -v shows where"})
    assert err.splitlines() == ["reelgraph: unforeseen ZeroDivisionError: division by zero; -v shows where"]
    status, said, err = run(capsys, "doctor", "-v")
    assert status == 70 and "Traceback" in err and err.splitlines()[-1].endswith("division by zero")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shoot", "--bakend", "local"], "there is no --bakend: did you mean --backend?; see `reelgraph shoot --help`"),
        (["shoot", "now"], "now is not wanted there; see `reelgraph shoot --help`"),
        (["mke", "a cat"], "there is no command 'mke': did you mean make?; see `reelgraph --help`"),
        ([], "name a command; see `reelgraph --help`"),
        (["make"], "the following arguments are required: BRIEF; see `reelgraph make --help`"),
        (
            ["make", "a cat", "--rung", "best"],
            "there is no --rung 'best': there are still, draft, final; see `reelgraph make --help`",
        ),
        (["mcp", "--port", "many"], "argument --port: invalid int value: 'many'; see `reelgraph mcp --help`"),
    ],
)
def test_wrong_usage_is_one_line_and_an_object_too(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told, err = run(capsys, *words)
    assert (status, told, err) == (2, {"error": said}, f"reelgraph: {said}\n")


def test_shared_options_may_stand_before_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Project.open(tmp_path / "p")
    assert main(["-p", str(tmp_path / "p"), "--json", "status"]) == 0
    assert json.loads(capsys.readouterr().out)["project"] == str(tmp_path / "p")
    assert main(["-p", "elsewhere", "status", "-p", str(tmp_path / "p"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["project"] == str(tmp_path / "p")


@pytest.mark.parametrize(
    ("words", "status"),
    [(["status"], 0), (["status", "--json"], 0), (["diff"], 2), (["diff", "--json"], 2), (["edit", "[", "--json"], 2)],
)
def test_reader_who_has_seen_enough_ends_a_command_quietly(tmp_path: Path, words: list[str], status: int) -> None:
    Project.open(tmp_path / "p")
    reads, writes = os.pipe()
    os.close(reads)
    with open(writes, "wb") as gone:
        command = [sys.executable, "-m", "reelgraph.cli", *words, "-p", str(tmp_path / "p")]
        done = subprocess.run(command, stdout=gone, stderr=subprocess.PIPE, text=True)
    assert done.returncode == status and "Traceback" not in done.stderr and "ignored" not in done.stderr
    assert len(done.stderr.splitlines()) == (status != 0)


def test_junk_where_the_checkpoints_were_costs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.yaml").write_text(BRIEF)
    at = ["-p", str(tmp_path / "p")]
    assert run(capsys, "make", str(tmp_path / "f.yaml"), *at, *SMALL)[0] == 0
    checkpoints = tmp_path / "p" / "checkpoints.sqlite"
    for more in ("", "-wal", "-shm"):
        checkpoints.with_name(checkpoints.name + more).write_bytes(b"bitten by a rat" * 100)
    status, made, _ = run(capsys, "resume", *at)
    assert (status, made["takes"]) == (0, {"generated": 0, "reused": 1, "failed": 0})


def test_damaged_measures_of_a_take_are_named_and_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.yaml").write_text(BRIEF)
    at = ["-p", str(tmp_path / "p")]
    run(capsys, "make", str(tmp_path / "f.yaml"), *at, *SMALL)
    ledger = Project.open(tmp_path / "p").ledger
    [take] = ledger.takes()
    checks = ledger.folder(take.key) / "checks.json"
    checks.write_bytes(checks.read_bytes()[:50])
    status, said, _ = run(capsys, "takes", *at)
    assert status == 5 and str(checks) in said["error"] and "delete it, and the take is measured again" in said["error"]
    checks.unlink()
    assert run(capsys, "takes", *at)[0] == 0
    status, made, _ = run(capsys, "resume", *at)
    assert (status, made["approved"], made["takes"]["generated"]) == (0, True, 0)


def test_shoot_that_a_ceiling_allows_nothing_ends_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.yaml").write_text(BRIEF)
    at = ["-p", str(tmp_path / "p")]
    run(capsys, "plan", str(tmp_path / "f.yaml"), *at, *SMALL)
    status, said, _ = run(capsys, "shoot", *at, "--budget", "calls=0")
    assert (status, said["takes"], said["refused"]) == (4, {}, ["s01-01"])


def test_verify_proves_what_is_remembered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["-p", str(tmp_path / "p")]
    run(capsys, "make", "A dog runs over a meadow.", *at, *SMALL)
    memory = tmp_path / "p" / "memory"
    assert run(capsys, "verify", *at)[1]["problems"] == []
    (memory / "bible.json").write_text("{")
    known = open_memory(Project.open(tmp_path / "p"))
    (record,) = known.shots.records()
    with known.shots._inside() as inside:
        inside.index.drop(f"{collections_of(record)[0]}-text", [record.id])
    status, said, _ = run(capsys, "verify", *at)
    messages = [problem["message"] for problem in said["problems"]]
    assert status == 5 and len(messages) == 2
    assert "bible.json is not a readable" in messages[0]
    assert "index differs from its records in approved-all-text: run `reelgraph memory" in messages[1]
    with (memory / "records.jsonl").open("ab") as log:
        log.write(b"{}\n")
    assert "records.jsonl line 3 is damaged" in run(capsys, "verify", *at)[1]["problems"][-1]["message"]


def test_verify_reads_versions_and_renders_as_well_as_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.yaml").write_text(BRIEF)
    at = ["-p", str(tmp_path / "p")]
    run(capsys, "make", str(tmp_path / "f.yaml"), *at, *SMALL)
    film = Project.open(tmp_path / "p").film("f")
    status, said, _ = run(capsys, "verify", *at)
    assert (status, said["takes"], said["films"], said["problems"]) == (0, 1, 1, [])
    assert "inbox" in said["not_looked_at"]
    cut, review = film.folder / "cuts" / "0001.json", film.folder / "reviews" / "0001.json"
    whole = cut.read_text()
    cut.write_text(whole.replace('"number": 1', '"number": 7'))
    review.write_text("{")
    (film.folder / "briefs" / "0001.json").unlink()
    (film.deliver / "film.mp4").write_bytes(b"another film")
    again = f"`reelgraph cut -p {at[1]} --film f` renders it again"
    status, said, _ = run(capsys, "verify", *at)
    found = {Path(p["path"]).relative_to(film.folder).as_posix(): p["message"] for p in said["problems"]}
    assert status == 5 and found == {
        "cuts/0001.json": "was written over, and versions are never rewritten; bring it back from a copy",
        "reviews/0001.json": found["reviews/0001.json"],
        "briefs/0001.json": "is missing; bring it back from a copy",
        "deliver/film.mp4": f"is not what provenance.json speaks of; {again}",
    }
    assert "is not a readable review" in found["reviews/0001.json"]
