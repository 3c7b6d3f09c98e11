"""The nouns of a film: brief, bible, storyboard, take, cut, review.

Frozen pydantic models that hold ids, text and numbers; media are named by the SHA-256 of their bytes and found through
the ledger. Each file-level noun carries `schema_version`; `read_noun` upgrades older files step by step.
"""

import hashlib
import json
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from reelgraph.video_tools.errors import CorruptProject, InvalidRequest
from reelgraph.video_tools.timebase import Rate
from reelgraph.video_tools.wording import said_of

# Under `music`, the ledger keeps the music of a film, which is asked for as a shot is.
ShotId = Annotated[str, StringConstraints(pattern=r"^(s\d{2,4}-\d{2,4}[a-z]?|music)$")]
ContentHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
ShotSize = Literal["extreme_wide", "wide", "full", "medium", "close", "extreme_close", "insert"]
CameraMove = Literal[
    "still", "pan_left", "pan_right", "tilt_up", "tilt_down", "zoom_in", "zoom_out",
    "dolly_in", "dolly_out", "truck_left", "truck_right", "crane_up", "crane_down", "handheld",
]  # fmt: skip
Angle = Literal["eye", "low", "high", "overhead", "dutch"]
Rung = Literal["still", "draft", "final"]


class Noun(BaseModel):
    """Base of all nouns: frozen, and unknown keys or NaN are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


# --- the brief, and what is planned from it --------------------------------------------------------------------------


class Brief(Noun):
    """What somebody wants to see, word for word, with the form it was written in."""

    schema_version: Literal[1] = 1
    text: str = Field(min_length=1)
    form: Literal["prose", "markdown", "fountain", "fdx", "storyboard", "timeline"] = "prose"
    title: str = ""
    seconds: float | None = Field(default=None, gt=0, description="Length asked for, in seconds.")


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
    frames: int = Field(default=0, ge=0, le=480, description="Frames that both shots share (or that a dip takes).")


class Shot(Noun):
    """One shot of the storyboard: what is seen, for how long, and how."""

    id: ShotId
    prompt: str = Field(min_length=1, max_length=4000, description="What is seen, in words.")
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
    continues: bool = Field(default=False, description="Begins on the last frame of the shot before it.")
    recalled: list[Recall] = []
    references: list[Reference] = Field(default=[], description="Pictures that the shot leans on.")
    why: list[str] = Field(default=[], description="Reasons for the choices, one a line.")
    span: Span | None = None


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
    brief: str = Field(default="", description="SHA-256 of the brief's text.")
    bible: Bible = Bible()
    music: str = Field(default="", max_length=2000, description="The music under the whole film, in words.")
    scenes: list[Scene] = Field(min_length=1)

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


# --- takes -----------------------------------------------------------------------------------------------------------


class Panel(Noun):
    """What a storyboard panel shows, for back ends that draw the plan instead of a prompt."""

    shot: ShotId
    size: ShotSize
    camera: CameraMove
    angle: Angle = "eye"
    figures: list[Character] = []
    place: str = ""
    place_palette: list[Colour] = []
    time: str = ""
    lines: list[Line] = []
    title: str = ""
    action: str = Field(default="", description="What happens, to be lettered; the request's prompt if empty.")


class TakeRequest(Noun):
    """Everything asked for that determines the pixels, and nothing else.

    `key` is SHA-256 of the canonical JSON without fields left at their default, so that a field added later does not
    change the key of older requests. A default, once released, is therefore never changed.
    """

    schema_version: Literal[1] = 1
    backend: str
    model: str = Field(default="", description="Fingerprint of the weights, or the back end's drawing version.")
    prompt: str
    negative_prompt: str = ""
    width: int = Field(gt=0, le=8192)
    height: int = Field(gt=0, le=8192)
    frames: int = Field(gt=0, le=1_000_000)
    rate: Rate
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    variant: int = Field(default=0, ge=0, description="Another try where the back end takes no seed.")
    rung: Rung = "final"
    steps: int | None = Field(default=None, gt=0)
    guidance: float | None = Field(default=None, ge=0)
    references: list[Reference] = []
    adapters: list[Adapter] = []
    precision: str = ""
    caches: list[str] = Field(default=[], description="Step caches and the like that change pixels.")
    panel: Panel | None = None

    @property
    def key(self) -> str:
        """The request key."""
        return digest(self.model_dump(mode="json", exclude_defaults=True))


class Substitution(Noun):
    """Something asked for that was made differently: never silent, fatal with `--strict`."""

    what: str = Field(description="The field of the request, such as `frames` or `prompt`.")
    asked: str
    made: str
    why: str


class Spend(Noun):
    """What a call costs or has cost."""

    generation_seconds: float = Field(default=0.0, ge=0)
    calls: int = Field(default=0, ge=0)
    money: float = Field(default=0.0, ge=0)

    def __add__(self, other: "Spend") -> "Spend":
        return Spend(
            generation_seconds=self.generation_seconds + other.generation_seconds,
            calls=self.calls + other.calls,
            money=self.money + other.money,
        )


class Attempt(Noun):
    """One try at a request, written before the call is made and after every step of it."""

    schema_version: Literal[1] = 1
    id: str
    key: ContentHash
    film: str = ""
    shot: str = ""
    backend: str
    state: Literal["intended", "submitted", "done", "failed", "lost", "ambiguous"] = "intended"
    price: Spend = Spend()
    spent: Spend = Spend()
    base_url: str = ""
    job: str = ""
    error: str = ""
    error_kind: Literal["", "invalid", "transient", "permanent", "cancelled"] = ""
    started: str = Field(default="", description="UTC, ISO 8601.")


class Take(Noun):
    """A request's published result: what was asked, and what was made."""

    schema_version: Literal[1] = 1
    key: ContentHash
    request: TakeRequest
    attempt: str = ""
    film: str = ""
    shot: str = ""
    content: ContentHash
    picture: Literal["picture.mp4", "picture.png"] = "picture.mp4"
    sound: ContentHash | None = None
    files: dict[str, ContentHash] = Field(description="Every file beside take.json, with the hash of its bytes.")
    width: int
    height: int
    frames: int
    rate: Rate
    substitutions: list[Substitution] = []
    spent: Spend = Spend()
    notes: dict[str, str] = Field(default={}, description="Facts of the making: device, library versions, placement.")


