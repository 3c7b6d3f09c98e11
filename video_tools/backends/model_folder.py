"""A diffusers model on disk: found, judged safe before anything of it is imported, and fingerprinted.

Source: diffusers' folder format: `model_index.json` names the pipeline class and each component's library
and class; each component has a folder of its own with `config.json` and weights.
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from reelgraph.video_tools.backends.weights import check_weights, lacks_weights, read_json
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Colour, Noun, digest, first_fault
from reelgraph.video_tools.timebase import Rate

# Read as data by the loaders; everything else in a model's folder (code, pickles, read-mes) is neither read nor hashed.
_READ = {".json", ".safetensors", ".txt", ".model", ".jinja"}
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
# Where the models lie that ship with reelgraph.
SHIPPED = Path(__file__).parent.parent / "models"
# (path, size, time of change in ns) -> SHA-256, so that a process reads its weights once
_hashes: dict[tuple[str, int, int], str] = {}


class WorldCard(Noun):
    """The only world that a small model draws; see `World`, whose fields these are (`embedder` beside the model)."""

    name: str = Field(default="", description="What people call the model; its folder's name if empty.")
    things: dict[str, tuple[str, ...]] = Field(min_length=1)
    colours: dict[str, Colour] = {}
    motions: dict[str, tuple[str, ...]] = {}
    places: dict[str, tuple[str, ...]] = {}
    most_things: int = Field(default=1, ge=1)
    embedder: str = Field(default="", pattern=r"^[\w.-]*$")
    sheet: Literal[1, 4] = 1


class ModelCard(Noun):
    """What a model's makers say of it in `reelgraph.json`, beside `model_index.json`; all of it may be left out.

    Attributes:
        sizes: The only sizes that it makes, the best first.
        canvas: The size at which it works, where takes are cut from the middle of it.
        rate: The only rate that it knows.
        least_frames: The shortest take.
        most_frames: The longest take.
        steps: Denoising steps of a final take.
        guidance: Guidance scale.
        even_steps: Whether no class may spread its noise levels otherwise than evenly, as it was trained.
        world: The only world that it draws.
    """

    sizes: list[tuple[int, int]] = []
    canvas: tuple[int, int] | None = None
    rate: Rate | None = None
    least_frames: int | None = Field(default=None, gt=0)
    most_frames: int | None = Field(default=None, gt=0)
    steps: int | None = Field(default=None, gt=0)
    guidance: float | None = Field(default=None, ge=0)
    even_steps: bool | None = None
    world: WorldCard | None = None

    @model_validator(mode="after")
    def _sizes_lie_on_the_canvas(self) -> Self:
        across, down = self.canvas or (None, None)
        if across and down and not (self.sizes and all(w <= across and h <= down for w, h in self.sizes)):
            raise ValueError(f"sizes must be given beside a canvas, none larger than its {across}x{down}")
        return self


@dataclass(frozen=True)
class ModelFolder:
    """A model's folder that may be loaded.

    Attributes:
        path: The folder.
        pipeline: The class that it names.
        components: Component name -> (library, class name).
        configs: Component name -> its config; under the empty name, the pipeline's own settings.
        card: What its makers say of it.
    """

    path: Path
    pipeline: str
    components: dict[str, tuple[str, str]]
    configs: dict[str, dict[str, Any]]
    card: ModelCard

    @classmethod
    def open(cls, path: Path) -> "ModelFolder":
        """Read a model's configs, and refuse what could run code.

        Raises:
            InvalidRequest: It is no diffusers model, its weights are pickles, or it names code of its own.
        """
        index = read_json(path / "model_index.json")
        pipeline = index.get("_class_name")
        if not isinstance(pipeline, str) or not _NAME.match(pipeline):
            raise InvalidRequest(f"{path} names the pipeline class {pipeline!r}: only diffusers' own are loaded")
        components: dict[str, tuple[str, str]] = {}
        for name, entry in index.items():
            if name.startswith("_") or not isinstance(entry, list) or entry[:1] == [None]:
                continue  # settings of the pipeline, and components that it does without
            if not any(isinstance(e, str) for e in entry):
                continue  # a setting that is a list, which names no code: one with a word in it may
            if not (
                _NAME.match(name) and len(entry) == 2 and all(isinstance(e, str) and _NAME.match(e) for e in entry)
            ):
                raise InvalidRequest(f"{path} names {name} as {entry!r}: only [library, class] is loaded")
            library, kind = entry
            if library not in ("diffusers", "transformers") and not _is_pipeline_folder(library):
                raise InvalidRequest(
                    f"{path} names the module {library!r} for {name}: only diffusers' and transformers' own are loaded"
                )
            components[name] = (library, kind)
        configs = {name: _config(path, name) for name in components}
        configs[""] = {name: value for name, value in index.items() if name not in components and value != [None, None]}
        for name in components:
            check_weights(path / name)
        about = path / "reelgraph.json"
        try:
            card = ModelCard.model_validate(read_json(about) if about.is_file() else {})
        except ValidationError as error:
            raise InvalidRequest(f"{about}: {first_fault(error)}") from error
        return cls(path=path, pipeline=pipeline, components=components, configs=configs, card=card)

    @cached_property
    def vocabulary(self) -> frozenset[str] | None:
        """The words of a tokenizer that knows whole words alone; None for one that can spell."""
        path = self.path / "tokenizer" / "tokenizer.json"
        made = read_json(path) if path.is_file() else {}
        if made.get("model", {}).get("type") != "WordLevel":
            return None
        special = {token["content"] for token in made.get("added_tokens", [])} | {made["model"].get("unk_token")}
        return frozenset(made["model"]["vocab"].keys() - special)

    @cached_property
    def files(self) -> list[Path]:
        """What the loaders read: weights, configs and vocabularies, sorted."""
        found = [self.path / "model_index.json"]
        for name in self.components:
            found += [p for p in (self.path / name).rglob("*") if p.suffix in _READ and p.is_file()]
        return sorted(found)

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each component's weights, of those that have any."""
        weights = [p for p in self.files if p.suffix == ".safetensors"]
        parts = {p.relative_to(self.path).parts[0] for p in weights}
        return {
            part: sum(p.stat().st_size for p in weights if p.is_relative_to(self.path / part)) for part in sorted(parts)
        }

    def fingerprint(self) -> str:
        """Hash the bytes of everything that is read, with their names in the folder."""
        return digest({p.relative_to(self.path).as_posix(): file_hash(p) for p in self.files})


