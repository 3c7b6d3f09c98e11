"""Edits: each makes the next cut and leaves the last alone, and any sequence keeps counts exact and frames true."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from editing_rig import Shelf, frame_number
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelgraph.video_tools.editing.compare import diff
from reelgraph.video_tools.editing.compare_page import rows_of, write_comparison
from reelgraph.video_tools.editing.media import decode, probe
from reelgraph.video_tools.editing.operations import Operation, apply, read_operation
from reelgraph.video_tools.editing.render import render_cut
from reelgraph.video_tools.editing.shown import source_frame
from reelgraph.video_tools.editing.slots import clip_names
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Caption, Clip, Cut, Inset, SoundClip, Title, Transition, overlap

KEY = "a" * 64
FADE = Transition(kind="crossfade", frames=6)


def four(**changes: object) -> Cut:
    clips = [Clip(shot=f"s01-0{i}", take=str(i) * 64, frames=48) for i in range(1, 5)]
    return Cut.model_validate({"number": 7, "width": 128, "height": 96, "rate": 24, "clips": clips, **changes})


def edit(cut: Cut, **data: object) -> Cut:
    return apply(cut, read_operation(data))


def test_edit_makes_the_next_cut_and_leaves_the_last_alone() -> None:
    cut = four()
    before = cut.model_dump_json()
    after = edit(cut, op="trim", clip="s01-02", head=6, tail=2)
    assert cut.model_dump_json() == before
    assert (after.number, after.parent) == (8, 7)
    assert (after.clips[1].in_frame, after.clips[1].frames, after.frames) == (6, 40, 184)
    assert diff(cut, after) == [
        "s01-02: trimmed by 6 frames at the head",
        "s01-02: trimmed by 2 frames at the tail",
        "film: 192 → 184 frames (-8)",
    ]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        ({"op": "split", "clip": "s01-02", "at": 20},
         ["s01-02#2 added after s01-02 (28 frames)", "s01-02: trimmed by 28 frames at the tail"]),
        ({"op": "move", "clip": "s01-04", "before": "s01-02"}, ["s01-04 moved to after s01-01"]),
        ({"op": "move", "clip": "s01-01"}, ["s01-01 moved to after s01-04"]),
        ({"op": "swap_take", "clip": "s01-03", "take": KEY}, ["s01-03: take 33333333 → aaaaaaaa"]),
        ({"op": "delete", "clip": "s01-01"}, ["s01-01 removed (48 frames)", "film: 192 → 144 frames (-48)"]),
        ({"op": "insert", "new": {"shot": "s02-01", "take": KEY, "frames": 12}, "before": "s01-03"},
         ["s02-01 added after s01-02 (12 frames)", "film: 192 → 204 frames (+12)"]),
        ({"op": "transition", "clip": "s01-02", "transition": {"kind": "crossfade", "frames": 12}},
         ["s01-02: joined by a cut → a crossfade of 12 frames", "film: 192 → 180 frames (-12)"]),
        ({"op": "transition", "clip": "s01-02", "transition": {"kind": "crossfade", "seconds": 0.5}},
         ["s01-02: joined by a cut → a crossfade of 12 frames", "film: 192 → 180 frames (-12)"]),
        ({"op": "transition", "clip": "s01-02", "transition": {"kind": "crossfade"}},
         ["s01-02: joined by a cut → a crossfade of 24 frames", "film: 192 → 168 frames (-24)"]),
        ({"op": "transition", "clip": "s01-01", "transition": {"kind": "dip_black", "frames": 8}},
         ["s01-01: joined by a cut → a dip to black of 8 frames"]),
        ({"op": "speed", "clip": "s01-02", "speed": 2},
         ["s01-02: speed 1 → 2", "s01-02: 48 → 24 frames", "film: 192 → 168 frames (-24)"]),
        ({"op": "speed", "clip": "s01-02", "speed": "-1"},
         ["s01-02: speed 1 → -1", "s01-02: begins at frame 0 → 47 of its take"]),
        ({"op": "speed", "clip": "s01-02", "speed": 0, "frames": 30},
         ["s01-02: speed 1 → 0", "s01-02: 48 → 30 frames", "film: 192 → 174 frames (-18)"]),
        ({"op": "volume", "clip": "s01-02", "gain_db": -6}, ["s01-02: volume +0 → -6 dB"]),
        ({"op": "effects", "clip": "s01-02", "effects": [{"name": "exposure", "arguments": {"stops": 1}}]},
         ["s01-02: effects none → exposure(stops=1)"]),
        ({"op": "titles", "titles": [{"start": 24, "frames": 48, "text": "THE LAMP"}]},
         ["title “THE LAMP” added at 00:00:01:00 for 48 frames"]),
        ({"op": "captions", "captions": [{"start": 0, "frames": 24, "text": "Who is\nthere?"}], "burn": True},
         ["captions in the picture: no → yes", "caption “Who is there?” added at 00:00:00:00 for 24 frames"]),
        ({"op": "insets", "insets": [{"take": KEY, "start": 0, "frames": 5}]},
         ["inset aaaaaaaa added at 00:00:00:00 for 5 frames"]),
        ({"op": "sounds", "sounds": [{"take": KEY, "start": 0, "frames": 192}]},
         ["sound music aaaaaaaa added at 00:00:00:00 for 192 frames"]),
        ({"op": "loudness", "loudness": -14}, ["loudness: as mixed → -14.0"]),
        ({"op": "replace", "clip": "s01-02", "new": {"shot": "s01-02", "take": KEY, "frames": 48, "label": "x"}},
         ["s01-02: take 22222222 → aaaaaaaa", "s01-02: label '' → 'x'"]),
    ],
)  # fmt: skip
def test_edit_says_what_it_did_in_editors_words(data: dict[str, object], lines: list[str]) -> None:
    cut = four()
    assert diff(cut, edit(cut, **data)) == lines
    assert diff(cut, cut) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"op": "trim", "clip": "s01-09"}, "no clip 's01-09': there are s01-01, s01-02"),
        ({"op": "trim", "clip": "s01-02", "head": 48}, "leaves 0 frames of s01-02, which has 48"),
        ({"op": "trim", "clip": "s01-02", "head": -1}, "begins 0 frames into its take"),
        ({"op": "split", "clip": "s01-02", "at": 48}, "split it at 1 to 47"),
        ({"op": "move", "clip": "s01-02", "before": "s01-02"}, "before itself"),
        ({"op": "transition", "clip": "s01-01", "transition": {"kind": "push", "frames": 5}}, "is the first clip"),
        ({"op": "transition", "clip": "s01-02", "transition": {"kind": "push", "frames": 49}},
         "s01-01 has 48 frames and its transitions take 49"),
        ({"op": "speed", "clip": "s01-02", "speed": "fast"}, "not an edit: speed"),
        ({"op": "speed", "clip": "s01-02", "speed": 0, "frames": 10**12},
         "not an edit: speed.frames is 1000000000000: it must be at most 1000000$"),
        ({"op": "insert", "new": {"shot": "s02-01", "take": KEY, "frames": 10**12}}, "it must be at most 1000000$"),
        ({"op": "trim", "clip": "s01-02", "tail": -(10**12)},
         "^s01-02 cannot be so: frames is 1000000000048: it must be at most 1000000$"),
        ({"op": "insert", "new": {"shot": "s02-01", "take": KEY, "frames": 900_000}},
         "^the film would last 37508 s, and at most 36000 s are rendered: shorten it; its longest clip, s02-01, has "
         "900000 frames$"),
        ({"op": "volume", "clip": "s01-02", "gain_db": float("nan")}, "not an edit"),
        ({"op": "paint"}, "not an edit"),
        ({"op": "trim", "clip": "s01-02", "heads": 3}, "heads"),
        (
            {"op": "captions", "captions": [{"start": 150, "frames": 500, "text": "Late"}]},
            "the caption 'Late' is shown in frames 150 to 650 of a film of 192: end it at 192",
        ),
    ],
)  # fmt: skip
def test_impossible_edit_is_refused(data: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        edit(four(), **data)


def test_speed_that_makes_a_clip_longer_than_any_can_be_is_refused() -> None:
    clips = [Clip(shot="s01-01", take=KEY, frames=2000)]
    with pytest.raises(InvalidRequest, match=r"^s01-01 cannot be so: frames is 1999001: it must be at most 1000000$"):
        edit(four(clips=clips), op="speed", clip="s01-01", speed="1/1000")


@pytest.mark.parametrize("speed", ["1", "-1"])
def test_freeze_holds_the_first_picture_and_can_be_undone(speed: str) -> None:
    cut = edit(four(), op="speed", clip="s01-02", speed=speed)
    frozen = edit(cut, op="speed", clip="s01-02", speed=0)
    first = 0 if speed == "1" else 47
    assert (frozen.clips[1].in_frame, frozen.clips[1].speed, frozen.clips[1].frames) == (first, 0, 48)
    assert edit(frozen, op="speed", clip="s01-02", speed=speed).clips == cut.clips
    longer = edit(frozen, op="speed", clip="s01-02", speed=0, frames=60)
    assert edit(longer, op="speed", clip="s01-02", speed=speed, frames=48).clips == cut.clips


def test_edit_past_the_take_is_refused_where_takes_are_known(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    take = shelf.add("a", 48)
    cut = Cut(number=1, width=128, height=96, rate=Fraction(24), clips=[Clip(shot="s01-01", take=take.key, frames=40)])
    assert apply(cut, read_operation({"op": "trim", "clip": "s01-01", "tail": -8}), shelf).frames == 48
    with pytest.raises(InvalidRequest, match="s01-01 shows frames 0 to 48 of a take that has 48"):
        apply(cut, read_operation({"op": "trim", "clip": "s01-01", "tail": -9}), shelf)


def test_volume_of_a_silent_clip_is_refused(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    keys = [shelf.add("silent", 24).key, shelf.add("heard", 24, tone=300).key]
    clips = [Clip(shot=f"s01-0{i}", take=key, frames=24) for i, key in enumerate(keys, 1)]
    cut = Cut(number=1, width=128, height=96, rate=Fraction(24), clips=clips)
    louder = read_operation({"op": "volume", "clip": "s01-02", "gain_db": 6})
    assert apply(cut, louder, shelf).clips[1].gain_db == 6
    with pytest.raises(InvalidRequest, match="s01-01 has no sound: there is nothing to make louder or softer"):
        apply(cut, read_operation({"op": "volume", "clip": "s01-01", "gain_db": -120}), shelf)


def test_what_lies_over_a_clip_moves_with_it_and_music_stays() -> None:
    cut = four(
        captions=[Caption(start=50, frames=20, text="two"), Caption(start=100, frames=10, text="three")],
        titles=[Title(start=148, frames=20, text="four", fade=4)],
        insets=[Inset(take=KEY, start=10, frames=10)],
        sounds=[
            SoundClip(take=KEY, start=0, frames=192),
            SoundClip(role="narration", take="b" * 64, start=96, frames=30),
        ],
    )
    gone = edit(cut, op="delete", clip="s01-02")
    assert [(c.text, c.start) for c in gone.captions] == [("three", 52)]
    assert [t.start for t in gone.titles] == [100] and [i.start for i in gone.insets] == [10]
    assert [(s.role, s.start, s.frames) for s in gone.sounds] == [("music", 0, 144), ("narration", 48, 30)]
    assert "caption “two” removed (was at 00:00:02:02)" in diff(cut, gone)
    assert not any("three" in line or "four" in line for line in diff(cut, gone))

    moved = edit(cut, op="move", clip="s01-03", before="s01-01")
    assert [(c.text, c.start) for c in moved.captions] == [("three", 4), ("two", 98)]
    trimmed = edit(cut, op="trim", clip="s01-02", head=10)
    assert [(c.text, c.start, c.frames) for c in trimmed.captions] == [("two", 48, 12), ("three", 90, 10)]
    faster = edit(cut, op="speed", clip="s01-02", speed=2)
    assert [(c.text, c.start, c.frames) for c in faster.captions] == [("two", 49, 10), ("three", 76, 10)]
    halves = edit(cut, op="split", clip="s01-02", at=12)
    assert halves.captions == cut.captions and clip_names(halves.clips)[1:3] == ["s01-02", "s01-02#2"]


LONG = {
    "titles": [Title(start=0, frames=190, text="DRAFT")],
    "insets": [Inset(take=KEY, start=0, frames=96, in_frame=5)],
    "sounds": [
        SoundClip(role="narration", take="b" * 64, start=0, frames=180),
        SoundClip(role="effect", take="c" * 64, start=0, frames=60),
    ],
}


@pytest.mark.parametrize(
    ("data", "title", "inset", "narration", "effect"),
    [
        # start, frames and (of a take) in_frame; the clip where all of them begin is made faster, shorter, …
        ({"op": "speed", "clip": "s01-01", "speed": 2}, (0, 166), (0, 72, 5), (0, 168, 0), (0, 60, 0)),
        ({"op": "speed", "clip": "s01-01", "speed": "1/2"}, (0, 237), (0, 96, 5), (0, 180, 0), (0, 60, 0)),
        ({"op": "trim", "clip": "s01-01", "head": 24}, (0, 166), (0, 72, 29), (0, 168, 0), (0, 36, 24)),
        ({"op": "trim", "clip": "s01-01", "tail": 24}, (0, 166), (0, 72, 5), (0, 168, 0), (0, 60, 0)),
        ({"op": "split", "clip": "s01-01", "at": 20}, (0, 190), (0, 96, 5), (0, 180, 0), (0, 60, 0)),
        ({"op": "delete", "clip": "s01-01"}, (0, 142), (0, 48, 53), (0, 132, 48), (0, 12, 48)),
        ({"op": "move", "clip": "s01-01"}, (0, 190), (0, 96, 5), (0, 180, 0), (144, 48, 0)),
        ({"op": "delete", "clip": "s01-03"}, (0, 142), (0, 96, 5), (0, 144, 0), (0, 60, 0)),
        ({"op": "insert", "new": {"shot": "s09-01", "take": KEY, "frames": 100}, "before": "s01-02"},
         (0, 190), (0, 96, 5), (0, 180, 0), (0, 60, 0)),
        ({"op": "insert", "new": {"shot": "s09-01", "take": KEY, "frames": 100}, "before": "s01-01"},
         (100, 190), (100, 96, 5), (100, 180, 0), (100, 60, 0)),
        ({"op": "transition", "clip": "s01-02", "transition": FADE.model_dump()},
         (0, 184), (0, 90, 5), (0, 180, 0), (0, 60, 0)),
    ],
)  # fmt: skip
def test_what_lies_over_several_clips_stays_over_what_is_left_of_them(
    data: dict[str, object],
    title: tuple[int, int],
    inset: tuple[int, int, int],
    narration: tuple[int, int, int],
    effect: tuple[int, int, int],
) -> None:
    after = edit(four(**LONG), **data)
    assert [(t.start, t.frames) for t in after.titles] == [title]
    assert [(i.start, i.frames, i.in_frame) for i in after.insets] == [inset]
    assert [(s.start, s.frames, s.in_frame) for s in after.sounds] == [narration, effect]


@pytest.mark.parametrize(
    ("clip", "before", "caption", "title", "narration", "inset"),
    [
        # the first three part clip 1 from clip 2: what lay mostly over it goes along, without what lay over clip 2
        ("s01-01", None, (144, 48), (144, 48), (144, 48, 0), (184, 8, 5)),
        ("s01-01", "s01-04", (96, 48), (96, 48), (96, 50, 0), (136, 8, 5)),
        ("s01-02", "s01-01", (48, 48), (48, 48), (48, 50, 0), (88, 8, 5)),
        ("s01-02", None, (0, 49), (0, 71), (0, 50, 0), (40, 12, 5)),
        ("s01-04", "s01-01", (48, 49), (48, 71), (48, 50, 0), (88, 12, 5)),
    ],
)
def test_what_runs_a_little_over_its_clip_goes_with_it(
    clip: str,
    before: str | None,
    caption: tuple[int, int],
    title: tuple[int, int],
    narration: tuple[int, int, int],
    inset: tuple[int, int, int],
) -> None:
    cut = four(
        captions=[Caption(start=0, frames=49, text="one")],
        titles=[Title(start=0, frames=71, text="one")],
        sounds=[SoundClip(role="narration", take=KEY, start=0, frames=50)],
        insets=[Inset(take=KEY, start=40, frames=12, in_frame=5)],
    )
    after = edit(cut, op="move", clip=clip, before=before)
    assert [(c.start, c.frames) for c in after.captions] == [caption]
    assert [(t.start, t.frames) for t in after.titles] == [title]
    assert [(s.start, s.frames, s.in_frame) for s in after.sounds] == [narration]
    assert [(i.start, i.frames, i.in_frame) for i in after.insets] == [inset]


def test_narration_that_begins_over_frames_that_are_cut_off_is_said_whole() -> None:
    voice = SoundClip(role="narration", take=KEY, start=40, frames=100)
    after = edit(four(sounds=[voice]), op="trim", clip="s01-01", tail=12)
    assert after.sounds == [voice.model_copy(update={"start": 36})]


def test_captions_of_a_narration_keep_to_its_words() -> None:
    said = [Caption(start=0, frames=40, text="Once upon a time"), Caption(start=100, frames=30, text="a lamp")]
    cut = edit(
        four(captions=[Caption(start=110, frames=10, text="three")]),
        op="narrate", take=KEY, start=10, frames=150, captions=[c.model_dump() for c in said],
    )  # fmt: skip

    def shown(after: Cut) -> list[tuple[str, int, int]]:
        (voice,) = after.sounds  # where its words are heard, and the captions beside it
        return [(c.text, c.start - voice.start + voice.in_frame, c.frames) for c in after.captions]

    whole = [("Once upon a time", 0, 40), ("three", 100, 10), ("a lamp", 100, 30)]
    assert shown(cut) == whole
    trimmed = edit(cut, op="trim", clip="s01-01", head=24)
    assert (trimmed.sounds[0].start, trimmed.sounds[0].frames) == (0, 150)
    assert shown(trimmed) == [whole[0], ("three", 86, 10), whole[2]]
    assert shown(edit(cut, op="speed", clip="s01-03", speed=2)) == [whole[0], ("three", 93, 5), whole[2]]
    assert shown(edit(cut, op="move", clip="s01-01")) == [whole[0], ("three", 52, 10), whole[2]]
    assert shown(edit(cut, op="delete", clip="s01-01")) == [("Once upon a time", 38, 2), *whole[1:]]
    assert shown(edit(cut, op="trim", clip="s01-03", head=47)) == [whole[0], whole[2]]
    unsaid = edit(edit(cut, op="sounds", sounds=[]), op="delete", clip="s01-01")
    assert [(c.text, c.start, c.frames) for c in unsaid.captions] == [("three", 62, 10), ("a lamp", 62, 30)]


def test_end_of_what_is_said_and_played_comes_back_with_the_length_of_the_film() -> None:
    said = [Caption(start=0, frames=40, text="Once upon a time"), Caption(start=60, frames=30, text="a lamp")]
    music = SoundClip(take="b" * 64, start=0, frames=192, fade_out=10)
    cut = edit(four(sounds=[music]), op="narrate", take=KEY, start=100, frames=90, captions=said)

    def heard(of: Cut) -> list[tuple[str, int, int]]:
        told = [(s.role, s.start, s.frames) for s in of.sounds]
        return [*told, *((c.text, c.start, c.frames) for c in of.captions)]

    once = ("Once upon a time", 100, 40)
    shorter = edit(cut, op="trim", clip="s01-04", tail=20)
    assert heard(shorter) == [("music", 0, 172), ("narration", 100, 72), once, ("a lamp", 160, 12)]
    shortest = edit(shorter, op="trim", clip="s01-04", tail=14)
    assert heard(shortest) == [("music", 0, 158), ("narration", 100, 58), once]
    assert heard(edit(shortest, op="trim", clip="s01-04", tail=-4)) == [
        ("music", 0, 162), ("narration", 100, 62), once, ("a lamp", 160, 2),
    ]  # fmt: skip
    back = edit(shortest, op="trim", clip="s01-04", tail=-34)
    assert diff(cut, back) == [] and (back.sounds, back.captions) == (cut.sounds, cut.captions)
    assert "held" not in "".join(diff(cut, shortest)) and any("for 90 →" in line for line in diff(cut, shortest))
    mine = edit(edit(shortest, op="captions", captions=[]), op="trim", clip="s01-04", tail=-34)
    assert (mine.sounds, mine.captions) == (cut.sounds, []), "whoever sets the captions sets all of them"


def test_difference_says_how_what_lies_over_clips_has_changed() -> None:
    caption = Caption(start=10, frames=20, text="Again")
    cut = four(
        captions=[caption, caption],
        titles=[Title(start=0, frames=40, text="DRAFT", fade=12)],
        insets=[Inset(take=KEY, start=0, frames=40)],
        sounds=[SoundClip(role="effect", take="b" * 64, start=0, frames=40, fade_in=10, fade_out=30)],
    )
    once = cut.model_copy(update={"captions": [caption]})
    assert diff(cut, once) == ["caption “Again” removed (was at 00:00:00:10)"]
    assert diff(cut, edit(cut, op="trim", clip="s01-01", head=20)) == [
        "s01-01: trimmed by 20 frames at the head",
        *["caption “Again”: 00:00:00:10 for 20 → 00:00:00:00 for 10 frames"] * 2,
        "title “DRAFT”: 00:00:00:00 for 40 → 00:00:00:00 for 20 frames; fades for 12 → 10 frames",
        "inset aaaaaaaa: 00:00:00:00 for 40 → 00:00:00:00 for 20 frames; begins at frame 0 → 20 of its take",
        "sound effect bbbbbbbb: 00:00:00:00 for 40 → 00:00:00:00 for 20 frames; begins at frame 0 → 20 of its take; "
        "fades out for 30 → 20 frames",
        "film: 192 → 172 frames (-20)",
    ]


def test_many_captions_do_not_make_the_timeline_be_reckoned_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    reckoned: list[str] = []

    def counted(name: str, reckon: Callable[[Cut], object]) -> property:
        return property(lambda cut: (reckoned.append(name), reckon(cut))[1])

    for name in ("starts", "frames"):
        monkeypatch.setattr(Cut, name, counted(name, getattr(Cut, name).fget))
    counts = []
    for count in (1, 90):
        cut = four(captions=[Caption(start=2 * i, frames=1, text=f"{i}") for i in range(count)])
        after = edit(cut, op="trim", clip="s01-01", tail=1)
        assert len(after.captions) == count
        assert diff(cut, after) == ["s01-01: trimmed by 1 frame at the tail", "film: 192 → 191 frames (-1)"]
        counts.append(Counter(reckoned))
        reckoned.clear()
    assert counts[0] == counts[1]


@pytest.mark.parametrize("speed", ["2", "1/2", "-1", "-2", "1"])
def test_captions_of_an_arranged_clip_follow_it_at_its_speed(speed: str) -> None:
    captions = [Caption(start=60, frames=8, text="two"), Caption(start=100, frames=10, text="three")]
    cut = edit(four(captions=captions), op="speed", clip="s01-02", speed=speed, frames=40)
    trimmed = edit(cut, op="trim", clip="s01-02", head=4)
    arranged = edit(cut, op="arrange", clips=[clip.model_dump(mode="json") for clip in trimmed.clips])
    assert arranged.clips == trimmed.clips and arranged.captions == trimmed.captions
    faster = edit(cut, op="speed", clip="s01-02", speed=str(Fraction(speed) * 2))
    arranged = edit(cut, op="arrange", clips=[clip.model_dump(mode="json") for clip in faster.clips])
    assert arranged.clips == faster.clips and arranged.captions == faster.captions


def test_clip_that_was_cut_apart_elsewhere_keeps_what_lay_over_it_and_fades_once() -> None:
    fades = [{"name": "fade_in", "arguments": {"frames": 6}}, {"name": "fade_out", "arguments": {"frames": 12}}]
    captions = [Caption(start=58, frames=8, text="earlier"), Caption(start=80, frames=10, text="later")]
    cut = edit(four(captions=captions), op="effects", clip="s01-02", effects=fades)
    one, two, three, last = cut.clips
    head = two.model_copy(update={"frames": 30})
    tail = two.model_copy(update={"frames": 18, "in_frame": 30})

    def arranged(*clips: Clip) -> Cut:
        return edit(cut, op="arrange", clips=[clip.model_dump(mode="json") for clip in clips])

    apart = arranged(one, head, tail, three, last)
    assert apart.captions == captions
    assert [[e.name for e in clip.effects] for clip in apart.clips[1:3]] == [["fade_in"], ["fade_out"]]
    turned = arranged(tail, one, head, three, last)
    assert [(c.text, c.start, c.frames) for c in turned.captions] == [("later", 2, 10), ("earlier", 76, 8)]
    assert [[e.name for e in clip.effects] for clip in turned.clips] == [["fade_out"], [], ["fade_in"], [], []]
    twice = arranged(one, two, two, three, last)  # what lay over it is said once
    assert twice.captions == captions and twice.clips == [one, two, two, three, last]
    again = edit(apart, op="arrange", clips=[clip.model_dump(mode="json") for clip in apart.clips])
    assert (again.clips, again.captions) == (apart.clips, apart.captions)
    late = two.model_copy(update={"frames": 8, "in_frame": 40})
    with pytest.raises(InvalidRequest, match="s01-02 is cut apart, and the fade_out of 12 frames cannot be divided"):
        arranged(one, head, late, three, last)


def test_first_clip_left_without_one_before_it_is_joined_by_a_cut_and_said_so() -> None:
    cut = edit(four(), op="transition", clip="s01-02", transition=FADE.model_dump())
    after = edit(cut, op="delete", clip="s01-01")
    assert after.clips[0].transition == Transition()
    assert "s01-02: joined by a crossfade of 6 frames → a cut" in diff(cut, after)


def test_page_shows_both_cuts_and_no_text_is_markup(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    takes = [shelf.add(f"t{i}", 24) for i in range(3)]
    clips = [Clip(shot=f"s01-0{i}", take=t.key, frames=24) for i, t in enumerate(takes, 1)]
    clips.append(Clip(shot="s01-04", take=None, frames=12, label="<script>alert(1)</script>"))
    cut = Cut(number=1, width=128, height=96, rate=Fraction(24), clips=clips)
    after = edit(edit(cut, op="trim", clip="s01-02", head=6), op="delete", clip="s01-03")
    after = edit(after, op="titles", titles=[{"start": 0, "frames": 12, "text": "<b>Don't</b>"}])
    assert [row.status for row in rows_of(cut, after, shelf)] == ["same", "changed", "removed", "same"]
    write_comparison(cut, after, shelf, tmp_path / "diff.html", title="A & B")
    page = (tmp_path / "diff.html").read_text()
    assert page.count("<img ") == 7 and "<script" not in page and "<b>Don" not in page
    assert "A &amp; B" in page and "trimmed by 6 frames at the head" in page and "http" not in page


# --- any sequence of edits -------------------------------------------------------------------------------------------

LENGTHS = {str(i) * 64: 30 + 7 * i for i in range(1, 5)}


def edits_of(cut: Cut) -> st.SearchStrategy[Operation]:
    names = clip_names(cut.clips)
    clip = st.sampled_from(names)
    few = st.integers(-4, 12)
    speeds = st.sampled_from(["2", "1/2", "-1", "3/2", "1", "0"])
    moves = st.fixed_dictionaries(
        {"kind": st.sampled_from(["crossfade", "dip_black", "dip_white", "wipe", "push"]), "frames": st.integers(1, 15)}
    )
    new = st.fixed_dictionaries(
        {"shot": st.just("s09-01"), "take": st.sampled_from([*LENGTHS, None]), "frames": st.integers(1, 30)}
    )
    forms: list[dict[str, st.SearchStrategy[object]]] = [
        {"op": st.just("trim"), "clip": clip, "head": few, "tail": few},
        {"op": st.just("split"), "clip": clip, "at": st.integers(1, 40)},
        {"op": st.just("move"), "clip": clip, "before": st.sampled_from([*names, None])},
        {"op": st.just("delete"), "clip": clip},
        {"op": st.just("insert"), "new": new, "before": st.sampled_from([*names, None])},
        {
            "op": st.just("swap_take"),
            "clip": clip,
            "take": st.sampled_from(list(LENGTHS)),
            "in_frame": st.integers(0, 9),
        },
        {"op": st.just("transition"), "clip": clip, "transition": moves},
        {"op": st.just("speed"), "clip": clip, "speed": speeds},
        {"op": st.just("replace"), "clip": clip, "new": new},
        {"op": st.just("volume"), "clip": clip, "gain_db": st.sampled_from([-120, -6, 3])},
        {"op": st.just("arrange"), "clips": st.permutations([c.model_dump(mode="json") for c in cut.clips])},
    ]
    return st.one_of([st.fixed_dictionaries(form) for form in forms]).map(read_operation)


def legal(cut: Cut) -> bool:
    for clip in cut.clips:
        ends = [source_frame(clip.in_frame, clip.speed, at) for at in (0, clip.frames - 1)]
        if clip.take and (min(ends) < 0 or max(ends) >= LENGTHS[clip.take]):
            return False
    return cut.frames <= 400


def edited(data: st.DataObject, steps: int) -> Cut:
    clips = [Clip(shot=f"s01-0{t[0]}", take=t, frames=n) for t, n in LENGTHS.items()]
    cut = four(clips=clips, captions=[Caption(start=s, frames=20, text=f"at {s}") for s in range(0, 160, 30)])
    for _ in range(steps):
        operation = data.draw(edits_of(cut))
        try:
            after = apply(cut, operation)
        except InvalidRequest:
            continue
        if legal(after):
            assert (after.number, after.parent) == (cut.number + 1, cut.number)
            assert after.frames == sum(c.frames for c in after.clips) - sum(overlap(c.transition) for c in after.clips)
            assert after.starts[0] == 0 and after.starts[-1] + after.clips[-1].frames == after.frames
            assert all(c.start + c.frames <= after.frames for c in after.captions)
            assert {c.text for c in after.captions} <= {c.text for c in cut.captions}
            assert Cut.model_validate_json(after.model_dump_json()) == after
            assert bool(diff(cut, after)) == (
                after.model_dump(exclude={"number", "parent"}) != cut.model_dump(exclude={"number", "parent"})
            )
            cut = after
    return cut


@settings(max_examples=60, derandomize=True)
@given(data=st.data())
def test_any_sequence_of_edits_keeps_counts_exact(data: st.DataObject) -> None:
    edited(data, 12)


def check_film(shelf: Shelf, keys: dict[str, str], cut: Cut, folder: Path) -> None:
    """Render, and compare every frame that is one clip's alone with what the timeline says it is."""
    real = cut.model_copy(update={"clips": [c.model_copy(update={"take": keys.get(c.take or "")}) for c in cut.clips]})
    render_cut(real, shelf, folder / "render", folder / "film.mp4")
    shown = [frame_number(f) for f in decode(folder / "film.mp4")]
    assert len(shown) == cut.frames == probe(folder / "film.mp4").frames
    for i, (clip, start) in enumerate(zip(cut.clips, cut.starts, strict=True)):
        after = cut.clips[i + 1].transition if i + 1 < len(cut.clips) else Transition()
        for at in range(clip.transition.frames, clip.frames - after.frames):
            if clip.take:
                assert shown[start + at] == source_frame(clip.in_frame, clip.speed, at)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shelf, dict[str, str]]:
    shelf = Shelf(tmp_path_factory.mktemp("takes"))
    return shelf, {name: shelf.add(name[0], frames).key for name, frames in LENGTHS.items()}


@settings(max_examples=12, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_sequence_of_edits_renders_what_the_timeline_says(
    data: st.DataObject, shelf: tuple[Shelf, dict[str, str]], tmp_path: Path
) -> None:
    check_film(*shelf, edited(data, 6), tmp_path)


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_sequence_of_edits_renders_what_the_timeline_says_at_length(
    data: st.DataObject, shelf: tuple[Shelf, dict[str, str]], tmp_path: Path
) -> None:
    check_film(*shelf, edited(data, 12), tmp_path)
