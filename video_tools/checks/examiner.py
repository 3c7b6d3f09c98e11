"""Measure in one pass: a take while its frames still exist in memory, or a file decoded once; then run the checks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.checks.again import measure_again
from reelgraph.video_tools.checks.ahead import ahead
from reelgraph.video_tools.checks.base import Check, Subject, examine, load_checks
from reelgraph.video_tools.checks.container import Container, container_of, decode_planes
from reelgraph.video_tools.checks.intent import Intent, Joint, intent_of_take, nothing_known
from reelgraph.video_tools.checks.looks import Array
from reelgraph.video_tools.checks.measures import Measures
from reelgraph.video_tools.checks.meter import Meter
from reelgraph.video_tools.checks.motion import cuts
from reelgraph.video_tools.checks.picture import faded
from reelgraph.video_tools.editing.containers import open_media
from reelgraph.video_tools.editing.pcm import read_sound
from reelgraph.video_tools.film import Finding, Shot, TakeRequest
from reelgraph.video_tools.wording import broke

if TYPE_CHECKING:
    from av.container import InputContainer


class Examiner:
    """Checks a take while its frames go by.

    Feed frames with `see`, or let them pass through `watch` on their way to the encoder; then ask `finish`.

    Args:
        request: What was asked for, if anything.
        shot: The shot that the take is for.
        sound: Its sound, if any.
        rate: Frames a second of what was made; the request's if not given.
        checks: By check name, its settings, as `load_checks` takes them.
    """

    def __init__(
        self,
        request: TakeRequest | None = None,
        *,
        shot: Shot | None = None,
        sound: Sound | None = None,
        rate: Fraction | None = None,
        checks: Mapping[str, Any] | Sequence[Check] | None = None,
    ) -> None:
        self._request, self._shot, self._sound = request, shot, sound
        self._rate = rate or (request.rate if request else Fraction(24))
        self._checks = load_checks(checks)
        self._meter = Meter()
        self._seen = 0
        self._faults: list[tuple[int, str]] = []
        self._broken = ""

    def watch(self, frames: Iterable[Array]) -> Iterator[Array]:
        """Let frames pass, measuring each; `(height, width, 3) uint8 RGB`."""
        for frame in frames:
            self.see(frame)
            yield frame

    def see(self, frame: Array) -> None:
        """Measure one frame, `(height, width, 3) uint8 RGB`.

        One that is not so becomes a finding, not an error, and what follows such a hard fault is not measured. Nor is
        it an error where measuring itself fails: the frames are paid for, and are kept.
        """
        if self._broken:
            return
        try:
            self._measure(frame)
        except Exception as error:  # what measures is code of several libraries, and a fault of theirs loses no take
            self._broken = broke(error)

    def _measure(self, frame: Array) -> None:
        index, self._seen = self._seen, self._seen + 1
        if self._faults:
            return
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
            shape = "x".join(map(str, frame.shape))
            self._faults.append((index, f"it is {frame.dtype} {shape}, not rows of 8-bit RGB"))
        elif self._meter.width and frame.shape[:2] != (self._meter.height, self._meter.width):
            size, first = f"{frame.shape[1]}x{frame.shape[0]}", f"{self._meter.width}x{self._meter.height}"
            self._faults.append((index, f"it is {size}, and the first is {first}"))
        else:
            self._meter.see_rgb(frame)

    def finish(self) -> list[Finding]:
        """Run the checks on what was seen; where that fails, one unknown finding says so."""
        try:
            if not self._broken:
                return self._examined()
        except Exception as error:  # as above: what was made is published, with a finding that says what broke
            self._broken = broke(error)
        return [unexamined(self._broken)]

    def _examined(self) -> list[Finding]:
        measures = self._meter.measures()
        subject = Subject(
            kind="take",
            rate=self._rate,
            measures=measures,
            intent=intent_of_take(measures.frames, self._request, self._shot),
            sound=self._sound,
            request=self._request,
            shot=self._shot,
            faults=self._faults,
        )
        return examine(subject, self._checks)


def unexamined(why: str) -> Finding:
    """Say that a take could not be examined: nothing is known of it, and it is kept."""
    said = f"the take could not be examined: {why}; its file is kept, and `reelgraph check` reads it"
    return Finding(check=UNEXAMINED, outcome="unknown", message=said)


UNEXAMINED = "examiner"
_AHEAD = 8  # pictures that are decoded while one is measured, where they are not large: more gain nothing
_HELD = 128 << 20  # bytes of them, whatever their size
_ALIKE = 0.85  # correlation with the frame before, below which an edited file is taken to be cut


def _intent_of_file(measures: Measures) -> Intent:
    """Take an edited file's own cuts for joints, and its fades for wanted: nobody said otherwise."""
    intent = nothing_known(measures.frames)
    intent.dark[:] = faded(measures)
    if measures.frames < 3:
        return intent
    # Shots of one scene look alike, and bars look like bars: what leaps as at a cut is taken for one.
    at = [int(i) for i in np.flatnonzero(cuts(measures, likeness=_ALIKE)[1])]
    return replace(intent, joints=[Joint(i, i, "cut", "", "") for i in at])


def pictures_ahead(width: int, height: int) -> int:
    """Return how many pictures of a size are decoded while one is measured, each of three bytes a pixel at most."""
    return max(1, min(_AHEAD, _HELD // max(1, 3 * width * height)))


def _measured(media: "InputContainer", container: Container) -> tuple[Measures, list[tuple[int, str]]]:
    """Measure an open file, and say where it cannot be read on."""
    meter, faults = Meter(), list[tuple[int, str]]()
    with closing(ahead(decode_planes(media, container), pictures_ahead(container.width, container.height))) as pictures:
        for seen, picture in enumerate(pictures):
            if isinstance(picture, str):
                faults.append((seen, f"the file cannot be decoded from here on: {picture}"))
            elif picture.rgb is not None:
                meter.see_rgb(picture.rgb)
            elif picture.planes is not None:
                if meter.width and picture.planes[0].shape != (meter.height, meter.width):
                    faults.append((seen, "the size of the picture changes within the file"))
                    break
                meter.see_yuv(picture.planes, full_range=picture.full_range, bt601=picture.bt601)
    return meter.measures(), faults


def read_subject(path: Path, *, kept: Path | None = None) -> Subject:
    """Measure a file, decoding it once, and no further than a hard fault: one that leaves nothing to compare with.

    Args:
        path: The file.
        kept: Where what is measured of a film of ours is kept, so that the next time only what changed is decoded.

    Raises:
        InvalidRequest: It cannot be read as media.
    """
    faults: list[tuple[int, str]] = []
    with open_media(path) as media, ThreadPoolExecutor(1) as pool:
        container = container_of(media, path)
        # Decoded beside the picture; to open a file once more costs as much as to decode a key frame.
        sound = pool.submit(read_sound, path, partly=True) if container.sounds else None
        measures = measure_again(path, container, kept) if kept is not None else None
        if measures is None:
            measures, faults = _measured(media, container)
    return Subject(
        kind="file",
        rate=container.rate or Fraction(24),
        measures=measures,
        intent=_intent_of_file(measures),
        sound=sound.result() if sound is not None else None,
        container=container,
        path=path,
        faults=faults,
    )
