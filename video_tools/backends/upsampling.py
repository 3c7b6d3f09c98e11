"""A final made from its draft's latents: enlarged twofold by a small model, then denoised on from there.

    draft, 384x256 ──encode──▶ latents ──enlarge──▶ latents of 768x512 ──some noise, the last steps──▶ final, 768x512

Without such a model, a draft's pictures are scaled up and followed as any source clip is.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from reelgraph.video_tools.backends.conditions import Conditions
from reelgraph.video_tools.backends.device import Loaded, load_parts
from reelgraph.video_tools.backends.family import Family
from reelgraph.video_tools.backends.model_folder import ModelFolder, check_whole, find_model
from reelgraph.video_tools.errors import InvalidRequest
from reelgraph.video_tools.film import Substitution

if TYPE_CHECKING:
    import torch


def open_upsampler(model: str, revision: str, rows: list[Family]) -> ModelFolder:
    """Find the folder of a model that enlarges latents, and check it.

    Raises:
        InvalidRequest: It is not here, or not whole, is not safe to load, or is not one for these classes.
    """
    folder = ModelFolder.open(find_model(model, revision, backend="local"))
    fitting = {row.upsampler for row in rows} - {""}
    if folder.pipeline not in fitting:
        wanted = f"one of {' or '.join(sorted(fitting))}" if fitting else "none, since this model can use none"
        raise InvalidRequest(f"upsampler {model} is a {folder.pipeline}: name {wanted}")
    check_whole(folder, model, revision, but={"vae"})
    return folder


def from_draft(
    row: Family, folder: ModelFolder | None, conditions: Conditions, loaded: Loaded, pipe: Any, seed: int
) -> Conditions:
    """Have a take go on from its draft's latents, enlarged, where that can be; a clip of another size is followed.

    Args:
        row: The class of the pipeline.
        folder: What enlarges latents, if anything does.
        conditions: What the take leans on.
        loaded: The model on the device.
        pipe: The pipeline.
        seed: The take's.
    """
    if folder is None or not row.upsampler or not conditions.video:
        return conditions
    if conditions.draft:
        return replace(conditions, latents=_enlarged(folder, conditions.draft, loaded, pipe, seed))
    scaled = Substitution(
        what="upsampler", asked="the clip's latents, enlarged", made="its pictures, scaled",
        why=f"the clip is not half of {conditions.width}x{conditions.height}",
    )  # fmt: skip
    return replace(conditions, substitutions=[*conditions.substitutions, scaled])


def _enlarged(folder: ModelFolder, draft: list[Image.Image], loaded: Loaded, pipe: Any, seed: int) -> "torch.Tensor":
    """Encode a draft and enlarge its latents twofold, with the VAE of the model that goes on from them."""
    import torch

    name = folder.fingerprint()  # two back ends of one model may enlarge otherwise
    if name not in loaded.pipes:
        made = load_parts(folder, {"default": pipe.vae.dtype}, vae=pipe.vae)
        made.latent_upsampler.to(loaded.device)
        loaded.pipes[name] = made
    width, height = draft[0].size  # the class scales a clip to the size that it is told, and enlarges that
    latents: torch.Tensor = loaded.pipes[name](
        video=draft, width=width, height=height, output_type="latent",
        generator=torch.Generator("cpu").manual_seed(seed),
    ).frames  # fmt: skip
    pipe.maybe_free_model_hooks()  # where parts wait off the card, the VAE waits again
    return latents
