"""A host's own tools and checks in the hands of our nodes."""

import asyncio
import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, StructuredTool, tool
from langgraph.graph import END
from langgraph.runtime import Runtime
from langgraph.types import Command

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.graphs.hooks import advise, hook
from reelgraph.graphs.state import FilmState
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.base import Check, Subject
from reelgraph.video_tools.editing import narration
from reelgraph.video_tools.editing.narration import Narration, Word
from reelgraph.video_tools.errors import BudgetExceeded, InvalidRequest, PermanentFailure, TransientFailure
from reelgraph.video_tools.film import Brief, Finding
from reelgraph.video_tools.planning.advice import Advice
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rebasing import laid_over
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.scripted import ScriptedModel, calls
from reelgraph.video_tools.studio import Studio

BRIEF = json.dumps({"shots": [{"prompt": f"{word} waves", "seconds": 1} for word in ("one", "two", "three")]})


def run(
    project: Project, brief: str = BRIEF, backend: Any = None, planner: Any = None, **options: Any
) -> dict[str, Any]:
    context = FilmContext(Studio(project, backend=backend or Rehearsal(), planner=planner))
    return create_film_graph(**options).compile().invoke({"brief": brief, "film": "f"}, context=context)


def tool_of(answer: Any, name: str = "desk", asks: tuple[str, ...] = (), heard: list[Any] | None = None) -> BaseTool:
    """A hook that asks for some of what is offered, and gives an artifact."""
    from pydantic import create_model

    def call(**given: Any) -> tuple[str, Any]:
        if heard is not None:
            heard.append(given)
        if isinstance(answer, Exception):
            raise answer
        return "said", answer

    schema = create_model(name, **{field: (Any, ...) for field in asks})
    return hook(
        StructuredTool.from_function(
            call, name=name, description="d", args_schema=schema, response_format="content_and_artifact"
        )
    )


def test_planners_hook_gives_characters_that_the_prompts_carry_and_is_asked_once(project: Project) -> None:
    heard: list[Any] = []
    kettle = {"id": "kettle", "name": "Kettle", "kind": "object", "description": "a copper kettle with a long spout"}
    catalogue = tool_of({"bible": {"characters": [kettle]}}, asks=("brief",), heard=heard)
    backend = Rehearsal()
    brief = "The Kettle boils on a stove. A cat sleeps."
    state = run(project, brief, backend, tools={"planner": [catalogue]})
    assert heard == [{"brief": brief}]
    assert any("copper kettle with a long spout" in r.prompt for r in backend.requests)
    run(project, brief, backend, tools={"planner": [catalogue]})
    assert len(heard) == 1, "what was planned is pinned"
    assert state["generated"] == len(backend.requests)


def test_tool_that_can_only_be_awaited_is_run_to_its_end_also_inside_a_hosts_loop() -> None:
    async def look(brief: str) -> tuple[str, dict[str, Any]]:
        """Look up."""
        await asyncio.sleep(0)
        if brief == "nothing":
            raise LookupError("no such\nthing")
        return "found", {"brief": "A dog digs in the sand."}

    looked = StructuredTool.from_function(coroutine=look, name="look", response_format="content_and_artifact")

    async def in_a_loop(brief: Brief) -> Advice:
        return advise(brief, [hook(looked)], None)

    asks: tuple[Callable[[Brief], Advice], ...] = (
        lambda brief: advise(brief, [hook(looked)], None),
        lambda brief: asyncio.run(in_a_loop(brief)),
    )
    for ask in asks:
        assert ask(Brief(text="Ein Hund buddelt.")).brief == "A dog digs in the sand."
        with pytest.raises(PermanentFailure, match=r"^tool look failed: LookupError: no such thing; mend it, or leave"):
            ask(Brief(text="nothing"))
    model = ScriptedModel([calls(("look", {"brief": "a dog"})), "It digs."])
    assert advise(Brief(text="Ein Hund."), [looked], model).facts == ["It digs."]
    assert model.heard[1][-1].content == "found"


def test_planners_hook_may_put_the_brief_in_other_words(project: Project) -> None:
    translated = tool_of({"brief": "A dog digs in the sand."})
    run(project, "Ein Hund buddelt im Sand.", tools={"planner": [translated]})
    board, brief = project.film("f").storyboard(), project.film("f").briefs()[-1]
    assert board is not None and [s.prompt for s in board.shots] == ["A dog digs in the sand."]
    assert brief.text == "Ein Hund buddelt im Sand.", "what was asked stays as it was said"


