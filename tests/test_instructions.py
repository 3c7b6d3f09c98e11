"""What a person says is done to exactly what it names, or refused with nothing changed."""

import json
import os
import signal
from fractions import Fraction
from pathlib import Path
from typing import Any

import langchain.chat_models
import pytest

from reelgraph.cli import main
from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools import revising
from reelgraph.video_tools.editing import render
from reelgraph.video_tools.editing.operations import apply, read_operation
from reelgraph.video_tools.editing.slots import clip_names
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.instructions import UNDERSTOOD, read_instructions
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.scripted import ScriptedModel
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import add_storyboard, open_film, plan_storyboard

BOARD = Storyboard(
    scenes=[
        Scene(id="s01", shots=[Shot(id=f"s01-{n:02d}", prompt=f"shot number {n}", seconds=3) for n in (1, 2, 3)]),
        Scene(id="s02", shots=[Shot(id="s02-01", prompt="the end", seconds=2)]),
    ]
)
CUT = Cut(
    number=1, width=64, height=48, rate=Fraction(24),
    clips=[Clip(shot=shot.id, take="0" * 64, frames=72, gain_db=-2.0) for shot in BOARD.shots],
)  # fmt: skip


def joined(clip: str, kind: str, frames: int) -> dict[str, Any]:
    return {"op": "transition", "clip": clip, "transition": {"kind": kind, "frames": frames}}


@pytest.mark.parametrize(
    ("words", "edit"),
    [
        ("delete shot 2", {"op": "delete", "clip": "s01-02"}),
        ("Remove the last shot.", {"op": "delete", "clip": "s02-01"}),
        ("move shot 3 before shot 1", {"op": "move", "clip": "s01-03", "before": "s01-01"}),
        ("Put the first shot after s01-02", {"op": "move", "clip": "s01-01", "before": "s01-03"}),
        ("move shot 2 to the end", {"op": "move", "clip": "s01-02", "before": None}),
        ("put shot 2 at the beginning", {"op": "move", "clip": "s01-02", "before": "s01-01"}),
        ("move shot 1 after the last shot", {"op": "move", "clip": "s01-01", "before": None}),
        ("trim 0.5 seconds off the end of shot 2", {"op": "trim", "clip": "s01-02", "tail": 12}),
        ("cut 1 s from the start of s01-02", {"op": "trim", "clip": "s01-02", "head": 24}),
        ("crossfade into shot 2 for 0.25 s", joined("s01-02", "crossfade", 6)),
        ("Dissolve into s02-01", joined("s02-01", "crossfade", 12)),
        ("fade to black into shot 4 over 1 second", joined("s02-01", "dip_black", 24)),
        ("hard cut into shot 2", joined("s01-02", "cut", 0)),
        ("play shot 2 at half speed", {"op": "speed", "clip": "s01-02", "speed": "1/2"}),
        ("play shot 2 at 1.5x", {"op": "speed", "clip": "s01-02", "speed": "3/2"}),
        ("mute shot 2", {"op": "volume", "clip": "s01-02", "gain_db": -120.0}),
        ("make shot 2 louder by 3 dB", {"op": "volume", "clip": "s01-02", "gain_db": 1.0}),
        ("Shot 2 quieter by 6 dB", {"op": "volume", "clip": "s01-02", "gain_db": -8.0}),
    ],
)  # fmt: skip
def test_edit_is_read_exactly(words: str, edit: dict[str, Any]) -> None:
    revision = read_instructions(words, BOARD, CUT)
    assert (revision.edits, revision.shots, revision.again) == ([edit], [], [])
    read_operation(edit)


@pytest.mark.parametrize(
    ("words", "shot", "change"),
    [
        ("make shot 2 longer by 1 second", "s01-02", {"seconds": 4.0}),
        ("Make the last shot shorter by 0.5 s.", "s02-01", {"seconds": 1.5}),
        ("make s01-03 4.5 seconds long", "s01-03", {"seconds": 4.5}),
        ("Shot 2: a fox crosses the road; it is late", "s01-02", {"prompt": "a fox crosses the road; it is late"}),
    ],
)
def test_change_of_plan_is_read_exactly(words: str, shot: str, change: dict[str, Any]) -> None:
    revision = read_instructions(words, BOARD, CUT)
    assert revision.shots == [BOARD.shot(shot).model_copy(update=change)]
    assert (revision.edits, revision.again) == ([], [])


