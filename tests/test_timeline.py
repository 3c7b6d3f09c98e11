"""The first cut of a storyboard: planned lengths, nothing silently shortened."""

from fractions import Fraction
from pathlib import Path

import pytest
from editing_rig import Shelf
from pydantic import ValidationError

from reelgraph.video_tools.editing.timeline import check_cut, check_transitions, first_cut
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Brief, Clip, Cut, Effect, Inset, Line, Scene, Shot, Storyboard, Transition
from reelgraph.video_tools.planning.offline import plan_offline


def test_first_cut_has_planned_lengths_slates_and_captions(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    long, short = shelf.add("long", 49, rate=16), shelf.add("short", 20)
    still = shelf.add("title", 1, still=True)
    fade = Transition(kind="crossfade", frames=6)
    shots = [
        Shot(id="s01-01", prompt="a", seconds=1, transition=fade),
        Shot(id="s01-02", prompt="b", seconds=3, transition=fade, lines=[Line(text="Hello.")]),
        Shot(id="s01-03", prompt="c", seconds=1),
        Shot(id="s01-04", prompt="d", seconds=1.5),
    ]
    board = Storyboard(number=4, scenes=[Scene(id="s01", shots=shots)])
    cut = first_cut(
        board,
        {"s01-01": still, "s01-02": long, "s01-03": short, "s01-04": None},
        width=128,
        height=96,
        rate=Fraction(24),
        labels={"s01-04": "the budget ended"},
    )
    assert [(c.shot, c.frames) for c in cut.clips] == [("s01-01", 24), ("s01-02", 72), ("s01-03", 20), ("s01-04", 36)]
    assert [c.take for c in cut.clips] == [still.key, long.key, short.key, None]
    assert cut.clips[0].transition == Transition() and cut.clips[1].transition == fade
    assert cut.clips[2].label == "planned 24 frames, the take has 20"
    assert cut.clips[3].label == "the budget ended"
    assert (cut.storyboard, cut.frames) == (4, 24 + 72 - 6 + 20 + 36)
    assert [c.text for c in cut.captions] == ["Hello."] and 18 <= cut.captions[0].start < 90
    check_cut(cut, shelf)


def test_what_stands_still_is_not_held_for_longer_than_any_clip(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    take = shelf.add("title", 1, still=True).key
    clips = [Clip(shot="s01-01", take=key, frames=8, in_frame=10**12) for key in (take, None)]
    for clip in clips:
        with pytest.raises(InvalidRequest, match="of what stands still, which has at most 1000000: begin at 999999"):
            check_cut(Cut(number=1, width=128, height=96, rate=Fraction(24), clips=[clip]), shelf)
    cut = Cut(number=1, width=128, height=96, rate=Fraction(24), clips=[clips[0].model_copy(update={"in_frame": 0})])
    check_cut(cut, shelf)
    inset = Inset(take=take, start=0, frames=8, in_frame=10**12)
    with pytest.raises(InvalidRequest, match="an inset shows 8 frames from 1000000000000 of a take that has 1000000"):
        check_cut(cut.model_copy(update={"insets": [inset]}), shelf)


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001), Fraction(25)])
def test_first_cut_lengths_follow_the_rate(rate: Fraction) -> None:
    shots = [Shot(id=f"s01-{i:02d}", prompt="a", seconds=2.5) for i in range(1, 5)]
    cut = first_cut(Storyboard(scenes=[Scene(id="s01", shots=shots)]), {}, width=64, height=64, rate=rate)
    assert {c.frames for c in cut.clips} == {int(Fraction(5, 2) * rate + Fraction(1, 2))}


def test_a_film_that_fades_out_dims_the_end_of_its_last_clip_and_no_more_than_there_is() -> None:
    shots = [Shot(id="s01-01", prompt="a", seconds=2), Shot(id="s01-02", prompt="b", seconds=0.5)]
    board = Storyboard(scenes=[Scene(id="s01", shots=shots)], fade_out=1)
    cut = first_cut(board, {}, width=64, height=64, rate=Fraction(24))
    assert [clip.effects for clip in cut.clips] == [[], [Effect(name="fade_out", arguments={"frames": 12})]]


