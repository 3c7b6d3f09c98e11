"""What every check that needs no model costs on an 81-frame 480x832 clip, against decoding it and against other routes.

    python benchmarks/critic_speed.py [--json] [--quick]

All routes see the same file and alternate in one run; medians of the CPU of the whole process tree, and of wall time
beside it. The plain route is three programs, as one would write them at first, each with a pass of its own: numpy
measures of RGB frames and SSIM at full size, Farneback flow at half size. The filter route is ffmpeg's blackdetect,
freezedetect, signalstats, blurdetect and scdet in one chain. Both measure less than the checks do. Against these two
the ratio is of wall time, as a person waits; `_cpu` is the same of CPU.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import imageio_ffmpeg
import numpy as np
from goals import report

from reelgraph.video_tools.checks.take import check_file, check_take
from reelgraph.video_tools.editing.media import encode_picture
from reelgraph.video_tools.film import TakeRequest

FRAMES, HEIGHT, WIDTH, RATE = 81, 480, 832, Fraction(16)
GOALS: dict[str, tuple[str, float]] = {
    "file_cpu_over_decode": ("<=", 1.5),
    "memory_cpu_over_decode": ("<=", 0.5),
    "x_plain_route": (">=", 10),
    "x_ffmpeg_filters": (">=", 4),
}
FILTERS = "blackdetect,freezedetect,signalstats,blurdetect,scdet,metadata=print:file=/dev/null"


def main() -> int:
    """Run all routes in turn and print the ratios; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="two rounds instead of seven")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    frames = clip()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        encode_picture(frames, path, rate=RATE)
        size = {"width": WIDTH, "height": HEIGHT, "frames": FRAMES}
        request = TakeRequest(backend="bench", prompt="a pan", rate=RATE, **size)
        routes: dict[str, Callable[[], object]] = {
            "decode": lambda: decode(path),
            "file": lambda: check_file(path),
            "memory": lambda: check_take(frames, request),
            "plain": lambda: plain(path),
            "filters": lambda: filters(path),
        }
        cpu_spent: dict[str, list[float]] = {name: [] for name in routes}
        wall_spent: dict[str, list[float]] = {name: [] for name in routes}
        for turn in range(3 if options.quick else 8):
            for name, route in routes.items():
                before, began = cpu(), time.perf_counter()
                route()
                if turn:  # the first one warms up
                    cpu_spent[name].append(cpu() - before)
                    wall_spent[name].append(time.perf_counter() - began)
    median = {name: statistics.median(values) for name, values in cpu_spent.items()}
    wall = {name: statistics.median(values) for name, values in wall_spent.items()}
    figures = {
        "file_cpu_over_decode": median["file"] / median["decode"],
        "memory_cpu_over_decode": median["memory"] / median["decode"],
        "x_plain_route": wall["plain"] / wall["file"],
        "x_plain_route_cpu": median["plain"] / median["file"],
        "x_ffmpeg_filters": wall["filters"] / wall["file"],
        "x_ffmpeg_filters_cpu": median["filters"] / median["file"],
        "file_wall_over_decode": wall["file"] / wall["decode"],
        **{f"{name}_cpu_ms": 1000 * value for name, value in median.items()},
        **{f"{name}_wall_ms": 1000 * value for name, value in wall.items()},
    }
    return report("critic_speed", figures, GOALS, options.json)


def clip() -> list[np.ndarray]:
    """Pan over clouds of many octaves with grain, and let a disc cross them."""
    random = np.random.default_rng(0)
    world = np.zeros((HEIGHT, WIDTH + 4 * FRAMES, 3), np.float32)
    for octave in range(1, 8):
        grid = random.normal(size=(2**octave + 1, 2 ** (octave + 1) + 1, 3)).astype(np.float32)
        world += cv2.resize(grid, world.shape[1::-1], interpolation=cv2.INTER_CUBIC) / 1.5**octave
    world = 30 + 190 * (world - world.min()) / (world.max() - world.min())
    frames = []
    for number in range(FRAMES):
        picture = world[:, 4 * number : 4 * number + WIDTH] + random.normal(scale=2, size=(HEIGHT, WIDTH, 1))
        picture = np.ascontiguousarray(np.clip(picture, 0, 255).astype(np.uint8))
        cv2.circle(picture, (100 + 7 * number, 240), 60, (230, 60, 40), -1, cv2.LINE_AA)
        frames.append(picture)
    return frames


def decode(path: Path) -> int:
    """Decode the file and nothing else."""
    return sum(1 for _ in opened(path))


def plain(path: Path) -> None:
    """Measure as one would at first: one program for each thing to know."""
    levels(path)
    for a, b in pairs(path):
        likeness(a.astype(np.float32), b.astype(np.float32))
    for a, b in pairs(path):
        halves = [cv2.resize(g, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA) for g in (a, b)]
        cv2.calcOpticalFlowFarneback(*halves, None, 0.5, 3, 15, 3, 5, 1.2, 0)


def levels(path: Path) -> list[tuple[float, ...]]:
    """Measure light, sharpness and change with numpy, on RGB frames."""
    before, measured = None, []
    for frame in opened(path):
        grey = frame.to_ndarray(format="rgb24") @ np.float32([0.299, 0.587, 0.114])
        edges = -4 * grey[1:-1, 1:-1] + grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
        row = [float((grey < 16).mean()), float(grey.mean()), float((grey > 235).mean()), float(edges.var())]
        row += [float(p) for p in np.percentile(grey, (1, 99))]
        row += [0.0 if before is None else float(np.abs(grey - before).mean())]
        before = grey
        measured.append(tuple(row))
    return measured


def pairs(path: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give the luma of each two neighbouring frames."""
    before = None
    for frame in opened(path):
        plane = frame.planes[0]
        luma = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].copy()
        if before is not None:
            yield before, luma
        before = luma


def opened(path: Path) -> Iterator[av.VideoFrame]:
    """Decode the file on all cores."""
    with av.open(str(path)) as media:
        stream = media.streams.video[0]
        stream.thread_type = "AUTO"
        yield from media.decode(stream)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Return the mean structural similarity of two float32 pictures over 7x7 boxes.

    Source: Z. Wang et al., "Image quality assessment: from error visibility to structural similarity" (2004).
    """

    def box(x: np.ndarray) -> np.ndarray:
        return cv2.blur(x, (7, 7))

    ma, mb = box(a), box(b)
    va, vb, vab = box(a * a) - ma * ma, box(b * b) - mb * mb, box(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float((((2 * ma * mb + c1) * (2 * vab + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean())


def filters(path: Path) -> None:
    """Let ffmpeg's own filters measure."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-vf", FILTERS, "-f", "null", "-"]
    subprocess.run(command, check=True, capture_output=True)


def cpu() -> float:
    """Return the CPU seconds of this process and its children so far."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    sys.exit(main())
