"""Real footage into a film: every case is one that somebody's tool got wrong, with its exact right values."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from editing_rig import frame_number, level, numbered
from footage_rig import sine, turn, write_media
from PIL import Image

from reelgraph.video_tools.editing import containers
from reelgraph.video_tools.editing.assemble import Assembled, assemble, rate_for
from reelgraph.video_tools.editing.exchange import read_otio
from reelgraph.video_tools.editing.media import MediaFacts, decode, probe, read_sound
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Transition

F = 2000  # samples in one film frame at 24 a second


def numbers(count: int, take: int = 0, width: int = 320, height: int = 180) -> list[np.ndarray]:
    return [numbered(n, take, width, height) for n in range(count)]


def join(tmp_path: Path, *files: Path, **options: object) -> tuple[Assembled, list[np.ndarray], np.ndarray]:
    """Assemble, and return also the film's pictures and its sound as mono."""
    made = assemble(files, tmp_path / "film.mp4", cache=tmp_path / "cache", **options)  # type: ignore[arg-type]
    sound = read_sound(tmp_path / "film.mp4")
    assert sound is not None and sound.rate == 48_000 and sound.samples.shape[1] == 2
    facts = probe(tmp_path / "film.mp4")
    assert facts.frames == made.cut.frames == made.rendered.frames and not facts.variable_rate
    assert -1024 <= len(sound.samples) - made.cut.frames * 48_000 / made.cut.rate <= 1024
    assert made.rendered.av_offset_ms == 0
    return made, list(decode(tmp_path / "film.mp4")), sound.samples.mean(1)


def change(sound: np.ndarray, one: float, other: float) -> float:
    """Return the sample at which one tone gives way to another."""
    step = 240
    heard = [
        (level(sound[i : i + 960], 48_000, one), level(sound[i : i + 960], 48_000, other))
        for i in range(0, len(sound) - 960, step)
    ]
    return next(i * step + 480 for i, (a, b) in enumerate(heard) if b > a)


def test_clips_of_29_97_and_24_keep_their_speed(tmp_path: Path) -> None:
    a = write_media(tmp_path / "a.mp4", numbers(60), rate=Fraction(30000, 1001), sound=sine(440, 2.002))
    b = write_media(tmp_path / "b.mp4", numbers(48, 1), rate=24, sound=sine(880, 2))
    made, shown, sound = join(tmp_path, a, b, rate=Fraction(24))
    assert len(shown) == 96 and probe(tmp_path / "film.mp4").duration == 4.0
    assert frame_number(shown[47]) in (58, 59)
    assert [frame_number(f) for f in shown[48:]] == list(range(48))
    assert abs(change(sound, 440, 880) - 48 * F) <= F
    assert "a.mp4: 30000/1001 frames a second shown at 24" in made.notes


def test_sound_longer_than_the_picture_is_not_carried_over(tmp_path: Path) -> None:
    a = write_media(tmp_path / "a.mp4", numbers(49), sound=sine(440, 2.0817))
    b = write_media(tmp_path / "b.mp4", numbers(49, 1), sound=sine(880, 2.0817))
    _, shown, sound = join(tmp_path, a, b)
    assert [frame_number(f) for f in shown] == [*range(49)] * 2
    assert abs(change(sound, 440, 880) - 49 * F) <= 480  # 10 ms
    around = np.abs(sound[49 * F - 2400 : 49 * F + 2400]).reshape(-1, 480).max(1)
    assert around.min() > 0.05  # no gap of 10 ms at the joint


