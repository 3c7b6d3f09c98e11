import pytest

from reelgraph.video_tools.backends.animatic import Animatic
from reelgraph.video_tools.backends.base import Backend
from reelgraph.video_tools.testing import BackendConformance


class TestAnimatic(BackendConformance):
    @pytest.fixture
    def backend(self) -> Backend:
        return Animatic()