def test_several_sentences_are_done_in_order() -> None:
    revision = read_instructions(
        "Shoot shot 1 again. Make shot 2 longer by 1 s. Make shot 2 longer by 1 s.\nMute shot 3", BOARD, CUT
    )
    assert revision.again == ["s01-01"]
    assert [(s.id, s.seconds) for s in revision.shots] == [("s01-02", 5.0)]
    assert [e["op"] for e in revision.edits] == ["volume"]


@pytest.mark.parametrize("words", UNDERSTOOD)
def test_everything_that_help_promises_is_understood(words: str) -> None:
    revision = read_instructions(words, BOARD, CUT)
    assert revision.again or revision.edits or revision.shots


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "say what to change"),
        ("make it pop", "not understood, and nothing was changed"),
        ("delete shot 9", "the shots are s01-01, s01-02, s01-03, s02-01"),
        ("delete s07-01", "the shots are s01-01"),
        ("make shot 2 shorter by 3 s", "cannot last 0 s"),
        ("mute shot 1. make it pop", "make it pop"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(words: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_instructions(words, BOARD, CUT)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_revise_makes_only_what_the_words_change(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = json.dumps({"shots": [{"prompt": f"{w} waves", "seconds": 1} for w in ("one", "two", "three")]})
    run_film(FilmContext(Studio(project)), brief, film="f")
    at = ["-p", str(project.root), "--size", "128x72", "--rate", "8", "--json", "-q"]
    assert main(["revise", "Make shot 2 2 seconds long. Delete shot 3.", *at]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["changed_shots"], result["frames"]) == (["s01-02"], 24)
    assert main(["revise", "shoot shot 1 again", *at]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["changed_shots"], result["frames"]) == (["s01-01"], 24), "the deleted shot stays deleted"
    assert main(["edit", "--return-to", "1", "-p", str(project.root), "-q"]) == 0
    assert project.film("f").cut().frames == 24  # type: ignore[union-attr]  # three shots of a second, as cut 1 had


@pytest.mark.parametrize("then", [["resume"], ["revise", "delete shot 1"]], ids=["resume", "revise"])
def test_return_to_an_earlier_cut_takes_its_plan_and_format_along(
    project: Project, capsys: pytest.CaptureFixture[str], then: list[str]
) -> None:
    brief = json.dumps({"shots": [{"prompt": f"{w} waves", "seconds": 1} for w in ("one", "two", "three")]})
    run_film(FilmContext(Studio(project)), brief, film="f")
    film, at = project.film("f"), ["-p", str(project.root), "--json", "-q"]
    first, plan = film.cut(), (film.folder / "storyboard.yaml").read_text()
    assert main(["revise", "Shot 2: a kite flies. Delete shot 3.", "--size", "160x90", "--rate", "10", *at]) == 0
    assert main(["edit", "--return-to", "1", *at]) == 0
    assert (film.folder / "storyboard.yaml").read_text().replace("number: 3\n", "") == plan
    capsys.readouterr()
    assert main([*then, *at]) == 0
    cut, left = film.cut(), 0 if then == ["resume"] else 1
    assert first is not None and cut is not None
    assert [clip.take for clip in cut.clips] == [clip.take for clip in first.clips[left:]]
    assert (cut.width, cut.height, cut.rate) == (first.width, first.height, first.rate)
    assert json.loads(capsys.readouterr().out)["takes"]["generated"] == 0


def test_what_somebody_changed_while_a_model_read_a_note_is_not_undone(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_film(FilmContext(Studio(project)), "shots: [{prompt: waves, seconds: 1}, {prompt: foam, seconds: 1}]", film="f")
    film = project.film("f")

    def meanwhile(heard: object) -> str:
        board = film.storyboard()
        assert board is not None
        longer = board.shots[1].model_copy(update={"seconds": 3.0})
        add_storyboard(Studio(project), film, board.with_shots([longer]).model_copy(update={"number": 2}))
        return json.dumps({"instructions": ["make shot 1 2 seconds long"]})

    monkeypatch.setattr(langchain.chat_models, "init_chat_model", lambda name: ScriptedModel([meanwhile]))
    words = ["revise", "let the waves roll for longer", "--planner", "nobody:one", "-p", str(project.root), "-q"]
    assert main(words) == 2
    assert "film f was changed while this was read: give the same words again" in capsys.readouterr().err
    board = film.storyboard()
    assert board is not None and (board.number, [shot.seconds for shot in board.shots]) == (2, [1, 3])


SPLIT = CUT.model_copy(update={"clips": [*CUT.clips[:2], *CUT.clips[1:]]})  # shot 2 is in two clips


@pytest.mark.parametrize(
    ("words", "before"),
    [
        ("move shot 1 after shot 2", "s01-03"),
        ("move shot 4 before shot 2", "s01-02"),
        ("move shot 4 after shot 3", None),  # where it is
        ("move shot 1 to the beginning", "s01-02"),
    ],
)
def test_shot_goes_behind_all_of_another_that_is_in_several_clips(words: str, before: str | None) -> None:
    (edit,) = read_instructions(words, BOARD, SPLIT).edits
    assert edit["before"] == before
    moved = apply(SPLIT, read_operation(edit))
    order = {
        "move shot 1 after shot 2": [1, 1, 0, 2, 3], "move shot 4 before shot 2": [0, 3, 1, 1, 2],
    }.get(words, [0, 1, 1, 2, 3])  # fmt: skip
    assert [clip.shot for clip in moved.clips] == [BOARD.shots[i].id for i in order]


APART = CUT.model_copy(
    update={"clips": [*CUT.clips[:3], CUT.clips[1].model_copy(update={"frames": 48, "gain_db": -6.0}), CUT.clips[3]]}
)  # the second half of shot 2 is behind shot 3


@pytest.mark.parametrize(
    ("words", "frames"),
    [
        ("delete shot 2", {"s01-01": 72, "s01-03": 72, "s02-01": 72}),
        ("move shot 2 to the end", {"s01-01": 72, "s01-03": 72, "s02-01": 72, "s01-02": 72, "s01-02#2": 48}),
        ("move shot 2 to the beginning", {"s01-02": 72, "s01-02#2": 48, "s01-01": 72, "s01-03": 72, "s02-01": 72}),
        ("move shot 2 before shot 3", {"s01-01": 72, "s01-02": 72, "s01-02#2": 48, "s01-03": 72, "s02-01": 72}),
        ("move shot 2 after shot 3", {"s01-01": 72, "s01-03": 72, "s01-02": 72, "s01-02#2": 48, "s02-01": 72}),
        ("play shot 2 at double speed", {"s01-01": 72, "s01-02": 36, "s01-03": 72, "s01-02#2": 24, "s02-01": 72}),
        (
            "trim 1 s off the start of shot 2",
            {"s01-01": 72, "s01-02": 48, "s01-03": 72, "s01-02#2": 48, "s02-01": 72},
        ),
        ("trim 1 s off the end of shot 2", {"s01-01": 72, "s01-02": 72, "s01-03": 72, "s01-02#2": 24, "s02-01": 72}),
    ],
)
def test_what_is_asked_of_a_shot_is_done_to_all_clips_that_show_it(words: str, frames: dict[str, int]) -> None:
    cut = APART
    for edit in read_instructions(words, BOARD, APART).edits:
        cut = apply(cut, read_operation(edit))
    assert dict(zip(clip_names(cut.clips), [clip.frames for clip in cut.clips], strict=True)) == frames
    assert list(frames) == clip_names(cut.clips)


@pytest.mark.parametrize(("words", "gains"), [("mute shot 2", [-120, -120]), ("shot 2 louder by 1 dB", [-1, -5])])
def test_loudness_of_a_shot_is_changed_in_all_clips_that_show_it(words: str, gains: list[float]) -> None:
    edits = read_instructions(words, BOARD, APART).edits
    assert [(edit["clip"], edit["gain_db"]) for edit in edits] == [("s01-02", gains[0]), ("s01-02#2", gains[1])]


def test_shot_that_is_not_in_the_cut_is_no_place_to_go_to(project: Project) -> None:
    without = CUT.model_copy(update={"clips": CUT.clips[1:]})
    with pytest.raises(InvalidRequest, match="s01-01 is not in the cut: the clips are s01-02"):
        read_instructions("move shot 2 after s01-01", BOARD, without)
    with pytest.raises(InvalidRequest, match="there is no 'shot 0'"):
        read_instructions("delete shot 0", BOARD, CUT)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Shoot shot 2 again. Trim 99 seconds off the end of shot 1", "trim leaves"),
        ("make shot 2 500 seconds long. Shoot shot 1 again", "is too long here"),
    ],
)
def test_revision_that_is_refused_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    brief, at = tmp_path / "f.yaml", ["-p", str(tmp_path / "p")]
    brief.write_text("shots: [{prompt: waves, seconds: 1}, {prompt: a gull, seconds: 1}]")
    main(["make", str(brief), *at, "--size", "128x72", "--rate", "100"])
    before = sorted(path.name for path in (tmp_path / "p" / "films" / "f").rglob("*.json"))
    capsys.readouterr()
    assert main(["revise", words, *at]) == 2
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "p" / "films" / "f").rglob("*.json")) == before