def test_phone_clip_with_a_rotation_flag_stands_upright(tmp_path: Path) -> None:
    y, x = np.mgrid[:360, :640]
    disc = np.where(((x - 320) ** 2 + (y - 180) ** 2 < 100**2)[..., None], 230, 30).astype(np.uint8).repeat(3, 2)
    disc[:40, :40] = (230, 20, 20)  # the stored top left, which is shown at the top right
    phone = turn(write_media(tmp_path / "rot.mp4", [disc] * 12), 90)
    true = write_media(tmp_path / "true.mp4", numbers(12, 1, 360, 640))
    facts = probe(phone)
    assert (facts.width, facts.height, facts.rotation % 180) == (360, 640, 90)
    made, shown, _ = join(tmp_path, phone, true)
    assert (made.cut.width, made.cut.height) == (360, 640)
    picture = shown[5]
    rows, columns = np.where(picture[60:580].mean(2) > 128)
    assert abs(np.ptp(rows) / np.ptp(columns) - 1) <= 0.02 and abs(np.ptp(rows) + 1 - 200) <= 4
    assert picture[:20, -20:, 0].mean() > 180 and picture[:20, -20:, 1].mean() < 60
    assert picture[200, :5].mean() < 60 and picture[320, 180].mean() > 200  # no bars: the ground reaches the edge
    assert probe(tmp_path / "film.mp4").rotation == 0
    assert [frame_number(f) for f in shown[12:]] == list(range(12))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_turns_the_right_way(tmp_path: Path, degrees: int) -> None:
    picture = np.full((64, 96, 3), 40, np.uint8)
    picture[:20, :20] = (230, 230, 230)
    path = turn(write_media(tmp_path / "a.mp4", [picture] * 3), degrees)
    _, shown, _ = join(tmp_path, path)
    corners = {"top left": shown[0][:16, :16], "top right": shown[0][:16, -16:],
               "bottom right": shown[0][-16:, -16:], "bottom left": shown[0][-16:, :16]}  # fmt: skip
    bright = max(corners, key=lambda name: corners[name].mean())
    assert bright == {90: "top right", 180: "bottom right", 270: "bottom left"}[degrees]


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_variable_rate_keeps_sound_and_picture_together(tmp_path: Path, container: str) -> None:
    kept = [n for n in range(120) if n < 60 or n % 3 == 0 or n == 119]
    assert len(kept) == 81
    pictures = [np.full((180, 320, 3), 235 if n % 30 == 0 else 16, np.uint8) for n in kept]
    t = np.arange(4 * 48_000) / 48_000
    beeps = (0.5 * np.sin(2 * np.pi * 1000 * t) * (t % 1 < 0.04)).astype(np.float32)[:, None]
    path = write_media(
        tmp_path / f"vfr.{container}", pictures, rate=30, stamps=[Fraction(n, 30) for n in kept], sound=beeps
    )
    assert probe(path).variable_rate
    made, shown, sound = join(tmp_path, path, rate=Fraction(24), size=(320, 180))
    assert len(shown) in (95, 96)
    flashes = [n for n, f in enumerate(shown) if f.mean() > 120 and (n == 0 or shown[n - 1].mean() <= 120)]
    assert len(flashes) == 4 and all(abs(n - w) <= 1 for n, w in zip(flashes, (0, 24, 48, 72), strict=True))
    for second, flash in enumerate(flashes):
        first = int(np.argmax(np.abs(sound[max(0, second * 48_000 - 6000) :]) > 0.1)) + max(0, second * 48_000 - 6000)
        assert abs(first - flash * F) <= F
    assert any("variable frame rate" in note for note in made.notes)


