"""A ReAct agent that makes a film with reelgraph's tools.

Needs: pip install reelgraph langchain. By default the model is a script and the film an animatic, so that this runs
with no key, no GPU and no network.
For a real model, replace the line marked (1) by: model = init_chat_model("anthropic:claude-sonnet-4-5")
For footage, set `backend` in the project's reelgraph.toml.

    python examples/react_agent.py [PROJECT-FOLDER]
"""

import sys

from langchain.agents import create_agent

from reelgraph.video_tools.scripted import ScriptedModel, calls
from reelgraph.video_tools.toolkit import VideoToolkit

folder = sys.argv[1] if len(sys.argv) > 1 else "film-project"

model = ScriptedModel(  # (1)
    [
        calls(("plan_storyboard", {"brief": "A paper boat sails down a gutter in the rain. It goes over the edge."})),
        calls(("generate_take", {"shot": "all"})),
        calls(("assemble_cut", {})),
        calls(("review_cut", {})),
        calls(("export_cut", {"name": "boat"})),
        "Your film is ready.",
    ]
)
agent = create_agent(
    model, VideoToolkit(folder).get_tools(), system_prompt="You make films. Look at every take before you cut."
)
state = agent.invoke({"messages": [("user", "Make a short film about a paper boat in the rain.")]})
for message in state["messages"]:
    print(f"{message.type}: {message.text or [call['name'] for call in message.tool_calls]}")
print(f"{folder}/exports/boat/film.mp4")
