"""A strict videos-v1 server on loopback: it encodes what is asked, counts jobs, and misbehaves on request."""

import email
import email.policy
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, TypeVar

from reelgraph.video_tools.editing.media import encode_picture
from reelgraph.video_tools.film import TakeRequest
from reelgraph.video_tools.rehearsal import draw


class Served(Protocol):
    """What is served."""

    url: str


S = TypeVar("S", bound=Served)

FIELDS = {
    "prompt", "model", "seconds", "size", "num_frames", "fps", "seed", "negative_prompt", "guidance_scale",
    "num_inference_steps", "user", "input_reference",
}  # fmt: skip


@dataclass
class Faults:
    """What goes wrong; counts are of times, and go down."""

    busy: int = 0  # 503 before acceptance
    retry_after: str = "0"
    drop_reply: int = 0  # accept, then close the connection unanswered
    unknown: int = 0  # 404 for a job just accepted
    broken: int = 0  # 500 with HTML when looked up
    truncate: int = 0  # half the file
    html: int = 0  # an error page as 200 in place of the file
    fail: str = ""  # the job fails, saying this
    fail_status: int = 200  # with which status a failed job is shown
    frames: int = 0  # more frames than asked
    wider: int = 0  # more pixels across than asked
    progress: tuple[int, ...] = ()  # told in this order
    redirect: str = ""  # answer everything with a redirect to here
    create_status: int = 0  # answer creation with this
    why: str = "no such luck"  # what it says then
    keep: bool = False  # refuse to drop a job
    huge: bool = False  # send a file without end
    odd: list[Any] = field(default_factory=list)  # said in turn when a job is looked up: a body, or what differs in it
    poll_after: str = ""  # how many milliseconds to wait for the next look


@dataclass
class Job:
    form: dict[str, str]
    picture: bytes
    looks: int = 0
    done: bool = False


