"""Write the reference of the tools: `python -m reelgraph.video_tools.toolkit_reference > docs/tools.md`."""

from typing import Any

from reelgraph.video_tools.toolkit import TOOLS, action_of
from reelgraph.video_tools.toolkit_schemas import legal

HEAD = """\
# The tools

`VideoToolkit(project).get_tools()` gives these to any LangChain agent, and `reelgraph mcp` to any MCP client. This page
is generated from the tools themselves (`python -m reelgraph.video_tools.toolkit_reference`); a test keeps it true.
reelgraph itself needs only `langchain-core` and `langgraph`; this agent needs
`pip install langchain langchain-anthropic`, or the package of the model that you use:

```python
from langchain.agents import create_agent
from reelgraph.video_tools.toolkit import VideoToolkit

agent = create_agent("anthropic:claude-sonnet-4-5", VideoToolkit("my-project").get_tools())
```

What holds for all of them:

- Arguments are names, ids and plain values, never paths. Numbers may be text, and lists JSON. What is not legal is
  refused by name, with what would be legal.
- A result is short text that a model can act on, a contact sheet where looking helps (turn it off with
  `VideoToolkit(project, pictures=False)`), and the whole typed record as the message's artifact.
- For a model that takes video, such as Gemini's, `VideoToolkit(project, films=True)` adds the take or the film itself,
  as LangChain's content block of a file of type `video/mp4`. One of more than 14 MB is left out, and the text says so.
  Other models' providers refuse a message that has one.
- What cannot be done is an error result that says what to change. No exception leaves a tool.
- They may be called in parallel, twice, and after a crash: a take that was paid for is found, not bought again, and a
  ceiling of the budget holds whoever asks. An agent begins films as it likes, so what holds it is `[project_budget]` in
  `reelgraph.toml`, the ceilings of all films together; `plan_storyboard`, `estimate_cost` and `list_film` say what is
  left of both.
- The description of `generate_take` says what a take costs with the project's back end. The schemas of all tools
  together cost a model under 2,500 tokens (characters over four).
- Inside LangGraph, events go to the `custom` stream while a tool works.
"""


def reference() -> str:
    """Return the page."""
    parts = [HEAD]
    for name, (arguments, description) in TOOLS.items():
        action = action_of(name)
        said = description.format(price="(Here it says what a take costs.)")
        parts.append(f"## {name}\n\n{said}\n")
        parts.append(_table(arguments.model_json_schema()))
        raises = [line.strip() for line in (action.__doc__ or "").split("Raises:")[-1].splitlines() if ": " in line]
        if raises and "Raises:" in (action.__doc__ or ""):
            parts.append("Fails where:\n\n" + "\n".join(f"- {line.split(': ', 1)[1]}" for line in raises) + "\n")
    return "\n".join(parts)


def _table(schema: dict[str, Any]) -> str:
    rows = ["| argument | must be | |", "| --- | --- | --- |"]
    for name, field in schema.get("properties", {}).items():
        need = "" if name in schema.get("required", []) else "optional. "
        rows.append(f"| `{name}` | {legal(field)} | {need}{field.get('description', '').replace('|', '/')} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(reference(), end="")
