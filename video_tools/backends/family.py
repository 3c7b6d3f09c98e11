"""How one diffusers pipeline class is asked, and what a model of it can therefore make.

Sizes and frame counts follow the model's own configs (a VAE says how far it compresses), so that one row serves every
checkpoint of its class.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, Protocol, TypeAlias

from reelgraph.video_tools.backends.base import MODE_OF_ROLE, Capabilities, FrameRule, Mode, SizeRule, World
from reelgraph.video_tools.backends.conditions import Builder, Role
from reelgraph.video_tools.backends.model_folder import SHIPPED, ModelCard, ModelFolder

# component name -> its config; under the empty name, the pipeline's own settings
Configs: TypeAlias = Mapping[str, Mapping[str, Any]]
Ratio: TypeAlias = Callable[[Configs], int]


class PipelineRow(Protocol):
    """What loading and running need to know of a pipeline class, whatever it makes."""

    @property
    def pipeline(self) -> str:
        """The class's name in diffusers."""

    @property
    def callback(self) -> bool:
        """Whether it tells of each step by `callback_on_step_end`."""

    @property
    def exact(self) -> tuple[str, ...]:
        """Components kept in float32 whatever the precision."""


def _no_extras(configs: Configs) -> dict[str, Any]:
    return {}


def _as_it_is(row: "Family", configs: Configs) -> "Family":
    return row


def _itself(frames: int) -> int:
    return frames


def _once(frames: int) -> int:
    return 1


def _in_one_go(frames: int) -> dict[str, Any]:
    return {}


def _any_size(configs: Configs) -> tuple[tuple[int, int], ...]:
    return ()


def _always(configs: Configs) -> bool:
    return True


@dataclass(frozen=True)
class Family:
    """How one pipeline class is asked.

    Attributes:
        pipeline: The class's name in diffusers, which is `_class_name` in a model's `model_index.json`.
        temporal: Frames that one latent frame stands for, or as many as are made in one go: legal counts are a multiple
            of it plus one.
        spatial: What both sides must be a multiple of.
        rate: The rate it was trained at.
        most_frames: The longest take that it was trained to make.
        size: Width and height that it is best at.
        canvas: The size that it is called with, where takes are cut from the middle of it.
        least_side: The shortest side, where that is more than the multiple.
        steps: Denoising steps of a final take.
        least_steps: The fewest steps with which it works at all.
        guidance: Guidance scale.
        last_guidance: That of a second transformer, where the first is guided as usual.
        prompt_tokens: The longest prompt that it reads, by the class's default; None where its tokenizer alone says.
        reader: The tokenizer of the encoder that reads the whole prompt, where there are others that read less.
        aside: Tokenizers whose encoders read other text than the prompt, such as words in quotes.
        guidance_argument: The argument's name, or empty where the class takes none.
        frames_argument: The argument's name, or empty where the count follows the source clip.
        rate_argument: The argument's name, or empty where the model knows only its own rate.
        negative_prompt: Whether it reads one; without any, it takes that of its authors, where they give one.
        guided_by_negative: Whether it is guided, or works at all, only where it is given one, an empty one too.
        tokens_argument: The argument that says how many tokens to read, or empty where the class takes none.
        timesteps_argument: The argument that says at which noise levels to work, or empty where the class takes none.
        even_steps: Whether those levels are to be spread evenly, where the class would spread them otherwise.
        frames_value: Turns a legal count into the argument's value.
        windows: How often it goes through all its steps to make that many frames.
        lengthened: Arguments by which it makes so many frames, where they are more than it makes in one window.
        sizes: Finds the only sizes that it makes, where it chooses among some.
        told_size: Whether it is told the size; where not, it follows the first frame's.
        least_frames: The shortest take, up to the next legal count; one that makes a single frame makes stills.
        picture: Whether it makes one picture in place of a clip.
        output_type: What it is asked for: tensors or, of a class that is not known to give colours in them, arrays.
        batches: Whether it makes several takes in one run.
        callback: Whether it tells of each step by `callback_on_step_end`.
        requires: Roles that a request must carry.
        accepts: Roles that it may carry, those required included.
        references: The most reference pictures.
        conditions: Turns references into arguments.
        graded: Roles in which references are followed as strongly as their strength says.
        sound: Finds how many samples a second of sound it makes, where it makes any.
        unheard: Whether it makes sound of which nothing says how many samples a second are, so that it is left out.
        extras: Further arguments that follow from the configs.
        exact: Components kept in float32 whatever the precision.
        doubles: Whether it computes in 64 bits on its device.
        needs: Packages beside those of the `local` extra; a checker without which its makers allow no use is one.
        upsampler: The class that enlarges its latents twofold, where it can go on from such.
        also: Classes that are made of the same components, for requests that this one does not accept.
        usable: Whether these configs suit the class (asked for classes named in another's `also`).
        guessed: Whether the row was made up from the class's signature.
        adapt: Changes the row to suit a checkpoint.
    """

    pipeline: str
    temporal: Ratio
    spatial: Ratio
    rate: Fraction
    most_frames: int
    size: tuple[int, int]
    steps: int
    guidance: float
    prompt_tokens: int | None
    last_guidance: float | None = None
    reader: str = "tokenizer"
    aside: frozenset[str] = frozenset()
    canvas: tuple[int, int] | None = None
    least_side: int = 0
    guidance_argument: str = "guidance_scale"
    frames_argument: str = "num_frames"
    rate_argument: str = ""
    negative_prompt: bool = True
    guided_by_negative: bool = False
    tokens_argument: str = "max_sequence_length"
    timesteps_argument: str = ""
    even_steps: bool = False
    frames_value: Callable[[int], int] = _itself
    windows: Callable[[int], int] = _once
    lengthened: Callable[[int], dict[str, Any]] = _in_one_go
    sizes: Callable[[Configs], tuple[tuple[int, int], ...]] = _any_size
    told_size: bool = True
    least_frames: int = 1
    least_steps: int = 1
    picture: bool = False
    output_type: Literal["pt", "np"] = "pt"
    batches: bool = True
    callback: bool = True
    requires: frozenset[Role] = frozenset()
    accepts: frozenset[Role] = frozenset()
    references: int = 0
    conditions: Builder | None = None
    graded: frozenset[Role] = frozenset()
    sound: Callable[[Configs], int] | None = None
    unheard: bool = False
    extras: Callable[[Configs], dict[str, Any]] = _no_extras
    exact: tuple[str, ...] = ()
    doubles: bool = False
    needs: tuple[str, ...] = ()
    upsampler: str = ""
    also: tuple[str, ...] = ()
    usable: Callable[[Configs], bool] = _always
    guessed: bool = False
    adapt: Callable[["Family", Configs], "Family"] = _as_it_is

    def takes(self, roles: frozenset[Role]) -> bool:
        """Whether a request with references in these roles can be made by this class."""
        return self.requires <= roles <= self.accepts

    @property
    def modes(self) -> frozenset[Mode]:
        """What it can be conditioned on."""
        text: set[Mode] = set() if self.requires else {"text"}
        still: set[Mode] = {"still"} if self.least_frames == 1 and not self.requires else set()
        return frozenset(text | still | {MODE_OF_ROLE[role] for role in self.accepts})


