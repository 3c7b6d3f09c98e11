"""Revise a film by talking: only what is asked for is shot again, and every version stays.

Needs: pip install reelgraph langchain. By default the model is a script and the film an animatic, so that this runs
with no key, no GPU and no network.
For a real model, replace the line marked (1) by: model = init_chat_model("anthropic:claude-sonnet-4-5")

    python examples/revise_by_talking.py [PROJECT-FOLDER]
"""

import sys

from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.scripted import ScriptedModel, calls
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit

BRIEF = "A dog waits at a gate. A girl comes home. They run into the garden."
studio = Studio(Project.open(sys.argv[1] if len(sys.argv) > 1 else "film-project"))
first = run_film(FilmContext(studio), BRIEF, film="home")

model = ScriptedModel(  # (1)
    [
        calls(("list_film", {"film": "home"})),  # it says which shots there are
        calls(
            ("generate_take", {"shot": "s01-02", "prompt": "A girl in a red coat comes home in the rain"}),
            ("generate_take", {"shot": "s02-01", "prompt": "The girl in the red coat and the dog run into the garden"}),
        ),
        calls(("assemble_cut", {"film": "home"})),
        "The girl wears a red coat in both of her shots now, and it rains as she comes home.",
        calls(("edit_cut", {"film": "home", "edits": [{"op": "speed", "clip": "s02-01", "speed": "1/2"}]})),
        "The last shot is in slow motion.",
    ]
)
agent = create_agent(model, VideoToolkit(studio).get_tools(), checkpointer=InMemorySaver())
thread = {"configurable": {"thread_id": "1"}}
for words in ("Give the girl a red coat, and let it rain.", "Lovely. The last shot in slow motion, please."):
    state = agent.invoke({"messages": [("user", words)]}, thread)
    for message in state["messages"]:
        if message.type == "tool" and message.status == "error":
            print(f"{message.name} refused: {message.text}", file=sys.stderr)
    print(f"> {words}\n{state['messages'][-1].text}")
film, takes = studio.project.film("home"), first["takes"]["generated"]
made = sum(take.film == film.name for take in studio.project.ledger.takes())
print(f"{len(film.cuts())} versions; the first needed {takes} takes, all after it {made - takes}")
print(film.deliver / "film.mp4")
