"""What `[backends.local]` may say."""

from pydantic import Field

from reelgraph.video_tools.backends.cheaper import StepCache
from reelgraph.video_tools.backends.process_wide import Attention
from reelgraph.video_tools.backends.settings import ModelSettings


class LocalSettings(ModelSettings):
    """What `[backends.local]` may say, beside what `ModelSettings` has.

    Attributes:
        most_frames: The longest take, in place of the family's.
        adapters: Adapters that requests may name, each with its safetensors file; for a model of two transformers (Wan
            2.2 A14B) also a list of two, for the noisy steps and for the rest.
        upsampler: A model that enlarges a draft's latents for its final: a folder, or a hub id.
        upsampler_revision: Its hub revision, as a commit's 40 digits.
        longest_frames: Takes longer than the model makes are made in pieces, up to this.
        max_batch: Takes of one shape that are made together.
        attention: The attention kernel, in place of the placement's.
        step_cache: What one denoising step lends the next, for takes that name none: sooner, a little less exact.
        compile: Whether the model's blocks are compiled: minutes for the first take of a shape, sooner from then on.
        retry_smaller: Whether a take that does not fit is tried again with the next smaller placement.
    """

    most_frames: int | None = Field(default=None, gt=0)
    adapters: dict[str, str | list[str]] = {}
    upsampler: str = ""
    upsampler_revision: str = ""
    longest_frames: int | None = Field(default=None, gt=0)
    max_batch: int = Field(default=1, ge=1, le=64)
    attention: Attention | None = None
    step_cache: StepCache | None = None
    compile: bool = False
    retry_smaller: bool = False
