"""A back end: stripes that move, in colours that the seed decides."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from reelgraph.video_tools.backends.base import Call, Capabilities, Failed, Made, OnEvent, Progress, check_request
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Spend, TakeRequest


class Stripes:
    """Draws stripes; `[backends.stripes] width = 12` in reelgraph.toml sets their width in pixels."""

    name = "stripes"

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self.width = int((settings or {}).get("width", 16))

    def capabilities(self) -> Capabilities:
        """Any size and length, by seed."""
        return Capabilities()

    def fingerprint(self) -> str:
        """What decides the pixels besides the request."""
        return f"stripes-1 width {self.width}"

    def price(self, request: TakeRequest) -> Spend:
        """What it costs at most."""
        return Spend(calls=1, generation_seconds=0.001 * request.frames)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        """Draw each request; one that cannot be made fails alone."""
        for call in calls:
            request = call.request
            try:
                check_request(self.capabilities(), request)
            except InvalidRequest as error:
                yield Failed(call, error)
                continue
            colours = np.random.default_rng(request.seed).integers(40, 216, (2, 3))
            x = np.arange(request.width)
            frames = np.empty((request.frames, request.height, request.width, 3), np.uint8)
            for i in range(request.frames):
                frames[i] = colours[(x + 2 * i) // self.width % 2]
                on_event(Progress(call.attempt, i + 1, request.frames))  # raises where somebody wants to stop
            yield Made(call, rate=request.rate, frames=frames, spent=self.price(request))
