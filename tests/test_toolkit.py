"""The tools: standard suites, arguments as models write them, failures as results, and calls in parallel."""

import asyncio
import base64
import functools
import json
import tempfile
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from reelgraph.video_tools import toolkit
from reelgraph.video_tools.film import Spend
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.testing import ToolConformance
from reelgraph.video_tools.toolkit import TOOLS, VideoToolkit

BRIEF = json.dumps({"shots": [{"prompt": f"{word} waves", "seconds": 1} for word in ("one", "two", "three")]})
EXAMPLES: dict[str, dict[str, Any]] = {
    "plan_storyboard": {"brief": BRIEF, "film": "three"},
    "estimate_cost": {"film": "three"},
    "generate_take": {"shot": "s01-01", "film": "three"},
    "inspect_take": {"take": "s01-01"},
    "compare_takes": {"shot": "s01-01"},
    "import_footage": {"asset": "sea.mp4"},
    "remember_character": {"name": "Mara", "description": "a keeper in a yellow coat", "palette": ["#f2c811"]},
    "recall_shots": {"text": "waves"},
    "assemble_cut": {},
    "edit_cut": {"edits": [{"op": "trim", "clip": "s01-01", "tail": 2}]},
    "revise_film": {"words": "move shot 3 to the beginning"},
    "review_cut": {},
    "export_cut": {},
    "list_film": {},
}


def tools_of(project: Project, backend: Rehearsal | None = None, **options: Any) -> dict[str, BaseTool]:
    studio = Studio(project, backend=backend or Rehearsal())
    return {tool.name: tool for tool in VideoToolkit(studio, **options).get_tools()}


def call(tools: dict[str, BaseTool], name: str, /, **arguments: Any) -> ToolMessage:
    message = tools[name].invoke({"type": "tool_call", "id": "1", "name": name, "args": arguments})
    assert isinstance(message, ToolMessage)
    return message


def said(message: ToolMessage) -> str:
    return message.content if isinstance(message.content, str) else message.content[0]["text"]


def put_asset(project: Project, name: str) -> None:
    import numpy as np

    from reelgraph.video_tools.editing.media import encode_picture

    project.inbox.mkdir(exist_ok=True)
    frames = (np.full((48, 64, 3), 40 + 5 * n, np.uint8) for n in range(12))
    encode_picture(frames, project.inbox / name, rate=Fraction(24))


@functools.cache
def _made(suite: str) -> dict[str, BaseTool]:
    """Tools of a project in which a film was made: each suite has its own, for they cut it shorter and shorter."""
    folder = tempfile.TemporaryDirectory()
    project = Project.open(Path(folder.name) / "p", size=(128, 72), rate="8")
    put_asset(project, "sea.mp4")
    tools = tools_of(project)
    for name, arguments in EXAMPLES.items():
        result = call(tools, name, **arguments)
        assert result.status == "success", said(result)
    _KEPT.append(folder)
    return tools


_KEPT: list[Any] = []


def _suite(name: str, kind: type) -> type:
    own = {
        "tool_constructor": property(lambda self: _made("langchain")[name]),
        "tool_invoke_params_example": property(lambda self: EXAMPLES[name]),
    }
    return type(f"Test{kind.__name__}_{name}", (kind,), own)


class Kit(ToolConformance):
    """The kit that tools of strangers pass, on each of ours."""

    name = ""

    @pytest.fixture
    def tool(self) -> BaseTool:
        return _made("kit")[self.name]


for _name in TOOLS:
    globals()[f"TestKit_{_name}"] = type(f"TestKit_{_name}", (Kit,), {"name": _name, "arguments": EXAMPLES[_name]})
    for _kind in (ToolsUnitTests, ToolsIntegrationTests):
        globals()[f"Test{_kind.__name__}_{_name}"] = _suite(_name, _kind)
del _kind


