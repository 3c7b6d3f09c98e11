"""Tiny random-weight pipelines of real diffusers classes, built from configs and saved as users have them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import diffusers
import torch
import transformers
from diffusers.pipelines import ltx2 as ltx2_parts
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

torch.set_num_threads(1)  # threads fight over a small machine's cores: a tiny model is 30 times slower with two
diffusers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


def tokenizer(max_length: int = 64) -> transformers.PreTrainedTokenizerFast:
    """Every byte is a token: any text, no training, no files."""
    specials = ["<pad>", "</s>", "<unk>"]
    vocabulary = {token: i for i, token in enumerate(specials + sorted(pre_tokenizers.ByteLevel.alphabet()))}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=max_length
    )


@torch.no_grad()
def louder(module: torch.nn.Module, factor: float = 4.0) -> None:
    """Scale random weights up, where what they say of a condition would be lost in rounding."""
    for parameter in module.parameters():
        if parameter.dim() > 1:
            parameter.mul_(factor)


def t5(kind: str = "T5") -> Any:
    config = getattr(transformers, f"{kind}Config")(
        vocab_size=300, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
    )  # fmt: skip
    return getattr(transformers, f"{kind}EncoderModel")(config).eval()


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


def lucy() -> Any:
    """The source clip comes as further channels."""
    return diffusers.LucyEditPipeline(
        vae=wan_vae(), transformer=wan_transformer(in_channels=32), text_encoder=t5("UMT5"), tokenizer=tokenizer(),
        scheduler=wan_scheduler(),
    )  # fmt: skip


def wan_5b() -> Any:
    """As Wan 2.2's TI2V-5B: a VAE that compresses 16-fold, and a time step for each latent frame."""
    vae = wan_vae(scale_factor_spatial=16, patch_size=2, in_channels=12, out_channels=12, is_residual=True)
    return diffusers.WanPipeline(
        vae=vae, transformer=wan_transformer(), text_encoder=t5("UMT5"), tokenizer=tokenizer(),
        scheduler=wan_scheduler(),
        expand_timesteps=True,
    )  # fmt: skip


def ltx(kind: str = "LTXPipeline") -> Any:
    vae = diffusers.AutoencoderKLLTXVideo(
        latent_channels=8, block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, True, False), decoder_spatio_temporal_scaling=(True, True, True, False),
        patch_size=4,
    )  # fmt: skip
    vae.use_framewise_encoding = vae.use_framewise_decoding = False
    transformer = diffusers.LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, num_attention_heads=2, attention_head_dim=8, cross_attention_dim=16,
        num_layers=2, caption_channels=16,
    )  # fmt: skip
    return getattr(diffusers, kind)(
        vae=vae.eval(), transformer=transformer.eval(), text_encoder=t5(), tokenizer=tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip


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


def cogvideox(kind: str = "CogVideoXPipeline", channels: int = 4) -> Any:
    transformer = diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=channels, out_channels=4, time_embed_dim=2,
        text_embed_dim=16, num_layers=1, sample_width=8, sample_height=8, sample_frames=49, patch_size=2,
        temporal_compression_ratio=4, max_text_seq_length=64, use_rotary_positional_embeddings=True,
    )  # fmt: skip
    vae = diffusers.AutoencoderKLCogVideoX(
        down_block_types=("CogVideoXDownBlock3D",) * 4, up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8), latent_channels=4, layers_per_block=1, norm_num_groups=2,
    )  # fmt: skip
    return getattr(diffusers, kind)(
        vae=vae.eval(), transformer=transformer.eval(), text_encoder=t5(), tokenizer=tokenizer(),
        scheduler=diffusers.CogVideoXDDIMScheduler(),
    )  # fmt: skip


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


def clip_vision(width: int = 4) -> dict[str, Any]:
    config = transformers.CLIPVisionConfig(
        hidden_size=width, projection_dim=width, num_hidden_layers=2, num_attention_heads=2, image_size=32,
        intermediate_size=16, patch_size=8,
    )  # fmt: skip
    return {
        "image_encoder": transformers.CLIPVisionModelWithProjection(config).eval(),
        "image_processor": transformers.CLIPImageProcessor(crop_size=32, size=32),
    }


def skyreels(kind: str = "SkyReelsV2Pipeline", **changes: Any) -> Any:
    extra = clip_vision() if changes else {}
    return getattr(diffusers, kind)(
        vae=wan_vae(), transformer=wan_transformer("SkyReelsV2Transformer3DModel", **changes), text_encoder=t5("UMT5"),
        tokenizer=tokenizer(), scheduler=wan_scheduler(), **extra,
    )  # fmt: skip