def file_hash(path: Path) -> str:
    """Return SHA-256 of a file's bytes, remembered while its size and time of change stay."""
    stat = path.stat()
    key = (str(path), stat.st_size, stat.st_mtime_ns)
    if key not in _hashes:
        with path.open("rb") as file:
            _hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
    return _hashes[key]


def find_model(model: str, revision: str = "", *, backend: str = "local") -> Path:
    """Find a model's folder: a path, the name of a model that ships with reelgraph, or a hub id with a pinned revision.

    Nothing is downloaded.

    Raises:
        InvalidRequest: It is not here; the message says the command that fetches it.
    """
    if not model:
        raise InvalidRequest(
            f'no model is set: write model = "FOLDER" (or a hub id, and its revision) under [backends.{backend}]'
        )
    folder = find_folder(model, revision, "model_index.json")
    if folder is None:
        raise InvalidRequest(
            f"{model} is not on this machine: fetch it{_size(model, revision)} with {fetching(model, revision)}"
        )
    return folder


def find_folder(model: str, revision: str, index: str, *, kind: str = "diffusers model") -> Path | None:
    """Find a folder of a kind of model by the file that each has: a path, the name of one that ships, or a hub id.

    Returns:
        The folder, or None where the hub's cache lacks that revision.

    Raises:
        InvalidRequest: It is nothing of these, or its revision is not pinned.
    """
    here = Path(model).expanduser()
    for folder in (here, SHIPPED / model) if re.fullmatch(r"\w+", model) else (here,):
        if (folder / index).is_file():
            return folder
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", model) or here.exists():
        raise InvalidRequest(f"no {kind} at {model!r}: name a folder with a {index}, or a hub id")
    if not re.fullmatch(r"[0-9a-f]{40}", revision):
        raise InvalidRequest(
            f"no folder {model} here, and as a hub id it needs a pinned revision: set revision to the commit's 40 "
            "hexadecimal digits"
        )
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ModuleNotFoundError as error:
        raise InvalidRequest(f"a model of the hub needs {error.name}: run `pip install 'reelgraph[local]'`") from error

    try:
        folder = Path(snapshot_download(model, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    return folder if (folder / index).is_file() else None


def check_whole(folder: ModelFolder, model: str, revision: str, *, but: Collection[str] = ()) -> None:
    """Refuse a model of which some weights are not here, as where fetching it was broken off.

    Args:
        folder: The model's.
        model: What it was found by.
        revision: Its hub revision, if any.
        but: Components that come from elsewhere.

    Raises:
        InvalidRequest: The message names the components, and how to get them.
    """
    parts = {name: kind for name, (_, kind) in folder.components.items() if name not in but}
    lacking = [name for name, kind in parts.items() if lacks_weights(folder.path / name, kind)]
    if not lacking:
        return
    by_hub = bool(revision) and not Path(model).expanduser().is_dir()
    remedy = f"fetch them with {fetching(model, revision)}" if by_hub else "put them there, or name a whole model"
    where = model if by_hub else folder.path
    raise InvalidRequest(f"{where} lacks weights of {', '.join(lacking)}: {remedy}")


def fetching(model: str, revision: str) -> str:
    """Return the command that fetches a model from the hub."""
    return f"`hf download {model} --revision {revision}`"


def _size(model: str, revision: str) -> str:
    """Say how large a model on the hub is: by the hub or, where it cannot be asked, by what is known of usual ones."""
    from huggingface_hub import HfApi

    from reelgraph.video_tools.backends.known_models import KNOWN_MODELS

    try:
        files = HfApi().model_info(model, revision=revision, files_metadata=True, timeout=5).siblings or []
    except Exception:  # a courtesy: offline, refused, or no such model, whatever its client raises, the command tells
        sizes = (2 * sum(known.billions.values()) for known in KNOWN_MODELS if known.hub == model)
        return next((f" (about {size:.0f} GB in half precision)" for size in sizes), "")
    return f" ({sum(file.size or 0 for file in files) / 1e9:.1f} GB)"


def _is_pipeline_folder(library: str) -> bool:
    """Whether it names one of diffusers' own pipeline folders, where some components live."""
    from importlib.util import find_spec

    spec = find_spec("diffusers")
    folders = (spec.submodule_search_locations if spec else None) or []
    return any((Path(folder) / "pipelines" / library / "__init__.py").is_file() for folder in folders)


def _config(path: Path, name: str) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for file in ("config.json", "scheduler_config.json", "tokenizer_config.json", "preprocessor_config.json"):
        if (path / name / file).is_file():
            config |= read_json(path / name / file)
    if "auto_map" in config:
        raise InvalidRequest(f"{path} has code of its own for {name} (auto_map): models that need it are not loaded")
    return config
