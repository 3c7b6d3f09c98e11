"""A director so small that it needs showing: SmolLM2, as the planner's benchmark runs it, that also calls tools.

It is far too small to be trusted with more, which is what makes it a good test of those who ask it.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from packaged_model import PackagedModel, bounded  # benchmarks are no package


class SmolLM2(PackagedModel):
    """Answers at temperature 0, the same every time.

    Attributes:
        example: Turns of other conversations, user first, which show how to answer.
        reply: The JSON schema of its answers; None where it calls tools.
    """

    example: list[str] = []
    reply: dict[str, Any] | None = None
    tools: list[dict[str, Any]] = []

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.model_copy(update={"tools": [convert_to_openai_tool(tool)["function"] for tool in tools]})

    def with_structured_output(self, schema: Any, **kwargs: Any) -> Runnable[Any, Any]:
        raise NotImplementedError("it answers in the one shape that its example shows")

    def _generate(
        self, messages: list[BaseMessage], stop: Sequence[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        said = self._say(messages, _call_of_one(self.tools, self.example) if self.tools else self.reply)
        message = AIMessage(said)
        if self.tools and (call := json.loads(said))["tool"] != "done":
            asked = {"type": "tool_call", "id": f"call-{len(messages)}", "name": call["tool"]}
            message = AIMessage("", tool_calls=[{**asked, "args": call["arguments"]}])
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _say(self, messages: Sequence[BaseMessage], schema: dict[str, Any] | None) -> str:
        roles = ["user", "assistant"] * len(self.example)
        shown = [{"role": role, "content": words} for role, words in zip(roles, self.example, strict=False)]
        # Of what it is asked, from the last brief on: other rules and examples than its own are too much for it.
        first = max((n for n, m in enumerate(messages) if "<brief>" in m.text), default=0)
        answer = self._server.handle_chat_completions(
            {
                "messages": [*shown, *(_turn(m) for m in messages[first:])],
                "response_format": {"type": "json_schema", "json_schema": {"schema": schema}},
                "temperature": 0.0, "repeat_penalty": 1.05, "max_tokens": 1024,
            }
        )  # fmt: skip
        if "choices" not in answer:
            raise RuntimeError(f"llama.cpp: {answer}")
        said = str(answer["choices"][0]["message"]["content"])
        return re.sub(r"^```(json)?\s*|\s*```$", "", said.strip())


def _turn(message: BaseMessage) -> dict[str, str]:
    if isinstance(message, ToolMessage):
        return {"role": "user", "content": message.text.splitlines()[-1]}  # it loses its way in more
    if isinstance(message, AIMessage):
        (call,) = message.tool_calls or [None]
        said = json.dumps({"tool": call["name"], "arguments": call["args"]}) if call else message.text
        return {"role": "assistant", "content": said}
    return {"role": "user", "content": message.text}


def _call_of_one(tools: Sequence[dict[str, Any]], example: Sequence[str]) -> dict[str, Any]:
    """The schema of one call, of those tools and with those arguments that the example uses, or of none."""
    shown = {call["tool"]: call["arguments"] for call in map(json.loads, example[1::2]) if "arguments" in call}
    calls = []
    for tool in tools:
        if tool["name"] in shown:
            all_of_it = tool["parameters"]["properties"]
            arguments = _object({name: bounded(all_of_it[name]) for name in shown[tool["name"]]})
            calls.append(_object({"tool": {"const": tool["name"]}, "arguments": arguments}))
    return {"anyOf": [*calls, _object({"tool": {"const": "done"}})]}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
