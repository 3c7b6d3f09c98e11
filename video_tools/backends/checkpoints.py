"""What a checkpoint's configs decide of how its class is asked: grids, sizes, lengths, and changes of its row."""

import math
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from reelgraph.video_tools.backends.conditions import Role, first_only
from reelgraph.video_tools.backends.family import Configs, Family, Ratio
from reelgraph.video_tools.errors import InvalidRequest

FIRST: frozenset[Role] = frozenset({"first_frame"})
ENDS: frozenset[Role] = frozenset({"first_frame", "last_frame"})

# --- how far each VAE compresses -------------------------------------------------------------------------------------


def wan_temporal(configs: Configs) -> int:
    """Return the frames that one latent frame of Wan's VAE stands for."""
    return int(configs["vae"].get("scale_factor_temporal", 4))


def wan_spatial(configs: Configs) -> int:
    """Return what both sides must be a multiple of for Wan."""
    patch = next((c["patch_size"] for c in configs.values() if isinstance(c.get("patch_size"), list)), [1, 2, 2])
    # The classes themselves refuse what is no multiple of 16; a VAE that compresses 16-fold needs 32.
    return math.lcm(16, int(configs["vae"].get("scale_factor_spatial", 8)) * int(patch[-1]))


def ltx_temporal(configs: Configs) -> int:
    """Return the frames that one latent frame of LTX's VAE stands for."""
    vae = configs["vae"]
    halvings = sum(map(bool, vae.get("spatio_temporal_scaling", (True, True, True, False))))
    return int(vae.get("temporal_compression_ratio") or vae.get("patch_size_t", 1) * 2**halvings)


def ltx_spatial(configs: Configs) -> int:
    """Return what both sides must be a multiple of for LTX."""
    vae = configs["vae"]
    halvings = sum(map(bool, vae.get("spatio_temporal_scaling", (True, True, True, False))))
    return math.lcm(32, int(vae.get("spatial_compression_ratio") or vae.get("patch_size", 4) * 2**halvings))


def vae_temporal(configs: Configs) -> int:
    """Return the frames that one latent frame stands for, as most VAEs say it."""
    return int(configs["vae"].get("temporal_compression_ratio", 4))


def cogvideox_temporal(configs: Configs) -> int:
    """Return the frames that CogVideoX's VAE makes in one go."""
    # Its VAE decodes latent frames in twos: only of an odd count of them is the first one a single frame.
    return 2 * vae_temporal(configs)


def cosmos_temporal(configs: Configs) -> int:
    """Return the frames that one latent frame of Cosmos' VAE stands for."""
    return int(configs["vae"].get("temporal_compression_ratio", 8))


def vae_spatial(configs: Configs) -> int:
    """Return what both sides must be a multiple of, as most VAEs say it."""
    return math.lcm(16, int(configs["vae"].get("spatial_compression_ratio", 8)) * 2)


def hunyuan15_spatial(configs: Configs) -> int:
    """Return what both sides must be a multiple of for HunyuanVideo 1.5."""
    return int(configs["vae"].get("spatial_compression_ratio", 16)) * int(configs["transformer"].get("patch_size", 1))


def kandinsky_spatial(configs: Configs) -> int:
    """Return what both sides must be a multiple of for Kandinsky 5."""
    # Sparse attention looks at blocks of eight by eight patches.
    blocks = 8 if configs["transformer"].get("attention_type") == "nabla" else 1
    return vae_spatial(configs) * blocks


def fixed(value: int) -> Ratio:
    """Return a ratio that no config decides."""
    return lambda configs: value


# --- what differs between checkpoints of one class -------------------------------------------------------------------


def wan_plain(configs: Configs) -> bool:
    """Wan 2.1: one transformer, and one time step for all frames."""
    return "transformer_2" not in configs and not configs[""].get("expand_timesteps")


def wan_by_frame(configs: Configs) -> bool:
    """Wan 2.2 5B: a time step for each frame, so that a first frame can be kept."""
    return bool(configs[""].get("expand_timesteps"))


def wan_generation(row: Family, configs: Configs) -> Family:
    """The first generation, and 2.2's larger models, make 81 frames at 16 a second; 2.2's 5B makes 121 at 24.

    The larger are two transformers, of which the second makes the last steps, more loosely guided. Source: Wan 2.2's
    own configurations of its A14B models.
    """
    if "transformer_2" in configs:
        of_picture = "first_frame" in row.requires
        return replace(row, steps=40, guidance=3.5 if of_picture else 4.0, last_guidance=3.5 if of_picture else 3.0)
    if not wan_by_frame(configs):
        return row
    return replace(row, rate=Fraction(24), most_frames=121, size=(1280, 704))


def wan_ends(row: Family, configs: Configs) -> Family:
    """Take a last frame only where it is heeded, and ask for one where it is needed.

    Wan 2.2 5B keeps a first frame by its time step and passes over a last one. A transformer that sees frames through
    an image encoder has a place either for one or for exactly two.
    """
    row = wan_generation(row, configs)
    if configs["transformer"].get("pos_embed_seq_len"):
        return replace(row, requires=ENDS)
    blind = "image_encoder" in configs or wan_by_frame(configs)
    return replace(row, accepts=FIRST, conditions=first_only, least_frames=1) if blind else row


