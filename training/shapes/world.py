"""The drawn world: coloured things that move over a background, with exact ground truth for every clip."""

import math
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# The LTX pipelines take multiples of 32 only; everything happens in the middle 112 columns, so a cut to 16:9 loses sky.
WIDTH, HEIGHT, FRAMES, FPS = 128, 64, 17, 8
SHAPES = ("ball", "box", "triangle", "star")
COLOURS = {
    "red": (225, 35, 40),
    "green": (20, 160, 60),
    "blue": (35, 65, 225),
    "yellow": (250, 220, 30),
    "purple": (150, 45, 200),
    "orange": (250, 125, 15),
}
MOTIONS = ("right", "left", "up", "down", "still", "grow", "spin")
BACKGROUNDS = ("sky", "night", "grass", "sea", "desert")

TURN = 180.0  # degrees in one clip
STAGED = 0.1
SETS = 3  # of clouds, stars and horizons for staged scenes
# Tips, and the radii of tips and of the notches between them, for a nominal radius of 1: of about one visual size.
POLYGONS = {"box": (4, 1.25, 1.25 * math.cos(math.pi / 4)), "triangle": (3, 1.36, 0.68), "star": (5, 1.34, 0.62)}
GROUND = {
    "grass": ((175, 215, 245), (140, 195, 115), (95, 150, 80)),
    "sea": ((200, 225, 240), (95, 165, 190), (40, 105, 145)),
    "desert": ((250, 225, 195), (225, 190, 140), (190, 150, 105)),
}

Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Thing:
    """One object and its straight path; places in pixels, `radius` nominal, `turn` in degrees over the clip."""

    shape: str
    colour: str
    motion: str
    start: tuple[float, float]
    end: tuple[float, float]
    radius: tuple[float, float]
    turn: float = 0.0


@dataclass(frozen=True)
class Scene:
    """A background with one or two things; `seed` places its clouds, stars and horizon."""

    background: str
    seed: int
    things: tuple[Thing, ...]


def held_out(scene: Scene) -> bool:
    """Tell whether the scene shows one of the combinations (one in eight) that are kept from training."""
    words = (f"{t.colour} {t.shape} {t.motion} {scene.background}" for t in scene.things)
    return any(zlib.crc32(w.encode()) % 8 == 0 for w in words)


def _alone(rng: random.Random, shape: str, colour: str, motion: str, loose: float) -> Thing:
    def vary(middle: float, spread: float) -> float:
        return middle + loose * rng.uniform(-spread, spread)

    x, y, r = vary(WIDTH / 2, 26), vary(HEIGHT / 2, 8), vary(12.75, 1.25)
    start = end = (x, y)
    radius, turn = (r, r), 0.0
    if motion in ("right", "left"):
        near = vary(36.5, 11.5)
        start, end = (near, y), (near + vary(49, 5), y)
        if motion == "left":
            start, end = (WIDTH - start[0], y), (WIDTH - end[0], y)
    elif motion in ("up", "down"):
        low, high = vary(45.5, 2.5), vary(18.5, 2.5)
        r = vary(12, 1)
        radius, start, end = (r, r), (x, low if motion == "up" else high), (x, high if motion == "up" else low)
    elif motion == "grow":
        start = end = (x, vary(33, 3))
        radius = (vary(8.75, 0.75), vary(18.75, 1.25))
    elif motion == "spin":
        r = vary(14.5, 1.5)
        radius, start, turn = (r, r), (x, vary(32, 6)), TURN
        end = start
    return Thing(shape, colour, motion, start, end, radius, turn)


def _pair(rng: random.Random, shapes: Sequence[str], colours: Sequence[str], loose: float) -> tuple[Thing, ...]:
    """Two things that never cross: in an upper and a lower lane, or in the left and the right half."""
    things = []
    places = rng.sample((0, 1), 2)
    if loose < 1:
        places = [0, 1]
    if rng.random() < 0.5:
        motions = [rng.choice(("right", "left")), rng.choice(("right", "left", "still"))]
        rng.shuffle(motions)
        for shape, colour, motion, lane in zip(shapes, colours, motions, places, strict=True):
            one = _alone(rng, shape, colour, motion, loose)
            y, r = (17, 47)[lane] + loose * rng.uniform(-1, 1), 10.4 + loose * rng.uniform(-0.6, 0.6)
            things.append(replace(one, start=(one.start[0], y), end=(one.end[0], y), radius=(r, r)))
        return tuple(things)
    for shape, colour, half in zip(shapes, colours, places, strict=True):
        one = _alone(rng, shape, colour, rng.choice(("up", "down", "still", "spin")), loose)
        x = (36, 92)[half] + loose * rng.uniform(-4, 4)
        things.append(replace(one, start=(x, one.start[1]), end=(x, one.end[1])))
    return tuple(things)


