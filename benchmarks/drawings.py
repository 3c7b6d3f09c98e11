"""Clean clips that are made here, for the critic's benchmark: clouds, drawings, panels, and the model that ships."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import get_args

import cv2
import numpy as np

from reelgraph.video_tools.backends.animatic import Animatic
from reelgraph.video_tools.backends.base import Call, Made
from reelgraph.video_tools.film import Character, Line, Panel, ShotSize, TakeRequest
from reelgraph.video_tools.rehearsal import draw

FRAMES = 40  # of a clip
MOVES = (
    "still", "pan_left", "pan_right", "tilt_up", "tilt_down", "zoom_in", "zoom_out",
    "dolly_in", "dolly_out", "truck_left", "truck_right", "crane_up", "crane_down", "handheld",
)  # fmt: skip


@dataclass(frozen=True)
class Clean:
    """A clip without a fault.

    Attributes:
        name: Where it is from; clips of one shot begin alike.
        kind: `photographed`, `rendered`, `camera` (a known move over a photograph), `drawn` or `generated` (by the
            diffusion model that ships).
        frames: `(frames, height, width, 3) uint8 RGB`.
        rate: Frames a second.
        half: `A` or `B`.
        camera: The move that it was made with, where that is known.
        request: What was asked for, where it was asked for.
    """

    name: str
    kind: str
    frames: np.ndarray
    rate: Fraction
    half: str
    camera: str = ""
    request: TakeRequest | None = None


def clouds(height: int, width: int, seed: int) -> np.ndarray:
    """Draw clouds of seven octaves, `(height, width, 3) uint8 RGB`."""
    random = np.random.default_rng(1000 + seed)
    picture = np.zeros((height, width, 3), np.float32)
    for octave in range(1, 8):
        grid = random.normal(size=(2**octave + 1, 2**octave + 1, 3)).astype(np.float32)
        picture += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) / 1.5**octave
    low, high = picture.min(), picture.max()
    return (25 + (picture - low) / (high - low) * 205).astype(np.uint8)


def drawn(seed: int, half: str) -> Clean:
    """Draw flat shapes that move over a flat or shaded ground: the look of animation, with antialiased edges."""
    random = np.random.default_rng(2000 + seed)
    width, height = ((512, 288), (256, 256), (128, 128), (640, 360))[seed % 4]
    top, bottom = random.integers(60, 256, 3), random.integers(20, 220, 3)
    shade = np.linspace(0, 1, height)[:, None, None]
    ground = np.broadcast_to(top * (1 - shade) + bottom * shade if seed % 3 else top, (height, width, 3))
    things = [
        (
            random.integers(0, 256, 3),
            random.uniform(0.1, 0.9, 2),
            random.normal(scale=0.25, size=2),
            random.uniform(0.05, 0.16),
        )
        for _ in range(random.integers(1, 5))
    ]
    things[0][2][0] += np.copysign(0.15, things[0][2][0])  # one at least is seen to move
    frames = []
    for number in range(FRAMES):
        seconds = (number // 2 * 2 if seed % 5 == 4 else number) / 24  # every fifth is animated on twos
        picture = np.ascontiguousarray(ground, np.uint8).copy()
        for index, (colour, place, velocity, size) in enumerate(things):
            x, y = np.abs((place + velocity * seconds) % 2 - 1) * (width, height)
            fixed, radius = (int(x * 16), int(y * 16)), int(size * height * 16)
            paint = tuple(int(c) for c in colour)
            if (index + seed) % 2:
                cv2.circle(picture, fixed, radius, paint, -1, cv2.LINE_AA, 4)
            else:
                corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * radius + fixed
                cv2.fillPoly(picture, [corners.astype(np.int32)], paint, cv2.LINE_AA, 4)
        frames.append(picture)
    return Clean(f"drawn-{seed}", "drawn", np.stack(frames), Fraction(24), half)


def animatics(numbers: Iterable[int], half: str) -> Iterator[Clean]:
    """Draw storyboard panels, each with another place, size and camera move."""
    backend = Animatic()
    places = ("SHORE", "KITCHEN", "FOREST", "STREET", "HARBOUR", "ATTIC", "DESERT", "OFFICE")
    actions = (
        "walks to the door",
        "runs",
        "looks up",
        "sits down",
        "opens a letter",
        "waves",
        "rows a boat",
        "falls asleep",
    )
    people = [
        Character(id=name.lower(), name=name, palette=[colour])
        for name, colour in (("Ada", "#aa3322"), ("Ben", "#2255aa"), ("Cleo", "#338844"))
    ]
    for number in numbers:
        camera = MOVES[number % len(MOVES)]
        cast = people[number % 3 : number % 3 + 1 + number % 2]
        words = f"{cast[0].name} {actions[number % 8]}" if number % 4 else places[number % 8].lower()
        panel = Panel(
            shot=f"s01-{number + 1:02d}", size=get_args(ShotSize)[number % 7], camera=camera,
            place=places[number // 6 % 8],
            figures=cast if number % 4 else [], time=("DAY", "NIGHT", "DUSK")[number % 3],
            lines=[Line(text="We have to go now.", character=cast[0].id)] if number % 4 == 2 else [],
        )  # fmt: skip
        request = TakeRequest(
            backend="animatic", prompt=words, width=416, height=234, frames=FRAMES, rate="24", panel=panel
        )
        made = next(iter(backend.generate([Call(request)], lambda event: None)))
        assert isinstance(made, Made) and made.frames is not None
        yield Clean(
            f"animatic-{number}",
            "drawn",
            np.stack(list(made.frames)),
            Fraction(24),
            half,
            camera,
            request,
        )


def rehearsed(seed: int, half: str) -> Clean:
    """Draw what the rehearsal back end draws: boxes before a striped wall, until one leaves and comes in again."""
    width, height = ((128, 72), (256, 144), (192, 108))[seed % 3]
    request = TakeRequest(
        backend="rehearsal", prompt=f"take {seed}", width=width, height=height, frames=32,
        rate=("8", "16", "24")[seed % 3], seed=seed,
    )  # fmt: skip
    return Clean(f"rehearsal-{seed}", "drawn", draw(request), request.rate, half, "still", request)


def generated(numbers: Iterable[int], half: str) -> Iterator[Clean]:
    """Let the small diffusion model that ships make clips; nothing where its libraries are not installed."""
    try:
        import torch  # noqa: F401  # whether the model can run at all

        from reelgraph.video_tools.backends.local import Local
    except ImportError:
        return
    backend = Local({"model": "shapes"})
    width, height = backend.capabilities().native_size or (128, 64)
    colours, things = ("red", "green", "blue", "yellow", "purple", "orange"), ("ball", "box", "triangle", "star")
    moves = ("moves to the right", "moves to the left", "moves up", "moves down", "grows", "spins")
    grounds = ("over the sea", "on grass", "in the desert", "in the sky", "at night")
    for number in numbers:
        words = f"a {colours[number % 6]} {things[number % 4]} {moves[number // 2 % 6]} {grounds[number % 5]}"
        request = TakeRequest(
            backend="local", model=backend.fingerprint(), prompt=words, width=width, height=height, frames=17,
            rate="8", seed=number,
        )  # fmt: skip
        made = next(iter(backend.generate([Call(request)], lambda event: None)))
        assert isinstance(made, Made) and made.frames is not None, made
        frames = np.stack(list(made.frames))
        yield Clean(f"generated-{number}", "generated", frames, request.rate, half, "", request)