class TestKitOfAwaitedTool(ToolConformance):
    """One that can only be awaited, as MCP adapters make them."""

    arguments = {"word": "kettle"}

    @pytest.fixture
    def tool(self) -> BaseTool:
        async def look(word: str) -> tuple[str, dict[str, str]]:
            """Look a word up."""
            await asyncio.sleep(0)
            return f"{word}: 2 L", {"litres": "2"}

        return StructuredTool.from_function(coroutine=look, name="look", response_format="content_and_artifact")


def test_every_tool_has_an_example() -> None:
    assert list(EXAMPLES) == list(TOOLS)


def test_schemas_of_all_tools_cost_a_model_less_than_2500_tokens(project: Project) -> None:
    """Counted as characters of the JSON that a model is sent, over four: the usual rule for English and JSON."""
    schemas = [convert_to_openai_tool(tool) for tool in tools_of(project).values()]
    assert len(json.dumps(schemas)) / 4 < 2500
    for schema in schemas:
        assert schema["function"]["description"], schema
        assert "runtime" not in schema["function"]["parameters"]["properties"]


def test_model_is_told_what_a_take_costs_before_it_calls(project: Project) -> None:
    backend = Rehearsal(price=Spend(calls=1, money=0.4))
    assert "Costs for 4 s with rehearsal: 0.40 in money." in tools_of(project, backend)["generate_take"].description
    drawn = {t.name: t for t in VideoToolkit(project).get_tools()}
    assert "Free: this project draws panels, not footage." in drawn["generate_take"].description
    lost = Project.open(project.root, backend="nowhere")
    assert (
        "no backend named 'nowhere'" in {t.name: t for t in VideoToolkit(lost).get_tools()}["generate_take"].description
    )


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            {"price": lambda request: 1 / 0},
            "cannot be asked for a price (ZeroDivisionError: division by zero): mend it",
        ),
        ({"price": lambda request: 0.5}, "cannot be used: price() gives float, not Spend"),
        ({"capabilities": lambda: 1 / 0}, "cannot be used (ZeroDivisionError: division by zero): "),
    ],
)
def test_back_end_that_breaks_before_it_is_asked_for_a_take_is_told_by_the_tools_that_name_it(
    project: Project, broken: dict[str, Any], said: str
) -> None:
    backend = Rehearsal()
    call(tools_of(project, backend), "plan_storyboard", brief=BRIEF)
    for name, how in broken.items():
        setattr(backend, name, how)
    tools = tools_of(project, backend)
    assert f"Not possible now: backend 'rehearsal' {said}" in tools["generate_take"].description
    if "price" in broken:
        for name, arguments in (("estimate_cost", {}), ("generate_take", {"shot": "s01-01"})):
            answer = call(tools, name, **arguments)
            assert f"backend 'rehearsal' {said}" in str(answer.content), answer


def test_words_without_a_sign_are_no_words_for_a_shot(project: Project) -> None:
    backend = Rehearsal()
    tools = tools_of(project, backend)
    call(tools, "plan_storyboard", brief=BRIEF)
    message = call(tools, "generate_take", shot="s01-01", prompt="\0")
    assert message.status == "error" and "it has no sign that is seen: write words" in str(message.content)
    assert backend.requests == []


def test_numbers_as_text_are_understood(project: Project) -> None:
    backend = Rehearsal()
    tools = tools_of(project, backend)
    call(tools, "plan_storyboard", brief=BRIEF, seconds=None, replan="false")
    message = call(tools, "generate_take", shot="s01-01", seconds="2", new_seed="false", camera=None)
    assert message.status == "success"
    assert [(r.frames, r.variant) for r in backend.requests] == [(16, 0)]


@pytest.mark.parametrize(
    "edits",
    [
        {"op": "trim", "clip": "s01-01", "tail": 2},
        '{"op": "trim", "clip": "s01-01", "tail": 2}',
        '[{"op": "trim", "clip": "s01-01", "tail": 2}]',
        ['{"op": "trim", "clip": "s01-01", "tail": 2}'],
    ],
)
def test_edits_are_understood_as_models_write_them(edits: Any) -> None:
    read = TOOLS["edit_cut"][0].model_validate({"edits": edits})
    assert read.model_dump()["edits"] == [{"op": "trim", "clip": "s01-01", "tail": 2}]


