"""What a check is: it reads a `Subject`, and says in `Finding`s what it measured.

A check is a small frozen dataclass whose fields are its thresholds, with one method. Built-in checks and a plug-in's
enter by the same entry-point group, `reelgraph.checks`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import numpy as np

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.container import Container
from reelgraph.video_tools.checks.intent import Intent, Takes
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.checks.measures import Measures
from reelgraph.video_tools.editing.apart import alive
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, Finding, Shot, Storyboard, TakeRequest
from reelgraph.video_tools.registry import found
from reelgraph.video_tools.wording import meant

if TYPE_CHECKING:
    from reelgraph.video_tools.studio import Likeness

Need: TypeAlias = Literal["frames", "motion", "sound", "file", "request", "shot", "cut", "storyboard", "bible"]


@dataclass(frozen=True)
class Subject:
    """A take or a film, with all that a check may ask about it; what is None is not known.

    Attributes:
        kind: `take`, `film`, or `file` for footage that nobody asked for.
        rate: Frames a second.
        measures: What one pass over the frames measured.
        intent: What is still, dark or cut on purpose.
        sound: Its sound.
        container: What the file says about itself.
        path: The file, where there is one.
        request: What a take was asked to be.
        shot: The shot that a take is for.
        cut: The cut that a film is a render of.
        storyboard: The plan of the film.
        takes: What finds the cut's takes.
        faults: Frames that could not be read, as `(frame, why)`.
        alike: How near a take comes to those of the bible whom it shows, where a memory compared them.
    """

    kind: Literal["take", "film", "file"]
    rate: Fraction
    measures: Measures
    intent: Intent
    sound: Sound | None = None
    container: Container | None = None
    path: Path | None = None
    request: TakeRequest | None = None
    shot: Shot | None = None
    cut: Cut | None = None
    storyboard: Storyboard | None = None
    takes: Takes | None = None
    faults: Sequence[tuple[int, str]] = ()
    alike: "Sequence[Likeness] | None" = None

    def lacks(self, need: Need) -> str:
        """Say why a need is not met, or return an empty string."""
        return {
            "frames": "there are no frames to look at" if self.measures.frames == 0 else "",
            "motion": "motion needs three frames" if self.measures.frames < 3 else "",
            "sound": "" if self.sound is not None else "there is no sound",
            "file": "" if self.container is not None else "there is no file",
            "request": "" if self.request is not None else "nothing says what was asked for",
            "shot": "" if self.shot is not None else "no shot was given",
            "cut": "" if self.cut is not None else "no cut was given",
            "storyboard": "" if self.storyboard is not None else "no storyboard was given",
            "bible": "" if self.alike is not None else "nothing was compared with a bible",
        }[need]


@dataclass(frozen=True)
class Check(ABC):
    """Base of checks.

    Attributes:
        blocking: Whether a failure stops approval, or only advises.
        name: The name it is registered under, and of its findings.
        needs: What a subject must have for it.
        footage: Whether it judges what a camera would have filmed, so that it says nothing of drawn panels and cards.
    """

    blocking: bool = True
    name: ClassVar[str]
    needs: ClassVar[frozenset[Need]] = frozenset({"frames"})
    footage: ClassVar[bool] = False

    @abstractmethod
    def findings(self, subject: Subject) -> Iterable[Finding]:
        """Say what was measured: a failure for each faulty range, or one finding that it passed."""

    def passed(self, value: float | None = None, threshold: float | None = None, **more: Any) -> Finding:
        """Make a finding that says all is well, with the worst value seen."""
        return self._finding("passed", value, threshold, **more)

    def failed(self, message: str, value: float, threshold: float, **more: Any) -> Finding:
        """Make a finding that says what is wrong."""
        return self._finding("failed", value, threshold, message=message, **more)

    def unknown(self, message: str, **more: Any) -> Finding:
        """Make a finding that says why nothing could be measured."""
        return self._finding("unknown", message=message, **more)

    def not_applicable(self, message: str, **more: Any) -> Finding:
        """Make a finding that says why there is nothing to measure."""
        return self._finding("not_applicable", message=message, **more)

    def _finding(
        self,
        outcome: Literal["passed", "failed", "unknown", "not_applicable"],
        value: float | None = None,
        threshold: float | None = None,
        *,
        part: str = "",
        frames: tuple[int, int] | None = None,
        evidence: int | None = None,
        unit: str = "",
        message: str = "",
    ) -> Finding:
        first, last = frames or (None, None)
        return Finding(
            check=f"{self.name}.{part}" if part else self.name,
            outcome=outcome,
            value=None if value is None else round(float(value), 6),
            threshold=None if threshold is None else float(threshold),
            unit=unit,
            first_frame=first,
            last_frame=last,
            evidence_frame=evidence if evidence is not None or first is None else (first + (last or first)) // 2,
            message=message,
            blocking=self.blocking,
        )


def examine(subject: Subject, checks: Iterable[Check]) -> list[Finding]:
    """Run checks on a subject; each gives at least one finding, and none can end the others."""
    found: list[Finding] = []
    for check in checks:
        alive()
        missing = [(need, why) for need in sorted(check.needs) if (why := subject.lacks(need))]
        if missing:
            need, why = missing[0]
            # No frames is a fault that the picture checks cannot see past; the rest is simply not there to be judged.
            found.append(check.unknown(why) if need == "frames" else check.not_applicable(why))
            continue
        if check.footage and subject.intent.drawn.all():
            found.append(check.not_applicable("it is drawn, not filmed"))
            continue
        try:
            own = list(check.findings(subject))
        except Exception as error:  # a plug-in's fault must neither lose a take nor pass for approval
            own = [check.unknown(f"the check itself failed: {type(error).__name__}: {error}")]
        found += own or [check.unknown("the check said nothing")]
    return found


def as_checks(given: Any) -> list[Check]:
    """Read a caller's own checks: instances, or classes of checks that need no arguments.

    Raises:
        InvalidRequest: One is no check, or its class needs arguments.
    """
    checks = []
    for check in given if isinstance(given, Iterable) else [given]:
        if isinstance(check, type) and issubclass(check, Check):
            try:
                check = check()
            except TypeError as error:
                raise InvalidRequest(
                    f"{check.__name__} needs arguments: give checks=[{check.__name__}(...)]"
                ) from error
        if not isinstance(check, Check):
            raise InvalidRequest(f"{check!r} is no check: give instances of classes that are a checks.base.Check")
        checks.append(check)
    return checks


def load_checks(settings: Mapping[str, Any] | Sequence[Check] | None = None) -> list[Check]:
    """Make one of each registered check.

    Args:
        settings: By check name, its fields to set (`{"black": {"share": 0.95, "blocking": False}}`), or `{"on":
            False}`, or a check that is not registered; or else exactly the checks to run.

    Raises:
        InvalidRequest: A setting names a check or a field that there is not.
    """
    if isinstance(settings, Sequence):
        return list(settings)
    settings = settings or {}
    made = [check for check in settings.values() if isinstance(check, Check)]
    given = {check.name for check in made}
    points = found("reelgraph.checks")
    known = sorted(points)
    for name in settings:
        if name not in known and name not in given:
            raise InvalidRequest(f"no check named {name!r}: {meant(name, known)}")
    for name in known:
        if name in given:
            continue
        options = dict(settings.get(name, {}))
        if not options.pop("on", True):
            continue
        check: Check = points[name].load()()
        legal = [f.name for f in fields(check)]
        for option in options:
            if option not in legal:
                raise InvalidRequest(f"check {name!r} has no setting {option!r}: {meant(option, legal)}")
            usual = getattr(check, option)
            if not _like(options[option], usual):
                raise InvalidRequest(
                    f"check {name!r}: {option} cannot be {options[option]!r}: write it as {usual!r} is"
                )
        made.append(replace(check, **options))
    return made


def _like(value: Any, usual: Any) -> bool:
    """Say whether a setting is of the kind of its usual value, where that is plain."""
    if isinstance(usual, bool) or not isinstance(usual, int | float | str):
        return isinstance(value, bool) or not isinstance(usual, bool)
    if isinstance(usual, str):
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool)


def runs(mask: Array) -> list[tuple[int, int]]:
    """List the stretches in which a mask is true, as first and last frame."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask, np.int8), [0]])))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]
