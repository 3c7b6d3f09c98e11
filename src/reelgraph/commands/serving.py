"""Commands that serve a project to other programs."""

import argparse
import os
import socket
import sys
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
    if not options.http:
        import anyio

        anyio.run(mcp_server.serve_stdio, open_studio(options, create=True, now=["planner", "judge"]))
        return 0, {}
    import uvicorn

    token = os.environ.get(mcp_server.TOKEN_VARIABLE, "")
    with _listening(options.host, options.port) as listener:
        studio = open_studio(options, create=True, now=["planner", "judge"])
        app = mcp_server.http_app(studio, host=options.host, hosts=options.allow_host, token=token)
        if not options.quiet:
            host = f"[{options.host}]" if ":" in options.host else options.host
            print(f"serving {studio.project.root} at http://{host}:{options.port}/mcp", file=sys.stderr, flush=True)
        # Then what clients still wait for is cancelled, and jobs are stopped to be gone on with.
        uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5)).run([listener])
    return 0, {}


def _listening(host: str, port: int) -> socket.socket:
    """Listen at an address before anything else is opened, since uvicorn would exit on one that is taken.

    Raises:
        InvalidRequest: It is no address of this machine, or somebody listens there.
    """
    if not 1 <= port <= 65535:  # a larger one would wrap around
        raise InvalidRequest(f"port {port} cannot be: choose one from 1 to 65535")
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = error.strerror or str(error)
        raise InvalidRequest(f"cannot listen at {host}:{port}: {why}; choose another with --port or --host") from error
