"""What is meant to be still, dark, bright or cut, so that no check calls a wish a fault.

Read from the request, the shot and the cut, by these rules:

* a title card, a drawn panel under a still camera, a slate, and words such as "freeze frame" may be still;
* a title card, a slate, "black screen", "fade to black" and a dip to black may be dark (a fade only at its end of the
shot);
* a joint of the cut may change everything; a crossfade, wipe or push changes it over all its frames;
* a take that is smaller than the film or of another rate is judged as it was made, not as it was conformed;
* bars beside a take of another shape than the film are the editor's, who shows it whole;
* a take slower than the film, or slowed down in it, is shown with repeated frames, and that is no stutter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np

from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.film import CameraMove, Clip, Cut, Effect, Shot, Storyboard, Take, TakeRequest
from reelgraph.video_tools.planning.quotes import blanked

_STILL = re.compile(
    r"\b(freeze[- ]frames?|frozen in time|motionless|a still (image|picture|frame)|a photograph|a tableau)\b", re.I
)
_DARK = re.compile(
    r"\b(black screen|pitch[- ]black|total darkness|screen (is|goes|stays) black|blackout|cut to black)\b", re.I
)
_OUT = re.compile(r"\bfad(e|es|ing)( out)? to black\b|\bfad(e|es|ing) out\b", re.I)
_IN = re.compile(r"\bfad(e|es|ing)( in)? (up )?from black\b|\bfad(e|es|ing) in\b", re.I)
_BRIGHT = re.compile(
    r"\b(white screen|fad(e|es|ing)( out)? (to|from) white|whiteout|blinding|flash(es)? of (light|lightning)"
    r"|lightning|strobe|explosion)\b",
    re.I,
)


@dataclass(frozen=True)
class Joint:
    """Frames `first` to `last` of the film, in which one clip gives way to the next; a hard cut is one frame."""

    first: int
    last: int
    kind: str
    left: str
    right: str
    continues: bool = False


@dataclass(frozen=True)
class Intent:
    """What is meant, frame by frame.

    Attributes:
        still: `(frames,) bool`, nothing need move.
        dark: `(frames,) bool`, black is wanted.
        bright: `(frames,) bool`, white and flashes are wanted.
        drawn: `(frames,) bool`, drawn or lettered on purpose: flat areas, one colour and sharp edges are no faults.
        joints: Where the picture changes on purpose.
        camera: The camera move asked for, or None.
        repeats: `(frames,) bool`, frames that are shown again because the take has fewer than the film.
        conformed: `(frames,) bool`, made larger, or of another rate, by the editor: how sharp they are and how they
            move was measured in the take, and is not judged by what conforming made of it.
        overlaid: `(frames,) bool`, words or an inset lie over the picture, and are sharper than it may be.
        barred: `(frames,) bool`, the editor shows a take of another shape whole, between bars.
    """

    still: Array
    dark: Array
    bright: Array
    drawn: Array
    repeats: Array
    conformed: Array
    overlaid: Array
    barred: Array
    joints: Sequence[Joint] = ()
    camera: CameraMove | None = None

    def shots(self) -> list[slice]:
        """List the stretches between the joints, each of one picture."""
        starts = [0, *sorted({j.first for j in self.joints if 0 < j.first < len(self.still)}), len(self.still)]
        return [slice(a, b) for a, b in pairwise(starts)]

    def near_joint(self, margin: int = 1) -> Array:
        """Mark the frames within `margin` of a joint."""
        near = np.zeros_like(self.still)
        for joint in self.joints:
            near[max(0, joint.first - margin) : joint.last + margin + 1] = True
        return near


class Takes(Protocol):
    """What finds a take by its key; a ledger is one."""

    def take(self, key: str) -> Take | None:
        """Find a take."""

    def sound(self, take: Take) -> Path | None:
        """Return a take's sound as PCM, or None if it has none."""


def nothing_known(frames: int) -> Intent:
    """Return the intent of footage that nobody asked for: nothing is excused."""

    def none() -> Array:
        return np.zeros(frames, bool)

    return Intent(none(), none(), none(), none(), none(), none(), none(), none())


