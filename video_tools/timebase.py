"""Rational frame rates, and frames <-> seconds without drift."""

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from reelgraph.video_tools.errors import InvalidRequest

# Decimals that people write for the NTSC family. Source: SMPTE ST 12-1 (rates of n * 1000 / 1001).
_NTSC = {"23.976": 24, "23.98": 24, "29.97": 30, "47.952": 48, "59.94": 60, "119.88": 120}


def parse_rate(value: Any) -> Fraction:
    """Read a frame rate exactly.

    Args:
        value: `24`, `"24"`, `"24/1"`, `"30000/1001"`, or a decimal such as `"29.97"`, read as its NTSC rate.

    Returns:
        Frames per second.

    Raises:
        InvalidRequest: The rate is not a number between 1 and 240.
    """
    text = str(value).strip()
    try:
        rate = Fraction(_NTSC[text] * 1000, 1001) if text in _NTSC else Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise InvalidRequest(f"rate {text!r} is not a frame rate: write one such as 24 or 30000/1001") from error
    if not 1 <= rate <= 240:
        raise InvalidRequest(f"rate {text} is outside 1 to 240 frames a second: write one such as 24")
    return rate


def _validate(value: Any) -> Fraction:
    try:
        return parse_rate(value)
    except InvalidRequest as error:  # pydantic collects ValueErrors and names the field
        raise ValueError(str(error)) from error


def rate_text(rate: Fraction) -> str:
    """Write a rate as `numerator/denominator`, the form every file and `--json` object uses."""
    return f"{rate.numerator}/{rate.denominator}"


Rate = Annotated[
    Fraction,
    BeforeValidator(_validate),
    PlainSerializer(rate_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(/\d+)?$", "description": "frames per second, e.g. 24/1"}),
]


def frames_of(seconds: float | Fraction, rate: Fraction) -> int:
    """Count the frames in a length: the nearest whole number, halves up."""
    return int(Fraction(seconds) * rate + Fraction(1, 2))


def seconds_of(frames: int, rate: Fraction) -> Fraction:
    """Return the exact length of a number of frames, in seconds."""
    return frames / rate


def samples_of(frames: int, rate: Fraction, sample_rate: int) -> int:
    """Return the sample at which a frame begins, nearest, halves up; so tracks never drift from the picture."""
    return int(frames / rate * sample_rate + Fraction(1, 2))


def timecode(frame: int, rate: Fraction) -> str:
    """Write a frame number as non-drop `HH:MM:SS:FF`.

    Source: SMPTE ST 12-1; the frame base is the nominal rate, rounded.
    """
    base = round(rate)
    seconds, ff = divmod(frame, base)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{ff:02d}"
