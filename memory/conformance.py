"""The conformance kit for embedders: subclass `EmbedderConformance` with an `embedder` fixture, and pytest runs it."""

from typing import Any

import numpy as np
import pytest

from reelgraph.memory.embedders import PictureEmbedder, Rarity, TextEmbedder, identity

TEXTS = ["a red ball rolls over the dunes", "a red ball rolls over a dune", "the ministry published its accounts"]


class EmbedderConformance:
    """What every embedder of texts or pictures must do.

    Attributes:
        tolerance: By how much two runs of one input may differ, in each number.
    """

    tolerance = 1e-5

    @pytest.fixture
    def embedder(self) -> TextEmbedder | PictureEmbedder:
        """The embedder under test: override this."""
        raise NotImplementedError("give your test class a fixture named embedder")

    def inputs(self, embedder: TextEmbedder | PictureEmbedder) -> list[Any]:
        """Return three inputs, of which the first two are alike and the third is not."""
        if isinstance(embedder, TextEmbedder):
            return TEXTS
        y, x = np.mgrid[0:36, 0:64]
        dune = np.stack([200 - y, 160 - y, 90 + x // 4], axis=2).astype(np.uint8)
        night = np.stack([x // 8, x // 8, 40 + y], axis=2).astype(np.uint8)
        return [dune, np.clip(dune.astype(int) + 6, 0, 255).astype(np.uint8), night]

    def vectors(self, embedder: TextEmbedder | PictureEmbedder, inputs: list[Any]) -> np.ndarray:
        """Embed inputs, as documents where it embeds texts."""
        return embedder.documents(inputs) if isinstance(embedder, TextEmbedder) else embedder.pictures(inputs)

    def test_says_what_it_is(self, embedder: TextEmbedder | PictureEmbedder) -> None:
        """It has a name, a version and a dimension: a memory that another filled is noticed."""
        assert embedder.name and embedder.version and embedder.dimension > 0
        assert embedder.name in identity(embedder)

    def test_gives_unit_rows(self, embedder: TextEmbedder | PictureEmbedder) -> None:
        """One float32 row of length one for each input."""
        rows = self.vectors(embedder, self.inputs(embedder))
        assert rows.shape == (3, embedder.dimension) and rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)

    def test_no_inputs_give_no_rows(self, embedder: TextEmbedder | PictureEmbedder) -> None:
        """An empty list is no failure."""
        assert self.vectors(embedder, []).shape == (0, embedder.dimension)

    def test_is_repeatable_and_does_not_look_at_neighbours(self, embedder: TextEmbedder | PictureEmbedder) -> None:
        """The same input gives the same row, alone or among others."""
        inputs = self.inputs(embedder)
        rows = self.vectors(embedder, inputs)
        for i, one in enumerate(inputs):
            assert np.allclose(self.vectors(embedder, [one])[0], rows[i], atol=self.tolerance)

    def test_alike_is_nearer_than_unlike(self, embedder: TextEmbedder | PictureEmbedder) -> None:
        """What is alike has the greater cosine."""
        one, two, other = self.vectors(embedder, self.inputs(embedder))
        assert one @ two > one @ other

    def test_query_finds_its_document(self, embedder: TextEmbedder | PictureEmbedder) -> None:
        """For texts, a query is nearest to the document of the same words."""
        if not isinstance(embedder, TextEmbedder):
            pytest.skip("it embeds pictures")
        documents = embedder.documents(TEXTS)
        rarity = Rarity()
        rarity.learn(TEXTS)
        queries = embedder.queries(TEXTS, rarity)
        assert queries.shape == documents.shape
        assert (np.argmax(queries @ documents.T, axis=1) == np.arange(3)).all()

    @pytest.mark.parametrize("odd", ["", " ", "東京の夜", "🎬" * 50, "x" * 20000])
    def test_odd_texts_are_no_failure(self, embedder: TextEmbedder | PictureEmbedder, odd: str) -> None:
        """Whatever somebody types has a finite row."""
        if not isinstance(embedder, TextEmbedder):
            pytest.skip("it embeds pictures")
        assert np.isfinite(embedder.documents([odd])).all() and np.isfinite(embedder.queries([odd], Rarity())).all()
