"""What is wrong with a value is said in plain words: the field, the value, what would be legal."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from reelgraph.video_tools.film import Colour, first_fault


class Bend(BaseModel):
    op: Literal["bend"]
    by: int


class Turn(BaseModel):
    op: Literal["turn"]


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    size: float = Field(default=1, gt=0, le=9)
    count: int = Field(default=1, ge=1, lt=5)
    on: bool = True
    name: str = Field(default="x", min_length=1, max_length=3)
    kind: Literal["a", "b"] = "a"
    colours: list[Colour] = Field(default=[], max_length=1)
    inner: dict[str, Any] = {}
    edit: Annotated[Bend | Turn, Field(discriminator="op")] | None = None

    @field_validator("name")
    @classmethod
    def _not_bob(cls, name: str) -> str:
        if name == "bob":
            raise ValueError("bob is taken: choose another name")
        return name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"size": 0}, "size is 0: it must be above 0"),
        ({"size": 10}, "size is 10: it must be at most 9"),
        ({"size": "nan"}, "size is 'nan': it must be a finite number"),
        ({"size": "big"}, "size is 'big': it must be a number"),
        ({"size": [1]}, "size is [1]: it must be a number"),
        ({"count": 0}, "count is 0: it must be at least 1"),
        ({"count": 5}, "count is 5: it must be below 5"),
        ({"count": 1.5}, "count is 1.5: it must be a whole number"),
        ({"on": "maybe"}, "on is 'maybe': it must be true or false"),
        ({"name": ""}, "name is '': it must have at least 1 characters"),
        ({"name": "long"}, "name is 'long': it may have at most 3 characters"),
        ({"name": 3}, "name is 3: it must be text"),
        ({"name": "bob"}, "name: bob is taken: choose another name"),
        ({"kind": "c"}, "kind is 'c': choose 'a' or 'b'"),
        ({"colours": ["red"]}, "colours.0 is 'red': write a colour such as #1e3a8a"),
        ({"colours": ["#000000"] * 2}, "colours is ['#000000', '#000000']: it may have at most 1"),
        ({"colours": "red"}, "colours is 'red': it must be a list"),
        ({"inner": 1}, "inner is 1: it must be an object"),
        ({"edit": {"op": "fly"}}, "op is 'fly': choose 'bend', 'turn'"),
        ({"edit": {"by": 1}}, "op is missing in {'by': 1}"),
        ({"edit": {"op": "bend"}}, "edit.bend.by is missing"),
        ({"colour": "red"}, "there is no colour"),
        ({"name": "bob", "sise": 2}, "name: bob is taken: choose another name"),
        ("thing", "the whole is 'thing': it must be an object"),
        ({"size": "y" * 99}, f"size is '{'y' * 56}...: it must be a number"),
    ],
)
def test_fault_is_said_in_plain_words(given: Any, said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(Thing).validate_python(given)
    assert first_fault(raised.value) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"colour": "red"}, "there is no colour: did you mean colours?"),
        ({"name": "bob", "sise": 2}, "there is no sise: did you mean size?"),
        ({"weight": 1}, "there is no weight: there are size, count, on, name, kind, colours, inner, edit"),
    ],
)
def test_misspelt_key_is_answered_with_the_nearest_of_what_was_to_be_read(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Thing.model_validate(given)
    assert first_fault(raised.value, Thing) == said
