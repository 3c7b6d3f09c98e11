"""The node passes the kit, and marks what it should."""

import json

from lawyer import NODES

from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.testing import NodeConformance

LINES = ["This tea cures everything.", "It is warm."]


class TestLawyer(NodeConformance):
    """The kit, on a film with a claim in it."""

    options = NODES
    brief = json.dumps({"shots": [{"prompt": "waves", "seconds": 2, "lines": [{"text": text}]} for text in LINES]})

    def test_marks_the_claim_alone(self, studio: Studio) -> None:
        """One title, over the shot in which the claim is said."""
        self.run(studio)
        cut = studio.project.film("f").cut()
        assert cut is not None
        assert [(t.text, t.start, t.frames) for t in cut.titles] == [("proof needed", 0, cut.clips[0].frames)]
