"""The back ends that a project names: registered ones, and others of their kinds with settings of their own.

[backends.painter]
kind = "local"
model = "models/stable-diffusion"
"""

from collections.abc import Mapping
from typing import Any

from reelgraph.video_tools import registry
from reelgraph.video_tools.backends.base import Backend
from reelgraph.video_tools.errors import InvalidRequest


def open_backend(name: str, settings: Mapping[str, Mapping[str, Any]]) -> Backend:
    """Make the back end of a name, with what a project sets of it.

    Args:
        name: A registered name, or one that `settings` gives a `kind`.
        settings: What a project says under `[backends.NAME]`, by name.

    Raises:
        InvalidRequest: There is none of that name, its settings are wrong, or it cannot be made or calls itself
            otherwise; the message names it and its package.
    """
    own = dict(settings.get(name, {}))
    kind = own.pop("kind", name)
    if kind != name and name in registry.names("reelgraph.backends"):
        raise InvalidRequest(f"backends.{name}: kind cannot be set of {name} itself; write another name for a table")
    if name in settings and kind == name and name not in registry.names("reelgraph.backends"):
        raise InvalidRequest(f'backends.{name}: say what it is, as in kind = "local"; `reelgraph backends` lists some')
    kind = str(kind)
    made, whose = registry.load("reelgraph.backends", kind), registry.told("reelgraph.backends", kind)
    if kind != name and isinstance(made, type):
        made = type(made.__name__, (made,), {"name": name})  # its takes and its messages go by that name
    with registry.blamed(whose, "made"):
        backend: Backend = made(own)
    called = getattr(backend, "name", None)
    if called != name:  # its takes would be recorded under a name by which nobody finds it again
        raise InvalidRequest(
            f"{whose} calls itself {called!r}, not {name!r}: "
            + ("register it as it calls itself" if kind == name else "register its class, which a table can rename")
        )
    return backend


def backend_names(settings: Mapping[str, object]) -> list[str]:
    """List the names of all back ends of a project, sorted.

    Args:
        settings: What it says under `[backends.NAME]`, by name.
    """
    return sorted({*registry.names("reelgraph.backends"), *settings})