def vocoder_rate(configs: Configs) -> int:
    """Return how many samples a second a model's vocoder makes."""
    return int(configs["vocoder"].get("output_sampling_rate", 24000))


def of_card(row: Family, card: ModelCard) -> Family:
    """Let a model's makers have the last word on its defaults."""
    names = ("rate", "least_frames", "most_frames", "steps", "guidance", "even_steps", "canvas")
    said = {name: value for name in names if (value := getattr(card, name)) is not None}
    if card.guidance is not None:
        said["last_guidance"] = None
    if card.sizes:
        said["size"] = card.sizes[0]
    return replace(row, **said)


def capabilities_of(
    rows: list[Family], folder: ModelFolder, *, most_frames: int | None, max_batch: int
) -> Capabilities:
    """Declare what a model can make through its classes.

    Args:
        rows: The model's own class first, then those made of the same components.
        folder: The model.
        most_frames: A limit in place of the family's.
        max_batch: Requests of one shape that one call may make.
    """
    own, configs, card = rows[0], folder.configs, folder.card
    step, multiple = own.temporal(configs), own.spatial(configs)
    most = most_frames or own.most_frames
    least = 1 + -(-(own.least_frames - 1) // step) * step

    def on_grid(side: int) -> int:
        return max(multiple, side // multiple * multiple)

    only = tuple(card.sizes) or own.sizes(configs)
    sizes = SizeRule(
        multiple=multiple, least=max(multiple, own.least_side), most=4096 // multiple * multiple, only=only
    )
    return Capabilities(
        modes=frozenset[Mode]().union(*(row.modes for row in rows)),
        # The greatest legal count is the greatest on the grid, so that the message that quotes it is right.
        frames=FrameRule(step=step, offset=1, least=least, most=max(least, 1 + (most - 1) // step * step)),
        sizes=sizes,
        rates=() if own.picture or (own.rate_argument and not card.rate) else (own.rate,),
        native_size=_nearest(own.size, only) if only else (on_grid(own.size[0]), on_grid(own.size[1])),
        max_batch=max_batch if own.batches else 1,
        max_references=max(row.references for row in rows),
        together=frozenset(
            frozenset[str](row.accepts) for row in rows if len(row.accepts) > 1 and row.requires <= {"video"}
        ),
        seeded=True,
        negative_prompt=own.negative_prompt,
        sound=own.sound is not None,
        prompt_tokens=prompt_tokens(own, configs),
        vocabulary=folder.vocabulary,
        world=_world(folder),
    )


def _nearest(best: tuple[int, int], sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the size whose sides are nearest to those of the best."""
    return min(sizes, key=lambda size: abs(size[0] - best[0]) + abs(size[1] - best[1]))


def _world(folder: ModelFolder) -> World | None:
    if folder.card.world is None:
        return None
    beside = folder.card.world.embedder
    # One that ships is called by its name, since a memory keeps it, and a project may go to another machine.
    embedder = str(folder.path.parent / beside) if beside and folder.path.parent != SHIPPED else beside
    said = {**dict(folder.card.world), "embedder": embedder}
    said["name"] = said["name"] or folder.path.name
    return World(**said)


def prompt_tokens(row: Family, configs: Configs, tokenizer: str = "") -> int | None:
    """Return how many tokens of a prompt a model reads: its class's limit, or its tokenizer's where that is lower.

    Source: transformers writes 1e30 for a tokenizer that knows no limit.

    Args:
        row: The class.
        configs: The model's.
        tokenizer: One of its tokenizers; if not given, that of the encoder that reads most.
    """
    own = configs.get(tokenizer or row.reader, {}).get("model_max_length")
    return min((int(limit) for limit in (row.prompt_tokens, own) if limit and limit < 1e30), default=None)
