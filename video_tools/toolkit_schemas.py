"""What an agent may say to each tool: ids and plain values, never paths.

Numbers may be text, and lists JSON or their one entry, as models write them; a value that is not legal is refused by
name, with what would be legal. An argument that a tool does not have is refused too, in words of ours: `extra="forbid"`
would also refuse the `runtime` that LangGraph adds before it validates.
"""

import json
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from reelgraph.video_tools.film import CameraMove, Rung, ShotSize

INJECTED = frozenset({"runtime"})


Film = Annotated[str, Field(description="Film name; may be left out when there is one film.")]
# The schemas are written out because pydantic's own, with `anyOf` and null, cost a model more to read and to write.
Seconds = Annotated[
    float | None, Field(gt=0, le=600), WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 600})
]
Number = Annotated[int | None, Field(ge=1), WithJsonSchema({"type": "integer", "minimum": 1})]
Size = Annotated[ShotSize | Literal[""], WithJsonSchema({"type": "string", "enum": list(get_args(ShotSize))})]
Quality = Annotated[Rung | Literal[""], WithJsonSchema({"type": "string", "enum": list(get_args(Rung))})]
Camera = Annotated[CameraMove | Literal[""], WithJsonSchema({"type": "string", "enum": list(get_args(CameraMove))})]

Preset = Literal["web", "vertical", "square", "prores", "dnxhr", "webm", "gif", "webp", "sheet"]
Timeline = Literal["edl", "xml", "fcpxml"]
Loudness = Annotated[
    float | None,
    Field(ge=-40, le=-5),
    WithJsonSchema({"type": "number", "minimum": -40, "maximum": -5, "description": "LUFS of presets."}),
]


def _as_list(value: Any, of: Any) -> Any:
    """Read a list as models write it: as it is, as JSON, as its one entry, or, of words, with commas."""
    words = get_origin(of) is not dict
    if isinstance(value, list):
        return value if words else [_from_json(one) for one in value]
    value = _from_json(value)
    if isinstance(value, str) and words:
        return [word for part in value.split(",") if (word := part.strip())]
    return [value] if isinstance(value, dict) else value


