"""Titles, captions and insets: drawn exactly where and when they should be, and only there."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from editing_rig import Shelf, frame_number, numbered

from reelgraph.video_tools.editing.media import decode
from reelgraph.video_tools.editing.render import render_cut
from reelgraph.video_tools.editing.titles import drawn_title, title_lines
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Caption, Clip, Cut, Inset, Title
from reelgraph.video_tools.lettering import Letters

RATE = Fraction(24)


def film(tmp_path: Path, **changes: object) -> tuple[list[np.ndarray], list[np.ndarray], int]:
    """Render one 60-frame clip with and without something over it; also say how many frames were encoded."""
    shelf = Shelf(tmp_path / "takes")
    take = shelf.add("a", 60, width=320, height=180)
    cut = Cut(number=1, width=320, height=180, rate=RATE, clips=[Clip(shot="s01-01", take=take.key, frames=60)])
    plain = render_cut(cut, shelf, tmp_path / "r", tmp_path / "plain.mp4")
    assert plain.encoded_frames == 0
    changed = cut.model_copy(update=changes)
    made = render_cut(changed, shelf, tmp_path / "r", tmp_path / "film.mp4")
    return list(decode(tmp_path / "plain.mp4")), list(decode(tmp_path / "film.mp4")), made.encoded_frames


def differs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(int) - b).max(2) > 40


def test_title_is_shown_in_its_frames_and_no_others(tmp_path: Path) -> None:
    plain, shown, encoded = film(tmp_path, titles=[Title(start=20, frames=15, text="THE LAMP")])
    assert len(shown) == 60
    changed = [bool(differs(a, b).any()) for a, b in zip(plain, shown, strict=True)]
    assert changed == [20 <= n < 35 for n in range(60)]
    assert [frame_number(f) for f in shown] == list(range(60))
    assert encoded <= 15 + 3 + 1  # from a clean end before frame 20 to the key frame at 36
    for n in (*range(17), *range(36, 60)):
        assert np.array_equal(plain[n], shown[n])
    rows, columns = np.where(differs(plain[25], shown[25]))
    assert abs((rows.min() + rows.max()) / 2 - 90) <= 8 and abs((columns.min() + columns.max()) / 2 - 160) <= 4


@pytest.mark.parametrize(
    ("one", "other"), [("100%", "100"), ("don't", "dont"), ("a: b", "a b"), ("a\\b", "ab"), ("50%{n}", "50%")]
)
def test_title_draws_every_sign(tmp_path: Path, one: str, other: str) -> None:
    pictures = []
    for i, text in enumerate((one, other)):
        _, shown, _ = film(tmp_path / str(i), titles=[Title(start=0, frames=12, text=text)])
        pictures.append(shown[5])
    assert differs(*pictures).sum() > 5


@pytest.mark.parametrize("text", ["455%. Anora", "50%{n} off: don't stop", "a\\nb, [x];"])
def test_title_of_odd_signs_is_drawn_as_it_is_written(tmp_path: Path, text: str) -> None:
    plain, shown, _ = film(tmp_path, titles=[Title(start=0, frames=12, text=text)])
    whole = np.asarray(drawn_title(Title(start=0, frames=12, text=text), 320, 180))
    ink = whole.min(2) > 250  # white and opaque
    assert ink.sum() > 200 and shown[5][ink].mean() > 215
    near = cv2.dilate(whole[..., 3], np.ones((5, 5), np.uint8)) > 0  # colour is stored at half the size
    assert not (differs(plain[5], shown[5]) & ~near).any()
    assert len(Letters(18, bold=True).wrap(text, 288)) == 1
    for at, sign in enumerate(text):  # and no sign of it can be left out unseen
        if sign != " ":
            without = drawn_title(Title(start=0, frames=12, text=text[:at] + text[at + 1 :]), 320, 180)
            assert not np.array_equal(np.asarray(without), whole), sign


def test_title_asking_for_a_file_shows_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("SECRET")
    text = f"textfile={tmp_path}/secret.txt"
    _, one, _ = film(tmp_path / "1", titles=[Title(start=0, frames=12, text=text)])
    (tmp_path / "secret.txt").write_text("ANOTHER")
    _, two, _ = film(tmp_path / "2", titles=[Title(start=0, frames=12, text=text)])
    assert np.array_equal(one[5], two[5])


def test_title_fades_in_and_out(tmp_path: Path) -> None:
    plain, shown, _ = film(tmp_path, titles=[Title(start=12, frames=24, text="LIGHT", fade=6)])
    change = [np.abs(a.astype(int) - b).mean() for a, b in zip(plain, shown, strict=True)]
    assert change[12] < change[14] < change[18] and change[35] < change[33] < change[28]
    assert change[20] == pytest.approx(change[26], rel=0.2)


def test_lower_third_stands_at_the_lower_left(tmp_path: Path) -> None:
    title = Title(start=0, frames=30, text="Ada Light", second="keeper of the lamp", kind="lower_third")
    plain, shown, _ = film(tmp_path, titles=[title])
    rows, columns = np.where(differs(plain[10], shown[10]))
    assert rows.min() > 100 and rows.max() <= 171 and columns.min() == 16 and columns.max() < 200


def test_burnt_captions_are_in_the_picture_and_others_are_not(tmp_path: Path) -> None:
    captions = [Caption(start=12, frames=24, text="First")]
    plain, shown, _ = film(tmp_path / "burnt", captions=captions, burn_captions=True)
    changed = [bool(differs(a, b).any()) for a, b in zip(plain, shown, strict=True)]
    assert changed[24] and not changed[40] and changed == [12 <= n < 36 for n in range(60)]
    rows, _ = np.where(differs(plain[24], shown[24]))
    assert rows.min() > 140
    plain, shown, encoded = film(tmp_path / "beside", captions=captions)
    assert encoded == 0 and all(np.array_equal(a, b) for a, b in zip(plain, shown, strict=True))


def test_inset_shows_its_own_frames_in_its_place(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    base = shelf.add("a", 48, width=320, height=180)
    small = shelf.add("b", 48, width=160, height=90, rate=24)
    cut = Cut(
        number=1,
        width=320,
        height=180,
        rate=RATE,
        clips=[Clip(shot="s01-01", take=base.key, frames=48)],
        insets=[Inset(take=small.key, start=12, frames=24, in_frame=5, left=0.45, top=0.05, width=0.5)],
    )
    render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    shown = list(decode(tmp_path / "film.mp4"))
    assert len(shown) == 48
    for n in range(12, 36):
        inset = shown[n][10:100, 144:304]
        assert frame_number(inset) == n - 12 + 5
        assert np.abs(inset[20, 20].astype(int) - numbered(0, 1, 160, 90)[20, 20]).max() < 8


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"titles": [Title(start=50, frames=11, text="x")]}, "frames 50 to 61 of a film of 60"),
        ({"titles": [Title(start=0, frames=10, text="x", fade=6)]}, "fades for 12 of its 10"),
        ({"titles": [Title(start=0, frames=10, text="\U0001f9ff\U00012000")]}, "no font here has"),
    ],
)
def test_impossible_overlays_are_refused(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        film(tmp_path, **changes)
    assert not (tmp_path / "film.mp4").exists()


def test_inset_outside_the_picture_is_refused(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    take = shelf.add("a", 24, width=320, height=180)
    inset = Inset(take=take.key, start=0, frames=24, left=0.8, width=0.3)
    cut = Cut(
        number=1,
        width=320,
        height=180,
        rate=RATE,
        clips=[Clip(shot="s01-01", take=take.key, frames=24)],
        insets=[inset],
    )
    with pytest.raises(InvalidRequest, match="leaves the film's 320x180: move it to 224"):
        render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")


def test_title_breaks_no_word_in_an_upright_picture() -> None:
    title = Title(start=0, frames=1, text="The Lighthouse Keeper's Daughter", second="a film by nobody")
    upright = title_lines(title, 360, 640)
    assert upright.lines == ["The Lighthouse", "Keeper's", "Daughter"] and upright.large.size == 36
    long = title_lines(title.model_copy(update={"text": "Incomprehensibilities"}), 360, 640)
    assert long.lines == ["Incomprehensibilities"] and 18 <= long.large.size < 36
    wide = title_lines(title.model_copy(update={"text": "The Lighthouse Keeper"}), 1280, 720)
    assert (wide.lines, wide.large.size, wide.small.size) == (["The Lighthouse Keeper"], 72, 40)


def test_words_that_the_picture_has_no_room_for_are_refused_before_rendering(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    cut = Cut(number=1, width=128, height=96, rate=Fraction(24),
              clips=[Clip(shot="s01-01", take=shelf.add("a", 12).key, frames=12)])  # fmt: skip
    full = "word " * 79 + "word"
    title, caption = Title(start=0, frames=12, text=full), Caption(start=0, frames=12, text=full)
    for changes in ({"titles": [title]}, {"captions": [caption], "burn_captions": True}):
        with pytest.raises(InvalidRequest, match="does not fit into the picture, even in small letters: shorten it"):
            render_cut(cut.model_copy(update=changes), shelf, tmp_path / "r", tmp_path / "film.mp4")
    assert not (tmp_path / "r").exists() and not (tmp_path / "film.mp4").exists()
    render_cut(cut.model_copy(update={"captions": [caption]}), shelf, tmp_path / "r", tmp_path / "film.mp4")