@pytest.mark.parametrize(
    ("how", "at"),
    [
        ("killed", "the plan is written"),
        ("asked to stop", "the plan is written"),
        ("killed", "its edits are rendered"),
    ],
)
def test_revision_that_ends_midway_is_whole_or_not_there(
    project: Project, monkeypatch: pytest.MonkeyPatch, how: str, at: str
) -> None:
    brief = json.dumps({"shots": [{"prompt": f"{word} waves", "seconds": 1} for word in ("one", "two")]})
    run_film(FilmContext(Studio(project)), brief, film="f")
    film = project.film("f")
    room: Any = revising if at == "the plan is written" else render
    name = "add_storyboard" if room is revising else "render_cut"
    real = getattr(room, name)

    class Killed(BaseException):
        """Ends the process there."""

    def interrupted(*given: Any, **named: Any) -> Any:
        if how == "killed":
            raise Killed
        os.kill(os.getpid(), signal.SIGINT)
        return real(*given, **named)

    words = ["revise", "Shoot shot 1 again. Move shot 2 before shot 1.", "-p", str(project.root), "-q"]
    with monkeypatch.context() as patch:
        patch.setattr(room, name, interrupted)
        if how == "killed":
            with pytest.raises(Killed):
                main(words)
        else:
            assert main(words) == 130
    board, cut = film.storyboard(), film.cut()
    assert board is not None and cut is not None
    written = 1 if (how, at) == ("killed", "the plan is written") else 2
    assert (board.number, len(board.edits), cut.number) == (written, written - 1, 1)
    assert main(["resume", "-p", str(project.root), "-q"]) == 0
    cut = film.cut()
    assert cut is not None
    order = ["s01-02", "s01-01"] if written == 2 else ["s01-01", "s01-02"]
    assert ([clip.shot for clip in cut.clips], board.shots[0].variant) == (order, written - 1)


def test_edit_of_an_older_briefs_plan_does_not_hide_the_new_brief(project: Project) -> None:
    studio = Studio(project)
    film = open_film(studio, "A fox runs.", name="f")
    plan_storyboard(studio, film)
    path = film.folder / "storyboard.yaml"
    path.write_text(path.read_text() + "music: a slow piano\n")
    film = open_film(studio, "A fox runs. An owl sleeps.", name="f")
    board = plan_storyboard(studio, film)
    assert [number.number for number in film.storyboards()] == [1, 2, 3]
    assert board.brief == film.briefs()[-1].key
    assert any("owl" in shot.prompt for shot in board.shots)
    path.write_text(path.read_text() + "fade_out: 1\n")
    assert plan_storyboard(studio, film).number == 4, "an edit of the newest brief's plan stands"
