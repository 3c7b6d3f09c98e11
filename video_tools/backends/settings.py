"""What may be set of a back end: read in one way, and refused in one line."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reelgraph.video_tools.backends.model_folder import ModelFolder, check_whole, find_model
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import first_fault


class BackendSettings(BaseModel):
    """Base of what `[backends.NAME]` may say: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls, backend: str, settings: dict[str, Any] | None) -> Self:
        """Read a back end's settings.

        Raises:
            InvalidRequest: One is unknown or out of range; the message names it.
        """
        try:
            return cls.model_validate(settings or {})
        except ValidationError as error:
            fault = first_fault(error, cls).removeprefix("the whole: ")
            raise InvalidRequest(f"backends.{backend}: {fault}") from error


class ModelSettings(BackendSettings):
    """What may be set of a model on this machine.

    Attributes:
        model: A folder, the name of a model that ships with reelgraph, or a hub id.
        revision: The hub revision, as a commit's 40 digits.
        device: As torch names it, or `auto`.
        dtype: Precision of the weights; `auto` is bfloat16 on cards that are fast at it, else float32.
        steps: Denoising steps of a final take, in place of the family's.
        guidance: Guidance scale, in place of the family's.
        placement: The memory in GB of the card that it is placed for; `auto` asks the card.
        long_prompts: Whether a prompt longer than the model reads is refused, or cut and recorded as a substitution.
    """

    model: str = ""
    revision: str = ""
    device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    steps: int | None = Field(default=None, gt=0)
    guidance: float | None = Field(default=None, ge=0)
    placement: Literal["auto", 80, 48, 24, 16, 12, 8] = "auto"
    long_prompts: Literal["refuse", "cut"] = "refuse"

    def open_model(self, backend: str) -> ModelFolder:
        """Find the model's folder and check it.

        Raises:
            InvalidRequest: It is not here, not all of it is, or it is not safe to load.
        """
        folder = ModelFolder.open(find_model(self.model, self.revision, backend=backend))
        check_whole(folder, self.model, self.revision)
        return folder
