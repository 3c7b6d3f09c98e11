"""Train the video transformer together with its text encoder, on clips that the autoencoder has already encoded."""

import os
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import IterableDataset, get_worker_info

from training.shapes import crew, reading, text
from training.shapes.attention import products
from training.shapes.captions import caption
from training.shapes.optim import CROWD, DEVICE, HOME, Training, fast, prepared, seeded
from training.shapes.vae import CHANNELS, to_tensor
from training.shapes.world import FPS, FRAMES, HEIGHT, STAGED, WIDTH, Scene, render, sample_scene

TIME, SPACE = 4, 16
GRID = ((FRAMES - 1) // TIME + 1, HEIGHT // SPACE, WIDTH // SPACE)
PLANE = GRID[1] * GRID[2]
TOKENS = GRID[0] * PLANE
HEADS, HEAD_WIDTH, LAYERS = 4, 32, 7
WORDS = 40  # text tokens that training looks at; no training caption is longer
SHIFT = 2.0  # training sees more noise than its share: what moves where is decided there
# Compiled, a step takes a fifth less on a CPU; whoever has no compiler trains on as long.
COMPILER = shutil.which(os.environ.get("CXX", "g++"))
GUIDANCE, GUIDED = 2.5, 0.75  # after this share of the time the model learns its own guided answers
READING = 0.1  # the weight of what the reader asks of captions beside what the clips ask


class Attention:
    """The transformer's attention as plain products."""

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
        q, k, v = (x.unflatten(2, (attn.heads, -1)).transpose(1, 2) for x in (q, k, v))
        mask = None if attention_mask is None else attention_mask.view(len(q), 1, 1, -1)
        return attn.to_out[0](products(q, k, v, mask).transpose(1, 2).flatten(2))


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


def hurry(model: "TextToVideo") -> "TextToVideo":
    """Put the model on the device, with what makes its training bearable on a CPU."""
    if DEVICE.type == "cpu":
        torch._dynamo.config.recompile_limit = 64  # the blocks, with and without the teacher, in each mode
        for block in model.transformer.transformer_blocks:
            block.attn1.processor = block.attn2.processor = Attention()
            if COMPILER:
                block.compile(dynamic=False)
        embed_times_once(model.transformer.time_embed)
    return model.to(DEVICE)


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
    """Transformer and text encoder, trained as one, and the reader that keeps the encoder from forgetting."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer, self.text_encoder, self.reader = build(), text.encoder(), reading.Reader()


def _coordinates(latent_frames: Tensor) -> Tensor:
    """Places of tokens as LTXConditionPipeline counts them, in frames and pixels, (3, tokens)."""
    f, h, w = torch.meshgrid(latent_frames, torch.arange(GRID[1]) * SPACE, torch.arange(GRID[2]) * SPACE, indexing="ij")
    return torch.stack([f.flatten(), h.flatten(), w.flatten()]).float()


FILM = _coordinates((torch.arange(GRID[0]) * TIME - (TIME - 1)).clamp(min=0))
LAST = _coordinates(torch.tensor([FRAMES - 1]))


@torch.no_grad()
def encode(vae: Any, scenes: list[Scene]) -> tuple[Tensor, Tensor]:
    """Encode scenes, and their last frames alone, to normalised float16 tokens."""
    x = to_tensor(render(scenes, device=DEVICE))

    def tokens(clips: Tensor) -> Tensor:
        with fast():
            z = vae.encoder(clips)[:, :CHANNELS].float()
        z = (z - vae.latents_mean.view(1, -1, 1, 1, 1)) / vae.latents_std.view(1, -1, 1, 1, 1)
        return z.flatten(2).transpose(1, 2).half()

    return tokens(x), tokens(x[:, :, -1:])


class Stock:
    """The scenes that training draws from, those with one thing first."""

    def __init__(self, singles: int, pairs: int, seed: int, loose: float) -> None:
        rng = random.Random(seed)
        self.singles = singles
        self.scenes = [sample_scene(rng, 1 if i < singles else 2, loose=loose) for i in range(singles + pairs)]
        self.dark = [i for i, s in enumerate(self.scenes) if s.background == "night"]

    def choose(self, count: int, rng: random.Random) -> list[int]:
        """Choose scenes by number: four tenths show two things, a third is at night, where shapes are hard to see."""
        return [
            rng.choice(self.dark)
            if rng.random() < 0.2
            else rng.randrange(self.singles, len(self.scenes))
            if rng.random() < 0.4
            else rng.randrange(self.singles)
            for _ in range(count)
        ]


def encoded(vae: Any, scenes: list[Scene], file: Path) -> tuple[Tensor, Tensor]:
    """Draw and encode scenes as `encode` does; what `file` holds is not encoded again."""
    if not file.exists():
        started, count = time.monotonic(), 16 * CROWD
        parts = [encode(vae, scenes[i : i + count]) for i in range(0, len(scenes), count)]
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        torch.save((torch.cat([a for a, _ in parts]), torch.cat([b for _, b in parts])), part)
        part.replace(file)
        print(f"{file.stem}: {len(scenes)} clips encoded in {time.monotonic() - started:.0f} s", flush=True)
    clean, last = torch.load(file, map_location=DEVICE, weights_only=True)
    return clean, last


@dataclass(frozen=True)
class Lesson:
    """What one step learns: scenes of a stock by number, their captions as tokens, and which frames are given.

    `mode` is "text", "first" (frame given) or "ends" (last frame given too); `told` marks clips that have a caption,
    `said` is what it says.
    """

    mode: str
    staged: bool
    chosen: list[int]
    told: Tensor
    said: Tensor
    ids: Tensor
    mask: Tensor


class Lessons(IterableDataset[Lesson]):
    """Endless lessons, prepared by as many processes as load them."""

    def __init__(self, staged: Stock, free: Stock, count: int, name: str, step: int) -> None:
        self.stocks, self.count, self.name, self.step = (free, staged), count, name, step

    def __iter__(self) -> Iterator[Lesson]:
        worker = get_worker_info()
        rng = seeded(f"{self.name} {worker.id if worker else 0}", self.step)
        # Modes and lengths cost differently, so processes that wait for each other take the same ones.
        pace = random.Random(f"{self.name} {worker.id if worker else 0} {self.step}")
        tokens = text.tokenizer()
        while True:
            mode = pace.choices(("text", "first", "ends"), weights=(55, 25, 20))[0]
            # A prompt says nothing of places, so text alone learns clips that are staged alike; a given frame may show
            # its thing anywhere.
            staged = mode == "text" or rng.random() < 0.3
            chosen = self.stocks[staged].choose(self.count, rng)
            vague = 0.0 if mode == "text" else 0.25
            told = [rng.random() >= 0.1 for _ in chosen]
            captions = [
                caption(self.stocks[staged].scenes[i], rng, vague=vague, drop=0.04, talk=0.35, mixed=0.3)
                if tell
                else ""
                for i, tell in zip(chosen, told, strict=True)
            ]
            # The pipelines pad to 128 or 256 tokens and let the encoder see the padding.
            length = pace.choices((48, 64, 128, 256), weights=(5, 2, 4, 1))[0]
            read = tokens(captions, padding="max_length", max_length=length, truncation=True, return_tensors="pt")
            said = torch.tensor([reading.answers(self.stocks[staged].scenes[i]) for i in chosen])
            yield Lesson(mode, staged, chosen, torch.tensor(told), said, read.input_ids, read.attention_mask)


@dataclass(frozen=True)
class Question:
    """A noisy clip whose velocity is asked for; `given` is 1 where a token is known, and those are not judged."""

    state: Tensor
    times: Tensor
    velocity: Tensor
    given: Tensor
    where: dict[str, Any]


def ask(clean: Tensor, last: Tensor, mode: str, rng: random.Random) -> Question:
    """Put noise into clips as the pipeline of this mode would see them on its way."""
    count = len(clean)
    noise = torch.randn_like(clean)
    share = (torch.arange(count, device=DEVICE) + torch.rand(count, device=DEVICE)) / count
    sigma = (SHIFT * share / (1 + (SHIFT - 1) * share))[:, None, None]
    state, velocity, times = (1 - sigma) * clean + sigma * noise, noise - clean, sigma[:, 0, 0] * 1000
    fps = rng.choice((FPS,) * 9 + (25,))
    given = torch.zeros(count, TOKENS, device=DEVICE)
    places = FILM
    if mode != "text":
        given[:, :PLANE] = 1
        if mode == "ends":
            given[:, :PLANE] = (torch.rand(count, 1, device=DEVICE) > 0.15).float()
            clean, state = torch.cat([last, clean], 1), torch.cat([last, state], 1)
            velocity = torch.cat([torch.zeros_like(last), velocity], 1)
            given, places = torch.cat([torch.ones_like(given[:, :PLANE]), given], 1), torch.cat([LAST, FILM], 1)
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
        where = {"video_coords": places[None].expand(count, -1, -1).to(DEVICE)}
    return Question(state, times, velocity, given, where)


def words_of(model: TextToVideo, ids: Tensor) -> Tensor:
    """The words of captions as the transformer gets them, (captions, WORDS, width)."""
    with fast():
        meaning: Tensor = model.text_encoder(input_ids=ids)[0][:, :WORDS]
    return meaning


def answer(model: TextToVideo, question: Question, meaning: Tensor, mask: Tensor) -> Tensor:
    """The velocities that the model sees in a question under captions, float32."""
    with fast():
        seen: Tensor = model.transformer(
            hidden_states=question.state,
            encoder_hidden_states=meaning,
            timestep=question.times,
            encoder_attention_mask=mask[:, :WORDS],
            return_dict=False,
            **question.where,
        )[0]
    return seen.float()


@torch.no_grad()
def guided(teacher: TextToVideo, question: Question, ids: Tensor, mask: Tensor, told: Tensor) -> Tensor:
    """The velocities that classifier-free guidance would use, for the clips that have a caption.

    Source: Meng et al., "On distillation of guided diffusion models" (2023), with one strength.
    """
    silent_ids, silent_mask = torch.zeros_like(ids), torch.zeros_like(mask)
    silent_ids[:, 0], silent_mask[:, 0] = 1, 1  # what the tokenizer makes of an empty prompt
    spoken = answer(teacher, question, words_of(teacher, ids), mask)
    silent = answer(teacher, question, words_of(teacher, silent_ids), silent_mask)
    return torch.where(told[:, None, None], silent + GUIDANCE * (spoken - silent), question.velocity)


def train(
    seconds: float,
    vae: Any,
    student: reading.Student,
    name: str = "transformer",
    home: Path = HOME,
    batch: int = 32 * CROWD,
    muon: float = 3e-3,
    adam: float = 1.5e-3,
) -> TextToVideo:
    """Train for `seconds` (encoding not counted) in three modes, at last on the answers that guidance would give.

    The text encoder goes on from the `student` that can read. A model that has guidance in its weights asks for one
    pass a step instead of two.
    """
    torch.manual_seed(0)
    model = hurry(TextToVideo())
    model.text_encoder.load_state_dict(student.text_encoder.state_dict())
    model.reader.load_state_dict(student.reader.state_dict())
    run = Training(name, model, seconds=seconds, muon=muon, adam=adam, flat=0.4, average=0.998, home=home)
    grown = 10 if CROWD > 1 else 1
    # Every process has a stock of its own, so two see twice as many clips.
    own = crew.number()
    staged = Stock(3000 * grown, 3000 * grown, 2 * own + 2, STAGED)
    free = Stock(4400 * grown, 2400 * grown, 2 * own + 1, 1.0)
    films = (
        encoded(vae, free.scenes, home / f"free-{own}.pt"),
        encoded(vae, staged.scenes, home / f"staged-{own}.pt"),
    )
    rng = seeded(name, run.step)
    teacher: TextToVideo | None = None
    run.pause()
    for lesson in prepared(Lessons(staged, free, batch, name, run.step), 8):
        if run.done >= 1:
            break
        if run.done >= GUIDED and teacher is None:
            run.extra.setdefault("teacher", {n: p.clone() for n, p in run.ema.items()})
            teacher = hurry(TextToVideo())
            teacher.load_state_dict(run.extra["teacher"])
        ids, mask, told = lesson.ids.to(DEVICE), lesson.mask.to(DEVICE), lesson.told.to(DEVICE)
        clean, last = (tokens[lesson.chosen].float() for tokens in films[lesson.staged])
        question = ask(clean, last, lesson.mode, rng)
        right = guided(teacher, question, ids, mask, told) if teacher else question.velocity
        meaning = words_of(model, ids)
        error = (answer(model, question, meaning, mask) - right).pow(2).mean(-1)
        loss = (error * (1 - question.given)).sum() / (1 - question.given).sum()
        if lesson.mode == "text":  # the other modes' captions leave unsaid what the frames show
            loss = loss + READING * model.reader.loss(meaning[told], mask[told, :WORDS], lesson.said.to(DEVICE)[told])
        run.update(loss)
    model.load_state_dict(run.ema)
    return model.eval()
