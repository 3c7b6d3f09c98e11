"""Random-weight Wan and LTX pipelines of a chosen size, as model folders: as much work as trained ones, no download."""

from pathlib import Path
from typing import Any

TOKENS = 64


def build(kind: str, folder: Path, *, heads: int, layers: int) -> Path:
    """Save a pipeline with weights from a fixed seed.

    Args:
        kind: `wan` or `ltx`.
        folder: Where; the model goes into a folder of its own in it.
        heads: Attention heads of 32 channels.
        layers: Transformer blocks.
    """
    import torch

    target = folder / f"{kind}-{heads}x{layers}"
    if not target.exists():
        torch.manual_seed(0)
        {"wan": _wan, "ltx": _ltx}[kind](heads, layers).save_pretrained(target, safe_serialization=True)
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


def _text_encoder(kind: str) -> Any:
    import transformers

    config = getattr(transformers, f"{kind}Config")(
        vocab_size=300, d_model=64, d_kv=16, d_ff=128, num_layers=2, num_heads=4, tie_word_embeddings=False
    )
    return getattr(transformers, f"{kind}EncoderModel")(config).eval()


def _wan(heads: int, layers: int) -> Any:
    import diffusers

    vae = diffusers.AutoencoderKLWan(base_dim=8, num_res_blocks=1)
    transformer = diffusers.WanTransformer3DModel(
        num_attention_heads=heads, attention_head_dim=32, text_dim=64, ffn_dim=heads * 128, num_layers=layers
    )
    scheduler = diffusers.UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True)
    return diffusers.WanPipeline(
        vae=vae.eval(), transformer=transformer.eval(), text_encoder=_text_encoder("UMT5"), tokenizer=_tokenizer(),
        scheduler=scheduler,
    )  # fmt: skip


def _ltx(heads: int, layers: int) -> Any:
    import diffusers

    vae = diffusers.AutoencoderKLLTXVideo(
        block_out_channels=(16, 32, 64, 64), decoder_block_out_channels=(16, 32, 64, 64),
        layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
    )  # fmt: skip
    vae.use_framewise_encoding = vae.use_framewise_decoding = False
    transformer = diffusers.LTXVideoTransformer3DModel(
        num_attention_heads=heads, attention_head_dim=32, cross_attention_dim=heads * 32, num_layers=layers,
        caption_channels=64,
    )  # fmt: skip
    return diffusers.LTXPipeline(
        vae=vae.eval(), transformer=transformer.eval(), text_encoder=_text_encoder("T5"), tokenizer=_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip
