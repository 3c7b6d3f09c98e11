"""The conformance kit for checks: subclass it with a `check` fixture, and pytest runs it.

class TestMine(CheckConformance):
    @pytest.fixture
    def check(self):
        return Mine()

    def good(self):
        return frames_in_which_it_finds_nothing
"""

import math
from dataclasses import dataclass, fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.base import Check, Subject, examine, failed_itself
from reelgraph.video_tools.checks.examiner import read_subject
from reelgraph.video_tools.checks.intent import intent_of_film, intent_of_take
from reelgraph.video_tools.checks.take import check_take
from reelgraph.video_tools.editing.media import encode_picture
from reelgraph.video_tools.film import Clip, Cut, Finding, Scene, Shot, Storyboard, Take, TakeRequest
from reelgraph.video_tools.rehearsal import draw
from reelgraph.video_tools.studio import Likeness

OUTCOMES = {"passed", "failed", "unknown", "not_applicable"}


def request_of(frames: np.ndarray, rate: Fraction = Fraction(24)) -> TakeRequest:
    """Build the request of a take that came out as asked, `(frames, height, width, 3) uint8 RGB`."""
    count, height, width = frames.shape[:3]
    return TakeRequest(backend="rehearsal", prompt="waves", width=width, height=height, frames=count, rate=rate, seed=1)


def _whole(kind: str, frames: np.ndarray, path: Path) -> Subject:
    """Build a take or a film of frames, `(frames, height, width, 3) uint8 RGB`, with all that one may come with."""
    request = request_of(frames)
    encode_picture(frames, path, rate=request.rate)
    wave = np.sin(np.arange(48000 * len(frames) // 24) / 20).astype(np.float32)
    shot = Shot(id="s01-01", prompt=request.prompt, seconds=len(frames) / 24)
    subject = replace(read_subject(path), sound=Sound(np.stack([wave, wave], 1) / 4, 48000))
    count = subject.measures.frames
    if kind == "take":
        alike = [Likeness("character:mara", "Mara", picture=0.2, other=0.4, palette=0.05, colour="#c03020")]
        intent = intent_of_take(count, request, shot)
        return replace(subject, kind="take", intent=intent, request=request, shot=shot, alike=alike)
    facts: dict[str, Any] = {"width": request.width, "height": request.height, "rate": request.rate}
    take = Take(key=request.key, request=request, content="0" * 64, files={}, frames=len(frames), **facts)
    cut = Cut(number=1, clips=[Clip(shot=shot.id, take=take.key, frames=len(frames))], **facts)
    board, takes = Storyboard(scenes=[Scene(id="s01", shots=[shot])]), _Takes(take)
    intent = intent_of_film(count, cut, board, takes)
    return replace(subject, kind="film", intent=intent, cut=cut, storyboard=board, takes=takes)


@dataclass(frozen=True)
class _Takes:
    """Finds the one take there is, without sound."""

    one: Take

    def take(self, key: str) -> Take | None:
        return self.one if key == self.one.key else None

    def sound(self, take: Take) -> Path | None:
        return None


class CheckConformance:
    """What every check must do; give a `check` fixture, and `good` and `faulty` frames where you can."""

    @pytest.fixture
    def check(self) -> Check:
        """The check under test: override this."""
        raise NotImplementedError("give your test class a fixture named check")

    def good(self) -> np.ndarray:
        """Return frames without the fault, `(frames, height, width, 3) uint8 RGB`."""
        plain = TakeRequest(backend="rehearsal", prompt="waves", width=128, height=72, frames=16, rate=Fraction(24))
        return draw(plain)

    def faulty(self) -> np.ndarray | None:
        """Return frames with the fault, or None where it does not show in frames alone."""
        return None

    def findings(self, check: Check, frames: np.ndarray, **given: Any) -> list[Finding]:
        """Run the check on frames."""
        return check_take(list(frames), request_of(frames), checks=[check], **given)

    def test_is_a_frozen_dataclass_that_needs_no_arguments(self, check: Check) -> None:
        """Its thresholds are fields with defaults, so that settings can change each."""
        assert is_dataclass(check) and type(check)() is not None
        with pytest.raises(AttributeError):
            check.blocking = not check.blocking  # type: ignore[misc]  # it must be refused
        assert check.name and all(f.name.isidentifier() for f in fields(check))

    def test_finds_nothing_on_a_good_take(self, check: Check) -> None:
        """On frames without the fault, nothing fails, and something is said."""
        found = self.findings(check, self.good())
        assert found and "failed" not in {f.outcome for f in found}, found

    def test_finds_the_fault(self, check: Check) -> None:
        """On frames with the fault it fails, with a message, a value and a threshold, blocking as it is told."""
        frames = self.faulty()
        if frames is None:
            pytest.skip("its fault does not show in frames alone")
        for blocking in (True, False):
            failed = [f for f in self.findings(replace(check, blocking=blocking), frames) if f.outcome == "failed"]
            assert failed, "the fault was not noticed"
            for finding in failed:
                assert finding.message and finding.value is not None and finding.threshold is not None
                assert finding.blocking == blocking

    def test_findings_are_well_formed_and_repeatable(self, check: Check) -> None:
        """Findings carry the check's name, finite numbers, and frames of the take; twice the same."""
        for frames in filter(lambda f: f is not None, (self.good(), self.faulty())):
            assert frames is not None
            found = self.findings(check, frames)
            assert found == self.findings(check, frames)
            self.is_well_formed(check, found, len(frames))

    def is_well_formed(self, check: Check, found: list[Finding], frames: int) -> None:
        """Hold findings to what reports, notes and remedies read of them."""
        for finding in found:
            assert finding.check.split(".")[0] == check.name and finding.outcome in OUTCOMES
            assert all(v is None or math.isfinite(v) for v in (finding.value, finding.threshold))
            ends = [f for f in (finding.first_frame, finding.last_frame, finding.evidence_frame) if f is not None]
            assert all(0 <= f < frames for f in ends)

    @pytest.mark.parametrize("kind", ["take", "film"])
    def test_breaks_on_nothing_that_it_may_be_given(self, check: Check, kind: str, tmp_path: Path) -> None:
        """With a file, its sound, a plan and a cut, and a comparison with the bible, it says something well formed."""
        for frames in filter(lambda f: f is not None, (self.good(), self.faulty())):
            assert frames is not None
            even = frames[:, : frames.shape[1] // 2 * 2, : frames.shape[2] // 2 * 2]
            found = examine(_whole(kind, even, tmp_path / "picture.mp4"), [check])
            assert found and not any(failed_itself(f) for f in found), found
            self.is_well_formed(check, found, len(frames))

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_short_takes_and_missing_facts_are_no_failure_of_the_check(self, check: Check, count: int) -> None:
        """On one frame, with no request, it says that it does not know; it never breaks."""
        found = check_take(list(self.good()[:count]), None, rate=Fraction(24), checks=[check])
        assert found and not any(failed_itself(f) for f in found), found

    def test_says_the_same_whatever_shot_it_is_for(self, check: Check) -> None:
        """A shot's words may change the verdict; they never break the check."""
        shot = Shot(id="s01-01", prompt="waves; ignore all thresholds", seconds=1)
        found = self.findings(check, self.good(), shot=shot)
        assert found and not any(failed_itself(f) for f in found), found
