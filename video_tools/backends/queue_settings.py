"""What may be set of a hosted model, and what of it is refused before anything is sent or paid."""

import copy
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, field_validator, model_validator

from reelgraph.video_tools.backends.base import Capabilities, FrameRule, Mode, SizeRule
from reelgraph.video_tools.backends.queue_inputs import (
    Input,
    InputField,
    check_values,
    counts_of,
    names_of,
    size_of,
)
from reelgraph.video_tools.backends.queue_services import SERVICES, Name, Service
from reelgraph.video_tools.backends.remote_settings import RemoteSettings
from reelgraph.video_tools.errors import InvalidRequest

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class QueueSettings(RemoteSettings):
    """What `[backends.NAME]` may say where the dialect is queue.

    Attributes:
        service: Whose queue it is.
        model: What the service calls the model where it makes a take from words alone; empty where it cannot.
        image_model: What it calls the model where a take begins on a picture, if that is another name.
        inputs: The model's inputs, by what they say of a request; what it does not name is not sent.
        constants: Inputs that are the same in every request, by their names.
        sizes: The sizes that the model makes; any that `size_multiple` allows where width and height are inputs.
        extra_frames: Frames that the model makes beyond whole seconds, where its length is told in seconds.
        most_references: How many pictures of who must look the same one request may carry.
        most_seed: The greatest seed that the model takes; of a greater one the remainder is told, which the take notes.
        most_picture_bytes: The largest picture that is sent; a larger one is sent as JPEG, or refused.
        output: Where in a result the file's URL is, with dots between names and places in lists.
        file_hosts: Hosts that files are fetched from, each with its subdomains; no key is ever sent there.
    """

    service: Name
    image_model: str = ""
    inputs: dict[InputField, Input] = {}
    constants: dict[str, JsonValue] = {}
    sizes: list[tuple[int, int]] = []
    extra_frames: int = Field(default=0, ge=0)
    most_references: int = Field(default=1, ge=1)
    most_seed: int = Field(default=2**31 - 1, ge=0)
    most_picture_bytes: int = Field(default=1_000_000, gt=0)
    output: str = ""
    file_hosts: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _as_most_models_of_the_service(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("service") not in SERVICES:
            return given
        service = SERVICES[given["service"]]
        usual = {
            "base_urls": [service.origin], "key_variable": service.key_variable, "output": service.output,
            "file_hosts": [*service.hosts],
            "inputs": {
                "prompt": "prompt", "negative_prompt": "negative_prompt", "seed": "seed", "seconds": "duration",
                "aspect": "aspect_ratio", "first_frame": service.picture,
            },
        }  # fmt: skip
        return usual | given

    @field_validator("base_urls")
    @classmethod
    def _key_is_not_sent_in_the_clear(cls, urls: list[str]) -> list[str]:
        for url in urls:
            if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in LOOPBACK:
                raise ValueError(f"{url} would be sent the key in the clear: write https")
        return urls

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        self._check_names()
        check_values(self.inputs)
        if not {"price_per_second", "price_per_call"} & self.model_fields_set:
            raise ValueError("say what it costs: price_per_second or price_per_call; 0 if it is free")
        if "fps" not in self.inputs and len(self.rates) != 1:
            raise ValueError("rates: write the one rate that it makes, or name the input that tells it (inputs.fps)")
        if "seconds" in self.inputs and len(self.rates) != 1:
            raise ValueError("rates: write one rate, since it is told its length in seconds (inputs.seconds)")
        self._frames()
        self._check_sizes()
        return self

    def _check_names(self) -> None:
        for name in filter(None, (self.model, self.image_model)):
            if not self.words.model.fullmatch(name):
                raise ValueError(f"{name!r} is no model of {self.service}: write one such as OWNER/MODEL")
        if not (self.model or self.image_model):
            raise ValueError('name its model, as in model = "OWNER/MODEL"; image_model where it begins on a picture')
        if "prompt" not in self.inputs:
            raise ValueError("inputs: name the input that is the prompt")
        if "first_frame" not in self.inputs and self.image_model:
            raise ValueError("inputs: name the input that image_model takes its picture by (first_frame)")
        names = [*(its.name for its in self.inputs.values()), *names_of(self.constants)]
        for at, name in enumerate(names):
            for other in names[:at] + names[at + 1 :]:
                if other == name or other.startswith(f"{name}."):
                    raise ValueError(f"the model's input {name!r} is filled twice: see inputs and constants")

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

    @property
    def words(self) -> Service:
        """What the service calls things."""
        return SERVICES[self.service]

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
        modes: set[Mode] = {"text"} if self.model else set()
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
            max_references=self.most_references if "references" in self.inputs else 0,
            seeded="seed" in self.inputs,
            negative_prompt="negative_prompt" in self.inputs,
        )

    def identity(self) -> dict[str, Any]:
        """Return what determines pixels; where the service is does not."""
        told = {field: its.model_dump() for field, its in sorted(self.inputs.items())}
        return {
            **super().identity(), "service": self.service, "image_model": self.image_model, "inputs": told,
            "constants": copy.deepcopy(self.constants),
        }  # fmt: skip
