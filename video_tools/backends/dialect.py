"""What a server can be asked in any dialect: to take a job on, how it is, what it made, to drop it, and to find it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.errors import TransientFailure
from reelgraph.video_tools.film import Substitution

Status = Literal["queued", "in_progress", "completed", "failed"]


class Busy(TransientFailure):
    """The server refused before accepting: nothing was started, and the same may be sent again."""


class Unreadable(TransientFailure):
    """The server answered, or failed to, in a way that says nothing of the job."""


class NoSuchJob(TransientFailure):
    """The server does not know the job, or no longer has what it made."""


@dataclass(frozen=True)
class JobState:
    """What a server says of a job.

    Attributes:
        id: The job, in whatever the dialect needs to ask for it again.
        status: Where it is.
        progress: Percent done, 0 to 100; above 0 once it was begun.
        error: Why it failed.
        user: What the client called it, where the server says so.
        poll_after: Seconds after which to ask again, where the server says so.
        said: What the server tells of it in words, such as its place in a queue.
    """

    id: str
    status: Status
    progress: int = 0
    error: str = ""
    user: str = ""
    poll_after: float | None = None
    said: str = ""


@dataclass(frozen=True)
class Form:
    """A call in a dialect's words.

    Attributes:
        attempt: What the call is named in the ledger.
        fields: What is sent; only the dialect that wrote it reads it.
        substitutions: What these words cannot say as it was asked.
        notes: Facts for the take, such as a seed that is told in fewer digits.
    """

    attempt: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    substitutions: tuple[Substitution, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    """A wire format, spoken to one server; its key goes to that origin and nowhere else."""

    base_url: str

    def form(self, call: Call) -> Form:
        """Write a call in the dialect's words; the server is not asked.

        Raises:
            InvalidRequest: These words cannot ask for it.
        """

    def create(self, form: Form) -> JobState:
        """Ask for a video; sent once, whatever happens.

        Raises:
            Busy: Refused for now, before acceptance, or never reached.
            InvalidRequest: The server says that the request is wrong.
            PermanentFailure: The key is refused, or this is no such server.
            OutcomeUnknown: It may or may not have been accepted.
        """

    def look_up(self, id: str) -> JobState:
        """Ask how a job is.

        Raises:
            NoSuchJob: The server does not know it, or no longer has what it made.
            Busy: Ask again later.
            Unreadable: Nothing was learnt.
        """

    def fetch(self, id: str, path: Path, most_bytes: int) -> None:
        """Write a finished job's file.

        Raises:
            Unreadable: It did not come, or not whole.
            PermanentFailure: It is larger than `most_bytes`, or somewhere that is not looked at.
        """

    def delete(self, id: str) -> bool:
        """Ask the server to drop a job; returns whether it certainly did. Never raises: it is a courtesy."""

    def find(self, attempt: str) -> JobState | None:
        """Return the job that an attempt became; None where the server does not say.

        Raises:
            Unreadable: The server cannot be asked.
        """
