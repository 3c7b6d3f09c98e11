from pathlib import Path

import numpy as np
import pytest
from clips import HEIGHT, RATE, WIDTH, drift, failures, ranges

from reelgraph.video_tools.checks.base import Check, Subject, examine
from reelgraph.video_tools.checks.examiner import Examiner
from reelgraph.video_tools.checks.film import check_film
from reelgraph.video_tools.checks.intent import intent_of_film
from reelgraph.video_tools.checks.joints import Continues, Direction, JointLight, JumpCut, Stray
from reelgraph.video_tools.checks.light import Flash
from reelgraph.video_tools.checks.motion import Frozen, Jump, UnwantedCut
from reelgraph.video_tools.checks.picture import Black
from reelgraph.video_tools.checks.quality import Blur
from reelgraph.video_tools.checks.story import Captions, Narration, Story
from reelgraph.video_tools.editing.media import encode_picture
from reelgraph.video_tools.film import (
    Caption,
    Clip,
    Cut,
    Finding,
    Line,
    Scene,
    Shot,
    Storyboard,
    Take,
    TakeRequest,
    Title,
    Transition,
)

KEY = "0" * 64
CUT = Transition()


def cut_of(*lengths: int, transition: Transition = CUT, captions: list[Caption] | None = None) -> Cut:
    clips = [
        Clip(shot=f"s01-{i + 1:02d}", take=KEY, frames=n, transition=transition if i else CUT)
        for i, n in enumerate(lengths)
    ]
    return Cut(number=1, width=WIDTH, height=HEIGHT, rate="24", clips=clips, captions=captions or [])


def board_of(*seconds: float, **shot: object) -> Storyboard:
    shots = [Shot(id=f"s01-{i + 1:02d}", prompt="a hill", seconds=s, **shot) for i, s in enumerate(seconds)]  # type: ignore[arg-type]
    return Storyboard(scenes=[Scene(id="s01", place="hill", shots=shots)])


def found(
    check: Check, frames: list[np.ndarray], cut: Cut, board: Storyboard | None = None, takes: "Takes | None" = None
) -> list[Finding]:
    examiner = Examiner()
    for frame in frames:
        examiner.see(frame)
    measures = examiner._meter.measures()
    intent = intent_of_film(measures.frames, cut, board, takes)
    return examine(Subject("film", RATE, measures, intent, cut=cut, storyboard=board), [check])


TWO = drift(24, seed=1) + drift(24, seed=2)


def test_a_planned_cut_is_no_fault_and_an_unplanned_one_is() -> None:
    assert failures(found(UnwantedCut(), TWO, cut_of(24, 24))) == set()
    assert ranges(found(UnwantedCut(), TWO, cut_of(20, 28)), "cut") == [(24, 24)]


@pytest.mark.parametrize(("at", "frames"), [(23, (23, 23)), (22, (22, 23)), (24, (24, 24)), (25, (24, 25))])
def test_stray_frames_beside_a_cut_are_found_on_either_side(at: int, frames: tuple[int, int]) -> None:
    film = list(TWO)
    other = drift(1, seed=9)[0]
    for index in range(frames[0], frames[1] + 1):
        film[index] = other
    assert ranges(found(Stray(), film, cut_of(24, 24)), "stray") == [frames]
    assert failures(found(Stray(), TWO, cut_of(24, 24))) == set()


