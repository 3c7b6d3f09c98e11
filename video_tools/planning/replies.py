"""Read objects out of a chat model's reply: fenced, commented, sloppy, but never half of one."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import first_fault

T = TypeVar("T")


def read_reply(text: str, build: Callable[[dict[str, Any]], T]) -> T:
    """Build something from the last complete object in a reply that fits.

    Args:
        text: The reply as it came.
        build: Turns an object into what is wanted, raising `InvalidRequest` for one that does not fit.

    Raises:
        InvalidRequest: No object fits; the message is the last object's fault, or says that the reply ends in the
            middle of one.
    """
    found, cut_off = _objects(text)
    fault: InvalidRequest | None = None
    for data in reversed(found):
        try:
            return build(data)
        except InvalidRequest as error:
            fault = fault or error
    if cut_off:
        raise InvalidRequest(
            "the reply ends in the middle of its JSON: answer with the whole object, shorter if need be"
        )
    raise fault or InvalidRequest("the reply holds no JSON object: answer with one JSON object and nothing else")


def build_model(kind: type[BaseModel]) -> Callable[[dict[str, Any]], Any]:
    """Return a builder for `read_reply` that validates a pydantic model."""

    def build(data: dict[str, Any]) -> Any:
        try:
            return kind.model_validate(data)
        except ValidationError as error:
            raise InvalidRequest(first_fault(error)) from error

    return build


def _objects(text: str) -> tuple[list[dict[str, Any]], bool]:
    """Return every whole object at the top level of a text, in order, and whether the text ends inside another one."""
    decoder = json.JSONDecoder(strict=False)  # models write raw line breaks into strings
    found: list[dict[str, Any]] = []
    at = text.find("{")
    while at >= 0:
        try:
            data, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = _end_of(text, at)
            if end < 0:  # what is inside it is not the answer either
                return found, True
            data = _mended(text[at:end])
        if isinstance(data, dict):
            found.append(data)
        at = text.find("{", end)
    return found, False


def _end_of(text: str, start: int) -> int:
    """Return where the object that begins at `start` ends, or -1 where the text ends before it."""
    depth, quoted, escaped = 0, False, False
    for at in range(start, len(text)):
        sign = text[at]
        if quoted:
            quoted, escaped = sign != '"' or escaped, sign == "\\" and not escaped
        elif sign == '"':
            quoted = True
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
            if depth == 0:
                return at + 1
    return -1


def _mended(text: str) -> Any:
    """Mend a whole but sloppy object: single quotes, trailing commas, comments."""
    import json_repair  # late: a plan by rule does not need it

    return json_repair.loads(text)
