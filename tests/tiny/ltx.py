"""LTX, and LTX-2 with its sound."""

from typing import Any

import diffusers
import transformers
from diffusers.pipelines import ltx2 as ltx2_parts
from diffusers.pipelines.ltx.modeling_latent_upsampler import LTXLatentUpsamplerModel

from tiny.parts import t5, tokenizer


def ltx_vae(*, denoises: bool = False) -> Any:
    """Build LTX's VAE, or one of 0.9.1 and later, which denoises a last step as it decodes."""
    vae = diffusers.AutoencoderKLLTXVideo(
        latent_channels=8, block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, True, False), decoder_spatio_temporal_scaling=(True, True, True, False),
        patch_size=4, timestep_conditioning=denoises,
    )  # fmt: skip
    vae.use_framewise_encoding = vae.use_framewise_decoding = False
    return vae.eval()


def ltx(kind: str = "LTXPipeline", *, denoises: bool = False) -> Any:
    transformer = diffusers.LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, num_attention_heads=2, attention_head_dim=8, cross_attention_dim=16,
        num_layers=2, caption_channels=16,
    )  # fmt: skip
    return getattr(diffusers, kind)(
        vae=ltx_vae(denoises=denoises), transformer=transformer.eval(), text_encoder=t5(), tokenizer=tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip


def ltx_upsampler() -> Any:
    """What enlarges latents twofold, with a VAE of its own that is not loaded."""
    model = LTXLatentUpsamplerModel(in_channels=8, mid_channels=32, num_blocks_per_stage=1)
    return diffusers.LTXLatentUpsamplePipeline(vae=ltx_vae(), latent_upsampler=model.eval())


def ltx2(kind: str = "LTX2Pipeline") -> Any:
    layers, width = 2, 16
    text = transformers.Gemma3Config(
        text_config={
            "vocab_size": 300, "hidden_size": width, "intermediate_size": 32, "num_hidden_layers": layers,
            "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
        },
        vision_config={
            "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": 28, "patch_size": 14,
        },
        mm_tokens_per_image=4, image_token_index=5, boi_token_index=6, eoi_token_index=7,
    )  # fmt: skip
    rope: dict[str, Any] = {"rope_double_precision": False, "rope_type": "split"}
    transformer = diffusers.LTX2VideoTransformer3DModel(
        in_channels=8, out_channels=8, num_attention_heads=2, attention_head_dim=8, cross_attention_dim=16,
        audio_in_channels=8, audio_out_channels=8, audio_num_attention_heads=2, audio_attention_head_dim=4,
        audio_cross_attention_dim=8, num_layers=2, caption_channels=width, **rope,
    )  # fmt: skip
    connector = {"num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 1, "num_learnable_registers": None}
    connectors = ltx2_parts.LTX2TextConnectors(
        caption_channels=width, text_proj_in_factor=layers + 1, connector_rope_base_seq_len=32, **rope,
        **{f"{side}_connector_{name}": value for side in ("video", "audio") for name, value in connector.items()},
    )  # fmt: skip
    vae = diffusers.AutoencoderKLLTX2Video(
        latent_channels=8, block_out_channels=(8, 16, 32, 64), decoder_block_out_channels=(8, 16, 32),
        layers_per_block=(1,) * 5, decoder_layers_per_block=(1,) * 4, spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )  # fmt: skip
    vae.use_framewise_encoding = vae.use_framewise_decoding = False
    audio_vae = diffusers.AutoencoderKLLTX2Audio(
        base_channels=8,
        output_channels=2,
        ch_mult=(1, 1, 1),
        num_res_blocks=1,
        in_channels=2,
        latent_channels=2,
        mel_bins=16,
    )
    vocoder = ltx2_parts.LTX2Vocoder(
        in_channels=32, hidden_channels=64, out_channels=2, upsample_kernel_sizes=[16, 15, 8, 4, 4],
        upsample_factors=[6, 5, 2, 2, 2], resnet_kernel_sizes=[3], resnet_dilations=[[1, 3]],
    )  # fmt: skip
    return getattr(diffusers, kind)(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(), vae=vae.eval(), audio_vae=audio_vae.eval(),
        text_encoder=transformers.Gemma3ForConditionalGeneration(text).eval(), tokenizer=tokenizer(),
        connectors=connectors.eval(), transformer=transformer.eval(), vocoder=vocoder.eval(),
    )  # fmt: skip
