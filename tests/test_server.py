"""LangGraph Server: the configuration is valid, and a run over HTTP makes a film, approvals included.

`langgraph-cli[inmem]` pins libraries against ours, so it lives in an environment of its own: `make server` makes
`.venv-server`. Where there is none, these tests say so and are skipped.
"""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from reelgraph.video_tools.editing.media import probe
from reelgraph.video_tools.project import Project

ROOT = Path(__file__).parent.parent
OWN = ROOT / ".venv-server" / "bin" / "langgraph"
COMMAND = str(OWN) if OWN.exists() else shutil.which("langgraph")
pytestmark = pytest.mark.skipif(COMMAND is None, reason="no langgraph command: `make server` installs it")
BRIEF = "shots: [{prompt: a red ball rolls over the dunes, seconds: 1}, {prompt: a kite, seconds: 1}]"


def test_configuration_is_valid() -> None:
    assert COMMAND is not None
    out = subprocess.run([COMMAND, "validate", "--config", "langgraph.json"], cwd=ROOT, capture_output=True, text=True)
    assert out.returncode == 0, out.stdout + out.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """`langgraph dev` on loopback, with a project that its owner set."""
    assert COMMAND is not None
    project = tmp_path_factory.mktemp("served") / "project"
    settings = Project.open(project).root / "reelgraph.toml"
    settings.write_text(settings.read_text().replace("[512, 288]", "[128, 72]").replace('"24/1"', '"8"'))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    work = tmp_path_factory.mktemp("server")
    shutil.copy(ROOT / "langgraph.json", work)
    configuration = (work / "langgraph.json").read_text().replace('"."', f'"{ROOT}"')
    (work / "langgraph.json").write_text(configuration)
    process = subprocess.Popen(
        [COMMAND, "dev", "--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", str(port)],
        cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "REELGRAPH_PROJECT": str(project), "LANGGRAPH_CLI_NO_ANALYTICS": "1", "NO_COLOR": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if "Application started up" in line or "Server started" in line:
            break
    else:
        raise AssertionError("the server did not start:\n" + "".join(said)[-3000:])
    drain = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    drain.start()
    try:
        yield f"http://127.0.0.1:{port}", project
    finally:
        process.terminate()
        process.wait(20)


def post(url: str, body: dict[str, Any]) -> Any:
    answer = httpx.post(url, json=body, timeout=120)
    assert answer.status_code < 300, answer.text[:2000]
    return answer.json()


def test_run_over_http_makes_a_film(server: tuple[str, Path]) -> None:
    url, project = server
    state = post(f"{url}/runs/wait", {"assistant_id": "reelgraph", "input": {"brief": BRIEF, "film": "ball"}})
    assert state["film"] == "ball" and state["generated"] == 2, state
    assert probe(project / "films/ball/deliver/film.mp4").frames == 16


def test_approval_over_http_waits_and_goes_on(server: tuple[str, Path]) -> None:
    url, project = server
    thread = post(f"{url}/threads", {})["thread_id"]
    run = {"assistant_id": "reelgraph", "context": {"approve": ["storyboard"]}}
    given = {"brief": BRIEF, "film": "gate"}
    state = post(f"{url}/threads/{thread}/runs/wait", {**run, "input": given})
    assert state["__interrupt__"][0]["value"]["gate"] == "storyboard", state
    assert not (project / "films/gate/cuts").exists()
    state = post(f"{url}/threads/{thread}/runs/wait", {**run, "command": {"resume": True}})
    assert state["film"] == "gate" and (project / "films/gate/deliver/film.mp4").exists()


def test_client_cannot_name_a_folder(server: tuple[str, Path]) -> None:
    url, project = server
    for context in ({"paths": True}, {"studio": "/etc"}):
        body = {"assistant_id": "reelgraph", "input": {"brief": "/etc/hostname", "film": "x"}, "context": context}
        answer = post(f"{url}/runs/wait", body)
        assert answer["__error__"]["error"] == "InvalidRequest", (
            answer
        )  # a server tells its clients no more than the kind
        assert not (project / "films/x").exists()