def sample_scene(rng: random.Random, things: int = 1, *, kept_out: bool = False, loose: float = 1.0) -> Scene:
    """Choose a scene.

    Args:
        rng: Chooses everything.
        things: One or two.
        kept_out: Choose from the combinations that training never sees, or else only from the others.
        loose: How far places, ways and sizes vary. At 1 they are anywhere; at `STAGED` each motion is played where a
            director would put it, before one of `SETS` skies, the first of two things above or to the left: what a
            prompt that names no place gets.
    """
    while True:
        shapes = rng.choices(SHAPES, k=things)
        colours = rng.sample(tuple(COLOURS), things)
        background, seed = rng.choice(BACKGROUNDS), rng.randrange(1 << 30)
        if loose < 1:
            seed %= SETS
        if things == 1:
            motion = rng.choices(MOTIONS, weights=(1, 1, 1, 1, 0.8, 1, 1.5))[0]
            scene = Scene(background, seed, (_alone(rng, shapes[0], colours[0], motion, loose),))
        else:
            scene = Scene(background, seed, _pair(rng, shapes, colours, loose))
        if held_out(scene) == kept_out:
            return scene


_CLOUDS = ((18, 12, 13, 5), (56, 24, 15, 5), (92, 10, 12, 5))
_STARS = ((9, 11), (27, 30), (43, 9), (60, 40), (74, 16), (90, 33), (104, 8), (17, 52), (84, 55), (119, 46))


def _backgrounds(name: str, seeds: Sequence[int], device: torch.device) -> Tensor:
    placed = [random.Random(seed) for seed in seeds]
    shift, rise = torch.tensor([(r.uniform(0, WIDTH), r.uniform(-2.5, 2.5)) for r in placed], device=device).T[
        ..., None, None
    ]
    y, x = torch.meshgrid(
        torch.arange(HEIGHT, device=device) + 0.5, torch.arange(WIDTH, device=device) + 0.5, indexing="ij"
    )
    across = (x - shift) % WIDTH

    def colour(rgb: Sequence[float]) -> Tensor:
        return torch.tensor(rgb, dtype=torch.float32, device=device)

    def blend(a: Sequence[float], b: Sequence[float], share: Tensor) -> Tensor:
        return colour(a) + (colour(b) - colour(a)) * share[..., None]

    if name == "sky":
        image = blend((120, 180, 240), (205, 230, 250), y / HEIGHT)
        cloud = torch.zeros_like(across)
        for cx, cy, a, b in _CLOUDS:
            away = (across - cx).abs()
            away = torch.minimum(away, WIDTH - away)
            cloud = torch.maximum(cloud, (1.3 - (away / a) ** 2 - ((y - cy - rise) / b) ** 2).clamp(0, 1))
        return image + (252 - image) * (0.8 * cloud)[..., None]
    if name == "night":
        image = blend((8, 10, 30), (34, 34, 80), y / HEIGHT).expand(len(seeds), -1, -1, -1)
        for cx, cy in _STARS:
            light = (2.1 - torch.hypot(across - cx, y - cy - rise)).clamp(0, 1)[..., None]
            image = image + (colour((235, 235, 215)) - image) * light
        return image
    top, near, far = GROUND[name]
    horizon = 0.5 * HEIGHT + rise
    if name == "desert":
        horizon = horizon + 3 * torch.sin(across * (4 * math.pi / WIDTH))
    ground = blend(near, far, ((y - horizon) / (HEIGHT / 2)).clamp(0, 1))
    return colour(top) + (ground - colour(top)) * (y - horizon + 0.5).clamp(0, 1)[..., None]


def draw_background(name: str, seed: int) -> NDArray[np.float32]:
    """Draw a background, (height, width, 3) float32 from 0 to 255."""
    return _backgrounds(name, [seed], torch.device("cpu"))[0].numpy()


