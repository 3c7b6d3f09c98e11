"""Where one shot gives way to the next: stray frames, a shot that does not go on, light, jump cuts and direction."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reelgraph.video_tools.checks.base import Check, Need, Subject
from reelgraph.video_tools.checks.intent import Joint
from reelgraph.video_tools.checks.light import balance_logs
from reelgraph.video_tools.checks.looks import Array, luma_of
from reelgraph.video_tools.film import Finding, Shot

CUT: frozenset[Need] = frozenset({"frames", "motion", "cut"})
PLAN: frozenset[Need] = CUT | {"storyboard"}


@dataclass(frozen=True)
class Stray(Check):
    """Frames of something else beside a cut: one or two that belong to neither shot.

    Attributes:
        difference: Least mean difference of the colour grid from the shot's own frames, in codes.
        usual: How many times the greatest change of the frames further in that must be.
        frames: How far from the cut is looked.
    """

    difference: float = 8.0
    usual: float = 3.0
    frames: int = 2
    name: ClassVar[str] = "stray"
    needs: ClassVar[frozenset[Need]] = CUT

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Look at both sides of each hard cut."""
        grid = subject.measures.thumbs.astype(np.int16)
        steps = np.concatenate([[0.0], np.abs(np.diff(grid, axis=0)).mean((1, 2, 3))])
        worst, found = 0.0, False
        for joint in _hard(subject):
            if subject.intent.bright[joint.first - 1 : joint.first + 1].any():
                continue
            for side in (-1, 1):
                for count in range(1, self.frames + 1):
                    # The step into the stray frames, and the shot's steps beyond it, which end at the next joint.
                    at = joint.first - count if side < 0 else joint.first + count
                    inner = [at + side * i for i in range(1, 7)]
                    if not min(at, *inner) >= 1 or max(at, *inner) >= len(steps):
                        continue
                    if any(abs(edge - at) <= 1 for edge in _overlays(subject)):
                        continue
                    usual = float(max(steps[i] for i in inner))
                    ratio = float(steps[at]) / (usual + 1.0)
                    worst = max(worst, ratio)
                    if steps[at] >= self.difference and ratio >= self.usual:
                        found = True
                        frames = (at, joint.first - 1) if side < 0 else (joint.first, at - 1)
                        words = (
                            f"{count} stray frame{'s' if count > 1 else ''} {'before' if side < 0 else 'after'} the cut"
                        )
                        yield self.failed(words, ratio, self.usual, frames=frames, unit="times the usual change")
                        break
        if not found:
            yield self.passed(worst, self.usual, unit="times the usual change")


@dataclass(frozen=True)
class Continues(Check):
    """A shot that is to go on from the last frame of the one before does so.

    Attributes:
        difference: Greatest mean difference of the colour grid between both, in codes. Source: ours; about four times
            what a moving picture changes from frame to frame.
    """

    difference: float = 12.0
    name: ClassVar[str] = "continues"
    needs: ClassVar[frozenset[Need]] = CUT

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare the last frame with the first at each joint that is to go on."""
        grid = subject.measures.thumbs.astype(np.int16)
        joints = [j for j in _hard(subject) if j.continues]
        if not joints:
            yield self.not_applicable("no shot goes on from the one before")
        for joint in joints:
            value = float(np.abs(grid[joint.first] - grid[joint.first - 1]).mean())
            frames = (joint.first - 1, joint.first)
            if value > self.difference:
                words = f"{joint.right} does not go on from the last frame of {joint.left}"
                yield self.failed(words, value, self.difference, frames=frames, evidence=joint.first, unit="codes")
            else:
                yield self.passed(value, self.difference, frames=frames, unit="codes")


@dataclass(frozen=True)
class JointLight(Check):
    """Exposure and white balance match where two shots of one place, at one time, meet.

    Attributes:
        exposure: Greatest step of the mean luma, as a logarithm. Source: ours; 0.5 is nearly three quarters of a stop,
            and two angles of one place differ by less than that in most films.
        balance: Greatest step of red or blue against green, as a logarithm.
    """

    blocking: bool = False
    exposure: float = 0.5
    balance: float = 0.25
    name: ClassVar[str] = "joint"
    needs: ClassVar[frozenset[Need]] = PLAN
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare half a second on both sides of each hard cut within a place."""
        logs = balance_logs(subject.measures)
        window = max(2, round(float(subject.rate) / 2))
        joints = [j for j in _hard(subject) if _same_place(subject, j)]
        if not joints:
            yield self.not_applicable("no two shots of one place meet")
        for joint in joints:
            before, after = logs[max(0, joint.first - window) : joint.first], logs[joint.first : joint.first + window]
            step = np.abs(np.median(after.mean(1), 0) - np.median(before.mean(1), 0))
            for part, value, limit in (
                ("exposure", step[0], self.exposure),
                ("white_balance", step[1:].max(), self.balance),
            ):
                frames = (joint.first - 1, joint.first)
                if value > limit:
                    words = f"{part.replace('_', ' ')} jumps from {joint.left} to {joint.right}"
                    yield self.failed(words, value, limit, frames=frames, evidence=joint.first, part=part)
                else:
                    yield self.passed(value, limit, frames=frames, part=part)


