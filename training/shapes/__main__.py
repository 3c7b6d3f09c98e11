"""Train everything in order and write the shipped folders: `python -m training.shapes`.

A stage that is done is not repeated and one that was killed goes on, because each keeps its checkpoint under
`~/.cache/reelgraph/training/shapes` (or `REELGRAPH_TRAINING`). `--minutes vae=40` changes a stage's budget; without a
card two processor cores train together, and minutes are those of each core.
With more time for the autoencoder, remove `staged-*.pt` and `free-*.pt` there too: they hold what it encoded.
"""

import argparse
from pathlib import Path

from training.shapes import crew, export, stages
from training.shapes.optim import DEVICE, HOME

# A card does in minutes what takes a processor hours.
MINUTES = {"vae": 4.0, "reading": 0.5, "transformer": 8.0, "clip": 4.0}
if DEVICE.type == "cpu":
    # As a run from nothing was given them; to draw and encode what the transformer learns from takes 6 more.
    MINUTES = {"vae": 28.0, "reading": 3.0, "transformer": 60.0, "clip": 30.0}


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
    crew.run(stages.train, minutes, asked.checkpoints, asked.out)


if __name__ == "__main__":
    main()
