"""What a command asks for and cannot have is refused before anything of a film is written, paid or cut."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from reelgraph.cli import main
from reelgraph.video_tools.backends import device
from reelgraph.video_tools.backends.animatic import Animatic
from reelgraph.video_tools.backends.base import Call, Failed, Made, OnEvent
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.generation import Unmade
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.shooting import shoot_shots
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import open_film, plan_storyboard

BRIEF = "shots: [{prompt: a ball rolls, seconds: 1}]"
SMALL = ["--size", "128x72", "--rate", "8"]
NO_SERVER = 'no video server is set: write base_urls = ["http://…"] under [backends.remote]'
NO_MODEL = 'no model is set: write model = "FOLDER" (or a hub id, and its revision) under [backends.local]'


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a brief of one shot, and its project `p`."""
    monkeypatch.chdir(tmp_path)
    Path("ball.yaml").write_text(BRIEF)
    return tmp_path / "p"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    capsys.readouterr()
    status = main([*words, "-p", "p", "--json"])
    out = capsys.readouterr()
    return status, json.loads(out.out), out.err


def written(root: Path) -> dict[Path, bytes]:
    """Read all that is kept of films, takes and calls."""
    folders = [root / name for name in ("films", "takes", "attempts")]
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def test_back_end_that_cannot_make_a_film_is_refused_and_changes_nothing_of_it(
    at: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "make", "ball.yaml", *SMALL)
    server = 'kind = "remote"\nbase_urls = ["http://127.0.0.1:9"]\n'
    (at / "reelgraph.toml").write_text(
        f'[backends.keyed]\n{server}key_variable = "VIDEO_KEY_OF_NOBODY"\n[backends.short]\n{server}most_frames = 9\n'
    )
    before = written(at)
    longer = ["revise", "make shot 1 longer by 1 second"]
    trimmed = ["revise", "trim 2 frames off the end of shot 1"]
    for backend, said in {
        "animatik": "no backend named 'animatik': did you mean animatic?",
        "local": NO_MODEL,
        "remote": NO_SERVER,
        "keyed": "the environment variable VIDEO_KEY_OF_NOBODY holds no key",
        "short": "shot s01-01 of 1 s is too long here",
    }.items():
        for words in (["resume"], longer, trimmed, ["shoot"], ["make", "ball.yaml"], ["plan", "ball.yaml"]):
            status, refused, err = run(capsys, *words, "--backend", backend)
            assert status == 2 and refused["error"].startswith(said), (backend, words)
            assert "from now on" not in err and written(at) == before, (backend, words)
    status, made, _ = run(capsys, "resume")
    assert (status, made["backend"], made["takes"]["generated"]) == (0, "animatic", 0)


def test_film_is_not_begun_on_a_back_end_that_is_not_set_up(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--backend", "remote"], ["--backend", "local"], ["--backend", "animatik"]):
        assert run(capsys, "make", "ball.yaml", *words)[0] == 2
        assert written(at) == {}, words
    status, said, _ = run(capsys, "backends")
    assert (status, said["backends"]["remote"]) == (0, {"ready": False, "why": NO_SERVER})


def test_film_keeps_its_cut_when_its_server_is_set_no_longer(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "make", "ball.yaml", *SMALL)
    film = Project.open(at).film("ball")
    asked = film.commission()
    assert asked is not None
    film.add(asked.model_copy(update={"backend": "remote"}))  # as it was when its server was there
    before = written(at)
    for words in (["resume"], ["revise", "make shot 1 longer by 1 second"], ["shoot"]):
        status, refused, _ = run(capsys, *words)
        assert (status, refused["error"], written(at) == before) == (2, NO_SERVER, True), words


def test_plan_made_anew_may_fit_a_back_end_that_the_one_before_does_not(
    at: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "plan", "A ball rolls over a green hill.", *SMALL, "--film", "ball", "--seconds", "4")
    server = '[backends.short]\nkind = "remote"\nbase_urls = ["http://127.0.0.1:9"]\nmost_frames = 48\n'
    (at / "reelgraph.toml").write_text(server)
    words = ["plan", "A ball rolls over a green hill.", "--film", "ball", "--seconds", "4", "--backend", "short"]
    assert run(capsys, *words)[0] == 2
    status, planned, _ = run(capsys, *words, "--replan")
    shots = [shot for scene in planned["storyboard"]["scenes"] for shot in scene["shots"]]
    assert status == 0 and all(shot["seconds"] <= 2 for shot in shots)


@pytest.mark.parametrize("command", ["plan", "make"])
def test_plan_that_cannot_be_made_leaves_a_film_as_it_was(
    command: str, at: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Project.open(at)
    server = 'kind = "remote"\nbase_urls = ["http://127.0.0.1:9"]\nmost_frames = 24\n'
    (at / "reelgraph.toml").write_text(f'backend = "short"\n[backends.short]\n{server}')
    Path("long.yaml").write_text(BRIEF.replace("seconds: 1", "seconds: 3"))
    status, refused, _ = run(capsys, command, "long.yaml")
    assert (status, written(at)) == (2, {}) and "shot s01-01 of 3 s is too long here" in refused["error"]
    assert run(capsys, "plan", "ball.yaml")[0] == 0
    before = written(at)
    assert run(capsys, command, "long.yaml", "--film", "ball", "--size", "64x48")[0] == 2
    assert written(at) == before
    edited = at / "films" / "ball" / "storyboard.yaml"
    mine = BRIEF.replace("seconds: 1", "seconds: 3  # mine")
    edited.write_text(mine)
    assert run(capsys, "resume")[0] == 2
    assert written(at) == {**before, edited: mine.encode()}
    edited.write_bytes(before[edited])
    assert run(capsys, "estimate")[1]["to_make"] == ["s01-01"]
    assert run(capsys, "verify")[0] == 0


def test_local_model_without_its_packages_is_refused_before_anything_is_shot(
    at: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_NEEDED", ("torch_of_nobody",))
    status, refused, err = run(capsys, "make", "ball.yaml", "--backend", "local", "--model", "shapes")
    said = "a local model needs torch_of_nobody: run `pip install 'reelgraph[local]'`"
    assert (status, refused["error"], written(at)) == (2, said, {})
    assert err.splitlines() == [f"reelgraph: {said}"]
    assert run(capsys, "backends")[1]["backends"]["local"] == {"ready": False, "why": said}


class Forgetful(Animatic):
    """Finds only when it is asked that something is missing."""

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        raise InvalidRequest("the pen is missing: buy one")


def test_errors_of_ours_keep_their_words_when_a_back_end_ends_with_one(project: Project) -> None:
    studio = Studio(project, backend=Forgetful())
    film = open_film(studio, BRIEF, name="ball")
    with project.writing():
        [unmade] = shoot_shots(studio, film, plan_storyboard(studio, film), ["s01-01"])
    assert isinstance(unmade, Unmade) and isinstance(unmade.error, InvalidRequest)
    assert str(unmade.error) == "the pen is missing: buy one"
    [attempt] = project.ledger.attempts()
    assert (attempt.state, attempt.error_kind, attempt.error) == ("failed", "invalid", str(unmade.error))
