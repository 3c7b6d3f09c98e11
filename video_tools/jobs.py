"""Long work that outlives whoever asked for it: start a tool, ask how far it is, fetch its result, or stop it.

    jobs/<id>.json   what was asked, how far it is, and what came of it

A job that a dead process left running goes on when somebody asks for it in the next one: the tools may be called twice,
so what was paid for is found, not bought again.
"""

import json
import re
import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout
from langchain_core.messages import ToolMessage
from pydantic import Field

from reelgraph.video_tools.atomic import write_text
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Noun, read_noun, write_noun
from reelgraph.video_tools.toolkit import VideoToolkit

AT_ONCE = 2


class Job(Noun):
    """One piece of work, as it is kept on disk."""

    schema_version: Literal[1] = 1
    id: str
    tool: str
    arguments: dict[str, Any] = {}
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    events: int = Field(default=0, ge=0, description="How many events were told so far.")
    last: str = Field(default="", description="What was told last.")
    text: str = ""
    record: Any = None


class Jobs:
    """The jobs of one project.

    Args:
        toolkit: The tools that can be started.
        folder: The project's folder.
    """

    def __init__(self, toolkit: VideoToolkit, folder: Path) -> None:
        self._toolkit = toolkit
        self._folder = folder / "jobs"
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="job")
        self._running: dict[str, tuple[Future[None], threading.Event]] = {}
        self._gate = threading.Lock()
        self._closing = False

    def start(self, tool: str, arguments: dict[str, Any]) -> Job:
        """Start a tool, and return at once.

        Raises:
            InvalidRequest: There is no such tool.
        """
        names = [t.name for t in self._toolkit.get_tools()]
        if tool not in names:
            raise InvalidRequest(f"there is no tool {tool!r}: there are {', '.join(names)}")
        job = Job(id=secrets.token_hex(6), tool=tool, arguments=arguments)
        self._write(job)
        self._go(job)
        return job

    def status(self, id: str) -> Job:
        """Say how far a job is, going on with it if its process died.

        Raises:
            InvalidRequest: There is no such job.
        """
        job = self._read(id)
        if job.state == "running":
            self._go(job)
        return job

    def result(self, id: str, seconds: float = 0) -> Job:
        """Wait up to some seconds for a job to end, and return it as it then is.

        Raises:
            InvalidRequest: There is no such job.
        """
        job = self.status(id)
        with self._gate:
            running = self._running.get(id)
        if job.state == "running" and running is not None:
            wait([running[0]], timeout=seconds)
        return self._read(id)

    def cancel(self, id: str) -> Job:
        """Stop a job at its next step; what was made stands.

        Raises:
            InvalidRequest: There is no such job, or another server runs it.
        """
        self._read(id)
        with self._gate:
            running = self._running.get(id)
            if running is not None:
                running[1].set()
                return self._read(id)
            try:
                with self._lock(id):
                    job = self._read(id)
                    if job.state == "running":  # nobody runs it, and nobody shall
                        job = job.model_copy(update={"state": "cancelled", "text": "cancelled"})
                        self._write(job)
                    return job
            except Timeout as error:
                raise InvalidRequest(f"another server runs job {id}: stop it there") from error

    def close(self) -> None:
        """Stop all jobs of this process and wait for them; a later process goes on with them."""
        with self._gate:
            self._closing = True
            running = list(self._running.values())
        for _, stop in running:
            stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _go(self, job: Job) -> None:
        with self._gate:
            # It may have ended since it was read.
            if job.id not in self._running and self._read(job.id).state == "running":
                stop = threading.Event()
                self._running[job.id] = (self._pool.submit(self._run, job.id, stop), stop)

    def _run(self, id: str, stop: threading.Event) -> None:
        try:
            with self._lock(id):
                self._work(self._read(id), stop)
        except Timeout:  # another process is at it
            pass
        finally:
            with self._gate:
                self._running.pop(id, None)

    def _work(self, job: Job, stop: threading.Event) -> None:
        now = job

        def tell(event: dict[str, Any]) -> None:
            nonlocal now
            last = " ".join(str(event[k]) for k in ("type", "shot", "cut") if k in event)
            now = now.model_copy(update={"events": now.events + 1, "last": last})
            self._write(now)

        if job.state != "running":  # another process has ended it meanwhile
            return
        try:
            tools = {t.name: t for t in self._toolkit.heard_by(tell, stop.is_set).get_tools()}
            message = tools[job.tool].invoke(
                {"type": "tool_call", "id": job.id, "name": job.tool, "args": dict(job.arguments)}
            )
            if message.status == "success" or not self._closing:  # what closing stopped goes on in the next process
                self._write(_ended(now, message, stopped=stop.is_set()))
        except BaseException as error:  # a job never ends without saying so
            self._write(now.model_copy(update={"state": "failed", "text": f"{type(error).__name__}: {error}"}))
            raise

    def _lock(self, id: str) -> FileLock:
        """Return the lock that whoever runs a job holds, in whatever process."""
        return FileLock(self._folder / f".{id}.lock", timeout=0)

    def _read(self, id: str) -> Job:
        path = self._folder / f"{id}.json"
        if not re.fullmatch("[0-9a-f]{12}", id) or not path.exists():
            raise InvalidRequest(f"there is no job {id!r}: start gives the ids")
        return read_noun(Job, path.read_bytes(), str(path))

    def _write(self, job: Job) -> None:
        write_text(self._folder / f"{job.id}.json", write_noun(job))


def _ended(job: Job, message: ToolMessage, *, stopped: bool) -> Job:
    failed = message.status == "error"
    state = "cancelled" if failed and stopped else "failed" if failed else "done"
    record = json.loads(json.dumps(message.artifact)) if message.artifact is not None else None
    return job.model_copy(update={"state": state, "text": message.text, "record": record})
