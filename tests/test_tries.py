"""Tries of a shot: which of them a film goes back to in the end."""

from dataclasses import replace
from pathlib import Path

import pytest

from reelgraph.graphs.remedies import REMEDIES, Around, mend
from reelgraph.graphs.revision import best_so_far, reshoot
from reelgraph.video_tools import take_actions
from reelgraph.video_tools.backends.base import Capabilities, FrameRule
from reelgraph.video_tools.film import Note, Review, Storyboard
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Fault, Rehearsal
from reelgraph.video_tools.shooting import shoot_shots, wanted_takes
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.tools import add_storyboard, open_film, plan_storyboard

FILM = "shots: [{prompt: waves, seconds: 4}, {prompt: a gull, seconds: 1}]"


def planned(studio: Studio) -> tuple[Film, Storyboard]:
    film = open_film(studio, FILM, name="f")
    board = plan_storyboard(studio, film)
    shot(studio, film, board)
    return film, board


def shot(studio: Studio, film: Film, board: Storyboard) -> None:
    list(shoot_shots(studio, film, board, [shot.id for shot in board.shots]))


def mended(studio: Studio, film: Film, board: Storyboard, check: str, remedy: str) -> Storyboard:
    """Mend the first shot, and shoot what comes of it."""
    request = wanted_takes(studio, film, board)[0].request
    note = Note(id="n", check=check, shot="s01-01", message="wrong")
    around = Around(taken=[shot.id for shot in board.shots])
    shots = mend(board.shots[0], request, REMEDIES[remedy], note, around)
    (scene,) = board.scenes
    scenes = [scene.model_copy(update={"shots": [*shots, *scene.shots[1:]]})]
    new = board.model_copy(update={"number": board.number + 1, "scenes": scenes})
    shot(studio, film, add_storyboard(studio, film, new))
    return new


@pytest.mark.parametrize(
    ("faults", "best"),
    [
        (["none", "black", "none"], [("s01-01", 4.0), ("s01-02", 1.0)]),
        (["none", "none", "black"], [("s01-01", 4.0), ("s01-02", 1.0)]),
        (["black", "none", "none"], None),
        (["black", "black", "none"], None),
    ],
)
def test_split_shot_is_one_again_where_the_whole_had_fewer_faults(
    project: Project, faults: list[Fault], best: list[tuple[str, float]] | None
) -> None:
    studio = Studio(project, backend=Rehearsal(faults={"waves": faults}))
    film, board = planned(studio)
    board = mended(studio, film, board, "cut", "split")
    assert [shot.id for shot in board.shots] == ["s01-01", "s01-01b", "s01-02"]
    back = best_so_far(studio, film, board)
    assert (back and [(shot.id, shot.seconds) for shot in back.shots]) == best
    if back:
        assert back.shots[0].why[-1] == "went back to the best take so far"
        assert best_so_far(studio, film, add_storyboard(studio, film, back.model_copy(update={"number": 3}))) is None


def test_each_half_of_a_split_shot_goes_back_to_its_own_best_try(project: Project) -> None:
    studio = Studio(project, backend=Rehearsal(faults={"waves": ["black", "none", "none", "black"]}))
    film, board = planned(studio)
    split = mended(studio, film, board, "cut", "split")
    again = mended(studio, film, split, "frozen", "new_seed")
    back = best_so_far(studio, film, again)
    assert back is not None
    assert [shot.seed for shot in back.shots] == [shot.seed for shot in split.shots]
    assert [shot.why[-1] == "went back to the best take so far" for shot in back.shots if shot.why] == [True, False]


def test_shot_is_split_twice_and_no_two_have_one_id(project: Project) -> None:
    studio = Studio(project, backend=Rehearsal())
    film, board = planned(studio)
    board = mended(studio, film, board, "jump", "split")
    board = mended(studio, film, board, "light", "split")
    assert [(s.id, s.seconds) for s in board.shots] == [
        ("s01-01", 1.0), ("s01-01c", 1.0), ("s01-01b", 2.0), ("s01-02", 1.0),
    ]  # fmt: skip
    assert mend(board.shots[0].model_copy(update={"seconds": 9}), wanted_takes(studio, film, board)[0].request,
                REMEDIES["split"], Note(id="n", check="cut", shot="s01-01", message="wrong"),
                Around(taken=[f"s01-01{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"])) == []  # fmt: skip


class Short(Rehearsal):
    """Makes at most two seconds by now."""

    def capabilities(self) -> Capabilities:
        return Capabilities(frames=FrameRule(most=16))


def test_plan_that_its_back_end_can_make_no_longer_is_no_try_to_go_back_to(tmp_path: Path) -> None:
    project = Project.open(tmp_path / "p", size=(128, 72), rate="8", memory=False)
    studio = Studio(project, backend=Rehearsal(faults={"waves": ["black"]}))
    film, board = planned(studio)
    board = mended(studio, film, board, "cut", "split")
    now = Studio(project, backend=Short())
    assert best_so_far(now, film, board) is None
    assert "s01-01 of f: 2 takes." in take_actions.compare_takes(now, shot="s01-01", film="f").text


class Clips(Rehearsal):
    """Takes pictures, in as many steps and with as much guidance as a video model usually does."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), modes=frozenset({"text", "image"}), steps=50, guidance=5.0)


class Painter(Rehearsal):
    """Makes stills with fewer steps, none of which passes."""

    name = "painter"

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), modes=frozenset({"text", "still"}), steps=28, guidance=3.5)


def test_still_of_another_back_end_is_mended_without_a_change_to_the_film_s_own_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter = Painter(faults={"waves": ["black"] * 9})
    monkeypatch.setattr("reelgraph.video_tools.studio.open_backend", lambda name, settings: painter)
    project = Project.open(
        tmp_path / "p", create=True, size=(64, 48), rate="8", memory=False, ladder=["still"],
        backend_by_kind={"still": "painter"},
    )  # fmt: skip
    studio = Studio(project, backend=Clips())
    film = open_film(studio, "shots: [{prompt: waves, seconds: 1, steps: 40}]", name="f")
    board: Storyboard | None = plan_storyboard(studio, film)
    why = {"check": "blur", "shot": "s01-01", "message": "blurred", "blocking": True}
    review, boards = Review(number=1, cut=1, notes=[Note(id="n", **why)]), []
    while board is not None:
        shot(studio, film, board)
        (still,) = wanted_takes(studio, film, board)
        assert (still.request.rung, still.request.steps) == ("still", None)
        assert [(above.rung, above.steps, above.guidance) for above in still.above] == [("final", 40, None)]
        boards.append(board)
        new = reshoot(studio, film, board, review)
        board = new and add_storyboard(studio, film, new.model_copy(update={"number": board.number + 1}))
    assert [board.shots[0].tried for board in boards] == [[], ["blur:new_seed"], ["blur:new_seed", "blur:rephrase"]]
