"""Have a pipeline compute in 32 bits what it would in 64, which MPS has not."""

from typing import Any


def without_doubles(pipe: Any) -> None:
    """Lower what a pipeline's parts would compute in float64.

    Source: diffusers 0.42, `LTX2AudioVideoRotaryPosEmbed` and its connectors' (`double_precision`), and the CogVideoX
    schedulers, whose `alphas_cumprod` go to the device as they are. Its other schedulers see to it themselves.
    """
    import torch

    for part in pipe.components.values():
        for module in part.modules() if isinstance(part, torch.nn.Module) else ():
            if getattr(module, "double_precision", None) is True:
                vars(module)["double_precision"] = False
    alphas = getattr(pipe.scheduler, "alphas_cumprod", None) if hasattr(pipe, "scheduler") else None
    if alphas is not None and alphas.dtype == torch.float64:
        pipe.scheduler.alphas_cumprod = alphas.float()
