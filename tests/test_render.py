"""Rendering a cut: exact frames, copied bit for bit, sound on the picture's clock, and nothing half-made."""

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from editing_rig import Shelf, frame_number, level

from reelgraph.video_tools.editing.footage import fit, sampled
from reelgraph.video_tools.editing.media import decode, encode_picture, probe, read_sound
from reelgraph.video_tools.editing.render import render_cut
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest
from reelgraph.video_tools.film import Clip, Cut, Transition

RATE = Fraction(24)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "takes")


def cut_of(*clips: Clip, rate: Fraction | int = RATE, width: int = 128, height: int = 96) -> Cut:
    return Cut(number=1, width=width, height=height, rate=Fraction(rate), clips=list(clips))


def planes_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [f.to_ndarray() for f in container.decode(video=0)]


def test_hard_cuts_copy_every_packet_bit_for_bit(tmp_path: Path, shelf: Shelf) -> None:
    takes = [shelf.add(f"t{i}", n, tone=440 * (i + 1)) for i, n in enumerate((31, 24, 50))]
    cut = cut_of(*(Clip(shot=f"s01-0{i + 1}", take=t.key, frames=t.frames) for i, t in enumerate(takes)))
    made = render_cut(cut, shelf, tmp_path / "render", tmp_path / "film.mp4")
    assert (made.frames, made.copied_frames, made.encoded_frames, made.new_frames) == (105, 105, 0, 0)
    assert made.av_offset_ms == 0.0
    facts = probe(tmp_path / "film.mp4")
    assert (facts.frames, facts.rate, facts.variable_rate) == (105, RATE, False)
    assert (facts.has_sound, facts.sample_rate, facts.channels) == (True, 48_000, 2)
    film = planes_of(tmp_path / "film.mp4")
    source = [f for t in takes for f in planes_of(shelf.picture(t))]
    assert len(film) == 105 and all(np.array_equal(a, b) for a, b in zip(film, source, strict=True))


def test_sound_changes_where_the_picture_does(tmp_path: Path, shelf: Shelf) -> None:
    a, b = shelf.add("a", 31, tone=440), shelf.add("b", 24, tone=880, sample_rate=22_050, channels=1)
    silent = shelf.add("c", 12)
    cut = cut_of(*(Clip(shot=f"s01-0{i}", take=t.key, frames=t.frames) for i, t in enumerate((a, silent, b), 1)))
    render_cut(cut, shelf, tmp_path / "render", tmp_path / "film.mp4")
    sound = read_sound(tmp_path / "film.mp4")
    assert sound is not None and sound.rate == 48_000
    assert abs(len(sound.samples) - 67 * 2000) <= 1024
    mono = sound.samples.mean(1)
    assert level(mono[:62_000], 48_000, 440) == pytest.approx(0.25, abs=0.005)
    assert np.abs(mono[62_000 + 1024 : 86_000 - 1024]).max() < 0.001
    assert level(mono[86_000:134_000], 48_000, 880) == pytest.approx(0.25, abs=0.01)
    # the tone's first sample, found by its envelope, is within 1 ms of the picture's first frame
    begins = int(np.argmax(np.abs(mono[80_000:]) > 0.1)) + 80_000
    assert abs(begins - 86_000) <= 48


def test_silent_film_has_a_silent_track(tmp_path: Path, shelf: Shelf) -> None:
    take = shelf.add("a", 25)
    render_cut(cut_of(Clip(shot="s01-01", take=take.key, frames=25)), shelf, tmp_path / "r", tmp_path / "film.mp4")
    sound = read_sound(tmp_path / "film.mp4")
    assert sound is not None and np.abs(sound.samples).max() == 0
    assert abs(len(sound.samples) - 25 * 2000) <= 1024


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001), Fraction(16), Fraction(25)])
@pytest.mark.parametrize("native", [Fraction(24), Fraction(30000, 1001), Fraction(16)])
def test_take_of_another_rate_keeps_its_speed(tmp_path: Path, shelf: Shelf, native: Fraction, rate: Fraction) -> None:
    take = shelf.add("a", 48, rate=native)
    frames = round(48 / native * rate)
    cut = cut_of(Clip(shot="s01-01", take=take.key, frames=frames), rate=rate)
    made = render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    assert made.new_frames == (0 if native == rate else frames)
    shown = [frame_number(f) for f in decode(tmp_path / "film.mp4")]
    assert len(shown) == frames and probe(tmp_path / "film.mp4").rate == rate
    for n, number in enumerate(shown):  # what the source shows in the middle of the film's frame
        assert abs(number - float((n + 0.5) / rate * native - Fraction(1, 2))) <= 0.5 + 1e-6


