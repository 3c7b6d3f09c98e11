from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clips import RATE, drift, failures, ranges, request

from reelgraph.video_tools.checks.base import Check, Subject, examine, load_checks
from reelgraph.video_tools.checks.examiner import Examiner, read_subject
from reelgraph.video_tools.checks.notes import clip_at, notes_of
from reelgraph.video_tools.checks.take import check_file, check_take
from reelgraph.video_tools.editing.media import encode_picture, write_png
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Finding, Panel, Shot, Transition


def test_every_registered_check_reports_on_a_clean_take() -> None:
    findings = check_take(drift(48), request(48))
    assert failures(findings) == set()
    assert {f.check.split(".")[0] for f in findings} == {check.name for check in load_checks()}


def test_examiner_passes_frames_through_unchanged_and_finds_the_same() -> None:
    frames = drift(24)
    examiner = Examiner(request(24))
    passed = list(examiner.watch(iter(frames)))
    assert all(a is b for a, b in zip(passed, frames, strict=True))
    assert examiner.finish() == check_take(frames, request(24))


def test_still_picture_is_checked_as_one_frame(tmp_path: Path) -> None:
    [frame] = drift(1)
    write_png(frame, tmp_path / "still.png")
    assert check_file(tmp_path / "still.png") == check_take([frame])
    asked = request(1)
    assert check_take(tmp_path / "still.png", asked) == check_take([frame], asked)


def test_no_frames_is_a_failure_and_the_rest_unknown() -> None:
    findings = check_take([], request(24))
    by_name = {f.check: f.outcome for f in findings}
    assert by_name["contract.frames"] == "failed"
    assert by_name["black"] == "unknown"
    assert by_name["frozen"] == "unknown"
    assert "passed" not in {f.outcome for f in findings if f.check in ("black", "blank", "garbage", "clipped")}


@pytest.mark.parametrize("size", [(2, 2), (8, 8), (4, 40)])
def test_pictures_of_few_pixels_are_measured_standing_or_moving(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    for frames in ([picture] * 4, [np.roll(picture, n, 1) for n in range(4)]):
        assert "examiner" not in {f.check for f in check_take(frames, request(4))}


def test_one_frame_has_a_picture_but_no_motion() -> None:
    findings = {f.check: f.outcome for f in check_take(drift(1), request(1))}
    assert findings["black"] == "passed"
    assert findings["frozen"] == "not_applicable"
    assert findings["flicker"] == "not_applicable"


@pytest.mark.parametrize(
    ("colour", "check"), [((0, 0, 0), "black"), ((0, 200, 0), "blank"), ((255, 255, 255), "blank")]
)
def test_one_colour_fails(colour: tuple[int, int, int], check: str) -> None:
    frames = [np.full((144, 256, 3), colour, np.uint8)] * 12
    assert ranges(check_take(frames, request(12)), check) == [(0, 11)]


def test_next_to_nothing_to_see_fails_unless_it_was_asked_for() -> None:
    faint = [110 + (frame - 30) // 8 for frame in drift(24)]  # 110 to 133
    assert ranges(check_take(faint, request(24)), "blank") == [(0, 23)]
    assert failures(check_take(faint, request(24).model_copy(update={"prompt": "a hill in fog"}))) == set()


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((144, 256, 3), np.float32),
        np.zeros((144, 256), np.uint8),
        np.zeros((144, 0, 3), np.uint8),
        np.zeros((72, 128, 3), np.uint8),
    ],
    ids=["float", "no colour", "empty", "other size"],
)  # fmt: skip
def test_a_frame_that_is_no_picture_is_a_finding_at_its_number(frame: np.ndarray) -> None:
    findings = check_take([*drift(5), frame, *drift(5)], request(11))
    assert ranges(findings, "contract.readable") == [(5, 5)]
    assert "contract.frames" in failures(findings)


def test_contract_names_each_item_that_differs() -> None:
    asked = request(24).model_copy(update={"width": 320, "height": 180})
    findings = check_take(drift(20), asked, rate=Fraction(25))
    failed = {f.check: f.message for f in findings if f.outcome == "failed"}
    assert failed == {
        "contract.frames": "20 frames instead of 24",
        "contract.size": "256x144 instead of 320x180",
        "contract.rate": "25/1 frames a second instead of 24/1",
        "contract.length": "0.800 s long instead of 1.000 s",
    }


