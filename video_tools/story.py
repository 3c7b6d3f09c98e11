"""What is asked for and planned: brief, bible and storyboard."""

from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.nouns import Colour, ContentHash, Noun, digest
from reelgraph.video_tools.timebase import frames_of
from reelgraph.video_tools.wording import blank

# Beside a film's shots, the ledger keeps its music and the pictures of its reference sheet, which are asked for as
# shots are: under `music`, and under such as `character-mara` and `place-harbour`.
ShotId = Annotated[
    str, StringConstraints(pattern=r"^(s\d{2,4}-\d{2,4}[a-z]?|music|(character|place)-[a-z0-9][a-z0-9_-]{0,47})$")
]

ShotSize = Literal["extreme_wide", "wide", "full", "medium", "close", "extreme_close", "insert"]
CameraMove = Literal[
    "still", "pan_left", "pan_right", "tilt_up", "tilt_down", "zoom_in", "zoom_out",
    "dolly_in", "dolly_out", "truck_left", "truck_right", "crane_up", "crane_down", "handheld",
]  # fmt: skip
Angle = Literal["eye", "low", "high", "overhead", "dutch"]
Rung = Literal["still", "draft", "final"]

MOST_SECONDS = 36_000  # of a film: ten hours. Source: ours; what is longer is a slip


def _words(text: str) -> str:
    if text and blank(text):
        raise ValueError("it has no sign that is seen: write words")
    return text


# A text that says something, to be drawn or made.
Words = Annotated[str, StringConstraints(min_length=1), AfterValidator(_words)]


class Brief(Noun):
    """What somebody wants to see, word for word, with the form it was written in."""

    schema_version: Literal[1] = 1
    text: str = Field(min_length=1)
    form: Literal["prose", "markdown", "fountain", "fdx", "storyboard", "timeline"] = "prose"
    title: str = ""
    seconds: float | None = Field(default=None, gt=0, description="Length asked for, in seconds.")

    @property
    def key(self) -> str:
        """SHA-256 of all that was asked for; a field added later, left at its default, does not change it."""
        return digest(self.model_dump(mode="json", exclude_defaults=True))


class Span(Noun):
    """Characters `start` to `end` (exclusive) of the brief's text."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Recall(Noun):
    """A past shot that this one leans on, pinned by the take it was."""

    take: ContentHash
    film: str
    shot: ShotId
    why: str = ""
    score: float = 0.0


class Reference(Noun):
    """A picture or clip handed to the back end, by the content hash of the take it is."""

    content: ContentHash
    role: Literal["first_frame", "last_frame", "keyframe", "reference", "video", "mask"]
    frame: int = Field(default=0, description="Of the take, for a key frame; of a clip that it begins on, 0 its last.")
    strength: float = Field(default=1.0, ge=0, le=1)


class Adapter(Noun):
    """A named adapter (LoRA) of the model, with its scale."""

    name: str
    scale: float = 1.0


class Character(Noun):
    """Somebody, or a thing treated as somebody, who must look the same in every shot."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")]
    name: str = Field(min_length=1, max_length=80)
    description: str = Field(
        default="", max_length=2000, description="The words that describe them, reused in prompts."
    )
    palette: list[Colour] = Field(default=[], max_length=8)
    references: list[ContentHash] = Field(default=[], description="Reference pictures, as content hashes of takes.")
    voice: str = ""
    aliases: list[str] = []
    kind: Literal["person", "animal", "object"] = "person"
    adapters: list[Adapter] = Field(default=[], description="Adapters (LoRA) that draw them, by name.")


