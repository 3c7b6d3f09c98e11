"""The conformance kit for tools: subclass it with a `tool` fixture and good `arguments`, and pytest runs it."""

import asyncio
import json
from typing import Any

import pytest


class ToolConformance:
    """What every tool that is handed to an agent or a node must do; give a `tool` fixture and good `arguments`."""

    arguments: dict[str, Any] = {}
    most_tokens = 400

    @pytest.fixture
    def tool(self) -> Any:
        """The tool under test, a LangChain `BaseTool`: override this."""
        raise NotImplementedError("give your test class a fixture named tool")

    def call(self, tool: Any, arguments: dict[str, Any]) -> Any:
        """Call it as a model does; one that can only be awaited, as those of MCP adapters, is awaited."""
        asked = {"type": "tool_call", "id": "1", "name": tool.name, "args": arguments}
        if getattr(tool, "coroutine", None) is not None and getattr(tool, "func", None) is None:
            return asyncio.run(tool.ainvoke(asked))
        return tool.invoke(asked)

    def test_schema_is_told_in_few_words(self, tool: Any) -> None:
        """It has a description, and a schema that costs a model few tokens (characters over four)."""
        from langchain_core.utils.function_calling import convert_to_openai_tool

        schema = convert_to_openai_tool(tool)
        assert schema["function"]["description"]
        assert len(json.dumps(schema)) / 4 <= self.most_tokens

    def test_good_call_gives_words_and_plain_data(self, tool: Any) -> None:
        """Its content is text or blocks, and its artifact plain JSON data."""
        message = self.call(tool, self.arguments)
        assert message.status == "success" and message.content
        json.dumps(message.artifact)

    def test_async_call_gives_the_same_kind_of_result(self, tool: Any) -> None:
        """It can be awaited too."""
        asked = {"type": "tool_call", "id": "1", "name": tool.name, "args": self.arguments}
        assert asyncio.run(tool.ainvoke(asked)).status == "success"

    def test_wrong_arguments_are_a_result_of_a_tool_node(self, tool: Any) -> None:
        """In a tool node, arguments of a wrong kind are an error that a model reads, not an exception."""
        from langchain_core.messages import AIMessage
        from langgraph.graph import START, MessagesState, StateGraph
        from langgraph.prebuilt import ToolNode

        required = tool.get_input_jsonschema().get("required", [])
        if not required:
            pytest.skip("it needs no arguments")
        graph = StateGraph(MessagesState).add_node("tools", ToolNode([tool])).add_edge(START, "tools").compile()
        for wrong in ({}, {key: {"a": [1]} for key in required}):
            asked = [{"name": tool.name, "id": "1", "args": wrong}]
            state = asyncio.run(graph.ainvoke({"messages": [AIMessage("", tool_calls=asked)]}))
            assert state["messages"][-1].status == "error"
