"""The film graph inside a host's graph: its checkpointer, store, context, approvals and streams, and its failures."""

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command
from typing_extensions import TypedDict

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.graphs.wrap import wrap
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import TakeRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio


def brief(*words: str) -> str:
    return json.dumps({"shots": [{"prompt": f"{word} waves", "seconds": 1} for word in words]})


SIX = brief("one", "two", "three", "four", "five", "six")


class HostState(TypedDict, total=False):
    brief: str
    film: str
    approved: bool
    thanks: str


def thank(state: HostState) -> dict[str, str]:
    return {"thanks": f"film {state['film']}: {state['approved']}"}


def host_graph(saver: Any = None) -> Any:
    """A graph of a host's, in which the film graph is one node among others."""
    host = StateGraph(HostState, context_schema=FilmContext)
    host.add_node("video", create_film_graph().compile())
    host.add_node("thank", thank)
    host.add_edge(START, "video")
    host.add_edge("video", "thank")
    return host.compile(checkpointer=saver)


CONFIG: Any = {"configurable": {"thread_id": "1"}}


def test_film_graph_is_a_node_with_the_hosts_context_and_streams(project: Project) -> None:
    context = FilmContext(Studio(project, backend=Rehearsal()))
    given: Any = {"brief": brief("one", "two"), "film": "f"}
    chunks = list(host_graph().stream(given, context=context, stream_mode=["custom", "values"], subgraphs=True))
    events = [data for _, mode, data in chunks if mode == "custom"]
    assert [e["type"] for e in events].count("take.ready") == 2
    assert {e["v"] for e in events} == {1}
    state = chunks[-1][2]
    assert state["approved"] and state["thanks"] == "film f: True"


async def test_film_graph_in_an_async_host_streams_too(project: Project) -> None:
    context = FilmContext(Studio(project, backend=Rehearsal()))
    given: Any = {"brief": brief("one"), "film": "f"}
    kinds = [
        e["type"]
        async for _, e in host_graph(InMemorySaver()).astream(
            given, CONFIG, context=context, stream_mode="custom", subgraphs=True
        )
    ]
    assert kinds[0] == "storyboard.ready" and "take.ready" in kinds and kinds[-1] == "film.ready"


@pytest.mark.parametrize("equipped", [False, True])
def test_hosts_store_is_in_the_hands_of_its_nodes_inside_the_film_graph(project: Project, equipped: bool) -> None:
    """Also where a host hands over tools, which gives every node a runtime of its own."""

    def wrap_and_file(state: Any, runtime: Runtime[FilmContext]) -> dict[str, Any]:
        assert runtime.store is not None
        runtime.store.put(("films",), state["film"], {"cut": state["cut"]})
        return wrap(state, runtime)

    store = InMemoryStore()
    video = create_film_graph(wrap=wrap_and_file, tools={"editor": []} if equipped else None).compile()
    host = StateGraph(HostState, context_schema=FilmContext).add_node("video", video).add_edge(START, "video")
    given: Any = {"brief": brief("one"), "film": "f"}
    host.compile(store=store).invoke(given, context=FilmContext(Studio(project, backend=Rehearsal())))
    found = store.get(("films",), "f")
    assert found is not None and found.value == {"cut": 1}


def test_approval_reaches_the_host_and_its_answer_the_film(project: Project) -> None:
    backend = Rehearsal()
    context = FilmContext(Studio(project, backend=backend), approve=frozenset({"storyboard", "cut"}))
    graph = host_graph(InMemorySaver())
    state = graph.invoke({"brief": brief("one"), "film": "f"}, CONFIG, context=context)
    asked = state["__interrupt__"][0].value
    assert (asked["v"], asked["gate"], asked["number"], len(asked["shown"]["shots"])) == (1, "storyboard", 1, 1)
    json.dumps(asked)
    assert backend.requests == []
    state = graph.invoke(Command(resume=True), CONFIG, context=context)
    assert state["__interrupt__"][0].value["gate"] == "cut" and len(backend.requests) == 1
    state = graph.invoke(Command(resume={"approved": True}), CONFIG, context=context)
    assert state["thanks"] == "film f: True" and len(backend.requests) == 1


