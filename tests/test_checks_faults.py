"""Each check on a clean clip, and on the same clip with its fault planted at a known place."""

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import HEIGHT, WIDTH, drift, failures, ranges, request

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.base import Subject, examine
from reelgraph.video_tools.checks.camera import Camera
from reelgraph.video_tools.checks.examiner import Examiner
from reelgraph.video_tools.checks.intent import intent_of_take
from reelgraph.video_tools.checks.looks import blocking
from reelgraph.video_tools.checks.take import check_file, check_take
from reelgraph.video_tools.editing.loudness import measured
from reelgraph.video_tools.editing.media import encode_picture
from reelgraph.video_tools.film import CameraMove, Finding, Panel, Shot

Frames = list[np.ndarray]
LENGTH = 36


def check(frames: Frames, **more: object) -> list[Finding]:
    return check_take(frames, request(len(frames)), **more)  # type: ignore[arg-type]


def changed(first: int, last: int, change: Callable[[np.ndarray, int], np.ndarray]) -> Frames:
    frames = drift(LENGTH)
    for index in range(first, last + 1):
        frames[index] = np.clip(change(frames[index].astype(np.float32), index), 0, 255).astype(np.uint8)
    return frames


def blurred(frame: np.ndarray, index: int) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), 2.5))


def grain(frame: np.ndarray, index: int) -> np.ndarray:
    return frame + np.random.default_rng(index).normal(scale=14, size=(*frame.shape[:2], 1))


def static(frame: np.ndarray, index: int) -> np.ndarray:
    return np.random.default_rng(index).integers(0, 256, frame.shape)


def barred(frame: np.ndarray, index: int) -> np.ndarray:
    return np.pad(frame[12:-12], ((12, 12), (0, 0), (0, 0)))


FAULTS: dict[str, tuple[Frames, list[tuple[int, int]]]] = {
    "black": (changed(10, 12, lambda f, i: f * 0), [(10, 12)]),
    "blank": (changed(10, 12, lambda f, i: f * 0 + 120), [(10, 12)]),
    "garbage": (changed(10, 12, static), [(10, 12)]),
    "clipped": (changed(8, 20, lambda f, i: f * 2.4), [(8, 20)]),
    "flash": (changed(14, 14, lambda f, i: f + 64), [(14, 14)]),
    "blur": (changed(12, 23, blurred), [(12, 23)]),
    "noise": (changed(12, 23, grain), [(12, 23)]),
    "light.exposure": (changed(18, LENGTH - 1, lambda f, i: f * 0.75), [(18, 18)]),
    "light.white_balance": (changed(18, LENGTH - 1, lambda f, i: f * [1.12, 1.0, 0.82]), [(18, 18)]),
    "letterbox": (changed(0, LENGTH - 1, barred), [(0, LENGTH - 1)]),
    "frozen": ([drift(LENGTH)[i if i < 10 else max(9, i - 14)] for i in range(LENGTH)], [(9, 23)]),
    "stutter": ([drift(LENGTH)[{12: 11, 13: 11, 20: 19, 27: 26}.get(i, i)] for i in range(LENGTH)], [(12, 27)]),
    "jump": (drift(70)[:18] + drift(70)[30 : 30 + LENGTH - 18], [(18, 18)]),
    "cut": (drift(18, seed=1) + drift(18, seed=2), [(18, 18)]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_where_it_was_planted(name: str) -> None:
    frames, where = FAULTS[name]
    assert ranges(check(frames), name) == where


def test_clean_clip_raises_no_alarm() -> None:
    assert failures(check(drift(LENGTH))) == set()


def test_what_moves_in_its_colour_alone_is_not_frozen() -> None:
    frames = [np.full((HEIGHT, WIDTH, 3), (90, 120, 90), np.uint8) for _ in range(LENGTH)]
    held = [frame.copy() for frame in frames]
    for index in range(LENGTH):
        frames[index][40:70, 3 * index : 3 * index + 30] = (150, 89, 90)  # luma 107, as the ground's
        held[index][40:70, 60:90] = (150, 89, 90)
    assert "frozen" not in failures(check(frames))
    assert ranges(check(held), "frozen") == [(0, LENGTH - 1)]


@pytest.mark.parametrize("period", [2, 3, 4])
def test_flicker_is_found_at_any_period_within_two_frames(period: int) -> None:
    frames = changed(6, 29, lambda f, i: f * (1.05 if i % period < period / 2 else 0.95))
    ((first, last),) = ranges(check(frames), "flicker")
    assert first is not None and last is not None
    assert abs(first - 6) <= 2 and abs(last - 29) <= 2


def test_a_fade_is_no_flicker_and_no_step_of_light() -> None:
    frames = changed(0, LENGTH - 1, lambda f, i: f * (1 - 0.5 * i / LENGTH))
    assert failures(check(frames)) == set()


def test_blocks_of_strong_compression_are_found() -> None:
    import cv2

    def pressed(frame: np.ndarray, index: int) -> np.ndarray:
        coded = cv2.imencode(".jpg", frame.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 8])[1]
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))

    assert ranges(check(changed(0, LENGTH - 1, pressed)), "blocking") == [(0, LENGTH - 1)]


