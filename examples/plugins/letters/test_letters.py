"""The embedder passes the kit, and a memory can name it."""

import pytest
from letters import Letters

from reelgraph.memory.embedders import open_text_embedder
from reelgraph.video_tools.testing import EmbedderConformance


class TestLetters(EmbedderConformance):
    """The kit."""

    @pytest.fixture
    def embedder(self) -> Letters:
        """The embedder."""
        return Letters()


def test_is_registered() -> None:
    """`text_embedder = "letters"` in reelgraph.toml finds it."""
    assert isinstance(open_text_embedder("letters"), Letters)
