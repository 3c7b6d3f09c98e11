"""What every step of making a film needs: the project, its back ends, its memory, and somebody to tell."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from reelgraph.video_tools import registry
from reelgraph.video_tools.backends.base import Backend, Capabilities, Event, Learns, Progress
from reelgraph.video_tools.backends.named import open_backend
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.chat_model import ChatModel, chat_model, check_model
from reelgraph.video_tools.commission import differences
from reelgraph.video_tools.errors import Cancelled, InvalidRequest
from reelgraph.video_tools.events import Listener, Tell, event
from reelgraph.video_tools.film import Bible, Character, Recall, Reference, Review, Shot, Storyboard, Take
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.turns import Turn

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from reelgraph.video_tools.checks.base import Check


class Conditioning(Protocol):
    """What a shot leans on, as a back end takes it; pinned in the storyboard when the film is planned."""

    references: list[Reference]
    seed: int | None
    why: list[str]


@dataclass(frozen=True)
class Likeness:
    """How like a take is to one entry of the bible; what is None was not to be compared.

    Attributes:
        entry: `character:ID`, `place:ID` or `style`.
        name: What a person calls it.
        picture: 1 minus the cosine of each frame and the nearest reference picture, the mean of the frames, 0 to 2.
        other: The same for the nearest entry of that kind that is not in the shot: if it is smaller than `picture`, the
            take is more like somebody else.
        palette: How far the frames are from showing the entry's colour that they are furthest from, in Oklab: 0.02 is
            just noticeable, 0.15 is another hue.
        colour: That colour, as `#rrggbb`.
    """

    entry: str
    name: str
    picture: float | None = None
    other: float | None = None
    palette: float | None = None
    colour: str = ""


class FilmMemory(Protocol):
    """What planning and wrapping need of a memory; `reelgraph.memory` has the one that is opened."""

    def bible_for(self, text: str) -> Bible:
        """Return what is remembered of the characters, places and style that a brief mentions."""

    def told(self, text: str) -> list[str]:
        """Return what past shots show of those whom a brief names, as quoted data for a planner's model."""

    def lean(self, film: str, storyboard: Storyboard) -> Storyboard:
        """Return the storyboard with each shot's recalled past shots pinned in it."""

    def condition(
        self, storyboard: Storyboard, shots: Sequence[Shot], capabilities: Capabilities, *, backend: str, model: str
    ) -> Mapping[str, Conditioning]:
        """Say, by shot id, what a back end can be given so that a shot matches what it leans on."""

    def refused(self) -> set[str]:
        """Return the request keys of takes that were refused."""

    @property
    def compares_by(self) -> str:
        """What pictures are compared by, named so that a change of what it computes changes the name."""

    def likeness(self, storyboard: Storyboard, shot: Shot, frames: Sequence[Any]) -> Sequence[Likeness]:
        """Compare frames of a take, `(height, width, 3) uint8 RGB`, with those of the bible whom its shot shows."""

    def remember_film(self, film: str, storyboard: Storyboard, review: Review, takes: dict[str, Take]) -> int:
        """Remember approved shots, and return how many."""

    def remember_character(
        self,
        name: str,
        *,
        description: str = "",
        palette: Sequence[str] = (),
        references: Sequence[str] = (),
        source: str = "",
    ) -> Character:
        """Write a character as somebody says: what is given replaces what was known, references and aliases add up.

        Raises:
            InvalidRequest: A field is not what a character may have.
        """

    def recall(self, text: str, *, character: str = "", place: str = "", most: int = 5) -> list[Recall]:
        """Find approved shots like some words, of one character or place, most alike first; `why` is what each shows.

        Raises:
            InvalidRequest: No character or place has that id.
        """


_ROLES = ("planner", "judge")  # of chat models


