"""Storyboards as files that people edit: YAML or JSON in, YAML and Markdown out.

The smallest file is `shots: [{prompt: a red ball rolls over the dunes, seconds: 2}]`. Unknown keys are refused, missing
ids are filled in, and what `storyboard_to_yaml` writes reads back as the same storyboard.
"""

import json
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import (
    MOST_SECONDS,
    Bible,
    Character,
    Line,
    Noun,
    Place,
    Scene,
    Shot,
    Storyboard,
    Style,
    Transition,
    upgraded,
)
from reelgraph.video_tools.planning.names import free_id
from reelgraph.video_tools.planning.naming import named
from reelgraph.video_tools.planning.numbering import fill_ids, ids_in, numbered_as
from reelgraph.video_tools.wording import counted

_NOUNS: dict[str, type[BaseModel]] = {
    "scenes": Scene, "shots": Shot, "bible": Bible, "characters": Character, "places": Place, "style": Style,
    "lines": Line, "transition": Transition,
}  # fmt: skip
# A feature film has about 1,500 shots; a plan of more than this is a slip, or a model that loops.
MOST_SHOTS = 5000
# What makes a mapping a storyboard rather than some other YAML.
STORYBOARD_KEYS = frozenset({"shots", "scenes"})


class _TextLoader(yaml.SafeLoader):
    """Read every plain scalar as text, so that `12:30`, `yes` and `1.0` stay what was written until a field says its
    type."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag == "tag:yaml.org,2002:null"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):  # a few bytes of aliases can stand for gigabytes
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # pyyaml's stubs leave it out
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not read: write the value out", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is there twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    """Write rare line ends (NEL, LS, PS) as escapes, which pyyaml itself writes raw and then reads as spaces."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    rare = any(sign in text for sign in "\x85\u2028\u2029\ufeff")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if rare else None)


_Dumper.add_representer(str, _text)


def storyboard_from_text(
    text: str, where: str = "the storyboard", *, earlier: Sequence[Storyboard] = (), known: Bible | None = None
) -> Storyboard:
    """Read a storyboard from YAML or JSON, filling in the ids that it leaves out.

    Args:
        text: The file's text.
        where: What to call it in an error.
        earlier: The film's storyboards so far, the newest last: a shot without an id is the one that it was there.
        known: What the project knows already of those whom it names.

    Raises:
        InvalidRequest: It is not YAML or JSON, or breaks the schema; the message names the shot, the key and what is
            allowed.
    """
    data = parse_mapping(text, where)
    given = ids_in(data.get("scenes") or [data])
    board = storyboard_from_data(data, where)
    of = (one for one in earlier if board.brief and one.number == board.number)
    stood = next(of, earlier[-1] if earlier else None)
    board = named(board, known or Bible(), stood=stood, given=given)
    return numbered_as(earlier, board, given)


