"""Captions: shown while they can be read, broken where readers expect it, and read from any editor's files."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pysubs2
import pytest
from editing_rig import Shelf

from reelgraph.video_tools.editing.captions import (
    CHARACTERS_A_SECOND,
    LINE_CHARACTERS,
    CaptionForm,
    broken,
    captions_of,
    read_captions,
    write_captions,
    write_srt,
)
from reelgraph.video_tools.editing.containers import open_media
from reelgraph.video_tools.editing.media import decode
from reelgraph.video_tools.editing.render import render_cut
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


@pytest.mark.parametrize("seconds", [2, 1 / 24])
def test_line_that_starts_after_its_shot_has_ended_is_shown_in_its_last_frames(seconds: float) -> None:
    lines = [Line(text="Too late.", start=5, character="ada"), Line(text="And later.", character="ben")]
    board, cut = film(
        Shot(id="s01-01", prompt="a", seconds=1), Shot(id="s01-02", prompt="b", seconds=seconds, lines=lines)
    )
    shown = captions_of(board, cut)
    assert [c.text for c in shown] == ["Too late. And later."] and shown[0].speaker == "ada"
    assert shown[0].start >= 24 and shown[0].start + shown[0].frames == cut.frames
    assert shown[0].frames == min(round(seconds * 24), 20)  # 5/6 s, the least that a caption is shown


def test_reading_speed_is_kept_where_there_is_room() -> None:
    text = "The lamp has been dark for eleven nights, and nobody in the village will say why."
    board, cut = film(Shot(id="s01-01", prompt="a", seconds=10, lines=[Line(text=text)]))
    for caption in captions_of(board, cut):
        assert len(caption.text) / (caption.frames / 24) <= CHARACTERS_A_SECOND * 1.02


def test_caption_stays_while_it_is_said() -> None:
    board, cut = film(Shot(id="s01-01", prompt="a", seconds=4, lines=[Line(text="Last one. No wind, please.")]))
    assert [c.frames for c in captions_of(board, cut)] == [48]  # five words at two and a half a second


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
        assert read_captions(tmp_path / "film.srt", rate) == (captions, [])


def test_srt_with_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    cues = [("00:00:00,500", "00:00:01,500", "First"), ("00:00:02,000", "00:00:03,000", "Second"),
            ("00:00:03,500", "00:00:03,998", "Third")]  # fmt: skip
    text = "\ufeff" + "".join(f"{i}\r\n{a} --> {b}\r\n{t}\r\n\r\n" for i, (a, b, t) in enumerate(cues, 1))
    (tmp_path / "windows.srt").write_bytes(text.encode())
    captions, _ = read_captions(tmp_path / "windows.srt", RATE)
    assert [(c.start, c.start + c.frames, c.text) for c in captions] == [
        (12, 36, "First"),
        (48, 72, "Second"),
        (84, 96, "Third"),
    ]
    shelf = Shelf(tmp_path / "takes")
    take = shelf.add("a", 96, width=320, height=180)
    cut = Cut(number=1, width=320, height=180, rate=RATE, clips=[Clip(shot="s01-01", take=take.key, frames=96)])
    render_cut(cut, shelf, tmp_path / "r", tmp_path / "plain.mp4")
    burnt = cut.model_copy(update={"captions": captions, "burn_captions": True})
    render_cut(burnt, shelf, tmp_path / "r", tmp_path / "burnt.mp4")
    pairs = zip(decode(tmp_path / "plain.mp4"), decode(tmp_path / "burnt.mp4"), strict=True)
    shown = [bool((np.abs(a.astype(int) - b) > 40).any()) for a, b in pairs]
    assert shown == [12 <= n < 36 or 48 <= n < 72 or n >= 84 for n in range(96)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # names above cues and comments are not shown
        ("WEBVTT\n\nintro\n00:00:01.000 --> 00:00:02.000\nHi\n\n2\n00:03.000 --> 00:04.000 line:0\nThere\n12\n",
         [(24, 24, "Hi", ""), (72, 24, "There\n12", "")]),
        ("WEBVTT - by X\nKind: captions\n\nNOTE\nnot\nchecked\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:x\n\n"
         "00:01.000 --> 00:02.000\nHi\n\nNOTE check 00:01.000 --> 00:02.000\n\n1:00:03.500 --> 1:00:04.000\nThere\n\n"
         "NOTE the end\n",
         [(24, 24, "Hi", ""), (86484, 12, "There", "")]),
        # references are decoded, tags are not shown, and times within a cue are no cue's
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nThere &amp; back&nbsp;again &lt;b&gt;\n",
         [(24, 24, "There & back\xa0again <b>", "")]),
        ("WEBVTT\n\n00:01.000 --> 00:03.000\n"
         "<v.loud Mara &amp; Tom>Well, <00:01.500><c.yellow>no</c> <00:02.000>way</v>\n",
         [(24, 48, "Well, no way", "Mara & Tom")]),
        ("1\n00:00:01,000 --> 00:00:02,000\nIf a<b then c>d\n\n2\n00:00:03,000 --> 00:00:04,000\nTom & <Jerry>\n",
         [(24, 24, "If a<b then c>d", ""), (72, 24, "Tom & <Jerry>", "")]),
        ("WEBVTT\n\n0:01,5-->0:02.00\nHi\n", [(36, 12, "Hi", "")]),
        ("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<font color=\"#fff\">Hi</font> <B>you</B>\n\n"
         "2\n00:00:03,000 --> 00:00:04,000\n<i>How old?</i>\n12",
         [(24, 24, "Hi you", ""), (72, 24, "How old?\n12", "")]),
        # MicroDVD counts frames of the film, or of the rate that it names; its codes are not shown, other braces are
        ("{24}{48}Hello|World\n{60}{90}Two\n", [(24, 24, "Hello\nWorld", ""), (60, 30, "Two", "")]),
        ("{1}{1}25\n{25}{50}{Y:i}Hello|{c:$0000ff}World\n{ 75 }{ 100 } {laughs} a\\Nb {5}\n",
         [(24, 24, "Hello\nWorld", ""), (72, 24, "{laughs} a\\Nb {5}", "")]),
        # in the order in which they are shown
        ("1\n00:00:03,000 --> 00:00:04,000\nlate\n\n2\n00:00:01,000 --> 00:00:02,000\nearly\n",
         [(24, 24, "early", ""), (72, 24, "late", "")]),
    ],
)  # fmt: skip
def test_captions_are_what_a_file_shows(tmp_path: Path, text: str, shown: list[tuple[int, int, str, str]]) -> None:
    (tmp_path / "film.txt").write_text(text, encoding="utf-8")
    assert [(c.start, c.frames, c.text, c.speaker) for c in read_captions(tmp_path / "film.txt", RATE)[0]] == shown


ASS = "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\n\n[Events]\n"


@pytest.mark.parametrize(
    "text",
    [
        "1\n-00:00:01,500 --> 00:00:01,000\nHi\n\n2\n-00:00:02,000 --> -00:00:01,000\nGone\n\n"
        "3\n00:00:02,000 --> 00:00:03,000\nThere -> -1\n",
        "WEBVTT\n\n-00:01.500 --> 00:01.000\nHi\n\n-00:00:02.000 --> -00:01.000\nGone\n\n"
        "00:02.000 --> 00:03.000\nThere -> -1\n",
        "{-36}{24}Hi\n{-48}{-24}Gone\n{48}{72}There -> -1\n",
        f"{ASS}Dialogue: 0,-0:00:01.50,0:00:01.00,Default,,0,0,0,,Hi\n"
        "Dialogue: 0,-9:00:00.00,-0:00:01.00,Default,,0,0,0,,Gone\n"
        "Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,There -> -1\n",
    ],
    ids=["srt", "vtt", "microdvd", "ass"],
)
def test_captions_before_the_film_begin_with_it_or_are_left_out_and_it_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "film.txt").write_text(text, encoding="utf-8")
    captions, notes = read_captions(tmp_path / "film.txt", RATE)
    assert [(c.start, c.frames, c.text) for c in captions] == [(0, 24, "Hi"), (48, 24, "There -> -1")]
    assert notes == [
        "film.txt: 1 caption began where the film does",
        "film.txt: 1 caption left out, before the film's beginning",
    ]


def test_vtt_writes_signs_of_its_markup_as_references(tmp_path: Path) -> None:
    captions = [Caption(start=0, frames=24, text="If a<b & c>d\n<i>"), Caption(start=24, frames=24, text="x --> y")]
    write_captions(captions, RATE, tmp_path / "film.vtt", "vtt")
    written = (tmp_path / "film.vtt").read_text(encoding="utf-8")
    assert "If a&lt;b &amp; c&gt;d\n&lt;i&gt;\n" in written and "x --&gt; y\n" in written
    assert read_captions(tmp_path / "film.vtt", RATE) == (captions, [])


def test_other_tools_read_our_srt(tmp_path: Path) -> None:
    write_srt([Caption(start=12, frames=24, text="Hello\nthere")], RATE, tmp_path / "film.srt")
    file = pysubs2.load(str(tmp_path / "film.srt"))
    assert [(e.start, e.end, e.plaintext) for e in file] == [(500, 1500, "Hello\nthere")]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"a shopping list", b"{24}{}Hello\n{60}{90}Two\n"])
def test_read_captions_refuses_other_files(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.srt").write_bytes(data)
    with pytest.raises(InvalidRequest, match=r"x\.srt"):
        read_captions(tmp_path / "x.srt", RATE)


@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
def test_every_form_keeps_times_and_words(tmp_path: Path, form: CaptionForm) -> None:
    captions = [Caption(start=12, frames=24, text="Don't:\n«стой» 50%"), Caption(start=48, frames=6, text="Γειά, [x];")]
    write_captions(captions, RATE, tmp_path / f"film.{form}", form)
    assert read_captions(tmp_path / f"film.{form}", RATE) == (captions, [])
    head = (tmp_path / f"film.{form}").read_text(encoding="utf-8")
    assert head.startswith({"srt": "1\n", "vtt": "WEBVTT", "ass": "[Script Info]"}[form])


def test_ass_shows_braces_and_backslashes_as_signs(tmp_path: Path) -> None:
    write_captions([Caption(start=0, frames=24, text="50%{n} a\\nb")], RATE, tmp_path / "film.ass", "ass")
    assert "50%\\{n\\} a\\\u2060nb" in (tmp_path / "film.ass").read_text(encoding="utf-8")
    assert [c.text for c in read_captions(tmp_path / "film.ass", RATE)[0]] == ["50%{n} a\\nb"]


def track(path: Path) -> list[tuple[int, int, str]]:
    with open_media(path) as film:
        text = film.streams.subtitles[0]
        assert text.codec_context.name == "mov_text" and text.time_base is not None
        return [
            (int(p.pts * text.time_base * 24), int(p.duration * text.time_base * 24), bytes(p)[2:].decode())
            for p in film.demux(text)
            if p.pts is not None and p.duration is not None and len(bytes(p)) > 2
        ]


def test_embedded_captions_are_a_track_with_the_same_times(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    take = shelf.add("a", 72)
    captions = [Caption(start=12, frames=24, text="First\n«стой»"), Caption(start=48, frames=12, text="Second")]
    cut = Cut(number=1, width=128, height=96, rate=RATE, captions=captions,
              clips=[Clip(shot="s01-01", take=take.key, frames=72)])  # fmt: skip
    render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4", embed_captions=True)
    assert track(tmp_path / "film.mp4") == [(12, 24, "First\n«стой»"), (48, 12, "Second")]
    assert len(list(decode(tmp_path / "film.mp4"))) == 72
    spans = [(48, 12, "Third"), (12, 24, "First"), (24, 18, "Second"), (48, 12, "Fourth")]
    together = [Caption(start=start, frames=frames, text=text) for start, frames, text in spans]
    cut = cut.model_copy(update={"captions": together})
    render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4", embed_captions=True)
    assert track(tmp_path / "film.mp4") == [
        (12, 12, "First"), (24, 12, "First\nSecond"), (36, 6, "Second"), (48, 12, "Third\nFourth")
    ]  # fmt: skip
