"""Sound at hard cuts: no click where waves meet, none of it where a take goes on, and no seam where chunks join."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from editing_rig import Shelf

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.conform import Conformer
from reelgraph.video_tools.editing.loudness import RATE
from reelgraph.video_tools.editing.media import write_wav
from reelgraph.video_tools.editing.mix import Part, mix, parts_of
from reelgraph.video_tools.editing.operations import apply, read_operation
from reelgraph.video_tools.editing.profile import DEFAULT
from reelgraph.video_tools.editing.sound import BLOCK, CHUNK, encoded
from reelgraph.video_tools.film import Clip, Cut, SoundClip

F = 2000  # samples in a frame


def heard(shelf: Shelf, cut: Cut, folder: Path) -> np.ndarray:
    parts = parts_of(cut, Conformer(cut, shelf, folder, DEFAULT))
    return mix(parts, 0, cut.frames * F)[:, 0]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "takes")
    shelf.add("a", 48, tone=301)
    shelf.add("b", 48, tone=777)
    return shelf


def cut_of(*clips: Clip) -> Cut:
    return Cut(number=1, width=128, height=96, rate=Fraction(24), clips=list(clips))


def test_hard_cut_has_no_step_in_its_sound(tmp_path: Path, shelf: Shelf) -> None:
    a, b = shelf.takes
    cut = cut_of(Clip(shot="s01-01", take=a, frames=20, in_frame=3), Clip(shot="s01-02", take=b, frames=20, in_frame=7))
    sound = heard(shelf, cut, tmp_path)
    steepest = 0.25 * 2 * np.pi * 777 / 48_000  # what the higher tone does by itself
    assert np.abs(np.diff(sound)).max() <= steepest * 1.1
    assert abs(sound[20 * F - 1]) < 0.002 and abs(sound[20 * F]) < 0.002
    assert np.abs(sound[20 * F - 480 : 20 * F - 96]).max() > 0.24  # the fade takes 2 ms, no more
    assert abs(sound[0]) < 0.002 and abs(sound[-1]) < 0.002


def test_split_clip_sounds_as_it_did(tmp_path: Path, shelf: Shelf) -> None:
    cut = cut_of(Clip(shot="s01-01", take=next(iter(shelf.takes)), frames=40, in_frame=3))
    halves = apply(cut, read_operation({"op": "split", "clip": "s01-01", "at": 17}), shelf)
    assert np.array_equal(heard(shelf, cut, tmp_path), heard(shelf, halves, tmp_path))
    louder = apply(halves, read_operation({"op": "volume", "clip": "s01-01#2", "gain_db": 6}), shelf)
    assert abs(heard(shelf, louder, tmp_path)[17 * F]) < 0.004


@pytest.mark.parametrize(
    ("start", "frames", "first", "end"),
    [(6, 12, 6, 18), (6, 100, 6, 40), (0, 40, 0, 36)],
    ids=["where it ends", "where the film does", "where its take does"],
)
def test_sound_under_the_film_has_no_step_at_either_end(
    tmp_path: Path, shelf: Shelf, start: int, frames: int, first: int, end: int
) -> None:
    take = shelf.add("c", 41, tone=303)  # at 17 and 41 frames its wave is far from zero
    silent = shelf.add("d", 40)
    sound = SoundClip(take=take.key, start=start, frames=frames, in_frame=5)
    cut = cut_of(Clip(shot="s01-01", take=silent.key, frames=40)).model_copy(update={"sounds": [sound]})
    wave = heard(shelf, cut, tmp_path)
    assert abs(wave[first * F]) < 0.002 and abs(wave[end * F - 1]) < 0.002
    assert np.abs(wave[: first * F]).max(initial=0) == 0 == np.abs(wave[end * F :]).max(initial=0)
    assert np.abs(wave[first * F + 96 : first * F + 480]).max() > 0.24
    assert np.abs(wave[end * F - 480 : end * F - 96]).max() > 0.24  # the fade takes 2 ms, no more


def test_sound_under_the_film_in_two_parts_sounds_as_one_and_fades_stay_where_they_were_asked_for(
    tmp_path: Path, shelf: Shelf
) -> None:
    tone, silent = next(iter(shelf.takes)), shelf.add("d", 40)
    cut = cut_of(Clip(shot="s01-01", take=silent.key, frames=40))
    whole = SoundClip(take=tone, start=2, frames=30, fade_in=4, fade_out=6)
    halves = [
        whole.model_copy(update={"frames": 13, "fade_out": 0}),
        whole.model_copy(update={"start": 15, "frames": 17, "in_frame": 13, "fade_in": 0}),
    ]
    one, two = (heard(shelf, cut.model_copy(update={"sounds": s}), tmp_path) for s in ([whole], halves))
    assert np.array_equal(one, two)
    longer = whole.model_copy(update={"frames": 60, "fade_out": 30})  # of which 8 frames are heard, as the film ends
    late = heard(shelf, cut.model_copy(update={"sounds": [longer]}), tmp_path)
    assert np.abs(late[30 * F : 32 * F]).max() > 0.24 and np.abs(late[38 * F :]).max() < 0.25 * 2 / 8 + 0.001


@pytest.mark.parametrize("speed", ["-1", "-2"])
def test_reversed_sound_that_ends_before_its_picture_comes_when_that_does(
    tmp_path: Path, shelf: Shelf, speed: str
) -> None:
    take = shelf.add("c", 48, tone=301)
    tone = np.full((24 * F, 2), 0.25, np.float32)  # a second of sound under two of picture
    write_wav(Sound(tone, RATE), shelf.folder / take.key / "sound.wav")
    pace = -Fraction(speed)
    clip = Clip(shot="s01-01", take=take.key, frames=int(48 / pace), in_frame=47, speed=Fraction(speed))
    sound = np.abs(heard(shelf, cut_of(clip), tmp_path))
    begins = int(24 * F / pace)
    assert sound[: begins - 480].max() == 0
    assert sound[begins + 2400 : 2 * begins - 2400].min() > 0.2


def coded(pcm: np.ndarray, folder: Path) -> tuple[np.ndarray, int]:
    """Return what is heard of `(samples, 2)` once encoded at 192 kbit/s, and how many bits a second it took."""
    write_wav(Sound(pcm.astype(np.float32), RATE), folder / "a.wav")
    decoder, heard, taken = av.AudioCodecContext.create("aac", "r"), [], 0
    parts = [Part(folder / "a.wav", "a", 0, len(pcm))]
    for chunk, _ in encoded(parts, len(pcm), 192_000, folder / "cache"):
        decoder.extradata = decoder.extradata or chunk.configuration
        taken += sum(map(len, chunk.packets))
        heard += [frame.to_ndarray() for packet in chunk.packets for frame in decoder.decode(av.Packet(packet))]
    sound = np.concatenate(heard, 1).T[BLOCK : BLOCK + len(pcm)]  # the first block is the encoder's start-up
    return sound, taken * 8 * RATE // len(pcm)


def test_sound_is_coded_at_its_best_or_to_the_bit_rate(tmp_path: Path) -> None:
    samples = 5 * RATE
    tone = 0.2 * np.sin(2 * np.pi * 301 * np.arange(samples) / RATE)[:, None] * [1, 1]
    for name in ("tone", "hiss"):
        (tmp_path / name).mkdir()
    heard, rate = coded(tone, tmp_path / "tone")
    assert rate < 130_000 and 10 * np.log10((tone**2).mean() / ((heard - tone) ** 2).mean()) > 65
    hiss = 0.1 * np.random.default_rng(1).standard_normal((samples, 2))
    heard, rate = coded(hiss, tmp_path / "hiss")
    assert 180_000 < rate < 200_000 and abs(heard.std() / hiss.std() - 1) < 0.2


def test_chunks_of_the_sound_track_join_without_a_seam(tmp_path: Path) -> None:
    samples = 5 * RATE
    t, rng = np.arange(samples) / RATE, np.random.default_rng(1)
    chord = sum(np.sin(2 * np.pi * tone * t + rng.uniform(0, 6)) for tone in (196, 247, 294, 588, 1176))
    pcm = (0.05 * chord[:, None] * [1, 0.6] + 0.003 * rng.standard_normal((samples, 2))).astype(np.float32)
    error = coded(pcm, tmp_path)[0] - pcm
    blocks = 10 * np.log10((error[: samples // BLOCK * BLOCK] ** 2).reshape(-1, BLOCK, 2).mean((1, 2)))
    edges = [at + near for at in range(CHUNK, len(blocks), CHUNK) for near in (-1, 0, 1)]
    assert len(edges) == 6 and blocks[edges].max() < np.delete(blocks, edges).mean() + 3
