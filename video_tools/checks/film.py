"""Check a rendered film against its cut."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reelgraph.video_tools.checks.base import Check, examine, load_checks
from reelgraph.video_tools.checks.examiner import read_subject
from reelgraph.video_tools.checks.intent import Takes, intent_of_film
from reelgraph.video_tools.film import Cut, Finding, Storyboard


def check_film(
    path: Path,
    cut: Cut,
    *,
    storyboard: Storyboard | None = None,
    takes: Takes | None = None,
    checks: Mapping[str, Any] | Sequence[Check] | None = None,
    kept: Path | None = None,
) -> list[Finding]:
    """Check a rendered film against its cut; frames are the film's.

    Args:
        path: The film's file.
        cut: The cut that it is a render of.
        storyboard: The plan, which says what is still, dark or continued on purpose.
        takes: What finds the cut's takes; a ledger is one.
        checks: By check name, its settings, as `load_checks` takes them.
        kept: A file in which the measures are kept, so that the next version is decoded only where it differs.

    Raises:
        InvalidRequest: The file cannot be read as media.
    """
    subject = read_subject(path, kept=kept)
    intent = intent_of_film(subject.measures.frames, cut, storyboard, takes)
    subject = replace(subject, kind="film", intent=intent, cut=cut, storyboard=storyboard, takes=takes)
    return examine(subject, load_checks(checks))
