"""Training on two cores: what the processes share, and that a run which is ended goes on where it was."""

import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parents[1]))  # training/ is not installed

from torch import nn  # noqa: E402  # behind the skip, as is the rest
from training.shapes import crew, vae  # noqa: E402
from training.shapes.optim import Training  # noqa: E402
from training.shapes.world import Scene, Thing  # noqa: E402


def _train(folder: Path) -> None:
    number = crew.number()
    gradients = [torch.full((2, 2), float(number)), torch.tensor([1.0, 3.0 * number])]
    seconds = crew.average(gradients, 1.0 + 2 * number)
    told = [crew.size(), gradients[0].tolist(), gradients[1].tolist(), seconds]
    runs = []
    for until in (3, 5):
        torch.manual_seed(0)
        run = Training("line", nn.Linear(3, 2), seconds=1e6, muon=0.01, adam=0.01, flat=0.5, average=0.9, home=folder)
        begun = run.step
        while run.step < until:
            run.update(run.model(torch.randn(4, 3)).pow(2).mean())
        if number == 0:
            run.save()
        crew.average([], 0.0)  # until it is saved
        runs.append([begun, run.step, run.spent, *run.model.state_dict().values(), *run.ema.values()])
    torch.save((told, runs), folder / f"{number}.state")


def test_two_processes_step_on_the_mean_and_go_on_together_from_their_checkpoint(tmp_path: Path) -> None:
    crew.run(_train, tmp_path, cores=2)
    (told, mine), (heard, others) = (torch.load(tmp_path / f"{n}.state", weights_only=True) for n in (0, 1))
    assert told == heard == [2, [[0.5, 0.5], [0.5, 0.5]], [1.0, 1.5], 2.0]
    assert [run[:2] for run in mine] == [[0, 3], [3, 5]]
    for run, other in zip(mine, others, strict=True):
        assert run[:3] == other[:3]
        assert all(torch.equal(a, b) for a, b in zip(run[3:], other[3:], strict=True))


def test_one_core_trains_in_this_process(tmp_path: Path) -> None:
    crew.run(_train, tmp_path, cores=1)
    told, runs = torch.load(tmp_path / "0.state", weights_only=True)
    assert told == [1, [[0.0, 0.0], [0.0, 0.0]], [1.0, 0.0], 1.0]
    assert [run[:2] for run in runs] == [[0, 3], [3, 5]]


def test_outlines_of_things_weigh_more_and_stars_behind_them_do_not() -> None:
    ball = Thing("ball", "green", "still", (64.0, 32.0), (64.0, 32.0), (12.0, 12.0))
    clips, near = vae._drawn([Scene("night", 0, (ball,))])
    assert clips.shape == (1, 3, 17, 64, 128) and near.shape == (1, 1, 17, 64, 128)
    # A radius of 12 around (64, 32) covers rows 20 to 43 and columns 52 to 75; two pixels more are near it.
    for axis, marked in ((1, range(18, 46)), (0, range(50, 78))):
        assert near[0, 0, 8].amax(axis).nonzero().flatten().tolist() == list(marked)
    stars = (clips[0, :, 8] > 0).all(0)  # as bright as nothing else at night
    assert stars[:, :50].any() and not near[0, 0, 8][:, :50].any()

    def loss(spoilt: slice) -> float:
        class Spoiling(torch.nn.Module):
            config = type("Config", (), {"latent_channels": 3})

            def encoder(self, x: torch.Tensor) -> torch.Tensor:
                return 0 * x

            def decoder(self, z: torch.Tensor) -> torch.Tensor:
                made = clips.clone()
                made[..., spoilt] += 0.5
                return made

        return float(vae.round_trip_loss(Spoiling(), clips, near))

    share = 50 / 128  # of the picture, in which only sky and stars are
    assert loss(slice(0, 50)) == pytest.approx(share * (0.5 + 0.5**2))
    assert loss(slice(50, 100)) > 1.2 * share * (0.5 + 0.5**2)


# A shell starts what it is to run in the background deaf to interrupts, which are all that torch ends processes with.
ENDLESS = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.path.insert(0, sys.argv[1])
from training.shapes import crew

def work():
    print("here", flush=True)
    threading.Event().wait()

if __name__ == "__main__":
    crew.run(work, cores=2)
"""


def test_processes_end_with_the_one_that_began_them_though_it_is_killed(tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(ENDLESS)
    command = [sys.executable, str(tmp_path / "endless.py"), str(Path(__file__).parents[1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as begun:
        try:
            assert begun.stdout is not None
            assert [begun.stdout.readline() for _ in range(2)] == ["here\n"] * 2
        finally:
            begun.kill()
        begun.communicate(timeout=60)  # which ends once nobody holds the other end
