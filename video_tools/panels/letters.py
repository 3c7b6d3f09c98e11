"""Letter a panel: action and speech under the picture, names at the figures' feet, shot, framing and timecode on it.

The letters keep to the frame while the camera moves over the drawing. In a frame too small to read them in, all of them
are left out together and the picture has the whole frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from PIL import Image, ImageDraw

from reelgraph.video_tools.film import Character, Line, Panel, Substitution
from reelgraph.video_tools.lettering import Letters, tidy
from reelgraph.video_tools.panels.colours import INK, RGB, luma, rgb, shade
from reelgraph.video_tools.timebase import timecode
from reelgraph.video_tools.wording import blank

PAPER: RGB = (24, 25, 30)
PALE: RGB = (226, 224, 216)
SPEECH: RGB = (250, 248, 240)
LEAST_LETTERS = 9  # pixels an em below which DejaVu Sans cannot be read on a screen
LEAST_PAGE = Fraction(1)  # seconds that a page of text stands at least


@dataclass(frozen=True)
class Layout:
    """Where the picture and the letters go, in pixels; without letters the picture is the frame."""

    width: int
    height: int
    letters: int
    picture: int  # height of the picture, which is as wide as the frame

    @property
    def lettered(self) -> bool:
        """Whether there are letters at all."""
        return self.letters > 0

    @property
    def margin(self) -> int:
        """Pixels between the frame's edge and the text."""
        return round(self.letters * 0.9)


def lay_out(width: int, height: int) -> Layout:
    """Choose the letter size and the picture's height for a frame.

    Letters are a twentieth of the height (in a tall frame, a 24th of the width), and not below 10 pixels as long as
    that leaves two thirds of the frame to the picture.
    """
    size = round(min(height / 20, width / 24))
    if size < 10:
        size = 10 if height >= 144 and width >= 224 else 0
    if size < LEAST_LETTERS:
        return Layout(width, height, 0, height)
    under = 3 * Letters(size).line_height + round(size * 1.3)
    return Layout(width, height, size, height - under)


@dataclass(frozen=True)
class Page:
    """What stands under the picture from a frame on.

    Attributes:
        first: Frame from which it stands.
        strip: Pixels of the frame from `top` down, `(rows, width, 4) uint8` RGBA, colour not premultiplied.
        top: Row of the frame where the strip begins; it may reach into the picture.
        speaker: Index of the figure whose balloon it holds, or None.
        tail: (left, right, y) of the balloon's upper edge, from which its tail points at the speaker.
    """

    first: int
    strip: np.ndarray
    top: int
    speaker: int | None
    tail: tuple[int, int, int]


def spread(lines: Sequence[Line], frames: int, rate: Fraction) -> list[int]:
    """Say at which frame each line begins: where it says so itself, else after the one before, by length of text."""
    starts: list[int] = []
    total = sum(len(line.text) + 8 for line in lines)
    at = 0
    for line in lines:
        begins = at if line.start is None else round(Fraction(line.start) * rate)
        starts.append(min(max(begins, starts[-1] if starts else 0), frames - 1))
        at = starts[-1] + round(Fraction((len(line.text) + 8) * frames, total))
    return starts


