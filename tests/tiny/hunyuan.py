"""HunyuanVideo 1 and 1.5, FramePack, and Kandinsky 5, which decodes with the same VAE."""

from typing import Any

import diffusers
import transformers
from diffusers.pipelines.hunyuan_video import (
    pipeline_hunyuan_video,
    pipeline_hunyuan_video_framepack,
    pipeline_hunyuan_video_image2video,
)

from tiny.parts import clip_text, heard, llama, qwen, shorten, t5, tokenizer


def hunyuan_vae() -> Any:
    return diffusers.AutoencoderKLHunyuanVideo(
        latent_channels=4, down_block_types=("HunyuanVideoDownBlock3D",) * 4,
        up_block_types=("HunyuanVideoUpBlock3D",) * 4, block_out_channels=(8, 8, 8, 8), layers_per_block=1,
        norm_num_groups=4,
    ).eval()  # fmt: skip


def _templated(module: Any, words: Any = None) -> Any:
    words = words or tokenizer()
    template = module.DEFAULT_PROMPT_TEMPLATE
    shorten(words, template["template"].split("{}")[0], template["crop_start"])
    return words


def hunyuan() -> Any:
    transformer = diffusers.HunyuanVideoTransformer3DModel(
        in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=10, num_layers=1, num_single_layers=1,
        num_refiner_layers=1, patch_size=2, text_embed_dim=16, pooled_projection_dim=8, rope_axes_dim=(2, 4, 4),
    )  # fmt: skip
    return diffusers.HunyuanVideoPipeline(
        transformer=transformer.eval(), vae=hunyuan_vae(), text_encoder=llama(),
        tokenizer=_templated(pipeline_hunyuan_video),
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
        text_encoder=transformers.LlavaForConditionalGeneration(llava).eval(),
        tokenizer=_templated(pipeline_hunyuan_video_image2video, words),
        text_encoder_2=clip_text(), tokenizer_2=tokenizer(77),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        image_processor=transformers.CLIPImageProcessor(crop_size=336, size=336),
    )  # fmt: skip


def siglip(width: int) -> dict[str, Any]:
    vision = transformers.SiglipVisionConfig(
        hidden_size=width, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=32,
        patch_size=16,
    )  # fmt: skip
    return {
        "image_encoder": transformers.SiglipVisionModel(vision).eval(),
        "feature_extractor": transformers.SiglipImageProcessor(size={"height": 32, "width": 32}),
    }


def framepack() -> Any:
    transformer = diffusers.HunyuanVideoFramepackTransformer3DModel(
        in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=10, num_layers=1, num_single_layers=1,
        num_refiner_layers=1, patch_size=2, text_embed_dim=16, pooled_projection_dim=8, rope_axes_dim=(2, 4, 4),
        has_image_proj=True, image_proj_dim=16, has_clean_x_embedder=True,
    )  # fmt: skip
    return diffusers.HunyuanVideoFramepackPipeline(
        transformer=transformer.eval(), vae=hunyuan_vae(), text_encoder=llama(),
        tokenizer=_templated(pipeline_hunyuan_video_framepack),
        text_encoder_2=clip_text(), tokenizer_2=tokenizer(77),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        **siglip(16),
    )  # fmt: skip


def hunyuan15(kind: str = "HunyuanVideo15Pipeline") -> Any:
    """The family whose steps are told by its progress bar alone, and whose guidance is a part of the model."""
    picture = kind == "HunyuanVideo15ImageToVideoPipeline"
    transformer = diffusers.HunyuanVideo15Transformer3DModel(
        in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=8, num_layers=1, num_refiner_layers=1,
        mlp_ratio=2.0, text_embed_dim=16, text_embed_2_dim=16, image_embed_dim=12, rope_axes_dim=(2, 2, 4),
        target_size=16, task_type="i2v" if picture else "t2v",
    )  # fmt: skip
    vae = diffusers.AutoencoderKLHunyuanVideo15(
        latent_channels=4, block_out_channels=(16, 16), layers_per_block=1, spatial_compression_ratio=4,
        temporal_compression_ratio=2, downsample_match_channel=False, upsample_match_channel=False,
    )  # fmt: skip
    words = tokenizer(2048)
    words.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    pipe = getattr(diffusers, kind)(
        transformer=transformer.eval(), vae=vae.eval(), scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder=transformers.Qwen2_5_VLTextModel(transformers.Qwen2_5_VLTextConfig(**qwen())).eval(),
        tokenizer=words, text_encoder_2=t5(), tokenizer_2=tokenizer(),
        guider=diffusers.ClassifierFreeGuidance(guidance_scale=4.0), **(siglip(12) if picture else {}),
    )  # fmt: skip
    shorten(words, pipe.system_message, pipe.prompt_template_encode_start_idx)
    return pipe


def kandinsky5(kind: str = "Kandinsky5T2VPipeline") -> Any:
    transformer = diffusers.Kandinsky5Transformer3DModel(
        in_visual_dim=4, in_text_dim=16, in_text_dim2=8, time_dim=16, out_visual_dim=4, patch_size=(1, 2, 2),
        model_dim=16, ff_dim=32, num_text_blocks=1, num_visual_blocks=2, axes_dims=(1, 1, 2),
        visual_cond=kind == "Kandinsky5I2VPipeline",
    )  # fmt: skip
    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    config = transformers.Qwen2_5_VLConfig(text_config=qwen(), vision_config=vision)
    pipe = getattr(diffusers, kind)(
        transformer=heard(transformer.eval()), vae=hunyuan_vae(), tokenizer=tokenizer(),
        text_encoder=transformers.Qwen2_5_VLForConditionalGeneration(config).eval(),
        text_encoder_2=clip_text(), tokenizer_2=tokenizer(77),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
    )  # fmt: skip
    shorten(pipe.tokenizer, pipe.prompt_template.split("{}")[0], pipe.prompt_template_encode_start_idx)
    return pipe
