"""Fill a hosted model's inputs from a call, pictures as data URIs."""

import base64
import copy
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image

from reelgraph.video_tools.backends.base import Call
from reelgraph.video_tools.backends.inputs_form import say
from reelgraph.video_tools.backends.model_inputs import place
from reelgraph.video_tools.backends.queue_settings import QueueSettings
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Substitution

_JPEG_QUALITIES = (95, 85)  # below that, blocks are seen where the take begins on the picture


def fill_inputs(call: Call, settings: QueueSettings) -> tuple[dict[str, Any], tuple[Substitution, ...]]:
    """Fill a model's inputs.

    Returns:
        The inputs by the model's names, as JSON, and what they do not say as it was asked.

    Raises:
        InvalidRequest: Something was asked for that no input says.
    """

    def send(picture: Image.Image) -> tuple[str, Substitution | None]:
        uri, quality = data_uri(picture, settings.most_picture_bytes)
        if quality is None:
            return uri, None
        why = f"it is over {settings.most_picture_bytes} bytes otherwise"
        return uri, Substitution(what="references", asked="as it is", made=f"JPEG, quality {quality}", why=why)

    said, substitutions = say(call, settings, settings.service, send)
    filled = copy.deepcopy(dict[str, Any](settings.constants))
    for name, value in said.items():
        place(filled, name, value)
    return filled, tuple(substitutions)


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