def paginate(
    letters: Letters, text: str, width: int, rows: int, frames: int, rate: Fraction
) -> tuple[list[list[str]], str]:
    """Break text into pages of at most `rows` lines, of like length; return them, and the text that time leaves out."""
    if blank(text):
        return [[""]], ""
    lines = letters.wrap(text, width)
    most = max(1, int(frames / (LEAST_PAGE * rate)))
    if len(lines) > most * rows:
        lost = " ".join(lines[most * rows :])
        last = lines[most * rows - 1]
        while letters.width(last + " …") > width:
            last = last[:-1]
        lines = [*lines[: most * rows - 1], last + " …"]
        return [lines[i : i + rows] for i in range(0, len(lines), rows)], lost
    for count in range(-(-len(lines) // rows), len(lines) + 1):
        pages = [letters.wrap(part, width) for part in _shares(tidy(text).split(" "), count)]
        if count <= most and all(len(page) <= rows for page in pages):
            return pages, ""
    return [lines[i : i + rows] for i in range(0, len(lines), rows)], ""


def _shares(words: list[str], count: int) -> list[str]:
    """Split words into parts of about the same length."""
    total, at = sum(len(word) + 1 for word in words), 0
    parts: list[list[str]] = [[] for _ in range(count)]
    for word in words:
        parts[min(count - 1, at * count // total)].append(word)
        at += len(word) + 1
    return [" ".join(part) for part in parts]


class Captions:
    """All the pages of a take, and what did not fit on them."""

    def __init__(
        self, layout: Layout, panel: Panel, prompt: str, frames: int, rate: Fraction, places: Sequence[float]
    ) -> None:
        """Set all the text of a take.

        Args:
            layout: Where it goes.
            panel: Whose lines are said.
            prompt: The action.
            frames: Of the take.
            rate: Of the take.
            places: Pixels from the left at which each figure stands, so that balloons hang under their speakers.
        """
        self.layout = layout
        self._places = places
        self.lost: list[Substitution] = []
        self._letters = Letters(layout.letters)
        names = {c.id: i for i, c in enumerate(panel.figures)} | {c.name: i for i, c in enumerate(panel.figures)}
        starts = spread(panel.lines, frames, rate)
        ends = [*starts[1:], frames][: len(starts)]
        spans: list[tuple[int, int, Line | None]] = [
            (s, max(e, s + 1), line) for s, e, line in zip(starts, ends, panel.lines, strict=True)
        ]
        if not spans or spans[0][0] > 0:
            spans.insert(0, (0, spans[0][0] if spans else frames, None))
        self.pages: list[Page] = []
        rows = 3 if not panel.lines else 2
        action, lost = paginate(self._letters, prompt, layout.width - 2 * layout.margin, rows, frames, rate)
        if lost:
            self._lose("prompt", prompt, lost)
        turns = [round(Fraction(i * frames, max(1, len(action)))) for i in range(len(action))]
        speech: list[tuple[int, list[str], Line | None]] = []
        for first, end, line in spans:
            balloons: list[list[str]] = [[]]
            if line is not None:
                balloons, lost = paginate(self._letters, line.text, self._balloon_width(), 2, end - first, rate)
                if lost:
                    self._lose("panel.lines", line.text, lost)
            for i, rows_ in enumerate(balloons):
                speech.append((first + round(Fraction(i * (end - first), len(balloons))), rows_, line))
        for first in sorted({0, *turns, *(s[0] for s in speech)}):
            words = next((a for t, a in zip(reversed(turns), reversed(action), strict=True) if t <= first), [])
            _, said, line = next(s for s in reversed(speech) if s[0] <= first)
            speaker = names.get(line.character) if line is not None else None
            self.pages.append(self._page(first, words, said, line, speaker, panel.figures))

    def _lose(self, what: str, text: str, lost: str) -> None:
        kept = f"{len(tidy(text)) - len(lost)} of {len(tidy(text))} characters"
        why = "the take is too short to show all of the text: give the shot more seconds or fewer words"
        self.lost.append(Substitution(what=what, asked=f"… {lost[-60:]}", made=kept, why=why))

    def _balloon_width(self) -> int:
        return self.layout.width - 4 * self.layout.margin

    def page_at(self, frame: int) -> Page:
        """Return the page that stands at a frame."""
        return next(p for p in reversed(self.pages) if p.first <= frame)

    def _page(
        self,
        first: int,
        action: list[str],
        said: list[str],
        line: Line | None,
        speaker: int | None,
        figures: Sequence[Character],
    ) -> Page:
        lay, text, bold = self.layout, self._letters, Letters(self.layout.letters, bold=True)
        step, pad = text.line_height, round(self.layout.letters * 0.4)
        below = lay.height - pad - step * (2 if line is not None else 3)
        balloon = (step * (len(said) + 1) + 2 * pad) if line is not None else 0
        top = min(lay.picture, below - balloon - pad) if balloon else lay.picture
        strip = Image.new("RGBA", (lay.width, lay.height - top), (0, 0, 0, 0))
        pen = ImageDraw.Draw(strip)
        pen.rectangle((0, lay.picture - top, lay.width, lay.height), (*PAPER, 255))
        text.draw_lines(strip, (lay.margin, below - top), action, PALE)
        tail = (0, 0, 0)
        if line is not None:
            who = figures[speaker].name if speaker is not None else line.character or "Narrator"
            manner = f"({line.manner.strip('()')})" if line.manner else ""
            gap = text.width("n") if manner else 0
            wide = max(bold.width(who) + gap + text.width(manner), *(text.width(row) for row in said))
            high = below - balloon - pad // 2 - top
            middle = self._places[speaker] if speaker is not None and speaker < len(self._places) else 0.0
            left = round(min(max(lay.margin, middle - wide / 2 - 2 * pad), lay.width - lay.margin - wide - 4 * pad))
            right = left + wide + 4 * pad
            pen.rounded_rectangle((left, high, right, high + balloon), pad * 2, SPEECH, INK, 1 + lay.letters // 20)
            colour = rgb(figures[speaker].palette[0]) if speaker is not None and figures[speaker].palette else INK
            if luma(colour) > 0.55:
                colour = shade(colour, 0.55 / luma(colour))
            bold.draw(strip, (left + 2 * pad, high + pad), who, colour)
            text.draw(strip, (left + 2 * pad + bold.width(who) + gap, high + pad), manner, shade(INK, 1.4))
            text.draw_lines(strip, (left + 2 * pad, high + pad + step), said, INK)
            tail = (left + 3 * pad, right - 3 * pad, top + high)
        return Page(first, np.asarray(strip), top, speaker, tail)


def chips(layout: Layout, panel: Panel, named: bool) -> tuple[np.ndarray, np.ndarray]:
    """Letter what stands on the picture throughout, as the rows it needs.

    Returns:
        RGBA of the shot's chip and the framing's, `(rows, columns, 4) uint8`; empty where the request names no shot.
    """
    framing = panel.size.replace("_", " ")
    if panel.camera != "still":
        framing += f" · {panel.camera.replace('_', ' ')}"
    if panel.angle != "eye":
        framing += f" · {panel.angle}{' angle' if panel.angle in ('low', 'high') else ''}"
    shot = chip(panel.shot, layout, bold=True) if named else np.zeros((0, 0, 4), np.uint8)
    return shot, chip(framing, layout)


def chip(text: str, layout: Layout, *, bold: bool = False) -> np.ndarray:
    """Letter a small tag, `(rows, columns, 4) uint8` RGBA."""
    letters = Letters(max(LEAST_LETTERS, round(layout.letters * 0.84)), bold)
    tag = _tag(letters.width(text), letters)
    letters.draw(tag, (tag.width / 2, letters.size // 10), text, PALE, align="middle")
    return np.asarray(tag)


def _tag(width: int, letters: Letters) -> Image.Image:
    """Cut an empty chip for text of a width; its corners are drawn large and reduced, so that they are smooth."""
    high = letters.line_height + letters.size // 5
    wide = width + 2 * round(high * 0.3)
    tag = Image.new("RGBA", (wide * 4, high * 4), (*PAPER, 0))
    ImageDraw.Draw(tag).rounded_rectangle((0, 0, wide * 4 - 1, high * 4 - 1), high, (*PAPER, 205))
    return tag.reduce(4)


def stick(frame: np.ndarray, tag: np.ndarray, left: int, top: int) -> None:
    """Lay an RGBA tag over a frame, in place, cut at the frame's edges."""
    x, y = max(0, -left), max(0, -top)
    part = tag[y : y + max(0, frame.shape[0] - max(top, 0)), x : x + max(0, frame.shape[1] - max(left, 0))]
    if not part.size:
        return
    under = frame[max(top, 0) : max(top, 0) + part.shape[0], max(left, 0) : max(left, 0) + part.shape[1]]
    alpha = part[..., 3:].astype(np.uint16)
    under[...] = ((part[..., :3] * alpha + under * (255 - alpha) + 127) // 255).astype(np.uint8)


class Timecode:
    """The running timecode: a chip with room for the figures, which are drawn once and set in cells of one width."""

    def __init__(self, layout: Layout, rate: Fraction) -> None:
        self._rate = rate
        letters = Letters(max(LEAST_LETTERS, round(layout.letters * 0.84)))
        pitch = {sign: letters.width("0" if sign != ":" else ":") for sign in "0123456789:"}
        self._chip = _tag(sum(pitch[sign] for sign in timecode(0, rate)), letters)
        self._cells = {}
        for sign, wide in pitch.items():
            cell = Image.new("RGBA", (wide, self._chip.height), (*PAPER, 205))
            letters.draw(cell, (wide / 2, letters.size // 10), sign, PALE, align="middle")
            self._cells[sign] = cell

    def tag(self, frame: int) -> np.ndarray:
        """Return the chip for a frame number."""
        chip, x = self._chip.copy(), round(self._chip.height * 0.3)
        for sign in timecode(frame, self._rate):
            chip.paste(self._cells[sign], (x, 0))
            x += self._cells[sign].width
        return np.asarray(chip)
