"""A film goes on as it was asked for: what its takes are, what it may cost, and where a person is asked."""

import io
import json
from pathlib import Path
from typing import Any

import langchain.chat_models
import pytest

from reelgraph.cli import main
from reelgraph.video_tools.backends.animatic import Animatic
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.commission import Commission, commission_of, differences
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.scripted import ScriptedModel
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit

BRIEF = "shots: [{prompt: a ball rolls, seconds: 1}, {prompt: it stops, seconds: 1}]"
SMALL = ["--size", "128x72", "--rate", "8"]


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a brief of two shots, and its project `p`."""
    monkeypatch.chdir(tmp_path)
    Path("ball.yaml").write_text(BRIEF)
    return tmp_path / "p"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    capsys.readouterr()
    status = main([*words, "-p", "p", "--json"])
    out = capsys.readouterr()
    return status, json.loads(out.out), out.err


def keys(root: Path) -> set[str]:
    return {take.key for take in Project.open(root).ledger.takes()}


def test_film_goes_on_as_it_was_asked_for_by_every_command(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, made, _ = run(capsys, "make", "ball.yaml", *SMALL)
    before = keys(at)
    status, again, said = run(capsys, "resume")
    assert (status, again["takes"], again["size"]) == (0, {"generated": 0, "reused": 2, "failed": 0}, [128, 72])
    kept = "ball stays as it was asked for: size 128x72, not 512x288 as the settings say; --size 128x72 changes it"
    assert kept.replace("--size 128x72", "--size") in said and said.count("stays as it was asked for") == 2
    assert run(capsys, "estimate")[1]["to_make"] == []
    assert run(capsys, "shoot")[1]["takes"].keys() == {"s01-01", "s01-02"}
    assert run(capsys, "cut")[1]["cut"] == made["cut"]
    assert run(capsys, "review")[0] == 0
    assert run(capsys, "make", "ball.yaml")[1]["takes"]["generated"] == 0
    status, edited, _ = run(capsys, "edit", json.dumps({"op": "trim", "clip": "s01-01", "tail": 2}))
    assert (status, edited["cut"]) == (0, 2)
    status, revised, _ = run(capsys, "revise", "shoot shot 2 again")
    assert (revised["takes"]["generated"], revised["size"], revised["rate"]) == (1, [128, 72], "8/1")
    assert len(keys(at) - before) == 1 and {t.width for t in Project.open(at).ledger.takes()} == {128}


def test_tools_of_an_agent_keep_to_how_a_film_was_asked_for(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "make", "ball.yaml", *SMALL)
    tools = {tool.name: tool for tool in VideoToolkit(Studio(Project.open(at))).get_tools()}
    assert tools["estimate_cost"].invoke({}).startswith("Every shot has a take.")
    assert "128x72" in str(tools["assemble_cut"].invoke({}))
    assert len(keys(at)) == 2


def test_option_given_anew_is_obeyed_said_and_kept(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "make", "ball.yaml", *SMALL)
    _, _, said = run(capsys, "resume", "--size", "64x48")
    assert "ball from now on: size 64x48, no longer 128x72" in said
    _, made, _ = run(capsys, "resume")
    assert (made["size"], made["rate"], made["takes"]["generated"]) == ([64, 48], "8/1", 0)
    run(capsys, "estimate", "--size", "320x180")  # asks what it would cost, and changes nothing
    assert [c.size for c in map(film_commission, (1, 2))] == [(128, 72), (64, 48)]
    assert Project.open(at).film("ball").next_number("commissions") == 3


def film_commission(number: int) -> Commission:
    text = Path(f"p/films/ball/commissions/{number:04d}.json").read_text()
    return Commission.model_validate_json(text)


def test_judge_that_a_film_was_asked_for_with_is_asked_by_every_later_command(
    at: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sees = ScriptedModel([json.dumps({"score": score, "why": "rolls"}) for score in (0.9, 0.9, 0.2)])
    opened: list[str] = []
    monkeypatch.setattr(langchain.chat_models, "init_chat_model", lambda name: opened.append(name) or sees)
    run(capsys, "make", "ball.yaml", *SMALL, "--judge", "nobody:one")
    assert opened == ["nobody:one"] and len(sees.heard) == 2
    _, _, said = run(capsys, "edit", json.dumps({"op": "trim", "clip": "s01-01", "tail": 2}))
    assert "ball stays as it was asked for: judge nobody:one, not none as the settings say" in said
    review = Project.open(at).film("ball").review()
    assert review is not None and [f.value for f in review.findings["s01-02"] if f.check == "judge"] == [0.9]
    run(capsys, "revise", "shoot shot 2 again")
    assert len(sees.heard) == 3 and set(opened) == {"nobody:one"}

    def broken(name: str) -> None:
        raise ValueError("no key")

    monkeypatch.setattr(langchain.chat_models, "init_chat_model", broken)
    for words in (["resume"], ["review"], ["edit", json.dumps({"op": "trim", "clip": "s01-01", "tail": 1})]):
        status, refused, _ = run(capsys, *words)
        assert status == 2 and refused["error"].startswith("judge 'nobody:one' cannot be used: no key; mend that")
    said = run(capsys, "edit", json.dumps({"op": "trim", "clip": "s01-01", "tail": 1}), "--judge", "none")[2]
    assert "ball from now on: judge none, no longer nobody:one" in said
    (at / "reelgraph.toml").write_text('judge = "nobody:else"\n')
    assert run(capsys, "resume")[0] == 0, "whoever the settings name is not this film's judge"


def test_film_is_found_by_its_changed_brief_before_its_models_and_back_end_are_asked_for(
    at: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> None:
        raise ValueError("no key")

    monkeypatch.setattr(langchain.chat_models, "init_chat_model", broken)
    brief = Path("tale.txt")
    brief.write_text("A dog digs in the sand.")
    run(capsys, "make", "tale.txt", *SMALL, "--planner", "none", "--judge", "none")
    (at / "reelgraph.toml").write_text('backend = "remote"\nplanner = "nobody:else"\njudge = "nobody:else"\n')
    brief.write_text("A dog digs in the sand. It finds a boot.")
    status, made, _ = run(capsys, "make", "tale.txt")
    assert (status, made["shots"], made["backend"]) == (0, 2, "animatic")
    brief.write_text("A dog digs in the sand. It finds a boot. It barks.")
    assert run(capsys, "plan", "tale.txt")[0] == 0
    answer = VideoToolkit(Studio(Project.open(at))).get_tools()[0].invoke({"brief": "A cat sleeps.", "film": "tale"})
    assert answer.startswith("Film tale, storyboard 4: 1 shot")
    status, refused, _ = run(capsys, "make", "A dog digs in the sand.")
    assert status == 2 and refused["error"].startswith("judge 'nobody:else' cannot be used"), "a new film has none"


def test_settings_file_that_changed_is_said_and_not_obeyed(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "make", "ball.yaml", *SMALL)
    settings = at / "reelgraph.toml"
    settings.write_text('backend = "remote"\n[backends.remote]\nbase_urls = ["http://127.0.0.1:9"]\nmodel = "wan"\n')
    status, again, said = run(capsys, "resume")
    assert (status, again["backend"], again["takes"]["generated"]) == (0, "animatic", 0)
    assert "ball stays as it was asked for: backend animatic, not remote as the settings say" in said


def test_model_of_a_film_is_kept_and_named_anew(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["plan", "ball.yaml", "--backend", "remote", "--model", "wan", *SMALL]
    Project.open(at)
    (at / "reelgraph.toml").write_text('[backends.remote]\nbase_urls = ["http://127.0.0.1:9"]\n')
    assert run(capsys, *words)[0] == 0
    film = Project.open(at).film("ball")
    assert Project.open(at).for_film(film).settings.backends["remote"]["model"] == "wan"
    assert run(capsys, "estimate", "--model", "other")[0] == 0  # of the film's back end, not of the settings'
    assert run(capsys, "estimate")[1]["once"]["calls"] == 2


def test_model_of_a_film_is_kept_at_its_revision(tmp_path: Path) -> None:
    root, one, two = tmp_path / "p", "a" * 40, "b" * 40

    def opened(model: str, revision: str, **given: Any) -> Project:
        Project.open(root)
        text = f'backend = "local"\n[backends.local]\nmodel = "{model}"\nrevision = "{revision}"\nsteps = 2\n'
        (root / "reelgraph.toml").write_text(text)
        return Project.open(root, **given)

    def own(project: Project) -> list[str]:
        return list(project.for_film(film).settings.backends["local"].values())

    film = opened("own/one", one).film("ball")
    film.add(commission_of(opened("own/one", one).settings, {}, None))
    later, moved = opened("own/two", two), opened("own/one", two)
    assert own(later) == own(moved) == ["own/one", one, 2]
    told = list(differences(moved.settings, moved.for_film(film).settings))
    assert told == [("model", f"own/one at {two[:12]}", f"own/one at {one[:12]}")]
    given: dict[str, Any] = {"backends": {"local": {"model": "own/two"}}}
    assert own(opened("own/two", two, **given)) == ["own/two", two, 2]
    old = film.commission()
    assert old is not None
    film.add(old.model_copy(update={"revision": ""}))  # as a film has it that was begun before it was kept
    assert own(moved) == ["own/one", two, 2]


def test_takes_that_no_longer_count_since_their_maker_changed_are_told_of_once(
    at: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "shots of ball by animatic will be made again: what backends.animatic says, its model or its version changed"
    assert line not in run(capsys, "make", "ball.yaml", *SMALL)[2]
    assert line not in run(capsys, "resume")[2]
    monkeypatch.setattr(Animatic, "fingerprint", lambda self: "drawn otherwise")
    status, made, said = run(capsys, "resume")
    assert (status, made["takes"]["generated"], said.count(line)) == (0, 2, 1)
    assert line not in run(capsys, "resume")[2]
    monkeypatch.setattr(Animatic, "fingerprint", lambda self: "and once more")
    assert run(capsys, "shoot")[2].count(line) == 1


def test_ceiling_given_for_a_film_holds_until_another_is_given(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, made, _ = run(capsys, "make", "ball.yaml", *SMALL, "--budget", "calls=1")
    assert (status, made["takes"]["generated"], len(made["refused"])) == (1, 1, 1)
    refused = made["refused"]
    status, made, said = run(capsys, "resume")
    assert (status, made["takes"]["generated"], made["refused"]) == (1, 0, refused)
    assert "ball stays as it was asked for: budget calls=1, not calls=none as the settings say" in said
    status, made, _ = run(capsys, "resume", "--budget", "calls=2")
    assert (status, made["takes"]["generated"]) == (0, 1)
    commission = Project.open(at).film("ball").commission()
    assert commission is not None and commission.budget == Limits(calls=2)


def test_gate_asked_for_is_asked_at_until_somebody_answers(at: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, made, _ = run(capsys, "make", "ball.yaml", *SMALL, "--approve", "cut")
    assert (status, made["waiting"], made["approved"]) == (1, "cut", False)
    assert run(capsys, "status")[1]["films"][0]["approved"] is False
    status, made, _ = run(capsys, "resume")
    assert (status, made["waiting"], made["approved"]) == (1, "cut", False)
    status, made, _ = run(capsys, "resume", "--yes")
    assert (status, made["waiting"], made["approved"]) == (0, "", True)
    assert run(capsys, "status")[1]["films"][0]["approved"] is True
    assert [(d.gate, d.approved) for d in Project.open(at).film("ball").decisions()] == [("cut", True)]


def test_person_at_a_terminal_reads_all_that_is_seen_and_heard_before_they_answer(
    at: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("the words are misspelt\n"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    brief = """
bible: {characters: [{id: mara, name: Mara, description: a keeper, palette: ["#f2c811"]}], style: {look: ink}}
music: a slow piano
shots:
- {prompt: Mara climbs, seconds: 1, angle: low, characters: [mara], lines: [{text: Helo wrold, character: mara}]}
- {prompt: the end, kind: title, title: The Ent, seconds: 1, transition: {kind: dip_black}}
"""
    status, made, said = run(capsys, "make", brief, *SMALL, "--film", "ball", "--approve", "storyboard")
    assert (status, made["rejected"]) == (1, "storyboard")
    asked = said[said.index("storyboard 1 of ball:") :].splitlines()[:9]
    assert [" ".join(line.split()) for line in asked] == [
        "storyboard 1 of ball:",
        "s01-01 1.00 s wide, low Mara climbs",
        "mara",
        "mara: Helo wrold",
        "s01-02 1.00 s wide, dip black the end",
        "card: The Ent",
        "Mara a keeper, #f2c811",
        "look ink",
        "music a slow piano",
    ]
