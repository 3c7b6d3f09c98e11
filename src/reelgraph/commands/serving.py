"""Commands that serve a project to other programs."""

import argparse
import os
from typing import Any

from reelgraph.commands.opening import open_studio
from reelgraph.video_tools.errors import InvalidRequest

Outcome = tuple[int, dict[str, Any]]


def mcp(options: argparse.Namespace) -> Outcome:
    """Serve the tools over the Model Context Protocol, until the client leaves or Ctrl-C."""
    try:
        from reelgraph.video_tools import mcp_server
    except ModuleNotFoundError as error:
        raise InvalidRequest(f"serving needs the package {error.name!r}: pip install 'reelgraph[mcp]'") from error
    studio = open_studio(options, create=True, now=["planner", "judge"])
    if not options.http:
        import anyio

        anyio.run(mcp_server.serve_stdio, studio)
        return 0, {}
    import uvicorn

    token = os.environ.get(mcp_server.TOKEN_VARIABLE, "")
    app = mcp_server.http_app(studio, host=options.host, hosts=options.allow_host, token=token)
    # Then what clients still wait for is cancelled, and jobs are stopped to be gone on with.
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning", timeout_graceful_shutdown=5)
    return 0, {}
