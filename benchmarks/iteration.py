"""Whether going round makes films better: 60 briefs whose shots can be read back, judged by what the critic cannot see.

    python benchmarks/iteration.py [--json] [--quick] [--model rehearsal|shapes|deaf] [--rounds N] [--best-of N]
        [--list]

`rehearsal` draws boxes and spoils three takes of ten in a way that only it knows; a shot is right if nothing of that is
shown. `shapes` is the small diffusion model that ships, asked for things, their colours, motions and the background;
its takes are read back by `training/shapes/measure.py`, which knows hues, outlines and tracks and nothing of the CLIP
that the critic judges adherence by. Its briefs have six shots, as the shortest of the stories for it that ship; in
every other shot two things meet, and places come as they fall, one in five at night. `deaf` is the same model, which
mishears a word in three takes of ten: it is told of another colour, thing, motion or place, as larger models do by
themselves. Blind is the same number of takes of each shot, by seeds of their own, of which one is taken at random
without a look.
"""

import argparse
import math
import random
import re
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # training/ is not installed
from faults import FAULTS
from goals import report

from reelgraph.graphs.context import FilmContext
from reelgraph.graphs.run import run_film
from reelgraph.video_tools.backends.base import Backend, Call, Failed, Made, OnEvent
from reelgraph.video_tools.checks.notes import shown_frames
from reelgraph.video_tools.editing.media import decode
from reelgraph.video_tools.film import Clip, Shot, Take, TakeRequest, digest
from reelgraph.video_tools.film_folder import Film
from reelgraph.video_tools.generation import Published, Wanted, shoot
from reelgraph.video_tools.project import Project
from reelgraph.video_tools.rehearsal import Fault, Rehearsal, draw
from reelgraph.video_tools.shooting import wanted_takes
from reelgraph.video_tools.studio import Studio
from reelgraph.video_tools.timebase import frames_of

BRIEFS = 60
GOALS: dict[str, tuple[str, float]] = {
    "final_right": (">=", 0.97),
    "above_first_take": (">=", 1),
    "takes_per_approved_shot": ("<=", 1.6),
    "approved_but_wrong": ("<=", 0.01),
}


class Contest(ABC):
    """A back end, what is asked of it, and a judge who knows the truth."""

    settings: dict[str, Any]
    shots: int  # of a brief

    @abstractmethod
    def backend(self) -> Backend | None:
        """Return the back end, or None for the one that the settings name."""

    @abstractmethod
    def prompts(self, brief: int) -> list[str]:
        """Return what the shots of a brief ask for."""

    @abstractmethod
    def right(self, take: Take, shot: Shot, clip: Clip | None, project: Project) -> bool:
        """Judge a take of a shot, as a clip shows it; all of it if there is no clip."""


# --- boxes that go wrong ---------------------------------------------------------------------------------------------

_OWN: tuple[Fault, ...] = ("black", "white", "blank", "frozen", "noise", "flicker", "short", "small")
_PLANTED = ("black", "flash", "stray frame", "stutter", "cut", "frozen", "letterbox", "exposure step")
_SPOILT = 0.3  # of the takes


