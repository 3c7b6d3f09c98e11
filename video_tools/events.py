"""What is told while a film is made: typed, versioned, plain dicts, for `stream_mode="custom"` and progress bars."""

import warnings
from collections.abc import Callable
from typing import Any, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

from reelgraph.video_tools.errors import Cancelled

Tell: TypeAlias = Callable[[dict[str, Any]], None]


class _Told(TypedDict):
    v: Literal[1]  # raised when a field changes its meaning


class SettingsKept(_Told):
    """A film goes on as it was asked for, where the settings file says otherwise by now; `what` is an option."""

    type: Literal["settings.kept"]
    film: str
    what: str
    kept: str
    file: str


class SettingsChanged(_Told):
    """A film is asked for differently from now on; `what` is an option."""

    type: Literal["settings.changed"]
    film: str
    what: str
    before: str
    now: str


class MakerChanged(_Told):
    """What makes a film is not what it was, so that its takes by that back end no longer count."""

    type: Literal["maker.changed"]
    film: str
    backend: str


class BriefChanged(_Told):
    """A film that there is has another brief from now on; `before` is how the one before begins."""

    type: Literal["brief.changed"]
    film: str
    brief: int
    before: str


class StoryboardReady(_Told):
    """A storyboard was written."""

    type: Literal["storyboard.ready"]
    film: str
    storyboard: int
    shots: int


class StoryboardChanged(_Told):
    """A changed brief changed a storyboard; `summary` says what, in words."""

    type: Literal["storyboard.changed"]
    film: str
    summary: str


class PlannerFellBack(_Told):
    """The planner's model gave no usable plan, and the film was planned by rule, as its settings allow."""

    type: Literal["planner.fallback"]
    film: str
    error: str


class WordsRead(_Told):
    """A model read what a person wants changed, as these instructions."""

    type: Literal["words.read"]
    film: str
    words: str
    instructions: list[str]


class WordsUnread(_Told):
    """What a person said with their no at a gate could not be read as a change, so that nothing was changed."""

    type: Literal["words.unread"]
    film: str
    gate: str
    words: str
    error: str


class ReferencesReady(_Told):
    """Pictures of a reference sheet were shot; by their names in the ledger, such as `character-mara`, their takes."""

    type: Literal["references.ready"]
    film: str
    pictures: dict[str, str]


class TakeProgress(_Told):
    """`step` of `steps` of a take is done; `said` is what a server tells of it, such as its place in a queue."""

    type: Literal["take.progress"]
    shot: str
    step: int
    steps: int
    said: NotRequired[str]


class TakeReady(_Told):
    """A take is there; `reused` where it was there before."""

    type: Literal["take.ready"]
    film: str
    shot: str
    take: str
    reused: bool


class TakeFailed(_Told):
    """A take could not be made."""

    type: Literal["take.failed"]
    film: str
    shot: str
    error: str


class SubstitutionMade(_Told):
    """Something was made differently from what was asked."""

    type: Literal["substitution"]
    film: str
    shot: str
    what: str
    asked: str
    made: str
    why: str


class BudgetSpent(_Told):
    """What a film has cost by now."""

    type: Literal["budget.spent"]
    film: str
    generation_seconds: float
    calls: int
    money: float
    untimed_calls: int


class CutReady(_Told):
    """A cut was rendered; frames that no edit touched were copied."""

    type: Literal["cut.ready"]
    film: str
    cut: int
    frames: int
    copied: int
    encoded: int


class NoteRaised(_Told):
    """A note of a review; its fields are those of `film.Note`."""

    type: Literal["note.raised"]
    film: str
    id: str
    raised_by: str
    check: str
    shot: str
    take: str
    message: str
    suggestion: str
    blocking: bool
    in_film: bool
    value: NotRequired[float]
    threshold: NotRequired[float]
    first_frame: NotRequired[int]
    last_frame: NotRequired[int]
    evidence_frame: NotRequired[int]


class FilmReady(_Told):
    """A run came to its end."""

    type: Literal["film.ready"]
    film: str
    cut: int
    approved: bool
    remembered: int


class MemorySkipped(_Told):
    """The memory could not be used, and the film went on without it."""

    type: Literal["memory.skipped"]
    error: str


class EditDropped(_Told):
    """An edit, by hand or a hook's, does not fit the new cut, and was left out of it; what a person wanted waits."""

    type: Literal["edit.dropped"]
    film: str
    edit: dict[str, Any]
    why: str


class EditReturned(_Told):
    """An edit that was left out of earlier cuts fits the new one, and was made again."""

    type: Literal["edit.returned"]
    film: str
    edit: dict[str, Any]


Event: TypeAlias = (
    SettingsKept
    | SettingsChanged
    | MakerChanged
    | BriefChanged
    | StoryboardReady
    | StoryboardChanged
    | PlannerFellBack
    | WordsRead
    | WordsUnread
    | ReferencesReady
    | TakeProgress
    | TakeReady
    | TakeFailed
    | SubstitutionMade
    | BudgetSpent
    | CutReady
    | NoteRaised
    | FilmReady
    | MemorySkipped
    | EditDropped
    | EditReturned
)
EventType: TypeAlias = Literal[
    "settings.kept", "settings.changed", "maker.changed", "brief.changed", "storyboard.ready", "storyboard.changed",
    "planner.fallback", "words.read", "words.unread", "references.ready", "take.progress", "take.ready", "take.failed",
    "note.raised", "cut.ready", "budget.spent", "substitution", "film.ready", "memory.skipped", "edit.dropped",
    "edit.returned",
]  # fmt: skip


def event(type: EventType, **fields: Any) -> dict[str, Any]:
    """Make an event."""
    return {"type": type, "v": 1, **fields}


class Listener:
    """Somebody to tell, whose faults are their own: no take that is paid for is lost to a screen that is gone."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._failed = tell, False

    def __call__(self, told: dict[str, Any]) -> None:
        """Tell of an event.

        Raises:
            Cancelled: They asked to stop.
        """
        try:
            self._tell(told)
        except Cancelled:
            raise
        except Exception as error:  # a host's code: whatever it raises is about that host
            if not self._failed:
                self._failed = True
                words = f"{type(error).__name__}: {' '.join(str(error).split())}"
                warnings.warn(f"who is told of events failed at {told['type']!r} ({words}); work goes on", stacklevel=2)
