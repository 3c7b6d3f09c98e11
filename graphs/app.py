"""The compiled graph that `langgraph.json` names, for LangGraph Server, which brings its own checkpointer."""

from reelgraph.graphs.graph import create_film_graph

graph = create_film_graph().compile(name="reelgraph")
