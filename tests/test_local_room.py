"""What a local model does where a device has too little room, and what it keeps of a run that failed."""

import gc
import weakref
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from diffusers import AutoencoderKLWan, LTXPipeline
from tiny_pipelines import build

from reelgraph.video_tools.backends import local
from reelgraph.video_tools.backends.base import Call, Event, Failed, Made, Progress
from reelgraph.video_tools.backends.device import device_named
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.backends.placement import PRESETS, WHOLE, smaller
from reelgraph.video_tools.errors import Cancelled
from reelgraph.video_tools.film import TakeRequest


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "models"


def request(**changes: Any) -> TakeRequest:
    asked = {"backend": "local", "prompt": "a fox", "width": 64, "height": 64, "frames": 9, "seed": 1}
    return TakeRequest.model_validate({**asked, "rate": Fraction(16), **changes})


def run(backend: Local, *requests: TakeRequest, on_event: Any = lambda event: None) -> list[Made | Failed]:
    return list(backend.generate([Call(r, attempt=f"a{i}") for i, r in enumerate(requests)], on_event))


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """The batch size of each run of a VAE that has no room for more than one latent, or for one that is not tiled."""
    tried: list[tuple[str, int]] = []
    decode = AutoencoderKLWan._decode

    def full_unless_tiled(vae: Any, latents: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        tried.append(("tiled" if vae.use_tiling else "whole", len(latents)))
        if len(latents) > 1 or not vae.use_tiling:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")
        return decode(vae, latents, *args, **kwargs)

    monkeypatch.setattr(AutoencoderKLWan, "_decode", full_unless_tiled)
    yield tried
    device_named("cpu").clear()


def test_what_did_not_fit_is_not_tried_so_again(
    models: Path, tried: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[str] = []
    load = local.load_pipeline
    monkeypatch.setattr(local, "load_pipeline", lambda *args: loads.append(str(args[-1])) or load(*args))
    settings = {"model": str(build("wan", models)), "steps": 1, "placement": 80, "retry_smaller": True, "max_batch": 2}
    backend = Local(settings)
    first = run(backend, request(), request(seed=2))
    assert tried == [("whole", 2), ("whole", 1), ("tiled", 1), ("tiled", 1)]
    later = run(backend, request(seed=3), request(seed=4), request(seed=5, frames=17))
    assert tried[4:] == [("tiled", 1)] * 3
    run(backend, request(seed=6, width=32, height=32))
    assert tried[7:] == [("whole", 1), ("tiled", 1)], "what is smaller may fit"
    assert loads == ["80 GB: all on the card", "48 GB: tiled VAE"] * 2
    for made in (*first, *later):
        assert isinstance(made, Made) and made.notes["placement"] == "48 GB: tiled VAE"
        assert [(s.what, s.made) for s in made.substitutions] == [("placement", "48 GB: tiled VAE")]


def test_time_lost_to_a_full_device_is_part_of_what_a_take_costs(
    models: Path, tried: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(local.time, "perf_counter", lambda: next(clock))
    settings = {"model": str(build("wan", models)), "steps": 1, "placement": 80, "retry_smaller": True, "max_batch": 2}
    one, other = run(Local(settings), request(), request(seed=2))
    # a run's clock is read three times, the last two its work: 10 s each; half of the batch's, one whole, one tiled
    assert [made.spent.generation_seconds for made in (one, other)] == [25.0, 15.0]
    assert [made.spent.calls for made in (one, other)] == [1, 1]
    (failed,) = run(Local({**settings, "retry_smaller": False}), request())
    assert isinstance(failed, Failed) and failed.spent.generation_seconds == 10.0


def test_where_memory_is_the_machines_the_first_that_asks_for_less_has_tiles() -> None:
    assert smaller(WHOLE) == smaller(PRESETS[80]) == PRESETS[48]
    assert smaller(PRESETS[8]) is None


def test_error_that_is_kept_keeps_no_model(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipes: list[weakref.ref[Any]] = []

    def broken(pipe: Any, **arguments: Any) -> Any:
        pipes.append(weakref.ref(pipe))
        try:
            raise ValueError("a shape")
        except ValueError as error:
            raise RuntimeError("an illegal memory access was encountered") from error

    monkeypatch.setattr(LTXPipeline, "__call__", broken)
    settings = {"model": str(build("ltx", models)), "steps": 1}
    kept = [*run(Local(settings), request()), *run(Local(settings), request(prompt="fox " * 600))]
    assert all(isinstance(result, Failed) for result in kept)
    device_named("cpu").clear()
    gc.collect()
    assert pipes and [pipe() for pipe in pipes] == [None] * len(pipes)


def test_take_that_waited_for_the_device_is_stopped_before_it_is_begun(models: Path) -> None:
    backend = Local({"model": str(build("ltx", models)), "steps": 3})
    run(backend, request())
    encoded: list[int] = []
    resident = device_named("cpu")._resident
    assert resident is not None
    hook = resident.pipes["LTXPipeline"].text_encoder.register_forward_hook(lambda *_: encoded.append(1))

    def stop(event: Event) -> None:
        assert event == Progress("a0", 0, 3)
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        run(backend, request(prompt="an owl"), on_event=stop)
    hook.remove()
    assert encoded == []
