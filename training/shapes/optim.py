"""Muon for matrices and kernels, AdamW for the rest, an average of the weights, and checkpoints that survive a kill."""

import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from training.shapes import crew

HOME = Path(os.environ.get("REELGRAPH_TRAINING", Path.home() / ".cache" / "reelgraph" / "training" / "shapes"))
SAVE_EVERY_S = 120.0
TELL_EVERY = 50  # steps
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
CROWD = 16 if DEVICE.type == "cuda" else 1  # clips in a batch for each one that a processor core takes
# A CPU without bfloat16 of its own takes fifty times as long with it.
_BF16 = DEVICE.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
# A processor's minutes are its own: what other programs take in between is not training.
_now = time.monotonic if DEVICE.type == "cuda" else time.process_time
# Processes that prepare batches; a single core prepares its own.
HANDS = min(6, (os.cpu_count() or 1) // 2) if DEVICE.type == "cuda" else 0

Lesson = TypeVar("Lesson")


def fast() -> torch.autocast:
    """Compute in bfloat16 where the device can."""
    return torch.autocast(DEVICE.type, torch.bfloat16, enabled=_BF16)


class Muon(torch.optim.Optimizer):
    """Orthogonalised momentum for weights of two or more dimensions, kernels flattened to matrices.

    Source: Keller Jordan, "Muon: an optimizer for hidden layers in neural networks" (2024), with the update scaled to
    AdamW's root mean square as in Liu et al., "Muon is scalable for LLM training" (2025).
    """

    def __init__(self, params: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, decay: float = 0.02) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # no closure is used here
        """Take one step; weights of one shape are orthogonalised together, which keeps small matrices cheap."""
        for group in self.param_groups:
            alike: dict[tuple[int, int], list[nn.Parameter]] = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    alike[(_rows(p), p[0].numel())].append(p)
            for (rows, columns), params in alike.items():
                updates = []
                for p in params:
                    state = self.state[p]
                    if not state:
                        state["momentum"] = torch.zeros_like(p)
                    state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(state["momentum"], group["momentum"]).reshape(-1, rows, columns))
                size = 0.2 * max(rows, columns) ** 0.5
                steps = _orthogonal(torch.cat(updates)).split([len(u) for u in updates])
                for p, u in zip(params, steps, strict=True):
                    p.mul_(1 - group["lr"] * group["decay"]).add_(u.reshape(p.shape), alpha=-group["lr"] * size)


def _rows(p: Tensor) -> int:
    # A kernel with many outputs (an upsampler's) is taken in slices of 64 rows: an eighth of the work, and no worse.
    return 64 if p.ndim == 5 and p.shape[0] % 64 == 0 else p.shape[0]


def _orthogonal(x: Tensor) -> Tensor:
    """Newton-Schulz on the small Gram matrix: each iterate is a polynomial of it times `x`, multiplied out once."""
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    gram = x @ x.mT
    one = torch.eye(gram.shape[-1], device=x.device)
    total = one
    for _ in range(5):
        p = 3.4445 * one - 4.775 * gram + 2.0315 * (gram @ gram)
        total, gram = p @ total, p @ gram @ p
    x = total @ x
    return x.mT if tall else x


