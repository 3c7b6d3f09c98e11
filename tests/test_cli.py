"""The command line, as a person types it: one line on what is wrong, the right exit status, nothing lost."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from PIL import Image

from reelgraph.cli import COMMANDS, main
from reelgraph.memory.opening import open_memory
from reelgraph.video_tools.film import Inset, SoundClip
from reelgraph.video_tools.project import Project

SENTENCE = "A red kite climbs over a green hill. It dives."
SMALL = ["--size", "128x72", "--rate", "8"]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    """Run a command with `--json`; return its status, its object, and what it said on stderr."""
    status = main([*words, "--json"])
    out = capsys.readouterr()
    assert len(out.out.splitlines()) == 1, "stdout is exactly one JSON object"
    return status, json.loads(out.out), out.err


def test_make_prints_what_the_design_promises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, made, _ = run(capsys, "make", SENTENCE, "-p", str(tmp_path), *SMALL)
    assert status == 0
    assert {
        "project", "film", "report", "timeline", "captions", "cut", "shots", "frames", "rate", "duration", "size",
        "takes", "rounds", "approved", "open_notes", "changed_shots", "spend", "seconds", "backend", "model",
    } <= set(made)  # fmt: skip
    assert (made["rate"], made["size"], made["backend"], made["model"]) == ("8/1", [128, 72], "animatic", None)
    assert made["takes"] == {"generated": made["shots"], "reused": 0, "failed": 0}
    assert set(made["seconds"]) >= {"plan", "generate", "edit", "check", "total"}
    assert set(made["spend"]) == {"generation_seconds", "calls", "money", "untimed_calls"}
    for name in ("film", "report", "timeline", "captions"):
        assert (tmp_path / made[name]).exists(), name


def test_make_twice_generates_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "make", SENTENCE, "-p", str(tmp_path), *SMALL)
    status, again, _ = run(capsys, "make", SENTENCE, "-p", str(tmp_path), *SMALL)
    assert (status, again["takes"]["generated"], again["takes"]["reused"]) == (0, 0, again["shots"])


def test_make_says_that_it_is_an_animatic_and_how_to_get_footage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["make", SENTENCE, "-p", str(tmp_path), *SMALL]) == 0
    out = capsys.readouterr()
    assert "animatic" in out.out and "reelgraph.toml" in out.out and "film.mp4" in out.out
    assert main(["make", SENTENCE, "-p", str(tmp_path), "-q", *SMALL]) == 0
    out = capsys.readouterr()
    assert "animatic" not in out.out and out.err == ""


def test_model_that_cannot_be_opened_hinders_only_what_asks_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-p", str(tmp_path)]
    run(capsys, "make", SENTENCE, *at, *SMALL, "--film", "kite")
    (tmp_path / "reelgraph.toml").write_text('planner = "nobody:one"\njudge = "nobody:other"\n')
    Image.new("RGB", (64, 48), "red").save(tmp_path / "red.png")
    assert run(capsys, "estimate", *at)[0] == run(capsys, "import", str(tmp_path / "red.png"), *at)[0] == 0
    assert run(capsys, "cut", *at)[0] == 0
    takes = len(list(Project.open(tmp_path).ledger.takes()))
    status, refused, _ = run(capsys, "make", "A dog digs.", *at)
    assert status == 2 and refused["error"].startswith("judge 'nobody:other'")
    assert len(list(Project.open(tmp_path).ledger.takes())) == takes


def test_model_that_cannot_be_opened_is_said_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-p", str(tmp_path)]
    run(capsys, "make", SENTENCE, *at, *SMALL, "--film", "kite")

    def written() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in (tmp_path / "films").rglob("*") if path.is_file()}

    before = written()
    trim = json.dumps({"op": "trim", "clip": "s01-01", "tail": 1})
    for model, words in [
        ("judge", ["edit", trim]),
        ("judge", ["edit", "--return-to", "1"]),
        ("judge", ["revise", "make shot 1 longer by 1 second"]),
        ("judge", ["review"]),
        ("judge", ["resume", "--resend", "s01-01"]),
        ("planner", ["make", "A dog digs."]),
        ("planner", ["make", "A dog digs.", "--film", "kite"]),
        ("planner", ["plan", "A dog digs."]),
    ]:
        (tmp_path / "reelgraph.toml").write_text(f'{model} = "nobody:one"\n')
        status, refused, _ = run(capsys, *words, *at)
        assert status == 2 and refused["error"].startswith(f"{model} 'nobody:one' cannot be used: "), words
        assert refused["error"].endswith(f"or none, with --{model} or as `{model}` in reelgraph.toml"), words
        assert written() == before, words


@pytest.mark.parametrize("words", [["assemble", "red.png", "-o"], ["check", "red.png", "--junit"]], ids=" ".join)
def test_place_that_cannot_be_written_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (64, 48), "red").save("red.png")
    status, refused, _ = run(capsys, *words, "red.png/new/film.mp4")
    assert status == 2 and refused["error"].startswith("cannot write red.png/new")
    assert refused["error"].endswith(": Not a directory; choose a folder that you may write")


def test_every_step_by_itself_makes_the_same_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["-p", str(tmp_path), *SMALL]
    status, plan, _ = run(capsys, "plan", SENTENCE, *at)
    shots = [s["id"] for scene in plan["storyboard"]["scenes"] for s in scene["shots"]]
    assert status == 0 and plan["estimate"]["to_make"] == shots
    assert not (tmp_path / "takes").exists(), "planning shoots nothing"
    _, estimate, _ = run(capsys, "estimate", *at)
    assert estimate["once"]["calls"] == len(shots) and estimate["most"]["calls"] == 2 * len(shots)
    status, shot, _ = run(capsys, "shoot", *at)
    assert status == 0 and sorted(shot["takes"]) == sorted(shots)
    status, cut, _ = run(capsys, "cut", *at)
    assert (status, cut["cut"], cut["slates"]) == (0, 1, [])
    status, review, _ = run(capsys, "review", *at)
    assert (status, review["approved"]) == (0, True)
    status, made, _ = run(capsys, "make", SENTENCE, *at)
    assert (made["cut"], made["takes"]["generated"]) == (1, 0)
    _, state, _ = run(capsys, "status", "-p", str(tmp_path))
    assert [(f["approved"], f["shots"], f["cut"]) for f in state["films"]] == [(True, len(shots), 1)]
    _, takes, _ = run(capsys, "takes", "-p", str(tmp_path))
    assert sorted(t["shot"] for t in takes["takes"]) == sorted(shots)
    with FileLock(tmp_path / ".writer.lock"):  # as another process holds it while it shoots another film
        status, files, _ = run(capsys, "export", str(tmp_path / "out"), "-p", str(tmp_path))
    assert status == 0
    assert {Path(f).name for f in files["files"]} >= {"film.mp4", "film.srt", "film.otio", "report.html"}


def test_prune_removes_only_what_no_film_needs_and_only_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-p", str(tmp_path), *SMALL]
    run(capsys, "make", SENTENCE, *at)
    kept = {t.key for t in Project.open(tmp_path).ledger.takes()}
    boat = shot_and_replanned(tmp_path, capsys)
    status, said, _ = run(capsys, "prune", "-p", str(tmp_path))
    assert said["takes"] == [boat] and not said["removed"]
    assert {t.key for t in Project.open(tmp_path).ledger.takes()} == {*kept, boat}
    run(capsys, "prune", "--yes", "-p", str(tmp_path))
    assert {t.key for t in Project.open(tmp_path).ledger.takes()} == kept
    status, again, _ = run(capsys, "make", SENTENCE, *at)
    assert (status, again["takes"]["generated"]) == (0, 0)


def shot_and_replanned(root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Shoot a film of one shot, which is kept, and plan it in other words; return the key of what no plan asks for."""
    at, before = ["-p", str(root), *SMALL, "--film", "boat"], {t.key for t in Project.open(root).ledger.takes()}
    run(capsys, "plan", "A boat crosses a lake.", *at)
    run(capsys, "shoot", *at)
    [boat] = {t.key for t in Project.open(root).ledger.takes()} - before
    assert run(capsys, "prune", "--yes", "-p", str(root))[1]["takes"] == [], "it is shot, and still to be cut"
    run(capsys, "plan", "A train leaves the valley.", *at)
    return boat


