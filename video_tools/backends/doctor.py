"""What this machine can run, as facts for `reelgraph doctor`; nothing here needs torch to be installed."""

import os
import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.backends.device import dtype_of
from reelgraph.video_tools.backends.known_models import KNOWN_MODELS
from reelgraph.video_tools.backends.placement import WHOLE, placement_in
from reelgraph.video_tools.backends.room import GIB, fits, placement_that_fits, weights_in
from reelgraph.video_tools.errors import InvalidRequest

_CORE = ("av", "numpy", "pillow", "langgraph", "langchain-core", "chromadb", "opentimelineio")
_LOCAL = ("torch", "diffusers", "transformers", "accelerate", "ftfy", "sentencepiece", "safetensors")


def examine_machine() -> dict[str, Any]:
    """Gather versions, devices and media facts.

    Returns:
        Plain data: `python`, `platform`, `reelgraph`, `packages` (version or how to install), `devices` (name, memory
        in GiB; for a CUDA card the placement of models, and `models`, as `models_for` has them), `media` (libraries and
        encoders), `fonts` (files that ship), and `advice` (one line each).
    """
    packages = {name: _version(name, "pip install reelgraph") for name in _CORE}
    packages |= {name: _version(name, "pip install 'reelgraph[local]'") for name in _LOCAL}
    devices, advice = _devices()
    media = _media()
    if not media.get("h264_encoder"):
        advice.append("PyAV has no H.264 encoder: install the wheel from PyPI (`pip install --force-reinstall av`)")
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "reelgraph": _version("reelgraph", "pip install reelgraph"),
        "packages": packages,
        "devices": devices,
        "media": media,
        "fonts": sorted(p.name for p in (Path(__file__).parent.parent / "fonts").glob("*.[to]tf")),
        "advice": advice,
    }