def test_planners_model_looks_things_up_and_a_wrong_call_does_not_end_it(project: Project) -> None:
    @tool
    def catalogue(product: str) -> str:
        """Look a product up."""
        if product == "boom":
            raise RuntimeError("no line to the warehouse")
        return f"{product}: copper, 1.2 l"

    shots = {"shots": [{"beat": 1, "prompt": "a copper kettle boils", "seconds": 3}]}
    model = ScriptedModel(
        [
            calls(("catalogue", {"product": "kettle"}), ("catalogue", {"product": "boom"}), ("fly", {})),
            "The kettle is copper.\nIt holds 1.2 l.",
            json.dumps({"beats": [{"see": "A copper kettle boils."}]}),
            json.dumps({"characters": []}),
            json.dumps(shots),
        ]
    )
    run(project, "An ad for the kettle.", planner=model, tools={"planner": [catalogue]})
    said = [m.text for m in model.heard[1] if m.type == "tool"]
    assert said[0] == "kettle: copper, 1.2 l"
    assert "no line to the warehouse" in said[1] and said[2] == "there is no tool 'fly': there are catalogue"
    assert "It holds 1.2 l." in model.heard[2][-1].text
    board = project.film("f").storyboard()
    assert board is not None and board.shots[0].prompt == "a copper kettle boils"


def test_editors_hook_edits_the_cut_once_and_its_edits_stay(project: Project) -> None:
    heard: list[Any] = []
    library = tool_of(
        {"edits": [{"op": "trim", "clip": "s01-02", "tail": 2}]}, asks=("title", "seconds", "shots"), heard=heard
    )
    backend = Rehearsal(faults={"three": ["black"]})
    state = run(project, backend=backend, tools={"editor": [library]})
    assert state["approved"] and state["round"] == 2
    cut = project.film("f").cut()
    assert cut is not None and [c.frames for c in cut.clips] == [8, 6, 8]
    assert cut.edits == [{"op": "trim", "clip": "s01-02", "tail": 2}]
    assert heard[0]["seconds"] == 3 and [s["id"] for s in heard[0]["shots"]] == ["s01-01", "s01-02", "s01-03"]


