"""What a check that does not ship is: what it measured stands for as long as it is the same.

What ships is known by its settings alone. Of a caller's check, and of one that another package registers, the settings
in a file say nothing or not all: its class, its fields and its code count too.
"""

import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from inspect import getmodule, getsource, isfunction
from numbers import Number
from pathlib import PurePath
from re import Pattern
from types import CodeType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import BaseModel

from reelgraph.video_tools.film import canonical, digest
from reelgraph.video_tools.registry import found

if TYPE_CHECKING:
    from reelgraph.video_tools.checks.base import Check


def others(checks: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Say by name what the checks are that run and do not ship, as plain data; nothing where there are none.

    Args:
        checks: By check name, its settings or a caller's check, as `load_checks` takes them.

    Raises:
        InvalidRequest: One that another package registers cannot be used.
    """
    known = {name: identity(own) for name, own in checks.items() if not isinstance(own, Mapping)}
    for name, point in found("reelgraph.checks").items():
        own = checks.get(name, {})
        if _is_ours(point.value.partition(":")[0]) or name in known or not own.get("on", True):
            continue
        from reelgraph.video_tools.checks.base import registered

        version = point.dist.version if point.dist is not None else ""
        known[name] = [*identity(registered(name, own)), version]
    return known


def identity(check: "Check") -> list[Any]:
    """Say as plain data which check it is: its class, its fields, and the source of its class.

    The source is that of whole files, so that what a class leans on beside it counts; where none can be read, as of a
    notebook's cell, its compiled code.
    """
    kind = type(check)
    own = {name: getattr(check, name, None) for name in getattr(kind, "__dataclass_fields__", ())}
    own |= getattr(check, "__dict__", {}) if "__dataclass_params__" not in vars(kind) else {}
    return [kind.__module__, kind.__qualname__, _plain(own), _written(kind)]


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "reelgraph"


@lru_cache(maxsize=64)
def _written(kind: type) -> str:
    """Return the digest of a class's source, as it was when it was first asked for: what runs is not what is edited."""
    told: list[Any] = []
    for base in kind.__mro__:
        if _is_ours(base.__module__) or base.__module__.partition(".")[0] in sys.stdlib_module_names:
            continue
        try:
            told.append(getsource(getmodule(base) or base))
        except (OSError, TypeError):
            told.append([[name, _plain(of)] for name, of in vars(base).items() if _counts(name, of)])
    return digest(told)


def _counts(name: str, value: Any) -> bool:
    return isfunction(value) or (name[:1] != "_" and isinstance(value, (*_SAID, tuple, frozenset)))


def _code(code: CodeType) -> list[Any]:
    constants = [_code(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts]
    return [code.co_code.hex(), code.co_names, constants]


_SAID = (type(None), bool, int, float, complex, str, bytes, PurePath, Number, date, time, timedelta, Enum, Pattern)
_PROCESS = uuid4().hex


def _plain(value: Any) -> Any:
    """Turn a field's value into plain data that is the same for the same value."""
    kind = type(value)
    if isinstance(value, Mapping):
        return sorted(([_plain(key), _plain(one)] for key, one in value.items()), key=canonical)
    if isinstance(value, set | frozenset):
        return sorted(map(_plain, value), key=canonical)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, type):
        return [value.__module__, value.__qualname__]
    if isfunction(value):
        return [value.__module__, value.__qualname__, _code(value.__code__)]
    if isinstance(value, _SAID):
        return [kind.__qualname__, repr(value)]
    if kind.__module__ == "numpy":
        return [str(value.dtype), list(value.shape), sha256(value.tobytes()).hexdigest()]
    if is_dataclass(value):
        return [kind.__qualname__, _plain({field.name: getattr(value, field.name, None) for field in fields(value)})]
    if isinstance(value, BaseModel):
        return [kind.__qualname__, _plain(dict(value))]
    return [kind.__qualname__, id(value), _PROCESS]  # such as a model: only this process knows that it is the same
