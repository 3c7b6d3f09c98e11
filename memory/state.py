"""How far an index has followed the log, on disk beside it; with how rare each word is."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from reelgraph.memory.embedders import Rarity
from reelgraph.video_tools.atomic import staged_file, write_text


@dataclass(frozen=True)
class State:
    """How far an index has followed the log, and what filled it.

    Attributes:
        log: The writing of the log that it follows.
        end: The byte of the log up to which it has followed.
        building: Names its folder and its collections.
        text: Identity of the embedder of words.
        picture: Identity of the embedder of pictures.
        picture_spec: What opens that embedder again, as the settings would name it; empty if nobody said.
        revision: How often it was written; told to Chroma's clients, which do not notice another process's writing.
    """

    log: str = ""
    end: int = 0
    building: str = ""
    text: str = ""
    picture: str = ""
    picture_spec: str = ""
    revision: int = 0


def read_state(folder: Path) -> State:
    """Read the state of a memory folder; an empty one where there is none or it cannot be read.

    An index without a state is no index: it is built again from the log.
    """
    try:
        return State(**json.loads((folder / "state.json").read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return State()


def write_state(folder: Path, state: State) -> None:
    """Write the state of a memory folder in one step."""
    write_text(folder / "state.json", json.dumps(asdict(state), indent=1) + "\n")


def rarity_path(building: Path, state: State) -> Path:
    """Return where the rarity that belongs to a state is kept."""
    return building / f"rarity-{state.end}.npy"


def read_rarity(building: Path, state: State) -> Rarity:
    """Read the rarity that belongs to a state."""
    numbers = np.load(rarity_path(building, state), allow_pickle=False)
    return Rarity(int(numbers[-1]), numbers[:-1].copy())


def write_rarity(building: Path, state: State, rarity: Rarity) -> None:
    """Write the rarity that belongs to a state, before the state that names it."""
    with staged_file(rarity_path(building, state)) as temporary, temporary.open("wb") as file:
        np.save(file, np.append(rarity.table, np.int32(rarity.count)))


def sweep_rarities(building: Path, state: State) -> None:
    """Remove rarities that no state names any more."""
    for other in building.glob("rarity-*.npy"):
        if other != rarity_path(building, state):
            other.unlink(missing_ok=True)