def test_file_and_memory_measure_the_same(tmp_path: Path) -> None:
    frames = drift(24)
    encode_picture(frames, tmp_path / "take.mp4", rate=RATE)
    subject = read_subject(tmp_path / "take.mp4")
    examiner = Examiner(request(24))
    for frame in frames:
        examiner.see(frame)
    memory = examiner._meter.measures()
    assert subject.measures.frames == 24
    assert np.abs(subject.measures.luma - memory.luma).max() < 1.5
    assert np.abs(subject.measures.motion - memory.motion)[2:].max() < 0.003
    assert np.abs(subject.measures.thumbs.astype(int) - memory.thumbs).mean() < 2
    assert len(subject.measures.samples) == len(memory.samples) == 12
    assert failures(check_take(tmp_path / "take.mp4", request(24))) == set()


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv444p", "gray"])
def test_other_pixel_formats_are_measured_and_break_the_contract(tmp_path: Path, pixel_format: str) -> None:
    path = tmp_path / "deep.mkv"
    write_video(path, drift(12), pixel_format)
    findings = check_take(path, request(12))
    assert {"contract.pixel_format", "contract.colour_tags"} == failures(findings)
    assert {f.outcome for f in findings if f.check == "contract.faststart"} == {"not_applicable"}


def write_video(path: Path, frames: list[np.ndarray], pixel_format: str) -> None:
    import av

    with av.open(str(path), "w") as file:
        stream = file.add_stream("ffv1", rate=24, width=256, height=144, pix_fmt=pixel_format)
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        file.mux(stream.encode())


def test_a_file_that_declares_no_count_of_frames_is_held_to_none(tmp_path: Path) -> None:
    write_video(tmp_path / "whole.mkv", drift(24), "yuv420p")
    assert failures(check_file(tmp_path / "whole.mkv")) == set()


def test_a_file_cut_short_is_reported_and_not_raised(tmp_path: Path) -> None:
    from reelgraph.video_tools.checks.container import faststart

    whole, part = tmp_path / "whole.mkv", tmp_path / "part.mkv"
    write_video(whole, drift(48), "yuv420p")
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    findings = check_take(part, request(48))
    assert {"contract.frames", "contract.length"} <= failures(findings)
    assert faststart(part) is None


def test_a_file_whose_size_changes_is_measured_until_there_and_decoded_no_further(tmp_path: Path) -> None:
    import threading

    import av

    data = b""
    for height in (144, 96):
        part = tmp_path / "part.m2v"
        with av.open(str(part), "w", format="mpeg2video") as file:
            stream = file.add_stream("mpeg2video", rate=24, width=256, height=height, pix_fmt="yuv420p")
            for frame in drift(24):
                file.mux(stream.encode(av.VideoFrame.from_ndarray(frame[:height].copy(), format="rgb24")))
            file.mux(stream.encode())
        data += part.read_bytes()
    (tmp_path / "two.mpg").write_bytes(data)
    before = threading.active_count()
    subject = read_subject(tmp_path / "two.mpg")
    assert [why for _, why in subject.faults] == ["the size of the picture changes within the file"]
    assert subject.faults[0][0] == subject.measures.frames > 20
    assert threading.active_count() <= before


def test_a_file_that_is_no_media_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("ffconcat version 1.0\nfile other.mp4\n")
    with pytest.raises(InvalidRequest, match=r"a\.mp4"):
        check_file(tmp_path / "a.mp4")


def test_a_still_file_that_nobody_asked_for_is_unknown(tmp_path: Path) -> None:
    encode_picture(drift(1) * 24, tmp_path / "still.mp4", rate=RATE)
    findings = check_file(tmp_path / "still.mp4")
    assert {f.outcome for f in findings if f.check == "frozen"} == {"unknown"}


