"""A whole film by the model that ships, over the script that one would write by hand; then one shot of it changed.

    python benchmarks/film.py [--json] [--quick] [--rounds N] [--work FOLDER] [--device cuda]

Twelve shots of two seconds behind a title card, half a second of crossfade at every joint, captions, delivered at
1280x720 and 24 frames a second. Ours is `run_film` with everything on: planner, ledger, checks, review, memory, report.
The script runs the same pipeline in a loop, exports clips with diffusers' `export_to_video`, and joins them with
MoviePy; changing a shot, it keeps the other clips as files. Both make every shot once. Loading the model is inside the
clocks of a first film, imports are outside; the cold times are those of the whole processes. `_cpu` is the same of CPU
seconds, which a busy machine leaves as they are. With --work, rounds are kept in the folder and counted, so that it can
be run in pieces.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from contest import moviepy_python
from goals import report

GOALS: dict[str, tuple[str, float]] = {"first_film_over_script": ("<=", 1.0), "revision_x_script": (">=", 20)}
MODEL = Path(__file__).parents[1] / "video_tools" / "models" / "shapes"
TITLE, RATE, FADE = "TWELVE SHAPES", 24, 12
PROMPTS = [
    f"a {colour} {thing} {motion} {place}"
    for colour, thing, motion, place in (
        ("red", "ball", "moves to the right", "in the sky"), ("blue", "box", "moves up", "over the sea"),
        ("green", "star", "spins", "in the desert"), ("yellow", "triangle", "moves to the left", "on grass"),
        ("purple", "ball", "falls down", "in the sky"), ("orange", "box", "stays still", "on grass"),
        ("blue", "star", "moves to the left", "in the desert"), ("red", "triangle", "grows", "over the sea"),
        ("green", "ball", "moves up", "in the sky"), ("yellow", "box", "moves to the right", "in the desert"),
        ("purple", "star", "stays still", "over the sea"), ("orange", "triangle", "falls down", "on grass"),
    )
]  # fmt: skip
CHANGED = ["a red star moves to the right on grass", "a blue ball moves up in the desert"]


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="three shots at 640x360")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--work", type=Path, help="keep films and rounds here")
    parser.add_argument("--device", default="cpu", help="where both sides generate, as torch names it")
    parser.add_argument("--one", nargs=4, metavar=("WHO", "WHAT", "FOLDER", "SITE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    size, shots = ((640, 360), 3) if arguments.quick else ((1280, 720), 12)
    if arguments.one:
        who, what, folder, site = arguments.one
        sys.path.append(site)  # behind our own packages: MoviePy comes from an environment that pins older ones
        {"ours": ours, "script": script}[who](what, Path(folder), size, shots, arguments.device)
        return 0
    work = arguments.work or Path(tempfile.mkdtemp(prefix="film-"))
    work.mkdir(parents=True, exist_ok=True)
    kept = work / "rounds.json"
    found: list[dict[str, dict[str, float]]] = json.loads(kept.read_text()) if kept.exists() else []
    site = subprocess.check_output(
        [moviepy_python(), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    options = [*(["--quick"] if arguments.quick else []), "--device", arguments.device]
    for _ in range(1 if arguments.quick else arguments.rounds):
        order = ("ours", "script") if len(found) % 2 == 0 else ("script", "ours")
        found.append({who: clocked(who, work / f"{who}-{len(found)}", site, options) for who in order})
        kept.write_text(json.dumps(found))
        print(found[-1], file=sys.stderr, flush=True)
    figures = ratios(found)
    if arguments.work is None:
        shutil.rmtree(work)
    return report("film", figures, GOALS, arguments.json)


def ratios(rounds: list[dict[str, dict[str, float]]]) -> dict[str, float]:
    """Return the medians over rounds of the ratios, and of the seconds that they are of."""
    figures = {
        key: statistics.median(one[over][what] / one[under][what] for one in rounds)
        for key, what, over, under in (
            ("first_film_over_script", "first", "ours", "script"),
            ("revision_x_script", "revision", "script", "ours"),
            ("first_film_cold_over_script", "first_cold", "ours", "script"),
            ("revision_cold_x_script", "revision_cold", "script", "ours"),
            ("first_film_cpu_over_script", "first_cpu", "ours", "script"),
            ("revision_cpu_x_script", "revision_cpu", "script", "ours"),
        )
    }
    for who in ("ours", "script"):
        for what in rounds[0][who]:
            figures[f"{who}_{what}_s"] = statistics.median(one[who][what] for one in rounds)
    return figures


def clocked(who: str, folder: Path, site: str, options: list[str]) -> dict[str, float]:
    """Make a first film and change a shot in one process; then change another one in a process of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    def call(what: str) -> tuple[float, dict[str, float]]:
        argv = [sys.executable, __file__, *options, "--one", who, what, str(folder), site]
        wall = wall_of(argv)
        return wall, json.loads((folder / "clock.json").read_text())

    wall, inside = call("film")
    again, _ = call("change")
    cold = {"first_cold": wall - inside["revision"], "revision_cold": again}
    return {**inside, **cold}


def wall_of(argv: list[str]) -> float:
    """Return the seconds that a process takes; its memory is not watched, which would take time from both sides.

    Raises:
        SystemExit: It failed; its output is shown.
    """
    begun = time.perf_counter()
    compiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # modules are compiled once, as an installed program's are
    process = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=compiled)
    if process.returncode:
        raise SystemExit(f"{' '.join(argv)} failed:\n{process.stdout[-4000:]}")
    return time.perf_counter() - begun


