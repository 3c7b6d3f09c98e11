"""What a check that does not ship is: what it measured stands for as long as it is the same.

What ships is known by its settings alone. Of a caller's check, and of one that another package registers, the settings
in a file say nothing or not all: its class, its fields and its code count too.
"""

import sys
from collections.abc import Mapping
from functools import lru_cache
from inspect import getmodule, getsource
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from reelgraph.video_tools.film import digest
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
    notebook's cell, the class is itself alone, in this process.
    """
    kind = type(check)
    return [kind.__module__, kind.__qualname__, repr(check), written(kind)]


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "reelgraph"


_PROCESS = uuid4().hex


@lru_cache(maxsize=64)
def written(kind: type) -> str:
    """Return the digest of a class's source, as it was when it was first asked for: what runs is not what is edited."""
    told: list[Any] = []
    for base in kind.__mro__:
        if _is_ours(base.__module__) or base.__module__.partition(".")[0] in sys.stdlib_module_names:
            continue
        try:
            told.append(getsource(getmodule(base) or base))
        except (OSError, TypeError):
            told.append([id(base), _PROCESS])
    return digest(told)
