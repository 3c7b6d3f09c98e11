"""Contenders run in alternation, each as a process of its own: wall time, CPU of the process tree, peak memory."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One run: seconds, CPU seconds of the tree, and peak memory in bytes (PSS, so that shared pages count once)."""

    wall: float
    cpu: float
    peak: int


def run(argv: Sequence[str], env: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end.

    Raises:
        SystemExit: It failed; its output is shown.
    """
    begun = time.perf_counter()
    compiled = {"PYTHONDONTWRITEBYTECODE": ""}  # modules are compiled once, as those of an installed program are
    process = subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **compiled, **(env or {})}
    )
    peak, done = [0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, done), daemon=True)
    watcher.start()
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    done.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, argv))} failed:\n{said.decode(errors='replace')[-4000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, peak[0])


class Rounds:
    """Rounds of a contest: in each, every contender that took part ran once.

    Args:
        path: Where rounds are kept, so that a long contest can be run in pieces; those there are counted. None keeps
            none.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.rounds: list[dict[str, Run]] = []
        if path is not None and path.exists():
            self.rounds = [{name: Run(*of) for name, of in kept.items()} for kept in json.loads(path.read_text())]

    def add(self, contenders: Mapping[str, Sequence[str]], rounds: int) -> None:
        """Run contenders in turn, forwards and backwards."""
        for _ in range(rounds):
            this: dict[str, Run] = {}
            for name in list(contenders)[:: 1 if len(self.rounds) % 2 == 0 else -1]:
                this[name] = run(contenders[name])
                print(f"{name}: {this[name].wall:.2f} s, {this[name].cpu:.2f} CPU s", file=sys.stderr, flush=True)
            self.rounds.append(this)
            if self._path is not None:
                self._path.write_text(json.dumps([{n: astuple(r) for n, r in one.items()} for one in self.rounds]))

    def of(self, name: str) -> list[Run]:
        """Return a contender's runs."""
        return [one[name] for one in self.rounds if name in one]

    def ratio(self, one: str, other: str, measure: str = "cpu") -> float | None:
        """Return the median of one contender's measure over another's in the same round; None if they never met."""
        met = [getattr(r[one], measure) / getattr(r[other], measure) for r in self.rounds if one in r and other in r]
        return statistics.median(met) if met else None

    def medians(self) -> dict[str, float]:
        """Return the median seconds, CPU seconds and peak memory of every contender, as figures."""
        names = dict.fromkeys(name for one in self.rounds for name in one)
        return {
            f"{name}_{key}": statistics.median(getattr(r, measure) for r in self.of(name)) / unit
            for measure, key, unit in (("cpu", "cpu_s", 1), ("wall", "wall_s", 1), ("peak", "peak_mib", 2**20))
            for name in names
        }


def alternate(contenders: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Run]]:
    """Run contenders in turn, forwards and backwards, and collect their runs."""
    contest = Rounds()
    contest.add(contenders, rounds)
    return {name: contest.of(name) for name in contenders}


def moviepy_python() -> str:
    """Return a Python that has MoviePy: this one, or the one that REELGRAPH_MOVIEPY_PYTHON names.

    MoviePy pins an old Pillow, so it usually lives in an environment of its own.
    """
    named = os.environ.get("REELGRAPH_MOVIEPY_PYTHON", sys.executable)
    if subprocess.run([named, "-c", "import moviepy"], capture_output=True).returncode:
        raise SystemExit(
            "MoviePy is what this compares with: make an environment with `pip install moviepy opencv-python-headless`"
            " and name its Python in REELGRAPH_MOVIEPY_PYTHON"
        )
    return named


def _watch(pid: int, peak: list[int], done: threading.Event) -> None:
    while not done.wait(0.05):
        peak[0] = max(peak[0], sum(_pss(p) for p in _tree(pid)))


def _tree(pid: int) -> list[int]:
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0
