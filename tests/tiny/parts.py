"""What tiny pipelines of several families share: tokenizers, and encoders of text and pictures."""

import re
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors


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


def shorten(words: transformers.PreTrainedTokenizerFast, template: str, tokens: int) -> None:
    """Have a tokenizer say a class's own words before a prompt in as many tokens as the class counts."""
    known = words.added_tokens_encoder.keys()
    parts = [part for part in re.split(f"({'|'.join(map(re.escape, known))})", template) if part]
    longest = max(parts, key=len)
    words.add_tokens([part for part in dict.fromkeys(parts) if part not in (longest, *known)], special_tokens=True)
    rest = tokens - len(parts)  # its end takes about a token a letter
    begins = next(
        at for at in range(len(longest)) if len(words(longest[at:], add_special_tokens=False).input_ids) == rest
    )
    words.add_tokens([longest[:begins]], special_tokens=True)
    assert len(words(template, add_special_tokens=False).input_ids) == tokens


@torch.no_grad()
def heard(module: torch.nn.Module) -> torch.nn.Module:
    """Move all weights off zero, where a model begins with gates that let no word through."""
    for parameter in module.parameters():
        parameter.add_(0.3 * torch.randn_like(parameter))
    return module


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


def llama() -> Any:
    config = transformers.LlamaConfig(
        vocab_size=400, hidden_size=16, intermediate_size=32, num_attention_heads=2, num_hidden_layers=4,
        bos_token_id=1, eos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    return transformers.LlamaModel(config).eval()


def clip_text(width: int = 8, layers: int = 2) -> Any:
    config = transformers.CLIPTextConfig(
        vocab_size=300, hidden_size=width, intermediate_size=16, num_attention_heads=2, num_hidden_layers=layers,
        projection_dim=width, bos_token_id=1, eos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    return transformers.CLIPTextModel(config).eval()


def clip_vision(width: int = 4) -> dict[str, Any]:
    config = transformers.CLIPVisionConfig(
        hidden_size=width, projection_dim=width, num_hidden_layers=2, num_attention_heads=2, image_size=32,
        intermediate_size=16, patch_size=8,
    )  # fmt: skip
    return {
        "image_encoder": transformers.CLIPVisionModelWithProjection(config).eval(),
        "image_processor": transformers.CLIPImageProcessor(crop_size=32, size=32),
    }


def qwen() -> dict[str, Any]:
    return {
        "vocab_size": 400, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 3,
        "num_attention_heads": 2, "num_key_value_heads": 2,
        "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"},
        "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 0,
    }  # fmt: skip
