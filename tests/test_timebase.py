"""Frames and seconds, exactly."""

from fractions import Fraction

import pytest

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.timebase import frames_of, parse_rate, rate_text, samples_of, seconds_of, timecode


def test_rates_are_read_exactly() -> None:
    assert parse_rate("24") == parse_rate(24) == Fraction(24)
    assert parse_rate("29.97") == parse_rate("30000/1001") == Fraction(30000, 1001)
    assert parse_rate("23.976") == Fraction(24000, 1001)
    assert rate_text(Fraction(24)) == "24/1"


@pytest.mark.parametrize("text", ["0", "-1", "1/0", "fast", "nan", "241", ""])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_rate(text)


def test_a_day_of_ntsc_frames_does_not_drift() -> None:
    rate = parse_rate("29.97")
    assert frames_of(86400, rate) == 2589411  # 86400 * 30000 / 1001 = 2589410.589
    assert frames_of(seconds_of(2589411, rate), rate) == 2589411
    assert samples_of(2589411, rate, 48000) == 4147200658  # 2589411 * 1001 / 30000 * 48000 = 4147200657.6


def test_halves_are_counted_up() -> None:
    assert [frames_of(Fraction(n, 2), Fraction(1)) for n in (1, 2, 3)] == [1, 1, 2]


def test_timecode_counts_nominal_frames() -> None:
    assert timecode(0, Fraction(24)) == "00:00:00:00"
    assert timecode(86399, Fraction(24)) == "00:59:59:23"
    assert timecode(30, Fraction(30000, 1001)) == "00:00:01:00"
