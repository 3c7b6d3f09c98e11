"""An ad from a product page's text: the planner asks your catalogue how the product looks, and every shot shows it so.

Needs: pip install reelgraph. By default it plans by rule and draws an animatic: no key, no GPU, no network.
For a model that plans: Studio(project, planner=init_chat_model("anthropic:claude-sonnet-4-5"))

    python examples/product_ad.py [PROJECT-FOLDER]
"""

import sys

from langchain_core.tools import tool

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.graphs.hooks import hook
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

PAGE = """\
The Kettle stands on a stove in the morning light.
The Kettle pours tea into a cup.
A grandmother smiles over her cup.
"""
CATALOGUE = {
    "kettle": {
        "id": "kettle",
        "name": "Kettle",
        "kind": "object",
        "description": "a copper kettle with a long spout and a black handle",
        "palette": ["#b5651d", "#1c1c1c"],
    }
}


@tool(response_format="content_and_artifact")
def catalogue(brief: str) -> tuple[str, dict]:
    """Look up how the products of a brief look."""
    found = [entry for name, entry in CATALOGUE.items() if name in brief.lower()]
    return f"{len(found)} products", {"bible": {"characters": found}}


# A hook is called by rule, by the name of its argument; a tool without `hook` is for the planner's model to call.
graph = create_film_graph(tools={"planner": [hook(catalogue)]}).compile()
project = Project.open(sys.argv[1] if len(sys.argv) > 1 else "film-project")
graph.invoke({"brief": PAGE, "film": "kettle-ad"}, context=FilmContext(Studio(project)))
for character in project.film("kettle-ad").storyboard().bible.characters:
    print(f"{character.name}: {character.description}")
print(project.film("kettle-ad").deliver / "film.mp4")
