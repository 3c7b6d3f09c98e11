"""The film graph: planner -> generator (one `Send` a wave) -> editor -> critic -> again, or wrap."""

from collections.abc import Callable, Mapping
from typing import Any

from langgraph.graph import START, StateGraph

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.critic import critic as default_critic
from reelgraph.graphs.editor import editor as default_editor
from reelgraph.graphs.generator import generator as default_generator
from reelgraph.graphs.planner import planner as default_planner
from reelgraph.graphs.state import FilmInput, FilmState
from reelgraph.graphs.wrap import wrap as default_wrap

Node = Callable[..., Any]


def create_film_graph(
    *,
    planner: Node = default_planner,
    generator: Node = default_generator,
    editor: Node = default_editor,
    critic: Node = default_critic,
    wrap: Node = default_wrap,
    extra_nodes: Mapping[str, Node] | None = None,
) -> "StateGraph[FilmState, FilmContext, FilmInput, FilmState]":
    """Build the film graph, uncompiled, so that a host adds its checkpointer, nodes and edges.

    Nodes are functions of state and runtime that say where they go by the `Command` they return; one replaces ours by
    its name. `extra_nodes` are added under theirs: route to them from a node of yours.

    Returns:
        The builder; `.compile()` gives a graph to invoke with `{"brief": ...}` and
        `context=FilmContext(Studio(project))`.
    """
    builder: StateGraph[FilmState, FilmContext, FilmInput, FilmState] = StateGraph(
        FilmState, context_schema=FilmContext, input_schema=FilmInput
    )
    builder.add_node("planner", planner)
    builder.add_node("generator", generator)
    builder.add_node("editor", editor)
    builder.add_node("critic", critic)
    builder.add_node("wrap", wrap)
    for name, node in (extra_nodes or {}).items():
        builder.add_node(name, node)
    builder.add_edge(START, "planner")
    return builder