def test_odd_size_loses_a_column_and_says_so(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 255, (480 // 4, 856 // 4, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)[:, :853]
    path = write_media(tmp_path / "odd.mkv", [picture] * 24, codec="ffv1", pix_fmt="yuv444p")
    made, shown, _ = join(tmp_path, path)
    assert (made.cut.width, made.cut.height) == (852, 480) and len(shown) == 24
    assert made.notes[0] == "odd.mkv: 853x480 cropped to 852x480"
    grey = np.array([0.2126, 0.7152, 0.0722])
    luma = (((shown[3] - picture[:, :852].astype(float)) @ grey) ** 2).mean()
    assert 10 * np.log10(255**2 / luma) > 35  # rescaling 853 to 852 would leave about 20 dB here


def test_clip_without_sound_between_others_is_silent(tmp_path: Path) -> None:
    a = write_media(tmp_path / "a.mp4", numbers(48))
    b = write_media(tmp_path / "b.mp4", numbers(48, 1), sound=sine(440, 2))
    c = write_media(tmp_path / "c.mp4", numbers(48, 2))
    made, shown, sound = join(tmp_path, a, b, c)
    assert len(shown) == 144
    assert np.abs(sound[: 47 * F]).max() < 0.001 and np.abs(sound[97 * F :]).max() < 0.001  # below -60 dBFS
    assert level(sound[49 * F : 95 * F], 48_000, 440) == pytest.approx(0.125, rel=0.03)
    begins, ends = np.flatnonzero(np.abs(sound) > 0.06)[[0, -1]]
    assert abs(begins - 48 * F) <= F and abs(ends - 96 * F) <= F
    assert "a.mp4: has no sound: silent" in made.notes


def test_narration_over_music_keeps_both_levels(tmp_path: Path) -> None:
    from editing_rig import Shelf

    from reelgraph.video_tools.editing.render import render_cut
    from reelgraph.video_tools.film import Clip, Cut, SoundClip

    shelf = Shelf(tmp_path / "takes")
    picture = shelf.add("p", 240)
    voice = shelf.add("voice", 96, tone=300, sample_rate=22_050, channels=1)
    music = shelf.add("music", 240, tone=1000, sample_rate=44_100)
    sounds = [
        SoundClip(role="narration", take=voice.key, start=0, frames=96, gain_db=-6),
        SoundClip(role="music", take=music.key, start=0, frames=240, gain_db=-12),
    ]
    cut = Cut(number=1, width=128, height=96, rate=Fraction(24), sounds=sounds,
              clips=[Clip(shot="s01-01", take=picture.key, frames=240)])  # fmt: skip
    render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    sound = read_sound(tmp_path / "film.mp4")
    assert sound is not None and sound.rate == 48_000
    mono = sound.samples.mean(1)
    db = lambda a, b: 20 * np.log10(a / b)  # noqa: E731
    assert abs(db(level(mono[48_000:144_000], 48_000, 300), 0.25 * 10 ** (-6 / 20))) <= 0.5
    assert level(mono[4 * 48_000 + 4800 :], 48_000, 300) < 0.001  # four seconds, and no more
    two, seven = (level(mono[s * 48_000 : s * 48_000 + 24_000], 48_000, 1000) for s in (2, 7))
    assert abs(db(two, seven)) <= 0.5 and abs(db(two, 0.25 * 10 ** (-12 / 20))) <= 0.5
    assert np.abs(sound.samples).max() <= 10 ** (-1 / 20)


# --- other things that real footage is -------------------------------------------------------------------------------


def test_late_sound_keeps_its_distance_from_the_picture(tmp_path: Path) -> None:
    path = write_media(tmp_path / "late.mkv", numbers(48), sound=sine(440, 1.5), sound_delay=Fraction(1, 2))
    _, _, sound = join(tmp_path, path)
    begins = int(np.argmax(np.abs(sound) > 0.05))
    assert abs(begins - 24_000) <= 480


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    path = write_media(tmp_path / "dv.mp4", numbers(6, 0, 720, 576), aspect=Fraction(64, 45), rate=25)
    assert (probe(path).width, probe(path).height) == (1024, 576)
    made, _, _ = join(tmp_path, path)
    assert (made.cut.width, made.cut.height, made.cut.rate) == (1024, 576, 25)
    assert "dv.mp4: pixels of 64/45 made square" in made.notes


def test_surround_sound_and_ten_bits_come_down(tmp_path: Path) -> None:
    sound = np.zeros((48_000, 6), np.float32)
    sound[:, 2] = sine(440, 1, channels=1)[:, 0]  # the centre, where speech is
    path = write_media(
        tmp_path / "a.mkv", numbers(24), codec="libx265", pix_fmt="yuv420p10le", sound=sound,
        options={"preset": "ultrafast", "x265-params": "log-level=error"},
    )  # fmt: skip
    assert probe(path).channels == 6 and probe(path).pixel_format == "yuv420p10le"
    made, shown, mono = join(tmp_path, path)
    assert [frame_number(f) for f in shown] == list(range(24))
    assert level(mono[4800:43_200], 48_000, 440) > 0.03
    assert made.notes == ["a.mkv: 10 bits brought to 8", "a.mkv: 6 sound channels mixed down to two"]


def test_transparency_shows_black_behind(tmp_path: Path) -> None:
    picture = np.zeros((96, 128, 4), np.uint8)
    picture[..., :3] = (240, 40, 40)
    picture[:, 64:, 3] = 255
    picture[:, :32, 3] = 128
    path = write_media(tmp_path / "alpha.mov", [picture] * 5, codec="png", pix_fmt="rgba")
    made, shown, _ = join(tmp_path, path)
    assert "alpha.mov: black where it is transparent" in made.notes
    assert np.abs(shown[2][50, 100].astype(int) - (240, 40, 40)).max() <= 6
    assert shown[2][50, 48].max() <= 6 and np.abs(shown[2][50, 16].astype(int) - (120, 20, 20)).max() <= 6


@pytest.mark.parametrize(("codec", "options"), [("libvpx-vp9", {}), ("libvpx", {"auto-alt-ref": "0"})])
def test_transparency_beside_a_webm_picture_is_seen(tmp_path: Path, codec: str, options: dict[str, str]) -> None:
    picture = np.zeros((96, 128, 4), np.uint8)
    picture[..., :3] = (240, 40, 40)
    picture[:, 64:, 3] = 255
    path = write_media(tmp_path / "a.webm", [picture] * 5, codec=codec, pix_fmt="yuva420p", options=options)
    made, shown, _ = join(tmp_path, path)
    assert made.cut.frames == 5 and shown[2][50, 16].max() <= 6
    assert "a.webm: black where it is transparent" in made.notes
    assert np.abs(shown[2][50, 100].astype(int) - (240, 40, 40)).max() <= 8


@pytest.mark.parametrize(("name", "codec"), [("old.flv", "flv"), ("dvd.mpg", "mpeg2video"), ("tape.ts", "mpeg2video")])
def test_containers_that_say_late_what_is_in_them_are_read(tmp_path: Path, name: str, codec: str) -> None:
    sound = {"sound": sine(440, 1), "sound_codec": "aac" if codec == "flv" else "mp2"}
    path = write_media(tmp_path / name, numbers(25), rate=25, codec=codec, options={"b": "8M"}, **sound)
    made, shown, _ = join(tmp_path, path)
    assert made.cut.rate == 25 and [frame_number(f) for f in shown] == list(range(25))


def test_interlaced_fields_are_woven_into_whole_pictures(tmp_path: Path) -> None:
    pictures = []
    for n in range(24):
        fields = []
        for half in (0, 1):
            image = np.full((96, 128, 3), 40, np.uint8)
            x = 4 * n + 2 * half
            image[:, x : x + 24] = 220
            fields.append(image)
        woven = fields[0].copy()
        woven[1::2] = fields[1][1::2]
        pictures.append(woven)
    path = write_media(
        tmp_path / "i.mp4", pictures, rate=25, options={"preset": "ultrafast", "crf": "10", "x264-params": "tff=1"}
    )
    assert probe(path).interlaced
    made, shown, _ = join(tmp_path, path)
    assert len(shown) == 24 and "i.mp4: two fields woven into whole pictures" in made.notes

    def comb(frame: np.ndarray) -> float:
        y = frame.mean(2)
        return float(np.abs(y[1:-1] - (y[:-2] + y[2:]) / 2).mean())

    assert comb(shown[10]) < comb(pictures[10]) / 4


@pytest.mark.parametrize(("trc", "white"), [(16, 0.5806), (18, 0.75)])
def test_high_dynamic_range_keeps_white_white(tmp_path: Path, trc: int, white: float) -> None:
    # 203 nits, diffuse white, is 58 % of PQ and 75 % of HLG (ITU-R BT.2408); beside it a highlight and a dark grey
    picture = np.zeros((64, 96, 3), np.uint16)
    picture[:, :32] = round(white * 65535)
    picture[:, 32:64] = round(min(1, white + 0.2) * 65535)
    path = write_media(
        tmp_path / "hdr.mp4", [picture] * 3, codec="libx265", pix_fmt="yuv420p10le", trc=trc,
        options={"preset": "ultrafast", "crf": "10", "x265-params": "log-level=error"},
    )  # fmt: skip
    assert probe(path).hdr == {16: "PQ", 18: "HLG"}[trc]
    made, shown, _ = join(tmp_path, path)
    paper, highlight, black = (shown[1][32, x].astype(int) for x in (16, 48, 80))
    assert np.ptp(paper) <= 4 and 215 <= paper.mean() <= 245 and paper.mean() < highlight.mean() <= 255
    assert black.max() <= 6
    assert any("tone-mapped" in note for note in made.notes)


def test_stills_are_held_and_turned_by_their_exif(tmp_path: Path) -> None:
    picture = np.full((96, 128, 3), 40, np.uint8)
    picture[:24, :24] = 230
    image = Image.fromarray(picture)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to show
    image.save(tmp_path / "PHOTO.JPG", exif=exif, quality=95)
    image.save(tmp_path / "plain.webp", lossless=True)
    image.save(tmp_path / "noextension", "PNG")
    made, shown, _ = join(
        tmp_path, tmp_path / "PHOTO.JPG", tmp_path / "plain.webp", tmp_path / "noextension", still_seconds=0.5
    )
    assert (made.cut.width, made.cut.height) == (96, 128) and len(shown) == 36
    assert shown[5][:16, -16:].mean() > 200 and shown[5][:16, :16].mean() < 60
    assert shown[20][30:40, 2:10].mean() > 200  # not turned, and letterboxed: 96x72 in the middle


def test_animated_gif_plays_at_its_own_pace(tmp_path: Path) -> None:
    frames = [Image.fromarray(numbered(n, 0, 128, 96)) for n in range(10)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100, loop=0)
    _, shown, _ = join(tmp_path, tmp_path / "a.gif", rate=Fraction(24))
    assert len(shown) == 24
    assert [frame_number(f) for f in shown] == [int((n + 0.5) / 24 * 10) for n in range(24)]


def test_cover_art_is_not_the_picture(tmp_path: Path) -> None:
    cover = np.full((200, 200, 3), 200, np.uint8)
    song = write_media(tmp_path / "song.m4a", [], sound=sine(440, 1), container="mp4", cover=cover)
    assert (probe(song).frames, probe(song).has_sound) == (0, True)
    with pytest.raises(InvalidRequest, match=r"song\.m4a has sound and no picture: give it as music"):
        assemble([song], tmp_path / "film.mp4", cache=tmp_path / "cache")
    video = write_media(tmp_path / "video.mp4", numbers(6, 0, 128, 96), sound=sine(440, 0.25), cover=cover)
    _, shown, _ = join(tmp_path, video)
    assert [frame_number(f) for f in shown] == list(range(6))


def test_any_file_name_will_do(tmp_path: Path) -> None:
    for name in ("IMG_0001.MP4", "no extension", "-rf.mp4", "a:b|c,d;e'f\"g%h.mp4", "файл.mov", "http:nope.mp4"):
        write_media(tmp_path / name, numbers(6, 0, 128, 96), container="mov" if name.endswith("mov") else "mp4")
        _, shown, _ = join(tmp_path, tmp_path / name)
        assert [frame_number(f) for f in shown] == list(range(6))


def test_crossfades_title_music_and_captions_in_one_call(tmp_path: Path) -> None:
    files = [write_media(tmp_path / f"{i}.mp4", numbers(48, i, 320, 180), sound=sine(440, 2)) for i in range(3)]
    music = write_media(tmp_path / "m.m4a", [], sound=sine(1000, 3), container="mp4")
    (tmp_path / "c.srt").write_text("1\n00:00:02,000 --> 00:00:03,000\nHello\n")
    options = {
        "transition": ("crossfade", 0.5), "title": "Three clips", "music": music,
        "captions": tmp_path / "c.srt", "burn_captions": True,
    }  # fmt: skip
    made, shown, sound = join(tmp_path, *files, **options)
    assert len(shown) == 120
    assert [c.text for c in made.cut.captions] == ["Hello"]
    quiet, loud = level(sound[52 * F : 70 * F], 48_000, 1000), level(sound[12 * F : 36 * F], 48_000, 1000)
    assert quiet < loud / 3  # 12 dB down while the caption is spoken
    assert join(tmp_path, *files, **options)[0].rendered.new_frames == 0


def test_transition_lasts_the_seconds_it_says_at_the_films_own_rate(tmp_path: Path) -> None:
    files = [write_media(tmp_path / f"{i}.mp4", numbers(45, i), rate=30) for i in range(2)]
    made, shown, _ = join(tmp_path, *files, transition=("crossfade", 0.5))
    assert made.cut.clips[1].transition == Transition(kind="crossfade", frames=15) and len(shown) == 75
    with pytest.raises(InvalidRequest, match=r"transition fade of 1 s: .*crossfade"):
        join(tmp_path, *files, transition=("fade", 1.0))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"transition": ("crossfade", 1.5)},
         r"^a b\.mp4 has 24 frames and its transitions take 36: shorten the crossfade of c\.mp4, now 36 frames$"),
        ({"transition": ("crossfade", float("nan"))}, "^transition crossfade of nan s: cannot convert NaN"),
        ({"transition": ("crossfade", float("inf"))}, "^transition crossfade of inf s: cannot convert"),
        ({"transition": ("crossfade", 0)}, r"^c\.mp4 has a crossfade of 0 frames: give it frames, or make it a cut$"),
        ({"title": "x" * 401}, "^title: text is "),
        ({"size": (16_386, 32)}, "^width 16386 cannot be encoded: a side has at most 16384 pixels$"),
    ],
)  # fmt: skip
def test_impossible_film_is_refused_by_its_files_names(tmp_path: Path, options: dict[str, object], words: str) -> None:
    files = [write_media(tmp_path / name, numbers(24)) for name in ("a b.mp4", "c.mp4", "d.mp4")]
    with pytest.raises(InvalidRequest, match=words):
        join(tmp_path, *files, **options)
    assert not (tmp_path / "film.mp4").exists()


def test_film_longer_than_any_can_be_is_refused_before_it_is_encoded(tmp_path: Path) -> None:
    gap = write_media(tmp_path / "gap.mkv", numbers(2), stamps=[Fraction(0), Fraction(100_000)])
    with pytest.raises(InvalidRequest, match=r"^gap\.mkv has 2400001 frames at 24 a second, and a clip has at most 1"):
        join(tmp_path, gap, rate=Fraction(24))
    slow = write_media(tmp_path / "slow.mkv", numbers(2), stamps=[Fraction(0), Fraction(20_000)])
    with pytest.raises(
        InvalidRequest, match=r"^the film would last 40000 s, .* longest clip, slow\.mkv, has 20000 frames$"
    ):
        join(tmp_path, slow, slow, rate=Fraction(1))
    assert not (tmp_path / "cache" / "segments").exists()


def test_captions_are_a_track_unless_they_are_burnt_in_and_the_timeline_lies_beside(tmp_path: Path) -> None:
    video = write_media(tmp_path / "a.mp4", numbers(48))
    (tmp_path / "c.srt").write_text("1\n00:00:00,500 --> 00:00:01,000\nHello\n")
    made, shown, _ = join(tmp_path, video, captions=tmp_path / "c.srt")
    assert _captions_in(tmp_path / "film.mp4") == [(Fraction(1, 2), Fraction(1, 2), "Hello")]
    assert read_otio(tmp_path / "film.otio") == made.cut
    _, burnt, _ = join(tmp_path, video, captions=tmp_path / "c.srt", burn_captions=True)
    assert _captions_in(tmp_path / "film.mp4") == []
    assert not np.array_equal(shown[18], burnt[18]) and np.array_equal(shown[30], burnt[30])


def test_captions_that_outlast_the_film_are_ended_with_it_and_it_is_said(tmp_path: Path) -> None:
    video = write_media(tmp_path / "a.mp4", numbers(48))
    lines = ("3\n00:00:07,000 --> 00:00:08,000\nLate\n", "1\n00:00:01,500 --> 00:00:05,000\nLong\n",
             "0\n-00:00:02,000 --> -00:00:01,000\nGone\n")  # fmt: skip
    (tmp_path / "c.srt").write_text("\n".join(lines))
    made, _, _ = join(tmp_path, video, captions=tmp_path / "c.srt")
    assert _captions_in(tmp_path / "film.mp4") == [(Fraction(3, 2), Fraction(1, 2), "Long")]
    assert made.notes[-3:] == [
        "c.srt: 1 caption left out, before the film's beginning",
        "c.srt: 1 caption ended where the film does",
        "c.srt: 1 caption left out, after the film's end",
    ]
    assert probe(tmp_path / "film.mp4").duration == 2.0


def _captions_in(film: Path) -> list[tuple[Fraction, Fraction, str]]:
    with av.open(str(film)) as container:
        return [
            (p.pts * p.time_base, p.duration * p.time_base, bytes(p)[2:].decode())
            for p in container.demux()
            if p.stream.type == "subtitle" and p.pts is not None and len(bytes(p)) > 2
        ]


