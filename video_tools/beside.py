"""What a project's settings file names as a file or folder: found beside that file, from wherever a command is run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

# By kind of back end, which of its settings may name one. A video server's model is the server's to know.
_PLACES = {"local": ("model", "upsampler", "adapters"), "music": ("model",), "remote": ()}
_WORKFLOW = {"comfyui": ("model",)}


def beside(
    root: Path, backends: Mapping[str, Mapping[str, Any]], given: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return back ends' settings with what lies in the project's folder named from there; the rest stays as it is.

    Args:
        root: The project's folder.
        backends: Their settings, by name.
        given: Those of them that were given for this run, which are from where that was said.
    """
    result = {name: dict(own) for name, own in backends.items()}
    if root == Path.cwd():  # what is written is right, and what is told of it reads as it was written
        return result
    for name, own in result.items():
        kind, said = str(own.get("kind", name)), given.get(name, {})
        for key in (*_PLACES.get(kind, ()), *_WORKFLOW.get(str(own.get("dialect")), ())):
            if key in own:
                own[key] = _found(root, own[key], said.get(key))
    return result


def _found(root: Path, named: Any, given: Any) -> Any:
    """Name what is there, of a text, a list of them or a table of them, from the root; what was given stays."""
    if isinstance(named, dict):
        own = given if isinstance(given, dict) else {}
        return {name: _found(root, one, own.get(name)) for name, one in named.items()}
    if given is not None or not isinstance(named, str | list):
        return named
    if isinstance(named, list):
        return [_found(root, one, None) for one in named]
    there = root / named
    # A single word may be a model that ships, and a folder of that name anything else.
    is_meant = there.is_file() or (there.is_dir() and ("/" in named or (there / "model_index.json").is_file()))
    return str(there) if is_meant else named
