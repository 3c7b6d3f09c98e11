"""Train a tiny CLIP on the same world: contact sheets of a clip, or single frames, beside their captions."""

import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import IterableDataset, get_worker_info

from training.shapes import seeing
from training.shapes.attention import teach_transformers
from training.shapes.captions import caption
from training.shapes.optim import CROWD, DEVICE, HOME, Training, fast, prepared, seeded
from training.shapes.text import tokenizer
from training.shapes.world import BACKGROUNDS, COLOURS, FRAMES, MOTIONS, SHAPES, Frames, Scene, render, sample_scene

SIZE, PATCH, WIDTH = 128, 8, 96
LENGTH = 77
# A motion cannot be seen in one picture, so four frames are laid out two by two: those that the critic shows, at the
# quarters. In the middle of a clip a turning box would look unturned, at two thirds a star nearly so.
SHEET = (0, 4, 12, 16)
MEAN, STD = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
EDGE = 7  # columns that are cut off at each side of a take
HARD = 8  # captions beside each true one that are wrong in one word
PAIRS = 0.35  # of the scenes have two things: which of them does what is the hardest to read
EMBEDDED = 64
PATCHES, ALL = 88, 0.75  # patches of a picture's 256 that are seen; after this share of the time, all


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
            "projection_dim": EMBEDDED,
            "pad_token_id": 0,
            "bos_token_id": 1,
            "eos_token_id": 1,
        },
        vision_config={
            "hidden_size": WIDTH,
            "intermediate_size": 384,
            "num_hidden_layers": 5,
            "num_attention_heads": 4,
            "image_size": SIZE,
            "patch_size": PATCH,
            "projection_dim": EMBEDDED,
        },
        projection_dim=EMBEDDED,
    )
    model = CLIPModel(config)
    # The default's embeddings are so small that words and places look alike for the first hundreds of steps.
    nn.init.normal_(model.text_model.embeddings.token_embedding.weight, std=0.3)
    nn.init.normal_(model.text_model.embeddings.position_embedding.weight, std=0.1)
    model.vision_model.embeddings.position_embedding.weight.data[1:] = _places()
    return model


def _places() -> Tensor:
    """Where each patch is, as waves across and down: neighbours look alike from the start."""
    side, width = SIZE // PATCH, WIDTH // 4
    waves = math.pi / side * 2 ** (torch.arange(width) / width * 3)
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    angles = torch.cat([at.flatten()[:, None] * waves for at in (x, y)], 1)
    return 0.3 * torch.cat([angles.sin(), angles.cos()], 1)


def one_word_off(scene: Scene) -> list[Scene]:
    """List what differs from the scene in one attribute of a thing or in its background."""
    taken = {t.colour for t in scene.things}
    others = [replace(scene, background=b) for b in BACKGROUNDS if b != scene.background]
    for i, thing in enumerate(scene.things):
        changed = [replace(thing, shape=s) for s in SHAPES if s != thing.shape]
        changed += [replace(thing, colour=c) for c in COLOURS if c not in taken]
        changed += [replace(thing, motion=m) for m in MOTIONS if m != thing.motion]
        others += [replace(scene, things=(*scene.things[:i], t, *scene.things[i + 1 :])) for t in changed]
    return others


def _seen(scene: Scene, moving: bool) -> frozenset[str]:
    """What a caption can tell of a scene."""
    things = (f"{t.shape} {t.colour} {t.motion if moving else ''}" for t in scene.things)
    return frozenset((scene.background, *things))


def pixels(images: Tensor, rng: random.Random) -> Tensor:
    """Scale uint8 RGB (images, height, width, 3) to the model's square, (images, 3, size, size) from -1 to 1."""
    way = rng.choice(("bilinear", "bicubic"))
    scaled = F.interpolate(images.permute(0, 3, 1, 2).float(), (SIZE, SIZE), mode=way, antialias=True)
    return scaled.clamp(0, 255) / 127.5 - 1


@dataclass(frozen=True)
class Lesson:
    """Scenes and their captions as tokens: all true ones first, then those wrong in one word.

    `moments` are the times of four frames of a contact sheet, or of one frame of a still that shows no motion. `alike`
    (scenes, captions) marks captions that are true of a scene though they were written for another. `shown` numbers
    what each caption says, as `seeing.answers` does.
    """

    scenes: list[Scene]
    moments: Tensor
    alike: Tensor
    shown: Tensor
    ids: Tensor
    mask: Tensor