# --- the cut ---------------------------------------------------------------------------------------------------------


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
    frames: int = Field(gt=0)
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


# --- the review ------------------------------------------------------------------------------------------------------


class Finding(Noun):
    """What one check measured on one subject."""

    check: str
    outcome: Literal["passed", "failed", "unknown", "not_applicable"]
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    first_frame: int | None = None
    last_frame: int | None = None
    evidence_frame: int | None = None
    message: str = ""
    blocking: bool = True


class Note(Noun):
    """What is wrong, where, by which measure, and what may help."""

    id: str
    raised_by: Literal["check", "judge", "person"] = "check"
    check: str = ""
    shot: str = Field(default="", description="The shot it is about; empty for the film as a whole.")
    value: float | None = None
    threshold: float | None = None
    first_frame: int | None = None
    last_frame: int | None = None
    evidence_frame: int | None = None
    in_film: bool = Field(default=False, description="Whether the frames are the film's, or else the take's.")
    message: str
    suggestion: str = ""
    blocking: bool = True


class Review(Noun):
    """The critic's verdict on one cut."""

    schema_version: Literal[1] = 1
    number: int = Field(ge=1)
    cut: int = Field(ge=1)
    round: int = Field(default=1, ge=1)
    findings: dict[str, list[Finding]] = Field(default={}, description="By shot id; the film itself under `film`.")
    notes: list[Note] = []
    person: Literal["", "approved", "rejected"] = ""
    approved: bool = False


class Decision(Noun):
    """What a person said at a gate; it stands, whatever an agent does later."""

    schema_version: Literal[1] = 1
    gate: Literal["storyboard", "references", "cost", "cut"]
    number: int = Field(ge=1, description="Of the storyboard or cut that was shown.")
    approved: bool
    words: str = ""


# --- reading and writing ---------------------------------------------------------------------------------------------

# (class name, version it upgrades from) -> function of the raw dict, returning the next version's dict.
UPGRADES: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


T = TypeVar("T", bound=Noun)


def read_noun(kind: type[T], text: str | bytes, where: str) -> T:
    """Read a noun from JSON, upgrading older versions.

    Args:
        kind: The class to read.
        text: The JSON.
        where: What to call the source in an error.

    Raises:
        CorruptProject: It is not JSON, not this noun, or of a version that this release does not know.
    """
    try:
        data = json.loads(text)
        while isinstance(data, dict) and (kind.__name__, data.get("schema_version")) in UPGRADES:
            data = UPGRADES[kind.__name__, data["schema_version"]](data)
        return kind.model_validate(data)
    except (ValueError, ValidationError) as error:
        raise CorruptProject(f"{where} is not a readable {kind.__name__.lower()}: {first_fault(error)}") from error


def write_noun(noun: Noun) -> str:
    """Write a noun as indented JSON with a final newline."""
    return json.dumps(noun.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


def canonical(data: Any) -> bytes:
    """Encode plain data as canonical JSON: sorted keys, no spaces, UTF-8.

    Source: the subset of RFC 8785 that Python's json module gives for str, int, float, bool, None, list and dict.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(data: Any) -> str:
    """Return SHA-256 of the canonical JSON of plain data, in hexadecimal."""
    return hashlib.sha256(canonical(data)).hexdigest()


def first_fault(error: Exception) -> str:
    """Say in one line what is wrong with some input, naming the field."""
    if isinstance(error, ValidationError):
        return said_of(error.errors(include_url=False)[0])
    return re.sub(r"\s+", " ", str(error))
