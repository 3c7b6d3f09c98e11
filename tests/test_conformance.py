"""The conformance kits on what ships: every registered check, effect and embedder, our nodes and our tools."""

from typing import Any

import numpy as np
import pytest

from reelgraph.memory.embedders import open_embedder
from reelgraph.video_tools.checks.base import Check, load_checks
from reelgraph.video_tools.editing.effects import PictureEffect, effect_of
from reelgraph.video_tools.film import Effect, TakeRequest
from reelgraph.video_tools.registry import names
from reelgraph.video_tools.rehearsal import draw
from reelgraph.video_tools.testing import (
    CheckConformance,
    EffectConformance,
    EmbedderConformance,
    NodeConformance,
    ToolConformance,
)

CHECKS = {check.name: check for check in load_checks()}
FAULTS: dict[str, Any] = {
    "black": "black", "blank": "blank", "frozen": "frozen", "garbage": "noise", "flicker": "flicker",
}  # fmt: skip
EFFECTS: dict[str, dict[str, Any]] = {
    "blur": {"radius": 0.02}, "contrast": {"amount": 1.2}, "crop": {"left": 0.1, "width": 0.8}, "mirror": {},
    "exposure": {"stops": 0.5}, "fade_in": {"frames": 4}, "fade_out": {"frames": 4}, "pan_zoom": {},
    "saturation": {"amount": 0.5}, "temperature": {"amount": 0.3},
}  # fmt: skip


class TestChecks(CheckConformance):
    @pytest.fixture(params=sorted(CHECKS))
    def check(self, request: pytest.FixtureRequest) -> Check:
        self.name = request.param
        return CHECKS[request.param]

    def faulty(self) -> np.ndarray | None:
        if self.name not in FAULTS:
            return None
        request = TakeRequest(backend="rehearsal", prompt="waves", width=128, height=72, frames=16, rate="24")
        return draw(request, FAULTS[self.name])


class TestEffects(EffectConformance):
    @pytest.fixture(params=sorted(EFFECTS))
    def effect(self, request: pytest.FixtureRequest) -> PictureEffect:
        from fractions import Fraction

        return effect_of(Effect(name=request.param, arguments=EFFECTS[request.param]), Fraction(24))


def test_every_registered_effect_is_in_the_kit_or_needs_a_file() -> None:
    assert set(names("reelgraph.effects")) - {"lut"} == set(EFFECTS)


class TestEmbedders(EmbedderConformance):
    @pytest.fixture(params=["ngrams", "layout"])
    def embedder(self, request: pytest.FixtureRequest) -> Any:
        return open_embedder(request.param)


class TestOwnNodes(NodeConformance):
    pass


class TestOwnTool(ToolConformance):
    arguments = {"shot": "s01-01", "film": "three"}

    @pytest.fixture
    def tool(self, project: Any) -> Any:
        from reelgraph.video_tools.rehearsal import Rehearsal
        from reelgraph.video_tools.studio import Studio
        from reelgraph.video_tools.toolkit import VideoToolkit

        tools = {t.name: t for t in VideoToolkit(Studio(project, backend=Rehearsal())).get_tools()}
        tools["plan_storyboard"].invoke({"brief": "shots: [{prompt: waves, seconds: 1}]", "film": "three"})
        return tools["generate_take"]
