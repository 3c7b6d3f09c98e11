"""A file that crashes or hangs its decoder is refused by name, and nothing else is lost."""

import os
import re
import resource
import signal
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from footage_rig import sine, write_media
from PIL import Image

from reelgraph.commands import editing as checking
from reelgraph.video_tools.editing import apart as reading
from reelgraph.video_tools.editing import assemble as assembling
from reelgraph.video_tools.editing.apart import alive, apart
from reelgraph.video_tools.editing.assemble import assemble
from reelgraph.video_tools.editing.footage import sampled
from reelgraph.video_tools.editing.media import MediaFacts, probe
from reelgraph.video_tools.editing.profile import DEFAULT, encode_segment
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Finding


def crash(path: Path) -> None:
    """What a decoder does that writes past its buffer."""
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(path: Path) -> None:
    """What a decoder does that never finds the end of its data."""
    threading.Event().wait()


def crash_on_the_second(path: Path) -> MediaFacts:
    """Probe a file, unless it is the one that crashes."""
    return crash(path) if "2" in path.name else probe(path)  # type: ignore[func-returns-value, return-value]


def stumble(path: Path) -> None:
    """What a library does that was not written for such a file."""
    raise ZeroDivisionError("float\ndivision by zero")


def lack(path: Path) -> None:
    """What happens where a package that is to read the file is not what it was."""
    from email import nowhere_such  # type: ignore[attr-defined]  # noqa: F401


def leave_room(path: Path, most: int) -> None:
    """Let the reader write no file of more bytes, as a full disk does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def go_on(path: Path, signs: int) -> int:
    """Take long, but show that it gets on."""
    for _ in range(signs):
        reading._told = 0.0
        alive()
    return os.getpid()


def crash_or_check(path: Path, settings: dict[str, dict[str, Any]]) -> list[Finding]:
    """Check a file, unless it is the one that crashes."""
    return crash(path) if "2" in path.name else checking._checked(path, settings)  # type: ignore[func-returns-value, return-value]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    pictures = [np.full((48, 64, 3), 10 * n, np.uint8) for n in range(12)]
    return write_media(tmp_path / "clip1.mp4", pictures, sound=sine(440, 0.5))


def test_what_is_read_apart_is_what_is_read_here(clip: Path) -> None:
    assert apart(probe, clip) == probe(clip)
    assert apart(go_on, clip, 3) != os.getpid()


def test_refusal_reads_as_it_does_here(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a film")
    with pytest.raises(InvalidRequest, match=r"notes\.mp4 is not media that can be read"):
        apart(probe, tmp_path / "notes.mp4")


def test_file_that_crashes_its_decoder_is_refused_and_the_next_is_read(clip: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"clip1\.mp4 crashes its decoder"):
        apart(crash, clip)
    assert apart(probe, clip).frames == 12


def test_file_that_hangs_its_decoder_is_refused_and_the_next_is_read(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = apart(go_on, clip, 0)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "PATIENCE", 0.2)
        with pytest.raises(InvalidRequest, match=r"clip1\.mp4 keeps its decoder busy"):
            apart(hang, clip)
    assert apart(probe, clip).frames == 12
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)  # what hung is gone


def test_reader_that_died_between_two_files_is_not_held_against_the_next(clip: Path) -> None:
    os.kill(apart(go_on, clip, 0), signal.SIGKILL)
    assert reading._reader is not None
    reading._reader.process.wait()
    assert apart(probe, clip).frames == 12


def test_file_that_a_library_stumbles_over_is_refused_in_one_line_and_the_traceback_kept(clip: Path) -> None:
    with pytest.raises(InvalidRequest) as refused:
        apart(stumble, clip)
    assert str(refused.value) == (
        "clip1.mp4 cannot be read (ZeroDivisionError: float division by zero): it is damaged; convert it with another "
        "program"
    )
    assert "in stumble" in refused.value.__notes__[0]


def test_package_that_cannot_be_imported_is_not_held_against_the_file(clip: Path) -> None:
    with pytest.raises(InvalidRequest) as refused:
        apart(lack, clip)
    assert str(refused.value).startswith(
        "clip1.mp4 cannot be read here (ImportError: cannot import name 'nowhere_such'"
    )
    assert str(refused.value).endswith("): install or mend that package")


def test_picture_held_for_long_shows_that_it_gets_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "still.png")
    signs: list[bool] = []
    monkeypatch.setattr(reading, "_tell", lambda: signs.append(True))
    monkeypatch.setattr(reading, "_SIGN_EVERY", -1)
    held = sampled(tmp_path / "still.png", 30, Fraction(24), 64, 48)
    assert encode_segment(held, tmp_path / "still.mp4", Fraction(24), DEFAULT) == 30 <= len(signs)


def test_assembly_with_a_crashing_file_names_it_and_leaves_no_film(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "still2.png")
    monkeypatch.setattr(assembling, "probe", crash_on_the_second)
    with pytest.raises(InvalidRequest, match=r"still2\.png crashes its decoder"):
        assemble([clip, tmp_path / "still2.png"], tmp_path / "out.mp4", cache=tmp_path / "cache")
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(("room", "kind"), [(100, "segments"), (32_768, "pcm")])
def test_assembly_without_room_for_what_is_read_says_so_and_faults_no_file(
    clip: Path, tmp_path: Path, room: int, kind: str
) -> None:
    cache = tmp_path / "cache"
    try:
        apart(leave_room, clip, room)
        with pytest.raises(InvalidRequest) as refused:
            assemble([clip], tmp_path / "out.mp4", cache=cache)
        assert not (tmp_path / "out.mp4").exists() and not list(cache.rglob(".tmp-*"))
        said = rf"cannot write {cache}/{kind}/\S+: File too large; make room there"
        assert re.fullmatch(said, str(refused.value))
    finally:
        apart(leave_room, clip, resource.RLIM_INFINITY)
    assert assemble([clip], tmp_path / "out.mp4", cache=cache).rendered.frames == 12


def test_check_reports_a_crashing_file_beside_the_others(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = clip.with_name("clip2.mp4")
    other.write_bytes(clip.read_bytes())
    monkeypatch.setattr(checking, "_checked", crash_or_check)
    bad, good = checking._findings(other, {}), checking._findings(clip, {})
    assert [(f.outcome, f.check) for f in bad] == [("failed", "contract.readable")]
    assert "clip2.mp4 crashes its decoder" in bad[0].message
    monkeypatch.undo()
    assert good == checking._findings(clip, {}) == checking._checked(clip, {}) and len(good) > 10