def test_transition_of_a_plan_lasts_as_long_as_it_says_or_as_is_usual() -> None:
    said: list[dict[str, object]] = [
        {"kind": "cut"}, {"kind": "crossfade"}, {"kind": "push"}, {"kind": "wipe", "frames": 7},
        {"kind": "dip_black", "seconds": 0.25}, {"kind": "dip_white", "seconds": 0.001},
    ]  # fmt: skip
    assert [Transition.model_validate(one).at(Fraction(24)).frames for one in said] == [0, 24, 12, 7, 6, 1]
    for wrong in ({"kind": "cut", "frames": 3}, {"kind": "push", "frames": 3, "seconds": 1}):
        with pytest.raises(ValidationError, match="leave"):
            Transition.model_validate(wrong)


def test_a_dissolve_of_a_brief_lasts_its_second_at_any_rate() -> None:
    script = "INT. ROOM - DAY\n\nA cat sleeps.\n\nDISSOLVE TO:\n\nINT. ROOM - NIGHT\n\nA dog sleeps.\n"
    board = plan_offline(Brief(text=script, form="fountain"))
    for rate in (8, 24, 60):
        cut = first_cut(board, {}, width=64, height=64, rate=Fraction(rate))
        assert cut.clips[1].transition == Transition(kind="crossfade", frames=rate)


@pytest.mark.parametrize(
    ("lengths", "kinds", "fitted"),
    [
        # a second between two dissolves of a second: half of it each
        ([48, 24, 48], ["crossfade", "crossfade"], [12, 12]),
        # no more than does not fit
        ([48, 30, 48], ["crossfade", "crossfade"], [15, 15]),
        ([48, 40, 48], ["crossfade", "wipe"], [20, 20]),
        ([48, 10, 48], ["crossfade", "crossfade"], [5, 5]),
        ([10, 48], ["crossfade"], [10]),
        ([48, 10], ["dip_black"], [20]),
        # a picture of one frame has room for none
        ([48, 1, 48], ["crossfade", "crossfade"], [0, 1]),
        ([48, 48, 48], ["crossfade", "dip_white"], [24, 24]),
    ],
)
def test_transitions_are_fitted_to_the_clips_that_they_join(
    tmp_path: Path, lengths: list[int], kinds: list[str], fitted: list[int]
) -> None:
    shelf = Shelf(tmp_path)
    shots = [
        Shot(
            id=f"s01-{i:02d}", prompt="a", seconds=frames / 24,
            transition=Transition.model_validate({"kind": kinds[i - 1], "seconds": 1}) if i else Transition(),
        )
        for i, frames in enumerate(lengths)
    ]  # fmt: skip
    board = Storyboard(scenes=[Scene(id="s01", shots=shots)])
    chosen = {shot.id: shelf.add(shot.id, frames) for shot, frames in zip(shots, lengths, strict=True)}
    cut = first_cut(board, chosen, width=128, height=96, rate=Fraction(24))
    check_cut(cut, shelf)
    assert [clip.transition.frames for clip in cut.clips[1:]] == fitted
    for clip, kind, frames in zip(cut.clips[1:], kinds, fitted, strict=True):
        said = f"its {kind} of 24 frames takes the {frames} that its clips have"
        assert clip.label == ("" if frames == 24 else said)
        assert clip.transition.kind == (kind if frames else "cut")


def test_every_pair_of_lengths_and_transitions_makes_a_cut_that_can_be() -> None:
    kinds = ["cut", "crossfade", "dip_black", "push"]
    for first, second, third in ((a, b, c) for a in (1, 2, 7) for b in (1, 2, 3, 8, 24) for c in (1, 5)):
        for one, two, three in ((a, b, c) for a in kinds for b in kinds for c in kinds):
            shots = [
                Shot(
                    id=f"s01-0{n}", prompt="a", seconds=frames / 24,
                    transition=Transition.model_validate({"kind": kind, "frames": 0 if kind == "cut" else 9}),
                )
                for n, (frames, kind) in enumerate(((first, one), (second, two), (third, three)), 1)
            ]  # fmt: skip
            board = Storyboard(scenes=[Scene(id="s01", shots=shots)])
            check_transitions(first_cut(board, {}, width=64, height=64, rate=Fraction(24)))
