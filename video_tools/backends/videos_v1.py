"""The videos-v1 wire format, as a client speaks it: create, look up, fetch, delete and list jobs.

Source: the shape of OpenAI's former Videos API, as vLLM-Omni and SGLang-Diffusion serve it. Only their intersection is
used: multipart forms, `seconds` as a string of a whole number, and `num_frames`, `fps` and `seed` said outright.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal

import httpx

from reelgraph.video_tools.errors import InvalidRequest, OutcomeUnknown, PermanentFailure, TransientFailure
from reelgraph.video_tools.film import TakeRequest

Status = Literal["queued", "in_progress", "completed", "failed"]
_STATUS: dict[str, Status] = {
    "queued": "queued", "in_progress": "in_progress", "completed": "completed", "failed": "failed",
    "cancelled": "failed",
}  # fmt: skip
_LONGEST_WAIT = 24 * 3600
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")  # it becomes part of a path


class Busy(TransientFailure):
    """The server refused before accepting: nothing was started, and the same may be sent again."""


class Unreadable(TransientFailure):
    """The server answered, or failed to, in a way that says nothing of the job."""


class NoSuchJob(TransientFailure):
    """The server does not know the job."""


@dataclass(frozen=True)
class JobState:
    """What a server says of a job.

    Attributes:
        id: The job.
        status: Where it is.
        progress: Percent done, 0 to 100.
        error: Why it failed.
        user: What the client called it, where the server says so.
        poll_after: Seconds after which to ask again, where the server says so.
    """

    id: str
    status: Status
    progress: int = 0
    error: str = ""
    user: str = ""
    poll_after: float | None = None


def form_of(request: TakeRequest, model: str, attempt: str) -> dict[str, str]:
    """Write a request as a form's fields.

    Args:
        request: Its rate is a whole number.
        model: The server's name for the model; left out if empty.
        attempt: Sent as `user`, by which a server that repeats it can be asked for a job whose reply was lost.
    """
    fields = {
        "prompt": request.prompt,
        "seconds": str(-(-request.frames // int(request.rate))),
        "size": f"{request.width}x{request.height}",
        "num_frames": str(request.frames),
        "fps": str(int(request.rate)),
    }
    optional: dict[str, Any] = {
        "model": model or None, "user": attempt or None, "seed": request.seed,
        "negative_prompt": request.negative_prompt or None, "guidance_scale": request.guidance,
        "num_inference_steps": request.steps,
    }  # fmt: skip
    return fields | {name: str(value) for name, value in optional.items() if value is not None}


class VideosV1:
    """One server; its key goes to this origin and nowhere else, as redirects are not followed.

    Args:
        client: Without default headers, and not following redirects.
        base_url: The server, without `/v1`.
        key: Sent as a bearer token, if not empty.
    """

    def __init__(self, client: httpx.Client, base_url: str, key: str = "") -> None:
        self._client, self.base_url = client, base_url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def create(self, form: Mapping[str, str], attempt: str, picture: bytes | None = None) -> JobState:
        """Ask for a video; sent once, whatever happens.

        Raises:
            Busy: Refused for now, before acceptance, or never reached.
            InvalidRequest: The server says that the request is wrong.
            PermanentFailure: The key is refused, or this is no such server.
            OutcomeUnknown: It may or may not have been accepted.
        """
        files: dict[str, Any] = {name: (None, value) for name, value in form.items()}
        if picture is not None:
            files["input_reference"] = ("first.png", picture, "image/png")
        headers = self._headers | ({"Idempotency-Key": attempt} if attempt else {})
        try:
            reply = self._client.post(f"{self.base_url}/v1/videos", files=files, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Busy(f"{self.base_url} cannot be reached: {_said(error)}") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(
                f"{self.base_url} broke off before it answered ({_said(error)}): "
                "whether it makes the video is not known, and it was not asked again"
            ) from error
        state = _state(reply)
        if state is not None:
            return state
        what = f"{self.base_url} answered {reply.status_code}: {_message(reply)}"
        if reply.status_code in (429, 503):
            raise Busy(what, retry_after=_retry_after(reply))
        if reply.is_redirect:
            raise PermanentFailure(f"{what}; redirects are not followed: set base_urls to where the server is")
        if reply.status_code in (401, 403):
            raise PermanentFailure(f"{what}; set key_variable to an environment variable that holds a valid key")
        if reply.status_code in (404, 405):
            raise PermanentFailure(f"{what}; it serves no /v1/videos: check base_urls")
        if reply.is_client_error:
            raise InvalidRequest(what)
        raise OutcomeUnknown(f"{what}; whether it makes the video is not known, and it was not asked again")

    def look_up(self, id: str) -> JobState:
        """Ask how a job is; the body is read whatever the status, as some servers answer 4xx for a failed job.

        Raises:
            NoSuchJob: The server does not know it.
            Busy: Ask again later.
            Unreadable: Nothing was learnt.
        """
        try:
            reply = self._client.get(f"{self.base_url}/v1/videos/{id}", headers=self._headers)
        except httpx.HTTPError as error:
            raise Unreadable(f"{self.base_url} cannot be reached: {_said(error)}") from error
        state = _state(reply)
        if state is not None and state.id == id:
            return state
        what = f"{self.base_url} answered {reply.status_code} for job {id}: {_message(reply)}"
        if reply.status_code == 404:
            raise NoSuchJob(what)
        if reply.status_code in (429, 503):
            raise Busy(what, retry_after=_retry_after(reply))
        raise Unreadable(what)

    def fetch(self, id: str, path: Path, most_bytes: int) -> None:
        """Write a finished job's file.

        Raises:
            Unreadable: It did not come, or not whole.
            PermanentFailure: It is larger than `most_bytes`, or somewhere that is not looked at.
        """
        url = f"{self.base_url}/v1/videos/{id}/content"
        try:
            with self._client.stream("GET", url, headers=self._headers) as reply, path.open("wb") as file:
                if reply.is_redirect:
                    raise PermanentFailure(f"{url} redirects, which is not followed: have the server send files itself")
                if reply.status_code != 200:
                    reply.read()
                    raise Unreadable(
                        f"{url} answered {reply.status_code}: {_message(reply)}", retry_after=_retry_after(reply)
                    )
                for chunk in reply.iter_bytes():
                    file.write(chunk)
                    if file.tell() > most_bytes:
                        raise PermanentFailure(f"{url} sent over {most_bytes} bytes: raise most_bytes if this is right")
        except httpx.HTTPError as error:
            raise Unreadable(f"{url} broke off: {_said(error)}") from error

    def delete(self, id: str) -> bool:
        """Ask the server to drop a job; returns whether it said yes. Never raises: it is a courtesy."""
        try:
            return self._client.delete(f"{self.base_url}/v1/videos/{id}", headers=self._headers).is_success
        except httpx.HTTPError:
            return False

    def find(self, attempt: str) -> JobState | None:
        """Look through the newest jobs for the one that a client called `attempt`; None where the server does not say.

        Raises:
            Unreadable: The server cannot be asked.
        """
        try:
            reply = self._client.get(
                f"{self.base_url}/v1/videos", params={"limit": "100", "order": "desc"}, headers=self._headers
            )
        except httpx.HTTPError as error:
            raise Unreadable(f"{self.base_url} cannot be reached: {_said(error)}") from error
        body = _json(reply) if reply.is_success else None
        jobs = body.get("data") if isinstance(body, dict) else None
        states = [_parse(job) for job in jobs] if isinstance(jobs, list) else []
        return next((state for state in states if state and state.user == attempt), None)


def _state(reply: httpx.Response) -> JobState | None:
    wait = reply.headers.get("openai-poll-after-ms", "")
    return _parse(_json(reply), _sane(float(wait) / 1000) if _is_whole(wait) else None)


def _json(reply: httpx.Response) -> Any:
    """Read a body; None where it is no JSON, or none that a client should follow."""
    try:
        return reply.json()
    except (ValueError, RecursionError):  # the latter for lists in lists in lists without end
        return None


def _parse(body: Any, poll_after: float | None = None) -> JobState | None:
    if not isinstance(body, dict):
        return None
    id, status, progress, error = (body.get(name) for name in ("id", "status", "progress", "error"))
    if not (isinstance(id, str) and _ID.fullmatch(id) and isinstance(status, str) and status in _STATUS):
        return None
    if isinstance(error, dict):
        error = ": ".join(str(error[name]) for name in ("code", "message") if error.get(name))
    return JobState(
        id=id,
        status=_STATUS[status],
        progress=_percent(progress),
        error=_one_line(str(error or "")),
        user=str(body.get("user") or ""),
        poll_after=poll_after,
    )


def _percent(told: Any) -> int:
    """Read how much is done, which may be without end; 0 where it is no number."""
    if not isinstance(told, int | float) or not told > 0:  # nothing is greater or less than JSON's NaN
        return 0
    return 100 if told >= 100 else int(told)


def _message(reply: httpx.Response) -> str:
    """Find what a server says is wrong, in the shapes in which servers say it."""
    body = _json(reply)
    if body is None:
        return _one_line(reply.headers.get("content-type", "") or "no answer that can be read")
    for name in ("error", "detail", "message"):
        found = body.get(name) if isinstance(body, dict) else None
        if isinstance(found, dict):
            found = found.get("message")
        if found:
            return _one_line(str(found))
    return _one_line(reply.text)


def _retry_after(reply: httpx.Response) -> float | None:
    """Read `Retry-After`. Source: RFC 9110, 10.2.3: seconds, or a date."""
    text = reply.headers.get("retry-after", "").strip()
    if _is_whole(text):
        return _sane(float(text))
    try:
        return _sane(max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()))
    except (ValueError, TypeError, OverflowError):
        return None


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit()  # a raised two is a digit to Python, and no number


def _sane(seconds: float) -> float | None:
    """Pass on a wait that a server may mean: not one of more than a day, which may be for ever."""
    return seconds if seconds <= _LONGEST_WAIT else None


def _said(error: Exception) -> str:
    return _one_line(str(error)) or type(error).__name__


def _one_line(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()[:300]
