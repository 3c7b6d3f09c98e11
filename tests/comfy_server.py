"""A strict ComfyUI on loopback: it runs one workflow, keeps a queue and a history, and misbehaves on request.

It shows that this client does what it means to; what a real ComfyUI does only that can show.
"""

import email
import email.policy
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from videos_server import film_of, serving

from reelgraph.video_tools.film import TakeRequest

# A workflow as ComfyUI exports it in the API format: what a node is wired to is its number and which of its outputs.
WORKFLOW: dict[str, Any] = {
    "3": {"class_type": "Sampler", "inputs": {"seed": 0, "steps": 20, "positive": ["6", 0], "latent": ["40", 0]}},
    "6": {"class_type": "Encode", "inputs": {"text": "words"}, "_meta": {"title": "Prompt"}},
    "40": {"class_type": "EmptyVideo", "inputs": {"width": 832, "height": 480, "length": 81, "start": ["52", 0]}},
    "52": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "58": {"class_type": "SaveVideo", "inputs": {"video": ["3", 0], "fps": 16}},
}
SETTINGS: dict[str, Any] = {
    "dialect": "comfyui", "poll_seconds": 0.005, "grace": 0.2, "lost_after": 0.2, "price_per_second": 0.5,
    "inputs": {
        "prompt": "6.text", "seed": "3.seed", "width": "40.width", "height": "40.height", "frames": "40.length",
        "fps": "58.fps",
    },
}  # fmt: skip
FROM_PICTURE = {"inputs": SETTINGS["inputs"] | {"first_frame": "52.image"}}


@dataclass
class Faults:
    """What goes wrong; counts are of times, and go down."""

    drop_reply: int = 0  # accept, then close the connection unanswered
    upload: int = 0  # 500 to a picture
    broken: int = 0  # 500 with HTML when it is asked something
    fail: str = ""  # a node raises this
    keep: bool = False  # nothing is dropped or interrupted
    several: bool = False  # a second node saves a video too
    truncate: int = 0  # half the file
    frames: int = 0  # more frames than asked
    wider: int = 0  # more pixels across than asked


@dataclass
class Job:
    item: list[Any]
    looks: int = 0
    ended: str = ""  # success, error or interrupted


