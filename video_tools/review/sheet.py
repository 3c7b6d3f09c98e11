"""Contact sheets: many small labelled pictures in one, for people, for agents that look, and for documents."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from reelgraph.video_tools.lettering import Letters

PAPER, INK, FRAME = (20, 21, 25), (226, 224, 216), (54, 56, 64)
Picture = Path | np.ndarray | Image.Image


def contact_sheet(
    pictures: Sequence[Picture], labels: Sequence[str], *, columns: int = 0, width: int = 768
) -> Image.Image:
    """Lay pictures out in rows, each with its label below.

    Args:
        pictures: Image files, `(height, width, 3) uint8 RGB` arrays or images, of any size; fitted into like tiles.
        labels: One for each picture; cut to the tile's width.
        columns: Pictures in a row; 0 chooses so that the sheet is about as high as a screen.
        width: Of the sheet, in pixels.

    Returns:
        An RGB image `width` pixels wide.
    """
    shown = [_open(picture) for picture in pictures]
    if columns < 1:
        columns = next((c for c in (2, 3, 4, 5) if len(shown) <= 3 * c), 6)
    columns = max(1, min(columns, len(shown)))
    gap = max(4, width // 100)
    tile = (width - gap * (columns + 1)) // columns
    shape = max((p.height / p.width for p in shown), default=9 / 16)
    letters = Letters(max(10, min(16, tile // 16)))
    high, foot = round(tile * shape), letters.line_height + gap // 2
    rows = -(-len(shown) // columns)
    sheet = Image.new("RGB", (width, gap + rows * (high + foot + gap)), PAPER)
    for i, (picture, label) in enumerate(zip(shown, labels, strict=True)):
        x, y = gap + i % columns * (tile + gap), gap + i // columns * (high + foot + gap)
        share = min(tile / picture.width, high / picture.height)
        fitted = picture.resize((max(1, round(picture.width * share)), max(1, round(picture.height * share))))
        sheet.paste(FRAME, (x, y, x + tile, y + high))
        sheet.paste(fitted, (x + (tile - fitted.width) // 2, y + (high - fitted.height) // 2))
        letters.draw(sheet, (x, y + high + gap // 4), _cut(label, letters, tile), INK)
    return sheet


def take_sheet(picture: Path, *, frames: int = 6, width: int = 768) -> Image.Image:
    """Lay out frames of a take in time order, evenly spaced, labelled with their number and second.

    Args:
        picture: The take's film or still.
        frames: How many; fewer if the take has fewer.
        width: Of the sheet, in pixels.
    """
    from reelgraph.video_tools.editing.media import decode, probe

    if picture.suffix == ".png":
        return contact_sheet([picture], ["frame 0"], width=width)
    facts = probe(picture)
    count = max(1, min(frames, facts.frames))
    wanted = {round(i * (facts.frames - 1) / max(1, count - 1)) for i in range(count)}
    found = [(n, frame) for n, frame in enumerate(decode(picture)) if n in wanted]
    labels = [f"frame {n} · {float(n / facts.rate):.2f} s" for n, _ in found]
    return contact_sheet([frame for _, frame in found], labels, width=width)


def jpeg(image: Image.Image, most: int = 150_000) -> bytes:
    """Encode an image as JPEG of at most about `most` bytes, by lower quality first and then by size."""
    image = image.convert("RGB")
    while True:
        for quality in (85, 75, 65, 50):
            data = io.BytesIO()
            image.save(data, "JPEG", quality=quality, optimize=True)
            if data.tell() <= most or image.width <= 64:
                return data.getvalue()
        image = image.resize((image.width * 4 // 5, max(1, image.height * 4 // 5)))


def _open(picture: Picture) -> Image.Image:
    if isinstance(picture, Image.Image):
        return picture.convert("RGB")
    if isinstance(picture, np.ndarray):
        return Image.fromarray(picture)
    with Image.open(picture) as image:
        return image.convert("RGB")


def _cut(label: str, letters: Letters, width: int) -> str:
    if letters.width(label) <= width:
        return label
    while label and letters.width(label + "…") > width:
        label = label[:-1]
    return label + "…"
