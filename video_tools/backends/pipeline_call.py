"""One call of a pipeline: a batch of requests as its arguments, and its output as frames and sound."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reelgraph.video_tools.backends.base import Sound
from reelgraph.video_tools.backends.conditions import Conditions, margins, wholly
from reelgraph.video_tools.backends.family import Configs, Family, prompt_tokens
from reelgraph.video_tools.backends.prompts import LongPrompts, beyond_limits
from reelgraph.video_tools.errors import PermanentFailure
from reelgraph.video_tools.film import Substitution, TakeRequest

if TYPE_CHECKING:
    import numpy as np
    import torch

# Where the classes that check what they made say of which they found it unsafe.
_FOUND_UNSAFE = ("nsfw_content_detected", "nsfw_detected", "watermark_detected")


def arguments_of(
    row: Family,
    configs: Configs,
    requests: list[TakeRequest],
    conditions: Conditions,
    *,
    steps: int,
    guidance: float | None,
) -> dict[str, Any]:
    """Write requests of one shape as a pipeline's arguments; guidance of None is the class's own."""
    import torch

    first = requests[0]
    width, height = row.canvas or (first.width, first.height)
    arguments: dict[str, Any] = {
        "prompt": _alone([r.prompt for r in requests]), "num_inference_steps": steps,
        "output_type": row.output_type,
        # Drawn on the CPU, so that a seed means the same noise on every device.
        "generator": _alone([torch.Generator("cpu").manual_seed(seed_of(r)) for r in requests]),
    }  # fmt: skip
    if row.told_size:
        arguments |= {"width": width, "height": height}
    unwanted = [r.negative_prompt for r in requests]
    if row.negative_prompt and (any(unwanted) or row.guided_by_negative):
        arguments["negative_prompt"] = _alone(unwanted)
    if row.frames_argument:
        arguments[row.frames_argument] = row.frames_value(first.frames)
    if row.rate_argument:
        arguments[row.rate_argument] = float(first.rate)
    if row.guidance_argument:
        arguments[row.guidance_argument] = row.guidance if guidance is None else guidance
        if row.last_guidance is not None and guidance is None:  # whoever sets it sets both
            arguments["guidance_scale_2"] = row.last_guidance
    if row.tokens_argument:
        arguments[row.tokens_argument] = prompt_tokens(row, configs)
    if row.timesteps_argument and row.even_steps:
        arguments[row.timesteps_argument] = [1000 * (1 - step / steps) for step in range(steps)]
    arguments |= row.extras(configs) | row.lengthened(first.frames)
    if row.conditions is not None:
        arguments |= row.conditions(conditions)
    return arguments


def outputs_of(
    row: Family, configs: Configs, request: TakeRequest, output: Any
) -> Callable[[], list[tuple["np.ndarray", Sound | None]]]:
    """Send for a pipeline's output; what is returned waits until it is here.

    Card and listener go on meanwhile: copies are queued behind the take's own work, and the next take's behind them.

    Returns:
        Gives `(frames, height, width, 3) uint8 RGB` for each request, and its sound if any.

    Raises:
        PermanentFailure: The model's own safety checker found something, and blackened it.
    """
    if any(any(getattr(output, name, None) or ()) for name in _FOUND_UNSAFE):
        raise PermanentFailure(
            f"{row.pipeline}: its safety checker found what it made unsafe: change the prompt or seed"
        )
    videos = _tensor(output.images)[:, None] if row.picture else _tensor(output.frames)
    if row.canvas is not None:
        left, top = margins(row.canvas, (request.width, request.height))
        videos = videos[..., top : top + request.height, left : left + request.width]
    frames = [_pixels(video) for video in videos]
    # A still has no sound.
    heard = row.sound is not None and len(videos[0]) > 1
    sounds = [_on_its_way(samples.float().clamp_(-1, 1)) for samples in output.audio] if heard else []

    def arrived() -> list[tuple["np.ndarray", Sound | None]]:
        pictures = [pixels() for pixels in frames]
        if row.sound is None or not heard:
            return [(pixels, None) for pixels in pictures]
        rate = row.sound(configs)
        return [(pixels, Sound(samples().T.copy(), rate)) for pixels, samples in zip(pictures, sounds, strict=True)]

    return arrived


def left_out(
    pipe: Any, row: Family, configs: Configs, request: TakeRequest, long_prompts: LongPrompts
) -> list[Substitution]:
    """Find what the pipeline would leave out of what a request says.

    Raises:
        TooLong: A prompt is longer than the model reads, and the settings do not allow to cut it.
    """
    found: list[Substitution] = []
    if request.negative_prompt and not row.negative_prompt:
        why = f"{row.pipeline} reads none"
        found.append(Substitution(what="negative_prompt", asked=request.negative_prompt, made="", why=why))
    if request.guidance is not None and not row.guidance_argument:
        why = f"{row.pipeline} takes none"
        found.append(Substitution(what="guidance", asked=str(request.guidance), made="", why=why))
    if row.guessed:
        why = f"{row.pipeline} has no row in families.py: its frames, sizes and rate are read from its signature"
        found.append(Substitution(what="family", asked=row.pipeline, made="asked by its signature", why=why))
    if row.unheard and request.frames > 1:
        why = f"{row.pipeline} has no row in families.py, and nothing says how many samples a second its sound has"
        found.append(Substitution(what="sound", asked=row.pipeline, made="no sound", why=why))
    found += wholly((r for r in request.references if r.role not in row.graded), row.pipeline)
    return found + beyond_limits(pipe, row, configs, request, long_prompts)


def more_steps(row: Family, asked: int) -> list[Substitution]:
    """Say that a class takes more steps than it was asked for, where it fails with so few."""
    if asked >= row.least_steps:
        return []
    why = f"{row.pipeline} fails with fewer"
    return [Substitution(what="steps", asked=str(asked), made=str(row.least_steps), why=why)]


def _tensor(made: Any) -> "torch.Tensor":
    """Give what a pipeline made as a tensor, its colours before its height and width."""
    import torch

    return made if isinstance(made, torch.Tensor) else torch.from_numpy(made).movedim(-1, -3)


def _pixels(video: "torch.Tensor") -> Callable[[], "np.ndarray"]:
    """Turn a pipeline's tensor `(frames, 3, height, width)`, 0 to 1, into `(frames, height, width, 3) uint8 RGB`.

    What is returned raises PermanentFailure where the model made numbers that are no colours.
    """
    import torch

    count, _, height, width = video.shape
    levels = torch.empty((count, height, width, 3), dtype=torch.uint8, device=video.device)
    finite = torch.ones((), dtype=torch.bool, device=video.device)
    some = 8  # a whole take in floats would be the largest thing in memory
    for start in range(0, count, some):
        frames = video[start : start + some]
        finite &= torch.isfinite(frames).all()
        rounded = frames.float().mul(255).round_().clamp_(0, 255).to(torch.uint8)
        levels[start : start + some] = rounded.permute(0, 2, 3, 1)  # where they are: a card is the faster at it
    pixels, colours = _on_its_way(levels), _on_its_way(finite)

    def arrived() -> "np.ndarray":
        if not colours():
            raise PermanentFailure("the model made NaN in place of colours: set dtype to float32 (or bfloat16) for it")
        return pixels()

    return arrived


def _on_its_way(tensor: "torch.Tensor") -> Callable[[], "np.ndarray"]:
    """Bring a tensor over from a card behind all that is queued there; what is returned waits for it alone."""
    import torch

    here = tensor.to("cpu", non_blocking=tensor.is_cuda)
    if not tensor.is_cuda:
        return here.numpy
    copied = torch.cuda.Event()  # type: ignore[no-untyped-call]
    copied.record(torch.cuda.current_stream(tensor.device))

    def arrived() -> "np.ndarray":
        copied.synchronize()
        return here.numpy()

    return arrived


def seed_of(request: TakeRequest) -> int:
    """Return the seed that a request stands for; without one, its variant tells tries apart."""
    return request.variant if request.seed is None else request.seed


def _alone(values: list[Any]) -> Any:
    """Give one value for one request: some pipelines take no lists, even of one."""
    return values if len(values) > 1 else values[0]
