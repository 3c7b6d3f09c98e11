"""The drawn world: coloured things that move over a background, with exact ground truth for every clip."""

import math
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

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


_Y, _X = np.meshgrid(np.arange(HEIGHT, dtype=np.float32) + 0.5, np.arange(WIDTH, dtype=np.float32) + 0.5, indexing="ij")
_CLOUDS = ((18, 12, 13, 5), (56, 24, 15, 5), (92, 10, 12, 5))
_STARS = ((9, 11), (27, 30), (43, 9), (60, 40), (74, 16), (90, 33), (104, 8), (17, 52), (84, 55), (119, 46))


def draw_background(name: str, seed: int) -> NDArray[np.float32]:
    """Draw a background, (height, width, 3) float32 from 0 to 255."""
    rng = random.Random(seed)
    shift, rise = rng.uniform(0, WIDTH), rng.uniform(-2.5, 2.5)
    across = (_X - shift) % WIDTH

    def blend(a: Sequence[float], b: Sequence[float], share: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.float32(a) + (np.float32(b) - np.float32(a)) * share[..., None]

    if name == "sky":
        image = blend((120, 180, 240), (205, 230, 250), _Y / HEIGHT)
        cloud = np.zeros_like(_X)
        for x, y, a, b in _CLOUDS:
            away = np.abs(across - x)
            away = np.minimum(away, WIDTH - away)
            cloud = np.maximum(cloud, np.clip(1.3 - (away / a) ** 2 - ((_Y - y - rise) / b) ** 2, 0, 1))
        return image + (252 - image) * (0.8 * cloud)[..., None]
    if name == "night":
        image = blend((8, 10, 30), (34, 34, 80), _Y / HEIGHT)
        for x, y in _STARS:
            light = np.clip(2.1 - np.hypot(across - x, _Y - y - rise), 0, 1)[..., None]
            image = image + (np.float32((235, 235, 215)) - image) * light
        return image
    top, near, far = GROUND[name]
    horizon = 0.5 * HEIGHT + rise
    if name == "desert":
        horizon = horizon + 3 * np.sin(across * (4 * math.pi / WIDTH))
    ground = blend(near, far, np.clip((_Y - horizon) / (HEIGHT / 2), 0, 1))
    return np.float32(top) + (ground - np.float32(top)) * np.clip(_Y - horizon + 0.5, 0, 1)[..., None]


def _outside(shape: str, x: NDArray[np.float32], y: NDArray[np.float32], r: NDArray[np.float32]) -> NDArray[np.float32]:
    """Signed distance in pixels from the outline of a shape of nominal radius `r`, positive outside; y points down."""
    if shape == "ball":
        return np.hypot(x, y) - r
    tips, tip, notch = POLYGONS[shape]
    sector = 2 * math.pi / tips
    # Every polygon here is one edge repeated: fold the plane into half a sector, then measure from that edge.
    start = sector / 2 if shape == "box" else 0.0
    angle = np.abs((np.arctan2(x, -y) + start + sector / 2) % sector - sector / 2)
    rho = np.hypot(x, y)
    ax, ay = notch * math.cos(sector / 2), notch * math.sin(sector / 2)
    nx, ny = ay, tip - ax
    length = math.hypot(nx, ny)
    return ((rho * np.cos(angle) - tip * r) * nx + rho * np.sin(angle) * ny) / length


def draw(scene: Scene, times: Sequence[float] | None = None) -> Frames:
    """Draw a scene at `times` from 0 to 1 (all frames if none are given), (frames, height, width, 3) uint8 RGB."""
    t = np.linspace(0, 1, FRAMES, dtype=np.float32) if times is None else np.float32(times)
    t = t[:, None, None]
    base = draw_background(scene.background, scene.seed)
    film = np.repeat(base[None], len(t), axis=0)
    for thing in scene.things:
        r = thing.radius[0] + (thing.radius[1] - thing.radius[0]) * t
        cx = thing.start[0] + (thing.end[0] - thing.start[0]) * t
        cy = thing.start[1] + (thing.end[1] - thing.start[1]) * t
        reach = 1.4 * float(r.max()) + 1
        # Only the box that the object ever touches is worked on.
        x0, x1 = max(0, int(cx.min() - reach)), min(WIDTH, int(cx.max() + reach) + 1)
        y0, y1 = max(0, int(cy.min() - reach)), min(HEIGHT, int(cy.max() + reach) + 1)
        dx, dy = _X[None, y0:y1, x0:x1] - cx, _Y[None, y0:y1, x0:x1] - cy
        if thing.turn:
            angle = np.radians(thing.turn) * t
            dx, dy = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        patch = film[:, y0:y1, x0:x1]
        body = np.clip(0.5 - _outside(thing.shape, dx, dy, r), 0, 1)[..., None]
        patch += (np.float32(COLOURS[thing.colour]) - patch) * body
        if thing.shape == "ball":
            # A ball carries a light spot, or nobody could see it spin.
            spot = np.clip(0.5 - (np.hypot(dx, dy + 0.42 * r) - 0.33 * r), 0, 1)[..., None]
            patch += (255 - patch) * (0.8 * spot)
    return (film + 0.5).clip(0, 255).astype(np.uint8)
