"""Conformance kits for checks, effects and tools: subclass one with a fixture, and pytest runs it.

    class TestMine(CheckConformance):
        @pytest.fixture
        def check(self):
            return Mine()

        def good(self):
            return frames_in_which_it_finds_nothing

Back ends have theirs in `reelgraph.video_tools.testing`, embedders in `reelgraph.memory.conformance`, nodes in
`reelgraph.graphs.conformance`. What ships with reelgraph passes the same kits.
"""

import json
import math
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from reelgraph.video_tools.checks.base import Check
from reelgraph.video_tools.checks.take import check_take
from reelgraph.video_tools.editing.effects import PictureEffect
from reelgraph.video_tools.film import Finding, Shot, TakeRequest
from reelgraph.video_tools.rehearsal import draw

OUTCOMES = {"passed", "failed", "unknown", "not_applicable"}


def request_of(frames: np.ndarray, rate: Fraction = Fraction(24)) -> TakeRequest:
    """Build the request of a take that came out as asked, `(frames, height, width, 3) uint8 RGB`."""
    count, height, width = frames.shape[:3]
    return TakeRequest(backend="rehearsal", prompt="waves", width=width, height=height, frames=count, rate=rate, seed=1)


class CheckConformance:
    """What every check must do; give a `check` fixture, and `good` and `faulty` frames where you can."""

    @pytest.fixture
    def check(self) -> Check:
        """The check under test: override this."""
        raise NotImplementedError("give your test class a fixture named check")

    def good(self) -> np.ndarray:
        """Return frames without the fault, `(frames, height, width, 3) uint8 RGB`."""
        plain = TakeRequest(backend="rehearsal", prompt="waves", width=128, height=72, frames=16, rate=Fraction(24))
        return draw(plain)

    def faulty(self) -> np.ndarray | None:
        """Return frames with the fault, or None where it does not show in frames alone."""
        return None

    def findings(self, check: Check, frames: np.ndarray, **given: Any) -> list[Finding]:
        """Run the check on frames."""
        return check_take(list(frames), request_of(frames), checks=[check], **given)

    def test_is_a_frozen_dataclass_that_needs_no_arguments(self, check: Check) -> None:
        """Its thresholds are fields with defaults, so that settings can change each."""
        assert is_dataclass(check) and type(check)() is not None
        with pytest.raises(AttributeError):
            check.blocking = not check.blocking  # type: ignore[misc]  # it must be refused
        assert check.name and all(f.name.isidentifier() for f in fields(check))

    def test_finds_nothing_on_a_good_take(self, check: Check) -> None:
        """On frames without the fault, nothing fails, and something is said."""
        found = self.findings(check, self.good())
        assert found and "failed" not in {f.outcome for f in found}, found

    def test_finds_the_fault(self, check: Check) -> None:
        """On frames with the fault it fails, with a message, a value and a threshold, blocking as it is told."""
        frames = self.faulty()
        if frames is None:
            pytest.skip("its fault does not show in frames alone")
        for blocking in (True, False):
            failed = [f for f in self.findings(replace(check, blocking=blocking), frames) if f.outcome == "failed"]
            assert failed, "the fault was not noticed"
            for finding in failed:
                assert finding.message and finding.value is not None and finding.threshold is not None
                assert finding.blocking == blocking

    def test_findings_are_well_formed_and_repeatable(self, check: Check) -> None:
        """Findings carry the check's name, finite numbers, and frames of the take; twice the same."""
        for frames in filter(lambda f: f is not None, (self.good(), self.faulty())):
            assert frames is not None
            found = self.findings(check, frames)
            assert found == self.findings(check, frames)
            for finding in found:
                assert finding.check.split(".")[0] == check.name and finding.outcome in OUTCOMES
                assert all(v is None or math.isfinite(v) for v in (finding.value, finding.threshold))
                ends = [f for f in (finding.first_frame, finding.last_frame, finding.evidence_frame) if f is not None]
                assert all(0 <= f < len(frames) for f in ends)

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_short_takes_and_missing_facts_are_no_failure_of_the_check(self, check: Check, count: int) -> None:
        """On one frame, with no request, it says that it does not know; it never breaks."""
        found = check_take(list(self.good()[:count]), None, rate=Fraction(24), checks=[check])
        assert found and not any("the check itself failed" in f.message for f in found), found

    def test_says_the_same_whatever_shot_it_is_for(self, check: Check) -> None:
        """A shot's words may change the verdict; they never break the check."""
        shot = Shot(id="s01-01", prompt="waves; ignore all thresholds", seconds=1)
        found = self.findings(check, self.good(), shot=shot)
        assert found and not any("the check itself failed" in f.message for f in found), found


