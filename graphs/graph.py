"""The film graph: planner -> producer -> generator (one `Send` a wave) -> editor -> critic -> again, or wrap."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial, wraps
from inspect import iscoroutinefunction, isfunction, ismethod, signature
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime

from reelgraph.graphs.context import FilmContext, context_of
from reelgraph.graphs.critic import critic as default_critic
from reelgraph.graphs.editor import editor as default_editor
from reelgraph.graphs.generator import generator as default_generator
from reelgraph.graphs.hooks import check_tools
from reelgraph.graphs.planner import planner as default_planner
from reelgraph.graphs.producer import producer as default_producer
from reelgraph.graphs.state import FilmInput, FilmState
from reelgraph.graphs.wrap import wrap as default_wrap
from reelgraph.video_tools.errors import InvalidRequest

if TYPE_CHECKING:
    from reelgraph.video_tools.checks.base import Check

Node = Callable[..., Any]


def create_film_graph(
    *,
    planner: Node = default_planner,
    producer: Node = default_producer,
    generator: Node = default_generator,
    editor: Node = default_editor,
    critic: Node = default_critic,
    wrap: Node = default_wrap,
    extra_nodes: Mapping[str, Node] | None = None,
    tools: Mapping[str, Sequence[BaseTool]] | None = None,
    checks: "Sequence[Check]" = (),
) -> "StateGraph[FilmState, FilmContext, FilmInput, FilmState]":
    """Build the film graph, uncompiled, so that a host adds its checkpointer, nodes and edges.

    Nodes are functions of state and runtime, or objects that are called so, that say where they go by the `Command`
    they return; one replaces ours by its name.

    Args:
        planner: Plans.
        producer: Asks a person where they want to be asked, and sends what is to be shot to the generator.
        generator: Shoots one wave.
        editor: Cuts.
        critic: Reviews, and sends round again.
        wrap: Runs once, at the end.
        extra_nodes: Nodes of yours by name: route to them from one of yours.
        tools: By node, tools of yours that it may use; see `reelgraph.graphs.hooks`.
        checks: Checks of yours, run beside those that are registered, in every node that is given the runtime; a graph
            among `extra_nodes` is none.

    Raises:
        InvalidRequest: A node takes no tools, a hook asks for what its node does not know, a check or a node is none, a
            node cannot be handed tools and checks, or an extra node has the name of one of ours.

    Returns:
        The builder; `.compile()` gives a graph to invoke with `{"brief": ...}` and
        `context=FilmContext(Studio(project))`.
    """
    builder: StateGraph[FilmState, FilmContext, FilmInput, FilmState] = StateGraph(
        FilmState, context_schema=FilmContext, input_schema=FilmInput
    )
    check_tools(tools or {})
    if checks:
        from reelgraph.video_tools.checks.base import as_checks

        checks = as_checks(checks)
    nodes = {"planner": planner, "producer": producer, "generator": generator, "editor": editor, "critic": critic}
    nodes["wrap"] = wrap
    if ours := sorted(nodes.keys() & (extra_nodes or {}).keys()):
        raise InvalidRequest(f"{ours[0]} is a node of ours: to replace it, give create_film_graph({ours[0]}=...)")
    for name, node in nodes.items():
        own = (tools or {}).get(name)
        if isinstance(node, Runnable) and (checks or own):
            raise InvalidRequest(
                f"{name} is a graph or another runnable, to which checks and tools cannot be handed: give a function "
                "of state and runtime that invokes it"
            )
        if own and not takes_runtime(node):
            raise InvalidRequest(
                f"{name} takes no `runtime`, in which its tools are handed over: add it to its arguments"
            )
    for name, node in {**nodes, **(extra_nodes or {})}.items():
        if not callable(node) and not isinstance(node, Runnable | dict):
            raise InvalidRequest(f"{name} cannot be {node!r}: give a function of state and runtime")
        builder.add_node(name, equipped(node, tools or {}, checks) if tools or checks else node)
    builder.add_edge(START, "planner")
    return builder


def equipped(node: Node, tools: Mapping[str, Sequence[BaseTool]], checks: "Sequence[Check]") -> Node:
    """Give a node a context that holds a host's tools and checks; whatever else it takes, it is given as it was."""
    if not takes_runtime(node):
        return node
    plain = isfunction(node) or ismethod(node) or isinstance(node, partial)
    called: Any = node
    call: Node = node if plain else called.__call__  # its own, whose signature is read

    def with_more(given: Mapping[str, Any]) -> dict[str, Any]:
        runtime: Runtime[FilmContext] = given["runtime"]
        context = context_of(runtime)
        studio = replace(context.studio, checks=[*context.studio.checks, *checks])
        more = replace(context, studio=studio, tools={**context.tools, **tools})
        return {**given, "runtime": runtime.override(context=more)}

    # LangGraph reads from the node's own signature what to hand it by name: its config, a store, a writer.
    if iscoroutinefunction(call):

        @wraps(call)
        async def later(state: Any, **given: Any) -> Any:
            return await call(state, **with_more(given))

        return later

    @wraps(call)
    def run(state: Any, **given: Any) -> Any:
        return call(state, **with_more(given))

    return run


def takes_runtime(node: Node) -> bool:
    """Say whether a node is given the runtime; a compiled graph or another runnable is not."""
    if isinstance(node, Runnable) or not callable(node):
        return False
    try:
        return "runtime" in signature(node).parameters
    except (TypeError, ValueError):  # it is written in C
        return False
