"""Read what servers answer, in the shapes in which they say it; the key that was sent is never repeated."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from reelgraph.video_tools.backends.dialect import Busy, NoSuchJob, Unreadable
from reelgraph.video_tools.backends.line import Line, Reading
from reelgraph.video_tools.errors import (
    InvalidRequest,
    OutcomeUnknown,
    PermanentFailure,
    ReelgraphError,
    TransientFailure,
)

_LONGEST_WAIT = 24 * 3600
_LONGEST_ANSWER = 16 * 2**20  # a list of a hundred jobs with their prompts is far below
_LONGEST_LINE = 300


def ask(line: Line, method: str, url: str, **sent: Any) -> httpx.Response:
    """Ask for what is read whole: an answer without end is a broken one.

    Raises:
        httpx.HTTPError: It did not come in time, or goes on and on.
        Cancelled: The line's `tell` asked for it.
    """
    with line.open(method, url, **sent) as reading:
        return _read(reading)


def _read(reading: Reading) -> httpx.Response:
    body = bytearray()
    for chunk in reading:
        body += chunk
        if len(body) > _LONGEST_ANSWER:
            raise httpx.ReadError(f"its answer is over {_LONGEST_ANSWER} bytes")
    reply = reading.head
    headers = [(name, its) for name, its in reply.headers.raw if name.lower() != b"content-encoding"]
    return httpx.Response(reply.status_code, headers=headers, content=bytes(body), request=reply.request)


def post(line: Line, url: str, server: str, **sent: Any) -> httpx.Response:
    """Send what may be bought; once, whatever happens.

    Args:
        line: To where it is sent.
        url: Where to.
        server: What the errors call it.
        sent: What httpx is to send.

    Raises:
        Busy: It was never reached.
        OutcomeUnknown: The answer did not come.
    """
    try:
        with line.open_submission(url, **sent) as reading:
            return _read(reading)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Busy(f"{server} cannot be reached: {said(error)}") from error
    except httpx.HTTPError as error:
        raise OutcomeUnknown(
            f"{server} broke off before it answered ({said(error)}): "
            "whether it makes the video is not known, and it was not asked again"
        ) from error


def refusal(reply: httpx.Response, server: str, *, no_such: str) -> ReelgraphError:
    """Say what an answer to `post` means that names no job, by who acts next.

    Args:
        reply: The answer.
        server: What the error calls it.
        no_such: What a 404 means there, and what to do.
    """
    what = f"{server} answered {reply.status_code}: {message_of(reply)}"
    if reply.status_code in (429, 503):
        return Busy(what, retry_after=retry_after(reply))
    if reply.is_redirect:
        return PermanentFailure(f"{what}; redirects are not followed: set base_urls to where the server is")
    if reply.status_code in (401, 403):
        return PermanentFailure(f"{what}; set key_variable to an environment variable that holds a valid key")
    if reply.status_code == 402:
        return PermanentFailure(f"{what}; it wants to be paid first")
    if reply.status_code in (404, 405):
        return PermanentFailure(f"{what}; {no_such}")
    if reply.is_client_error:
        return InvalidRequest(what)
    return OutcomeUnknown(f"{what}; whether it makes the video is not known, and it was not asked again")


def nothing_learnt(reply: httpx.Response, server: str, job: str) -> TransientFailure:
    """Say what an answer to a look-up means that does not tell how the job is."""
    what = f"{server} answered {reply.status_code} for job {job}: {message_of(reply)}"
    if reply.status_code == 404:
        return NoSuchJob(what)
    if reply.status_code in (429, 503):
        return Busy(what, retry_after=retry_after(reply))
    return Unreadable(what)


def write_file(line: Line, url: str, path: Path, *, most_bytes: int, headers: dict[str, str]) -> None:
    """Write a file as it comes.

    Raises:
        Unreadable: It did not come, not whole, or came to a stop.
        PermanentFailure: It is larger than `most_bytes`, or somewhere that is not looked at.
        Cancelled: The line's `tell` asked for it.
    """
    name = url.partition("?")[0]  # what follows may be a signature that lets anybody fetch it
    try:
        with line.open_file(url, headers=headers) as reading, path.open("wb") as file:
            reply = reading.head
            if reply.is_redirect:
                raise PermanentFailure(f"{name} redirects, which is not followed: have the server send files itself")
            if reply.status_code != 200:
                raise Unreadable(
                    f"{name} answered {reply.status_code}: {message_of(_read(reading))}", retry_after=retry_after(reply)
                )
            for chunk in reading:
                file.write(chunk)
                if file.tell() > most_bytes:
                    raise PermanentFailure(f"{name} sent over {most_bytes} bytes: raise most_bytes if this is right")
    except httpx.HTTPError as error:
        raise Unreadable(f"{name} broke off: {said(error)}") from error


def json_of(reply: httpx.Response) -> Any:
    """Read a body; None where it is no JSON, or none that a client should follow."""
    try:
        return reply.json()
    except (ValueError, RecursionError):  # the latter for lists in lists in lists without end
        return None


def message_of(reply: httpx.Response) -> str:
    """Find what a server says is wrong, in the shapes in which servers say it."""
    body = json_of(reply)
    if body is None:
        return one_line(reply.headers.get("content-type", "") or "no answer that can be read")
    for name in ("error", "detail", "message"):
        found = body.get(name) if isinstance(body, dict) else None
        if isinstance(found, dict):
            found = ": ".join(str(found[part]) for part in ("message", "details") if found.get(part))
        if isinstance(found, list):  # what FastAPI says of each field that is wrong, which repeats what was sent
            found = "; ".join(map(_fault, found))
        if found:
            return repeated(reply, str(found))
    return repeated(reply, reply.text)


def _fault(fault: Any) -> str:
    if not isinstance(fault, dict) or "msg" not in fault:
        return str(fault)
    where = fault.get("loc")
    return f"{'.'.join(map(str, where))}: {fault['msg']}" if isinstance(where, list) else str(fault["msg"])


def repeated(reply: httpx.Response, text: str) -> str:
    """Return in one line what a server says, without the key that was sent to it."""
    key = reply.request.headers.get("authorization", "").partition(" ")[2]
    return one_line(text.replace(key, "[the key]") if key else text)


def retry_after(reply: httpx.Response) -> float | None:
    """Read `Retry-After`. Source: RFC 9110, 10.2.3: seconds, or a date."""
    text = reply.headers.get("retry-after", "").strip()
    seconds = whole(text)
    if seconds is not None:
        return sane(seconds)
    try:
        return sane(max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()))
    except (ValueError, TypeError, OverflowError):
        return None


def whole(text: str) -> float | None:
    """Read a whole number; None for anything else."""
    return float(text) if text.isascii() and text.isdigit() else None  # a raised two is a digit to Python


def sane(seconds: float) -> float | None:
    """Pass on a wait that a server may mean: not one of more than a day, which may be for ever."""
    return seconds if seconds <= _LONGEST_WAIT else None


def said(error: Exception) -> str:
    """Return what an error says, in one line."""
    return one_line(str(error)) or type(error).__name__


def one_line(text: str) -> str:
    """Return a text without line breaks, control characters and those that turn the order of signs, cut if endless."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", text).strip()[:_LONGEST_LINE]
