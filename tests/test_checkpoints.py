"""What a checkpoint can make follows from its own configs, before any weights are read."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("diffusers")

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.backends.families import FAMILIES
from reelgraph.video_tools.backends.family import capabilities_of
from reelgraph.video_tools.backends.model_folder import ModelCard, ModelFolder
from reelgraph.video_tools.errors import InvalidRequest

_WAN = {"vae": {"scale_factor_spatial": 8, "scale_factor_temporal": 4}, "transformer": {"patch_size": [1, 2, 2]}}
_WAN_5B = {
    "": {"expand_timesteps": True}, "vae": {"scale_factor_spatial": 16, "scale_factor_temporal": 4},
    "transformer": {"patch_size": [1, 2, 2]},
}  # fmt: skip
_COGVIDEOX = {"transformer": {"sample_frames": 49, "sample_width": 90, "sample_height": 60}}
_COGVIDEOX_15 = {"transformer": {"sample_frames": 81, "patch_size_t": 2, "sample_width": 300, "sample_height": 300}}
_COGVIDEOX_I2V = {"transformer": _COGVIDEOX["transformer"] | {"use_learned_positional_embeddings": True}}
_HUNYUAN15 = {
    "vae": {"spatial_compression_ratio": 16, "temporal_compression_ratio": 4},
    "transformer": {"patch_size": 1, "target_size": 640},
}  # fmt: skip
_HUNYUAN15_720 = _HUNYUAN15 | {"transformer": {"patch_size": 1, "target_size": 960}}


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
        ("CogVideoXFunControlPipeline", _COGVIDEOX, 8, 49, (720, 480)),
        ("HunyuanVideo15Pipeline", _HUNYUAN15, 24, 121, (848, 480)),
        ("HunyuanVideo15Pipeline", _HUNYUAN15_720, 24, 121, (1280, 720)),
        ("HunyuanVideo15ImageToVideoPipeline", _HUNYUAN15, 24, 121, (848, 480)),
        ("HunyuanVideo15ImageToVideoPipeline", _HUNYUAN15_720, 24, 121, (1280, 720)),
    ],
)
def test_checkpoint_declares_the_rate_length_and_size_that_it_was_trained_at(
    pipeline: str, configs: dict[str, Any], rate: int, most: int, size: tuple[int, int]
) -> None:
    can = declared(pipeline, configs)
    assert (can.rates, can.frames.most, can.native_size) == ((Fraction(rate),), most, size)


@pytest.mark.parametrize(
    ("pipeline", "configs", "makes", "refuses"),
    [
        ("CogVideoXImageToVideoPipeline", _COGVIDEOX_I2V, [(720, 480)], [(352, 240), (736, 480)]),
        ("CogVideoXImageToVideoPipeline", _COGVIDEOX_15, [(1360, 768), (688, 384)], [(680, 384)]),
        ("CogVideoXPipeline", _COGVIDEOX, [(720, 480), (352, 240)], [(360, 240)]),
        ("Kandinsky5T2VPipeline", {}, [(768, 512), (400, 272)], [(776, 512)]),
        ("Kandinsky5T2VPipeline", {"transformer": {"attention_type": "nabla"}}, [(768, 512)], [(400, 256), (384, 272)]),
        ("HunyuanVideo15Pipeline", _HUNYUAN15, [(848, 480), (1280, 720), (432, 240)], [(856, 480)]),
    ],
)
def test_checkpoint_refuses_the_sizes_that_its_transformer_cannot_make(
    pipeline: str, configs: dict[str, Any], makes: list[tuple[int, int]], refuses: list[tuple[int, int]]
) -> None:
    sizes = declared(pipeline, configs).sizes
    for size in makes:
        sizes.check(*size)
    for size in refuses:
        with pytest.raises(InvalidRequest, match="cannot be made here"):
            sizes.check(*size)


@pytest.mark.parametrize("pipeline", ["CogVideoXFunControlPipeline", "CogVideoXVideoToVideoPipeline"])
def test_cogvideox_15_is_refused_where_a_clip_is_followed(pipeline: str) -> None:
    assert declared(pipeline, _COGVIDEOX).modes == {"video"}
    with pytest.raises(InvalidRequest, match=rf"{pipeline} fails at this checkpoint, which joins frames in twos"):
        declared(pipeline, _COGVIDEOX_15)


@pytest.mark.parametrize(
    ("pipeline", "configs", "counts"),
    [
        ("CogVideoXPipeline", _COGVIDEOX, [1, 9, 17]),
        ("CogVideoXPipeline", _COGVIDEOX_15, [1, 9, 17]),
        ("CogVideoXImageToVideoPipeline", _COGVIDEOX, [1, 9, 17]),
        ("CogVideoXImageToVideoPipeline", _COGVIDEOX_15, [1, 9, 17]),
        ("CogVideoXVideoToVideoPipeline", _COGVIDEOX, [1, 9, 17]),
        ("CogVideoXFunControlPipeline", _COGVIDEOX, [1, 9, 17]),
        ("WanImageToVideoPipeline", _WAN, [5, 9, 13]),
        ("WanImageToVideoPipeline", _WAN | {"transformer": {"pos_embed_seq_len": 514}}, [5, 9, 13]),
        ("WanImageToVideoPipeline", _WAN | {"image_encoder": {}}, [1, 5, 9]),
        ("WanImageToVideoPipeline", _WAN_5B, [1, 5, 9]),
        ("WanAnimatePipeline", _WAN, [5, 9, 13]),
        ("SkyReelsV2DiffusionForcingPipeline", _WAN, [1, 5, 9]),
        ("SkyReelsV2DiffusionForcingImageToVideoPipeline", _WAN, [5, 9, 13]),
        ("Kandinsky5I2VPipeline", {}, [17, 21, 25]),
        ("HeliosPipeline", _WAN | {"scheduler": {"stages": 1}}, [33, 65, 97]),
        ("HunyuanVideoFramepackPipeline", {}, [37, 73, 109]),
    ],
)
def test_checkpoint_declares_the_frame_counts_that_its_class_makes(
    pipeline: str, configs: dict[str, Any], counts: list[int]
) -> None:
    frames = declared(pipeline, configs).frames
    made = [frames.least]
    while len(made) < 3:
        made.append(frames.fit(made[-1] + 1))
    assert made == counts