def ltx_extras(configs: Configs) -> dict[str, Any]:
    """Say how LTX's VAE denoises as it decodes, where it does."""
    # Source: the model cards of LTX-Video 0.9.1 and later, whose VAE denoises a last step while it decodes.
    return {"decode_timestep": 0.05, "decode_noise_scale": 0.025} if configs["vae"].get("timestep_conditioning") else {}


def ltx2_extras(configs: Configs) -> dict[str, Any]:
    """Say which block of LTX-2 its guidance perturbs."""
    # Spatio-temporal guidance perturbs block 28, which smaller transformers do not have.
    if int(configs["transformer"].get("num_layers", 48)) > 28:
        return {}
    return {"stg_scale": 0.0, "audio_stg_scale": 0.0, "spatio_temporal_guidance_blocks": None}


def cogvideox_generation(row: Family, configs: Configs) -> Family:
    """The first generation made 49 frames at 8 a second; 1.5, which joins frames in twos, makes 81 at 16."""
    transformer = configs["transformer"]
    row = replace(row, most_frames=int(transformer.get("sample_frames", row.most_frames)))
    return replace(row, rate=Fraction(16), size=(1360, 768)) if transformer.get("patch_size_t") else row


def cogvideox_plain(configs: Configs) -> bool:
    """The first generation: 1.5 joins latent frames in twos, and one of a clip of a legal length would be left over."""
    return not configs["transformer"].get("patch_size_t")


def cogvideox_clip(row: Family, configs: Configs) -> Family:
    """Refuse 1.5 where a clip is followed: the class does not fill up its latent frames, as others do."""
    if not cogvideox_plain(configs):
        raise InvalidRequest(
            f"{row.pipeline} fails at this checkpoint, which joins frames in twos (CogVideoX 1.5): use one of "
            "the first generation, or CogVideoXPipeline"
        )
    return cogvideox_generation(row, configs)


def cogvideox_sizes(configs: Configs) -> tuple[tuple[int, int], ...]:
    """Return the only size of a checkpoint that learnt the place of each patch by heart (5B from a picture)."""
    transformer = configs["transformer"]
    if not transformer.get("use_learned_positional_embeddings"):
        return ()
    scale = 2 ** (len(configs["vae"].get("block_out_channels", (128, 256, 256, 512))) - 1)
    return ((int(transformer["sample_width"]) * scale, int(transformer["sample_height"]) * scale),)


def framepack_windows(frames: int) -> int:
    """FramePack makes a window of 9 latent frames at a time, each 36 frames further on."""
    return (frames - 1) // 36


def framepack_argument(frames: int) -> int:
    """Return the count by which FramePack makes so many frames."""
    return framepack_windows(frames) * 33  # it counts the 33 frames of a window taken alone


def hunyuan15_size(row: Family, configs: Configs) -> Family:
    """One checkpoint is for 480 lines, another for 720."""
    return replace(row, size=(1280, 720)) if configs["transformer"].get("target_size") == 960 else row


def hunyuan15_sizes(configs: Configs) -> tuple[tuple[int, int], ...]:
    """Return the sizes that HunyuanVideo 1.5 makes."""
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
_FORCED, _OVERLAP, FORCED_MOST = 97, 17, 1457


def forced_on(frames: int) -> dict[str, Any]:
    """Say how SkyReels V2 goes on where a take is longer than it sees."""
    return {"base_num_frames": _FORCED, "overlap_history": _OVERLAP} if frames > _FORCED else {}


def forced_windows(frames: int) -> int:
    """Return how many windows SkyReels V2 makes a take in."""
    return 1 + max(0, math.ceil((frames - _FORCED) / (_FORCED - _OVERLAP)))


def helios_windows(frames: int) -> int:
    """Helios makes a window of 9 latent frames, 33 frames, at a time, and leaves out what is beyond a multiple of 4."""
    return math.ceil(frames / 33)


def helios_in_one_stage(row: Family, configs: Configs) -> Family:
    """Refuse a checkpoint that works from coarse to fine, which the class fails at."""
    if (stages := configs["scheduler"].get("stages", 3)) != 1:
        raise InvalidRequest(
            f"this checkpoint's scheduler works in {stages} stages, which {row.pipeline} does not ask for: use "
            "one whose scheduler_config.json says stages 1"
        )
    return row


def hunyuan_lead(row: Family, configs: Configs) -> Family:
    """Ask for four frames more where the first one is shown by further channels: such a model drops four."""
    beside = configs["transformer"].get("image_condition_type") == "latent_concat"
    return replace(row, frames_value=lambda frames: frames + 4) if beside else row


def motion_length(row: Family, configs: Configs) -> Family:
    """Make takes as long as the motion adapter knows."""
    return replace(row, most_frames=int(configs["motion_adapter"].get("motion_max_seq_length", row.most_frames)))
