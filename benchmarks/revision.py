"""One shot of twelve replaced: what is made again, beside MoviePy, which makes everything again.

    python benchmarks/revision.py [--json] [--quick] [--rounds N] [--work FOLDER]

The film of `assembly.py` is rendered once, uncounted; then the sixth shot shows another take, and the film is rendered
with what is cached. The same edit in a film of four times as many shots shows whether time grows with them. With
--work, rounds are kept in the folder and counted by later calls.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from assembly import CRF, FADE, PRESET, moviepy, our_film, title_picture
from contest import Rounds, moviepy_python, run
from goals import report
from material import FULL, QUICK, Scale, make

GOALS: dict[str, tuple[str, float]] = {"revision_cpu_x_moviepy": (">=", 100), "revision_growth": ("<=", 2)}


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a smaller size of the same work")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, help="keep inputs, films and rounds here")
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "SHOTS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    scale = QUICK if arguments.quick else FULL
    if arguments.one:
        name, shots = arguments.one
        {"first": first, "again": again, "moviepy": moviepy(FADE, "moviepy_revision")}[name](
            arguments.work, scale, int(shots)
        )
        return 0
    folder = arguments.work or Path(tempfile.mkdtemp(prefix="revision-"))
    make(folder, scale, PRESET)
    title_picture(folder, scale, scale.clips)
    other = moviepy_python()

    def call(name: str, shots: int, python: str = sys.executable) -> list[str]:
        quick = ["--quick"] if arguments.quick else []
        return [python, __file__, *quick, "--work", str(folder), "--one", name, str(shots)]

    few, many = scale.clips, 4 * scale.clips
    contest = Rounds(folder / "rounds-revision.json" if arguments.work else None)
    for _ in range(1 if arguments.quick else arguments.rounds):
        for shots in (few, many):
            run(call("first", shots))
        contest.add({"moviepy": call("moviepy", few, other), "few": call("again", few), "many": call("again", many)}, 1)
    figures = {
        "revision_cpu_x_moviepy": contest.ratio("moviepy", "few"),
        "revision_wall_x_moviepy": contest.ratio("moviepy", "few", "wall"),
        "revision_growth": contest.ratio("many", "few"),
        "revision_growth_wall": contest.ratio("many", "few", "wall"),
        **contest.medians(),
    }
    if arguments.work is None:
        shutil.rmtree(folder)
    return report("revision", figures, GOALS, arguments.json)


def first(folder: Path, scale: Scale, shots: int) -> None:
    """Render the film as it was, into an empty cache."""
    shutil.rmtree(folder / f"cache-revision{shots}", ignore_errors=True)
    _render(folder, scale, shots, swap=False)


def again(folder: Path, scale: Scale, shots: int) -> None:
    """Render the film with another take in its sixth shot."""
    _render(folder, scale, shots, swap=True)


def _render(folder: Path, scale: Scale, shots: int, *, swap: bool) -> None:
    from reelgraph.video_tools.editing.profile import Profile
    from reelgraph.video_tools.editing.render import render_cut

    cut, shelf = our_film(folder, scale, shots, FADE, swap=swap)
    out = folder / f"revision{shots}.mp4"
    render_cut(cut, shelf, folder / f"cache-revision{shots}", out, profile=Profile(preset=PRESET, crf=CRF))


if __name__ == "__main__":
    sys.exit(main())
