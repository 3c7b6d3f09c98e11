"""A back end of your own: anything that turns requests into frames. This one draws a sky that turns with the seed.

Needs: pip install reelgraph. By default everything is drawn here: no key, no GPU, no network. Test yours with
`reelgraph.video_tools.testing.BackendConformance`, and register it under the entry-point group `reelgraph.backends`.
For a real model, call it in `generate` in place of `sky`.

    python examples/custom_backend.py [PROJECT-FOLDER]
"""

import sys

import numpy as np

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.video_tools.backends.base import Capabilities, Made, Progress
from reelgraph.video_tools.film import Spend
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio


class Sky:
    """Draws clouds that drift."""

    name = "sky"

    def __init__(self, settings=None):
        self.settings = settings or {}

    def capabilities(self):
        """Any size, length and rate, by seed."""
        return Capabilities()

    def fingerprint(self):
        """Changes when the drawing does, so that old takes stay what they are."""
        return "sky-1"

    def price(self, request):
        """What a request costs at most."""
        return Spend(calls=1, generation_seconds=0.01 * request.frames)

    def generate(self, calls, on_event):
        """Make each request, and yield it as it becomes ready."""
        for call in calls:
            frames = sky(call.request)
            on_event(Progress(call.attempt, 1, 1))
            yield Made(call, rate=call.request.rate, frames=frames, spent=self.price(call.request))


def sky(request):
    """Draw `(frames, height, width, 3) uint8 RGB`."""
    random = np.random.default_rng(request.seed)
    y, x = np.mgrid[0 : request.height, 0 : request.width] / request.height
    waves = random.uniform(4, 14, (6, 2))
    phases = random.uniform(0, 6.28, 6)
    frames = np.empty((request.frames, request.height, request.width, 3), np.uint8)
    for i in range(request.frames):
        at = x + 0.4 * i / float(request.rate)
        cloud = sum(np.sin(a * at + b * y + p) for (a, b), p in zip(waves, phases, strict=True)) / 6
        cloud = np.clip(cloud * 2 - y + 0.6, 0, 1)[..., None]
        frames[i] = (1 - cloud) * [70, 120, 190] + cloud * [235, 235, 240]
    return frames


project = Project.open(sys.argv[1] if len(sys.argv) > 1 else "film-project")
storyboard = "shots: [{prompt: clouds over the sea, seconds: 2}, {prompt: clouds over the land, seconds: 2}]"
create_film_graph().compile().invoke(
    {"brief": storyboard, "film": "sky"}, context=FilmContext(Studio(project, backend=Sky()))
)
print(project.film("sky").deliver / "film.mp4")
