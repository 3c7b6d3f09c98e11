"""Letter text on pictures: measure, wrap, draw, and tell which characters no font here can draw.

Text is set in the font that ships with the package (DejaVu Sans: Latin, Greek, Cyrillic, Armenian, Georgian, Arabic,
Hebrew and more). A line with other characters is set in an installed font that has them. What no font has is drawn as
U+FFFD and returned by `missing`, so that the caller can report it.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont, features

from reelgraph.video_tools.film import Substitution
from reelgraph.video_tools.glyphs import SHIPPED, coverage, font_for, invisible

Colour = str | tuple[int, int, int] | tuple[int, int, int, int]
LINE_HEIGHT = 1.22  # of the letter size; DejaVu's ascent plus descent is 1.16


@dataclass(frozen=True)
class Letters:
    """A way to set text: `size` in pixels an em, and weight."""

    size: int
    bold: bool = False

    @property
    def line_height(self) -> int:
        """Pixels from one baseline to the next."""
        return round(self.size * LINE_HEIGHT)

    def width(self, text: str) -> int:
        """Measure one line of text, in pixels."""
        return round(sum(font.getlength(run) for font, run in _runs(tidy(text), self)))

    def wrap(self, text: str, width: int) -> list[str]:
        """Break text into lines not wider than `width` pixels; a word wider than that is broken too.

        Line breaks in the text are kept. No character is lost, save the spaces at which a line breaks.
        """
        lines: list[str] = []
        for paragraph in text.splitlines():
            line = ""
            for word in tidy(paragraph).split(" "):
                longer = f"{line} {word}" if line else word
                if self.width(longer) <= width:
                    line = longer
                    continue
                if line:
                    lines.append(line)
                while self.width(word) > width and len(word) > 1:
                    fits = self._fitting(word, width)
                    lines.append(word[:fits])
                    word = word[fits:]
                line = word
            lines.append(line)
        return lines

    def _fitting(self, word: str, width: int) -> int:
        return max(1, bisect_right(range(1, len(word)), width, key=lambda n: self.width(word[:n])))

    def draw(
        self,
        image: Image.Image,
        at: tuple[float, float],
        text: str,
        colour: Colour,
        *,
        align: Literal["left", "middle", "right"] = "left",
        outline: Colour | None = None,
    ) -> None:
        """Draw one line on an RGB or RGBA picture.

        Args:
            image: Drawn on in place.
            at: The line's left end, middle or right end (by `align`), and the top of the line.
            text: One line, in any direction; right-to-left text is laid out by raqm.
            colour: Of the letters.
            align: What `at` is.
            outline: Colour of a stroke around the letters, for text over pictures.
        """
        text = tidy(text)
        pen = ImageDraw.Draw(image)
        x = at[0] - {"left": 0.0, "middle": 0.5, "right": 1.0}[align] * self.width(text)
        baseline = at[1] + self.size * 0.95
        for font, run in _runs(text, self):
            stroke = max(1, self.size // 9) if outline is not None else 0
            pen.text((x, baseline), run, colour, font, anchor="ls", stroke_width=stroke, stroke_fill=outline)
            x += font.getlength(run)

    def draw_lines(
        self,
        image: Image.Image,
        at: tuple[float, float],
        lines: Sequence[str],
        colour: Colour,
        *,
        align: Literal["left", "middle", "right"] = "left",
        outline: Colour | None = None,
    ) -> float:
        """Draw lines below one another as `draw` does; return the y below the last."""
        x, y = at
        for line in lines:
            self.draw(image, (x, y), line, colour, align=align, outline=outline)
            y += self.line_height
        return y


def missing(text: str) -> str:
    """Return the characters of a text that neither the shipped font nor an installed one has, each once, in order."""
    have = coverage(SHIPPED / "DejaVuSans.ttf")
    return "".join(
        c for c in dict.fromkeys(tidy(text)) if not invisible(c) and ord(c) not in have and font_for(c) is None
    )


def borrowed(text: str) -> list[str]:
    """Name the installed fonts that a text needs besides the shipped one: with them, pixels depend on the machine."""
    used = {Path(str(font.path)) for font, _ in _runs(tidy(text), Letters(12))}
    return sorted(path.name for path in used if path.parent != SHIPPED)


def unlettered(what: str, text: str) -> list[Substitution]:
    """Say what of a text cannot be lettered here as it stands.

    Args:
        what: The field of the request that the text is from.
        text: The text.

    Returns:
        A substitution if characters are missing from all fonts, and one if the text runs right to left and the Pillow
        at hand cannot lay that out; usually none.
    """
    found = []
    if gone := missing(text):
        names = ", ".join(f"{c} (U+{ord(c):04X})" for c in gone[:8]) + (" …" if len(gone) > 8 else "")
        why = "no font here has these characters: install one that does, such as a Noto font"
        found.append(Substitution(what=what, asked=names, made="\N{REPLACEMENT CHARACTER}", why=why))
    if not features.check("raqm") and any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text):
        why = "this Pillow is built without raqm: install Pillow from its wheel"
        found.append(Substitution(what=what, asked="right-to-left text", made="unshaped text", why=why))
    return found


def tidy(text: str) -> str:
    """Make text one line of drawable characters: composed (NFC), white space as single spaces, controls dropped."""
    words = unicodedata.normalize("NFC", text).split()
    return "".join(c for c in " ".join(words) if unicodedata.category(c) != "Cc")


@cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


@cache
def _lacking(point: int) -> Path | None:
    return font_for(chr(point))


def _runs(text: str, letters: Letters) -> list[tuple[ImageFont.FreeTypeFont, str]]:
    """Split a line into stretches of one font: one stretch, wherever one font has it all."""
    shipped = SHIPPED / ("DejaVuSans-Bold.ttf" if letters.bold else "DejaVuSans.ttf")
    plain = SHIPPED / "DejaVuSans.ttf"  # the bold cut has fewer scripts
    needed = {ord(c) for c in text if not invisible(c)}
    for path in (shipped, plain):
        if needed <= coverage(path):
            return [(_font(path, letters.size), text)]
    if whole := _one_font("".join(map(chr, sorted(needed)))):
        return [(_font(whole, letters.size), text)]
    runs: list[tuple[Path, str]] = []
    for c in text:
        held = runs[-1][0] if runs else shipped
        if invisible(c) or (unicodedata.combining(c) and ord(c) in coverage(held)):
            path = held
        elif ord(c) in coverage(shipped):
            path = shipped
        else:
            path = plain if ord(c) in coverage(plain) else _lacking(ord(c)) or shipped
        known = invisible(c) or ord(c) in coverage(path)
        c = c if known else "\N{REPLACEMENT CHARACTER}"
        if runs and runs[-1][0] == path:
            runs[-1] = (path, runs[-1][1] + c)
        else:
            runs.append((path, c))
    return [(_font(path, letters.size), run) for path, run in runs]


@cache
def _one_font(characters: str) -> Path | None:
    return font_for(characters)
