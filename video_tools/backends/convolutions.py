"""Convolutions over one small clip on a processor, by the kernel that a batch of clips gets.

PyTorch takes its plain kernel for one clip whose channels, frames and rows are few (`use_mkldnn` in its
Convolution.cpp looks at four of the five dimensions) and oneDNN's for two, so that one clip costs as much as two. With
oneDNN's kernel for both, one is drawn as it would be in a batch, and `shapes` decodes in less than half of the time.
"""

from types import MethodType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from torch import Tensor


def convolve_as_in_a_batch(pipe: Any) -> None:
    """Have a pipeline's three-dimensional convolutions use oneDNN, where PyTorch has it."""
    import torch

    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]  # PyTorch has no types there
        return
    parts = [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]
    for layer in (layer for part in parts for layer in part.modules() if isinstance(layer, torch.nn.Conv3d)):
        if layer.padding_mode == "zeros" and not isinstance(layer.padding, str):
            vars(layer)["_conv_forward"] = MethodType(_convolve, layer)


def _convolve(layer: Any, x: "Tensor", weight: "Tensor", bias: "Tensor | None") -> "Tensor":
    import torch

    if x.device.type != "cpu" or x.dtype != torch.float32 or x.dim() != 5:
        made = torch.nn.Conv3d._conv_forward(layer, x, weight, bias)
    else:
        made = torch.ops.aten.mkldnn_convolution(
            x, weight, bias, layer.padding, layer.stride, layer.dilation, layer.groups
        )
    return cast("Tensor", made)
