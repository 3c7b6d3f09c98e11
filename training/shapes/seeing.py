"""Lessons in seeing: what a picture or its caption shows in each colour, asked of CLIP's two towers while they train.

Two things never have one colour, so a colour names a thing in a picture, where nothing is first or second. Contrast
alone says only that a caption is wrong; this says about what.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.shapes.world import BACKGROUNDS, COLOURS, MOTIONS, SHAPES, Scene

UNASKED = -100
# Choices for the background, then each colour's shape, then each colour's motion; 0 of a colour: nothing has it.
CHOICES = (len(BACKGROUNDS), *[1 + len(SHAPES)] * len(COLOURS), *[1 + len(MOTIONS)] * len(COLOURS))


def answers(scene: Scene, moving: bool) -> list[int]:
    """Number what a scene shows in each colour; in one frame no motion is asked for."""
    colours = list(COLOURS)
    shapes, motions = [0] * len(colours), [0 if moving else UNASKED] * len(colours)
    for thing in scene.things:
        at = colours.index(thing.colour)
        shapes[at] = 1 + SHAPES.index(thing.shape)
        if moving:
            motions[at] = 1 + MOTIONS.index(thing.motion)
    return [BACKGROUNDS.index(scene.background), *shapes, *motions]


def _error(scores: Tensor, right: Tensor) -> Tensor:
    """How wrong scores (..., choices) are, on average of what was asked."""
    asked = (right != UNASKED).sum().clamp(min=1)
    return F.cross_entropy(scores.flatten(0, -2), right.flatten(), ignore_index=UNASKED, reduction="sum") / asked


class Reader(nn.Module):
    """Reads a picture's or a caption's embedding by one linear map: both towers have to say alike what they mean."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.table = nn.Linear(width, sum(CHOICES))

    def forward(self, embedded: Tensor, right: Tensor) -> Tensor:
        """How wrong the readings of embeddings (count, width) are, on average of all questions."""
        each = [_error(s, r) for s, r in zip(self.table(embedded).split(CHOICES, 1), right.T, strict=True)]
        return torch.stack(each).mean()


class Finder(nn.Module):
    """Asks a picture's patches: for each colour, the shape and the motion where that colour is."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.table_of_keys = nn.Linear(width, width)
        self.table_of_questions = nn.Parameter(torch.randn(2, len(COLOURS), width) * width**-0.5)
        self.table_of_answers = nn.Parameter(torch.zeros(2, len(COLOURS), width, max(len(SHAPES), len(MOTIONS))))

    def forward(self, patches: Tensor, right: Tensor) -> Tensor:
        """How wrong the answers of patches (pictures, patches, width) are, the shapes' plus the motions'."""
        patches = patches.float()
        where = torch.einsum("npw,qcw->nqcp", self.table_of_keys(patches), self.table_of_questions).softmax(-1)
        scores = torch.einsum("nqcp,npw,qcwa->nqca", where, patches, self.table_of_answers)
        asked = right[:, 1:].unflatten(1, (2, len(COLOURS))) - 1  # of colours that are there only
        asked = asked.masked_fill(asked < 0, UNASKED)
        shapes, motions = scores[:, 0, :, : len(SHAPES)], scores[:, 1, :, : len(MOTIONS)]
        return _error(shapes, asked[:, 0]) + _error(motions, asked[:, 1])


def look(vision: Any, pixels: Tensor, patches: int) -> tuple[Tensor, Tensor]:
    """Let a CLIP's vision see only the `patches` most uneven patches of each picture, chosen somewhat by chance.

    Most of a picture is sky. Without it a step takes less than half of the time; what is left is what there is to
    learn.

    Source: Li et al., "Scaling language-image pre-training via masking" (2023), whose patches are chosen blindly.

    Returns:
        The encoded patches, the class token first, and the picture as one, before the projection.
    """
    hidden = vision.embeddings(pixels)
    if patches < hidden.shape[1] - 1:
        side = vision.config.patch_size
        cells = F.unfold(pixels, side, stride=side).unflatten(1, (pixels.shape[1], -1))
        uneven = cells.std(2).mean(1)
        uneven = uneven / uneven.mean(1, keepdim=True) + 0.3 * torch.rand_like(uneven)
        kept = F.pad(uneven.topk(patches, 1).indices + 1, (1, 0))
        hidden = hidden.gather(1, kept[..., None].expand(-1, -1, hidden.shape[2]))
    hidden = vision.encoder(inputs_embeds=vision.pre_layrnorm(hidden)).last_hidden_state
    return hidden, vision.post_layernorm(hidden[:, 0])
