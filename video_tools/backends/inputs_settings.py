"""What may be set of a model that has inputs of its own, and what of it is refused before anything is paid."""

from dataclasses import replace
from typing import Any, Self

from pydantic import Field, model_validator

from reelgraph.video_tools.backends.base import Capabilities, FrameRule, Mode, SizeRule
from reelgraph.video_tools.backends.model_inputs import Input, InputField, check_values, counts_of, size_of
from reelgraph.video_tools.backends.remote_settings import RemoteSettings
from reelgraph.video_tools.errors import InvalidRequest


class InputsSettings(RemoteSettings):
    """What may be set of a model in every dialect in which its inputs are its own.

    Attributes:
        inputs: The model's inputs, by what they say of a request; what it does not name is not sent.
        sizes: The sizes that the model makes; any that `size_multiple` allows where width and height are inputs.
        extra_frames: Frames that the model makes beyond whole seconds, where its length is told in seconds.
        most_seed: The greatest seed that the model takes; of a greater one the remainder is told, which the take notes.
    """

    inputs: dict[InputField, Input] = {}
    sizes: list[tuple[int, int]] = []
    extra_frames: int = Field(default=0, ge=0)
    most_seed: int = Field(default=2**31 - 1, ge=0)

    @model_validator(mode="after")
    def _inputs_hang_together(self) -> Self:
        if "prompt" not in self.inputs:
            raise ValueError("inputs: name the input that is the prompt")
        check_values(self.inputs)
        if "fps" not in self.inputs and len(self.rates) != 1:
            raise ValueError("rates: write the one rate that it makes, or name the input that tells it (inputs.fps)")
        if "seconds" in self.inputs and len(self.rates) != 1:
            raise ValueError("rates: write one rate, since it is told its length in seconds (inputs.seconds)")
        self._frames()
        self._check_sizes()
        return self

    def _check_sizes(self) -> None:
        if not self.sizes:
            if "size" not in self.inputs and not {"width", "height"} <= self.inputs.keys():
                raise ValueError("say which sizes it makes, as in sizes = [[1280, 720], [720, 1280]]")
            return
        told: dict[str, tuple[int, int]] = {}
        for width, height in self.sizes:
            if min(width, height) < 2 or width % 2 or height % 2:
                raise ValueError(f"sizes: {width}x{height} is none: write even sides, as in [1280, 720]")
            try:
                words = str(size_of(width, height, self.inputs))
            except InvalidRequest as error:
                raise ValueError(f"sizes: {error}") from error
            if words in told:
                (w, h) = told[words]
                raise ValueError(f"sizes: {w}x{h} and {width}x{height} are the same to the model by its inputs")
            told[words] = width, height

    def _frames(self) -> FrameRule:
        """Say which lengths can be asked for."""
        seconds, frames = self.inputs.get("seconds"), self.inputs.get("frames")
        if seconds is not None:
            each = int(self.rates[0])
            counts = counts_of("seconds", seconds, (self.most_frames - self.extra_frames) // each)
            least, most = (count * each + self.extra_frames for count in (counts[0], counts[-1]))
            return FrameRule(step=counts.step * each, offset=least, least=least, most=most)
        if frames is not None and frames.values:
            counts = counts_of("frames", frames, self.most_frames)
            return FrameRule(step=counts.step, offset=counts[0], least=counts[0], most=counts[-1])
        if frames is not None:
            return super().capabilities().frames
        if "most_frames" not in self.model_fields_set:
            raise ValueError(
                "name the input that tells its length (inputs.seconds or frames), or the one it makes, as most_frames"
            )
        return FrameRule(offset=self.most_frames, least=self.most_frames, most=self.most_frames)

    def capabilities(self) -> Capabilities:
        """Declare what the settings say; no server is asked."""
        modes: set[Mode] = {"text"}
        of_inputs: dict[InputField, Mode] = {
            "first_frame": "image", "last_frame": "last_frame", "references": "reference",
        }  # fmt: skip
        modes |= {mode for field, mode in of_inputs.items() if field in self.inputs}
        usual = super().capabilities()
        return replace(
            usual,
            modes=frozenset(modes),
            frames=self._frames(),
            sizes=SizeRule(only=tuple(self.sizes)) if self.sizes else usual.sizes,
            max_references=int("references" in self.inputs),
            seeded="seed" in self.inputs,
            negative_prompt="negative_prompt" in self.inputs,
        )

    def identity(self) -> dict[str, Any]:
        """Return what determines pixels; where the servers are does not."""
        told = {field: its.model_dump() for field, its in sorted(self.inputs.items())}
        return {**super().identity(), "inputs": told}
