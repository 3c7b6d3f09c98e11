import pytest

pytest.importorskip("torch")

from tiny_pipelines import BUILDERS, build

from reelgraph.video_tools.backends.base import Backend
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.testing import BackendConformance

# What a request must carry, where a first frame alone is not it.
NEEDED = {"wan_flf": ("first_frame", "last_frame"), "wan_animate": ("reference", "video"), "lucy": ("video",)}


@pytest.mark.parametrize("family", sorted(BUILDERS.keys() - NEEDED.keys()), scope="class")
class TestFamilies(BackendConformance):
    side = 32

    @pytest.fixture
    def backend(self, family: str, tmp_path_factory: pytest.TempPathFactory) -> Backend:
        folder = build(family, tmp_path_factory.getbasetemp() / "models")
        return Local({"model": str(folder), "steps": 2, "max_batch": 2})


class TestFamiliesThatNeedReferences(BackendConformance):
    side = 32

    @pytest.fixture(params=sorted(NEEDED))
    def backend(self, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
        self.roles = NEEDED[request.param]
        folder = build(request.param, tmp_path_factory.getbasetemp() / "models")
        return Local({"model": str(folder), "steps": 2, "max_batch": 2})
