"""Tiny random-weight pipelines of real diffusers classes, built from configs and saved as users have them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import diffusers
import torch
import transformers
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


BUILDERS: dict[str, Callable[[], Any]] = {
    "wan": wan, "wan_5b": wan_5b, "wan_i2v": wan_i2v, "wan_vace": wan_vace,
    "ltx": ltx, "ltx_i2v": lambda: ltx("LTXImageToVideoPipeline"), "ltx_condition": lambda: ltx("LTXConditionPipeline"),
}  # fmt: skip


def build(name: str, folder: Path) -> Path:
    """Save a tiny pipeline with weights from a fixed seed, once; returns its folder."""
    target = folder / name
    if not target.exists():
        torch.manual_seed(0)
        BUILDERS[name]().save_pretrained(target, safe_serialization=True)
    return target
