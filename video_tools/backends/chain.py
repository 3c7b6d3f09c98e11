"""Takes longer than a model makes: piece after piece, each beginning on the frame that the one before it ended on."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from reelgraph.video_tools.backends.base import Call, Capabilities, Event, Failed, Made, OnEvent, Progress, Sound
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Reference, Spend, Substitution, TakeRequest
from reelgraph.video_tools.timebase import samples_of

# How much rougher than what is usual around it a joint may be, and what share of the differences there is usual: a cut
# that the model made itself is not. Source: ours.
_ROUGHER, _FEW = 1.25, 0.95


@dataclass(frozen=True)
class Joint:
    """Where two pieces meet.

    Attributes:
        frame: The first frame of the take that the later piece made.
        jump: How far it is from the frame before it: mean difference of levels, of 255.
        inside: Such a difference that few neighbours inside the two pieces exceed: a cut of the model's own is none.
    """

    frame: int
    jump: float
    inside: float

    @property
    def smooth(self) -> bool:
        """Whether the joint is hardly rougher than what lies to both sides of it."""
        return self.jump <= _ROUGHER * self.inside


def longer(capabilities: Capabilities, most: int) -> Capabilities:
    """Declare takes of up to `most` frames for a model that can begin on a given frame.

    Raises:
        InvalidRequest: It cannot.
    """
    if "image" not in capabilities.modes:
        raise InvalidRequest("longest_frames needs a model that can begin on a frame: this one takes none")
    rule = capabilities.frames
    reach = rule.offset + (most - rule.offset) // rule.step * rule.step
    return replace(capabilities, frames=replace(rule, most=max(rule.most, reach)), at_once=rule.most)


def pieces_of(frames: int, capabilities: Capabilities) -> list[int]:
    """Split a count into legal ones; all but the first begin on a frame that is there already.

    Raises:
        InvalidRequest: The model makes single pictures, which nothing goes on from.
    """
    most = capabilities.frames.most
    if most < 2 < frames:
        raise InvalidRequest(f"{frames} frames cannot be made here: this model makes single pictures")
    lengths = [most]
    while (left := frames - (sum(lengths) - len(lengths) + 1)) > 0:
        lengths.append(capabilities.frames.fit(min(left + 1, most)))
    return lengths


def make_long(
    call: Call, capabilities: Capabilities, make: Callable[[Call, OnEvent], Made | Failed], on_event: OnEvent
) -> Made | Failed:
    """Make one long take.

    Args:
        call: The request, longer than the model makes.
        capabilities: What the model makes in one go.
        make: Makes one piece.
        on_event: Told of progress over all pieces.
    """
    lengths = pieces_of(call.request.frames, capabilities)
    frames: list[np.ndarray] = []
    sounds: list[Sound] = []
    spent = Spend()
    made: Made | None = None
    joints: list[Joint] = []
    said: dict[Substitution, None] = {}
    with tempfile.TemporaryDirectory(prefix="reelgraph-") as folder:
        for index, length in enumerate(lengths):
            try:
                piece = _piece(call, index, length, len(lengths), frames[-1][-1] if frames else None, Path(folder))
            except InvalidRequest as error:
                return Failed(call, error, spent=spent)
            result = make(piece, _over(on_event, index, len(lengths)))
            spent += result.spent
            if isinstance(result, Failed):
                return Failed(call, result.error, spent=spent)
            made = result
            assert isinstance(result.frames, np.ndarray), "pieces are made in memory"
            if frames:
                joints.append(_joint(sum(map(len, frames)), frames[-1], result.frames[1:]))
            frames.append(result.frames[1:] if frames else result.frames)
            said |= dict.fromkeys(result.substitutions)
            if result.sound is not None:
                sounds.append(_without_first(result.sound, result) if sounds else result.sound)
    assert made is not None
    rough = [
        Substitution(
            what="joint", asked=f"no jump at frame {j.frame}", made=f"{j.jump:.1f} levels, {j.inside:.1f} beside it",
            why="the take is longer than the model makes, and was made in pieces",
        )
        for j in joints
        if not j.smooth
    ]  # fmt: skip
    notes = made.notes | {"pieces": " + ".join(map(str, lengths)), "joints": ", ".join(f"{j.jump:.2f}" for j in joints)}
    return Made(
        call=call, rate=made.rate, frames=np.concatenate(frames)[: call.request.frames], sound=_joined(sounds),
        substitutions=(*said, *rough), spent=spent, notes=notes,
    )  # fmt: skip


def _piece(call: Call, index: int, length: int, pieces: int, last: np.ndarray | None, folder: Path) -> Call:
    """Ask for one piece: the first keeps the first frame that was asked for, the last the last."""
    roles = {"first_frame": 0, "last_frame": pieces - 1}
    references, files = [], dict(call.references)
    for reference in call.request.references:
        if reference.role in ("video", "mask", "keyframe"):
            raise InvalidRequest(f"a {reference.role} cannot be used in a take that is longer than the model makes")
        if roles.get(reference.role, index) == index:
            references.append(reference)
    if last is not None:
        path = folder / f"{index}.png"
        Image.fromarray(last).save(path)
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        references.append(Reference(content=content, role="first_frame"))
        files[content] = path
    request: TakeRequest = call.request.model_copy(
        update={
            "frames": length,
            "references": references,
            "seed": None if call.request.seed is None else (call.request.seed + index) % 2**63,
        }
    )
    return Call(request, call.attempt, references=files)


def _over(on_event: OnEvent, index: int, pieces: int) -> OnEvent:
    """Tell of a piece's steps as steps of the whole."""

    def tell(event: Event) -> None:
        if isinstance(event, Progress):
            event = Progress(event.attempt, index * event.steps + event.step, pieces * event.steps)
        on_event(event)

    return tell


def _joint(frame: int, before: np.ndarray, after: np.ndarray) -> Joint:
    steps = [_apart(clip[i], clip[i + 1]) for clip in (before, after) for i in range(len(clip) - 1)]
    return Joint(frame, _apart(before[-1], after[0]), float(np.quantile(steps, _FEW, method="lower")) if steps else 0.0)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(np.int16) - other).mean())


def _without_first(sound: Sound, made: Made) -> Sound:
    """Leave out the sound of a piece's first frame, which the piece before it has."""
    return replace(sound, samples=sound.samples[samples_of(1, made.rate, sound.rate) :])


def _joined(sounds: list[Sound]) -> Sound | None:
    return Sound(np.concatenate([s.samples for s in sounds]), sounds[0].rate) if sounds else None
