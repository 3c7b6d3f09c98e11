"""Measure whether characters and look stay the same across the films of a project, with memory and without it.

    python benchmarks/consistency.py [--json] [--quick] [--model shapes|FOLDER] [--stories N] [--keep FILE]

Twenty stories, each of twelve shots in four films of one project, with two or three characters, one of whom is away for
eight shots and comes back. Only the first film says what they look like; the others only name them. Both arms run the
same graph with the critic's loop; `without` has `memory = false` in its settings. What is seen is read back from the
finished takes by hue, outline and track (`training/shapes/measure.py`), which memory neither has nor knows.

Without `--model` the films are drawn by a stand-in that behaves as a video model does: it shows what the prompt says,
and makes up, by its seed, what the prompt leaves open; the look of a story is its light. `--model shapes` makes them
with the small diffusion model that ships, or a folder's that knows the same world. That model knows no light, so the
look of a story is then where all of it happens, and only its style says so. A full run takes long: `--keep` writes each
story's result into a file, and a later run with that file goes on from there.
"""

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import yaml
from goals import report

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # training/ is not installed

from training.shapes.captions import BACKGROUND_WORDS, COLOUR_WORDS, MOTION_WORDS, SHAPE_WORDS  # noqa: E402  # found through the line above
from training.shapes.measure import colour_masks, look  # noqa: E402
from training.shapes.world import BACKGROUNDS, COLOURS, HEIGHT, MOTIONS, SHAPES, WIDTH, Scene, Thing, draw  # noqa: E402

from reelgraph.graphs.context import FilmContext  # noqa: E402
from reelgraph.graphs.run import run_film  # noqa: E402
from reelgraph.memory.embedders import oklab  # noqa: E402
from reelgraph.video_tools.backends.base import Backend, Call, Capabilities, Made, OnEvent  # noqa: E402
from reelgraph.video_tools.editing.media import decode  # noqa: E402
from reelgraph.video_tools.film import Spend, TakeRequest, digest  # noqa: E402
from reelgraph.video_tools.project import Project  # noqa: E402
from reelgraph.video_tools.studio import Studio  # noqa: E402

GOALS: dict[str, tuple[str, float]] = {
    "with_memory": (">=", 0.97),
    "gap_8_with_memory": (">=", 0.95),
    "difference_low": (">", 0.0),
    "style_ratio": ("<=", 0.6),
}
NAMES = ("Pip", "Zaza", "Momo", "Kiki", "Bobo", "Lulu", "Tiko", "Nuni", "Riko", "Fafa")
# The light of a look, laid over what is behind the things; none so vivid that it passes for a thing.
LIGHTS = {
    "amber": (230, 200, 150),
    "teal": (140, 200, 195),
    "rose": (235, 185, 200),
    "ashen": (150, 150, 150),
    "indigo": (120, 120, 175),
}
MOVES = ("moves to the right", "moves to the left", "moves up", "moves down", "spins")
PLACES = {"grass": "on the grass", "sea": "at sea", "desert": "in the desert", "night": "at night"}


class StandIn:
    """Draws what a prompt says of the world of shapes, and makes up the rest by its seed, as a video model does."""

    name = "stand-in"

    def capabilities(self) -> Capabilities:
        """Declare free text and any length at the world's size."""
        return Capabilities()

    def fingerprint(self) -> str:
        """Name the drawing's version."""
        return "stand-in-1"

    def price(self, request: TakeRequest) -> Spend:
        """Return nothing: it is free."""
        return Spend(calls=1)

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made]:
        """Draw each request."""
        for call in calls:
            yield Made(call, rate=call.request.rate, frames=self._frames(call.request))

    def _frames(self, request: TakeRequest) -> np.ndarray:
        chance = random.Random(digest([request.prompt, request.seed, request.variant]))
        said = request.prompt.lower()

        def told(words: dict[str, tuple[str, ...]], otherwise: Sequence[str]) -> str:
            found = [key for key, choices in words.items() if any(re.search(rf"\b{w}\b", said) for w in choices)]
            return found[0] if found else chance.choice(list(otherwise))

        colour, shape = told(COLOUR_WORDS, tuple(COLOURS)), told(SHAPE_WORDS, SHAPES)
        motion = told({key: (*verbs, *seen) for key, (verbs, seen) in MOTION_WORDS.items()}, MOTIONS)
        behind = told(BACKGROUND_WORDS | {k: (*BACKGROUND_WORDS[k], k) for k in PLACES}, BACKGROUNDS)
        light = told({name: (name,) for name in LIGHTS}, tuple(LIGHTS))
        scene = Scene(behind, chance.randrange(1 << 30), (moving(shape, colour, motion, chance),))
        clip = draw(scene, np.linspace(0, 1, request.frames).tolist())
        thing = colour_masks(clip)[colour]
        bare = draw(Scene(behind, scene.seed, ()), [0.0])[0].astype(np.float32)
        # A grain that stands still, so that whoever looks for a moving camera has something to hold on to.
        grain = cv2.GaussianBlur(np.random.default_rng(scene.seed).normal(0, 30, (HEIGHT, WIDTH)), (0, 0), 1.2)
        lit = np.clip(0.4 * bare + 0.6 * np.float32(LIGHTS[light]) + grain[..., None], 0, 255).astype(np.uint8)
        changed = np.abs(clip.astype(np.int16) - bare).max(-1) > 24
        return np.where((thing | changed)[..., None], clip, lit)


