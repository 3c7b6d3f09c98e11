"""What each diffusers pipeline class needs, one row a class; what no signature tells of others is in `signature.py`.

A row's defaults are those that the model's authors publish with it.
"""

from fractions import Fraction
from typing import Any

from reelgraph.video_tools.backends.checkpoints import (
    ENDS,
    FIRST,
    FORCED_MOST,
    cogvideox_clip,
    cogvideox_generation,
    cogvideox_plain,
    cogvideox_sizes,
    cogvideox_temporal,
    cosmos_temporal,
    fixed,
    forced_on,
    forced_windows,
    framepack_argument,
    framepack_windows,
    helios_in_one_stage,
    helios_windows,
    hunyuan15_size,
    hunyuan15_sizes,
    hunyuan15_spatial,
    hunyuan_lead,
    kandinsky_spatial,
    ltx2_extras,
    ltx_extras,
    ltx_spatial,
    ltx_temporal,
    motion_length,
    vae_spatial,
    vae_temporal,
    wan_by_frame,
    wan_ends,
    wan_generation,
    wan_plain,
    wan_spatial,
    wan_temporal,
)
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
from reelgraph.video_tools.backends.family import Configs, Family, vocoder_rate

_PINNED: frozenset[Role] = frozenset({"first_frame", "last_frame", "keyframe"})
_VIDEO: frozenset[Role] = frozenset({"video"})
_MOVED: frozenset[Role] = frozenset({"video", "reference"})

_WAN: dict[str, Any] = {
    "temporal": wan_temporal, "spatial": wan_spatial, "rate": Fraction(16), "most_frames": 81, "size": (832, 480),
    "steps": 50, "guidance": 5.0, "prompt_tokens": 512, "exact": ("vae",),
}  # fmt: skip
_SKYREELS: dict[str, Any] = _WAN | {"rate": Fraction(24), "most_frames": 97, "size": (960, 544), "guidance": 6.0}
_SKYREELS_FORCED: dict[str, Any] = _SKYREELS | {
    "most_frames": FORCED_MOST, "lengthened": forced_on, "windows": forced_windows,
}  # fmt: skip
_LTX: dict[str, Any] = {
    "temporal": ltx_temporal, "spatial": ltx_spatial, "rate": Fraction(25), "most_frames": 257, "size": (704, 480),
    "steps": 50, "guidance": 3.0, "prompt_tokens": 128, "rate_argument": "frame_rate", "extras": ltx_extras,
}  # fmt: skip
_LTX2: dict[str, Any] = _LTX | {
    "rate": Fraction(24), "size": (768, 512), "steps": 30, "prompt_tokens": 1024, "extras": ltx2_extras,
    "sound": vocoder_rate, "least_side": 64,
}  # fmt: skip
_COGVIDEOX: dict[str, Any] = {
    "temporal": cogvideox_temporal, "spatial": fixed(16), "rate": Fraction(8), "most_frames": 49, "size": (720, 480),
    "steps": 50, "guidance": 6.0, "prompt_tokens": 226, "sizes": cogvideox_sizes, "adapt": cogvideox_generation,
}  # fmt: skip
_COGVIDEOX_CLIP: dict[str, Any] = _COGVIDEOX | {"adapt": cogvideox_clip}
_HUNYUAN: dict[str, Any] = {
    "temporal": vae_temporal, "spatial": vae_spatial, "rate": Fraction(24), "most_frames": 129, "size": (1280, 720),
    "steps": 50, "guidance": 6.0, "prompt_tokens": 256,
}  # fmt: skip
_HUNYUAN15: dict[str, Any] = _HUNYUAN | {
    "spatial": hunyuan15_spatial, "most_frames": 121, "size": (848, 480), "prompt_tokens": 1000,
    "guidance_argument": "", "tokens_argument": "", "callback": False, "batches": False,
    "aside": frozenset({"tokenizer_2"}), "adapt": hunyuan15_size,
}  # fmt: skip
_COSMOS: dict[str, Any] = {
    "temporal": cosmos_temporal, "spatial": fixed(16), "rate": Fraction(30), "most_frames": 121, "size": (1280, 704),
    "steps": 36, "guidance": 7.0, "prompt_tokens": 512, "rate_argument": "fps",
    "needs": ("torchvision", "cosmos_guardrail"),  # the latter guards what it makes, as its makers demand
}  # fmt: skip

