"""Fill a hosted model's inputs from a call: everything asked for is sent, refused, or said to be left out."""

import base64
import copy
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image

from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.backends.conditions import read_conditions, wholly
from reelgraph.video_tools.backends.queue_inputs import InputField, PictureField, length_of, place, size_of
from reelgraph.video_tools.backends.queue_settings import QueueSettings
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Substitution, TakeRequest

_JPEG_QUALITIES = (95, 85)  # below that, blocks are seen where the take begins on the picture


def fill_inputs(call: Call, settings: QueueSettings) -> tuple[dict[str, Any], tuple[Substitution, ...]]:
    """Fill a model's inputs.

    Args:
        call: One that `settings.capabilities()` allow.
        settings: Which inputs the model has.

    Returns:
        The inputs by the model's names, as JSON, and what they do not say as it was asked.

    Raises:
        InvalidRequest: Something was asked for that no input says.
    """
    request = call.request
    pictures, substitutions = _pictures(call, settings)
    told: dict[InputField, Any] = {
        **_words(request, settings),
        **size_of(request.width, request.height, settings.inputs),
        **length_of(request, settings.inputs, settings.extra_frames),
        **pictures,
    }
    filled = copy.deepcopy(dict[str, Any](settings.constants))
    for field, value in told.items():
        if field in settings.inputs:
            place(filled, settings.inputs[field].name, value)
        elif field == "negative_prompt":
            substitutions.append(
                Substitution(what=field, asked=str(value), made="", why="no input of the model is set that says it")
            )
        else:
            raise InvalidRequest(f"{field} cannot be asked for here: leave it out, or name the input under inputs")
    return filled, tuple(substitutions)


def seed_of(request: TakeRequest, settings: QueueSettings) -> int | None:
    """Return the seed that the model is told: a film's own seeds have more digits than most models take."""
    return None if request.seed is None else request.seed % (settings.most_seed + 1)


def _words(request: TakeRequest, settings: QueueSettings) -> dict[InputField, Any]:
    """Return what is asked for in words and numbers beside its shape."""
    said: dict[InputField, Any] = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt or None,
        "seed": seed_of(request, settings),
        "steps": request.steps,
        "guidance": request.guidance,
    }
    return {field: value for field, value in said.items() if value is not None}


def _pictures(call: Call, settings: QueueSettings) -> tuple[dict[InputField, Any], list[Substitution]]:
    """Return a call's pictures as data URIs, and what was changed of them."""
    conditions = read_conditions(call)
    substitutions = [*conditions.substitutions, *wholly(call.request.references, settings.service)]

    def sent(field: PictureField, picture: Image.Image) -> str:
        uri, quality = data_uri(picture, settings.most_picture_bytes)
        if quality is not None:
            substitutions.append(
                Substitution(
                    what="references", asked=f"{field} as it is", made=f"{field} as JPEG, quality {quality}",
                    why=f"it is over {settings.most_picture_bytes} bytes otherwise",
                )
            )  # fmt: skip
        return uri

    pictures: dict[InputField, Any] = {}
    if conditions.first is not None:
        pictures["first_frame"] = sent("first_frame", conditions.first)
    if conditions.last is not None:
        pictures["last_frame"] = sent("last_frame", conditions.last)
    if conditions.references:
        pictures["references"] = [sent("references", picture) for picture in conditions.references]
    return pictures, substitutions


def data_uri(picture: Image.Image, most_bytes: int) -> tuple[str, int | None]:
    """Write a picture as a data URI, as PNG if that is small enough, else as JPEG; returns its quality too.

    Source: RFC 2397.

    Raises:
        InvalidRequest: It is too large however it is written.
    """
    size = 0
    for kind, quality, data in _written(picture):
        if len(data) <= most_bytes:
            return f"data:image/{kind};base64,{base64.b64encode(data).decode()}", quality
        size = len(data)
    raise InvalidRequest(
        f"a picture of {picture.width}x{picture.height} has {size} bytes even as JPEG, over the {most_bytes} that are "
        "sent at most: raise most_picture_bytes if the service takes them, or choose a smaller size"
    )


def _written(picture: Image.Image) -> Iterator[tuple[str, int | None, bytes]]:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    yield "png", None, buffer.getvalue()
    for quality in _JPEG_QUALITIES:
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=quality, subsampling=0)
        yield "jpeg", quality, buffer.getvalue()
