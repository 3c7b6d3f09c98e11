"""What a back end makes that is nearest to what is asked for: size, rate, and for how long."""

import math
from fractions import Fraction

from reelgraph.video_tools.backends.base import Capabilities, SizeRule
from reelgraph.video_tools.film import Shot
from reelgraph.video_tools.timebase import frames_of


def legal_size(rule: SizeRule, width: int, height: int) -> tuple[int, int]:
    """Return the smallest legal size that covers the one asked for, at the shape nearest to it.

    Where the back end makes nothing as large, its largest of that shape.
    """
    if rule.only:

        def worth(size: tuple[int, int]) -> tuple[float, bool, int, tuple[int, int]]:
            shape = abs(math.log(size[0] * height / (size[1] * width)))
            covers = size[0] >= width and size[1] >= height
            return round(shape, 3), not covers, abs(size[0] * size[1] - width * height), size

        return min(rule.only, key=worth)
    shrink = min(1.0, rule.most / max(width, height))

    def side(value: int) -> int:
        covering = max(-(-round(value * shrink) // rule.multiple), -(-rule.least // rule.multiple)) * rule.multiple
        return min(covering, rule.most // rule.multiple * rule.multiple)

    return side(width), side(height)


def legal_rate(capabilities: Capabilities, rate: Fraction) -> Fraction:
    """Return the film's rate where the back end makes it, else its nearest, the faster of two as near."""
    if not capabilities.rates or rate in capabilities.rates:
        return rate
    return min(capabilities.rates, key=lambda own: (abs(own - rate), -own))


def frames_filled(shot: Shot, rate: Fraction, take_rate: Fraction) -> int:
    """Return how many frames of a take fill a shot.

    Args:
        shot: The shot.
        rate: The film's rate.
        take_rate: The take's.
    """
    film_frames = max(1, frames_of(shot.seconds, rate))
    return math.ceil(Fraction(film_frames) * take_rate / rate)


def longest_shot(capabilities: Capabilities, rate: Fraction) -> float:
    """Return the longest shot that the back end makes, in seconds, rounded down to tenths."""
    rule = capabilities.frames
    most = rule.offset + (rule.most - rule.offset) // rule.step * rule.step
    return int(most / rate * 10) / 10
