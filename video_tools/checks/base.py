"""What a check is: it reads a `Subject`, and says in `Finding`s what it measured.

A check is a small frozen dataclass whose fields are its thresholds, with one method. Built-in checks and a plug-in's
enter by the same entry-point group, `reelgraph.checks`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, get_args

import numpy as np

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.container import Container
from reelgraph.video_tools.checks.intent import Intent, Takes
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.checks.measures import Measures
from reelgraph.video_tools.checks.proved import prove, with_settings
from reelgraph.video_tools.editing.apart import alive
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Cut, Finding, Shot, Storyboard, TakeRequest
from reelgraph.video_tools.registry import found, make, told
from reelgraph.video_tools.wording import broke, meant

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
        words: What is said first in the prompt of another take, once it failed.
        negative: What such a take's negative prompt names.
    """

    blocking: bool = True
    name: ClassVar[str]
    needs: ClassVar[frozenset[Need]] = frozenset({"frames"})
    footage: ClassVar[bool] = False
    words: ClassVar[str] = ""
    negative: ClassVar[str] = ""

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


ITSELF = "the check itself failed"


def examine(subject: Subject, checks: Iterable[Check]) -> list[Finding]:
    """Run checks on a subject; each gives at least one finding, and none can end the others."""
    found: list[Finding] = []
    for check in checks:
        alive()
        try:
            found += _examined(check, subject)
        except Exception as error:  # a plug-in's fault must neither lose a take nor pass for approval
            name, blocks = getattr(check, "name", type(check).__name__), bool(getattr(check, "blocking", True))
            said = _line(f"{ITSELF}: {broke(error)}")
            found.append(Finding(check=name, outcome="unknown", message=said, blocking=blocks))
    return found


def failed_itself(finding: Finding) -> bool:
    """Say whether a check broke, so that what it would say is not known, and may be once it is mended."""
    return finding.outcome == "unknown" and finding.message.startswith(ITSELF)


def _examined(check: Check, subject: Subject) -> list[Finding]:
    missing = [(need, why) for need in sorted(check.needs) if (why := subject.lacks(need))]
    if missing:
        need, why = missing[0]
        # No frames is a fault that the picture checks cannot see past; the rest is simply not there to be judged.
        return [check.unknown(why) if need == "frames" else check.not_applicable(why)]
    if check.footage and subject.intent.drawn.all():
        return [check.not_applicable("it is drawn, not filmed")]
    own = check.findings(subject)
    if isinstance(own, Finding):  # which would be read as a list of its fields
        raise TypeError("findings() gives one finding: give a list of it")
    own = list(own)
    for finding in own:
        if not isinstance(finding, Finding):
            raise TypeError(f"findings() gives {finding!r}: give what self.passed(...) or self.failed(...) makes")
        if finding.check.partition(".")[0] != check.name:
            raise ValueError(f"findings() speaks for {finding.check!r}: leave that to the check of that name")
    own = [finding.model_copy(update={"message": _line(finding.message)}) for finding in own]
    return own or [check.unknown("the check said nothing")]


def _line(text: str) -> str:
    """Put a plug-in's words on one line that can be written."""
    return " ".join(text.split()).encode(errors="replace").decode()


def as_checks(given: Any, settings: Mapping[str, Any] | None = None) -> list[Check]:
    """Read a caller's own checks: instances, or classes of checks that need no arguments; one given twice counts once.

    Args:
        given: The checks, or one.
        settings: What a project sets of registered checks, beside which they run.

    Raises:
        InvalidRequest: One is no check, or none that can run; its class needs arguments; it has the name of another
            that runs; or it is set where it is not read.
    """
    checks: list[Check] = []
    for check in given if isinstance(given, Iterable) else [given]:
        if isinstance(check, type) and issubclass(check, Check):
            try:
                check = check()
            except TypeError as error:
                raise InvalidRequest(
                    f"{check.__name__} needs arguments: give checks=[{check.__name__}(...)]"
                ) from error
            except Exception as error:
                raise InvalidRequest(f"the check {check.__name__} cannot be made ({broke(error)}): mend it") from error
        if not isinstance(check, Check):
            raise InvalidRequest(f"{check!r} is no check: give instances of classes that are a checks.base.Check")
        if any(other is check for other in checks):
            continue
        prove(check, f"the check {type(check).__name__}", get_args(Need))
        if check.name in [other.name for other in checks]:
            raise InvalidRequest(f"two checks are named {check.name!r}, and one would hide the other: rename one")
        checks.append(check)
    for name in [check.name for check in checks if settings is not None]:
        own = (settings or {}).get(name)
        if name in found("reelgraph.checks"):
            if own is None or own.get("on", True):
                raise InvalidRequest(
                    f"a check named {name!r} is registered, and yours would hide it: rename yours, or turn that one "
                    f"off by [checks.{name}] on = false"
                )
        elif own is not None:
            raise InvalidRequest(f"[checks.{name}] sets a check that is given in code: set its fields there instead")
    return checks


def load_checks(settings: Mapping[str, Any] | Sequence[Check] | None = None) -> list[Check]:
    """Make one of each registered check.

    Args:
        settings: By check name, its fields to set (`{"black": {"share": 0.95, "blocking": False}}`), or `{"on":
            False}`, or a check that takes its place or is not registered; or else exactly the checks to run.

    Raises:
        InvalidRequest: A setting names a check or a field that there is not, or a package's check cannot be used.
    """
    if isinstance(settings, Sequence):
        return as_checks(settings)
    settings = settings or {}
    made = as_checks([check for check in settings.values() if isinstance(check, Check)])
    given = {check.name for check in made}
    known = sorted(found("reelgraph.checks"))
    for name in settings:
        if name not in known and name not in given:
            raise InvalidRequest(f"no check named {name!r}: {meant(name, known)}")
    for name in known:
        if name not in given and settings.get(name, {}).get("on", True):
            made.append(registered(name, settings.get(name, {})))
    return made


def registered(name: str, options: Mapping[str, Any]) -> Check:
    """Make the check that is registered under a name.

    Args:
        name: Its name.
        options: Its fields to set; `on` is none of them, and is passed over.

    Raises:
        InvalidRequest: It cannot be loaded or made, or is none that can run, or has no such field.
    """
    check = make("reelgraph.checks", name)
    whose = told("reelgraph.checks", name)
    if not isinstance(check, Check):
        raise InvalidRequest(f"{whose} is no check: register a class that is a checks.base.Check")
    prove(check, whose, get_args(Need))
    if check.name != name:
        raise InvalidRequest(f"{whose} calls itself {check.name!r}: register it under its own name")
    return with_settings(check, {option: value for option, value in options.items() if option != "on"})


def runs(mask: Array) -> list[tuple[int, int]]:
    """List the stretches in which a mask is true, as first and last frame."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask, np.int8), [0]])))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]
