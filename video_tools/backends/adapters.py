"""Adapters (LoRA) of a model: loaded once, switched on with their scales for the takes that ask for them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from reelgraph.video_tools.backends.device import Loaded
from reelgraph.video_tools.backends.embeddings import forget_embeddings
from reelgraph.video_tools.backends.family import Configs
from reelgraph.video_tools.backends.model_folder import file_hash
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Adapter, Substitution, digest

if TYPE_CHECKING:
    import torch

# By an adapter's name, a file for each transformer of the model.
AdapterFiles: TypeAlias = Mapping[str, tuple[str, ...]]

# By a model's key and an adapter's hash, how many weights it has, and those for which the model has no place.
_unplaced: dict[tuple[str, str], tuple[int, list[str]]] = {}

# What tells the weights that are added to a layer from what is only said of them.
_KINDS = (".lora_A.", ".lora_B.", ".lokr_w")


def adapters_for(set_: Mapping[str, str | list[str]], pipeline: str, configs: Configs) -> dict[str, tuple[str, ...]]:
    """Return which file each transformer of a model wears of each adapter; one file is for both where there are two.

    Args:
        set_: Adapter name -> its safetensors file, or one for the noisy steps and one for the rest.
        pipeline: The model's class.
        configs: The model's.

    Raises:
        InvalidRequest: The class takes no adapters, or an adapter names more files than there are transformers.
    """
    if not set_:
        return {}
    import diffusers

    if not hasattr(getattr(diffusers, pipeline, None), "load_lora_weights"):
        raise InvalidRequest(f"{pipeline} takes no adapters: leave adapters out of backends.local")
    transformers = 1 + ("transformer_2" in configs)
    found = {}
    for name, named in set_.items():
        files = [named] if isinstance(named, str) else named
        if not 1 <= len(files) <= transformers:
            can = "one, or two: for the noisy steps, and for the rest" if transformers == 2 else "one, for this model"
            raise InvalidRequest(f"the adapter {name} names {len(files)} files: name {can}")
        found[name] = tuple(files if len(files) == transformers else files * transformers)
    return found


def adapter_hashes(files: AdapterFiles) -> dict[str, str]:
    """Hash the adapters that settings name, for the keys of the takes that wear them.

    Args:
        files: Adapter name -> its safetensors files.

    Raises:
        InvalidRequest: A file is missing, or is no safetensors.
    """
    for name, named in files.items():
        for file in named:
            if Path(file).suffix != ".safetensors" or not Path(file).expanduser().is_file():
                raise InvalidRequest(f"the adapter {name} must be a .safetensors file that is there: {file} is not")
    hashes = {name: [file_hash(Path(file).expanduser()) for file in named] for name, named in sorted(files.items())}
    return {name: found[0] if len(found) == 1 else digest(found) for name, found in hashes.items()}


def use_adapters(pipe: Any, asked: Sequence[Adapter], files: AdapterFiles, loaded: Loaded) -> list[Substitution]:
    """Switch a pipeline to just these adapters, loading those that the weights lack or whose file is another by now.

    Args:
        pipe: A pipeline of the model.
        asked: Adapters with their scales.
        files: Adapter name -> its safetensors files.
        loaded: The model, which remembers what its weights have and wear.

    Returns:
        What of them the model has no place for.

    Raises:
        InvalidRequest: A file is missing, or fits the model nowhere, or a package is missing.
    """
    hashes = adapter_hashes({adapter.name: files[adapter.name] for adapter in asked})
    wanted = [(adapter, hashes[adapter.name]) for adapter in asked]
    if wanted != loaded.worn:
        for other in loaded.pipes.values():  # one may reach into the text encoder
            forget_embeddings(other)
        loaded.worn = None  # until all of what follows is done
        for name, content in hashes.items():
            if loaded.adapters.get(name) == content:
                continue
            if loaded.adapters.pop(name, None):
                pipe.delete_adapters(_within(name))
            _unplaced[loaded.key, content] = _load(pipe, name, files[name])
            loaded.adapters[name] = content
        if asked:
            pipe.enable_lora()
            pipe.set_adapters([_within(a.name) for a in asked], [a.scale for a in asked])
        elif loaded.adapters:
            pipe.disable_lora()
        loaded.worn = wanted
    return [
        Substitution(what="adapters", asked=f"{adapter.name}, {count} weights", made=f"{count - len(lost)} of them",
                     why=f"the model has no place for the rest, such as {lost[0]}")
        for adapter, content in wanted for count, lost in [_unplaced[loaded.key, content]] if lost
    ]  # fmt: skip


def _within(name: str) -> str:
    """Return what an adapter is called within a model, where it is part of its weights' names: letters alone."""
    return f"worn_{name.encode().hex()}"


