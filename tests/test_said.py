"""What follows `shot 2:` is done with shot 2 where it is an instruction, and is never filmed by mistake."""

from fractions import Fraction
from typing import Any

import pytest

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.instructions import read_instructions
from reelgraph.video_tools.planning.noting import read_note
from reelgraph.video_tools.scripted import ScriptedModel

BOARD = Storyboard(
    scenes=[Scene(id="s01", shots=[Shot(id=f"s01-{n:02d}", prompt=f"shot number {n}", seconds=3) for n in (1, 2, 3)])]
)
CUT = Cut(
    number=1, width=64, height=48, rate=Fraction(24),
    clips=[Clip(shot=shot.id, take="0" * 64, frames=72) for shot in BOARD.shots],
)  # fmt: skip
MOVED = CUT.model_copy(  # the third shot is seen first, and the second no more
    update={"clips": [CUT.clips[2], CUT.clips[0]]}
)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("shot 2: 4 seconds", 4.0),
        ("Shot 2: 4 s long.", 4.0),
        ("shot 2: longer by 1 second", 4.0),
        ("s01-02: make it shorter by 0.5 s", 2.5),
        ("the second shot : lasts 2 seconds", 2.0),
    ],
)
def test_length_behind_a_shots_name_is_its_length(words: str, seconds: float) -> None:
    revision = read_instructions(words, BOARD, CUT)
    assert revision.shots == [BOARD.shots[1].model_copy(update={"seconds": seconds})]
    assert (revision.edits, revision.again) == ([], [])


@pytest.mark.parametrize(
    ("words", "edit"),
    [
        ("shot 2: delete", {"op": "delete", "clip": "s01-02"}),
        ("shot 2: mute it", {"op": "volume", "clip": "s01-02", "gain_db": -120.0}),
        ("shot 2: louder by 2 dB", {"op": "volume", "clip": "s01-02", "gain_db": 2.0}),
        ("shot 2: move to the end", {"op": "move", "clip": "s01-02", "before": None}),
        ("shot 2: before shot 1", {"op": "move", "clip": "s01-02", "before": "s01-01"}),
        ("shot 2: trim 0.5 seconds off the end", {"op": "trim", "clip": "s01-02", "tail": 12}),
        ("shot 2: at half speed", {"op": "speed", "clip": "s01-02", "speed": "1/2"}),
        ("shot 2: hard cut", {"op": "transition", "clip": "s01-02", "transition": {"kind": "cut", "frames": 0}}),
    ],
)
def test_edit_behind_a_shots_name_is_done_to_it(words: str, edit: dict[str, Any]) -> None:
    revision = read_instructions(words, BOARD, CUT)
    assert (revision.edits, revision.shots, revision.again) == ([edit], [], [])


def test_shot_is_shot_again_where_that_follows_its_name() -> None:
    for words in ("shot 2: again", "shot 2: shoot it again", "shot 2: do again"):
        assert read_instructions(words, BOARD, CUT).again == ["s01-02"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("shot 2: make it warmer; delete shot 3", "'make it warmer' reads like an instruction about shot 2"),
        ("shot 2: delete shot 3", "'delete shot 3' reads like an instruction about shot 2"),
        ("shot 2: Longer and slower", "reads like an instruction about shot 2"),
        ("shot 2: 3 seconds of rain", "write such as 'make shot 2 3 seconds long', or begin with what it shows"),
        ("shot 2: a fox, and delete shot 3", "put 'and delete shot 3' and what follows into a sentence of its own"),
        ("shot 2: a fox runs;delete shot 3", "put 'delete shot 3' and what follows"),
        ("shot 2: shot 3: a fox runs", "put 'shot 3:' and what follows"),
    ],
)
def test_what_reads_like_an_instruction_is_not_filmed(words: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_instructions(words, BOARD, CUT)
    assert said in str(caught.value) and "nothing was changed" in str(caught.value)


@pytest.mark.parametrize(
    "prompt",
    [
        "a fox crosses the road; it is late",
        "make-up is put on a clown",
        "moved by the wind, a flag",
        "a crew films: it rains, and they go on",
        "two people run and play at the shore of a lake, and a dog that belongs to one of them runs behind them",
    ],
)
def test_what_is_seen_is_what_the_shot_shows(prompt: str) -> None:
    revision = read_instructions(f"shot 2: {prompt}", BOARD, CUT)
    assert [(shot.id, shot.prompt) for shot in revision.shots] == [("s01-02", prompt)]
    assert (revision.edits, revision.again, revision.lengths) == ([], [], {})


def test_instructions_in_lower_case_are_sentences_of_their_own() -> None:
    revision = read_instructions(
        "shot 1: a fox runs; shot 2: an owl sleeps. mute shot 3; make the last shot 4 s long. hard cut into shot 2",
        BOARD,
        CUT,
    )
    shots = [(shot.id, shot.prompt, shot.seconds) for shot in revision.shots]
    assert shots == [("s01-01", "a fox runs", 3), ("s01-02", "an owl sleeps", 3), ("s01-03", "shot number 3", 4)]
    assert [(edit["op"], edit["clip"]) for edit in revision.edits] == [("volume", "s01-03"), ("transition", "s01-02")]


@pytest.mark.parametrize(
    ("words", "shot"),
    [
        ("make the first shot 2 seconds long", "s01-03"),
        ("make shot 2 longer by 1 second", "s01-01"),
        ("shoot the last shot again", "s01-01"),
        ("shot 1: a fox runs", "s01-03"),
        ("delete shot 2", "s01-01"),
    ],
)
def test_shots_are_counted_as_the_film_shows_them(words: str, shot: str) -> None:
    revision = read_instructions(words, BOARD, MOVED)
    assert [*(one.id for one in revision.shots), *revision.again, *(e["clip"] for e in revision.edits)] == [shot]


@pytest.mark.parametrize(
    "words",
    ["make s01-02 2 s long", "s01-02 longer by 1 s", "shoot s01-02 again", "s01-02: a fox runs", "mute s01-02"],
)
def test_shot_that_no_clip_shows_is_not_made_for_nobody_to_see(words: str) -> None:
    with pytest.raises(InvalidRequest, match="s01-02 is not in the cut: the clips are s01-03, s01-01"):
        read_instructions(words, BOARD, MOVED)
    with pytest.raises(InvalidRequest, match="there is no 'shot 3': the shots are s01-03, s01-01"):
        read_instructions(words.replace("s01-02", "shot 3"), BOARD, MOVED)


def test_clip_that_is_in_no_plan_is_edited_and_not_planned() -> None:
    cut = MOVED.model_copy(update={"clips": [Clip(shot="s09-01", take="1" * 64, frames=24), *MOVED.clips]})
    assert read_instructions("delete shot 1", BOARD, cut).edits == [{"op": "delete", "clip": "s09-01"}]
    with pytest.raises(InvalidRequest, match="s09-01 was put into the cut, and no plan says what it shows"):
        read_instructions("make shot 1 2 seconds long", BOARD, cut)


def test_model_that_reads_a_note_counts_shots_as_the_film_shows_them() -> None:
    chat_model = ScriptedModel(['{"instructions": ["make shot 1 longer by 1 second"]}'])
    revision, _ = read_note("The boat is too short.", BOARD, MOVED, chat_model)
    assert [(shot.id, shot.seconds) for shot in revision.shots] == [("s01-03", 4.0)]
    asked = chat_model.heard[0][-1].text
    assert "1. s01-03, 3 s: shot number 3\n2. s01-01, 3 s: shot number 1\n" in asked and "s01-02" not in asked
