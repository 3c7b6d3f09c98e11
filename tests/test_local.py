import hashlib
import json
import pickle
import re
import shutil
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from tiny_pipelines import build
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers import models as models_of_tokens
from transformers import PreTrainedTokenizerFast

from reelgraph.video_tools.backends.base import Call, Event, Failed, Made, Progress
from reelgraph.video_tools.backends.conditions import Conditions
from reelgraph.video_tools.backends.device import Loaded, device_named
from reelgraph.video_tools.backends.families import FAMILIES
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.backends.music import Music
from reelgraph.video_tools.backends.pipeline_call import arguments_of, left_out
from reelgraph.video_tools.backends.placement import PRESETS, WHOLE, place_weights
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, ReelgraphError
from reelgraph.video_tools.film import Spend, Take, TakeRequest


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "models"


def request(**changes: Any) -> TakeRequest:
    asked = {
        "backend": "local",
        "prompt": "a fox",
        "width": 64,
        "height": 64,
        "frames": 9,
        "rate": Fraction(16),
        "seed": 1,
    }
    return TakeRequest.model_validate(asked | changes)


def run(backend: Local, *requests: TakeRequest, on_event: Any = lambda event: None) -> list[Made | Failed]:
    return list(backend.generate([Call(r, attempt=f"a{i}") for i, r in enumerate(requests)], on_event))


def error_of(backend: Local, asked: TakeRequest) -> ReelgraphError:
    (result,) = run(backend, asked)
    assert isinstance(result, Failed), "it was made"
    return result.error


@pytest.mark.parametrize(
    ("family", "asked", "legal"), [("wan", 15, 17), ("wan", 48, 49), ("ltx", 20, 25), ("ltx", 24, 25)]
)
def test_frames_off_the_grid_are_refused_with_the_next_legal_count(
    models: Path, family: str, asked: int, legal: int
) -> None:
    backend = Local({"model": str(build(family, models)), "steps": 1})
    assert backend.capabilities().frames.fit(asked) == legal
    assert f"next legal count is {legal}" in str(error_of(backend, request(frames=asked)))
    (made,) = run(backend, request(frames=legal))
    assert isinstance(made, Made) and made.frames.shape == (legal, 64, 64, 3) and made.substitutions == ()


@pytest.mark.parametrize(("family", "most"), [("wan", 81), ("ltx", 257)])
def test_more_frames_than_the_model_makes_are_refused_with_the_most(models: Path, family: str, most: int) -> None:
    backend = Local({"model": str(build(family, models))})
    with pytest.raises(InvalidRequest, match=f"the most is {most}"):
        backend.capabilities().frames.fit(most + 1)


def test_size_multiple_comes_from_the_models_own_config(models: Path) -> None:
    plain, sixteenfold = (Local({"model": str(build(name, models)), "steps": 1}) for name in ("wan", "wan_5b"))
    assert plain.capabilities().sizes.multiple == 16
    assert sixteenfold.capabilities().sizes.multiple == 32
    message = str(error_of(sixteenfold, request(width=96, height=80)))
    assert "height 80" in message and "multiple of 32" in message and "64 or 96" in message
    (made,) = run(plain, request(width=96, height=80))
    assert isinstance(made, Made) and made.frames.shape == (9, 80, 96, 3)


