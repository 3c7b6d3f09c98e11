"""What each diffusers pipeline class needs, one row a class; what no signature tells of others is in `signature.py`.

A row's defaults are those that the model's authors publish with it.
"""

import math
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from reelgraph.video_tools.backends.conditions import (
    Role,
    animate,
    control_video,
    edited_video,
    first_and_last,
    first_only,
    ltx2_pinned,
    ltx_pinned,
    source_video,
    vace,
)
from reelgraph.video_tools.backends.family import Configs, Family, Ratio, vocoder_rate
from reelgraph.video_tools.errors import InvalidRequest

# --- how far each VAE compresses -------------------------------------------------------------------------------------


def _wan_temporal(configs: Configs) -> int:
    return int(configs["vae"].get("scale_factor_temporal", 4))


def _wan_spatial(configs: Configs) -> int:
    patch = next((c["patch_size"] for c in configs.values() if isinstance(c.get("patch_size"), list)), [1, 2, 2])
    # The classes themselves refuse what is no multiple of 16; a VAE that compresses 16-fold needs 32.
    return math.lcm(16, int(configs["vae"].get("scale_factor_spatial", 8)) * int(patch[-1]))


def _ltx_temporal(configs: Configs) -> int:
    vae = configs["vae"]
    halvings = sum(map(bool, vae.get("spatio_temporal_scaling", (True, True, True, False))))
    return int(vae.get("temporal_compression_ratio") or vae.get("patch_size_t", 1) * 2**halvings)


def _ltx_spatial(configs: Configs) -> int:
    vae = configs["vae"]
    halvings = sum(map(bool, vae.get("spatio_temporal_scaling", (True, True, True, False))))
    return math.lcm(32, int(vae.get("spatial_compression_ratio") or vae.get("patch_size", 4) * 2**halvings))


def _vae_temporal(configs: Configs) -> int:
    return int(configs["vae"].get("temporal_compression_ratio", 4))


def _cogvideox_temporal(configs: Configs) -> int:
    # Its VAE decodes latent frames in twos: only of an odd count of them is the first one a single frame.
    return 2 * _vae_temporal(configs)


def _cosmos_temporal(configs: Configs) -> int:
    return int(configs["vae"].get("temporal_compression_ratio", 8))


def _vae_spatial(configs: Configs) -> int:
    return math.lcm(16, int(configs["vae"].get("spatial_compression_ratio", 8)) * 2)


def _hunyuan15_spatial(configs: Configs) -> int:
    return int(configs["vae"].get("spatial_compression_ratio", 16)) * int(configs["transformer"].get("patch_size", 1))


def _kandinsky_spatial(configs: Configs) -> int:
    # Sparse attention looks at blocks of eight by eight patches.
    blocks = 8 if configs["transformer"].get("attention_type") == "nabla" else 1
    return _vae_spatial(configs) * blocks


def _fixed(value: int) -> Ratio:
    return lambda configs: value


# --- what differs between checkpoints of one class -------------------------------------------------------------------


def _wan_plain(configs: Configs) -> bool:
    """Wan 2.1: one transformer, and one time step for all frames."""
    return "transformer_2" not in configs and not configs[""].get("expand_timesteps")


def _wan_by_frame(configs: Configs) -> bool:
    """Wan 2.2 5B: a time step for each frame, so that a first frame can be kept."""
    return bool(configs[""].get("expand_timesteps"))


def _wan_generation(row: Family, configs: Configs) -> Family:
    """The first generation, and 2.2's larger models, make 81 frames at 16 a second; 2.2's 5B makes 121 at 24.

    The larger are two transformers, of which the second makes the last steps, more loosely guided. Source: Wan 2.2's
    own configurations of its A14B models.
    """
    if "transformer_2" in configs:
        of_picture = "first_frame" in row.requires
        return replace(row, steps=40, guidance=3.5 if of_picture else 4.0, last_guidance=3.5 if of_picture else 3.0)
    if not _wan_by_frame(configs):
        return row
    return replace(row, rate=Fraction(24), most_frames=121, size=(1280, 704))


def _wan_ends(row: Family, configs: Configs) -> Family:
    """Take a last frame only where it is heeded, and ask for one where it is needed.

    Wan 2.2 5B keeps a first frame by its time step and passes over a last one. A transformer that sees frames through
    an image encoder has a place either for one or for exactly two.
    """
    row = _wan_generation(row, configs)
    if configs["transformer"].get("pos_embed_seq_len"):
        return replace(row, requires=_ENDS)
    blind = "image_encoder" in configs or _wan_by_frame(configs)
    return replace(row, accepts=_FIRST, conditions=first_only, least_frames=1) if blind else row


