"""The graph's state: ids and small numbers only, at most 1 KB a shot in checkpoints; the folder holds the rest."""

from operator import add
from typing import Annotated

from typing_extensions import TypedDict  # typing.TypedDict has no JSON schema before Python 3.12


def merged(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Let parallel branches each report their own shots; an empty report takes back an earlier one."""
    both = {**old, **new}
    for shot, said in new.items():
        if not said:
            del both[shot]
    return both


def summed(old: dict[str, float], new: dict[str, float]) -> dict[str, float]:
    """Add up seconds by stage."""
    return {**old, **{key: round(old.get(key, 0.0) + more, 3) for key, more in new.items()}}


def afresh(state: "FilmState") -> dict[str, str]:
    """Take back what was said of failures, for a round that tries again all that could not be made."""
    return dict.fromkeys(state.get("failed", {}), "")


class FilmInput(TypedDict, total=False):
    """What a run begins with.

    Attributes:
        brief: The brief's text, or a path where the context allows paths.
        film: The film's name; made from the brief if not given.
    """

    brief: str
    film: str


class FilmState(FilmInput, total=False):
    """What a run knows.

    Attributes:
        began: When the run began, or a person last answered, in Unix seconds, for its ceiling of wall seconds.
        sent: When the shots that the editor waits for were sent to the generator, in Unix seconds; 0 for none.
        storyboard: Number of the storyboard that is being shot.
        pictured: Whether what the reference sheet lacked was shot in this run.
        round: 1 is the first shoot.
        takes: Shot id to the key of its chosen take.
        failed: Shot id to why it could not be made in this round.
        refused: Shots that a ceiling left unmade in this run.
        generated: Takes that this run made.
        reused: Takes that the ledger had.
        changed: Shots that this run shot or shot again, once for each take that it made of them.
        cut: Number of the newest cut.
        review: Number of the newest review.
        approved: Whether that review approved it.
        seconds: Wall seconds by stage; shots that are made side by side count once.
    """

    began: float
    sent: float
    storyboard: int
    pictured: bool
    round: int
    takes: Annotated[dict[str, str], merged]
    failed: Annotated[dict[str, str], merged]
    refused: Annotated[list[str], add]
    generated: int
    reused: Annotated[int, add]
    changed: Annotated[list[str], add]
    cut: int
    review: int
    approved: bool
    seconds: Annotated[dict[str, float], summed]


class Wave(TypedDict):
    """What one `Send` to the generator carries."""

    began: float
    film: str
    storyboard: int
    shots: list[str]
