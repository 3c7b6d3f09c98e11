"""Whole conversations between a model and the tools, each to its right end.

The model is scripted; the agent, the tools, the ledger and the films are real. What a script says is what models say,
mistakes included; what is asserted is the folder at the end, and what the back end was asked for.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware, ToolCallLimitMiddleware
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from reelgraph.video_tools.editing.media import encode_picture, probe
from reelgraph.video_tools.film import Cut, Spend
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.scripted import ScriptedModel, calls
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit

THREE = json.dumps({"shots": [{"prompt": f"{word} waves", "seconds": 1} for word in ("one", "two", "three")]})
PLAN = ("plan_storyboard", {"brief": THREE, "film": "three"})
SHOOT = ("generate_take", {"shot": "all"})
CUT: tuple[str, dict[str, Any]] = ("assemble_cut", {})
REVIEW: tuple[str, dict[str, Any]] = ("review_cut", {})
EXPORT: tuple[str, dict[str, Any]] = ("export_cut", {})
MADE = [PLAN, SHOOT, CUT]
Call = tuple[str, dict[str, Any]]


@dataclass
class End:
    """Where a conversation came to."""

    project: Project
    backend: Rehearsal
    messages: list[BaseMessage]

    @property
    def film(self) -> Film:
        return self.project.film("three")

    @property
    def cut(self) -> Cut:
        cut = self.film.cut()
        assert cut is not None
        return cut

    @property
    def results(self) -> list[ToolMessage]:
        return [m for m in self.messages if isinstance(m, ToolMessage)]

    @property
    def statuses(self) -> list[str]:
        return [m.status for m in self.results]

    def said(self, index: int) -> str:
        return self.results[index].text

    @property
    def prompts(self) -> list[str]:
        board = self.film.storyboard()
        assert board is not None
        return [shot.prompt for shot in board.shots]

    def plays(self, frames: int) -> bool:
        return probe(self.film.deliver / "film.mp4").frames == frames == self.cut.frames


@dataclass
class Talk:
    """One conversation: what the model calls, one message after the other, and its right end."""

    name: str
    turns: Sequence[Any]  # a call, a list of calls made in one message, or a function of the messages so far
    right: Callable[[End], bool]
    settings: dict[str, Any] = field(default_factory=dict)
    backend: dict[str, Any] = field(default_factory=dict)
    before: Callable[[Project], None] = lambda project: None


def take_named(shot: str, index: int) -> Callable[[Sequence[BaseMessage]], str]:
    """The id of a take of a shot from an earlier comparison, as a model would read it."""

    def read(messages: Sequence[BaseMessage]) -> str:
        compared = [m for m in messages if isinstance(m, ToolMessage) and m.name == "compare_takes"][-1]
        key: str = compared.artifact["takes"][index]["take"]["key"]
        return key[:12]

    return read


def asset(project: Project) -> None:
    project.inbox.mkdir(parents=True)
    frames = (np.full((48, 64, 3), 90, np.uint8) for _ in range(8))
    encode_picture(frames, project.inbox / "sea.mp4", rate=Fraction(8))


def another_process(project: Project) -> None:
    """Hold the project as another program would."""
    import subprocess
    import sys

    code = (
        "import sys; from reelgraph.video_tools.project import Project\n"
        "with Project.open(sys.argv[1]).writing():\n    print('held', flush=True)\n    sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(project.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    HOLDERS.append(holder)


HOLDERS: list[Any] = []

TALKS = [
    Talk("make", [*MADE, REVIEW, EXPORT],
         lambda e: e.plays(24) and (e.project.root / "exports/three/film.mp4").exists()),
    Talk("make all in parallel", [PLAN, [("generate_take", {"shot": f"s01-0{n}"}) for n in (1, 2, 3)], CUT],
         lambda e: e.plays(24) and len(e.backend.requests) == 3),
    Talk("estimate before shooting", [PLAN, ("estimate_cost", {}), SHOOT, ("estimate_cost", {})],
         lambda e: "3 calls" in e.said(1) and e.said(3).startswith("Every shot has a take.")),
    Talk("change one shot", [*MADE, ("generate_take", {"shot": "s01-02", "prompt": "a storm"}), CUT, REVIEW],
         lambda e: e.prompts[1] == "a storm" and len(e.backend.requests) == 4 and e.cut.number == 2),
    Talk("make one shot longer", [*MADE, ("generate_take", {"shot": "s01-02", "seconds": "2"}), CUT],
         lambda e: e.plays(32) and len(e.backend.requests) == 4),
    Talk("undo by the earlier take",
         [*MADE, ("generate_take", {"shot": "s01-02", "prompt": "a storm"}), ("compare_takes", {"shot": "s01-02"}),
          lambda m: ("compare_takes", {"shot": "s01-02", "keep": take_named("s01-02", 1)(m)}), CUT],
         lambda e: e.prompts[1] == "two waves" and len(e.backend.requests) == 4 and e.plays(24)),
    Talk("undo by the earlier storyboard",
         [*MADE, ("generate_take", {"shot": "s01-03", "seconds": 3}), CUT, ("assemble_cut", {"storyboard": 1})],
         lambda e: e.plays(24) and e.cut.number == 3 and len(e.backend.requests) == 4),
    Talk("undo an edit by the earlier cut",
         [*MADE, ("edit_cut", {"edits": [{"op": "delete", "clip": "s01-02"}]}), ("edit_cut", {"cut": 1})],
         lambda e: e.plays(24) and [c.frames for c in e.film.cuts()] == [24, 16, 24]),
    Talk("another seed", [*MADE, ("generate_take", {"shot": "s01-01", "new_seed": True}), CUT],
         lambda e: len({r.seed for r in e.backend.requests}) == 4 and e.plays(24)),
    Talk("trim and slow down",
         [*MADE, ("edit_cut", {"edits": [{"op": "trim", "clip": "s01-01", "tail": 2},
                                         {"op": "speed", "clip": "s01-02", "speed": "1/2"}]})],
         lambda e: [c.frames for c in e.cut.clips] == [6, 15, 8] and e.plays(29)),
    Talk("order changed, then a shot made again keeps the order",
         [*MADE, ("edit_cut", {"edits": [{"op": "move", "clip": "s01-03", "before": "s01-01"}]}),
          ("generate_take", {"shot": "s01-01", "prompt": "a calm"}), CUT],
         lambda e: [c.shot for c in e.cut.clips] == ["s01-03", "s01-01", "s01-02"] and len(e.backend.requests) == 4),
    Talk("title over the film",
         [*MADE, ("edit_cut", {"edits": [{"op": "titles", "titles": [{"start": 0, "frames": 8, "text": "Waves"}]}]})],
         lambda e: [t.text for t in e.cut.titles] == ["Waves"] and e.plays(24)),
    Talk("footage of somebody's own",
         [*MADE, ("import_footage", {"asset": "sea.mp4"}),
          lambda m: ("edit_cut", {"edits": [{"op": "insert", "new": {
              "shot": "s02-01", "take": m[-1].artifact["take"]["key"][:12], "frames": 8}}]})],
         lambda e: e.plays(32) and len(e.backend.requests) == 3, before=asset),
    Talk("out of budget", [PLAN, SHOOT, SHOOT, CUT, REVIEW],
         lambda e: len(e.backend.requests) == 2 and "would pass its ceiling of 2 calls" in e.said(1)
         and e.results[3].artifact["slates"] == ["s01-03"] and e.plays(24) and "not approved" in e.said(4),
         settings={"budget": {"calls": 2}}),
    Talk("no budget at all", [PLAN, SHOOT], lambda e: e.statuses == ["success", "error"] and not e.backend.requests,
         settings={"budget": {"money": 0.0}}, backend={"price": Spend(calls=1, money=1.0)}),
    Talk("back end down once", [PLAN, ("generate_take", {"shot": "s01-01"}), ("generate_take", {"shot": "s01-01"})],
         lambda e: e.statuses == ["success", "error", "success"] and "rehearsed overload" in e.said(1),
         backend={"faults": {"ne waves": ["busy"]}}),
    Talk("back end down for good", [PLAN, SHOOT, CUT, REVIEW],
         lambda e: "s01-02 was not made: rehearsed failure" in e.said(1) and "no take" in e.said(3) and e.plays(24),
         backend={"faults": {"wo waves": ["fail"] * 9}}),
    Talk("back end crashes", [PLAN, SHOOT, SHOOT, CUT],
         lambda e: e.plays(24) and not e.results[3].artifact["slates"], backend={"faults": {"hree waves": ["crash"]}}),
    Talk("a bad take is seen and shot again",
         [*MADE, REVIEW, ("generate_take", {"shot": "s01-02", "new_seed": True}), CUT, REVIEW],
         lambda e: "blocking s01-02 black" in e.said(3) and "three cut 2: approved" in e.said(6)
         and len(e.backend.requests) == 4, backend={"faults": {"wo waves": ["black"]}}),
    Talk("numbers as words, then as numbers",
         [PLAN, ("generate_take", {"shot": "s01-01", "seconds": "two"}),
          ("generate_take", {"shot": "s01-01", "seconds": 2})],
         lambda e: e.statuses == ["success", "error", "success"] and e.backend.requests[0].frames == 16),
    Talk("a shot that is not there",
         [PLAN, ("generate_take", {"shot": "shot 2"}), ("generate_take", {"shot": "s01-02"})],
         lambda e: "its shots are s01-01, s01-02, s01-03" in e.said(1) and len(e.backend.requests) == 1),
    Talk("a tool that is not there", [PLAN, ("render_video", {}), SHOOT],
         lambda e: e.statuses == ["success", "error", "success"]),
    Talk("tools in the wrong order", [CUT, SHOOT, REVIEW, *MADE],
         lambda e: e.statuses == ["error"] * 3 + ["success"] * 3 and e.plays(24)),
    Talk("the same message twice", [PLAN, [SHOOT, SHOOT], [CUT, CUT]],
         lambda e: len(e.backend.requests) == 3 and len(e.film.cuts()) == 1),
    Talk("everything in one message", [[PLAN, ("list_film", {})], SHOOT, CUT], lambda e: e.plays(24)),
    Talk("two films", [*MADE, ("plan_storyboard", {"brief": "A dog digs in the sand.", "film": "dog"}), CUT,
                       ("assemble_cut", {"film": "three"})],
         lambda e: e.said(4) == "say which film: there are dog, three" and e.statuses[-1] == "success"),
    Talk("replan", [PLAN, ("plan_storyboard", {"film": "three", "replan": True}), SHOOT],
         lambda e: len(e.film.storyboards()) == 2 and len(e.backend.requests) == 3),
    Talk("another brief for the film",
         [PLAN, SHOOT, ("plan_storyboard", {"brief": THREE.replace("three", "four"), "film": "three"}), SHOOT, CUT],
         lambda e: e.prompts[2] == "four waves" and len(e.backend.requests) == 4 and e.plays(24)),
    Talk("remember somebody, and plan with them",
         [("remember_character", {"name": "Mara", "description": "an old keeper in a yellow coat"}),
          ("plan_storyboard", {"brief": "Mara sleeps in a chair.", "film": "three"}), SHOOT],
         lambda e: "yellow coat" in e.backend.requests[0].prompt),
    Talk("approved shots are recalled",
         [*MADE, REVIEW, ("recall_shots", {"text": "waves", "most": "2"})],
         lambda e: len(e.results[4].artifact["recalled"]) == 2),
    Talk("somebody else is writing", [PLAN],
         lambda e: e.statuses == ["error"] and "is being written by process" in e.said(0),
         before=another_process),
    Talk("a take is looked at", [*MADE, ("inspect_take", {"take": "s01-01"})],
         lambda e: e.statuses[-1] == "success" and "All checks" not in e.said(3) and "passed" in e.said(3)),
]  # fmt: skip


def message_of(turn: Any, messages: Sequence[BaseMessage]) -> AIMessage:
    asked = turn(messages) if callable(turn) else turn
    return calls(*(asked if isinstance(asked, list) else [asked]))


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.name)
def test_conversation_comes_to_its_right_end(project: Project, talk: Talk) -> None:
    project = Project.open(project.root, size=(128, 72), rate="8", **talk.settings)
    talk.before(project)
    backend = Rehearsal(**talk.backend)
    script = [lambda messages, turn=turn: message_of(turn, messages) for turn in talk.turns]
    agent = create_agent(
        ScriptedModel([*script, "That is all."]), VideoToolkit(Studio(project, backend=backend)).get_tools()
    )
    try:
        state = agent.invoke({"messages": [("user", talk.name)]})
    finally:
        for holder in HOLDERS:
            holder.communicate(timeout=20)
        HOLDERS.clear()
    end = End(project, backend, state["messages"])
    assert end.messages[-1].text == "That is all."
    assert talk.right(end), "\n".join(f"{m.name} [{m.status}] {m.text}" for m in end.results)
    assert not list(project.ledger.verify())


def test_thirty_conversations() -> None:
    assert len(TALKS) >= 30 and len({talk.name for talk in TALKS}) == len(TALKS)


def agent_with(project: Project, backend: Rehearsal, turns: Sequence[Call], **options: Any) -> Any:
    tools = VideoToolkit(Studio(project, backend=backend)).get_tools()
    return create_agent(ScriptedModel([*(calls(turn) for turn in turns), "Done."]), tools, **options)


@pytest.mark.parametrize(("decision", "requests"), [("approve", 3), ("reject", 0)])
def test_person_decides_before_anything_is_paid(project: Project, decision: str, requests: int) -> None:
    backend = Rehearsal()
    agent = agent_with(
        project, backend, [PLAN, SHOOT], checkpointer=InMemorySaver(),
        middleware=[HumanInTheLoopMiddleware({"generate_take": {"allowed_decisions": ["approve", "reject"]}})],
    )  # fmt: skip
    config: Any = {"configurable": {"thread_id": "1"}}
    state = agent.invoke({"messages": [("user", "make it")]}, config)
    assert "__interrupt__" in state and backend.requests == []
    state = agent.invoke(Command(resume={"decisions": [{"type": decision}]}), config)
    assert len(backend.requests) == requests and state["messages"][-1].text == "Done."


def test_model_that_goes_on_for_ever_is_stopped_by_the_hosts_limit_and_pays_once(project: Project) -> None:
    backend = Rehearsal()
    again: Call = ("generate_take", {"shot": "s01-01"})
    agent = agent_with(
        project, backend, [PLAN, *[again] * 30], middleware=[ToolCallLimitMiddleware(run_limit=6, exit_behavior="end")]
    )
    agent.invoke({"messages": [("user", "make it")]})
    assert len(backend.requests) == 1


async def test_conversation_in_an_async_agent(project: Project) -> None:
    backend = Rehearsal()
    state = await agent_with(project, backend, [*MADE, REVIEW]).ainvoke({"messages": [("user", "make it")]})
    assert End(project, backend, state["messages"]).plays(24)