def moving(shape: str, colour: str, motion: str, chance: random.Random) -> Thing:
    """Put a thing on a path that the measure can read."""
    x, y, r = WIDTH / 2 + chance.uniform(-16, 16), HEIGHT / 2 + chance.uniform(-4, 4), chance.uniform(11.5, 13.5)
    left, right, top, bottom = 22.0, WIDTH - 22.0, 18.0, HEIGHT - 18.0
    paths = {
        "right": ((left, y), (right, y)),
        "left": ((right, y), (left, y)),
        "up": ((x, bottom), (x, top)),
        "down": ((x, top), (x, bottom)),
    }
    start, end = paths.get(motion, ((x, y), (x, y)))
    radius = (8.5, 18.0) if motion == "grow" else (r, r)
    return Thing(shape, colour, motion, start, end, radius, 180.0 if motion == "spin" else 0.0)


@dataclass(frozen=True)
class Story:
    """Twelve shots in four films.

    Attributes:
        cast: Name, colour and shape of each character.
        look: The look, in words that only the first film says.
        shots: Who does what where, in order: the character's index, the verb, the place in words, if it is said.
    """

    cast: list[tuple[str, str, str]]
    look: str
    shots: list[tuple[int, str, str]]

    def briefs(self) -> list[str]:
        """Write four briefs: a storyboard that introduces everybody, and three in prose that only name them."""
        lines = [f"{self.cast[who][0]} {' '.join(filter(None, done))}." for who, *done in self.shots]
        bible = {
            "characters": [
                {
                    "id": name.lower(),
                    "name": name,
                    "description": f"{'an' if colour == 'orange' else 'a'} {colour} {shape}",
                }
                for name, colour, shape in self.cast
            ],
            "style": {"look": self.look},
        }
        first = [
            {"prompt": line, "seconds": 2.125, "characters": [self.cast[who][0].lower()]}
            for line, (who, _, _) in zip(lines[:3], self.shots[:3], strict=True)
        ]
        prose = [" ".join(lines[at : at + 3]) for at in (3, 6, 9)]
        return [yaml.safe_dump({"bible": bible, "shots": first}), *prose]


def invent(number: int, *, lit: bool) -> Story:
    """Invent a story by its number; one character is away from the fourth shot to the eleventh.

    `lit` says whether the model knows light: if not, the look is the place of all shots.
    """
    chance = random.Random(number)
    count = 2 + number % 2
    looks = list(zip(chance.sample(list(COLOURS), count), chance.sample(SHAPES, count), strict=True))
    cast = [(name, *look_) for name, look_ in zip(chance.sample(NAMES, count), looks, strict=True)]
    places = chance.sample(list(PLACES.values()), 2) if lit else [""]
    away = count - 1
    there = [i for i in range(count) if i != away]
    who = [there[0], there[-1], away, *(chance.choice(there) for _ in range(8)), away]
    look_of_all = f"{chance.choice(list(LIGHTS))} light" if lit else chance.choice(list(PLACES.values()))
    return Story(cast, look_of_all, [(w, chance.choice(MOVES), chance.choice(places)) for w in who])


def shown(clip: np.ndarray, colour: str, shape: str) -> bool:
    """Tell whether a clip shows a thing of this colour and shape, and nothing of another colour as large."""
    masks = colour_masks(clip)
    areas = {name: float(mask.sum((1, 2)).mean()) for name, mask in masks.items()}
    return max(areas, key=lambda name: areas[name]) == colour and look(masks[colour]).shape == shape


