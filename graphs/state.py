"""The graph's state: ids and small numbers only, at most 1 KB a shot in checkpoints; the folder holds the rest."""

from operator import add
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # typing.TypedDict has no JSON schema before Python 3.12

from reelgraph.video_tools.errors import InvalidRequest


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


def left_by(node: str, state: "FilmState", name: Literal["film", "storyboard", "cut"]) -> Any:
    """Return what a node before left in the state.

    Args:
        node: Which one leaves it, whether ours or a host's in its place.
        state: The state.
        name: What it leaves.

    Raises:
        InvalidRequest: It left none.
    """
    if name not in state:
        raise InvalidRequest(
            f"the {node} left no {name} in the state: return Command(update={{{name!r}: ...}}, goto=...)"
        )
    return state[name]


class FilmInput(TypedDict, total=False):
    """What a run begins with: a brief, or the name of a film to go on with."""

    brief: Annotated[
        str,
        Field(
            description="What the film shows: a sentence, a screenplay, or a storyboard as YAML; a path where the "
            "context allows paths; empty to go on with a film.",
            examples=["A fox crosses a snowy field. It stops and listens."],
        ),
    ]
    film: Annotated[
        str, Field(description="The film's name; made from the brief if not given.", examples=["fox-in-the-snow"])
    ]


class FilmState(FilmInput, total=False):
    """What a run knows."""

    began: Annotated[
        float,
        Field(description="When it began, or a person last answered, in Unix seconds, for a ceiling of wall time."),
    ]
    sent: Annotated[
        float, Field(description="When the shots that the editor waits for were sent, in Unix seconds; 0 for none.")
    ]
    storyboard: Annotated[int, Field(description="Number of the storyboard that is being shot.")]
    acted: Annotated[
        int, Field(description="How many of a person's decisions were acted on: a no of them is asked about once more.")
    ]
    pictured: Annotated[
        bool, Field(description="Whether what that storyboard's reference sheet lacked was shot in this run.")
    ]
    round: Annotated[int, Field(description="1 is the first shoot.")]
    takes: Annotated[dict[str, str], Field(description="Shot id to the key of its chosen take."), merged]
    failed: Annotated[dict[str, str], Field(description="Shot id to why it was not made in this round."), merged]
    refused: Annotated[list[str], Field(description="Shots that a ceiling left unmade in this run."), add]
    generated: Annotated[int, Field(description="Takes that this run made.")]
    reused: Annotated[int, Field(description="Takes that the ledger had."), add]
    changed: Annotated[
        list[str], Field(description="Shots that this run shot or shot again, once for each take made of them."), add
    ]
    cut: Annotated[int, Field(description="Number of the newest cut.")]
    review: Annotated[int, Field(description="Number of the newest review.")]
    approved: Annotated[bool, Field(description="Whether that review approved it.")]
    seconds: Annotated[
        dict[str, float],
        Field(description="Wall seconds by stage; shots that are made side by side count once."),
        summed,
    ]


class Wave(TypedDict):
    """What one `Send` to the generator carries."""

    began: float
    film: str
    storyboard: int
    shots: list[str]
    sent: NotRequired[float]  # when, in Unix seconds, together with those beside it
    place: NotRequired[int]  # in film order among those
