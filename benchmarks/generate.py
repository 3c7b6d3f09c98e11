"""Measure what the local back end adds to a diffusers pipeline: time, CPU, memory, and how soon it stops.

    python benchmarks/generate.py [--json] [--quick] [--device cuda] [--takes N] [--only ltx|wan|small]

The contender is what a user would write: `pipe(...)` in a loop, and diffusers' `export_to_video` at the quality of our
segments. Ours is the same pipeline through the back end, the ledger, the checks and the encoder. Weights are random;
steps are chosen so that a take needs at least three seconds here (`take_s` is the shorter family's). Loading is outside
both clocks. Some of what ours saves has nothing to do with what it adds: its convolutions and its encoder's preset are
quicker. So a third contender, `alike`, is the same loop with both of ours, and the figures beside it say what is added.
`--only` measures one family, or what the smallest model shows, in a few minutes; the goals hold for the
worse family. On a card, models are a third or half of published ones and takes as large and long as their defaults, of
as many steps as `CARD_STEPS` says; where there is no ffmpeg for `export_to_video`, the loop writes with PyAV.
"""

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from contest import alternate
from goals import report
from random_models import CARD, FULL, QUICK, SMALLEST, TOKENS, build

GOALS: dict[str, tuple[str, float]] = {
    "overhead_over_pipeline": ("<=", 1.03),
    "overhead_cpu_ms_per_take": ("<=", 60),
    "memory_over_pipeline": ("<=", 1.1),
    "take_s": (">=", 3.0),
    "cancel_steps": ("<=", 1),
}
KINDS = ("ltx", "wan")
PROMPT = "a red ball rolls over the dunes, take {}"  # each take's own, so that no embedding is used again
RATES = {"ltx": 24, "wan": 16}
CARD_STEPS = {"ltx": 50, "wan": 12}
Take = Callable[[int], object]


def main() -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--device", default="cpu", help="as torch names it")
    parser.add_argument("--takes", type=int, help="by each contender; otherwise 8, and 3 on a card")
    parser.add_argument("--models", type=Path, help="a folder that keeps the models for another run")
    parser.add_argument("--only", action="append", choices=[*KINDS, "small"], help="a part; may be given again")
    parser.add_argument("--worker", nargs=5, help=argparse.SUPPRESS)  # who, kind, model, steps, folder
    arguments = parser.parse_args()
    global DEVICE
    DEVICE = arguments.device
    if DEVICE.startswith("cuda:"):  # memory is read, and time waited for, of the current card
        import torch

        torch.cuda.set_device(DEVICE)
    if arguments.worker:
        return work(*arguments.worker)
    takes, seconds = (2, 0.3) if arguments.quick else (3 if on_card() else 8, 3.0)
    takes = arguments.takes or takes
    parts = arguments.only or [*KINDS, "small"]
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="generate-") as name:
        folder = Path(name)
        models = arguments.models or folder
        for kind in [kind for kind in KINDS if kind in parts]:
            model = build(kind, models, QUICK if arguments.quick else (CARD if on_card() else FULL)[kind], DEVICE)
            steps = CARD_STEPS[kind] if on_card() else steps_for(kind, model, seconds)
            both = pairs(kind, model, steps, folder, takes)
            figures[f"overhead_{kind}"] = statistics.median(mine[0] / theirs[0] for theirs, _, mine in both)
            figures[f"overhead_alike_{kind}"] = statistics.median(mine[0] / alike[0] for _, alike, mine in both)
            # What a busy machine leaves as it is, told beside.
            figures[f"overhead_cpu_{kind}"] = statistics.median(mine[1] / theirs[1] for theirs, _, mine in both)
            figures[f"overhead_alike_cpu_{kind}"] = statistics.median(mine[1] / alike[1] for _, alike, mine in both)
            figures[f"take_s_{kind}"] = statistics.median(theirs[0] for theirs, _, _ in both)
            print(figures, file=sys.stderr, flush=True)
            if on_card():
                figures |= {f"{key}_{kind}": value for key, value in busy(kind, model, steps, folder).items()}
            if not arguments.quick or kind == "ltx" or on_card():
                figures[f"memory_{kind}"] = (memory_of_card if on_card() else memory)(kind, model, steps, folder)
            print(figures, file=sys.stderr, flush=True)
            if on_card():
                figures[f"batch_x_sequential_{kind}"] = batch_gain(kind, model)
        for goal, part, worse in (
            ("overhead_over_pipeline", "overhead", max), ("memory_over_pipeline", "memory", max),
            ("take_s", "take_s", min),
        ):  # fmt: skip
            if found := [figures[name] for kind in KINDS if (name := f"{part}_{kind}") in figures]:
                figures[goal] = worse(found)
        if "small" in parts:
            small, quick = (build("ltx", models, scale) for scale in (SMALLEST, QUICK))
            both = pairs("ltx", small, 1, folder, takes * 4)
            figures["overhead_cpu_ms_per_take"] = 1000 * statistics.median(
                mine[1] - theirs[1] for theirs, _, mine in both
            )
            figures["overhead_alike_cpu_ms_per_take"] = 1000 * statistics.median(
                m[1] - alike[1] for _, alike, m in both
            )
            figures["batch_x_sequential"] = batch_gain("ltx", quick)
            figures["cancel_steps"] = cancel_steps(small)
    goals = {name: goal for name, goal in GOALS.items() if name in figures or not arguments.only}
    return report("generate", figures, goals, arguments.json)


