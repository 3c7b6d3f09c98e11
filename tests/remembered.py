"""Records and memories for the tests of memory."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reelgraph.memory.embedders import ColourLayout, Embedders, NgramText
from reelgraph.memory.records import RecalledShot, ShotRecord
from reelgraph.memory.shots import ShotMemory


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def record(number: int, prompt: str, *characters: str, place: str = "", film: str = "first", **more: Any) -> ShotRecord:
    return ShotRecord(
        film=film,
        shot=f"s01-{number:02d}",
        take=sha(f"take {film} {number}"),
        content=sha(f"content {film} {number}"),
        prompt=prompt,
        characters=list(characters),
        names=[c.replace("-", " ").title() for c in characters],
        place=place,
        place_name=place.replace("-", " "),
        **more,
    )


def memory_in(folder: Path, text: Any = None, picture: Any = None, **more: Any) -> ShotMemory:
    embedders = Embedders(lambda: text or NgramText(), lambda: picture or ColourLayout())
    return ShotMemory(folder, embedders=embedders, **more)


def shots(answers: Sequence[Sequence[RecalledShot]]) -> list[list[str]]:
    return [[hit.record.shot for hit in answer] for answer in answers]


def colour_of(key: str) -> np.ndarray:
    """Draw a picture that a take's key determines."""
    return np.full((54, 96, 3), list(bytes.fromhex(key[:6])), np.uint8)