def test_lists_of_words_are_understood_as_models_write_them() -> None:
    export, character = TOOLS["export_cut"][0], TOOLS["remember_character"][0]
    for presets in ("web, vertical", '["web", "vertical"]', ["web", "vertical"]):
        assert export.model_validate({"presets": presets}).model_dump()["presets"] == ["web", "vertical"]
    assert character.model_validate({"name": "Mara", "palette": "#f2c811"}).model_dump()["palette"] == ["#f2c811"]


def test_edits_that_are_no_data_are_refused_by_name(project: Project) -> None:
    tools = tools_of(project)
    assert said(call(tools, "edit_cut", edits="trim the first shot")).startswith(
        "edits cannot be 'trim the first shot'"
    )


def test_take_that_there_is_not_is_answered_in_the_tools_own_words(project: Project) -> None:
    tools = tools_of(project)
    call(tools, "plan_storyboard", brief=BRIEF)
    for name, arguments in (("inspect_take", {"take": "abcdef"}), ("inspect_take", {"take": "ab"})):
        assert said(call(tools, name, **arguments)) == (
            f"no single take {arguments['take']!r}: there is none; give the id that compare_takes lists, or a shot's, "
            "such as s01-02"
        )


@pytest.mark.parametrize("brief", ["shots: [{prompt: waves, seconds: 0}]", "shots: [{prompt: waves, second: 2}]"])
def test_refused_storyboard_leaves_no_film_behind(project: Project, brief: str) -> None:
    tools = tools_of(project)
    assert call(tools, "plan_storyboard", brief=brief, film="new").status == "error"
    assert said(call(tools, "list_film")) == "There is no film yet: plan_storyboard makes one."
    call(tools, "plan_storyboard", brief=BRIEF, film="new")
    assert call(tools, "plan_storyboard", brief=brief, film="new").status == "error"
    assert [len(film.briefs()) for film in project.films()] == [1], "nor a brief of a film that there is"


@pytest.mark.parametrize("value", ["NaN", "nan", "inf", "-Infinity", "-1", -1, 0, "0", "two", "1e9", 601, "", [2], {}])
def test_length_that_is_not_legal_is_refused_by_name_value_and_range(project: Project, value: Any) -> None:
    backend = Rehearsal()
    tools = tools_of(project, backend)
    call(tools, "plan_storyboard", brief=BRIEF)
    message = call(tools, "generate_take", shot="s01-01", seconds=value)
    assert message.status == "error" and backend.requests == []
    assert said(message) == f"seconds cannot be {value!r}: it must be a number above 0 and at most 600"


def test_wrong_arguments_are_each_named(project: Project) -> None:
    tools = tools_of(project)
    assert "shot is missing" in said(call(tools, "generate_take"))
    extra = call(tools, "generate_take", shot="s01-01", lenght=3)
    assert extra.status == "error"
    assert said(extra) == (
        "there is no argument 'lenght': there are shot, film, prompt, seconds, size, camera, new_seed, rung"
    )
    size = said(call(tools, "generate_take", shot="s01-01", size="huge"))
    assert size.startswith("size cannot be 'huge': it must be one of extreme_wide, wide")


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("estimate_cost", {}, "there is no film yet: plan_storyboard"),
        ("generate_take", {"shot": "s01-01"}, "there is no film yet"),
        ("plan_storyboard", {}, "give a brief"),
        ("inspect_take", {"take": "deadbeef"}, "no single take 'deadbeef'"),
        ("inspect_take", {"take": "../../etc/passwd"}, "no single take"),
        ("list_film", {"film": "../x"}, "there is no film yet"),
        ("remember_character", {"name": "Mara", "palette": ["red"]}, "palette"),
        ("recall_shots", {"text": "x", "character": "nobody"}, "nobody"),
        ("export_cut", {"film": "/etc"}, "there is no film yet"),
        ("import_footage", {"asset": "../../etc/passwd"}, "no file '../../etc/passwd' in the inbox: there are none"),
    ],
)
def test_failure_is_a_result_that_says_what_to_do(
    project: Project, name: str, arguments: dict[str, Any], message: str
) -> None:
    result = call(tools_of(project), name, **arguments)
    assert result.status == "error" and message in said(result)
    assert "\n" not in said(result)


