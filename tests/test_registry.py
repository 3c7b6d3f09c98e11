"""A plug-in that breaks where it is loaded or made is named in one line, and nothing else breaks with it."""

import json
from pathlib import Path

import pytest
from stranger import install

from reelgraph.cli import main
from reelgraph.memory.embedders import open_embedder
from reelgraph.video_tools import registry
from reelgraph.video_tools.backends.base import check_ready
from reelgraph.video_tools.backends.named import open_backend
from reelgraph.video_tools.errors import InvalidRequest, TransientFailure

REHEARSED = "from reelgraph.video_tools.rehearsal import Rehearsal\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "raise RuntimeError('no driver:\\n  reboot')",
            "cannot be loaded (RuntimeError: no driver: reboot): mend it, or",
        ),
        (
            "x =",
            "cannot be loaded (SyntaxError: invalid syntax (odd_one.py, line 1)): mend it, or uninstall its package",
        ),
        ("x = 1", "cannot be loaded (AttributeError: module 'odd_one' has no attribute 'Odd'): mend it, or uninstall"),
        ("import nowhere_such", "needs the package 'nowhere_such': install it, or the extra that brings it"),
        ("raise ModuleNotFoundError('it is gone')", "lacks a package (ModuleNotFoundError: it is gone): install it"),
    ],
)
def test_what_breaks_while_it_is_imported_is_told_in_one_line_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    install(tmp_path, monkeypatch, "odd_one", code, checks={"odd": "Odd"}, memories={"odd": "Odd"})
    for group, kind in (("reelgraph.checks", "check"), ("reelgraph.memories", "memory")):
        with pytest.raises(InvalidRequest) as refused:
            registry.load(group, "odd")  # type: ignore[arg-type]
        assert str(refused.value).startswith(f"{kind} 'odd' of the package odd_one {said}")
        assert "\n" not in str(refused.value)


def test_what_breaks_while_it_is_made_is_told_so_too_and_an_error_of_ours_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "from reelgraph.video_tools.errors import TransientFailure\n"
        "def Odd(*given): raise KeyError('width')\n"
        "def Down(*given): raise TransientFailure('ask again at noon')\n"
    )
    install(tmp_path, monkeypatch, "odd_made", code, backends={"odd": "Odd"}, embedders={"odd": "Odd", "down": "Down"})
    said = r"'odd' of the package odd_made cannot be made \(KeyError: 'width'\): mend it, or uninstall its package"
    with pytest.raises(InvalidRequest, match=f"^backend {said}$"):
        open_backend("odd", {})
    with pytest.raises(InvalidRequest, match=f"^embedder {said}$"):
        open_embedder("odd:folder")
    with pytest.raises(TransientFailure, match="ask again at noon"):
        open_embedder("down")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise RuntimeError('no card')", "cannot be used (RuntimeError: no card): mend it, or uninstall its package"),
        ("return {'modes': {'text'}}", "cannot be used: capabilities() gives dict, not Capabilities"),
    ],
)
def test_back_end_that_cannot_say_what_it_can_do_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    code = f"class Odd:\n    name = 'odd'\n    def __init__(self, own): ...\n    def capabilities(self): {body}\n"
    install(tmp_path, monkeypatch, "odd_can", code, backends={"odd": "Odd"})
    with pytest.raises(InvalidRequest) as refused:
        check_ready(open_backend("odd", {}))
    assert str(refused.value) == f"backend 'odd' {said}"


def test_broken_back_ends_are_listed_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(tmp_path, monkeypatch, "odd_gone", "raise RuntimeError('no driver')", backends={"gone": "Odd"})
    code = "class Odd:\n    name = 'mute'\n    def __init__(self, own): ...\n    def capabilities(self): return None\n"
    install(tmp_path, monkeypatch, "odd_mute", code, backends={"mute": "Odd"})
    assert main(["backends", "-p", str(tmp_path), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["backends"]
    assert {"animatic", "gone", "local", "music", "mute", "remote"} <= set(rows)
    assert (rows["animatic"]["ready"], rows["gone"]["ready"], rows["mute"]["ready"]) == (True, False, False)
    assert rows["gone"]["why"].startswith(
        "backend 'gone' of the package odd_gone cannot be loaded (RuntimeError: no dri"
    )
    assert rows["mute"]["why"] == "backend 'mute' cannot be used: capabilities() gives NoneType, not Capabilities"


def test_back_end_must_go_by_the_name_that_its_takes_are_recorded_under(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        REHEARSED + "class Stripes(Rehearsal):\n    name = 'stripes'\n    def __init__(self, own): super().__init__()\n"
    )
    code += "def make(own): return Stripes(own)\n"
    names = {"stripes": "Stripes", "zebra": "Stripes", "fact": "make"}
    install(tmp_path, monkeypatch, "odd_names", code, backends=names)
    assert open_backend("stripes", {}).name == "stripes"
    assert open_backend("mine", {"mine": {"kind": "zebra"}}).name == "mine"
    for name, settings, said in (
        (
            "zebra",
            {},
            "'zebra' of the package odd_names calls itself 'stripes', not 'zebra': register it as it calls itse",
        ),
        (
            "fact",
            {},
            "'fact' of the package odd_names calls itself 'stripes', not 'fact': register it as it calls itself",
        ),
        (
            "mine",
            {"mine": {"kind": "fact"}},
            "'fact' of the package odd_names calls itself 'stripes', not 'mine': register",
        ),
    ):
        with pytest.raises(InvalidRequest, match=f"^backend {said}"):
            open_backend(name, settings)