class Place(Noun):
    """Where scenes happen."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")]
    name: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=2000)
    palette: list[Colour] = Field(default=[], max_length=8)
    references: list[ContentHash] = []


class Style(Noun):
    """The look that the whole film keeps."""

    look: str = ""
    lens: str = ""
    grade: str = ""
    negative: str = ""
    palette: list[Colour] = Field(default=[], max_length=8)
    adapters: list[Adapter] = []


class Bible(Noun):
    """Who and where the film is about, and how it looks."""

    schema_version: Literal[1] = 1
    characters: list[Character] = []
    places: list[Place] = []
    style: Style = Style()

    def character(self, id: str) -> Character | None:
        """Find a character by id."""
        return next((c for c in self.characters if c.id == id), None)

    def place(self, id: str) -> Place | None:
        """Find a place by id."""
        return next((p for p in self.places if p.id == id), None)


class Line(Noun):
    """Something said: dialogue by a character, or narration when `character` is empty."""

    text: str = Field(min_length=1)
    character: str = ""
    manner: str = Field(default="", description="How it is said: a screenplay's parenthetical.")
    start: float | None = Field(
        default=None, ge=0, description="Seconds into the shot; spread by reading time if not set."
    )


class Transition(Noun):
    """How a shot is joined to the one before it."""

    kind: Literal["cut", "crossfade", "dip_black", "dip_white", "wipe", "push"] = "cut"
    frames: int = Field(default=0, ge=0, le=4800, description="Frames that both shots share (or that a dip takes).")
    seconds: float | None = Field(
        default=None, gt=0, le=20, description="Its length in place of `frames`, whatever rate the film has."
    )

    # How long one is whose length a plan leaves open. Source: editing programs' own default, a second; half of it where
    # the picture moves.
    USUAL: ClassVar[dict[str, float]] = {
        "crossfade": 1.0, "dip_black": 1.0, "dip_white": 1.0, "wipe": 0.5, "push": 0.5,
    }  # fmt: skip

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.seconds is not None and self.frames:
            raise ValueError("a transition has frames or seconds: leave one out")
        if self.kind == "cut" and (self.frames or self.seconds):
            raise ValueError("a cut has no length: leave it out, or make it a crossfade")
        return self

    def at(self, rate: Fraction) -> "Transition":
        """Return it with its length in frames of a film of that rate, at least one, or as long as is usual."""
        if self.kind == "cut" or self.frames:
            return self
        return Transition(kind=self.kind, frames=max(1, frames_of(self.seconds or self.USUAL[self.kind], rate)))


class Shot(Noun):
    """One shot of the storyboard: what is seen, for how long, and how."""

    id: ShotId
    prompt: Words = Field(max_length=4000, description="What is seen, in words.")
    seconds: float = Field(gt=0, le=600)
    kind: Literal["shot", "title"] = "shot"
    title: str = Field(default="", description="The words on a title card.")
    size: ShotSize = "wide"
    camera: CameraMove = "still"
    angle: Angle = "eye"
    characters: list[str] = []
    place: str = ""
    time: str = Field(default="", description="Time of day, as written.")
    lines: list[Line] = []
    transition: Transition = Transition()
    negative: str = ""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    variant: int = Field(default=0, ge=0, description="Which try this is, where the back end takes no seed.")
    steps: int | None = Field(default=None, gt=0, description="Denoising steps for this shot alone.")
    guidance: float | None = Field(default=None, ge=0, description="Guidance for this shot alone.")
    tried: list[str] = Field(default=[], description="Remedies that made this try, as `check:remedy`.")
    backend: str = Field(default="", description="A back end for this shot alone; the film's if empty.")
    take: str = Field(
        default="",
        max_length=200,
        pattern=r"^[^\x00-\x1f]*$",
        description="Footage in place of shooting: a file, which is its take's id once planned.",
    )
    continues: bool = Field(default=False, description="Begins on the last frame of the shot before it.")
    recalled: list[Recall] = []
    references: list[Reference] = Field(default=[], description="Pictures that the shot leans on.")
    why: list[str] = Field(default=[], description="Reasons for the choices, one a line.")
    span: Span | None = None

    @model_validator(mode="before")
    @classmethod
    def _footage_needs_no_words(cls, data: Any) -> Any:
        return {"prompt": data["take"], **data} if isinstance(data, dict) and data.get("take") else data


class Scene(Noun):
    """Shots that share a place and a time."""

    id: Annotated[str, StringConstraints(pattern=r"^s\d{2,4}$")]
    heading: str = ""
    place: str = ""
    time: str = ""
    shots: list[Shot] = Field(min_length=1)


class Storyboard(Noun):
    """The plan of a film, numbered; everything that it leaned on is pinned in it."""

    schema_version: Literal[1] = 1
    number: int = Field(default=1, ge=1)
    title: str = ""
    planner: str = Field(default="offline", description="What planned it: `offline`, or a model's name.")
    brief: str = Field(default="", description="The key of the brief: SHA-256 of its text and what it says beside it.")
    bible: Bible = Bible()
    music: str = Field(default="", max_length=2000, description="The music under the whole film, in words.")
    fade_out: float = Field(default=0, ge=0, le=20, description="Seconds in which its end sinks into black.")
    scenes: list[Scene] = Field(min_length=1)
    edits: list[dict[str, Any]] = Field(
        default=[], description="Edits asked for together with this version, for the first cut that is made since."
    )

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        seen: set[str] = set()
        for shot in self.shots:
            if shot.id in seen:
                raise ValueError(f"two shots have the id {shot.id}: give one another id")
            seen.add(shot.id)
        return self

    @property
    def shots(self) -> list[Shot]:
        """All shots, in film order."""
        return [shot for scene in self.scenes for shot in scene.shots]

    def shot(self, id: str) -> Shot:
        """Find a shot by id.

        Raises:
            InvalidRequest: There is no such shot; the message lists those there are.
        """
        for shot in self.shots:
            if shot.id == id:
                return shot
        raise InvalidRequest(f"no shot {id!r} in the storyboard: its shots are {', '.join(s.id for s in self.shots)}")

    def with_shots(self, shots: list[Shot]) -> "Storyboard":
        """Return a copy in which shots are replaced by those of the same id."""
        new = {shot.id: shot for shot in shots}
        scenes = [s.model_copy(update={"shots": [new.get(x.id, x) for x in s.shots]}) for s in self.scenes]
        return self.model_copy(update={"scenes": scenes})


class Plan(Noun):
    """What a model planned of a brief, which it would plan otherwise today: a changed brief is merged from it.

    Attributes:
        brief: The brief, in the words that were planned.
        storyboard: The plan, before it was fitted to a back end and merged; its `brief` is the key of the film's own.
    """

    schema_version: Literal[1] = 1
    brief: Brief
    storyboard: Storyboard
