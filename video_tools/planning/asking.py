"""Ask a chat model for objects, telling it the exact fault of a reply that does not fit."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, ReelgraphError, TransientFailure
from reelgraph.video_tools.planning.questions import example
from reelgraph.video_tools.planning.replies import build_model, read_reply

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import Runnable

REPAIRS = 2

R = TypeVar("R")


class Asked:
    """A chat model that is asked for objects."""

    # Its name is kept with what it planned.
    def __init__(self, chat_model: "BaseChatModel") -> None:
        self.model = chat_model
        given = getattr(chat_model, "model_name", None) or getattr(chat_model, "model", None)
        self.name = given if isinstance(given, str) else chat_model.get_name()

    def ask(
        self,
        step: str,
        kind: type[BaseModel],
        rules: str,
        question: str,
        build: Callable[[dict[str, Any]], R] | None = None,
    ) -> Any:
        """Ask for an object, telling the model the exact fault of a reply that does not fit, at most twice.

        Args:
            step: What is asked for, in a word; its worked example is shown.
            kind: The answer's schema.
            rules: What holds for every answer.
            question: The question.
            build: Turns an object into what is wanted, raising `InvalidRequest` for one that does not fit; validates
                `kind` if not given.

        Raises:
            PermanentFailure: No reply fits.
            TransientFailure: The model could not be reached.
        """
        from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

        structured = self._structured(kind)
        # a model that is held to the schema does not need it in words, and a small one is lost in it
        schema = "" if structured else f"\nSchema: {json.dumps(kind.model_json_schema(), ensure_ascii=False)}"
        shown, answer = example(step)
        messages: list[BaseMessage] = [
            SystemMessage(rules + schema),
            HumanMessage(shown),
            AIMessage(answer),
            HumanMessage(question),
        ]
        reply, fault = "", ""
        for _ in range(1 + REPAIRS):
            reply = self._reply(structured or self.model, messages)
            try:
                return read_reply(reply, build or build_model(kind))
            except InvalidRequest as error:
                fault = str(error)
            again = f"That cannot be used: {fault}. Answer again with the whole JSON object, this mended."
            messages += [AIMessage(reply), HumanMessage(again)]
        start = " ".join(reply.split())[:300]
        raise PermanentFailure(
            f"{self.name} gave no usable {step} in {1 + REPAIRS} replies: {fault}; the last began {start!r}"
        )

    def _structured(self, kind: type[BaseModel]) -> "Runnable[Any, Any] | None":
        """Return the model held to a schema, where it can be."""
        try:
            return self.model.with_structured_output(kind, include_raw=True)
        except (NotImplementedError, ValueError, TypeError):  # a model without tools says so in one of these
            return None

    def _reply(self, model: "Runnable[Any, Any]", messages: "list[BaseMessage]") -> str:
        """Send messages and read the answer tolerantly, structured or not."""
        from langchain_core.messages import AIMessage

        try:
            answer: Any = model.invoke(messages)
        except ReelgraphError:
            raise
        except Exception as error:  # providers raise types of their own, which share no base
            raise of_provider(self.name, error) from error
        message = answer["raw"] if isinstance(answer, dict) and "raw" in answer else answer
        if isinstance(message, AIMessage):
            if message.tool_calls:
                return json.dumps(message.tool_calls[-1]["args"], ensure_ascii=False)
            if message.invalid_tool_calls:
                return str(message.invalid_tool_calls[-1]["args"] or "")
        return str(message.text)


def of_provider(name: str, error: Exception) -> ReelgraphError:
    """Return the error of ours that a model provider's comes to: to be tried again later, or not."""
    status = getattr(error, "status_code", None)
    said = f"{name} failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    again = (
        isinstance(error, TimeoutError | ConnectionError)
        or status in (408, 409, 429)
        or (isinstance(status, int) and status >= 500)
    )
    return TransientFailure(said) if again or "Timeout" in type(error).__name__ else PermanentFailure(said)
