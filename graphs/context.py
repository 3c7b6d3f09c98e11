"""What a run is given besides its state: the studio it works in, and where a person is asked."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime
from pydantic import Field, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict  # typing.TypedDict has no JSON schema before Python 3.12

from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.events import Tell
from reelgraph.video_tools.film import Gate, first_fault
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.studio import Studio

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

_SERVED: Any = None
_OPENED = time.time()


class Choices(TypedDict, total=False):
    """What a client of a server may choose for a run; the project, its back ends and its ceilings are its owner's."""

    approve: Annotated[
        list[Literal["storyboard", "references", "cut"]],
        Field(
            title="Ask at",
            description="Where the run waits for a person: at the storyboard, the reference sheet, the finished cut.",
            examples=[["storyboard", "cut"]],
        ),
    ]
    approve_above: Annotated[
        Limits,
        Field(
            title="Ask above",
            description="What shooting may cost, in all rounds, before a person is asked.",
            examples=[{"money": 2.0}, {"calls": 20}],
        ),
    ]
    ask_again: Annotated[bool, Field(title="Ask again", description="Once more about what a person said no to before.")]
    replan: Annotated[bool, Field(title="Plan afresh", description="Even where the film has a storyboard.")]
    seconds: Annotated[
        float, Field(title="Length", gt=0, le=36000, description="Of the whole film, in seconds.", examples=[12])
    ]


_CHOICES = "a client may set " + ", ".join(Choices.__annotations__)


@dataclass(frozen=True)
class FilmContext:
    """The runtime context of the film graph.

    Attributes:
        studio: The project, its back ends and its memory; on a server, where its owner's settings say.
        approve: Where a person is asked, by `interrupt`.
        approve_above: What shooting may cost, in all rounds, before a person is asked; None asks at no cost.
        replan: Plan afresh even where the film has a storyboard.
        paths: Whether the brief may name a file; a server leaves this off.
        seconds: The film's length asked for, in seconds.
        tools: By node, a host's own tools in its hands; see `hooks`.
        ask_again: Whether a run also asks, once, about what a person said no to before.
    """

    studio: Studio = _SERVED
    approve: frozenset[Gate] = frozenset()
    approve_above: Limits | None = None
    replan: bool = False
    paths: bool = False
    seconds: float | None = None
    tools: "Mapping[str, Sequence[BaseTool]]" = field(default_factory=dict)
    ask_again: bool = False

    def __new__(cls, *args: Any, **given: Any) -> "FilmContext":
        """Refuse what is no choice here: LangGraph makes a context of whatever a client sent, before any node runs.

        Raises:
            InvalidRequest: The message names it.
        """
        unknown = sorted(given.keys() - {choice.name for choice in fields(cls)})
        if unknown:
            raise InvalidRequest(f"the context cannot be read: there is no {unknown[0]!r}; {_CHOICES}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        """Read what a host gave as it is meant, or refuse it here; what a client sent is read by `context_of`.

        Raises:
            InvalidRequest: It is no studio, there is no such gate, or a ceiling is none.
        """
        if self.studio is _SERVED:
            return
        if isinstance(self.studio, Project):
            object.__setattr__(self, "studio", Studio(self.studio))
        if not isinstance(self.studio, Studio):
            raise InvalidRequest(
                f"{self.studio!r} is no studio: pass FilmContext(Studio('my-project')); a client cannot set one"
            )
        object.__setattr__(self, "approve", _gates(self.approve))
        if self.approve_above is not None:
            try:
                object.__setattr__(self, "approve_above", Limits.model_validate(self.approve_above))
            except ValidationError as error:
                raise InvalidRequest(f"approve_above: {first_fault(error)}") from error

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Show LangGraph's Studio and typed clients the choices that are theirs, of which they draw a form."""
        return core_schema.no_info_after_validator_function(lambda chosen: cls(**chosen), handler(Choices))


def _gates(given: Any) -> frozenset[Gate]:
    """Read gates as a host may write them: a set or list of names, or one text with commas.

    Raises:
        InvalidRequest: There is no gate of a name, or it is asked at otherwise.
    """
    named = [name.strip() for name in given.split(",")] if isinstance(given, str) else given
    try:
        return frozenset(TypeAdapter(Choices.__annotations__["approve"]).validate_python(list(named)))
    except (TypeError, ValidationError) as error:
        raise InvalidRequest(
            f"approve cannot be {given!r}: a person is asked at storyboard, references and cut, and of a cost by "
            "approve_above"
        ) from error


def context_of(runtime: Runtime[Any]) -> FilmContext:
    """Return the run's context, whether the host gave one, a client of a server gave choices, or nobody gave any.

    Without one, the project is the folder that the environment variable REELGRAPH_PROJECT names: on a server its owner
    sets it, and clients name films, never paths.

    Raises:
        InvalidRequest: Neither is there, or a client set what it may not.
    """
    # LangGraph makes a FilmContext of the dict that a server's client sends; one that holds no studio is such a one.
    said: Any = runtime.context
    if isinstance(said, Studio | Project):
        said = {"studio": said}
    given = said if isinstance(said, FilmContext) else FilmContext(**(said or {}))
    if isinstance(given.studio, Studio):
        return given
    root = os.environ.get("REELGRAPH_PROJECT")
    if not root:
        raise InvalidRequest(
            "no project: pass context=FilmContext(Studio(project)), or set REELGRAPH_PROJECT to a folder"
        )
    own = [name for name in ("studio", "paths", "tools") if getattr(given, name)]
    if own:
        raise InvalidRequest(f"a client cannot set {', '.join(own)}: {_CHOICES}")
    usual = FilmContext()
    chosen = {
        name: value for name in Choices.__annotations__ if (value := getattr(given, name)) != getattr(usual, name)
    }
    try:
        choices = _choices().validate_python(chosen)
    except ValidationError as error:
        raise InvalidRequest(f"the context cannot be read: {first_fault(error)}") from error
    approve: frozenset[Gate] = frozenset(choices.pop("approve", ()))
    return replace(given, studio=_served(root), approve=approve, **choices)


@cache
def _choices() -> TypeAdapter[Any]:
    return TypeAdapter(Choices)


@cache  # so that a server loads its weights once, not once a run
def _served(root: str) -> Studio:
    return Studio(Project.open(root))


def since(moment: float | None) -> float:
    """Return the seconds since a moment in Unix seconds, as far as they were this process's; 0 for no moment.

    A run that another process began, and this one goes on with, counts its own time alone.
    """
    return max(0.0, time.time() - max(moment, _OPENED)) if moment else 0.0


def studio_of(runtime: Runtime[Any], began: float | None = None) -> Studio:
    """Return the run's studio, telling its events to the graph's `custom` stream as well.

    Args:
        runtime: The node's.
        began: When the run began, as its state says; what opened the studio may serve many runs.
    """
    studio = context_of(runtime).studio
    studio = replace(studio, began=time.monotonic() - since(began))
    try:
        stream: Tell = get_stream_writer()
    except RuntimeError:  # called outside a graph
        return studio

    def tell(event: dict[str, Any]) -> None:
        stream(event)
        studio.tell(event)

    return replace(studio, tell=tell)
