"""A CLIP or SigLIP of transformers, which the critic asks and memory embeds by: words and pictures in one space.

It is read from a folder, by the name of one that ships, or from the hub's cache; never from the network. Weights are
loaded once for whoever asks, when the first word or picture is embedded.
"""

import functools
import importlib.util
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelgraph.video_tools.backends.model_folder import SHIPPED, fetching, file_hash, find_folder
from reelgraph.video_tools.backends.weights import check_weights
from reelgraph.video_tools.errors import InvalidRequest

# Texts or pictures in one pass: more gain nothing on a CPU, and cost memory.
_BATCH = 64


class ImageText:
    """An image-text embedder on disk, on the CPU in single precision.

    Args:
        model: A folder as transformers saves it (configuration, preprocessor, tokenizer, model.safetensors), the name
            of one that ships with reelgraph, or `owner/name@commit` where the hub's cache has it.

    Attributes:
        folder: Where it is.
        shipped: Its name, if it is one that ships.
        dimension: Length of a vector.
        fingerprint: SHA-256 of its weights.

    Raises:
        InvalidRequest: It is not here, is no such model, or what reads it is not installed.
    """

    def __init__(self, model: str) -> None:
        need_torch("an image-text embedder")
        source, _, commit = (model, "", "") if Path(model).expanduser().is_dir() else model.partition("@")
        folder = find_folder(source, commit, "config.json", kind="CLIP or SigLIP")
        if folder is None:
            raise InvalidRequest(f"{source} is not on this machine: fetch it with {fetching(source, commit)}")
        self.folder = folder
        self.shipped = folder.name if folder.parent == SHIPPED else ""
        self.dimension = _projection(self.folder)
        if not (self.folder / "model.safetensors").is_file():
            raise InvalidRequest(f"{self.folder} has no model.safetensors: weights are read in that form only")
        check_weights(self.folder)
        self.fingerprint = file_hash(self.folder / "model.safetensors")

    def pictures(self, frames: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return `(frames, dimension) float32`, unit rows, of frames `(height, width, 3) uint8 RGB` of any sizes."""
        import torch
        from PIL import Image

        rows = [np.zeros((0, self.dimension), np.float32)]
        for part in batches(frames):
            model, processor, _ = self._loaded
            with torch.inference_mode():
                pixels = processor(images=[Image.fromarray(frame) for frame in part], return_tensors="pt")
                rows.append(_unit(model.get_image_features(**pixels)))
        return np.concatenate(rows)

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return `(texts, dimension) float32`, unit rows; what is longer than `read` gives is cut."""
        import torch

        rows = [np.zeros((0, self.dimension), np.float32)]
        for part in batches(texts):
            with torch.inference_mode():
                rows.append(_unit(self._loaded[0].get_text_features(**self._tokens(part))))
        return np.concatenate(rows)

    def read(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        """Return what is read of each text, as its tokens: texts that are read alike, it cannot tell apart."""
        return [tuple(row) for row in self._tokens(texts)["input_ids"].tolist()]

    @property
    def scale(self) -> float:
        """What cosines are multiplied by before they are odds."""
        return float(np.exp(float(self._loaded[0].logit_scale.detach())))

    def _tokens(self, texts: Sequence[str]) -> Any:
        model, _, tokenizer = self._loaded
        # A SigLIP's vector of a text is that of its last place, which it learned on texts padded to its full length; a
        # CLIP's is that of the end-of-text token, and nothing after it counts.
        # Source: transformers, SiglipTextTransformer and CLIPTextTransformer.
        padding = "max_length" if model.config.model_type.startswith("siglip") else True
        length = model.config.text_config.max_position_embeddings
        return tokenizer(list(texts), padding=padding, truncation=True, max_length=length, return_tensors="pt")

    @property
    def _loaded(self) -> tuple[Any, Any, Any]:
        return _load(self.folder, self.fingerprint)


def need_torch(name: str) -> None:
    """Refuse what needs torch and transformers where they are not installed.

    Raises:
        InvalidRequest: One of them is missing.
    """
    for package in ("torch", "transformers"):
        if importlib.util.find_spec(package) is None:
            raise InvalidRequest(f"{name} needs {package}: pip install 'reelgraph[embed]'")


@functools.lru_cache(maxsize=2)
def _load(folder: Path, fingerprint: str) -> tuple[Any, Any, Any]:
    """Load a model, its image processor and its tokenizer; other weights in the folder are another model."""
    import transformers

    auto: Any = transformers
    with loading(folder):
        model = auto.AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        processor = auto.AutoImageProcessor.from_pretrained(folder, local_files_only=True)
        tokenizer = auto.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return model.float().eval(), processor, tokenizer


def _projection(folder: Path) -> int:
    """Read the length of a model's vectors from its configuration, without loading the model."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
        kind = config["model_type"]
        if config.get("transformers_weights"):
            raise InvalidRequest(f"{folder}/config.json names its weights: they are read as model.safetensors only")
        return int(config["vision_config"]["hidden_size"] if kind.startswith("siglip") else config["projection_dim"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(
            f"{str(folder)!r} holds no CLIP or SigLIP: name a folder that transformers saved"
        ) from error


def _unit(features: Any) -> NDArray[np.float32]:
    vectors = getattr(features, "pooler_output", features)  # transformers 5 wraps the pooled projection
    return np.asarray((vectors / vectors.norm(dim=-1, keepdim=True).clamp(min=1e-12)).numpy(), np.float32)


def batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    """Divide texts or pictures into what is embedded in one pass."""
    for at in range(0, len(items), _BATCH):
        yield list(items[at : at + _BATCH])


@contextmanager
def loading(folder: Path) -> Iterator[None]:
    """Load without progress bars, and turn what transformers says of a folder into one line."""
    from transformers.utils import logging as transformers_logging

    logging: Any = transformers_logging
    was = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"the model in {folder} cannot be loaded: {' '.join(str(error).split())[:200]}") from error
    finally:
        if was:
            logging.enable_progress_bar()
