"""A project names back ends of its own: one kind of them, twice."""

import json
from pathlib import Path

import pytest

from reelgraph.cli import main
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.backends.named import backend_names, open_backend
from reelgraph.video_tools.errors import InvalidRequest


def test_table_with_a_kind_is_a_back_end_of_that_name() -> None:
    settings = {"sketch": {"kind": "animatic"}, "far": {"kind": "remote", "rates": ["8"]}}
    assert open_backend("sketch", settings).name == "sketch"
    far, plain = open_backend("far", settings), open_backend("remote", settings)
    assert (far.capabilities().rates, far.name) == ((8,), "far") and plain.capabilities().rates == (24,)
    assert {"animatic", "far", "local", "remote", "sketch"} <= set(backend_names(settings))


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("far", {"far": {"kind": "remote", "jobs": -1}}, "backends.far: jobs"),
        ("far", {"far": {"jobs": 1}}, 'backends.far: say what it is, as in kind = "local"'),
        ("far", {"far": {"kind": "nothing"}}, "no backend named 'nothing'"),
        ("local", {"local": {"kind": "remote"}}, "kind cannot be set of local itself"),
        ("far", {}, "no backend named 'far'"),
    ],
)
def test_table_that_is_wrong_is_refused_by_its_own_name(
    name: str, settings: dict[str, dict[str, object]], said: str
) -> None:
    with pytest.raises(InvalidRequest, match=said):
        open_backend(name, settings)


def test_named_back_ends_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "reelgraph.toml").write_text('[backends.sketch]\nkind = "animatic"\n')
    main(["backends", "-p", str(tmp_path)])
    assert "\nsketch       still, text\n" in capsys.readouterr().out


def test_words_of_a_closed_world_and_adapters_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("diffusers")
    (tmp_path / "ink.safetensors").write_bytes(b"ink")
    settings = '[backends.local]\nmodel = "shapes"\nadapters = {ink = "ink.safetensors"}\n'
    (tmp_path / "reelgraph.toml").write_text(settings)
    main(["backends", "-p", str(tmp_path)])
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    world = Local({"model": "shapes"}).capabilities().world
    assert world is not None
    assert f"things: {', '.join(sorted(world.things))}" in lines and "adapters: ink" in lines
    assert f"colours: {', '.join(sorted(world.colours))}" in lines
    main(["backends", "-p", str(tmp_path), "--json"])
    row = json.loads(capsys.readouterr().out)["backends"]["local"]
    assert (row["world"]["places"], row["adapters"]) == (sorted(world.places), ["ink"])