class Takes:
    """Takes of the two shots: the first is smaller and of two frames a second, the second is as the film."""

    def take(self, key: str) -> Take | None:
        small = key == KEY
        width, height, rate = (WIDTH // 2, HEIGHT // 2, "2") if small else (WIDTH, HEIGHT, "24")
        asked = TakeRequest(backend="b", prompt="a hill", width=width, height=height, frames=4, rate=rate)
        return Take(key=key, request=asked, content=key, files={}, width=width, height=height, frames=4, rate=rate)

    def sound(self, take: Take) -> Path | None:
        return None


@pytest.mark.parametrize("check", [Frozen(), Jump(), Blur()], ids=lambda check: check.name)
def test_what_conforming_makes_of_a_take_is_not_judged_and_what_an_edit_does_is(check: Check) -> None:
    import cv2

    own = [cv2.GaussianBlur(frame, (0, 0), 3) for frame in drift(48, seed=1)]
    slow = [own[i // 12 * 12] for i in range(48)]
    sharp = drift(48, seed=2)
    held = [sharp[min(i, 20) if i < 36 else i] for i in range(48)]
    spoilt = [cv2.GaussianBlur(f, (0, 0), 3) if 20 <= i < 36 else f for i, f in enumerate(sharp)]
    second = {"frozen": held, "jump": drift(70)[:20] + drift(70)[32:60], "blur": spoilt}[check.name]
    cut = cut_of(48, 48)
    cut = cut.model_copy(update={"clips": [cut.clips[0], cut.clips[1].model_copy(update={"take": "1" * 64})]})
    without = ranges(found(check, slow + second, cut), check.name)
    known = ranges(found(check, slow + second, cut, takes=Takes()), check.name)
    assert any(first is not None and first >= 48 for first, _ in known), "what is wrong in the second clip"
    assert not any(first is not None and first < 48 for first, _ in known)
    if check.name == "frozen":
        assert any(first is not None and first < 48 for first, _ in without), "it is the mask that excuses the first"


def test_words_over_a_soft_picture_do_not_make_the_rest_of_it_look_out_of_focus() -> None:
    import cv2

    film = [cv2.GaussianBlur(frame, (0, 0), 0.8) for frame in drift(72, right=1)]
    for frame in film[24:48]:
        cv2.putText(frame, "Good morning", (20, HEIGHT - 20), cv2.FONT_HERSHEY_SIMPLEX, 1, (255, 255, 255), 2)
    plain = cut_of(72, captions=[Caption(start=24, frames=24, text="Good morning")])
    burnt = plain.model_copy(update={"burn_captions": True})
    assert ranges(found(Blur(), film, plain), "blur") == [(0, 23), (48, 71)], "as in a film of which nothing is known"
    assert failures(found(Blur(), film, burnt)) == set()
    film[4:16] = [cv2.GaussianBlur(frame, (0, 0), 6) for frame in film[4:16]]
    assert ranges(found(Blur(), film, burnt), "blur") == [(4, 15)]


def test_a_title_that_ends_beside_a_cut_is_no_stray_frame() -> None:
    film = list(TWO)
    for index in range(22):
        film[index] = film[index].copy()
        film[index][90:140] = 240
    cut = cut_of(24, 24)
    assert ranges(found(Stray(), film, cut), "stray") == [(22, 23)]
    titled = cut.model_copy(update={"titles": [Title(text="Once", start=0, frames=22)]})
    assert failures(found(Stray(), film, titled)) == set()


def test_a_dip_to_black_is_wanted_only_where_the_cut_says_so() -> None:
    film = list(TWO)
    for index in range(20, 28):
        film[index] = np.zeros_like(film[0])
    dip = cut_of(24, 24, transition=Transition(kind="dip_black", frames=8))
    assert failures(found(Black(), film, dip)) == set()
    assert ranges(found(Black(), film, cut_of(24, 24)), "black") == [(20, 27)]


def test_a_slate_may_stand_still() -> None:
    film = drift(1) * 24 + drift(24, seed=2)
    slate = cut_of(24, 24)
    slate = slate.model_copy(update={"clips": [slate.clips[0].model_copy(update={"take": None}), slate.clips[1]]})
    assert failures(found(Frozen(), film, slate)) == set()
    assert ranges(found(Frozen(), film, cut_of(24, 24)), "frozen") == [(0, 23)]


def test_a_shot_that_continues_must_begin_where_the_last_ended() -> None:
    board = board_of(1, 1, continues=True)
    assert ranges(found(Continues(), TWO, cut_of(24, 24), board), "continues") == [(23, 24)]
    assert {f.outcome for f in found(Continues(), drift(48), cut_of(24, 24), board)} == {"passed"}
    assert {f.outcome for f in found(Continues(), TWO, cut_of(24, 24), board_of(1, 1))} == {"not_applicable"}


def test_light_that_jumps_at_a_joint_is_named_by_what_jumps() -> None:
    same = drift(24) + drift(24)
    darker = drift(24) + [(f * 0.5).astype(np.uint8) for f in drift(24)]
    warmer = drift(24) + [np.clip(f * np.array([1.2, 1, 0.7]), 0, 255).astype(np.uint8) for f in drift(24)]
    board = board_of(1, 1)
    assert failures(found(JointLight(), same, cut_of(24, 24), board)) == set()
    assert failures(found(JointLight(), darker, cut_of(24, 24), board)) == {"joint.exposure"}
    assert failures(found(JointLight(), warmer, cut_of(24, 24), board)) == {"joint.white_balance"}
    elsewhere = Storyboard(scenes=[Scene(id=f"s0{i}", place=f"p{i}", shots=[board.shots[i - 1]]) for i in (1, 2)])
    assert {f.outcome for f in found(JointLight(), darker, cut_of(24, 24), elsewhere)} == {"not_applicable"}


def test_nearly_the_same_picture_on_both_sides_is_a_jump_cut() -> None:
    film = drift(48)
    leap = film[:24] + film[26:48] + film[46:48]
    assert ranges(found(JumpCut(), leap, cut_of(24, 24)), "jump_cut") == [(23, 24)]
    assert failures(found(JumpCut(), TWO, cut_of(24, 24))) == set()


def crossing(right: bool) -> list[np.ndarray]:
    frames = []
    for number in range(24):
        frame = drift(1)[0].copy()
        x = (40 + 5 * number) if right else (180 - 5 * number)
        frame[50:100, x : x + 40] = (250, 240, 20)
        frame[60:90, x + 10 : x + 30] = (20, 20, 90)
        frames.append(frame)
    return frames


def test_direction_across_the_picture_is_kept_over_a_cut() -> None:
    board = board_of(1, 1, characters=["ada"])
    turned = found(Direction(), crossing(True) + crossing(False), cut_of(24, 24), board)
    assert ranges(turned, "direction") == [(23, 24)]
    assert failures(found(Direction(), crossing(True) + crossing(True), cut_of(24, 24), board)) == set()
    assert {f.outcome for f in found(Direction(), TWO, cut_of(24, 24), board_of(1, 1))} == {"not_applicable"}


def test_story_names_what_is_missing_misplaced_or_of_another_length() -> None:
    board = board_of(1, 1, 1)
    assert failures(found(Story(), TWO, cut_of(24, 24, 24), board)) == set()
    assert failures(found(Story(), TWO, cut_of(24, 24), board)) == {"story.shown"}
    cut = cut_of(24, 24, 24)
    swapped = cut.model_copy(update={"clips": [cut.clips[1], cut.clips[0], cut.clips[2]]})
    assert failures(found(Story(), TWO, swapped, board)) == {"story.order"}
    assert ranges(found(Story(), TWO, cut_of(24, 36, 24), board), "story.length") == [(24, 59)]
    slate = cut.model_copy(
        update={"clips": [cut.clips[0], cut.clips[1].model_copy(update={"take": None}), cut.clips[2]]}
    )
    assert ranges(found(Story(), TWO, slate, board), "story.shown") == [(24, 47)]


def test_what_a_person_edited_is_as_it_should_be() -> None:
    board, cut = board_of(1, 1, 1), cut_of(24, 24, 24)
    moved = {"clips": [cut.clips[1], cut.clips[0], cut.clips[2]], "edits": [{"op": "move", "clip": "s01-02", "to": 0}]}
    assert failures(found(Story(), TWO, cut.model_copy(update=moved), board)) == set()
    deleted = {"clips": cut.clips[:2], "edits": [{"op": "delete", "clip": "s01-03"}]}
    assert failures(found(Story(), TWO, cut.model_copy(update=deleted), board)) == set()
    other = {"clips": cut.clips[:2], "edits": [{"op": "delete", "clip": "s01-02"}]}
    assert failures(found(Story(), TWO, cut.model_copy(update=other), board)) == {"story.shown"}
    trimmed = cut_of(24, 12, 24).model_copy(update={"edits": [{"op": "trim", "clip": "s01-02", "tail": 12}]})
    assert failures(found(Story(), TWO, trimmed, board)) == set()


def test_narration_must_fit_its_shot() -> None:
    words = Line(text="one two three four five six seven eight nine ten eleven twelve")
    board = board_of(2, 2, lines=[words])
    assert ranges(found(Narration(), TWO, cut_of(24, 96), board), "narration") == [(0, 23)]
    assert {f.outcome for f in found(Narration(), TWO, cut_of(24, 24), board_of(1, 1))} == {"not_applicable"}


def test_captions_out_of_step_are_found() -> None:
    lines = {"lines": [Line(text="We have to go.")]}
    shots = [Shot(id="s01-01", prompt="a", seconds=1), Shot(id="s01-02", prompt="b", seconds=1, **lines)]
    board = Storyboard(scenes=[Scene(id="s01", shots=shots)])
    good = Caption(start=26, frames=20, text="We have to go.")

    def problems(*captions: Caption) -> list[str]:
        findings = found(Captions(), TWO, cut_of(24, 24, captions=list(captions)), board)
        return [f.message for f in findings if f.outcome == "failed"]

    assert problems(good) == []
    assert problems(good.model_copy(update={"start": 2})) == [
        "caption 'We have to go.' is shown outside the shot in which it is said"
    ]
    assert problems(good.model_copy(update={"start": 40})) == ["caption 'We have to go.' runs past the end of the film"]
    assert problems(good.model_copy(update={"frames": 5})) == ["caption 'We have to go.' is too short to be read"]
    assert problems(good, good) == ["caption 'We have to go.' begins before the one before it ends"]
    assert problems() == ["lines are said, and there are no captions"]


def test_a_film_file_is_held_to_its_cut(tmp_path: Path) -> None:
    encode_picture(TWO, tmp_path / "film.mp4", rate=RATE)
    findings = check_film(tmp_path / "film.mp4", cut_of(24, 24), storyboard=board_of(1, 1))
    assert failures(findings) == {"contract.faststart"}
    longer = check_film(tmp_path / "film.mp4", cut_of(24, 30))
    assert {"contract.frames", "contract.length"} <= failures(longer)


def test_a_flash_inside_a_shot_is_one_finding() -> None:
    film = drift(24)
    film[11] = np.clip(film[11].astype(int) + 70, 0, 255).astype(np.uint8)
    assert ranges(found(Flash(), film, cut_of(24)), "flash") == [(11, 11)]
