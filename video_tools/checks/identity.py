"""Which checks run that do not ship: what they measured stands for as long as they are the same.

What ships is known by its settings alone. Of a caller's check, and of one that another package registers, the settings
in a file say nothing or not all: its class, its fields and its code count too.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reelgraph.video_tools.origin import is_ours, written
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
        if is_ours(point.module) or name in known or not own.get("on", True):
            continue
        from reelgraph.video_tools.checks.base import registered

        version = point.dist.version if point.dist is not None else ""
        known[name] = [*identity(registered(name, own)), version]
    return known


def identity(check: "Check") -> list[Any]:
    """Say as plain data which check it is: its class, its fields as they print, and the source of its class."""
    kind = type(check)
    return [kind.__module__, kind.__qualname__, repr(check), written(kind)]
