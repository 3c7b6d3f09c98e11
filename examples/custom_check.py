"""A check of your own: no shot may begin dark, since this channel's player shows the first frame as a still.

Needs: pip install reelgraph. By default it plans by rule and draws an animatic: no key, no GPU, no network. Register
yours under the entry-point group `reelgraph.checks` to have it run in every film.
For a model that plans: Studio(project, planner=init_chat_model("anthropic:claude-sonnet-4-5"))

    python examples/custom_check.py [PROJECT-FOLDER]
"""

import sys
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.graph import create_film_graph
from reelgraph.video_tools.checks.base import Check
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio


@dataclass(frozen=True)
class BrightStart(Check):
    """Fails takes whose first frame is darker than `least`."""

    least: float = 30.0
    name: ClassVar[str] = "bright_start"

    def findings(self, subject):
        """Say what was measured: one finding, passed or failed."""
        if subject.kind != "take":
            return [self.not_applicable("it is about takes")]
        luma = float(subject.measures.histogram[0] @ np.arange(256))
        if luma >= self.least:
            return [self.passed(luma, self.least)]
        return [self.failed("it begins dark", luma, self.least, frames=(0, 0))]


project = Project.open(sys.argv[1] if len(sys.argv) > 1 else "film-project")
graph = create_film_graph(checks=[BrightStart()]).compile()
graph.invoke(
    {"brief": "Morning light falls into a kitchen. A cat stretches.", "film": "kitchen"},
    context=FilmContext(Studio(project)),
)
film = project.film("kitchen")
for shot, findings in film.review().findings.items():
    print(shot, *(f"{f.check} {f.outcome} {f.value}" for f in findings if f.check == "bright_start"))
print(film.deliver / "film.mp4")