def test_unknown_shot_and_film_list_those_there_are(project: Project) -> None:
    tools = tools_of(project)
    call(tools, "plan_storyboard", brief=BRIEF, film="three")
    assert "its shots are s01-01, s01-02, s01-03" in said(call(tools, "generate_take", shot="s09-09"))
    assert said(call(tools, "review_cut", film="four")) == "there is no film 'four': there are three"
    call(tools, "plan_storyboard", brief=BRIEF, film="other")
    assert said(call(tools, "assemble_cut")) == "say which film: there are other, three"


def test_briefs_that_begin_with_the_same_words_are_two_films(project: Project) -> None:
    tools = tools_of(project)
    for end in ("climbs.", "sleeps."):
        call(tools, "plan_storyboard", brief=f"An old lighthouse keeper with a lamp {end}")
    assert [f.name for f in project.films()] == [
        "an-old-lighthouse-keeper-with-a", "an-old-lighthouse-keeper-with-a-2"
    ]  # fmt: skip
    assert call(tools, "generate_take", shot="all", film="an-old-lighthouse-keeper-with-a-2").status == "success"


def test_brief_that_could_not_be_planned_stands_in_nobodys_way(project: Project) -> None:
    tools = tools_of(project)
    wrong = call(tools, "plan_storyboard", brief="shots: [{prompt: waves, seconds: -1}]")
    assert said(wrong).endswith("seconds is '-1': a shot lasts more than 0 and at most 600 s")
    call(tools, "plan_storyboard", brief=BRIEF, film="three")
    assert call(tools, "generate_take", shot="all").artifact["film"] == "three"
    assert said(call(tools, "review_cut", film="four")) == "there is no film 'four': there are three"


@pytest.mark.parametrize("fault", ["fail", "busy", "crash", "silent"])
def test_back_end_that_fails_is_a_result_and_the_storyboard_stays(project: Project, fault: Any) -> None:
    backend = Rehearsal(faults={"storm": [fault]})
    tools = tools_of(project, backend)
    call(tools, "plan_storyboard", brief=BRIEF)
    result = call(tools, "generate_take", shot="s01-02", prompt="a storm")
    assert result.status == "error"
    assert len(project.films()[0].storyboards()) == 1, "what could not be made changed nothing"
    again = call(tools, "generate_take", shot="s01-02", prompt="a storm")
    assert again.status == "success" and again.artifact["storyboard"] == 2


def test_direct_invoke_gives_words_alone(project: Project) -> None:
    tools = tools_of(project)
    tools["plan_storyboard"].invoke({"brief": BRIEF})
    assert "3 of 3 shots have no take" in tools["estimate_cost"].invoke({})
    assert "cannot be 'NaN'" in tools["generate_take"].invoke({"shot": "s01-01", "seconds": "NaN"})


async def test_async_invoke(project: Project) -> None:
    tools = tools_of(project)
    await tools["plan_storyboard"].ainvoke({"brief": BRIEF})
    message = await tools["generate_take"].ainvoke(
        {"type": "tool_call", "id": "1", "name": "generate_take", "args": {"shot": "all"}}
    )
    assert list(message.artifact["made"]) == ["s01-01", "s01-02", "s01-03"]


def test_result_carries_a_picture_and_a_record(project: Project) -> None:
    tools = tools_of(project)
    call(tools, "plan_storyboard", brief=BRIEF)
    message = call(tools, "generate_take", shot="s01-01")
    text, picture = message.content
    assert text["type"] == "text" and picture["type"] == "image" and picture["mime_type"] == "image/jpeg"
    assert message.artifact["take"]["frames"] == 8
    json.dumps(message.artifact)
    plain = call(tools_of(project, pictures=False), "inspect_take", take="s01-01")
    assert isinstance(plain.content, str)


