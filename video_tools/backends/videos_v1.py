"""The videos-v1 wire format, as a client speaks it: create, look up, fetch, delete and list jobs.

Source: the shape of OpenAI's former Videos API, as vLLM-Omni and SGLang-Diffusion serve it. Only their intersection is
used: multipart forms, `seconds` as a string of a whole number, and `num_frames`, `fps` and `seed` said outright.
"""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx

from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.backends.conditions import read_conditions, wholly
from reelgraph.video_tools.backends.dialect import Form, JobState, Status, Unreadable
from reelgraph.video_tools.backends.line import Line
from reelgraph.video_tools.backends.remote_settings import RemoteSettings
from reelgraph.video_tools.backends.replies import (
    ask,
    json_of,
    nothing_learnt,
    one_line,
    post,
    refusal,
    said,
    sane,
    whole,
    write_file,
)

_STATUS: dict[str, Status] = {
    "queued": "queued", "in_progress": "in_progress", "completed": "completed", "failed": "failed",
    "cancelled": "failed",
}  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")  # it becomes part of a path


class VideosV1:
    """One server of the videos-v1 dialect: see `Dialect`.

    Args:
        line: By which it is asked.
        base_url: The server, without `/v1`.
        settings: The model's name, and the key, which is sent as a bearer token.

    Raises:
        InvalidRequest: There is no key where the settings say that there is one.
    """

    def __init__(self, line: Line, base_url: str, settings: RemoteSettings) -> None:
        self._line, self.base_url, self._model = line, base_url, settings.model
        self._headers = {"Authorization": f"Bearer {key}"} if (key := settings.key()) else {}

    def form(self, call: Call) -> Form:
        """Write a call as a form: its rate is a whole number, and its attempt is sent as `user`.

        By that a server which repeats it can be asked for a job whose reply was lost.
        """
        request = call.request
        fields: dict[str, Any] = {
            "prompt": request.prompt,
            "seconds": -(-request.frames // int(request.rate)),
            "size": f"{request.width}x{request.height}",
            "num_frames": request.frames,
            "fps": int(request.rate),
            "model": self._model or None,
            "user": call.attempt or None,
            "seed": request.seed,
            "negative_prompt": request.negative_prompt or None,
            "guidance_scale": request.guidance,
            "num_inference_steps": request.steps,
        }
        parts: dict[str, Any] = {name: (None, str(value)) for name, value in fields.items() if value is not None}
        conditions = read_conditions(call)
        if conditions.first is not None:
            buffer = BytesIO()
            conditions.first.save(buffer, "PNG")
            parts["input_reference"] = ("first.png", buffer.getvalue(), "image/png")
        firsts = (r for r in request.references if r.role == "first_frame")
        return Form(call.attempt, parts, (*conditions.substitutions, *wholly(firsts, "the server")))

    def create(self, form: Form) -> JobState:
        """Ask for a video; sent once, whatever happens."""
        headers = self._headers | ({"Idempotency-Key": form.attempt} if form.attempt else {})
        reply = post(self._line, f"{self.base_url}/v1/videos", self.base_url, files=dict(form.fields), headers=headers)
        state = _state(reply)
        if state is not None:
            return state
        raise refusal(reply, self.base_url, no_such="it serves no /v1/videos: check base_urls")

    def look_up(self, id: str) -> JobState:
        """Ask how a job is; the body is read whatever the status, as some servers answer 4xx for a failed job."""
        try:
            reply = ask(self._line, "GET", f"{self.base_url}/v1/videos/{id}", headers=self._headers)
        except httpx.HTTPError as error:
            raise Unreadable(f"{self.base_url} cannot be reached: {said(error)}") from error
        state = _state(reply)
        if state is not None and state.id == id:
            return state
        raise nothing_learnt(reply, self.base_url, id)

    def fetch(self, id: str, path: Path, most_bytes: int) -> None:
        """Write a finished job's file, which this server sends itself."""
        url = f"{self.base_url}/v1/videos/{id}/content"
        write_file(self._line, url, path, most_bytes=most_bytes, headers=self._headers)

    def delete(self, id: str) -> bool:
        """Ask the server to drop a job; returns whether it said yes."""
        try:
            return ask(self._line, "DELETE", f"{self.base_url}/v1/videos/{id}", headers=self._headers).is_success
        except httpx.HTTPError:
            return False

    def find(self, attempt: str) -> JobState | None:
        """Look through the newest jobs for the one that a client called `attempt`; None where the server does not say.

        Raises:
            Unreadable: The server cannot be asked.
        """
        try:
            reply = ask(
                self._line,
                "GET",
                f"{self.base_url}/v1/videos",
                params={"limit": "100", "order": "desc"},
                headers=self._headers,
            )
        except httpx.HTTPError as error:
            raise Unreadable(f"{self.base_url} cannot be reached: {said(error)}") from error
        body = json_of(reply) if reply.is_success else None
        jobs = body.get("data") if isinstance(body, dict) else None
        states = [_parse(job) for job in jobs] if isinstance(jobs, list) else []
        return next((state for state in states if state and state.user == attempt), None)


def _state(reply: httpx.Response) -> JobState | None:
    wait = whole(reply.headers.get("openai-poll-after-ms", ""))
    return _parse(json_of(reply), None if wait is None else sane(wait / 1000))


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
        error=one_line(str(error or "")),
        user=str(body.get("user") or ""),
        poll_after=poll_after,
    )


def _percent(told: Any) -> int:
    """Read how much is done, which may be without end; 0 where it is no number."""
    if not isinstance(told, int | float) or not told > 0:  # nothing is greater or less than JSON's NaN
        return 0
    return 100 if told >= 100 else int(told)
