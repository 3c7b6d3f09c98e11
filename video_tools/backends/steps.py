"""A pipeline's run as it goes and as it ends: steps told, a listener's wish to stop, frames or a typed failure."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reelgraph.video_tools.backends.base import OnEvent, Progress
from reelgraph.video_tools.backends.family import Family
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, ReelgraphError
from reelgraph.video_tools.film import Substitution, TakeRequest

if TYPE_CHECKING:
    import numpy as np


class Steps:
    """Tells of a pipeline's steps, and stops it when the listener raises.

    To raise from the step is the one clean way out: a pipeline told to interrupt itself still decodes what is half
    denoised.

    Attributes:
        total: Steps asked for.
        stopped: What the listener raised, to be told apart from the pipeline's own errors.
    """

    def __init__(self, attempts: list[str], total: int, on_event: OnEvent) -> None:
        self.total = total
        self.stopped: BaseException | None = None
        self._attempts, self._on_event = attempts, on_event
        self._done = 0

    def callback(self, row: Family) -> dict[str, Any]:
        """Return the arguments by which a pipeline of this class tells of its steps."""
        return {"callback_on_step_end": self._stepped} if row.callback else {}

    @contextmanager
    def watching(self, pipe: Any, row: Family) -> Iterator[None]:
        """Listen at the progress bar of a class that has no callback."""
        if row.callback:
            yield
            return
        pipe.progress_bar = lambda iterable=None, total=None: _Bar(self, total)
        try:
            yield
        finally:
            del pipe.progress_bar  # the class's own shows again

    def tell(self, steps: int) -> None:
        """Tell of one more step out of `steps`."""
        self._done += 1
        try:
            for attempt in self._attempts:
                self._on_event(Progress(attempt, self._done, max(steps, self._done)))
        except BaseException as error:
            self.stopped = error
            raise

    def _stepped(self, pipe: Any, index: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self.tell(getattr(pipe, "num_timesteps", None) or self.total)
        return {}


class _Bar:
    """Stands in for tqdm at the one place where a pipeline without a callback shows its steps."""

    def __init__(self, steps: Steps, total: int | None) -> None:
        self._steps, self._total = steps, total or steps.total

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def update(self, count: int = 1) -> None:
        for _ in range(count):
            self._steps.tell(self._total)


def pixels_of(video: Any) -> "np.ndarray":
    """Turn a pipeline's tensor `(frames, 3, height, width)`, 0 to 1, into `(frames, height, width, 3) uint8 RGB`.

    Raises:
        PermanentFailure: The model made numbers that are no colours.
    """
    import numpy as np
    import torch

    count, _, height, width = video.shape
    pixels = np.empty((count, height, width, 3), np.uint8)
    for index, frame in enumerate(video):  # one by one: a whole take in floats is the largest thing in memory
        if not torch.isfinite(frame).all():
            raise PermanentFailure("the model made NaN in place of colours: set dtype to float32 (or bfloat16) for it")
        levels = frame.float().mul(255).round_().clamp_(0, 255).to(torch.uint8)
        pixels[index] = levels.permute(1, 2, 0).cpu().numpy()
    return pixels


def differences(request: TakeRequest, frames: "np.ndarray") -> list[Substitution]:
    """Find where what was made is not what was asked for."""
    count, height, width = frames.shape[:3]
    pairs = (("frames", request.frames, count), ("width", request.width, width), ("height", request.height, height))
    return [
        Substitution(what=what, asked=str(asked), made=str(made), why="the pipeline rounded it")
        for what, asked, made in pairs
        if asked != made
    ]


def failure_of(error: Exception, row: Family, request: TakeRequest, device: str) -> ReelgraphError:
    """Map what a pipeline raised to who acts next."""
    import torch

    if isinstance(error, ReelgraphError):
        return error
    line = (str(error).strip().splitlines() or [""])[0][:300]
    # torch has a class of its own for CUDA; on the CPU and MPS only the words tell.
    full = isinstance(error, torch.OutOfMemoryError | MemoryError)
    if full or "out of memory" in line or "can't allocate memory" in line:
        what = f"{request.width}x{request.height}, {request.frames} frames"
        return PermanentFailure(f"{device} ran out of memory making {what}: choose a smaller size or fewer frames")
    if isinstance(error, ImportError):
        return InvalidRequest(f"{row.pipeline} lacks a package ({line}): run `pip install 'reelgraph[local]'`")
    return PermanentFailure(f"{row.pipeline} failed: {type(error).__name__}: {line}")
