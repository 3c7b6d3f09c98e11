"""Pipelines of other makes: CogVideoX, Mochi, AnimateDiff, and Stable Diffusion for stills."""

from typing import Any

import diffusers

from tiny.parts import clip_text, t5, tokenizer


def cogvideox(kind: str = "CogVideoXPipeline", channels: int = 4, **changes: Any) -> Any:
    transformer = diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=channels, out_channels=4, time_embed_dim=2,
        text_embed_dim=16, num_layers=1, sample_width=8, sample_height=8, sample_frames=49, patch_size=2,
        temporal_compression_ratio=4, max_text_seq_length=64, use_rotary_positional_embeddings=True,
        **changes,
    )  # fmt: skip
    vae = diffusers.AutoencoderKLCogVideoX(
        down_block_types=("CogVideoXDownBlock3D",) * 4, up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8), latent_channels=4, layers_per_block=1, norm_num_groups=2,
    )  # fmt: skip
    return getattr(diffusers, kind)(
        vae=vae.eval(), transformer=transformer.eval(), text_encoder=t5(), tokenizer=tokenizer(),
        scheduler=diffusers.CogVideoXDDIMScheduler(),
    )  # fmt: skip


def cogvideox15(kind: str = "CogVideoXPipeline", channels: int = 4) -> Any:
    """As CogVideoX 1.5: latent frames are joined in twos."""
    return cogvideox(kind, channels, patch_size_t=2, patch_bias=False)


def mochi() -> Any:
    transformer = diffusers.MochiTransformer3DModel(
        patch_size=2, num_attention_heads=2, attention_head_dim=8, num_layers=2, pooled_projection_dim=16,
        in_channels=12, text_embed_dim=16, time_embed_dim=4, max_sequence_length=64,
    )  # fmt: skip
    vae = diffusers.AutoencoderKLMochi(
        latent_channels=12, encoder_block_out_channels=(32, 32, 32, 32), decoder_block_out_channels=(32, 32, 32, 32),
        layers_per_block=(1, 1, 1, 1, 1), latents_mean=[0.0] * 12, latents_std=[1.0] * 12,
    )  # fmt: skip
    return diffusers.MochiPipeline(
        vae=vae.eval(), transformer=transformer.eval(), text_encoder=t5(), tokenizer=tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip


def _of_pictures(shift: float | None = None) -> tuple[Any, Any]:
    """The denoiser and the autoencoder of a model of pictures."""
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 8), layers_per_block=1, sample_size=8, cross_attention_dim=8, norm_num_groups=2,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=2,
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), norm_num_groups=2, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, shift_factor=shift,
    )  # fmt: skip
    return unet, vae


def animatediff() -> Any:
    unet, vae = _of_pictures()
    motion = diffusers.MotionAdapter(
        block_out_channels=(8, 8), motion_layers_per_block=1, motion_norm_num_groups=2, motion_num_attention_heads=2
    )
    return diffusers.AnimateDiffPipeline(
        unet=unet.eval(), vae=vae.eval(), motion_adapter=motion.eval(), text_encoder=clip_text(),
        tokenizer=tokenizer(77), scheduler=diffusers.DDIMScheduler(beta_schedule="linear", clip_sample=False),
    )  # fmt: skip


def stable_diffusion() -> Any:
    """A text-to-image pipeline, for stills."""
    unet, vae = _of_pictures()
    return diffusers.StableDiffusionPipeline(
        unet=unet.eval(), vae=vae.eval(), text_encoder=clip_text(), tokenizer=tokenizer(77), safety_checker=None,
        scheduler=diffusers.DDIMScheduler(clip_sample=False), feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def flux() -> Any:
    """A text-to-image pipeline whose first encoder reads 77 tokens, and whose second reads the whole prompt."""
    transformer = diffusers.FluxTransformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=12, num_attention_heads=2,
        joint_attention_dim=16, pooled_projection_dim=8, axes_dims_rope=(4, 4, 4),
    )  # fmt: skip
    _, vae = _of_pictures(shift=0.1)
    return diffusers.FluxPipeline(
        transformer=transformer.eval(), vae=vae.eval(), text_encoder=clip_text(), tokenizer=tokenizer(77),
        text_encoder_2=t5(), tokenizer_2=tokenizer(512), scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip
