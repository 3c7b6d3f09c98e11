"""Media files: deterministic segments, honest probes, and the door that keeps playlists out."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from footage_rig import sine, write_media
from PIL import Image

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.examiner import read_subject
from reelgraph.video_tools.editing import pcm
from reelgraph.video_tools.editing.containers import open_media, picture_stream
from reelgraph.video_tools.editing.media import (
    decode,
    encode_picture,
    probe,
    read_sound,
    read_wav,
    write_png,
    write_wav,
)
from reelgraph.video_tools.editing.pcm import extract_sound
from reelgraph.video_tools.editing.profile import DEFAULT, Preset, Profile, encode_segment, key_interval, parameter_sets
from reelgraph.video_tools.editing.segments import Segment
from reelgraph.video_tools.errors import CorruptProject, InvalidRequest

RATES = [Fraction(24), Fraction(30000, 1001), Fraction(16)]


def frames(count: int, height: int = 96, width: int = 128) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    base = rng.integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    return [np.roll(base, 2 * i, 1) for i in range(count)]


@pytest.mark.parametrize("rate", RATES)
def test_segment_has_exact_frames_rate_and_key_frames_each_half_second(tmp_path: Path, rate: Fraction) -> None:
    path = tmp_path / "a.mp4"
    facts = encode_picture(iter(frames(50)), path, rate=rate)
    assert (facts.frames, facts.width, facts.height) == (50, 128, 96)
    seen = probe(path)
    assert (seen.frames, seen.rate, seen.width, seen.height) == (50, rate, 128, 96)
    assert not seen.variable_rate and not seen.has_sound
    assert seen.duration == pytest.approx(float(50 / rate), abs=1e-9)
    with open_media(path) as container:
        stream = picture_stream(container)
        assert stream is not None
        assert bytes(stream.codec_context.extradata or b"") == parameter_sets(128, 96, rate, DEFAULT)
        stamps = {p.pts * stream.time_base * rate: p.is_keyframe for p in container.demux(stream) if p.pts is not None}
    assert sorted(stamps) == list(range(50))
    assert [n for n in sorted(stamps) if stamps[n]] == list(range(0, 50, key_interval(rate)))


def test_segment_is_the_same_bytes_for_the_same_frames(tmp_path: Path) -> None:
    hashes = set()
    for name in ("a.mp4", "b.mp4"):
        encode_picture(iter(frames(30)), tmp_path / name, rate=Fraction(24))
        hashes.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(hashes) == 1


def test_segment_is_tagged_bt709_and_keeps_colours(tmp_path: Path) -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 30, 90)]
    bars = np.concatenate([np.full((64, 32, 3), c, np.uint8) for c in colours], 1)
    path = tmp_path / "bars.mp4"
    encode_picture([bars] * 3, path, rate=Fraction(24))
    with open_media(path) as container:
        context = container.streams.video[0].codec_context
        tags = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
        assert tags == (1, 1, 1, 1)
    shown = list(decode(path))[1]
    for i, colour in enumerate(colours):
        assert np.abs(shown[32, 32 * i + 16].astype(int) - colour).max() <= 4


def test_encode_refuses_what_is_not_frames_and_leaves_no_file(tmp_path: Path) -> None:
    good = frames(2)
    path = tmp_path / "a.mp4"
    for bad, words in [
        ([], "no frames"),
        ([good[0].astype(np.float32)], "uint8"),
        ([good[0], good[1][:-2]], "one size"),
        ([np.zeros((95, 128, 3), np.uint8)], "height 95 .* 94 or 96"),
    ]:
        with pytest.raises(InvalidRequest, match=words):
            encode_picture(bad, path, rate=Fraction(24))
        assert not path.exists()


@pytest.mark.parametrize("channels", [1, 2])
def test_wav_round_trip_is_exact_to_16_bits(tmp_path: Path, channels: int) -> None:
    samples = np.linspace(-1, 1, 999 * channels, dtype=np.float32).reshape(-1, channels)
    write_wav(Sound(samples, 22050), tmp_path / "a.wav")
    back = read_wav(tmp_path / "a.wav")
    assert back.rate == 22050 and back.samples.shape == samples.shape
    assert np.abs(back.samples - samples).max() <= 0.5 / 32767 + 1e-7
    facts = probe(tmp_path / "a.wav")
    assert (facts.has_sound, facts.frames, facts.sample_rate, facts.channels) == (True, 0, 22050, channels)


def test_png_round_trip_is_exact(tmp_path: Path) -> None:
    picture = frames(1)[0]
    write_png(picture, tmp_path / "a.png")
    assert np.array_equal(next(decode(tmp_path / "a.png")), picture)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.mp4", "ffconcat version 1.0\nfile secret.mp4\n"),
        ("list.m3u8", "#EXTM3U\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n"),
        ("list.mp4", "#EXTM3U\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n"),
        ("notes.mp4", "this is a shopping list"),
        ("empty.mp4", ""),
        ("sdp.mp4", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5004 RTP/AVP 96\n"),
    ],
)
def test_probe_refuses_what_is_not_a_media_container(tmp_path: Path, name: str, text: str) -> None:
    encode_picture(frames(3), tmp_path / "secret.mp4", rate=Fraction(24))
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidRequest, match=f"{name} is not media"):
        probe(tmp_path / name)


@pytest.mark.parametrize("form", ["gif", "png"])
@pytest.mark.parametrize(("count", "ms"), [(2, 1000), (3, 500), (2, 100), (25, 40)])
def test_moving_picture_lasts_as_long_as_its_pictures_say(tmp_path: Path, form: str, count: int, ms: int) -> None:
    first, *others = [Image.fromarray(frame) for frame in frames(count)]
    path = tmp_path / f"moving.{form}"
    first.save(path, save_all=True, append_images=others, duration=ms, loop=0)
    facts = probe(path)
    assert (facts.frames, facts.rate, facts.duration) == (count, Fraction(1000, ms), count * ms / 1000)
    assert not facts.variable_rate


@pytest.mark.parametrize(
    ("seconds", "rate", "duration", "variable"),
    [
        ([0, 2, 4], Fraction(1, 2), 4.033, False),  # its header says 30 frames a second, so the last lasts 33 ms
        ([0, 1 / 30, 2 / 30], Fraction(30), 0.1, False),
        ([0, 1, 3], Fraction(2, 3), 3.033, True),
    ],
)
def test_rate_of_a_recording_is_what_its_time_stamps_say(
    tmp_path: Path, seconds: list[float], rate: Fraction, duration: float, variable: bool
) -> None:
    path = tmp_path / "screen.mkv"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for image, at in zip(frames(len(seconds)), seconds, strict=True):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = round(at * 1000), Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    facts = probe(path)
    assert (facts.frames, facts.rate, facts.variable_rate) == (len(seconds), rate, variable)
    assert facts.duration == pytest.approx(duration, abs=1e-9)


def test_probe_refuses_folders_urls_and_missing_files(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no.mp4", Path("http://127.0.0.1:9/a.mp4"), Path("concat:a.mp4|b.mp4")):
        with pytest.raises(InvalidRequest):
            probe(path)


def test_decode_scales_to_a_size(tmp_path: Path) -> None:
    encode_picture(frames(3), tmp_path / "a.mp4", rate=Fraction(24))
    assert [f.shape for f in decode(tmp_path / "a.mp4", (64, 48))] == [(48, 64, 3)] * 3


@pytest.mark.parametrize("preset", ["superfast", "veryfast", "faster", "fast", "medium", "slow"])
def test_joint_has_the_parameter_sets_of_its_profile(tmp_path: Path, preset: Preset) -> None:
    profile = Profile(preset=preset)
    path = tmp_path / "joint.mp4"
    joint = [av.VideoFrame.from_ndarray(f, format="rgb24") for f in frames(7)]
    assert encode_segment(joint, path, Fraction(24), profile, joint=True) == 7
    with open_media(path) as container:
        found = bytes(container.streams.video[0].codec_context.extradata or b"")
    assert found == parameter_sets(128, 96, Fraction(24), profile)


@pytest.mark.parametrize(("rate", "channels"), [(22_050, 1), (44_100, 2), (48_000, 2)])
def test_extracted_sound_is_the_sound_at_the_rate_asked_for(tmp_path: Path, rate: int, channels: int) -> None:
    t = np.arange(2 * rate) / rate
    wave = np.repeat((0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[:, None], channels, 1)
    write_wav(Sound(wave, rate), tmp_path / "a.wav")
    assert extract_sound(tmp_path / "a.wav", tmp_path / "b.wav", 48_000)
    got = read_wav(tmp_path / "b.wav")
    assert (got.rate, got.samples.shape[1]) == (48_000, channels) and abs(len(got.samples) - 96_000) <= 2
    true = 0.5 * np.sin(2 * np.pi * 440 * np.arange(90_000) / 48_000)
    assert np.abs(got.samples[1000:90_000, 0] - true[1000:]).max() < 0.002
    encode_picture(frames(3), tmp_path / "mute.mp4", rate=Fraction(24))
    assert not extract_sound(tmp_path / "mute.mp4", tmp_path / "c.wav", 48_000)
    assert read_sound(tmp_path / "mute.mp4") is None


def test_surround_sound_is_mixed_down_alike_wherever_it_is_read(tmp_path: Path) -> None:
    everywhere = sine(440, 1, channels=6, level=0.5)  # summed up as it is, it would be cut off
    path = write_media(tmp_path / "a.mkv", frames(24), sound=everywhere, sound_codec="pcm_s16le")
    assert extract_sound(path, tmp_path / "a.wav", 48_000)
    extracted, read = read_wav(tmp_path / "a.wav"), read_sound(path)
    assert read is not None and read.samples.shape == extracted.samples.shape == (48_000, 2)
    assert np.abs(read.samples - extracted.samples).max() < 1e-4
    assert np.abs(read.samples).max() == pytest.approx(0.5, abs=0.01)


def test_checks_hear_a_sound_when_the_picture_does(tmp_path: Path) -> None:
    late = write_media(tmp_path / "late.mkv", frames(48), sound=sine(440, 1.5), sound_delay=Fraction(1, 2))
    sound = read_subject(late).sound
    assert sound is not None and sound.rate == 48_000
    assert abs(int(np.argmax(np.abs(sound.samples[:, 0]) > 0.05)) - 24_000) <= 480


def test_sound_that_ends_in_a_fault_is_refused_or_read_as_far_as_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_media(tmp_path / "a.mkv", frames(24), sound=sine(440, 1))

    def torn(after: int) -> Callable[[], None]:
        left = iter(range(after))

        def sign() -> None:
            if next(left, None) is None:
                raise av.error.InvalidDataError(1, "damaged from here on")

        return sign

    monkeypatch.setattr(pcm, "alive", torn(10))
    with pytest.raises(InvalidRequest, match=r"a\.mkv"):
        read_sound(path)
    monkeypatch.setattr(pcm, "alive", torn(10))
    sound = read_sound(path, partly=True)
    assert sound is not None and 9 * 1024 <= len(sound.samples) <= 11 * 1024


def test_stretch_is_decoded_without_the_pictures_after_it(tmp_path: Path) -> None:
    path, rate = tmp_path / "a.mp4", Fraction(24)
    encode_picture(frames(36), path, rate=rate)
    before = [frame.to_ndarray() for frame in Segment(path, "a", 36, rate).decode(6, 6)]
    with av.open(str(path)) as film:
        packets = [(p.pos, p.size) for p in film.demux(film.streams.video[0]) if p.pos is not None]
    data = bytearray(path.read_bytes())
    for pos, size in packets[12:24]:  # the second half second: nothing of the first leans on it
        data[pos + 4 : pos + size] = b"\xff" * (size - 4)
    path.write_bytes(data)
    after = [frame.to_ndarray() for frame in Segment(path, "a", 36, rate).decode(6, 6)]
    assert len(before) == 6 and all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    with pytest.raises((InvalidRequest, CorruptProject)):
        list(Segment(path, "a", 36, rate).decode(12, 12))


def test_stretch_is_decoded_without_the_pictures_before_it_that_none_leans_on(tmp_path: Path) -> None:
    path, rate = tmp_path / "a.mp4", Fraction(24)
    encode_picture(frames(36), path, rate=rate)
    segment = Segment(path, "a", 36, rate)
    whole = [frame.to_ndarray() for frame in segment.decode(0, 36)]
    for first in range(36):
        part = [frame.to_ndarray() for frame in segment.decode(first, min(5, 36 - first))]
        assert all(np.array_equal(a, b) for a, b in zip(part, whole[first : first + 5], strict=True)), first
    with av.open(str(path)) as film:
        track = film.streams.video[0]
        packets = [(p.pos, p.size, p.pts * p.time_base * 24) for p in film.demux(track) if p.pos is not None]
    data, spoilt = bytearray(path.read_bytes()), 0
    for pos, size, number in packets:
        if number < 6 and data[pos + 4] & 0x7F == 1:  # a slice whose nal_ref_idc is 0: no other picture leans on it
            data[pos + 5 : pos + size] = b"\xff" * (size - 5)
            spoilt += 1
    path.write_bytes(data)
    after = [frame.to_ndarray() for frame in segment.decode(6, 6)]
    assert spoilt and all(np.array_equal(a, b) for a, b in zip(after, whole[6:12], strict=True))


AT_THE_EDGE = """
import ctypes, mmap, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from reelgraph.video_tools.editing.media import encode_picture

height, width = 64, int(sys.argv[1])
size, page = height * width * 3, mmap.PAGESIZE
pages = -(-size // page)
memory = mmap.mmap(-1, (pages + 1) * page)
start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(start + pages * page), page, 0) == 0  # nobody may read there
picture = np.frombuffer((ctypes.c_uint8 * size).from_address(start + pages * page - size), np.uint8)
facts = encode_picture([picture.reshape(height, width, 3)] * 2, Path(sys.argv[2]), rate=Fraction(8))
assert facts.frames == 2
"""


@pytest.mark.skipif(sys.platform != "linux", reason="guards a page of memory by Linux's call")
@pytest.mark.parametrize("width", [112, 114])
def test_nothing_is_read_beyond_a_picture(width: int, tmp_path: Path) -> None:
    made = subprocess.run([sys.executable, "-c", AT_THE_EDGE, str(width), str(tmp_path / "a.mp4")], timeout=120)
    assert made.returncode == 0, "a picture's memory may end where a page does"


@pytest.mark.parametrize("width", [96, 176, 98])
def test_encoders_side_by_side_write_the_same_bytes(tmp_path: Path, width: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (8, width // 8 + 1, 3)).astype(np.uint8)
    first = np.repeat(np.repeat(noise, 8, 0), 8, 1)[:, :width]
    frames = [np.roll(first, 3 * at, 1) for at in range(16)]

    def encoded(number: int) -> bytes:
        path = tmp_path / f"{number}.mp4"
        encode_picture(iter(frames), path, rate=Fraction(8))
        return path.read_bytes()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(encoded, range(40)))) == 1