def parse_mapping(text: str, where: str) -> dict[str, Any]:
    """Parse YAML or JSON text that holds one mapping.

    Raises:
        InvalidRequest: It cannot be parsed, or is something else; the message gives the line.
    """
    try:
        if text.lstrip().startswith("{"):
            try:
                data = json.loads(text, object_pairs_hook=_unique)
            except json.JSONDecodeError:  # a YAML flow mapping, such as {shots: [...]}
                data = yaml.load(text, _TextLoader)
        else:
            data = yaml.load(text, _TextLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidRequest(f"{where}, line {line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidRequest(
            f"{where} is not YAML or JSON: {' '.join(str(error).split()) or 'nested too deeply'}"
        ) from error
    if not isinstance(data, dict):
        raise InvalidRequest(f"{where} holds no storyboard: write at least `shots: [{{prompt: ..., seconds: 2}}]`")
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in pairs:
        if key in read:
            raise ValueError(f"key {key!r} is there twice")
        read[key] = value
    return read


def storyboard_from_data(data: dict[str, Any], where: str) -> Storyboard:
    """Build a storyboard from plain data: a file's, or a model's reply.

    Raises:
        InvalidRequest: It breaks the schema; the message names the shot, the key and what is allowed.
    """
    data = dict(data)
    if "shots" in data:
        if "scenes" in data:
            raise InvalidRequest(f"{where} has both `shots` and `scenes`: put the shots into a scene")
        data["scenes"] = [{"shots": data.pop("shots")}]
    if data.get("edits"):
        raise InvalidRequest(f"{where}: edits are made of the cut, by `reelgraph edit`: leave out the key `edits`")
    data = _upgraded(Storyboard, data, where)
    if isinstance(data.get("bible"), dict):
        bible = _upgraded(Bible, data["bible"], f"{where}, bible")
        data["bible"] = {key: _named(value, key) for key, value in bible.items()}
    if (count := _count(data.get("scenes"))) > MOST_SHOTS:
        raise InvalidRequest(f"{where} has {count} shots: a film has at most {MOST_SHOTS}; divide it into several")
    fill_ids(data.get("scenes"))
    try:
        board = Storyboard.model_validate(_without_nulls(data))
    except ValidationError as error:
        raise InvalidRequest(f"{where}: {_fault(error, data)}") from error
    check_seconds(board, where)
    return board


def check_seconds(board: Storyboard, where: str) -> None:
    """Refuse a plan that is longer than any film can be, before it is shot.

    Raises:
        InvalidRequest: It is.
    """
    if (seconds := sum(shot.seconds for shot in board.shots)) > MOST_SECONDS:
        raise InvalidRequest(
            f"{where} lasts {seconds:.0f} s: a film has at most {MOST_SECONDS} s; divide it into several"
        )


def _upgraded(kind: type[Noun], data: dict[str, Any], where: str) -> dict[str, Any]:
    """Bring what a file says to the version that this release reads; a number in it is still text."""
    if (version := str(data.get("schema_version"))).isdecimal():
        data = {**data, "schema_version": int(version)}
    try:
        whole: dict[str, Any] = upgraded(kind, data)
        return whole
    except ValueError as error:
        raise InvalidRequest(f"{where}: {error}") from error


def _count(scenes: Any) -> int:
    listed = [scene.get("shots") for scene in scenes if isinstance(scene, dict)] if isinstance(scenes, list) else []
    return sum(len(shots) for shots in listed if isinstance(shots, list))


def _without_nulls(data: Any) -> Any:
    """Leave out keys without a value, as in `seed:`; no field of a storyboard means anything by null."""
    if isinstance(data, dict):
        return {key: _without_nulls(value) for key, value in data.items() if value is not None}
    return [_without_nulls(item) for item in data] if isinstance(data, list) else data


def _named(entries: Any, kind: str) -> Any:
    """Give characters and places without an id one made of their name."""
    if not isinstance(entries, list):
        return entries
    taken = {str(entry["id"]) for entry in entries if isinstance(entry, dict) and entry.get("id")}
    filled: list[Any] = []
    for entry in entries:
        if isinstance(entry, dict) and entry.get("name") and not entry.get("id"):
            entry = {**entry, "id": free_id(str(entry["name"]), taken, kind.rstrip("s"))}
            taken.add(entry["id"])
        filled.append(entry)
    return filled


def _fault(error: ValidationError, data: dict[str, Any]) -> str:
    """Say in one line what is wrong and what is allowed, naming the shot by its id."""
    faults = error.errors(include_url=False)
    # a misspelt key is why another one is missing
    fault = next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])
    value: Any = data
    names: list[str] = []
    noun: type[BaseModel] = Storyboard
    for part in fault["loc"]:
        noun = _NOUNS.get(str(part), noun)
        value = _step(value, part)
        if isinstance(part, int):
            own = value.get("id") if isinstance(value, dict) else None
            kind = names.pop().removesuffix("s")
            names.append(f"{kind} {own or part + 1}")
        else:
            names.append(str(part))
    if len(names) > 2 and names[0].startswith("scene") and names[1].startswith("shot"):
        names.pop(0)
    place = ", ".join(names)
    if fault["type"] == "extra_forbidden":
        keys = [*(name for name in noun.model_fields if name != "edits"), *(["shots"] if noun is Storyboard else [])]
        near = get_close_matches(names[-1], keys, 1, 0.6)
        hint = f"did you mean `{near[0]}`?" if near else f"the keys are {', '.join(keys)}"
        return f"{', '.join(names[:-1]) or 'the top'}: unknown key `{names[-1]}`: {hint}"
    if fault["type"] == "missing":
        return f"{place} is missing: write it"
    message = re.sub(r"\s+", " ", fault["msg"]).removeprefix("Value error, ")
    if not names:
        return message
    if names[-1] == "seconds" and fault["type"] in ("greater_than", "less_than_equal"):
        message = "a shot lasts more than 0 and at most 600 s"
    if fault["type"] == "literal_error":
        legal = [str(v) for v in get_args(noun.model_fields[str(fault["loc"][-1])].annotation)]
        near = get_close_matches(str(value), legal, 1, 0.4)
        message = f"choose {near[0] if near else ', '.join(legal)}" + (f" (of {', '.join(legal)})" if near else "")
    if fault["type"] == "string_pattern_mismatch" and names[-1] == "id":
        message = "write a shot id such as s01-02, and a scene id such as s01"
        if noun in (Character, Place):
            message = "write lower-case letters, digits and dashes, such as mara-voss; or leave it out"
    shown = "" if isinstance(value, dict | list) or value is None else f" is {str(value)[:60]!r}"
    return f"{place}{shown}: {message}"


