"""Measure the shipped `shapes` model and its CLIP: on combinations and in wordings that training never saw.

The measuring program (`training/shapes/measure.py`) reads clips back by hue, outline and track; it learns nothing and
knows nothing of the CLIP. `--sheet FILE` also writes the first clips as one picture, unselected.
"""

import argparse
import os
import random
import statistics
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from goals import report
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # training/ is not installed

from training.shapes import clip, world  # noqa: E402  # found through the line above
from training.shapes.captions import caption  # noqa: E402
from training.shapes.export import STEPS  # noqa: E402
from training.shapes.measure import score  # noqa: E402
from training.shapes.vae import to_tensor  # noqa: E402
from training.shapes.world import FPS, FRAMES, HEIGHT, WIDTH, Frames, Scene, draw, sample_scene  # noqa: E402

from reelgraph.video_tools.backends.base import Call, Made  # noqa: E402
from reelgraph.video_tools.backends.local import Local  # noqa: E402
from reelgraph.video_tools.film import TakeRequest  # noqa: E402

GUIDANCE, BATCH = 1.0, 8
SIZE = {"height": HEIGHT, "width": WIDTH, "num_frames": FRAMES, "frame_rate": FPS}
GOALS: dict[str, tuple[str, float]] = {
    "measuring": (">=", 0.995),
    "colour": (">=", 0.99),
    "background": (">=", 0.99),
    "motion": (">=", 0.95),
    "worst_motion": (">=", 0.85),
    "shape": (">=", 0.95),
    "worst_shape": (">=", 0.88),
    "vae_shape": (">=", 0.97),
    "clip_retrieval": (">=", 0.95),
    "all_right": (">=", 0.88),
    "i2v_identity": (">=", 0.95),
    "two_objects": (">=", 0.6),
    "last_frame": (">=", 0.9),
    "seconds_per_clip": ("<=", 0.4),
    "megabytes": ("<=", 10),
}


@dataclass(frozen=True)
class Case:
    """A scene, the words that ask for it, and the seed that the clip is made from."""

    scene: Scene
    prompt: str
    seed: int


def cases(count: int, seed: int, things: int = 1, moving: bool = False) -> list[Case]:
    """Choose held-out scenes (`moving`: whose thing goes somewhere) and ask for them in held-out wordings."""
    rng, found = random.Random(seed), []
    while len(found) < count:
        scene = sample_scene(rng, things, kept_out=True)
        if not moving or scene.things[0].start != scene.things[0].end:
            found.append(Case(scene, caption(scene, rng, unseen=True), 1000 * seed + len(found)))
    return found


def batches(many: list[Case]) -> Iterator[tuple[list[Case], list[torch.Generator]]]:
    """Yield a few cases at a time, with one generator each."""
    for i in range(0, len(many), BATCH):
        some = many[i : i + BATCH]
        yield some, [torch.Generator().manual_seed(c.seed) for c in some]


def frames(output: Any) -> list[Frames]:
    """A pipeline's clips as uint8 RGB."""
    return [(np.asarray(f) * 255).round().astype(np.uint8) for f in output.frames]


def text_to_video(pipe: Any, many: list[Case]) -> list[Frames]:
    """Make each case's clip from its prompt."""
    clips: list[Frames] = []
    for some, seeds in batches(many):
        made = pipe(
            prompt=[c.prompt for c in some],
            generator=seeds,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            output_type="np",
            **SIZE,
        )
        clips += frames(made)
    return clips


def first_frame_to_video(pipe: Any, many: list[Case]) -> list[Frames]:
    """Make each case's clip from its prompt and its true first frame."""
    clips: list[Frames] = []
    for some, seeds in batches(many):
        given = [Image.fromarray(draw(c.scene, [0.0])[0]) for c in some]
        made = pipe(
            image=given,
            prompt=[c.prompt for c in some],
            generator=seeds,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            output_type="np",
            **SIZE,
        )
        clips += frames(made)
    return clips


def ends_to_video(pipe: Any, case: Case) -> Frames:
    """One clip with its first and its last frame given, at evenly spaced times like the other modes."""
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    ends = draw(case.scene, [0.0, 1.0])
    given = [
        LTXVideoCondition(image=Image.fromarray(f), frame_index=i) for f, i in zip(ends, (0, FRAMES - 1), strict=True)
    ]
    times = list(np.linspace(1000, 1000 / STEPS, STEPS))
    made = pipe(
        conditions=given,
        prompt=case.prompt,
        generator=torch.Generator().manual_seed(case.seed),
        timesteps=times,
        num_inference_steps=STEPS,
        guidance_scale=GUIDANCE,
        output_type="np",
        **SIZE,
    )
    return frames(made)[0]