def intent_of_take(frames: int, request: TakeRequest | None, shot: Shot | None) -> Intent:
    """Read what a take is meant to be from its request and its shot."""
    intent = nothing_known(frames)
    panel = request.panel if request else None
    words = blanked(" ".join(filter(None, [request.prompt if request else "", shot.prompt if shot else ""])))
    camera = shot.camera if shot else panel.camera if panel else None
    title = bool((shot and shot.kind == "title") or (panel and panel.title))
    _mark(intent, slice(0, frames), words, title=title, panel=panel is not None, camera=camera)
    return replace(intent, camera=camera)


def _mark(intent: Intent, where: slice, words: str, *, title: bool, panel: bool, camera: CameraMove | None) -> None:
    length = where.stop - where.start
    intent.drawn[where] |= title or panel
    intent.still[where] |= title or (panel and camera in (None, "still")) or bool(_STILL.search(words))
    intent.dark[where] |= title or bool(_DARK.search(words))
    intent.bright[where] |= bool(_BRIGHT.search(words))
    if _OUT.search(words):
        intent.dark[where.stop - length // 2 : where.stop] = True
    if _IN.search(words):
        intent.dark[where.start : where.start + length // 2] = True


def intent_of_film(frames: int, cut: Cut, storyboard: Storyboard | None, takes: Takes | None) -> Intent:
    """Read what each frame of a film is meant to be from its cut, and from storyboard and takes where known."""
    intent = nothing_known(frames)
    shots = {shot.id: shot for shot in storyboard.shots} if storyboard else {}
    joints: list[Joint] = []
    starts = cut.starts
    for index, clip in enumerate(cut.clips):
        where = slice(min(starts[index], frames), min(starts[index] + clip.frames, frames))
        take = takes.take(clip.take) if takes and clip.take else None
        own = intent_of_take(clip.frames, take.request if take else None, shots.get(clip.shot))
        for name in ("still", "dark", "bright", "drawn"):
            getattr(intent, name)[where] |= getattr(own, name)[: where.stop - where.start]
        if clip.take is None:
            for mask in (intent.still, intent.dark, intent.drawn):
                mask[where] = True
        if take and (take.rate < cut.rate or abs(clip.speed) < 1):
            intent.repeats[where] |= _repeated(clip, take.rate / cut.rate)[: where.stop - where.start]
        if take and (take.rate != cut.rate or take.width < cut.width or take.height < cut.height):
            intent.conformed[where] = True
        if take and not take.fills(cut.width, cut.height):
            intent.barred[where] = True
        if take and take.frames == 1:
            intent.still[where] = True
        for effect in clip.effects:
            if "fade" in effect.name.lower():
                intent.dark[_faded(effect, where)] = True
            if "freeze" in effect.name.lower():
                intent.still[where] = True
        if index:
            joints.append(_joint(cut, index, starts[index], shots, intent))
    for over in (*cut.titles, *cut.insets, *(cut.captions if cut.burn_captions else ())):
        intent.overlaid[over.start : over.start + over.frames] = True
    return replace(intent, joints=joints)


def _faded(effect: Effect, where: slice) -> slice:
    """Return the frames of a clip that a fade dims; all of them where it does not say how many."""
    frames = effect.arguments.get("frames")
    if not isinstance(frames, int):
        return where
    if effect.name == "fade_out":
        return slice(max(where.start, where.stop - frames), where.stop)
    return slice(where.start, min(where.stop, where.start + frames))


def _joint(cut: Cut, index: int, start: int, shots: dict[str, Shot], intent: Intent) -> Joint:
    clip, transition = cut.clips[index], cut.clips[index].transition
    first, last = start, start + max(0, transition.frames - 1)
    if transition.kind in ("dip_black", "dip_white"):
        first, last = start - (transition.frames + 1) // 2, start + transition.frames // 2
        mask = intent.dark if transition.kind == "dip_black" else intent.bright
        mask[max(0, first - 1) : last + 2] = True
    elif transition.kind == "cut":
        last = start
    shot = shots.get(clip.shot)
    return Joint(first, last, transition.kind, cut.clips[index - 1].shot, clip.shot, bool(shot and shot.continues))


def _repeated(clip: Clip, pace: Fraction) -> Array:
    shown = [(clip.in_frame + int(i * clip.speed)) * pace.numerator // pace.denominator for i in range(clip.frames)]
    return np.asarray(np.diff(shown, prepend=-1) == 0)
