"""Check a take, or footage that nobody asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.base import Check, examine, load_checks
from reelgraph.video_tools.checks.examiner import Examiner, read_subject
from reelgraph.video_tools.checks.intent import intent_of_take
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.editing.stills import is_still, read_still
from reelgraph.video_tools.film import Finding, Shot, TakeRequest


def check_take(
    source: Path | Iterable[Array],
    request: TakeRequest | None = None,
    *,
    shot: Shot | None = None,
    sound: Sound | None = None,
    rate: Fraction | None = None,
    checks: Mapping[str, Any] | Sequence[Check] | None = None,
) -> list[Finding]:
    """Check a take.

    Args:
        source: Its file, a video or a still picture, or its frames, each `(height, width, 3) uint8 RGB`.
        request: What was asked for, if anything.
        shot: The shot that it is for.
        sound: Its sound, if it is not in the file.
        rate: Frames a second of frames in memory; the request's if not given.
        checks: By check name, its settings, as `load_checks` takes them.

    Raises:
        InvalidRequest: The file cannot be read as media.
    """
    if isinstance(source, Path) and is_still(source):
        source = [read_still(source)]
    if not isinstance(source, Path):
        examiner = Examiner(request, shot=shot, sound=sound, rate=rate, checks=checks)
        for frame in source:
            examiner.see(frame)
        return examiner.finish()
    subject = read_subject(source)
    if request or shot:  # what nobody asked for has the cuts and fades that are seen in it
        intent = intent_of_take(subject.measures.frames, request, shot)
        subject = replace(subject, kind="take", intent=intent, request=request, shot=shot)
    subject = replace(subject, sound=sound or subject.sound)
    return examine(subject, load_checks(checks))


def check_file(path: Path, *, checks: Mapping[str, Any] | Sequence[Check] | None = None) -> list[Finding]:
    """Check footage that nobody asked for.

    Raises:
        InvalidRequest: The file cannot be read as media.
    """
    return check_take(path, checks=checks)
