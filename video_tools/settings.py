"""What `reelgraph.toml` may say, and how it is read."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Noun, Rung, ShotSize
from reelgraph.video_tools.timebase import Rate
from reelgraph.video_tools.wording import said_of

NEW_SETTINGS = """\
# Settings of this film project. `reelgraph backends` lists back ends; every line may be overridden on the command line.
# A film keeps the back end, model, size, rate, rung, ladder and establish that it was begun with, until an option says
# otherwise.
backend = "animatic"      # draws the plan; for footage: "local" (your GPU, diffusers) or "remote" (a video server)
planner = "offline"       # or a chat model, such as "anthropic:claude-sonnet-4-5" (install its LangChain package)
size = [512, 288]
rate = "24/1"
rounds = 2                # how often a film may go round: the first shoot is round 1
# establish = true        # shoot a picture of everybody and every place first, for their shots to lean on

[budget]                  # ceilings of each film; leave out what has none
# generation_seconds = 600
# calls = 100
# money = 5.0

[project_budget]          # ceilings of all its films together, which an agent that begins another film does not pass
# calls = 500
# money = 20.0

[backends.local]          # model: a folder, or a hub id with a pinned revision
# model = "models/wan-2.2"
# steps = 30
# guidance = 5.0

[backends.remote]
# base_urls = ["http://127.0.0.1:8000"]
# model = "wan"
# key_variable = "VIDEO_API_KEY"
# dialect = "queue"       # a model that fal or Replicate hosts; "comfyui" for a workflow of yours: see docs/backends.md
"""


class Settings(Noun):
    """What `reelgraph.toml` may say."""

    backend: str = Field(default="animatic", description="What shoots: `reelgraph backends` lists what is there.")
    backend_by_kind: dict[Literal["title", "music", "reference", "still"] | ShotSize, str] = Field(
        default={},
        description="Back ends for titles, music, stills (of the ladder, and for the reference sheet where `reference` "
        "names none), or shots of a size, in place of the film's.",
    )
    planner: str = Field(
        default="offline", description="A chat model that plans and reads a person's words; rules if `offline`."
    )
    planner_fallback: bool = Field(default=False, description="Plan by rule where the model gives no usable plan.")
    judge: str = Field(
        default="", description="A chat model that sees, whose opinion of takes is advice; nobody if empty."
    )
    size: tuple[int, int] = Field(default=(512, 288), description='Of the film; `"1280x720"` is read too.')
    rate: Rate = Field(default="24/1", validate_default=True, description="Frames a second of the film.")
    rounds: int = Field(
        default=2, ge=1, le=10, description="How often a film may go round: the first shoot is round 1."
    )
    best_of: int = Field(default=1, ge=1, le=16, description="Takes of a shot to choose from, while none is faultless.")
    rung: Rung = Field(default="final", description="`draft` looks sooner: smaller, fewer steps, the same seeds.")
    ladder: list[Rung] = Field(default=[], description="Rungs that a shot is to pass first: `still`, `draft`.")
    establish: bool = Field(
        default=False, description="Shoot a picture of everybody and every place first, for their shots to lean on."
    )
    resubmit_lost: int = Field(
        default=0, ge=0, le=1, description="How often a call whose job a server lost is sent, and paid, again unasked."
    )
    strict: bool = Field(default=False, description="Approve no film in which anything was substituted.")
    budget: Limits = Field(default=Limits(), description="Ceilings of each film.")
    project_budget: Limits = Field(default=Limits(), description="Ceilings of all films of the project together.")
    backends: dict[str, dict[str, Any]] = Field(default={}, description="By back end, its own settings.")
    memory: bool = Field(default=True, description="Whether approved shots are remembered and leant on.")
    text_embedder: str = Field(default="", description="What memory compares words by; `ngrams` if empty.")
    picture_embedder: str = Field(
        default="", description="What memory compares pictures by; if empty, a closed world's own, else `layout`."
    )
    memory_url: str = Field(default="", description="A Chroma server on a trusted private network; embedded if empty.")
    checks: dict[str, dict[str, Any]] = Field(
        default={}, description="By check, its thresholds; `on = false` leaves it out."
    )

    @property
    def most_rounds(self) -> int:
        """How often a film may go round, where the best of several takes is wanted too."""
        return max(self.rounds, self.best_of)

    @field_validator("size", mode="before")
    @classmethod
    def _size_is_written_as_text_too(cls, size: Any) -> Any:
        if isinstance(size, list | tuple) and len(size) == 2:
            return size
        try:
            return parse_size(str(size))
        except InvalidRequest as error:
            raise ValueError(str(error)) from error

    @field_validator("size")
    @classmethod
    def _size_is_even(cls, size: tuple[int, int]) -> tuple[int, int]:
        for side in size:
            if side % 2 or not 16 <= side <= 8192:
                near = min(max(side // 2 * 2, 16), 8192)
                raise ValueError(f"{side} must be an even number from 16 to 8192, such as {near}")
        return size


def parse_size(text: str) -> tuple[int, int]:
    """Read `1280x720`.

    Raises:
        InvalidRequest: It is not written so.
    """
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdigit() and height.isdigit()):
        raise InvalidRequest(f"size {text!r} is not WIDTHxHEIGHT: write it such as 1280x720")
    return int(width), int(height)


def read_settings(path: Path, overrides: dict[str, Any]) -> Settings:
    """Read settings, with overrides on top; a table overrides key by key.

    Raises:
        InvalidRequest: The file is not TOML, or a setting is wrong; the message names it, and the file if it is there.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read: {error}") from error
    for name, value in overrides.items():
        if isinstance(value, dict):
            data[name] = _merged(data.get(name, {}), value)
        elif value is not None:
            data[name] = value
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise InvalidRequest(_fault(error, path, overrides)) from error


def _fault(error: ValidationError, path: Path, overrides: dict[str, Any]) -> str:
    """Say what is wrong: with what was given where that is, and else with the file."""
    faults = error.errors()
    faults.sort(key=lambda fault: (not _is_given(fault["loc"], overrides), fault["type"] != "extra_forbidden"))
    said = said_of(faults[0], Settings, a="setting ")
    return said if _is_given(faults[0]["loc"], overrides) else f"{said} ({path.name})"


def _is_given(place: Sequence[str | int], overrides: Any) -> bool:
    for part in place:
        if not isinstance(overrides, dict):
            break
        overrides = overrides.get(part)
    return overrides is not None


def _merged(old: Any, new: dict[str, Any]) -> dict[str, Any]:
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in new.items():
        if isinstance(value, dict):
            result[key] = _merged(result.get(key, {}), value)
        elif value is not None:
            result[key] = value
    return result
