"""Wan 2.1 and 2.2 in all their forms, and what is made of their parts: Lucy, SkyReels V2."""

from typing import Any

import diffusers

from tiny.parts import clip_vision, louder, t5, tokenizer


def wan_vae(**changes: Any) -> Any:
    settings: dict[str, Any] = {
        "base_dim": 3, "z_dim": 16, "dim_mult": [1, 1, 1, 1], "num_res_blocks": 1,
        "temperal_downsample": [False, True, True],
    }  # fmt: skip
    return diffusers.AutoencoderKLWan(**settings | changes).eval()


def wan_transformer(kind: str = "WanTransformer3DModel", **changes: Any) -> Any:
    settings: dict[str, Any] = {
        "patch_size": (1, 2, 2), "num_attention_heads": 2, "attention_head_dim": 12, "in_channels": 16,
        "out_channels": 16,
        "text_dim": 16, "freq_dim": 32, "ffn_dim": 32, "num_layers": 2, "rope_max_seq_len": 32,
    }  # fmt: skip
    return getattr(diffusers, kind)(**settings | changes).eval()


def wan_scheduler() -> Any:
    return diffusers.UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)


def wan() -> Any:
    return diffusers.WanPipeline(
        vae=wan_vae(),
        transformer=wan_transformer(),
        text_encoder=t5("UMT5"),
        tokenizer=tokenizer(),
        scheduler=wan_scheduler(),
    )


def wan_a14b() -> Any:
    """As Wan 2.2's A14B: one transformer for the noisy steps, another for the rest."""
    return diffusers.WanPipeline(
        vae=wan_vae(), transformer=wan_transformer(), transformer_2=wan_transformer(), text_encoder=t5("UMT5"),
        tokenizer=tokenizer(), scheduler=wan_scheduler(), boundary_ratio=0.9,
    )  # fmt: skip


def wan_i2v() -> Any:
    """As Wan 2.2's I2V: the picture comes as further channels, with no image encoder."""
    return diffusers.WanImageToVideoPipeline(
        vae=wan_vae(), transformer=wan_transformer(in_channels=36), text_encoder=t5("UMT5"), tokenizer=tokenizer(),
        scheduler=wan_scheduler(), image_encoder=None, image_processor=None,
    )  # fmt: skip


def wan_flf() -> Any:
    """As Wan 2.1's FLF2V: an image encoder, and a place for each of two pictures."""
    transformer = wan_transformer(in_channels=36, image_dim=4, pos_embed_seq_len=2 * 17)
    return diffusers.WanImageToVideoPipeline(
        vae=wan_vae(), transformer=transformer, text_encoder=t5("UMT5"), tokenizer=tokenizer(),
        scheduler=wan_scheduler(), **clip_vision(),
    )  # fmt: skip


def helios() -> Any:
    """Of Wan's parts, going on a window at a time from all that it made before."""
    return diffusers.HeliosPipeline(
        vae=wan_vae(), text_encoder=t5("UMT5"), tokenizer=tokenizer(), scheduler=diffusers.HeliosScheduler(stages=1),
        transformer=diffusers.HeliosTransformer3DModel(
            num_attention_heads=2, attention_head_dim=12, in_channels=16, out_channels=16, text_dim=16, freq_dim=32,
            ffn_dim=32, num_layers=2, rope_dim=(4, 4, 4),
        ).eval(),
    )  # fmt: skip


def wan_vace() -> Any:
    transformer = wan_transformer("WanVACETransformer3DModel", vace_layers=[0], vace_in_channels=96)
    louder(transformer.vace_blocks)
    return diffusers.WanVACEPipeline(
        vae=wan_vae(),
        transformer=transformer,
        text_encoder=t5("UMT5"),
        tokenizer=tokenizer(),
        scheduler=wan_scheduler(),
    )


def wan_animate() -> Any:
    transformer = wan_transformer(
        "WanAnimateTransformer3DModel", in_channels=36, latent_channels=16, image_dim=4, motion_encoder_size=16,
        motion_encoder_channel_sizes={"4": 16, "8": 16, "16": 16}, motion_style_dim=8, motion_dim=4,
        motion_encoder_dim=16, face_encoder_hidden_dim=16, face_encoder_num_heads=2, inject_face_latents_blocks=2,
    )  # fmt: skip
    return diffusers.WanAnimatePipeline(
        vae=wan_vae(), transformer=transformer, text_encoder=t5("UMT5"), tokenizer=tokenizer(),
        scheduler=wan_scheduler(), **clip_vision(),
    )  # fmt: skip


def wan_5b() -> Any:
    """As Wan 2.2's TI2V-5B: a VAE that compresses 16-fold, and a time step for each latent frame."""
    vae = wan_vae(scale_factor_spatial=16, patch_size=2, in_channels=12, out_channels=12, is_residual=True)
    return diffusers.WanPipeline(
        vae=vae, transformer=wan_transformer(), text_encoder=t5("UMT5"), tokenizer=tokenizer(),
        scheduler=wan_scheduler(),
        expand_timesteps=True,
    )  # fmt: skip


def lucy() -> Any:
    """The source clip comes as further channels."""
    return diffusers.LucyEditPipeline(
        vae=wan_vae(), transformer=wan_transformer(in_channels=32), text_encoder=t5("UMT5"), tokenizer=tokenizer(),
        scheduler=wan_scheduler(),
    )  # fmt: skip


def skyreels(kind: str = "SkyReelsV2Pipeline", **changes: Any) -> Any:
    extra = clip_vision() if changes else {}
    return getattr(diffusers, kind)(
        vae=wan_vae(), transformer=wan_transformer("SkyReelsV2Transformer3DModel", **changes), text_encoder=t5("UMT5"),
        tokenizer=tokenizer(), scheduler=wan_scheduler(), **extra,
    )  # fmt: skip
