"""Weights that may be read: safetensors alone, beside the config that names them, so that all of them are hashed.

Source: what diffusers and transformers load of a folder when `use_safetensors` is asked for: an index's shards whatever
they are called, the file that a config names, and the model that an adapter's config names.
"""

import json
import re
from pathlib import Path
from typing import Any

from reelgraph.video_tools.errors import InvalidRequest

_PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".pkl"}
_INDEX = ".safetensors.index.json"
# Classes that are no models, by their names; transformers 5 saves tokenizers as a "TokenizersBackend" and the like.
_WEIGHTLESS = re.compile("Tokenizer|Backend$|Processor|FeatureExtractor|Scheduler")


def check_weights(folder: Path) -> None:
    """Refuse a model, or a component of one, whose weights are not all safetensors of its own folder.

    Pickles beside safetensors are passed over by the loaders, and so may stay, as they do in many models of the hub.

    Raises:
        InvalidRequest: The message names the file, or the one that names another.
    """
    files = sorted(p for p in folder.glob("*") if p.is_file()) if folder.is_dir() else []
    pickles = [p.name for p in files if p.suffix in _PICKLES]
    if pickles and not any(p.suffix == ".safetensors" for p in files):
        raise InvalidRequest(
            f"{folder.name}/{pickles[0]} of {folder.parent} is a pickle, which may run code: only safetensors load"
        )
    for file in files:
        said = f"{folder.name}/{file.name} of {folder.parent}"
        if file.name == "adapter_config.json":
            raise InvalidRequest(f"{said} makes it an adapter of another model: merge it into that, or use it as one")
        named: list[Any] = []
        if file.name == "config.json":
            named = [read_json(file).get("transformers_weights")]
        elif ".safetensors.index" in file.name and file.suffix == ".json":
            shards = read_json(file).get("weight_map")
            named = [*shards.values()] if isinstance(shards, dict) else []
        for name in named:
            ends = (".safetensors", _INDEX) if file.name == "config.json" else (".safetensors",)
            if name is not None and not (isinstance(name, str) and name.endswith(ends) and _is_plain(name)):
                raise InvalidRequest(f"{said} names the weights {name!r}: only safetensors beside it load")


def lacks_weights(folder: Path, kind: str) -> bool:
    """Whether a component is a model whose weights are not there, or not all of the files that its index names.

    Source: diffusers and transformers write a model's `config.json` beside its weights; what has none (a scheduler, a
    tokenizer, a processor) has a config of its own name, or that of the model it is for.

    Args:
        folder: The component's.
        kind: Its class.
    """
    if _WEIGHTLESS.search(kind):
        return False
    if not (folder / "config.json").is_file():
        return not folder.exists()
    there = {p.name for p in folder.glob("*.safetensors") if p.is_file()}
    indices = [read_json(p).get("weight_map") for p in folder.glob(f"*{_INDEX}")]
    named = {str(shard) for shards in indices if isinstance(shards, dict) for shard in shards.values()}
    is_whole = bool(there - named) or (bool(named) and named <= there)  # one that is in no index needs no others
    return not is_whole


def read_json(path: Path) -> dict[str, Any]:
    """Read an object of a model's folder.

    Raises:
        InvalidRequest: It is not there, or is none.
    """
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise InvalidRequest(f"{path.parent} is no diffusers model: it has no {path.name}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"{path} is not readable JSON: fetch the model again") from error
    if not isinstance(data, dict):
        raise InvalidRequest(f"{path} is not a JSON object: fetch the model again")
    return data


def _is_plain(name: str) -> bool:
    return "/" not in name and "\\" not in name
