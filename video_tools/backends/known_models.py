"""Models that people usually run, and how large they are: what a card has room for before anything is fetched.

Source: transformers and VAEs counted by diffusers' and transformers' classes, built without memory from their published
configs; text encoders by the size that they are known by.
"""

from dataclasses import dataclass

from reelgraph.video_tools.backends.room import Weights

# The largest layer of all: UMT5's table of words, 256,384 of 4,096 numbers each. Others have less.
_WORDS = 1.05e9

# Billions of numbers in what several models share.
_T5, _UMT5, _QWEN = {"text_encoder": 4.76}, {"text_encoder": 5.68}, {"text_encoder": 7.07}
_WAN, _HUNYUAN = _UMT5 | {"vae": 0.13}, {"text_encoder": 7.5, "text_encoder_2": 0.12, "vae": 0.25}


@dataclass(frozen=True)
class KnownModel:
    """A model on the hub.

    Attributes:
        name: What people call it.
        hub: Its id.
        billions: Of numbers in its parts.
    """

    name: str
    hub: str
    billions: dict[str, float]

    @property
    def weights(self) -> Weights:
        """Its weights in half precision."""
        return Weights({part: count * 1e9 for part, count in self.billions.items()}, largest=_WORDS)


KNOWN_MODELS = [
    KnownModel("Wan 2.1 1.3B", "Wan-AI/Wan2.1-T2V-1.3B-Diffusers", _WAN | {"transformer": 1.42}),
    KnownModel("Wan 2.1 14B", "Wan-AI/Wan2.1-T2V-14B-Diffusers", _WAN | {"transformer": 14.29}),
    KnownModel("Wan 2.2 5B", "Wan-AI/Wan2.2-TI2V-5B-Diffusers", _UMT5 | {"transformer": 5.0, "vae": 0.7}),
    KnownModel(
        "Wan 2.2 A14B", "Wan-AI/Wan2.2-T2V-A14B-Diffusers", _WAN | {"transformer": 14.29, "transformer_2": 14.29}
    ),
    KnownModel("LTX-Video 2B", "Lightricks/LTX-Video", _T5 | {"transformer": 1.92, "vae": 0.42}),
    KnownModel("LTX-2", "Lightricks/LTX-2", {"text_encoder": 12.2, "transformer": 18.88, "vae": 1.3}),
    KnownModel("HunyuanVideo", "hunyuanvideo-community/HunyuanVideo", _HUNYUAN | {"transformer": 12.82}),
    KnownModel(
        "HunyuanVideo 1.5", "hunyuanvideo-community/HunyuanVideo-1.5-480p_t2v",
        _QWEN | {"text_encoder_2": 0.22, "transformer": 8.33, "vae": 1.26},
    ),
    KnownModel("CogVideoX 2B", "THUDM/CogVideoX-2b", _T5 | {"transformer": 1.69, "vae": 0.22}),
    KnownModel("CogVideoX 5B", "THUDM/CogVideoX-5b", _T5 | {"transformer": 5.57, "vae": 0.22}),
    KnownModel("SkyReels V2 14B", "Skywork/SkyReels-V2-T2V-14B-720P-Diffusers", _WAN | {"transformer": 14.29}),
    KnownModel(
        "Kandinsky 5 Lite", "kandinskylab/Kandinsky-5.0-T2V-Lite-sft-5s-Diffusers",
        _QWEN | {"text_encoder_2": 0.12, "transformer": 2.01, "vae": 0.25},
    ),
    KnownModel("Mochi 1", "genmo/mochi-1-preview", _T5 | {"transformer": 10.03, "vae": 0.46}),
]  # fmt: skip
