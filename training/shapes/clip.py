"""Train a tiny CLIP on the same world: contact sheets of a clip, or single frames, beside their captions."""

import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.shapes.captions import caption
from training.shapes.optim import HOME, Training, seeded
from training.shapes.text import tokenizer
from training.shapes.world import BACKGROUNDS, COLOURS, FRAMES, MOTIONS, SHAPES, Frames, Scene, draw, sample_scene

SIZE, PATCH = 128, 16
LENGTH = 77
# A motion cannot be seen in one picture, so four frames are laid out two by two. At a half of the clip a turning box
# would look unturned.
SHEET = (0, 5, 11, 16)
MEAN, STD = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
HARD = 3  # captions beside each true one that are wrong in one word


def contact_sheet(clip: Frames) -> np.ndarray:
    """Lay four frames of a clip out two by two, (2 * height, 2 * width, 3) uint8 RGB."""
    a, b, c, d = (clip[f] for f in SHEET)
    return np.concatenate([np.concatenate([a, b], 1), np.concatenate([c, d], 1)], 0)


def build() -> Any:
    """Build an untrained `CLIPModel`."""
    from transformers import CLIPConfig, CLIPModel

    config = CLIPConfig(
        text_config={
            "vocab_size": len(tokenizer()),
            "hidden_size": 64,
            "intermediate_size": 256,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "max_position_embeddings": LENGTH,
            "projection_dim": 64,
            "pad_token_id": 0,
            "bos_token_id": 1,
            "eos_token_id": 1,
        },
        vision_config={
            "hidden_size": 96,
            "intermediate_size": 384,
            "num_hidden_layers": 5,
            "num_attention_heads": 4,
            "image_size": SIZE,
            "patch_size": PATCH,
            "projection_dim": 64,
        },
        projection_dim=64,
    )
    # The fused attention's backward pass is slow on a CPU.
    config._attn_implementation = "eager"
    return CLIPModel(config)


def one_word_off(scene: Scene) -> list[Scene]:
    """List what differs from the scene in one attribute of its first thing or in its background."""
    first, rest = scene.things[0], scene.things[1:]
    taken = {t.colour for t in scene.things}
    things = [replace(first, shape=s) for s in SHAPES if s != first.shape]
    things += [replace(first, colour=c) for c in COLOURS if c not in taken]
    things += [replace(first, motion=m) for m in MOTIONS if m != first.motion]
    return [replace(scene, things=(t, *rest)) for t in things] + [
        replace(scene, background=b) for b in BACKGROUNDS if b != scene.background
    ]


def pixels(images: list[np.ndarray], rng: random.Random | None = None) -> Tensor:
    """Scale images to the model's square as its processor does, (images, 3, size, size) from -1 to 1."""
    ways = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA)
    scaled = [cv2.resize(i, (SIZE, SIZE), interpolation=rng.choice(ways) if rng else cv2.INTER_CUBIC) for i in images]
    return torch.from_numpy(np.stack(scaled)).permute(0, 3, 1, 2).float() / 127.5 - 1


def _example(rng: random.Random) -> tuple[np.ndarray, list[str]]:
    """An image and its captions: the true one first, then wrong ones."""
    scene = sample_scene(rng, 2 if rng.random() < 0.2 else 1)
    moving = rng.random() < 0.75
    wrong = one_word_off(scene)
    if moving:
        clip = draw(scene, [f / (FRAMES - 1) for f in SHEET])
        image = np.concatenate([np.concatenate(list(clip[:2]), 1), np.concatenate(list(clip[2:]), 1)], 0)
    else:
        image = draw(scene, [rng.random()])[0]
        wrong = [w for w in wrong if w.things[0].motion == scene.things[0].motion]
    if rng.random() < 0.3:  # the model's own clips are a little soft
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.0))
    if rng.random() < 0.3:
        image = np.clip(image + np.random.default_rng(rng.randrange(1 << 30)).normal(0, 5, image.shape), 0, 255).astype(
            np.uint8
        )
    described = [scene, *rng.sample(wrong, HARD)]
    return image, [caption(s, rng, moving=moving, talk=0.3) for s in described]


def train(
    seconds: float, name: str = "clip", home: Path = HOME, batch: int = 48, muon: float = 3e-3, adam: float = 1.5e-3
) -> Any:
    """Train for `seconds`: tell an image's caption from those of the batch and those wrong in one word, and back."""
    torch.manual_seed(0)
    model = build()
    run = Training(name, model, seconds=seconds, muon=muon, adam=adam, flat=0.4, average=0.995, home=home)
    tokens, rng = tokenizer(), seeded(name, run.step)
    torch.manual_seed(run.step)
    print(name, "parameters", sum(p.numel() for p in model.parameters()), "from step", run.step, flush=True)
    mean = 0.0
    while run.done < 1:
        examples = [_example(rng) for _ in range(batch)]
        captions = [c[0] for _, c in examples] + [w for _, c in examples for w in c[1:]]
        read = tokens(captions, padding="longest", max_length=LENGTH, truncation=True, return_tensors="pt")
        with torch.autocast("cpu", torch.bfloat16):
            out = model(
                input_ids=read.input_ids,
                attention_mask=read.attention_mask,
                pixel_values=pixels([i for i, _ in examples], rng),
            )
        scores, true = out.logits_per_image.float(), torch.arange(batch)
        loss = 0.75 * F.cross_entropy(scores, true) + 0.25 * F.cross_entropy(scores[:, :batch].T, true)
        run.update(loss)
        with torch.no_grad():
            model.logit_scale.clamp_(max=4.6)
        mean = loss.item() if run.step == 1 else 0.97 * mean + 0.03 * loss.item()
        if run.step % 50 == 0:
            print(f"{run.spent:.0f} s step {run.step} loss {mean:.4f}", flush=True)
    model.load_state_dict(run.ema)
    return model.eval()


def save(model: Any, folder: Path) -> None:
    """Write a `CLIPModel` folder in half precision, with its tokenizer and image processor."""
    from transformers import CLIPImageProcessor

    model.config._attn_implementation = "sdpa"
    model.half().save_pretrained(folder)
    words = tokenizer()
    words.model_max_length = LENGTH
    words.save_pretrained(folder)
    CLIPImageProcessor(
        size={"height": SIZE, "width": SIZE}, do_center_crop=False, image_mean=list(MEAN), image_std=list(STD)
    ).save_pretrained(folder)


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(float(sys.argv[1]))
