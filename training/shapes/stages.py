"""The stages of training in their order, as every process of a crew goes through them."""

import random
from pathlib import Path

import torch

from training.shapes import clip, crew, export, reading, transformer, vae
from training.shapes.world import sample_scene


def train(minutes: dict[str, float], home: Path, out: Path) -> None:
    """Train every stage and write the folders."""
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    coder = vae.train(minutes["vae"] * 60, home=home)
    rng = random.Random(2)
    vae.statistics(coder, [sample_scene(rng, 1 + i % 2) for i in range(320)])
    student = reading.train(minutes["reading"] * 60, home=home)
    model = transformer.train(minutes["transformer"] * 60, coder, student, home=home)
    if crew.number() == 0:
        export.save_pipeline(coder, model, out / "shapes")
    eye = clip.train(minutes["clip"] * 60, home=home)
    if crew.number() == 0:
        export.save_clip(eye, out / "shapes_clip")
