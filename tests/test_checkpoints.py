"""What a checkpoint can make follows from its own configs, before any weights are read."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.backends.families import FAMILIES
from reelgraph.video_tools.backends.family import capabilities_of
from reelgraph.video_tools.backends.model_folder import ModelCard, ModelFolder

_WAN = {"vae": {"scale_factor_spatial": 8, "scale_factor_temporal": 4}, "transformer": {"patch_size": [1, 2, 2]}}
_WAN_5B = {
    "": {"expand_timesteps": True}, "vae": {"scale_factor_spatial": 16, "scale_factor_temporal": 4},
    "transformer": {"patch_size": [1, 2, 2]},
}  # fmt: skip
_COGVIDEOX = {"transformer": {"sample_frames": 49, "sample_width": 90, "sample_height": 60}}
_COGVIDEOX_15 = {"transformer": {"sample_frames": 81, "patch_size_t": 2, "sample_width": 300, "sample_height": 300}}


def declared(pipeline: str, configs: dict[str, Any]) -> Capabilities:
    configs = {"": {}, "vae": {}, "transformer": {}} | configs
    folder = ModelFolder(path=Path("nowhere"), pipeline=pipeline, components={}, configs=configs, card=ModelCard())
    row = FAMILIES[pipeline].adapt(FAMILIES[pipeline], configs)
    return capabilities_of([row], folder, most_frames=None, max_batch=1)


@pytest.mark.parametrize(
    ("pipeline", "configs", "rate", "most", "size"),
    [
        ("WanPipeline", _WAN, 16, 81, (832, 480)),
        ("WanPipeline", _WAN_5B, 24, 121, (1280, 704)),
        ("WanImageToVideoPipeline", _WAN, 16, 81, (832, 480)),
        ("WanImageToVideoPipeline", _WAN_5B, 24, 121, (1280, 704)),
        ("LucyEditPipeline", _WAN_5B, 24, 81, (832, 480)),
        ("CogVideoXPipeline", _COGVIDEOX, 8, 49, (720, 480)),
        ("CogVideoXPipeline", _COGVIDEOX_15, 16, 81, (1360, 768)),
        ("CogVideoXImageToVideoPipeline", _COGVIDEOX_15, 16, 81, (1360, 768)),
    ],
)
def test_checkpoint_declares_the_rate_length_and_size_that_it_was_trained_at(
    pipeline: str, configs: dict[str, Any], rate: int, most: int, size: tuple[int, int]
) -> None:
    can = declared(pipeline, configs)
    assert (can.rates, can.frames.most, can.native_size) == ((Fraction(rate),), most, size)
