"""What torch and diffusers keep once for a whole process, set for a run: runs share it with runs that want the same.

Two devices work at once, and each choice is saved and put back by whoever makes it: of two that overlap, the one that
ends last would put back what the other had chosen.
"""

import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from reelgraph.video_tools.errors import InvalidRequest

Attention: TypeAlias = Literal["torch", "cudnn", "flash", "flash3", "sage", "xformers"]

# Ours -> diffusers' names. Its others fetch kernels from the hub, which is code that nobody here has read.
KERNELS: dict[Attention, str] = {
    "torch": "native", "cudnn": "_native_cudnn", "flash": "flash", "flash3": "_flash_3", "sage": "sage",
    "xformers": "xformers",
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What a run wants.

    Attributes:
        attention: A kernel, or None for what diffusers takes by itself.
        convolutions: How cards convolve float32: whole, or as TF32, with 10 bits of their 23, which are rounded
            otherwise in a batch than alone; None leaves it as it is.
    """

    attention: Attention | None = None
    convolutions: Literal["ieee", "tf32"] | None = None


_changed = threading.Condition()
_line: list[object] = []
_runs = 0
_now = Choice()
_made = ExitStack()


@contextmanager
def chosen(choice: Choice) -> Iterator[None]:
    """Run with a choice; a run that wants another waits until those that have this one are over, and who comes after it
    waits behind it.

    Raises:
        InvalidRequest: The attention kernel cannot be had here.
    """
    global _runs, _now, _made
    me = object()
    with _changed:
        _line.append(me)
        try:
            _changed.wait_for(lambda: _line[0] is me and (not _runs or _now == choice))
            if not _runs:
                _made, _now = _make(choice), choice
            _runs += 1
        finally:
            _line.remove(me)
            _changed.notify_all()
    try:
        yield
    finally:
        with _changed:
            _runs -= 1
            if not _runs:
                _made.close()
                _changed.notify_all()


def _make(choice: Choice) -> ExitStack:
    """Set what a choice says, and silence what pipelines warn of: it is meant for who calls them, and a take says what
    it is."""
    import torch
    from diffusers import attention_backend
    from diffusers.utils import logging

    with ExitStack() as stack:
        if choice.attention is not None:
            try:
                stack.enter_context(attention_backend(KERNELS[choice.attention]))  # type: ignore[no-untyped-call]
            except (RuntimeError, ImportError) as error:
                raise InvalidRequest(
                    f"attention {choice.attention} cannot be had here: {error}; leave it out"
                ) from error
        if choice.convolutions is not None:
            conv: Any = torch.backends.cudnn.conv  # type: ignore[attr-defined]  # which torch makes as it is imported
            stack.callback(setattr, conv, "fp32_precision", conv.fp32_precision)
            conv.fp32_precision = choice.convolutions
        stack.callback(logging.set_verbosity, logging.get_verbosity())
        logging.set_verbosity_error()
        stack.enter_context(warnings.catch_warnings(action="ignore", category=FutureWarning))
        warnings.filterwarnings("ignore", category=UserWarning, module="peft")
        return stack.pop_all()