class Training:
    """The state of one stage: its model, two optimisers, the averaged weights, and the time spent so far.

    `seconds` is the stage's budget of training time (on a processor: of each core's); `done` goes from 0 to 1 and
    drives the rates, so a stage that is killed and started again goes on where it was.
    """

    def __init__(
        self,
        name: str,
        model: nn.Module,
        *,
        seconds: float,
        muon: float,
        adam: float,
        flat: float,
        average: float,
        home: Path = HOME,
    ) -> None:
        self.model, self.seconds, self.flat, self.average = model, seconds, flat, average
        params = dict(model.named_parameters())
        matrices = [p for n, p in params.items() if p.requires_grad and _is_matrix(n, p)]
        chosen = {id(p) for p in matrices}
        rest = [p for p in params.values() if p.requires_grad and id(p) not in chosen]
        self.optimisers = [Muon(matrices, muon), torch.optim.AdamW(rest, adam, betas=(0.9, 0.98), weight_decay=0.0)]
        self.rates = [muon, adam]
        self.ema = {n: p.detach().clone() for n, p in model.state_dict().items()}
        self.step, self.spent, self.file = 0, 0.0, home / f"{name}.pt"
        self._last_save, self._clock = time.monotonic(), _now()
        self.extra: dict[str, Any] = {}
        if self.file.exists():
            self.load()
        self._begun, self._mean = self.step, torch.zeros((), device=DEVICE)
        torch.manual_seed(self.step * crew.size() + crew.number())  # new noise after a kill, and for every process
        if crew.number() == 0:
            print(name, "parameters", sum(p.numel() for p in model.parameters()), "from step", self.step, flush=True)

    @property
    def done(self) -> float:
        """Share of the budget spent."""
        return self.spent / self.seconds

    def update(self, loss: Tensor) -> None:
        """Step on `loss`, average the weights, count the time, and save and tell now and then."""
        warm = min(1.0, (self.step + 1) / 60)
        fall = 1.0 if self.done < self.flat else max(0.0, (1 - self.done) / (1 - self.flat))
        for optimiser, rate in zip(self.optimisers, self.rates, strict=True):
            optimiser.param_groups[0]["lr"] = rate * warm * max(fall, 0.004)
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        now = _now()
        self.spent += crew.average(self._gradients(), now - self._clock)
        self._clock = now
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        self._mean.lerp_(loss.detach(), 0.03 if self.step > self._begun + 1 else 1.0)
        keep = min(self.average, self.step / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.ema.values()), list(self.model.state_dict().values()), 1 - keep)
        if crew.number() == 0:
            if self.step % TELL_EVERY == 0:
                print(f"{self.spent:.0f} s step {self.step} loss {self._mean.item():.4f}", flush=True)
            if time.monotonic() - self._last_save > SAVE_EVERY_S or self.done >= 1:
                self.save()

    def _gradients(self) -> list[Tensor]:
        """List every trained weight's gradient, zeros for what this batch did not use: all processes list the same."""
        trained = [p for p in self.model.parameters() if p.requires_grad]
        for p in trained:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
        return [p.grad for p in trained if p.grad is not None]

    def pause(self) -> None:
        """Forget the time since the last step, after work that is not training."""
        self._clock = _now()

    def save(self) -> None:
        """Write the checkpoint in one piece."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_suffix(".part")
        torch.save(
            {
                "model": self.model.state_dict(),
                "ema": self.ema,
                "step": self.step,
                "spent": self.spent,
                "extra": self.extra,
                "optimisers": [o.state_dict() for o in self.optimisers],
            },
            part,
        )
        part.replace(self.file)
        self._last_save = time.monotonic()

    def load(self) -> None:
        """Go on from the checkpoint."""
        state = torch.load(self.file, map_location=DEVICE, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.ema, self.step, self.spent, self.extra = state["ema"], state["step"], state["spent"], state["extra"]
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)


def _is_matrix(name: str, p: nn.Parameter) -> bool:
    # Embeddings, input and output projections and modulation tables are not maps between hidden features.
    others = ("shared", "embed", "table", "proj_in", "proj_out", "bias")
    return p.ndim >= 2 and not any(part in name for part in others)


def prepared(lessons: IterableDataset[Lesson], ahead: int) -> Iterable[Lesson]:
    """Let other processes prepare lessons, so many ahead, where there are any."""
    return DataLoader(lessons, batch_size=None, num_workers=HANDS, prefetch_factor=ahead if HANDS else None)


def seeded(name: str, step: int) -> random.Random:
    """Seed stage `name` at `step` here: a resumed run draws new clips, a repeated run the same ones."""
    return random.Random(f"{name} {step} {crew.number()}")
