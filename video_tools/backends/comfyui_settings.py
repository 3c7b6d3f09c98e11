"""What may be set of a ComfyUI server and the workflow that it runs, and what of it is refused before it is asked."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr, model_validator

from reelgraph.video_tools.backends.base import Capabilities
from reelgraph.video_tools.backends.inputs_settings import InputsSettings

_LARGEST = 16 * 2**20


class ComfyUISettings(InputsSettings):
    """What `[backends.NAME]` may say where the dialect is comfyui: `model` is the file of a workflow in the API format.

    Inputs are named by their node's number and their own name, as in `prompt = "6.text"`.

    Attributes:
        output: The number of the node whose file is the take, where the workflow makes several.
    """

    output: str = ""
    _nodes: dict[str, Any] = PrivateAttr(default={})

    @model_validator(mode="before")
    @classmethod
    def _on_this_machine(cls, given: Any) -> Any:
        return {"base_urls": ["http://127.0.0.1:8188"]} | given if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _is_a_workflow(self) -> Self:
        self._nodes = _read(self.model)
        if "references" in self.inputs:
            raise ValueError("inputs.references: a workflow's input takes one picture; use first_frame or last_frame")
        names = [its.name for its in self.inputs.values()]
        for name in names:
            node, _, of_node = name.partition(".")
            here = self._nodes[node]["inputs"] if node in self._nodes else {}
            if of_node not in here:
                there = ", ".join(f"{node}.{one}" for one in here) or f"no node {node}"
                raise ValueError(f"inputs: {self.model} has no {name!r}: there is {there}")
            if isinstance(here[of_node], list):
                raise ValueError(f"inputs: {name!r} is wired to node {here[of_node][0]}: name an input of that")
            if names.count(name) > 1:
                raise ValueError(f"inputs: {name!r} is filled twice")
        if self.output and self.output not in self._nodes:
            raise ValueError(f"output: {self.model} has no node {self.output}")
        return self

    def capabilities(self) -> Capabilities:
        """Declare what the settings say: a workflow that begins on a picture begins on one always."""
        can = super().capabilities()
        return replace(can, modes=can.modes - {"text"}) if "first_frame" in self.inputs else can

    @property
    def title(self) -> str:
        """What a take calls its model: the workflow's file, not where it lies."""
        return Path(self.model).name

    @property
    def nodes(self) -> dict[str, Any]:
        """The workflow: each node's class and inputs, by its number."""
        return self._nodes

    def identity(self) -> dict[str, Any]:
        """Return what determines pixels: the workflow itself, wherever its file is."""
        of_nodes = {id: {"class_type": node["class_type"], "inputs": node["inputs"]} for id, node in self.nodes.items()}
        return {**super().identity(), "model": of_nodes, "output": self.output}


def _read(file: str) -> dict[str, Any]:
    """Read a workflow in the API format.

    Raises:
        ValueError: It cannot be read, or is none.
    """
    path = Path(file).expanduser()
    try:
        if not file or path.stat().st_size > _LARGEST:
            raise ValueError('name a workflow, as in model = "workflow.json"; ComfyUI exports it (in the API format)')
        nodes = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"model: {file} cannot be read: {error}") from error
    if not isinstance(nodes, dict) or not nodes or not all(map(_is_node, nodes.values())):
        raise ValueError(f"model: {file} is no workflow in the API format: export it from ComfyUI as that")
    return nodes


def _is_node(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)
