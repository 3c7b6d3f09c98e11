"""The tools of `actions.py` for any LangChain agent: `create_agent(model, VideoToolkit("my-project").get_tools())`.

Nothing escapes a tool: what cannot be done is an error result that says what to change. Tools may be called in
parallel, twice, and after a crash.
"""

import base64
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.tools import BaseTool, BaseToolkit, StructuredTool, ToolException
from langgraph.errors import GraphBubbleUp
from langgraph.prebuilt import ToolRuntime
from pydantic import PrivateAttr, ValidationError

from reelgraph.video_tools import toolkit_schemas as schemas
from reelgraph.video_tools.backends.base import Backend, asked_price
from reelgraph.video_tools.errors import ReelgraphError
from reelgraph.video_tools.events import Tell
from reelgraph.video_tools.film import TakeRequest
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.registry import blamed
from reelgraph.video_tools.studio import Studio

if TYPE_CHECKING:  # what it imports is needed when a tool is called, not to list the tools
    from reelgraph.video_tools.answers import Answer

# Of a film in a message, which base64 makes a third larger. Source: the Gemini API, whose requests with media in them
# hold 20 MB.
FILM_BYTES = 14_000_000
_VIDEO = {".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm"}

# name -> (its arguments, what a model is told); `{price}` is what a take of four seconds costs.
TOOLS: dict[str, tuple[type[schemas.Arguments], str]] = {
    "plan_storyboard": (
        schemas.PlanStoryboard,
        "Begin here. Plan a film from a brief: numbered shots, what each shows, how long, and what it will cost. "
        "Free. Without a brief, shows the plan there is.",
    ),
    "estimate_cost": (schemas.OfFilm, "Say what the missing takes will cost and what may still be spent. Free."),
    "generate_take": (
        schemas.GenerateTake,
        "Shoot a shot, or change it first (prompt, seconds, size, camera) and shoot it again; the others stand. "
        "{price} A take that exists already is used again, free.",
    ),
    "inspect_take": (schemas.InspectTake, "Look at a take: picture, request, and what the checks measured. Free."),
    "compare_takes": (schemas.CompareTakes, "Show all takes of a shot; with keep, go back to one. Free."),
    "import_footage": (
        schemas.ImportFootage,
        "Make a take of a video, picture or sound from the project's inbox, for edit_cut to use. Free.",
    ),
    "remember_character": (
        schemas.RememberCharacter,
        "Keep how somebody looks, so that every later film shows them so. Free.",
    ),
    "recall_shots": (schemas.RecallShots, "Find approved shots of earlier films by what they show. Free."),
    "assemble_cut": (
        schemas.AssembleCut,
        "Cut the takes into a film and render it; a missing take becomes a slate. To undo changes, give an earlier "
        "storyboard. Free.",
    ),
    "edit_cut": (
        schemas.EditCut,
        "Change the cut, not the takes: trim, order, joints, speed, effects, titles, sound. Edits stay when a shot is "
        "made again. Free.",
    ),
    "revise_film": (
        schemas.ReviseFilm,
        "Change the plan or the cut as a person says in words; only what they name changes. Free; generate_take then "
        "shoots what is new.",
    ),
    "review_cut": (schemas.OfFilm, "Measure the newest cut: what is wrong, in which shot, what may help. Free."),
    "export_cut": (schemas.ExportCut, "Deliver the film, captions, timeline and report. Free."),
    "list_film": (schemas.OfFilm, "Say which films there are, or how far one is. Free."),
}