@pytest.mark.parametrize(("ceiling", "asks"), [({"calls": 11}, True), ({"calls": 12}, False), ({"money": 0}, False)])
def test_person_is_asked_above_a_cost(project: Project, ceiling: dict[str, float], asks: bool) -> None:
    backend = Rehearsal()
    context = FilmContext(Studio(project, backend=backend), approve_above=Limits.model_validate(ceiling))
    graph = host_graph(InMemorySaver())
    state = graph.invoke({"brief": SIX, "film": "f"}, CONFIG, context=context)
    if not asks:
        assert state["approved"] and len(backend.requests) == 6
        return
    asked = state["__interrupt__"][0].value
    shown = asked["shown"]
    assert (asked["gate"], shown["once"]["calls"], shown["most"]["calls"]) == ("cost", 6, 12)
    assert backend.requests == []
    state = graph.invoke(Command(resume=False), CONFIG, context=context)
    assert not state["approved"] and backend.requests == []


def test_changes_at_the_cut_and_a_new_process_repeat_no_work(project: Project, tmp_path: Path) -> None:
    """Two shots; a person asks for a change twice; the process ends at the pause, and another one hears the yes."""
    backend = Rehearsal()
    context = FilmContext(Studio(project, backend=backend), approve=frozenset({"cut"}))
    database = tmp_path / "host.sqlite"
    connection = sqlite3.connect(database, check_same_thread=False)
    graph = host_graph(SqliteSaver(connection))
    given: Any = {"brief": brief("one", "two"), "film": "f"}
    state = graph.invoke(given, CONFIG, context=context)
    path = project.root / "films/f/storyboard.yaml"
    for change in ("storms", "floods"):
        assert state["__interrupt__"][0].value["gate"] == "cut"
        state = graph.invoke(Command(resume={"approved": False, "words": f"rather {change}"}), CONFIG, context=context)
        assert not state["approved"]
        old = {"storms": "waves", "floods": "storms"}[change]
        path.write_text(path.read_text().replace(f"two {old}", f"two {change}"))
        state = graph.invoke(given, CONFIG, context=context)
    assert state["__interrupt__"][0].value["gate"] == "cut"
    assert len(backend.requests) == 2 + 2
    connection.close()
    command = [sys.executable, str(Path(__file__).parent / "host_process.py"), str(project.root), str(database), "true"]
    out = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert out.returncode == 0, out.stderr[-800:]
    assert json.loads(out.stdout) == {"approved": True, "thanks": "film f: True", "calls": 0}
    assert len({t.key for t in project.ledger.takes()}) == 4
    assert [d.words for d in project.film("f").decisions()] == ["rather storms", "rather floods", ""]


