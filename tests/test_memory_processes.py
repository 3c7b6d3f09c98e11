"""Memory under several processes and under kill -9."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from remembered import memory_in, record

HERE = Path(__file__).parent

# Remembers shots one after the other, saying the number of each after it was acknowledged.
REMEMBER = """
import sys
from pathlib import Path
from remembered import memory_in, record, colour_of
folder, start, end, film = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
memory = memory_in(folder, keyframe=colour_of)
print("ready", flush=True)
sys.stdin.readline()
for n in range(start, end):
    memory.remember([record(n, f"{film} number{n} walks along pier{n}", f"who-{n % 3}", film=film, place="pier")])
    print(n, flush=True)
"""

# Remembers, recalls, finds what the other process just remembered; any error ends it with a traceback.
TAKE_TURNS = """
import sys
from pathlib import Path
from remembered import memory_in, record, colour_of
from reelgraph.memory.lookups import Lookup
folder, rounds, film = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
memory = memory_in(folder, keyframe=colour_of)
print("ready", flush=True)
sys.stdin.readline()
seen = 0
for n in range(rounds):
    mine = record(n, f"{film} number{n} walks along pier{n}", "mara", film=film, place="pier")
    memory.remember([mine])
    asked = [mine.text, Lookup("x", character="mara"), Lookup("x", place="pier")]
    by_words, by_character, by_place = memory.recall(asked, k=4)
    assert mine in [hit.record for hit in by_words], (n, by_words)
    assert by_character and by_place
    for hit in (*by_words, *by_character, *by_place):
        assert hit.record.prompt.endswith(f"pier{int(hit.record.shot[4:])}"), hit
    assert memory.look_alikes([colour_of(mine.take)], k=1)[0][0].record == mine
    for theirs in [other for other in memory.records() if other.film != film][-1:]:
        assert theirs in [hit.record for hit in memory.recall([theirs.text], k=8)[0]], (n, theirs)
    count = memory.count()
    assert count >= max(seen, n + 1), (count, seen, n)
    seen = count
print("done", seen, flush=True)
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=HERE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def test_kill_while_remembering_loses_nothing_acknowledged(tmp_path: Path, rounds: int = 4) -> None:
    dice, folder, told = random.Random(8), tmp_path / "memory", 0
    for _ in range(rounds):
        process = start(REMEMBER, folder, told, told + 90, "film")
        go(process)
        assert process.stdout is not None
        until = told + dice.randrange(3)
        acknowledged = told
        for line in process.stdout:
            acknowledged = int(line) + 1
            if acknowledged > until:
                break
        time.sleep(dice.random() * 0.06)  # anywhere inside a call: that is what is tried
        process.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) + 1 for line in process.stdout.read().split())])
        process.wait()
        memory = memory_in(folder)
        present = {r.shot for r in memory.records()}
        assert {f"s01-{n:02d}" for n in range(acknowledged)} <= present
        assert memory.check() == []
        last = record(
            acknowledged - 1, f"film number{acknowledged - 1} walks along pier{acknowledged - 1}", film="film"
        )
        assert memory.recall([last.text], k=1)[0][0].record.shot == last.shot
        assert len(present) <= acknowledged + 1
        told = len(present)


@pytest.mark.slow
def test_kill_while_remembering_loses_nothing_acknowledged_in_a_hundred_rounds(tmp_path: Path) -> None:
    test_kill_while_remembering_loses_nothing_acknowledged(tmp_path, 100)


def test_two_processes_at_once_each_see_whole_records(tmp_path: Path, rounds: int = 8) -> None:
    folder = tmp_path / "memory"
    pair = [start(TAKE_TURNS, folder, rounds, film) for film in ("first", "second")]
    go(*pair)
    results = [process.communicate(timeout=600) for process in pair]
    assert [process.returncode for process in pair] == [0, 0], results
    assert all(out.startswith("done") for out, _ in results)
    memory = memory_in(folder)
    assert memory.count() == 2 * rounds
    assert memory.check() == []
    before = memory.recall(["number3 walks", "second number5"], k=4)
    memory.rebuild()
    assert memory.recall(["number3 walks", "second number5"], k=4) == before


@pytest.mark.slow
def test_two_processes_at_once_for_a_hundred_rounds(tmp_path: Path) -> None:
    test_two_processes_at_once_each_see_whole_records(tmp_path, 100)


def test_rebuilding_while_another_process_remembers_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "memory"
    memory = memory_in(folder)
    memory.remember([record(n, f"old number{n}", "mara", film="old") for n in range(60)])
    process = start(REMEMBER, folder, 0, 12, "new")
    go(process)
    while process.poll() is None:
        memory.rebuild()
    assert process.returncode == 0, process.communicate()
    assert memory.count() == 72
    assert memory.check() == []
    assert memory_in(folder).recall(["new number7"], k=1)[0][0].record.shot == "s01-07"
    assert len(list(folder.glob("index-*"))) == 1
