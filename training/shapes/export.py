"""Write what the package ships, in half precision: diffusers' format for the pipeline, transformers' for the CLIP."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch

from training.shapes import clip, text
from training.shapes.captions import BACKGROUND_WORDS, MOTION_WORDS, SHAPE_WORDS
from training.shapes.transformer import TextToVideo, build
from training.shapes.world import COLOURS, FPS, FRAMES, HEIGHT, WIDTH

SHIPPED = Path(__file__).parents[2] / "video_tools" / "models"
STEPS = 6
SHOWN = 114  # columns: the middle of a clip that comes nearest to 16:9; everything happens there


def save_pipeline(vae: Any, model: TextToVideo, folder: Path) -> None:
    """Save an LTXPipeline folder; the image-to-video and condition pipelines load the same files."""
    from diffusers import FlowMatchEulerDiscreteScheduler, LTXPipeline

    transformer = build()
    transformer.load_state_dict(model.transformer.state_dict())
    # No shift: LTXConditionPipeline passes its own times, and the scheduler would shift its sums but not the times.
    scheduler = FlowMatchEulerDiscreteScheduler(shift=1.0, use_dynamic_shifting=False)
    pipe = LTXPipeline(
        vae=vae,
        transformer=transformer.eval(),
        text_encoder=model.text_encoder.eval(),
        tokenizer=text.tokenizer(),
        scheduler=scheduler,
    )
    pipe = pipe.to("cpu", torch.float16)
    shutil.rmtree(folder, ignore_errors=True)
    pipe.save_pretrained(folder, safe_serialization=True)
    _load_as_float32(folder / "text_encoder")
    (folder / "reelgraph.json").write_text(json.dumps(card(), indent=1) + "\n")


def card() -> dict[str, Any]:
    """What the local back end and the planner are told of the model: its one form of clip, and its world's words."""

    def once(phrases: tuple[str, ...]) -> list[str]:
        return list(dict.fromkeys(phrases))

    return {
        "sizes": [[SHOWN, HEIGHT]],
        "canvas": [WIDTH, HEIGHT],
        "rate": f"{FPS}/1",
        "least_frames": FRAMES,
        "most_frames": FRAMES,
        "steps": STEPS,
        "guidance": 1.0,  # it is in the weights
        "even_steps": True,
        "world": {
            "things": {shape: once(phrases) for shape, phrases in SHAPE_WORDS.items()},
            "colours": {name: "#{:02x}{:02x}{:02x}".format(*rgb) for name, rgb in COLOURS.items()},
            "motions": {motion: once((*finite, *seen)) for motion, (finite, seen) in MOTION_WORDS.items()},
            "places": {place: once(phrases) for place, phrases in BACKGROUND_WORDS.items()},
            "most_things": 2,
            "embedder": "shapes_clip",
            "sheet": len(clip.SHEET),
        },
    }


def save_clip(model: Any, folder: Path) -> None:
    """Save the CLIP folder."""
    shutil.rmtree(folder, ignore_errors=True)
    clip.save(model.to("cpu"), folder)
    _load_as_float32(folder)


def _load_as_float32(folder: Path) -> None:
    """Record float32: transformers loads in the recorded type, diffusers in float32, and the two have to meet."""
    file = folder / "config.json"
    config = json.loads(file.read_text())
    config["dtype"] = "float32"
    file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
