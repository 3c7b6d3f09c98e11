"""Where a model's parts live, and what is done to make them fit: one preset for each usual size of a card's memory.

Weights that do not fit wait in the machine's memory and are brought over as they are needed: first the text encoder,
which works once a take; then whole parts, one at a time; then layer by layer. Decoding in tiles and keeping weights in
eight bits change pixels a little, so they are recorded on every take.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from reelgraph.video_tools.backends.cheaper import StepCache, compile_blocks, denoisers
from reelgraph.video_tools.backends.convolutions import convolve_as_in_a_batch
from reelgraph.video_tools.backends.process_wide import Attention
from reelgraph.video_tools.backends.single_precision import without_doubles
from reelgraph.video_tools.errors import InvalidRequest

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Placement:
    """What is done for a card of some size.

    Attributes:
        memory: GiB of the card that it is meant for; 0 for a device whose memory is the machine's own.
        offload: What waits off the card: nothing, the text encoder's layers, all parts but the one at work, all layers.
        tile_vae: Whether pictures are decoded in tiles.
        eight_bit: Whether the transformer's weights are kept in float8 and widened as they are used.
        attention: The attention kernel, or None for diffusers' own choice.
        step_cache: What one step lends the next, or None. It saves time, not memory, so no preset has one.
        compiled: Whether the blocks that a model repeats are compiled, which pays from the second take of a shape on.
    """

    memory: int = 0
    offload: Literal["nothing", "text", "parts", "layers"] = "nothing"
    tile_vae: bool = False
    eight_bit: bool = False
    attention: Attention | None = None
    step_cache: StepCache | None = None
    compiled: bool = False

    def __str__(self) -> str:
        done = [f"offload {self.offload}"] if self.offload != "nothing" else []
        done += ["tiled VAE"] * self.tile_vae + ["eight-bit weights"] * self.eight_bit
        done += [f"{self.attention} attention"] if self.attention else []
        done += [f"{self.step_cache} step cache"] if self.step_cache else []
        done += ["compiled blocks"] * self.compiled
        return (
            f"{self.memory} GB: {', '.join(done) or 'all on the card'}" if self.memory else ", ".join(done) or "whole"
        )


WHOLE = Placement()
PRESETS: dict[int, Placement] = {
    placement.memory: placement
    for placement in (
        Placement(80),
        Placement(48, tile_vae=True),
        Placement(24, "text", tile_vae=True),
        Placement(16, "parts", tile_vae=True),
        Placement(12, "parts", tile_vae=True, eight_bit=True),
        Placement(8, "layers", tile_vae=True, eight_bit=True),
    )
}


def placement_for(setting: int | Literal["auto"], device: str) -> Placement:
    """Choose a placement: the one that was set, or the one for the card's memory.

    Args:
        setting: A preset's memory in GiB, or `auto`.
        device: As torch names it.
    """
    if setting != "auto":
        return PRESETS[setting]
    if not device.startswith("cuda"):
        return WHOLE
    import torch

    return placement_in(torch.cuda.get_device_properties(device).total_memory / 2**30, setting)


def placement_in(memory: float, setting: int | Literal["auto"]) -> Placement:
    """Choose a placement for a card of `memory` GiB: the one that was set, or the largest that is meant for it."""
    if setting != "auto":
        return PRESETS[setting]
    # A card of 24 GB reports 23.6 GiB.
    return next((placement for size, placement in PRESETS.items() if size <= memory + 1), PRESETS[min(PRESETS)])


def smaller(placement: Placement) -> Placement | None:
    """Return the next preset that needs less of the card, its steps as before, or None after the last.

    Where memory is the machine's own, the first that asks for less is the one with tiles.
    """
    less = next((p for size, p in PRESETS.items() if size < (placement.memory or max(PRESETS))), None)
    return less and replace(
        less, attention=placement.attention, step_cache=placement.step_cache, compiled=placement.compiled
    )


def check_placement(placement: Placement) -> None:
    """Refuse what does nothing, or not what it says, where all layers wait off the card.

    A block is compiled in pieces around the layers that come and go, more of them than torch keeps. The hooks that
    bring layers over displace those of `first_block` in a model's first take.

    Raises:
        InvalidRequest: It is asked for there.
    """
    asked = {"compile": placement.compiled, "first_block": placement.step_cache == "first_block"}
    cannot = " and ".join(name for name, on in asked.items() if on)
    if cannot and placement.offload == "layers":
        raise InvalidRequest(f"{cannot} cannot be had with placement {placement.memory}, where all layers wait")


def place_weights(pipe: Any, placement: Placement, dtype: "torch.dtype", device: str) -> None:
    """Put a loaded pipeline's parts where the placement has them; once for each set of weights."""
    import torch

    if placement.tile_vae and hasattr(getattr(pipe, "vae", None), "enable_tiling"):
        pipe.vae.enable_tiling()
    if placement.eight_bit:
        for part in denoisers(pipe):
            part.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=dtype)
    if placement.compiled:
        compile_blocks(pipe)
    if placement.offload in ("text", "layers"):
        streams = device.startswith("cuda")
        staying = [
            name for name, part in pipe.components.items()
            if not (name.startswith("text_encoder") or placement.offload == "layers") or _stays_whole(part)
        ]  # fmt: skip
        pipe.enable_group_offload(
            onload_device=torch.device(device),
            offload_device=torch.device("cpu"),
            offload_type="leaf_level",
            use_stream=streams,
            exclude_modules=staying,
        )
    elif placement.offload == "nothing" or device == "cpu":
        pipe.to(device)
    if device == "cpu":
        convolve_as_in_a_batch(pipe)
    if device.startswith("mps"):
        without_doubles(pipe)


def _stays_whole(part: Any) -> bool:
    """Tell a part that cannot come and go by layers: the VAE of Stable Audio, Kandinsky's; and what has one of torch's
    own attention layers (SigLIP), which reads weights of a layer inside it without calling that."""
    import torch

    attends = torch.nn.MultiheadAttention
    inside = part.modules() if isinstance(part, torch.nn.Module) else ()
    return not getattr(part, "_supports_group_offloading", True) or any(isinstance(m, attends) for m in inside)


def place_pipeline(pipe: Any, placement: Placement, device: str) -> None:
    """Have a pipeline bring over its parts as it comes to them; once for each pipeline of the same weights."""
    if placement.offload == "parts" and device != "cpu":
        pipe.enable_model_cpu_offload(device=device)
