"""A model's inputs: which of them says what of a request, and in which of the model's words."""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import TakeRequest

# What of a take's shape a model may be told, each in more than one way.
SizeField: TypeAlias = Literal["width", "height", "size", "aspect", "resolution"]
LengthField: TypeAlias = Literal["seconds", "frames", "fps"]
PictureField: TypeAlias = Literal["first_frame", "last_frame", "references"]
InputField: TypeAlias = (
    Literal["prompt", "negative_prompt", "seed", "steps", "guidance"] | SizeField | LengthField | PictureField
)
PICTURES: tuple[PictureField, ...] = get_args(PictureField)
_SHAPE = (*get_args(SizeField), *get_args(LengthField))

# Models make sides that are multiples of 16 or 32, so what they call 16:9 may be 832x480, 2.5 % off. The two closest
# of the usual shapes, 4:3 and 5:4, are 6.7 % apart, and nothing may be taken for both.
_SAME_SHAPE = 0.032


class Input(BaseModel):
    """One input of a model.

    Attributes:
        name: What the model calls it; dots lead into an input that is a table.
        values: What may be asked for, each with what the model wants said for it; anything, as it is, if empty.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^\w[\w:-]*(\.\w[\w:-]*)*$")
    values: dict[str, bool | int | FiniteFloat | str] = {}

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given

    def say(self, field: InputField, value: Any) -> Any:
        """Return a value in the model's words.

        Raises:
            InvalidRequest: The model has no word for it; the message lists those that it has.
        """
        if not self.values:
            return value
        if str(value) not in self.values:
            raise InvalidRequest(f"{field} {value} cannot be asked for here: choose {', '.join(self.values)}")
        return self.values[str(value)]


Inputs: TypeAlias = Mapping[InputField, Input]


def check_values(inputs: Inputs) -> None:
    """Refuse values that nothing can be asked for by.

    Raises:
        ValueError: They are of a field that has none, or are not written as that field is.
    """
    for field, its in inputs.items():
        if its.values and field not in _SHAPE:
            raise ValueError(f"inputs.{field}: values may be set of {', '.join(_SHAPE)}")
        if field == "aspect":
            for label in its.values:
                _ratio(label)
        elif field not in ("size", "aspect") and not all(key.isascii() and key.isdigit() for key in its.values):
            raise ValueError(f"inputs.{field}: what can be asked for are whole numbers: {', '.join(its.values)}")


def counts_of(field: InputField, its: Input, most: int) -> range:
    """Return the whole numbers that an input may say, evenly spaced; from 1 on where it has no values of its own.

    Raises:
        ValueError: They are not evenly spaced, or none is at most `most`.
    """
    counts = sorted(int(key) for key in its.values) or [*range(1, most + 1)]
    step = counts[1] - counts[0] if len(counts) > 1 else 1
    spaced = range(counts[0], counts[-1] + 1, step) if counts else range(0)
    if not counts or [*spaced] != counts or counts[0] < 1:
        raise ValueError(f"inputs.{field}: write evenly spaced lengths, such as 4, 6, 8; or one model for each")
    return spaced


def size_of(width: int, height: int, inputs: Inputs) -> dict[InputField, Any]:
    """Say a size in the model's words, by each input that tells something of it.

    Raises:
        InvalidRequest: The model has no word for it.
    """
    plain: dict[InputField, Any] = {
        "width": width, "height": height, "size": f"{width}x{height}", "resolution": min(width, height),
    }  # fmt: skip
    if "aspect" in inputs:
        plain["aspect"] = _aspect(width, height, [*inputs["aspect"].values])
    return {field: inputs[field].say(field, value) for field, value in plain.items() if field in inputs}


def length_of(request: TakeRequest, inputs: Inputs, extra_frames: int) -> dict[InputField, Any]:
    """Say a length in the model's words, by each input that tells something of it.

    Args:
        request: What is asked for.
        inputs: The model's.
        extra_frames: How many frames the model makes beyond whole seconds.

    Raises:
        InvalidRequest: The model has no word for it.
    """
    seconds = Fraction(request.frames - extra_frames) / request.rate
    plain: dict[InputField, Any] = {
        "seconds": int(seconds) if seconds.denominator == 1 else float(seconds),
        "frames": request.frames,
        "fps": int(request.rate),
    }
    return {field: inputs[field].say(field, value) for field, value in plain.items() if field in inputs}


def _ratio(label: str) -> Fraction:
    width, colon, height = label.partition(":")
    if not colon or not all(side.isascii() and side.isdigit() and int(side) for side in (width, height)):
        raise ValueError(f"inputs.aspect: {label!r} is no shape: write ones such as 16:9")
    return Fraction(int(width), int(height))


def _aspect(width: int, height: int, labels: list[str]) -> str:
    """Name a size's shape: exactly, or by the nearest of the labels that are given."""
    shape = Fraction(width, height)
    if not labels:
        return f"{shape.numerator}:{shape.denominator}"

    def off(label: str) -> float:
        return abs(math.log(_ratio(label) / shape))

    nearest = min(labels, key=off)
    if off(nearest) > _SAME_SHAPE:
        raise InvalidRequest(
            f"a size of {width}x{height} cannot be asked for here: its shape is none of {', '.join(labels)}"
        )
    return nearest


def names_of(constants: Mapping[str, Any], inside: str = "") -> Iterator[str]:
    """Yield the dotted names of all inputs that constants fill."""
    for name, value in constants.items():
        if isinstance(value, dict) and value:
            yield from names_of(value, f"{inside}{name}.")
        else:
            yield f"{inside}{name}"


def place(filled: dict[str, Any], name: str, value: Any) -> None:
    """Fill an input, within the tables that its dotted name leads through."""
    *tables, last = name.split(".")
    for table in tables:
        filled = filled.setdefault(table, {})
    filled[last] = value
