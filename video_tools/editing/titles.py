"""Words drawn for laying over the picture: titles, lower thirds, captions."""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Title
from reelgraph.video_tools.lettering import Letters

# Text keeps this far from the edges. Source: EBU R 95, graphics safe area, 5 % of each side.
SAFE = 0.05


@dataclass(frozen=True)
class Lines:
    """Text broken into lines, and a smaller text below it."""

    large: Letters
    lines: list[str]
    small: Letters
    below: list[str]

    @property
    def height(self) -> int:
        """Pixels that they take."""
        return len(self.lines) * self.large.line_height + len(self.below) * self.small.line_height

    @property
    def width(self) -> int:
        """Pixels of the longest."""
        return max([self.large.width(x) for x in self.lines] + [self.small.width(x) for x in self.below])


def title_lines(title: Title, width: int, height: int) -> Lines:
    """Break a title for a picture of a size.

    Raises:
        InvalidRequest: It does not fit.
    """
    room, tall = width - 2 * round(width * SAFE), height - 2 * round(height * SAFE)
    side = min(width, height)
    if title.kind == "title":
        return _broken(title.text, title.second, room, tall, max(10, side // 10), 10 / 18, bold=True)
    pad = _pad(height)
    return _broken(title.text, title.second, room - 3 * pad, tall - 2 * pad, max(9, side // 16), 2 / 3, bold=True)


def caption_lines(text: str, width: int, height: int) -> Lines:
    """Break a caption for the lower half of a picture.

    Raises:
        InvalidRequest: It does not fit.
    """
    return _broken(text, "", width - 2 * round(width * SAFE), height // 2, max(9, min(width, height) // 20), 1)


def drawn_title(title: Title, width: int, height: int) -> Image.Image:
    """Draw a title in the middle, or a lower third at the left above a darker ground, as RGBA."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    text = title_lines(title, width, height)
    if title.kind == "title":
        y = (height - text.height) / 2
        y = text.large.draw_lines(
            image, (width / 2, y), text.lines, title.colour, align="middle", outline=(0, 0, 0, 150)
        )
        text.small.draw_lines(image, (width / 2, y), text.below, title.colour, align="middle", outline=(0, 0, 0, 150))
    else:
        pad, left = _pad(height), round(width * SAFE)
        tall, wide = text.height + 2 * pad, text.width + 3 * pad
        top = height - round(height * SAFE) - tall
        pen = ImageDraw.Draw(image)
        pen.rectangle((left, top, left + wide, top + tall), fill=(12, 14, 18, 190))
        pen.rectangle((left, top, left + pad // 2, top + tall), fill=title.colour)
        y = text.large.draw_lines(image, (left + 2 * pad, top + pad), text.lines, title.colour)
        text.small.draw_lines(image, (left + 2 * pad, y), text.below, title.colour)
    return image


def drawn_caption(text: str, width: int, height: int) -> Image.Image:
    """Draw a caption at the foot of the picture, white with a dark outline, as RGBA."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    said = caption_lines(text, width, height)
    y = height - round(height * SAFE) - said.height
    said.large.draw_lines(image, (width / 2, y), said.lines, "#ffffff", align="middle", outline="#000000")
    return image


def _pad(height: int) -> int:
    return max(3, height // 60)


def _broken(text: str, second: str, room: int, tall: int, size: int, smaller: float, *, bold: bool = False) -> Lines:
    """Break text at a size, or at the nearest below, down to half, that breaks no word and is not too tall."""
    least = max(8, size // 2)
    for tried in range(size, least - 1, -1):
        large, small = Letters(tried, bold=bold), Letters(max(8, int(tried * smaller)))
        lines = Lines(large, large.wrap(text, room), small, small.wrap(second, room) if second else [])
        whole = all(large.width(word) <= room for word in text.split())
        if lines.height <= tall and (whole or tried == least):
            return lines
    raise InvalidRequest(f"{text!r} does not fit into the picture, even in small letters: shorten it")
