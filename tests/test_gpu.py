"""What only a card can show; REELGRAPH_TEST_DEVICE names another device than the fastest one here."""

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from tiny_pipelines import BUILDERS, NEEDED, SOUND_BUILDERS, build

from reelgraph.video_tools import testing
from reelgraph.video_tools.backends.base import Call, Failed, Made
from reelgraph.video_tools.backends.device import best_device, device_named
from reelgraph.video_tools.backends.doctor import examine_machine
from reelgraph.video_tools.backends.families import FAMILIES
from reelgraph.video_tools.backends.local import Local
from reelgraph.video_tools.backends.music import Music
from reelgraph.video_tools.backends.pipeline_call import outputs_of
from reelgraph.video_tools.backends.placement import PRESETS, placement_in
from reelgraph.video_tools.backends.steps import OutOfMemory
from reelgraph.video_tools.film import TakeRequest

DEVICE = os.environ.get("REELGRAPH_TEST_DEVICE") or best_device()
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(DEVICE == "cpu" and "REELGRAPH_TEST_DEVICE" not in os.environ, reason="no CUDA or MPS device"),
]
cuda_only = pytest.mark.skipif(not DEVICE.startswith("cuda"), reason="asks CUDA's allocator")
# Half precision as their makers publish them; all others are published in bfloat16.
HALF = {"animatediff": "float16", "stable_diffusion": "float16"}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "models"


def local(name: str, models: Path, **settings: Any) -> Local:
    return Local({"model": str(build(name, models)), "device": DEVICE, "steps": 2, **settings})


def request(backend: Local, **changes: Any) -> TakeRequest:
    can = backend.capabilities()
    asked = {"backend": "local", "prompt": "a fox", "width": 64, "height": 64, "frames": can.frames.fit(9), "seed": 1}
    return TakeRequest.model_validate(asked | {"rate": can.rates[0] if can.rates else Fraction(16)} | changes)


def make(backend: Local, *requests: TakeRequest) -> list[Made | Failed]:
    return list(backend.generate([Call(r, f"a{i}") for i, r in enumerate(requests)], lambda event: None))


def frames_of(result: Made | Failed) -> np.ndarray:
    assert isinstance(result, Made), result
    assert isinstance(result.frames, np.ndarray)
    return result.frames


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(np.int16) - other).mean())


@pytest.mark.parametrize("precision", ["float32", "half"])
@pytest.mark.parametrize("family", sorted(BUILDERS))
def test_family_keeps_its_promises_on_the_device(family: str, precision: str, models: Path, tmp_path: Path) -> None:
    whole = precision == "float32"
    dtype = "float32" if whole else HALF.get(family, "bfloat16")
    backend = local(family, models, dtype=dtype, max_batch=2)
    kit = testing.BackendConformance()
    kit.side, kit.roles = 32, NEEDED.get(family, ())
    kit.test_legal_request_makes_what_was_asked(backend, tmp_path)
    kit.test_seed_decides_the_result(backend, tmp_path)
    kit.test_cancel_stops_within_a_step_and_leaves_it_usable(backend, tmp_path)
    if whole and backend.capabilities().max_batch > 1:  # in sixteen bits, other kernels for a batch show
        kit.test_batch_equals_singles(backend, tmp_path)
    for mode in sorted(backend.capabilities().modes - {"text", "still"}) if whole else ():
        kit.test_declared_mode_works_and_others_are_refused(backend, tmp_path, mode)


@pytest.mark.parametrize("family", ["wan", "ltx"])
def test_seed_means_the_same_on_the_device_as_on_the_processor(family: str, models: Path) -> None:
    here = local(family, models, dtype="float32")
    there = Local({"model": str(build(family, models)), "steps": 2, "device": "cpu", "dtype": "float32"})
    mine, theirs = (frames_of(make(backend, request(backend))[0]) for backend in (here, there))
    other = frames_of(make(there, request(there, seed=2))[0])
    assert apart(mine, theirs) < 1 < apart(theirs, other)


@pytest.mark.parametrize("family", sorted(SOUND_BUILDERS))
def test_music_of_a_seed_is_the_same_on_the_device_as_on_the_processor(family: str, models: Path) -> None:
    asked = TakeRequest(backend="music", prompt="slow piano", width=16, height=16, frames=36, rate=Fraction(24), seed=1)

    def samples(device: str, seed: int = 1) -> np.ndarray:
        backend = Music({"model": str(build(family, models)), "steps": 2, "device": device, "dtype": "float32"})
        (made,) = backend.generate([Call(asked.model_copy(update={"seed": seed}), "a1")], lambda event: None)
        assert isinstance(made, Made) and made.sound is not None, made
        return made.sound.samples

    here, there, other = samples(DEVICE), samples("cpu"), samples("cpu", seed=2)
    assert np.abs(here - there).max() < 0.01 < np.abs(there - other).max()
    assert np.abs(here - samples(DEVICE)).max() < 0.001


