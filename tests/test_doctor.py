import json
import os
import subprocess
import sys
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from reelgraph.cli import main
from reelgraph.video_tools.backends.doctor import examine_machine, examine_model, models_for, room_for
from reelgraph.video_tools.backends.known_models import KNOWN_MODELS
from reelgraph.video_tools.backends.model_folder import find_model
from reelgraph.video_tools.backends.placement import PRESETS, placement_in
from reelgraph.video_tools.backends.room import Weights, placement_that_fits, weights_in
from reelgraph.video_tools.errors import InvalidRequest


def test_facts_are_plain_data_with_a_device_for_everybody() -> None:
    facts = json.loads(json.dumps(examine_machine()))
    assert facts["python"].startswith("3.") and facts["packages"]["av"][0].isdigit()
    assert facts["media"]["h264_encoder"] and facts["media"]["aac_encoder"]
    assert "DejaVuSans.ttf" in facts["fonts"]


def test_without_torch_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # how Python marks a module that cannot be imported
    facts = examine_machine()
    assert facts["devices"] == [] and "pip install 'reelgraph[local]'" in facts["advice"][0]


def test_projects_model_is_weighed_by_its_parts(tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("torch")
    from tiny_pipelines import build

    folder = build("stable_audio", tmp_path_factory.getbasetemp() / "models")
    facts = examine_model("music", {"model": str(folder)})
    assert facts["pipeline"] == "StableAudioPipeline" and facts["takes"] == "music; at most 4 s"
    assert set(facts["weights_gib"]) == {"projection_model", "text_encoder", "transformer", "vae"}


# Ten billion numbers in the transformer and five in the text encoder: 18.6 and 9.3 GiB in half precision.
LARGE = Weights({"transformer": 10e9, "text_encoder": 5e9, "vae": 0.1e9}, largest=1e9)


@pytest.mark.parametrize(
    ("memory", "placement"), [(80, 80), (48, 48), (32, 24), (24, 16), (16, 12), (12, 12), (10, 8), (4, None)]
)
def test_card_has_the_placement_that_moves_least_of_those_with_room(memory: float, placement: int | None) -> None:
    found = placement_that_fits(LARGE, memory)
    assert (found and found.memory) == placement


def test_weights_on_the_card_at_once_follow_the_placement() -> None:
    at_once = {memory: round(LARGE.at_once(placement), 2) for memory, placement in PRESETS.items()}
    assert at_once == {80: 28.13, 48: 28.13, 24: 22.54, 16: 18.63, 12: 9.31, 8: 3.73}


def card_of(monkeypatch: pytest.MonkeyPatch, *, fast: bool = True) -> None:
    """Have torch answer for a card that is not here, whether it is fast at bfloat16."""
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "device", lambda name: nullcontext())
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: fast or including_emulation)