DEVICE = "cpu"


def on_card() -> bool:
    """Whether the device is a card of its own."""
    return DEVICE != "cpu"


# --- the contenders ---------------------------------------------------------------------------------------------------


def size_of(kind: str) -> dict[str, int]:
    """Return the shape of a take."""
    if on_card():
        large = {"width": 768, "height": 512, "frames": 121}
        return large if kind == "ltx" else {"width": 832, "height": 480, "frames": 81}
    return {"width": 256, "height": 160, "frames": 33} if kind == "ltx" else {"width": 160, "height": 96, "frames": 17}


def bare(kind: str, model: Path, steps: int, folder: Path) -> Take:
    """Return the script that a user would write, for one take."""
    return loop(pipeline(kind, model), kind, steps, folder / "bare", write)


def alike(kind: str, model: Path, steps: int, folder: Path) -> Take:
    """Return the same script with our convolutions and our encoder's settings, for one take."""
    from reelgraph.video_tools.backends.convolutions import convolve_as_in_a_batch

    pipe = pipeline(kind, model)
    if not on_card():
        convolve_as_in_a_batch(pipe)
    return loop(pipe, kind, steps, folder / "alike", write_as_ours)


def pipeline(kind: str, model: Path) -> Any:
    """Load a model as its card has it: half precision on a card, and Wan's VAE whole."""
    import diffusers
    import torch
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    half = torch.bfloat16 if on_card() else torch.float32
    dtypes = {"default": half, "vae": torch.float32} if kind == "wan" else half
    pipe = diffusers.DiffusionPipeline.from_pretrained(model, use_safetensors=True, dtype=dtypes).to(DEVICE)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def loop(pipe: Any, kind: str, steps: int, folder: Path, write: Callable[[Any, Path, int], None]) -> Take:
    """Return what makes one take of a pipeline and writes it."""
    import torch

    folder.mkdir(exist_ok=True)
    shape = size_of(kind)
    rate = {"frame_rate": RATES[kind]} if kind == "ltx" else {}

    def take(seed: int) -> None:
        frames = pipe(
            PROMPT.format(seed), negative_prompt="", width=shape["width"], height=shape["height"],
            num_frames=shape["frames"], num_inference_steps=steps, max_sequence_length=TOKENS,
            generator=torch.Generator().manual_seed(seed), output_type="np", **rate,
        ).frames[0]  # fmt: skip
        write(frames, folder / f"{kind}-{seed}.mp4", RATES[kind])

    return take


