"""Say what is wrong with a value in words for whoever wrote it, where pydantic's would speak of inputs and models."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

_PATTERNS = {"^#[0-9a-f]{6}$": "write a colour such as #1e3a8a"}
# By pydantic's name of a fault: what a value must be. Source: pydantic's `list_all_errors` and their contexts.
_MUST: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda c: f"it must be above {_plain(c['gt'])}",
    "greater_than_equal": lambda c: f"it must be at least {_plain(c['ge'])}",
    "less_than": lambda c: f"it must be below {_plain(c['lt'])}",
    "less_than_equal": lambda c: f"it must be at most {_plain(c['le'])}",
    "finite_number": lambda c: "it must be a finite number",
    "literal_error": lambda c: f"choose {c['expected']}",
    "string_too_short": lambda c: f"it must have at least {c['min_length']} characters",
    "string_too_long": lambda c: f"it may have at most {c['max_length']} characters",
    "too_short": lambda c: f"it must have at least {c['min_length']}",
    "too_long": lambda c: f"it may have at most {c['max_length']}",
    "string_pattern_mismatch": lambda c: _PATTERNS.get(c["pattern"], f"it must match {c['pattern']}"),
}
_KINDS = {"float": "a number", "int": "a whole number", "bool": "true or false", "string": "text", "list": "a list",
          "dict": "an object", "model": "an object"}  # fmt: skip


def blank(text: str) -> bool:
    """Say whether a text shows nothing: it has no sign, or only spaces, controls and marks that are not seen."""
    return all(unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Zl", "Zp") for sign in text)


def counted(number: int, what: str) -> str:
    """Say how many there are of something, such as `1 shot` and `2 shots`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def broke(error: BaseException) -> str:
    """Say in one line what somebody else's code raised: what kind of error, and its own words."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200].rstrip(": ")


def meant(name: str, names: Iterable[str]) -> str:
    """Hint at what somebody meant by a name that there is not: the nearest of some names, else all of them."""
    names = list(names)
    near = get_close_matches(name, names, 1, 0.7)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(names) or 'none'}"


def said_of(fault: Mapping[str, Any], kind: type[BaseModel] | None = None, *, a: str = "") -> str:
    """Say one fault of a `ValidationError` in one line: the field, its value, and what would be legal.

    Args:
        fault: An entry of `ValidationError.errors()`.
        kind: What was to be read, so that a key that there is not is answered with those there are.
        a: What its keys are called, such as `setting `.
    """
    loc = fault["loc"]
    if "[key]" in loc:  # of a table whose keys are declared
        loc = loc[: loc.index("[key]")]
    place = ".".join(str(part) for part in loc) or "the whole"
    keys = _keys(kind, loc[:-1])
    if fault["type"] == "extra_forbidden" or (keys and loc != fault["loc"]):
        return f"there is no {a}{place}" + (f": {meant(str(loc[-1]), keys)}" if keys else "")
    return a + _said(fault, place)


def _keys(kind: type[BaseModel] | None, place: Iterable[str | int]) -> list[str]:
    """List the keys that may stand at a place within what was to be read, nothing where that is not known."""
    table: Any = kind
    for part in place:
        field = table.model_fields.get(str(part)) if _is_model(table) else None
        table = field.annotation if field else None
    return list(table.model_fields) if _is_model(table) else _choices(get_args(table)[:1])


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _choices(types: Iterable[Any]) -> list[str]:
    """List the words of literal types and unions of them."""
    return [word for kind in types for word in ([kind] if isinstance(kind, str) else _choices(get_args(kind)))]


def _said(fault: Mapping[str, Any], place: str) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "missing":
        return f"{place} is missing"
    if kind == "union_tag_not_found":
        return f"{context['discriminator'].strip(chr(39))} is missing in {_short(fault['input'])}"
    if kind == "union_tag_invalid":
        return f"{context['discriminator'].strip(chr(39))} is {context['tag']!r}: choose {context['expected_tags']}"
    must = _MUST[kind](context) if kind in _MUST else _kind_of(kind)
    if not must:  # a rule of ours, which has words of its own
        said = fault["msg"].removeprefix("Value error, ")
        return re.sub(r"\s+", " ", said if said.startswith(f"{place} ") else f"{place}: {said}")
    return re.sub(r"\s+", " ", f"{place} is {_short(fault['input'])}: {must}")


def _kind_of(kind: str) -> str:
    name = re.sub(r"_(type|parsing|from_float|parsing_size)$", "", kind)
    return f"it must be {_KINDS[name]}" if name != kind and name in _KINDS else ""


def _plain(number: float) -> str:
    """Write a bound as people do: whole numbers in full."""
    return f"{number:g}" if number % 1 else f"{number:.0f}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
