"""Find back ends, checks, effects, embedders and memories by name; built-ins enter by the entry points of plug-ins."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from reelgraph.video_tools.errors import InvalidRequest, ReelgraphError
from reelgraph.video_tools.wording import broke, meant

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
        raise InvalidRequest(f"no {_kind(group)} named {name!r}: {meant(name, sorted(points))}")
    return points[name]


def load(group: Group, name: str) -> Any:
    """Import what is registered under a name.

    Raises:
        InvalidRequest: Nothing is registered under it (the message lists what is), a package it needs is missing, or it
            breaks while it is imported; the message names it and its package.
    """
    point = find(group, name)
    with blamed(told(group, name), "loaded"):
        return point.load()


def make(group: Group, name: str, *arguments: Any) -> Any:
    """Import what is registered under a name, and call it.

    Raises:
        InvalidRequest: It cannot be loaded, as above, or breaks while it is made.
    """
    made = load(group, name)
    with blamed(told(group, name), "made"):
        return made(*arguments)


def told(group: Group, name: str) -> str:
    """Name what is registered for a person, with the package that brings it."""
    point = found(group).get(name)
    package = _package(point) if point is not None else ""
    return f"{_kind(group)} {name!r}" + (f" of the package {package}" if package not in ("", "reelgraph") else "")


@lru_cache(maxsize=256)
def _package(point: EntryPoint) -> str:
    """Name the package that brings an entry point; its metadata are read for that, which every check would pay."""
    return point.dist.name if point.dist is not None else ""


@contextmanager
def blamed(whom: str, done: str) -> Iterator[None]:
    """Tell in one line whose code broke; an error of ours passes, which says what to do by itself.

    Args:
        whom: Whose code runs, as `told` names it.
        done: What could not be done with it, such as `loaded`.

    Raises:
        InvalidRequest: The code raised something that is no error of ours.
    """
    try:
        yield
    except ReelgraphError:
        raise
    except ModuleNotFoundError as error:
        lacks = f"{whom} needs the package {error.name!r}" if error.name else f"{whom} lacks a package ({broke(error)})"
        raise InvalidRequest(f"{lacks}: install it, or the extra that brings it") from error
    except Exception as error:
        raise InvalidRequest(f"{whom} cannot be {done} ({broke(error)}): mend it, or uninstall its package") from error


def _kind(group: Group) -> str:
    """Name one of a group."""
    return "memory" if group == "reelgraph.memories" else group.removeprefix("reelgraph.").removesuffix("s")