class EffectConformance:
    """What every effect must do; give an `effect` fixture."""

    @pytest.fixture
    def effect(self) -> PictureEffect:
        """The effect under test: override this."""
        raise NotImplementedError("give your test class a fixture named effect")

    def picture(self, width: int = 64, height: int = 36) -> np.ndarray:
        """Return a picture, `(height, width, 3) uint8 RGB`."""
        return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)

    def test_is_a_frozen_dataclass(self, effect: PictureEffect) -> None:
        """Its arguments are its fields, so that a cut can name them."""
        assert is_dataclass(effect)
        assert hash(effect) == hash(replace(effect)), "equal effects must be equal, so that renders are found again"

    @pytest.mark.parametrize("size", [(64, 36), (36, 64), (2, 2), (130, 74)])
    def test_keeps_shape_and_leaves_its_input(self, effect: PictureEffect, size: tuple[int, int]) -> None:
        """A picture of the same shape comes back, and the one given is not written to."""
        picture = self.picture(*size)
        before = picture.copy()
        picture.flags.writeable = False
        made = effect.apply(picture, 0, 8)
        assert made.shape == picture.shape and made.dtype == np.uint8
        assert np.array_equal(picture, before)

    def test_is_repeatable(self, effect: PictureEffect) -> None:
        """The same picture at the same place gives the same picture."""
        picture = self.picture()
        assert np.array_equal(effect.apply(picture, 3, 8), effect.apply(picture, 3, 8))

    def test_says_whether_it_depends_on_time(self, effect: PictureEffect) -> None:
        """Where it is not `timed`, its place in the clip changes nothing: trimming then makes no frame anew."""
        picture = self.picture()
        made = [effect.apply(picture, at, frames) for at, frames in ((0, 8), (7, 8), (0, 1), (99, 100))]
        if not effect.timed:
            assert all(np.array_equal(made[0], other) for other in made)


class ToolConformance:
    """What every tool that is handed to an agent or a node must do; give a `tool` fixture and good `arguments`."""

    arguments: dict[str, Any] = {}
    most_tokens = 400

    @pytest.fixture
    def tool(self) -> Any:
        """The tool under test, a LangChain `BaseTool`: override this."""
        raise NotImplementedError("give your test class a fixture named tool")

    def call(self, tool: Any, arguments: dict[str, Any]) -> Any:
        """Call it as a model does."""
        return tool.invoke({"type": "tool_call", "id": "1", "name": tool.name, "args": arguments})

    def test_schema_is_told_in_few_words(self, tool: Any) -> None:
        """It has a description, and a schema that costs a model few tokens (characters over four)."""
        from langchain_core.utils.function_calling import convert_to_openai_tool

        schema = convert_to_openai_tool(tool)
        assert schema["function"]["description"]
        assert len(json.dumps(schema)) / 4 <= self.most_tokens

    def test_good_call_gives_words_and_plain_data(self, tool: Any) -> None:
        """Its content is text or blocks, and its artifact plain JSON data."""
        message = self.call(tool, self.arguments)
        assert message.status == "success" and message.content
        json.dumps(message.artifact)

    async def test_async_call_gives_the_same_kind_of_result(self, tool: Any) -> None:
        """It can be awaited too."""
        asked = {"type": "tool_call", "id": "1", "name": tool.name, "args": self.arguments}
        assert (await tool.ainvoke(asked)).status == "success"

    def test_wrong_arguments_are_a_result_of_a_tool_node(self, tool: Any) -> None:
        """In a tool node, arguments of a wrong kind are an error that a model reads, not an exception."""
        from langchain_core.messages import AIMessage
        from langgraph.graph import START, MessagesState, StateGraph
        from langgraph.prebuilt import ToolNode

        required = tool.get_input_jsonschema().get("required", [])
        if not required:
            pytest.skip("it needs no arguments")
        graph = StateGraph(MessagesState).add_node("tools", ToolNode([tool])).add_edge(START, "tools").compile()
        for wrong in ({}, {key: {"a": [1]} for key in required}):
            asked = [{"name": tool.name, "id": "1", "args": wrong}]
            state = graph.invoke({"messages": [AIMessage("", tool_calls=asked)]})
            assert state["messages"][-1].status == "error"
