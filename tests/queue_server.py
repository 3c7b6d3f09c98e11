"""Strict fal and Replicate on loopback: they know one model, count its jobs, and misbehave on request.

Jobs are asked for at one port and files lie at another, which refuses whatever comes with a key. They show that this
client does what it means to; what the real services do only they can show.
"""

import base64
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Literal

from videos_server import film_of, serving

from reelgraph.video_tools.film import TakeRequest

KEY = "secret-canary"
MODEL = "OWNER/MODEL"
# The model's inputs and what they have to be; there is no other.
INPUTS: dict[str, type] = {
    "prompt": str, "negative_prompt": str, "image_size": dict, "num_frames": int, "frames_per_second": int, "seed": int,
    "image_url": str, "tail_image_url": str, "reference_image_urls": list, "enable_safety_checker": bool,
    "num_inference_steps": int,
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "dialect": "queue", "model": MODEL, "price_per_second": 0.5, "poll_seconds": 0.005, "grace": 0.2,
    "lost_after": 0.2, "file_hosts": ["127.0.0.1"], "key_variable": "TEST_QUEUE_KEY",
    "inputs": {
        "prompt": "prompt", "negative_prompt": "negative_prompt", "width": "image_size.width",
        "height": "image_size.height", "frames": "num_frames", "fps": "frames_per_second", "seed": "seed",
        "first_frame": "image_url", "last_frame": "tail_image_url", "references": "reference_image_urls",
    },
}  # fmt: skip


@dataclass
class Faults:
    """What goes wrong; counts are of times, and go down."""

    busy: int = 0  # 503 before acceptance
    retry_after: str = "0"
    drop_reply: int = 0  # accept, then close the connection unanswered
    create_status: int = 0  # answer a submission with this
    unknown: int = 0  # 404 for a job just accepted
    broken: int = 0  # 500 with HTML when looked at
    odd: list[Any] = field(default_factory=list)  # said in turn of a job: a body, or what differs in it
    fail: str = ""  # the job fails, saying this
    refuse: str = ""  # fal: it is done, and only its result says that it failed
    keep: bool = False  # a cancellation is a wish
    elsewhere: str = ""  # say that the job, its result and its file are to be asked for at this origin
    redirect: str = ""  # send everybody on to this origin
    expired: int = 0  # what it made is not kept, which fal says with this status
    gone: int = 0  # the file's address is no longer good
    several: bool = False  # it made two files
    truncate: int = 0  # half the file
    frames: int = 0  # more frames than asked
    wider: int = 0  # more pixels across than asked
    echo: bool = False  # repeat the key in what is wrong


@dataclass
class Job:
    inputs: dict[str, Any]
    looks: int = 0
    dropped: bool = False


@dataclass
class QueueServer:
    """The server's state.

    Attributes:
        looks: How often a job is looked at before it is done; the first time, it still waits.
        accepted: What jobs were accepted, ever.
        requests: (method, path, headers) of all that asked for jobs.
        fetched: The same of all that asked for files.
    """

    folder: Path
    service: Literal["fal", "replicate"]
    looks: int = 3
    faults: Faults = field(default_factory=Faults)
    jobs: dict[str, Job] = field(default_factory=dict)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    fetched: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    files: str = ""

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)

    def take(self, fault: str) -> bool:
        with self.lock:
            left = getattr(self.faults, fault)
            setattr(self.faults, fault, max(0, left - 1))
        return left > 0

    def done(self, id: str) -> bool:
        return self.jobs[id].looks >= self.looks

    def film(self, id: str) -> bytes:
        """Encode a job's video: a rehearsal that the prompt, the seed and the pictures decide."""
        said = self.jobs[id].inputs
        pictures = [said.get("image_url"), said.get("tail_image_url"), *said.get("reference_image_urls", [])]
        asked = TakeRequest(
            backend="server", prompt=said["prompt"], width=said["image_size"]["width"] + self.faults.wider,
            height=said["image_size"]["height"], frames=said["num_frames"] + self.faults.frames,
            rate=Fraction(said["frames_per_second"]),
            seed=said.get("seed", 0) + sum(sum(base64.b64decode(p.partition(",")[2])) for p in pictures if p),
        )  # fmt: skip
        return film_of(asked, self.folder / f"{id}.mp4")


