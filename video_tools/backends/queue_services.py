"""The services that host models behind a queue, as a table of what each of them calls things.

Source: fal: its documentation (the queue, cancelling, errors, the CDN) and its client, fal-client 1.0.3. Replicate: its
documentation (predictions, input files, deadlines) and its clients, replicate 1.0.7 and the generated types of 2.0.
Unchecked, since nothing here reaches them: the status in fal's answer to a cancellation, how fal's result tells of a
failure, that Replicate says `data_removed` beside an empty output, and the host of Replicate's files.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from reelgraph.video_tools.backends.dialect import Status

Name: TypeAlias = Literal["fal", "replicate"]


@dataclass(frozen=True)
class Service:
    """One service's words; what leads into an answer is written with dots.

    Attributes:
        origin: Where it is asked.
        key_variable: The environment variable in which its own clients expect the key.
        scheme: What stands before the key in the header `Authorization`.
        model: What its models are called.
        submission: By a model's name and inputs, the path and the JSON of a submission.
        states: What it says of a job, in `status`.
        address: In the answer to a submission, the URL at which the job's status is.
        params: What is asked for with the status.
        result: In a status, the URL of the result; empty where the status has it.
        cancel: In a status or the answer to a submission, the URL that cancels the job.
        cancel_method: How that is asked.
        dropped: What the answer's `status` is where the job certainly ended unmade.
        output: In the result, the URL of the file.
        hosts: Where its files are; each stands for its subdomains too.
        picture: What its models mostly call the picture that a take begins on.
    """

    origin: str
    key_variable: str
    scheme: str
    model: re.Pattern[str]
    submission: Callable[[str, Mapping[str, Any]], tuple[str, dict[str, Any]]]
    states: Mapping[str, Status]
    address: str
    params: Mapping[str, str]
    result: str
    cancel: str
    cancel_method: Literal["PUT", "POST"]
    dropped: frozenset[str]
    output: str
    hosts: tuple[str, ...]
    picture: str


def _fal(model: str, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return f"/{model}", dict(inputs)


def _replicate(model: str, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    name, _, version = model.partition(":")
    if version:
        return "/v1/predictions", {"version": version, "input": dict(inputs)}
    return f"/v1/models/{name}/predictions", {"input": dict(inputs)}


_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"  # not `..`, since it becomes part of a path

SERVICES: Mapping[Name, Service] = {
    "fal": Service(
        origin="https://queue.fal.run",
        key_variable="FAL_KEY",
        scheme="Key",
        model=re.compile(rf"{_PART}(/{_PART})+"),
        submission=_fal,
        states={"IN_QUEUE": "queued", "IN_PROGRESS": "in_progress", "COMPLETED": "completed"},
        address="status_url",
        params={"logs": "1"},
        result="response_url",
        cancel="cancel_url",
        cancel_method="PUT",
        dropped=frozenset({"OK"}),  # CANCELLATION_REQUESTED leaves it to the model, which may go on
        output="video.url",
        hosts=("fal.media",),
        picture="image_url",
    ),
    "replicate": Service(
        origin="https://api.replicate.com",
        key_variable="REPLICATE_API_TOKEN",
        scheme="Bearer",
        model=re.compile(rf"{_PART}/{_PART}(:[A-Za-z0-9]+)?"),
        submission=_replicate,
        states={
            "starting": "queued", "processing": "in_progress", "succeeded": "completed", "failed": "failed",
            "canceled": "failed", "aborted": "failed",
        },
        address="urls.get",
        params={},
        result="",
        cancel="urls.cancel",
        cancel_method="POST",
        dropped=frozenset({"canceled", "aborted"}),
        output="output",
        hosts=("replicate.delivery",),
        picture="image",
    ),
}  # fmt: skip
