"""Foreign files are read in a process of their own: a decoder that crashes or hangs on one ends that process alone.

    here     (call, path, arguments) ──▶  the reader
             ◀── alive … alive …          every second in which it got on
             ◀── made, result | raised, error

One reader serves this process, one file at a time. When it dies, or says nothing for too long, the file is refused and
the next one gets a new reader.
"""

import atexit
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from reelgraph.video_tools.atomic import FULL
from reelgraph.video_tools.errors import InvalidRequest, ReelgraphError
from reelgraph.video_tools.wording import broke

T = TypeVar("T")

PATIENCE = 60.0  # seconds without a sign of life
_SIGN_EVERY = 1.0

_START = "from reelgraph.video_tools.editing.apart import serve; serve()"

_lock = threading.Lock()
_reader: "_Reader | None" = None
_tell: Callable[[], None] | None = None  # set in the reader alone
_told = 0.0


def apart(call: Callable[..., T], path: Path, *arguments: object) -> T:
    """Call a function with a foreign file, in the reader.

    Args:
        call: A module's function that takes the file first; what it takes and returns is copied over.
        path: The file.
        arguments: What else it takes.

    Raises:
        InvalidRequest: The reader died, got nowhere for `PATIENCE` seconds, or a library stumbled over the file.
        ReelgraphError: What the call raised.
        OSError: There is no room for what it writes, as `staged_file` explains.
    """
    global _reader
    if _tell is not None:  # this is the reader
        return call(path, *arguments)
    with _lock:
        if _reader is None or not _reader.serves():
            _reader = _Reader()
        try:
            kind, value = _reader.ask(call, path, arguments)
        except BaseException:  # of ours, or a person's interrupt: what the reader still does is not wanted
            _reader.end()
            raise
    if kind == "raised":
        raise value
    result: T = value
    return result


def alive() -> None:
    """Say that reading gets on; heard only where it is done apart."""
    global _told
    if _tell is not None and (now := time.monotonic()) - _told > _SIGN_EVERY:
        _told = now
        _tell()


class _Reader:
    """The other process."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self._of = os.getpid()
        self._said: SimpleQueue[tuple[str, Any] | None] = SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        atexit.register(self.end)

    def serves(self) -> bool:
        """Say whether it is there, and is this process's own: a fork has none."""
        return self._of == os.getpid() and self.process.poll() is None

    def ask(self, call: Callable[..., Any], path: Path, arguments: tuple[object, ...]) -> tuple[str, Any]:
        """Return whether a call `made` or `raised` something, and what."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it has just died, which is found below
            pickle.dump((call, path.absolute(), arguments), self.process.stdin)
            self.process.stdin.flush()
        while True:
            try:
                said = self._said.get(timeout=PATIENCE)
            except Empty:
                raise InvalidRequest(
                    f"{path.name} keeps its decoder busy without end: it is damaged; convert it with another program"
                ) from None
            if said is None:
                raise InvalidRequest(f"{path.name} crashes its decoder: it is damaged; convert it with another program")
            if said[0] != "alive":
                return said

    def end(self) -> None:
        """End it, whatever it does."""
        atexit.unregister(self.end)
        if self._of != os.getpid():
            return
        self.process.kill()
        self.process.wait()
        self._listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):  # what was not sent yet has nobody to go to
                pipe.close()  # type: ignore[union-attr]  # both are pipes

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
            while True:
                self._said.put(pickle.load(self.process.stdout))
        self._said.put(None)


def serve() -> None:
    """Be the reader, until nobody asks any more."""
    global _tell
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked is interrupted too, and ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer

    def answer(kind: str, value: object = None) -> None:
        answers.write(pickle.dumps((kind, value)))
        answers.flush()

    _tell = lambda: answer("alive")  # noqa: E731
    with suppress(EOFError):
        while True:
            call, path, arguments = pickle.load(sys.stdin.buffer)
            try:
                answer("made", call(path, *arguments))
            except ReelgraphError as error:
                answer("raised", error)
            except ImportError as error:  # of what reads it: no file is at fault for that
                fault = InvalidRequest(
                    f"{path.name} cannot be read here ({broke(error)}): install or mend that package"
                )
                fault.add_note(traceback.format_exc())
                answer("raised", fault)
            except Exception as error:  # of a library that was not written for such a file: that file's fault alone
                if isinstance(error, OSError) and error.errno in FULL:  # which no file is at fault for
                    answer("raised", OSError(error.errno, error.strerror))
                    continue
                fault = InvalidRequest(
                    f"{path.name} cannot be read ({broke(error)}): it is damaged; convert it with another program"
                )
                fault.add_note(traceback.format_exc())
                answer("raised", fault)
