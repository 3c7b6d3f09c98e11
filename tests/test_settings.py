"""Settings are read from the file and from options; what is wrong names the setting, the nearest, and whose it is."""

from pathlib import Path
from typing import Any

import pytest

from reelgraph.cli import main
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.project import Project


def test_size_is_read_as_it_is_written_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "reelgraph.toml").write_text('size = "320x180"\n')
    assert Project.open(tmp_path).settings.size == (320, 180)
    (tmp_path / "reelgraph.toml").write_text("size = [640, 360]\n")
    assert Project.open(tmp_path).settings.size == (640, 360)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('bakend = "local"', "there is no setting bakend: did you mean backend?"),
        ("[budget]\nmoneys = 2", "there is no setting budget.moneys: did you mean money?"),
        ('size = "big"', "setting size 'big' is not WIDTHxHEIGHT: write it such as 1280x720"),
        ("size = 5", "setting size '5' is not WIDTHxHEIGHT: write it such as 1280x720"),
        ('size = "321x180"', "setting size: 321 must be an even number from 16 to 8192, such as 320"),
        ('[backend_by_kind]\ntitel = "animatic"', "there is no setting backend_by_kind.titel: did you mean title?"),
        ("rounds = 0", "setting rounds is 0: it must be at least 1"),
        ("rate = 0", "setting rate 0 is outside 1 to 240 frames a second: write one such as 24"),
    ],
)
def test_wrong_setting_of_the_file_is_named_with_the_file(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "reelgraph.toml").write_text(text)
    with pytest.raises(InvalidRequest) as raised:
        Project.open(tmp_path)
    assert str(raised.value) == f"{said} (reelgraph.toml)"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sise": (64, 48)}, "there is no setting sise: did you mean size?"),
        ({"budget": {"moneys": 2}}, "there is no setting budget.moneys: did you mean money?"),
        ({"rate": "0"}, "setting rate 0 is outside 1 to 240 frames a second: write one such as 24"),
        ({"size": (63, 48)}, "setting size: 63 must be an even number from 16 to 8192, such as 62"),
    ],
)
def test_wrong_option_is_not_blamed_on_the_file(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    (tmp_path / "reelgraph.toml").write_text("[budget]\ncalls = 2\n")
    with pytest.raises(InvalidRequest) as raised:
        Project.open(tmp_path, **given)
    assert str(raised.value) == said


def test_misspelt_ceiling_and_back_end_are_answered_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make = ["make", "A cat sleeps.", "-p", str(tmp_path)]
    for words, said in [
        (["--budget", "moneys=2"], "there is no setting budget.moneys: did you mean money?"),
        (["--approve-above", "money"], "--approve-above 'money' is not WHAT=NUMBER: write it such as calls=20"),
        (["--approve-above", "moneys=2"], "--approve-above: there is no moneys: did you mean money?"),
        (["--backend", "animatik"], "no backend named 'animatik': did you mean animatic?"),
    ]:
        assert main([*make, *words]) == 2
        assert capsys.readouterr().err.splitlines()[-1] == f"reelgraph: {said}"