def test_lines_that_differ_off_the_grid_as_well_are_no_blocks() -> None:
    levels = np.zeros(64)
    levels[8::8] += 6  # between pixels 7 and 8 of each block
    alone = np.cumsum(levels).astype(np.uint8)
    levels[4::8] += 6
    both = np.cumsum(levels).astype(np.uint8)
    value = [blocking(cv2, line[:, None] // 2 + line[None] // 2) for line in (alone, both)]
    assert value == [pytest.approx(3 / 0.25), 0.0]


def test_shades_broken_into_bands_are_found_and_true_shades_are_not() -> None:
    x = np.linspace(20, 235, WIDTH + LENGTH)[None, :, None] + np.zeros((HEIGHT, 1, 3))
    smooth = [x[:, i : i + WIDTH].astype(np.uint8) for i in range(LENGTH)]
    banded = [(np.round(f / 21.25) * 21.25).astype(np.uint8) for f in smooth]
    assert ranges(check(banded), "banding") == [(0, LENGTH - 1)]
    assert "banding" not in failures(check(smooth))


def test_bands_are_found_in_the_dark_and_after_an_encoder_smeared_them(tmp_path: Path) -> None:
    dark = [np.repeat(frame[..., 1:2] // 3, 3, -1) for frame in drift(LENGTH)]  # 10 to 73: four bands
    banded = [(np.round(frame / 21.25) * 21.25).astype(np.uint8) for frame in dark]
    assert ranges(check(banded), "banding") == [(0, LENGTH - 1)]
    assert "banding" not in failures(check(dark))
    for frames, wanted in ((banded, [(0, LENGTH - 1)]), (dark, [])):
        encode_picture(frames, tmp_path / "dark.mp4", rate=Fraction(24))
        assert ranges(check_file(tmp_path / "dark.mp4"), "banding") == wanted


def test_flat_areas_of_many_heights_are_no_bands() -> None:
    frames = []
    for index in range(LENGTH):
        frame = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
        for number, level in enumerate((74, 90, 109, 131, 156, 184, 215)):
            left = (31 * number + 2 * index) % WIDTH
            frame[10 + 17 * number : 60 + 17 * number, left : left + 24] = level
        frames.append(frame)
    assert "banding" not in failures(check(frames))


SLOW = {8: (1, 3), 10: (10, 24), 12: (1, 2), 15: (15, 24), 20: (5, 6)}  # source's frames a second -> its share of 24


@pytest.mark.parametrize("rate", SLOW)
def test_slower_source_is_named_and_is_no_stutter_alone_or_between_others(rate: int) -> None:
    up, down = SLOW[rate]
    slow = [drift(72, seed=3)[index * up // down] for index in range(60)]
    for frames in (slow, drift(30) + slow + drift(30, seed=5)):
        (said,) = [f for f in check(frames) if f.check == "stutter"]
        assert (said.outcome, said.value) == ("passed", 0)
        found = re.search(r"moves at about ([\d.]+): animation on twos, or a slower source", said.message)
        assert found and abs(float(found.group(1)) - rate) < 1


def test_stumble_of_a_slow_source_is_found() -> None:
    frames = [drift(72)[index // 2 * 2] for index in range(60)]
    frames[30:33] = [frames[29]] * 3
    assert ranges(check(frames), "stutter") == [(29, 32)]


def moved(camera: str) -> Frames:
    right, down = {"pan_left": (-2, 0), "pan_right": (2, 0), "tilt_up": (0, -1), "tilt_down": (0, 1)}.get(
        camera, (0, 0)
    )
    if camera == "still":
        wall = drift(1)[0]
        frames = [wall.copy() for _ in range(LENGTH)]
        for index, frame in enumerate(frames):
            frame[50:90, 3 * index : 3 * index + 30] = (250, 200, 30)
        return frames
    frames = drift(LENGTH, right=right, down=abs(down))
    return frames if down >= 0 else frames[::-1]


MOVES: list[CameraMove] = ["still", "pan_left", "pan_right", "tilt_up", "tilt_down"]


@pytest.mark.parametrize("asked", MOVES)
@pytest.mark.parametrize("seen", MOVES)
def test_camera_passes_only_for_the_move_that_was_asked(asked: CameraMove, seen: CameraMove) -> None:
    shot = Shot(id="s01-01", prompt="a hill", seconds=1, camera=asked)
    failed = failures(check(moved(seen), shot=shot))
    assert (f"camera.{asked}" in failed) == (asked != seen)


def test_slats_hide_how_far_the_camera_moves() -> None:
    bright = 120 + 80 * (np.arange(WIDTH + 100) % 24 < 12)
    frames = [
        np.repeat(np.tile(bright[9 * i : 9 * i + WIDTH], (HEIGHT, 1))[..., None], 3, 2).astype(np.uint8)
        for i in range(10)
    ]
    (finding,) = [
        f
        for f in check(frames, shot=Shot(id="s01-01", prompt="a fence", seconds=1, camera="pan_right"))
        if f.check.startswith("camera")
    ]
    assert finding.outcome == "not_applicable"
    assert "repeats itself" in finding.message


def test_what_lies_before_black_space_is_no_letterbox() -> None:
    down, right = np.mgrid[:HEIGHT, :WIDTH]
    globe = np.hypot(down - HEIGHT / 2, right - WIDTH / 2) < 0.42 * HEIGHT
    frames = [np.where(globe[..., None], frame, 0).astype(np.uint8) for frame in drift(LENGTH)]
    assert failures(check(frames)) & {"letterbox", "clipped"} == set()
    for frame in frames:
        frame[12:-12] = np.where(
            globe[12:-12, :, None], frame[12:-12], 40
        )  # the same before a wall: now bars end in a line
    assert ranges(check(frames), "letterbox") == [(0, LENGTH - 1)]


def test_a_pan_to_what_is_soft_is_no_lost_focus() -> None:
    world = np.concatenate(drift(1, seed=1) + drift(1, seed=2), axis=1)
    soft = np.concatenate([world[:, :WIDTH], blurred(world[:, WIDTH:], 0)], axis=1)
    frames = [soft[:, 6 * i : 6 * i + WIDTH].copy() for i in range(40)]
    assert "blur" not in failures(check(frames))
    for index in range(6, 20):
        frames[index] = blurred(frames[index], index)
    assert ranges(check(frames), "blur") == [(6, 19)]


def test_one_thing_before_a_plain_ground_is_not_taken_for_the_camera() -> None:
    frames = [np.full((HEIGHT, WIDTH, 3), (120, 160, 200), np.uint8) for _ in range(LENGTH)]
    for index, frame in enumerate(frames):
        frame[60:84, 20 + 4 * index : 44 + 4 * index] = (200, 40, 30)
    shot = Shot(id="s01-01", prompt="a ball rolls", seconds=1, camera="still")
    findings = check(frames, shot=shot)
    assert failures(findings) == set()
    assert {f.outcome for f in findings if f.check == "camera.still"} == {"not_applicable"}


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7])
def test_very_short_takes_get_an_outcome_from_every_check(count: int) -> None:
    assert {f.check for f in check(drift(count)) if f.outcome in ("failed", "unknown")} == set()


def test_shake_is_advice() -> None:
    random = np.random.default_rng(1)
    frames = []
    for frame in drift(LENGTH):
        x, y = random.integers(-4, 5, 2)
        frames.append(np.roll(frame, (x, y), (1, 0)))
    (finding,) = [f for f in check(frames) if f.check == "shake"]
    assert (finding.outcome, finding.blocking) == ("failed", False)


@pytest.mark.parametrize(
    ("grows", "turns", "outcome"),
    [(0.1, 0.15, "passed"), (-0.04, 0.15, "not_applicable"), (-0.04, 0.05, "failed"), (0.0, -0.01, "failed")],
)
def test_growth_is_known_no_better_than_that_nothing_turns(grows: float, turns: float, outcome: str) -> None:
    examiner = Examiner()
    for frame in drift(12):
        examiner.see(frame)
    measures = examiner._meter.measures()
    measures.motion[:] = np.float32([0, 0, grows, turns]) / 12
    asked = Shot.model_validate({"id": "s01-01", "prompt": "clouds", "seconds": 1, "camera": "zoom_in"})
    subject = Subject("take", Fraction(24), measures, intent_of_take(12, None, asked), shot=asked)
    assert [f.outcome for f in examine(subject, [Camera()])] == [outcome]


def test_a_pan_on_twos_does_not_tremble() -> None:
    smooth = drift(LENGTH // 2, right=6)
    (finding,) = [f for f in check([smooth[i // 2] for i in range(LENGTH)]) if f.check == "shake"]
    assert finding.outcome == "passed" and finding.value == pytest.approx(0, abs=0.001)


def test_fine_texture_under_a_moving_camera_is_not_noise() -> None:
    random = np.random.default_rng(5)
    gravel = cv2.GaussianBlur(random.uniform(0, 255, (2 * HEIGHT, 2 * WIDTH)), (0, 0), 1.0)
    gravel = np.clip(128 + 2.5 * (gravel - gravel.mean()), 0, 255)
    frames = []
    for number in range(LENGTH):
        scale = 1.004**number
        move = np.float32([[scale, 0, WIDTH * (0.5 - scale) + 0.7 * number], [0, scale, HEIGHT * (0.5 - scale)]])
        moved = cv2.warpAffine(gravel, move, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
        frames.append(np.repeat(np.clip(moved, 0, 255).astype(np.uint8)[..., None], 3, 2))

    def found(**settings: float) -> list[tuple[int | None, int | None]]:
        return ranges(check(frames, checks={"noise": settings}), "noise")

    assert found() == []
    assert ranges(check(frames, checks={"garbage": {"roughness": 20}}), "garbage") == []
    assert found(renewal=1.1) == [(0, LENGTH - 1)]  # it differs from frame to frame as much as if it were


def test_a_drawn_panel_is_not_held_to_what_a_camera_films() -> None:
    drawn = request(12).model_copy(update={"panel": Panel(shot="s01-01", size="wide", camera="pan_left")})
    outcomes = {f.check.split(".")[0]: f.outcome for f in check_take(drift(12), drawn)}
    for name in ("blur", "noise", "banding", "blocking", "camera", "stutter", "jump", "light", "clipped"):
        assert outcomes[name] == "not_applicable", name
    assert outcomes["black"] == outcomes["frozen"] == "passed"


RATE = 48000


def tone(seconds: float = 1.5, level: float = 0.1) -> np.ndarray:
    at = np.arange(int(seconds * RATE)) / RATE
    wave = level * np.sin(2 * np.pi * 997 * at) + level / 3 * np.sin(2 * np.pi * 211 * at)
    return np.stack([wave, wave], 1).astype(np.float32)


def heard(samples: np.ndarray) -> list[Finding]:
    return check(drift(LENGTH), sound=Sound(samples, RATE))


def test_clean_sound_raises_no_alarm() -> None:
    assert failures(heard(tone())) == set()


def test_sound_faults_are_found_at_their_frames() -> None:
    dropped, clicked, silent = tone(), tone(), tone() * 0
    dropped[24000:28000] = 0
    clicked[24000:] += 0.15
    assert ranges(heard(dropped), "silence") == [(12, 13)]
    assert ranges(heard(clicked), "clicks") == [(11, 11)] or ranges(heard(clicked), "clicks") == [(12, 12)]
    assert failures(heard(silent)) == {"silence"}
    assert "sound_clipped" in failures(heard(np.clip(tone() * 12, -1, 1)))
    assert failures(heard(np.zeros((0, 2), np.float32))) == {"silence"}


def test_loudness_and_true_peak_are_those_of_the_standard() -> None:
    # Source: ITU-R BS.1770-4, annex 1: a 997 Hz sine at 0 dBFS in one channel reads -3.01 LKFS; in two, 0.
    at = np.arange(3 * RATE) / RATE
    sine = (0.1 * np.sin(2 * np.pi * 997 * at)).astype(np.float32)
    assert measured([sine[:, None]], RATE, peaks=True) == pytest.approx((-23.0, -20.0), abs=0.1)
    assert measured([np.stack([sine, sine], 1)], RATE, peaks=True) == pytest.approx((-20.0, -20.0), abs=0.1)