def check(inputs: dict[str, Any]) -> None:
    """Refuse inputs that the model does not have."""
    for name, value in inputs.items():
        assert name in INPUTS, f"{name}: unexpected"
        assert type(value) is INPUTS[name], f"{name}: not of type {INPUTS[name].__name__}"
        for picture in value if isinstance(value, list) else [value]:
            if "image_url" in name:
                assert picture.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")), f"{name}: no picture"
    assert {"prompt", "image_size", "num_frames", "frames_per_second"} <= inputs.keys(), "an input is missing"


class _Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: QueueServer

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
        self.wfile.write(data)

    def admitted(self) -> Any:
        """Read what was sent; None where it was answered already."""
        server = self.state
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server.requests.append((self.command, self.path, dict(self.headers)))
        scheme = {"fal": "Key", "replicate": "Bearer"}[server.service]
        if self.headers.get("Authorization") != f"{scheme} {KEY}":
            self.answer(401, {"detail": "no such key"})
        elif server.faults.echo:
            self.answer(401, {"detail": f"{KEY} is not welcome"})
        elif server.faults.redirect:
            self.answer(307, {}, Location=server.faults.redirect + self.path)
        else:
            return json.loads(body) if body else {}
        return None

    # --- what each service calls it ---

    def submitted(self, body: Any) -> dict[str, Any]:
        """Return the inputs of a submission, refusing one that is not the service's."""
        if self.state.service == "fal":
            assert self.path == f"/{MODEL}", f"no model at {self.path}"
            return dict(body)
        versioned = {"version"} if self.path == "/v1/predictions" else set()
        assert versioned or self.path == f"/v1/models/{MODEL}/predictions", f"no model at {self.path}"
        assert body.keys() == versioned | {"input"}, f"unexpected: {sorted(body)}"
        return dict(body["input"])

    def address(self, id: str) -> str:
        root = self.state.faults.elsewhere or self.state.url
        return f"{root}/{MODEL}/requests/{id}" if self.state.service == "fal" else f"{root}/v1/predictions/{id}"

    def body(self, id: str) -> dict[str, Any]:
        server, job = self.state, self.state.jobs[id]
        at, done = self.address(id), server.done(id)
        if server.service == "fal":
            status = "COMPLETED" if done or job.dropped else "IN_PROGRESS" if job.looks > 1 else "IN_QUEUE"
            said: dict[str, Any] = {
                "request_id": id,
                "status": status,
                "response_url": at,
                "status_url": f"{at}/status",
            }
            said |= {"queue_position": 2} if status == "IN_QUEUE" else {}
            said |= {"logs": [{"message": "loading"}, {"message": "step 1\n"}]} if status == "IN_PROGRESS" else {}
            if status == "COMPLETED" and (server.faults.fail or job.dropped):
                said |= {"error": server.faults.fail or "dropped", "error_type": "runner_error"}
            return said
        status = "succeeded" if done else "processing" if job.looks > 1 else "starting"
        status = "canceled" if job.dropped else "failed" if done and server.faults.fail else status
        made = status == "succeeded" and not server.faults.expired
        return {
            "id": id, "status": status, "urls": {"get": at, "cancel": f"{at}/cancel"},
            "error": server.faults.fail or None if status == "failed" else None,
            "logs": "loading\n 50%|##   | 1/2\n" if status == "processing" else "",
            "output": self.files(id) if made else None, "data_removed": bool(server.faults.expired),
        }  # fmt: skip

    def files(self, id: str) -> Any:
        one = f"{self.state.faults.elsewhere or self.state.files}/{id}.mp4?signature=secret"
        if self.state.faults.several:
            return [one, one]
        return [one] if self.state.service == "replicate" and int(id) % 2 == 0 else one  # as its models like

    # --- what is asked ---

    def do_POST(self) -> None:
        body, server = self.admitted(), self.state
        if body is None:
            return None
        if self.path.endswith("/cancel"):
            return self.cancel("POST")
        if server.take("busy"):
            return self.answer(503, {"detail": "too many"}, Retry_After=server.faults.retry_after)
        if server.faults.create_status:
            return self.answer(server.faults.create_status, {"detail": [{"loc": ["body", "prompt"], "msg": "no luck"}]})
        try:
            inputs = self.submitted(body)
            check(inputs)
        except (AssertionError, KeyError) as error:
            return self.answer(422, {"detail": [{"loc": ["body"], "msg": str(error), "input": body}]})
        with server.lock:
            id = str(next(server.numbers))
            server.jobs[id] = Job(inputs)
            server.accepted.append(inputs)
        if server.take("drop_reply"):
            self.close_connection = True
            self.connection.close()
            return None
        cancel = {"cancel_url": f"{self.address(id)}/cancel"} if server.service == "fal" else {}
        return self.answer(200 if server.service == "fal" else 201, self.body(id) | cancel)

    def do_PUT(self) -> None:
        if self.admitted() is not None:
            self.cancel("PUT")

    def cancel(self, method: str) -> None:
        server, id = self.state, self.path.split("/")[-2]
        if method != {"fal": "PUT", "replicate": "POST"}[server.service] or id not in server.jobs:
            return self.answer(404, {"status": "NOT_FOUND"})
        server.cancelled.append(id)
        server.jobs[id].dropped = not server.faults.keep
        if server.service == "replicate":
            return self.answer(200, self.body(id))
        if server.faults.keep:
            return self.answer(202, {"status": "CANCELLATION_REQUESTED"})
        return self.answer(200, {"status": "OK"})

    def do_GET(self) -> None:
        if self.admitted() is None:
            return None
        server = self.state
        path, _, query = self.path.partition("?")
        *place, last = path.split("/")
        asked = last if server.service == "replicate" or last != "status" else place[-1]
        stem = f"/{MODEL}/requests/" if server.service == "fal" else "/v1/predictions/"
        result = server.service == "fal" and last != "status"
        if asked not in server.jobs or not path.startswith(stem) or server.take("unknown"):
            return self.answer(404, {"detail": "no such request"})
        if server.take("broken"):
            return self.answer(500, "<html>oops</html>")
        if result:
            return self.result(asked)
        assert query == ("logs=1" if server.service == "fal" else ""), query
        if server.faults.odd:
            said = server.faults.odd.pop(0)
            return self.answer(200, self.body(asked) | said if isinstance(said, dict) else said)
        server.jobs[asked].looks += 1
        body = self.body(asked)
        return self.answer(202 if body["status"] in ("IN_QUEUE", "IN_PROGRESS") else 200, body)

    def result(self, id: str) -> None:
        """Answer what a job of fal's made."""
        server = self.state
        if not server.done(id):
            return self.answer(400, {"detail": "Request is still in progress"})
        if server.faults.refuse:
            return self.answer(422, {"detail": [{"loc": ["body", "prompt"], "msg": server.faults.refuse}]})
        if server.faults.expired:
            return self.answer(server.faults.expired, {"detail": "not there"})
        made = self.files(id)
        video = [{"url": one} for one in made] if isinstance(made, list) else {"url": made, "content_type": "video/mp4"}
        return self.answer(200, {"video": video, "seed": 1})


class _Files(BaseHTTPRequestHandler):
    state: "_FileServer"

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        server = self.state.of
        server.fetched.append((self.command, self.path, dict(self.headers)))
        if "Authorization" in self.headers:
            return self.send_error(400, "a key came with it")
        if server.take("gone"):
            return self.send_error(403, "expired")
        data = server.film(self.path.removeprefix("/").partition(".")[0])
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if server.take("truncate") else data)


@dataclass
class _FileServer:
    of: QueueServer
    url: str = ""


@contextmanager
def serving_queue(server: QueueServer) -> Iterator[QueueServer]:
    """Serve jobs and files on two free loopback ports until the block ends."""
    with serving(server, _Api), serving(_FileServer(server), _Files) as files:
        server.files = files.url
        yield server
