"""What a back end made becomes a take: encoded and examined in one pass over its frames, published by one rename."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.backends.base import Made, Sound, made_otherwise
from reelgraph.video_tools.errors import PermanentFailure
from reelgraph.video_tools.examined import write_findings
from reelgraph.video_tools.film import Spend, Substitution, Take
from reelgraph.video_tools.ledger import Ledger
from reelgraph.video_tools.sound_alone import write_sound_alone
from reelgraph.video_tools.timebase import frames_of

if TYPE_CHECKING:
    import numpy as np

    from reelgraph.video_tools.generation import Wanted


# A stream that has no end is given up: ours; well above what a model's own rate or least length adds to a shot.
_MOST, _MOST_MORE = 20, 1000  # times the frames that were asked for, and frames


def publish(
    ledger: Ledger,
    made: Made,
    item: "Wanted",
    *,
    film: str,
    checks: Mapping[str, Mapping[str, Any]],
    drawn: bool = False,
) -> Take:
    """Encode what was made, examining the frames on their way, and publish it.

    Args:
        ledger: The project's.
        made: What was made.
        item: What was wanted.
        film: The film that pays.
        checks: By check, its thresholds.
        drawn: Whether this thread's processor draws the frames as they are read, beside other takes that are drawn.

    Raises:
        PermanentFailure: Nothing was made that could be kept.
    """
    if made.frames is None and made.media is None and made.sound is not None:
        return _publish_sound(ledger, made, made.sound, item, film)
    # Imported here: numpy, PyAV and OpenCV are not needed to list, estimate or reuse takes.
    from reelgraph.video_tools.checks.examiner import Examiner
    from reelgraph.video_tools.editing.media import decode, encode_picture, probe, read_sound, write_png, write_wav

    request = made.call.request
    with ledger.staging() as folder:
        sound = made.sound
        frames: Iterable[np.ndarray]
        if made.media is not None:
            facts = probe(made.media)
            sound = read_sound(made.media) if facts.has_sound else None
            frames, rate = decode(made.media), facts.rate
        elif made.frames is not None:
            frames, rate = made.frames, made.rate
        else:
            raise PermanentFailure(f"{request.backend} made neither frames nor a file")
        examiner = Examiner(request=request, shot=item.shot, sound=sound, rate=rate, checks=checks)
        poster = _Poster(request.frames, time.thread_time if drawn else time.monotonic)
        stream = poster.watch(examiner.watch(poster.timed(frames)))
        still = request.frames == 1
        if made.media is not None:  # kept as the server made it; the frames are looked at, not encoded again
            for _ in stream:
                pass
            shutil.move(made.media, folder / "picture.mp4")
        elif still:
            for frame in stream:
                write_png(frame, folder / "picture.png")
        else:
            encode_picture(stream, folder / "picture.mp4", rate=rate)
        # What is drawn as it is read is generated here, and not before.
        spent = made.spent + Spend(generation_seconds=round(poster.took, 3)) if _lazy(made) else made.spent
        if poster.count == 0:
            raise PermanentFailure(f"{request.backend} made no frames for {item.shot.id}: try another seed or back end")
        if sound is not None:
            write_wav(sound, folder / "sound.wav")
        poster.save(folder / "poster.jpg")
        write_findings(folder / "checks.json", examiner.finish(), checks, item.shot)
        files = {p.name: sha256_of(p) for p in sorted(folder.iterdir())}
        picture: Literal["picture.mp4", "picture.png"] = "picture.mp4" if "picture.mp4" in files else "picture.png"
        shape = {"frames": poster.count, "width": poster.width, "height": poster.height, "rate": rate}
        take = Take(
            key=request.key,
            request=request,
            attempt=made.call.attempt,
            film=film,
            shot=item.shot.id,
            content=files[picture],
            picture=picture,
            sound=files.get("sound.wav"),
            files=files,
            width=poster.width,
            height=poster.height,
            frames=poster.count,
            rate=rate,
            substitutions=_said(made, item, **shape),
            spent=spent,
            notes={**made.notes, **item.notes},
        )
        return ledger.publish(take, folder)


def _publish_sound(ledger: Ledger, made: Made, sound: Sound, item: "Wanted", film: str) -> Take:
    """Publish a take that is sound alone; it is examined in the film's mix, where it is heard."""
    request = made.call.request
    frames = frames_of(Fraction(len(sound.samples), sound.rate), made.rate)
    with ledger.staging() as folder:
        files = write_sound_alone(sound, folder)
        take = Take(
            key=request.key, request=request, attempt=made.call.attempt, film=film, shot=item.shot.id,
            content=files["picture.png"], picture="picture.png", sound=files["sound.wav"], files=files,
            width=request.width, height=request.height, frames=frames, rate=made.rate,
            substitutions=_said(made, item, frames=frames),
            spent=made.spent, notes={**made.notes, **item.notes},
        )  # fmt: skip
        return ledger.publish(take, folder)


def _said(made: Made, item: "Wanted", **shape: object) -> list[Substitution]:
    """List what was made differently, with whatever of its shape nobody has spoken of."""
    told = {(s.what, s.asked, s.made) for s in item.substitutions}  # before it was made
    said = [*item.substitutions, *(s for s in made.substitutions if (s.what, s.asked, s.made) not in told)]
    unsaid = {what: got for what, got in shape.items() if what not in {s.what for s in said}}
    return said + made_otherwise(made.call.request, "the back end made it so", **unsaid)


def _lazy(made: Made) -> bool:
    return made.media is None and not hasattr(made.frames, "shape")


class _Poster:
    """Keeps the middle frame and the shape of a stream of frames, and how long they took by a clock, in seconds."""

    def __init__(self, asked: int, clock: Callable[[], float]) -> None:
        self.asked, self.index, self._clock = asked, asked // 2, clock
        self.count = self.width = self.height = 0
        self.took = 0.0
        self.frame: np.ndarray | None = None

    def timed(self, frames: "Iterable[np.ndarray]") -> "Iterator[np.ndarray]":
        began = self._clock()
        for frame in frames:
            self.took += self._clock() - began
            yield frame
            began = self._clock()

    def watch(self, frames: "Iterable[np.ndarray]") -> "Iterator[np.ndarray]":
        for frame in frames:
            if self.count <= self.index:
                self.frame = frame.copy()
            self.count += 1
            if self.count > _MOST * self.asked + _MOST_MORE:
                raise PermanentFailure(f"it gave {self.count} frames for {self.asked}, and no end of them was seen")
            self.height, self.width = frame.shape[:2]
            yield frame

    def save(self, path: Path) -> None:
        from PIL import Image

        if self.frame is not None:
            Image.fromarray(self.frame).save(path, quality=85)
