"""What a card did: the share of time in which it worked, by its own record of every kernel."""

import time
from typing import Any


class Busy:
    """Clocks a block by what the card recorded of its kernels and copies.

    Source: torch's profiler, which reads CUPTI's activity records.

    Attributes:
        share: Time in which at least one ran, over the wall time.
        before: Seconds until the first.
        after: Seconds from the end of the last.
        longest: Seconds of the longest gap between two.
    """

    share = before = after = longest = 0.0

    def __enter__(self) -> "Busy":
        from torch.profiler import ProfilerActivity, profile

        self._profile = profile(activities=[ProfilerActivity.CUDA])
        self._profile.__enter__()
        self._begun = time.time_ns()  # the profiler's clock
        return self

    def __exit__(self, *error: Any) -> None:
        import torch

        torch.cuda.synchronize()
        ended = time.time_ns()
        self._profile.__exit__(*error)
        on_card = torch.autograd.DeviceType.CUDA
        events = self._profile.profiler.kineto_results.events()
        spans = sorted((e.start_ns(), e.start_ns() + e.duration_ns()) for e in events if e.device_type() == on_card)
        covered, reached, longest = 0, spans[0][0], 0
        for start, end in spans:
            longest = max(longest, start - reached)
            covered += max(0, end - max(start, reached))
            reached = max(reached, end)
        self.share = covered / (ended - self._begun)
        self.before, self.after = (spans[0][0] - self._begun) / 1e9, (ended - reached) / 1e9
        self.longest = longest / 1e9
