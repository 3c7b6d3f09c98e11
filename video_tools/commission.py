"""How a film was asked for, kept in its folder, so that whoever goes on with it goes on as it began.

What a later command says anew counts over it; what only the project's settings file says otherwise by now does not, and
is told.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from reelgraph.video_tools import registry
from reelgraph.video_tools.backends.base import check_ready
from reelgraph.video_tools.budget import Limits
from reelgraph.video_tools.events import event
from reelgraph.video_tools.film import Gate, Noun, Rung
from reelgraph.video_tools.timebase import Rate, rate_text

if TYPE_CHECKING:
    from reelgraph.video_tools.film_folder import Film
    from reelgraph.video_tools.settings import Settings
    from reelgraph.video_tools.studio import Studio

# What decides a film's takes: where one of these differs, every shot is another request.
_DECIDE = ("backend", "size", "rate", "rung", "ladder", "establish")
# Whom a film asks beside; where none was given for it, the settings say.
_ASKED = ("planner", "judge")


class Commission(Noun):
    """What decides a film's takes, what it may cost, and where a person wants to be asked."""

    schema_version: Literal[1] = 1
    backend: str
    model: str = Field(default="", description="The back end's model; empty where the settings name none.")
    revision: str = Field(default="", description="That model's, of a hub; empty where the settings name none.")
    size: tuple[int, int]
    rate: Rate
    rung: Rung = "final"
    ladder: list[Rung] = []
    establish: bool = False
    budget: Limits = Field(default=Limits(), description="Ceilings given for this film, over those of the settings.")
    approve: list[Gate] = []
    approve_above: Limits | None = None
    planner: str = Field(default="", description="The chat model given to plan it, in place of the settings'.")
    judge: str = Field(default="", description="The chat model given to judge it, in place of the settings'.")
    strict: bool = Field(default=False, description="Whether nothing may be substituted in a film that is approved.")

    def over(self, settings: "Settings", given: Mapping[str, Any]) -> "Settings":
        """Return settings as this film has them.

        Args:
            settings: The project's, with what was given for this run.
            given: What was given for this run, which counts over the commission.
        """
        update: dict[str, Any] = {name: getattr(self, name) for name in _DECIDE if given.get(name) is None}
        update |= {name: asked for name in _ASKED if (asked := getattr(self, name)) and given.get(name) is None}
        update["strict"] = settings.strict or self.strict
        backend = update.get("backend", settings.backend)
        own = settings.backends.get(backend, {})
        anew = given.get("backends", {}).get(backend, {}).get("model")
        if self.model and backend == self.backend and not anew:
            its = {"model": self.model} | ({"revision": self.revision} if self.revision else {})
            update["backends"] = {**settings.backends, backend: {**own, **its}}
        ceilings = self.budget.model_dump(exclude_none=True)
        update["budget"] = settings.budget.model_copy(
            update={name: limit for name, limit in ceilings.items() if name not in given.get("budget", {})}
        )
        return settings.model_copy(update=update)


def commission_of(
    settings: "Settings",
    given: Mapping[str, Any],
    old: Commission | None,
    *,
    approve: frozenset[Gate] = frozenset(),
    approve_above: Limits | None = None,
) -> Commission:
    """Write down how a film is asked for; gates, ceilings and strictness add up with those asked for before.

    Args:
        settings: The film's.
        given: What was given for this run.
        old: How it was asked for before, if it was.
        approve: Gates asked for.
        approve_above: The cost above which a person is asked.
    """
    before = old.budget.model_dump(exclude_none=True) if old else {}
    asked: dict[str, str] = {name: given[name] for name in _ASKED if given.get(name) is not None}
    return Commission(
        backend=settings.backend,
        model=model_of(settings),
        revision=_revision_of(settings),
        size=settings.size,
        rate=settings.rate,
        rung=settings.rung,
        ladder=settings.ladder,
        establish=settings.establish,
        budget=Limits.model_validate({**before, **(given.get("budget") or {})}),
        approve=sorted(approve.union(old.approve if old else ())),
        approve_above=approve_above if approve_above is not None else old.approve_above if old else None,
        planner=asked.get("planner", old.planner if old else ""),
        judge=asked.get("judge", old.judge if old else ""),
        strict=settings.strict,
    )


def differences(a: "Settings", b: "Settings") -> Iterator[tuple[str, str, str]]:
    """Go through what decides a film's takes and costs and differs: its name as an option, and both values in words."""
    for name in (*_DECIDE, *_ASKED):
        if (one := _said(getattr(a, name))) != (other := _said(getattr(b, name))):
            yield name, one, other
    if a.backend == b.backend and model_of(a) != model_of(b):
        yield "model", model_of(a) or "none", model_of(b) or "none"
    elif a.backend == b.backend and _revision_of(a) != _revision_of(b):
        one, other = (f"{model_of(s)} at {_revision_of(s)[:12] or 'no revision'}" for s in (a, b))
        yield "model", one, other
    for name in Limits.model_fields:
        one, other = (_said(getattr(settings.budget, name)) for settings in (a, b))
        if one != other:
            yield "budget", f"{name}={one}", f"{name}={other}"


def model_of(settings: "Settings") -> str:
    """Name the model of the film's back end; empty where the settings name none."""
    return str(settings.backends.get(settings.backend, {}).get("model") or "")


def _revision_of(settings: "Settings") -> str:
    return str(settings.backends.get(settings.backend, {}).get("revision") or "")


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, list):
        return ",".join(value) or "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None or isinstance(value, str):
        return value or "none"
    return f"{value:g}" if isinstance(value, int | float) else rate_text(value)


def commission(
    studio: "Studio",
    film: "Film",
    *,
    approve: frozenset[Gate] = frozenset(),
    approve_above: Limits | None = None,
    planned_anew: bool = False,
) -> "Studio":
    """Keep with a film how it is asked for, and return the studio with the film's own settings.

    How it was asked for first stands until something else is given; see `commission.py`. What cannot be made as it is
    asked for is refused before any of that is written.

    Args:
        studio: Where it is made.
        film: The film.
        approve: Where a person wants to be asked, from now on.
        approve_above: What shooting may cost before a person is asked, from now on.
        planned_anew: Whether the film's plan is about to be made anew, so that the one there is need not fit.

    Raises:
        InvalidRequest: What makes the film is not there, or not set up here, or cannot make it as planned. Or the
            settings name an embedder that there is not. One that is known and cannot be opened here is
            no wrong setting: the film is made without memory.
    """
    from reelgraph.video_tools.tools import check_plan  # which asks for takes as `shooting` does, and so this

    for spec in (studio.project.settings.text_embedder, studio.project.settings.picture_embedder):
        if spec:
            registry.find("reelgraph.embedders", spec.partition(":")[0])
    old, given = film.commission(), studio.project.given
    own = studio.for_film(film)
    new = commission_of(own.project.settings, given, old, approve=approve, approve_above=approve_above)
    if new == old:
        return own
    if old is None or any(getattr(new, name) != getattr(old, name) for name in (*_DECIDE, "model", "revision")):
        check_ready(own.backend_for())
        if not planned_anew:
            check_plan(own, film)
    if old is not None:
        before = studio.project.for_film(film, given={}).settings
        for what, was, now in differences(before, own.project.settings):
            studio.tell(event("settings.changed", film=film.name, what=what, before=was, now=now))
    film.add(new)
    return own