def test_settings_change_thresholds_and_turn_checks_off() -> None:
    checks = {c.name: c for c in load_checks({"black": {"share": 0.5, "blocking": False}, "flicker": {"on": False}})}
    assert checks["black"].share == 0.5  # type: ignore[attr-defined]  # its own field
    assert checks["black"].blocking is False
    assert "flicker" not in checks
    with pytest.raises(InvalidRequest, match="no check named 'blakc'"):
        load_checks({"blakc": {}})
    with pytest.raises(InvalidRequest, match="'black' has no setting 'shares': did you mean share"):
        load_checks({"black": {"shares": 1}})


def test_a_plugin_that_fails_is_unknown_and_the_others_run() -> None:
    class Broken(Check):
        name = "broken"

        def findings(self, subject: Subject) -> list[Finding]:
            raise RuntimeError("no such luck")

    examiner = Examiner()
    examiner.see(drift(1)[0])
    subject = Subject("take", RATE, examiner._meter.measures(), read_intent())
    findings = examine(subject, [Broken(), *load_checks()])
    assert findings[0].outcome == "unknown"
    assert "no such luck" in findings[0].message
    assert len(findings) > 5


def read_intent():  # type: ignore[no-untyped-def]
    from reelgraph.video_tools.checks.intent import nothing_known

    return nothing_known(1)


def test_notes_name_shots_and_have_unique_ids() -> None:
    cut = Cut(
        number=1, width=256, height=144, rate="24",
        clips=[
            Clip(shot="s01-01", take=None, frames=24),
            Clip(shot="s01-02", take=None, frames=24, transition=Transition(kind="crossfade", frames=6)),
        ],
    )  # fmt: skip
    one, two = cut.clips
    assert [clip_at(cut, f) for f in (0, 17, 18, 41, 42)] == [one, one, two, two, None]
    bad = [Finding(check="black", outcome="failed", first_frame=a, last_frame=a, evidence_frame=a) for a in (3, 5)]
    film = [
        Finding(check="black", outcome="failed", first_frame=20, last_frame=22, evidence_frame=21),
        Finding(check="contract.frames", outcome="failed"),
        Finding(check="flicker", outcome="unknown", blocking=False),
        Finding(check="frozen", outcome="unknown", message="why"),
        Finding(check="clipped", outcome="passed"),
    ]
    notes = notes_of({"s01-02": bad, "film": film}, cut=cut)
    assert [n.id for n in notes] == [
        "s01-02-black",
        "s01-02-black-2",
        "s01-02-black-3",
        "film-contract.frames",
        "film-frozen",
    ]
    assert [n.shot for n in notes] == ["s01-02", "s01-02", "s01-02", "", ""]


def test_titles_panels_and_fades_asked_for_are_no_faults() -> None:
    card = np.zeros((144, 256, 3), np.uint8)
    card[60:80, 60:200] = 240
    title = Shot(id="s01-01", prompt="The End", seconds=2, kind="title", title="The End")
    assert failures(check_take([card] * 48, request(48), shot=title)) == set()
    panel = request(48).model_copy(update={"panel": Panel(shot="s01-01", size="wide", camera="still")})
    assert failures(check_take(drift(1) * 48, panel)) == set()
    moving = request(48).model_copy(update={"panel": Panel(shot="s01-01", size="wide", camera="pan_left")})
    assert "frozen" in failures(check_take(drift(1) * 48, moving))
    faded = [(f * max(0, 1 - i / 40)).astype(np.uint8) for i, f in enumerate(drift(48))]
    assert "black" in failures(check_take(faded, request(48)))
    asked = request(48).model_copy(update={"prompt": "a hill, then fade to black"})
    assert failures(check_take(faded, asked)) == set()


def test_an_edited_file_has_cuts_and_they_are_no_steps_of_light(tmp_path: Path) -> None:
    dark = [(frame * 0.6).astype(np.uint8) for frame in drift(24, seed=2)]
    encode_picture(drift(24, seed=1) + dark, tmp_path / "two.mp4", rate=RATE)
    findings = check_file(tmp_path / "two.mp4")
    assert failures(findings) == set()
    (cut,) = [f for f in findings if f.check == "cut"]
    assert (cut.value, cut.message) == (1, "cuts at 24")
