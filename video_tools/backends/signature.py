"""A pipeline class that has no row, asked by the names of its own arguments; what is guessed is said on every take.

All text-to-image classes come this way: they are alike, and make stills and reference pictures.
"""

import inspect
import math
import sys
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import partial
from typing import Any, get_args

from reelgraph.video_tools.backends.conditions import first_only
from reelgraph.video_tools.backends.family import Configs, Family, vocoder_rate
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
_OWN_WORDS = {"Lumina2Pipeline": 31}

# What both sides must be a multiple of, where a class asks for more than 16: GLM-Image draws by squares of 32.
_MULTIPLES = {"GlmImagePipeline": 32}

# Classes whose output has a place for sound that they leave empty. Source: their code in diffusers 0.42.
_SILENT = ("LTX2HDRPipeline",)

# Frames a second, where it is not an argument; 24 otherwise. Source: the examples of their authors in diffusers 0.42
# and, where those name none, the clips that AnimateDiff and ModelScope's model were trained on.
_RATES = {
    8: ("AnimateDiffControlNetPipeline", "AnimateDiffPAGPipeline", "AnimateDiffSDXLPipeline", "ConsisIDPipeline",
        "AnimateDiffSparseControlNetPipeline", "EasyAnimatePipeline", "EasyAnimateControlPipeline", "PIAPipeline",
        "EasyAnimateInpaintPipeline", "TextToVideoSDPipeline"),
    15: ("AllegroPipeline",),
    16: ("AnyFlowPipeline", "AnyFlowFARPipeline", "ChronoEditPipeline", "I2VGenXLPipeline", "SanaVideoPipeline",
         "SanaImageToVideoPipeline"),
}  # fmt: skip


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
    given = _given_back(cls)
    if lacking or odd or (given and not given & {"frames", "images"}):
        why = (
            f"it takes no {', '.join(lacking)}" if lacking
            else f"it needs {', '.join(odd)}" if odd
            else f"it gives back {', '.join(sorted(given))} and no frames"
        )  # fmt: skip
        raise InvalidRequest(f"{folder.pipeline} has no row in families.py and cannot be asked by its signature: {why}")

    def default(name: str, otherwise: Any, taken: Mapping[str, inspect.Parameter] = arguments) -> Any:
        value = taken[name].default if name in taken else None
        return otherwise if value is None or value is inspect.Parameter.empty else value

    told = default("max_sequence_length", None)
    encoding = inspect.signature(cls.encode_prompt).parameters if hasattr(cls, "encode_prompt") else {}
    tokens = told or default("max_sequence_length", None, encoding) or _READ.get(folder.pipeline)
    if own_words := _OWN_WORDS.get(folder.pipeline):
        tokens, told = told - own_words, None
    readers = {
        name: min(tokens or math.inf, config.get("model_max_length") or math.inf)
        for name, config in folder.configs.items()
        if name.startswith("tokenizer") or "tokenizer_class" in config  # some processors have one inside
    }
    rate = next((name for name in ("frame_rate", "fps") if name in arguments), "")
    usual_rate = next((number for number, classes in _RATES.items() if folder.pipeline in classes), 24)
    # Two classes name two guidances: one by the words alone, and a true one, which alone reads a negative prompt, and
    # only above 1. Where the former has no value, models do without it (Qwen-Image); where the latter is 1, it is off
    # (Flux).
    true = float(default("true_cfg_scale", 0.0))
    usual = "guidance_scale" if true <= 1 or default("guidance_scale", None) else "true_cfg_scale"
    # A class may have a schedule of guidance in place of a scale, for one number of steps (Ideogram 4): it is asked by
    # the scale that the schedule begins with.
    schedule = default("guidance_schedule", None)
    needs_image = "image" in required
    library, vae = folder.components.get("vae", ("", ""))
    vae = vae if library == "diffusers" else ""
    heard = "audio" in given and folder.pipeline not in _SILENT
    told_rate = "output_sampling_rate" in folder.configs.get("vocoder", {})
    side = _side(folder.configs) or (1024 if picture else None)
    return Family(
        folder.pipeline,
        # A VAE of pictures leaves as many latent frames as there are frames.
        temporal=_one if picture or vae == "AutoencoderKL" else partial(_temporal, vae),
        spatial=partial(_spatial, _MULTIPLES.get(folder.pipeline, 16)),
        rate=Fraction(default(rate, usual_rate)).limit_denominator(1001),
        most_frames=1 if picture else int(default(frames, 81)),
        size=(int(default("width", side or 832)), int(default("height", side or 480))),
        sizes=partial(_supported, cls),
        steps=int(default("num_inference_steps", 50)),
        guidance=float(schedule[0] if schedule else default(usual, 5.0)),
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
        sound=vocoder_rate if heard and told_rate else None,
        unheard=heard and not told_rate,
        # Some give what the VAE made as tensors, -1 to 1, and go past their safety checker (DeepFloyd IF, Kandinsky).
        output_type="np",
        extras=partial(_switched_off, arguments.keys()),
        # As it is for the classes of its own family.
        exact=("vae",) if vae == "AutoencoderKLWan" else (),
        guessed=not picture,
    )


