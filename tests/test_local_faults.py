"""A pipeline that goes wrong, driven as a film does: the kit for what happens once a call is made, on a local model."""

from typing import Any, ClassVar

import pytest

pytest.importorskip("torch")

from diffusers import LTXPipeline
from tiny_pipelines import build

from reelgraph.video_tools.backends.base import Backend
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.testing import Fault, FaultConformance


class TestLocalModel(FaultConformance):
    # No reply is lost and no file cut short on the way from a pipeline, and what hangs is for a person to stop.
    faults: ClassVar[frozenset[Fault]] = frozenset({"failed_after_billing", "wrong_length", "wrong_size"})
    side = 32

    @pytest.fixture(autouse=True)
    def pipeline(self, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.folder = build("ltx", tmp_path_factory.getbasetemp() / "models")
        self.runs, self.waiting = 0, ""
        call = LTXPipeline.__call__

        def run(pipe: Any, **arguments: Any) -> Any:
            self.runs += 1
            fault, self.waiting = self.waiting, ""
            if fault == "failed_after_billing":
                raise RuntimeError("an illegal memory access was encountered")
            more = {"wrong_length": {"num_frames": 17}, "wrong_size": {"width": 64}}.get(fault, {})
            return call(pipe, **arguments | more)

        monkeypatch.setattr(LTXPipeline, "__call__", run)

    @pytest.fixture
    def backend(self) -> Backend:
        return self.mended()

    def broken(self, fault: Fault) -> Backend:
        self.waiting = fault
        return self.mended()

    def mended(self) -> Backend:
        return Local({"model": str(self.folder), "steps": 1, "max_batch": 2})

    def bought(self) -> int:
        return self.runs
