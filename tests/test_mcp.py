"""The MCP server, by the official client: in memory, on stdio with a noisy back end, and over HTTP on loopback."""

import base64
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError

from reelgraph.cli import main
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.jobs import Job, Jobs
from reelgraph.video_tools.mcp_server import FilmServer, http_app
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Rehearsal
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.toolkit import TOOLS, VideoToolkit

BRIEF = json.dumps({"shots": [{"prompt": f"{word} waves", "seconds": 1} for word in ("one", "two", "three")]})
JOBS = ["start", "job_status", "job_result", "cancel_job"]


def served(project: Project, backend: Rehearsal | None = None) -> FilmServer:
    return FilmServer(Studio(project, backend=backend or Rehearsal()))


async def test_tools_are_those_of_the_toolkit_with_pictures_progress_and_records(project: Project) -> None:
    heard: list[str] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    async with Client(served(project).server) as client:
        tools = (await client.list_tools()).tools
        assert [t.name for t in tools] == [*TOOLS, *JOBS]
        hints = {t.name: t.annotations.idempotent_hint for t in tools if t.annotations is not None}
        again = [name for name, idempotent in hints.items() if not idempotent]
        assert again == ["generate_take", "edit_cut", "revise_film"]
        planned = await client.call_tool("plan_storyboard", {"brief": BRIEF, "film": "three"})
        assert planned.structured_content is not None and planned.structured_content["film"] == "three"
        made = await client.call_tool("generate_take", {"shot": "s01-01"}, progress_callback=on_progress)
        assert [c.type for c in made.content] == ["text", "image"]
        assert base64.b64decode(made.content[1].data)[:3] == b"\xff\xd8\xff"
        assert "take.ready s01-01" in heard
        wrong = await client.call_tool("generate_take", {"shot": "s01-01", "seconds": "NaN"})
        assert wrong.is_error and wrong.content[0].text.startswith(
            "seconds cannot be 'NaN': it must be a number above 0"
        )
        unknown = await client.call_tool("fly", {})
        assert unknown.is_error and "there is no tool 'fly'" in unknown.content[0].text


async def test_films_and_contact_sheets_are_resources(project: Project) -> None:
    async with Client(served(project).server) as client:
        assert (await client.list_resources()).resources == []
        await client.call_tool("plan_storyboard", {"brief": BRIEF, "film": "three"})
        await client.call_tool("generate_take", {"shot": "all"})
        await client.call_tool("assemble_cut", {})
        uris = [str(r.uri) for r in (await client.list_resources()).resources]
        assert uris == ["reelgraph://films/three", "reelgraph://films/three/contact-sheet"]
        state = json.loads((await client.read_resource(uris[0])).contents[0].text)
        assert (state["film"], state["cut"], state["shots"]) == ("three", 1, 3)
        assert base64.b64decode((await client.read_resource(uris[1])).contents[0].blob)[:3] == b"\xff\xd8\xff"
        for wrong in ("reelgraph://films/../../etc/passwd", "reelgraph://films/four", "file:///etc/passwd"):
            with pytest.raises(MCPError):
                await client.read_resource(wrong)


async def test_job_survives_its_client_and_its_result_is_there_for_the_next(project: Project) -> None:
    go_on = threading.Event()
    backend = Rehearsal(on_call=lambda request: go_on.wait(20) and None)
    film_server = served(project, backend)
    async with Client(film_server.server) as client:
        await client.call_tool("plan_storyboard", {"brief": BRIEF})
        started = await client.call_tool("start", {"tool": "generate_take", "arguments": {"shot": "all"}})
        job = started.structured_content["id"]
        running = await client.call_tool("job_status", {"job": job})
        assert running.structured_content["state"] == "running"
    go_on.set()
    async with Client(film_server.server) as client:
        done = await client.call_tool("job_result", {"job": job, "seconds": 30})
        assert done.structured_content["state"] == "done"
        assert list(done.structured_content["record"]["made"]) == ["s01-01", "s01-02", "s01-03"]
        assert len(backend.requests) == 3
        missing = await client.call_tool("job_status", {"job": "../../x"})
        assert missing.is_error and "there is no job" in missing.content[0].text
        wrong = await client.call_tool("start", {"tool": "fly"})
        assert wrong.is_error and "there is no tool 'fly'" in wrong.content[0].text


async def test_cancelled_job_stops_at_its_next_step(project: Project) -> None:
    asked, go_on = threading.Semaphore(0), threading.Event()

    def held(request: Any) -> None:
        asked.release()
        go_on.wait(20)

    backend = Rehearsal(on_call=held)
    async with Client(served(project, backend).server) as client:
        await client.call_tool("plan_storyboard", {"brief": BRIEF})
        started = await client.call_tool("start", {"tool": "generate_take", "arguments": {"shot": "all"}})
        job = started.structured_content["id"]
        assert all(asked.acquire(timeout=20) for _ in range(3))
        await client.call_tool("cancel_job", {"job": job})
        go_on.set()
        ended = await client.call_tool("job_result", {"job": job, "seconds": 30})
        assert ended.structured_content["state"] == "cancelled" and list(project.ledger.takes()) == []


