from pathlib import Path

import pytest

pytest.importorskip("torch")

from tiny_pipelines import BUILDERS, GUARDED_BUILDERS, Guardrail, build

from reelgraph.video_tools.backends.base import Backend, Failed
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure
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


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have a package of the guard's name, and its checker where diffusers found none."""
    pytest.importorskip("torchvision")
    from diffusers.pipelines.cosmos import (
        pipeline_cosmos2_video2world,
        pipeline_cosmos_text2world,
        pipeline_cosmos_video2world,
    )

    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "cosmos_guardrail.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "packages")
    for module in (pipeline_cosmos_text2world, pipeline_cosmos_video2world, pipeline_cosmos2_video2world):
        monkeypatch.setattr(module, "CosmosSafetyChecker", Guardrail)


@pytest.mark.usefixtures("guarded")
class TestGuardedFamilies(BackendConformance):
    side = 32

    @pytest.fixture(params=sorted(GUARDED_BUILDERS))
    def backend(self, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
        folder = build(request.param, tmp_path_factory.getbasetemp() / "models")
        return Local({"model": str(folder), "steps": 2, "max_batch": 2})

    def test_guard_is_asked_and_obeyed(self, backend: Backend, tmp_path: Path) -> None:
        self.make_one(backend, self.request_for(backend), tmp_path)
        assert Guardrail.asked[-1] == self.prompt
        refused = self.request_for(backend, prompt="a weapon")
        (result,) = self.make(backend, [self.call_for(refused, tmp_path)])
        assert isinstance(result, Failed) and isinstance(result.error, PermanentFailure)
        assert "unsafe text in the prompt" in str(result.error)


def test_guarded_class_is_not_run_without_its_guard(tmp_path_factory: pytest.TempPathFactory) -> None:
    backend = Local({"model": str(build("cosmos", tmp_path_factory.getbasetemp() / "models"))})
    with pytest.raises(InvalidRequest, match=r"CosmosTextToWorldPipeline is not run without .*cosmos_guardrail: run"):
        backend.capabilities()
