"""Train the video autoencoder: what it cannot draw, no later stage can."""

import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from training.shapes.optim import CROWD, DEVICE, HOME, Training, fast, seeded
from training.shapes.world import FRAMES, WIDTH, Scene, render, sample_scene

CHANNELS = 48
NOISE = 0.15  # of a latent's own spread: the decoder has to forgive what the transformer gets slightly wrong
CROP = 48
DIM = ("green", "blue", "purple")  # soft outlines of these are lost in the dark
PIECES = 36 * CROWD  # frames of pieces in a batch


def build(**changes: Any) -> Any:
    """Build an untrained `AutoencoderKLLTXVideo`: 16 times smaller in space, 4 times in time."""
    from diffusers import AutoencoderKLLTXVideo

    config: dict[str, Any] = {
        "latent_channels": CHANNELS,
        "patch_size": 4,
        "patch_size_t": 1,
        "block_out_channels": (32, 64, 64),
        "down_block_types": ("LTXVideo095DownBlock3D",) * 2,
        "downsample_type": ("spatiotemporal",) * 2,
        "spatio_temporal_scaling": (True, True),
        "layers_per_block": (1, 1, 0),
        "decoder_block_out_channels": (32, 64),
        "decoder_spatio_temporal_scaling": (True, True),
        "decoder_layers_per_block": (3, 2, 1),
        "decoder_inject_noise": (False,) * 3,
        "upsample_residual": (True, True),
        "upsample_factor": (1, 1),
        "timestep_conditioning": False,
        "encoder_causal": True,
        "decoder_causal": False,
        "spatial_compression_ratio": 16,
        "temporal_compression_ratio": 4,
    }
    return AutoencoderKLLTXVideo(**{**config, **changes})


def to_tensor(clips: Tensor) -> Tensor:
    """Clips of uint8 RGB, channels last, to (clips, 3, frames, height, width) from -1 to 1."""
    return clips.permute(0, 4, 1, 2, 3).float() / 127.5 - 1


def _scene(rng: random.Random, pairs: float, hard: float) -> Scene:
    """Choose a scene: nights, dim colours and the arms of a star are hard, so each comes `hard` times as often."""
    while True:
        scene = sample_scene(rng, 2 if rng.random() < pairs else 1)
        night = scene.background == "night"
        hardships = night + any(t.colour in DIM for t in scene.things) + any(t.shape == "star" for t in scene.things)
        if rng.random() < hard ** (hardships - 3):
            return scene


def _drawn(scenes: list[Scene], times: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Draw scenes for `to_tensor`, and mark what is within two pixels of a thing, (clips, 1, frames, height, width)."""
    films, empty = (render(some, times, DEVICE) for some in (scenes, [replace(s, things=()) for s in scenes]))
    things = (films != empty).any(-1)[:, None].float()
    return to_tensor(films), F.max_pool3d(things, (1, 5, 5), stride=1, padding=(0, 2, 2))


def _pieces(scenes: list[Scene], rng: random.Random, frames: int) -> tuple[Tensor, Tensor]:
    """Cut a short narrow piece around one of each scene's things: outlines have to be learned, sky is soon known."""
    firsts = [rng.randrange(FRAMES - frames + 1) for _ in scenes]
    films, near = _drawn(scenes, (torch.tensor(firsts)[:, None] + torch.arange(frames)) / (FRAMES - 1))
    cuts = []
    for scene, film, marks, first in zip(scenes, films, near, firsts, strict=True):
        thing = rng.choice(scene.things)
        middle = (first + frames / 2) / (FRAMES - 1)
        x = thing.start[0] + (thing.end[0] - thing.start[0]) * middle + rng.uniform(-16, 16)
        left = min(max(int(x - CROP / 2), 0), WIDTH - CROP)
        cuts.append((film[..., left : left + CROP], marks[..., left : left + CROP]))
    pieces, marked = (torch.stack(many) for many in zip(*cuts, strict=True))
    return pieces, marked


def round_trip_loss(vae: Any, x: Tensor, near: Tensor) -> Tensor:
    """Weighted error of a noisy round trip; `near` marks where things are."""
    with fast():
        mean = vae.encoder(x)[:, : vae.config.latent_channels]
        spread = mean.detach().float().std(dim=(0, 2, 3, 4), keepdim=True)
        y = vae.decoder(mean + NOISE * spread * torch.randn_like(mean))
    # Two thirds of the error of such a decoder sit within two pixels of an outline, so outlines weigh more; but not
    # those of the stars in a night sky, which took so much of the latents that a star among them lost its arms.
    edge = torch.zeros_like(x[:, :1])
    down, across = (x[..., 1:, :] - x[..., :-1, :]).abs().amax(1, True), (x[..., 1:] - x[..., :-1]).abs().amax(1, True)
    edge[..., 1:, :] += down
    edge[..., :-1, :] += down
    edge[..., 1:] += across
    edge[..., :-1] += across
    weight = 1 + 4 * edge.clamp(0, 1) * near
    error = y.float() - x
    size = mean.float().pow(2).mean()
    return ((error.abs() + error.pow(2)) * weight).mean() + 1e-4 * size


@torch.no_grad()
def statistics(vae: Any, scenes: list[Scene]) -> None:
    """Make the posterior nearly deterministic and record the latents' mean and spread in the model's own buffers."""
    out = vae.encoder.conv_out.conv
    out.weight[-1].zero_()
    out.bias[-1] = -9.0
    parts = [vae.encoder(to_tensor(render(scenes[i : i + 16], device=DEVICE))) for i in range(0, len(scenes), 16)]
    z = torch.cat(parts)[:, : vae.config.latent_channels].transpose(0, 1).flatten(1)
    vae.latents_mean.copy_(z.mean(1))
    vae.latents_std.copy_(z.std(1))


def train(
    seconds: float,
    name: str = "vae",
    home: Path = HOME,
    muon: float = 4e-3,
    adam: float = 2e-3,
    **changes: Any,
) -> Any:
    """Train for `seconds`: pieces of clips for most of the time, whole clips at the end."""
    torch.manual_seed(0)
    vae = build(**changes).to(DEVICE)
    run = Training(name, vae, seconds=seconds, muon=muon, adam=adam, flat=0.35, average=0.995, home=home)
    rng = seeded(name, run.step)
    while run.done < 1:
        # Short pieces teach most of the drawing for a third of the price, long ones what happens in mid-clip.
        whole = run.done > 0.8 and run.step % 6 == 0
        frames = FRAMES if whole else 5 if run.done < 0.25 else rng.choice((9, 9, FRAMES))
        count = 2 * CROWD if whole else PIECES // frames
        scenes = [_scene(rng, pairs=0.3 if run.done < 0.5 else 0.5, hard=1.5) for _ in range(count)]
        run.update(round_trip_loss(vae, *(_drawn(scenes) if whole else _pieces(scenes, rng, frames))))
    vae.load_state_dict(run.ema)
    return vae.eval()


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(float(sys.argv[1]))
