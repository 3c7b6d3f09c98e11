"""Say a call by a model's inputs: everything asked for is said, refused, or named as left out."""

from collections.abc import Callable
from typing import Any, TypeAlias

from PIL import Image

from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.backends.conditions import read_conditions, wholly
from reelgraph.video_tools.backends.inputs_settings import InputsSettings
from reelgraph.video_tools.backends.model_inputs import InputField, PictureField, length_of, size_of
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Substitution, TakeRequest

# How a picture is said to a model, and what it is called where that is not as it is.
Send: TypeAlias = Callable[[Image.Image], tuple[Any, Substitution | None]]


def say(call: Call, settings: InputsSettings, who: str, send: Send) -> tuple[dict[str, Any], list[Substitution]]:
    """Say a call by a model's inputs.

    Args:
        call: One that `settings.capabilities()` allow.
        settings: Which inputs the model has.
        who: What the model's host is called.
        send: How a picture is said, and what was changed of it.

    Returns:
        By the names of the model's inputs, what they are to be; and what they do not say as it was asked.

    Raises:
        InvalidRequest: Something was asked for that no input says.
    """
    request, inputs = call.request, settings.inputs
    conditions = read_conditions(call)
    substitutions = [*conditions.substitutions, *wholly(request.references, who)]

    def sent(field: PictureField, picture: Image.Image) -> Any:
        value, changed = send(picture)
        if changed is not None:
            substitutions.append(changed.model_copy(update={"asked": f"{field} {changed.asked}"}))
        return value

    told: dict[InputField, Any] = {
        **_words(request, settings),
        **size_of(request.width, request.height, inputs),
        **length_of(request, inputs, settings.extra_frames),
    }
    if conditions.first is not None:
        told["first_frame"] = sent("first_frame", conditions.first)
    if conditions.last is not None:
        told["last_frame"] = sent("last_frame", conditions.last)
    if conditions.references:
        told["references"] = [sent("references", picture) for picture in conditions.references]
    said: dict[str, Any] = {}
    for field, value in told.items():
        if field in inputs:
            said[inputs[field].name] = value
        elif field == "negative_prompt":
            substitutions.append(
                Substitution(what=field, asked=str(value), made="", why="no input of the model is set that says it")
            )
        else:
            raise InvalidRequest(f"{field} cannot be asked for here: leave it out, or name the input under inputs")
    return said, substitutions


def seed_of(request: TakeRequest, settings: InputsSettings) -> int | None:
    """Return the seed that the model is told: a film's own seeds have more digits than most models take."""
    return None if request.seed is None else request.seed % (settings.most_seed + 1)


def notes_of(request: TakeRequest, settings: InputsSettings) -> dict[str, str]:
    """Return what a take notes of what the model was told."""
    seed = seed_of(request, settings)
    return {} if seed == request.seed else {"seed told": str(seed)}


def _words(request: TakeRequest, settings: InputsSettings) -> dict[InputField, Any]:
    """Return what is asked for in words and numbers beside its shape."""
    said: dict[InputField, Any] = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt or None,
        "seed": seed_of(request, settings),
        "steps": request.steps,
        "guidance": request.guidance,
    }
    return {field: value for field, value in said.items() if value is not None}
