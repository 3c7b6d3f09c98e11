"""Sweep the placements of a model on a card: memory, time and how busy the card is, with random weights.

    python benchmarks/placement.py [--json] [--quick] [--device cuda] [--kind wan|ltx] [--memory 24] [--variants]

Each placement makes two takes of one shape: the first, of two steps, warms up, and the second, of another seed, is
measured. A take is as large and long as the family's own default; a Wan of so few blocks is given fewer steps. With
`--variants`, the placement of a card of 80 GB is tried with each attention kernel and step cache, and with compiled
blocks, instead of the sweep.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import generate
from cards import Busy
from goals import report
from random_models import CARD, QUICK, build

# The card is kept busy by the placement that is meant for it; where weights wait off it, that is the price.
GOALS: dict[str, tuple[str, float]] = {f"{kind}_80_busy": (">=", 0.95) for kind in generate.KINDS}
PLACEMENTS = (80, 48, 24, 16, 12, 8)
PRESETS: list[dict[str, Any]] = [{"placement": memory} for memory in PLACEMENTS]
VARIANTS: list[dict[str, Any]] = [
    {"attention": "cudnn"}, {"step_cache": "first_block"}, {"step_cache": "taylorseer"}, {"step_cache": "pyramid"},
    {"compile": True},
]  # fmt: skip


def main() -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="small models, for a look at the sweep itself")
    parser.add_argument("--device", default="cuda", help="as torch names it")
    parser.add_argument("--models", type=Path, help="a folder that keeps the models for another run")
    parser.add_argument("--kind", action="append", choices=generate.KINDS)
    parser.add_argument("--memory", action="append", type=int, help="one card's placement alone; may be given again")
    parser.add_argument("--variants", action="store_true", help="kernels, step caches and compiled blocks")
    arguments = parser.parse_args()
    generate.DEVICE = arguments.device
    if arguments.device.startswith("cuda:"):  # memory is read, and time waited for, of the current card
        import torch

        torch.cuda.set_device(arguments.device)
    figures: dict[str, float] = {}
    kinds = arguments.kind or generate.KINDS
    sweep = [{"placement": 80} | variant for variant in VARIANTS] if arguments.variants else PRESETS
    sweep = [settings for settings in sweep if settings["placement"] in (arguments.memory or PLACEMENTS)]
    steps = {kind: 3 for kind in kinds} if arguments.quick else generate.CARD_STEPS
    with tempfile.TemporaryDirectory(prefix="placement-") as name:
        for kind in kinds:
            model = build(
                kind, arguments.models or Path(name), QUICK if arguments.quick else CARD[kind], arguments.device
            )
            for settings in sweep:
                title = "_".join([kind, *(str(v) if k != "compile" else "compiled" for k, v in settings.items())])
                try:
                    found = measure(kind, model, steps[kind], settings)
                except Exception as error:  # one that this card cannot bear must not hide the others
                    print(f"{title}: {error}", file=sys.stderr, flush=True)
                    continue
                figures |= {f"{title}_{what}": value for what, value in found.items()}
                print(title, {what: round(value, 3) for what, value in found.items()}, file=sys.stderr, flush=True)
    goals = (
        {}
        if arguments.variants
        else {key: goal for key, goal in GOALS.items() if key in figures or not arguments.memory}
    )
    goals = {key: goal for key, goal in goals.items() if key[:3] in kinds}
    return report("placement", figures, goals, arguments.json)


def measure(kind: str, model: Path, steps: int, settings: dict[str, Any]) -> dict[str, float]:
    """Make a take with a placement, after one that warms up."""
    import torch

    from reelgraph.video_tools.backends.base import Call, Event, Failed, Progress
    from reelgraph.video_tools.backends.device import device_named
    from reelgraph.video_tools.backends.local import Local

    backend = Local({"model": str(model), "device": generate.DEVICE, **settings})
    told: list[float] = []

    def tell(event: Event) -> None:
        if isinstance(event, Progress) and event.step in (1, event.steps):
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            told.append(time.perf_counter())

    def take(seed: int, steps: int) -> None:
        (made,) = backend.generate([Call(generate.request(kind, backend, seed, steps=steps), "a1")], tell)
        if isinstance(made, Failed):
            raise made.error

    device_named(backend.settings.device).clear()
    take(1, 2)
    if not torch.cuda.is_available():
        take(2, steps)
        return {"step_s": (told[-1] - told[-2]) / (steps - 1)}
    torch.cuda.reset_peak_memory_stats()
    begun = time.perf_counter()
    with Busy() as clock:
        take(2, steps)
        whole = time.perf_counter() - begun
    return {
        "peak_gib": torch.cuda.max_memory_allocated() / 2**30,
        "step_s": (told[-1] - told[-2]) / (steps - 1),
        "take_s": whole,
        "busy": clock.share,
        "idle_before_s": clock.before,
        "idle_after_s": clock.after,
        "longest_gap_s": clock.longest,
    }


if __name__ == "__main__":
    sys.exit(main())
