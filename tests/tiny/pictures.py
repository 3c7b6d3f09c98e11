"""Text-to-image pipelines whose code alone says how much of a prompt they read, one of them made of two."""

from typing import Any

import diffusers
import transformers

from tiny.parts import clip_text, t5, tokenizer


def deepfloyd() -> Any:
    """DeepFloyd IF, which works on pixels, and whose T5 could read more than the 77 tokens that it is given."""
    unet = diffusers.UNet2DConditionModel(
        sample_size=32, in_channels=3, out_channels=6, layers_per_block=1, block_out_channels=(32, 32),
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"), attention_head_dim=4,
        mid_block_type="UNetMidBlock2DSimpleCrossAttn", cross_attention_dim=32, encoder_hid_dim=16,
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"), addition_embed_type="text",
        addition_embed_type_num_heads=2, cross_attention_norm="group_norm", resnet_time_scale_shift="scale_shift",
        act_fn="gelu",
    )  # fmt: skip
    return diffusers.IFPipeline(
        text_encoder=t5(), tokenizer=tokenizer(512), unet=unet.eval(),
        scheduler=diffusers.DDPMScheduler(variance_type="learned_range", clip_sample=True, thresholding=False),
        safety_checker=None, feature_extractor=None, watermarker=None, requires_safety_checker=False,
    )  # fmt: skip


def _movq() -> Any:
    return diffusers.VQModel(
        block_out_channels=(32, 32), down_block_types=("DownEncoderBlock2D",) * 2, norm_type="spatial",
        up_block_types=("AttnUpDecoderBlock2D", "UpDecoderBlock2D"), num_vq_embeddings=12, vq_embed_dim=4,
        latent_channels=4,
    ).eval()  # fmt: skip


def kandinsky3() -> Any:
    unet = diffusers.Kandinsky3UNet(
        in_channels=4, time_embedding_dim=4, groups=2, attention_head_dim=4, layers_per_block=3,
        block_out_channels=(32, 64), cross_attention_dim=4, encoder_hid_dim=16,
    )  # fmt: skip
    return diffusers.Kandinsky3Pipeline(
        text_encoder=t5(), tokenizer=tokenizer(512), unet=unet.eval(), movq=_movq(), scheduler=diffusers.DDPMScheduler()
    )


def kandinsky22() -> Any:
    """Kandinsky 2.2: one pipeline makes a picture's embedding of words, another the picture."""
    unet = diffusers.UNet2DConditionModel(
        in_channels=4, out_channels=8, addition_embed_type="image", encoder_hid_dim=8, block_out_channels=(8, 8),
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"), layers_per_block=1,
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"), encoder_hid_dim_type="image_proj",
        mid_block_type="UNetMidBlock2DSimpleCrossAttn", cross_attention_dim=8, attention_head_dim=4, norm_num_groups=4,
        resnet_time_scale_shift="scale_shift",
    )  # fmt: skip
    prior = diffusers.PriorTransformer(
        num_attention_heads=2, attention_head_dim=4, embedding_dim=8, num_layers=1, additional_embeddings=4
    )
    vision = transformers.CLIPVisionConfig(
        hidden_size=8, projection_dim=8, num_hidden_layers=1, num_attention_heads=2, image_size=32,
        intermediate_size=16, patch_size=16,
    )  # fmt: skip
    return diffusers.KandinskyV22CombinedPipeline(
        unet=unet.eval(), movq=_movq(), scheduler=diffusers.DDIMScheduler(clip_sample=False),
        prior_prior=prior.eval(), prior_scheduler=diffusers.UnCLIPScheduler(prediction_type="sample"),
        prior_text_encoder=transformers.CLIPTextModelWithProjection(clip_text().config).eval(),
        prior_image_encoder=transformers.CLIPVisionModelWithProjection(vision).eval(),
        prior_tokenizer=tokenizer(77),
        prior_image_processor=transformers.CLIPImageProcessor(crop_size=32, size=32),
    )  # fmt: skip


def hunyuan_dit() -> Any:
    """HunyuanDiT, whose BERT is given 77 tokens of what its T5 is given 256 of."""
    transformer = diffusers.HunyuanDiT2DModel(
        sample_size=8, num_layers=2, patch_size=2, attention_head_dim=4, num_attention_heads=2, in_channels=4,
        cross_attention_dim=8, cross_attention_dim_t5=16, pooled_projection_dim=16, hidden_size=8,
        activation_fn="gelu-approximate",
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), norm_num_groups=2, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    bert = transformers.BertConfig(
        vocab_size=300, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    return diffusers.HunyuanDiTPipeline(
        transformer=transformer.eval(), vae=vae.eval(), text_encoder=transformers.BertModel(bert).eval(),
        tokenizer=tokenizer(512), text_encoder_2=t5(), tokenizer_2=tokenizer(512),
        scheduler=diffusers.DDPMScheduler(), safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def lumina2() -> Any:
    """Lumina 2, which says words of its own before each prompt."""
    transformer = diffusers.Lumina2Transformer2DModel(
        sample_size=4, patch_size=2, in_channels=4, hidden_size=16, num_layers=1, num_attention_heads=1,
        num_kv_heads=1, multiple_of=16, axes_dim_rope=(8, 4, 4), cap_feat_dim=16, num_refiner_layers=1,
    )  # fmt: skip
    gemma = transformers.Gemma2Config(
        vocab_size=300, hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=8, sliding_window=8, bos_token_id=1, eos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), norm_num_groups=2, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, shift_factor=0.1,
    )  # fmt: skip
    return diffusers.Lumina2Pipeline(
        transformer=transformer.eval(), vae=vae.eval(), text_encoder=transformers.Gemma2Model(gemma).eval(),
        tokenizer=tokenizer(512), scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip
