"""The queue dialect, as a client speaks it: submit a job, ask for it where the service says, and fetch what it made.

The key goes to the service's own origin and nowhere else: an address elsewhere that a service names for a job is not
asked, its files are fetched without the key and from the hosts that are set, and redirects are not followed.

Source: `queue_services`, which says too what is unchecked.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.backends.dialect import Form, JobState, NoSuchJob, Unreadable
from reelgraph.video_tools.backends.inputs_form import notes_of
from reelgraph.video_tools.backends.line import Line
from reelgraph.video_tools.backends.queue_form import fill_inputs
from reelgraph.video_tools.backends.queue_settings import QueueSettings
from reelgraph.video_tools.backends.remote_settings import LOOPBACK
from reelgraph.video_tools.backends.replies import (
    ask,
    json_of,
    message_of,
    nothing_learnt,
    one_line,
    post,
    refusal,
    repeated,
    retry_after,
    said,
    write_file,
)
from reelgraph.video_tools.errors import OutcomeUnknown, PermanentFailure, TransientFailure

_PATH = re.compile(r"(/[A-Za-z0-9_~:-][A-Za-z0-9._~:-]*)+")  # no part of it is `..`
_STATUS = "/status"  # how fal's address of a status ends, beside its result's, where an answer leaves that out
_GONE = 410
_LONGEST_SAID = 80


class Queue:
    """One service of the queue dialect: see `Dialect`. A job's id is the path of its status.

    Args:
        line: By which it is asked.
        base_url: The service.
        settings: The model, its inputs, and the key.

    Raises:
        InvalidRequest: There is no key where the settings say that there is one.
    """

    def __init__(self, line: Line, base_url: str, settings: QueueSettings) -> None:
        self._line, self.base_url, self._settings, self._words = line, base_url, settings, settings.words
        parts = urlsplit(base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._headers = {"Authorization": f"{self._words.scheme} {key}"} if (key := settings.key()) else {}

    def form(self, call: Call) -> Form:
        """Write a call as the model's inputs."""
        settings = self._settings
        inputs, substitutions = fill_inputs(call, settings)
        begins = any(reference.role == "first_frame" for reference in call.request.references)
        model = settings.image_model if settings.image_model and begins else settings.model
        fields = {"model": model, "inputs": inputs}
        return Form(call.attempt, fields, substitutions, notes_of(call.request, settings))

    def create(self, form: Form) -> JobState:
        """Ask for a video; sent once, whatever happens."""
        path, body = self._words.submission(form.fields["model"], form.fields["inputs"])
        reply = post(self._line, f"{self.base_url}{path}", self.base_url, json=body, headers=self._headers)
        if not reply.is_success:
            no_such = f"it has no model {form.fields['model']}: check model and base_urls"
            raise refusal(reply, self.base_url, no_such=no_such)
        try:
            return JobState(self._path(_at(json_of(reply), self._words.address)), "queued")
        except Unreadable as error:
            raise OutcomeUnknown(
                f"{error}; so whether it makes the video is not known, and it was not asked again"
            ) from error

    def look_up(self, id: str) -> JobState:
        """Ask how a job is; one that is done has its result looked at, since only that may say that it failed."""
        reply, body = self._status(id)
        word = body.get("status")
        status = self._words.states.get(word) if isinstance(word, str) else None
        if status is None:
            raise Unreadable(f"{self.base_url} says of job {id} what is no state: {repeated(reply, str(word))}")
        error = _why(reply, body)
        if status == "completed" and not error:
            error = self._result(id, body)[1]
        if status == "failed" or (status == "completed" and error):
            return JobState(id, "failed", error=error or f"it was {word}")
        return JobState(id, status, progress=int(status == "in_progress"), said=repeated(reply, _told(body)))

    def fetch(self, id: str, path: Path, most_bytes: int) -> None:
        """Write a finished job's file, which lies elsewhere and is fetched without the key."""
        result, error = self._result(id, self._status(id)[1])
        if error:
            raise PermanentFailure(f"{self.base_url}: {error}")
        write_file(self._line, self._file(id, result), path, most_bytes=most_bytes, headers={})

    def delete(self, id: str) -> bool:
        """Ask the service to drop a job; returns whether it says that it did, rather than that it will see."""
        try:
            body = self._status(id)[1]
            url = _at(body, self._words.cancel) or f"{self._origin}/{id.removesuffix(_STATUS)}/cancel"
            reply = ask(
                self._line, self._words.cancel_method, f"{self._origin}/{self._path(url)}", headers=self._headers
            )
        except (httpx.HTTPError, TransientFailure):
            return False
        answer = json_of(reply)
        return reply.is_success and isinstance(answer, dict) and answer.get("status") in self._words.dropped

    def find(self, attempt: str) -> JobState | None:
        """Return None: neither service keeps a name that a client gave a job, so its own pages have to be looked at."""
        return None

    # --- one question ---

    def _get(self, path: str, **params: str) -> httpx.Response:
        try:
            return ask(self._line, "GET", f"{self._origin}/{path}", params=params or None, headers=self._headers)
        except httpx.HTTPError as error:
            raise Unreadable(f"{self.base_url} cannot be reached: {said(error)}") from error

    def _status(self, id: str) -> tuple[httpx.Response, dict[str, Any]]:
        """Ask for the status of a job."""
        reply = self._get(self._path(f"{self._origin}/{id}"), **self._words.params)
        body = json_of(reply)
        if not reply.is_success or not isinstance(body, dict):
            raise nothing_learnt(reply, self.base_url, id)
        return reply, body

    def _result(self, id: str, status: dict[str, Any]) -> tuple[Any, str]:
        """Return what a job made, or why it made nothing.

        Raises:
            NoSuchJob: It was made, and is no longer kept.
        """
        if not self._words.result:
            if status.get("data_removed"):
                raise NoSuchJob(f"{self.base_url} no longer keeps what job {id} made")
            return status, ""
        url = _at(status, self._words.result) or f"{self._origin}/{id.removesuffix(_STATUS)}"
        reply = self._get(self._path(url))
        body = json_of(reply)
        error = _why(reply, body) if isinstance(body, dict) else ""
        if reply.is_success and isinstance(body, dict) and not error:
            return body, ""
        # Whatever the status, these are a model's words; any other answer may be another by and by, and a job that was
        # paid for is not given up for it.
        if error or (isinstance(body, dict) and isinstance(body.get("detail"), list)):
            return None, error or message_of(reply)
        what = f"{self.base_url} answered {reply.status_code} for what job {id} made: {message_of(reply)}"
        raise NoSuchJob(what) if reply.status_code == _GONE else Unreadable(what, retry_after=retry_after(reply))

    # --- addresses ---

    def _path(self, url: Any) -> str:
        """Return the path of an address that the service gave for a job.

        Raises:
            Unreadable: It is none, or leads to where the key does not belong.
        """
        if not isinstance(url, str):
            raise Unreadable(f"{self.base_url} did not say where its job is to be asked for")
        path = url.removeprefix(self._origin)
        if path == url or not _PATH.fullmatch(path):
            raise Unreadable(
                f"{self.base_url} says that its job is to be asked for at {one_line(url)[:80]}, which is not done"
            )
        return path.removeprefix("/")

    def _file(self, id: str, result: Any) -> str:
        """Return the address of a job's file.

        Raises:
            PermanentFailure: The result has none where it is looked for, or it is at a host that is not set.
        """
        output = self._settings.output
        found = _at(result, output)
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if isinstance(found, dict):
            found = found.get("url")
        if not isinstance(found, str):
            raise PermanentFailure(
                f"what job {id} made has no one file at output = {output!r}: it has {', '.join(_places(result))}; set "
                "output to where its video is"
            )
        try:
            url = httpx.URL(found)  # as it is going to be read when it is fetched
        except httpx.InvalidURL as error:
            raise PermanentFailure(f"what job {id} made is said to be at no address: {said(error)}") from error
        if url.userinfo or not (url.scheme == "https" or (url.scheme == "http" and url.host in LOOPBACK)):
            raise PermanentFailure(f"what job {id} made is said to be at {_where(url)}: only https is fetched")
        if not any(url.host == name or url.host.endswith(f".{name}") for name in self._settings.file_hosts):
            raise PermanentFailure(
                f"what job {id} made is at {_where(url)}, which is not among file_hosts: add {one_line(url.host)} if "
                "it is the service's"
            )
        return found


def _at(body: Any, names: str) -> Any:
    """Return what is at a dotted place in an answer; None where there is nothing."""
    for name in names.split("."):
        if isinstance(body, list) and name.isascii() and name.isdigit():
            body = body[int(name)] if int(name) < len(body) else None
        else:
            body = body.get(name) if isinstance(body, dict) else None
    return body


def _places(body: Any, inside: str = "", depth: int = 4) -> list[str]:
    """List the first dotted places in an answer, for somebody who has to choose one."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    found: list[str] = []
    for name, value in inner if depth else ():
        if len(found) < 8:
            found += _places(value, f"{inside}.{name}" if inside else f"{name}", depth - 1)
    return (found or [one_line(inside) or "nothing"])[:8]


def _where(url: httpx.URL) -> str:
    """Return an address without what may be secret in it."""
    return one_line(f"{url.scheme}://{url.host}")


def _why(reply: httpx.Response, body: dict[str, Any]) -> str:
    """Return why a job failed, as an answer says it; empty where it says no such thing."""
    kind, error = body.get("error_type") or reply.headers.get("x-fal-error-type"), body.get("error")
    return repeated(reply, ": ".join(str(part) for part in (kind, error) if part))


def _told(body: dict[str, Any]) -> str:
    """Return what a service tells of a job in words: how many are before it, or the last line that it logged."""
    before, logs = body.get("queue_position"), body.get("logs")
    if isinstance(before, int) and not isinstance(before, bool):
        return f"{before} before it in the queue"
    if isinstance(logs, list):
        logs = logs[-1].get("message") if logs and isinstance(logs[-1], dict) else None
    lines = [line.strip() for line in logs.splitlines() if line.strip()] if isinstance(logs, str) else []
    return lines[-1][:_LONGEST_SAID] if lines else ""