def write(frames: Any, path: Path, rate: int) -> None:
    """Write a take's frames, floats from 0 to 1, as the script would."""
    if importlib.util.find_spec("imageio_ffmpeg"):
        from diffusers.utils import export_to_video

        export_to_video(frames, str(path), fps=rate, quality=QUALITY)
    else:
        encode(frames, path, rate, preset="medium")


def write_as_ours(frames: Any, path: Path, rate: int) -> None:
    """Write a take's frames with the preset of our segments."""
    from reelgraph.video_tools.editing.profile import DEFAULT

    encode(frames, path, rate, preset=DEFAULT.preset)


def encode(frames: Any, path: Path, rate: int, *, preset: str) -> None:
    """Write frames with PyAV, at the rate factor of our segments."""
    import av

    from reelgraph.video_tools.editing.profile import DEFAULT

    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate, options={"crf": str(DEFAULT.crf), "preset": preset})
        stream.height, stream.width = frames[0].shape[:2]
        for frame in frames:
            picture = av.VideoFrame.from_ndarray((frame * 255).astype("uint8"), format="rgb24")
            file.mux(stream.encode(picture))
        file.mux(stream.encode(None))


def ours(kind: str, model: Path, steps: int, folder: Path) -> Take:
    """Return the same take through the back end, the ledger, the checks and the encoder."""
    from reelgraph.video_tools.backends.local import Local
    from reelgraph.video_tools.film import Shot
    from reelgraph.video_tools.generation import Published, Wanted, shoot
    from reelgraph.video_tools.ledger import Ledger

    backend = Local({"model": str(model), "steps": steps, "device": DEVICE})
    ledger = Ledger(folder / f"ledger-{kind}-{steps}-{os.getpid()}")
    shot = Shot(id="s01-01", prompt="a red ball", seconds=1)

    def take(seed: int) -> None:
        (made,) = shoot(ledger, backend, [Wanted(shot, request(kind, backend, seed))], film="bench")
        assert isinstance(made, Published), made

    return take


def request(kind: str, backend: Any, seed: int, **changes: Any) -> Any:
    """Build the request of a take."""
    from reelgraph.video_tools.film import TakeRequest

    return TakeRequest(
        backend="local", model=backend.fingerprint(), prompt=PROMPT.format(seed), rate=Fraction(RATES[kind]), seed=seed,
        **size_of(kind) | changes,
    )  # fmt: skip


def quality_of_segments() -> float:
    """Return imageio's quality whose rate factor is that of our segments: it takes `(1 - quality / 10) * 51`."""
    from reelgraph.video_tools.editing.profile import DEFAULT

    return 10 * (1 - DEFAULT.crf / 51)


QUALITY = quality_of_segments()


# --- figures ----------------------------------------------------------------------------------------------------------


def steps_for(kind: str, model: Path, seconds: float) -> int:
    """Choose how many steps make a take last at least so many seconds here: more, until one does."""
    with tempfile.TemporaryDirectory() as name:
        one, three = (bare(kind, model, steps, Path(name)) for steps in (1, 3))
        one(0), three(0)
        first, third = clocked(one, 1)[0], clocked(three, 1)[0]
        step = max((third - first) / 2, 1e-3)
        steps = max(2, round((seconds - first) / step) + 1)
        while (took := clocked(bare(kind, model, steps, Path(name)), 2)[0]) < 1.1 * seconds:
            steps = max(steps + 1, round(steps * 1.2 * seconds / took))
    return steps


