import json
import sys

import pytest

from reelgraph.video_tools.backends.doctor import examine_machine


def test_facts_are_plain_data_with_a_device_for_everybody() -> None:
    facts = json.loads(json.dumps(examine_machine()))
    assert facts["python"].startswith("3.") and facts["packages"]["av"][0].isdigit()
    assert facts["media"]["h264_encoder"] and facts["media"]["aac_encoder"]
    assert "DejaVuSans.ttf" in facts["fonts"]


def test_without_torch_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # how Python marks a module that cannot be imported
    facts = examine_machine()
    assert facts["devices"] == [] and "pip install 'reelgraph[local]'" in facts["advice"][0]