def _step(value: Any, part: str | int) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):  # the fault is that it is not there
        return None


def storyboard_to_yaml(storyboard: Storyboard) -> str:
    """Write a storyboard as YAML for a person to edit: without edits of its cut, and fields at their default."""
    said = storyboard.model_dump(mode="json", exclude_defaults=True, exclude={"edits"})
    data = {"schema_version": storyboard.schema_version, **said}
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


_BY = {"offline": "planned by rule", "person": "written by a person"}


def storyboard_to_markdown(storyboard: Storyboard) -> str:
    """Write a storyboard as a Markdown table to read or print."""
    out = [f"# {storyboard.title or 'Storyboard'}", ""]
    shots = storyboard.shots
    total = sum(shot.seconds for shot in shots)
    ends = f"; fades out in {storyboard.fade_out:g} s" if storyboard.fade_out else ""
    by = _BY.get(storyboard.planner, f"planned by {storyboard.planner}")
    out += [f"{counted(len(shots), 'shot')}, {total:g} s, {by}{ends}.", ""]
    if storyboard.bible.characters:
        out += ["| who | looks like |", "| --- | --- |"]
        out += [f"| {_cell(c.name)} | {_cell(c.description) or '-'} |" for c in storyboard.bible.characters]
        out.append("")
    for scene in storyboard.scenes:
        out += [f"## {scene.id}{' ' + _cell(scene.heading) if scene.heading else ''}", ""]
        out += [
            "| shot | s | size, camera | who | what is seen | what is said |",
            "| --- | ---: | --- | --- | --- | --- |",
        ]
        for shot in scene.shots:
            camera = ", ".join(
                word.replace("_", " ")
                for word in (
                    shot.size,
                    shot.camera if shot.camera != "still" else "",
                    shot.angle if shot.angle != "eye" else "",
                )
                if word
            )
            names = [found.name if (found := storyboard.bible.character(c)) else c for c in shot.characters]
            said = " / ".join(_spoken(line, storyboard.bible) for line in shot.lines)
            seen = f"**{shot.title}**" if shot.kind == "title" and shot.title else shot.prompt
            if shot.transition.kind != "cut":
                seen = f"({shot.transition.kind.replace('_', ' ')}) {seen}"
            cells = [shot.id, f"{shot.seconds:g}", camera, ", ".join(names), seen, said]
            out.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        out.append("")
    return "\n".join(out)


def _spoken(line: Line, bible: Bible) -> str:
    found = bible.character(line.character)
    who = found.name if found else line.character or "narrator"
    return f"{who}{f' ({line.manner})' if line.manner else ''}: {line.text}"


def _cell(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())
