"""What is asked of a film is what is seen of it, also where a person has edited its cut and its plan goes on."""

import json
from typing import Any

import pytest

from reelgraph.cli import main
from reelgraph.video_tools.cutting import edited
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, Shot
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.foreseen import foreseen_cut
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.revising import revise
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import add_storyboard, open_film, plan_storyboard

BRIEF = json.dumps({"shots": [{"prompt": word, "seconds": 2} for word in ("waves", "a gull", "a boat", "a kite")]})


@pytest.fixture
def studio(project: Project) -> Studio:
    """A studio with a film of four shots of two seconds, of 8 frames a second, cut of slates and not rendered."""
    studio = Studio(Project.open(project.root, size=(128, 72), rate="8"), backend=Rehearsal())
    film = open_film(studio, BRIEF, name="f")
    film.add(foreseen_cut(studio, film, plan_storyboard(studio, film), None))
    return studio


def of(studio: Studio) -> Film:
    return studio.project.film("f")


def planned(studio: Studio) -> dict[str, float]:
    board = of(studio).storyboard()
    assert board is not None
    return {shot.id: shot.seconds for shot in board.shots}


def seen(studio: Studio) -> dict[str, int]:
    """Count the frames of each shot in the film that is cut next, in the order in which they are seen."""
    board = of(studio).storyboard()
    assert board is not None
    frames: dict[str, int] = {}
    for clip in foreseen_cut(studio, of(studio), board, of(studio).cut()).clips:
        frames[clip.shot] = frames.get(clip.shot, 0) + clip.frames
    return frames


def newest(studio: Studio) -> Cut:
    cut = of(studio).cut()
    assert cut is not None
    return cut


def test_shots_are_counted_as_the_film_shows_them_now_and_once_it_is_planned_anew(studio: Studio) -> None:
    revise(studio, of(studio), "Move shot 3 before shot 1. Delete shot 4.")
    assert [clip.shot for clip in newest(studio).clips] == ["s01-03", "s01-01", "s01-02"]
    revise(studio, of(studio), "make the first shot 3 seconds long")
    assert planned(studio) == {"s01-01": 2, "s01-02": 2, "s01-03": 3, "s01-04": 2}
    for words in ("shoot shot 4 again", "shot 4: rain", "s01-04 longer by 1 s"):
        with pytest.raises(InvalidRequest, match=r"s01-04 is not in the cut|there is no 'shot 4'"):
            revise(studio, of(studio), words)
    revise(studio, of(studio), "make the first shot longer by 1 second")  # of a plan that is not cut yet
    assert planned(studio)["s01-03"] == 4 and newest(studio).number == 2
    revise(studio, of(studio), "move shot 3 to the beginning")
    assert seen(studio) == {"s01-02": 16, "s01-03": 32, "s01-01": 16}
    assert main(["resume", "-p", str(studio.project.root), "-q"]) == 0
    assert [(clip.shot, clip.frames) for clip in newest(studio).clips] == list(seen(studio).items())


def test_shot_that_was_planned_since_the_film_was_cut_is_counted_where_it_will_be_seen(studio: Studio) -> None:
    of(studio).add(edited(studio, of(studio), [{"op": "delete", "clip": "s01-01"}]))
    board = of(studio).storyboard()
    assert board is not None
    new = Shot(id="s01-05", prompt="rain", seconds=2)
    shots = [*board.shots[:2], new, *board.shots[2:]]
    scene = board.scenes[0].model_copy(update={"shots": shots})
    add_storyboard(studio, of(studio), board.model_copy(update={"scenes": [scene]}))
    revise(studio, of(studio), "make shot 2 3 seconds long")
    assert planned(studio)["s01-05"] == 3
    revise(studio, of(studio), "move shot 2 to the end")
    assert list(seen(studio)) == ["s01-02", "s01-03", "s01-04", "s01-05"]


TRIM = {"op": "trim", "clip": "s01-01", "tail": 6}


@pytest.mark.parametrize(
    ("edits", "words", "frames", "seconds"),
    [
        ([TRIM], "make shot 1 1 second long", 8, 1.75),
        ([TRIM], "shot 1: 3 s", 24, 3.75),
        ([TRIM], "make shot 1 longer by 1 second", 18, 3.0),
        ([TRIM], "make shot 1 shorter by 0.5 s", 6, 1.5),
        ([TRIM], "Make shot 1 1 s long. Make shot 1 longer by 1 s.", 16, 2.75),
        ([TRIM], "Make shot 1 1 s long. Trim 0.25 s off the start of shot 1.", 6, 1.75),
        ([TRIM], "Trim 0.25 s off the start of shot 1. Make shot 1 1 s long.", 8, 2.0),
        ([{**TRIM, "tail": 12}], "make shot 1 1 second long", 8, 2.5),
        ([{"op": "speed", "clip": "s01-01", "speed": "2"}], "make shot 1 2 seconds long", 16, 4.0),
        ([{"op": "speed", "clip": "s01-01", "speed": "1/2"}], "make shot 1 longer by 1 second", 39, 2.5),
        (
            [{"op": "split", "clip": "s01-01", "at": 4}, {"op": "delete", "clip": "s01-01"}],
            "make shot 1 2 seconds long",
            16,
            2.5,
        ),
        ([{**TRIM, "clip": "s01-02"}], "make shot 1 1.05 seconds long", 8, 1.05),
    ],
)
def test_length_that_is_asked_for_is_seen_whatever_edits_take_off(
    studio: Studio, edits: list[dict[str, Any]], words: str, frames: int, seconds: float
) -> None:
    of(studio).add(edited(studio, of(studio), edits))
    revise(studio, of(studio), words)
    assert (seen(studio)["s01-01"], planned(studio)["s01-01"]) == (frames, seconds)


def test_length_that_edits_hold_is_refused(studio: Studio) -> None:
    clips = [clip.model_dump(mode="json") for clip in newest(studio).clips]
    of(studio).add(edited(studio, of(studio), [{"op": "arrange", "clips": clips}]))
    with pytest.raises(InvalidRequest, match="s01-01 cannot be seen for 1 s: an edit of the cut holds it at 2 s"):
        revise(studio, of(studio), "make shot 1 1 second long")
    assert len(of(studio).storyboards()) == 1