@dataclass
class Studio:
    """A project with what is needed to work in it.

    Attributes:
        project: The project, or its folder.
        backend: A back end, in place of the one that the settings name.
        planner: A chat model that plans, or its name, in place of the one that the settings name; by rule if there is
            none.
        tell: Told of every event; may raise `Cancelled`, and what else it raises is a warning.
        should_stop: Asked between steps; true cancels what is running.
        checks: Checks of the caller's own, run beside those that are registered.
        judge: A chat model that sees, or its name, asked for its opinion of takes, in place of the one that the
            settings name.
        began: When the run began, on the monotonic clock, for its ceiling of wall seconds.
        turn: Whose turn it is to ask ceilings, among branches that share them.
    """

    project: Project
    backend: Backend | None = None
    planner: "BaseChatModel | Any" = None
    tell: Tell = lambda event: None
    should_stop: Callable[[], bool] = lambda: False
    checks: "Sequence[Check]" = ()
    judge: "BaseChatModel | Any" = None
    began: float = field(default_factory=time.monotonic)
    turn: Turn = field(default_factory=Turn)
    # Back ends and memory, made once and shared by copies of this studio that tell somebody else.
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)
    _told: list[dict[str, Any]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        """Take up the chat models that settings name, and refuse wrong settings of checks before anything is paid for.

        Raises:
            InvalidRequest: It is no project, a model is none, or a setting names a check, or a field of one, that there
                is not.
        """
        if isinstance(self.project, str | Path):
            self.project = Project.open(self.project)
        if not isinstance(self.project, Project):
            raise InvalidRequest(f"{self.project!r} is no project: give its folder, or Project.open('my-project')")
        if not isinstance(self.tell, Listener):
            self.tell = Listener(self.tell)
        if self.checks:
            from reelgraph.video_tools.checks.base import as_checks

            self.checks = as_checks(self.checks, self.project.settings.checks)
        for role in _ROLES:
            if isinstance(getattr(self, role), str):
                self.project = self.project.given_too(**{role: getattr(self, role)})
                setattr(self, role, None)
            if getattr(self, role) is None or isinstance(getattr(self, role), ChatModel):  # a host's own stays
                named = getattr(self.project.settings, role)
                setattr(self, role, self._kept.setdefault(f"{role} {named}", chat_model(role, named)))
            else:
                check_model(role, getattr(self, role))
        settings = self.project.settings.checks
        if settings != self._kept.get("checks", {}):
            from reelgraph.video_tools.checks.base import load_checks

            load_checks({name: own for name, own in settings.items() if name not in {c.name for c in self.checks}})
            self._kept["checks"] = settings

    def open_models(self, *models: str) -> None:
        """Open the chat models of settings, `planner` or `judge`, before anything is paid that they are asked about.

        Raises:
            InvalidRequest: One cannot be opened; the message says what to do.
        """
        for named in (getattr(self, model) for model in models):
            if isinstance(named, ChatModel):
                named.open()

    def for_film(self, film: Film) -> "Studio":
        """Return the studio with the settings that a film was asked for, telling where the settings file differs."""
        project = self.project.for_film(film)
        if project is self.project:
            return self
        for what, file, kept in differences(self.project.settings, project.settings):
            self.tell_once(event("settings.kept", film=film.name, what=what, kept=kept, file=file))
        return replace(self, project=project)

    def backend_for(self, name: str = "") -> Backend:
        """Return a back end by name, the film's own for an empty name; each is made once, so weights load once.

        Raises:
            InvalidRequest: There is none of that name, or its settings are wrong.
        """
        if self.backend is not None and name in ("", self.backend.name):
            return self.backend
        name = name or self.project.settings.backend
        settings = self.project.backends
        kept = f"{name} {settings.get(name)}"  # films of one project may have models of their own
        if kept not in self._kept:
            made = open_backend(name, settings)
            if isinstance(made, Learns):
                made.learn(take for take in self.project.ledger.takes() if take.request.backend == name)
            self._kept[kept] = made
        backend: Backend = self._kept[kept]
        return backend

    def backend_of(self, shot: Shot) -> str:
        """Name the back end that makes a shot, empty for the film's own.

        The shot's own word counts, then the settings' for its kind. A title is lettering, which video models cannot do:
        it is drawn unless the film's back end draws too.
        """
        by_kind = self.project.settings.backend_by_kind
        if not shot.backend and (named := by_kind.get("title" if shot.kind == "title" else shot.size)):
            return named
        if shot.kind == "title" and not shot.backend and not self.backend_for().capabilities().panel:
            return "animatic"
        return shot.backend

    def checks_for(self, backend: str = "") -> Mapping[str, Any]:
        """Return the settings of registered checks, and the caller's own checks, as `load_checks` takes them.

        Where what made the takes draws a closed world and brings an embedder of it, that one judges the prompts' words.

        Args:
            backend: Name of what made them; empty for the film's back end.

        Raises:
            InvalidRequest: The film's back end cannot be opened.
        """
        settings = dict(self.project.settings.checks)
        try:
            world = self.backend_for(backend).capabilities().world
        except InvalidRequest:
            if not backend:
                raise
            world = None  # it is gone by now, or a person brought the take
        if world is not None and world.embedder:
            from reelgraph.video_tools.checks.adherence import WORLD_SHARE, contrasts_of

            opposites = contrasts_of(world)
            own = {"model": world.embedder, "sheet": world.sheet, "contrasts": opposites, "blocking": True}
            own["share"] = WORLD_SHARE
            own["steady"] = len(opposites) - 1  # all but the motions
            settings["adherence"] = {**own, **settings.get("adherence", {})}
        if world is not None:
            # Such a model knows no camera, and a thing that crosses a plain sky passes for a pan.
            settings.setdefault("camera", {"on": False})
        return {**settings, **{check.name: check for check in self.checks}}

    def limits(self, film: str) -> Mapping[str | None, Limits]:
        """Return what is left of the ceilings that hold for a film's calls."""
        elapsed, settings = time.monotonic() - self.began, self.project.settings
        return {film: settings.budget.after(elapsed), None: settings.project_budget.after(elapsed)}

    @property
    def memory(self) -> FilmMemory | None:
        """The project's memory, or None where the settings turn it off."""
        if not self.project.settings.memory:
            return None
        settings = self.project.settings
        if "memory" not in self._kept:  # a back end's key has a blank in it
            opened = registry.load("reelgraph.memories", "chroma")
            self._kept["memory"] = opened(
                self.project,
                text_embedder=settings.text_embedder,
                picture_embedder=settings.picture_embedder,
                of_world=self.embedder_of_world,
                url=settings.memory_url,
            )
        memory: FilmMemory = self._kept["memory"]
        return memory

    def embedder_of_world(self) -> str:
        """Name what embeds pictures of the closed world that the film's back end draws, empty where it draws none.

        Raises:
            InvalidRequest: The back end cannot be opened.
        """
        world = self.backend_for().capabilities().world
        return f"clip:{world.embedder}" if world is not None and world.embedder else ""

    def tell_once(self, told: dict[str, Any]) -> None:
        """Tell of an event, unless the very same was told before."""
        if told not in self._told:
            self._told.append(told)
            self.tell(told)

    def heed(self) -> None:
        """Cancel when asked to: before every call.

        Raises:
            Cancelled: `should_stop` said so.
        """
        if self.should_stop():
            raise Cancelled("stopped on request; `reelgraph resume` goes on from here")

    def hear(self, heard: Event) -> None:
        """Pass a back end's progress on, and cancel when asked to: the `on_event` of every call.

        Raises:
            Cancelled: `should_stop` said so.
        """
        self.heed()
        if isinstance(heard, Progress):
            said = {"said": heard.said} if heard.said else {}
            self.tell(event("take.progress", shot=heard.shot, step=heard.step, steps=heard.steps, **said))
