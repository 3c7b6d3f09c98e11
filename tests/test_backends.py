"""The conformance kits on back ends that need no model: the animatic, and the rehearsal with its faults."""

import pytest

from reelgraph.video_tools.backends.animatic import Animatic
from reelgraph.video_tools.backends.base import Backend
from reelgraph.video_tools.rehearsal import Fault as Misbehaviour
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.testing import BackendConformance, Fault, FaultConformance


class TestAnimatic(BackendConformance):
    @pytest.fixture
    def backend(self) -> Backend:
        return Animatic()


class TestRehearsal(FaultConformance):
    """A back end in this process: what can go wrong with it is what it makes."""

    faults = frozenset({"failed_after_billing", "wrong_length", "wrong_size"})

    @pytest.fixture(autouse=True)
    def _one(self) -> None:
        self.one = Rehearsal(max_batch=2)

    @pytest.fixture
    def backend(self) -> Backend:
        return self.one

    def broken(self, fault: Fault) -> Backend:
        turns: dict[Fault, Misbehaviour] = {
            "failed_after_billing": "fail", "wrong_length": "short", "wrong_size": "small"
        }  # fmt: skip
        self.one = Rehearsal(faults={self.prompt: [turns[fault]]})
        return self.one

    def mended(self) -> Backend:
        return self.one

    def bought(self) -> int:
        return len(self.one.requests)