class Lessons(IterableDataset[Lesson]):
    """Endless lessons, prepared by as many processes as load them."""

    def __init__(self, count: int, name: str, step: int) -> None:
        self.count, self.name, self.step = count, name, step

    def __iter__(self) -> Iterator[Lesson]:
        worker = get_worker_info()
        rng = seeded(f"{self.name} {worker.id if worker else 0}", self.step)
        tokens = tokenizer()
        while True:
            moving = rng.random() < 0.75
            scenes = [sample_scene(rng, 2 if rng.random() < PAIRS else 1) for _ in range(self.count)]
            wrong = []
            for scene in scenes:
                others = one_word_off(scene)
                if not moving:
                    motions = [t.motion for t in scene.things]
                    others = [w for w in others if [t.motion for t in w.things] == motions]
                wrong += rng.sample(others, HARD)
            captions = [caption(s, rng, moving=moving, talk=0.3, mixed=0.3) for s in (*scenes, *wrong)]
            read = tokens(captions, padding="longest", max_length=LENGTH, truncation=True, return_tensors="pt")
            moments = torch.tensor([f / (FRAMES - 1) for f in SHEET]) if moving else torch.tensor([rng.random()])
            seen = [_seen(s, moving) for s in (*scenes, *wrong)]
            number = {what: i for i, what in enumerate(dict.fromkeys(seen))}
            numbers = torch.tensor([number[what] for what in seen])
            alike = numbers[: self.count, None] == numbers
            shown = torch.tensor([seeing.answers(s, moving) for s in (*scenes, *wrong)])
            yield Lesson(scenes, moments, alike.fill_diagonal_(False), shown, read.input_ids, read.attention_mask)


def look(lesson: Lesson, rng: random.Random) -> Tensor:
    """Draw a lesson's pictures, most cut as takes are, some a little soft or noisy, as a model's own clips are."""
    clips = render(lesson.scenes, lesson.moments, DEVICE)
    if rng.random() < 0.7:  # the local back end cuts clips to 16:9, which makes things wider in a square
        clips = clips[:, :, :, EDGE:-EDGE]
    if clips.shape[1] == len(SHEET):
        images = torch.cat([torch.cat([clips[:, 0], clips[:, 1]], 2), torch.cat([clips[:, 2], clips[:, 3]], 2)], 1)
    else:
        images = clips[:, 0]
    x = pixels(images, rng)
    soft, noisy = torch.rand(2, len(x), device=DEVICE) < 0.3
    share = 0.8 * torch.rand(len(x[soft]), 1, 1, 1, device=DEVICE)
    x[soft] = torch.lerp(x[soft], F.avg_pool2d(x[soft], 3, 1, 1, count_include_pad=False), share)
    x[noisy] = (x[noisy] + 0.04 * torch.randn_like(x[noisy])).clamp(-1, 1)
    return x


class Pupil(nn.Module):
    """The CLIP, and who asks its towers what they see and read."""

    def __init__(self) -> None:
        super().__init__()
        self.clip = build()
        if DEVICE.type == "cpu":
            self.clip.set_attn_implementation(teach_transformers())
        self.reader = seeing.Reader(EMBEDDED)
        self.finder = seeing.Finder(WIDTH)


def train(
    seconds: float,
    name: str = "clip",
    home: Path = HOME,
    batch: int = 24 * CROWD,
    muon: float = 5e-3,
    adam: float = 3e-3,
) -> Any:
    """Train for `seconds`: tell an image's caption from those of the batch and those wrong in one word, and back.

    Beside it both say what is shown in which colour.
    """
    torch.manual_seed(0)
    model = Pupil().to(DEVICE)
    run = Training(name, model, seconds=seconds, muon=muon, adam=adam, flat=0.4, average=0.995, home=home)
    rng = seeded(name, run.step)
    true = torch.arange(batch, device=DEVICE)
    for lesson in prepared(Lessons(batch, name, run.step), 4):
        if run.done >= 1:
            break
        shown = lesson.shown.to(DEVICE)
        with fast():
            patches, seen = seeing.look(
                model.clip.vision_model, look(lesson, rng), PATCHES if run.done < ALL else (SIZE // PATCH) ** 2
            )
            images = model.clip.visual_projection(seen).float()
            read = model.clip.text_model(input_ids=lesson.ids.to(DEVICE), attention_mask=lesson.mask.to(DEVICE))
            texts = model.clip.text_projection(read.pooler_output).float()
        scores = F.normalize(images, dim=1) @ F.normalize(texts, dim=1).T * model.clip.logit_scale.exp()
        scores = scores.masked_fill(lesson.alike.to(DEVICE), -torch.inf)
        loss = 0.75 * F.cross_entropy(scores, true) + 0.25 * F.cross_entropy(scores[:, :batch].T, true)
        loss = loss + model.reader(images, shown[:batch]) + model.reader(texts, shown)
        run.update(loss + 0.3 * model.finder(patches, shown[:batch]))
        with torch.no_grad():
            model.clip.logit_scale.clamp_(max=4.6)
    model.load_state_dict(run.ema)
    model.clip.set_attn_implementation("sdpa")
    return model.clip.eval()


def save(model: Any, folder: Path) -> None:
    """Write a `CLIPModel` folder in half precision, with its tokenizer and image processor."""
    from transformers import CLIPImageProcessor

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
