"""Match the colours of two shots where they meet: the effects that bring the later one to the one before it."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from reelgraph.video_tools.editing.containers import open_media, picture_stream
from reelgraph.video_tools.film import Effect

_LOOK = Fraction(1, 2)  # seconds on each side
_LEAST_STOPS, _LEAST_TEMPERATURE = 0.05, 0.02  # what nobody sees


def matching(film: Path, joint: int, rate: Fraction) -> list[Effect]:
    """Measure both sides of a joint, and return what makes the later side like the earlier one.

    Args:
        film: The rendered film.
        joint: The first frame of the later shot.
        rate: The film's frames a second.

    Returns:
        An exposure and a temperature, without what would not be seen.
    """
    reach = max(1, int(_LOOK * rate))
    before = _mean_colour(film, joint - reach, joint, rate)
    after = _mean_colour(film, joint, joint + reach, rate)
    if before is None or after is None:
        return []
    stops = float(np.log2(_linear(before) / _linear(after)))
    # The temperature effect scales red by 1 + t/4 and blue by 1 - t/4, whatever green does.
    red, blue = (before / before[1])[[0, 2]] / (after / after[1])[[0, 2]]
    temperature = float(np.clip(2 * (red - blue), -1, 1))
    effects = []
    if abs(stops) >= _LEAST_STOPS:
        effects.append(Effect(name="exposure", arguments={"stops": round(float(np.clip(stops, -3, 3)), 3)}))
    if abs(temperature) >= _LEAST_TEMPERATURE:
        effects.append(Effect(name="temperature", arguments={"amount": round(temperature, 3)}))
    return effects


def _linear(colour: np.ndarray) -> float:
    # Source: ITU-R BT.709-6, 1.2 and 3.2, inverted.
    value = float(colour @ np.array([0.2126, 0.7152, 0.0722])) / 255
    return max(1e-4, value / 4.5 if value < 0.081 else ((value + 0.099) / 1.099) ** (1 / 0.45))


def _mean_colour(film: Path, first: int, end: int, rate: Fraction) -> np.ndarray | None:
    """Return the median over frames `first` to `end` of the mean colour, `(3,) float64 RGB`, seeking near them."""
    colours: list[np.ndarray] = []
    with open_media(film) as media:
        stream = picture_stream(media)
        if stream is None or stream.time_base is None:
            return None
        begin = stream.start_time or 0
        media.seek(begin + int(max(0, first) / rate / stream.time_base), stream=stream, backward=True)
        for frame in media.decode(stream):
            at = round((frame.pts - begin) * stream.time_base * rate) if frame.pts is not None else end
            if at >= end:
                break
            if at >= first:
                # Eight times smaller: the mean is the same, and the conversion to RGB costs next to nothing.
                small = frame.reformat(width=max(2, frame.width // 8), height=max(2, frame.height // 8), format="rgb24")
                colours.append(small.to_ndarray().reshape(-1, 3).mean(0))
    return np.maximum(np.median(colours, 0), 1.0) if colours else None