@dataclass(frozen=True)
class JumpCut(Check):
    """Two shots that meet show nearly the same picture, so that the cut looks like a leap.

    Attributes:
        likeness: Least correlation of the luma grids that counts as the same picture. Source: the editors' rule that
            the camera moves by 30 degrees or the shot size changes; such a change leaves less likeness than this in our
            clips.
        difference: Least difference, in codes: without one there is no leap to see.
    """

    blocking: bool = False
    likeness: float = 0.85
    difference: float = 3.0
    name: ClassVar[str] = "jump_cut"
    needs: ClassVar[frozenset[Need]] = CUT
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare both sides of each hard cut that is not meant to go on."""
        luma = luma_of(subject.measures.thumbs).reshape(subject.measures.frames, -1)
        joints = [j for j in _hard(subject) if not j.continues]
        if not joints:
            yield self.not_applicable("no two shots meet at a cut")
        for joint in joints:
            before, after = luma[joint.first - 1], luma[joint.first]
            alike = _correlation(before, after)
            gap = float(np.abs(before - after).mean())
            frames = (joint.first - 1, joint.first)
            if alike >= self.likeness and gap >= self.difference:
                words = f"{joint.left} and {joint.right} show nearly the same picture"
                yield self.failed(words, alike, self.likeness, frames=frames, evidence=joint.first)
            else:
                yield self.passed(alike, self.likeness, frames=frames)


@dataclass(frozen=True)
class Direction(Check):
    """Somebody who crosses the picture keeps the direction over a cut.

    Attributes:
        crossing: Least movement across the picture on both sides that has a direction, per frame as a share of the
            width.
    """

    blocking: bool = False
    crossing: float = 0.0004
    name: ClassVar[str] = "direction"
    needs: ClassVar[frozenset[Need]] = PLAN
    footage: ClassVar[bool] = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Compare half a second on both sides of each hard cut between shots of one character in one place."""
        assert subject.storyboard is not None
        shots = {shot.id: shot for shot in subject.storyboard.shots}
        window = max(2, round(float(subject.rate) / 2))
        seen = False
        for joint in _hard(subject):
            left, right = shots.get(joint.left), shots.get(joint.right)
            if left is None or right is None or not set(left.characters) & set(right.characters):
                continue
            if not _same_place(subject, joint):
                continue
            seen = True
            crossing = subject.measures.crossing
            before = float(np.median(crossing[max(1, joint.first - window) : joint.first]))
            after = float(np.median(crossing[joint.first + 1 : joint.first + 1 + window]))
            weaker, frames = min(abs(before), abs(after)), (joint.first - 1, joint.first)
            if before * after < 0 and weaker >= self.crossing:
                way = "right" if before > 0 else "left"
                words = f"what moves {way} in {joint.left} moves the other way in {joint.right}"
                yield self.failed(words, weaker, self.crossing, frames=frames, evidence=joint.first)
            else:
                yield self.passed(0.0 if before * after >= 0 else weaker, self.crossing, frames=frames)
        if not seen:
            yield self.not_applicable("no two shots of one character in one place meet")


def _overlays(subject: Subject) -> set[int]:
    """List the frames at which a title or an inset comes onto the picture or leaves it, as the cut says."""
    assert subject.cut is not None
    spans = [(title.start, title.frames) for title in subject.cut.titles]
    spans += [(inset.start, inset.frames) for inset in subject.cut.insets]
    return {edge for start, frames in spans for edge in (start, start + frames)}


def _hard(subject: Subject) -> list[Joint]:
    """List the hard cuts that have frames on both sides, but for those between two drawn panels."""
    frames = subject.measures.frames
    drawn = subject.intent.drawn
    return [
        j
        for j in subject.intent.joints
        if j.kind == "cut" and 0 < j.first < frames and not (drawn[j.first - 1] and drawn[j.first])
    ]


def _same_place(subject: Subject, joint: Joint) -> bool:
    """Tell whether both shots are of one place at one time: of one scene, or of scenes that say the same of both."""
    assert subject.storyboard is not None
    where: dict[str, tuple[str, str]] = {}
    for scene in subject.storyboard.scenes:
        for shot in scene.shots:
            where[shot.id] = _where(shot, scene.id, scene.place, scene.time)
    return joint.left in where and where.get(joint.left) == where.get(joint.right)


def _where(shot: Shot, scene: str, place: str, time: str) -> tuple[str, str]:
    if shot.kind == "title":
        return (shot.id, "title")
    return (shot.place or place or scene, (shot.time or time).casefold())


def _correlation(a: Array, b: Array) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a @ b + 1e-3) / (np.sqrt((a @ a) * (b @ b)) + 1e-3))