@pytest.mark.parametrize("memory", sorted(PRESETS))
@pytest.mark.parametrize("family", ["wan", "ltx"])
def test_every_placement_makes_the_take(family: str, memory: int, models: Path) -> None:
    whole, placed = (local(family, models, placement=size, dtype="bfloat16") for size in (80, memory))
    expected, (made,) = frames_of(make(whole, request(whole))[0]), make(placed, request(placed))
    frames = frames_of(made)
    assert isinstance(made, Made) and made.notes["placement"].startswith(f"{memory} GB")
    assert frames.shape == expected.shape
    if not PRESETS[memory].eight_bit:
        assert apart(frames, expected) < 2
    assert np.array_equal(frames, frames_of(make(placed, request(placed))[0])), "the second take was another"


@cuda_only
def test_compiled_blocks_make_the_same_take(models: Path) -> None:
    plain, compiled = (local("wan", models, dtype="float32", compile=on) for on in (False, True))
    asked = request(plain)
    expected, (made,) = frames_of(make(plain, asked)[0]), make(compiled, asked)
    assert isinstance(made, Made) and "compiled" in made.notes["placement"]
    assert apart(frames_of(made), expected) < 1
    assert np.array_equal(frames_of(made), frames_of(make(compiled, asked)[0])), "the second take was another"


@cuda_only
def test_doctor_tells_of_the_card_that_is_there() -> None:
    cards = [device for device in examine_machine()["devices"] if device["device"].startswith("cuda")]
    assert [card["name"] for card in cards] == [
        torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())
    ]
    total = torch.cuda.get_device_properties(0).total_memory
    assert cards[0]["memory_gib"] == round(total / 2**30, 1)
    assert cards[0]["placement"] == str(placement_in(cards[0]["memory_gib"], "auto"))


@cuda_only
def test_parts_wait_off_the_card_when_a_take_is_done(models: Path) -> None:
    backend = local("wan", models, placement=16)
    make(backend, request(backend))
    with device_named(DEVICE).using(*_resident()) as loaded:
        pipe = next(iter(loaded.pipes.values()))
        assert {pipe.transformer.device.type, pipe.text_encoder.device.type} == {"cpu"}


def _resident() -> Any:
    resident = device_named(DEVICE)._resident
    assert resident is not None
    return resident.key, resident.placement, lambda: None


@cuda_only
def test_frames_come_over_behind_their_own_take_and_wait_for_no_other() -> None:
    asked = TakeRequest(backend="local", prompt="a fox", width=16, height=16, frames=9, rate=Fraction(16))
    video = torch.arange(9 * 3 * 16 * 16, device=DEVICE).reshape(1, 9, 3, 16, 16) % 256
    output, expected = SimpleNamespace(frames=video / 255), video[0].permute(0, 2, 3, 1).cpu().numpy()
    outputs_of(FAMILIES["WanPipeline"], {}, asked, output)()  # kernels are loaded, and memory is had
    torch.cuda._sleep(2_000_000_000)  # cycles: the take is still being made
    arrived = outputs_of(FAMILIES["WanPipeline"], {}, asked, output)
    assert not torch.cuda.current_stream(DEVICE).query(), "its frames were waited for while the device was held"
    behind = torch.cuda.Event()
    torch.cuda._sleep(2_000_000_000)  # the next take
    behind.record()
    ((frames, sound),) = arrived()
    assert not behind.query(), "the next take was waited for"
    assert sound is None and np.array_equal(frames, expected)


@cuda_only
def test_two_models_take_turns_without_leaking(models: Path) -> None:
    pair = [local(name, models) for name in ("wan", "ltx")]
    held: dict[int, list[int]] = {0: [], 1: []}
    for _ in range(4):
        for index, backend in enumerate(pair):
            frames_of(make(backend, request(backend))[0])
            held[index].append(torch.cuda.memory_allocated(DEVICE))
    for sizes in held.values():
        assert max(sizes[1:]) - min(sizes[1:]) < 2**20, sizes


@pytest.fixture
def few_bytes() -> Iterator[Callable[[], None]]:
    """Leave the process no more than 32 MiB beyond what it holds, from when this is called."""

    def limit() -> None:
        torch.cuda.empty_cache()
        total = torch.cuda.get_device_properties(DEVICE).total_memory
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved(DEVICE) + 32 * 2**20) / total)

    yield limit
    torch.cuda.set_per_process_memory_fraction(1.0)


@cuda_only
def test_full_card_is_said_with_the_next_placement_and_spares_the_model(
    models: Path, few_bytes: Callable[[], None]
) -> None:
    backend = local("wan", models, placement=80, dtype="float32")
    good = request(backend)
    before = frames_of(make(backend, good)[0])
    few_bytes()
    # Its pictures alone are 61 MiB; those of the small take, with all that leads to them, are a few.
    (failed,) = make(backend, request(backend, width=256, height=256, frames=81))
    assert isinstance(failed, Failed) and isinstance(failed.error, OutOfMemory), failed
    assert "set placement = 48" in str(failed.error) and "256x256, 81 frames" in str(failed.error)
    assert np.array_equal(before, frames_of(make(backend, good)[0]))
