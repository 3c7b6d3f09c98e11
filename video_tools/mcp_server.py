"""The toolkit over the Model Context Protocol: `reelgraph mcp`, on stdio or streamable HTTP.

Pictures go with results, progress with calls, films and their contact sheets are resources, and long work is started,
asked about and stopped by id (see `jobs.py`), so that it outlives a connection.
"""

import json
import secrets
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp_types as types
from langchain_core.messages import ToolMessage
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from reelgraph import __version__
from reelgraph.video_tools import cut_actions
from reelgraph.video_tools.desk import film_of
from reelgraph.video_tools.errors import InvalidRequest, ReelgraphError
from reelgraph.video_tools.jobs import Job, Jobs
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import VideoToolkit

TOKEN_VARIABLE = "REELGRAPH_MCP_TOKEN"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_READ_ONLY = ("estimate_cost", "inspect_take", "recall_shots", "list_film")
# A new seed buys another take, and a second trim trims more.
_MORE_EACH_TIME = ("generate_take", "edit_cut", "revise_film")
_JOB = {"type": "object", "properties": {"job": {"type": "string"}}, "required": ["job"]}
_JOB_TOOLS = {
    "start": (
        "Start one of the other tools in the background, for long work; returns a job id at once.",
        {
            "type": "object",
            "properties": {"tool": {"type": "string"}, "arguments": {"type": "object"}},
            "required": ["tool"],
        },
    ),
    "job_status": ("Say how far a job is.", _JOB),
    "job_result": (
        "Wait for a job, at most the given seconds, and return its result.",
        {**_JOB, "properties": {**_JOB["properties"], "seconds": {"type": "number", "minimum": 0, "maximum": 600}}},  # type: ignore[dict-item]
    ),
    "cancel_job": ("Stop a job at its next step; what was made stands.", _JOB),
}