class Pairs:
    """Lets two calls in at once, and notes if there were ever more."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2)
        self.live = self.most = 0
        self.gate = threading.Lock()

    def __call__(self, request: TakeRequest) -> None:
        with self.gate:
            self.live += 1
            self.most = max(self.most, self.live)
        self.barrier.wait(20)
        with self.gate:
            self.live -= 1


@pytest.mark.parametrize("how", ["invoke", "ainvoke"])
async def test_one_of_six_parallel_shots_fails_and_the_others_are_kept(project: Project, how: str) -> None:
    project = Project.open(project.root, size=(128, 72), rate="8", rounds=1)
    pairs = Pairs()
    backend = Rehearsal(faults={"hree waves": ["crash"]}, on_call=pairs)
    context = FilmContext(Studio(project, backend=backend))
    graph = host_graph(InMemorySaver())
    config: Any = {**CONFIG, "max_concurrency": 2}

    async def run() -> Any:
        given: Any = {"brief": SIX, "film": "f"}
        if how == "invoke":
            return graph.invoke(given, config, context=context)
        return await graph.ainvoke(given, config, context=context)

    state = await run()
    assert not state["approved"] and pairs.most == 2
    cut = project.film("f").cut()
    assert cut is not None and [c.shot for c in cut.clips] == [f"s01-0{n}" for n in range(1, 7)]
    assert [c.take is None for c in cut.clips] == [False, False, True, False, False, False]
    failed = [a for a in project.ledger.attempts() if a.state != "done"]
    assert [(a.shot, a.state) for a in failed] == [("s01-03", "failed")] and "rehearsed crash" in failed[0].error
    backend._on_call = lambda request: None
    state = await run()
    assert state["approved"] and len(backend.requests) == 7


def test_host_without_a_context_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REELGRAPH_PROJECT", raising=False)
    with pytest.raises(InvalidRequest, match="pass context=FilmContext"):
        create_film_graph().compile().invoke({"brief": "waves"})


def in_place(leaves: dict[str, Any], goto: str) -> Any:
    def node(state: Any, runtime: Runtime[FilmContext]) -> Command[Any]:
        return Command(update=leaves, goto=goto)

    return node


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"planner": in_place({}, "producer")}, "the planner left no film in the state: return Command"),
        (
            {"planner": in_place({"film": "f"}, "producer")},
            "the planner left film f without how it is asked for: ",
        ),
        ({"planner": in_place({"film": "f"}, "editor")}, "the planner left no storyboard in the state: return Command"),
        ({"editor": in_place({}, "critic")}, "the editor left no cut in the state: return Command"),
    ],
)
def test_what_a_hosts_node_did_not_leave_is_named(project: Project, options: dict[str, Any], said: str) -> None:
    graph = create_film_graph(**options).compile()
    given: Any = {"brief": brief("one"), **({"film": "f"} if "editor" in options else {})}
    with pytest.raises(InvalidRequest, match=f"^{said}"):
        graph.invoke(given, context=FilmContext(Studio(project, backend=Rehearsal())))


def test_storyboard_of_a_hosts_planner_gets_its_number_and_brief(project: Project) -> None:
    from reelgraph.video_tools.film import Scene, Shot, Storyboard
    from reelgraph.video_tools.tools import add_storyboard, open_film

    studio = Studio(project, backend=Rehearsal())
    board = Storyboard(planner="mine", scenes=[Scene(id="s01", shots=[Shot(id="s01-01", prompt="waves", seconds=1)])])
    film = open_film(studio, "waves", name="f")
    first = add_storyboard(studio, film, board)
    second = add_storyboard(studio, film, board)
    key = film.briefs()[-1].key
    assert [(b.number, b.brief, b.planner) for b in (first, second)] == [(1, key, "mine"), (2, key, "mine")]
    assert film.storyboards() == [first, second]


def test_server_asks_the_judge_that_its_settings_name_and_pays_for_nothing_where_that_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import langchain.chat_models

    from reelgraph.video_tools.scripted import ScriptedModel

    project, brief = Project.open(tmp_path), json.dumps({"shots": [{"prompt": "waves", "seconds": 1}]})
    (tmp_path / "reelgraph.toml").write_text('size = [128, 72]\nrate = "8"\nmemory = false\njudge = "nobody:one"\n')
    monkeypatch.setenv("REELGRAPH_PROJECT", str(tmp_path))
    graph = create_film_graph().compile()
    with pytest.raises(InvalidRequest, match="judge 'nobody:one' cannot be used: "):
        graph.invoke({"brief": brief, "film": "sea"}, context={})
    assert project.films() == [] and list(project.ledger.attempts()) == []
    sees = ScriptedModel([json.dumps({"score": 0.9, "why": "waves"})])
    monkeypatch.setattr(langchain.chat_models, "init_chat_model", lambda name: sees)
    assert graph.invoke({"brief": brief, "film": "sea"}, context={})["approved"] and len(sees.heard) == 1


def test_models_that_a_host_names_are_asked_as_the_ones_of_settings_are(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    import langchain.chat_models

    from reelgraph.video_tools.scripted import ScriptedModel

    (project.root / "reelgraph.toml").write_text('planner = "nobody:else"\njudge = "nobody:else"\n')
    opened: list[str] = []
    sees = ScriptedModel([json.dumps({"score": 0.9, "why": "waves"})])
    monkeypatch.setattr(langchain.chat_models, "init_chat_model", lambda name: opened.append(name) or sees)
    studio = Studio(Project.open(project.root, size=(128, 72), rate="8"), planner="offline", judge="nobody:one")
    graph = create_film_graph().compile()
    assert graph.invoke({"brief": "Waves roll in.", "film": "sea"}, context=FilmContext(studio))["approved"]
    assert (opened, len(sees.heard), studio.planner) == (["nobody:one"], 1, None)
    asked = project.film("sea").commission()
    assert asked is not None and (asked.planner, asked.judge) == ("offline", "nobody:one")


@pytest.mark.parametrize("role", ["planner", "judge"])
@pytest.mark.parametrize("given", [7, {"model": "x"}, lambda messages: "yes", Rehearsal])
def test_what_is_no_model_is_refused_where_it_is_given(project: Project, role: str, given: Any) -> None:
    with pytest.raises(InvalidRequest, match=rf"^{role} .* is no chat model: give one of LangChain's, or a name such"):
        Studio(project, **{role: given})


def test_what_a_host_means_is_taken_and_what_cannot_be_is_refused_where_it_is_given(project: Project) -> None:
    from reelgraph.video_tools.checks.base import Check

    class Never(Check):
        """Finds nothing."""

        name = "never"

        def findings(self, subject: Any) -> list[Any]:
            return []

    class Wants(Never):
        """Needs an argument."""

        def __init__(self, least: float) -> None:
            self.least = least

    folder: Any = str(project.root)
    studio = Studio(folder, checks=[Never])  # type: ignore[list-item]  # a class where one of it is meant
    assert studio.project.root == project.root and isinstance(studio.checks[0], Never)
    both: Any = ("storyboard,cut", "storyboard, cut", ["cut", "storyboard"], {"storyboard", "cut"})
    assert {FilmContext(studio, approve=said).approve for said in both} == {frozenset({"storyboard", "cut"})}
    ceiling: Any = {"money": 2}
    assert FilmContext(studio, approve_above=ceiling).approve_above == Limits(money=2)
    given: Any = project
    assert FilmContext(given).studio.project is project
    build: Any = create_film_graph
    build(checks=[Never]).compile()
    made: Any = FilmContext
    for slip, said in (
        (lambda: Studio(made), "is no project: give its folder"),
        (lambda: made("p"), r"'p' is no studio: pass FilmContext\(Studio\('my-project'\)\)"),
        (lambda: made(studio, approve={"story"}), r"approve cannot be \{'story'\}: a person is asked at storyboard"),
        (lambda: made(studio, approve=7), "approve cannot be 7"),
        (lambda: made(studio, approve_above={"calls": "many"}), r"approve_above: calls"),
        (lambda: Studio(project, checks=[Wants]), r"Wants needs arguments: give checks=\[Wants\(\.\.\.\)\]"),  # type: ignore[list-item]
        (lambda: build(checks=["never"]), "'never' is no check"),
        (
            lambda: build(extra_nodes={"editor": len}),
            r"editor is a node of ours: .* create_film_graph\(editor=\.\.\.\)",
        ),
    ):
        with pytest.raises(InvalidRequest, match=said) as refused:
            slip()
        assert "\n" not in str(refused.value)


def test_studio_is_taken_as_a_context(project: Project) -> None:
    brief = json.dumps({"shots": [{"prompt": "waves", "seconds": 1}]})
    Project.open(project.root, size=(128, 72), rate="8", memory=False)
    studio: Any = Studio(Project.open(project.root))
    assert create_film_graph().compile().invoke({"brief": brief, "film": "sea"}, context=studio)["film"] == "sea"


def test_client_of_a_server_names_films_and_no_paths(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGRAPH_PROJECT", str(project.root))
    graph = create_film_graph().compile()
    for context in ({"studio": "/etc"}, {"paths": True}):
        with pytest.raises(InvalidRequest, match="a client cannot set"):
            graph.invoke({"brief": "waves"}, context=context)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"approve_above": {"calls": "many"}}, r"approve_above\.calls"),
        (
            {"colour": "red"},
            "there is no 'colour'; a client may set approve, approve_above, ask_again, replan, seconds",
        ),
        ({"approve": ["the cut"]}, "approve"),
        ({"approve": "cut"}, "approve"),
        ({"seconds": -3}, "seconds"),
        ({"replan": "perhaps"}, "replan"),
    ]
    for context, said in wrong:
        with pytest.raises(InvalidRequest, match=f"the context cannot be read: .*{said}"):
            graph.invoke({"brief": "waves"}, context=context)
    assert project.films() == []
    with pytest.raises(InvalidRequest, match=r"no film '\.\./\.\./etc' here"):
        graph.invoke({"brief": "", "film": "../../etc"}, context={})


def test_studio_and_typed_clients_are_shown_what_they_may_choose_and_give() -> None:
    """LangGraph Server answers `/assistants/…/schemas` by these; the compiled graph is the one it serves."""
    from pydantic import TypeAdapter

    from reelgraph.graphs.app import graph

    chosen = graph.get_context_jsonschema()
    assert chosen is not None
    assert set(chosen["properties"]) == {"approve", "approve_above", "ask_again", "replan", "seconds"}
    assert "required" not in chosen
    assert chosen["properties"]["approve"]["items"]["enum"] == ["storyboard", "references", "cut"]
    assert chosen["properties"]["replan"]["type"] == "boolean"
    assert set(chosen["$defs"]["Limits"]["properties"]) == set(Limits.model_fields)
    given, known = graph.get_input_jsonschema(), graph.get_output_jsonschema()
    assert set(given["properties"]) == {"brief", "film"} and set(given["properties"]) < set(known["properties"])
    for name, field in [*chosen["properties"].items(), *given["properties"].items(), *known["properties"].items()]:
        assert field["description"] and field["title"], name
    assert all(field["examples"] for field in given["properties"].values())
    read = TypeAdapter(FilmContext).validate_python({"approve": ["cut"], "seconds": "12"})
    assert (read.approve, read.seconds, read.replan) == (["cut"], 12.0, False)