def test_job_that_a_dead_process_left_goes_on_in_the_next(project: Project) -> None:
    """The first process ends while the other takes are being made; the one that is there is not made again."""
    asked, go_on = threading.Semaphore(0), threading.Event()

    def held(request: Any) -> None:
        if "one" not in request.prompt.casefold():
            asked.release()
            assert go_on.wait(20)

    toolkit = VideoToolkit(Studio(project, backend=Rehearsal(on_call=held)))
    tools = {tool.name: tool for tool in toolkit.get_tools()}
    tools["plan_storyboard"].invoke({"brief": BRIEF})
    tools["generate_take"].invoke({"shot": "s01-01"})
    first = Jobs(toolkit, project.root)
    job = first.start("generate_take", {"shot": "all"})
    assert all(asked.acquire(timeout=20) for _ in range(2))
    closing = threading.Thread(target=first.close)
    closing.start()
    assert first._running[job.id][1].wait(20)
    go_on.set()
    closing.join(20)
    backend = Rehearsal()
    second = Jobs(VideoToolkit(Studio(project, backend=backend)), project.root)
    assert second.result(job.id, seconds=30).state == "done"
    assert len(backend.requests) == 2 and len(list(project.ledger.takes())) == 3
    second.close()


class EndsMeanwhile:
    """A gate that whoever comes first has to wait for, while the job ends."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self.end: Callable[[], None] | None = lambda: jobs._write(job.model_copy(update={"state": "done"}))

    def __enter__(self) -> None:
        if self.end:
            self.end()
            self.end = None

    def __exit__(self, *error: object) -> None:
        pass


def left_running(project: Project, jobs: Jobs) -> Job:
    """Leave a job as a process that died did."""
    job = Job(id="0123456789ab", tool="generate_take", arguments={"shot": "all"})
    jobs._write(job)
    return job


def test_job_that_ends_while_it_is_cancelled_keeps_its_result(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Jobs(VideoToolkit(Studio(project)), project.root)
    job = left_running(project, jobs)
    monkeypatch.setattr(jobs, "_gate", EndsMeanwhile(jobs, job))
    assert jobs.cancel(job.id).state == jobs.result(job.id).state == "done"


def test_job_that_nobody_runs_is_cancelled_and_never_run(project: Project) -> None:
    jobs = Jobs(VideoToolkit(Studio(project)), project.root)
    job = left_running(project, jobs)
    assert jobs.cancel(job.id).state == jobs.result(job.id, seconds=30).state == "cancelled"
    assert list(project.ledger.takes()) == []


def test_job_that_another_server_runs_is_not_cancelled_behind_its_back(project: Project) -> None:
    jobs = Jobs(VideoToolkit(Studio(project)), project.root)
    job = left_running(project, jobs)
    with FileLock(project.root / "jobs" / f".{job.id}.lock"):
        with pytest.raises(InvalidRequest, match="another server runs job 0123456789ab"):
            jobs.cancel(job.id)
        assert jobs.result(job.id, seconds=30) == job


def test_job_that_another_server_has_ended_is_not_done_twice(project: Project) -> None:
    backend = Rehearsal()
    jobs = Jobs(VideoToolkit(Studio(project, backend=backend)), project.root)
    job = left_running(project, jobs)
    jobs._write(job.model_copy(update={"state": "done"}))
    jobs._run(job.id, threading.Event())  # as read before it ended
    assert (jobs.result(job.id).state, backend.requests) == ("done", [])


def test_job_whose_tool_breaks_has_failed_and_says_how(project: Project) -> None:
    def breaks(request: Any) -> None:
        raise SystemExit("the driver ended")

    toolkit = VideoToolkit(Studio(project, backend=Rehearsal(on_call=breaks)))
    toolkit.get_tools()[0].invoke({"brief": BRIEF})
    jobs = Jobs(toolkit, project.root)
    ended = jobs.result(jobs.start("generate_take", {"shot": "all"}).id, seconds=30)
    assert (ended.state, ended.text) == ("failed", "SystemExit: the driver ended")


async def test_stdout_carries_protocol_alone_whatever_a_back_end_prints(tmp_path: Path) -> None:
    server = [sys.executable, str(Path(__file__).parent / "mcp_chatty.py"), str(tmp_path / "p")]
    log = tmp_path / "stdout.log"
    # Between client and server: what the server writes is also kept, byte for byte.
    tee = ["-c", 'log=$1; shift; exec "$@" | tee "$log"', "tee", str(log), *server]
    noise = tmp_path / "stderr.log"
    with noise.open("w") as errors:
        async with Client(stdio_client(StdioServerParameters(command="bash", args=tee), errlog=errors)) as client:
            await client.call_tool("plan_storyboard", {"brief": BRIEF})
            for shot in ("s01-01", "s01-02", "s01-03"):
                made = await client.call_tool("generate_take", {"shot": shot})
                assert not made.is_error, made.content
    lines = log.read_text().splitlines()
    assert len(lines) >= 5
    for line in lines:
        assert json.loads(line)["jsonrpc"] == "2.0"
    said = noise.read_text()
    assert said.count("loading weights") == 3 and said.count("child says hello") == 3 and said.count("a banner") == 3


# --- HTTP ------------------------------------------------------------------------------------------------------------


@contextmanager
def serving(app: Any) -> Iterator[str]:
    import uvicorn

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # a client that comes before the server is ready waits
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        finally:
            server.should_exit = True
            thread.join(20)


async def test_http_on_loopback_makes_a_take(project: Project) -> None:
    with serving(http_app(Studio(project, backend=Rehearsal()))) as url:
        async with Client(url) as client:
            await client.call_tool("plan_storyboard", {"brief": BRIEF})
            made = await client.call_tool("generate_take", {"shot": "s01-01"})
            assert not made.is_error and made.structured_content["take"]["frames"] == 8


@pytest.mark.parametrize("token", ["", "s3cret"])
async def test_http_server_that_ends_stops_its_jobs(
    project: Project, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    closed: list[Jobs] = []
    monkeypatch.setattr(Jobs, "close", lambda jobs: closed.append(jobs))
    app = http_app(Studio(project, backend=Rehearsal()), token=token)
    with serving(app) as url:
        assert httpx.get(url).status_code in (400, 401, 406)
        assert closed == []
    assert len(closed) == 1


INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}  # fmt: skip
ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example:80"}, 421),
        ({"origin": "http://evil.example"}, 403),
    ],
)
def test_http_refuses_other_hosts_and_origins(project: Project, headers: dict[str, str], status: int) -> None:
    with serving(http_app(Studio(project, backend=Rehearsal()))) as url:
        assert httpx.post(url, json=INITIALIZE, headers={**ACCEPT, **headers}).status_code == status


def test_http_with_a_token_lets_nobody_else_in(project: Project) -> None:
    app = http_app(Studio(project, backend=Rehearsal()), token="s3cret")
    with serving(app) as url:
        for given, status in (
            ({}, 401),
            ({"authorization": "Bearer wrong"}, 401),
            ({"authorization": "Bearer s3cret"}, 200),
        ):
            assert httpx.post(url, json=INITIALIZE, headers={**ACCEPT, **given}).status_code == status


@pytest.mark.parametrize("options", [{}, {"token": "s3cret"}, {"hosts": ["films.example"]}])
def test_open_address_needs_a_token_and_named_hosts(project: Project, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="can be reached from a network"):
        http_app(Studio(project), host="0.0.0.0", **options)


async def test_command_serves_the_project_on_stdio(tmp_path: Path) -> None:
    command = ["-m", "reelgraph.cli", "mcp", "-p", str(tmp_path / "p")]
    async with Client(stdio_client(StdioServerParameters(command=sys.executable, args=command))) as client:
        assert [t.name for t in (await client.list_tools()).tools] == [*TOOLS, *JOBS]
        planned = await client.call_tool("plan_storyboard", {"brief": BRIEF})
        assert "this project draws panels" in str((await client.list_tools()).tools[2].description)
        assert not planned.is_error and (tmp_path / "p" / "reelgraph.toml").exists()


def test_place_that_cannot_be_listened_at_is_refused_before_a_project_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["mcp", "--http", "-p", str(tmp_path / "p"), "--port"]
    for port in ("0", "99999"):
        assert main([*words, port]) == 2
        assert capsys.readouterr().err == f"reelgraph: port {port} cannot be: choose one from 1 to 65535\n"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main([*words, port]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"reelgraph: cannot listen at 127.0.0.1:{port}: ")
    assert said.endswith("; choose another with --port or --host\n") and not (tmp_path / "p").exists()


def test_served_address_is_said_once_it_is_listened_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def reached(server: Any, sockets: list[socket.socket]) -> None:
        said = capsys.readouterr().err
        assert said.endswith(f"\nserving {tmp_path / 'p'} at http://127.0.0.1:{port}/mcp\n")
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        raise KeyboardInterrupt

    monkeypatch.setattr(uvicorn.Server, "run", reached)
    assert main(["mcp", "--http", "--port", str(port), "-p", str(tmp_path / "p")]) == 130
