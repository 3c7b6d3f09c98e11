import json
import sys
from pathlib import Path

import pytest

from reelgraph.video_tools.backends.doctor import examine_machine, examine_model


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


def test_model_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    assert "no diffusers model" in examine_model("local", {"model": str(tmp_path)})["why"]