class FilmServer:
    """Serves one project.

    Args:
        studio: Where films are made.
    """

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.toolkit = VideoToolkit(studio)
        self.jobs = Jobs(self.toolkit, studio.project.root)
        self.server: Server[Any] = Server(
            "reelgraph",
            version=__version__,
            instructions="In this order: plan_storyboard, generate_take, assemble_cut, review_cut, export_cut.",
            on_list_tools=self.list_tools,
            on_call_tool=self.call_tool,
            on_list_resources=self.list_resources,
            on_read_resource=self.read_resource,
        )

    # --- tools

    async def list_tools(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        """List the toolkit's tools, and those for long work."""
        tools = [
            types.Tool(
                name=tool.name,
                description=tool.description,
                input_schema=tool.tool_call_schema.model_json_schema(),  # type: ignore[union-attr]  # ours are models
                annotations=types.ToolAnnotations(
                    read_only_hint=tool.name in _READ_ONLY, idempotent_hint=tool.name not in _MORE_EACH_TIME
                ),
            )
            for tool in self.toolkit.get_tools()
        ]
        long = [
            types.Tool(name=name, description=said, input_schema=dict(schema))
            for name, (said, schema) in _JOB_TOOLS.items()
        ]
        return types.ListToolsResult(tools=[*tools, *long])

    async def call_tool(
        self, context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        """Call a tool in a thread of its own, reporting each event as progress."""
        arguments = dict(params.arguments or {})
        if params.name in _JOB_TOOLS:
            return await anyio.to_thread.run_sync(self._job_tool, params.name, arguments, abandon_on_cancel=True)
        stop = threading.Event()
        told = 0

        def tell(event: dict[str, Any]) -> None:
            nonlocal told
            told += 1
            words = " ".join(str(event[k]) for k in ("type", "shot", "step") if k in event)
            if not stop.is_set():
                anyio.from_thread.run(context.session.report_progress, float(told), None, words)

        def call() -> ToolMessage:
            tools = {tool.name: tool for tool in self.toolkit.heard_by(tell, stop.is_set).get_tools()}
            if params.name not in tools:
                said = f"there is no tool {params.name!r}: there are {', '.join([*tools, *_JOB_TOOLS])}"
                return ToolMessage(said, tool_call_id="mcp", status="error")
            asked = {"type": "tool_call", "id": "mcp", "name": params.name, "args": arguments}
            message: ToolMessage = tools[params.name].invoke(asked)
            return message

        try:
            return _result(await anyio.to_thread.run_sync(call, abandon_on_cancel=True))
        except anyio.get_cancelled_exc_class():
            stop.set()  # the client gave up: the back end stops at its next step, and what was made stands
            raise

    def _job_tool(self, name: str, given: dict[str, Any]) -> types.CallToolResult:
        try:
            if name == "start":
                arguments = given.get("arguments") or {}
                if not isinstance(arguments, dict):
                    raise InvalidRequest("arguments cannot be that: it must be an object of the tool's arguments")
                job = self.jobs.start(str(given.get("tool", "")), arguments)
            elif name == "job_status":
                job = self.jobs.status(str(given.get("job", "")))
            elif name == "cancel_job":
                job = self.jobs.cancel(str(given.get("job", "")))
            else:
                job = self.jobs.result(str(given.get("job", "")), _seconds(given.get("seconds", 60)))
        except ReelgraphError as error:
            return types.CallToolResult(content=[types.TextContent(text=str(error))], is_error=True)
        return types.CallToolResult(
            content=[types.TextContent(text=_said(job))],
            structured_content=job.model_dump(mode="json"),
            is_error=job.state == "failed",
        )

    # --- resources

    async def list_resources(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """List each film's state, and its contact sheet where it is cut."""
        found = []
        for film in self.studio.project.films():
            found.append(
                types.Resource(name=film.name, uri=f"reelgraph://films/{film.name}", mime_type="application/json")
            )
            if film.cut() is not None:
                uri = f"reelgraph://films/{film.name}/contact-sheet"
                found.append(types.Resource(name=f"{film.name} contact sheet", uri=uri, mime_type="image/jpeg"))
        return types.ListResourcesResult(resources=found)

    async def read_resource(
        self, context: ServerRequestContext[Any], params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Read a film's state or contact sheet."""
        uri = str(params.uri)
        parts = uri.removeprefix("reelgraph://films/").split("/")
        if uri.startswith("reelgraph://films/") and parts[1:] in ([], ["contact-sheet"]):
            try:
                read = self._state if len(parts) == 1 else self._sheet
                return types.ReadResourceResult(contents=[await anyio.to_thread.run_sync(read, uri, parts[0])])
            except ReelgraphError as error:
                raise MCPError(types.INVALID_PARAMS, str(error)) from error
        raise MCPError(types.INVALID_PARAMS, f"no resource {uri!r}: list the resources to see those there are")

    def _state(self, uri: str, film: str) -> types.TextResourceContents:
        answer = cut_actions.list_film(self.studio, film=film_of(self.studio, film).name)
        return types.TextResourceContents(uri=uri, mime_type="application/json", text=json.dumps(answer.record))

    def _sheet(self, uri: str, film: str) -> types.BlobResourceContents:
        import base64

        picture = cut_actions.sheet_of(self.studio, film_of(self.studio, film))
        return types.BlobResourceContents(uri=uri, mime_type="image/jpeg", blob=base64.b64encode(picture).decode())


# --- serving ---------------------------------------------------------------------------------------------------------


async def serve_stdio(studio: Studio) -> None:
    """Serve on stdin and stdout; whatever else writes to stdout, a child process included, goes to stderr."""
    from mcp.server.stdio import stdio_server

    # The transport first: from here on, file descriptor 1 is stderr for everybody but the protocol.
    async with stdio_server() as (read, write):
        served = FilmServer(studio)
        try:
            await served.server.run(read, write, served.server.create_initialization_options())
        finally:
            await anyio.to_thread.run_sync(served.jobs.close)


def http_app(studio: Studio, *, host: str = "127.0.0.1", hosts: Sequence[str] = (), token: str = "") -> Any:
    """Make the ASGI app that serves streamable HTTP at `/mcp`.

    Args:
        studio: Where films are made.
        host: The address it will be bound to.
        hosts: Names under which clients may address it, beside loopback's: what `Host` may say.
        token: What clients must send as a bearer token.

    Raises:
        InvalidRequest: It would be open to a network without a token or without named hosts.
    """
    if host not in LOOPBACK and not (token and hosts):
        raise InvalidRequest(
            f"{host} can be reached from a network: set {TOKEN_VARIABLE} to a secret, and name hosts with --allow-host"
        )
    from mcp.server.transport_security import TransportSecuritySettings

    loopback = ["127.0.0.1", "localhost", "[::1]"]
    names = [f"{name}:*" for name in [*loopback, *hosts]] + list(hosts)
    security = TransportSecuritySettings(
        allowed_hosts=names, allowed_origins=[f"{scheme}://{name}" for name in names for scheme in ("http", "https")]
    )
    served = FilmServer(studio)
    app = served.server.streamable_http_app(host=host, transport_security=security)
    serving = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        async with serving(app) as state:
            try:
                yield state
            finally:
                await anyio.to_thread.run_sync(served.jobs.close)

    app.router.lifespan_context = lifespan
    return _Guarded(app, token) if token else app


class _Guarded:
    """Lets only requests with the bearer token through."""

    def __init__(self, app: Any, token: str) -> None:
        self.app, self.wanted = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not secrets.compare_digest(given, self.wanted):
                headers = [(b"content-type", b"text/plain"), (b"www-authenticate", b"Bearer")]
                await send({"type": "http.response.start", "status": 401, "headers": headers})
                await send({"type": "http.response.body", "body": b"a bearer token is needed"})
                return
        await self.app(scope, receive, send)


# --- results ---------------------------------------------------------------------------------------------------------


def _result(message: ToolMessage) -> types.CallToolResult:
    blocks = [message.content] if isinstance(message.content, str) else message.content
    content: list[Any] = []
    for block in blocks:
        if isinstance(block, dict) and block.get("type") == "image":
            content.append(types.ImageContent(data=block["base64"], mime_type=block["mime_type"]))
        else:
            content.append(types.TextContent(text=block if isinstance(block, str) else block["text"]))
    return types.CallToolResult(
        content=content, structured_content=message.artifact, is_error=message.status == "error"
    )


def _said(job: Job) -> str:
    if job.state == "running":
        return f"job {job.id}: {job.tool} is running, {job.events} events so far{job.last and ', last ' + job.last}"
    return job.text if job.state != "cancelled" else f"job {job.id} was cancelled; what was made stands"


def _seconds(given: Any) -> float:
    try:
        value = float(given)
    except (TypeError, ValueError):
        value = -1.0
    if not 0 <= value <= 600:
        raise InvalidRequest(f"seconds cannot be {given!r}: it must be a number at least 0 and at most 600")
    return value