def test_prune_keeps_every_rung_of_a_plan_and_what_was_brought_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-p", str(tmp_path), *SMALL, "--film", "boat"]
    run(capsys, "plan", "A boat crosses a lake.", *at, "--ladder", "still,draft")
    for rung in ("still", "draft", "final"):
        run(capsys, "shoot", *at, "--rung", rung)
    assert [t.request.rung for t in Project.open(tmp_path).ledger.takes()].count("final") == 1
    picture = tmp_path / "tile.png"
    Image.new("RGB", (64, 64), "teal").save(picture)
    run(capsys, "import", str(picture), "-p", str(tmp_path))
    assert len(list(Project.open(tmp_path).ledger.takes())) >= 3
    assert run(capsys, "prune", "--yes", "-p", str(tmp_path))[1]["takes"] == []


@pytest.mark.parametrize("named_by", ["an inset", "a sound", "the bible"])
def test_prune_keeps_what_is_laid_over_a_cut_and_what_the_bible_shows(
    named_by: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-p", str(tmp_path), *SMALL]
    run(capsys, "make", SENTENCE, *at)
    assert main(["prune", "--yes", "-p", str(tmp_path)]) == 0
    assert main(["prune", "-p", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "nothing to remove: everything here is used by a film or the memory"
    )
    key = shot_and_replanned(tmp_path, capsys)
    project = Project.open(tmp_path)
    boat = project.ledger.take(key)
    assert boat is not None
    film = project.only_film(next(f.name for f in project.films() if f.cut()))
    cut = film.cut()
    assert cut is not None
    laid: dict[str, object] = {
        "an inset": {"insets": [Inset(take=boat.key, start=0, frames=8)]},
        "a sound": {"sounds": [SoundClip(take=boat.key, start=0, frames=8)]},
    }.get(named_by, {})
    if laid:
        film.add(cut.model_copy(update={"number": cut.number + 1, **laid}))
    else:
        open_memory(project).remember_character("The boat", references=[boat.content])
    status, said, _ = run(capsys, "prune", "--yes", "-p", str(tmp_path))
    assert (status, said["takes"]) == (0, [])
    assert project.ledger.take(boat.key) == boat


@pytest.mark.parametrize("lost", ["its back end", "its briefs", "its storyboards"])
def test_prune_keeps_what_cuts_show_where_a_film_cannot_be_planned_any_more(
    lost: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "make", SENTENCE, "-p", str(tmp_path), *SMALL)
    boat = shot_and_replanned(tmp_path, capsys)
    project = Project.open(tmp_path)
    film = project.only_film(next(f.name for f in project.films() if f.cut()))
    cut, asked = film.cut(), film.commission()
    assert cut is not None and asked is not None
    shown = [cut.clips[0].model_copy(update={"take": boat}), *cut.clips[1:]]
    film.add(cut.model_copy(update={"number": cut.number + 1, "clips": shown}))
    if lost == "its back end":
        film.add(asked.model_copy(update={"backend": "gone"}))
    else:
        shutil.rmtree(film.folder / lost.removeprefix("its "))
    status, said, _ = run(capsys, "prune", "--yes", "-p", str(tmp_path))
    assert (status, said["takes"]) == (0, [])


def test_damaged_take_is_found_named_and_shot_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["-p", str(tmp_path), *SMALL]
    run(capsys, "make", SENTENCE, *at)
    ledger = Project.open(tmp_path).ledger
    take = next(iter(ledger.takes()))
    ledger.picture(take).write_bytes(b"bitten by a rat")
    status, said, _ = run(capsys, "verify", "-p", str(tmp_path))
    assert status == 5 and [p["path"] for p in said["problems"]] == [str(ledger.picture(take))]
    assert "delete the take's folder" in said["problems"][0]["message"]
    for path in ledger.folder(take.key).iterdir():
        path.unlink()
    ledger.folder(take.key).rmdir()
    status, made, _ = run(capsys, "resume", *at)
    assert (status, made["takes"]["generated"]) == (0, 1)
    assert run(capsys, "verify", "-p", str(tmp_path))[0] == 0


def test_folder_is_looked_after_where_the_embedder_of_its_memory_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "make", SENTENCE, "-p", str(tmp_path), *SMALL)
    (tmp_path / "reelgraph.toml").write_text('picture_embedder = "clip:/no/such/folder"\n')
    ledger = Project.open(tmp_path).ledger
    take = next(iter(ledger.takes()))
    ledger.picture(take).write_bytes(b"bitten by a rat")
    status, said, _ = run(capsys, "verify", "-p", str(tmp_path))
    assert (status, [p["path"] for p in said["problems"]]) == (5, [str(ledger.picture(take)), str(tmp_path / "memory")])
    assert "no CLIP or SigLIP at '/no/such/folder'" in said["problems"][1]["message"]
    status, said, _ = run(capsys, "prune", "-p", str(tmp_path))
    assert (status, said["takes"]) == (0, [])


@pytest.mark.parametrize("settings", ['text_embedder = "letters"', "[checks.lawyer]\nstrict = true"])
def test_prune_needs_no_plug_in_that_the_settings_name(
    settings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "make", SENTENCE, "-p", str(tmp_path), *SMALL)
    (tmp_path / "reelgraph.toml").write_text(f"{settings}\n")
    status, said, _ = run(capsys, "prune", "-p", str(tmp_path))
    assert (status, said["takes"]) == (0, [])
    status, said, _ = run(capsys, "resume", "-p", str(tmp_path))
    assert status == 2 and ("letters" in said["error"] or "lawyer" in said["error"])


def test_plan_that_cannot_be_is_refused_and_leaves_the_project_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said, _ = run(capsys, "make", "A cat", "-p", str(tmp_path), *SMALL, "--seconds", "9000")
    assert status == 2 and "seconds" in said["error"]
    assert run(capsys, "status", "-p", str(tmp_path))[0] == 0
    assert run(capsys, "make", "A cat", "-p", str(tmp_path), *SMALL, "--seconds", "2")[0] in (0, 1)


def test_edit_reviews_what_it_made_and_never_leaves_a_report_of_another_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-p", str(tmp_path), *SMALL]
    _, made, _ = run(capsys, "make", SENTENCE, *at)
    edit = json.dumps({"op": "trim", "clip": "s01-01", "tail": 2})
    status, edited, _ = run(capsys, "edit", edit, "-p", str(tmp_path))
    assert (status, edited["cut"], edited["approved"]) == (0, 2, True)
    assert "cut 2" in (tmp_path / made["report"]).read_text().lower()
    _, changes, _ = run(capsys, "diff", "-p", str(tmp_path))
    assert changes["changes"] == edited["changes"] != []


BAD = {
    "empty brief": (["make", ""], 2, "brief"),
    "blank brief": (["make", "   \n "], 2, "brief"),
    "missing file": (["make", "nowhere/brief.fountain"], 2, "brief.fountain"),
    "a folder": (["make", "."], 2, "folder"),
    "binary": (["make", "noise.txt"], 2, "noise.txt"),
    "unknown key": (["make", "key.yaml"], 2, "colour"),
    "no seconds": (["make", "zero.yaml"], 2, "seconds"),
    "10,000 s": (["make", "long.yaml"], 2, "seconds"),
    "odd size": (["make", SENTENCE, "--size", "513x288"], 2, "512"),
    "no size": (["make", SENTENCE, "--size", "large"], 2, "1280x720"),
    "no rate": (["make", SENTENCE, "--rate", "fast"], 2, "rate"),
    "no backend": (["make", SENTENCE, "--backend", "imax"], 2, "animatic"),
    "no budget": (["make", SENTENCE, "--budget", "much"], 2, "calls=20"),
    "no such ceiling": (["make", SENTENCE, "--budget", "euros=2"], 2, "euros"),
    "no film": (["resume", "--film", "missing"], 2, "missing"),
    "nothing paid for": (["make", SENTENCE, "--budget", "calls=0"], 4, "ceiling"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_one_line_and_the_right_status(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words, expected, said = BAD[name]
    monkeypatch.chdir(tmp_path)
    Path("noise.txt").write_bytes(bytes(range(256)) * 8)
    Path("key.yaml").write_text("shots: [{prompt: a ball, seconds: 2, colour: red}]")
    Path("zero.yaml").write_text("shots: [{prompt: a ball, seconds: 0}]")
    Path("long.yaml").write_text("shots: [{prompt: a ball, seconds: 10000}]")
    Project.open("p")
    status = main([*words, "-p", "p", "-q"])
    out = capsys.readouterr()
    assert status == expected
    assert "Traceback" not in out.err
    lines = [line for line in out.err.splitlines() if line]
    assert len(lines) == 1 or name == "nothing paid for", out.err
    assert said in out.err


def test_busy_project_is_refused_and_nothing_is_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = (
        "import sys\nfrom reelgraph.video_tools.project import Project\n"
        f"with Project.open({str(tmp_path)!r}).writing():\n  print('held', flush=True)\n  sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        status, said, err = run(capsys, "make", SENTENCE, "-p", str(tmp_path), *SMALL)
        assert status == 5 and f"process {holder.pid}" in said["error"] and f"process {holder.pid}" in err
        assert run(capsys, "status", "-p", str(tmp_path))[0] == 0, "readers always work"
        holder.stdin.close()
    assert run(capsys, "make", SENTENCE, "-p", str(tmp_path), *SMALL)[0] == 0


def test_odd_signs_on_a_narrow_console_are_replaced_on_screen_only(tmp_path: Path) -> None:
    brief = "A cat 🐱 sits — still.\n\nCAT: «Привет» — 🐱!\n"
    env = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    words = [sys.executable, "-m", "reelgraph.cli", "make", brief, "-p", str(tmp_path / "p"), *SMALL]
    shown = subprocess.run(words, env=env, capture_output=True)
    assert (shown.returncode, b"Traceback" in shown.stderr) == (0, False), shown.stderr
    told = subprocess.run([*words, "--json"], env=env, capture_output=True)
    made = json.loads(told.stdout)
    assert told.returncode == 0 and made["takes"]["generated"] == 0
    project = Project.open(tmp_path / "p")
    [film] = project.films()
    board = film.storyboard()
    assert film.briefs()[-1].text.strip() == brief.strip() and board is not None
    planned = subprocess.run([*words[:3], "plan", *words[4:], "--json"], env=env, capture_output=True)
    assert json.loads(planned.stdout)["storyboard"] == board.model_dump(mode="json"), "JSON keeps the exact text"
    assert "«Привет» — 🐱!" in (tmp_path / "p" / made["captions"]).read_text(encoding="utf-8")
    provenance = json.loads((film.deliver / "provenance.json").read_text(encoding="utf-8"))
    prompts = [take["request"]["prompt"] for take in provenance["takes"].values()]
    assert any("cat 🐱 sits — still" in prompt for prompt in prompts), prompts


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        with pytest.raises(SystemExit) as done:
            main([name, "--help"])
        assert done.value.code == 0
        assert name in capsys.readouterr().out


@pytest.mark.parametrize("command", ["backends", "doctor"])
def test_settings_that_cannot_be_read_are_said_and_not_taken_for_none(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reelgraph.toml").write_text('[backends.local\nmodel = "wan"\n')
    status, said, _ = run(capsys, command, "-p", str(tmp_path))
    assert status == 2 and "reelgraph.toml cannot be read" in said["error"]


def test_backends_and_doctor_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said, _ = run(capsys, "backends", "-p", str(tmp_path))
    assert status == 0 and {"animatic", "local", "remote"} <= set(said["backends"])
    assert said["backends"]["animatic"]["animatic"] is True
    status, facts, _ = run(capsys, "doctor")
    assert status == 0 and facts
