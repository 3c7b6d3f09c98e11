"""What a back end declares that it can make, before anything is planned for it or paid; imported from `base`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import TakeRequest

Mode: TypeAlias = Literal["text", "image", "last_frame", "keyframes", "video", "reference", "still", "music"]

# What a reference's role asks of a back end.
MODE_OF_ROLE: Mapping[str, Mode] = {
    "first_frame": "image", "last_frame": "last_frame", "keyframe": "keyframes", "reference": "reference",
    "video": "video", "mask": "video",
}  # fmt: skip

# The size of the black picture of a take that is sound alone.
NO_PICTURE = (16, 16)


@dataclass(frozen=True)
class FrameRule:
    """Legal frame counts: `offset + k * step`, from `least` to `most`."""

    step: int = 1
    offset: int = 0
    least: int = 1
    most: int = 20000

    def fit(self, frames: int) -> int:
        """Return the smallest legal count that is not below `frames`.

        Raises:
            InvalidRequest: Even the greatest legal count is too small; the message quotes it.
        """
        want = max(frames, self.least)
        count = self.offset + -(-(want - self.offset) // self.step) * self.step
        if count > self.most:
            raise InvalidRequest(f"{frames} frames is longer than this back end can make: the most is {self.most}")
        return count


@dataclass(frozen=True)
class SizeRule:
    """Legal sizes: both sides a multiple of `multiple`, from `least` to `most`; or one of `only`, where given."""

    multiple: int = 2
    least: int = 16
    most: int = 4096
    only: tuple[tuple[int, int], ...] = ()

    def check(self, width: int, height: int) -> None:
        """Refuse a size that cannot be made.

        Raises:
            InvalidRequest: The size is not legal; the message quotes the nearest legal ones.
        """
        if self.only:
            if (width, height) not in self.only:
                nearest = sorted(self.only, key=lambda size: abs(size[0] - width) + abs(size[1] - height))[:8]
                names = ", ".join(f"{w}x{h}" for w, h in nearest)
                raise InvalidRequest(f"size {width}x{height} cannot be made here: choose {names}")
            return
        for name, side in (("width", width), ("height", height)):
            if side % self.multiple or not self.least <= side <= self.most:
                low = max(self.least, side // self.multiple * self.multiple)
                near = sorted({min(low, self.most), min(low + self.multiple, self.most)})
                raise InvalidRequest(
                    f"{name} {side} cannot be made here: it must be a multiple of {self.multiple} from {self.least} to "
                    f"{self.most}, such as {' or '.join(map(str, near))}"
                )


@dataclass(frozen=True)
class World:
    """The only world that a small model can draw: each thing by its plain word, with the words that mean it.

    Attributes:
        things: What it draws, as `ball: (ball, sphere)`.
        colours: Colour word to `#rrggbb`.
        motions: What a thing can do, as `right: (moves right, rolls right)`; the first phrase is written in prompts.
        places: Where, as `sea: (over the sea, on the water)`; the first phrase is written in prompts.
        most_things: How many things one picture holds.
        embedder: An image-text embedder that was trained on this world, which the critic then asks: a folder, or the
            name of one that ships.
        sheet: How many frames that embedder sees as one picture: 1, or 4 laid out two by two.
        name: What people call the model, for what is said of it.
    """

    things: Mapping[str, tuple[str, ...]]
    colours: Mapping[str, str]
    motions: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[str, ...]]
    most_things: int = 1
    embedder: str = ""
    sheet: int = 1
    name: str = "this model"


@dataclass(frozen=True)
class Capabilities:
    """What a back end can do, declared before anything is planned or paid for.

    Attributes:
        modes: What a shot may be conditioned on; `music` for what makes sound alone.
        frames: Legal frame counts.
        sizes: Legal sizes.
        rates: Legal rates; empty means any.
        native_size: Width and height it is best at, or None.
        max_batch: Requests of one shape that one call can make; where `remote`, all calls at once together.
        max_references: Reference pictures that one request may carry.
        at_once: The longest take that is made in one go, where longer ones are made in pieces; 0 where none are.
        together: Sets of roles that references of one request may have at once; where none is named, each has its own
            mode to itself.
        adapters: Names of the adapters (LoRA) that requests may carry.
        adapter_files: By name, SHA-256 of those that are files here: part of the key of takes that wear them.
        seeded: Whether a seed decides the result; where not, a variant number tells tries apart.
        negative_prompt: Whether it reads one.
        sound: Whether its takes carry sound.
        most_seconds: The longest take, where that is not a number of frames.
        panel: Whether it draws `TakeRequest.panel` rather than reading only the prompt.
        steps: Denoising steps of a final take whose request names none, or None where it has no such thing.
        guidance: Guidance scale of a take whose request names none, or None where it has no such thing.
        prompt_tokens: How many tokens of a prompt it reads, or None where that is not known or not limited.
        vocabulary: The only words it understands, or None for free text.
        world: What it can draw, where that is a closed list; the plan is fitted to it, and every replacement is said.
        animatic: Whether what it makes is a drawing of the plan, not footage.
        remote: Whether a call goes on without this process, as a server's job does.
    """

    modes: frozenset[Mode] = frozenset({"text"})
    frames: FrameRule = FrameRule()
    sizes: SizeRule = SizeRule()
    rates: tuple[Fraction, ...] = ()
    native_size: tuple[int, int] | None = None
    max_batch: int = 1
    max_references: int = 0
    at_once: int = 0
    together: frozenset[frozenset[str]] = frozenset()
    adapters: frozenset[str] = frozenset()
    adapter_files: Mapping[str, str] = field(default_factory=dict, hash=False)
    seeded: bool = True
    negative_prompt: bool = False
    sound: bool = False
    most_seconds: float | None = None
    panel: bool = False
    steps: int | None = None
    guidance: float | None = None
    prompt_tokens: int | None = None
    vocabulary: frozenset[str] | None = None
    world: World | None = None
    animatic: bool = False
    remote: bool = False

    @property
    def stills(self) -> bool:
        """Whether it makes single pictures: it says so, and one frame is a legal length."""
        return "still" in self.modes and self.frames.fit(1) == 1


def check_request(capabilities: Capabilities, request: TakeRequest) -> None:
    """Refuse a request that the back end cannot make as asked.

    Raises:
        InvalidRequest: It names the field, the value and the nearest legal value.
    """
    capabilities.sizes.check(request.width, request.height)
    legal = capabilities.frames.fit(request.frames)
    if legal != request.frames:
        raise InvalidRequest(f"{request.frames} frames cannot be made here: the next legal count is {legal}")
    if capabilities.most_seconds is not None and request.frames > capabilities.most_seconds * request.rate:
        seconds = float(request.frames / request.rate)
        raise InvalidRequest(f"{seconds:g} s cannot be made here: the most is {capabilities.most_seconds:g} s")
    if capabilities.rates and request.rate not in capabilities.rates:
        raise InvalidRequest(
            f"rate {request.rate} cannot be made here: choose {', '.join(str(r) for r in capabilities.rates)}"
        )
    for reference in request.references:
        if MODE_OF_ROLE[reference.role] not in capabilities.modes:
            raise InvalidRequest(
                f"a {reference.role} reference cannot be used here: this back end takes "
                f"{', '.join(sorted(capabilities.modes))}"
            )
    if sum(r.role == "reference" for r in request.references) > capabilities.max_references:
        raise InvalidRequest(f"at most {capabilities.max_references} reference pictures can be used here")
    for adapter in request.adapters:
        if adapter.name not in capabilities.adapters:
            there = ", ".join(sorted(capabilities.adapters)) or "none"
            raise InvalidRequest(f"no adapter {adapter.name!r} can be used here: this back end has {there}")
    for name, content in request.adapter_files.items():
        if capabilities.adapter_files.get(name) != content:
            raise InvalidRequest(f"the adapter {name} is another file than it was when this was asked for: ask again")
