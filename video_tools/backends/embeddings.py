"""Prompt embeddings made once are used again: a film's takes share prompts, and its negative prompt above all."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

_MOST = 64  # a few MB each


class _Once:
    """Stands in for a pipeline's `encode_prompt`, and keeps what it made.

    Attributes:
        heard: Where whoever watches the tokenizers writes what they were given; what is not encoded anew is added.
        kept: What was made of arguments, and what was heard meanwhile.
    """

    def __init__(self, encode: Callable[..., Any]) -> None:
        self.heard: list[Any] = []
        self.kept: OrderedDict[Hashable, tuple[Any, list[Any]]] = OrderedDict()
        self._encode = encode

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        key = _key((args, tuple(sorted(kwargs.items()))))
        if key is None:
            return self._encode(*args, **kwargs)
        if key in self.kept:
            self.kept.move_to_end(key)
            made, heard = self.kept[key]
            self.heard += heard
            return made
        before = len(self.heard)
        made = self._encode(*args, **kwargs)
        self.kept[key] = made, self.heard[before:]
        if len(self.kept) > _MOST:
            self.kept.popitem(last=False)
        return made


def remember_embeddings(pipe: Any) -> None:
    """Have a pipeline keep what its text encoder made of prompts; it is forgotten with the pipeline.

    A class that is two in one leaves encoding to them, and is left as it is.
    """
    if hasattr(pipe, "encode_prompt"):
        pipe.encode_prompt = _Once(pipe.encode_prompt)


def keep_what_was_heard(pipe: Any, heard: list[Any]) -> None:
    """Have a pipeline keep, beside what it made of prompts, what was heard meanwhile, and add it where it uses that."""
    if isinstance(once := vars(pipe).get("encode_prompt"), _Once):
        once.heard = heard


def forget_embeddings(pipe: Any) -> None:
    """Have a pipeline encode prompts anew, where the text encoder itself has changed."""
    if isinstance(once := vars(pipe).get("encode_prompt"), _Once):
        once.kept.clear()


def _key(value: Any) -> Hashable | None:
    """Turn arguments into a key; None where they hold more than words and numbers, such as tensors and pictures.

    What is not looked into says nothing lasting of itself: its place in memory is another picture's next.
    """
    import torch

    if isinstance(value, dict):
        value = tuple(value.items())
    if isinstance(value, list | tuple):
        parts = [_key(part) for part in value]
        return None if None in parts else (type(value).__name__, *parts)
    plain = value is None or isinstance(value, str | bool | int | float | torch.device | torch.dtype)
    return (type(value).__name__, str(value)) if plain else None