def hunyuan_vae() -> Any:
    return diffusers.AutoencoderKLHunyuanVideo(
        latent_channels=4, down_block_types=("HunyuanVideoDownBlock3D",) * 4,
        up_block_types=("HunyuanVideoUpBlock3D",) * 4, block_out_channels=(8, 8, 8, 8), layers_per_block=1,
        norm_num_groups=4,
    ).eval()  # fmt: skip


def llama() -> Any:
    config = transformers.LlamaConfig(
        vocab_size=300, hidden_size=16, intermediate_size=32, num_attention_heads=2, num_hidden_layers=4,
        bos_token_id=1, eos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    return transformers.LlamaModel(config).eval()


def clip_text(width: int = 8, layers: int = 2) -> Any:
    config = transformers.CLIPTextConfig(
        vocab_size=300, hidden_size=width, intermediate_size=16, num_attention_heads=2, num_hidden_layers=layers,
        projection_dim=width, bos_token_id=1, eos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    return transformers.CLIPTextModel(config).eval()


def hunyuan() -> Any:
    transformer = diffusers.HunyuanVideoTransformer3DModel(
        in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=10, num_layers=1, num_single_layers=1,
        num_refiner_layers=1, patch_size=2, text_embed_dim=16, pooled_projection_dim=8, rope_axes_dim=(2, 4, 4),
    )  # fmt: skip
    return diffusers.HunyuanVideoPipeline(
        transformer=transformer.eval(), vae=hunyuan_vae(), text_encoder=llama(), tokenizer=tokenizer(),
        text_encoder_2=clip_text(), tokenizer_2=tokenizer(77),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
    )  # fmt: skip


def hunyuan_i2v() -> Any:
    transformer = diffusers.HunyuanVideoTransformer3DModel(
        in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=10, num_layers=1, num_single_layers=1,
        num_refiner_layers=1, patch_size=2, text_embed_dim=16, pooled_projection_dim=8, rope_axes_dim=(2, 4, 4),
        guidance_embeds=False, image_condition_type="latent_concat",
    )  # fmt: skip
    vision = transformers.CLIPVisionConfig(
        hidden_size=8, projection_dim=8, num_hidden_layers=4, num_attention_heads=4, image_size=336, patch_size=14,
        intermediate_size=37,
    )  # fmt: skip
    words = tokenizer(2048)
    words.add_special_tokens({"additional_special_tokens": ["<image>", "<|end_header_id|>"]})
    llava = transformers.LlavaConfig(
        vision_config=vision, text_config=llama().config, image_token_index=words.convert_tokens_to_ids("<image>")
    )
    llava.pad_token_id = 0
    return diffusers.HunyuanVideoImageToVideoPipeline(
        transformer=transformer.eval(), vae=hunyuan_vae(),
        text_encoder=transformers.LlavaForConditionalGeneration(llava).eval(), tokenizer=words,
        text_encoder_2=clip_text(), tokenizer_2=tokenizer(77),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        image_processor=transformers.CLIPImageProcessor(crop_size=336, size=336),
    )  # fmt: skip


def framepack() -> Any:
    transformer = diffusers.HunyuanVideoFramepackTransformer3DModel(
        in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=10, num_layers=1, num_single_layers=1,
        num_refiner_layers=1, patch_size=2, text_embed_dim=16, pooled_projection_dim=8, rope_axes_dim=(2, 4, 4),
        has_image_proj=True, image_proj_dim=16, has_clean_x_embedder=True,
    )  # fmt: skip
    vision = transformers.SiglipVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=32, patch_size=16
    )
    return diffusers.HunyuanVideoFramepackPipeline(
        transformer=transformer.eval(), vae=hunyuan_vae(), text_encoder=llama(), tokenizer=tokenizer(),
        text_encoder_2=clip_text(), tokenizer_2=tokenizer(77),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        image_encoder=transformers.SiglipVisionModel(vision).eval(),
        feature_extractor=transformers.SiglipImageProcessor(size={"height": 32, "width": 32}),
    )  # fmt: skip


def qwen() -> dict[str, Any]:
    return {
        "vocab_size": 300, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 3,
        "num_attention_heads": 2, "num_key_value_heads": 2,
        "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"},
        "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 0,
    }  # fmt: skip


def hunyuan15() -> Any:
    """The one family whose steps are told by its progress bar alone, and whose guidance is a part of the model."""
    transformer = diffusers.HunyuanVideo15Transformer3DModel(
        in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=8, num_layers=1, num_refiner_layers=1,
        mlp_ratio=2.0, text_embed_dim=16, text_embed_2_dim=16, image_embed_dim=12, rope_axes_dim=(2, 2, 4),
        target_size=16, task_type="t2v",
    )  # fmt: skip
    vae = diffusers.AutoencoderKLHunyuanVideo15(
        latent_channels=4, block_out_channels=(16, 16), layers_per_block=1, spatial_compression_ratio=4,
        temporal_compression_ratio=2, downsample_match_channel=False, upsample_match_channel=False,
    )  # fmt: skip
    words = tokenizer(2048)
    words.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    return diffusers.HunyuanVideo15Pipeline(
        transformer=transformer.eval(), vae=vae.eval(), scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder=transformers.Qwen2_5_VLTextModel(transformers.Qwen2_5_VLTextConfig(**qwen())).eval(),
        tokenizer=words, text_encoder_2=t5(), tokenizer_2=tokenizer(),
        guider=diffusers.ClassifierFreeGuidance(guidance_scale=4.0),
    )  # fmt: skip


