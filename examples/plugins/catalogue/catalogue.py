"""A tool: how the products of a brief look. As a hook, the planner asks it by rule, and a model may call it too."""

from typing import Any

from langchain_core.tools import tool

PRODUCTS = {"kettle": "a copper kettle with a long spout and a black handle", "cup": "a white cup with a blue rim"}


@tool(response_format="content_and_artifact")
def catalogue(brief: str) -> tuple[str, dict[str, Any]]:
    """Look up how the products that a text names look."""
    found = {name: looks for name, looks in PRODUCTS.items() if name in brief.lower()}
    cast = [{"id": n, "name": n.capitalize(), "kind": "object", "description": looks} for n, looks in found.items()]
    words = "; ".join(f"{name}: {looks}" for name, looks in found.items()) or "no product of ours"
    return words, {"bible": {"characters": cast}}
