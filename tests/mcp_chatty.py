"""An MCP server on stdio whose back end prints, draws a progress bar, and starts a child that writes to stdout."""

import subprocess
import sys
from collections.abc import Iterator, Sequence

import anyio

from reelgraph.video_tools.backends.base import Call, Failed, Made, OnEvent
from reelgraph.video_tools.mcp_server import serve_stdio
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio


class Chatty(Rehearsal):
    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        print("loading weights")
        sys.stdout.write("\x1b[2K\r 50%|█████     |")
        sys.__stdout__.write("a banner\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]
        subprocess.run(["echo", "child says hello"], check=True)
        yield from super().generate(calls, on_event)


if __name__ == "__main__":
    project = Project.open(sys.argv[1], size=(128, 72), rate="8")
    anyio.run(serve_stdio, Studio(project, backend=Chatty()))
