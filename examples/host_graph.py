"""The film graph as one node of a host's graph, with a person who approves the storyboard.

Needs: pip install reelgraph. By default it plans by rule and draws an animatic: no key, no GPU, no network; and the
person is this script, which says yes.
For a model that plans: Studio(project, planner=init_chat_model("anthropic:claude-sonnet-4-5"))

    python examples/host_graph.py [PROJECT-FOLDER]
"""

import sys

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command
from typing_extensions import TypedDict

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio


class Campaign(TypedDict, total=False):
    """The host's own state; what it shares with the film graph has the same names."""

    brief: str
    film: str
    approved: bool
    post: str


def write_brief(state: Campaign) -> Campaign:
    """A step of the host's before the film."""
    return {"brief": "A red kite climbs over the dunes. A child laughs and runs after it.", "film": "kite"}


def write_post(state: Campaign) -> Campaign:
    """A step of the host's after it."""
    return {"post": f"New film: {state['film']}{'' if state['approved'] else ' (a draft)'}"}


host = StateGraph(Campaign, context_schema=FilmContext)
host.add_node("write_brief", write_brief)
host.add_node("video", create_film_graph().compile())
host.add_node("write_post", write_post)
host.add_edge(START, "write_brief")
host.add_edge("write_brief", "video")
host.add_edge("video", "write_post")
graph = host.compile(checkpointer=InMemorySaver())

project = Project.open(sys.argv[1] if len(sys.argv) > 1 else "film-project")
context = FilmContext(Studio(project), approve=frozenset({"storyboard"}))
thread = {"configurable": {"thread_id": "campaign-1"}}

state = graph.invoke({}, thread, context=context)
while "__interrupt__" in state:
    asked = state["__interrupt__"][0].value
    for shot in asked["shown"]["shots"]:
        print(f"{shot['id']}  {shot['seconds']:.1f} s  {shot['prompt']}")
    print(f"approve the {asked['gate']}? yes")
    state = graph.invoke(Command(resume=True), thread, context=context)
print(state["post"])
print(project.film("kite").deliver / "film.mp4")