def test_rate_of_a_recording_stays_unless_its_clock_drifted_or_it_varies() -> None:
    def shown_at(rate: Fraction | int, **facts: bool) -> Fraction:
        return rate_for(MediaFacts(rate=Fraction(rate), **facts))

    kept = [8, 10, 12, 15, 16, 48, 90, 120, 240, Fraction(25, 2), Fraction(15_000, 1001), Fraction(30_000, 1001)]
    assert [shown_at(rate) for rate in kept] == kept
    assert shown_at(Fraction(2976, 100)) == Fraction(30_000, 1001) and shown_at(Fraction(6002, 100)) == 60
    assert shown_at(Fraction(1, 2)) == Fraction(24_000, 1001) and shown_at(480) == 60  # as no film can be
    assert shown_at(Fraction(148, 10), variable_rate=True) == Fraction(24_000, 1001)


@pytest.mark.parametrize("rate", [8, 12, 15])
def test_slow_footage_keeps_its_pictures_and_its_cadence(tmp_path: Path, rate: int) -> None:
    made, shown, _ = join(tmp_path, write_media(tmp_path / "slow.mp4", numbers(9), rate=rate))
    assert made.cut.rate == rate and made.notes == ["slow.mp4: has no sound: silent"]
    assert [frame_number(frame) for frame in shown] == list(range(9))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("list.mp4", b"ffconcat version 1.0\nfile a.mp4\n", "not media"),
        ("half.mp4", None, "half.mp4"),
        ("text.jpg", b"hello", "not media"),
        ("zero.mp4", b"", "not media"),
    ],
)
def test_what_is_not_what_it_claims_is_refused(tmp_path: Path, name: str, data: bytes | None, words: str) -> None:
    good = write_media(tmp_path / "a.mp4", numbers(24, 0, 128, 96))
    (tmp_path / name).write_bytes(good.read_bytes()[:600] if data is None else data)
    with pytest.raises(InvalidRequest, match=words):
        assemble([good, tmp_path / name], tmp_path / "film.mp4", cache=tmp_path / "cache")
    assert not (tmp_path / "film.mp4").exists()