def _load(pipe: Any, name: str, files: Sequence[str]) -> tuple[int, list[str]]:
    """Load an adapter; returns how many weights it has, and those for which the model has no place."""
    from safetensors import SafetensorError

    own, count, lost = _within(name), 0, list[str]()
    try:
        for number, file in enumerate(files):
            second = {"load_into_transformer_2": True} if number else {}
            path = Path(file).expanduser()
            with _overhearing(pipe, "transformer_2" if number else "") as heard:
                pipe.load_lora_weights(
                    str(path.parent), weight_name=path.name, adapter_name=own, use_safetensors=True,
                    local_files_only=True, **second,
                )  # fmt: skip
            placed, left = _settle(heard, own)
            texts = tuple(f"{part}." for part in pipe._lora_loadable_modules if part.startswith("text_encoder"))
            left = [weight for weight in left if not weight.startswith(texts)]  # theirs are loaded another way
            if left and not placed:
                raise InvalidRequest(f"the adapter {name} is another model's: this one has no place for {left[0]}")
            count, lost = count + placed + len(left), lost + left
    except BaseException as error:
        pipe.delete_adapters(own)  # what of it is there would be in the way of the next try
        lines = [line.strip() for line in str(error).splitlines()]
        misfit = next((line for line in lines if "size mismatch" in line), "")
        if isinstance(error, ValueError) or misfit:  # of peft, where it finds no layers, or layers of another width
            why = (misfit or [*lines, ""][0]).replace(f".{own}", "")[:300]
            raise InvalidRequest(f"the adapter {name} is another model's: {why}") from error
        if isinstance(error, SafetensorError | KeyError):  # a file that is none, or is written as nobody knows
            why = [*lines, ""][0].replace(own, name)[:300]
            raise InvalidRequest(f"the adapter {name} cannot be read: {type(error).__name__}: {why}") from error
        raise
    if not count:
        pipe.delete_adapters(own)
        raise InvalidRequest(f"the adapter {name} has no weights")
    return count, lost


_Heard: TypeAlias = list[tuple[Any, str, dict[str, "torch.Tensor"]]]


@contextmanager
def _overhearing(pipe: Any, only: str) -> Iterator[_Heard]:
    """Hear which weights are given to which part of a pipeline, under what prefix, by the names that they have by then.

    A file may have names of other programs in it, which each class puts into its own.
    """
    named = [getattr(pipe, name, None) for name in pipe._lora_loadable_modules if name == only or not only]
    parts: list[Any] = [part for part in named if hasattr(part, "load_lora_adapter")]
    heard: _Heard = []

    def hear(part: Any, load: Any, weights: dict[str, Any], prefix: str = "transformer", **options: Any) -> None:
        heard.append((part, prefix, weights))
        load(weights, prefix=prefix, **options)

    for part in parts:
        part.load_lora_adapter = partial(hear, part, part.load_lora_adapter)
    try:
        yield heard
    finally:
        for part in parts:
            del part.load_lora_adapter  # the class's own shows again


def _settle(heard: _Heard, own: str) -> tuple[int, list[str]]:
    """Find what of an adapter has a place in the parts, and put right what was stored there in eight bits.

    peft gives weights the precision of the layer that they belong to, which is eight bits where that is stored so:
    nothing brings theirs back to what is computed in, and few of their digits are left.

    Returns:
        How many weights have a place, and the names of those that have none.
    """
    from diffusers.hooks.group_offloading import _maybe_remove_and_reapply_group_offloading
    from diffusers.utils.state_dict_utils import convert_unet_state_dict_to_peft

    given, placed = set[str](), set[str]()
    for part, prefix, weights in heard:
        named = convert_unet_state_dict_to_peft(weights)  # type: ignore[no-untyped-call]
        given |= {name for name in named if any(kind in name for kind in _KINDS)}
        eight_bit = []
        for name, parameter in part.named_parameters():
            if f".{own}" in name:
                whole = f"{prefix}.{name.replace(f'.{own}', '')}"
                placed.add(whole)
                if parameter.is_floating_point() and parameter.dtype.itemsize == 1:
                    eight_bit.append((parameter, named.get(whole, parameter.data)))
        for parameter, values in eight_bit:
            parameter.data = values.to(parameter.device, part.dtype)
        if eight_bit:
            _maybe_remove_and_reapply_group_offloading(part)  # it keeps copies of what it brings over
    return len(given & placed), sorted(given - placed)
