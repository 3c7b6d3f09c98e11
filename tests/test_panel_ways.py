"""Who goes somewhere in a panel goes the way that the words say, and is seen to, whatever the camera does."""

from fractions import Fraction

import numpy as np
import pytest

from reelgraph.video_tools.film import CameraMove, Character, Panel, ShotSize, TakeRequest
from reelgraph.video_tools.panels.camera import pose
from reelgraph.video_tools.panels.film import PanelDrawing
from reelgraph.video_tools.panels.stage import Stage, build, span_of
from reelgraph.video_tools.panels.ways import moving, side_of

TOM = Character(id="tom", name="Tom", description="a boy", palette=["#c23b8c"])
CAT = Character(id="cat", name="Cat", description="a cat", palette=["#8a3ad4"], kind="animal")
BALL = Character(id="ball", name="Ball", description="a ball", palette=["#d2362c"], kind="object")
HOUSE = Character(id="house", name="House", description="a house", palette=["#d2362c"], kind="object")
SECONDS = 4.0


def stage(words: str, figures: list[Character], size: ShotSize = "wide", camera: CameraMove = "still") -> Stage:
    panel = Panel(shot="s01-01", size=size, camera=camera, figures=figures, place="meadow")
    return build(panel, words, (128, 50), SECONDS, "seed")


def ways(words: str, figures: list[Character], size: ShotSize = "wide", camera: CameraMove = "still") -> list[float]:
    """Return how far each figure goes to the right in the picture, in units."""
    set_up = stage(words, figures, size, camera)
    places = [
        [
            span_of(f, set_up, pose(camera, "eye", t, SECONDS, set_up.width, set_up.subject), t)[0]
            for t in (0.0, SECONDS)
        ]
        for f in set_up.figures
    ]
    return [end - begin for begin, end in places]


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("Tom walks to the left along the beach.", -1),
        ("Tom rolls in from the left.", 1),
        ("Tom goes from right to left.", -1),
        ("Tom runs leftwards.", -1),
        ("Tom walked off right.", 1),
        ("Tom looks to the left.", -1),
        ("Tom runs right at her.", 0),
        ("Tom stands to the left of the house.", 0),
        ("Tom left the house.", 0),
        ("Mia runs to the left, and Tom walks to the right.", 1),
    ],
)
def test_words_say_to_which_side_somebody_goes(words: str, side: int) -> None:
    assert side_of("Tom", words) == side


@pytest.mark.parametrize(
    ("words", "goes"),
    [
        ("Tom trots home.", True), ("Tom ran home.", True), ("A running man.", True), ("He comes from the left.", True),
        ("They went for a walk.", False), ("The race is over.", False), ("Tom hopes.", False), ("Tom is rid of", False),
        ("Tom crosses his arms.", False), ("Tom comes home.", False),
    ],
)  # fmt: skip
def test_words_say_whether_somebody_goes(words: str, goes: bool) -> None:
    assert moving(words) == goes


@pytest.mark.parametrize("size", ["extreme_wide", "wide", "medium", "close"])
@pytest.mark.parametrize("camera", ["still", "truck_left", "pan_right"])
@pytest.mark.parametrize(("words", "side"), [("It runs to the left.", -1), ("It comes from the left.", 1)])
@pytest.mark.parametrize("figure", [TOM, BALL], ids=lambda f: f.id)
def test_who_goes_is_seen_to_go_their_way(
    figure: Character, words: str, side: int, camera: CameraMove, size: ShotSize
) -> None:
    [way] = ways(words, [figure], size, camera)
    assert side * way > 15


def test_without_a_side_the_camera_says_it_and_all_go_alike() -> None:
    both = "Tom and the cat run along the platform."
    assert all(way > 15 for way in ways(both, [TOM, CAT]))
    assert all(way < -15 for way in ways(both, [TOM, CAT], camera="truck_left"))


def test_one_who_chases_runs_behind() -> None:
    for words, behind in (("Tom chases the cat.", -1), ("Tom chases the cat to the left.", 1)):
        tom, cat = stage(words, [TOM, CAT]).figures
        assert behind * (tom.x - cat.x) > 10


def test_house_stays_where_somebody_walks_past_it() -> None:
    tom, house = ways("Tom walks past the house.", [TOM, HOUSE])
    assert tom > 20 and house == 0


@pytest.mark.parametrize("side", [-1, 1])
def test_ball_rolls_as_it_goes(side: int) -> None:
    words = "The ball rolls to the left." if side < 0 else "The ball rolls to the right."
    ball = stage(words, [BALL], "medium").figures[0].layer
    assert ball.sway is not None
    (x0, _, turn0), (x1, _, turn1) = ball.sway(0.0), ball.sway(SECONDS)
    assert np.sign(x1 - x0) == np.sign(turn1 - turn0) == side


def test_figure_is_in_the_middle_of_its_way_at_half_of_the_take() -> None:
    request = TakeRequest(
        backend="animatic", prompt="Tom runs to the left.", width=256, height=144, frames=5, rate=Fraction(1), seed=1
    )
    panel = Panel(shot="s01-01", size="medium", camera="truck_left", figures=[TOM], place="meadow")
    drawn = PanelDrawing(request, panel)
    coat = [np.abs(drawn.frame(n).astype(int) - (0xC2, 0x3B, 0x8C)).max(axis=2) <= 6 for n in (0, 2, 4)]
    first, middle, last = (float(np.nonzero(seen)[1].mean()) for seen in coat)
    assert first - middle == pytest.approx(middle - last, abs=2) and middle - last > 10
