"""Commands that say what this machine can do."""

import argparse
from typing import Any

from reelgraph.video_tools import registry
from reelgraph.video_tools.errors import ReelgraphError

Outcome = tuple[int, dict[str, Any]]


def backends(options: argparse.Namespace) -> Outcome:
    """List the back ends and what they can do."""
    rows: dict[str, Any] = {}
    for name in registry.names("reelgraph.backends"):
        try:
            can = registry.load("reelgraph.backends", name)(_settings_of(options, name)).capabilities()
        except ReelgraphError as error:
            rows[name] = {"ready": False, "why": str(error)}
            continue
        rows[name] = {
            "ready": True,
            "modes": sorted(can.modes),
            "frames": [can.frames.least, can.frames.most, can.frames.step],
            "size_multiple": can.sizes.multiple,
            "sound": can.sound,
            "animatic": can.animatic,
            "max_batch": can.max_batch,
        }
    if not options.json:
        for name, row in rows.items():
            said = f"not ready: {row['why']}" if not row["ready"] else ", ".join(row["modes"])
            print(f"{name:<12} {said}")
    return 0, {"backends": rows}


def _settings_of(options: argparse.Namespace, backend: str) -> dict[str, Any]:
    """Return what the project sets of a back end; outside a project, nothing."""
    from reelgraph.commands.opening import open_project

    try:
        return open_project(options, create=False).settings.backends.get(backend, {})
    except ReelgraphError:
        return {}


def doctor(options: argparse.Namespace) -> Outcome:
    """Say what this machine can run."""
    from reelgraph.video_tools.backends.doctor import examine_machine, examine_model

    facts = examine_machine()
    for name in ("local", "music"):
        if settings := _settings_of(options, name):
            facts[f"{name} model"] = examine_model(name, settings)
    if not options.json:
        for name, value in facts.items():
            print(f"{name:<16} {value}")
    return 0, facts
