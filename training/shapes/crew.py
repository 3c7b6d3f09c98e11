"""Train on several processor cores: one process a core takes its part of every batch, and all step on the mean."""

import multiprocessing
import os
import tempfile
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from multiprocessing.connection import wait
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

# A card needs no help. A processor's cores are used one thread each: two threads of one process gain little on layers
# this small, and lose much when another program takes a core.
CORES = 1 if torch.cuda.is_available() else min(2, os.cpu_count() or 1)


def run(work: Callable[..., None], *settings: Any, cores: int = CORES) -> None:
    """Call `work(*settings)` in one process a core, or here if one is all there is.

    Raises:
        torch.multiprocessing.ProcessRaisedException: one of them failed; the others are ended.
    """
    if cores == 1:
        torch.set_num_threads(1)
        work(*settings)
        return
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(_join, (f"file://{folder}/meeting", cores, work, settings), cores)


def _join(number: int, meeting: str, cores: int, work: Callable[..., None], settings: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    # A machine that is put to sleep for the night goes on in the morning.
    dist.init_process_group("gloo", init_method=meeting, rank=number, world_size=cores, timeout=timedelta(days=2))
    try:
        work(*settings)
    finally:
        dist.destroy_process_group()


def _end_with_parent() -> None:
    """End with the process that began this one, however it ended: a run that was killed writes no more checkpoints.

    The interrupt that torch has the system send is not heard by what a shell runs in the background.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None  # it was spawned
    wait([parent.sentinel])
    os._exit(1)


def size() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def number() -> int:
    """Which of them this one is, from 0; the first keeps the checkpoints and tells."""
    return dist.get_rank() if dist.is_initialized() else 0


def average(gradients: Iterable[Tensor], seconds: float) -> float:
    """Replace gradients by their mean over all processes, and return that of `seconds`, so that all agree on time."""
    if size() == 1:
        return seconds
    parts = list(gradients)
    sums = torch.cat([*(g.flatten() for g in parts), torch.tensor([seconds])])
    dist.all_reduce(sums)
    sums /= size()
    for part, mean in zip(parts, sums[:-1].split([g.numel() for g in parts]), strict=True):
        part.copy_(mean.view_as(part))
    return float(sums[-1])