def _outside(shape: str, x: Tensor, y: Tensor, r: Tensor) -> Tensor:
    """Signed distance in pixels from the outline of a shape of nominal radius `r`, positive outside; y points down."""
    rho = torch.hypot(x, y)
    if shape == "ball":
        return rho - r
    tips, tip, notch = POLYGONS[shape]
    sector = 2 * math.pi / tips
    # Every polygon here is one edge repeated: fold the plane into half a sector, then measure from that edge.
    start = sector / 2 if shape == "box" else 0.0
    angle = ((torch.atan2(x, -y) + start + sector / 2) % sector - sector / 2).abs()
    ax, ay = notch * math.cos(sector / 2), notch * math.sin(sector / 2)
    nx, ny = ay, tip - ax
    length = math.hypot(nx, ny)
    return ((rho * torch.cos(angle) - tip * r) * nx + rho * torch.sin(angle) * ny) / length


def _add(film: Tensor, shape: str, things: Sequence[Thing], times: Tensor) -> Tensor:
    """Draw one thing of the given shape over each clip of `film` (clips, frames, height, width, 3)."""

    def path(values: Sequence[tuple[float, float]]) -> Tensor:
        ends = torch.tensor(values, dtype=torch.float32, device=film.device)
        return (ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * times)[..., None, None]

    r = path([t.radius for t in things])
    cx = path([(t.start[0], t.end[0]) for t in things])
    cy = path([(t.start[1], t.end[1]) for t in things])
    angle = path([(0.0, math.radians(t.turn)) for t in things])
    # Only the box that these things ever touch is worked on.
    reach = 1.4 * max(max(t.radius) for t in things) + 1
    x0, x1 = (round(f(p[0] for t in things for p in (t.start, t.end)) + s * reach) for f, s in ((min, -1), (max, 1)))
    y0, y1 = (round(f(p[1] for t in things for p in (t.start, t.end)) + s * reach) for f, s in ((min, -1), (max, 1)))
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, WIDTH), min(y1, HEIGHT)
    dx = torch.arange(x0, x1, device=film.device) + 0.5 - cx
    dy = (torch.arange(y0, y1, device=film.device) + 0.5)[:, None] - cy
    dx, dy = dx * angle.cos() + dy * angle.sin(), dy * angle.cos() - dx * angle.sin()
    ink = torch.tensor([COLOURS[t.colour] for t in things], dtype=torch.float32, device=film.device)
    body = (0.5 - _outside(shape, dx, dy, r)).clamp(0, 1)[..., None]
    patch = film[:, :, y0:y1, x0:x1]
    patch += (ink[:, None, None, None] - patch) * body
    if shape == "ball":
        # A ball carries a light spot, or nobody could see it spin.
        spot = (0.5 - (torch.hypot(dx, dy + 0.42 * r) - 0.33 * r)).clamp(0, 1)[..., None]
        patch += (255 - patch) * (0.8 * spot)
    return film


def render(scenes: Sequence[Scene], times: Tensor | None = None, device: torch.device | str = "cpu") -> Tensor:
    """Draw many scenes together.

    Args:
        scenes: What to draw.
        times: From 0 to 1, (frames) or (scenes, frames); all frames of a clip if none are given.
        device: Where to draw.

    Returns:
        (scenes, frames, height, width, 3) uint8 RGB.
    """
    where = torch.device(device)
    if where.type == "cpu" and len(scenes) > 1:
        # One clip at a time stays in the processor's cache, which is four times as fast.
        each = [times] * len(scenes) if times is None or times.ndim == 1 else list(times)
        return torch.cat([render([s], t) for s, t in zip(scenes, each, strict=True)])
    t = (torch.linspace(0, 1, FRAMES) if times is None else times).to(where, torch.float32).expand(len(scenes), -1)
    film = torch.empty(len(scenes), t.shape[1], HEIGHT, WIDTH, 3, device=where)
    for name in {s.background for s in scenes}:
        chosen = [i for i, s in enumerate(scenes) if s.background == name]
        film[chosen] = _backgrounds(name, [scenes[i].seed for i in chosen], where)[:, None]
    for layer in range(max(len(s.things) for s in scenes)):
        for shape in SHAPES:
            chosen = [i for i, s in enumerate(scenes) if len(s.things) > layer and s.things[layer].shape == shape]
            if chosen:
                film[chosen] = _add(film[chosen], shape, [scenes[i].things[layer] for i in chosen], t[chosen])
    return (film + 0.5).clamp(0, 255).byte()


def draw(scene: Scene, times: Sequence[float] | None = None) -> Frames:
    """Draw a scene at `times` from 0 to 1 (all frames if none are given), (frames, height, width, 3) uint8 RGB."""
    return render([scene], None if times is None else torch.tensor(times, dtype=torch.float32))[0].numpy()
