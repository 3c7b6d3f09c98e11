"""Commands that say what this machine can do."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reelgraph.video_tools.errors import ReelgraphError

Outcome = tuple[int, dict[str, Any]]

# What a closed world is told by, in this order.
_WORLD = ("things", "colours", "motions", "places")


def backends(options: argparse.Namespace) -> Outcome:
    """List the back ends and what they can do."""
    from reelgraph.commands.telling import say
    from reelgraph.video_tools.backends.base import check_ready
    from reelgraph.video_tools.backends.named import backend_names, open_backend

    rows: dict[str, Any] = {}
    settings = _settings(options)
    for name in backend_names(settings):
        try:
            backend = open_backend(name, settings)
            check_ready(backend)
            can = backend.capabilities()
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
            "adapters": sorted(can.adapters),
            "world": can.world and {part: sorted(getattr(can.world, part)) for part in _WORLD},
        }
    for name, row in rows.items():
        said = f"not ready: {row['why']}" if not row["ready"] else ", ".join(row["modes"])
        say(options, f"{name:<12} {said}")
        for part, words in (row.get("world") or {}).items():
            say(options, f"{'':<12}   {part}: {', '.join(words)}")
        if row.get("adapters"):
            say(options, f"{'':<12}   adapters: {', '.join(row['adapters'])}")
    return 0, {"backends": rows}


def _settings(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return what the project sets of back ends, by name; outside a project, nothing.

    Raises:
        InvalidRequest: The project's settings cannot be read.
    """
    from reelgraph.commands.opening import open_project

    if not (Path(options.project).expanduser() / "reelgraph.toml").exists():
        return {}
    return open_project(options, create=False).backends


def doctor(options: argparse.Namespace) -> Outcome:
    """Say what this machine can run."""
    from reelgraph.commands.telling import say
    from reelgraph.video_tools.backends.doctor import examine_machine, examine_model, examine_server

    own = _settings(options)
    facts = examine_machine()
    for name, settings in own.items():
        kind = settings.get("kind", name)
        if settings and kind in ("local", "music"):
            of_model = {key: value for key, value in settings.items() if key != "kind"}
            facts[f"{name} model"] = examine_model(kind, of_model, facts["devices"])
        elif settings and kind == "remote":
            facts[f"{name} server"] = examine_server(name, settings)
    say(options, *(f"{title:<12} {said}" for title, said in _told(facts)))
    return 0, facts


def _told(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Put the facts of `doctor` in lines, each under a title."""
    yield "reelgraph", f"{facts['reelgraph']}, Python {facts['python']} on {facts['platform']}"
    there = {name: said for name, said in facts["packages"].items() if said[:1].isdigit()}
    yield "packages", ", ".join(f"{name} {said}" for name, said in there.items())
    for name, said in facts["packages"].items():
        if name not in there:
            yield "", f"{name} {said}"
    media = facts["media"]
    able = [name for name, key in (("H.264", "h264_encoder"), ("AAC", "aac_encoder")) if media[key]]
    yield (
        "media",
        f"encodes {' and '.join(able) or 'neither H.264 nor AAC'}; libavcodec {media['libraries']['libavcodec']}",
    )
    yield "fonts", ", ".join(facts["fonts"])
    for device in facts["devices"]:
        facets = [device["name"], *([f"{device['memory_gib']:g} GiB"] if device.get("memory_gib") else [])]
        facets += [f"{device['threads']} threads"] if "threads" in device else []
        yield (
            "device",
            f"{device['device']}: {', '.join(facets)}"
            + (f"; placement {device['placement']}" if "placement" in device else ""),
        )
        for known in device.get("models", []):
            yield "", f"  {known['model']}: {known['placement'] or 'no room'}"
    for title, model in facts.items():
        if title.endswith(" model"):
            yield from _told_of_model(title.removesuffix(" model"), model)
        elif title.endswith(" server"):
            yield from _told_of_server(title, model)
    for line in facts["advice"]:
        yield "advice", line


def _told_of_model(name: str, model: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "why" in model:
        yield f"{name} model", f"cannot be used: {model['why']}"
        return
    weights = ", ".join(f"{part} {size:.3g}" for part, size in model["weights_gib"].items())
    yield f"{name} model", f"{model['pipeline']}: {model['takes']}"
    yield "", f"weights in GiB: {weights}"
    if room := model.get("room"):
        held = f"{room['weights_gib']:.3g} GiB of them at once on {room['device']} ({room['placement']})"
        if room["fits"]:
            yield "", f"{held}: there is room"
        elif room["choose"]:
            yield "", f"{held}: too much; set placement = {room['choose']} under [backends.{name}]"
        else:
            yield "", f'{held}: too much for it; choose a smaller model, or dtype = "bfloat16"'


def _told_of_server(title: str, server: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "why" in server:
        yield title, f"cannot be used: {server['why']}"
        return
    models = " and ".join(server["models"]) or "its only model"
    yield title, f"{server['dialect']} at {', '.join(server['servers']) or 'no server yet'}: {models}"
    yield "", server["takes"]
    if server["key_variable"]:
        yield "", f"its key is in {server['key_variable']}, which {'is' if server['key'] else 'is not'} set"
    yield "", f"costs {server['price_per_second']:g} a second and {server['price_per_call']:g} a call, by the settings"
    if "inputs" in server:
        names = ", ".join(f"{field} as {name}" if field != name else name for field, name in server["inputs"].items())
        yield "", f"sends {names}"
