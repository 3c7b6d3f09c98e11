"""A host's own tools in the hands of our nodes.

A tool that was given to a node is called in one of two ways. The planner's model, if it has one, may call it while it
makes up its mind. And each node calls by rule those marked with `hook`: with what it knows, by the names of the tool's
arguments, and takes up what the tool's artifact says:

    node     a hook may ask for                   its artifact may say
    planner  brief, title, seconds                `Advice`: another brief, characters and places, facts for a model
    editor   film, title, seconds, shots          `{"edits": [...]}`: see `video_tools.editing.operations`
    critic   film, title, words, shots            `{"notes": [{"shot": ..., "message": ..., "blocking": ...}]}`
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolCall, ToolMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ValidationError

from reelgraph.video_tools.errors import InvalidRequest, PermanentFailure, ReelgraphError
from reelgraph.video_tools.film import Brief, Note, Shot, Storyboard, first_fault
from reelgraph.video_tools.planning.advice import Advice
from reelgraph.video_tools.planning.asking import of_provider
from reelgraph.video_tools.wording import broke

OFFERS: dict[str, frozenset[str]] = {
    "planner": frozenset({"brief", "title", "seconds"}),
    "editor": frozenset({"film", "title", "seconds", "shots"}),
    "critic": frozenset({"film", "title", "words", "shots"}),
}
_MARK = "reelgraph_hook"
_MOST_TURNS = 8  # of a model that looks things up before it plans


def hook(tool: BaseTool) -> BaseTool:
    """Mark a tool so that a node calls it by rule."""
    return tool.model_copy(update={"metadata": {**(tool.metadata or {}), _MARK: True}})


def is_hook(tool: BaseTool) -> bool:
    """Say whether a node calls a tool by rule."""
    return bool((tool.metadata or {}).get(_MARK))


def check_tools(tools: Mapping[str, Sequence[BaseTool]]) -> None:
    """Refuse tools that nobody would call, and hooks that ask for what their node does not know.

    Raises:
        InvalidRequest: The message names the tool and what there is.
    """
    for node, own in tools.items():
        if node not in OFFERS:
            raise InvalidRequest(f"the {node} takes no tools: those that do are {', '.join(OFFERS)}")
        if node != "planner" and (unmarked := [tool.name for tool in own if not is_hook(tool)]):
            raise InvalidRequest(f"the {node} works by rule and would never call {unmarked[0]}: mark it with `hook`")
        for tool in filter(is_hook, own):
            unknown = sorted(set(tool.get_input_jsonschema().get("required", ())) - OFFERS[node])
            if unknown:
                there = ", ".join(sorted(OFFERS[node]))
                raise InvalidRequest(f"hook {tool.name} asks the {node} for {unknown[0]!r}: it may ask for {there}")


def called(tools: Sequence[BaseTool], offered: Mapping[str, Any]) -> list[tuple[BaseTool, ToolMessage]]:
    """Call every hook with what it asks for.

    Raises:
        PermanentFailure: A hook failed; the message names it.
    """
    answers = []
    for tool in filter(is_hook, tools):
        arguments = {name: offered[name] for name in tool.args if name in offered}
        message = _invoke(tool, arguments, "hook")
        if message.status == "error":
            raise PermanentFailure(f"tool {tool.name} failed: {message.text}; mend it, or leave it out")
        answers.append((tool, message))
    return answers


# --- planner ---------------------------------------------------------------------------------------------------------


def advise(brief: Brief, tools: Sequence[BaseTool], model: BaseChatModel | None) -> Advice:
    """Ask a planner's tools about a brief: the hooks by rule, and all of them by the model, if there is one.

    Raises:
        InvalidRequest: There is no model, or one that calls no tools, and a tool that only a model would call.
        PermanentFailure: A hook failed, its artifact is no advice, or the model's provider refused.
        TransientFailure: The model's provider failed for now.
    """
    if not tools:
        return Advice()
    if model is None and (unmarked := [tool.name for tool in tools if not is_hook(tool)]):
        raise InvalidRequest(
            f"the planner works by rule and would never call {unmarked[0]}: mark it with `hook`, or plan with a model"
        )
    offered = {"brief": brief.text, "title": brief.title, "seconds": brief.seconds}
    advice = Advice()
    for tool, message in called(tools, offered):
        advice += _advice(tool, message)
    if model is not None:
        facts = _looked_up(brief, [t for t in tools if not is_hook(t)], model)
        advice += Advice(facts=facts)
    return advice


def _advice(tool: BaseTool, message: ToolMessage) -> Advice:
    if not isinstance(message.artifact, dict | Advice):
        return Advice(facts=[message.text] if message.text else [])
    try:
        return Advice.model_validate(message.artifact)
    except ValidationError as error:
        raise PermanentFailure(f"tool {tool.name} gave no advice that can be used: {first_fault(error)}") from error


def _looked_up(brief: Brief, tools: Sequence[BaseTool], model: BaseChatModel) -> list[str]:
    """Let a model call tools about a brief, and return what it then says is worth knowing."""
    if not tools:
        return []
    by_name = {tool.name: tool for tool in tools}
    try:
        bound = model.bind_tools(list(tools))
    except ReelgraphError:  # of one that a setting names, and that cannot be opened
        raise
    except Exception as error:  # many models call no tools, and say so as they please
        raise InvalidRequest(
            f"the planner's model cannot be given {tools[0].name} ({broke(error)}): mark it with `hook`, plan with "
            "another model, or leave it out"
        ) from error
    messages: list[Any] = [
        SystemMessage(
            "You prepare the making of a short film. Look up with the tools what the brief mentions and a director "
            "must know. Then answer with the facts you found, one a line, and nothing else."
        ),
        HumanMessage(brief.text),
    ]
    for _ in range(_MOST_TURNS):
        answer = _said_by(bound, messages)
        messages.append(answer)
        if not answer.tool_calls:
            return _lines(answer)
        for asked in answer.tool_calls:
            tool = by_name.get(asked["name"])
            if tool is None:
                said = f"there is no tool {asked['name']!r}: there are {', '.join(by_name)}"
                messages.append(ToolMessage(said, tool_call_id=asked["id"] or "", status="error"))
            else:
                messages.append(_invoke(tool, asked["args"], asked["id"] or ""))
    # It would look things up for ever, and what it found by now is not lost.
    messages.append(HumanMessage("Look nothing more up. Answer now with the facts that you found."))
    answer = _said_by(bound, messages)
    if answer.tool_calls:  # it looks up even now: the facts are then what the tools said
        told = [str(one.text) for one in messages if isinstance(one, ToolMessage) and one.status == "success"]
        return list(dict.fromkeys(text for text in told if text))
    return _lines(answer)


def _said_by(model: Runnable[Any, AIMessage], messages: Sequence[BaseMessage]) -> AIMessage:
    try:
        return model.invoke(list(messages))
    except ReelgraphError:  # of a host's own wrapper
        raise
    except Exception as error:  # providers raise types of their own, which share no base
        raise of_provider("the planner's model", error) from error


def _lines(answer: AIMessage) -> list[str]:
    return [line.strip() for line in answer.text.splitlines() if line.strip()]


# --- editor and critic -----------------------------------------------------------------------------------------------


def edits_of(board: Storyboard, film: str, tools: Sequence[BaseTool]) -> list[dict[str, Any]]:
    """Ask an editor's hooks for edits of a cut.

    Raises:
        PermanentFailure: A hook failed, or its artifact holds no edits.
    """
    edits: list[dict[str, Any]] = []
    offered = {"film": film, "title": board.title, "seconds": sum(s.seconds for s in board.shots)}
    for tool, message in called(tools, {**offered, "shots": _shots(board)} if tools else {}):
        edits += _listed(tool, message, "edits")
    return edits


def notes_from(board: Storyboard, film: str, tools: Sequence[BaseTool]) -> list[Note]:
    """Ask a critic's hooks for notes on a film.

    Raises:
        PermanentFailure: A hook failed, or its artifact holds no notes.
    """
    notes: list[Note] = []
    words = "\n".join(_words(shot) for shot in board.shots if _words(shot))
    for tool, message in called(
        tools, {"film": film, "title": board.title, "words": words, "shots": _shots(board)} if tools else {}
    ):
        for n, given in enumerate(_listed(tool, message, "notes"), 1):
            try:
                id = f"{given.get('shot') or 'film'}-{tool.name}-{n}"
                notes.append(Note.model_validate({"check": tool.name, "id": id, **given, "raised_by": "judge"}))
            except ValidationError as error:
                raise PermanentFailure(f"tool {tool.name} gave a note that is none: {first_fault(error)}") from error
    return notes


def _listed(tool: BaseTool, message: ToolMessage, what: str) -> list[dict[str, Any]]:
    given = message.artifact.get(what) if isinstance(message.artifact, dict) else message.artifact
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise PermanentFailure(f"tool {tool.name} gave no list of {what}: its artifact must be {{'{what}': [...]}}")
    return given


def _shots(board: Storyboard) -> list[dict[str, Any]]:
    return [
        {"id": s.id, "prompt": s.prompt, "seconds": s.seconds, "title": s.title, "lines": [x.text for x in s.lines]}
        for s in board.shots
    ]


def _words(shot: Shot) -> str:
    return "\n".join(filter(None, [shot.title, *(line.text for line in shot.lines)]))


# --- calling ---------------------------------------------------------------------------------------------------------


def is_async_alone(tool: BaseTool) -> bool:
    """Say whether a tool can only be awaited, as those are that MCP adapters give."""
    return getattr(tool, "coroutine", None) is not None and getattr(tool, "func", None) is None


def _awaited(tool: BaseTool, call: ToolCall) -> Any:
    """Run an async tool to its end in a thread and a loop of its own: the loop of this thread is a host's, if any."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, asyncio.run, tool.ainvoke(call)).result()


def _invoke(tool: BaseTool, arguments: Mapping[str, Any], id: str) -> ToolMessage:
    call: ToolCall = {"type": "tool_call", "id": id, "name": tool.name, "args": dict(arguments)}
    try:
        message = _awaited(tool, call) if is_async_alone(tool) else tool.invoke(call)
    except Exception as error:  # a host's tool may raise anything, and its failure is told, not passed on
        return ToolMessage(broke(error), tool_call_id=id, status="error")
    return message if isinstance(message, ToolMessage) else ToolMessage(str(message), tool_call_id=id)
