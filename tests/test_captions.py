"""Captions: shown while they can be read, broken where readers expect it, and read from any editor's files."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest

from reelgraph.video_tools.editing.captions import (
    CHARACTERS_A_SECOND,
    LINE_CHARACTERS,
    broken,
    captions_of,
    read_captions,
    write_srt,
)
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Caption, Clip, Cut, Line, Scene, Shot, Storyboard

RATE = Fraction(24)


def film(*shots: Shot) -> tuple[Storyboard, Cut]:
    board = Storyboard(scenes=[Scene(id="s01", shots=list(shots))])
    clips = [Clip(shot=s.id, take=None, frames=round(s.seconds * 24)) for s in shots]
    return board, Cut(number=1, width=128, height=96, rate=RATE, clips=clips)


def test_captions_stay_in_their_shot_and_do_not_overlap() -> None:
    board, cut = film(
        Shot(id="s01-01", prompt="a", seconds=2),
        Shot(id="s01-02", prompt="b", seconds=5, lines=[Line(text="Who is there?", character="ada"), Line(text="Me.")]),
        Shot(id="s01-03", prompt="c", seconds=1, lines=[Line(text="word " * 40)]),
    )
    captions = captions_of(board, cut)
    assert [c.speaker for c in captions[:2]] == ["ada", ""]
    assert all(c.start >= 48 and c.start + c.frames <= 48 + 120 for c in captions[:2])
    assert all(c.start >= 168 and c.start + c.frames <= 192 for c in captions[2:])
    assert " ".join(c.text.replace("\n", " ") for c in captions[2:]) == ("word " * 40).strip()
    for one, two in pairwise(captions):
        assert one.start + one.frames <= two.start


def test_line_that_says_when_it_starts_is_shown_then() -> None:
    board, cut = film(Shot(id="s01-01", prompt="a", seconds=6, lines=[Line(text="Now.", start=2.5)]))
    assert [(c.start, c.text) for c in captions_of(board, cut)] == [(60, "Now.")]


def test_reading_speed_is_kept_where_there_is_room() -> None:
    text = "The lamp has been dark for eleven nights, and nobody in the village will say why."
    board, cut = film(Shot(id="s01-01", prompt="a", seconds=10, lines=[Line(text=text)]))
    for caption in captions_of(board, cut):
        assert len(caption.text) / (caption.frames / 24) <= CHARACTERS_A_SECOND * 1.02


def test_breaking_loses_no_word_and_keeps_two_lines() -> None:
    text = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen."
    pieces = broken(text)
    assert " ".join(p.replace("\n", " ") for p in pieces) == text
    for piece in pieces:
        lines = piece.split("\n")
        assert len(lines) <= 2 and all(len(line) <= LINE_CHARACTERS for line in lines)


def test_srt_round_trip_keeps_frames_and_odd_text(tmp_path: Path) -> None:
    captions = [
        Caption(start=12, frames=24, text="455%. Anora"),
        Caption(start=48, frames=24, text="50%{n} off: don't\na\\nb, [x];"),
        Caption(start=84, frames=12, text="«Стой!» — Γειά"),
    ]
    for rate in (RATE, Fraction(30000, 1001)):
        write_srt(captions, rate, tmp_path / "film.srt")
        assert read_captions(tmp_path / "film.srt", rate) == captions


def test_srt_with_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    cues = [("00:00:00,500", "00:00:01,500", "First"), ("00:00:02,000", "00:00:03,000", "Second"),
            ("00:00:03,500", "00:00:03,998", "Third")]  # fmt: skip
    text = "\ufeff" + "".join(f"{i}\r\n{a} --> {b}\r\n{t}\r\n\r\n" for i, (a, b, t) in enumerate(cues, 1))
    (tmp_path / "windows.srt").write_bytes(text.encode())
    captions = read_captions(tmp_path / "windows.srt", RATE)
    assert [(c.start, c.start + c.frames, c.text) for c in captions] == [
        (12, 36, "First"),
        (48, 72, "Second"),
        (84, 96, "Third"),
    ]


def test_other_tools_read_our_srt(tmp_path: Path) -> None:
    write_srt([Caption(start=12, frames=24, text="Hello\nthere")], RATE, tmp_path / "film.srt")
    file = pysubs2.load(str(tmp_path / "film.srt"))
    assert [(e.start, e.end, e.plaintext) for e in file] == [(500, 1500, "Hello\nthere")]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"a shopping list"])
def test_read_captions_refuses_other_files(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.srt").write_bytes(data)
    with pytest.raises(InvalidRequest, match=r"x\.srt"):
        read_captions(tmp_path / "x.srt", RATE)
