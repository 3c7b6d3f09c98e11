import pytest

pytest.importorskip("torch")

from tiny_pipelines import BUILDERS, build

from reelgraph.video_tools.backends.base import Backend
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.testing import BackendConformance


@pytest.mark.parametrize("family", sorted(BUILDERS.keys() - {"wan_flf"}), scope="class")
class TestFamilies(BackendConformance):
    side = 32

    @pytest.fixture
    def backend(self, family: str, tmp_path_factory: pytest.TempPathFactory) -> Backend:
        folder = build(family, tmp_path_factory.getbasetemp() / "models")
        return Local({"model": str(folder), "steps": 2, "max_batch": 2})


class TestFirstAndLastFrame(BackendConformance):
    side = 32
    roles = ("first_frame", "last_frame")

    @pytest.fixture
    def backend(self, tmp_path_factory: pytest.TempPathFactory) -> Backend:
        folder = build("wan_flf", tmp_path_factory.getbasetemp() / "models")
        return Local({"model": str(folder), "steps": 2, "max_batch": 2})
