"""Who is drawn in a panel: how many, how old, and whether a woman or a man."""

import pytest

from reelgraph.video_tools.film import Character, Panel, ShotSize
from reelgraph.video_tools.panels.figures import height, old, woman, young
from reelgraph.video_tools.panels.numbers import count_of
from reelgraph.video_tools.panels.postures import posture_of
from reelgraph.video_tools.panels.stage import Stage, build


def who(name: str, description: str = "", kind: str = "person") -> Character:
    return Character.model_validate({"id": "x", "name": name, "description": description, "kind": kind})


def stage(figure: Character, words: str, size: ShotSize = "wide") -> Stage:
    panel = Panel(shot="s01-01", size=size, camera="still", figures=[figure], place="meadow")
    return build(panel, words, (128, 72), 4.0, "seed")


@pytest.mark.parametrize(
    ("name", "kind", "words", "count"),
    [
        ("Two girls", "person", "", 2), ("Cows", "animal", "Eleven cows graze.", 5), ("Wolves", "animal", "", 3),
        ("Cows", "animal", "Two brown cows graze.", 2), ("Firefighters", "person", "", 3), ("3 dogs", "animal", "", 3),
        ("Geese", "animal", "", 3), ("Family", "person", "", 3), ("Balloons", "object", "Four balloons rise.", 4),
        ("A herd of elephants", "animal", "", 5), ("Boy", "person", "Two dogs and a boy.", 1),
        ("James", "person", "Two James.", 1), ("Mrs Rivers", "person", "", 1), ("Cow", "animal", "", 1),
        (" ", "person", "", 1),
    ],
)  # fmt: skip
def test_words_say_how_many_a_figure_is(name: str, kind: str, words: str, count: int) -> None:
    assert count_of(who(name, kind=kind), words) == count


@pytest.mark.parametrize("size", ["wide", "medium"])
def test_each_of_several_is_drawn_apart_and_the_others_behind(size: ShotSize) -> None:
    [wolves] = stage(who("Wolves", kind="animal"), "Three wolves wait.", size).figures
    shown = [wolves.layer, *wolves.others]
    assert len(shown) == 3 and len({round(layer.pivot[0]) for layer in shown}) == 3
    assert all(other.pivot[1] < wolves.layer.pivot[1] for other in wolves.others)
    assert all(other.pixels.shape[0] < wolves.layer.pixels.shape[0] for other in wolves.others)
    assert len(stage(who("Wolf", kind="animal"), "A wolf waits.", size).figures[0].others) == 0


def test_several_are_as_large_as_one_of_them() -> None:
    assert height(who("Two girls")) == height(who("Girl")) == 0.68
    assert height(who("Elephants", kind="animal")) == height(who("Elephant", kind="animal")) == 0.95
    assert height(who("Wolves", kind="animal")) == 0.5


@pytest.mark.parametrize(
    ("name", "description", "she"),
    [
        ("Jon", "Her brother", False), ("Inge", "two sisters", True), ("Two girls", "", True), ("Mrs Bo", "", True),
        ("Nora", "", True), ("Nora", "a man", False), ("Kim", "her sister, his aunt", True), ("Bo", "", False),
        ("Jo", "the brother of the queen", False), ("Bo", "his wife", True),
    ],
)  # fmt: skip
def test_words_or_the_name_say_who_is_a_woman(name: str, description: str, she: bool) -> None:
    assert woman(who(name, description)) == she


@pytest.mark.parametrize(
    ("description", "is_young", "is_old"),
    [
        ("6", True, False), ("14", True, False), ("15", False, False), ("60", False, True),
        ("her brother, 8", True, False),
        ("a keeper, 71, in a coat", False, True), ("a 10-year-old boy", True, False), ("10 years old", True, False),
        ("a woman, 40 years old", False, False), ("a boy", True, False), ("an old keeper", False, True),
        ("a man in an old coat", False, False), ("a man with 8 dogs", False, False),
    ],
)  # fmt: skip
def test_age_says_who_is_a_child_and_who_is_grey(description: str, is_young: bool, is_old: bool) -> None:
    figure = who("Kim", description)
    assert (young(figure), old(figure)) == (is_young, is_old)
    assert height(figure) == (0.68 if is_young else 1.0)


@pytest.mark.parametrize(
    ("name", "words", "posture"),
    [
        ("Mia", "Mia sits on a bench.", "seated"),
        ("Mia", "Mia and Tom sit at a table.", "seated"),
        ("Tom", "Mia and Tom sit at a table.", "seated"),
        ("Tom", "Mia sits on a bench and Tom walks by.", "striding"),
        ("Mia", "Mia walks by where Tom sits.", "striding"),
        ("Tom", "She sits on the grass.", "grounded"),
        ("Tom", "Tom kneels.", "grounded"),
        ("Tom", "Tom sits up.", "striding"),
        ("Tom", "Tom walks.", "striding"),
        ("Mia", "Mia runs through the sitting room.", "striding"),
        ("Mia", "A letter sits on the table. Mia walks past.", "striding"),
        ("Mia", "Mia walks to the house that sits on the hill.", "striding"),
        ("Mia", "On the hill sits a castle, and Mia runs to it.", "striding"),
        ("Mia", "Mia does not sit, she runs.", "striding"),
        ("Mia", "Mia walks past a seated statue.", "striding"),
        ("Mia", "Mia stands, the cup sits on the floor.", "striding"),
        ("Mia", "Beside Tom sits Mia.", "seated"),
        ("Tom", "Beside Tom sits Mia.", "striding"),
    ],
)
def test_words_say_who_sits(name: str, words: str, posture: str) -> None:
    assert posture_of(who(name), ["Mia", "Tom"], words, moves=True) == posture


def test_who_sits_is_lower_stays_there_and_keeps_the_head_in_a_near_picture() -> None:
    mia = who("Mia")
    [stands], [sits], [grounded] = (
        stage(mia, words).figures for words in ("Mia waits.", "Mia sits on a chair.", "Mia sits on the floor.")
    )
    assert (stands.feet, sits.feet, grounded.feet) == (90.0, 90.0, 90.0)
    assert [round(one.face - stands.face, 1) for one in (sits, grounded)] == [8.0, 17.2]  # of 40 units
    near = [stage(mia, words, "medium").figures[0].face for words in ("Mia waits.", "Mia sits on a chair.")]
    assert near[0] == pytest.approx(near[1])
    walker = Panel(shot="s01-01", size="wide", camera="still", figures=[mia], place="meadow")
    [seen] = build(walker, "Mia sits on the grass while dogs run by.", (128, 72), 4.0, "seed").figures
    assert seen.layer.sway is None or abs(seen.layer.sway(4.0)[0] - seen.layer.sway(0.0)[0]) < 1.0
