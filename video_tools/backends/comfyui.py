"""The dialect of a ComfyUI server: a workflow is sent with a call's values in it, and its file is fetched.

Source: ComfyUI's own server.py and execution.py (2026): `POST /prompt`, `/queue`, `/history`, `/view`, `/upload/image`
and `/interrupt`. Unchecked, since none runs here: what it shows of a workflow whose nodes it has made before and keeps.
"""

import copy
import hashlib
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from PIL import Image

from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.backends.comfyui_settings import ComfyUISettings
from reelgraph.video_tools.backends.dialect import Busy, Form, JobState, NoSuchJob, Unreadable
from reelgraph.video_tools.backends.inputs_form import notes_of, say
from reelgraph.video_tools.backends.line import Line
from reelgraph.video_tools.backends.model_inputs import PICTURES
from reelgraph.video_tools.backends.replies import (
    ask,
    json_of,
    message_of,
    nothing_learnt,
    one_line,
    post,
    refusal,
    repeated,
    said,
    write_file,
)
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, TransientFailure

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")  # it becomes part of a path
_VIDEOS = (".mp4", ".webm", ".mov", ".mkv")
_REMEMBERED = 50  # finished jobs that are looked through for one whose reply was lost


class ComfyUI:
    """One ComfyUI server: see `Dialect`.

    Args:
        line: By which it is asked.
        base_url: The server.
        settings: The workflow and its inputs; and the key, which is sent as a bearer token where a proxy wants one.

    Raises:
        InvalidRequest: There is no key where the settings say that there is one.
    """

    def __init__(self, line: Line, base_url: str, settings: ComfyUISettings) -> None:
        self._line, self.base_url, self._settings = line, base_url, settings
        self._headers = {"Authorization": f"Bearer {key}"} if (key := settings.key()) else {}

    def form(self, call: Call) -> Form:
        """Write a call as values of the workflow's inputs, pictures as files that are still to be uploaded."""
        values, substitutions = say(call, self._settings, "the workflow", lambda picture: (_png(picture), None))
        for field in PICTURES:
            if field in self._settings.inputs and self._settings.inputs[field].name not in values:
                raise InvalidRequest(
                    f"the workflow needs a {field}, or would keep the one it was exported with: give it"
                )
        return Form(call.attempt, values, tuple(substitutions), notes_of(call.request, self._settings))

    def create(self, form: Form) -> JobState:
        """Ask for a video; sent once, whatever happens."""
        nodes = copy.deepcopy(self._settings.nodes)
        for name, value in form.fields.items():
            node, _, of_node = name.partition(".")
            nodes[node]["inputs"][of_node] = self._upload(value) if isinstance(value, bytes) else value
        sent = {"prompt": nodes} | ({"client_id": form.attempt} if form.attempt else {})
        reply = post(self._line, f"{self.base_url}/prompt", self.base_url, json=sent, headers=self._headers)
        body = json_of(reply) if reply.is_success else None
        id = body.get("prompt_id") if isinstance(body, dict) else None
        if not (isinstance(id, str) and _ID.fullmatch(id)):
            raise refusal(reply, self.base_url, no_such="it is no ComfyUI: check base_urls")
        return JobState(id, "queued")

    def look_up(self, id: str) -> JobState:
        """Ask how a job is: a server moves it from its queue to its history at once, so the queue is asked first."""
        running, waiting = self._queue()
        for item in running:
            if item[1] == id:
                return JobState(id, "in_progress", progress=1)
        for number, other, *_ in waiting:
            if other == id:
                before = len(running) + sum(item[0] < number for item in waiting)  # they come in no order
                return JobState(id, "queued", said=f"{before} before it in the queue")
        entry = self._made(id)
        status = entry.get("status")
        status = status if isinstance(status, dict) else {}
        word = status.get("status_str")
        if word == "error":
            return JobState(id, "failed", error=_why(status.get("messages")))
        if word == "success":
            return JobState(id, "completed")
        raise Unreadable(f"{self.base_url} says of job {id} what is no state: {str(word)[:40]!r}")

    def fetch(self, id: str, path: Path, most_bytes: int) -> None:
        """Write a finished job's file, which this server sends itself."""
        files = [*_files(self._made(id).get("outputs"), self._settings.output)]
        if len(files) != 1:
            there = ", ".join(f"{one_line(file['filename'])} of node {node}" for node, file in files[:8]) or "none"
            raise PermanentFailure(f"job {id} made not one video but {there}: set output to the number of its node")
        (_, file), keys = files[0], ("filename", "subfolder", "type")
        url = f"{self.base_url}/view?{urlencode({key: str(file.get(key, '')) for key in keys})}"
        write_file(self._line, url, path, most_bytes=most_bytes, headers=self._headers)

    def delete(self, id: str) -> bool:
        """Ask the server to drop a job; returns whether it is gone, or ended unmade."""
        try:
            ask(self._line, "POST", f"{self.base_url}/queue", json={"delete": [id]}, headers=self._headers)
            if any(item[1] == id for item in self._queue()[0]):  # older servers interrupt whatever runs
                ask(self._line, "POST", f"{self.base_url}/interrupt", json={"prompt_id": id}, headers=self._headers)
            return self.look_up(id).status == "failed"
        except NoSuchJob:
            return True
        except (httpx.HTTPError, TransientFailure):
            return False

    def find(self, attempt: str) -> JobState | None:
        """Look through the queue and the newest of the history for the job that a client called `attempt`.

        Raises:
            Unreadable: The server cannot be asked.
        """
        running, waiting = self._queue()
        ended = self._asked(f"/history?max_items={_REMEMBERED}")
        items = [*running, *waiting, *(e.get("prompt") for e in ended.values() if isinstance(e, dict))]
        for item in filter(_is_item, items):
            told = item[3] if len(item) > 3 else None
            if attempt and isinstance(told, dict) and told.get("client_id") == attempt:
                return JobState(item[1], "queued")
        return None

    # --- one question ---

    def _asked(self, path: str, job: str = "") -> dict[str, Any]:
        try:
            reply = ask(self._line, "GET", f"{self.base_url}{path}", headers=self._headers)
        except httpx.HTTPError as error:
            raise Unreadable(f"{self.base_url} cannot be reached: {said(error)}") from error
        body = json_of(reply)
        if not reply.is_success or not isinstance(body, dict):
            learnt = nothing_learnt(reply, self.base_url, job)
            # Its paths are there, or it is no ComfyUI, so this says nothing of the job.
            raise Unreadable(str(learnt)) if isinstance(learnt, NoSuchJob) else learnt
        return body

    def _queue(self) -> tuple[list[Any], list[Any]]:
        """Return what runs and what waits, each a list of a number, an id, a workflow and what else was told."""
        body = self._asked("/queue")
        parts = [body.get(name) for name in ("queue_running", "queue_pending")]
        if not all(isinstance(part, list) for part in parts):
            raise Unreadable(f"{self.base_url} does not tell its queue")
        running, waiting = ([item for item in part or [] if _is_item(item)] for part in parts)
        return running, waiting

    def _made(self, id: str) -> dict[str, Any]:
        """Return what the history has of a job.

        Raises:
            NoSuchJob: It is not there.
        """
        if not _ID.fullmatch(id):
            raise NoSuchJob(f"{self.base_url} has no job {id[:40]!r}")
        entry = self._asked(f"/history/{id}", id).get(id)
        if not isinstance(entry, dict):
            raise NoSuchJob(f"{self.base_url} has job {id} neither in its queue nor in its history")
        return entry

    def _upload(self, picture: bytes) -> str:
        """Upload a picture under a name that its content decides, and return what the workflow calls it.

        Raises:
            Busy: It did not arrive, and nothing was begun.
        """
        name = f"reelgraph-{hashlib.sha256(picture).hexdigest()[:24]}.png"
        try:
            reply = ask(
                self._line.patient, "POST", f"{self.base_url}/upload/image", headers=self._headers,
                files={"image": (name, picture, "image/png")}, data={"overwrite": "true", "type": "input"},
            )  # fmt: skip
        except httpx.HTTPError as error:
            raise Busy(f"{self.base_url} took no picture: {said(error)}") from error
        body = json_of(reply) if reply.is_success else None
        if reply.is_server_error:
            raise Busy(f"{self.base_url} answered {reply.status_code} to a picture: {message_of(reply)}")
        if not isinstance(body, dict) or body.get("name") != name:
            if reply.is_success:
                raise PermanentFailure(f"{self.base_url} keeps a picture as {repeated(reply, str(body))[:80]}")
            raise refusal(reply, self.base_url, no_such="it is no ComfyUI: check base_urls")
        return f"{body['subfolder']}/{name}" if body.get("subfolder") else name


def _png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _is_item(item: Any) -> bool:
    return (
        isinstance(item, list) and len(item) > 1 and isinstance(item[0], int | float)
        and isinstance(item[1], str) and _ID.fullmatch(item[1]) is not None
    )  # fmt: skip


def _files(outputs: Any, output: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the videos that a job's nodes saved, each with its node; what is only previewed is none."""
    for node, made in outputs.items() if isinstance(outputs, dict) else ():
        for of_kind in made.values() if isinstance(made, dict) and output in ("", node) else ():
            for file in of_kind if isinstance(of_kind, list) else ():
                name = file.get("filename") if isinstance(file, dict) else None
                if isinstance(name, str) and name.lower().endswith(_VIDEOS) and file.get("type") == "output":
                    yield node, file


def _why(messages: Any) -> str:
    """Return why a workflow ended, as the last of its messages says it."""
    for message in reversed(messages) if isinstance(messages, list) else ():
        kind, told = message if isinstance(message, list) and len(message) == 2 else ("", None)
        if kind in ("execution_error", "execution_interrupted") and isinstance(told, dict):
            node, why = told.get("node_type"), told.get("exception_message")
            return one_line(": ".join(str(part) for part in (node, why) if part)) if why else "it was interrupted"
    return "the workflow failed"
