"""Random-weight Wan and LTX pipelines of a chosen size, as model folders: as much work as trained ones, no download."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOKENS = 64


@dataclass(frozen=True)
class Scale:
    """How large a model is.

    Attributes:
        heads: Attention heads of the transformer.
        layers: Its blocks.
        channels: Channels of a head.
        vae: Channels of the VAE's outermost layer.
        text: Width of the text encoder.
    """

    heads: int
    layers: int
    channels: int = 32
    vae: int = 8
    text: int = 64


SMALLEST, QUICK = Scale(1, 1), Scale(4, 2)
# LTX compresses so far that a transformer as large as Wan's would be done in no time.
FULL = {"wan": Scale(8, 6), "ltx": Scale(16, 8)}
# For a card of 80 GB: a third of Wan 2.1's 1.3 billion, and half of LTX-Video's 2 billion.
CARD = {"wan": Scale(12, 10, channels=128, vae=32, text=2048), "ltx": Scale(32, 14, channels=64, vae=32, text=2048)}


def build(kind: str, folder: Path, scale: Scale, device: str = "cpu") -> Path:
    """Save a pipeline with weights from a fixed seed.

    Args:
        kind: `wan` or `ltx`.
        folder: Where; the model goes into a folder of its own in it.
        scale: How large it is.
        device: Where its weights are drawn; those of another device are others.
    """
    import torch

    target = folder / f"{kind}-{scale.heads}x{scale.channels}x{scale.layers}"
    if not target.exists():
        torch.manual_seed(0)
        pipe = {"wan": _wan, "ltx": _ltx}[kind](scale, torch.device(device))
        if device != "cpu":  # as large models are published; a VAE is small
            pipe.transformer.to(torch.bfloat16)
            pipe.text_encoder.to(torch.bfloat16)
        pipe.save_pretrained(target, safe_serialization=True)
    return target


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokens = ["<pad>", "</s>", "<unk>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    made = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=[], unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=TOKENS, **special)


def _text_encoder(kind: str, width: int) -> Any:
    import transformers

    config = getattr(transformers, f"{kind}Config")(
        vocab_size=300, d_model=width, d_kv=width // 4, d_ff=width * 2, num_layers=2, num_heads=4,
        tie_word_embeddings=False,
    )  # fmt: skip
    return getattr(transformers, f"{kind}EncoderModel")(config).eval()


def _wan(scale: Scale, device: Any) -> Any:
    import diffusers

    width = scale.heads * scale.channels
    with device:
        vae = diffusers.AutoencoderKLWan(base_dim=scale.vae, num_res_blocks=1)
        transformer = diffusers.WanTransformer3DModel(
            num_attention_heads=scale.heads, attention_head_dim=scale.channels, text_dim=scale.text, ffn_dim=width * 4,
            num_layers=scale.layers,
        )  # fmt: skip
        text_encoder = _text_encoder("UMT5", scale.text)
    scheduler = diffusers.UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True)
    return diffusers.WanPipeline(
        vae=vae.eval(), transformer=transformer.eval(), text_encoder=text_encoder, tokenizer=_tokenizer(),
        scheduler=scheduler,
    )  # fmt: skip


def _ltx(scale: Scale, device: Any) -> Any:
    import diffusers

    width = scale.heads * scale.channels
    blocks = (2 * scale.vae, 4 * scale.vae, 8 * scale.vae, 8 * scale.vae)
    with device:
        vae = diffusers.AutoencoderKLLTXVideo(
            block_out_channels=blocks, decoder_block_out_channels=blocks,
            layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
        )  # fmt: skip
        transformer = diffusers.LTXVideoTransformer3DModel(
            num_attention_heads=scale.heads, attention_head_dim=scale.channels, cross_attention_dim=width,
            num_layers=scale.layers, caption_channels=scale.text,
        )  # fmt: skip
        text_encoder = _text_encoder("T5", scale.text)
    vae.use_framewise_encoding = vae.use_framewise_decoding = False
    return diffusers.LTXPipeline(
        vae=vae.eval(), transformer=transformer.eval(), text_encoder=text_encoder, tokenizer=_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip
