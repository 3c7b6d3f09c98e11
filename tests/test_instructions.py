"""What a person says is done to exactly what it names, or refused with nothing changed."""

from fractions import Fraction
from typing import Any

import pytest

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.editing.operations import read_operation
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.instructions import UNDERSTOOD, read_instructions
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

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
    import json

    from reelgraph.cli import main

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
