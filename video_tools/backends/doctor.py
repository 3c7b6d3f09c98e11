"""What this machine can run, as facts for `reelgraph doctor`; nothing here needs torch to be installed."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from reelgraph.video_tools.backends.placement import placement_for
from reelgraph.video_tools.errors import InvalidRequest

_CORE = ("av", "numpy", "pillow", "langgraph", "langchain-core", "chromadb", "opentimelineio")
_LOCAL = ("torch", "diffusers", "transformers", "accelerate", "ftfy", "sentencepiece", "safetensors")
_GIB = 2**30


def examine_machine() -> dict[str, Any]:
    """Gather versions, devices and media facts.

    Returns:
        Plain data: `python`, `platform`, `reelgraph`, `packages` (version or how to install), `devices` (name, memory
        in GiB, for a CUDA card the placement of models), `media` (libraries and encoders), `fonts` (files
        that ship), and `advice` (one line each).
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


def examine_model(backend: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Gather what is known of the model that a project sets, from its files alone.

    Args:
        backend: `local` or `music`.
        settings: What the project says under `[backends.NAME]`.

    Returns:
        Plain data: `pipeline`, `weights_gib` (by part, as the files hold them: a card needs room for those that its
        placement does not keep waiting), `takes` (what it makes); or `why` it cannot be used.
    """
    from reelgraph.video_tools.backends.local import Local
    from reelgraph.video_tools.backends.music import Music

    try:
        model = Music(settings) if backend == "music" else Local(settings)
        can = model.capabilities()
    except InvalidRequest as error:
        return {"why": str(error)}
    folder = model.folder
    return {
        "pipeline": folder.pipeline,
        "weights_gib": {part: round(size / _GIB, 3) for part, size in folder.sizes.items()},
        "takes": f"{', '.join(sorted(can.modes))}; at most "
        + (f"{can.most_seconds:g} s" if can.most_seconds else f"{can.frames.most} frames"),
    }


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
    for index in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(index)
        memory = round(facts.total_memory / _GIB, 1)
        placement = str(placement_for("auto", f"cuda:{index}"))
        found.append({"device": f"cuda:{index}", "name": facts.name, "memory_gib": memory, "placement": placement})
    if torch.backends.mps.is_available():
        memory = torch.mps.recommended_max_memory()
        found.append({"device": "mps", "name": platform.processor(), "memory_gib": round(memory / _GIB, 1)})
    advice = [] if found else ["no GPU was found: only small models are worth running here"]
    found.append(
        {"device": "cpu", "name": platform.processor() or platform.machine(), "threads": torch.get_num_threads()}
    )
    return found, advice


def _media() -> dict[str, Any]:
    import av

    return {
        "libraries": {name: ".".join(map(str, numbers)) for name, numbers in av.library_versions.items()},
        "h264_encoder": "libx264" in av.codecs_available,
        "aac_encoder": "aac" in av.codecs_available,
    }
