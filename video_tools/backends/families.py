"""What each diffusers pipeline class needs, one row a class; nothing else in the package branches on a class's name.

A row's defaults are those that the model's authors publish with it.
"""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

from reelgraph.video_tools.backends.conditions import (
    Role,
    first_and_last,
    first_only,
    ltx_pinned,
    source_video,
    vace,
)
from reelgraph.video_tools.backends.family import Configs, Family

# --- how far each VAE compresses -----------------------------------------------------------------------------------


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


def _ltx_extras(configs: Configs) -> dict[str, Any]:
    # Source: the model cards of LTX-Video 0.9.1 and later, whose VAE denoises a last step while it decodes.
    return {"decode_timestep": 0.05, "decode_noise_scale": 0.025} if configs["vae"].get("timestep_conditioning") else {}


# --- the rows ------------------------------------------------------------------------------------------------------

_WAN: dict[str, Any] = {
    "temporal": _wan_temporal, "spatial": _wan_spatial, "rate": Fraction(16), "most_frames": 81, "size": (832, 480),
    "steps": 50, "guidance": 5.0, "prompt_tokens": 512, "exact": ("vae",),
}  # fmt: skip
_LTX: dict[str, Any] = {
    "temporal": _ltx_temporal, "spatial": _ltx_spatial, "rate": Fraction(25), "most_frames": 257, "size": (704, 480),
    "steps": 50, "guidance": 3.0, "prompt_tokens": 128, "rate_argument": "frame_rate", "extras": _ltx_extras,
}  # fmt: skip

_FIRST: frozenset[Role] = frozenset({"first_frame"})
_ENDS: frozenset[Role] = frozenset({"first_frame", "last_frame"})
_PINNED: frozenset[Role] = frozenset({"first_frame", "last_frame", "keyframe"})
_VIDEO: frozenset[Role] = frozenset({"video"})


def _wan_plain(configs: Configs) -> bool:
    """Wan 2.1: one transformer, and one time step for all frames."""
    return "transformer_2" not in configs and not configs[""].get("expand_timesteps")


def _wan_by_frame(configs: Configs) -> bool:
    """Wan 2.2 5B: a time step for each frame, so that a first frame can be kept."""
    return bool(configs[""].get("expand_timesteps"))


def _wan_without_last(row: Family, configs: Configs) -> Family:
    """Wan 2.2 5B keeps a first frame by its time step, and passes over a last one."""
    return replace(row, accepts=_FIRST, conditions=first_only) if _wan_by_frame(configs) else row


_ROWS = [
    Family("WanPipeline", **_WAN, also=("WanVideoToVideoPipeline", "WanImageToVideoPipeline")),
    Family(
        "WanImageToVideoPipeline", **_WAN, requires=_FIRST, accepts=_ENDS, conditions=first_and_last,
        usable=_wan_by_frame, adapt=_wan_without_last,
    ),
    Family(
        "WanVideoToVideoPipeline", **_WAN, requires=_VIDEO, accepts=_VIDEO, conditions=source_video, graded=_VIDEO,
        frames_argument="", usable=_wan_plain,
    ),
    Family(
        "WanVACEPipeline", **_WAN, accepts=_PINNED | {"video", "mask", "reference"}, references=8, conditions=vace,
        graded=_VIDEO, batches=False,
    ),
    Family("LTXPipeline", **_LTX, also=("LTXConditionPipeline",)),
    Family("LTXImageToVideoPipeline", **_LTX, requires=_FIRST, accepts=_FIRST, conditions=first_only),
    Family(
        "LTXConditionPipeline", **_LTX | {"prompt_tokens": 256}, accepts=_PINNED | _VIDEO, conditions=ltx_pinned,
        graded=_PINNED | _VIDEO,
    ),
]  # fmt: skip
FAMILIES: dict[str, Family] = {row.pipeline: row for row in _ROWS}
