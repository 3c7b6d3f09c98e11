"""What makes a denoising step cheaper: an attention kernel, what one step lends the next, compiled blocks.

Each changes pixels a little, so that none is on unless a preset or somebody asks, and each is named on the take.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Literal, TypeAlias

from reelgraph.video_tools.backends.process_wide import Attention
from reelgraph.video_tools.errors import InvalidRequest

StepCache: TypeAlias = Literal["first_block", "taylorseer", "pyramid"]

# Parts that work at every step.
DENOISERS = ("transformer", "transformer_2", "unet")


def _first_block(pipe: Any) -> Any:
    from diffusers import FirstBlockCacheConfig

    return FirstBlockCacheConfig(threshold=0.05)  # type: ignore[no-untyped-call]


def _taylorseer(pipe: Any) -> Any:
    from diffusers import TaylorSeerCacheConfig

    return TaylorSeerCacheConfig(cache_interval=3, disable_cache_before_step=3, taylor_factors_dtype=None)  # type: ignore[no-untyped-call]


def _pyramid(pipe: Any) -> Any:
    from diffusers import PyramidAttentionBroadcastConfig

    return PyramidAttentionBroadcastConfig(  # type: ignore[no-untyped-call]
        spatial_attention_block_skip_range=2,
        spatial_attention_timestep_skip_range=(100, 800),
        cross_attention_block_skip_range=3,
        cross_attention_timestep_skip_range=(100, 800),
        current_timestep_callback=lambda: pipe.current_timestep,
    )


# Source: the defaults that diffusers' authors give for each (arXiv 2503.06923, 2408.12588, and ParaAttention's).
STEP_CACHES: dict[StepCache, Callable[[Any], Any]] = {
    "first_block": _first_block,
    "taylorseer": _taylorseer,
    "pyramid": _pyramid,
}


@contextmanager
def cheaper_steps(pipe: Any, attention: Attention | None, step_cache: StepCache | None) -> Iterator[None]:
    """Run a pipeline with a step cache, and leave it as it was.

    Args:
        pipe: The pipeline.
        attention: The kernel that the run has been given, or None.
        step_cache: What is lent from step to step, or None.

    Raises:
        InvalidRequest: The model takes no kernel, or cannot lend steps.
    """
    if attention is not None and not any(map(_dispatches, denoisers(pipe))):
        raise InvalidRequest(f"{type(pipe).__name__} chooses its attention itself: leave attention {attention} out")
    with ExitStack() as stack:
        if step_cache is not None:
            parts = denoisers(pipe)
            if not parts or not all(hasattr(part, "enable_cache") for part in parts):
                raise InvalidRequest(f"{type(pipe).__name__} has no step caches: leave {step_cache} out")
            for part in parts:
                part.enable_cache(STEP_CACHES[step_cache](pipe))
                stack.callback(part.disable_cache)
        yield


def _dispatches(part: Any) -> bool:
    """Tell whether a model's attention is computed by the kernel that was chosen.

    Source: diffusers 0.42, `ModelMixin.set_attention_backend`, which passes the others over.
    """
    return any(hasattr(getattr(module, "processor", None), "_attention_backend") for module in part.modules())


def compile_blocks(pipe: Any) -> None:
    """Compile the blocks that a model repeats: slow for the first take of each shape, faster from then on.

    Raises:
        InvalidRequest: The model names no such blocks.
    """
    parts = [part for part in denoisers(pipe) if getattr(part, "_repeated_blocks", None)]
    if not parts:
        raise InvalidRequest(f"{type(pipe).__name__} has no blocks that repeat: leave compile out")
    for part in parts:
        part.compile_repeated_blocks()


def denoisers(pipe: Any) -> list[Any]:
    """Return the parts of a pipeline that work at every step."""
    named = (getattr(pipe, name, None) for name in DENOISERS)
    return [part for part in named if part is not None]
