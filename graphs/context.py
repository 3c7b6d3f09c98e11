"""What a run is given besides its state: the studio it works in, and where a person is asked."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.events import Tell
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

Gate = Literal["storyboard", "cut"]


@dataclass(frozen=True)
class FilmContext:
    """The runtime context of the film graph.

    Attributes:
        studio: The project, its back ends and its memory.
        approve: Where a person is asked, by `interrupt`.
        replan: Plan afresh even where the film has a storyboard.
        paths: Whether the brief may name a file; a server leaves this off.
        seconds: The film's length asked for, in seconds.
        tools: By node, a host's own tools in its hands; see `hooks`.
    """

    studio: Studio
    approve: frozenset[Gate] = frozenset()
    replan: bool = False
    paths: bool = False
    seconds: float | None = None
    tools: "Mapping[str, Sequence[BaseTool]]" = field(default_factory=dict)


def context_of(runtime: Runtime[Any]) -> FilmContext:
    """Return the run's context, whether the host gave one, gave a dict (as LangGraph Server does), or gave none.

    Without one, the project is the folder that the environment variable REELGRAPH_PROJECT names: on a server its owner
    sets it, and clients name films, never paths.

    Raises:
        InvalidRequest: Neither is there, or a client set what it may not.
    """
    given = runtime.context
    if isinstance(given, FilmContext):
        return given
    root = os.environ.get("REELGRAPH_PROJECT")
    if not root:
        raise InvalidRequest(
            "no project: pass context=FilmContext(Studio(project)), or set REELGRAPH_PROJECT to a folder"
        )
    choices = given if isinstance(given, dict) else {}
    unknown = sorted(set(choices) - {"approve", "replan", "seconds"})
    if unknown:
        raise InvalidRequest(f"a client cannot set {', '.join(unknown)}: it may set approve, replan and seconds")
    return replace(
        FilmContext(_served(root)),
        approve=frozenset(choices.get("approve", ())),
        replan=bool(choices.get("replan", False)),
        seconds=choices.get("seconds"),
    )


@cache  # so that a server loads its weights once, not once a run
def _served(root: str) -> Studio:
    return Studio(Project.open(root))


def studio_of(runtime: Runtime[Any]) -> Studio:
    """Return the run's studio, telling its events to the graph's `custom` stream as well."""
    studio = context_of(runtime).studio
    try:
        stream: Tell = get_stream_writer()
    except RuntimeError:  # called outside a graph
        return studio

    def tell(event: dict[str, Any]) -> None:
        stream(event)
        studio.tell(event)

    return replace(studio, tell=tell)