_KANDINSKY: dict[str, Any] = _HUNYUAN | {
    "spatial": kandinsky_spatial, "most_frames": 121, "size": (768, 512), "guidance": 5.0, "prompt_tokens": 512,
    "batches": False,  # it pads prompts to the longest and reads the padding too
}  # fmt: skip
_ANIMATEDIFF: dict[str, Any] = {
    "temporal": fixed(1), "spatial": fixed(8), "rate": Fraction(8), "most_frames": 32, "size": (512, 512),
    "steps": 25, "guidance": 7.5, "prompt_tokens": 77, "tokens_argument": "", "adapt": motion_length,
}  # fmt: skip


def _ltx_by_condition(row: Family, configs: Configs) -> Family:
    """Begin on a picture by the class of conditions where the VAE denoises a last step.

    The class of pictures draws the noise for that on the card itself, for which a seed that is the same everywhere
    cannot be given. Source: diffusers 0.42, `LTXImageToVideoPipeline.__call__`.
    """
    return FAMILIES["LTXConditionPipeline"] if configs["vae"].get("timestep_conditioning") else row


# No rows for classes that go on after a clip rather than make it anew (SkyReelsV2DiffusionForcingVideoToVideoPipeline):
# what they return is the clip with the rest behind it.
_ROWS = [
    Family(
        "WanPipeline", **_WAN, also=("WanVideoToVideoPipeline", "WanImageToVideoPipeline"), adapt=wan_generation
    ),
    Family(
        "WanImageToVideoPipeline", **_WAN, requires=FIRST, accepts=ENDS, conditions=first_and_last,
        least_frames=2, usable=wan_by_frame, adapt=wan_ends,
    ),
    Family(
        "WanVideoToVideoPipeline", **_WAN, requires=_VIDEO, accepts=_VIDEO, conditions=source_video, graded=_VIDEO,
        frames_argument="", usable=wan_plain,
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
        **_WAN | {"temporal": fixed(32), "rate": Fraction(24), "most_frames": 129, "size": (640, 384)},
        least_frames=33, windows=helios_windows, adapt=helios_in_one_stage, doubles=True,
    ),
    Family("SkyReelsV2Pipeline", **_SKYREELS),
    Family("SkyReelsV2DiffusionForcingPipeline", **_SKYREELS_FORCED),
    Family(
        "SkyReelsV2DiffusionForcingImageToVideoPipeline", **_SKYREELS_FORCED | {"guidance": 5.0}, requires=FIRST,
        accepts=ENDS, conditions=first_and_last, least_frames=2,
    ),
    Family(
        "SkyReelsV2ImageToVideoPipeline", **_SKYREELS | {"guidance": 5.0}, requires=FIRST, accepts=ENDS,
        conditions=first_and_last, least_frames=2, adapt=wan_ends,
    ),
    Family("LTXPipeline", **_LTX, also=("LTXConditionPipeline",)),
    Family(
        "LTXImageToVideoPipeline", **_LTX, requires=FIRST, accepts=FIRST, conditions=first_only,
        adapt=_ltx_by_condition,
    ),
    Family(
        "LTXConditionPipeline", **_LTX | {"prompt_tokens": 256}, accepts=_PINNED | _VIDEO, conditions=ltx_pinned,
        graded=_PINNED | _VIDEO, timesteps_argument="timesteps", upsampler="LTXLatentUpsamplePipeline",
    ),
    Family("LTX2Pipeline", **_LTX2, also=("LTX2ConditionPipeline",)),
    Family("LTX2ImageToVideoPipeline", **_LTX2, requires=FIRST, accepts=FIRST, conditions=first_only),
    Family(
        "LTX2ConditionPipeline", **_LTX2, accepts=_PINNED | _VIDEO, conditions=ltx2_pinned, graded=_PINNED | _VIDEO
    ),
    Family("CogVideoXPipeline", **_COGVIDEOX, also=("CogVideoXVideoToVideoPipeline",)),
    Family("CogVideoXImageToVideoPipeline", **_COGVIDEOX, requires=FIRST, accepts=FIRST, conditions=first_only),
    Family(
        "CogVideoXVideoToVideoPipeline", **_COGVIDEOX_CLIP, requires=_VIDEO, accepts=_VIDEO, conditions=source_video,
        graded=_VIDEO, frames_argument="", usable=cogvideox_plain,
    ),
    Family(
        "CogVideoXFunControlPipeline", **_COGVIDEOX_CLIP, requires=_VIDEO, accepts=_VIDEO, conditions=control_video,
        frames_argument="",
    ),
    Family("HunyuanVideoPipeline", **_HUNYUAN, negative_prompt=False),
    Family(
        "HunyuanVideoImageToVideoPipeline", **_HUNYUAN | {"guidance": 1.0}, requires=FIRST, accepts=FIRST,
        conditions=first_only, negative_prompt=False, adapt=hunyuan_lead,
    ),
    Family("HunyuanVideo15Pipeline", **_HUNYUAN15),
    Family(
        "HunyuanVideo15ImageToVideoPipeline", **_HUNYUAN15, requires=FIRST, accepts=FIRST, conditions=first_only,
        sizes=hunyuan15_sizes, told_size=False,
    ),
    Family(
        "HunyuanVideoFramepackPipeline",
        **_HUNYUAN | {"temporal": fixed(36), "rate": Fraction(30), "most_frames": 1801},
        requires=FIRST, accepts=ENDS, conditions=first_and_last, negative_prompt=False, least_frames=37,
        frames_value=framepack_argument, windows=framepack_windows,
    ),
    Family("CosmosTextToWorldPipeline", **_COSMOS),
    Family("CosmosVideoToWorldPipeline", **_COSMOS, requires=FIRST, accepts=FIRST, conditions=first_only),
    Family(
        "Cosmos2VideoToWorldPipeline",
        **_COSMOS | {"temporal": wan_temporal, "rate": Fraction(16), "most_frames": 93, "steps": 35},
        requires=FIRST, accepts=FIRST, conditions=first_only,
    ),
    Family(
        "Cosmos2_5_PredictBasePipeline",
        # It puts the prompt in a conversation, which takes some thirty of the 512 tokens.
        **_COSMOS | {"temporal": wan_temporal, "rate": Fraction(16), "most_frames": 93, "prompt_tokens": 480,
                     "tokens_argument": "", "rate_argument": ""},
        accepts=FIRST, conditions=first_only,
    ),
    Family("Kandinsky5T2VPipeline", **_KANDINSKY),
    Family(
        "Kandinsky5I2VPipeline", **_KANDINSKY, requires=FIRST, accepts=FIRST, conditions=first_only, least_frames=17
    ),
    Family(
        "MochiPipeline", temporal=fixed(6), spatial=fixed(16), rate=Fraction(30), most_frames=163, size=(848, 480),
        steps=64, least_steps=2, guidance=4.5, prompt_tokens=256,  # its noise falls evenly in half the steps first
    ),
    Family("AnimateDiffPipeline", **_ANIMATEDIFF, also=("AnimateDiffVideoToVideoPipeline",)),
    Family(
        "AnimateDiffVideoToVideoPipeline", **_ANIMATEDIFF, requires=_VIDEO, accepts=_VIDEO, conditions=source_video,
        graded=_VIDEO, frames_argument="",
    ),
]  # fmt: skip
FAMILIES: dict[str, Family] = {row.pipeline: row for row in _ROWS}
