"""Say what is wrong with a value in words for whoever wrote it, where pydantic's would speak of inputs and models."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_PATTERNS = {"^#[0-9a-f]{6}$": "write a colour such as #1e3a8a"}
# By pydantic's name of a fault: what a value must be. Source: pydantic's `list_all_errors` and their contexts.
_MUST: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda c: f"it must be above {c['gt']:g}",
    "greater_than_equal": lambda c: f"it must be at least {c['ge']:g}",
    "less_than": lambda c: f"it must be below {c['lt']:g}",
    "less_than_equal": lambda c: f"it must be at most {c['le']:g}",
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


def said_of(fault: Mapping[str, Any]) -> str:
    """Say one fault of a `ValidationError` in one line: the field, its value, and what would be legal.

    Args:
        fault: An entry of `ValidationError.errors()`.
    """
    kind, context = fault["type"], fault.get("ctx", {})
    place = ".".join(str(part) for part in fault["loc"]) or "the whole"
    if kind == "missing":
        return f"{place} is missing"
    if kind == "extra_forbidden":
        return f"there is no {place}"
    if kind == "union_tag_not_found":
        return f"{context['discriminator'].strip(chr(39))} is missing in {_short(fault['input'])}"
    if kind == "union_tag_invalid":
        return f"{context['discriminator'].strip(chr(39))} is {context['tag']!r}: choose {context['expected_tags']}"
    must = _MUST[kind](context) if kind in _MUST else _kind_of(kind)
    if not must:  # a rule of ours, which has words of its own
        return re.sub(r"\s+", " ", f"{place}: {fault['msg'].removeprefix('Value error, ')}")
    return re.sub(r"\s+", " ", f"{place} is {_short(fault['input'])}: {must}")


def _kind_of(kind: str) -> str:
    name = re.sub(r"_(type|parsing|from_float|parsing_size)$", "", kind)
    return f"it must be {_KINDS[name]}" if name != kind and name in _KINDS else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