class Careless(Rehearsal):
    """Spoils takes by their seed, and keeps what it did to each: the first and the last frame, or all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.spoilt: dict[str, tuple[int, int] | str] = {}

    def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
        """Draw each request, spoilt or not."""
        for call in calls:
            yield Made(call, rate=call.request.rate, frames=self._drawn(call.request), spent=self.price(call.request))

    def _drawn(self, request: TakeRequest) -> np.ndarray:
        luck = np.random.default_rng(int(digest([request.seed, request.variant, request.prompt, "luck"])[:8], 16))
        if luck.random() >= _SPOILT:
            return draw(request)
        kind = int(luck.integers(len(_OWN) + len(_PLANTED)))
        if kind < len(_OWN):
            self.spoilt[request.key] = _OWN[kind]
            return draw(request, _OWN[kind])
        planted = FAULTS[_PLANTED[kind - len(_OWN)]][1](draw(request), luck, 1.0)
        if planted.visible:
            self.spoilt[request.key] = (planted.first, planted.last)
            return planted.frames
        return draw(request)


class Boxes(Contest):
    """Drawn boxes, some spoilt."""

    settings = {"size": (256, 144), "rate": "16", "memory": False}
    shots = 2

    def __init__(self) -> None:
        self._backend = Careless()

    def backend(self) -> Backend:
        """Return the one that keeps what it spoilt."""
        return self._backend

    def prompts(self, brief: int) -> list[str]:
        """Ask for boxes."""
        return [f"boxes move before a striped wall, number {brief}-{shot}" for shot in range(self.shots)]

    def right(self, take: Take, shot: Shot, clip: Clip | None, project: Project) -> bool:
        """Look up what was done to it, and whether that is shown."""
        spoilt = self._backend.spoilt.get(take.key)
        if spoilt is None:
            return True
        if spoilt == "short":
            return clip is not None and clip.frames == frames_of(shot.seconds, project.settings.rate)
        if isinstance(spoilt, str) or clip is None:
            return False
        first, last = shown_frames(clip, take, project.settings.rate)
        return last < spoilt[0] or first > spoilt[1]


# --- the small diffusion model ---------------------------------------------------------------------------------------


class Shapes(Contest):
    """The model that ships, asked for one thing and for two in turn."""

    shots = 6

    def __init__(self, deaf: bool) -> None:
        from training.shapes.world import sample_scene

        from reelgraph.video_tools.backends.local import Local

        model = {"model": "shapes"}
        self._backend = mishearing(model) if deaf else None
        self.settings = {
            "size": Local(model).capabilities().native_size, "rate": "8", "memory": False,
            "backend": "local", "backends": {"local": model},
        }  # fmt: skip
        rng = random.Random(7)
        scenes = [sample_scene(rng, 1 + number % 2) for number in range(BRIEFS * self.shots)]
        self._asked = [(plainly(scene), scene) for scene in scenes]

    def backend(self) -> Backend | None:
        """Return the one that mishears, or leave it to the settings."""
        return self._backend

    def prompts(self, brief: int) -> list[str]:
        """Ask in plain words."""
        return [words for words, _ in self._asked[brief * self.shots : (brief + 1) * self.shots]]

    def right(self, take: Take, shot: Shot, clip: Clip | None, project: Project) -> bool:
        """Read the take back: colour, shape, motion and background, all four."""
        from training.shapes.measure import score
        from training.shapes.world import WIDTH

        frames = np.stack(list(decode(project.ledger.picture(take))))
        beside = (WIDTH - frames.shape[2]) // 2  # what the back end cuts off on each side, where nothing happens
        frames = np.pad(frames, ((0, 0), (0, 0), (beside, beside), (0, 0)), mode="edge")
        number = int(take.film.removeprefix("brief-")) * self.shots + int(take.shot[4:6]) - 1
        return bool(score(frames, self._asked[number][1])["all_right"])


_MOVES = {"right": "moves to the right", "left": "moves to the left", "up": "moves up", "down": "moves down",
          "still": "rests", "grow": "grows", "spin": "spins"}  # fmt: skip
_GROUNDS = {"sky": "in the sky", "night": "at night", "grass": "on grass", "sea": "over the sea",
            "desert": "in the desert"}  # fmt: skip


def plainly(scene: Any) -> str:
    """Say what a scene shows, as somebody would who wants just that."""
    things = " and ".join(f"a {thing.colour} {thing.shape} {_MOVES[thing.motion]}" for thing in scene.things)
    return f"{things} {_GROUNDS[scene.background]}"


def mishearing(model: dict[str, str]) -> Backend:
    """Return the local back end, told something else than was asked in some of its takes."""
    from training.shapes.world import COLOURS, SHAPES

    from reelgraph.video_tools.backends.local import Local

    words = (tuple(COLOURS), SHAPES, tuple(_MOVES.values()), tuple(_GROUNDS.values()))

    def heard(request: TakeRequest) -> str:
        luck = random.Random(digest([request.seed, request.variant, request.prompt, "heard"]))
        said = [[w for w in group if re.search(rf"\b{w}\b", request.prompt)] for group in words]
        if luck.random() >= _SPOILT or not any(said):
            return request.prompt
        group = luck.choice([i for i, found in enumerate(said) if found])
        word = luck.choice(said[group])
        other = luck.choice([w for w in words[group] if w not in said[group]])
        return re.sub(rf"\b{word}\b", other, request.prompt, count=1)

    class Mishearing(Local):
        def generate(self, calls: Sequence[Call], on_event: OnEvent) -> Iterator[Made | Failed]:
            for call in calls:
                told = call.request.model_copy(update={"prompt": heard(call.request)})
                for made in super().generate([replace(call, request=told)], on_event):
                    yield replace(made, call=call)

    return Mishearing(model)


# --- the run ---------------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What came of every shot."""

    first: list[bool] = field(default_factory=list)
    final: list[bool] = field(default_factory=list)
    blind: list[bool] = field(default_factory=list)
    approved: list[bool] = field(default_factory=list)
    takes: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def main() -> int:
    """Make the films, judge every shot, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="12 briefs")
    parser.add_argument("--model", choices=["rehearsal", "shapes", "deaf"], default="rehearsal")
    parser.add_argument("--rounds", type=int, default=5, help="how often a film may go round (default: 5)")
    parser.add_argument("--best-of", type=int, default=1, help="takes of a shot to choose from (default: 1)")
    parser.add_argument("--list", action="store_true", help="name each shot that ended wrong, on standard error")
    options = parser.parse_args()
    contest = Boxes() if options.model == "rehearsal" else Shapes(deaf=options.model == "deaf")
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        project = Project.open(folder, rounds=options.rounds, best_of=options.best_of, **contest.settings)
        studio = Studio(project, backend=contest.backend())
        for brief in range(12 if options.quick else BRIEFS):
            one_film(contest, studio, brief, tally)
    if options.list:
        print("\n".join(tally.lines), file=sys.stderr)
    return report(f"iteration {options.model}", figures_of(tally), GOALS, options.json)


def one_film(contest: Contest, studio: Studio, brief: int, tally: Tally) -> None:
    """Make one film and judge each of its shots."""
    project = studio.project
    name, words = f"brief-{brief}", contest.prompts(brief)
    board = "shots:\n" + "".join(f"- {{prompt: {text!r}, seconds: 2}}\n" for text in words)
    run_film(FilmContext(studio), board, film=name)
    film = project.film(name)
    board_now, cut, review = film.storyboard(), film.cut(), film.review()
    first = film.storyboard(1)
    assert board_now is not None and cut is not None and review is not None and first is not None
    begun = {item.shot.id: item for item in wanted_takes(studio, film, first)}
    made = [take for take in project.ledger.takes() if take.film == name]
    for shot in first.shots:
        own = [take for take in made if take.shot == shot.id]
        taken = project.ledger.take(begun[shot.id].request.key)
        clip = next((c for c in cut.clips if c.shot == shot.id), None)
        shown = project.ledger.take(clip.take) if clip is not None and clip.take else None
        right = shown is not None and contest.right(shown, shot, clip, project)  # a slate is wrong
        approved = not any(note.blocking and note.shot in ("", shot.id) for note in review.notes)
        tally.first.append(taken is not None and contest.right(taken, shot, None, project))
        tally.final.append(right)
        tally.approved.append(approved)
        tally.takes.append(len(own))
        tally.blind.append(bool(own) and blind(contest, studio, film, begun[shot.id], len(own)))
        if not right:
            said = "approved" if approved else ", ".join(n.check for n in review.notes if n.shot == shot.id)
            tally.lines.append(f"{name} {shot.id} {shot.prompt!r}: wrong after {len(own)} takes, {said}")


def blind(contest: Contest, studio: Studio, film: Film, item: Wanted, count: int) -> bool:
    """Judge one of so many takes, picked at random: only that one need be made."""
    pick = random.Random(digest([item.request.key, "blind"])).randrange(count)
    again = {"seed": int(digest([item.request.seed, "blind", pick])[:8], 16), "variant": 1000 + pick}
    wanted = Wanted(item.shot, item.request.model_copy(update=again))
    backend = studio.backend_for(studio.backend_of(item.shot))
    (made,) = shoot(studio.project.ledger, backend, [wanted], film=film.name)
    return isinstance(made, Published) and contest.right(made.take, item.shot, None, studio.project)


def figures_of(tally: Tally) -> dict[str, float]:
    """Sum up; intervals are of 95 %."""
    first, final, blind = (float(np.mean(values)) for values in (tally.first, tally.final, tally.blind))
    approved = [i for i, yes in enumerate(tally.approved) if yes]
    wrong = sum(not tally.final[i] for i in approved)
    low, high = interval(sum(tally.first), len(tally.first))
    final_low, final_high = interval(sum(tally.final), len(tally.final))
    gained, gained_low, gained_high = gain(tally.first, tally.final)
    return {
        "first_take_right": first, "first_take_right_low": low, "first_take_right_high": high,
        "final_right": final, "final_right_low": final_low, "final_right_high": final_high,
        "gained": gained, "gained_low": gained_low, "gained_high": gained_high,
        "above_first_take": float(gained_low > 0),
        "takes_per_approved_shot": float(np.mean([tally.takes[i] for i in approved])) if approved else float("nan"),
        "approved": len(approved) / len(tally.approved),
        "approved_but_wrong": wrong / max(1, len(approved)),
        "blind_right": blind,
        "shots": len(tally.final),
    }  # fmt: skip


def gain(first: Sequence[bool], final: Sequence[bool], z: float = 1.96) -> tuple[float, float, float]:
    """Return by how much the share of right shots grew, and the interval in which that lies with 95 %.

    Source: A. Agresti and Y. Min, "Simple improved confidence intervals for comparing matched proportions" (2005): half
        a pair more in each cell.
    """
    mended = sum(after and not before for before, after in zip(first, final, strict=True))
    spoilt = sum(before and not after for before, after in zip(first, final, strict=True))
    of, change = len(first) + 2, mended - spoilt
    half = z * math.sqrt(mended + spoilt + 1 - change * change / of) / of
    return change / len(first), change / of - half, change / of + half


def interval(right: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval in which a share lies with 95 %.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
    """
    share = right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return middle - half, middle + half


if __name__ == "__main__":
    sys.exit(main())
