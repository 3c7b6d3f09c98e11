"""Turn a person's free words into changes with a chat model, which may only write what the grammar reads.

So a model can ask for nothing that a person could not have written, and names no shot that there is not.
"""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from reelgraph.video_tools.film import Cut, Storyboard
from reelgraph.video_tools.planning.asking import Asked
from reelgraph.video_tools.planning.instructions import UNDERSTOOD, Revision, read_instructions, shots_seen
from reelgraph.video_tools.planning.replies import build_model

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_RULES = (
    "You turn a note on a film into instructions to its editor, one a change, and as few as do it. Write only "
    "instructions of these forms, with other numbers and words:\n- "
    + "\n- ".join(UNDERSTOOD)
    + "\nAnswer with one JSON object that fits the schema, and nothing else."
)


class ChangesReply(BaseModel):
    """What is to be changed."""

    model_config = ConfigDict(extra="forbid")

    instructions: list[str] = Field(min_length=1, max_length=40, description="One instruction each.")


def read_note(text: str, board: Storyboard, cut: Cut, chat_model: "BaseChatModel") -> tuple[Revision, list[str]]:
    """Read a note with a chat model.

    Args:
        text: What a person wrote.
        board: The storyboard.
        cut: The film as it is seen, or will be.
        chat_model: Any LangChain chat model.

    Returns:
        What to change, and the instructions that say it, for a person to see.

    Raises:
        PermanentFailure: The model gave nothing usable after two repairs.
        TransientFailure: The model could not be reached.
    """
    shots = "\n".join(_shown(n, id, board, cut) for n, id in enumerate(shots_seen(cut), 1))

    def build(data: dict[str, Any]) -> tuple[Revision, list[str]]:
        reply: ChangesReply = build_model(ChangesReply)(data)
        return read_instructions("\n".join(reply.instructions), board, cut), reply.instructions

    question = f"The shots:\n{shots}\n\n<note>\n{text}\n</note>"
    read: tuple[Revision, list[str]] = Asked(chat_model).ask("changes", ChangesReply, _RULES, question, build)
    return read


def _shown(number: int, id: str, board: Storyboard, cut: Cut) -> str:
    """Say what a shot of the film shows and how long it is seen, with the number that instructions give it."""
    seconds = float(sum(clip.frames for clip in cut.clips if clip.shot == id) / cut.rate)
    prompt = next((shot.prompt for shot in board.shots if shot.id == id), "put into the cut, and in no plan")
    return f"{number}. {id}, {seconds:.4g} s: {prompt[:200]}"
