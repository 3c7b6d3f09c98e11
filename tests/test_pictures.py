"""Text-to-image classes, all of which are asked by their signature."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from tiny_pipelines import build

from reelgraph.video_tools.backends.base import Call, Failed, Made, Progress
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.film import TakeRequest


@pytest.fixture
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "models"


def take(model: Path, on_event: Any = lambda event: None, **settings: Any) -> Made | Failed:
    request = TakeRequest(backend="local", prompt="a fox", width=64, height=64, frames=1, rate=24, seed=1)
    (result,) = Local({"model": str(model), "steps": 2, **settings}).generate([Call(request, "a1")], on_event)
    return result


@pytest.mark.parametrize("name", ["deepfloyd", "kandinsky3", "kandinsky22"])
def test_picture_is_what_the_class_makes_for_people(models: Path, name: str) -> None:
    import diffusers

    folder = build(name, models)
    pipe = diffusers.DiffusionPipeline.from_pretrained(folder)
    asked: dict[str, Any] = {"width": 64, "height": 64, "num_inference_steps": 2, "output_type": "np"}
    if name == "deepfloyd":
        asked["clean_caption"] = False
    theirs = pipe("a fox", generator=torch.Generator().manual_seed(1), **asked).images
    ours = take(folder)
    assert isinstance(ours, Made) and isinstance(ours.frames, np.ndarray)
    assert np.abs(ours.frames - (theirs * 255).round()).max() <= 1 and theirs.min() >= 0


def test_pipeline_that_is_made_of_two_tells_of_the_steps_of_both_and_can_be_stopped_in_either(models: Path) -> None:
    folder = build("kandinsky22", models)
    told: list[Progress] = []
    first = take(folder, told.append)
    # It makes 25 steps to imagine the picture, and those that it was asked for to draw it.
    assert [(p.step, p.steps) for p in told] == [(0, 2), *((n, 25) for n in range(1, 26)), (26, 27), (27, 27)]
    for last in (3, 26):
        seen: list[Progress] = []

        def stop(event: Progress, last: int = last, seen: list[Progress] = seen) -> None:
            seen.append(event)
            if event.step == last:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            take(folder, stop)
        assert [event.step for event in seen] == [*range(last + 1)]
    again = take(folder)
    assert isinstance(first, Made) and isinstance(again, Made) and np.array_equal(first.frames, again.frames)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "side", "multiple"),
    [
        ("stable_diffusion", 64, 16),
        ("deepfloyd", 32, 16),
        ("lumina2", 32, 16),
        ("flux", 1024, 16),
        ("kandinsky22", 512, 4),
    ],
)
def test_picture_is_best_at_the_size_that_its_model_was_trained_at(
    models: Path, name: str, side: int, multiple: int
) -> None:
    can = Local({"model": str(build(name, models))}).capabilities()
    assert (can.native_size, can.sizes.multiple) == ((side, side), multiple)


def test_size_that_a_class_would_make_into_another_is_refused(models: Path) -> None:
    backend = Local({"model": str(build("hunyuan_dit", models))})
    only = backend.capabilities().sizes.only
    assert len(only) == 10 and (1280, 768) in only and all((height, width) in only for width, height in only)
    refused = take(build("hunyuan_dit", models))
    assert isinstance(refused, Failed) and "64x64" in str(refused.error)
