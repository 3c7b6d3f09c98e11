from collections.abc import Iterable

import pytest
from remembered import record, sha

from reelgraph.memory.conditioning import conditioning_for
from reelgraph.memory.records import ShotRecord
from reelgraph.video_tools.backends.base import Capabilities, Mode, check_request
from reelgraph.video_tools.film import Adapter, Bible, Character, Place, Reference, Shot, Style, TakeRequest

MARA = Character(
    id="mara", name="Mara", description="a woman in a yellow raincoat", references=[sha("mara 1"), sha("mara 2")]
)
TOMEK = Character(id="tomek", name="Tomek", description="a bearded man", references=[sha("tomek")])
SEA = Place(id="sea", name="Sea", description="grey waves", references=[sha("sea")])
BIBLE = Bible(characters=[MARA, TOMEK], places=[SEA])
SHOT = Shot(id="s01-05", prompt="They row", seconds=2, characters=["mara", "tomek"], place="sea")
TWIN = record(1, "They fish", "mara", "tomek", place="sea", seed=77, backend="local", model="wan")
OTHER = record(2, "She reads", "mara", place="kitchen", seed=78, backend="local", model="wan")
BEFORE = TakeRequest(backend="local", prompt="x", width=64, height=64, frames=9, rate="8")


def able(*modes: Mode, most: int = 0) -> Capabilities:
    return Capabilities(modes=frozenset({"text", *modes}), max_references=most)


def given(capabilities: Capabilities, shot: Shot = SHOT, recalled: Iterable[ShotRecord] = (TWIN, OTHER), **more):
    return conditioning_for(shot, BIBLE, list(recalled), capabilities, backend="local", model="wan", **more)


def test_reference_pictures_show_each_one_before_anybody_twice() -> None:
    got = given(able("reference", most=6))
    assert [(r.role, r.content) for r in got.references] == [
        ("reference", sha("mara 1")),
        ("reference", sha("tomek")),
        ("reference", TWIN.content),
        ("reference", OTHER.content),
        ("reference", sha("sea")),
        ("reference", sha("mara 2")),
    ]
    assert got.seed is None
    assert got.why[:2] == ["looks at Mara", "looks at Tomek"]


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_pictures_than_the_back_end_takes_and_the_rest_is_said(most: int) -> None:
    got = given(able("reference", most=most))
    assert len(got.references) == most
    assert got.why[-1] == f"{6 - most} more pictures than this back end takes are left out"


def test_pictures_that_a_shot_names_itself_are_lent_no_second_time_and_pushed_out_by_none() -> None:
    mine = [Reference(content=sha("mara 1"), role="reference"), Reference(content=sha("my frame"), role="first_frame")]
    shot = SHOT.model_copy(update={"references": mine})
    got = given(able("reference", most=3), shot)
    assert [(r.role, r.content) for r in got.references] == [("reference", sha("tomek")), ("reference", TWIN.content)]
    assert got.why == [
        "looks at Tomek",
        "looks at first s01-01",
        "3 more pictures than this back end takes are left out",
    ]
    assert given(able("reference", most=1), shot).references == []
    assert given(able("image"), shot).references == [], "it begins on its own frame"


def test_first_frame_is_a_past_shot_of_exactly_this_cast_and_place() -> None:
    got = given(able("image"))
    assert [(r.role, r.content) for r in got.references] == [("first_frame", TWIN.content)]
    assert got.why == ["begins as first s01-01 ended, with the same cast at the same place"]
    assert given(able("image"), recalled=[OTHER]).references == []
    nowhere = SHOT.model_copy(update={"place": ""})
    unplaced = given(able("image"), nowhere, [TWIN.model_copy(update={"place": ""})])
    assert (unplaced.references, unplaced.why) == ([], ["shares the seed of first s01-01"])


def test_back_end_that_takes_no_picture_shares_a_seed_of_the_same_model() -> None:
    got = given(able())
    assert (got.references, got.seed) == ([], 77)
    assert got.why == ["this back end takes no pictures; the bible's words must do", "shares the seed of first s01-01"]
    assert given(able(), recalled=[OTHER]).seed is None
    assert given(able(), recalled=[TWIN.model_copy(update={"model": "ltx"})]).seed is None
    assert given(able(), SHOT.model_copy(update={"seed": 5})).seed is None
    assert given(Capabilities(seeded=False)).seed is None
    drawn = given(Capabilities(panel=True))
    assert (drawn.references, drawn.seed, drawn.why) == ([], None, [])


def test_adapters_of_style_and_cast_are_said_where_the_back_end_has_them() -> None:
    bible = BIBLE.model_copy(
        update={
            "characters": [
                MARA.model_copy(update={"adapters": [Adapter(name="mara-v1"), Adapter(name="lost")]}),
                TOMEK,
            ],
            "style": Style(adapters=[Adapter(name="ink", scale=0.8)]),
        }
    )
    can = Capabilities(adapters=frozenset({"mara-v1", "ink"}))
    assert conditioning_for(SHOT, bible, [], can).why[-2:] == [
        "draws the style by the adapter ink",
        "draws Mara by the adapter mara-v1",
    ]


def test_a_shot_of_nobody_leans_on_no_twin() -> None:
    empty = SHOT.model_copy(update={"characters": [], "place": ""})
    assert given(able("image"), empty, [record(3, "waves")]).references == []


@pytest.mark.parametrize(
    "capabilities",
    [
        able(),
        able("image"),
        able("reference", most=2),
        able("image", "reference", most=9),
        able("video"),
        able("keyframes"),
    ],
)
def test_what_is_chosen_is_always_what_the_back_end_declared(capabilities: Capabilities) -> None:
    for shot in (SHOT, SHOT.model_copy(update={"continues": True})):
        got = given(capabilities, shot)
        check_request(capabilities, BEFORE.model_copy(update={"references": got.references}))
        assert got == given(capabilities, shot)
