"""Spoken narration: sound of the length of its words, and captions at their times."""

from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from reelgraph.cli import main
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing import narration
from reelgraph.video_tools.editing.media import read_sound
from reelgraph.video_tools.editing.narration import Narration, Word, captions_of_words, speak
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Caption
from reelgraph.video_tools.project import Project

TEXT = "The lamp has been dark for eleven nights, and nobody in the village will say why. Don't ask."
spoken = pytest.mark.skipif(find_spec("espeakng_loader") is None, reason="needs the extra speech")


@spoken
def test_every_word_is_spoken_at_its_time() -> None:
    said = speak(TEXT)
    assert [w.text for w in said.words] == TEXT.split()
    length = len(said.sound.samples) / said.sound.rate
    assert said.sound.samples.shape[1] == 1 and 3 < length < 12
    assert all(0 <= w.start < w.end <= length + 1e-9 for w in said.words)
    for word in said.words[:5]:
        piece = said.sound.samples[int(word.start * said.sound.rate) : int(word.end * said.sound.rate)]
        assert np.abs(piece).max() > 0.02
    assert len(speak(TEXT, pace=300).sound.samples) < len(said.sound.samples)


@spoken
def test_letters_of_other_scripts_keep_their_places() -> None:
    assert [w.text for w in speak("Лампа не горит", voice="ru").words] == ["Лампа", "не", "горит"]


@spoken
@pytest.mark.parametrize(
    ("options", "words"),
    [({"text": " — "}, "nothing to say"), ({"voice": "xx-nowhere"}, "no voice 'xx-nowhere'"), ({"pace": 5}, "pace 5")],
)
def test_what_cannot_be_spoken_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        speak(**{"text": TEXT, **options})  # type: ignore[arg-type]


@pytest.mark.skipif(find_spec("espeakng_loader") is not None, reason="the extra speech is installed")
def test_missing_extra_is_named() -> None:
    with pytest.raises(InvalidRequest, match=r"reelgraph\[speech\]"):
        speak(TEXT)


def test_captions_follow_the_words() -> None:
    words = [Word(text, i * 0.4, i * 0.4 + 0.4) for i, text in enumerate(TEXT.split())]
    captions = captions_of_words(words, 48, Fraction(24))
    assert " ".join(c.text.replace("\n", " ") for c in captions) == TEXT
    assert captions[0].start == 48
    at = 0
    for caption in captions:
        assert caption.start == 48 + round(at * 0.4 * 24)
        at += len(caption.text.split())
        assert caption.start + caption.frames == 48 + round(at * 0.4 * 24)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    brief = "A red kite climbs over a green hill. It dives."
    assert main(["make", brief, "-p", str(tmp_path), "-q", "--size", "96x64", "--rate", "8"]) == 0
    return Project.open(tmp_path)


def test_recorded_narration_is_laid_beside_what_there_is(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tone = (0.2 * np.sin(2 * np.pi * 300 * np.arange(48_000) / 24_000)).astype(np.float32)[:, None]
    words = [Word("The", 0.0, 0.5), Word("lamp", 0.5, 2.0)]
    monkeypatch.setattr(narration, "speak", lambda text, voice, pace: Narration(Sound(tone, 24_000), words))
    at = ["-p", str(project.root), "-q"]
    assert main(["edit", '{"op": "narrate", "text": "The lamp", "start": 4}', *at]) in (0, 1)
    cut = project.only_film(None).cut()
    assert cut is not None
    assert [(s.role, s.start, s.frames) for s in cut.sounds] == [("narration", 4, 16)]
    assert (cut.captions[0].text, cut.captions[0].start, cut.captions[0].frames) == ("The lamp", 4, 16)
    film = read_sound(project.only_film(None).deliver / "film.mp4")
    assert film is not None
    heard = np.abs(film.samples.mean(1)) > 0.05
    assert 24_000 <= int(np.argmax(heard)) <= 24_100 and not heard[24_000 + 96_000 + 100 :].any()
    take = project.ledger.take(cut.sounds[0].take)
    assert take is not None and (take.request.backend, take.request.prompt) == ("espeak-ng", "The lamp")
    assert main(["edit", '{"op": "narrate", "text": "The lamp", "start": 9999}', *at]) == 2
    assert "the narration lasts 16 frames and the film has 0 from frame 9999 on" in capsys.readouterr().err


def test_narration_loses_its_end_to_a_shorter_plan_and_gets_it_back_with_a_longer_one(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at, film = ["-p", str(project.root)], project.only_film(None)
    first = film.cut()
    assert first is not None
    length = first.frames - 4
    tone = (0.2 * np.sin(2 * np.pi * 300 * np.arange(length * 3000) / 24_000)).astype(np.float32)[:, None]
    words = [Word("The", 0.0, 0.5), Word("lamp", (length - 4) / 8, length / 8)]
    monkeypatch.setattr(narration, "speak", lambda text, voice, pace: Narration(Sound(tone, 24_000), words))
    monkeypatch.setattr(narration, "captions_of_words", lambda words, start, rate: [
        Caption(start=round(w.start * rate), frames=round((w.end - w.start) * rate), text=w.text) for w in words
    ])  # fmt: skip
    main(["edit", '{"op": "narrate", "text": "The lamp", "start": 4}', *at])

    def heard() -> tuple[int, list[tuple[str, int, int]]]:
        cut = film.cut()
        assert cut is not None
        (voice,) = [sound for sound in cut.sounds if sound.role == "narration"]
        return voice.frames, [(c.text, c.start, c.frames) for c in cut.captions]

    whole = length, [("The", 4, 4), ("lamp", length, 4)]
    assert heard() == whole
    capsys.readouterr()
    assert main(["revise", "make shot 2 shorter by 1 second", *at]) in (0, 1)
    assert heard() == (length - 8, [("The", 4, 4)])
    assert f"narration: frames {length} became {length - 8}: the film ends before" in "".join(capsys.readouterr())
    main(["revise", "make shot 2 longer by 1 second", *at])
    assert heard() == whole
