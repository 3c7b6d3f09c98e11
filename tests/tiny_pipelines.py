"""Tiny random-weight pipelines of real diffusers classes, built from configs and saved as users have them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import diffusers
import torch
import transformers
from tiny.cosmos import Guardrail, cosmos, cosmos25
from tiny.hunyuan import framepack, hunyuan, hunyuan15, hunyuan_i2v, kandinsky5
from tiny.ltx import ltx, ltx2, ltx_upsampler
from tiny.others import animatediff, cogvideox, cogvideox15, flux, mochi, stable_diffusion
from tiny.pictures import deepfloyd, hunyuan_dit, kandinsky3, kandinsky22, lumina2
from tiny.sound import ace_step, stable_audio
from tiny.wan import helios, lucy, skyreels, wan, wan_5b, wan_a14b, wan_animate, wan_flf, wan_i2v, wan_vace

__all__ = ["BUILDERS", "GUARDED_BUILDERS", "NEEDED", "SOUND_BUILDERS", "Guardrail", "build"]

torch.set_num_threads(1)  # threads fight over a small machine's cores: a tiny model is 30 times slower with two
diffusers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

BUILDERS: dict[str, Callable[[], Any]] = {
    "wan": wan, "wan_5b": wan_5b, "wan_a14b": wan_a14b, "wan_i2v": wan_i2v, "wan_flf": wan_flf, "wan_vace": wan_vace,
    "helios": helios,
    "ltx": ltx, "ltx_i2v": lambda: ltx("LTXImageToVideoPipeline"),
    "ltx_i2v_denoising": lambda: ltx("LTXImageToVideoPipeline", denoises=True),
    "ltx_condition": lambda: ltx("LTXConditionPipeline"),
    "ltx2": ltx2, "ltx2_i2v": lambda: ltx2("LTX2ImageToVideoPipeline"),
    "ltx2_condition": lambda: ltx2("LTX2ConditionPipeline"),
    "cogvideox": cogvideox, "cogvideox_i2v": lambda: cogvideox("CogVideoXImageToVideoPipeline", channels=8),
    "cogvideox15": cogvideox15, "cogvideox15_i2v": lambda: cogvideox15("CogVideoXImageToVideoPipeline", channels=8),
    "cogvideox_control": lambda: cogvideox("CogVideoXFunControlPipeline", channels=8),
    "mochi": mochi, "skyreels": skyreels, "lucy": lucy, "wan_animate": wan_animate, "hunyuan_i2v": hunyuan_i2v,
    "skyreels_df": lambda: skyreels("SkyReelsV2DiffusionForcingPipeline"),
    "skyreels_df_i2v": lambda: skyreels("SkyReelsV2DiffusionForcingImageToVideoPipeline"),
    "skyreels_i2v": lambda: skyreels("SkyReelsV2ImageToVideoPipeline", in_channels=36, image_dim=4),
    "hunyuan": hunyuan, "framepack": framepack, "animatediff": animatediff, "stable_diffusion": stable_diffusion,
    "hunyuan15": hunyuan15, "hunyuan15_i2v": lambda: hunyuan15("HunyuanVideo15ImageToVideoPipeline"),
    "kandinsky5": kandinsky5, "kandinsky5_i2v": lambda: kandinsky5("Kandinsky5I2VPipeline"),
}  # fmt: skip

# What a request must carry, where a first frame alone is not it.
NEEDED: dict[str, tuple[Any, ...]] = {
    "wan_flf": ("first_frame", "last_frame"), "wan_animate": ("reference", "video"), "lucy": ("video",),
    "cogvideox_control": ("video",),
}  # fmt: skip

# What is not run without a checker of its makers.
GUARDED_BUILDERS: dict[str, Callable[[], Any]] = {
    "cosmos": cosmos, "cosmos_i2v": lambda: cosmos("CosmosVideoToWorldPipeline"),
    "cosmos2_i2v": lambda: cosmos("Cosmos2VideoToWorldPipeline"), "cosmos25": cosmos25,
}  # fmt: skip

# What makes sound alone.
SOUND_BUILDERS: dict[str, Callable[[], Any]] = {"stable_audio": stable_audio, "ace_step": ace_step}
# What enlarges the drafts of another.
UPSAMPLERS: dict[str, Callable[[], Any]] = {"ltx_upsampler": ltx_upsampler}
# What is asked by its signature, beside `stable_diffusion`.
PICTURE_BUILDERS: dict[str, Callable[[], Any]] = {
    "flux": flux, "deepfloyd": deepfloyd, "kandinsky3": kandinsky3, "kandinsky22": kandinsky22,
    "hunyuan_dit": hunyuan_dit, "lumina2": lumina2,
}  # fmt: skip


def build(name: str, folder: Path) -> Path:
    """Save a tiny pipeline with weights from a fixed seed, once; returns its folder."""
    target = folder / name
    if not target.exists():
        torch.manual_seed(0)
        pipe = (BUILDERS | GUARDED_BUILDERS | SOUND_BUILDERS | UPSAMPLERS | PICTURE_BUILDERS)[name]()
        if name in GUARDED_BUILDERS:  # a checker is a package, not a part of the model's folder
            pipe.register_modules(safety_checker=None)
        pipe.save_pretrained(target, safe_serialization=True)
    return target
