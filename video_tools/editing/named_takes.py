"""What a timeline says of the takes that its clips show, so that it can be judged where their project is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reelgraph.video_tools.editing.timeline_text import plain, read_timeline, reading
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Take, TakeRequest, first_fault

if TYPE_CHECKING:
    import opentimelineio as otio  # type: ignore[import-untyped]  # ships no types


def facts_of_take(take: Take) -> dict[str, Any]:
    """Write down what a take is, for whoever reads its timeline elsewhere."""
    facts: dict[str, Any] = take.model_dump(
        mode="json", include={"key", "content", "picture", "width", "height", "frames", "rate"}
    )
    request = take.request
    drawn = {"shot", "size", "camera", "title"}  # what a check must know of a panel: that it is one, and what moves
    return facts | {
        "panel": request.panel.model_dump(mode="json", include=drawn) if request.panel else None,
        "prompt": request.prompt,
        "backend": request.backend,
        "model": request.model,
        "seed": str(request.seed) if request.seed is not None else "",  # 63 bits do not fit every reader's integers
    }


@dataclass(frozen=True)
class NamedTakes:
    """The takes that a timeline names, as far as it says what they are; their files are not looked for."""

    takes: Mapping[str, Take]

    def take(self, key: str) -> Take | None:
        """Return the take of a key, or None."""
        return self.takes.get(key)

    def sound(self, take: Take) -> Path | None:
        """Return nothing: the timeline links no sound."""
        return None


def read_takes(path: Path) -> NamedTakes:
    """Read what a timeline that `write_otio` wrote says of its takes.

    Raises:
        InvalidRequest: It is not a timeline, or says of a take what cannot be.
    """
    with reading(path.name):
        return NamedTakes(_takes_of(read_timeline(path), path.name))


def _takes_of(timeline: "otio.schema.Timeline", name: str) -> dict[str, Take]:
    takes: dict[str, Take] = {}
    for clip in timeline.find_clips():
        facts = plain(clip.media_reference.metadata.get("reelgraph", {})).get("take") if clip.media_reference else None
        if isinstance(facts, dict):
            try:
                take = _take_of(facts)
            except ValueError as error:  # pydantic's are such too
                raise InvalidRequest(
                    f"{name}: what clip {clip.name!r} says of its take cannot be read: {first_fault(error)}"
                ) from error
            takes[take.key] = take
    return takes


def _take_of(facts: dict[str, Any]) -> Take:
    """Read back what `facts_of_take` wrote."""
    names = ("backend", "model", "prompt", "width", "height", "frames", "rate")
    asked = {name: facts[name] for name in names if name in facts}
    asked |= {"seed": int(facts["seed"]) if facts.get("seed") else None, "panel": facts.get("panel")}
    names = ("key", "content", "picture", "width", "height", "frames", "rate")
    made = {name: facts[name] for name in names if name in facts}
    return Take.model_validate({**made, "request": TakeRequest.model_validate(asked), "files": {}})
