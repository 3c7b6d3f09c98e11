"""The one interface of every back end: `generate(calls, on_event)` yields each result as it becomes ready.

A back end knows nothing of the ledger, the budget or files: `reelgraph.video_tools.generation` records, pays, encodes
and publishes around it. What it declares of itself, `Capabilities`, lives in `capabilities`, and is imported from here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from reelgraph.video_tools.backends.capabilities import (
    MODE_OF_ROLE,
    NO_PICTURE,
    Capabilities,
    FrameRule,
    Mode,
    SizeRule,
    World,
    check_request,
)
from reelgraph.video_tools.errors import InvalidRequest, ReelgraphError
from reelgraph.video_tools.film import Spend, Substitution, Take, TakeRequest
from reelgraph.video_tools.registry import blamed

if TYPE_CHECKING:  # numpy costs 70 ms, and listing back ends does not need it
    import numpy as np

__all__ = [
    "MODE_OF_ROLE", "NO_PICTURE", "Backend", "Call", "Capabilities", "Event", "Failed", "FindsJobs", "FrameRule",
    "HasNeeds", "Job", "Learns", "Made", "Mode", "OnEvent", "Progress", "SizeRule", "Sound", "Submitted", "World",
    "asked_price", "check_ready", "check_request", "made_otherwise",
]  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A job on a server, as the ledger recorded it."""

    base_url: str
    id: str


@dataclass(frozen=True)
class Call:
    """One request to make, as one attempt; `job` is a job of it that an earlier process submitted, to be adopted."""

    request: TakeRequest
    attempt: str = ""
    job: Job | None = None
    references: dict[str, Path] = field(default_factory=dict)  # content hash -> the file it is in


@dataclass(frozen=True)
class Progress:
    """`step` of `steps` is done for an attempt, and what a server said of it; `shoot` adds which shot that is for."""

    attempt: str
    step: int
    steps: int
    shot: str = ""
    said: str = ""


@dataclass(frozen=True)
class Submitted:
    """A server accepted an attempt as a job; told before the first poll, so that the ledger has it first."""

    attempt: str
    job: Job


Event: TypeAlias = Progress | Submitted
OnEvent: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True)
class Sound:
    """Sound of a take.

    Attributes:
        samples: `(samples, channels) float32`, -1 to 1.
        rate: Samples a second.
    """

    samples: "np.ndarray"
    rate: int


@dataclass(frozen=True)
class Made:
    """A request that was made: frames in memory, sound alone, or a media file from a server.

    Attributes:
        call: What was asked.
        frames: `(frames, height, width, 3) uint8 RGB`; or an iterator of such single
            frames, for long takes; None with `media`, and for sound alone.
        media: A file that the caller takes over and deletes.
        rate: Frames a second of what was made.
        sound: Its sound, if any (with `media`, the sound is in the file).
        substitutions: What was made differently from what was asked.
        spent: What it cost.
        notes: Facts of the making, such as device and library versions.
    """

    call: Call
    rate: Fraction
    frames: "np.ndarray | Iterator[np.ndarray] | None" = None
    media: Path | None = None
    sound: Sound | None = None
    substitutions: tuple[Substitution, ...] = ()
    spent: Spend = Spend(calls=1)
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """A request that could not be made, and what it cost all the same.

    Its error is let go of what raised it: whoever keeps it would keep the model that failed in memory.
    """

    call: Call
    error: ReelgraphError
    spent: Spend = Spend(calls=1)

    def __post_init__(self) -> None:
        error: BaseException | None = self.error
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            error.__traceback__ = None
            error = error.__cause__ or error.__context__


@runtime_checkable
class FindsJobs(Protocol):
    """What a remote back end may add: look up a job whose acceptance was never heard."""

    def find_job(self, call: Call) -> Job | None:
        """Return the job that an attempt became, or None where the server does not know it."""


@runtime_checkable
class Learns(Protocol):
    """What a back end may add: learn from the takes it made here what the next ones will cost."""

    def learn(self, takes: Iterable[Take]) -> None:
        """Read the machine's own times from takes."""


@runtime_checkable
class HasNeeds(Protocol):
    """What a back end may add: say what it lacks, before anything is planned for it or paid."""

    def check_needs(self) -> None:
        """Refuse to be asked without a server, a key or a package. Cheap: no weights are loaded, no server is asked.

        Raises:
            InvalidRequest: The message says what to set or install.
        """


class Backend(Protocol):
    """What turns requests into frames."""

    name: str

    def capabilities(self) -> Capabilities:
        """Declare what can be made. Cheap: no weights are loaded and no server is asked."""

    def fingerprint(self) -> str:
        """Name what determines the pixels besides the request: the weights' hash, or a drawing version."""

    def price(self, request: TakeRequest) -> Spend:
        """Say what a request will cost at most."""

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        """Make each request and yield it as it becomes ready.

        Failures of one request are yielded as `Failed`, and the others go on. To cancel, `on_event` raises `Cancelled`:
        the back end stops within one step, stays usable, and lets the exception pass. A job that its server dropped for
        certain is yielded as `Failed` before that; one that was not goes on, and is adopted by a later call.

        Args:
            calls: At most `capabilities().max_batch` requests of one shape.
            on_event: Told of progress, and of a server's job before its first poll.

        Raises:
            Cancelled: `on_event` asked for it.
        """


def check_ready(backend: Backend) -> None:
    """Refuse a back end that cannot make anything as it is set up here.

    Raises:
        InvalidRequest: The message says what to set or install, or what of the back end broke.
    """
    with blamed(f"backend {backend.name!r}", "used"):
        if isinstance(backend, HasNeeds):
            backend.check_needs()
        can = backend.capabilities()
    if not isinstance(can, Capabilities):
        raise InvalidRequest(
            f"backend {backend.name!r} cannot be used: capabilities() gives {type(can).__name__}, not Capabilities"
        )


def asked_price(backend: Backend, request: TakeRequest) -> Spend:
    """Ask a back end what a request will cost at most.

    Raises:
        InvalidRequest: It breaks, or gives no price.
    """
    with blamed(f"backend {backend.name!r}", "asked for a price"):
        price = backend.price(request)
    if not isinstance(price, Spend):
        raise InvalidRequest(
            f"backend {backend.name!r} cannot be used: price() gives {type(price).__name__}, not Spend"
        )
    return price


def made_otherwise(request: TakeRequest, why: str, **made: object) -> list[Substitution]:
    """Say where what was made, by the request's fields, is not what was asked for."""
    return [
        Substitution(what=what, asked=str(getattr(request, what)), made=str(got), why=why)
        for what, got in made.items()
        if got != getattr(request, what)
    ]