def timed(folder: Path, **parts: Any) -> None:
    """Run parts one after another, and write down the seconds of each, and the CPU seconds with those of children."""
    clock = {}
    for name, part in parts.items():
        begun, cpu = time.perf_counter(), sum(os.times()[:4])
        part()
        clock[name], clock[f"{name}_cpu"] = time.perf_counter() - begun, sum(os.times()[:4]) - cpu
    (folder / "clock.json").write_text(json.dumps(clock))


def prompts(shots: int, changes: int) -> list[str]:
    """Return the shots' words after so many changes."""
    places = (shots // 2, shots // 2 + 1)
    changed = dict(zip(places, CHANGED[:changes], strict=False))
    return [changed.get(number, text) for number, text in enumerate(PROMPTS[:shots])]


# --- ours ------------------------------------------------------------------------------------------------------------


def ours(what: str, folder: Path, size: tuple[int, int], shots: int, device: str) -> None:
    """Make the film with everything on."""
    import chromadb  # noqa: F401 # imports are outside the clock, on both sides
    import cv2  # noqa: F401
    import diffusers
    import torch  # noqa: F401
    import transformers
    from diffusers import LTXPipeline  # noqa: F401

    from reelgraph.graphs.context import FilmContext
    from reelgraph.graphs.run import run_film
    from reelgraph.video_tools.project import Project
    from reelgraph.video_tools.studio import Studio

    diffusers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    fade = {"kind": "crossfade", "frames": FADE}
    local = {"model": "shapes", "device": device, "dtype": "float32"}  # on every device the script's
    project = Project.open(
        folder / "project", backend="local", size=size, rate=RATE, rounds=1, backends={"local": local}
    )
    context = FilmContext(Studio(project))

    def make(changes: int) -> None:
        plan: list[dict[str, Any]] = [{"kind": "title", "title": TITLE, "prompt": "the title", "seconds": 2}]
        plan += [
            {"prompt": text, "seconds": 2, "transition": fade, "lines": [{"text": text}]}
            for text in prompts(shots, changes)
        ]
        result = run_film(context, json.dumps({"shots": plan}), film="twelve")
        assert result["frames"] == 2 * RATE + shots * (2 * RATE - FADE) and not result["failures"], result
        assert result["takes"]["generated"] == (1 if changes else shots + 1), result

    if what == "film":
        timed(folder, first=lambda: make(0), revision=lambda: make(1))
    else:
        timed(folder, revision=lambda: make(2))


# --- the script ------------------------------------------------------------------------------------------------------


def script(what: str, folder: Path, size: tuple[int, int], shots: int, device: str) -> None:
    """Make the film as one would by hand: a loop, `export_to_video`, MoviePy."""
    import diffusers
    import torch
    import transformers
    from diffusers import LTXPipeline
    from diffusers.utils import export_to_video
    from moviepy import ColorClip, CompositeVideoClip, TextClip, VideoFileClip, concatenate_videoclips, vfx

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    card = json.loads((MODEL / "reelgraph.json").read_text())
    width, height = card.get("canvas") or card["sizes"][0]
    pipes: list[Any] = []

    def generate(number: int, text: str) -> None:
        if not pipes:
            pipes.append(LTXPipeline.from_pretrained(MODEL, dtype=torch.float32).to(device))
            pipes[0].set_progress_bar_config(disable=True)
        frames = pipes[0](
            text, width=width, height=height, num_frames=card["most_frames"], num_inference_steps=card["steps"],
            guidance_scale=card["guidance"], generator=torch.Generator().manual_seed(number), output_type="np",
        ).frames[0]  # fmt: skip
        export_to_video(frames, str(folder / f"{number:02d}.mp4"), fps=8)

    def join(texts: list[str]) -> None:
        seconds = FADE / RATE
        font = next((Path(__file__).parents[1] / "video_tools" / "fonts").glob("*.[to]tf"))
        words = TextClip(font=str(font), text=TITLE, font_size=size[1] // 10, color="white").with_duration(2)
        title = CompositeVideoClip([ColorClip(size, color=(0, 0, 0), duration=2), words.with_position("center")])
        made = [VideoFileClip(str(folder / f"{n:02d}.mp4")).with_duration(2).resized(size) for n in range(shots)]
        faded = [title, *(clip.with_effects([vfx.CrossFadeIn(seconds)]) for clip in made)]
        film = concatenate_videoclips(faded, method="compose", padding=-seconds)
        film.write_videofile(str(folder / "film.mp4"), codec="libx264", fps=RATE, logger=None)
        (folder / "film.srt").write_text(
            "\n".join(
                f"{n + 1}\n{stamp(1.5 + 1.5 * n)} --> {stamp(3 + 1.5 * n)}\n{text}\n" for n, text in enumerate(texts)
            )
        )

    def make(changes: int) -> None:
        texts = prompts(shots, changes)
        before = prompts(shots, changes - 1) if changes else [""] * shots
        for number, (old, new) in enumerate(zip(before, texts, strict=True)):
            if old != new:
                generate(number, new)
        join(texts)

    if what == "film":
        timed(folder, first=lambda: make(0), revision=lambda: make(1))
    else:
        timed(folder, revision=lambda: make(2))


def stamp(seconds: float) -> str:
    """Write a time as SubRip has it."""
    whole, part = divmod(round(seconds * 1000), 1000)
    return f"00:{whole // 60:02d}:{whole % 60:02d},{part:03d}"


if __name__ == "__main__":
    sys.exit(main())
