"""Loudness by the standard's own reference signals, targets reached, peaks held, and ducking where somebody speaks."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from editing_rig import Shelf, level

from reelgraph.video_tools.editing.loudness import CEILING, MARGIN, SILENT, TARGETS, gain_for, integrated, limited
from reelgraph.video_tools.editing.media import read_sound
from reelgraph.video_tools.editing.mix import ducked, stretched
from reelgraph.video_tools.editing.render import render_cut
from reelgraph.video_tools.film import Clip, Cut, SoundClip

T = np.arange(48_000 * 8) / 48_000
TONE = np.sin(2 * np.pi * 997 * T).astype(np.float32)


def reader(pcm: np.ndarray):  # type: ignore[no-untyped-def]
    return lambda a, b: np.pad(pcm[a:b], ((0, max(0, b - max(a, len(pcm)))), (0, 0)))


def test_reference_tones_measure_what_the_standard_says() -> None:
    # BS.1770: a 997 Hz sine at 0 dBFS in one channel is -3.01 LUFS; the same in both is 3 dB louder
    one = np.stack([TONE, np.zeros_like(TONE)], 1)
    assert integrated(reader(one), len(one)) == pytest.approx(-3.01, abs=0.02)
    both = np.stack([TONE, TONE], 1) * np.float32(0.1)
    assert integrated(reader(both), len(both)) == pytest.approx(-20.0, abs=0.02)


def test_silence_is_gated_out() -> None:
    pcm = np.stack([TONE, TONE], 1) * np.float32(0.1)
    pcm[4 * 48_000 :] = 0
    assert integrated(reader(pcm), len(pcm)) == pytest.approx(-20.0, abs=0.3)
    assert integrated(reader(pcm * 0), len(pcm)) == SILENT == -70


def test_limiter_holds_true_peaks_and_joins_without_a_seam() -> None:
    rng = np.random.default_rng(1)
    loud = rng.normal(0, 0.5, (48_000, 2)).astype(np.float32)
    whole = limited(loud)
    assert np.abs(whole).max() <= CEILING + 1e-6
    a, b = 12_800, 25_600
    part = limited(loud[a - MARGIN : b + MARGIN])[MARGIN:-MARGIN]
    assert np.abs(part - whole[a:b]).max() < 2e-3
    quiet = loud * np.float32(0.05)
    assert limited(quiet) is quiet


@pytest.mark.parametrize("target", sorted(TARGETS.values()))
def test_film_reaches_its_target_and_stays_below_the_ceiling(tmp_path: Path, target: float) -> None:
    shelf = Shelf(tmp_path / "takes")
    take = shelf.add("a", 96, tone=997)
    cut = Cut(number=1, width=128, height=96, rate=Fraction(24), loudness=target,
              clips=[Clip(shot="s01-01", take=take.key, frames=96)])  # fmt: skip
    render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    sound = read_sound(tmp_path / "film.mp4")
    assert sound is not None
    assert integrated(reader(sound.samples), len(sound.samples)) == pytest.approx(target, abs=0.3)
    assert np.abs(sound.samples).max() <= 10 ** (-0.9 / 20)


def test_gain_of_a_mix_with_peaks_still_reaches_the_target() -> None:
    pcm = np.stack([TONE, TONE], 1) * np.float32(0.02)
    pcm[::4800] = 0.9
    gain = gain_for(reader(pcm), len(pcm), -16)
    assert integrated(reader(limited(pcm * np.float32(gain))), len(pcm)) == pytest.approx(-16, abs=0.2)


def test_gain_is_the_same_after_an_edit_that_nobody_hears() -> None:
    pcm = np.stack([TONE, TONE], 1) * np.float32(0.02)
    edited = pcm.copy()
    edited[:4800] *= 0.9
    passes: list[int] = []

    def counted(a: int, b: int) -> np.ndarray:
        passes.extend([a] * (a == 0))
        return edited[a:b]

    gain = gain_for(reader(pcm), len(pcm), -20)
    assert gain_for(counted, len(pcm), -20) == gain != 1 and len(passes) == 1  # nothing to limit: measured once
    assert integrated(reader(edited * np.float32(gain)), len(pcm)) == pytest.approx(-20, abs=0.06)


def test_music_goes_down_under_narration_and_comes_back(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "takes")
    picture, voice = shelf.add("p", 240), shelf.add("v", 48, tone=300)
    music = shelf.add("m", 240, tone=1000)
    sounds = [
        SoundClip(role="narration", take=voice.key, start=72, frames=48),
        SoundClip(role="music", take=music.key, start=0, frames=240, duck_db=-15),
    ]
    cut = Cut(number=1, width=128, height=96, rate=Fraction(24), sounds=sounds,
              clips=[Clip(shot="s01-01", take=picture.key, frames=240)])  # fmt: skip
    render_cut(cut, shelf, tmp_path / "r", tmp_path / "film.mp4")
    sound = read_sound(tmp_path / "film.mp4")
    assert sound is not None
    mono = sound.samples.mean(1)
    before, under, after = (level(mono[a : a + 24_000], 48_000, 1000) for a in (60_000, 180_000, 300_000))
    assert 20 * np.log10(under / before) == pytest.approx(-15, abs=0.5)
    assert after == pytest.approx(before, rel=0.03)
    assert level(mono[180_000:204_000], 48_000, 300) == pytest.approx(0.25, rel=0.03)


def test_ducking_moves_in_straight_lines_of_decibels() -> None:
    gain = 20 * np.log10(ducked(((48_000, 96_000),), -12, 0, 144_000))
    assert gain[0] == 0 and gain[60_000] == pytest.approx(-12, abs=1e-4) and gain[143_999] == pytest.approx(0, abs=1e-4)
    assert gain[48_000 - 3600] == pytest.approx(-6, abs=0.01)


@pytest.mark.parametrize("pace", [Fraction(2), Fraction(1, 2), Fraction(3, 2), Fraction(1, 8)])
def test_stretched_sound_keeps_its_pitch_and_has_its_length(pace: Fraction) -> None:
    result = stretched(TONE[: 48_000 * 2, None], pace)
    assert result.shape == (round(96_000 / pace), 1)
    middle = result[len(result) // 4 : len(result) * 3 // 4, 0]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * 48_000 / len(middle) == pytest.approx(997, abs=8)
