"""What may be set of a hosted model, and what of it is refused before anything is sent or paid."""

import copy
from dataclasses import replace
from typing import Any, Self

from pydantic import Field, JsonValue, model_validator

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.backends.inputs_settings import InputsSettings
from reelgraph.video_tools.backends.model_inputs import names_of
from reelgraph.video_tools.backends.queue_services import SERVICES, Name, Service


class QueueSettings(InputsSettings):
    """What `[backends.NAME]` may say where the dialect is queue.

    Attributes:
        service: Whose queue it is.
        model: What the service calls the model where it makes a take from words alone; empty where it cannot.
        image_model: What it calls the model where a take begins on a picture, if that is another name.
        constants: Inputs that are the same in every request, by their names.
        most_references: How many pictures of who must look the same one request may carry.
        most_picture_bytes: The largest picture that is sent; a larger one is sent as JPEG, or refused.
        output: Where in a result the file's URL is, with dots between names and places in lists; the service's usual
            place, if not set.
        file_hosts: Hosts that files are fetched from, each with its subdomains, and no key is ever sent there; the
            service's own, if not set.
    """

    service: Name
    image_model: str = ""
    constants: dict[str, JsonValue] = {}
    most_references: int = Field(default=1, ge=1)
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

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        self._check_names()
        if not {"price_per_second", "price_per_call"} & self.model_fields_set:
            raise ValueError("say what it costs: price_per_second or price_per_call; 0 if it is free")
        return self

    def _check_names(self) -> None:
        for name in filter(None, (self.model, self.image_model)):
            if not self.words.model.fullmatch(name):
                raise ValueError(f"{name!r} is no model of {self.service}: write one such as OWNER/MODEL")
        if not (self.model or self.image_model):
            raise ValueError('name its model, as in model = "OWNER/MODEL"; image_model where it begins on a picture')
        if "first_frame" not in self.inputs and self.image_model:
            raise ValueError("inputs: name the input that image_model takes its picture by (first_frame)")
        names = [*(its.name for its in self.inputs.values()), *names_of(self.constants)]
        for at, name in enumerate(names):
            for other in names[:at] + names[at + 1 :]:
                if other == name or other.startswith(f"{name}."):
                    raise ValueError(f"the model's input {name!r} is filled twice: see inputs and constants")

    @property
    def words(self) -> Service:
        """What the service calls things."""
        return SERVICES[self.service]

    def capabilities(self) -> Capabilities:
        """Declare what the settings say; no server is asked."""
        can = super().capabilities()
        modes = can.modes if self.model else can.modes - {"text"}
        return replace(can, modes=modes, max_references=can.max_references * self.most_references)

    def identity(self) -> dict[str, Any]:
        """Return what determines pixels; where the service is does not."""
        own = {"service": self.service, "image_model": self.image_model, "constants": copy.deepcopy(self.constants)}
        return {**super().identity(), **own}
