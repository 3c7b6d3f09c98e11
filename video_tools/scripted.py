"""A chat model for tests and examples: it says what its script says, so that an agent can be tried with no key."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

Turn: TypeAlias = str | AIMessage | Callable[[Sequence[BaseMessage]], "str | AIMessage"]


class ScriptedModel(BaseChatModel):
    """Says one turn of a script after the other.

    Args:
        turns: Each a text, a message (see `calls`), or a function of the conversation so far that returns either.
    """

    model_name: str = "scripted"
    _turns: list[Turn] = PrivateAttr()
    _heard: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    def __init__(self, turns: Iterable[Turn]) -> None:
        super().__init__()
        self._turns = list(turns)

    @property
    def heard(self) -> list[list[BaseMessage]]:
        """The conversation as it was before each turn."""
        return self._heard

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> "Runnable[Any, AIMessage]":
        """Take no notice of the tools: the script knows them."""
        return self

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        at = len(self._heard)
        self._heard.append(list(messages))
        if at >= len(self._turns):
            raise AssertionError(f"the script has {at} turns, and the agent asked for one more")
        turn = self._turns[at]
        said = turn(messages) if callable(turn) and not isinstance(turn, AIMessage) else turn
        message = said if isinstance(said, AIMessage) else AIMessage(str(said))
        return ChatResult(generations=[ChatGeneration(message=message)])


_numbers = itertools.count(1)


def calls(*wanted: tuple[str, dict[str, Any]], text: str = "") -> AIMessage:
    """Make a message that calls tools: `calls(("generate_take", {"shot": "all"}))`."""
    tool_calls = [
        {"type": "tool_call", "id": f"call-{next(_numbers)}", "name": name, "args": arguments}
        for name, arguments in wanted
    ]
    return AIMessage(text, tool_calls=tool_calls)
