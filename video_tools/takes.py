"""What a back end is asked for, each try at it, and what came back: request, attempt and take."""

from typing import Literal

from pydantic import Field

from reelgraph.video_tools.nouns import Colour, ContentHash, FileName, Noun, digest
from reelgraph.video_tools.story import Adapter, Angle, CameraMove, Character, Line, Reference, Rung, ShotId, ShotSize
from reelgraph.video_tools.timebase import Rate

MOST_FRAMES = 1_000_000  # of a request, and so of a file that is read as a take


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
    frames: int = Field(gt=0, le=MOST_FRAMES)
    rate: Rate
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    variant: int = Field(default=0, ge=0, description="Another try where the back end takes no seed.")
    rung: Rung = "final"
    steps: int | None = Field(default=None, gt=0)
    guidance: float | None = Field(default=None, ge=0)
    references: list[Reference] = []
    adapters: list[Adapter] = []
    adapter_files: dict[str, ContentHash] = Field(default={}, description="Adapters that are files, by name.")
    precision: str = ""
    caches: list[str] = Field(default=[], description="Step caches and the like that change pixels.")
    panel: Panel | None = None

    @property
    def key(self) -> str:
        """The request key."""
        return digest(self.model_dump(mode="json", exclude_defaults=True))

    @property
    def is_brought_in(self) -> bool:
        """Whether it is a file that somebody brought, so that nothing generated it."""
        return self.backend in ("file", "import")


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
    untimed_calls: int = Field(default=0, ge=0, description="Those of the calls whose seconds nobody knows.")

    def __add__(self, other: "Spend") -> "Spend":
        return Spend(
            generation_seconds=self.generation_seconds + other.generation_seconds,
            calls=self.calls + other.calls,
            money=self.money + other.money,
            untimed_calls=self.untimed_calls + other.untimed_calls,
        )


class Attempt(Noun):
    """One try at a request, written before the call is made and after every step of it."""

    schema_version: Literal[1] = 1
    id: FileName
    key: ContentHash
    film: str = ""
    shot: str = ""
    backend: str
    state: Literal["intended", "submitted", "done", "failed", "lost", "ambiguous"] = "intended"
    price: Spend = Spend()
    spent: Spend = Field(default=Spend(), description="What it cost; while it is open, how long it was heard of.")
    base_url: str = ""
    job: str = ""
    error: str = ""
    error_kind: Literal["", "invalid", "transient", "permanent", "cancelled"] = ""
    given_up: bool = Field(default=False, description="A person let it be sent again.")
    started: str = Field(default="", description="UTC, ISO 8601.")

    @property
    def open(self) -> bool:
        """Whether nobody knows yet how it ends."""
        return self.state in ("intended", "submitted", "ambiguous")

    @property
    def counted(self) -> Spend:
        """What it counts as: its price while it is open, or more where it was heard of for longer."""
        if not self.open:
            return self.spent
        heard = self.spent.generation_seconds
        return self.price.model_copy(update={"generation_seconds": max(self.price.generation_seconds, heard)})


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
    files: dict[FileName, ContentHash] = Field(description="Every file beside take.json, with the hash of its bytes.")
    width: int
    height: int
    frames: int
    rate: Rate
    substitutions: list[Substitution] = []
    spent: Spend = Spend()
    notes: dict[str, str] = Field(default={}, description="Facts of the making: device, library versions, placement.")

    def fills(self, width: int, height: int) -> bool:
        """Say whether its picture, made as large as fits in such a frame, leaves no bars in it that are seen."""
        return abs(self.width * height / (self.height * width) - 1) <= 0.02