def test_capabilities_are_read_from_no_weights(models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    shutil.copytree(build("wan", models), folder)
    for weights in folder.rglob("*.safetensors"):
        weights.write_bytes(b"")
    assert Local({"model": str(folder)}).capabilities() == Local({"model": str(build("wan", models))}).capabilities()


def test_model_without_all_of_its_weights_is_refused_by_its_parts_and_fetched_again(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, revision = tmp_path / "part", "0" * 40
    shutil.copytree(build("wan", models), folder)
    weights = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    shard = weights.rename(weights.with_name("diffusion_pytorch_model-00001-of-00002.safetensors"))
    index = {"weight_map": {"a": shard.name, "b": shard.name.replace("00001-of", "00002-of")}}
    weights.with_name("diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))

    def why(**settings: Any) -> str:
        with pytest.raises(InvalidRequest) as error:
            Local(settings).capabilities()
        return str(error.value)

    said = f"{folder} lacks weights of transformer: put them there, or name a whole model"
    assert why(model=str(folder)) == said, "a shard is not there"
    shutil.copy(shard, shard.with_name(index["weight_map"]["b"]))
    Local({"model": str(folder)}).capabilities()
    for file in (folder / "transformer").glob("*.safetensors*"):
        file.unlink()
    (folder / "tokenizer" / "config.json").write_text("{}")  # as some have it of the model that they are for
    assert why(model=str(folder)) == said
    shutil.rmtree(folder / "transformer")
    assert why(model=str(folder)) == said, "none of it was fetched"
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *given, **named: str(folder))
    fetch = f"own/model lacks weights of transformer: fetch them with `hf download own/model --revision {revision}`"
    assert why(model="own/model", revision=revision) == fetch


def test_fingerprint_names_weights_and_settings_that_change_pixels(models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(build("ltx", models), folder)
    original, copy = Local({"model": str(build("ltx", models))}), Local({"model": str(folder)})
    assert copy.fingerprint() == original.fingerprint(), "the path must not enter"
    assert Local({"model": str(folder), "max_batch": 4}).fingerprint() == original.fingerprint()
    assert Local({"model": str(folder), "steps": 7}).fingerprint() != original.fingerprint()
    assert Local({"model": str(folder), "dtype": "bfloat16"}).fingerprint() != original.fingerprint()
    weights = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    next(iter(tensors.values())).add_(1)
    save_file(tensors, weights)
    assert Local({"model": str(folder)}).fingerprint() != original.fingerprint()


def test_fingerprint_names_what_a_models_card_says_of_its_pixels_and_how_long_its_pieces_are(
    models: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(build("wan_i2v", models), folder)

    def known(card: dict[str, object] | None = None, **settings: int) -> str:
        (folder / "reelgraph.json").write_text(json.dumps(card or {}))
        return Local({"model": str(folder), **settings}).fingerprint()

    sizes = {"sizes": [[48, 64]]}
    assert known() == known(sizes) == known(most_frames=9) == known(longest_frames=161), "each request says as much"
    cards = [{"even_steps": True}, {**sizes, "canvas": [64, 64]}, {**sizes, "canvas": [80, 64]}]
    pieces = [known(most_frames=9, longest_frames=33), known(most_frames=17, longest_frames=33)]
    assert len({known(), *map(known, cards), *pieces}) == 6
    assert known({"most_frames": 9}, longest_frames=33) == pieces[0]


def test_takes_carry_what_they_were_made_with(models: Path) -> None:
    (made,) = run(Local({"model": str(build("ltx", models)), "steps": 1}), request())
    assert isinstance(made, Made)
    assert (
        made.notes["pipeline"] == "LTXPipeline" and made.notes["dtype"] == "float32" and made.notes["device"] == "cpu"
    )
    assert (
        made.notes["torch"] == torch.__version__
        and {"diffusers", "transformers", "weights", "model"} <= made.notes.keys()
    )
    assert made.spent.calls == 1 and made.spent.generation_seconds > 0


def test_steps_follow_request_then_rung_then_settings(models: Path) -> None:
    backend = Local({"model": str(build("ltx", models)), "steps": 5})

    def steps_of(**changes: Any) -> int:
        events: list[Event] = []
        run(backend, request(**changes), on_event=events.append)
        return len([e for e in events if isinstance(e, Progress) and e.step])

    assert steps_of() == 5
    assert steps_of(rung="draft") == 2
    assert steps_of(rung="draft", steps=3) == 3


def test_batch_is_one_run_of_the_pipeline(models: Path) -> None:
    backend = Local({"model": str(build("ltx", models)), "steps": 2, "max_batch": 3})
    events: list[Event] = []
    made = run(backend, *(request(seed=i) for i in range(4)), on_event=events.append)
    assert [m.notes["batch"] for m in made if isinstance(m, Made)] == ["3", "3", "3", "1"]
    assert [(e.attempt, e.step) for e in events if isinstance(e, Progress)][:9] == [
        ("a0", 0), ("a1", 0), ("a2", 0), ("a0", 1), ("a1", 1), ("a2", 1), ("a0", 2), ("a1", 2), ("a2", 2),
    ]  # fmt: skip


def test_other_guidance_or_prompt_changes_the_pixels(models: Path) -> None:
    backend = Local({"model": str(build("wan", models)), "steps": 2})
    results = run(backend, request(), request(guidance=1.0), request(prompt="an owl"), request(negative_prompt="red"))
    assert len({m.frames.tobytes() for m in results if isinstance(m, Made)}) == 4


@pytest.mark.parametrize("guided", [False, True])
def test_class_leaves_out_what_its_authors_do_where_nobody_names_what_is_unwanted(guided: bool) -> None:
    row = replace(FAMILIES["Kandinsky5T2VPipeline"], guided_by_negative=guided)
    takes = Conditions(64, 64, 9)

    def told(*unwanted: str) -> Any:
        asked = [request(negative_prompt=text) for text in unwanted]
        return arguments_of(row, {}, asked, takes, steps=1, guidance=5.0).get("negative_prompt", "its own")

    assert told("") == ("" if guided else "its own")  # one that is guided only so is told an empty one
    assert told("rain") == "rain" and told("rain", "snow") == ["rain", "snow"]


def test_take_that_names_nothing_unwanted_is_not_made_beside_one_that_does(models: Path) -> None:
    backend = Local({"model": str(build("ltx", models)), "steps": 1, "max_batch": 4})
    results = run(backend, request(), request(negative_prompt="red"), request(seed=2), request(negative_prompt="blue"))
    assert [(m.call.attempt, m.notes["batch"]) for m in results if isinstance(m, Made)] == [
        ("a0", "2"), ("a2", "2"), ("a1", "2"), ("a3", "2"),
    ]  # fmt: skip


def test_long_prompt_is_refused_with_where_it_would_end_or_cut_aloud(models: Path) -> None:
    words = "a fox " * 40  # 240 bytes, and this tokenizer reads 64 of them
    refusing = Local({"model": str(build("ltx", models)), "steps": 1})
    assert refusing.capabilities().prompt_tokens == 64
    message = str(error_of(refusing, request(prompt=words)))
    assert "the prompt is longer than the 64 tokens that this model reads: it would end “…" in message
    assert "negative_prompt" in str(error_of(refusing, request(negative_prompt=words)))
    (made,) = run(Local({"model": str(build("ltx", models)), "steps": 1, "long_prompts": "cut"}), request(prompt=words))
    assert isinstance(made, Made)
    (said,) = made.substitutions
    assert (said.what, said.asked, said.made) == ("prompt", words, words[:63])


def test_precision_and_caches_that_cannot_be_had_are_refused(models: Path) -> None:
    backend = Local({"model": str(build("ltx", models)), "dtype": "float32"})
    assert "loaded as float32" in str(error_of(backend, request(precision="bfloat16")))
    assert "name one of first_block, taylorseer, pyramid" in str(error_of(backend, request(caches=["nonsense"])))


def test_numbers_that_are_no_colours_are_a_failure_with_a_remedy(models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "nan"
    shutil.copytree(build("ltx", models), folder)
    weights = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    save_file({name: torch.full_like(tensor, float("nan")) for name, tensor in load_file(weights).items()}, weights)
    error = error_of(Local({"model": str(folder), "steps": 1}), request())
    assert isinstance(error, PermanentFailure) and "dtype" in str(error)


@pytest.mark.parametrize("unsafe", [False, True])
def test_picture_that_the_models_own_checker_blackened_is_a_failure(tmp_path: Path, unsafe: bool) -> None:
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from tiny.others import stable_diffusion
    from tiny.parts import clip_text
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPVisionConfig

    vision = CLIPVisionConfig(hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
                              image_size=32, patch_size=16)  # fmt: skip
    config = CLIPConfig(text_config=clip_text().config, vision_config=vision, projection_dim=8)
    checker = StableDiffusionSafetyChecker(config)
    for weights in (checker.concept_embeds_weights, checker.special_care_embeds_weights):
        weights.data.fill_(-1.0 if unsafe else 2.0)  # how alike a picture and what is sought must be, -1 to 1
    pipe = stable_diffusion()
    pipe.register_modules(
        safety_checker=checker, feature_extractor=CLIPImageProcessor(size=32, crop_size=32)
    )  # fmt: skip
    pipe.save_pretrained(tmp_path / "checked")
    (result,) = run(Local({"model": str(tmp_path / "checked"), "steps": 1}), request(frames=1))
    if unsafe:
        assert isinstance(result, Failed) and isinstance(result.error, PermanentFailure)
        assert "StableDiffusionPipeline: its safety checker found what it made unsafe" in str(result.error)
        assert result.spent.calls == 1
    else:
        assert isinstance(result, Made) and result.frames.any()  # type: ignore[union-attr]


@pytest.mark.skipif(sys.platform != "linux", reason="limits the process's memory, which only Linux does this way")
def test_out_of_memory_is_permanent_names_the_remedy_and_spares_the_pipeline(models: Path) -> None:
    backend = Local({"model": str(build("ltx", models)), "steps": 1})
    good, bad = request(), request(width=4096, height=4096, frames=257)
    import resource

    run(backend, good)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 512 * 2**20, hard))
    try:
        error = error_of(backend, bad)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert isinstance(error, PermanentFailure)
    assert "ran out of memory making 4096x4096, 257 frames" in str(error) and "something smaller" in str(error)
    assert isinstance(run(backend, good)[0], Made)


def test_class_without_a_row_is_asked_by_its_signature_and_says_so(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reelgraph.video_tools.backends import local

    monkeypatch.setattr(local, "FAMILIES", {})
    backend = Local({"model": str(build("wan", models)), "steps": 2})
    can = backend.capabilities()
    assert (can.frames.step, can.sizes.multiple, can.frames.most, can.native_size) == (4, 16, 81, (832, 480))
    assert backend.rows[0].exact == FAMILIES["WanPipeline"].exact == ("vae",)
    (made,) = run(backend, request(rate="24"))
    assert isinstance(made, Made) and [(s.what, s.asked, s.made) for s in made.substitutions] == [
        ("family", "WanPipeline", "asked by its signature")
    ]


def test_class_without_a_row_makes_the_frames_that_the_vae_of_cogvideox_decodes(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reelgraph.video_tools.backends import local

    monkeypatch.setattr(local, "FAMILIES", {})
    backend = Local({"model": str(build("cogvideox", models)), "steps": 1})
    assert (backend.capabilities().frames.step, backend.capabilities().frames.fit(10)) == (8, 17)
    for count in (1, 9, 17):
        (made,) = run(backend, request(rate="24", frames=count))
        assert isinstance(made, Made) and len(made.frames) == count, made


@pytest.mark.parametrize("family", ["hunyuan", "kandinsky5"])
def test_what_one_of_two_encoders_does_not_read_is_said(models: Path, tmp_path: Path, family: str) -> None:
    folder = tmp_path / family
    shutil.copytree(build(family, models), folder)
    config = folder / "tokenizer" / "tokenizer_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_max_length": 256}))
    backend = Local({"model": str(folder), "steps": 1})
    assert backend.capabilities().prompt_tokens == 256
    words = "a fox " * 20  # 120 bytes, of which its CLIP reads 76 and an end
    (short,), (long,) = run(backend, request(rate="24")), run(backend, request(rate="24", prompt=words))
    assert isinstance(short, Made) and isinstance(long, Made) and short.substitutions == ()
    assert [(s.what, s.asked, s.made, s.why) for s in long.substitutions] == [
        ("prompt", words, words[:76], "its text_encoder_2 reads 77 tokens; another reads on")
    ]


def test_prompt_goes_as_far_as_the_encoder_that_reads_most(models: Path) -> None:
    backend = Local({"model": str(build("flux", models)), "steps": 1})
    assert backend.capabilities().prompt_tokens == 512
    words = "a fox " * 50
    (made,) = run(backend, request(frames=1, prompt=words))
    assert isinstance(made, Made) and [s.why for s in made.substitutions] == [
        "its text_encoder reads 77 tokens; another reads on"
    ]
    (other,) = run(backend, request(frames=1, prompt=words[:-4] + "owl "))
    assert isinstance(other, Made) and (other.frames != made.frames).any(), "the end of the prompt is heard"
    assert "512 tokens" in str(error_of(backend, request(frames=1, prompt="a fox " * 100)))


def test_compile_compiles_the_blocks_of_the_denoiser_once_and_says_so(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import ModelMixin

    compiled: list[str] = []
    monkeypatch.setattr(ModelMixin, "compile_repeated_blocks", lambda part: compiled.append(type(part).__name__))
    plain, backend = (Local({"model": str(build("wan", models)), "steps": 1, "compile": on}) for on in (False, True))
    assert backend.fingerprint() != plain.fingerprint()
    made = [*run(backend, request()), *run(backend, request(seed=2))]
    assert compiled == ["WanTransformer3DModel"]
    assert all(isinstance(m, Made) and "compiled blocks" in m.notes["placement"] for m in made)
    (other,) = run(plain, request())
    assert isinstance(other, Made) and "compiled" not in other.notes["placement"] and len(compiled) == 1


def test_steps_and_guidance_of_a_request_that_names_none_are_declared(models: Path) -> None:
    def declared(**settings: Any) -> tuple[int | None, float | None]:
        can = Local({"model": str(build("wan", models)), **settings}).capabilities()
        return can.steps, can.guidance

    assert declared() == (50, 5.0) and declared(steps=7, guidance=1.5) == (7, 1.5)
    unread = Local({"model": str(build("wan", models)), "guidance": 1.0}).capabilities()
    assert unread.negative_prompt, "a request holds what guidance leaves unread, whatever its key was"
    unguided = Local({"model": str(build("hunyuan15", models))}).capabilities()
    assert (unguided.steps, unguided.guidance) == (50, None)


@pytest.mark.parametrize("kind", [Local, Music])
def test_price_is_learnt_from_takes_of_this_device_alone(models: Path, kind: type[Local | Music]) -> None:
    name, folder = kind.name, str(build("ltx" if kind is Local else "stable_audio", models))
    backend = kind({"model": folder, "device": "cpu"})
    asked = request(backend=name, model=backend.fingerprint())
    made = Take(
        key=asked.key, request=asked, content="0" * 64, files={}, width=64, height=64, frames=9, rate=Fraction(16),
        spent=Spend(calls=1, generation_seconds=80), notes={"device": "cuda:0 (NVIDIA H100 80GB HBM3)"},
    )  # fmt: skip
    backend.learn([made])
    assert backend.price(asked) == Spend(calls=1, untimed_calls=1)
    here = made.model_copy(update={"notes": {"device": "cpu"}, "spent": Spend(calls=1, generation_seconds=2)})
    backend.learn([made, here])
    assert backend.price(asked) == Spend(calls=1, generation_seconds=3), "half of it on top"
    elsewhere = kind({"model": folder, "device": "cuda:7"})
    elsewhere.learn([made, here])
    assert elsewhere.price(asked) == Spend(calls=1, untimed_calls=1)


def test_price_is_learnt_from_what_takes_took(models: Path) -> None:
    backend = Local({"model": str(build("ltx", models)), "steps": 2})
    assert backend.price(request()) == Spend(calls=1, untimed_calls=1)
    (made,) = run(backend, request())
    assert isinstance(made, Made)
    seconds = made.spent.generation_seconds
    assert backend.price(request()).generation_seconds == pytest.approx(1.5 * seconds)
    assert backend.price(request(width=128, steps=4)).generation_seconds == pytest.approx(6 * seconds)
    draft = backend.price(request(rung="draft"))
    assert draft == Spend(calls=1, untimed_calls=1), "each rung has a pace of its own, to be learnt by itself"


@pytest.fixture(scope="session")
def adapter(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("peft")
    from diffusers import LTXPipeline
    from peft import LoraConfig, get_peft_model_state_dict

    pipe = LTXPipeline.from_pretrained(build("ltx", models))
    pipe.transformer.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_k", "to_v"], init_lora_weights=False))
    folder = tmp_path_factory.mktemp("adapter")
    LTXPipeline.save_lora_weights(folder, transformer_lora_layers=get_peft_model_state_dict(pipe.transformer))
    return folder / "pytorch_lora_weights.safetensors"


def test_adapters_change_the_takes_that_ask_for_them_and_no_others(models: Path, adapter: Path) -> None:
    backend = Local({"model": str(build("ltx", models)), "steps": 2, "adapters": {"ink": str(adapter)}})
    asked: list[list[dict[str, Any]]] = [[], [{"name": "ink"}], [{"name": "ink", "scale": 3.0}], []]
    results = [run(backend, request(adapters=adapters))[0] for adapters in asked]
    plain, inked, blotted, again = (r.frames for r in results if isinstance(r, Made))
    assert np.array_equal(plain, again)
    assert not np.array_equal(plain, inked) and not np.array_equal(inked, blotted)


def test_adapters_are_declared_with_their_files_and_unknown_ones_are_refused(models: Path, adapter: Path) -> None:
    folder = str(build("ltx", models))
    backend = Local({"model": folder, "adapters": {"ink": str(adapter)}})
    assert backend.fingerprint() == Local({"model": folder}).fingerprint(), "takes without it stay as they are"
    assert backend.capabilities().adapters == {"ink"}
    assert backend.capabilities().adapter_files == {"ink": hashlib.sha256(adapter.read_bytes()).hexdigest()}
    assert "this back end has ink" in str(error_of(backend, request(adapters=[{"name": "oil"}])))
    with pytest.raises(InvalidRequest, match="safetensors"):
        Local({"model": folder, "adapters": {"ink": "/nowhere.safetensors"}}).capabilities()


def test_adapter_whose_file_is_another_by_now_is_loaded_anew(models: Path, adapter: Path, tmp_path: Path) -> None:
    file = tmp_path / "ink.safetensors"
    weights = load_file(adapter)

    def take(factor: float, folder: Path = tmp_path) -> bytes:
        folder.mkdir(exist_ok=True)
        save_file({name: tensor * factor for name, tensor in weights.items()}, folder / file.name)
        adapters = {"ink": str(folder / file.name)}
        backend = Local({"model": str(build("ltx", models)), "steps": 1, "adapters": adapters})
        (made,) = run(backend, request(adapters=[{"name": "ink"}]))
        assert isinstance(made, Made) and isinstance(made.frames, np.ndarray)
        return made.frames.tobytes()

    first, changed, elsewhere = take(1), take(2), take(3, tmp_path / "other")
    assert len({first, changed, elsewhere}) == 3
    assert (take(1), take(2)) == (first, changed), "the weights are as they were, and nothing of others is left"


def test_prompts_are_encoded_anew_where_an_adapter_may_reach_into_the_text_encoder(
    models: Path, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import T5EncoderModel

    backend = Local({"model": str(build("ltx", models)), "steps": 1, "adapters": {"ink": str(adapter)}})
    encoded: list[int] = []
    forward = T5EncoderModel.forward

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        encoded.append(1)
        return forward(self, *args, **kwargs)

    run(backend, request())
    monkeypatch.setattr(T5EncoderModel, "forward", counted)
    told = []
    for adapters in ([], [{"name": "ink"}], [{"name": "ink"}], [{"name": "ink", "scale": 2.0}], []):
        run(backend, request(adapters=adapters))
        told.append(len(encoded))
    assert told == [0, 2, 2, 4, 6]  # the prompt and the negative one


def test_card_is_one_device_whether_or_not_it_is_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert device_named("cuda") is device_named("cuda:1") is device_named("auto")
    assert device_named("cuda").name == "cuda:1" and device_named("cuda:0") is not device_named("cuda")
    assert device_named("cpu") is device_named("cpu") and device_named("cpu").name == "cpu"


# --- where it is placed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("memory", [80, 48, 24, 16])
def test_placements_make_the_same_take(models: Path, memory: int) -> None:
    folder = str(build("wan", models))
    (plain,) = run(Local({"model": folder, "steps": 2}), request())
    (placed,) = run(Local({"model": folder, "steps": 2, "placement": memory}), request())
    assert isinstance(plain, Made) and isinstance(placed, Made), placed
    assert np.array_equal(plain.frames, placed.frames)
    assert placed.notes["placement"].startswith(f"{memory} GB") and plain.notes["placement"] == "whole"


def test_weights_that_wait_off_the_device_make_the_same_frames(models: Path) -> None:
    from diffusers import DiffusionPipeline

    def frames(*, placed: bool) -> np.ndarray:
        pipe = DiffusionPipeline.from_pretrained(build("ltx", models))
        if placed:
            place_weights(pipe, replace(PRESETS[8], eight_bit=False), torch.float32, "cpu")
        size = {"height": 64, "width": 64, "num_frames": 9, "num_inference_steps": 2}
        return pipe("a fox", **size, generator=torch.Generator().manual_seed(0), output_type="np").frames

    assert np.abs(frames(placed=True) - frames(placed=False)).max() < 1e-5


def test_text_encoders_alone_wait_off_a_card_that_has_room_for_the_rest(models: Path) -> None:
    from diffusers import DiffusionPipeline
    from diffusers.hooks.group_offloading import _is_group_offload_enabled

    def waiting(memory: int) -> set[str]:
        pipe = DiffusionPipeline.from_pretrained(build("hunyuan", models))
        place_weights(pipe, replace(PRESETS[memory], eight_bit=False), torch.float32, "cpu")
        parts = {name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)}
        return {name for name, part in parts.items() if _is_group_offload_enabled(part)}

    assert waiting(80) == set() and waiting(24) == {"text_encoder", "text_encoder_2"}
    assert waiting(8) == {"text_encoder", "text_encoder_2", "transformer", "vae"}


def test_eight_bits_are_noted(models: Path) -> None:
    (made,) = run(Local({"model": str(build("ltx", models)), "steps": 1, "placement": 8}), request())
    assert isinstance(made, Made) and "eight-bit weights" in made.notes["placement"]


def test_out_of_memory_names_the_next_placement_and_takes_it_only_if_allowed(models: Path) -> None:
    from reelgraph.video_tools.backends.families import FAMILIES
    from reelgraph.video_tools.backends.steps import failure_of

    def said(memory: int) -> str:
        error = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")
        return str(failure_of(error, FAMILIES["WanPipeline"], request(), "cuda", PRESETS[memory]))

    assert "set placement = 16" in said(24) and "set placement = 8" in said(12)
    assert "set placement" not in said(8) and "choose something smaller or shorter" in said(8)
    other = failure_of(RuntimeError("mat1 and mat2"), "KandinskyV22CombinedPipeline", "a picture", "cuda", PRESETS[12])
    assert "try without the eight-bit weights of placement 12, which not every model and card bears" in str(other)


def test_full_device_is_tried_again_with_the_next_placement_only_where_settings_allow(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import AutoencoderKLWan

    decode = AutoencoderKLWan._decode

    def full_unless_tiled(vae: Any, *args: Any, **kwargs: Any) -> Any:
        if not vae.use_tiling:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")
        return decode(vae, *args, **kwargs)

    monkeypatch.setattr(AutoencoderKLWan, "_decode", full_unless_tiled)
    settings = {"model": str(build("wan", models)), "steps": 1, "placement": 80}
    error = error_of(Local(settings), request())
    assert isinstance(error, PermanentFailure) and "set placement = 48" in str(error)
    (made,) = run(Local({**settings, "retry_smaller": True}), request())
    assert isinstance(made, Made) and made.notes["placement"] == "48 GB: tiled VAE"
    assert [(s.what, s.asked, s.made, s.why) for s in made.substitutions] == [
        ("placement", "80 GB: all on the card", "48 GB: tiled VAE", "out of memory")
    ]


@pytest.mark.parametrize("cache", ["first_block", "taylorseer", "pyramid"])
def test_step_cache_is_noted_and_gone_with_its_take(models: Path, cache: str) -> None:
    folder = str(build("wan", models))
    plain, cached = Local({"model": folder, "steps": 8}), Local({"model": folder, "steps": 8, "step_cache": cache})
    assert plain.fingerprint() != cached.fingerprint()
    before, lent, asked, after = (
        run(backend, request(caches=caches))[0]
        for backend, caches in ((plain, []), (cached, []), (plain, [cache]), (plain, []))
    )
    assert isinstance(before, Made) and isinstance(lent, Made) and isinstance(asked, Made) and isinstance(after, Made)
    assert lent.notes["placement"] == asked.notes["placement"] == f"{cache} step cache"
    assert np.array_equal(lent.frames, asked.frames) and np.array_equal(before.frames, after.frames)


def test_pyramid_lends_attention_between_steps(models: Path) -> None:
    backend = Local({"model": str(build("wan", models)), "steps": 8})
    plain, lent = (run(backend, request(caches=caches))[0] for caches in ([], ["pyramid"]))
    assert isinstance(plain, Made) and isinstance(lent, Made) and not np.array_equal(plain.frames, lent.frames)


def test_kernel_or_cache_that_cannot_be_had_is_refused_and_spares_the_model(models: Path) -> None:
    from diffusers.models.attention_dispatch import _AttentionBackendRegistry

    folder = str(build("wan", models))
    before = _AttentionBackendRegistry._active_backend
    missing = error_of(Local({"model": folder, "steps": 2, "attention": "sage"}), request())
    assert isinstance(missing, InvalidRequest) and "sageattention" in str(missing)
    halves = error_of(Local({"model": folder, "steps": 2, "attention": "cudnn"}), request())
    assert isinstance(halves, PermanentFailure) and "try without attention cudnn" in str(halves)
    assert _AttentionBackendRegistry._active_backend == before, "a kernel is chosen for the whole process"
    unet = Local({"model": str(build("animatediff", models)), "steps": 1})
    none = error_of(unet, request(rate=8, caches=["taylorseer"]))
    assert isinstance(none, InvalidRequest) and "no step caches" in str(none)
    assert isinstance(run(Local({"model": folder, "steps": 2, "attention": "torch"}), request())[0], Made)


def test_take_that_is_being_read_leaves_the_device_to_the_next(models: Path) -> None:
    from threading import Thread

    backend = Local({"model": str(build("ltx", models)), "steps": 1})
    reading = backend.generate([Call(request(), "a0")], lambda event: None)
    next(reading)  # not read to its end: its frames are being encoded
    other = Thread(target=lambda: run(backend, request(seed=2)), daemon=True)
    other.start()
    other.join(timeout=30)
    assert not other.is_alive(), "the next take waits for the last to be encoded"


def test_prompts_are_encoded_once(models: Path) -> None:
    from diffusers import DiffusionPipeline

    from reelgraph.video_tools.backends.embeddings import remember_embeddings

    pipe = DiffusionPipeline.from_pretrained(build("wan", models))
    encoded: list[int] = []
    pipe.text_encoder.register_forward_hook(lambda *_: encoded.append(1))

    def take(prompt: str) -> np.ndarray:
        size = {"height": 64, "width": 64, "num_frames": 5, "num_inference_steps": 1, "max_sequence_length": 32}
        return pipe(prompt, **size, generator=torch.Generator().manual_seed(0), output_type="np").frames

    plain = take("a fox")
    assert len(encoded) == 2, "the prompt and the negative prompt"
    remember_embeddings(pipe)
    assert np.array_equal(take("a fox"), plain) and np.array_equal(take("a fox"), plain)
    assert len(encoded) == 4
    assert not np.array_equal(take("an owl"), plain) and len(encoded) == 5, "the negative prompt is the same"


def test_embeddings_wait_in_the_machines_memory_up_to_a_size(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import DiffusionPipeline

    from reelgraph.video_tools.backends import embeddings

    pipe = DiffusionPipeline.from_pretrained(build("wan", models))
    encoded: list[int] = []
    pipe.text_encoder.register_forward_hook(lambda *_: encoded.append(1))
    embeddings.remember_embeddings(pipe)
    kept = pipe._get_t5_prompt_embeds.kept

    def encode(prompt: str) -> tuple[int, int]:
        before = len(encoded)
        pipe.encode_prompt(prompt, None, device="cpu", max_sequence_length=32)
        return len(encoded) - before, sum(size for _, _, size in kept.made.values())

    ran, two = encode("a fox")
    assert ran == 2 and len(kept.made) == 2, "each side by itself, and not both together besides"
    monkeypatch.setattr(embeddings, "_MOST", two)
    for prompt in ("an owl", "a hen", "a crow"):
        assert encode(prompt) == (1, two), "the oldest gives way, and the negative prompt stays"
    monkeypatch.setattr(embeddings, "_MOST", 1)
    encode("a whale")
    assert encode("a whale")[0] == 1, "what is larger than all that may wait does not wait"


def test_words_are_encoded_again_with_each_picture_though_it_lies_where_another_did() -> None:
    from reelgraph.video_tools.backends.embeddings import _Kept, _key, _Once

    template = {"template": "{}", "crop_start": 103}
    assert _key(["a fox", 1, 0.5, None, torch.float32, template]) == _key(
        ["a fox", 1, 0.5, None, torch.float32, template]
    )
    assert len({_key(value) for value in (None, "None", 1, "1", 1.0, True, [1], (1,), {"1": 1}, {"1": 2})}) == 10
    told: list[Any] = []
    encode = _Once(lambda prompt, image: told.append((prompt, image.getpixel((0, 0)))), _Kept())
    for level in range(4):
        encode("a fox", image=Image.new("L", (8, 8), level))  # each is gone before the next
    assert told == [("a fox", level) for level in range(4)] and not encode.kept.made


# --- what a model's makers say of it ---------------------------------------------------------------------------------


def test_model_that_knows_whole_words_declares_them_and_says_what_it_did_not_know(copied: Path) -> None:
    words = {word: i for i, word in enumerate(["<pad>", "</s>", "<unk>", "a", "red", "ball"])}
    tokenizer = Tokenizer(models_of_tokens.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(copied / "tokenizer")
    backend = Local({"model": str(copied), "steps": 1})
    assert backend.capabilities().vocabulary == {"a", "red", "ball"}
    known, unknown = run(backend, request(prompt="a red ball"), request(prompt="a striped red ball"))
    assert isinstance(known, Made) and known.substitutions == ()
    assert isinstance(unknown, Made)
    assert [(s.what, s.made) for s in unknown.substitutions] == [("prompt", "a red ball")]


def test_models_own_card_wins_over_its_family(copied: Path) -> None:
    world = {"things": {"ball": ["ball", "sphere"]}, "colours": {"red": "#e12328"}, "most_things": 2}
    card = {
        "world": world,
        "sizes": [[96, 64]],
        "rate": "8/1",
        "least_frames": 17,
        "most_frames": 17,
        "steps": 4,
        "guidance": 1.5,
    }
    (copied / "reelgraph.json").write_text(json.dumps(card))
    backend = Local({"model": str(copied)})
    can = backend.capabilities()
    assert (can.sizes.only, can.native_size, can.rates) == (((96, 64),), (96, 64), (Fraction(8),))
    assert can.frames.fit(3) == 17 and "still" not in can.modes
    assert can.world is not None and can.world.things == {"ball": ("ball", "sphere")} and can.world.most_things == 2
    with pytest.raises(InvalidRequest, match="the most is 17"):
        can.frames.fit(18)
    events: list[Event] = []
    (made,) = run(backend, request(width=96, frames=17, rate="8"), on_event=events.append)
    assert isinstance(made, Made) and [e.step for e in events if isinstance(e, Progress)] == [0, 1, 2, 3, 4]
    (copied / "reelgraph.json").write_text('{"guidence": 1}')
    with pytest.raises(InvalidRequest, match="guidence"):
        Local({"model": str(copied)}).capabilities()


def test_take_is_the_middle_of_the_canvas_that_the_card_names(copied: Path, tmp_path: Path) -> None:
    asked = {"rate": 25, "height": 64, "seed": 3}
    whole = Local({"model": str(copied), "steps": 2})
    (full,) = run(whole, request(width=128, **asked))
    (copied / "reelgraph.json").write_text('{"sizes": [[112, 64]], "canvas": [128, 64]}')
    cut = Local({"model": str(copied), "steps": 2})
    assert cut.capabilities().sizes.only == ((112, 64),) and cut.capabilities().native_size == (112, 64)
    (middle,) = run(cut, request(width=112, **asked))
    assert isinstance(full, Made) and isinstance(middle, Made) and middle.substitutions == ()
    assert np.array_equal(middle.frames, full.frames[:, :, 8:120])
    assert "112x64" in str(error_of(cut, request(width=128, **asked)))
    (copied / "reelgraph.json").write_text('{"sizes": [[112, 64]], "canvas": [96, 64]}')
    with pytest.raises(InvalidRequest, match="none larger than its 96x64"):
        Local({"model": str(copied)}).capabilities()


def test_reference_is_drawn_on_to_the_edges_of_the_canvas(tmp_path: Path) -> None:
    from reelgraph.video_tools.backends.conditions import read_conditions

    pixels = np.random.default_rng(0).integers(0, 256, (64, 112, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "p.png")
    content = "ab" * 32
    asked = request(
        width=112, references=[{"content": content, "role": role} for role in ("first_frame", "last_frame")]
    )
    got = read_conditions(Call(asked, references={content: tmp_path / "p.png"})).on((128, 64))
    expected = np.concatenate([pixels[:, :1].repeat(8, 1), pixels, pixels[:, -1:].repeat(8, 1)], axis=1)
    assert got.first is not None and got.last is not None and got.substitutions == []
    for picture in (got.first, got.last, *(p for _, p, _ in got.pinned)):
        assert np.array_equal(np.asarray(picture), expected)


def test_card_decides_the_noise_levels_where_a_class_would_choose_others(copied: Path, tmp_path: Path) -> None:
    from diffusers import LTXConditionPipeline
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    picture = Image.new("RGB", (64, 64), (200, 40, 40))
    picture.save(tmp_path / "last.png")
    asked = request(rate=25, references=[{"content": "ab" * 32, "role": "last_frame"}])

    def ours() -> np.ndarray:
        backend = Local({"model": str(copied), "steps": 4})
        (made,) = backend.generate([Call(asked, "a1", references={"ab" * 32: tmp_path / "last.png"})], lambda e: None)
        assert isinstance(made, Made) and isinstance(made.frames, np.ndarray)
        return made.frames

    def theirs(**levels: Any) -> np.ndarray:
        pipe = LTXConditionPipeline.from_pretrained(copied)
        frames = pipe(
            conditions=[LTXVideoCondition(image=picture, frame_index=8)], prompt="a fox", negative_prompt="", width=64,
            height=64, num_frames=9, num_inference_steps=4, max_sequence_length=64, output_type="np",
            generator=torch.Generator().manual_seed(1), **levels,
        ).frames[0]  # fmt: skip
        return (frames * 255).round().astype(np.uint8)

    assert np.abs(ours().astype(int) - theirs()).max() <= 1
    (copied / "reelgraph.json").write_text('{"even_steps": true}')
    assert np.abs(ours().astype(int) - theirs(timesteps=[1000.0, 750.0, 500.0, 250.0])).max() <= 1
    assert not np.array_equal(theirs(), theirs(timesteps=[1000.0, 750.0, 500.0, 250.0]))


# --- what may be loaded --------------------------------------------------------------------------------------------


class _Marker:
    """Unpickled, it leaves a file: proof that a loader ran code."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (open, (str(self.path), "w"))


@pytest.fixture
def copied(models: Path, tmp_path: Path) -> Path:
    shutil.copytree(build("ltx", models), tmp_path / "model")
    return tmp_path / "model"


def edit_index(folder: Path, **changes: Any) -> None:
    path = folder / "model_index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"transformer": ["evil", "X"]}, "'evil' for transformer"),
        ({"transformer": ["os", "system"]}, "'os' for transformer"),
        ({"transformer": ["diffusers.utils", "X"]}, "transformer"),
        ({"../../etc": ["diffusers", "X"]}, r"\.\./\.\./etc"),
        ({"transformer": ["evil"]}, "transformer as .*only"),
        ({"transformer": [1, "evil"]}, "transformer as .*only"),
        ({"sigmas": ["evil", "X", 0.5]}, "sigmas as .*only"),
        ({"_class_name": ["pipeline", "P"]}, "pipeline class"),
        ({"_class_name": "StableDiffusionUpscalePipeline"}, "StableDiffusionUpscalePipeline has no row.*num_frames"),
        ({"_class_name": "WhollyUnknownPipeline"}, "no pipeline of the installed diffusers"),
        ({"_class_name": "UNet2DModel"}, "no pipeline of the installed diffusers"),
        ({"_class_name": "Cosmos3OmniPipeline"}, "gives back action, sound, video and no frames"),
    ],
)
def test_odd_modules_and_classes_are_refused_by_name(copied: Path, changes: dict[str, Any], named: str) -> None:
    (copied / "evil.py").write_text(f"open({str(copied / 'ran')!r}, 'w')")
    edit_index(copied, **changes)
    with pytest.raises(InvalidRequest, match=named):
        Local({"model": str(copied)}).capabilities()
    assert not (copied / "ran").exists()


def test_setting_that_is_a_list_is_no_component(copied: Path) -> None:
    before = Local({"model": str(copied)}).folder
    edit_index(
        copied, sample_sigmas=[1.0, 0.5], text_encoder_select_layers=[2, 5, 8], nothing=[], image_encoder=[None, None]
    )
    after = Local({"model": str(copied)}).folder
    assert after.components == before.components
    assert after.configs[""]["sample_sigmas"] == [1.0, 0.5] and "image_encoder" not in after.configs[""]


def test_part_that_is_written_as_a_setting_is_not_loaded(copied: Path) -> None:
    edit_index(copied, transformer=[["evil", "X"], ["os", "system"]])
    error = error_of(Local({"model": str(copied), "steps": 1}), request())
    assert isinstance(error, PermanentFailure) and "cannot be loaded" in str(error)


@pytest.mark.parametrize(
    ("pipeline", "argument", "guidance", "reads"),
    [
        ("StableDiffusionPipeline", "guidance_scale", 7.5, True),
        ("FluxPipeline", "guidance_scale", 3.5, False),
        ("QwenImagePipeline", "true_cfg_scale", 4.0, True),
        ("QwenImage21Pipeline", "", 5.0, False),
        ("Ideogram4Pipeline", "guidance_scale", 7.0, False),
        ("EasyAnimatePipeline", "guidance_scale", 5.0, True),
    ],
)
def test_class_without_a_row_reads_a_negative_prompt_only_where_its_guidance_does(
    copied: Path, pipeline: str, argument: str, guidance: float, reads: bool
) -> None:
    edit_index(copied, _class_name=pipeline)
    row = Local({"model": str(copied)}).rows[0]
    assert (row.guidance_argument, row.guidance, row.negative_prompt) == (argument, guidance, reads)
    # What reads an empty one otherwise than none (Stable Diffusion XL) is told none; these do not work so.
    assert row.guided_by_negative == (pipeline in ("QwenImagePipeline", "EasyAnimatePipeline"))


@pytest.mark.parametrize(
    ("pipeline", "own", "tokens", "argument"),
    [
        ("SanaPipeline", 1e30, 300, "max_sequence_length"),
        ("SanaPipeline", 200, 200, "max_sequence_length"),
        ("StableDiffusionPipeline", 77, 77, ""),  # its tokenizer alone says
        ("Lumina2Pipeline", 1e30, 225, ""),  # of its 256, some stand before the prompt
        ("EasyAnimatePipeline", 1e30, 256, ""),  # its encoding says, which it calls without a number
        ("IFPipeline", 512, 77, ""),  # its code alone says
        ("Kandinsky3Pipeline", 512, 128, ""),
        ("NucleusMoEImagePipeline", 1e30, None, ""),  # nothing is made up where nothing is said
    ],
)
def test_class_without_a_row_reads_as_many_tokens_as_it_and_its_tokenizer_say(
    copied: Path, pipeline: str, own: float, tokens: int | None, argument: str
) -> None:
    edit_index(copied, _class_name=pipeline)
    config = copied / "tokenizer" / "tokenizer_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_max_length": own}))
    backend = Local({"model": str(copied)})
    assert (backend.capabilities().prompt_tokens, backend.rows[0].tokens_argument) == (tokens, argument)


def test_class_that_diffusers_lists_among_those_for_pictures_makes_clips_where_it_counts_frames(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reelgraph.video_tools.backends import local

    monkeypatch.setattr(local, "FAMILIES", {})
    edit_index(copied, _class_name="HeliosPipeline")
    backend = Local({"model": str(copied)})
    row, can = backend.rows[0], backend.capabilities()
    assert (row.picture, row.guessed, row.frames_argument) == (False, True, "num_frames")
    assert (can.frames.step, can.frames.most, can.native_size) == (4, 129, (640, 384))


@pytest.mark.parametrize(
    ("pipeline", "rate"), [("SanaVideoPipeline", 16), ("AllegroPipeline", 15), ("MotifVideoPipeline", 24)]
)
def test_class_without_a_row_makes_clips_at_the_rate_of_its_authors(copied: Path, pipeline: str, rate: int) -> None:
    edit_index(copied, _class_name=pipeline)
    assert Local({"model": str(copied)}).capabilities().rates == (rate,)


@pytest.mark.parametrize(
    ("pipeline", "vae", "transformer", "multiple"),
    [
        ("FluxPipeline", {"block_out_channels": [8] * 4}, {"patch_size": 1}, 16),
        ("GlmImagePipeline", {"block_out_channels": [8] * 4}, {"patch_size": 2}, 32),
        ("PRXPipeline", {"encoder_block_out_channels": [8] * 6}, {"patch_size": 1}, 32),
        ("PRXPipeline", {"block_out_channels": [8] * 4}, {"patch_size": 2}, 16),
    ],
)
def test_class_without_a_row_asks_for_the_multiples_that_its_parts_do(
    copied: Path, pipeline: str, vae: dict[str, Any], transformer: dict[str, Any], multiple: int
) -> None:
    edit_index(copied, _class_name=pipeline)
    for part, config in (("vae", vae), ("transformer", transformer)):
        (copied / part / "config.json").write_text(json.dumps(config))
    assert Local({"model": str(copied)}).capabilities().sizes.multiple == multiple


def test_schedule_of_guidance_gives_way_to_a_scale_which_suits_any_number_of_steps(copied: Path) -> None:
    edit_index(copied, _class_name="Ideogram4Pipeline")
    backend = Local({"model": str(copied)})
    asked = arguments_of(
        backend.rows[0], backend.folder.configs, [request()], Conditions(64, 64, 1), steps=5, guidance=7.0
    )
    assert (asked["guidance_scale"], asked["guidance_schedule"], asked["num_inference_steps"]) == (7.0, None, 5)


def test_class_without_a_row_whose_vae_is_of_pictures_makes_any_number_of_frames_at_its_models_size(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reelgraph.video_tools.backends import local

    monkeypatch.setattr(local, "FAMILIES", {})
    backend = Local({"model": str(build("animatediff", models)), "steps": 1})
    can = backend.capabilities()
    assert (can.frames.step, can.frames.most, can.native_size) == (1, 16, (64, 64))
    (made,) = run(backend, request(frames=3, rate=24))
    assert isinstance(made, Made) and made.frames.shape == (3, 64, 64, 3)


def test_prompt_in_a_class_that_has_neither_encoder_nor_tokenizer_of_its_own_is_left_to_its_parts() -> None:
    from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel

    unet = UNet2DModel(8, block_out_channels=(8,), down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",),
                       layers_per_block=1, norm_num_groups=2)  # fmt: skip
    loaded = Loaded("k", replace(WHOLE, tile_vae=True), "cpu")
    place_weights(pipe := DDPMPipeline(unet, DDPMScheduler()), loaded.placement, torch.float32, "cpu")
    loaded.add(pipe)
    row = replace(FAMILIES["WanPipeline"], prompt_tokens=None)
    assert loaded.pipes == {"DDPMPipeline": pipe}
    assert left_out(pipe, row, {}, request(prompt="a fox " * 1000), "refuse") == []


@pytest.mark.parametrize(
    ("part", "safe", "pickled"),
    [
        ("transformer", "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"),
        ("text_encoder", "model.safetensors", "pytorch_model.bin"),
    ],
)
def test_pickled_weights_are_refused_unopened(copied: Path, part: str, safe: str, pickled: str) -> None:
    (copied / part / safe).unlink()
    (copied / part / pickled).write_bytes(pickle.dumps(_Marker(copied / "ran")))
    with pytest.raises(InvalidRequest, match=f"{part}/{pickled}.*only safetensors"):
        Local({"model": str(copied)}).capabilities()
    assert not (copied / "ran").exists()


@pytest.mark.parametrize("name", ["w.bin", "../other.safetensors", "..\\other.safetensors", 7])
def test_index_that_names_other_than_its_own_safetensors_is_refused(copied: Path, name: object) -> None:
    (copied / "vae" / "w.bin").write_bytes(pickle.dumps(_Marker(copied / "ran")))
    index = {"metadata": {}, "weight_map": {"a": "diffusion_pytorch_model.safetensors", "b": name}}
    for file in ("diffusion_pytorch_model.safetensors.index.json", "x.safetensors.index.fp16.json"):
        (copied / "vae" / file).write_text(json.dumps(index))
        with pytest.raises(
            InvalidRequest, match=rf"vae/{re.escape(file)} of .* names the weights .*: only safetensors"
        ):
            Local({"model": str(copied)}).capabilities()
        (copied / "vae" / file).write_text(json.dumps(index | {"weight_map": {"a": "part-1.safetensors"}}))
        Local({"model": str(copied)}).capabilities()
    assert not (copied / "ran").exists()


def test_pickles_beside_safetensors_are_passed_over(copied: Path) -> None:
    before = Local({"model": str(copied)}).fingerprint()
    (copied / "vae" / "diffusion_pytorch_model.bin").write_bytes(pickle.dumps(_Marker(copied / "ran")))
    backend = Local({"model": str(copied)})
    assert backend.fingerprint() == before
    (made,) = backend.generate([Call(request(), "a1")], lambda event: None)
    assert isinstance(made, Made) and not (copied / "ran").exists()


@pytest.mark.parametrize(
    ("file", "told", "words"),
    [
        ("config.json", {"transformers_weights": "adapter_model.bin"}, "names the weights 'adapter_model.bin'"),
        ("adapter_config.json", {"base_model_name_or_path": "/elsewhere"}, "makes it an adapter of another model"),
    ],
)
def test_encoder_whose_weights_are_another_model_is_refused(
    copied: Path, file: str, told: dict[str, str], words: str
) -> None:
    path = copied / "text_encoder" / file
    path.write_text(json.dumps((json.loads(path.read_text()) if path.exists() else {}) | told))
    with pytest.raises(InvalidRequest, match=f"text_encoder/{file} of .* {words}"):
        Local({"model": str(copied)}).capabilities()


def test_code_beside_the_weights_is_refused(copied: Path) -> None:
    config = copied / "text_encoder" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"auto_map": {"AutoModel": "evil.X"}}))
    with pytest.raises(InvalidRequest, match="code of its own for text_encoder"):
        Local({"model": str(copied)}).capabilities()


def test_damaged_weights_are_a_failure_of_the_request(copied: Path) -> None:
    (copied / "transformer" / "diffusion_pytorch_model.safetensors").write_bytes(b"not tensors")
    error = error_of(Local({"model": str(copied)}), request())
    assert isinstance(error, PermanentFailure) and "cannot be loaded" in str(error)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "no model is set"),
        ({"model": "/nowhere/at/all"}, "no diffusers model"),
        ({"model": "someone/their-model"}, "no folder someone/their-model here, and as a hub id it needs"),
        ({"model": "someone/their-model", "revision": "main"}, "pinned revision"),
        ({"model": "someone/their-model", "revision": "0" * 40}, "hf download someone/their-model --revision 000"),
    ],
)
def test_missing_model_says_what_to_do(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        Local(settings).capabilities()


@pytest.mark.parametrize("settings", [{"modle": "x"}, {"steps": 0}, {"device": "tpu"}, {"trust_remote_code": True}])
def test_unknown_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=f"backends.local: .*{next(iter(settings))}"):
        Local(settings)


def test_two_models_take_turns(models: Path) -> None:
    one, two = (Local({"model": str(build(name, models)), "steps": 1}) for name in ("wan", "ltx"))
    first = [run(backend, request())[0] for backend in (one, two)]
    again = [run(backend, request())[0] for backend in (one, two)]
    for before, after in zip(first, again, strict=True):
        assert isinstance(before, Made) and isinstance(after, Made)
        assert np.array_equal(before.frames, after.frames)


def test_threads_share_one_pipeline_without_harm(models: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    backend = Local({"model": str(build("ltx", models)), "steps": 2})
    (alone,) = run(backend, request())
    with ThreadPoolExecutor(4) as pool:
        results = [r for batch in pool.map(lambda _: run(backend, request()), range(8)) for r in batch]
    assert isinstance(alone, Made)
    for result in results:
        assert isinstance(result, Made) and np.abs(result.frames.astype(int) - alone.frames).max() <= 1
