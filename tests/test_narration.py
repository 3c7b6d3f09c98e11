"""Spoken narration: sound of the length of its words, and captions at their times."""

from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest

from reelgraph.video_tools.editing.narration import Word, captions_of_words, speak
from reelgraph.video_tools.errors import InvalidRequest

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