def reaches_last_frame(film: Frames, scene: Scene, rng: random.Random) -> bool:
    """The clip's end is nearer to the target than to its beginning and to four drawings with the thing elsewhere."""
    first, target = draw(scene, [0.0, 1.0])
    thing, decoys = scene.things[0], [first]
    while len(decoys) < 5:
        place = (rng.uniform(16, WIDTH - 16), rng.uniform(17, HEIGHT - 17))
        if np.hypot(place[0] - thing.end[0], place[1] - thing.end[1]) >= 8:
            moved = replace(thing, end=place)
            decoys.append(draw(replace(scene, things=(moved,)), [1.0])[0])

    def away(picture: np.ndarray) -> float:
        return float(np.abs(film[-1].astype(int) - picture.astype(int)).mean())

    return all(away(target) < away(d) for d in decoys)


def round_trip(vae: Any, clips: list[Frames]) -> list[Frames]:
    """Encode and decode clips."""
    back: list[Frames] = []
    for i in range(0, len(clips), BATCH):
        decoded = vae.decode(
            vae.encode(to_tensor(torch.from_numpy(np.stack(clips[i : i + BATCH])))).latent_dist.mode()
        ).sample
        back += list(((decoded.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 4, 1).numpy())
    return back


def clip_retrieval(folder: Path, many: list[Case], rng: random.Random) -> float:
    """How often the true caption of a true clip beats fifteen that are wrong in one attribute."""
    from transformers import AutoImageProcessor, AutoTokenizer, CLIPModel

    model = CLIPModel.from_pretrained(folder, local_files_only=True, use_safetensors=True).eval()
    tokens, images = (
        AutoTokenizer.from_pretrained(folder, local_files_only=True),
        AutoImageProcessor.from_pretrained(folder, local_files_only=True),
    )
    right = 0
    for case in many:
        wrong = rng.sample(clip.one_word_off(case.scene), 15)
        texts = [case.prompt, *(caption(w, rng, unseen=True) for w in wrong)]
        picture = images(images=[clip.contact_sheet(draw(case.scene))], return_tensors="pt")
        words = tokens(texts, padding=True, truncation=True, return_tensors="pt")
        scores = model(
            pixel_values=picture["pixel_values"], input_ids=words["input_ids"], attention_mask=words["attention_mask"]
        ).logits_per_image
        right += int(scores.argmax().item() == 0)
    return right / len(many)


def share(rights: list[bool]) -> float:
    """Share of the true ones."""
    return sum(rights) / len(rights)


def sheet(many: list[Case], clips: list[Frames], file: Path) -> None:
    """Write clips as rows of five frames under their prompts, two columns."""
    wide, high = 5 * (WIDTH + 2) + 8, HEIGHT + 16
    picture = Image.new("RGB", (2 * wide, (len(many) + 1) // 2 * high), "white")
    pen = ImageDraw.Draw(picture)
    for i, (case, film) in enumerate(zip(many, clips, strict=True)):
        left, top = i % 2 * wide, i // 2 * high
        pen.text((left + 2, top), case.prompt[:96], fill="black")
        for j, frame in enumerate((0, 4, 8, 12, 16)):
            picture.paste(Image.fromarray(film[frame]), (left + j * (WIDTH + 2), top + 13))
    picture.save(file, quality=88)


def seconds(folder: Path, pipe: Any, many: list[Case]) -> tuple[float, float]:
    """Time clips by the local back end and by the plain pipeline in turns; medians, the first left out."""
    local = Local({"model": str(folder)})
    width, height = local.capabilities().sizes.only[0]
    walls: list[tuple[float, float]] = []
    for case in many:
        request = TakeRequest(
            backend="local",
            prompt=case.prompt,
            width=width,
            height=height,
            frames=FRAMES,
            rate=Fraction(FPS),
            seed=case.seed,
        )
        started = time.perf_counter()
        (made,) = local.generate([Call(request, "a1")], lambda event: None)
        assert isinstance(made, Made) and len(list(made.frames)) == FRAMES, made
        between = time.perf_counter()
        pipe(prompt=case.prompt, num_inference_steps=STEPS, guidance_scale=GUIDANCE, output_type="np", **SIZE)
        walls.append((between - started, time.perf_counter() - between))
    ours, plain = zip(*walls[1:], strict=True)
    return statistics.median(ours), statistics.median(plain)


def measure(
    models: Path, quick: bool, sheet_file: Path | None, sheet_clips: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Run every measurement; returns the figures with a goal, and the further ones."""
    from diffusers import DiffusionPipeline, LTXConditionPipeline, LTXImageToVideoPipeline
    from diffusers.utils import logging

    logging.set_verbosity_error()
    folder = models / "shapes"
    pipe = DiffusionPipeline.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    animate, connect = LTXImageToVideoPipeline.from_pipe(pipe), LTXConditionPipeline.from_pipe(pipe)
    for each in (pipe, animate, connect):
        each.set_progress_bar_config(disable=True)
    count, fewer = (48, 16) if quick else (420, 100)
    figures: dict[str, float] = {}

    asked = cases(count, seed=1)
    true = [draw(c.scene) for c in asked]
    figures["measuring"] = share([score(clip_, c.scene)["all_right"] for clip_, c in zip(true, asked, strict=True)])
    figures["vae_shape"] = share(
        [score(f, c.scene)["shape"] for f, c in zip(round_trip(pipe.vae, true[: 4 * fewer]), asked, strict=False)]
    )

    made = text_to_video(pipe, asked)
    scores = [score(film, c.scene) for film, c in zip(made, asked, strict=True)]
    for key in ("colour", "background", "motion", "shape", "all_right"):
        figures[key] = share([s[key] for s in scores])
    parts: dict[str, list[bool]] = defaultdict(list)
    for s, c in zip(scores, asked, strict=True):
        parts[c.scene.things[0].motion].append(s["motion"])
        parts[c.scene.things[0].shape].append(s["shape"])
        parts[c.scene.things[0].colour].append(s["colour"])
        parts[c.scene.background].append(s["background"])
    shares = {
        name: share(parts[name])
        for name in (*world.SHAPES, *world.MOTIONS, *world.COLOURS, *world.BACKGROUNDS)
        if name in parts
    }
    figures["worst_motion"] = min(shares[m] for m in world.MOTIONS if m in shares)
    figures["worst_shape"] = min(shares[s] for s in world.SHAPES if s in shares)
    if sheet_file:
        sheet(asked[:sheet_clips], made[:sheet_clips], sheet_file)

    told = cases(fewer, seed=2)
    shown = [score(film, c.scene) for film, c in zip(first_frame_to_video(animate, told), told, strict=True)]
    figures["i2v_identity"] = share([s["colour"] and s["shape"] for s in shown])
    shares["i2v_motion"] = share([s["motion"] for s in shown])

    ends, rng = cases(fewer, seed=3, moving=True), random.Random(3)
    figures["last_frame"] = share([reaches_last_frame(ends_to_video(connect, c), c.scene, rng) for c in ends])

    pairs = cases(fewer, seed=4, things=2)
    figures["two_objects"] = share(
        [score(film, c.scene)["all_right"] for film, c in zip(text_to_video(pipe, pairs), pairs, strict=True)]
    )

    figures["clip_retrieval"] = clip_retrieval(models / "shapes_clip", cases(count, seed=5), random.Random(5))

    figures["seconds_per_clip"], shares["plain_seconds"] = seconds(folder, pipe, asked[:9])
    for key, part in (("megabytes", folder), ("clip_megabytes", models / "shapes_clip")):
        size = sum(f.stat().st_size for f in part.rglob("*") if f.is_file()) / 1e6
        (figures if key == "megabytes" else shares)[key] = size
    return figures, shares


def main() -> int:
    """Measure, print, and return the exit status: 0 if every goal is met."""
    parser = argparse.ArgumentParser(description="Measure the shapes model.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer prompts, for a look")
    parser.add_argument(
        "--models",
        type=Path,
        default=ROOT / "video_tools" / "models",
        help="folder that holds shapes/ and shapes_clip/",
    )
    parser.add_argument("--sheet", type=Path, help="write the first clips as a picture")
    parser.add_argument("--sheet-clips", type=int, default=24)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    with torch.no_grad():
        figures, parts = measure(asked.models, asked.quick, asked.sheet, asked.sheet_clips)
    if not asked.json:
        print("  ".join(f"{key} {value:.3f}" for key, value in parts.items()))
    packages = ("torch", "diffusers", "transformers")
    return report("shapes", {key: figures[key] for key in GOALS}, GOALS, asked.json, packages=packages)


if __name__ == "__main__":
    sys.exit(main())
