"""Ask embedders, whoever wrote them, and take from them only what an index can hold and compare."""

from collections.abc import Callable, Sequence

import numpy as np

from reelgraph.memory.embedders import Frame, PictureEmbedder, Rarity, TextEmbedder, Vectors
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.registry import blamed

# How far from 1 the length of a row may be. Source: ours; half floats of a thousand numbers stay within a tenth of it.
_TOLERANCE = 0.01


def documents(embedder: TextEmbedder, texts: Sequence[str]) -> Vectors:
    """Return `(texts, dimension) float32`, unit rows, for texts to be found.

    Raises:
        InvalidRequest: The embedder breaks, or gives something else.
    """
    return _rows(embedder, len(texts), lambda: embedder.documents(texts))


def queries(embedder: TextEmbedder, texts: Sequence[str], rarity: Rarity) -> Vectors:
    """Return `(texts, dimension) float32`, unit rows, for texts to look up.

    Raises:
        InvalidRequest: The embedder breaks, or gives something else.
    """
    return _rows(embedder, len(texts), lambda: embedder.queries(texts, rarity))


def pictures(embedder: PictureEmbedder, frames: Sequence[Frame]) -> Vectors:
    """Return `(frames, dimension) float32`, unit rows, for frames `(height, width, 3) uint8 RGB`.

    Raises:
        InvalidRequest: The embedder breaks, or gives something else.
    """
    return _rows(embedder, len(frames), lambda: embedder.pictures(frames))


def _rows(embedder: TextEmbedder | PictureEmbedder, count: int, ask: Callable[[], Vectors]) -> Vectors:
    whom = f"embedder {embedder.name!r}"
    try:
        with blamed(whom, "used"):
            rows = ask()
        if wrong := _wrong(rows, count, embedder.dimension):
            raise InvalidRequest(f"{whom} gives {wrong}: mend it")
    except InvalidRequest as error:
        raise InvalidRequest(f"{error}; or set another and run `reelgraph memory rebuild`") from error
    return rows.astype(np.float32, copy=False)


def _wrong(rows: object, count: int, dimension: int) -> str:
    """Say what an embedder gave in place of so many unit rows, or return an empty string."""
    if not isinstance(rows, np.ndarray) or not np.issubdtype(rows.dtype, np.floating):
        kind = rows.dtype if isinstance(rows, np.ndarray) else type(rows).__name__
        return f"{kind}, not an array of float32"
    if rows.shape != (count, dimension):
        return f"an array {rows.shape}, not {(count, dimension)}"
    if not np.isfinite(rows).all():
        return "numbers that are not finite"
    length = np.linalg.norm(rows.astype(np.float64), axis=1)
    if (np.abs(length - 1) > _TOLERANCE).any():
        return "rows that are not of length 1"
    return ""