def whole(clip: np.ndarray) -> np.ndarray:
    """Return a clip as wide as the world, whose sides a take may lack: there is only background, which is repeated."""
    left = (WIDTH - clip.shape[2]) // 2
    return np.pad(clip, ((0, 0), (0, 0), (left, WIDTH - clip.shape[2] - left), (0, 0)), mode="edge")


def light_of(clip: np.ndarray) -> np.ndarray:
    """Return the mean colour of a clip's edge, where no thing goes, in Oklab."""
    rows = np.concatenate([clip[:, :4], clip[:, -4:]], 1)
    return oklab(rows).mean((0, 1, 2))


def run_story(story: Story, folder: Path, backend: Backend, *, memory: bool) -> tuple[list[bool], float]:
    """Make a story's four films; return which shots show the right character, and the spread of the look."""
    right: list[bool] = []
    lights: list[np.ndarray] = []
    sizes = backend.capabilities().sizes.only
    size = sizes[0] if sizes else (WIDTH, HEIGHT)
    for number, brief in enumerate(story.briefs()):
        project = Project.open(folder, size=size, rate="8", memory=memory)
        run_film(FilmContext(Studio(project, backend=backend)), brief, film=f"part-{number + 1}")
        film = project.film(f"part-{number + 1}")
        cut = film.cut()
        if cut is None or len(cut.clips) != 3:
            raise SystemExit(f"story {folder.name} film {number + 1} has {len(cut.clips) if cut else 0} shots, not 3")
        for clip, (who, _, _) in zip(cut.clips, story.shots[3 * number : 3 * number + 3], strict=True):
            take = project.ledger.take(clip.take) if clip.take else None
            if take is None:
                right.append(False)
                continue
            frames = np.stack(list(decode(project.ledger.picture(take))))
            right.append(shown(whole(frames), *story.cast[who][1:]))
            lights.append(light_of(frames))
    centre = np.mean(lights, axis=0)
    return right, float(np.mean([np.linalg.norm(light - centre) for light in lights]))


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of paired differences.

    Source: percentile bootstrap, Efron 1979 (doi.org/10.1214/aos/1176344552).
    """
    drawn = np.random.default_rng(0).choice(differences, (10_000, len(differences))).mean(1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="two stories instead of twenty")
    parser.add_argument("--stories", type=int, default=20, metavar="N", help="how many stories (default: 20)")
    parser.add_argument("--keep", metavar="FILE", help="go on from the stories in this file, and add to it")
    parser.add_argument("--model", metavar="FOLDER", help="`shapes`, or a pipeline's folder that knows its world")
    options = parser.parse_args()
    backend: Backend = StandIn()
    if options.model:
        from reelgraph.video_tools.backends.local import Local

        shipped = ROOT / "video_tools" / "models" / "shapes"
        backend = Local({"model": str(shipped if options.model == "shapes" else options.model)})

    stories = [invent(number, lit=not options.model) for number in range(2 if options.quick else options.stories)]
    kept_file = Path(options.keep) if options.keep else None
    kept = json.loads(kept_file.read_bytes()) if kept_file and kept_file.exists() else {}
    arms: dict[bool, list[tuple[list[bool], float]]] = {True: [], False: []}
    with tempfile.TemporaryDirectory(prefix="consistency-") as work:
        for number, story in enumerate(stories):
            for memory in (True, False):  # by turns, so that both meet the same machine
                run = f"{number:02d}-{'with' if memory else 'without'}"
                if run not in kept:
                    kept[run] = run_story(story, Path(work) / run, backend, memory=memory)
                    if kept_file:
                        kept_file.write_text(json.dumps(kept))
                right, spread = kept[run]
                arms[memory].append((right, spread))
    shares = {arm: [float(np.mean(right)) for right, _ in runs] for arm, runs in arms.items()}
    differences = [a - b for a, b in zip(shares[True], shares[False], strict=True)]
    low, high = interval(differences)
    styles = {arm: float(np.mean([style for _, style in runs])) for arm, runs in arms.items()}
    figures = {
        "with_memory": float(np.mean(shares[True])),
        "without_memory": float(np.mean(shares[False])),
        "difference": float(np.mean(differences)),
        "difference_low": low,
        "difference_high": high,
        "gap_8_with_memory": float(np.mean([right[-1] for right, _ in arms[True]])),
        "gap_8_without_memory": float(np.mean([right[-1] for right, _ in arms[False]])),
        "style_with_memory": styles[True],
        "style_without_memory": styles[False],
        "style_ratio": styles[True] / styles[False],
        "stories": len(stories),
    }
    return report("consistency", figures, GOALS, options.json, packages=("chromadb",), backend=backend.name)


if __name__ == "__main__":
    sys.exit(main())