@dataclass
class ComfyServer:
    """The server's state.

    Attributes:
        looks: How often its queue is looked at before a job is done; the first time, the job still waits.
        accepted: Workflows that were accepted, ever.
        pictures: What was uploaded, by name.
    """

    folder: Path
    looks: int = 3
    faults: Faults = field(default_factory=Faults)
    jobs: dict[str, Job] = field(default_factory=dict)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=lambda: {"example.png": b""})
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)

    def take(self, fault: str) -> bool:
        with self.lock:
            left: int = getattr(self.faults, fault)
            setattr(self.faults, fault, max(0, left - 1))
        return left > 0

    def film(self, id: str) -> bytes:
        """Encode a job's video: a rehearsal that the prompt, the seed and the picture decide."""
        told = {node: its["inputs"] for node, its in self.jobs[id].item[2].items()}
        asked = TakeRequest(
            backend="server", prompt=told["6"]["text"], width=told["40"]["width"] + self.faults.wider,
            height=told["40"]["height"], frames=told["40"]["length"] + self.faults.frames,
            rate=Fraction(told["58"]["fps"]), seed=told["3"]["seed"] + sum(self.pictures[told["52"]["image"]]),
        )  # fmt: skip
        return film_of(asked, self.folder / f"{id}.mp4")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: ComfyServer

    def log_message(self, *args: object) -> None:
        pass

    def answer(self, status: int, body: Any = None, kind: str = "application/json") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(data)

    def admitted(self) -> bytes | None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.state.requests.append((self.command, self.path))
        if self.command == "GET" and self.state.take("broken"):
            self.answer(500, b"<html>oops</html>", "text/html")
            return None
        return body

    def do_POST(self) -> None:
        body, server = self.admitted(), self.state
        if body is None:
            return None
        if self.path == "/upload/image":
            return self.upload(body)
        said = json.loads(body)
        if self.path == "/queue" and said.keys() == {"delete"}:
            for id in said["delete"]:
                if id in server.jobs and server.jobs[id].looks < 2 and not server.faults.keep:
                    del server.jobs[id]
            return self.answer(200)
        if self.path == "/interrupt" and said.keys() == {"prompt_id"}:
            if not server.faults.keep:
                server.jobs[said["prompt_id"]].ended = "interrupted"
            return self.answer(200)
        if self.path != "/prompt" or not said.keys() <= {"prompt", "client_id"}:
            return self.answer(404, {"error": {"message": "no such thing"}})
        wrong = self.fault_of(said["prompt"])
        if wrong:
            told = {"type": "x", "message": "Prompt outputs failed validation", "details": wrong}
            return self.answer(400, {"error": told, "node_errors": {}})
        with server.lock:
            number = next(server.numbers)
            id = f"00000000-0000-4000-8000-{number:012}"
            server.jobs[id] = Job([number, id, said["prompt"], {"client_id": said.get("client_id")}, ["58"]])
            server.accepted.append(said["prompt"])
        if server.take("drop_reply"):
            self.close_connection = True
            self.connection.close()
            return None
        return self.answer(200, {"prompt_id": id, "number": number, "node_errors": {}})

    def fault_of(self, nodes: dict[str, Any]) -> str:
        """Say what is wrong with a workflow, in which only values may differ from the one that is known."""
        if nodes.keys() != WORKFLOW.keys():
            return f"nodes {sorted(nodes)}"
        for id, node in nodes.items():
            known = WORKFLOW[id]["inputs"]
            for name, value in node["inputs"].items():
                if name not in known or type(value) is not type(known[name]):
                    return f"{id}.{name}: {value!r}"
                if isinstance(value, list) and value != known[name]:
                    return f"{id}.{name}: wired elsewhere"
        picture = nodes["52"]["inputs"]["image"]
        return "" if picture in self.state.pictures else f"image: {picture!r} not in list"

    def upload(self, body: bytes) -> None:
        if self.state.take("upload"):
            return self.answer(500, b"<html>full</html>", "text/html")
        message = email.message_from_bytes(
            b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
        )
        parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
        assert parts.keys() == {"image", "overwrite", "type"}, parts.keys()
        name, data = parts["image"].get_filename(), parts["image"].get_payload(decode=True)
        assert isinstance(name, str) and isinstance(data, bytes) and data.startswith(b"\x89PNG")
        self.state.pictures[name] = data
        return self.answer(200, {"name": name, "subfolder": "", "type": "input"})

    def do_GET(self) -> None:
        if self.admitted() is None:
            return None
        server, parts = self.state, urlsplit(self.path)
        if parts.path == "/queue":
            for job in server.jobs.values():
                job.looks += 1
                if job.looks >= server.looks and not job.ended:
                    job.ended = "error" if server.faults.fail else "success"
            open_ = [job for job in server.jobs.values() if not job.ended]
            return self.answer(200, {
                "queue_running": [job.item for job in open_ if job.looks > 1],
                "queue_pending": [job.item for job in reversed(open_) if job.looks <= 1],
            })  # fmt: skip
        if parts.path.startswith("/history"):
            wanted = parts.path.removeprefix("/history").strip("/")
            ended = {id: self.ended(id) for id, job in server.jobs.items() if job.ended and wanted in ("", id)}
            return self.answer(200, ended)
        if parts.path == "/view":
            asked = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            assert asked == {"filename": asked["filename"], "subfolder": "video", "type": "output"}
            data = server.film(asked["filename"].removesuffix(".mp4"))
            return self.answer(200, data[: len(data) // 2] if server.take("truncate") else data, "video/mp4")
        return self.answer(404, {})

    def ended(self, id: str) -> dict[str, Any]:
        server, job = self.state, self.state.jobs[id]
        messages: list[Any] = [["execution_start", {"prompt_id": id}]]
        if job.ended == "error":
            messages.append(["execution_error", {"node_type": "Sampler", "exception_message": server.faults.fail}])
        if job.ended == "interrupted":
            messages.append(["execution_interrupted", {"node_id": "3"}])
        saved = {"filename": f"{id}.mp4", "subfolder": "video", "type": "output"}
        made = {
            "57": {"images": [{"filename": "seen.mp4", "subfolder": "", "type": "temp"}], "text": ["done"]},
            "58": {"images": [saved], "animated": [True]},
        } | ({"59": {"gifs": [saved]}} if server.faults.several else {})
        good = job.ended == "success"
        return {
            "prompt": job.item, "outputs": made if good else {}, "meta": {},
            "status": {"status_str": "success" if good else "error", "completed": good, "messages": messages},
        }  # fmt: skip


@contextmanager
def serving_comfy(server: ComfyServer) -> Iterator[ComfyServer]:
    """Serve on a free loopback port until the block ends."""
    with serving(server, _Handler):
        yield server