def clocked(take: Take, seed: int) -> tuple[float, float]:
    """Return the wall seconds of a take, and its CPU seconds with those of the processes that it started."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    take(seed)
    return time.perf_counter() - wall, sum(os.times()[:4]) - cpu


def pairs(kind: str, model: Path, steps: int, folder: Path, takes: int) -> list[tuple[tuple[float, float], ...]]:
    """Clock takes of `bare`, `alike` and `ours`, in turn, forwards and backwards."""
    contenders = [make(kind, model, steps, folder) for make in (bare, alike, ours)]
    for contender in contenders:
        contender(10_000)  # loads, and warms up
    found = []
    for seed in range(takes):
        order = (0, 1, 2) if seed % 2 == 0 else (2, 1, 0)
        clocks = {index: clocked(contenders[index], seed) for index in order}
        found.append((clocks[0], clocks[1], clocks[2]))
    return found


def memory(kind: str, model: Path, steps: int, folder: Path) -> float:
    """Return our peak memory over the bare loop's, each in a process of its own."""
    argv = [sys.executable, __file__, "--device", DEVICE, "--worker"]
    few = str(min(steps, 4))
    runs = alternate({who: [*argv, who, kind, str(model), few, str(folder)] for who in ("bare", "ours")}, rounds=1)
    return runs["ours"][0].peak / runs["bare"][0].peak


def memory_of_card(kind: str, model: Path, steps: int, folder: Path) -> float:
    """Return the most of the card's memory that ours holds in a take over the bare loop's, each alone on it."""
    import gc

    import torch

    from reelgraph.video_tools.backends.device import device_named

    peaks = []
    for make in (bare, ours):
        device_named(DEVICE).clear()
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        make(kind, model, min(steps, 4), folder)(30_000)
        peaks.append(torch.cuda.max_memory_allocated() - before)
    return peaks[1] / peaks[0]


def work(who: str, kind: str, model: str, steps: str, folder: str) -> int:
    """Make two takes, as one contender."""
    take = {"bare": bare, "ours": ours}[who](kind, Path(model), int(steps), Path(folder))
    take(0), take(1)
    return 0


def busy(kind: str, model: Path, steps: int, folder: Path) -> dict[str, float]:
    """Return the share of time in which the card worked, while two threads shoot as the graph's branches do."""
    from concurrent.futures import ThreadPoolExecutor

    from cards import Busy

    take = ours(kind, model, steps, folder)
    with Busy() as clock, ThreadPoolExecutor(2) as pool:
        list(pool.map(take, range(20_001, 20_005)))
    gaps = {"idle_before_s": clock.before, "idle_after_s": clock.after, "longest_gap_s": clock.longest}
    return {"busy": clock.share, **gaps}


def batch_gain(kind: str, model: Path) -> float:
    """Return how many times faster four takes are made together than one by one, the median of three goes."""
    from reelgraph.video_tools.backends.base import Call
    from reelgraph.video_tools.backends.local import Local

    backends = [Local({"model": str(model), "steps": 4, "max_batch": most, "device": DEVICE}) for most in (1, 4)]

    def seconds(backend: Local, first: int) -> float:
        calls = [Call(request(kind, backend, seed), str(seed)) for seed in range(first, first + 4)]
        begun = time.perf_counter()
        list(backend.generate(calls, lambda event: None))
        return time.perf_counter() - begun

    found = []
    for go in range(4):  # the first loads, and warms up; no prompt comes twice, or it would not be encoded again
        alone, together = (seconds(backend, 8 * go + 4 * n) for n, backend in enumerate(backends))
        found.append(alone / together)
    return statistics.median(found[1:])


def cancel_steps(model: Path) -> float:
    """Return how many more steps were denoised after a listener asked to stop."""
    from diffusers import LTXVideoTransformer3DModel

    from reelgraph.video_tools.backends.base import Call, Event, Progress
    from reelgraph.video_tools.backends.local import Local
    from reelgraph.video_tools.errors import Cancelled

    backend, ran, stopped = Local({"model": str(model), "steps": 8, "device": DEVICE}), [0], [0]
    forward = LTXVideoTransformer3DModel.forward

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        ran[0] += 1
        return forward(self, *args, **kwargs)

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.step == 2:
            stopped[0] = ran[0]
            raise Cancelled("enough")

    LTXVideoTransformer3DModel.forward = counted
    try:
        list(backend.generate([Call(request("ltx", backend, 1), "a1")], stop))
    except Cancelled:
        pass
    finally:
        LTXVideoTransformer3DModel.forward = forward
    assert stopped[0], "it was never told"
    return ran[0] - stopped[0]


if __name__ == "__main__":
    sys.exit(main())