def test_model_says_how_it_has_room_or_what_to_choose(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    card_of(monkeypatch)
    from tiny_pipelines import build

    folder = build("wan", tmp_path_factory.getbasetemp() / "models")
    numbers = sum(weights_in(folder, width=2).parts.values())
    card = {"device": "cuda:0", "memory_gib": 24.0}
    roomy = room_for(folder, card, setting="auto", dtype="auto")
    assert roomy == {
        "device": "cuda:0", "placement": str(PRESETS[24]), "weights_gib": round(2 * numbers / 2**30, 2), "fits": True,
    }  # fmt: skip
    tight = room_for(folder, card | {"memory_gib": 4 * numbers / 2**30}, setting=80, dtype="float32")
    assert not tight["fits"] and tight["choose"] in (8, 12, 16)
    assert room_for(folder, card | {"memory_gib": 1e-6}, setting="auto", dtype="auto")["choose"] is None
    local = {"model": str(folder), "placement": 16}
    assert examine_model("local", local, [card])["room"]["placement"] == str(PRESETS[16])
    assert "room" not in examine_model("local", local)


def test_card_that_is_not_fast_at_bfloat16_holds_half_as_much(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    card_of(monkeypatch, fast=False)
    from tiny_pipelines import build

    folder = build("wan", tmp_path_factory.getbasetemp() / "models")
    numbers = sum(weights_in(folder, width=2).parts.values())
    card = {"device": "cuda:0", "memory_gib": 24.0}

    def weighs(dtype: str) -> float:
        return float(room_for(folder, card, setting="auto", dtype=dtype)["weights_gib"])

    assert weighs("auto") == weighs("float32") == round(4 * numbers / 2**30, 2)
    assert weighs("float16") == round(2 * numbers / 2**30, 2)
    torch = pytest.importorskip("torch")
    t4 = SimpleNamespace(name="Tesla T4", total_memory=15 * 2**30)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: t4)
    facts = examine_machine()
    assert facts["devices"][0]["models"] == models_for(15, width=4) != models_for(15)
    assert facts["advice"][0].startswith("cuda:0 is not fast at bfloat16, so models are loaded there as float32")


def test_weights_are_counted_as_torch_counts_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("torch")
    from diffusers import WanPipeline
    from tiny_pipelines import build

    folder = build("wan", tmp_path_factory.getbasetemp() / "models")
    pipe, weights = WanPipeline.from_pretrained(folder), weights_in(folder, width=4)
    for name in ("transformer", "vae"):
        assert weights.parts[name] == sum(p.numel() for p in getattr(pipe, name).parameters())
    tensors = [p.numel() for part in (pipe.transformer, pipe.vae, pipe.text_encoder) for p in part.parameters()]
    assert weights.largest == max(tensors)


def test_larger_cards_have_room_for_all_that_smaller_ones_have() -> None:
    fitting = [{m["model"] for m in models_for(memory) if m["placement"]} for memory in (8, 12, 16, 24, 48, 80)]
    assert all(fewer <= more for fewer, more in pairwise(fitting)) and fitting[-1] == {m.name for m in KNOWN_MODELS}


def test_hosted_model_is_told_by_what_is_sent_what_it_costs_and_whether_its_key_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAL_KEY", "secret-canary")
    (tmp_path / "reelgraph.toml").write_text(
        '[backends.fal]\nkind = "remote"\ndialect = "queue"\nservice = "fal"\nmodel = "OWNER/MODEL"\n'
        "price_per_second = 0.1\nsizes = [[1280, 720]]\nmost_frames = 120\n"
        '[backends.other]\nkind = "remote"\ndialect = "queue"\nservice = "fal"\nmodel = "OWNER/MODEL"\n'
        "sizes = [[1280, 720]]\n"
    )
    assert main(["doctor", "-p", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    lines = [line.strip() for line in said.splitlines()]
    start = lines.index("fal server   queue at https://queue.fal.run: OWNER/MODEL")
    assert lines[start + 1 : start + 6] == [
        "image, text; at most 120 frames",
        "its key is in FAL_KEY, which is set",
        "costs 0.1 a second and 0 a call, by the settings",
        "sends prompt, negative_prompt, seed, seconds as duration, aspect as aspect_ratio, first_frame as image_url",
        "other server cannot be used: backends.other: say what it costs: price_per_second or price_per_call; 0 if it "
        "is free",
    ]
    assert "secret-canary" not in said


def test_command_says_it_in_lines(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    from tiny_pipelines import build

    folder = build("wan", tmp_path_factory.getbasetemp() / "models")
    (tmp_path / "reelgraph.toml").write_text(f'[backends.local]\nmodel = "{folder}"\n[backends.music]\nmodel = "no"\n')
    assert main(["doctor", "-p", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not any("{" in line for line in lines)
    assert any(line.startswith("local model  WanPipeline: still, text, video; at most 81 frames") for line in lines)
    assert any("at once on" in line and line.endswith("there is room") for line in lines)
    assert any(line.startswith("music model  cannot be used: no diffusers model at 'no'") for line in lines)


def test_model_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    assert "no diffusers model" in examine_model("local", {"model": str(tmp_path)})["why"]


def test_model_that_is_not_here_says_how_large_the_hub_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import HfApi

    def refused(model: str) -> str:
        with pytest.raises(InvalidRequest) as error:
            find_model(model, "0" * 40)
        return str(error.value)

    files = [SimpleNamespace(size=12_000_000_000), SimpleNamespace(size=340_000_000), SimpleNamespace(size=None)]
    monkeypatch.setattr(HfApi, "model_info", lambda *given, **named: SimpleNamespace(siblings=files))
    assert "fetch it (12.3 GB) with `hf download own/model --revision 000" in refused("own/model")


def test_model_that_is_not_here_is_to_be_fetched_where_no_hub_answers(tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub")
    ask = f"""
from reelgraph.video_tools.backends.doctor import examine_model
for model in ("Wan-AI/Wan2.1-T2V-1.3B-Diffusers", "own/model"):
    print(examine_model("local", {{"model": model, "revision": "{"0" * 40}"}})["why"])
"""
    # A process of its own: the hub's client, whose own words for a lost network count here, reads these at its import.
    machine = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", ask], env=os.environ | machine, capture_output=True, text=True)
    wan, own = told.stdout.splitlines() or [told.stderr, ""]  # Wan: 5.68 + 0.13 + 1.42 billion numbers of two bytes
    fetch = "is not on this machine: fetch it{} with `hf download {} --revision " + "0" * 40 + "`"
    about = " (about 14 GB in half precision)"
    assert wan == "Wan-AI/Wan2.1-T2V-1.3B-Diffusers " + fetch.format(about, "Wan-AI/Wan2.1-T2V-1.3B-Diffusers")
    assert own == "own/model " + fetch.format("", "own/model")


def test_card_is_told_with_its_placement_and_the_models_that_have_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    card_of(monkeypatch)
    card = SimpleNamespace(name="A Card of 24 GB", total_memory=24 * 2**30)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: card)
    facts = examine_machine()["devices"][0]
    assert (facts["device"], facts["name"], facts["memory_gib"]) == ("cuda:0", "A Card of 24 GB", 24.0)
    assert facts["placement"] == str(placement_in(24, "auto")) and facts["models"] == models_for(24)
    main(["doctor", "-p", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    at = lines.index(f"device       cuda:0: A Card of 24 GB, 24 GiB; placement {facts['placement']}")
    told = [f"{'':<12}   {known['model']}: {known['placement'] or 'no room'}" for known in facts["models"]]
    assert lines[at + 1 : at + 1 + len(told)] == told and len(told) == len(KNOWN_MODELS)