def test_editors_hook_is_obeyed_once_where_its_edits_are_kept_in_another_form(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text is spoken and a table of colours taken in, so neither stands in the cut as the hook says it."""
    said = Narration(Sound(np.full((24000, 1), 0.1, np.float32), 48000), [Word("Waves.", 0.1, 0.4)])
    monkeypatch.setattr(narration, "speak", lambda text, voice, pace: said)
    table = tmp_path / "teal.cube"
    rows = [f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    table.write_text("LUT_3D_SIZE 2\n" + "\n".join(rows))
    lut = {"op": "effects", "clip": "s01-02", "effects": [{"name": "lut", "arguments": {"file": str(table)}}]}
    desk = tool_of({"edits": [lut, {"op": "narrate", "text": "Waves.", "start": 0}]})
    numbers = [run(project, tools={"editor": [desk]})["cut"] for _ in range(2)]
    cut = project.film("f").cut()
    assert cut is not None and numbers == [cut.number, cut.number]
    assert [edit["op"] for edit in cut.edits if "why" not in edit] == ["effects", "narrate"]
    assert [sound.role for sound in cut.sounds] == ["narration"]
    assert str(table) not in json.dumps(cut.edits)


def test_editors_hook_that_asks_for_what_cannot_be_is_told_and_the_film_is_made(project: Project) -> None:
    told: list[dict[str, Any]] = []
    context = FilmContext(Studio(project, backend=Rehearsal(), tell=told.append))
    desk = tool_of({"edits": [{"op": "trim", "clip": "s01-02", "tail": 99}, {"op": "fly"}, {"op": "loudness"}]})
    graph = create_film_graph(tools={"editor": [desk]}).compile()
    assert graph.invoke({"brief": BRIEF, "film": "f"}, context=context)["approved"]
    dropped = [(event["edit"]["op"], event["why"]) for event in told if event["type"] == "edit.dropped"]
    assert [op for op, _ in dropped] == ["trim", "fly", "loudness"]
    assert "trim leaves -91 frames of s01-02, which has 8" in dropped[0][1]


def test_edit_that_a_hook_still_wants_and_the_cut_lost_is_told_once(project: Project) -> None:
    run(project)
    cut, fly = project.film("f").cut(), {"op": "fly"}
    assert cut is not None
    laid, dropped = laid_over(cut, [fly], Studio(project), wanted=[fly, {"op": "loudness"}])
    assert [edit for edit, _ in dropped] == [fly, {"op": "loudness"}] and laid.edits == []


def test_editors_hook_that_gives_what_no_cut_can_keep_is_told_in_plain_data_and_the_film_is_made(
    project: Project,
) -> None:
    told: list[dict[str, Any]] = []
    context = FilmContext(Studio(project, backend=Rehearsal(), tell=told.append))
    round: dict[str, Any] = {"op": "titles"}
    round["titles"] = [round]
    lut = {"op": "effects", "clip": "s01-01", "effects": [{"name": "lut", "arguments": {"file": "a\0.cube"}}]}
    odd = [{"op": "trim", "clip": "s01-02", "tail": np.int64(2)}, {"op": "trim", "clip": b"\xff"}, round, lut]
    desk = tool_of({"edits": [*odd, {"op": "trim", "clip": "s01-02", "tail": 2}]})
    graph = create_film_graph(tools={"editor": [desk]}).compile()
    assert graph.invoke({"brief": BRIEF, "film": "f"}, context=context)["approved"]
    dropped = [event["edit"] for event in told if event["type"] == "edit.dropped"]
    assert dropped == json.loads(json.dumps(dropped))
    assert [edit["op"] for edit in dropped] == ["trim", "trim", "titles", "effects"]
    assert (dropped[0]["tail"], dropped[1]["clip"]) == ("2", "b'\\xff'")
    cut = project.film("f").cut()
    assert cut is not None and cut.edits == [{"op": "trim", "clip": "s01-02", "tail": 2}]


def test_critics_hook_raises_notes(project: Project) -> None:
    brief = json.dumps({"shots": [{"prompt": "waves", "seconds": 2, "lines": [{"text": "It cures everything."}]}]})
    heard: list[Any] = []
    lawyer = tool_of(
        {"notes": [{"shot": "s01-01", "message": "a cure is claimed", "blocking": False}]},
        name="lawyer", asks=("words",), heard=heard,
    )  # fmt: skip
    state = run(project, brief, tools={"critic": [lawyer]})
    assert heard == [{"words": "It cures everything."}]
    review = project.film("f").review()
    assert review is not None and state["approved"]
    assert [(n.check, n.raised_by, n.message) for n in review.notes if n.check == "lawyer"] == [
        ("lawyer", "judge", "a cure is claimed")
    ]


def test_critics_blocking_note_sends_exactly_its_shot_round_again(project: Project) -> None:
    backend = Rehearsal()

    @tool(response_format="content_and_artifact")
    def producer(shots: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
        """Refuse the first take of the second shot."""
        again = len(backend.requests) > len(shots)
        note = {"shot": shots[1]["id"], "message": "rather another wave", "blocking": True}
        return "looked", {"notes": [] if again else [note]}

    state = run(project, backend=backend, tools={"critic": [hook(producer)]})
    assert state["approved"] and state["round"] == 2
    first, second = (r for r in backend.requests if r.prompt.startswith("Two"))
    assert len(backend.requests) == 4 and second == backend.requests[3] and first.seed != second.seed
    board = project.film("f").storyboard()
    assert board is not None and board.shots[1].tried == ["producer:new_seed"]


@pytest.mark.parametrize(
    ("node", "answer"),
    [
        ("planner", RuntimeError("down")),
        ("planner", {"bible": {"characters": [{"id": "X!", "name": ""}]}}),
        ("editor", {"edits": "all"}),
        ("critic", {"notes": [{"message": 3}]}),
    ],
)
def test_hook_that_fails_names_the_tool(project: Project, node: str, answer: Any) -> None:
    with pytest.raises(PermanentFailure, match="tool desk"):
        run(project, "A dog digs.", tools={node: [tool_of(answer)]})


def test_tools_that_cannot_be_used_are_refused_before_anything_runs() -> None:
    with pytest.raises(InvalidRequest, match="the generator takes no tools: those that do are planner"):
        create_film_graph(tools={"generator": [tool_of(None)]})
    with pytest.raises(InvalidRequest, match="hook desk asks the planner for 'shots': it may ask for brief"):
        create_film_graph(tools={"planner": [tool_of(None, asks=("shots",))]})


@dataclass(frozen=True)
class Teal(Check):
    """Refuses takes that are not told to be teal."""

    name: ClassVar[str] = "teal"

    def findings(self, subject: Subject) -> Iterable[Finding]:
        if subject.kind == "film" or (subject.request and "wo waves" not in subject.request.prompt):
            return [self.passed()]
        return [self.failed("not teal", 0.1, 0.9)]


def test_hosts_check_is_run_on_takes_and_its_note_sends_the_shot_round(project: Project) -> None:
    backend = Rehearsal()
    state = run(project, backend=backend, checks=[Teal()])
    assert not state["approved"] and state["round"] == 2
    assert ["wo waves" in r.prompt for r in backend.requests].count(True) == 2 and len(backend.requests) == 4
    review = project.film("f").review()
    assert review is not None and {(n.shot, n.check) for n in review.notes if n.blocking} == {("s01-02", "teal")}


def test_hosts_check_is_run_on_takes_that_were_made_without_it(project: Project) -> None:
    backend = Rehearsal()
    assert run(project, backend=backend)["approved"]
    assert not run(project, backend=backend, checks=[Teal()])["approved"]
    assert run(project, backend=backend)["approved"], "the check was that run's alone"


Heard = list[tuple[list[str], list[str], bool]]


def hear(heard: Heard, runtime: Runtime[FilmContext], config: Any = None) -> Command[Any]:
    checks = [check.name for check in runtime.context.studio.checks]
    heard.append((checks, [t.name for t in runtime.context.tools["critic"]], bool(config)))
    return Command(goto=END)


def heard_by(state: FilmState, runtime: Runtime[FilmContext], heard: Heard) -> Command[Any]:
    return hear(heard, runtime)


class Nodes:
    """Nodes in every form that LangGraph takes: each says what checks and tools it was handed, and whether a config."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard

    def __call__(self, state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["__end__"]]:
        return hear(self.heard, runtime)

    def method(self, state: FilmState, config: RunnableConfig, runtime: Runtime[FilmContext]) -> Command[Any]:
        return hear(self.heard, runtime, config)

    def by_name(self, state: FilmState, *, runtime: Runtime[FilmContext]) -> Command[Any]:
        return hear(self.heard, runtime)

    async def later(self, state: FilmState, config: RunnableConfig, runtime: Runtime[FilmContext]) -> Command[Any]:
        return hear(self.heard, runtime, config)


class Later(Nodes):
    async def __call__(self, state: FilmState, runtime: Runtime[FilmContext]) -> Command[Literal["__end__"]]:  # type: ignore[override]
        return hear(self.heard, runtime)


@pytest.mark.parametrize(
    ("form", "configured"),
    [
        (lambda nodes: nodes, False),
        (lambda nodes: nodes.method, True),
        (lambda nodes: nodes.by_name, False),
        (lambda nodes: nodes.later, True),
        (lambda nodes: Later(nodes.heard), False),
        (lambda nodes: functools.partial(heard_by, heard=nodes.heard), False),
        (lambda nodes: functools.partial(nodes.later, config={"tags": []}), True),
    ],
)
async def test_every_form_of_node_is_handed_tools_and_checks_and_what_else_it_takes(
    project: Project, form: Callable[[Nodes], Any], configured: bool
) -> None:
    heard: Heard = []
    graph = create_film_graph(planner=form(Nodes(heard)), checks=[Teal()], tools={"critic": [tool_of({})]}).compile()
    await graph.ainvoke({"brief": BRIEF}, context=FilmContext(Studio(project)))
    assert heard == [(["teal"], ["desk"], configured)]


def test_node_that_cannot_be_handed_tools_or_checks_is_refused() -> None:
    sub: Any = create_film_graph().compile()
    desk, given = [tool_of({})], "give a function of state and runtime"
    for options, said in (
        (
            {"critic": sub, "checks": [Teal()]},
            "critic is a graph or another runnable, to which checks and tools cannot",
        ),
        (
            {"critic": sub, "tools": {"critic": desk}},
            "critic is a graph or another runnable, to which checks and tools",
        ),
        ({"critic": lambda state: {}, "tools": {"critic": desk}}, "critic takes no `runtime`, in which its tools are"),
        ({"critic": None}, f"critic cannot be None: {given}"),
        ({"extra_nodes": {"a": 5}}, f"a cannot be 5: {given}"),
    ):
        with pytest.raises(InvalidRequest, match=f"^{said}"):
            create_film_graph(**options)
    create_film_graph(critic=sub, tools={"editor": desk}, extra_nodes={"a": sub})
    create_film_graph(extra_nodes={"a": sub}, checks=[Teal()]).compile()


def test_tool_that_nobody_would_call_is_refused(project: Project) -> None:
    @tool
    def library(mood: str) -> str:
        """Find music."""
        return mood

    for node in ("editor", "critic"):
        with pytest.raises(InvalidRequest, match=f"the {node} works by rule and would never call library: mark it"):
            create_film_graph(tools={node: [library]})
    with pytest.raises(InvalidRequest, match="the planner works by rule and would never call library"):
        run(project, tools={"planner": [library]})


def test_planners_model_that_looks_up_without_end_says_what_it_found(project: Project) -> None:
    @tool
    def catalogue(product: str) -> str:
        """Look a product up."""
        return f"{product}: copper"

    plan = [
        json.dumps({"beats": [{"see": "A copper kettle boils."}]}),
        json.dumps({"characters": []}),
        json.dumps({"shots": [{"beat": 1, "prompt": "a copper kettle boils", "seconds": 3}]}),
    ]
    model = ScriptedModel([*([calls(("catalogue", {"product": "kettle"}))] * 8), "It is copper.", *plan])
    run(project, "An ad for the kettle.", planner=model, tools={"planner": [catalogue]})
    assert model.heard[8][-1].text.startswith("Look nothing more up.")
    assert "It is copper." in model.heard[9][-1].text


def test_planners_model_that_will_not_stop_looking_up_is_told_what_the_tools_said(project: Project) -> None:
    @tool
    def catalogue(product: str) -> str:
        """Look a product up."""
        if product == "boom":
            raise RuntimeError("no line to the warehouse")
        return f"{product}: copper"

    plan = [
        json.dumps({"beats": [{"see": "A copper kettle boils."}]}),
        json.dumps({"characters": []}),
        json.dumps({"shots": [{"beat": 1, "prompt": "a copper kettle boils", "seconds": 3}]}),
    ]
    asked = calls(("catalogue", {"product": "kettle"}), ("catalogue", {"product": "boom"}))
    model = ScriptedModel([*([asked] * 9), *plan])
    run(project, "An ad for the kettle.", planner=model, tools={"planner": [catalogue]})
    told = model.heard[9][-1].text
    assert told.count("kettle: copper") == 1 and "warehouse" not in told


class Refusing(ScriptedModel):
    """A provider that is not there."""

    def _generate(self, *args: Any, **more: Any) -> Any:
        raise ConnectionError("no line")


class Spent(ScriptedModel):
    """A model that a host wrapped, which raises an error of ours."""

    def _generate(self, *args: Any, **more: Any) -> Any:
        raise BudgetExceeded("the month is used up")


class Toolless(ScriptedModel):
    """A model that calls no tools, as LangChain's own base says it."""

    def bind_tools(self, *args: Any, **more: Any) -> Any:
        raise NotImplementedError


def test_model_that_calls_no_tools_is_refused_with_them_and_leaves_no_film(project: Project) -> None:
    @tool
    def catalogue(product: str) -> str:
        """Look a product up."""
        return product

    with pytest.raises(InvalidRequest) as refused:
        run(project, "An ad for the kettle.", planner=Toolless([]), tools={"planner": [catalogue]})
    assert str(refused.value) == (
        "the planner's model cannot be given catalogue (NotImplementedError): mark it with `hook`, plan with another "
        "model, or leave it out"
    )
    assert project.film_folders() == []


def test_error_of_ours_while_facts_are_looked_up_stays_what_it_is(project: Project) -> None:
    @tool
    def catalogue(product: str) -> str:
        """Look a product up."""
        return product

    with pytest.raises(BudgetExceeded) as raised:
        run(project, "An ad for the kettle.", planner=Spent([]), tools={"planner": [catalogue]})
    assert str(raised.value) == "the month is used up"


def test_provider_that_fails_while_facts_are_looked_up_is_told_as_ours(project: Project) -> None:
    @tool
    def catalogue(product: str) -> str:
        """Look a product up."""
        return product

    with pytest.raises(TransientFailure, match="the planner's model failed: ConnectionError: no line"):
        run(project, "An ad for the kettle.", planner=Refusing([]), tools={"planner": [catalogue]})