def _from_json(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


class Arguments(BaseModel):
    """Base of all tools' arguments."""

    model_config = ConfigDict(allow_inf_nan=False, str_max_length=100_000, protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def _known(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        unknown = sorted(set(data) - set(cls.model_fields) - INJECTED)
        if unknown:
            raise ValueError(f"there is no argument {unknown[0]!r}: there are {', '.join(cls.model_fields) or 'none'}")
        # A null where a value may be left out means that it was left out.
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        given = {k: v for k, v in data.items() if not (v is None and k in optional)}
        lists = {
            name: get_args(f.annotation)[0] for name, f in cls.model_fields.items() if get_origin(f.annotation) is list
        }
        return {k: _as_list(v, lists[k]) if k in lists else v for k, v in given.items()}


class PlanStoryboard(Arguments):
    """Arguments of `plan_storyboard`."""

    brief: Annotated[str, Field(description="A sentence, a screenplay, or a storyboard as YAML.")] = ""
    film: Film = ""
    seconds: Seconds = None
    replan: bool = False


class OfFilm(Arguments):
    """Arguments of tools that take a film."""

    film: Film = ""


class GenerateTake(Arguments):
    """Arguments of `generate_take`."""

    shot: Annotated[str, Field(description='Shot id such as s01-02, or "all" for every shot without a take.')]
    film: Film = ""
    prompt: Annotated[str, Field(max_length=4000, description="New words for the shot.")] = ""
    seconds: Seconds = None
    size: Size = ""
    camera: Camera = ""
    new_seed: Annotated[bool, Field(description="Try again as it is.")] = False
    rung: Quality = ""


class InspectTake(Arguments):
    """Arguments of `inspect_take`."""

    take: Annotated[str, Field(description="Take id, or shot id for its current take.")]
    film: Film = ""


class CompareTakes(Arguments):
    """Arguments of `compare_takes`."""

    shot: str
    film: Film = ""
    keep: Annotated[str, Field(description="Take id to use from now on.")] = ""


class ImportFootage(Arguments):
    """Arguments of `import_footage`."""

    asset: Annotated[str, Field(description="Name of a file in the project's inbox.")]


class RememberCharacter(Arguments):
    """Arguments of `remember_character`."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    description: Annotated[str, Field(max_length=2000, description="Looks, reused in prompts.")] = ""
    palette: Annotated[list[str], Field(max_length=8, description="Colours such as #1e3a8a.")] = []
    take: Annotated[str, Field(description="Take id of a picture of them.")] = ""


class RecallShots(Arguments):
    """Arguments of `recall_shots`."""

    text: str
    character: Annotated[str, Field(description="Character id.")] = ""
    place: Annotated[str, Field(description="Place id.")] = ""
    most: Annotated[int, Field(ge=1, le=20)] = 5


class AssembleCut(Arguments):
    """Arguments of `assemble_cut`."""

    film: Film = ""
    storyboard: Annotated[Number, Field(description="Go back to this one.")] = None


# Said in words, because the JSON schema of all edits would cost a model more than all other tools together.
EDITS = (
    'Made in order, such as {"op": "trim", "clip": "s01-02", "tail": 12}; clip is a shot id, lengths are frames. Ops: '
    "trim clip head tail; split clip at; move clip before; delete clip; swap_take clip take; speed clip speed; "
    "volume clip gain_db; transition clip transition{kind cut/crossfade/dip_black/dip_white/wipe/push, frames or "
    "seconds}; effects clip effects[{name, arguments}]; titles titles[{start, frames, text}]; sounds sounds[{take, "
    "role, start, frames, gain_db, duck_db}]; insets insets[{take, start, frames}]; narrate start text, or take "
    "and frames; captions burn; loudness loudness; insert new; replace clip new; arrange clips."
)


class EditCut(Arguments):
    """Arguments of `edit_cut`."""

    film: Film = ""
    edits: Annotated[list[dict[str, Any]], Field(max_length=100, description=EDITS)] = []
    cut: Annotated[Number, Field(description="Go back to this cut, without edits.")] = None


class ReviseFilm(Arguments):
    """Arguments of `revise_film`."""

    words: Annotated[
        str,
        Field(max_length=2000, description='A sentence each, such as "Make shot 2 longer by 1 second. Delete shot 3."'),
    ]
    film: Film = ""


class ExportCut(Arguments):
    """Arguments of `export_cut`."""

    film: Film = ""
    name: Annotated[str, Field(max_length=60, description="Name of the export.")] = ""
    presets: Annotated[list[Preset], Field(description="Also as; vertical is for phones.")] = []
    timelines: Annotated[list[Timeline], Field(description="Also as edit lists.")] = []
    focus: Annotated[float, Field(ge=0, le=1, description="Middle of vertical, 0 left to 1 right.")] = 0.5
    loudness: Loudness = None


def said(error: ValidationError, arguments: type[Arguments]) -> str:
    """Say what is wrong with arguments: the field, the value, and what is legal, one line for each."""
    properties = arguments.model_json_schema().get("properties", {})
    lines: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        field = str(fault["loc"][0]) if fault["loc"] else ""
        must = f"it must be {legal(properties.get(field, {}))}"
        if not field:
            line = fault["msg"].removeprefix("Value error, ")
        elif fault["type"] == "missing":
            line = f"{field} is missing: {must}"
        else:
            value = repr(fault["input"])
            line = f"{field} cannot be {value if len(value) <= 60 else value[:57] + '...'}: {must}"
        lines.setdefault(field, line)
    return "\n".join(lines.values())


def legal(schema: dict[str, Any]) -> str:
    """Say in words what a JSON schema's property may be."""
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    kind = {"number": "a number", "integer": "a whole number", "boolean": "true or false", "array": "a list"}
    words = kind.get(schema.get("type", ""), "text")
    low, above, high = (schema.get(k) for k in ("minimum", "exclusiveMinimum", "maximum"))
    bounds = [f"above {above:g}"] if above is not None else [f"at least {low:g}"] if low is not None else []
    bounds += [f"at most {high:g}"] if high is not None else []
    if schema.get("maxLength", 100_000) < 100_000:
        bounds.append(f"of {schema.get('minLength', 0)} to {schema['maxLength']} characters")
    if choices := schema.get("items", {}).get("enum"):
        bounds.append(f"of {', '.join(choices)}")
    elif "maxItems" in schema:
        bounds.append(f"of at most {schema['maxItems']}")
    return " ".join(filter(None, [words, " and ".join(bounds)]))
