"""Find back ends, checks, effects, embedders and memories by name; built-ins enter by the entry points of plug-ins."""

import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.wording import meant

Group = Literal[
    "reelgraph.backends", "reelgraph.checks", "reelgraph.effects", "reelgraph.embedders", "reelgraph.kits",
    "reelgraph.memories",
]  # fmt: skip


def names(group: Group) -> list[str]:
    """List the registered names of a group, sorted, without importing any of them."""
    return sorted(found(group))


def found(group: Group) -> dict[str, EntryPoint]:
    """Map registered names to entry points.

    Raises:
        InvalidRequest: Two packages registered one name.
    """
    return _scanned(group, tuple(sys.path))


@lru_cache(maxsize=16)
def _scanned(group: Group, path: tuple[str, ...]) -> dict[str, EntryPoint]:
    """Read the entry points on a search path; milliseconds, which every take would pay."""
    result: dict[str, EntryPoint] = {}
    for point in entry_points(group=group):
        if point.name in result and result[point.name].value != point.value:
            raise InvalidRequest(
                f"two packages register {point.name!r} in {group} "
                f"({result[point.name].value} and {point.value}): uninstall one"
            )
        result[point.name] = point
    return result


def find(group: Group, name: str) -> EntryPoint:
    """Return the entry point that is registered under a name, without importing it.

    Raises:
        InvalidRequest: Nothing is registered under it; the message lists what is.
    """
    points = found(group)
    if name not in points:
        kind = group.removeprefix("reelgraph.").removesuffix("s")
        raise InvalidRequest(f"no {kind} named {name!r}: {meant(name, sorted(points))}")
    return points[name]


def load(group: Group, name: str) -> Any:
    """Import what is registered under a name.

    Raises:
        InvalidRequest: Nothing is registered under it (the message lists what is), or a package it needs is missing.
    """
    point = find(group, name)
    try:
        return point.load()
    except ModuleNotFoundError as error:
        raise InvalidRequest(f"{name} needs the package {error.name!r}: install the extra that brings it") from error
