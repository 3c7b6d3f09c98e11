"""Train everything in order and write the shipped folders: `python -m training.shapes`.

A stage that is done is not repeated and one that was killed goes on, because each keeps its checkpoint under
`~/.cache/reelgraph/training/shapes` (or `REELGRAPH_TRAINING`). `--minutes vae=40` changes a stage's budget.
With more time for the autoencoder, remove `staged.pt` and `free.pt` there too: they hold what it encoded.
"""

import argparse
import random
from pathlib import Path

import torch

from training.shapes import clip, export, transformer, vae
from training.shapes.optim import DEVICE, HOME
from training.shapes.world import sample_scene

# A card does in minutes what takes a processor hours.
MINUTES = {"vae": 2.0, "decoder": 1.0, "transformer": 5.0, "clip": 4.0}
if DEVICE.type == "cpu":
    MINUTES = {"vae": 45.0, "decoder": 40.0, "transformer": 110.0, "clip": 45.0}


def main() -> None:
    """Run the stages."""
    parser = argparse.ArgumentParser(
        prog="python -m training.shapes", description="Train the shapes model and its CLIP."
    )
    parser.add_argument("--minutes", nargs="*", default=[], metavar="STAGE=N", help=f"budgets, by default {MINUTES}")
    parser.add_argument("--checkpoints", type=Path, default=HOME)
    parser.add_argument("--out", type=Path, default=export.SHIPPED, help="folder for shapes/ and shapes_clip/")
    asked = parser.parse_args()
    minutes = {**MINUTES, **{stage: float(n) for stage, n in (pair.split("=") for pair in asked.minutes)}}
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True

    coder = vae.train(minutes["vae"] * 60, home=asked.checkpoints)
    coder = vae.polish(coder, minutes["decoder"] * 60, home=asked.checkpoints)
    rng = random.Random(2)
    vae.statistics(coder, [sample_scene(rng, 1 + i % 2) for i in range(320)])
    model = transformer.train(minutes["transformer"] * 60, coder, home=asked.checkpoints)
    export.save_pipeline(coder, model, asked.out / "shapes")
    export.save_clip(clip.train(minutes["clip"] * 60, home=asked.checkpoints), asked.out / "shapes_clip")


if __name__ == "__main__":
    main()
