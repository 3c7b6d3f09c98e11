"""What a person sees while a film is made: which shot is at which step, and advice that can be copied."""

import io
import threading
from argparse import Namespace

import pytest

from reelgraph.commands.telling import placed, teller
from reelgraph.video_tools.events import event

OPTIONS = Namespace(quiet=False, project="my films")


def test_terminal_sees_which_shot_is_at_which_step_of_how_many(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    tell = teller(OPTIONS)
    tell(event("storyboard.ready", film="f", storyboard=1, shots=3))
    tell(event("take.ready", film="f", shot="s01-01", take="ab" * 32, reused=False))
    tell(event("take.progress", shot="s01-02", step=3, steps=8))
    assert capsys.readouterr().err == (
        "\rstoryboard 1: 3 shots\n\rs01-01: take abababab\n\r  s01-02: step 3 of 8, 1 of 3 shots are there "
    )


def test_terminal_sees_what_a_server_says_of_a_job_and_nothing_of_what_it_said_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    tell = teller(OPTIONS)
    tell(event("take.progress", shot="s01-02", step=0, steps=100, said="2 before it in the queue"))
    tell(event("take.progress", shot="s01-02", step=1, steps=100))
    tell(event("take.failed", film="f", shot="s01-02", error="no"))
    waiting, made = "  s01-02: step 0 of 100 (2 before it in the queue) ", "  s01-02: step 1 of 100 "
    failed = "s01-02: not made: no"
    assert capsys.readouterr().err == f"\r{waiting}\r{made.ljust(len(waiting))}\r{failed.ljust(len(made))}\n"


class Written(io.StringIO):
    """What was written, and by which thread, piece by piece; the first piece leaves room for another thread's."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[tuple[int, str]] = []
        self.first, self.other = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.pieces.append((threading.get_ident(), text))
        if not self.first.is_set():
            self.first.set()
            self.other.wait(0.2)
        elif threading.get_ident() != self.pieces[0][0]:
            self.other.set()
        return len(text)


def test_lines_of_several_threads_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written()
    monkeypatch.setattr("sys.stderr", written)
    tell = teller(OPTIONS)
    take = event("take.ready", film="f", shot="s01-01", take="ab" * 32, reused=False)
    other = threading.Thread(target=lambda: written.first.wait() and tell(take))
    other.start()
    tell(take)
    other.join()
    (a, line), (b, end), (c, other_line), (d, other_end) = written.pieces
    assert (line, end) == (other_line, other_end) == ("s01-01: take abababab", "\n")
    assert a == b != c == d


def test_log_has_no_counter(capsys: pytest.CaptureFixture[str]) -> None:
    teller(OPTIONS)(event("take.progress", shot="s01-02", step=3, steps=8))
    assert capsys.readouterr().err == ""


def test_advice_names_the_project_that_was_given() -> None:
    said = "`reelgraph resume --film f` goes on; `reelgraph takes` lists them"
    assert placed(OPTIONS, said) == (
        "`reelgraph resume -p 'my films' --film f` goes on; `reelgraph takes -p 'my films'` lists them"
    )
    assert placed(Namespace(project="."), said) == said