def _ltx_by_condition(row: Family, configs: Configs) -> Family:
    """Begin on a picture by the class of conditions where the VAE denoises a last step.

    The class of pictures draws the noise for that on the card itself, for which a seed that is the same everywhere
    cannot be given. Source: diffusers 0.42, `LTXImageToVideoPipeline.__call__`.
    """
    return FAMILIES["LTXConditionPipeline"] if configs["vae"].get("timestep_conditioning") else row


def _ltx_extras(configs: Configs) -> dict[str, Any]:
    # Source: the model cards of LTX-Video 0.9.1 and later, whose VAE denoises a last step while it decodes.
    return {"decode_timestep": 0.05, "decode_noise_scale": 0.025} if configs["vae"].get("timestep_conditioning") else {}


def _ltx2_extras(configs: Configs) -> dict[str, Any]:
    # Spatio-temporal guidance perturbs block 28, which smaller transformers do not have.
    if int(configs["transformer"].get("num_layers", 48)) > 28:
        return {}
    return {"stg_scale": 0.0, "audio_stg_scale": 0.0, "spatio_temporal_guidance_blocks": None}


def _cogvideox_generation(row: Family, configs: Configs) -> Family:
    """The first generation made 49 frames at 8 a second; 1.5, which joins frames in twos, makes 81 at 16."""
    transformer = configs["transformer"]
    row = replace(row, most_frames=int(transformer.get("sample_frames", row.most_frames)))
    return replace(row, rate=Fraction(16), size=(1360, 768)) if transformer.get("patch_size_t") else row


def _cogvideox_plain(configs: Configs) -> bool:
    """The first generation: 1.5 joins latent frames in twos, and one of a clip of a legal length would be left over."""
    return not configs["transformer"].get("patch_size_t")


def _cogvideox_clip(row: Family, configs: Configs) -> Family:
    """Refuse 1.5 where a clip is followed: the class does not fill up its latent frames, as others do."""
    if not _cogvideox_plain(configs):
        raise InvalidRequest(
            f"{row.pipeline} fails at this checkpoint, which joins frames in twos (CogVideoX 1.5): use one of "
            "the first generation, or CogVideoXPipeline"
        )
    return _cogvideox_generation(row, configs)


def _cogvideox_sizes(configs: Configs) -> tuple[tuple[int, int], ...]:
    """Return the only size of a checkpoint that learnt the place of each patch by heart (5B from a picture)."""
    transformer = configs["transformer"]
    if not transformer.get("use_learned_positional_embeddings"):
        return ()
    scale = 2 ** (len(configs["vae"].get("block_out_channels", (128, 256, 256, 512))) - 1)
    return ((int(transformer["sample_width"]) * scale, int(transformer["sample_height"]) * scale),)


def _framepack_windows(frames: int) -> int:
    """FramePack makes a window of 9 latent frames at a time, each 36 frames further on."""
    return (frames - 1) // 36


def _framepack_argument(frames: int) -> int:
    return _framepack_windows(frames) * 33  # it counts the 33 frames of a window taken alone


def _hunyuan15_size(row: Family, configs: Configs) -> Family:
    """One checkpoint is for 480 lines, another for 720."""
    return replace(row, size=(1280, 720)) if configs["transformer"].get("target_size") == 960 else row


def _hunyuan15_sizes(configs: Configs) -> tuple[tuple[int, int], ...]:
    return _buckets(
        int(configs["transformer"].get("target_size", 640)), int(configs["vae"].get("spatial_compression_ratio", 16))
    )


@cache
def _buckets(side: int, multiple: int) -> tuple[tuple[int, int], ...]:
    """Return the sizes, one a shape, from which HunyuanVideo 1.5 chooses by a picture: those that lead to themselves.

    It compares shapes with rounded ones, so that a few of its sizes lead to others.
    """
    from diffusers.pipelines.hunyuan_video1_5.image_processor import generate_crop_size_list, get_closest_ratio

    made = generate_crop_size_list(side, multiple)  # type: ignore[no-untyped-call]
    ratios: Any = np.array([round(height / width, 5) for height, width in made])
    return tuple(sorted({(w, h) for h, w in made if get_closest_ratio(h, w, ratios, made)[0] == (h, w)}))


