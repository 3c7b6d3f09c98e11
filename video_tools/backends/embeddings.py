"""Prompt embeddings made once are used again: takes share their negative prompt, and a shot's tries their own."""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from inspect import getattr_static
from typing import Any

# Bytes of the machine's memory, where they wait: most models make a few MB of a prompt, those that hand on every layer
# of a large text encoder (LTX-2) up to 0.8 GB.
_MOST = 2**30
# What encodes one side of a prompt by itself, in the pipelines that have such. Source: diffusers 0.42.
_SIDE = re.compile(r"_get_\w*prompt_embeds|_encode_prompt_(?:qwen|clip)")


@dataclass
class _Kept:
    """What a pipeline made of words, the last used last, and what was heard meanwhile.

    Attributes:
        heard: Where whoever watches the tokenizers writes what they were given; what is not encoded anew is added.
    """

    heard: list[Any] = field(default_factory=list)
    made: OrderedDict[Hashable, tuple[Any, list[Any], int]] = field(default_factory=OrderedDict)

    def add(self, key: Hashable, made: Any, heard: list[Any]) -> None:
        size = _bytes(made)
        if size > _MOST:
            return
        self.made[key] = _waiting(made), heard, size
        while sum(size for _, _, size in self.made.values()) > _MOST:
            self.made.popitem(last=False)


class _Once:
    """Stands in for what encodes a pipeline's prompts, and keeps what it made."""

    def __init__(self, encode: Callable[..., Any], kept: _Kept) -> None:
        self.kept = kept
        self._encode = encode

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        key = _key((getattr(self._encode, "__name__", ""), args, tuple(sorted(kwargs.items()))))
        if key is None:
            return self._encode(*args, **kwargs)
        if key in self.kept.made:
            self.kept.made.move_to_end(key)
            waiting, heard, _ = self.kept.made[key]
            self.kept.heard += heard
            return _back(waiting)
        before = len(self.kept.heard)
        made = self._encode(*args, **kwargs)
        self.kept.add(key, made, self.kept.heard[before:])
        return made


def remember_embeddings(pipe: Any) -> None:
    """Have a pipeline keep what its text encoders made of words; it is forgotten with the pipeline.

    A class that is two in one leaves encoding to them, and is left as it is.
    """
    if not hasattr(pipe, "encode_prompt"):
        return
    kept, cls = _Kept(), type(pipe)
    # Where a class encodes each side by itself, the two together would only push the sides out; what takes the encoder
    # as an argument cannot be told by its arguments.
    sides = [n for n in filter(_SIDE.fullmatch, dir(cls)) if not isinstance(getattr_static(cls, n), staticmethod)]
    for name in sides or ["encode_prompt"]:
        setattr(pipe, name, _Once(getattr(pipe, name), kept))


def keep_what_was_heard(pipe: Any, heard: list[Any]) -> None:
    """Have a pipeline keep, beside what it made of words, what was heard meanwhile, and add it where it uses that."""
    for once in vars(pipe).values():
        if isinstance(once, _Once):
            once.kept.heard = heard


def forget_embeddings(pipe: Any) -> None:
    """Have a pipeline encode prompts anew, where the text encoder itself has changed."""
    for once in vars(pipe).values():
        if isinstance(once, _Once):
            once.kept.made.clear()


@dataclass(frozen=True)
class _Away:
    """A tensor that waits in the machine's memory, and the device that it was made on."""

    tensor: Any
    device: Any


def _waiting(made: Any) -> Any:
    import torch

    if isinstance(made, torch.Tensor):
        return _Away(made.to("cpu"), made.device)
    return type(made)(map(_waiting, made)) if type(made) in (list, tuple) else made


def _back(waiting: Any) -> Any:
    if isinstance(waiting, _Away):
        return waiting.tensor.to(waiting.device)
    return type(waiting)(map(_back, waiting)) if type(waiting) in (list, tuple) else waiting


def _bytes(made: Any) -> int:
    import torch

    if isinstance(made, torch.Tensor):
        return made.nbytes
    return sum(map(_bytes, made)) if type(made) in (list, tuple) else 0


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
