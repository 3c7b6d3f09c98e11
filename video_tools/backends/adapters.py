"""Adapters (LoRA) of a model: loaded once, switched on with their scales for the takes that ask for them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reelgraph.video_tools.backends.device import Loaded
from reelgraph.video_tools.backends.embeddings import forget_embeddings
from reelgraph.video_tools.backends.model_folder import file_hash
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Adapter


def adapter_hashes(files: Mapping[str, str]) -> dict[str, str]:
    """Hash the adapters that settings name, for the model's fingerprint.

    Args:
        files: Adapter name -> its safetensors file.

    Raises:
        InvalidRequest: A file is missing, or is no safetensors.
    """
    for name, file in files.items():
        if Path(file).suffix != ".safetensors" or not Path(file).expanduser().is_file():
            raise InvalidRequest(f"the adapter {name} must be a .safetensors file that is there: {file} is not")
    return {name: file_hash(Path(file).expanduser()) for name, file in sorted(files.items())}


def use_adapters(pipe: Any, asked: Sequence[Adapter], files: Mapping[str, str], loaded: Loaded) -> None:
    """Switch a pipeline to just these adapters, loading those that the weights lack or whose file is another by now.

    Args:
        pipe: A pipeline of the model.
        asked: Adapters with their scales.
        files: Adapter name -> its safetensors file.
        loaded: The model, which remembers what its weights have and wear.

    Raises:
        InvalidRequest: The class takes no adapters, a file is missing, or a package is.
    """
    hashes = adapter_hashes({adapter.name: files[adapter.name] for adapter in asked})
    wanted = [(adapter, hashes[adapter.name]) for adapter in asked]
    if wanted == loaded.worn:
        return
    if not hasattr(pipe, "load_lora_weights"):
        raise InvalidRequest(f"{type(pipe).__name__} takes no adapters")
    for other in loaded.pipes.values():  # one may reach into the text encoder
        forget_embeddings(other)
    loaded.worn = None  # until all of what follows is done
    for name, content in hashes.items():
        if loaded.adapters.get(name) == content:
            continue
        if loaded.adapters.pop(name, None):
            pipe.delete_adapters(name)
        path = Path(files[name]).expanduser()
        pipe.load_lora_weights(
            str(path.parent), weight_name=path.name, adapter_name=name, use_safetensors=True, local_files_only=True
        )
        loaded.adapters[name] = content
    if asked:
        pipe.enable_lora()
        pipe.set_adapters([a.name for a in asked], [a.scale for a in asked])
    elif loaded.adapters:
        pipe.disable_lora()
    loaded.worn = wanted