class VideoToolkit(BaseToolkit):
    """The film tools of one project.

    Args:
        project: A project, its folder, or a `Studio` where a back end, a planner or a listener is to be given.
        pictures: Whether results carry pictures beside the words; turn off for models that read only text.
        films: Whether results carry the take or the film itself, for models that take video; those of most providers
            refuse a message that has one. What is larger than `FILM_BYTES` is left out, and that is said.
    """

    pictures: bool = True
    films: bool = False
    _studio: Studio = PrivateAttr()

    def __init__(self, project: Studio | Project | Path | str, *, pictures: bool = True, films: bool = False) -> None:
        if isinstance(project, str | Path):
            project = Project.open(project)
        super().__init__(pictures=pictures, films=films)  # type: ignore[call-arg]  # mypy sees BaseToolkit's own
        self._studio = project if isinstance(project, Studio) else Studio(project)

    def heard_by(self, tell: Tell, should_stop: Callable[[], bool] = lambda: False) -> "VideoToolkit":
        """Return the same tools, telling their events to somebody else, who may stop them."""
        studio = replace(self._studio, tell=tell, should_stop=should_stop)
        return VideoToolkit(studio, pictures=self.pictures, films=self.films)

    def get_tools(self) -> list[BaseTool]:
        """Return the tools; each knows what it costs with the project's back end."""
        price = price_of(self._studio)
        return [self._tool(name, arguments, text.format(price=price)) for name, (arguments, text) in TOOLS.items()]

    def _tool(self, name: str, arguments: type[schemas.Arguments], description: str) -> StructuredTool:
        def call(runtime: ToolRuntime = None, **given: Any) -> tuple[Any, dict[str, Any]]:  # type: ignore[assignment]
            # The default lets a tool be invoked by hand; `ToolRuntime | None` would never be injected.
            return self._answer(name, runtime, given)

        return StructuredTool.from_function(
            call,
            name=name,
            description=description,
            args_schema=arguments,
            response_format="content_and_artifact",
            handle_tool_error=True,
            handle_validation_error=_said_by(arguments),
        )

    def _answer(self, name: str, runtime: "ToolRuntime | None", given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        action = action_of(name)
        try:
            studio = replace(self._studio, began=time.monotonic())  # a ceiling of wall seconds is each call's
            answer = action(_telling(studio, runtime), **given)
            text, blocks = self._shown(answer)
        except GraphBubbleUp:  # an interrupt inside a host's graph is no failure
            raise
        except ReelgraphError as error:
            raise ToolException(str(error)) from error
        except Exception as error:  # a plug-in's or a library's fault must not end the agent's run
            raise ToolException(
                f"{name} failed: {type(error).__name__}: {error}; nothing was lost, try again"
            ) from error
        return ([{"type": "text", "text": text}, *blocks] if blocks else text), answer.record

    def _shown(self, answer: "Answer") -> tuple[str, list[dict[str, str]]]:
        """Return what a model is told, and what it is shown, as LangChain's content blocks."""
        text, blocks = answer.text, []
        if self.pictures and answer.picture:
            blocks.append(_block("image", "image/jpeg", answer.picture()))
        if self.films and answer.film and (kind := _VIDEO.get(answer.film.suffix)):
            film = answer.film.read_bytes()
            if len(film) <= FILM_BYTES:
                # LangChain writes a block of type `video` in a tool's result out as text (langchain-core 1.8), and
                # leaves a file's as it is.
                blocks.append(_block("file", kind, film))
            else:
                most = FILM_BYTES / 1e6
                text += f"\nThe film is not shown: it has {len(film) / 1e6:.1f} MB, and a message holds {most:g}."
        return text, blocks


def action_of(name: str) -> "Callable[..., Answer]":
    """Return the function behind a tool."""
    from reelgraph.video_tools import actions, cut_actions, take_actions

    action: Callable[..., Answer] = next(
        getattr(module, name) for module in (actions, take_actions, cut_actions) if hasattr(module, name)
    )
    return action


def _block(kind: str, mime_type: str, data: bytes) -> dict[str, str]:
    return {"type": kind, "base64": base64.b64encode(data).decode(), "mime_type": mime_type}


def price_of(studio: Studio) -> str:
    """Say what a take of four seconds costs with the film's back end."""
    settings = studio.project.settings
    try:
        backend = studio.backend_for()
        price = asked_price(backend, _four_seconds(backend, settings.size, settings.rate))
        with blamed(f"backend {backend.name!r}", "used"):
            drawn = backend.capabilities().animatic
    except ReelgraphError as error:
        return f"Not possible now: {error}."
    if drawn:
        return "Free: this project draws panels, not footage."
    cost = [f"{price.generation_seconds:.1f} s of generation"] if price.generation_seconds else []
    cost += [f"{price.money:.2f} in money"] if price.money else []
    cost += ["how long is known after the first take here"] if price.untimed_calls else []
    return f"Costs for 4 s with {backend.name}: {', '.join(cost) or 'one call'}."


def _four_seconds(backend: Backend, size: tuple[int, int], rate: Any) -> TakeRequest:
    return TakeRequest(
        backend=backend.name, prompt="a shot", width=size[0], height=size[1], frames=max(1, round(4 * rate)), rate=rate
    )


def _telling(studio: Studio, runtime: "ToolRuntime | None") -> Studio:
    """Tell events to the run's `custom` stream as well."""
    if runtime is None or runtime.stream_writer is None:
        return studio

    def tell(event: dict[str, Any]) -> None:
        runtime.stream_writer(event)
        studio.tell(event)

    return replace(studio, tell=tell)


def _said_by(arguments: type[schemas.Arguments]) -> Callable[[Any], str]:
    def say(error: Any) -> str:
        return schemas.said(error, arguments) if isinstance(error, ValidationError) else str(error)

    return say
