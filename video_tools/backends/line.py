"""A line to a server: no answer is waited for without end, and who waits for one can be stopped meanwhile.

To a socket's time limit each byte is an answer, so a server that sends one a second is waited for as long as it likes.
Here a thread of its own reads, while who asked goes by the clock.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import httpx

from reelgraph.video_tools.errors import Cancelled

LEAST = 5.0  # seconds for any answer, since a server that works may be slow to tell of it
# A submission may be answered when its picture was looked at, and a file put together when it is asked for.
SLOW = 60.0
TELL_EACH = 1.0  # seconds
_LEAST_PACE = 1000  # bytes a second of a file; what comes slower does not arrive
_LEAST_PACE_UP = 10_000  # bytes a second of what is sent, such as pictures: a tenth of a slow home line's
_AHEAD = 16
_Part: TypeAlias = httpx.Response | bytes | Exception | None  # the head, what follows it, and how it ended


class _Left(Exception):
    """Nobody reads any more."""


@dataclass(frozen=True)
class Line:
    """What dialects ask by.

    Attributes:
        client: Without default headers, and not following redirects.
        within: Seconds in which an answer has to be there, and in which a file has to come on.
        tell: Called every second while an answer is waited for; may raise `Cancelled`.
    """

    client: httpx.Client
    within: float = 30.0
    tell: Callable[[], None] = lambda: None

    @property
    def patient(self) -> "Line":
        """The same line for what may take a minute: a picture goes up, or is looked at before the answer."""
        return replace(self, within=max(self.within, SLOW))

    @contextmanager
    def open(self, method: str, url: str, **sent: Any) -> Iterator["Reading"]:
        """Ask for what has to be answered, as a whole, in `within` seconds, once all is sent."""
        with self._asked(self.within, method, url, sent) as reading:
            yield reading

    @contextmanager
    def open_submission(self, url: str, **sent: Any) -> Iterator["Reading"]:
        """Send what may be bought: when it is cancelled, what was sent is waited for all the same, yet not for long."""
        with self._asked(self.patient.within, "POST", url, sent, finishes=True) as reading:
            yield reading

    @contextmanager
    def open_file(self, url: str, **sent: Any) -> Iterator["Reading"]:
        """Ask for a file, which may take as long as it likes while it comes on."""
        with self._asked(self.patient.within, "GET", url, sent) as reading:
            reading.come_on(self.within)
            yield reading

    @contextmanager
    def _asked(
        self, seconds: float, method: str, url: str, sent: dict[str, Any], *, finishes: bool = False
    ) -> Iterator["Reading"]:
        request = self.client.build_request(method, url, **sent)
        goes_up = int(request.headers.get("Content-Length", 0)) // _LEAST_PACE_UP
        reading = Reading(self, seconds + goes_up, finishes=finishes)
        work = threading.Thread(target=reading.feed, args=(self.client, request), daemon=True)
        work.start()
        try:
            reading.read_head()
            yield reading
        finally:
            reading.leave()


class Reading:
    """An answer as it comes: its head, and over and over what follows.

    Args:
        line: What it comes by.
        seconds: In which it has to be there.
        finishes: Whether it is still waited for when it is cancelled.

    Raises:
        httpx.HTTPError: It does not come, or not in time.
        Cancelled: The line's `tell` asked for it.
    """

    head: httpx.Response
    seconds: float

    def __init__(self, line: Line, seconds: float, *, finishes: bool = False) -> None:
        self.seconds = seconds
        self._line, self._finishes, self._stopped = line, finishes, False
        now = time.monotonic()
        self._until, self._tell_at, self._late = now + seconds, now + TELL_EACH, f"it did not come in {seconds:g} s"
        self._stretch: float | None = None
        self._parts: queue.Queue[_Part] = queue.Queue(_AHEAD)
        self._left = threading.Event()

    def read_head(self) -> None:
        """Wait for the status and the headers."""
        head = self._next()
        assert isinstance(head, httpx.Response)  # it is what is fed first
        self.head = head

    def come_on(self, seconds: float) -> None:
        """Wait from now on for as long as enough of it comes in each stretch of so many seconds."""
        self._until, self._stretch = time.monotonic() + seconds, seconds
        self._late = f"less than {seconds * _LEAST_PACE:g} bytes of it came in {seconds:g} s"

    def __iter__(self) -> Iterator[bytes]:
        """Yield what follows the head."""
        came = 0
        while isinstance(part := self._next(), bytes):
            came += len(part)
            if self._stretch is not None and came >= self._stretch * _LEAST_PACE:
                came = 0
                self.come_on(self._stretch)
            yield part

    def leave(self) -> None:
        """Read no more."""
        self._left.set()

    def _next(self) -> httpx.Response | bytes | None:
        while True:
            now = time.monotonic()
            if now >= self._tell_at:
                self._tell_at = now + TELL_EACH
                self._tell()
            try:
                part = self._parts.get(timeout=max(0.0, min(self._until, self._tell_at) - time.monotonic()))
            except queue.Empty:
                if time.monotonic() >= self._until:
                    raise httpx.ReadTimeout(self._late) from None
                continue
            if isinstance(part, Exception):
                raise part
            return part

    def _tell(self) -> None:
        if self._stopped:
            return
        try:
            self._line.tell()
        except Cancelled:
            if not self._finishes:
                raise
            self._stopped = True
            until = time.monotonic() + self._line.within
            if until < self._until:
                self._until, self._late = until, f"it was stopped, and did not come in {self._line.within:g} s more"

    # --- the thread that reads ---

    def feed(self, client: httpx.Client, request: httpx.Request) -> None:
        """Read for who waits; one who has left is noticed at the next byte, or when the client is closed."""
        try:
            with closing(client.send(request, stream=True)) as reply:
                self._put(reply)
                for chunk in reply.iter_bytes():
                    self._put(chunk)
            self._put(None)
        except _Left:
            pass
        except Exception as error:
            with suppress(_Left):
                self._put(error)

    def _put(self, part: _Part) -> None:
        while not self._left.is_set():
            with suppress(queue.Full):
                return self._parts.put(part, timeout=0.1)
        raise _Left
