"""Prompt embeddings made once are used again: a film's takes share prompts, and its negative prompt above all."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

_MOST = 64  # a few MB each


def remember_embeddings(pipe: Any) -> None:
    """Have a pipeline keep what its text encoder made of prompts; it is forgotten with the pipeline."""
    encode = pipe.encode_prompt
    kept: OrderedDict[Hashable, Any] = OrderedDict()

    def encode_once(*args: Any, **kwargs: Any) -> Any:
        key = _key((args, tuple(sorted(kwargs.items()))))
        if key is None:
            return encode(*args, **kwargs)
        if key in kept:
            kept.move_to_end(key)
        else:
            kept[key] = encode(*args, **kwargs)
            if len(kept) > _MOST:
                kept.popitem(last=False)
        return kept[key]

    pipe.encode_prompt = encode_once


def forget_embeddings(pipe: Any) -> None:
    """Undo `remember_embeddings`, where the text encoder itself changes."""
    vars(pipe).pop("encode_prompt", None)


def _key(value: Any) -> Hashable | None:
    """Turn arguments into a key; None where they hold tensors, which are not looked into."""
    import torch

    if isinstance(value, torch.Tensor):
        return None
    if isinstance(value, list | tuple):
        parts = [_key(part) if part is not None else "none" for part in value]
        return None if None in parts else (type(value).__name__, *parts)
    return str(value) if isinstance(value, torch.device | torch.dtype) else (type(value).__name__, repr(value))
