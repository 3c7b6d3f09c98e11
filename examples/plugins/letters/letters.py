"""An embedder of texts: how often each pair of letters occurs. Small, quick, and blind to meaning."""

import zlib
from collections.abc import Sequence

import numpy as np

from reelgraph.memory.embedders import Rarity


class Letters:
    """Counts pairs of neighbouring letters."""

    name = "letters"
    version = "1"
    dimension = 512

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        """Return `(texts, dimension) float32`, unit rows."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 1e-3  # so that a text without letters has a direction too
            for pair in zip(text.lower(), text.lower()[1:], strict=False):
                row[zlib.crc32("".join(pair).encode()) % self.dimension] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def queries(self, texts: Sequence[str], rarity: Rarity) -> np.ndarray:
        """Embed as documents: it does not know which words are rare."""
        return self.documents(texts)
