"""Frames to a take's file, beside PyAV on frames that are yuv420p already: what our way costs over x264 alone.

python benchmarks/encode.py [--json] [--quick] [--rounds N] [--work FOLDER]
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from goals import report

RATE = Fraction(16)
SIZES = {"480p": (81, 480, 832), "704p": (121, 704, 1216)}
QUICK_SIZES = {"360p": (49, 360, 640)}
GOALS: dict[str, tuple[str, float]] = {"encode_over_floor": ("<=", 1.1), "bytes_the_same": (">=", 1)}


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a smaller size of the same work")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, help="keep inputs and files here")
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "SIZE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    sizes = QUICK_SIZES if arguments.quick else SIZES
    folder = arguments.work or Path(tempfile.mkdtemp(prefix="encode-"))
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.one:
        print(json.dumps(measured(*arguments.one, folder, sizes)))
        return 0
    rounds = 2 if arguments.quick else arguments.rounds
    figures: dict[str, float] = {}
    walls, cpus, extras = [], [], []
    for size in sizes:
        runs: dict[str, list[dict[str, float]]] = {"ours": [], "floor": []}
        for number in range(rounds):
            for name in list(runs)[:: 1 if number % 2 == 0 else -1]:
                call = [sys.executable, __file__, *(["--quick"] if arguments.quick else []), "--work", str(folder)]
                said = subprocess.run([*call, "--one", name, size], capture_output=True, text=True, check=True).stdout
                runs[name].append(json.loads(said.splitlines()[-1]))
        pairs = list(zip(runs["ours"], runs["floor"], strict=True))
        for measure, into in (("wall", walls), ("cpu", cpus), ("extra", extras)):
            into.append(statistics.median(a[measure] / b[measure] for a, b in pairs))
            figures[f"{size}_{measure}_over_floor"] = into[-1]
        figures[f"{size}_wall_s"] = statistics.median(a["wall"] for a in runs["ours"])
        figures[f"{size}_cpu_s"] = statistics.median(a["cpu"] for a in runs["ours"])
        hashes = {a["bytes"] for a in runs["ours"]}
        figures["bytes_the_same"] = min(figures.get("bytes_the_same", 1), float(len(hashes) == 1))
    figures |= {
        "encode_over_floor": max(walls),
        "encode_cpu_over_floor": max(cpus),
        "encode_extra_memory_over_floor": max(extras),
    }
    if arguments.work is None:
        shutil.rmtree(folder)
    return report("encode", figures, GOALS, arguments.json)


def measured(name: str, size: str, folder: Path, sizes: dict[str, tuple[int, int, int]]) -> dict[str, float]:
    """Encode once, in this process: seconds, CPU seconds, and memory above what was there before, in bytes."""
    import av

    from reelgraph.video_tools.editing.media import encode_picture
    from reelgraph.video_tools.editing.profile import DEFAULT, encode_segment

    frames = clip(*sizes[size])
    out = folder / f"{name}.mp4"
    ready = []
    if name == "floor":
        for frame in frames:
            given = av.VideoFrame.from_ndarray(frame, format="rgb24")
            ready.append(given.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1))
    base, peak, done = _resident(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            peak[0] = max(peak[0], _resident() - base)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    if name == "ours":
        encode_picture(iter(frames), out, rate=RATE)
    else:
        encode_segment(ready, out, RATE, DEFAULT)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    done.set()
    watcher.join()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": cpu, "extra": max(1, peak[0]), "bytes": out.stat().st_size}


def clip(count: int, height: int, width: int) -> np.ndarray:
    """Draw a pan over a texture with grain: `(frames, height, width, 3) uint8 RGB`."""
    from material import Scale, pictures

    seconds = -(-count // 24)
    drawn = pictures(0, Scale(1, seconds, width, height))
    return np.stack([next(drawn) for _ in range(count)])


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main())
