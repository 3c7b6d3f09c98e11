"""Words drawn for laying over the picture: titles, lower thirds, captions."""

from PIL import Image, ImageDraw

from reelgraph.video_tools.film import Title
from reelgraph.video_tools.lettering import Letters

# Text keeps this far from the edges. Source: EBU R 95, graphics safe area, 5 % of each side.
SAFE = 0.05


def drawn_title(title: Title, width: int, height: int) -> Image.Image:
    """Draw a title in the middle, or a lower third at the left above a darker ground, as RGBA."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    margin = round(width * SAFE), round(height * SAFE)
    room = width - 2 * margin[0]
    if title.kind == "title":
        large, small = Letters(max(10, height // 10), bold=True), Letters(max(8, height // 18))
        lines, second = large.wrap(title.text, room), small.wrap(title.second, room) if title.second else []
        y = (height - len(lines) * large.line_height - len(second) * small.line_height) / 2
        y = large.draw_lines(image, (width / 2, y), lines, title.colour, align="middle", outline=(0, 0, 0, 150))
        small.draw_lines(image, (width / 2, y), second, title.colour, align="middle", outline=(0, 0, 0, 150))
    else:
        large, small = Letters(max(9, height // 16), bold=True), Letters(max(8, height // 24))
        pad = max(3, height // 60)
        lines, second = large.wrap(title.text, room - 3 * pad), small.wrap(title.second, room) if title.second else []
        tall = len(lines) * large.line_height + len(second) * small.line_height + 2 * pad
        wide = max([large.width(x) for x in lines] + [small.width(x) for x in second]) + 3 * pad
        top = height - margin[1] - tall
        pen = ImageDraw.Draw(image)
        pen.rectangle((margin[0], top, margin[0] + wide, top + tall), fill=(12, 14, 18, 190))
        pen.rectangle((margin[0], top, margin[0] + pad // 2, top + tall), fill=title.colour)
        y = large.draw_lines(image, (margin[0] + 2 * pad, top + pad), lines, title.colour)
        small.draw_lines(image, (margin[0] + 2 * pad, y), second, title.colour)
    return image


def drawn_caption(text: str, width: int, height: int) -> Image.Image:
    """Draw a caption at the foot of the picture, white with a dark outline, as RGBA."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    letters = Letters(max(9, height // 20))
    room = width - 2 * round(width * SAFE)
    lines = [line for said in text.splitlines() for line in letters.wrap(said, room)]
    y = height - round(height * SAFE) - len(lines) * letters.line_height
    letters.draw_lines(image, (width / 2, y), lines, "#ffffff", align="middle", outline="#000000")
    return image
