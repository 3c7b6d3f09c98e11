"""The planner passes the kit, and a changed line makes its own shot alone."""

from litany import planner

from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.testing import NodeConformance


class TestLitany(NodeConformance):
    """The kit, on a brief of two lines."""

    options = {"planner": planner}
    brief = "waves at dawn\nwaves at night"

    def test_changed_line_alone_is_made_anew(self, studio: Studio) -> None:
        """What stands is asked for as it was, and has its take."""
        self.run(studio)
        self.brief = "waves at dawn\nwaves in a storm"
        self.run(studio)
        assert isinstance(studio.backend, Rehearsal)
        prompts = [request.prompt.partition(".")[0] for request in studio.backend.requests]
        assert sorted(prompts) == ["Waves at dawn", "Waves at night", "Waves in a storm"]
        assert [board.number for board in studio.project.film("f").storyboards()] == [1, 2]
