import pytest

from reelgraph.graphs.remedies import REMEDIES, TABLE, Remedy, mend, remedy_for
from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.checks.base import load_checks
from reelgraph.video_tools.film import Note, TakeRequest

ALL = Capabilities(modes=frozenset({"text", "image", "reference"}), max_references=2)


def note(check: str, first: int | None = None) -> Note:
    return Note(id="n", check=check, shot="s01-01", message="wrong", first_frame=first, last_frame=first)


def chain(check: str, can: Capabilities, first: int | None = 3) -> list[Remedy]:
    tried: list[Remedy] = []
    while remedy := remedy_for(note(check, first), [r.name for r in tried], can):
        tried.append(remedy)
    return tried


@pytest.mark.parametrize("check", sorted(TABLE))
def test_remedies_go_from_edit_to_reshoot_to_plan_and_end(check: str) -> None:
    names = [r.name for r in chain(check, ALL)]
    kinds = [["edit", "reshoot", "plan"].index(r.kind) for r in chain(check, ALL)]
    assert kinds == sorted(kinds)
    assert sorted(names) == sorted(set(TABLE[check]))


def test_every_row_names_remedies_that_exist_and_every_check_has_a_row() -> None:
    assert {name for row in TABLE.values() for name in row} == set(REMEDIES)
    assert {check.name for check in load_checks()} <= {name.split(".")[0] for name in TABLE}


def test_remedies_that_the_back_end_cannot_do_are_left_out() -> None:
    assert "last_frame" not in [r.name for r in chain("joint", Capabilities())]
    assert "reference" not in [r.name for r in chain("palette", Capabilities(modes=frozenset({"reference"})))]
    assert [r.name for r in chain("frozen", Capabilities(animatic=True))] == [
        "trim",
        "other_take",
        "new_seed",
        "shorter",
    ]


def test_trim_needs_a_place() -> None:
    assert "trim" not in [r.name for r in chain("black", ALL, first=None)]


def test_what_worked_before_comes_first_among_its_kind() -> None:
    tried = ["trim", "other_take"]
    first = remedy_for(note("frozen", 1), tried, ALL, worked={"frozen": ["rephrase", "shorter"]})
    assert first is not None
    assert first.name == "rephrase"


def test_a_check_without_a_row_is_shot_again() -> None:
    assert [r.name for r in chain("my_plugin", ALL)] == ["new_seed", "rephrase"]


def test_mend_changes_one_thing() -> None:
    asked = TakeRequest(
        backend="b", prompt="a hill", width=64, height=64, frames=8, rate="8", seed=5, steps=10, guidance=4.0
    )
    seeds = {mend(asked, REMEDIES["new_seed"], note("black"), again=n).seed for n in range(3)}  # type: ignore[union-attr]
    assert len(seeds | {5}) == 4
    unseeded = asked.model_copy(update={"seed": None})
    assert mend(unseeded, REMEDIES["new_seed"], note("black"), again=0) == unseeded.model_copy(update={"variant": 1})
    assert mend(asked, REMEDIES["more_steps"], note("black"), again=0) == asked.model_copy(update={"steps": 15})
    assert mend(asked, REMEDIES["stronger_guidance"], note("black"), again=0) == asked.model_copy(
        update={"guidance": 5.2}
    )
    said = mend(asked, REMEDIES["rephrase"], note("adherence.red ball"), again=0)
    assert said == asked.model_copy(update={"prompt": "red ball. a hill"})
    turned = mend(asked, REMEDIES["rephrase"], note("camera.pan_left"), again=0)
    assert turned is not None
    assert turned.prompt == "pan left. a hill"


def test_mend_says_when_it_changes_nothing() -> None:
    asked = TakeRequest(
        backend="b", prompt="sharp focus. a hill", negative_prompt="blurry", width=64, height=64, frames=8, rate="8"
    )
    assert mend(asked, REMEDIES["rephrase"], note("blur"), again=0) is None
    assert mend(asked, REMEDIES["more_steps"], note("blur"), again=0) is None
    assert mend(asked, REMEDIES["reference"], note("palette"), again=0) is None
