"""A back end for tests: it draws boxes that move before a wall, and goes wrong exactly as told.

`Rehearsal(faults={"keeper": ["black"]})` makes the first take whose prompt mentions the keeper black, and the next ones
right: a graph, ledger or critic of yours can be tried against each fault with no model.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from reelgraph.video_tools.backends.base import Call, Capabilities, Failed, Made, OnEvent, Progress, check_request
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, TransientFailure
from reelgraph.video_tools.film import Spend, TakeRequest, digest

Fault: TypeAlias = Literal[
    "none", "black", "white", "blank", "frozen", "noise", "flicker", "short", "small", "fail", "busy", "crash", "silent"
]


class Rehearsal:
    """Draws moving boxes by seed; see the module.

    Args:
        settings: As for any back end; not used.
        faults: By words of a prompt, the faults of the first, second... take whose prompt holds them; right afterwards.
        max_batch: How many requests one call makes.
        on_call: Called with each request before it is made, in the thread that makes it.
        price: What a take costs.
    """

    name = "rehearsal"

    def __init__(
        self,
        settings: Mapping[str, Any] | None = None,
        *,
        faults: Mapping[str, Sequence[Fault]] | None = None,
        max_batch: int = 1,
        on_call: Callable[[TakeRequest], None] = lambda request: None,
        price: Spend = Spend(calls=1, generation_seconds=1.0),
    ) -> None:
        self._faults = {words: list(reversed(order)) for words, order in (faults or {}).items()}
        self._max_batch = max_batch
        self._on_call = on_call
        self._price = price
        self.requests: list[TakeRequest] = []

    def capabilities(self) -> Capabilities:
        """Declare any size, length and rate, by seed."""
        return Capabilities(max_batch=self._max_batch)

    def fingerprint(self) -> str:
        """Name the drawing's version."""
        return "rehearsal-3"

    def price(self, request: TakeRequest) -> Spend:
        """Return the fixed price."""
        return self._price

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        """Draw each request, with the fault that is its turn."""
        for call in calls:
            request = call.request
            self.requests.append(request)
            try:
                check_request(self.capabilities(), request)
            except InvalidRequest as error:
                yield Failed(call, error, Spend())
                continue
            self._on_call(request)
            fault = self._next_fault(request.prompt)
            on_event(Progress(call.attempt, 1, 1))
            if fault == "crash":
                raise RuntimeError("rehearsed crash")
            if fault == "fail":
                yield Failed(call, PermanentFailure("rehearsed failure: use another prompt"), self._price)
            elif fault == "busy":
                yield Failed(call, TransientFailure("rehearsed overload: try again"), self._price)
            elif fault != "silent":
                yield Made(call, rate=request.rate, frames=draw(request, fault), spent=self._price)

    def _next_fault(self, prompt: str) -> Fault:
        for words, order in self._faults.items():
            if words.casefold() in prompt.casefold() and order:
                return order.pop()
        return "none"


def draw(request: TakeRequest, fault: Fault = "none") -> np.ndarray:
    """Draw a request as boxes that move before a still wall, with one fault.

    Returns:
        `(frames, height, width, 3) uint8 RGB`.
    """
    seed = int(digest([request.seed, request.variant, request.prompt])[:8], 16)
    noise = np.random.default_rng(seed)
    frames = request.frames - 2 if fault == "short" and request.frames > 2 else request.frames
    height, width = (
        (request.height // 4 * 2, request.width // 4 * 2) if fault == "small" else (request.height, request.width)
    )
    if fault == "noise":
        return noise.integers(0, 256, (frames, height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[0:height, 0:width]
    stripes = ((x + y * noise.uniform(0.3, 0.7)) // max(3, height / 7)).astype(int) % 2
    dark = noise.integers(40, 90, 3, dtype=np.uint8)
    wall = np.stack([dark, dark + 100])[stripes]
    result = np.repeat(wall[None], frames, axis=0)
    side, colours = height // 5, noise.integers(30, 226, (2, 3), dtype=np.uint8)
    for i in range(frames):
        step = 0 if fault == "frozen" else i
        for n, colour in enumerate(colours):  # two boxes go to and fro at their own pace, against each other
            left = _to_and_fro(n * width / 2 + (1 - 2 * n) * step * width / 40, width - side)
            top = _to_and_fro(n * height / 2 + step * height / 50, height - side)
            result[i, top : top + side, left : left + side] = colour
    if fault in ("black", "white", "blank"):
        result[:] = {"black": 0, "white": 255, "blank": 110}[fault]
    if fault == "flicker":
        result[::2] = (result[::2] * 0.4).astype(np.uint8)
    return result


def _to_and_fro(way: float, room: int) -> int:
    """Return where something is that turns round at either end: a leap would be a fault."""
    return int(abs((way + room) % (2 * room) - room))
