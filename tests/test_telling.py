"""What commands tell a person: next steps that can be copied, where a film stands, and everything once."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from reelgraph.cli import main
from reelgraph.commands.asking import _ask
from reelgraph.video_tools.answers import stage_of
from reelgraph.video_tools.project import Project

BRIEF = "shots: [{prompt: a ball rolls, seconds: 1}]"
SMALL = ["--size", "128x72", "--rate", "8"]


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a brief of one shot, and its project `p`."""
    monkeypatch.chdir(tmp_path)
    Path("ball.yaml").write_text(BRIEF)
    return tmp_path / "p"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    main([*words, "-p", "p"])
    out = capsys.readouterr()
    return out.out + out.err


def run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    main([*words, "-p", "p", "--json"])
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_every_next_step_names_the_project_that_it_is_of(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Project.open(at)
    said = told(capsys, "status") + told(capsys, "takes")
    said += told(capsys, "plan", "ball.yaml", *SMALL) + told(capsys, "review")
    said += told(capsys, "make", "ball.yaml", "--approve", "storyboard") + told(capsys, "status")
    said += told(capsys, "resume", "--no", "it rolls too far") + told(capsys, "status")
    (at / "films" / "ball" / "storyboard.yaml").write_text(BRIEF.replace("rolls", "stops"))
    said += told(capsys, "status") + told(capsys, "resume", "--yes") + told(capsys, "revise", "what else")
    steps = re.findall(r"`reelgraph (.*?)`", said)
    assert {step.split()[0] for step in steps} == {"make", "shoot", "resume", "cut", "revise", "backends"}
    assert [step for step in steps if not re.match(r"\w+ -p p\b(?!.* -p)", step)] == []


def test_status_says_at_which_gate_a_film_waits_and_what_was_refused(
    at: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def row() -> tuple[object, ...]:
        film = run(capsys, "status")["films"][0]
        return film["waiting"], film["rejected"], film["words"], film["approved"]

    run(capsys, "make", "ball.yaml", *SMALL, "--approve", "storyboard", "--approve", "cut")
    assert row() == ("storyboard", "", "", False)
    assert "wanted at the storyboard: `reelgraph resume -p p --film ball` asks" in told(capsys, "status")
    made = run(capsys, "resume", "--no", "make shot 1 longer by 1 second")
    assert (made["waiting"], made["rejected"]) == ("storyboard", "")  # it was changed so, and is asked about anew
    assert row() == ("storyboard", "", "", False)
    assert run(capsys, "resume", "--no", "")["rejected"] == "storyboard"
    assert row() == ("", "storyboard", "", False)
    assert "a person said no to the storyboard: edit films/ball/storyboard.yaml" in told(capsys, "status")
    run(capsys, "revise", "make shot 1 shorter by 1 second", "--yes")
    assert row() == ("", "", "", True)


def test_gate_by_cost_is_one_that_a_film_waits_at(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "make", "ball.yaml", *SMALL, "--approve-above", "calls=0")
    assert run(capsys, "status")["films"][0]["waiting"] == "cost"


def test_one_of_something_is_not_told_in_the_plural(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "plan", "ball.yaml", *SMALL) + told(capsys, "estimate") + told(capsys, "make", "ball.yaml")
    said += told(capsys, "status") + told(capsys, "diff")
    assert "1 shot," in said and "1 take to make" in said and "has 1 cut:" in said
    assert re.findall(r"\b1 (?:shots|takes|films|cuts|rounds|notes|open notes|pictures)\b", said) == []
    assert "written by a person" in said


def test_takes_of_what_is_not_shot_or_not_there_are_told(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "plan", "ball.yaml", *SMALL)
    assert told(capsys, "takes") == f"no take yet in {at}: `reelgraph shoot -p p` makes them\n"
    one = "film ball has no take yet: `reelgraph shoot -p p --film ball` makes them\n"
    assert told(capsys, "takes", "--film", "ball") == one
    assert told(capsys, "takes", "--film", "bell") == "reelgraph: no film 'bell' here: there are ball\n"


def test_reason_of_a_failure_is_told_once(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Project.open(at)
    server = 'base_urls = ["http://127.0.0.1:9"]\npatience = 0\npoll_seconds = 0.01\n'
    (at / "reelgraph.toml").write_text(f'backend = "remote"\n[backends.remote]\n{server}')
    for quiet in ([], ["-q"]):
        said = told(capsys, "make", "ball.yaml", "--size", "128x72", *quiet)
        assert said.count("http://127.0.0.1:9 cannot be reached") == 1, quiet
        assert said.count("s01-01") >= 1 and "1 failed" in said
        assert told(capsys, "shoot", *quiet).count("http://127.0.0.1:9 cannot be reached") == 1, quiet


def test_edit_list_without_the_films_rate_is_said_and_the_others_are_written(
    at: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "make", "ball.yaml", "--size", "128x72", "--rate", "12")
    out = at.parent / "out"
    made = run(capsys, "export", str(out), *(w for form in ("edl", "xml", "fcpxml") for w in ("--timeline", form)))
    assert made["refused"].keys() == {"edl", "xml"} and "cannot hold 12/1 frames a second" in made["refused"]["edl"]
    assert [path.suffix for path in sorted(out.glob("ball.*"))] == [".fcpxml"]
    said = told(capsys, "export", str(out), "--timeline", "edl")
    assert f"edl was not written: {made['refused']['edl']}\n" in said
    assert main(["export", str(out), "-p", "p", "--timeline", "edl"]) == 2
    assert main(["export", str(at.parent / "none"), "-p", "p", "--preset", "web", "--preset", "wed"]) == 2
    assert not (at.parent / "none").exists()


def test_import_says_that_it_made_a_project_and_makes_none_of_what_it_cannot_read(
    at: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (64, 48), "red").save("red.png")
    Path("no.png").write_text("no picture")
    assert "no.png" in told(capsys, "import", "no.png") and not at.exists()
    first, second = (told(capsys, "import", "red.png").splitlines() for _ in range(2))
    assert first[1:] == [f"made a new project in {at}, with its settings in reelgraph.toml"]
    assert first[0].startswith("red.png: take ") and second == first[:1]


def test_folder_to_check_is_called_as_it_was_named(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "."]) == 2
    assert capsys.readouterr().err == "reelgraph: . is a folder: name a media file\n"


def test_next_step_of_a_failure_names_the_project_in_json_too(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "plan", "ball.yaml", *SMALL, "--budget", "wall_seconds=0")
    for command in ("shoot", "resume"):
        assert "`reelgraph resume -p p` goes on" in run(capsys, command)["failures"]["s01-01"], command


def test_what_is_substituted_in_a_whole_film_is_said_of_the_film(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("ball.yaml").write_text(f"music: slow piano\n{BRIEF}")
    lines = told(capsys, "make", "ball.yaml", *SMALL).splitlines()
    said = [line.partition(": ")[0] for line in lines if "slow piano became silence" in line]
    assert said == ["  the film", "music slow piano became silence"]  # on stdout, and on stderr as it came


def test_terminal_obeys_nothing_that_a_brief_or_a_files_name_says(
    at: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "\x1b]0;pwn\x07\x9b2J\u202e\x7f\rball"
    shots = [{"prompt": f"{evil} rolls", "place": f"{evil} field", "title": evil, "seconds": 1}]
    Path("evil.yaml").write_text(json.dumps({"title": evil, "shots": shots}))
    Path(f"{evil}.png").write_bytes(b"no picture")
    said = told(capsys, "plan", "evil.yaml", *SMALL) + told(capsys, "check", f"{evil}.png") + told(capsys, "status")
    assert "pwn" in said and not set(said) & (set(evil) - set("]0;pwn2Jball"))
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    film = Project.open(at).films()[0]
    shown = {"shots": [shot.model_dump(mode="json") for shot in film.storyboard().shots]}  # type: ignore[union-attr]
    _ask({"gate": "storyboard", "number": 1, "film": "ball", "shown": shown}, project=at)
    asked = capsys.readouterr().err
    assert "pwn" in asked and not set(asked) & (set(evil) - set("]0;pwn2Jball"))


def test_what_is_left_out_became_nothing(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("diffusers")
    Path("odd.yaml").write_text("shots: [{prompt: a red ball rolls right at sea by a lighthouse, seconds: 1}]")
    said = told(capsys, "make", "odd.yaml", "--backend", "local", "--model", "shapes")
    assert (
        said.count("words lighthouse became nothing: shapes can't draw lighthouse") == 2
    )  # as it is made, and at last


def test_plan_that_is_newer_than_the_cut_is_said(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "make", "ball.yaml", *SMALL)
    assert run(capsys, "status")["films"][0]["uncut_storyboard"] is None
    assert stage_of(Project.open(at).only_film()) | {"film": ""} == {
        "film": "", "stage": "cut 1, approved", "shots": 1, "cut": 1, "approved": True, "open_notes": 0,
    }  # fmt: skip
    Path("ball.yaml").write_text(BRIEF.replace("seconds: 1", "seconds: 2"))
    run(capsys, "plan", "ball.yaml", *SMALL)
    said = "that is cut 1; storyboard 2 is not cut yet: `reelgraph resume -p p --film ball`"
    assert said in told(capsys, "status") and run(capsys, "status")["films"][0]["uncut_storyboard"] == 2
    stage = stage_of(Project.open(at).only_film())["stage"]
    assert stage == "cut 1, approved, and storyboard 2 is not cut yet"
    run(capsys, "resume")
    assert "not cut yet" not in told(capsys, "status")