def kandinsky5(kind: str = "Kandinsky5T2VPipeline") -> Any:
    transformer = diffusers.Kandinsky5Transformer3DModel(
        in_visual_dim=4, in_text_dim=16, in_text_dim2=8, time_dim=16, out_visual_dim=4, patch_size=(1, 2, 2),
        model_dim=16, ff_dim=32, num_text_blocks=1, num_visual_blocks=2, axes_dims=(1, 1, 2),
        visual_cond=kind == "Kandinsky5I2VPipeline",
    )  # fmt: skip
    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    config = transformers.Qwen2_5_VLConfig(text_config=qwen(), vision_config=vision)
    return getattr(diffusers, kind)(
        transformer=transformer.eval(), vae=hunyuan_vae(), tokenizer=tokenizer(),
        text_encoder=transformers.Qwen2_5_VLForConditionalGeneration(config).eval(),
        text_encoder_2=clip_text(), tokenizer_2=tokenizer(77),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
    )  # fmt: skip


def animatediff() -> Any:
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 8), layers_per_block=1, sample_size=8, cross_attention_dim=8, norm_num_groups=2,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=2,
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), norm_num_groups=2, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    motion = diffusers.MotionAdapter(
        block_out_channels=(8, 8), motion_layers_per_block=1, motion_norm_num_groups=2, motion_num_attention_heads=2
    )
    return diffusers.AnimateDiffPipeline(
        unet=unet.eval(), vae=vae.eval(), motion_adapter=motion.eval(), text_encoder=clip_text(),
        tokenizer=tokenizer(77), scheduler=diffusers.DDIMScheduler(beta_schedule="linear", clip_sample=False),
    )  # fmt: skip