# SkyReels V2 sees 97 frames at once and, for more, goes on from the last 17 of those before. Sources: the clips that
# its models were trained on (arXiv 2504.13074), and the overlap and the longest film of its authors' examples. Noise
# over what it goes on from, as they advise besides, is drawn without a seed, and is left out.
_FORCED, _OVERLAP, _FORCED_MOST = 97, 17, 1457


def _forced_on(frames: int) -> dict[str, Any]:
    return {"base_num_frames": _FORCED, "overlap_history": _OVERLAP} if frames > _FORCED else {}


def _forced_windows(frames: int) -> int:
    return 1 + max(0, math.ceil((frames - _FORCED) / (_FORCED - _OVERLAP)))


def _helios_windows(frames: int) -> int:
    """Helios makes a window of 9 latent frames, 33 frames, at a time, and leaves out what is beyond a multiple of 4."""
    return math.ceil(frames / 33)


def _helios_in_one_stage(row: Family, configs: Configs) -> Family:
    """Refuse a checkpoint that works from coarse to fine, which the class fails at."""
    if (stages := configs["scheduler"].get("stages", 3)) != 1:
        raise InvalidRequest(
            f"this checkpoint's scheduler works in {stages} stages, which {row.pipeline} does not ask for: use "
            "one whose scheduler_config.json says stages 1"
        )
    return row


def _hunyuan_lead(row: Family, configs: Configs) -> Family:
    """Ask for four frames more where the first one is shown by further channels: such a model drops four."""
    beside = configs["transformer"].get("image_condition_type") == "latent_concat"
    return replace(row, frames_value=lambda frames: frames + 4) if beside else row


def _motion_length(row: Family, configs: Configs) -> Family:
    return replace(row, most_frames=int(configs["motion_adapter"].get("motion_max_seq_length", row.most_frames)))


# --- the rows --------------------------------------------------------------------------------------------------------

_FIRST: frozenset[Role] = frozenset({"first_frame"})
_ENDS: frozenset[Role] = frozenset({"first_frame", "last_frame"})
_PINNED: frozenset[Role] = frozenset({"first_frame", "last_frame", "keyframe"})
_VIDEO: frozenset[Role] = frozenset({"video"})
_MOVED: frozenset[Role] = frozenset({"video", "reference"})

_WAN: dict[str, Any] = {
    "temporal": _wan_temporal, "spatial": _wan_spatial, "rate": Fraction(16), "most_frames": 81, "size": (832, 480),
    "steps": 50, "guidance": 5.0, "prompt_tokens": 512, "exact": ("vae",),
}  # fmt: skip
_SKYREELS: dict[str, Any] = _WAN | {"rate": Fraction(24), "most_frames": 97, "size": (960, 544), "guidance": 6.0}
_SKYREELS_FORCED: dict[str, Any] = _SKYREELS | {
    "most_frames": _FORCED_MOST, "lengthened": _forced_on, "windows": _forced_windows,
}  # fmt: skip
_LTX: dict[str, Any] = {
    "temporal": _ltx_temporal, "spatial": _ltx_spatial, "rate": Fraction(25), "most_frames": 257, "size": (704, 480),
    "steps": 50, "guidance": 3.0, "prompt_tokens": 128, "rate_argument": "frame_rate", "extras": _ltx_extras,
}  # fmt: skip
_LTX2: dict[str, Any] = _LTX | {
    "rate": Fraction(24), "size": (768, 512), "steps": 30, "prompt_tokens": 1024, "extras": _ltx2_extras,
    "sound": vocoder_rate, "least_side": 64,
}  # fmt: skip
_COGVIDEOX: dict[str, Any] = {
    "temporal": _cogvideox_temporal, "spatial": _fixed(16), "rate": Fraction(8), "most_frames": 49, "size": (720, 480),
    "steps": 50, "guidance": 6.0, "prompt_tokens": 226, "sizes": _cogvideox_sizes, "adapt": _cogvideox_generation,
}  # fmt: skip
_COGVIDEOX_CLIP: dict[str, Any] = _COGVIDEOX | {"adapt": _cogvideox_clip}
_HUNYUAN: dict[str, Any] = {
    "temporal": _vae_temporal, "spatial": _vae_spatial, "rate": Fraction(24), "most_frames": 129, "size": (1280, 720),
    "steps": 50, "guidance": 6.0, "prompt_tokens": 256,
}  # fmt: skip
_HUNYUAN15: dict[str, Any] = _HUNYUAN | {
    "spatial": _hunyuan15_spatial, "most_frames": 121, "size": (848, 480), "prompt_tokens": 1000,
    "guidance_argument": "", "tokens_argument": "", "callback": False, "batches": False,
    "aside": frozenset({"tokenizer_2"}), "adapt": _hunyuan15_size,
}  # fmt: skip
_COSMOS: dict[str, Any] = {
    "temporal": _cosmos_temporal, "spatial": _fixed(16), "rate": Fraction(30), "most_frames": 121, "size": (1280, 704),
    "steps": 36, "guidance": 7.0, "prompt_tokens": 512, "rate_argument": "fps",
    "needs": ("torchvision", "cosmos_guardrail"),  # the latter guards what it makes, as its makers demand
}  # fmt: skip