def test_moving_webp_is_refused_with_what_to_do(tmp_path: Path) -> None:
    frames = [Image.fromarray(numbered(n, 0, 128, 96)) for n in range(3)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(InvalidRequest, match=r"a\.webp is a moving WebP, which ffmpeg does not read: save it as GIF"):
        probe(tmp_path / "a.webp")


def test_photographs_in_new_formats_are_stills_or_refused_with_what_reads_them(tmp_path: Path) -> None:
    picture = np.full((96, 128, 3), 40, np.uint8)
    picture[:24, :24] = 230
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to show
    Image.fromarray(picture).save(tmp_path / "photo.AVIF", exif=exif, quality=90)
    facts = probe(tmp_path / "photo.AVIF")
    assert (facts.container, facts.frames, facts.width, facts.height) == ("still", 1, 96, 128)
    data = (tmp_path / "photo.AVIF").read_bytes()
    for brand, kind in ((b"heic", "HEIC"), (b"mif1", "HEIC")):
        (tmp_path / "photo.HEIC").write_bytes(data[:8] + brand + data[12:].replace(b"avif", b"heic"))
        with pytest.raises(InvalidRequest, match=rf"photo\.HEIC is a {kind} picture: install pillow-heif to read it"):
            probe(tmp_path / "photo.HEIC")


def test_photograph_with_a_second_picture_beside_it_is_a_still(tmp_path: Path) -> None:
    photograph = Image.fromarray(numbered(5, 0, 128, 96))
    photograph.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[photograph.resize((64, 48))], quality=95)
    facts = probe(tmp_path / "a.jpg")
    assert (facts.container, facts.frames, facts.width, facts.height) == ("still", 1, 128, 96)
    assert [frame_number(shown) for shown in decode(tmp_path / "a.jpg")] == [5]


