"""The picture shown for a shot that could not be made: what is missing, and why, legible at any size."""

from fractions import Fraction

import numpy as np
from PIL import Image, ImageDraw

from reelgraph.video_tools.film import Clip
from reelgraph.video_tools.lettering import Letters
from reelgraph.video_tools.timebase import seconds_of
from reelgraph.video_tools.wording import counted

GROUND, PAPER, ACCENT, SOFT = "#17191d", "#f2efe9", "#e0a83c", "#9aa0a8"


def draw_slate(clip: Clip, width: int, height: int, rate: Fraction) -> np.ndarray:
    """Draw a slate.

    Returns:
        `(height, width, 3) uint8 RGB`.
    """
    image = Image.new("RGB", (width, height), GROUND)
    draw = ImageDraw.Draw(image)
    margin = max(4, min(width, height) // 12)
    stripe = max(2, height // 40)
    for x in range(-height, width, 4 * stripe):
        draw.polygon(
            [(x, stripe * 2), (x + 2 * stripe, stripe * 2), (x + 4 * stripe, 0), (x + 2 * stripe, 0)], fill=ACCENT
        )
    draw.rectangle((margin // 2, margin // 2 + stripe * 2, width - margin // 2, height - margin // 2), outline=SOFT)
    large, small = Letters(max(9, height // 7), bold=True), Letters(max(8, height // 18))
    top = margin + stripe * 2
    large.draw(image, (margin, top), clip.shot, PAPER)
    seconds = float(seconds_of(clip.frames, rate))
    small.draw(image, (width - margin, top), f"{counted(clip.frames, 'frame')}, {seconds:.2f} s", SOFT, align="right")
    top += large.line_height + small.line_height // 2
    said = clip.label or "No take"
    room = max(1, (height - margin - top) // small.line_height)
    lines = small.wrap(said, width - 2 * margin)
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1].rstrip() + " …"]
    small.draw_lines(image, (margin, top), lines, PAPER)
    return np.asarray(image)