_KANDINSKY: dict[str, Any] = _HUNYUAN | {
    "spatial": _kandinsky_spatial, "most_frames": 121, "size": (768, 512), "guidance": 5.0, "prompt_tokens": 512,
    "batches": False,  # it pads prompts to the longest and reads the padding too
}  # fmt: skip
_ANIMATEDIFF: dict[str, Any] = {
    "temporal": _fixed(1), "spatial": _fixed(8), "rate": Fraction(8), "most_frames": 32, "size": (512, 512),
    "steps": 25, "guidance": 7.5, "prompt_tokens": 77, "tokens_argument": "", "adapt": _motion_length,
}  # fmt: skip

# No rows for classes that go on after a clip rather than make it anew (SkyReelsV2DiffusionForcingVideoToVideoPipeline):
# what they return is the clip with the rest behind it.
_ROWS = [
    Family(
        "WanPipeline", **_WAN, also=("WanVideoToVideoPipeline", "WanImageToVideoPipeline"), adapt=_wan_generation
    ),
    Family(
        "WanImageToVideoPipeline", **_WAN, requires=_FIRST, accepts=_ENDS, conditions=first_and_last,
        least_frames=2, usable=_wan_by_frame, adapt=_wan_ends,
    ),
    Family(
        "WanVideoToVideoPipeline", **_WAN, requires=_VIDEO, accepts=_VIDEO, conditions=source_video, graded=_VIDEO,
        frames_argument="", usable=_wan_plain,
    ),
    Family(
        "WanVACEPipeline", **_WAN, accepts=_PINNED | {"video", "mask", "reference"}, references=8, conditions=vace,
        graded=_VIDEO, batches=False,
    ),
    Family(
        "WanAnimatePipeline", **_WAN | {"rate": Fraction(30), "most_frames": 77, "steps": 20, "guidance": 1.0},
        requires=_MOVED, accepts=_MOVED, references=1, conditions=animate, frames_argument="segment_frame_length",
        batches=False, least_frames=2,  # a segment goes on from one frame of that before
    ),
    Family(
        "LucyEditPipeline", **_WAN | {"rate": Fraction(24)}, requires=_VIDEO, accepts=_VIDEO, conditions=edited_video
    ),
    Family(
        # Up to four windows end on a multiple of 32, and one frame. Its pictures are not handed over: it draws how much
        # noise is laid over them on the card, for which a seed that is the same everywhere cannot be given.
        "HeliosPipeline",
        **_WAN | {"temporal": _fixed(32), "rate": Fraction(24), "most_frames": 129, "size": (640, 384)},
        least_frames=33, windows=_helios_windows, adapt=_helios_in_one_stage, doubles=True,
    ),
    Family("SkyReelsV2Pipeline", **_SKYREELS),
    Family("SkyReelsV2DiffusionForcingPipeline", **_SKYREELS_FORCED),
    Family(
        "SkyReelsV2DiffusionForcingImageToVideoPipeline", **_SKYREELS_FORCED | {"guidance": 5.0}, requires=_FIRST,
        accepts=_ENDS, conditions=first_and_last, least_frames=2,
    ),
    Family(
        "SkyReelsV2ImageToVideoPipeline", **_SKYREELS | {"guidance": 5.0}, requires=_FIRST, accepts=_ENDS,
        conditions=first_and_last, least_frames=2, adapt=_wan_ends,
    ),
    Family("LTXPipeline", **_LTX, also=("LTXConditionPipeline",)),
    Family(
        "LTXImageToVideoPipeline", **_LTX, requires=_FIRST, accepts=_FIRST, conditions=first_only,
        adapt=_ltx_by_condition,
    ),
    Family(
        "LTXConditionPipeline", **_LTX | {"prompt_tokens": 256}, accepts=_PINNED | _VIDEO, conditions=ltx_pinned,
        graded=_PINNED | _VIDEO, timesteps_argument="timesteps", upsampler="LTXLatentUpsamplePipeline",
    ),
    Family("LTX2Pipeline", **_LTX2, also=("LTX2ConditionPipeline",)),
    Family("LTX2ImageToVideoPipeline", **_LTX2, requires=_FIRST, accepts=_FIRST, conditions=first_only),
    Family(
        "LTX2ConditionPipeline", **_LTX2, accepts=_PINNED | _VIDEO, conditions=ltx2_pinned, graded=_PINNED | _VIDEO
    ),
    Family("CogVideoXPipeline", **_COGVIDEOX, also=("CogVideoXVideoToVideoPipeline",)),
    Family("CogVideoXImageToVideoPipeline", **_COGVIDEOX, requires=_FIRST, accepts=_FIRST, conditions=first_only),
    Family(
        "CogVideoXVideoToVideoPipeline", **_COGVIDEOX_CLIP, requires=_VIDEO, accepts=_VIDEO, conditions=source_video,
        graded=_VIDEO, frames_argument="", usable=_cogvideox_plain,
    ),
    Family(
        "CogVideoXFunControlPipeline", **_COGVIDEOX_CLIP, requires=_VIDEO, accepts=_VIDEO, conditions=control_video,
        frames_argument="",
    ),
    Family("HunyuanVideoPipeline", **_HUNYUAN, negative_prompt=False),
    Family(
        "HunyuanVideoImageToVideoPipeline", **_HUNYUAN | {"guidance": 1.0}, requires=_FIRST, accepts=_FIRST,
        conditions=first_only, negative_prompt=False, adapt=_hunyuan_lead,
    ),
    Family("HunyuanVideo15Pipeline", **_HUNYUAN15),
    Family(
        "HunyuanVideo15ImageToVideoPipeline", **_HUNYUAN15, requires=_FIRST, accepts=_FIRST, conditions=first_only,
        sizes=_hunyuan15_sizes, told_size=False,
    ),
    Family(
        "HunyuanVideoFramepackPipeline",
        **_HUNYUAN | {"temporal": _fixed(36), "rate": Fraction(30), "most_frames": 1801},
        requires=_FIRST, accepts=_ENDS, conditions=first_and_last, negative_prompt=False, least_frames=37,
        frames_value=_framepack_argument, windows=_framepack_windows,
    ),
    Family("CosmosTextToWorldPipeline", **_COSMOS),
    Family("CosmosVideoToWorldPipeline", **_COSMOS, requires=_FIRST, accepts=_FIRST, conditions=first_only),
    Family(
        "Cosmos2VideoToWorldPipeline",
        **_COSMOS | {"temporal": _wan_temporal, "rate": Fraction(16), "most_frames": 93, "steps": 35},
        requires=_FIRST, accepts=_FIRST, conditions=first_only,
    ),
    Family(
        "Cosmos2_5_PredictBasePipeline",
        # It puts the prompt in a conversation, which takes some thirty of the 512 tokens.
        **_COSMOS | {"temporal": _wan_temporal, "rate": Fraction(16), "most_frames": 93, "prompt_tokens": 480,
                     "tokens_argument": "", "rate_argument": ""},
        accepts=_FIRST, conditions=first_only,
    ),
    Family("Kandinsky5T2VPipeline", **_KANDINSKY),
    Family(
        "Kandinsky5I2VPipeline", **_KANDINSKY, requires=_FIRST, accepts=_FIRST, conditions=first_only, least_frames=17
    ),
    Family(
        "MochiPipeline", temporal=_fixed(6), spatial=_fixed(16), rate=Fraction(30), most_frames=163, size=(848, 480),
        steps=64, least_steps=2, guidance=4.5, prompt_tokens=256,  # its noise falls evenly in half the steps first
    ),
    Family("AnimateDiffPipeline", **_ANIMATEDIFF, also=("AnimateDiffVideoToVideoPipeline",)),
    Family(
        "AnimateDiffVideoToVideoPipeline", **_ANIMATEDIFF, requires=_VIDEO, accepts=_VIDEO, conditions=source_video,
        graded=_VIDEO, frames_argument="",
    ),
]  # fmt: skip
FAMILIES: dict[str, Family] = {row.pipeline: row for row in _ROWS}
