"""Which characters a font file can draw, and where else on this machine a missing one can be found.

Pillow draws a box for a character that a font lacks and does not say so; this module is how lettering knows beforehand.
"""

import os
import struct
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from reelgraph.video_tools.errors import PermanentFailure

SHIPPED = Path(__file__).parent / "fonts"


@cache
def coverage(path: Path) -> frozenset[int]:
    """Read the code points that a TrueType or OpenType font maps to a glyph.

    Collections are read by their first font, which is the one that Pillow opens. A font without outlines (bitmap emoji,
    which cannot be drawn at any size) covers nothing.

    Raises:
        PermanentFailure: The file is not a font that can be read.

    Source: OpenType 1.9, "cmap", subtable formats 4 and 12; "TTC Header".
    """
    try:
        data = path.read_bytes()
        start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
        count = struct.unpack_from(">H", data, start + 4)[0]
        tables = {}
        for i in range(count):
            tag, _, offset, _ = struct.unpack_from(">4sIII", data, start + 12 + 16 * i)
            tables[tag] = offset
        if not tables.keys() & {b"glyf", b"CFF ", b"CFF2"}:
            return frozenset()
        cmap = tables[b"cmap"]
        points: set[int] = set()
        for i in range(struct.unpack_from(">H", data, cmap + 2)[0]):
            platform, encoding, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * i)
            if (platform, encoding) in {(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)}:
                points.update(_mapped(data, cmap + offset))
        return frozenset(points)
    except (OSError, struct.error, KeyError, IndexError, ValueError) as error:
        raise PermanentFailure(f"{path} is not a font that can be read: remove it or install it again") from error


def _mapped(data: bytes, at: int) -> Iterator[int]:
    kind = struct.unpack_from(">H", data, at)[0]
    if kind == 12:
        for i in range(struct.unpack_from(">I", data, at + 12)[0]):
            first, last, _ = struct.unpack_from(">III", data, at + 16 + 12 * i)
            yield from range(first, min(last, sys.maxunicode) + 1)
    elif kind == 4:
        segments = struct.unpack_from(">H", data, at + 6)[0] // 2
        words = np.frombuffer(data, ">u2", segments * 4 + 1, at + 14).astype(int)
        ends, starts = words[:segments], words[segments + 1 : 2 * segments + 1]
        deltas, offsets = words[2 * segments + 1 : 3 * segments + 1], words[3 * segments + 1 :]
        ranges_at = at + 16 + 6 * segments
        for i in range(segments):
            for point in range(starts[i], min(ends[i], 0xFFFE) + 1):
                glyph = (point + deltas[i]) & 0xFFFF
                if offsets[i]:
                    where = ranges_at + 2 * i + offsets[i] + 2 * (point - starts[i])
                    glyph = struct.unpack_from(">H", data, where)[0]
                if glyph:
                    yield int(point)


@cache
def system_fonts() -> tuple[Path, ...]:
    """List the font files installed on this machine, plain upright ones first; the shipped ones are not among them."""
    home = Path.home()
    roots = [
        Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".fonts", home / ".local/share/fonts",
        Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts",
        Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts",
    ]  # fmt: skip
    kinds = {".ttf", ".otf", ".ttc"}
    files = {p for root in roots if root.is_dir() for p in root.rglob("*") if p.suffix.lower() in kinds}

    def plainness(path: Path) -> tuple[int, int, str]:
        words = path.stem.lower()
        odd = sum(w in words for w in ("italic", "oblique", "mono", "serif", "condensed", "light", "thin", "black"))
        return odd, "bold" in words, str(path)

    return tuple(sorted(files, key=plainness))


def font_for(text: str) -> Path | None:
    """Find an installed font that has every visible character of a text."""
    wanted = {ord(c) for c in text if not invisible(c)}
    for path in system_fonts():
        try:
            if wanted <= coverage(path):
                return path
        except PermanentFailure:  # a broken font that nobody asked for is no reason to stop a film
            continue
    return None


def invisible(character: str) -> bool:
    """Say whether a character needs no glyph: a space, a control, a joiner or other format character, a selector."""
    return (
        character.isspace()
        or unicodedata.category(character) in {"Cc", "Cf"}
        or 0xFE00 <= ord(character) <= 0xFE0F
        or 0xE0100 <= ord(character) <= 0xE01EF
    )
