"""Timelines out and back: the same cut, links that resolve, and frames counted as editors count them."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from editing_rig import Shelf

from reelgraph.commands.editing import _checked
from reelgraph.video_tools.checks.intent import intent_of_film
from reelgraph.video_tools.checks.take import check_file
from reelgraph.video_tools.editing.adapters import read_exchange, write_exchange
from reelgraph.video_tools.editing.exchange import is_ours, read_otio, to_otio, write_otio
from reelgraph.video_tools.editing.named_takes import read_takes
from reelgraph.video_tools.editing.render import render_cut
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Caption, Clip, Cut, Panel, Scene, Shot, Storyboard, Transition
from reelgraph.video_tools.planning.timelines import storyboard_from_timeline


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "takes")


def mixed_cut(shelf: Shelf) -> Cut:
    a, b = shelf.add("a", 40), shelf.add("b", 40, rate=30)
    still = shelf.add("still", 1, still=True)
    return Cut(
        number=3,
        parent=2,
        width=128,
        height=96,
        rate=Fraction(24),
        clips=[
            Clip(shot="s01-01", take=a.key, frames=30, in_frame=4),
            Clip(shot="s01-02", take=b.key, frames=32, transition=Transition(kind="crossfade", frames=7)),
            Clip(shot="s01-03", take=None, frames=20, label="refused: 50% off"),
            Clip(shot="s02-01", take=still.key, frames=25, transition=Transition(kind="dip_black", frames=8)),
            Clip(shot="s02-02", take=a.key, frames=20, transition=Transition(kind="push", frames=6)),
        ],
        captions=[Caption(start=3, frames=20, text="Don't — «стой»", speaker="ada")],
    )


def test_otio_round_trip_gives_the_same_cut(tmp_path: Path, shelf: Shelf) -> None:
    cut = mixed_cut(shelf)
    path = tmp_path / "films" / "one" / "deliver" / "film.otio"
    shots = [Shot(id=c.shot, prompt=f"what {c.shot} shows", seconds=1) for c in cut.clips]
    board = Storyboard(title="Light", scenes=[Scene(id="s01", shots=shots)])
    write_otio(cut, shelf, board, path, film=path.with_suffix(".mp4"))
    assert read_otio(path) == cut
    timeline = otio.adapters.read_from_file(str(path))
    assert timeline.name == "Light" and timeline.metadata["reelgraph"]["film"] == "film.mp4"
    assert timeline.duration() == otio.opentime.RationalTime(cut.frames, 24)
    linked = [c for c in timeline.find_clips() if isinstance(c.media_reference, otio.schema.ExternalReference)]
    assert len(linked) == 4
    for clip in linked:
        assert not clip.media_reference.target_url.startswith("/")
        assert (path.parent / clip.media_reference.target_url).resolve().is_file()
        assert clip.metadata["reelgraph"]["shot"]["prompt"] == f"what {clip.name} shows"
        assert len(clip.media_reference.metadata["reelgraph"]["take"]["content"]) == 64


def test_takes_read_from_a_timeline_say_which_are_drawn(tmp_path: Path, shelf: Shelf) -> None:
    drawn, filmed = shelf.add("drawn", 30), shelf.add("filmed", 30)
    panel = Panel(shot="s01-01", size="wide", camera="pan_left", place="meadow")
    shelf.takes[drawn.key] = drawn.model_copy(update={"request": drawn.request.model_copy(update={"panel": panel})})
    clips = [Clip(shot=f"s01-0{n}", take=take.key, frames=30) for n, take in ((1, drawn), (2, filmed))]
    cut = Cut(number=1, width=128, height=96, rate=Fraction(24), clips=clips)
    write_otio(cut, shelf, None, tmp_path / "film.otio")
    intent = intent_of_film(60, cut, None, read_takes(tmp_path / "film.otio"))
    assert intent.drawn.tolist() == [True] * 30 + [False] * 30


def test_otio_edited_elsewhere_wins_over_its_metadata(tmp_path: Path, shelf: Shelf) -> None:
    cut = mixed_cut(shelf)
    path = tmp_path / "film.otio"
    write_otio(cut, shelf, None, path)
    timeline = otio.adapters.read_from_file(str(path))
    track = timeline.video_tracks()[0]
    first, fade = track[0], track[1]
    first.source_range = otio.opentime.TimeRange(
        first.source_range.start_time + otio.opentime.RationalTime(2, 24),
        first.source_range.duration - otio.opentime.RationalTime(2, 24),
    )
    fade.out_offset = otio.opentime.RationalTime(1, 24)
    del track[-2:]
    otio.adapters.write_to_file(timeline, str(path))
    back = read_otio(path)
    assert [c.shot for c in back.clips] == ["s01-01", "s01-02", "s01-03", "s02-01"]
    assert (back.clips[0].in_frame, back.clips[0].frames) == (6, 26)  # 2 off the front, 2 of the fade's tail
    assert back.clips[1].transition == Transition(kind="crossfade", frames=5)


def test_dissolve_of_25_frames_loses_none(tmp_path: Path, shelf: Shelf) -> None:
    a, b = shelf.add("a", 72), shelf.add("b", 72)
    fade = Transition(kind="crossfade", frames=25)
    cut = Cut(
        number=1,
        width=128,
        height=96,
        rate=Fraction(24),
        clips=[
            Clip(shot="s01-01", take=a.key, frames=72),
            Clip(shot="s01-02", take=b.key, frames=72, transition=fade),
        ],
    )
    assert cut.frames == 119
    timeline = to_otio(cut, shelf)
    one, dissolve, two = timeline.video_tracks()[0]
    assert (one.duration().value, two.duration().value) == (60, 59)
    assert (dissolve.in_offset.value, dissolve.out_offset.value) == (13, 12)
    assert timeline.duration() == otio.opentime.RationalTime(119, 24)
    write_otio(cut, shelf, None, tmp_path / "film.otio")
    assert read_otio(tmp_path / "film.otio").frames == 119


def edited(path: Path, change: Callable[[otio.schema.Timeline], object]) -> Path:
    timeline = otio.adapters.read_from_file(str(path))
    change(timeline)
    otio.adapters.write_to_file(timeline, str(path))
    return path


def test_timeline_saved_at_another_rate_shows_the_same_frames(tmp_path: Path, shelf: Shelf) -> None:
    cut = mixed_cut(shelf)
    write_otio(cut, shelf, None, tmp_path / "film.otio")

    def at_thirty(timeline: otio.schema.Timeline) -> None:
        for item in timeline.video_tracks()[0]:
            if isinstance(item, otio.schema.Transition):
                item.in_offset, item.out_offset = item.in_offset.rescaled_to(30), item.out_offset.rescaled_to(30)
            else:
                shown = item.source_range
                item.source_range = otio.opentime.TimeRange(
                    shown.start_time.rescaled_to(30), shown.duration.rescaled_to(30)
                )

    assert read_otio(edited(tmp_path / "film.otio", at_thirty)) == cut


def begins_before_its_take(timeline: otio.schema.Timeline) -> None:
    timeline.video_tracks()[0][2].source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(-5, 24), otio.opentime.RationalTime(20, 24)
    )


def dissolves_without_end(timeline: otio.schema.Timeline) -> None:
    timeline.video_tracks()[0][1].out_offset = otio.opentime.RationalTime(9000, 24)


def loses_its_clip(timeline: otio.schema.Timeline) -> None:
    del timeline.video_tracks()[0][0].metadata["reelgraph"]["clip"]["frames"]
    timeline.video_tracks()[0][0].metadata["reelgraph"]["clip"]["shot"] = "one"


def loses_its_rate(timeline: otio.schema.Timeline) -> None:
    timeline.metadata["reelgraph"]["cut"]["rate"] = "quick"


def loses_its_size(timeline: otio.schema.Timeline) -> None:
    del timeline.metadata["reelgraph"]["cut"]["width"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (begins_before_its_take, r"^film\.otio: clip 's01-02' begins \d+ frames before its take does"),
        (dissolves_without_end, r"^film\.otio: clip 's01-02' cannot be: transition\.frames"),
        (loses_its_clip, r"^film\.otio: clip 's01-01' cannot be: shot"),
        (loses_its_rate, r"^film\.otio: rate 'quick' is not a frame rate"),
        (loses_its_size, r"^film\.otio is not a readable cut: width.*; write it again with `reelgraph export`$"),
    ],
)
def test_timeline_that_shows_what_cannot_be_is_refused_by_name(
    tmp_path: Path, shelf: Shelf, change: Callable[[otio.schema.Timeline], object], message: str
) -> None:
    write_otio(mixed_cut(shelf), shelf, None, tmp_path / "film.otio")
    with pytest.raises(InvalidRequest, match=message):
        read_otio(edited(tmp_path / "film.otio", change))


def test_check_says_that_the_timeline_beside_a_film_cannot_be_instead_of_measuring_it_as_footage(
    tmp_path: Path, shelf: Shelf
) -> None:
    cut, film = mixed_cut(shelf), tmp_path / "film.mp4"
    render_cut(cut, shelf, tmp_path / "r", film)
    write_otio(cut, shelf, None, tmp_path / "film.otio")
    edited(tmp_path / "film.otio", lambda timeline: timeline.video_tracks()[0].insert(2, otio.schema.Gap()))
    with pytest.raises(InvalidRequest, match=r"^film\.otio has a gap in its track"):
        _checked(film, {})
    # another program's timeline says nothing of what is meant
    edited(tmp_path / "film.otio", lambda timeline: timeline.metadata.clear())
    assert {finding.check for finding in _checked(film, {})} == {finding.check for finding in check_file(film)}


@pytest.mark.parametrize("change", [{"key": None}, {"seed": "many"}, {"width": -1}, {"frames": None}])
def test_take_that_a_timeline_says_too_little_of_is_refused_by_name(
    tmp_path: Path, shelf: Shelf, change: dict[str, object]
) -> None:
    write_otio(mixed_cut(shelf), shelf, None, tmp_path / "film.otio")

    def damage(timeline: otio.schema.Timeline) -> None:
        facts = timeline.video_tracks()[0][0].media_reference.metadata["reelgraph"]["take"]
        for name, value in change.items():
            if value is None:
                del facts[name]
            else:
                facts[name] = value

    with pytest.raises(InvalidRequest, match=r"^film\.otio: what clip 's01-01' says of its take cannot be read: "):
        read_takes(edited(tmp_path / "film.otio", damage))


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"OTIO_SCHEMA": "Timeline.1", "name": "x"}'])
def test_read_otio_refuses_what_is_not_ours(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.otio").write_text(text)
    with pytest.raises(InvalidRequest, match=r"x\.otio"):
        read_otio(tmp_path / "x.otio")


SHOT = {"OTIO_SCHEMA": "Clip.1", "name": "a red kite", "metadata": {}, "markers": [], "effects": [], "source_range": {
    "OTIO_SCHEMA": "TimeRange.1",
    "start_time": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": 0},
    "duration": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": 48},
}}  # fmt: skip


def timeline_of(*shots: object) -> dict[str, object]:
    """Write by hand a timeline of one picture track with these in it."""
    track = {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": shots}
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": [track]}
    return {"OTIO_SCHEMA": "Timeline.1", "name": "x", "tracks": stack}


def itself() -> dict[str, object]:
    inside = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "Clip-1"}
    return {**SHOT, "OTIO_REF_ID": "Clip-1", "metadata": {"a": inside}}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"OTIO_SCHEMA": "Timeline.1", "name": "x"}', "ValueError: it is a timeline without tracks"),
        (json.dumps(timeline_of() | {"tracks": None}), "ValueError: it is a timeline without tracks"),
        (json.dumps(timeline_of({**SHOT, "source_range": {"OTIO_SCHEMA": "TimeRange.1"}})), "KeyError"),
        (json.dumps(timeline_of({**SHOT, "metadata": "#"})).replace('"#"', '{"a":' * 3000 + "1" + "}" * 3000), "R"),
        (json.dumps(timeline_of({**SHOT, "metadata": "#"})).replace('"#"', '{"a":' * 300 + "1" + "}" * 300),
         "ValueError: it is nested more than 200 deep"),
        ("[" * 1_000_000 + "]" * 1_000_000, "R"),
        (json.dumps(timeline_of(itself())), "ValueError: it refers to 'Clip-1', which does not stand before that"),
    ],
    ids=["no tracks", "null", "no range", "deep", "deeper than is read", "endless", "in itself"],
)  # fmt: skip
def test_timeline_over_which_its_library_would_stumble_is_refused_in_one_line(
    tmp_path: Path, text: str, why: str
) -> None:
    path = tmp_path / "film.otio"
    path.write_text(text)
    for read in (is_ours, read_otio, read_takes):
        with pytest.raises(
            InvalidRequest, match=rf"^film\.otio is not an OpenTimelineIO timeline that can be read: {why}"
        ):
            read(path)
    with pytest.raises(InvalidRequest, match=f"^the plan is not an OpenTimelineIO timeline that can be read: {why}"):
        storyboard_from_timeline(text, "the plan")


def test_timeline_in_which_an_object_stands_twice_is_read() -> None:
    first = {**SHOT, "OTIO_REF_ID": "Clip-1"}
    again = {**SHOT, "metadata": {"as": {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "Clip-1"}}}
    board = storyboard_from_timeline(json.dumps(timeline_of(first, again)))
    assert [(shot.prompt, shot.seconds) for shot in board.shots] == [("a red kite", 2.0)] * 2


def faded(shelf: Shelf) -> Cut:
    clips = []
    for i, frames in enumerate((72, 72, 60), 1):
        take = shelf.add(f"t{i}", frames)
        joint = Transition(kind="crossfade", frames=25) if i == 2 else Transition()
        clips.append(Clip(shot=f"s01-0{i}", take=take.key, frames=frames, transition=joint))
    return Cut(number=1, width=128, height=96, rate=Fraction(24), clips=clips)


@pytest.mark.skipif("cmx_3600" not in otio.adapters.available_adapter_names(), reason="needs the extra exchange")
class TestEditLists:
    def test_edl_of_a_25_frame_dissolve(self, tmp_path: Path, shelf: Shelf) -> None:
        cut = faded(shelf)
        cut = cut.model_copy(update={"clips": cut.clips[:2]})
        assert write_exchange(cut, shelf, tmp_path / "film.edl") == []
        events = [line.split() for line in (tmp_path / "film.edl").read_text().splitlines() if line[:3].isdigit()]
        kinds = [(e[3], *e[4:-4], *e[-4:]) for e in events]
        assert [k[0] for k in kinds] == ["C", "C", "D"]
        assert kinds[0][1:] == ("00:00:00:00", "00:00:01:23", "00:00:00:00", "00:00:01:23")  # 47 frames of the first
        assert kinds[1][1] == kinds[1][2] and kinds[1][3] == kinds[1][4]  # then none of it
        assert kinds[2][1] == "025" and kinds[2][2:] == ("00:00:00:00", "00:00:03:00", "00:00:01:23", "00:00:04:23")
        assert read_exchange(tmp_path / "film.edl", cut).frames == cut.frames == 119

    @pytest.mark.parametrize("form", ["edl", "xml"])
    @pytest.mark.parametrize("kind", ["crossfade", "wipe", "push"])
    def test_round_trip_renders_the_same_frames(self, tmp_path: Path, shelf: Shelf, form: str, kind: str) -> None:
        cut = faded(shelf)
        changes = [
            {"speed": Fraction(-1), "in_frame": 71},
            {"transition": Transition.model_validate({"kind": kind, "frames": 25})},
            {"speed": Fraction(0)},
        ]
        cut = cut.model_copy(
            update={"clips": [c.model_copy(update=u) for c, u in zip(cut.clips, changes, strict=True)]}
        )
        lost = [] if kind == "crossfade" else [f"{kind}: written as a dissolve"]
        assert write_exchange(cut, shelf, tmp_path / f"film.{form}") == [*lost, "speed: not written"]
        back = read_exchange(tmp_path / f"film.{form}", cut)
        assert (back.number, back.parent) == (2, 1)
        assert back.clips == cut.clips
        for name, one in (("a", cut), ("b", back)):
            render_cut(one, shelf, tmp_path / "render", tmp_path / f"{name}.mp4")
        assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()

    def test_fcpxml_says_that_it_loses_dissolves(self, tmp_path: Path, shelf: Shelf) -> None:
        lost = write_exchange(faded(shelf), shelf, tmp_path / "film.fcpxml")
        assert lost == ["transitions: written as hard cuts in their middle"]
        assert "<fcpxml" in (tmp_path / "film.fcpxml").read_text()

    def test_losses_are_listed(self, tmp_path: Path, shelf: Shelf) -> None:
        lost = write_exchange(mixed_cut(shelf), shelf, tmp_path / "film.edl")
        assert lost == ["push: written as a dissolve", "dip to black: not written", "captions: not written"]
        assert read_exchange(tmp_path / "film.edl", mixed_cut(Shelf(tmp_path / "again"))).frames > 0

    @pytest.mark.parametrize("form", ["edl", "xml", "fcpxml"])
    def test_signs_that_no_edit_list_holds_are_spaces_in_its_names(
        self, tmp_path: Path, shelf: Shelf, form: str
    ) -> None:
        cut = faded(shelf)
        slate = {"take": None, "label": "refused:\x1b[2J\nby the server"}
        cut = cut.model_copy(update={"clips": [*cut.clips[:2], cut.clips[2].model_copy(update=slate)]})
        shots = [Shot(id=clip.shot, prompt="a\x0bb\uffff", seconds=1) for clip in cut.clips]
        board = Storyboard(title="My\x0bFilm\nof\u2028two\x85lines", scenes=[Scene(id="s01", shots=shots)])
        path = tmp_path / f"film.{form}"
        write_exchange(cut, shelf, path, board, of="film")
        assert "reelgraph film film: My Film of two lines" in path.read_text()
        assert [clip.shot for clip in read_exchange(path, cut, of="film").clips] == ["s01-01", "s01-02", "s01-03"]

    def test_cut_that_a_form_cannot_hold_is_refused_and_nothing_written(
        self, tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> str:
            raise RuntimeError("one line\nand another")

        monkeypatch.setattr(otio.adapters, "write_to_string", broken)
        words = r"^\.xml cannot hold this cut \(RuntimeError: one line and another\): use film\.otio$"
        with pytest.raises(InvalidRequest, match=words):
            write_exchange(faded(shelf), shelf, tmp_path / "film.xml")
        assert list(tmp_path.glob("film*")) == []

    def test_clip_that_is_not_the_cuts_is_refused(self, tmp_path: Path, shelf: Shelf) -> None:
        cut = faded(shelf)
        write_exchange(cut, shelf, tmp_path / "film.edl")
        other = cut.model_copy(update={"clips": cut.clips[:1]})
        with pytest.raises(InvalidRequest, match="has a clip 's01-02': the cut has s01-01"):
            read_exchange(tmp_path / "film.edl", other)


def test_unknown_form_is_refused(tmp_path: Path, shelf: Shelf) -> None:
    with pytest.raises(InvalidRequest, match=r"edit lists end in \.edl, \.xml, \.fcpxml"):
        write_exchange(faded(shelf), shelf, tmp_path / "film.aaf")