def test_same_call_twice_in_one_message_pays_once(project: Project) -> None:
    """As models do; the two run in parallel threads of one tool node."""
    backend = Rehearsal()
    tools = tools_of(project, backend)
    call(tools, "plan_storyboard", brief=BRIEF)
    graph = (
        StateGraph(MessagesState).add_node("tools", ToolNode(list(tools.values()))).add_edge(START, "tools").compile()
    )
    calls = [
        {"name": "generate_take", "id": str(n), "args": {"shot": "s01-01", "prompt": "a calm sea"}} for n in range(4)
    ]
    given = {"messages": [AIMessage("", tool_calls=calls)]}
    events = list(graph.stream(given, stream_mode="custom"))
    assert len(backend.requests) == 1
    assert [e["type"] for e in events].count("take.ready") == 4
    assert len(project.films()[0].storyboards()) == 2


def test_parallel_changes_of_several_shots_all_stand(project: Project) -> None:
    tools = tools_of(project)
    call(tools, "plan_storyboard", brief=BRIEF)
    results: dict[int, ToolMessage] = {}

    def work(n: int) -> None:
        results[n] = call(tools, "generate_take", shot=f"s01-0{n}", prompt=f"sea number {n}")

    threads = [threading.Thread(target=work, args=(n,)) for n in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {m.status for m in results.values()} == {"success"}
    board = project.films()[0].storyboard()
    assert board is not None and board.number == 4
    assert [s.prompt for s in board.shots] == ["sea number 1", "sea number 2", "sea number 3"]


def test_tool_in_a_tool_node_never_raises(project: Project) -> None:
    backend = Rehearsal(faults={"one": ["crash"]})
    tools = tools_of(project, backend)
    call(tools, "plan_storyboard", brief=BRIEF)
    node = ToolNode(list(tools.values()))
    graph = StateGraph(MessagesState).add_node("tools", node).add_edge(START, "tools").compile()
    calls = [
        {"name": "generate_take", "id": "1", "args": {"shot": "s01-01"}},
        {"name": "generate_take", "id": "2", "args": {"shot": "s01-02", "seconds": "NaN"}},
        {"name": "generate_take", "id": "3", "args": {"shot": "s01-03"}},
    ]
    messages = graph.invoke({"messages": [AIMessage("", tool_calls=calls)]})["messages"][1:]
    assert [m.status for m in messages] == ["error", "error", "success"]
    assert "rehearsed crash" in said(messages[0])


def test_earlier_take_and_earlier_storyboard_come_back_at_no_cost(project: Project) -> None:
    backend = Rehearsal()
    tools = tools_of(project, backend)
    call(tools, "plan_storyboard", brief=BRIEF)
    call(tools, "generate_take", shot="all")
    first = call(tools, "inspect_take", take="s01-02").artifact["take"]["key"]
    call(tools, "generate_take", shot="s01-02", new_seed=True)
    compared = call(tools, "compare_takes", shot="s01-02")
    assert len(compared.artifact["takes"]) == 2 and compared.artifact["in_use"] != first
    kept = call(tools, "compare_takes", shot="s01-02", keep=first[:12])
    assert kept.artifact["in_use"] == first
    call(tools, "generate_take", shot="s01-03", prompt="a desert")
    undone = call(tools, "assemble_cut", storyboard=1)
    assert [c["take"] is not None for c in undone.artifact["cut"]["clips"]] == [True] * 3
    assert call(tools, "inspect_take", take="s01-03").artifact["take"]["request"]["prompt"].startswith("Three waves")
    assert len(backend.requests) == 5


def test_ceiling_refuses_and_says_what_is_left(project: Project) -> None:
    project = Project.open(project.root, size=(128, 72), rate="8", budget={"calls": 2})
    tools = tools_of(project)
    call(tools, "plan_storyboard", brief=BRIEF)
    assert said(call(tools, "estimate_cost")).endswith("Ceiling of this film: 2 calls (2 left).")
    result = call(tools, "generate_take", shot="all")
    assert result.artifact["refused"] == ["s01-03"]
    assert result.status == "success" and "would pass its ceiling of 2 calls" in said(result)
    assert call(tools, "generate_take", shot="s01-03").status == "error"


def test_projects_ceiling_holds_over_all_the_films_that_an_agent_begins(project: Project) -> None:
    limits = {"budget": {"calls": 3}, "project_budget": {"calls": 4}}
    backend, project = Rehearsal(), Project.open(project.root, size=(128, 72), rate="8", **limits)
    tools = tools_of(project, backend)
    call(tools, "plan_storyboard", brief=BRIEF, film="one")
    assert call(tools, "generate_take", shot="all", film="one").artifact["failed"] == {}
    begun = said(call(tools, "plan_storyboard", brief=BRIEF.replace("waves", "dunes"), film="two"))
    left = "Ceiling of this film: 3 calls (3 left). Ceiling of all films here together: 4 calls (1 left)."
    assert left in begun and left in said(call(tools, "list_film", film="two"))
    estimate = call(tools, "estimate_cost", film="two")
    assert said(estimate).endswith(left)
    assert estimate.artifact["left"] == {"film": {"calls": 3}, "project": {"calls": 1}}
    assert call(tools, "generate_take", shot="all", film="two").artifact["refused"] == ["s01-02", "s01-03"]
    call(tools, "plan_storyboard", brief=BRIEF.replace("waves", "hills"), film="three")
    refused = call(tools, "generate_take", shot="s01-01", film="three")
    assert refused.status == "error" and said(refused) == (
        "the project would pass its ceiling of 4 calls: 4 spent, 1 more needed; raise project_budget.calls in "
        "reelgraph.toml"
    )
    assert len(backend.requests) == 4


def shot_and_cut(project: Project, **options: Any) -> dict[str, BaseTool]:
    tools = tools_of(project, **options)
    call(tools, "plan_storyboard", brief=BRIEF, film="three")
    assert call(tools, "generate_take", shot="all").status == call(tools, "assemble_cut").status == "success"
    return tools


def test_film_is_delivered_in_the_forms_that_an_agent_asks_for(tmp_path: Path) -> None:
    from reelgraph.video_tools.editing.media import probe

    project = Project.open(tmp_path, size=(128, 72), rate="24")
    tools = shot_and_cut(project)
    call(tools, "edit_cut", edits=[{"op": "speed", "clip": "s01-01", "speed": 2}])
    asked = {"presets": ["vertical", "sheet", "vertical"], "timelines": ["edl"], "focus": "0", "loudness": None}
    made = call(tools, "export_cut", name="For Phones", **asked)
    forms = ["three.edl", "three-vertical.mp4", "three-sheet.png"]
    assert made.status == "success", said(made)
    assert made.artifact["files"] == [
        f"exports/for-phones/{name}" for name in ("film.mp4", "film.otio", "film.srt", "provenance.json", *forms)
    ]
    assert said(made).endswith(
        " This cut is not reviewed, so no report.html is with it: review_cut writes one.\nedl: speed: not written"
    )
    assert made.artifact["lost"] == ["edl: speed: not written"]
    whole, tall = (probe(tmp_path / "exports/for-phones" / name) for name in ("film.mp4", "three-vertical.mp4"))
    assert (tall.width, tall.height, tall.frames) == (40, 72, whole.frames) == (40, 72, 60)


def test_form_that_there_is_not_is_refused_and_those_there_are_are_named(project: Project) -> None:
    from reelgraph.video_tools.editing.adapters import ADAPTERS
    from reelgraph.video_tools.editing.delivery import PRESETS

    tools = tools_of(project)
    assert said(call(tools, "export_cut", presets=["phone"])) == (
        f"presets cannot be 'phone': it must be a list of {', '.join(PRESETS)}"
    )
    assert said(call(tools, "export_cut", timelines=["avid"])) == (
        f"timelines cannot be 'avid': it must be a list of {', '.join(form[1:] for form in ADAPTERS)}"
    )
    assert said(call(tools, "export_cut", focus=2)) == "focus cannot be 2: it must be a number at least 0 and at most 1"


def test_those_who_only_look_need_not_wait_for_another_process_that_writes(project: Project) -> None:
    tools = shot_and_cut(project)
    with FileLock(project.root / ".writer.lock"):
        asked: list[tuple[str, dict[str, Any]]] = [
            ("plan_storyboard", {}), ("estimate_cost", {}), ("list_film", {}), ("inspect_take", {"take": "s01-01"}),
            ("compare_takes", {"shot": "s01-01"}), ("export_cut", {"presets": ["sheet", "gif"]}),
        ]  # fmt: skip
        for name, arguments in asked:
            assert call(tools, name, **arguments).status == "success", name
        for arguments in ({"brief": BRIEF, "film": "new"}, {"replan": True}):
            assert "is being written by another process" in said(call(tools, "plan_storyboard", **arguments))
    assert len(project.films()[0].storyboards()) == 1


def test_models_that_take_video_are_given_takes_and_films(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = shot_and_cut(project, films=True)
    film = project.films()[0].deliver / "film.mp4"
    takes = {take.shot: project.ledger.picture(take) for take in project.ledger.takes()}
    seen = {"inspect_take": takes["s01-01"], "assemble_cut": film, "review_cut": film}
    # Through a tool node, as agents call them: what it does not know it would write out as text.
    graph = StateGraph(MessagesState).add_node("t", ToolNode(list(tools.values()))).add_edge(START, "t").compile()
    for name, path in seen.items():
        asked = {"name": name, "id": "1", "args": {"take": "s01-01"} if name == "inspect_take" else {}}
        message = graph.invoke({"messages": [AIMessage("", tool_calls=[asked])]})["messages"][-1]
        shown = message.content_blocks[-1]
        assert (shown["type"], shown["mime_type"]) == ("file", "video/mp4"), said(message)
        assert base64.b64decode(shown["base64"]) == path.read_bytes()
    monkeypatch.setattr(toolkit, "FILM_BYTES", 1000)
    left_out = call(tools, "assemble_cut")
    size = film.stat().st_size / 1e6
    assert [block["type"] for block in left_out.content_blocks] == ["text", "image"]
    assert said(left_out).endswith(f"The film is not shown: it has {size:.1f} MB, and a message holds 0.001.")
    assert [block["type"] for block in call(tools_of(project), "assemble_cut").content_blocks] == ["text", "image"]


def test_film_by_tools_alone_is_approved_and_delivered(project: Project) -> None:
    tools = tools_of(project)
    call(tools, "plan_storyboard", brief=BRIEF, film="three")
    call(tools, "generate_take", shot="all")
    assert call(tools, "assemble_cut").artifact["slates"] == []
    assert call(tools, "review_cut").artifact["review"]["approved"]
    files = call(tools, "export_cut", name="Final One").artifact["files"]
    assert "exports/final-one/film.mp4" in files
    assert all((project.root / f).is_file() for f in files)
    assert said(call(tools, "list_film")).startswith("three: cut 1, approved, storyboard 1.")


def test_edit_of_a_cut_generates_nothing_and_stays_when_a_shot_is_made_again(project: Project) -> None:
    backend = Rehearsal()
    tools = tools_of(project, backend)
    call(tools, "plan_storyboard", brief=BRIEF)
    call(tools, "generate_take", shot="all")
    assert said(call(tools, "edit_cut", edits=[{"op": "delete", "clip": "s01-01"}])).endswith("assemble_cut first")
    call(tools, "assemble_cut")
    edited = call(tools, "edit_cut", edits=[{"op": "trim", "clip": "s01-02", "tail": "2"}])
    trimmed = edited.artifact["cut"]
    assert [c["frames"] for c in trimmed["clips"]] == [8, 6, 8] and len(backend.requests) == 3
    assert said(edited).splitlines()[1:3] == [
        "s01-02: trimmed by 2 frames at the tail", "film: 24 → 22 frames (-2)"
    ]  # fmt: skip
    call(tools, "generate_take", shot="s01-03", prompt="a desert")
    assert [c["frames"] for c in call(tools, "assemble_cut").artifact["cut"]["clips"]] == [8, 6, 8]
    assert [c["frames"] for c in call(tools, "edit_cut", cut="1").artifact["cut"]["clips"]] == [8, 8, 8]


def test_take_in_an_edit_may_be_the_beginning_of_its_id(project: Project) -> None:
    tools = tools_of(project)
    call(tools, "plan_storyboard", brief=BRIEF)
    call(tools, "generate_take", shot="all")
    call(tools, "assemble_cut")
    key = call(tools, "inspect_take", take="s01-01").artifact["take"]["key"]
    swapped = call(tools, "edit_cut", edits=[{"op": "swap_take", "clip": "s01-03", "take": key[:12]}])
    assert [c["take"] == key for c in swapped.artifact["cut"]["clips"]] == [True, False, True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give either edits, or the number of a cut"),
        ({"edits": [{"op": "explode"}]}, "explode"),
        ({"edits": [{"op": "trim", "clip": "s01-02", "tail": 8}]}, "leave at least 1"),
        ({"edits": [{"op": "delete", "clip": "s01-02"}, {"op": "delete", "clip": "s09-09"}]}, "s09-09"),
        ({"edits": [{"op": "swap_take", "clip": "s01-02", "take": "dead"}]}, "no single take 'dead'"),
        ({"cut": 7}, "7"),
        (
            {
                "edits": [
                    {
                        "op": "effects",
                        "clip": "s01-02",
                        "effects": [{"name": "lut", "arguments": {"file": "/etc/passwd"}}],
                    }
                ]
            },
            "no file '/etc/passwd' in the inbox",
        ),
    ],
)
def test_edit_that_cannot_be_leaves_the_cut_as_it_was(project: Project, arguments: Any, message: str) -> None:
    tools = tools_of(project)
    call(tools, "plan_storyboard", brief=BRIEF)
    call(tools, "generate_take", shot="all")
    call(tools, "assemble_cut")
    result = call(tools, "edit_cut", **arguments)
    assert result.status == "error" and message in said(result)
    assert len(project.films()[0].cuts()) == 1


def test_every_edit_is_told_to_the_model() -> None:
    from typing import get_args

    from reelgraph.video_tools.editing.operations import Operation
    from reelgraph.video_tools.toolkit_schemas import EDITS

    told = {words.split(" ")[0]: words for words in EDITS.split("Ops: ")[1].rstrip(".").split("; ")}
    for kind in get_args(get_args(Operation)[0]):
        words = told.pop(kind.model_fields["op"].default)
        for name, field in kind.model_fields.items():
            assert name == "op" or not field.is_required() or name in words
    assert not told


def test_imported_footage_is_a_take_that_an_edit_can_show(project: Project) -> None:
    put_asset(project, "sea.mp4")
    (project.inbox / "link.mp4").symlink_to("/etc/hostname")
    (project.inbox / "words.txt").write_text("no film")
    tools = tools_of(project)
    call(tools, "plan_storyboard", brief=BRIEF)
    call(tools, "generate_take", shot="all")
    call(tools, "assemble_cut")
    imported = call(tools, "import_footage", asset="sea.mp4")
    take = imported.artifact["take"]
    assert (take["width"], take["height"], take["frames"], imported.artifact["reused"]) == (64, 48, 12, False)
    assert call(tools, "import_footage", asset="sea.mp4").artifact["reused"]
    for wrong in ("link.mp4", "words.txt", "nothing.mp4"):
        result = call(tools, "import_footage", asset=wrong)
        assert result.status == "error" and wrong in said(result)
    new = {"shot": "s02-01", "take": take["key"][:12], "frames": 4}
    cut = call(tools, "edit_cut", edits=[{"op": "insert", "new": new}]).artifact["cut"]
    assert [c["frames"] for c in cut["clips"]] == [8, 8, 8, 4]
    assert not list(project.ledger.verify())