def examine_model(backend: str, settings: dict[str, Any], devices: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Gather what is known of the model that a project sets, from its files alone.

    Args:
        backend: `local` or `music`.
        settings: What the project says under `[backends.NAME]`.
        devices: Those of this machine, the one that models run on by default first.

    Returns:
        Plain data: `pipeline`, `weights_gib` (by part, as the files hold them), `takes` (what it makes), and where a
        device's memory is known, `room` (see `room_for`); or `why` it cannot be used.
    """
    from reelgraph.video_tools.backends.local import Local
    from reelgraph.video_tools.backends.music import Music

    try:
        model = Music(settings) if backend == "music" else Local(settings)
        can = model.capabilities()
    except InvalidRequest as error:
        return {"why": str(error)}
    folder, asked = model.folder, model.settings
    facts: dict[str, Any] = {
        "pipeline": folder.pipeline,
        "weights_gib": {part: round(size / GIB, 3) for part, size in folder.sizes.items()},
        "takes": _takes(can),
    }
    device = next((d for d in devices if asked.device in ("auto", d["device"].split(":")[0], d["device"])), None)
    if device is not None and device.get("memory_gib"):
        facts["room"] = room_for(folder.path, device, setting=asked.placement, dtype=asked.dtype)
    return facts


def examine_server(backend: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Gather what is set of video servers or a hosted model; nobody is asked.

    Args:
        backend: `remote`, or a name that the project gives one.
        settings: What the project says under `[backends.NAME]`.

    Returns:
        Plain data: `dialect`, `servers`, `models`, `takes` (what it makes), `key_variable` and `key` (whether that
        holds one), `price_per_second`, `price_per_call`, and for a model with inputs of its own `inputs` (by what of a
        request they say, their names); or `why` it cannot be used.
    """
    from reelgraph.video_tools.backends.inputs_settings import InputsSettings
    from reelgraph.video_tools.backends.named import open_backend
    from reelgraph.video_tools.backends.queue_settings import QueueSettings

    try:
        asked = open_backend(backend, {backend: settings}).settings  # type: ignore[attr-defined]
    except InvalidRequest as error:
        return {"why": str(error)}
    facts: dict[str, Any] = {
        "dialect": asked.dialect,
        "servers": asked.base_urls,
        "models": [asked.model] if asked.model else [],
        "takes": _takes(asked.capabilities()),
        "key_variable": asked.key_variable,
        "key": bool(os.environ.get(asked.key_variable)) if asked.key_variable else None,
        "price_per_second": asked.price_per_second,
        "price_per_call": asked.price_per_call,
    }
    if isinstance(asked, QueueSettings):
        facts["models"] += [asked.image_model] if asked.image_model else []
    if isinstance(asked, InputsSettings):
        facts["inputs"] = {field: its.name for field, its in asked.inputs.items()}
    return facts


def _takes(can: Capabilities) -> str:
    most = f"{can.most_seconds:g} s" if can.most_seconds else f"{can.frames.most} frames"
    return f"{', '.join(sorted(can.modes))}; at most {most}"


def room_for(folder: Path, device: dict[str, Any], *, setting: int | Literal["auto"], dtype: str) -> dict[str, Any]:
    """Say whether a model's weights have room on a device, as they would be placed, and with which placement they have.

    Args:
        folder: The model's.
        device: Its `device` and `memory_gib`.
        setting: The placement that is set, or `auto`.
        dtype: The precision that is set, or `auto`.

    Returns:
        Plain data: `device`, `placement`, `weights_gib` (on the device at once), `fits`; where it does not, `choose`,
        the placement with which it would, as a setting, or None.
    """
    name, memory = device["device"], device["memory_gib"]
    card = name.startswith("cuda")
    weights = weights_in(folder, width=dtype_of(dtype, name).itemsize)
    placement = placement_in(memory, setting) if card else WHOLE
    other = placement_that_fits(weights, memory) if card else None
    there = fits(weights, placement, memory)
    choose = {} if there else {"choose": other.memory if other else None}
    at_once = round(weights.at_once(placement), 2)
    return {"device": name, "placement": str(placement), "weights_gib": at_once, "fits": there, **choose}


def models_for(memory: float, *, width: int = 2) -> list[dict[str, Any]]:
    """Say which of the models that people usually run have room on a card of `memory` GiB, and with which placement.

    Args:
        memory: Of the card, in GiB.
        width: Bytes that a number takes on it: 2 where it is fast at bfloat16, else 4.

    Returns:
        For each `model`, its `hub` id, and its `placement` or None.
    """
    return [
        {
            "model": known.name,
            "hub": known.hub,
            "placement": str(placement) if placement else None,
        }
        for known in KNOWN_MODELS
        for placement in [placement_that_fits(replace(known.weights, width=width), memory)]
    ]


def _version(package: str, remedy: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return f"not installed: {remedy}"


def _devices() -> tuple[list[dict[str, Any]], list[str]]:
    try:
        import torch
    except ImportError:
        return [], ["no local model can run: pip install 'reelgraph[local]', or use a video server (`remote`)"]
    found: list[dict[str, Any]] = []
    advice: list[str] = []
    for index in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(index)
        memory = round(facts.total_memory / GIB, 1)
        placement = str(placement_in(memory, "auto"))
        name = f"cuda:{index}"
        card = {"device": name, "name": facts.name, "memory_gib": memory, "placement": placement}
        width = dtype_of("auto", name).itemsize
        found.append({**card, "models": models_for(memory, width=width)})
        if width > 2:
            advice.append(
                f"{name} is not fast at bfloat16, so models are loaded there as float32, twice as large: "
                'set dtype = "float16" for one that is made for it'
            )
    if torch.backends.mps.is_available():
        memory = torch.mps.recommended_max_memory()
        found.append({"device": "mps", "name": platform.processor(), "memory_gib": round(memory / GIB, 1)})
    if not found:
        advice.append("no GPU was found: only small models are worth running here")
    own = {"device": "cpu", "name": platform.processor() or platform.machine(), "threads": torch.get_num_threads()}
    if hasattr(os, "sysconf"):  # not on Windows
        own["memory_gib"] = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB, 1)
    found.append(own)
    return found, advice


def _media() -> dict[str, Any]:
    import av

    return {
        "libraries": {name: ".".join(map(str, numbers)) for name, numbers in av.library_versions.items()},
        "h264_encoder": "libx264" in av.codecs_available,
        "aac_encoder": "aac" in av.codecs_available,
    }
