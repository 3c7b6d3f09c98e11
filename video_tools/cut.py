"""The cut: takes on a timeline, with what lies over them and what is heard."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from reelgraph.video_tools.nouns import Colour, ContentHash, Noun
from reelgraph.video_tools.story import ShotId, Transition
from reelgraph.video_tools.takes import MOST_FRAMES
from reelgraph.video_tools.timebase import Rate


class Effect(Noun):
    """An effect by its registered name, with its arguments."""

    name: str
    arguments: dict[str, float | int | str | bool] = {}


def _speed(value: Any) -> Fraction:
    try:
        speed = Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"speed {value!r} is not a number: write one such as 2, 1/2 or -1") from error
    if abs(speed) > 100 or speed.denominator > 1000:
        raise ValueError(f"speed {value} is outside -100 to 100 in thousandths: write one such as 2, 1/2 or -1")
    return speed


Speed = Annotated[
    Fraction,
    BeforeValidator(_speed),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "description": "2 is twice as fast, -1 backwards, 0 a freeze; such as 1/2"}),
]


class Clip(Noun):
    """A stretch of one take on the timeline; `take` None is a slate for a shot that could not be made.

    `frames` counts what the clip shows, both transitions included; it starts `in_frame` film-rate frames into the take.
    Its frame i shows the take's frame `in_frame + i * speed`, cut towards `in_frame`.
    """

    shot: ShotId
    take: ContentHash | None
    frames: int = Field(gt=0, le=MOST_FRAMES)
    in_frame: int = Field(default=0, ge=0)
    transition: Transition = Transition()
    speed: Speed = Fraction(1)
    effects: list[Effect] = []
    gain_db: float = Field(default=0.0, ge=-120, le=24)
    label: str = Field(default="", description="What a slate says, or an editor's note.")


class Caption(Noun):
    """Words shown while they are said, in film frames."""

    start: int = Field(ge=0)
    frames: int = Field(gt=0)
    text: str = Field(min_length=1)
    speaker: str = ""
    said_by: ContentHash | None = Field(default=None, description="The take of the narration that says it.")


class Title(Noun):
    """Words over the picture, in film frames."""

    start: int = Field(ge=0)
    frames: int = Field(gt=0)
    text: str = Field(min_length=1, max_length=400)
    second: str = Field(default="", max_length=400, description="A smaller line below.")
    kind: Literal["title", "lower_third"] = "title"
    fade: int = Field(default=0, ge=0, description="Frames over which it appears, and goes.")
    colour: Colour = "#ffffff"


class Inset(Noun):
    """A picture in the picture: a take, smaller, over the film, in film frames; silent."""

    take: ContentHash
    start: int = Field(ge=0)
    frames: int = Field(gt=0)
    in_frame: int = Field(default=0, ge=0)
    left: float = Field(default=0.66, ge=0, lt=1, description="Of the film's width.")
    top: float = Field(default=0.04, ge=0, lt=1, description="Of the film's height.")
    width: float = Field(default=0.3, gt=0, le=1, description="Of the film's width; the take keeps its shape.")


class SoundClip(Noun):
    """Music, narration or an effect under the picture, in film frames."""

    role: Literal["music", "narration", "effect"] = "music"
    take: ContentHash = Field(description="The key of a take that has sound.")
    start: int = Field(ge=0)
    frames: int = Field(gt=0, description="How long it sounds; silent where the take's sound ends before.")
    in_frame: int = Field(default=0, ge=0)
    gain_db: float = Field(default=0.0, ge=-120, le=24)
    fade_in: int = Field(default=0, ge=0)
    fade_out: int = Field(default=0, ge=0)
    duck_db: float = Field(default=0.0, ge=-60, le=0, description="How far it goes down while somebody speaks.")
    held: int = Field(default=0, ge=0, description="Frames of its end that are heard once the film is long enough.")
    held_captions: list[Caption] = Field(default=[], description="Their captions, timed from its take's beginning.")


class Waiting(Noun):
    """An edit by hand that does not fit its cut, and is laid over the next one that it fits."""

    behind: int = Field(ge=0, description="How many of the cut's edits were made before it.")
    edit: dict[str, Any]


class Cut(Noun):
    """A version of the film: immutable, numbered, with a parent."""

    schema_version: Literal[1] = 1
    number: int = Field(ge=1)
    parent: int | None = None
    storyboard: int = Field(default=1, ge=1)
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    rate: Rate
    clips: list[Clip] = Field(min_length=1)
    captions: list[Caption] = []
    burn_captions: bool = Field(default=False, description="Whether captions are drawn into the picture.")
    titles: list[Title] = []
    insets: list[Inset] = []
    sounds: list[SoundClip] = []
    loudness: float | None = Field(default=None, ge=-40, le=-5, description="LUFS that the sound is brought to.")
    edits: list[dict[str, Any]] = Field(default=[], description="Edits made by hand, in order; see `cutting.py`.")
    waiting: list[Waiting] = Field(default=[], description="Those that do not fit now, in order.")

    @property
    def starts(self) -> list[int]:
        """The film frame at which each clip begins; a transition's frames overlap the clip before."""
        starts, at = [], 0
        for clip in self.clips:
            at -= overlap(clip.transition)
            starts.append(at)
            at += clip.frames
        return starts

    @property
    def frames(self) -> int:
        """The film's length in frames."""
        return sum(c.frames - overlap(c.transition) for c in self.clips)


def overlap(transition: Transition) -> int:
    """Return how many frames a transition makes two clips share; dips and cuts share none."""
    return transition.frames if transition.kind in ("crossfade", "wipe", "push") else 0
