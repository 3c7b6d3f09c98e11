"""Train the video transformer together with its text encoder, on clips that the autoencoder has already encoded."""

import random
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from training.shapes import text
from training.shapes.captions import caption
from training.shapes.optim import HOME, Training, seeded
from training.shapes.vae import CHANNELS, to_tensor
from training.shapes.world import FPS, FRAMES, HEIGHT, STAGED, WIDTH, Scene, draw, sample_scene

TIME, SPACE = 4, 16
GRID = ((FRAMES - 1) // TIME + 1, HEIGHT // SPACE, WIDTH // SPACE)
PLANE = GRID[1] * GRID[2]
TOKENS = GRID[0] * PLANE
HEADS, HEAD_WIDTH, LAYERS = 4, 32, 6
WORDS = 40  # text tokens that training looks at; no training caption is longer
SHIFT = 2.0  # training sees more noise than its share: what moves where is decided there


class Attention:
    """The transformer's attention as plain products: on a CPU the fused one's backward pass takes half of a step."""

    _attention_backend = None
    _parallel_config = None

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        image_rotary_emb: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        """Attend to the text if it is given, else to the clip itself."""
        source = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        q, k, v = attn.norm_q(attn.to_q(hidden_states)), attn.norm_k(attn.to_k(source)), attn.to_v(source)
        if image_rotary_emb is not None:
            q, k = _rotate(q, *image_rotary_emb), _rotate(k, *image_rotary_emb)
        q = q * (q.shape[-1] // attn.heads) ** -0.5
        q, k, v = (x.unflatten(2, (attn.heads, -1)).transpose(1, 2).to(v.dtype).contiguous() for x in (q, k, v))
        scores = q @ k.mT
        if attention_mask is not None:
            scores = scores + attention_mask.view(len(scores), 1, 1, -1).to(scores.dtype)
        mixed = torch.softmax(scores, -1, dtype=v.dtype) @ v
        return attn.to_out[0](mixed.transpose(1, 2).flatten(2))


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b, c, s = x[..., 0::2].float(), x[..., 1::2].float(), cos[..., 0::2], sin[..., 0::2]
    return torch.stack((a * c - b * s, b * c + a * s), -1).flatten(-2)


def embed_times_once(embed: Any) -> None:
    """Let a time embedding embed each distinct time once: a batch has few, but the model asks for every token."""
    every = embed.forward

    def forward(timestep: Tensor, **settings: Any) -> tuple[Tensor, Tensor]:
        times, where = timestep.unique(return_inverse=True)
        mixed, embedded = every(times, **settings)
        return mixed[where], embedded[where]

    embed.forward = forward


def build() -> Any:
    """Build an untrained `LTXVideoTransformer3DModel` whose every block starts as the identity."""
    from diffusers import LTXVideoTransformer3DModel

    width = HEADS * HEAD_WIDTH
    model = LTXVideoTransformer3DModel(
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        patch_size=1,
        patch_size_t=1,
        num_attention_heads=HEADS,
        attention_head_dim=HEAD_WIDTH,
        cross_attention_dim=width,
        num_layers=LAYERS,
        caption_channels=text.WIDTH,
        activation_fn="linear-silu",  # takes a third of the default's time on a CPU
    )
    for block in model.transformer_blocks:
        for layer in (block.attn1.to_out[0], block.attn2.to_out[0], block.ff.net[2]):
            nn.init.zeros_(layer.weight)
    nn.init.zeros_(model.proj_out.weight)
    nn.init.zeros_(model.proj_out.bias)
    return model


class TextToVideo(nn.Module):
    """Transformer and text encoder, trained as one."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer, self.text_encoder = build(), text.encoder()


def _coordinates(latent_frames: Tensor) -> Tensor:
    """Places of tokens as LTXConditionPipeline counts them, in frames and pixels, (3, tokens)."""
    f, h, w = torch.meshgrid(latent_frames, torch.arange(GRID[1]) * SPACE, torch.arange(GRID[2]) * SPACE, indexing="ij")
    return torch.stack([f.flatten(), h.flatten(), w.flatten()]).float()


FILM = _coordinates((torch.arange(GRID[0]) * TIME - (TIME - 1)).clamp(min=0))
LAST = _coordinates(torch.tensor([FRAMES - 1]))


@torch.no_grad()
def encode(vae: Any, scenes: list[Scene]) -> tuple[Tensor, Tensor]:
    """Encode scenes, and their last frames alone, to normalised float16 tokens."""
    x = to_tensor([draw(s) for s in scenes])

    def tokens(clips: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            z = vae.encoder(clips)[:, :CHANNELS].float()
        z = (z - vae.latents_mean.view(1, -1, 1, 1, 1)) / vae.latents_std.view(1, -1, 1, 1, 1)
        return z.flatten(2).transpose(1, 2).half()

    return tokens(x), tokens(x[:, :, -1:])


class Pool:
    """Drawn and encoded training clips, those with one thing first; what `file` holds is not encoded again."""

    def __init__(self, vae: Any, singles: int, pairs: int, file: Path, seed: int, loose: float) -> None:
        rng, started = random.Random(seed), time.monotonic()
        self.singles = singles
        self.scenes = [sample_scene(rng, 1 if i < singles else 2, loose=loose) for i in range(singles + pairs)]
        if not file.exists():
            parts = [encode(vae, self.scenes[i : i + 32]) for i in range(0, len(self.scenes), 32)]
            part = file.with_suffix(".part")
            torch.save((torch.cat([a for a, _ in parts]), torch.cat([b for _, b in parts])), part)
            part.replace(file)
            print(f"{len(self.scenes)} clips encoded in {time.monotonic() - started:.0f} s", flush=True)
        self.clean, self.last = torch.load(file, weights_only=True)
        self.dark = [i for i, s in enumerate(self.scenes) if s.background == "night"]

    def batch(self, count: int, two: float, dark: float, rng: random.Random) -> tuple[list[Scene], Tensor, Tensor]:
        """Choose clips: a share `dark` of them at night, of the rest a share `two` with two things."""
        ends = len(self.scenes)
        chosen = [
            rng.choice(self.dark)
            if rng.random() < dark
            else rng.randrange(self.singles, ends)
            if rng.random() < two
            else rng.randrange(self.singles)
            for _ in range(count)
        ]
        return [self.scenes[i] for i in chosen], self.clean[chosen].float(), self.last[chosen].float()


def batch_loss(
    model: TextToVideo, tokens: Any, scenes: list[Scene], clean: Tensor, last: Tensor, mode: str, rng: random.Random
) -> Tensor:
    """Error of the predicted velocity in one mode: "text", "first" (frame given) or "ends" (last frame given too)."""
    count = len(scenes)
    vague = 0.0 if mode == "text" else 0.25
    captions = ["" if rng.random() < 0.1 else caption(s, rng, vague=vague, drop=0.04, talk=0.35) for s in scenes]
    # The pipelines pad to 128 or 256 tokens and let the encoder see the padding.
    length = rng.choices((48, 64, 128, 256), weights=(5, 2, 4, 1))[0]
    read = tokens(captions, padding="max_length", max_length=length, truncation=True, return_tensors="pt")

    noise = torch.randn_like(clean)
    share = (torch.arange(count) + torch.rand(count)) / count
    sigma = (SHIFT * share / (1 + (SHIFT - 1) * share))[:, None, None]
    state, velocity, times = (1 - sigma) * clean + sigma * noise, noise - clean, sigma[:, 0, 0] * 1000
    fps = rng.choice((FPS,) * 9 + (25,))
    given = torch.zeros(count, TOKENS)
    places = FILM
    if mode != "text":
        given[:, :PLANE] = 1
        if mode == "ends":
            given[:, :PLANE] = (torch.rand(count, 1) > 0.15).float()
            clean, state = torch.cat([last, clean], 1), torch.cat([last, state], 1)
            velocity = torch.cat([torch.zeros_like(last), velocity], 1)
            given, places = torch.cat([torch.ones(count, PLANE), given], 1), torch.cat([LAST, FILM], 1)
        # LTXConditionPipeline roughens given frames a little, the image-to-video one does not: half of the batches do.
        rough = 0.15 * sigma**2 * torch.randn_like(clean) if rng.random() < 0.5 else 0.0
        state = torch.where(given[..., None] > 0, clean + rough, state)
        times = times[:, None] * (1 - given)
    where: dict[str, Any] = {
        "num_frames": GRID[0],
        "height": GRID[1],
        "width": GRID[2],
        "rope_interpolation_scale": (TIME / fps, SPACE, SPACE),
    }
    if mode == "ends":
        places = places.clone()
        places[0] /= fps
        where = {"video_coords": places[None].expand(count, -1, -1)}
    with torch.autocast("cpu", torch.bfloat16):
        meaning = model.text_encoder(input_ids=read.input_ids)[0][:, :WORDS]
        guess = model.transformer(
            hidden_states=state,
            encoder_hidden_states=meaning,
            timestep=times,
            encoder_attention_mask=read.attention_mask[:, :WORDS],
            return_dict=False,
            **where,
        )[0]
    error = (guess.float() - velocity).pow(2).mean(-1)
    return (error * (1 - given)).sum() / (1 - given).sum()


def train(
    seconds: float,
    vae: Any,
    name: str = "transformer",
    home: Path = HOME,
    batch: int = 32,
    muon: float = 3e-3,
    adam: float = 1.5e-3,
) -> TextToVideo:
    """Train for `seconds` (encoding not counted): one thing first, then two as well, in three modes."""
    torch.manual_seed(0)
    model = TextToVideo()
    for block in model.transformer.transformer_blocks:
        block.attn1.processor = block.attn2.processor = Attention()
    run = Training(name, model, seconds=seconds, muon=muon, adam=adam, flat=0.4, average=0.998, home=home)
    embed_times_once(model.transformer.time_embed)
    tokens = text.tokenizer()
    # A prompt says nothing of places, so text alone learns clips that are staged alike; a given frame may show its
    # thing anywhere.
    staged = Pool(vae, 3000, 1200, home / "staged.pt", 2, STAGED)
    free = Pool(vae, 4400, 1800, home / "free.pt", 1, 1.0)
    torch.manual_seed(run.step)
    rng, means = seeded(name, run.step), {}
    print(name, "parameters", sum(p.numel() for p in model.parameters()), "from step", run.step, flush=True)
    run.pause()
    while run.done < 1:
        # Shapes on a dark sky and clips from text alone are learned last, so they get more of the last steps.
        late = run.done > 0.8
        two, dark = 0.05 if run.done < 0.2 else 0.33, 0.3 if late else 0.0
        mode = rng.choices(("text", "first", "ends"), weights=(80, 8, 12) if late else (55, 20, 25))[0]
        source = staged if mode == "text" or rng.random() < 0.3 else free
        loss = batch_loss(model, tokens, *source.batch(batch, two, dark, rng), mode, rng)
        run.update(loss)
        means[mode] = 0.97 * means.get(mode, loss.item()) + 0.03 * loss.item()
        if run.step % 100 == 0:
            print(
                f"{run.spent:.0f} s step {run.step} " + " ".join(f"{m} {v:.4f}" for m, v in sorted(means.items())),
                flush=True,
            )
    model.load_state_dict(run.ema)
    return model.eval()
