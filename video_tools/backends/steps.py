"""A pipeline's run as it goes: steps told, a listener's wish to stop, a failure put in our words."""

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from functools import partial
from typing import Any

from reelgraph.video_tools.backends.base import OnEvent, Progress
from reelgraph.video_tools.backends.family import PipelineRow
from reelgraph.video_tools.backends.placement import Placement, smaller
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, ReelgraphError


class Steps:
    """Tells of a pipeline's steps, and stops it when the listener raises.

    To raise from the step is the one clean way out: a pipeline told to interrupt itself still decodes what is half
    denoised.

    Attributes:
        total: Steps asked for, in each window.
        done: Steps made.
        stopped: What the listener raised, to be told apart from the pipeline's own errors.
    """

    def __init__(self, attempts: list[str], total: int, on_event: OnEvent, windows: int = 1) -> None:
        self.total, self._windows = total, windows
        self.stopped: BaseException | None = None
        self._attempts, self._on_event = attempts, on_event
        self.done = 0

    def begin(self) -> None:
        """Tell that the first step is about to be prepared, so that whoever waits to stop is heard before it."""
        self._tell(0, self.total * self._windows)

    def callback(self, row: PipelineRow) -> dict[str, Any]:
        """Return the arguments by which a pipeline of this class tells of its steps."""
        return {"callback_on_step_end": self._stepped} if row.callback else {}

    @contextmanager
    def watching(self, pipe: Any, row: PipelineRow, encoded: Callable[[], object] = tuple) -> Iterator[None]:
        """Listen at the progress bars of a pipeline, and of those that it is made of.

        Args:
            pipe: The pipeline.
            row: Its class; where that has no callback, the bars tell of the steps.
            encoded: Called as a bar is begun, when all that is said is encoded and no step is made yet.
        """
        from diffusers import DiffusionPipeline

        parts = [pipe, *(part for part in vars(pipe).values() if isinstance(part, DiffusionPipeline))]
        for part in parts:
            part.progress_bar = partial(self._bar, None if row.callback else self, part.progress_bar, encoded)
        try:
            yield
        finally:
            for part in parts:
                del part.progress_bar  # the class's own shows again

    @staticmethod
    def _bar(
        steps: "Steps | None", own: Callable[..., Any], encoded: Callable[[], object],
        iterable: Iterable[Any] | None = None, total: int | None = None, **options: Any,
    ) -> Any:  # fmt: skip
        encoded()
        return own(iterable, total, **options) if steps is None else _Bar(steps, iterable, total)

    def tell(self, steps: int) -> None:
        """Tell of one more step out of `steps`."""
        self.done += 1
        self._tell(self.done, max(steps, self.done))

    def _tell(self, done: int, steps: int) -> None:
        try:
            for attempt in self._attempts:
                self._on_event(Progress(attempt, done, steps))
        except BaseException as error:
            self.stopped = error
            raise

    def _stepped(self, pipe: Any, index: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self.tell((getattr(pipe, "num_timesteps", None) or self.total) * self._windows)
        return {}


class _Bar:
    """Stands in for tqdm at the one place where a pipeline without a callback shows its steps."""

    def __init__(self, steps: Steps, iterable: Iterable[Any] | None, total: int | None) -> None:
        self._steps, self._iterable = steps, () if iterable is None else iterable
        count = len(iterable) if isinstance(iterable, Sized) else steps.total
        self._total = steps.done + (total or count)  # some pipelines are made of two, one after the other

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        for item in self._iterable:
            yield item
            self.update()

    def update(self, count: int = 1) -> None:
        for _ in range(count):
            self._steps.tell(self._total)


class OutOfMemory(PermanentFailure):
    """A take did not fit on the device."""


def failure_of(error: Exception, pipeline: str, what: str, device: str, placement: Placement) -> ReelgraphError:
    """Map what a pipeline raised to who acts next.

    Args:
        error: What it raised.
        pipeline: Its class.
        what: What it was making, such as `64x64, 9 frames`.
        device: Where.
        placement: Where its parts were.
    """
    import torch

    if isinstance(error, ReelgraphError):
        return error
    line = (str(error).strip().splitlines() or [""])[0][:300]
    # torch has a class of its own for CUDA; on the CPU and MPS only the words tell.
    full = isinstance(error, torch.OutOfMemoryError | MemoryError)
    if full or any(said in line for said in ("out of memory", "can't allocate memory", "_ALLOC_FAILED")):
        less = smaller(placement)
        remedy = f"set placement = {less.memory}, or choose" if less else "choose"
        return OutOfMemory(f"{device} ran out of memory making {what}: {remedy} something smaller or shorter")
    if isinstance(error, ImportError):
        return InvalidRequest(f"{pipeline} lacks a package ({line}): run `pip install 'reelgraph[local]'`")
    cheaper = [f"attention {placement.attention}"] if placement.attention else []
    cheaper += [f"the {placement.step_cache} step cache"] if placement.step_cache else []
    cheaper += ["compile"] if placement.compiled else []
    cheaper += [f"the eight-bit weights of placement {placement.memory}"] if placement.eight_bit else []
    remedy = f"; try without {' and '.join(cheaper)}, which not every model and card bears" if cheaper else ""
    return PermanentFailure(f"{pipeline} failed: {type(error).__name__}: {line}{remedy}")
