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
    found = _objects(text)
    fault: InvalidRequest | None = None
    for data in reversed(found):
        try:
            return build(data)
        except InvalidRequest as error:
            fault = fault or error
    if fault is not None:
        raise fault
    if _cut_off(text):
        raise InvalidRequest(
            "the reply ends in the middle of its JSON: answer with the whole object, shorter if need be"
        )
    return build(_mended(text))


def build_model(kind: type[BaseModel]) -> Callable[[dict[str, Any]], Any]:
    """Return a builder for `read_reply` that validates a pydantic model."""

    def build(data: dict[str, Any]) -> Any:
        try:
            return kind.model_validate(data)
        except ValidationError as error:
            raise InvalidRequest(first_fault(error)) from error

    return build


def _objects(text: str) -> list[dict[str, Any]]:
    """Return every complete JSON object at the top level of a text, in order; what is inside strings is theirs."""
    decoder = json.JSONDecoder(strict=False)  # models write raw line breaks into strings
    found: list[dict[str, Any]] = []
    at = text.find("{")
    while at >= 0:
        try:
            data, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
            if found == [] and _cut_off(text[at:]):
                return found  # an inner object of one that was cut off is not the answer
        else:
            found.append(data)
        at = text.find("{", end)
    return found


def _cut_off(text: str) -> bool:
    """Tell whether a text ends before its first object does."""
    depth, quoted, escaped = 0, False, False
    for sign in text[text.find("{") :] if "{" in text else "":
        if quoted:
            escaped, quoted = sign == "\\" and not escaped, not (sign == '"' and not escaped)
        elif sign == '"':
            quoted = True
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
            if depth == 0:
                return False
    return depth > 0


def _mended(text: str) -> dict[str, Any]:
    """Mend a whole but sloppy object: single quotes, trailing commas, comments."""
    import json_repair  # late: a plan by rule does not need it

    start, end = text.find("{"), text.rfind("}")
    data = json_repair.loads(text[start : end + 1]) if 0 <= start < end else None
    if not isinstance(data, dict) or not data:
        raise InvalidRequest("the reply holds no JSON object: answer with one JSON object and nothing else")
    return data