@pytest.mark.parametrize(
    ("name", "mode", "order", "clear"),
    [("a.tif", "I;16", "<u2", {}), ("a.tif", "I;16B", ">u2", {}), ("a.png", "I;16", "<u2", {"transparency": 0xFF07})],
)
def test_grey_of_sixteen_bits_keeps_its_levels(
    tmp_path: Path, name: str, mode: str, order: str, clear: dict[str, int]
) -> None:
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    Image.frombytes(mode, (256, 256), levels.astype(order).tobytes()).save(tmp_path / name, **clear)
    (shown,) = decode(tmp_path / name)
    expected = (levels >> 8).astype(np.uint8)
    expected[np.isin(levels, [*clear.values()])] = 0
    assert np.array_equal(shown, np.repeat(expected[..., None], 3, 2))


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_picture_that_does_not_say_which_value_is_white_is_refused(tmp_path: Path, kind: type) -> None:
    Image.fromarray(np.zeros((8, 8), kind)).save(tmp_path / "a.tif")
    with pytest.raises(InvalidRequest, match=r"a\.tif has numbers of 32 bits, .*: save it with 8 or 16 bits"):
        probe(tmp_path / "a.tif")


def test_film_over_its_own_footage_is_refused_and_the_footage_kept(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp4", numbers(3, 0, 128, 96))
    song = write_media(tmp_path / "song.mp4", [], sound=sine(440, 1), container="mp4")
    before = path.read_bytes(), song.read_bytes()
    for out in (tmp_path / "a.mp4", tmp_path / "." / "song.mp4"):
        with pytest.raises(InvalidRequest, match=rf"{out.name} is what the film is made from, and would be lost"):
            assemble([path], out, cache=tmp_path / "cache", music=song)
    assert (path.read_bytes(), song.read_bytes()) == before
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(InvalidRequest, match=r"folder\.mp4 is a folder: name the film's file"):
        assemble([path], tmp_path / "folder.mp4", cache=tmp_path / "cache")


def test_picture_of_too_many_pixels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_media(tmp_path / "a.mp4", numbers(3, 0, 128, 96))
    assert probe(path).frames == 3
    monkeypatch.setattr(containers, "MOST_PIXELS", 128 * 96 - 1)
    with pytest.raises(InvalidRequest, match="128x96 is too large"):
        probe(path)


def test_film_of_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"film\.avi: films are written as \.mp4, .* name it film\.mp4"):
        assemble([tmp_path / "a.mp4"], tmp_path / "film.avi", cache=tmp_path)