@dataclass
class VideosServer:
    """The server's state.

    Attributes:
        looks: How often a job is looked at before it is done.
        accepted: Forms of the jobs accepted, ever.
        requests: (method, path, headers) of all requests.
    """

    folder: Path
    looks: int = 3
    key: str = ""
    repeats_user: bool = False
    named: str | None = None  # what jobs are called when they are accepted, in place of their ids
    faults: Faults = field(default_factory=Faults)
    jobs: dict[str, Job] = field(default_factory=dict)
    accepted: list[dict[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)

    def restart(self) -> None:
        """Forget all jobs, as a server that keeps them in memory does."""
        self.jobs.clear()

    def take(self, fault: str) -> bool:
        with self.lock:
            left = getattr(self.faults, fault)
            setattr(self.faults, fault, max(0, left - 1))
        return left > 0

    def body(self, id: str) -> dict[str, Any]:
        job = self.jobs[id]
        told = self.faults.progress or tuple(100 * i // self.looks for i in range(self.looks))
        status = "failed" if self.faults.fail else "completed" if job.done else "in_progress"
        body: dict[str, Any] = {
            "id": id, "object": "video", "status": status, "created_at": 0, "model": job.form.get("model", ""),
            "progress": 100 if status == "completed" else told[min(job.looks, len(told)) - 1] if job.looks else 0,
            "prompt": job.form["prompt"], "size": job.form["size"], "seconds": job.form["seconds"],
            "error": {"code": "generation_failed", "message": self.faults.fail} if self.faults.fail else None,
        }  # fmt: skip
        return body | ({"user": job.form.get("user")} if self.repeats_user else {})

    def film(self, id: str) -> bytes:
        """Encode a job's video: a rehearsal that the prompt, the seed and the picture decide."""
        job = self.jobs[id]
        width, height = map(int, job.form["size"].split("x"))
        asked = TakeRequest(
            backend="server", prompt=job.form["prompt"], width=width + self.faults.wider, height=height,
            frames=int(job.form["num_frames"]) + self.faults.frames, rate=Fraction(int(job.form["fps"])),
            seed=int(job.form.get("seed", "0")) + sum(job.picture),
        )  # fmt: skip
        return film_of(asked, self.folder / f"{id}.mp4")


def film_of(asked: TakeRequest, path: Path) -> bytes:
    """Encode a rehearsal of a request."""
    encode_picture(draw(asked), path, rate=asked.rate)
    return path.read_bytes()


def read_form(body: bytes, content_type: str) -> tuple[dict[str, str], bytes]:
    """Read a multipart form, refusing what the dialect does not have."""
    message = email.message_from_bytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
    )
    form, picture = {}, b""
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        assert name in FIELDS and name not in form, f"unknown or repeated field {name}"
        if name == "input_reference":
            picture = part.get_payload(decode=True)
            assert picture.startswith(b"\x89PNG")
        else:
            form[name] = part.get_payload(decode=True).decode()
    assert form["prompt"] and form["seconds"].isdigit() and int(form["seconds"]) >= 1
    return form, picture


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: VideosServer

    def log_message(self, *args: object) -> None:
        pass

    def answer(self, status: int, body: Any, **headers: str) -> None:
        html = isinstance(body, str)
        data = body.encode() if html else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if html else "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with suppress(OSError):  # a client need not hear all of it
            self.wfile.write(data)

    def admitted(self) -> bytes | None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = self.state
        server.requests.append((self.command, self.path, dict(self.headers)))
        if server.faults.redirect:
            self.answer(307, {}, Location=server.faults.redirect + self.path)
            return None
        if server.key and self.headers.get("Authorization") != f"Bearer {server.key}":
            self.answer(401, {"error": {"message": "no such key"}})
            return None
        return body

    def do_POST(self) -> None:
        body, server = self.admitted(), self.state
        if body is None:
            return
        if self.path != "/v1/videos":
            return self.answer(404, {"detail": "Not Found"})
        if server.take("busy"):
            return self.answer(503, {"error": {"message": "queue is full"}}, Retry_After=server.faults.retry_after)
        if server.faults.create_status:
            return self.answer(server.faults.create_status, {"detail": server.faults.why})
        try:
            form, picture = read_form(body, self.headers["Content-Type"])
        except (AssertionError, KeyError) as error:
            return self.answer(422, {"detail": str(error)})
        with server.lock:
            id = f"video_{next(server.numbers)}"
            server.jobs[id] = Job(form, picture)
            server.accepted.append(form)
        if server.take("drop_reply"):
            self.close_connection = True
            self.connection.close()
            return None
        named = {} if server.named is None else {"id": server.named}
        return self.answer(200, server.body(id) | named)

    def do_GET(self) -> None:
        if self.admitted() is None:
            return None
        server, path = self.state, self.path.partition("?")[0]
        if path == "/v1/videos":
            return self.answer(200, {"object": "list", "data": [server.body(id) for id in server.jobs]})
        id, _, content = path.removeprefix("/v1/videos/").partition("/")
        if id not in server.jobs or server.take("unknown"):
            return self.answer(404, {"error": {"message": f"no video {id}"}})
        job = server.jobs[id]
        if content:
            return self.send_file(id)
        if server.take("broken"):
            return self.answer(500, "<html>oops</html>")
        if server.faults.odd:
            said = server.faults.odd.pop(0)
            return self.answer(200, server.body(id) | said if isinstance(said, dict) else said)
        job.looks += 1
        job.done = job.looks >= server.looks
        wait = {"openai_poll_after_ms": server.faults.poll_after} if server.faults.poll_after else {}
        return self.answer(server.faults.fail_status if server.faults.fail else 200, server.body(id), **wait)

    def send_file(self, id: str) -> None:
        server = self.state
        if not server.jobs[id].done:
            return self.answer(404, {"error": {"message": "not ready"}})
        if server.take("html"):
            return self.answer(200, "<html>sign in</html>")
        data = server.film(id)
        if server.take("truncate"):
            data = data[: len(data) // 2]
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.wfile.write(data)
            while server.faults.huge:
                self.wfile.write(data)
        except OSError:
            pass
        self.close_connection = True
        return None

    def do_DELETE(self) -> None:
        if self.admitted() is None:
            return
        id = self.path.removeprefix("/v1/videos/")
        if self.state.faults.keep:
            return self.answer(405, {"error": {"message": "jobs cannot be dropped"}})
        self.state.deleted.append(id)
        found = self.state.jobs.pop(id, None) is not None
        self.answer(200 if found else 404, {"id": id, "object": "video.deleted", "deleted": found})


@contextmanager
def serving(server: S, answers: type[BaseHTTPRequestHandler] = Handler) -> Iterator[S]:
    """Serve on a free loopback port until the block ends."""
    handler = type("Handler", (answers,), {"state": server})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
