"""What is told while a film is made: typed, versioned, plain dicts, for `stream_mode="custom"` and progress bars."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

EventType: TypeAlias = Literal[
    "storyboard.ready", "storyboard.changed", "take.progress", "take.ready", "take.failed", "note.raised",
    "cut.ready", "budget.spent", "substitution", "film.ready", "memory.skipped", "edit.dropped",
]  # fmt: skip
Tell: TypeAlias = Callable[[dict[str, Any]], None]


def event(type: EventType, **fields: Any) -> dict[str, Any]:
    """Make an event; `v` is raised when a field changes its meaning."""
    return {"type": type, "v": 1, **fields}