def test_take_of_another_size_is_encoded_once_and_only_where_it_is_shown_alone(tmp_path: Path, shelf: Shelf) -> None:
    takes = [shelf.add(name, 16, width=64, height=48, rate=Fraction(8)) for name in "ab"]  # 48 frames of the film's
    fade = Transition(kind="crossfade", frames=12)
    clips = [Clip(shot="s01-01", take=takes[0].key, frames=48),
             Clip(shot="s01-02", take=takes[1].key, frames=48, transition=fade)]  # fmt: skip
    made = render_cut(cut_of(*clips), shelf, tmp_path / "r", tmp_path / "film.mp4")
    assert (made.frames, made.encoded_frames, made.new_frames) == (84, 12, 84)
    film = planes_of(tmp_path / "film.mp4")
    out, into = ([f.to_ndarray().astype(float) for f in sampled(shelf.picture(t), 48, RATE, 128, 96)] for t in takes)
    blends = [out[36 + k] * (12 - k) / 13 + into[k] * (k + 1) / 13 for k in range(12)]
    true = [*out[:36], *blends, *into[12:]]
    for shown, wanted in zip(film, true, strict=True):
        assert 10 * np.log10(255**2 / ((shown.astype(float) - wanted) ** 2).mean()) >= 40
    shorter = [clips[0], clips[1].model_copy(update={"frames": 43})]
    again = render_cut(cut_of(*shorter), shelf, tmp_path / "r", tmp_path / "again.mp4")
    assert again.new_frames == 43 - 36  # of its last group of pictures
    render_cut(cut_of(*shorter), shelf, tmp_path / "fresh", tmp_path / "fresh.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == (tmp_path / "fresh.mp4").read_bytes()


def test_take_of_another_size_is_letterboxed_not_stretched(tmp_path: Path, shelf: Shelf) -> None:
    white = np.full((96, 96, 3), 235, np.uint8)
    take = shelf.add("a", 5, width=96, height=96, pictures=[white] * 5)
    cut = cut_of(Clip(shot="s01-01", take=take.key, frames=5))
    render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    picture = next(decode(tmp_path / "film.mp4")).mean(2)
    assert picture[48, 20:108].min() > 225 and picture[:, :14].max() < 10 and picture[:, 114:].max() < 10


@pytest.mark.parametrize(("width", "height", "bars"), [(114, 64, 0), (2000, 1124, 0), (1280, 718, 2), (100, 64, 156)])
def test_picture_of_a_rounded_size_fills_the_film_and_others_have_bars(width: int, height: int, bars: int) -> None:
    white = av.VideoFrame.from_ndarray(np.full((height, width, 3), 235, np.uint8), format="rgb24")
    luma = fit(white, Fraction(1), 1280, 720).to_ndarray()[:720]
    assert (luma.max(0) < 30).sum() + (luma.max(1) < 30).sum() == bars


@pytest.mark.parametrize("first", [0, 5, 12, 30])
@pytest.mark.parametrize("frames", [1, 11, 12, 13, 30])
def test_trim_shows_exactly_the_frames_asked_for(tmp_path: Path, shelf: Shelf, first: int, frames: int) -> None:
    take = shelf.add("a", 60)
    other = shelf.add("b", 14)
    cut = cut_of(
        Clip(shot="s01-01", take=take.key, frames=frames, in_frame=first),
        Clip(shot="s01-02", take=other.key, frames=14),
    )
    made = render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    shown = [frame_number(f) for f in decode(tmp_path / "film.mp4")]
    assert shown == [*range(first, first + frames), *range(14)]
    assert made.copied_frames + made.encoded_frames == frames + 14
    if first % 12 == 0:
        assert made.encoded_frames <= 3  # a copy can end after any frame that later ones are not needed for


def test_crossfade_blends_only_the_shared_frames(tmp_path: Path, shelf: Shelf) -> None:
    a, b = shelf.add("a", 36, tone=440), shelf.add("b", 36, tone=880)
    fade = Transition(kind="crossfade", frames=7)
    cut = cut_of(
        Clip(shot="s01-01", take=a.key, frames=36), Clip(shot="s01-02", take=b.key, frames=36, transition=fade)
    )
    made = render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    assert made.frames == 65 and probe(tmp_path / "film.mp4").frames == 65
    film, out, into = (planes_of(p) for p in (tmp_path / "film.mp4", shelf.picture(a), shelf.picture(b)))
    assert made.encoded_frames <= 7 + 3 + 5  # to the next key frame of the second, from a clean end of the first
    for n in range(26):
        assert np.array_equal(film[n], out[n])
    for n in range(12, 36):
        assert np.array_equal(film[29 + n], into[n])
    for k in range(7):
        share = (k + 1) / 8
        true = out[29 + k].astype(float) * (1 - share) + into[k].astype(float) * share
        error = ((film[29 + k].astype(float) - true) ** 2).mean()
        assert 10 * np.log10(255**2 / error) >= 40
    sound = read_sound(tmp_path / "film.mp4")
    assert sound is not None
    mid = sound.samples.mean(1)[29 * 2000 + 5000 : 29 * 2000 + 9000]
    assert level(mid, 48_000, 440) == pytest.approx(0.25 * np.sqrt(0.5), rel=0.1)
    assert level(mid, 48_000, 880) == pytest.approx(0.25 * np.sqrt(0.5), rel=0.1)


@pytest.mark.parametrize("kind", ["crossfade", "dip_black", "dip_white", "wipe", "push"])
@pytest.mark.parametrize("frames", [1, 12, 25])
def test_transition_keeps_frame_counts(tmp_path: Path, shelf: Shelf, kind: str, frames: int) -> None:
    takes = [shelf.add(f"t{i}", 40) for i in range(3)]
    move = Transition.model_validate({"kind": kind, "frames": frames})
    if kind in ("crossfade", "wipe", "push") and frames > 20:
        move = Transition.model_validate({"kind": kind, "frames": 20})
    clips = [Clip(shot=f"s01-0{i}", take=t.key, frames=40, transition=move) for i, t in enumerate(takes, 1)]
    clips[0] = clips[0].model_copy(update={"transition": Transition()})
    cut = cut_of(*clips)
    made = render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    assert probe(tmp_path / "film.mp4").frames == cut.frames == made.frames
    again = render_cut(cut, shelf, tmp_path / "r", tmp_path / "again.mp4")
    assert again.new_frames == 0
    assert (tmp_path / "film.mp4").read_bytes() == (tmp_path / "again.mp4").read_bytes()


def test_slate_and_still_fill_their_time(tmp_path: Path, shelf: Shelf) -> None:
    still = shelf.add("still", 1, still=True)
    cut = cut_of(
        Clip(shot="s01-01", take=None, frames=17, label="the server refused it: 50%{n} off, don't"),
        Clip(shot="s01-02", take=still.key, frames=20),
    )
    made = render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    shown = list(decode(tmp_path / "film.mp4"))
    assert len(shown) == 37 == made.frames
    assert [frame_number(f) for f in shown[17:]] == [0] * 20
    assert shown[3].std() > 20  # something is written there


def test_film_is_the_same_bytes_for_the_same_cut(tmp_path: Path, shelf: Shelf) -> None:
    take = shelf.add("a", 30, tone=300)
    cut = cut_of(Clip(shot="s01-01", take=take.key, frames=25, in_frame=3))
    hashes = set()
    for name in ("one", "two"):
        render_cut(cut, shelf, tmp_path / name, tmp_path / f"{name}.mp4")
        hashes.add(hashlib.sha256((tmp_path / f"{name}.mp4").read_bytes()).hexdigest())
    assert len(hashes) == 1


def test_film_can_start_playing_before_it_is_all_there(tmp_path: Path, shelf: Shelf) -> None:
    take = shelf.add("a", 24)
    render_cut(cut_of(Clip(shot="s01-01", take=take.key, frames=24)), shelf, tmp_path / "r", tmp_path / "film.mp4")
    data = (tmp_path / "film.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_impossible_cuts_are_refused_before_rendering(tmp_path: Path, shelf: Shelf) -> None:
    a = shelf.add("a", 30)
    ok = Clip(shot="s01-01", take=a.key, frames=30)
    fade = Transition(kind="crossfade", frames=31)
    for cut, words in [
        (cut_of(ok.model_copy(update={"frames": 31})), "s01-01 .* has 30"),
        (cut_of(ok.model_copy(update={"in_frame": 29, "frames": 2})), "shorten it to 1 frame"),
        (cut_of(ok, ok.model_copy(update={"shot": "s01-02", "transition": fade})), "s01-01 has 30 frames .* take 31"),
        (cut_of(ok.model_copy(update={"transition": Transition(kind="wipe", frames=3)})), "is the first"),
        (cut_of(ok.model_copy(update={"transition": Transition(kind="wipe")})), "wipe of 0 frames"),
        (cut_of(ok, width=127), "width 127"),
    ]:
        with pytest.raises(InvalidRequest, match=words):
            render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    with pytest.raises(CorruptProject, match="not there"):
        render_cut(cut_of(ok.model_copy(update={"take": "0" * 64})), shelf, tmp_path / "r", tmp_path / "film.mp4")
    assert not (tmp_path / "film.mp4").exists() and not (tmp_path / "r").exists()


def test_failed_render_leaves_the_earlier_film_alone(tmp_path: Path, shelf: Shelf) -> None:
    a = shelf.add("a", 30)
    cut = cut_of(Clip(shot="s01-01", take=a.key, frames=30))
    out = tmp_path / "deliver" / "film.mp4"
    render_cut(cut, shelf, tmp_path / "r", out)
    before = out.read_bytes()
    encode_picture([np.zeros((96, 128, 3), np.uint8)] * 12, shelf.picture(a), rate=RATE)
    with pytest.raises(CorruptProject, match="18 of 30 frames are missing"):
        render_cut(cut, shelf, tmp_path / "r", out)
    assert out.read_bytes() == before
    assert [p.name for p in out.parent.iterdir()] == ["film.mp4"]


@pytest.mark.parametrize(
    ("speed", "first", "frames", "expected"),
    [
        ("2", 4, 10, [4, 6, 8, 10, 12, 14, 16, 18, 20, 22]),
        ("1/2", 3, 7, [3, 3, 4, 4, 5, 5, 6]),
        ("-1", 29, 30, list(range(29, -1, -1))),
        ("-3/2", 20, 5, [20, 19, 17, 16, 14]),
        ("0", 13, 6, [13] * 6),
    ],
)
def test_speed_shows_the_frames_it_says(
    tmp_path: Path, shelf: Shelf, speed: str, first: int, frames: int, expected: list[int]
) -> None:
    take = shelf.add("a", 30)
    clip = Clip.model_validate(
        {"shot": "s01-01", "take": take.key, "frames": frames, "in_frame": first, "speed": speed}
    )
    render_cut(cut_of(clip), shelf, tmp_path / "r", tmp_path / "film.mp4")
    assert [frame_number(f) for f in decode(tmp_path / "film.mp4")] == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"speed": "2", "frames": 16}, "shorten it to 15 frames"),
        ({"speed": "-1", "in_frame": 4, "frames": 6}, "past the take's first: shorten it to 5 frames"),
        ({"speed": "0", "in_frame": 30, "frames": 6}, "begin at 29 or before"),
    ],
)
def test_speed_past_the_take_is_refused(tmp_path: Path, shelf: Shelf, changes: dict[str, object], words: str) -> None:
    take = shelf.add("a", 30)
    clip = Clip.model_validate({"shot": "s01-01", "take": take.key, **changes})
    with pytest.raises(InvalidRequest, match=words):
        render_cut(cut_of(clip), shelf, tmp_path / "r", tmp_path / "film.mp4")
