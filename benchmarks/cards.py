"""What a card did: the share of time in which it worked, by its own record of every kernel."""

import time
from typing import Any


class Busy:
    """Clocks a block: `share` is the time in which at least one kernel or copy ran, over the wall time.

    Source: torch's profiler, which reads CUPTI's activity records.
    """

    share = 0.0

    def __enter__(self) -> "Busy":
        from torch.profiler import ProfilerActivity, profile

        self._profile = profile(activities=[ProfilerActivity.CUDA])
        self._profile.__enter__()
        self._begun = time.perf_counter_ns()
        return self

    def __exit__(self, *error: Any) -> None:
        import torch

        torch.cuda.synchronize()
        wall = time.perf_counter_ns() - self._begun
        self._profile.__exit__(*error)
        on_card = torch.autograd.DeviceType.CUDA
        events = self._profile.profiler.kineto_results.events()
        spans = sorted((e.start_ns(), e.start_ns() + e.duration_ns()) for e in events if e.device_type() == on_card)
        self.share = _covered(spans) / wall


def _covered(spans: list[tuple[int, int]]) -> int:
    """Return the length that spans cover together, those that overlap counted once."""
    total, reached = 0, 0
    for start, end in spans:
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total
