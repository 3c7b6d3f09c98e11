"""An editor that asks your music library: the hook finds a piece of the film's length, and lays it under the cut.

Needs: pip install reelgraph. By default it draws an animatic, and the library makes a plain chord: no key, no GPU, no
network.
For a model that plans: Studio(project, planner=init_chat_model("anthropic:claude-sonnet-4-5"))

    python examples/music_library.py [PROJECT-FOLDER]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from langchain_core.tools import tool

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.graphs.hooks import hook
from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.editing.media import write_wav
from reelgraph.video_tools.importing import import_footage, put
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

studio = Studio(Project.open(sys.argv[1] if len(sys.argv) > 1 else "film-project"))


@tool(response_format="content_and_artifact")
def music_library(title: str, seconds: float) -> tuple[str, dict]:
    """Find music of a length, bring it into the project, and lay it under the film."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chord.wav"
        at = np.arange(int(48000 * seconds)) / 48000
        chord = sum(0.08 * np.sin(2 * np.pi * pitch * at) for pitch in (220.0, 277.18, 329.63))
        write_wav(Sound(np.stack([chord, chord], axis=1).astype(np.float32), 48000), path)
        take = import_footage(studio, put(studio, path)).take
    frames = round(seconds * studio.project.settings.rate)
    piece = {"take": take.key, "start": 0, "frames": frames, "fade_in": 6, "fade_out": 12, "duck_db": -12}
    return f"a chord for {title!r}", {"edits": [{"op": "sounds", "sounds": [piece]}]}


graph = create_film_graph(tools={"editor": [hook(music_library)]}).compile()
graph.invoke({"brief": "Snow falls on a pine forest. A deer looks up.", "film": "deer"}, context=FilmContext(studio))
film = studio.project.film("deer")
print(f"{len(film.cut().sounds)} piece of music under {float(film.cut().frames / film.cut().rate):.1f} s")
print(film.deliver / "film.mp4")
