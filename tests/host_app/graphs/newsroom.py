"""The host's own graph: a story is written, a film is made of it, and both are filed."""

from typing import Any

from langgraph.graph import START, StateGraph
from memory.archive import Archive
from typing_extensions import TypedDict

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph

ARCHIVE = Archive()


class Story(TypedDict, total=False):
    """The host's state."""

    headline: str
    brief: str
    film: str
    approved: bool
    filed: int


def write(state: Story) -> Story:
    """Turn a headline into a brief."""
    return {"brief": f"{state['headline']}. People look up at the sky.", "film": "story"}


def file(state: Story) -> Story:
    """Keep the story in the host's own memory."""
    return {"filed": ARCHIVE.add(state["headline"], state["film"])}


def newsroom() -> Any:
    """Build the host's graph."""
    graph = StateGraph(Story, context_schema=FilmContext)
    graph.add_node("write", write)
    graph.add_node("video", create_film_graph().compile())
    graph.add_node("file", file)
    graph.add_edge(START, "write")
    graph.add_edge("write", "video")
    graph.add_edge("video", "file")
    return graph.compile()
