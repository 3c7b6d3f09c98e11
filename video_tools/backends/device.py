"""A device and the model that lives on it: loaded once, used by one at a time, put out before another comes in."""

import gc
import importlib.util
import inspect
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from reelgraph.video_tools.backends.embeddings import remember_embeddings
from reelgraph.video_tools.backends.family import PipelineRow
from reelgraph.video_tools.backends.model_folder import ModelFolder
from reelgraph.video_tools.backends.placement import Placement, place_pipeline, place_weights
from reelgraph.video_tools.backends.process_wide import Attention, Choice, chosen
from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure
from reelgraph.video_tools.film import Adapter, digest

if TYPE_CHECKING:
    import torch

# ftfy is used by several pipelines, which fail halfway through without it; the others are needed by all.
_NEEDED = ("torch", "diffusers", "transformers", "accelerate", "ftfy", "safetensors")


@dataclass
class Loaded:
    """A model in memory, as each pipeline class that was asked of it; all share the same weights.

    Attributes:
        key: Names the weights and what was done to them.
        placement: Where they are.
        device: As torch names it.
        pipes: By class.
        adapters: Names of those that the weights have -> their files' hashes.
        worn: Those that are switched on, with their scales and hashes; None where that is not known.
    """

    key: str
    placement: Placement
    device: str
    pipes: dict[str, Any] = field(default_factory=dict)
    adapters: dict[str, str] = field(default_factory=dict)
    worn: list[tuple[Adapter, str]] | None = field(default_factory=list)

    def pipe(self, row: PipelineRow) -> Any:
        """Return the pipeline of a class, made from the components already loaded where it is not the model's own."""
        if row.pipeline not in self.pipes:
            self.add(_as(row.pipeline, next(iter(self.pipes.values()))))
        return self.pipes[row.pipeline]

    def add(self, pipe: Any) -> None:
        """Make a pipeline of the weights ready for use."""
        pipe.set_progress_bar_config(disable=True)
        place_pipeline(pipe, self.placement, self.device)
        remember_embeddings(pipe)
        self.pipes[type(pipe).__name__] = pipe

    @contextmanager
    def running(self, pipe: Any, dtype: "torch.dtype", attention: Attention | None = None) -> Iterator[None]:
        """Run a pipeline, and bring its parts back to where they wait when it is cut short; who asks for float32 wants
        it whole.

        Raises:
            InvalidRequest: The attention kernel cannot be had here.
        """
        import torch

        whole: Literal["ieee", "tf32"] = "ieee" if dtype == torch.float32 else "tf32"
        with chosen(Choice(attention, whole if self.device.startswith("cuda") else None)):
            try:
                yield
            except BaseException:
                pipe.maybe_free_model_hooks()
                raise


class Device:
    """A device: one model at a time, one request at a time.

    A pipeline's scheduler holds the state of the run that it is in, so no two threads may use one pipeline.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.RLock()
        self._resident: Loaded | None = None

    @contextmanager
    def using(self, key: str, placement: Placement, load: Callable[[], Any]) -> Iterator[Loaded]:
        """Hold the device with the model of `key` on it, loaded if it is not there yet.

        Args:
            key: Names the weights and what was done to them.
            placement: Where they are.
            load: Loads them, as the pipeline class that the model names.
        """
        with self._lock, current(self.name):
            if self._resident is None or self._resident.key != key:
                self._put_out()
                loaded = Loaded(key, placement, self.name)
                loaded.add(load())
                self._resident = loaded
            yield self._resident

    def clear(self) -> None:
        """Put out whatever model is on it."""
        with self._lock:
            self._put_out()

    def _put_out(self) -> None:
        import torch

        self._resident = None
        gc.collect()
        if self.name.startswith("cuda"):
            torch.cuda.empty_cache()
            if (
                hasattr(torch.accelerator, "empty_host_cache") and torch.accelerator.is_available()
            ):  # where layers waited for a card, pinned for its copies
                torch.accelerator.empty_host_cache()
        elif self.name.startswith("mps"):
            torch.mps.empty_cache()


_devices: dict[str, Device] = {}
_devices_lock = threading.Lock()


def device_named(name: str) -> Device:
    """Return the process's one `Device` of a name, by whichever of its names it is called.

    Args:
        name: As torch names it, or `auto` for the fastest here.

    Raises:
        InvalidRequest: There is none of that name.
    """
    name = _numbered(best_device() if name == "auto" else name)
    if name not in (there := devices_here()):
        raise InvalidRequest(f"there is no device {name!r} here: set device to auto or one of {', '.join(there)}")
    with _devices_lock:
        return _devices.setdefault(name, Device(name))


def _numbered(name: str) -> str:
    """Name the card that `cuda` alone means by its number, where there is one."""
    import torch

    return f"cuda:{torch.cuda.current_device()}" if name == "cuda" and torch.cuda.is_available() else name


def devices_here() -> list[str]:
    """Name the devices of this machine as torch does."""
    require_packages()
    import torch

    cards = [f"cuda:{n}" for n in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return ["cpu", *cards, *(["mps", "mps:0"] if torch.backends.mps.is_available() else [])]


@contextmanager
def current(name: str) -> Iterator[None]:
    """Have a device be what torch means by "the card": the streams that diffusers makes are on that one.

    Args:
        name: As torch names it; of one that is no card, nothing changes.
    """
    if not name.startswith("cuda"):
        yield
        return
    import torch

    with torch.cuda.device(name):
        yield


def best_device() -> str:
    """Name the fastest device here, as torch does: `cuda`, `mps` or `cpu`."""
    require_packages()
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def require_packages() -> None:
    """Refuse to go on without the packages of the `local` extra.

    Raises:
        InvalidRequest: One is missing.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise InvalidRequest(f"a local model needs {', '.join(missing)}: run `pip install 'reelgraph[local]'`")


