"""A chat model turns a note into changes, and can write nothing that the grammar does not read."""

from fractions import Fraction

import pytest

from reelgraph.video_tools.errors import PermanentFailure
from reelgraph.video_tools.film import Clip, Cut, Scene, Shot, Storyboard
from reelgraph.video_tools.planning.noting import read_note
from reelgraph.video_tools.scripted import ScriptedModel

BOARD = Storyboard(
    scenes=[Scene(id="s01", shots=[Shot(id=f"s01-{n:02d}", prompt=f"shot number {n}", seconds=3) for n in (1, 2, 3)])]
)
CUT = Cut(
    number=1, width=64, height=48, rate=Fraction(24),
    clips=[Clip(shot=shot.id, take="0" * 64, frames=72) for shot in BOARD.shots],
)  # fmt: skip
NOTE = "It drags in the middle, and the ending should come first."


def test_a_note_becomes_changes_of_the_shots_it_means() -> None:
    chat_model = ScriptedModel(
        ['{"instructions": ["make shot 2 shorter by 1 second", "move shot 3 to the beginning"]}']
    )
    revision, instructions = read_note(NOTE, BOARD, CUT, chat_model)
    assert [(shot.id, shot.seconds) for shot in revision.shots] == [("s01-02", 2.0)]
    assert revision.edits == [{"op": "move", "clip": "s01-03", "before": "s01-01"}]
    assert instructions == ["make shot 2 shorter by 1 second", "move shot 3 to the beginning"]
    question = chat_model.heard[0][-1].text
    assert NOTE in question and "2. s01-02, 3 s: shot number 2" in question


@pytest.mark.parametrize(
    ("instruction", "fault"),
    [("delete shot 9", "there is no 'shot 9'"), ("delete every file", "'delete every file' is not understood")],
)
def test_what_the_grammar_does_not_read_is_asked_for_again(instruction: str, fault: str) -> None:
    wrong = f'{{"instructions": ["{instruction}"]}}'
    chat_model = ScriptedModel([wrong, '{"instructions": ["delete shot 3"]}'])
    revision, _ = read_note(NOTE, BOARD, CUT, chat_model)
    assert revision.edits == [{"op": "delete", "clip": "s01-03"}]
    assert fault in chat_model.heard[1][-1].text
    with pytest.raises(PermanentFailure, match="no usable changes"):
        read_note(NOTE, BOARD, CUT, ScriptedModel([wrong] * 3))
