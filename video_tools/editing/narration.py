"""Words spoken: through espeak-ng (the extra `speech`), with the time of every word, which captions are made from.

Any recorded file serves as narration just as well; import it, and lay it under the film with the role `narration`.
"""

import ctypes
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.captions import broken
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Caption
from reelgraph.video_tools.timebase import frames_of

# Source: espeak-ng, speak_lib.h: output handed to a callback at once, UTF-8 text, a word event, the rate parameter.
_SYNCHRONOUS, _UTF8, _WORD, _RATE_PARAMETER = 2, 1, 1, 1
LEAST_PACE, MOST_PACE = 80, 450

_ONE_AT_A_TIME = threading.Lock()  # the library has one voice


@dataclass(frozen=True)
class Word:
    """A spoken word, in seconds from the start of the narration."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Narration:
    """What was spoken.

    Attributes:
        sound: Mono.
        words: Every word with its time, in order.
    """

    sound: Sound
    words: list[Word]


def speak(text: str, *, voice: str = "en-us", pace: int = 160) -> Narration:
    """Speak a text.

    Args:
        text: Plain text; it is never read as markup.
        voice: A voice of espeak-ng, such as `en-us`, `de` or `ru`.
        pace: Words a minute.

    Raises:
        InvalidRequest: The extra is not installed, there is no such voice, or there are no words.
    """
    if not LEAST_PACE <= pace <= MOST_PACE:
        raise InvalidRequest(f"pace {pace} is outside {LEAST_PACE} to {MOST_PACE} words a minute: 160 is usual")
    if not any(c.isalnum() for c in text):
        raise InvalidRequest("there is nothing to say: write at least one word")
    library, rate = _library()
    data = text.replace("\0", " ").encode()
    pcm = bytearray()
    marks: list[tuple[int, float]] = []

    def heard(wave: Any, samples: int, events: Any) -> int:
        if wave and samples > 0:
            pcm.extend(ctypes.string_at(wave, samples * 2))
        i = 0
        while events[i].type:
            if events[i].type == _WORD:
                marks.append((events[i].text_position - 1, events[i].audio_position / 1000))
            i += 1
        return 0

    with _ONE_AT_A_TIME:
        callback = _Callback(heard)
        library.espeak_SetSynthCallback(callback)
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise InvalidRequest(f"espeak-ng has no voice {voice!r}: try en-us, en-gb, de, fr, es, it, pt, ru or zh")
        library.espeak_SetParameter(_RATE_PARAMETER, pace, 0)
        if library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None) != 0:
            raise InvalidRequest("espeak-ng could not speak this text")
        library.espeak_Synchronize()
    samples = np.frombuffer(bytes(pcm), "<i2").astype(np.float32)[:, None] / np.float32(32768)
    return Narration(Sound(samples, rate), _timed(text, marks, len(samples) / rate))


def _timed(text: str, marks: Sequence[tuple[int, float]], length: float) -> list[Word]:
    """Give every word of a text its time; words that the voice runs together share out the time of their group."""
    words = [(m.start(), m.end(), m.group()) for m in re.finditer(r"\S+", text) if any(c.isalnum() for c in m.group())]
    heard = {next((i for i, (a, b, _) in enumerate(words) if a <= at < b), None): when for at, when in reversed(marks)}
    known = sorted({0: 0.0, **{i: when for i, when in heard.items() if i is not None}, len(words): length}.items())
    starts: list[float] = []
    for (i, begin), (j, end) in pairwise(known):
        starts += [begin + (end - begin) * k / (j - i) for k in range(j - i)]
    ends = [*starts[1:], length]
    return [Word(word, start, end) for (_, _, word), start, end in zip(words, starts, ends, strict=True)]


def captions_of_words(words: Sequence[Word], start: int, rate: Fraction) -> list[Caption]:
    """Make captions of spoken words: each is shown from its first word until its last, or until the next one.

    Args:
        words: With their times.
        start: The film frame at which the narration begins.
        rate: Frames a second.
    """
    captions: list[Caption] = []
    left = list(words)
    for piece in broken(" ".join(word.text for word in words)):
        count = len(piece.split())
        shown, left = left[:count], left[count:]
        first, last = frames_of(shown[0].start, rate), frames_of(shown[-1].end, rate)
        captions.append(Caption(start=start + first, frames=max(1, last - first), text=piece))
    return captions


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@cache
def _library() -> tuple[Any, int]:
    try:
        import espeakng_loader  # type: ignore[import-not-found,import-untyped,unused-ignore]  # an extra
    except ModuleNotFoundError as error:
        raise InvalidRequest(
            "narration is spoken by espeak-ng: pip install 'reelgraph[speech]', or import a recorded file"
        ) from error
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise InvalidRequest("espeak-ng does not start: reinstall the extra `speech`")
    return library, int(rate)