def dtype_of(name: str, device: str) -> "torch.dtype":
    """Return torch's type for a precision's name; `auto` is bfloat16 where the device is fast at it, else float32."""
    import torch

    if name == "auto":
        with current(device):
            fast = device.startswith("cuda") and torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if fast else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[name]


def full_name(device: str) -> str:
    """Name a device for a take's notes, with the card's own name where it has one."""
    import torch

    return f"{device} ({torch.cuda.get_device_name(device)})" if device.startswith("cuda") else device


def resident_key(folder: ModelFolder, dtype: "torch.dtype", placement: Placement) -> str:
    """Name a model's weights and what is done to them; kernel and cache are of one run, and leave them as they are."""
    weights = replace(placement, attention=None, step_cache=None)
    return digest([str(folder.path), folder.fingerprint(), str(dtype), str(weights)])


def load_pipeline(
    folder: ModelFolder, row: PipelineRow, dtype: "torch.dtype", device: str, placement: Placement
) -> Any:
    """Load a model's weights as its own pipeline class, from safetensors alone and with no code of its own.

    Raises:
        PermanentFailure: The files do not make a pipeline.
    """
    require_packages()
    import torch

    dtypes = {"default": dtype} | {name: torch.float32 for name in row.exact if name in folder.components}
    pipe = load_parts(folder, dtypes)
    place_weights(pipe, placement, dtype, device)
    return pipe


def load_parts(folder: ModelFolder, dtypes: "dict[str, torch.dtype]", **shared: Any) -> Any:
    """Load the class that a model names with all its parts but those that are `shared` with it.

    Raises:
        PermanentFailure: The files do not make a pipeline.
    """
    import diffusers
    import torch
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    bars = [log for log in (diffusers_logging, transformers_logging) if log.is_progress_bar_enabled()]
    for log in bars:
        log.disable_progress_bar()
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # one library's words to another
            return getattr(diffusers, folder.pipeline).from_pretrained(
                folder.path, local_files_only=True, use_safetensors=True, dtype=dtypes, **shared
            )
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # loaders of two libraries raise whatever they meet in the files
        why = f"{type(error).__name__}: {_line(error)}"
        raise PermanentFailure(f"the model in {folder.path} cannot be loaded: {why}") from error
    finally:
        for log in bars:
            log.enable_progress_bar()


def _as(kind: str, own: Any) -> Any:
    """Make a pipeline of another class from the components of one; diffusers' `from_pipe` would cast shared weights."""
    import diffusers

    cls = getattr(diffusers, kind)
    wanted = list(inspect.signature(cls.__init__).parameters)[1:]
    given = dict.fromkeys(cls._optional_components) | dict(own.config) | own.components
    return cls(**{name: given[name] for name in wanted if name in given})


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0][:300]
