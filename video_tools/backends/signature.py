"""A pipeline class that has no row, asked by the names of its own arguments; what is guessed is said on every take.

All text-to-image classes come this way: they are alike, and make stills and reference pictures.
"""

import inspect
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from reelgraph.video_tools.backends.conditions import first_only
from reelgraph.video_tools.backends.family import Configs, Family, no_extras
from reelgraph.video_tools.backends.model_folder import ModelFolder
from reelgraph.video_tools.errors import InvalidRequest

_NEEDED = ("prompt", "width", "height", "num_inference_steps", "generator", "output_type")
_KNOWN = {
    *_NEEDED, "num_frames", "frames", "frame_rate", "fps", "guidance_scale", "true_cfg_scale", "negative_prompt",
    "max_sequence_length", "callback_on_step_end", "image",
}  # fmt: skip

# Classes that are guided, and fail where they are given no negative prompt, not even an empty one. Source: their
# `encode_prompt` in diffusers 0.42, which alone of those of its kind reads None as a list.
_FAIL_WITHOUT = ("EasyAnimatePipeline", "EasyAnimateControlPipeline", "EasyAnimateInpaintPipeline")

# What classes read whose code alone says so, for the plan: a prompt that is cut is seen as it is encoded, whatever its
# class. Source: their `encode_prompt` in diffusers 0.42.
_READ = {"IFPipeline": 77, "Kandinsky3Pipeline": 128, "HunyuanDiTPipeline": 256, "HunyuanDiTPAGPipeline": 256}

# About how many tokens a class's own words before a prompt take, for the plan: the 24 words and two marks of Lumina 2,
# the four tokens of its `<Prompt Start>`, and the one that begins a text. Gemma's tokenizer has a token for each word.
_SYSTEM_PROMPT = 31


def family_by_signature(folder: ModelFolder) -> Family:
    """Make up a row from a class's signature and its VAE's config.

    Raises:
        InvalidRequest: The class is not a text-to-video pipeline of the usual shape; the message says what is missing.
    """
    import diffusers
    from diffusers.pipelines.auto_pipeline import AUTO_TEXT2IMAGE_PIPELINES_MAPPING

    cls = getattr(diffusers, folder.pipeline, None)
    if not (isinstance(cls, type) and issubclass(cls, diffusers.DiffusionPipeline)):
        raise InvalidRequest(f"{folder.pipeline} is no pipeline of the installed diffusers {diffusers.__version__}")
    arguments = inspect.signature(cls.__call__).parameters
    frames = next((name for name in ("num_frames", "frames") if name in arguments), "")
    # Some of those that diffusers lists make clips.
    picture = not frames and folder.pipeline in {kind.__name__ for kind in AUTO_TEXT2IMAGE_PIPELINES_MAPPING.values()}
    lacking = [name for name in _NEEDED if name not in arguments] + ([] if frames or picture else ["num_frames"])
    required = {n for n, a in arguments.items() if a.default is a.empty and a.kind is a.POSITIONAL_OR_KEYWORD} - {
        "self"
    }
    odd = sorted(required - _KNOWN)
    if lacking or odd:
        why = f"it takes no {', '.join(lacking)}" if lacking else f"it needs {', '.join(odd)}"
        raise InvalidRequest(f"{folder.pipeline} has no row in families.py and cannot be asked by its signature: {why}")

    def default(name: str, otherwise: Any, taken: Mapping[str, inspect.Parameter] = arguments) -> Any:
        value = taken[name].default if name in taken else None
        return otherwise if value is None or value is inspect.Parameter.empty else value

    told = default("max_sequence_length", None)
    encoding = inspect.signature(cls.encode_prompt).parameters if hasattr(cls, "encode_prompt") else {}
    tokens = told or default("max_sequence_length", None, encoding) or _READ.get(folder.pipeline)
    if told and "system_prompt" in arguments:  # it stands before the prompt, within the class's own tokens
        tokens, told = told - _SYSTEM_PROMPT, None
    readers = {
        name: min(tokens or math.inf, config.get("model_max_length") or math.inf)
        for name, config in folder.configs.items()
        if name.startswith("tokenizer") or "tokenizer_class" in config  # some processors have one inside
    }
    rate = next((name for name in ("frame_rate", "fps") if name in arguments), "")
    # Two classes name two guidances: one by the words alone, and a true one, which alone reads a negative prompt, and
    # only above 1. Where the former has no value, models do without it (Qwen-Image); where the latter is 1, it is off
    # (Flux).
    true = float(default("true_cfg_scale", 0.0))
    usual = "guidance_scale" if true <= 1 or default("guidance_scale", None) else "true_cfg_scale"
    needs_image = "image" in required
    side = _side(folder.configs) if picture else None
    return Family(
        folder.pipeline,
        temporal=_one if picture else _temporal,
        spatial=_spatial,
        rate=Fraction(default(rate, 24)).limit_denominator(1001),
        most_frames=1 if picture else int(default(frames, 81)),
        size=(int(default("width", side or 832)), int(default("height", side or 480))),
        steps=int(default("num_inference_steps", 50)),
        guidance=float(default(usual, 5.0)),
        prompt_tokens=tokens,
        reader=max(readers, key=lambda name: readers[name], default="tokenizer"),
        guidance_argument=usual if usual in arguments else "",
        frames_argument=frames,
        rate_argument=rate,
        negative_prompt="negative_prompt" in arguments and ("true_cfg_scale" not in arguments or true > 1),
        guided_by_negative=true > 1 or folder.pipeline in _FAIL_WITHOUT,
        tokens_argument="max_sequence_length" if told else "",
        batches=False,  # whether a class passes over what it pads prompts with, no signature tells
        # One that is made of others hands it to the last of them alone.
        callback="callback_on_step_end" in arguments and not cls._load_connected_pipes,
        requires=frozenset({"first_frame"}) if needs_image else frozenset(),
        accepts=frozenset({"first_frame"}) if needs_image else frozenset(),
        conditions=first_only if needs_image else None,
        picture=picture,
        # Some give what the VAE made as tensors, -1 to 1, and go past their safety checker (DeepFloyd IF, Kandinsky).
        output_type="np",
        # With it, a class would take out of a prompt what its authors left out of captions, where a package is there.
        extras=_words_as_they_are if "clean_caption" in arguments else no_extras,
        guessed=not picture,
    )


def _words_as_they_are(configs: Configs) -> dict[str, Any]:
    return {"clean_caption": False}


def _side(configs: Configs) -> int:
    """Return how wide and high a model's own pictures are, which its classes take where they are told no size."""
    sides = (configs[part].get("sample_size") for part in ("transformer", "unet") if part in configs)
    latent = next((side for side in sides if isinstance(side, int)), None)
    if latent is None or not configs.keys().isdisjoint({"movq", "decoder"}):
        return 1024
    vae = configs.get("vae", {})
    channels = vae.get("encoder_block_out_channels") or vae.get("block_out_channels") or (0,)
    return int(latent * 2 ** (len(channels) - 1))


def _one(configs: Configs) -> int:
    return 1


def _temporal(configs: Configs) -> int:
    vae = configs.get("vae", {})
    return int(vae.get("temporal_compression_ratio") or vae.get("scale_factor_temporal") or 4)


def _spatial(configs: Configs) -> int:
    if "movq" in configs:  # Kandinsky's classes round up to what is a multiple of its scale twice over
        return int(4 ** (len(configs["movq"].get("block_out_channels", (0, 0, 0, 0))) - 1))
    vae = configs.get("vae", {})
    return math.lcm(16, int(vae.get("spatial_compression_ratio") or vae.get("scale_factor_spatial") or 8) * 2)