def stable_diffusion() -> Any:
    """A text-to-image pipeline, for stills."""
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 8), layers_per_block=1, sample_size=8, cross_attention_dim=8, norm_num_groups=2,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=2,
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), norm_num_groups=2, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    return diffusers.StableDiffusionPipeline(
        unet=unet.eval(), vae=vae.eval(), text_encoder=clip_text(), tokenizer=tokenizer(77), safety_checker=None,
        scheduler=diffusers.DDIMScheduler(clip_sample=False), feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def oobleck() -> Any:
    """Sixteen samples to a latent, at 800 samples a second."""
    return diffusers.AutoencoderOobleck(
        encoder_hidden_size=4, downsampling_ratios=[2, 8], decoder_channels=4, decoder_input_channels=4,
        audio_channels=2, channel_multiples=[1, 2], sampling_rate=800,
    ).eval()  # fmt: skip


def stable_audio() -> Any:
    """Four seconds at most."""
    transformer = diffusers.StableAudioDiTModel(
        sample_size=200, in_channels=4, num_layers=1, attention_head_dim=8, num_attention_heads=2,
        num_key_value_attention_heads=2, out_channels=4, cross_attention_dim=16, time_proj_dim=16,
        global_states_input_dim=32, cross_attention_input_dim=16,
    )  # fmt: skip
    projection = diffusers.StableAudioProjectionModel(
        text_encoder_dim=16, conditioning_dim=16, min_value=0, max_value=512
    )
    return diffusers.StableAudioPipeline(
        vae=oobleck(), transformer=transformer.eval(), text_encoder=t5(), projection_model=projection.eval(),
        tokenizer=tokenizer(), scheduler=diffusers.EDMDPMSolverMultistepScheduler(),
    )  # fmt: skip


def ace_step() -> Any:
    from diffusers.pipelines.ace_step import AceStepConditionEncoder

    size: dict[str, Any] = {
        "hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
    }  # fmt: skip
    transformer = diffusers.AceStepTransformer1DModel(
        **size, num_hidden_layers=2, in_channels=12, audio_acoustic_hidden_dim=4
    )
    conditions = AceStepConditionEncoder(
        **size, text_hidden_dim=16, timbre_hidden_dim=4, num_lyric_encoder_hidden_layers=1,
        num_timbre_encoder_hidden_layers=1,
    )  # fmt: skip
    config = transformers.Qwen3Config(
        vocab_size=300, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, head_dim=8,
    )  # fmt: skip
    return diffusers.AceStepPipeline(
        vae=oobleck(), text_encoder=transformers.Qwen3Model(config).eval(), tokenizer=tokenizer(512),
        transformer=transformer.eval(), condition_encoder=conditions.eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    )  # fmt: skip


BUILDERS: dict[str, Callable[[], Any]] = {
    "wan": wan, "wan_5b": wan_5b, "wan_i2v": wan_i2v, "wan_flf": wan_flf, "wan_vace": wan_vace,
    "ltx": ltx, "ltx_i2v": lambda: ltx("LTXImageToVideoPipeline"), "ltx_condition": lambda: ltx("LTXConditionPipeline"),
    "ltx2": ltx2, "ltx2_i2v": lambda: ltx2("LTX2ImageToVideoPipeline"),
    "ltx2_condition": lambda: ltx2("LTX2ConditionPipeline"),
    "cogvideox": cogvideox, "cogvideox_i2v": lambda: cogvideox("CogVideoXImageToVideoPipeline", channels=8),
    "mochi": mochi, "skyreels": skyreels, "lucy": lucy, "wan_animate": wan_animate, "hunyuan_i2v": hunyuan_i2v,
    "skyreels_df": lambda: skyreels("SkyReelsV2DiffusionForcingPipeline"),
    "skyreels_df_i2v": lambda: skyreels("SkyReelsV2DiffusionForcingImageToVideoPipeline"),
    "skyreels_i2v": lambda: skyreels("SkyReelsV2ImageToVideoPipeline", in_channels=36, image_dim=4),
    "hunyuan": hunyuan, "framepack": framepack, "animatediff": animatediff, "stable_diffusion": stable_diffusion,
    "hunyuan15": hunyuan15, "kandinsky5": kandinsky5, "kandinsky5_i2v": lambda: kandinsky5("Kandinsky5I2VPipeline"),
}  # fmt: skip


class Guardrail:
    """Stands in for the checker that Cosmos is not run without: refuses `a weapon`, and blackens nothing."""

    asked: list[str] = []

    def to(self, device: Any) -> None:
        """Live nowhere."""

    def check_text_safety(self, text: str) -> bool:
        """Whether a prompt may be used."""
        self.asked.append(text)
        return "weapon" not in text

    def check_video_safety(self, video: Any) -> Any:
        """Return a clip as it may be shown, `(frames, height, width, 3) uint8`."""
        return video


def cosmos(kind: str = "CosmosTextToWorldPipeline") -> Any:
    second = kind.startswith("Cosmos2")
    channels = 16 if second else 4
    transformer = diffusers.CosmosTransformer3DModel(
        in_channels=channels + (kind != "CosmosTextToWorldPipeline"), out_channels=channels, num_attention_heads=2,
        attention_head_dim=16, num_layers=2, mlp_ratio=2, text_embed_dim=16, adaln_lora_dim=4, max_size=(4, 32, 32),
        patch_size=(1, 2, 2), rope_scale=(2.0, 1.0, 1.0), concat_padding_mask=True,
        extra_pos_embed_type=None if second else "learnable",
    )  # fmt: skip
    vae = wan_vae() if second else diffusers.AutoencoderKLCosmos(
        latent_channels=4, encoder_block_out_channels=(8, 8, 8, 8), decode_block_out_channels=(8, 8, 8, 8),
        attention_resolutions=(8,), resolution=64, num_layers=1, latents_mean=None, latents_std=None,
    ).eval()  # fmt: skip
    scheduler = (
        diffusers.FlowMatchEulerDiscreteScheduler(use_karras_sigmas=True)
        if second
        else diffusers.EDMEulerScheduler(final_sigmas_type="sigma_min")
    )
    return getattr(diffusers, kind)(
        text_encoder=t5(), tokenizer=tokenizer(), transformer=transformer.eval(), vae=vae, scheduler=scheduler,
        safety_checker=Guardrail(),
    )  # fmt: skip


# What is not run without a checker of its makers.
GUARDED_BUILDERS: dict[str, Callable[[], Any]] = {
    "cosmos": cosmos, "cosmos_i2v": lambda: cosmos("CosmosVideoToWorldPipeline"),
    "cosmos2_i2v": lambda: cosmos("Cosmos2VideoToWorldPipeline"),
}  # fmt: skip
# What makes sound alone.
SOUND_BUILDERS: dict[str, Callable[[], Any]] = {"stable_audio": stable_audio, "ace_step": ace_step}


def build(name: str, folder: Path) -> Path:
    """Save a tiny pipeline with weights from a fixed seed, once; returns its folder."""
    target = folder / name
    if not target.exists():
        torch.manual_seed(0)
        pipe = (BUILDERS | GUARDED_BUILDERS | SOUND_BUILDERS)[name]()
        if name in GUARDED_BUILDERS:  # a checker is a package, not a part of the model's folder
            pipe.register_modules(safety_checker=None)
        pipe.save_pretrained(target, safe_serialization=True)
    return target
