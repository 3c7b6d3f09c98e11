"""Adapters (LoRA) of the `local` back end: which parts wear them, in what precision, and what of them has no place."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

import torch
from diffusers import DiffusionPipeline
from safetensors.torch import load_file, save_file
from tiny_pipelines import build

from reelgraph.video_tools.backends.adapters import adapter_hashes, adapters_for, use_adapters
from reelgraph.video_tools.backends.base import Call, Failed, Made
from reelgraph.video_tools.backends.device import Loaded
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.backends.placement import PRESETS, WHOLE, place_weights
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Adapter, TakeRequest


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "models"


def lora(path: Path, layer: str, width: int, blocks: int = 2, strength: float = 1.0) -> Path:
    """Write an adapter for one layer of each block of a transformer."""
    noise = torch.Generator().manual_seed(3)
    weights = {
        f"transformer.{layer.format(block)}.lora_{side}.weight": strength * torch.randn(shape, generator=noise)
        for block in range(blocks) for side, shape in (("A", (2, width)), ("B", (width, 2)))
    }  # fmt: skip
    save_file(weights, path)
    return path


def ltx_lora(path: Path, blocks: int = 2) -> Path:
    return lora(path, "transformer_blocks.{}.attn1.to_q", 16, blocks)


def wan_lora(path: Path, strength: float = 1.0) -> Path:
    return lora(path, "blocks.{}.attn1.to_v", 24, strength=strength)


def take(backend: Local, *adapters: str, steps: int = 2) -> Made | Failed:
    request = TakeRequest(
        backend="local", prompt="a fox", width=64, height=64, frames=9, rate=Fraction(16), seed=1, steps=steps,
        adapters=[Adapter(name=name) for name in adapters],
    )  # fmt: skip
    (result,) = backend.generate([Call(request, "a1")], lambda event: None)
    return result


def pixels(backend: Local, *adapters: str, steps: int = 2) -> np.ndarray:
    result = take(backend, *adapters, steps=steps)
    assert isinstance(result, Made) and isinstance(result.frames, np.ndarray), result
    return result.frames


def test_both_transformers_wear_one_file_or_each_a_file_of_its_own(models: Path, tmp_path: Path) -> None:
    ink = str(wan_lora(tmp_path / "ink.safetensors"))
    nothing = str(wan_lora(tmp_path / "nothing.safetensors", strength=0.0))
    adapters: dict[str, str | list[str]] = {
        "one": ink, "pair": [ink, ink], "noisy": [ink, nothing], "rest": [nothing, ink], "none": nothing,
    }  # fmt: skip
    backend = Local({"model": str(build("wan_a14b", models)), "adapters": adapters})
    plain, one, pair, noisy, rest, none = (
        pixels(backend, *names) for names in ((), ("one",), ("pair",), ("noisy",), ("rest",), ("none",))
    )
    assert np.array_equal(one, pair) and np.array_equal(plain, none)
    assert not np.array_equal(plain, rest), "the second transformer wears what is for it"
    assert not np.array_equal(one, noisy), "a single file is for the second one too"
    assert not np.array_equal(one, rest)


def test_hash_of_an_adapter_counts_the_file_of_each_transformer(tmp_path: Path) -> None:
    a, b = (str(wan_lora(tmp_path / f"{name}.safetensors", strength)) for name, strength in (("a", 1.0), ("b", 2.0)))
    two: Mapping[str, Any] = {"transformer_2": {}}
    settings: dict[str, str | list[str]] = {"a": a, "aa": [a, a], "ab": [a, b], "ba": [b, a]}
    hashes = adapter_hashes(adapters_for(settings, "WanPipeline", two))
    assert hashes["a"] == hashes["aa"] and len(set(hashes.values())) == 3
    assert hashes["a"] != adapter_hashes(adapters_for({"a": a}, "WanPipeline", {}))["a"]
    (tmp_path / "b.safetensors").unlink()
    with pytest.raises(InvalidRequest, match=r"the adapter ab must be a .safetensors file that is there: .*b.safeten"):
        adapter_hashes(adapters_for(settings, "WanPipeline", two))


@pytest.mark.parametrize(
    ("files", "configs", "said"),
    [
        (["a", "b"], {}, "the adapter ink names 2 files: name one, for this model"),
        ([], {}, "the adapter ink names 0 files: name one, for this model"),
        (["a", "b", "c"], {"transformer_2": {}}, "the adapter ink names 3 files: name one, or two: for the noisy"),
    ],
)
def test_adapter_of_another_number_of_files_is_refused(files: list[str], configs: Any, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        adapters_for({"ink": files}, "WanPipeline", configs)


@pytest.mark.parametrize("family", ["hunyuan15", "hunyuan15_i2v"])
def test_adapters_of_a_class_that_loads_none_are_refused(models: Path, tmp_path: Path, family: str) -> None:
    file = str(ltx_lora(tmp_path / "ink.safetensors"))
    backend = Local({"model": str(build(family, models)), "adapters": {"ink": file}})
    with pytest.raises(InvalidRequest, match=r"HunyuanVideo15\w*Pipeline takes no adapters: leave adapters out of"):
        backend.capabilities()


@pytest.mark.parametrize(("pipeline", "takes"), [
    ("CosmosTextToWorldPipeline", False), ("Cosmos2VideoToWorldPipeline", False),
    ("Cosmos2_5_PredictBasePipeline", True), ("LTX2Pipeline", True), ("StableDiffusionPipeline", True),
    ("AllegroPipeline", False),
])  # fmt: skip
def test_whether_a_class_takes_adapters_is_asked_of_it(pipeline: str, takes: bool) -> None:
    assert adapters_for({}, pipeline, {}) == {}
    if takes:
        assert adapters_for({"ink": "a"}, pipeline, {}) == {"ink": ("a",)}
    else:
        with pytest.raises(InvalidRequest, match=f"{pipeline} takes no adapters"):
            adapters_for({"ink": "a"}, pipeline, {})


@pytest.mark.parametrize("placement", [8, 12])
def test_adapter_is_worn_by_weights_of_eight_bits_as_it_is_by_others(
    models: Path, tmp_path: Path, placement: int
) -> None:
    file = str(ltx_lora(tmp_path / "ink.safetensors"))
    settings = {"model": str(build("ltx", models)), "placement": placement, "adapters": {"ink": file}}
    plain, inked, again = (pixels(Local(settings), *names) for names in ((), ("ink",), ()))
    assert np.array_equal(plain, again) and not np.array_equal(plain, inked)


@pytest.mark.parametrize("placement", [8, 12])
def test_adapter_keeps_its_digits_beside_weights_of_eight_bits(models: Path, tmp_path: Path, placement: int) -> None:
    file = ltx_lora(tmp_path / "ink.safetensors")
    pipe = DiffusionPipeline.from_pretrained(build("ltx", models))
    place_weights(pipe, PRESETS[placement], torch.float32, "cpu")
    loaded = Loaded(f"eight bits {placement}", PRESETS[placement], "cpu", {"LTXPipeline": pipe})
    assert use_adapters(pipe, [Adapter(name="ink")], {"ink": (str(file),)}, loaded) == []
    layer = pipe.transformer.transformer_blocks[1].attn1.to_q
    assert layer.base_layer.weight.dtype == torch.float8_e4m3fn
    (kept,) = layer.lora_A.values()
    assert torch.equal(kept.weight, load_file(file)["transformer.transformer_blocks.1.attn1.to_q.lora_A.weight"])


def test_adapters_may_be_called_anything(models: Path, tmp_path: Path) -> None:
    file = str(ltx_lora(tmp_path / "ink.safetensors"))
    names = ["ink", "mara.v1", "mara_v1", "weight", "keys", "a b"]
    backend = Local({"model": str(build("ltx", models)), "adapters": dict.fromkeys(names, file)})
    inked, *others = (pixels(backend, name) for name in names)
    assert all(np.array_equal(inked, other) for other in others)
    assert not np.array_equal(inked, pixels(backend, "mara.v1", "mara_v1"))


def test_what_the_model_has_no_place_for_is_said_of_each_take(models: Path, tmp_path: Path) -> None:
    ink, long = ltx_lora(tmp_path / "ink.safetensors"), ltx_lora(tmp_path / "long.safetensors", blocks=3)
    weights = load_file(long) | {"text_encoder.layer.lora_A.weight": torch.ones(2, 2)}
    save_file(weights, long)
    backend = Local({"model": str(build("ltx", models)), "adapters": {"ink": str(ink), "long": str(long)}})
    whole = take(backend, "ink")
    assert isinstance(whole, Made) and whole.substitutions == ()
    for _ in range(2):
        result = take(backend, "long", "ink")
        assert isinstance(result, Made)
        (said,) = result.substitutions
        assert (said.what, said.asked, said.made) == ("adapters", "long, 7 weights", "4 of them")
        assert said.why == "the model has no place for the rest, such as text_encoder.layer.lora_A.weight"
    again = take(backend, "ink")
    assert isinstance(again, Made) and again.substitutions == ()


def test_adapter_of_another_model_is_refused_and_leaves_the_model_as_it_was(models: Path, tmp_path: Path) -> None:
    ink, other = ltx_lora(tmp_path / "ink.safetensors"), tmp_path / "other.safetensors"
    save_file({"unet.mid.to_q.lora_A.weight": torch.ones(2, 2)}, other)
    backend = Local({"model": str(build("ltx", models)), "adapters": {"ink": str(ink), "other": str(other)}})
    plain, inked = pixels(backend), pixels(backend, "ink")
    for _ in range(2):
        result = take(backend, "ink", "other")
        assert isinstance(result, Failed) and isinstance(result.error, InvalidRequest)
        assert "the adapter other is another model's: this one has no place for unet.mid.to_q" in str(result.error)
        assert np.array_equal(plain, pixels(backend)) and np.array_equal(inked, pixels(backend, "ink"))


def test_pair_of_which_one_file_is_another_models_is_refused_whole(models: Path, tmp_path: Path) -> None:
    ink, other = wan_lora(tmp_path / "ink.safetensors"), lora(tmp_path / "other.safetensors", "mid.{}.to_q", 16)
    pipe = DiffusionPipeline.from_pretrained(build("wan_a14b", models))
    loaded = Loaded("a pair", WHOLE, "cpu", {"WanPipeline": pipe})
    for _ in range(2):
        with pytest.raises(InvalidRequest, match=r"the adapter ink is another model's: .*mid\.0\.to_q"):
            use_adapters(pipe, [Adapter(name="ink")], {"ink": (str(ink), str(other))}, loaded)
        assert pipe.get_list_adapters() == {} and loaded.adapters == {}
    assert use_adapters(pipe, [Adapter(name="ink")], {"ink": (str(ink), str(ink))}, loaded) == []
    assert [len(names) for names in pipe.get_list_adapters().values()] == [1, 1]


def test_adapter_of_a_model_of_another_width_is_refused_in_a_line_that_names_it(models: Path, tmp_path: Path) -> None:
    wide = lora(tmp_path / "wide.safetensors", "transformer_blocks.{}.attn1.to_q", 24)
    backend = Local({"model": str(build("ltx", models)), "adapters": {"mara.v1": str(wide)}})
    result = take(backend, "mara.v1")
    assert isinstance(result, Failed) and isinstance(result.error, InvalidRequest)
    said = str(result.error)
    assert said.startswith("the adapter mara.v1 is another model's: size mismatch for transformer_blocks.0.attn1.to_q")
    assert "\n" not in said and "worn_" not in said
    assert isinstance(take(backend), Made)


@pytest.mark.parametrize("content", [b"xx", None])
def test_adapter_whose_file_is_none_is_named_in_one_line(content: bytes | None, models: Path, tmp_path: Path) -> None:
    file = tmp_path / "ink.safetensors"
    if content is None:
        save_file({}, file)
    else:
        file.write_bytes(content)
    result = take(Local({"model": str(build("wan", models)), "steps": 1, "adapters": {"ink": str(file)}}), "ink")
    assert isinstance(result, Failed) and isinstance(result.error, InvalidRequest)
    said = str(result.error)
    assert said.startswith("the adapter ink ") and "worn_" not in said and "\n" not in said, said