def _given_back(cls: type[Any]) -> set[str]:
    """Return what a class says that its output has; nothing where it says nothing."""
    said = inspect.signature(cls.__call__).return_annotation
    kinds = [kind for kind in get_args(said) or (said,) if isinstance(kind, type) and is_dataclass(kind)]
    return {field.name for kind in kinds for field in fields(kind)}


def _switched_off(arguments: Collection[str], configs: Configs) -> dict[str, Any]:
    """Keep a prompt's words, which a class may tidy where a package is there, and the guidance that is asked for."""
    off = {"clean_caption": False, "guidance_schedule": None}
    return {name: value for name, value in off.items() if name in arguments}


def _supported(cls: type[Any], configs: Configs) -> tuple[tuple[int, int], ...]:
    """Return the sizes that a class makes all others into, where its module lists such (HunyuanDiT)."""
    return tuple(sorted(getattr(sys.modules[cls.__module__], "SUPPORTED_SHAPE", ())))


def _side(configs: Configs) -> int | None:
    """Return how wide and high a model's own pictures are, which its classes take where they are told no size."""
    sides = (configs[part].get("sample_size") for part in ("transformer", "unet") if part in configs)
    latent = next((side for side in sides if isinstance(side, int)), None)
    if latent is None or not configs.keys().isdisjoint({"movq", "decoder"}):
        return None
    vae = configs.get("vae", {})
    channels = vae.get("encoder_block_out_channels") or vae.get("block_out_channels") or (0,)
    return int(latent * 2 ** (len(channels) - 1))


def _one(configs: Configs) -> int:
    return 1


def _temporal(vae: str, configs: Configs) -> int:
    config = configs.get("vae", {})
    # CogVideoX's, which others have too (ConsisID), decodes latent frames in twos.
    at_once = 2 if vae == "AutoencoderKLCogVideoX" else 1
    return at_once * int(config.get("temporal_compression_ratio") or config.get("scale_factor_temporal") or 4)


def _spatial(multiple: int, configs: Configs) -> int:
    if "movq" in configs:  # Kandinsky's classes round up to what is a multiple of its scale twice over
        return int(4 ** (len(configs["movq"].get("block_out_channels", (0, 0, 0, 0))) - 1))
    vae = configs.get("vae", {})
    if deep := vae.get("encoder_block_out_channels"):  # such a VAE compresses so far that patches seldom do besides
        patch = configs.get("transformer", {}).get("patch_size")
        return math.lcm(multiple, 2 ** (len(deep) - 1) * (patch if isinstance(patch, int) else 1))
    return math.lcm(multiple, int(vae.get("spatial_compression_ratio") or vae.get("scale_factor_spatial") or 8) * 2)
