"""Whether a model's weights have room on a card, and with which placement; arithmetic, which needs no card."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reelgraph.video_tools.backends.cheaper import DENOISERS
from reelgraph.video_tools.backends.placement import Placement, placement_in, smaller

GIB = 2**30

# What is kept free for pictures and what is computed of them. A guess: what a take needs besides its weights grows with
# its size and length, and only making one shows it.
_FREE = 0.15


@dataclass(frozen=True)
class Weights:
    """A model's weights.

    Attributes:
        parts: Numbers in each part.
        largest: Numbers in the largest layer of all.
        width: Bytes that a number takes on the card.
    """

    parts: Mapping[str, float]
    largest: float
    width: int = 2

    def at_once(self, placement: Placement) -> float:
        """Return the GiB of weights that are on the card at once, at most, as a placement has them."""
        held = {
            name: count * (1 if placement.eight_bit and name in DENOISERS else self.width)
            for name, count in self.parts.items()
        }
        layers = 2 * self.largest * self.width  # the next one is brought over meanwhile
        most = {
            "nothing": sum(held.values()),
            "text": sum(size for name, size in held.items() if not name.startswith("text_encoder")) + layers,
            "parts": max(held.values(), default=0),
            "layers": layers,
        }
        return most[placement.offload] / GIB


def fits(weights: Weights, placement: Placement, memory: float) -> bool:
    """Whether a model's weights leave room for pictures on a card of `memory` GiB."""
    return weights.at_once(placement) <= memory * (1 - _FREE)


def placement_that_fits(weights: Weights, memory: float) -> Placement | None:
    """Return the placement for a card with which a model fits: that for its size, or the largest below that does.

    Args:
        weights: The model's.
        memory: Of the card, in GiB.

    Returns:
        None where not even the smallest leaves room.
    """
    placement: Placement | None = placement_in(memory, "auto")
    while placement is not None and not fits(weights, placement, memory):
        placement = smaller(placement)
    return placement


def weights_in(folder: Path, *, width: int) -> Weights:
    """Count the numbers in a model's files, by their headers alone.

    Source: the safetensors format: eight bytes of length, then JSON with the shape of each tensor.

    Args:
        folder: The model's.
        width: Bytes that a number takes on the card.
    """
    parts: dict[str, float] = {}
    largest = 0
    for path in sorted(folder.glob("*/*.safetensors")):
        with path.open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        counts = [_count(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__"]
        parts[path.parent.name] = parts.get(path.parent.name, 0) + sum(counts)
        largest = max(largest, *counts, 0)
    return Weights(parts, largest, width)


def _count(shape: list[int]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count
